/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connecting side: looks the name up, tries every address, a quarter of a second apart, and
 * keeps the first that opens (in the manner of RFC 8305). */
#include "net/ws.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "net/listen.h"
#include "net/tls.h"
#include "net/ws_impl.h"
#include "net/ws_url.h"

#define TRY_MS 250		/* before the next address is tried beside the others */
#define TIMEOUT_MS 20000
#define MAX_TRIES 16

/* How far a try came. */
enum reach { REACH_NOWHERE, REACH_SILENCE, REACH_ANSWER, REACH_CERTIFICATE };

/* A client on its way to be open. */
struct ws_dial {
	struct ws *ws;
	struct ws_url url;
	char *cafile, *proxy_host, *proxy_user;
	int proxy_port;
	char *host_header;
	struct loop_lookup *lookup;
	struct loop_timer *timer, *limit;
	int64_t timeout_ms;
	struct loop_addr addrs[MAX_TRIES];
	size_t n, next;			/* addresses, and which is tried next */
	struct lws *tries[MAX_TRIES];	/* NULL: failed */
	struct lws *orphans[MAX_TRIES];	/* failed, and not yet swept up */
	size_t running;
	enum reach reach;
	struct err err;			/* of the try that came farthest */
};

/* Makes the library forget a try and drop it. */
static void
try_drop(struct ws_dial *d, struct lws *wsi)
{
	lws_set_opaque_user_data(wsi, NULL);
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	ws_kick(d->ws->net);
}

/* Not from the library's callback, which still uses what is to be freed. */
static void
orphans_free(struct ws_dial *d)
{
	for (size_t i = 0; i < MAX_TRIES; i++)
		if (d->orphans[i])
			loop_guest_orphan(d->ws->net->loop, d->orphans[i]);
	memset(d->orphans, 0, sizeof d->orphans);
}

static void
dial_free(struct ws_dial *d)
{
	if (!d)
		return;
	orphans_free(d);
	for (size_t i = 0; i < MAX_TRIES; i++)
		if (d->tries[i])
			try_drop(d, d->tries[i]);
	loop_lookup_stop(d->lookup);
	loop_timer_stop(d->timer);
	loop_timer_stop(d->limit);
	ws_url_done(&d->url);
	free(d->cafile);
	free(d->proxy_host);
	free(d->proxy_user);
	free(d->host_header);
	free(d);
}

/* Gives up: the owner hears the best reason there is. */
static void
dial_fail(struct ws_dial *d)
{
	struct ws *ws = d->ws;
	struct err err = d->err;

	ws->dial = NULL;
	dial_free(d);
	ws_end(ws, 0, "", &err);
}

/* Keeps the reason of the try that came farthest; of two alike the first. */
static void
note(struct ws_dial *d, enum reach reach, const struct err *err)
{
	if (d->err.kind != ERR_NONE && reach <= d->reach)
		return;
	d->reach = reach;
	d->err = *err;
}

/* error: errno of the connect, 0 if it is not known. */
static void
note_unreachable(struct ws_dial *d, int error)
{
	const char *host = d->proxy_host ? d->proxy_host : d->url.host;
	struct err err = {0};
	struct stat st;

	if (d->url.scheme == WS_UNIX) {
		error = error ? error : stat(host, &st) < 0 ? errno : ECONNREFUSED;
		err_set(&err, ERR_NETWORK, _("cannot connect to %s: %s"), host, strerror(error));
	} else {
		err_set(&err, ERR_NETWORK, _("cannot connect to %s port %d: %s"), host,
				d->proxy_host ? d->proxy_port : d->url.port,
				error ? strerror(error) : _("refused, or not reachable"));
	}
	note(d, REACH_NOWHERE, &err);
}

static struct lws_vhost *
vhost_for(struct ws_dial *d, const char *number, int port)
{
	bool is_tls = d->url.scheme == WS_TLS;
	struct lws_vhost *vhost;
	char *proxy = NULL;

	if (d->proxy_host)
		proxy = xasprintf("%s%s[%s]:%d", d->proxy_user ? d->proxy_user : "",
				d->proxy_user ? "@" : "", number, port);
	vhost = ws_vhost_get(d->ws->net, is_tls, is_tls ? d->cafile : NULL, proxy, &d->err);
	free(proxy);
	return vhost;
}

