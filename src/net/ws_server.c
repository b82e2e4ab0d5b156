/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listening side: takes connections in, answers plain HTTP, lets one path upgrade. We accept
 * ourselves and hand the descriptors over, so nothing is read before admit was asked. */
#include "net/ws.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "net/listen.h"
#include "net/tls.h"
#include "net/ws_impl.h"

#define OPEN_MS 10000		/* to upgrade, when the owner does not say */
#define SWEEP_MS 1000
#define ACCEPTS 64		/* a turn, so that a storm does not starve those who are in */
#define PAUSE_MS 100		/* without descriptors to spare, the others wait in the backlog */
#define SERVER_RX 2048		/* read at once; every idle connection holds as much */
#define MAX_HTTP_BODY (1024 * 1024)
#define MAX_URI 256

struct listener {
	struct ws_server *server;
	struct loop_fd *watch;
	int fd;
};

struct ws_server {
	struct ws_net *net;
	struct ws_server *next, **at;
	struct listen_set set;
	struct listener listeners[LISTEN_MAX];
	struct loop_timer *sweep, *pause;
	struct lws_vhost *vhost;
	struct ws *fresh, *open;	/* connections before and after their upgrade */
	struct ws_listen how;
	char *path, *url;
	bool is_stopped;
};

static const struct lws_protocols server_protocols[] = {
	{ WS_NAME, ws_server_event, 0, SERVER_RX, 0, NULL, WS_MAX_OUT },
	{ 0 },
};

static void
server_free(struct ws_server *s)
{
	free(s->path);
	free(s->url);
	free(s);
}

/* A stopped server lives as long as its last connection. */
static void
server_let_go(struct ws_server *s)
{
	if (s->is_stopped && !s->fresh && !s->open)
		server_free(s);
}

static void
drop_fresh(struct ws *ws)
{
	struct ws_server *s = ws->server;

	if (s->how.dropped && !s->is_stopped)
		s->how.dropped(s->how.arg, ws->addr);
	ws_free(ws);
	server_let_go(s);
}

static void
on_sweep(void *arg)
{
	struct ws_server *s = arg;
	int64_t limit = s->how.open_ms > 0 ? s->how.open_ms : OPEN_MS;
	int64_t now = loop_now(s->net->loop);

	for (struct ws *ws = s->fresh; ws; ws = ws->next)
		if (ws->state == WS_OPENING && now - ws->since >= limit)
			ws_kill(ws);
	if (s->fresh)
		return;
	loop_timer_stop(s->sweep);
	s->sweep = NULL;
}

static void
sweep_start(struct ws_server *s)
{
	int64_t ms = SWEEP_MS;

	if (s->how.open_ms > 0 && s->how.open_ms < ms)
		ms = s->how.open_ms;
	if (!s->sweep)
		s->sweep = loop_timer_repeat(s->net->loop, ms, on_sweep, s);
}

static void
take_in(struct ws_server *s, int fd, const struct sockaddr_storage *ss)
{
	struct ws *ws = ws_new(s->net, &s->fresh, s->how.ops, s->how.arg, s->how.max_message);
	lws_adopt_desc_t how = { .vh = s->vhost, .fd.sockfd = fd,
			.type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL };

	ws->server = s;
	ws->is_tls = s->how.tls_cert != NULL;
	ws->since = loop_now(s->net->loop);
	ws_describe_peer(ws, fd, ss);
	if (s->how.admit && !s->how.admit(s->how.arg, ws->addr)) {
		close(fd);
		ws_free(ws);
		return;
	}
	ws->wsi = lws_adopt_descriptor_vhost_via_info(&how);
	if (!ws->wsi) {		/* and fd is closed */
		drop_fresh(ws);
		return;
	}
	/* Not before: of one that fails the library may speak later, when ws is gone. */
	lws_set_opaque_user_data(ws->wsi, ws);
	sweep_start(s);
}

static void
accepting(struct ws_server *s, int events)
{
	for (int i = 0; i < s->set.n; i++)
		loop_fd_change(s->listeners[i].watch, events);
}

static void
on_pause_over(void *arg)
{
	struct ws_server *s = arg;

	s->pause = NULL;
	accepting(s, LOOP_READ);
}

static void
on_accept_failed(struct ws_server *s)
{
	if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
		return;
	accepting(s, 0);
	if (!s->pause)
		s->pause = loop_timer_start(s->net->loop, PAUSE_MS, on_pause_over, s);
}

