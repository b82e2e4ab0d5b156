/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSocket, both sides, through libwebsockets as a guest of the loop (RFC 6455). No extensions,
 * text frames only, UTF-8 checked, messages reassembled up to a cap, names resolved off the loop.
 * Nothing is written to standard error. */
#ifndef NET_WS_H
#define NET_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct buf;
struct loop;
struct ws_net;		/* one libwebsockets context a process */
struct ws_server;
struct ws;		/* one connection, either side */

/* Checks that the libuv plugin can be loaded: without it err says which package is missing.
 * fd_limit: raises RLIMIT_NOFILE first (daemon 16384, engine 1024). log (may be NULL) gets
 * libwebsockets' own warnings. */
struct ws_net *ws_net_new(struct loop *l, int fd_limit, void (*log)(void *arg, const char *line),
		void *log_arg, struct err *err);
/* Two-phase: closes everything, turns the loop, destroys. Not from inside a callback. */
void ws_net_free(struct ws_net *net);

/* What happens to a connection. arg is what ws_set_arg set (a server's new connection starts with
 * the server's arg). All may be NULL but gone. */
struct ws_ops {
	/* Established: a server's accepted upgrade, a client's finished handshake. */
	void (*open)(struct ws *ws, void *arg);
	/* One whole text message, borrowed. */
	void (*message)(struct ws *ws, void *arg, const char *p, size_t n);
	/* Asked for with ws_want_write: fill out with at most one message; leave it empty when
	 * there is nothing to send. */
	void (*writable)(struct ws *ws, void *arg, struct buf *out);
	/* The end, exactly once, also for a client that never opened (then code = 0 and
	 * why->kind says what: ERR_NETWORK (certificates too), ERR_AUTH for HTTP 401 or 403;
	 * ERR_NONE after ws_abort). code is the peer's close code, or ours if we closed first
	 * (4400 for a binary frame, 4413, 1002 and 1007 for broken ones); 1006 and ERR_NETWORK
	 * for a cut. reason may be the peer's words. ws is gone afterwards. */
	void (*gone)(struct ws *ws, void *arg, int code, const char *reason, const struct err *why);
};

/* A plain HTTP GET on the listener's port (not an upgrade). Return a status; body gets the
 * answer, at most 1 MiB. path is without its query, at most 255 bytes. The connection is closed
 * after it. */
typedef int ws_http_fn(void *arg, const char *path, bool is_loopback, struct buf *body,
		const char **content_type);

struct ws_listen {
	const char *host;	/* numeric, or "localhost"; NULL: Unix socket */
	int port;		/* 0: a free one; the same for both families of localhost */
	/* of any length; a socket file that nobody listens on is replaced */
	const char *unix_path;
	mode_t unix_mode;	/* set after bind, default 0600 */
	const char *tls_cert, *tls_key;	/* files; NULL: plain */
	const char *path;	/* the only path that upgrades ("/v1") */
	size_t max_message;	/* bytes before a connection says otherwise (ws_set_max) */
	const struct ws_ops *ops;
	/* Asked at accept, before any byte is read; false closes at once. addr is a number
	 * ("127.0.0.1"), "" for Unix. */
	bool (*admit)(void *arg, const char *addr);
	/* An admitted connection ended without an upgrade (also one that was plain HTTP); may be
	 * NULL. One that did upgrade ends in gone instead. */
	void (*dropped)(void *arg, const char *addr);
	/* How long an admitted connection may take to upgrade (TLS included); 0: 10 s. */
	int64_t open_ms;
	ws_http_fn *http;
	void *arg;
};

struct ws_server *ws_listen(struct ws_net *net, const struct ws_listen *how, struct err *err);
/* Stops listening and closes its connections. */
void ws_server_stop(struct ws_server *s);
int ws_server_port(const struct ws_server *s);
/* "ws://127.0.0.1:4711/v1", "wss://…", "unix:/path". Borrowed. */
const char *ws_server_url(const struct ws_server *s);

struct ws_connect {
	const char *url;	/* ws://, wss://, unix:PATH; with or without the path */
	const char *path;	/* default path when the URL has none ("/v1") */
	const char *cafile;	/* NULL: the system's */
	const char *proxy;	/* "http://host:port"; NULL: none */
	size_t max_message;
	int64_t timeout_ms;	/* until open; 0: 20 s */
	const struct ws_ops *ops;
	void *arg;
};

/* Checks the URL (ws:// to loopback only), resolves, tries every address 250 ms apart, takes the
 * first that opens. No redirects. The proxy is not asked for loopback. NULL and err only for a bad
 * URL or proxy; everything later arrives as gone. */
struct ws *ws_connect(struct ws_net *net, const struct ws_connect *how, struct err *err);

void ws_set_arg(struct ws *ws, void *arg);
/* The size of the largest message accepted from the peer from now on; a larger one closes with
 * 4413. */
void ws_set_max(struct ws *ws, size_t max);
/* Asks for writable once. */
void ws_want_write(struct ws *ws);
/* Queues one message, before it is open too (for callers without flow of their own; bounded: false
 * when more than max_message * 4 bytes would wait). */
bool ws_send(struct ws *ws, const char *p, size_t n);
/* Sends what waits through ws_send, then a close frame with code and reason (<= 123 bytes), and
 * drops the connection within 2 s in any case. */
void ws_close(struct ws *ws, int code, const char *reason);
/* Drops the connection now, without a close frame; gone still runs, later. */
void ws_abort(struct ws *ws);
/* Number of the peer's address once it is open (a proxy's, through one); "" for Unix. Borrowed. */
const char *ws_peer_addr(const struct ws *ws);
/* Peer credentials of a Unix socket; false for others. */
bool ws_peer_uid(const struct ws *ws, uid_t *uid);
bool ws_is_tls(const struct ws *ws);

#endif