/* Has the library connect to address, which is a number or "+path": it resolves nothing. */
static struct lws *
try_connect(struct ws_dial *d, const char *number, int port)
{
	struct lws_client_connect_info info = { .context = d->ws->net->ctx };
	struct lws *wsi;
	bool is_v6 = strchr(d->url.host, ':') != NULL;

	info.vhost = vhost_for(d, number, port);
	if (!info.vhost)
		return NULL;
	info.address = d->proxy_host ? d->url.host : number;
	info.port = d->url.port;
	info.path = d->url.path;
	info.host = d->host_header;
	info.alpn = "http/1.1";
	info.protocol = info.local_protocol_name = WS_NAME;
	info.ietf_version_or_minus_one = -1;
	info.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
	if (d->url.scheme == WS_TLS)
		info.ssl_connection |= LCCSCF_USE_SSL;
	/* It cuts the name at a colon: numbers of IPv6 are compared by us. */
	if (d->url.scheme == WS_TLS && is_v6)
		info.ssl_connection |= LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;
	wsi = lws_client_connect_via_info(&info);
	if (!wsi)
		loop_guest_orphan(d->ws->net->loop, d->ws->net->newest);
	return wsi;
}

static struct lws *
try_unix(struct ws_dial *d)
{
	char path[108], address[110];
	struct lws *wsi = NULL;
	int dir_fd;

	if (!listen_short_path(d->url.host, path, &dir_fd))
		return NULL;
	snprintf(address, sizeof address, "+%s", path);
	wsi = try_connect(d, address, 0);
	if (dir_fd >= 0)
		close(dir_fd);	/* the connect has happened */
	return wsi;
}

static struct lws *
try_addr(struct ws_dial *d, const struct loop_addr *a)
{
	char number[INET6_ADDRSTRLEN + 32];

	if (getnameinfo((const struct sockaddr *)&a->ss, a->len, number, sizeof number, NULL, 0,
			NI_NUMERICHOST) != 0)
		return NULL;
	return try_connect(d, number, d->proxy_host ? d->proxy_port : d->url.port);
}

static void
dial_next(void *arg)
{
	struct ws_dial *d = arg;

	d->timer = NULL;
	orphans_free(d);
	while (d->next < d->n) {
		size_t i = d->next++;
		struct lws *wsi = d->url.scheme == WS_UNIX ? try_unix(d)
				: try_addr(d, &d->addrs[i]);

		if (!wsi) {
			note_unreachable(d, 0);
			continue;
		}
		/* Not before: of one that fails the library may speak later, when ws is gone. */
		lws_set_opaque_user_data(wsi, d->ws);
		d->tries[i] = wsi;
		d->running++;
		if (d->next < d->n)
			d->timer = loop_timer_start(d->ws->net->loop, TRY_MS, dial_next, d);
		ws_kick(d->ws->net);
		return;
	}
	if (d->running == 0)
		dial_fail(d);
}

static void
on_addrs(void *arg, const struct loop_addr *addrs, size_t n, const struct err *err)
{
	struct ws_dial *d = arg;

	d->lookup = NULL;
	if (n == 0) {
		d->err = *err;
		dial_fail(d);
		return;
	}
	d->n = n < MAX_TRIES ? n : MAX_TRIES;
	memcpy(d->addrs, addrs, d->n * sizeof *addrs);
	dial_next(d);
}

static void
on_limit(void *arg)
{
	struct ws_dial *d = arg;
	struct err err = {0};

	d->limit = NULL;
	err_set(&err, ERR_NETWORK, _("no answer from %s within %d seconds"), d->url.host,
			(int)(d->timeout_ms / 1000));
	note(d, REACH_SILENCE, &err);
	dial_fail(d);
}