static void
on_acceptable(void *arg, int events)
{
	struct listener *l = arg;

	(void)events;
	for (int i = 0; i < ACCEPTS; i++) {
		struct sockaddr_storage ss = {0};
		socklen_t len = sizeof ss;
		int fd = accept4(l->fd, (struct sockaddr *)&ss, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			take_in(l->server, fd, &ss);
		} else if (errno != ECONNABORTED && errno != EINTR) {
			on_accept_failed(l->server);
			return;
		}
	}
}

/* One whole answer; the caller then hangs up, for after a second request on the same connection
 * libwebsockets 4.1.6 uses freed memory (CVE-2025-11677). */
static void
http_answer(struct lws *wsi, int status, const char *type, const char *body, size_t n)
{
	static const char room[LWS_PRE];
	struct buf b;

	buf_init(&b, LWS_PRE + 1024 + MAX_HTTP_BODY);
	buf_add(&b, room, sizeof room);
	buf_addf(&b, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
			"Connection: close\r\nCache-Control: no-store\r\n"
			"X-Content-Type-Options: nosniff\r\n\r\n", status,
			status == 200 ? "OK" : status == 404 ? "Not Found" : "Answer", type, n);
	buf_add(&b, body, n);
	lws_write(wsi, (unsigned char *)b.p + LWS_PRE, b.n - LWS_PRE, LWS_WRITE_HTTP_HEADERS);
	buf_done(&b);
}

static void
http_refuse(struct lws *wsi, int status, const char *words)
{
	http_answer(wsi, status, "text/plain; charset=utf-8", words, strlen(words));
}

/* The path of a GET, without its arguments; false for other methods and longer paths. */
static bool
http_path(struct lws *wsi, char path[MAX_URI])
{
	return lws_hdr_copy(wsi, path, MAX_URI, WSI_TOKEN_GET_URI) > 0;
}

static void
on_http(struct ws *ws)
{
	const struct ws_listen *how = &ws->server->how;
	const char *type = "text/plain; charset=utf-8";
	char path[MAX_URI];
	struct buf body;
	int status = 404;

	if (!http_path(ws->wsi, path)) {
		http_refuse(ws->wsi, 405, "GET only\n");
		return;
	}
	if (strcmp(path, ws->server->path) == 0) {
		http_refuse(ws->wsi, 426, "WebSocket only\n");
		return;
	}
	buf_init(&body, MAX_HTTP_BODY);
	if (how->http)
		status = how->http(how->arg, path, ws->is_loopback, &body, &type);
	if (status == 404 && body.n == 0)
		buf_adds(&body, "not found\n");
	http_answer(ws->wsi, status, type, buf_str(&body), body.n);
	buf_done(&body);
}

/* 0 lets it upgrade; -1 hangs up, after an answer. */
static int
on_upgrade(struct ws *ws, const char *to)
{
	char path[MAX_URI];

	if (ws->server->is_stopped || strcasecmp(to, "websocket") != 0)
		return -1;
	if (http_path(ws->wsi, path) && strcmp(path, ws->server->path) == 0)
		return 0;
	http_refuse(ws->wsi, 404, "not found\n");
	return -1;
}

static void
on_established(struct ws *ws)
{
	ws_move(ws, &ws->server->open);
	ws_on_open(ws);
}

static void
on_end(struct ws *ws)
{
	struct ws_server *s = ws->server;

	if (ws->is_known) {
		ws_on_closed(ws);
		server_let_go(s);
	} else {
		lws_set_opaque_user_data(ws->wsi, NULL);
		drop_fresh(ws);
	}
}

/* What concerns one connection that we still care for. */
static int
connection_event(struct ws *ws, enum lws_callback_reasons reason, void *in, size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_HTTP:
		on_http(ws);
		return -1;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return on_upgrade(ws, in);
	case LWS_CALLBACK_ESTABLISHED:
		on_established(ws);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		ws_on_receive(ws, in, len);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return ws_on_writable(ws);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		ws_on_peer_close(ws, in, len);
		return 0;
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:
		on_end(ws);
		return 0;
	default:
		return 0;
	}
}

