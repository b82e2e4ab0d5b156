/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the WebSocket share. libwebsockets knows a connection as an opaque pointer to
 * its struct ws; where that pointer is NULL, nobody cares for the connection any more. */
#ifndef NET_WS_IMPL_H
#define NET_WS_IMPL_H

#include <libwebsockets.h>
#include <netinet/in.h>

#include "base/arr.h"
#include "base/buf.h"
#include "net/ws.h"

#define WS_NAME "stonechat"		/* the subprotocol */
#define WS_MAX_OUT (1024 * 1024)	/* of one outgoing message */
#define WS_CLOSE_MS 2000		/* between ws_close and the end */
#define WS_CUT 1006			/* RFC 6455, section 7.1.5: never on the wire */
#define WS_BAD_FRAME 4400
#define WS_TOO_LARGE 4413

struct ws_dial;

/* A virtual host of libwebsockets for clients: one for each store of certificates and proxy. */
struct ws_vhost {
	struct lws_vhost *vhost;
	char *cafile, *proxy;		/* NULL: the system's, none */
	bool is_tls;
};

struct ws_net {
	struct loop *loop;
	struct lws_context *ctx;
	void (*log)(void *arg, const char *line);
	void *log_arg;
	char complaint[256];		/* the library's first since it was emptied */
	struct lws *newest;		/* client connection: what a failed connect leaves behind */
	bool lacks_plugin, is_closing;
	struct lws_vhost *plain_vhost;	/* of all servers without TLS */
	arr(struct ws_vhost) vhosts;
	struct ws_server *servers;
	struct ws *clients;
	struct ws *writers;		/* who asked to write since the last turn */
	struct loop_timer *soon;	/* when they do */
	struct buf out;			/* what one writable callback said */
	/* a burst of such, behind the room for a header that the library wants */
	struct buf frame;
};

/* One queued message. */
struct ws_out {
	struct ws_out *next;
	size_t n;
	char data[];
};

enum ws_state {
	WS_OPENING,
	WS_OPEN,
	WS_CLOSING,			/* ws_close was called, the queue drains */
	WS_CLOSED,			/* a close frame went out or came in */
	WS_DYING,			/* killed, or about to be */
};

/* One connection. Idle ones are many: keep it small. */
struct ws {
	struct ws_net *net;
	struct ws_server *server;	/* NULL for a client */
	struct ws *next, **at;		/* in the server's list, or in the net's of clients */
	struct ws *writer_next, **writer_at;
	struct lws *wsi;
	const struct ws_ops *ops;
	void *arg;
	struct ws_dial *dial;		/* a client that is not open yet */
	struct buf in;			/* a message of which only a part has come */
	size_t in_parts;		/* of the message that is coming in; 0 between messages */
	size_t max;
	struct ws_out *out, **out_tail;
	size_t out_n;
	struct loop_timer *timer;	/* the end of patience after ws_close; a client's end */
	char *reason;			/* of the closing side */
	int code;
	int64_t since;			/* it was taken in */
	enum ws_state state;
	bool wants_write, is_tls, has_uid, is_loopback;
	bool is_known;			/* the owner has heard of it and must hear of its end */
	uid_t uid;
	char addr[INET6_ADDRSTRLEN];
};

/* Makes a connection in state WS_OPENING and puts it into the list. */
struct ws *ws_new(struct ws_net *net, struct ws **list, const struct ws_ops *ops, void *arg,
		size_t max);
/* Puts it into another list. */
void ws_move(struct ws *ws, struct ws **list);
/* Takes it out of its list and frees it. */
void ws_free(struct ws *ws);
/* Notes the number of the peer's address, or the credentials of a Unix socket's; no delays. */
void ws_describe_peer(struct ws *ws, int fd, const struct sockaddr_storage *ss);
/* Tells the owner of the end and frees it. why may be NULL. */
void ws_end(struct ws *ws, int code, const char *reason, const struct err *why);
/* Asks the library to drop the connection soon. */
void ws_kill(struct ws *ws);

/* Events of an open connection, the same on both sides; what the library's callback returns. */
void ws_on_open(struct ws *ws);
void ws_on_receive(struct ws *ws, const char *p, size_t n);
int ws_on_writable(struct ws *ws);
void ws_on_peer_close(struct ws *ws, const unsigned char *p, size_t n);
void ws_on_closed(struct ws *ws);

/* The library's callbacks of either side. */
int ws_client_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		size_t len);
int ws_server_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		size_t len);

/* The settings that all virtual hosts have in common. */
void ws_vhost_defaults(struct ws_net *net, struct lws_context_creation_info *info,
		const struct lws_protocols *protocols, const char *name);
/* Lets the library run the timers that were set from outside its callbacks. */
void ws_kick(struct ws_net *net);

/* The client's virtual host for these; made when first needed. cafile and proxy ("number:port")
 * may be NULL. */
struct lws_vhost *ws_vhost_get(struct ws_net *net, bool is_tls, const char *cafile,
		const char *proxy, struct err *err);

#endif