static void
on_aborted(void *arg)
{
	struct ws *ws = arg;

	ws->timer = NULL;
	ws_end(ws, 0, "", NULL);
}

void
ws_abort(struct ws *ws)
{
	if (ws->state == WS_DYING)
		return;
	if (ws->dial) {
		dial_free(ws->dial);
		ws->dial = NULL;
		ws->state = WS_DYING;
		ws->timer = loop_timer_start(ws->net->loop, 0, on_aborted, ws);
		return;
	}
	ws_kill(ws);
}

/* One try failed: the next is due, or the end; but not inside the library's callback. */
static void
try_failed(struct ws_dial *d, struct lws *wsi)
{
	lws_set_opaque_user_data(wsi, NULL);
	for (size_t i = 0; i < MAX_TRIES; i++)
		if (d->tries[i] == wsi) {
			d->tries[i] = NULL;
			d->orphans[i] = wsi;
			d->running--;
		}
	loop_timer_stop(d->timer);
	d->timer = loop_timer_start(d->ws->net->loop, 0, dial_next, d);
}

/* The connect's own error, which the library does not pass on; 0 if it is not known. */
static int
connect_error(struct lws *wsi)
{
	int error = 0;
	socklen_t len = sizeof error;

	if (getsockopt(lws_get_socket_fd(wsi), SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return 0;
	return error;
}

static void
note_status(struct ws_dial *d, unsigned status)
{
	struct err err = {0};

	err_set(&err, status == 401 || status == 403 ? ERR_AUTH : ERR_NETWORK,
			_("%s answered with HTTP status %u instead of a WebSocket"),
			d->url.host, status);
	note(d, REACH_ANSWER, &err);
}

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* What the library says in words of its own, in words for a person. */
static void
note_words(struct ws_dial *d, const char *said)
{
	const char *tls = tls_last_reason();
	struct err err = {0};

	if (begins(said, "HS: "))
		err_set(&err, ERR_NETWORK, _("%s does not speak WebSocket properly (%s)"),
				d->url.host, said + 4);
	else if (begins(said, "connect S") || begins(said, "Timed out waiting SSL"))
		err_set(&err, ERR_NETWORK, _("cannot set up TLS with %s: %s"), d->url.host,
				tls ? tls : _("it hung up, or does not speak it"));
	else if (begins(said, "proxy"))
		err_set(&err, ERR_NETWORK, _("the proxy %s does not let us through to %s"),
				d->proxy_host ? d->proxy_host : "", d->url.host);
	else
		err_set(&err, ERR_NETWORK, _("the connection to %s failed: %s"), d->url.host, said);
	note(d, REACH_ANSWER, &err);
}

static void
try_reason(struct ws_dial *d, struct lws *wsi, const char *said)
{
	unsigned status = lws_http_client_http_response(wsi);
	int error = connect_error(wsi);

	if (begins(said, "HS: ") && status != 0 && status != 101)
		note_status(d, status);
	else if (error || strcmp(said, "Unable to connect") == 0)
		note_unreachable(d, error);
	else
		note_words(d, said);
}

/* Without a word of the library: the server was silent for too long. */
static void
try_ended(struct ws_dial *d, struct lws *wsi)
{
	struct err err = {0};

	err_set(&err, ERR_NETWORK, _("%s does not answer"), d->url.host);
	note(d, REACH_SILENCE, &err);
	try_failed(d, wsi);
}

static void
on_open(struct ws *ws, struct lws *wsi)
{
	struct ws_dial *d = ws->dial;
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof ss;
	int fd = lws_get_socket_fd(wsi);

	for (size_t i = 0; i < MAX_TRIES; i++)
		if (d->tries[i] == wsi)
			d->tries[i] = NULL;
	ws->wsi = wsi;
	if (getpeername(fd, (struct sockaddr *)&ss, &len) == 0)
		ws_describe_peer(ws, fd, &ss);
	ws->dial = NULL;
	dial_free(d);
	ws_on_open(ws);
}

static int
on_certificate(struct lws *wsi, void *x509_store_ctx, bool is_good)
{
	struct ws *ws = lws_get_opaque_user_data(wsi);
	struct ws_dial *d = ws ? ws->dial : NULL;
	struct err err = {0};
	const char *ip;

	if (!d)
		return 1;
	ip = strchr(d->url.host, ':') ? d->url.host : NULL;
	if (tls_check_peer(x509_store_ctx, is_good, ip, &err))
		return 0;
	note(d, REACH_CERTIFICATE, &err);
	return 1;
}

/* What concerns one connection that we still care for. */
static int
connection_event(struct ws *ws, struct lws *wsi, enum lws_callback_reasons reason, void *in,
		size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		if (!ws->dial)
			return -1;
		on_open(ws, wsi);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		ws_on_receive(ws, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return ws_on_writable(ws);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		ws_on_peer_close(ws, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		if (ws->dial) {
			try_reason(ws->dial, wsi, in ? in : "");
			try_failed(ws->dial, wsi);
		}
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:
		if (ws->dial)
			try_ended(ws->dial, wsi);
		else
			ws_on_closed(ws);
		return 0;
	default:
		return 0;
	}
}

/* The only chance to learn which one it was when its connect fails at once. */
static void
newest_is(struct lws *wsi)
{
	struct ws_net *net = lws_vhost_user(lws_get_vhost(wsi));

	net->newest = wsi;
}

int
ws_client_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct ws *ws;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_HTTP_BIND_PROTOCOL:
		newest_is(wsi);
		return 0;
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS:
		tls_set_up(user);
		return 0;
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		return on_certificate(wsi, user, len == 1);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
	case LWS_CALLBACK_CLIENT_RECEIVE:
	case LWS_CALLBACK_CLIENT_WRITEABLE:
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:
		ws = lws_get_opaque_user_data(wsi);
		if (!ws)	/* a race that another address has won */
			return reason == LWS_CALLBACK_CLIENT_ESTABLISHED ? -1 : 0;
		return connection_event(ws, wsi, reason, in, len);
	default:
		return 0;
	}
}

static bool
dial_start(struct ws_dial *d, const char *proxy, struct err *err)
{
	struct loop *l = d->ws->net->loop;
	bool is_v6 = strchr(d->url.host, ':') != NULL;

	if (d->url.scheme == WS_UNIX) {
		d->host_header = xstrdup("localhost");
		d->n = 1;
		d->timer = loop_timer_start(l, 0, dial_next, d);
		return true;
	}
	d->host_header = xasprintf("%s%s%s:%d", is_v6 ? "[" : "", d->url.host, is_v6 ? "]" : "",
			d->url.port);
	if (proxy && !ws_is_loopback(d->url.host)) {
		if (!ws_proxy_parse(proxy, &d->proxy_host, &d->proxy_port, &d->proxy_user, err))
			return false;
		d->lookup = loop_lookup_start(l, d->proxy_host, d->proxy_port, on_addrs, d);
	} else {
		d->lookup = loop_lookup_start(l, d->url.host, d->url.port, on_addrs, d);
	}
	return true;
}

struct ws *
ws_connect(struct ws_net *net, const struct ws_connect *how, struct err *err)
{
	struct ws_url url;
	struct ws_dial *d;
	struct ws *ws;

	if (net->is_closing) {
		err_set(err, ERR_NETWORK, _("the network is being shut down"));
		return NULL;
	}
	if (!ws_url_parse(&url, how->url, how->path ? how->path : "/", err))
		return NULL;
	ws = ws_new(net, &net->clients, how->ops, how->arg, how->max_message);
	ws->is_tls = url.scheme == WS_TLS;
	d = ws->dial = xcalloc(1, sizeof *d);
	d->ws = ws;
	d->url = url;
	d->cafile = xstrdup(how->cafile);
	d->timeout_ms = how->timeout_ms > 0 ? how->timeout_ms : TIMEOUT_MS;
	if (!dial_start(d, how->proxy, err)) {
		dial_free(d);
		ws_free(ws);
		return NULL;
	}
	d->limit = loop_timer_start(net->loop, d->timeout_ms, on_limit, d);
	return ws;
}