int
ws_server_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct ws *ws;

	switch (reason) {
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
		tls_set_up(user);
		return 0;
	case LWS_CALLBACK_RAW_ADOPT:		/* what CONNECT becomes */
	case LWS_CALLBACK_HTTP_BODY:
		return -1;
	case LWS_CALLBACK_HTTP:
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
	case LWS_CALLBACK_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:
		ws = lws_get_opaque_user_data(wsi);
		return ws ? connection_event(ws, reason, in, len) : 0;
	default:
		return 0;
	}
}

static bool
make_vhost(struct ws_server *s, struct err *err)
{
	struct lws_context_creation_info info;
	const struct ws_listen *how = &s->how;

	if (!how->tls_cert && s->net->plain_vhost) {
		s->vhost = s->net->plain_vhost;
		return true;
	}
	if (how->tls_cert && !tls_check_pair(how->tls_cert, how->tls_key, err))
		return false;
	ws_vhost_defaults(s->net, &info, server_protocols, "server");
	/* By a request's Host it may choose another virtual host of this "port"; all of them are
	 * servers and call the same functions. */
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	if (how->tls_cert) {
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT
				| LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
		info.ssl_cert_filepath = how->tls_cert;
		info.ssl_private_key_filepath = how->tls_key;
	}
	s->net->complaint[0] = '\0';
	s->vhost = lws_create_vhost(s->net->ctx, &info);
	if (!s->vhost)
		return err_set(err, ERR_FAIL, _("cannot set up the server: %s"),
				s->net->complaint);
	if (!how->tls_cert)
		s->net->plain_vhost = s->vhost;
	return true;
}

static bool
open_sockets(struct ws_server *s, struct err *err)
{
	mode_t mode = s->how.unix_mode ? s->how.unix_mode : 0600;
	bool ok = s->how.host ? listen_tcp(&s->set, s->how.host, s->how.port, err)
			: listen_unix(&s->set, s->how.unix_path, mode, err);

	for (int i = 0; ok && i < s->set.n; i++) {
		struct listener *l = &s->listeners[i];

		*l = (struct listener){ .server = s, .fd = s->set.fds[i] };
		l->watch = loop_fd_start(s->net->loop, l->fd, LOOP_READ, on_acceptable, l, err);
		ok = l->watch != NULL;
	}
	return ok;
}

static void
close_sockets(struct ws_server *s)
{
	for (int i = 0; i < LISTEN_MAX; i++)
		loop_fd_stop(s->listeners[i].watch);
	listen_close(&s->set);
}

static void
make_url(struct ws_server *s)
{
	const char *host = s->how.host;
	bool is_v6 = host && strchr(host, ':');

	if (!host)
		s->url = xasprintf("unix:%s", s->how.unix_path);
	else
		s->url = xasprintf("%s://%s%s%s:%d%s", s->how.tls_cert ? "wss" : "ws",
				is_v6 ? "[" : "", host, is_v6 ? "]" : "", s->set.port, s->path);
}

struct ws_server *
ws_listen(struct ws_net *net, const struct ws_listen *how, struct err *err)
{
	struct ws_server *s = xcalloc(1, sizeof *s);

	s->net = net;
	s->how = *how;
	if (!make_vhost(s, err) || !open_sockets(s, err)) {
		close_sockets(s);
		free(s);
		return NULL;
	}
	s->path = xstrdup(how->path);
	make_url(s);
	/* The strings of how are the caller's. */
	s->how.host = s->how.unix_path = s->how.path = s->how.tls_key = NULL;
	s->how.tls_cert = how->tls_cert ? "" : NULL;
	s->next = net->servers;
	if (s->next)
		s->next->at = &s->next;
	s->at = &net->servers;
	net->servers = s;
	return s;
}

void
ws_server_stop(struct ws_server *s)
{
	if (!s)
		return;
	s->is_stopped = true;
	*s->at = s->next;
	if (s->next)
		s->next->at = s->at;
	close_sockets(s);
	loop_timer_stop(s->sweep);
	loop_timer_stop(s->pause);
	for (struct ws *ws = s->fresh; ws; ws = ws->next)
		ws_kill(ws);
	for (struct ws *ws = s->open; ws; ws = ws->next)
		ws_kill(ws);
	server_let_go(s);
}

int
ws_server_port(const struct ws_server *s)
{
	return s->set.port;
}

const char *
ws_server_url(const struct ws_server *s)
{
	return s->url;
}
