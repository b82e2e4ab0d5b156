/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One open connection, whichever side began it: whole messages in, whole messages out, the end. */
#include "net/ws.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "loop/loop.h"
#include "net/ws_impl.h"
#include "net/ws_url.h"

#define BURST_BYTES (64 * 1024)	/* of messages that go out together */
#define BURSTS 16		/* of one connection before the others have their turn */
#define MAX_REASON 123		/* RFC 6455, section 5.5: 125 bytes, two of them the code */

static void
ws_link(struct ws *ws, struct ws **list)
{
	ws->next = *list;
	if (ws->next)
		ws->next->at = &ws->next;
	ws->at = list;
	*list = ws;
}

static void
ws_unlink(struct ws *ws)
{
	*ws->at = ws->next;
	if (ws->next)
		ws->next->at = ws->at;
}

void
ws_move(struct ws *ws, struct ws **list)
{
	ws_unlink(ws);
	ws_link(ws, list);
}

struct ws *
ws_new(struct ws_net *net, struct ws **list, const struct ws_ops *ops, void *arg, size_t max)
{
	struct ws *ws = xcalloc(1, sizeof *ws);

	ws->net = net;
	ws->ops = ops;
	ws->arg = arg;
	ws->max = max;
	ws->out_tail = &ws->out;
	ws_link(ws, list);
	return ws;
}

static void
leave_writers(struct ws *ws)
{
	if (!ws->writer_at)
		return;
	*ws->writer_at = ws->writer_next;
	if (ws->writer_next)
		ws->writer_next->writer_at = ws->writer_at;
	ws->writer_next = NULL;
	ws->writer_at = NULL;
}

void
ws_free(struct ws *ws)
{
	ws_unlink(ws);
	leave_writers(ws);
	while (ws->out) {
		struct ws_out *o = ws->out;

		ws->out = o->next;
		free(o);
	}
	buf_done(&ws->in);
	loop_timer_stop(ws->timer);
	free(ws->reason);
	free(ws);
}

void
ws_describe_peer(struct ws *ws, int fd, const struct sockaddr_storage *ss)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)ss;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ss;
	struct ucred cred;
	socklen_t len = sizeof cred;
	int on = 1;

	if (ss->ss_family == AF_UNIX) {
		ws->is_loopback = true;
		ws->has_uid = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0;
		ws->uid = ws->has_uid ? cred.uid : (uid_t)-1;
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (ss->ss_family == AF_INET)
		inet_ntop(AF_INET, &in->sin_addr, ws->addr, sizeof ws->addr);
	else if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		inet_ntop(AF_INET, in6->sin6_addr.s6_addr + 12, ws->addr, sizeof ws->addr);
	else
		inet_ntop(AF_INET6, &in6->sin6_addr, ws->addr, sizeof ws->addr);
	ws->is_loopback = ws_is_loopback(ws->addr);
}

void
ws_end(struct ws *ws, int code, const char *reason, const struct err *why)
{
	struct err none = {0};

	if (ws->wsi)
		lws_set_opaque_user_data(ws->wsi, NULL);
	ws->state = WS_DYING;
	ws->ops->gone(ws, ws->arg, code, reason ? reason : "", why ? why : &none);
	ws_free(ws);
}

void
ws_kill(struct ws *ws)
{
	ws->state = WS_DYING;
	if (!ws->wsi)
		return;
	lws_set_timeout(ws->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	ws_kick(ws->net);
}

/* ---- writing: tried at the start of the next turn for all who asked meanwhile, without a question
 * to the kernel for each; only a connection that holds the rest of a message waits for it ---- */

static void
on_writers(void *arg)
{
	struct ws_net *net = arg;
	struct ws *now = net->writers, *ws;

	net->soon = NULL;
	net->writers = NULL;
	if (now)
		now->writer_at = &now;
	while ((ws = now)) {
		leave_writers(ws);
		if (lws_partial_buffered(ws->wsi))
			lws_callback_on_writable(ws->wsi);
		else if (ws_on_writable(ws) < 0)
			ws_kill(ws);
	}
}

/* Who asks while others are served has its turn in the next one. */
static void
want_write(struct ws *ws)
{
	struct ws_net *net = ws->net;

	if (ws->writer_at)
		return;
	ws->writer_next = net->writers;
	ws->writer_at = &net->writers;
	if (ws->writer_next)
		ws->writer_next->writer_at = &ws->writer_next;
	net->writers = ws;
	if (!net->soon)
		net->soon = loop_timer_start(net->loop, 0, on_writers, net);
}

void
ws_on_open(struct ws *ws)
{
	ws->state = WS_OPEN;
	ws->is_known = true;
	if (ws->ops->open)
		ws->ops->open(ws, ws->arg);
	if (ws->out || ws->wants_write)
		want_write(ws);
}

static void
on_patience(void *arg)
{
	struct ws *ws = arg;

	ws->timer = NULL;
	ws_kill(ws);
}

static void
limit_closing(struct ws *ws)
{
	if (!ws->timer)
		ws->timer = loop_timer_start(ws->net->loop, WS_CLOSE_MS, on_patience, ws);
}

/* From now on nothing more is read; the close frame follows what is queued. */
static void
begin_closing(struct ws *ws, int code, const char *reason)
{
	ws->state = WS_CLOSING;
	ws->code = code;
	ws->reason = xstrdup(reason);
	limit_closing(ws);
	want_write(ws);
}

/* Has the library send the close frame and wait for the answer. Not by returning -1 from the
 * writable callback: Debian's 4.1.6 is a debug build that then closes twice, and the second time
 * drops the connection before the frame is out. ws may be gone afterwards. */
static void
send_close(struct ws *ws)
{
	unsigned char text[MAX_REASON];
	size_t n = strlen(ws->reason);

	n = utf8_cut(ws->reason, n < sizeof text ? n : sizeof text);
	memcpy(text, ws->reason, n);
	ws->state = WS_CLOSED;
	lws_close_reason(ws->wsi, (enum lws_close_status)ws->code, text, n);
	lws_set_timeout(ws->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

static void
deliver(struct ws *ws, const char *p, size_t n)
{
	if (ws->ops->message)
		ws->ops->message(ws, ws->arg, p, n);
}

/* Takes the parts out of the connection first: the owner may do anything in message. */
static void
deliver_parts(struct ws *ws)
{
	struct buf whole = ws->in;

	buf_init(&ws->in, 0);
	ws->in_parts = 0;
	deliver(ws, buf_str(&whole), whole.n);
	buf_done(&whole);
}

/* What is announced counts already. An empty part counts as well, or they could be endless. */
static bool
is_too_large(struct ws *ws, size_t n)
{
	return ws->in.n + n + lws_remaining_packet_payload(ws->wsi) > ws->max
			|| ++ws->in_parts > ws->max + 1;
}

void
ws_on_receive(struct ws *ws, const char *p, size_t n)
{
	bool is_last = lws_is_final_fragment(ws->wsi);
	char why[64];

	if (ws->state != WS_OPEN)
		return;
	if (lws_frame_is_binary(ws->wsi)) {
		begin_closing(ws, WS_BAD_FRAME, "only text messages are understood");
	} else if (is_too_large(ws, n)) {
		snprintf(why, sizeof why, "a message may have %zu bytes", ws->max);
		begin_closing(ws, WS_TOO_LARGE, why);
	} else if (is_last && ws->in_parts == 1) {
		ws->in_parts = 0;
		deliver(ws, p, n);
	} else {
		if (ws->in_parts == 1)
			buf_init(&ws->in, ws->max);
		buf_add(&ws->in, p, n);
		if (is_last)
			deliver_parts(ws);
	}
}

/* Adds one message in a frame of its own (RFC 6455, section 5.2). */
static void
add_frame(struct buf *b, const char *p, size_t n)
{
	unsigned char head[10] = { 0x81, n < 126 ? (unsigned char)n : n < 65536 ? 126 : 127 };
	size_t h = n < 126 ? 2 : n < 65536 ? 4 : 10;

	for (size_t i = 2; i < h; i++)
		head[i] = (unsigned char)(n >> 8 * (h - 1 - i));
	buf_add(b, head, h);
	buf_add(b, p, n);
}

static bool
has_more(const struct ws *ws)
{
	return ws->out || (ws->wants_write && ws->state == WS_OPEN);
}

/* The next message that was queued or asked for, NULL when there is none; borrowed until the next
 * call. */
static const char *
next_message(struct ws *ws, struct ws_out **queued, size_t *n)
{
	struct buf *out = &ws->net->out;
	struct ws_out *o = ws->out;

	free(*queued);
	*queued = o;
	if (o) {
		ws->out = o->next;
		if (!ws->out)
			ws->out_tail = &ws->out;
		ws->out_n -= o->n;
		*n = o->n;
		return o->data;
	}
	buf_clear(out);
	while (has_more(ws) && out->n == 0) {
		ws->wants_write = false;
		if (ws->ops->writable)
			ws->ops->writable(ws, ws->arg, out);
	}
	*n = out->n;
	return out->n > 0 ? out->p : NULL;
}

/* A server's messages go out together, in frames made here; the library masks those of a client
 * and makes them one by one. */
static int
write_burst(struct ws *ws)
{
	static const char room[LWS_PRE];
	struct buf *frame = &ws->net->frame;
	struct ws_out *queued = NULL;
	bool is_any = false;
	const char *p;
	size_t n;

	buf_clear(frame);
	buf_add(frame, room, sizeof room);
	while (frame->n < BURST_BYTES && (p = next_message(ws, &queued, &n))) {
		is_any = true;
		if (ws->server) {
			add_frame(frame, p, n);
			continue;
		}
		buf_add(frame, p, n);
		break;
	}
	free(queued);
	if (!is_any)
		return 0;
	n = frame->n - sizeof room;
	/* what is "HTTP" the library sends as it is */
	return lws_write(ws->wsi, (unsigned char *)frame->p + sizeof room, n,
			ws->server ? LWS_WRITE_HTTP : LWS_WRITE_TEXT) < (int)n ? -1 : 0;
}

int
ws_on_writable(struct ws *ws)
{
	int rc = 0;

	if (ws->state != WS_OPEN && ws->state != WS_CLOSING)
		return 0;
	if (ws->state == WS_CLOSING && !ws->out) {
		send_close(ws);
		return 0;
	}
	/* What fits into the socket goes now; the library keeps the rest of one burst. */
	for (int i = 0; i < BURSTS && rc == 0 && !lws_partial_buffered(ws->wsi); i++) {
		if (!has_more(ws))
			break;
		rc = write_burst(ws);
	}
	if (rc == 0 && (ws->out || ws->wants_write || ws->state == WS_CLOSING))
		want_write(ws);
	return rc;
}

void
ws_on_peer_close(struct ws *ws, const unsigned char *p, size_t n)
{
	free(ws->reason);
	ws->reason = NULL;
	/* 1005: none was given (RFC 6455, section 7.1.5). */
	ws->code = n >= 2 ? p[0] << 8 | p[1] : 1005;
	if (n > 2)
		ws->reason = xstrndup((const char *)p + 2, n - 2);
	ws->state = WS_CLOSED;
	limit_closing(ws);
}

void
ws_on_closed(struct ws *ws)
{
	const unsigned char *p = lws_get_close_payload(ws->wsi);
	char *reason = ws->reason;
	int code = ws->code;
	struct err why = {0};

	if (code == 0 && lws_get_close_length(ws->wsi) >= 2) {
		/* The library itself closes for broken frames; a client does so for bad UTF-8
		 * alone, and has masked what it sent in place. */
		code = ws->server ? p[0] << 8 | p[1] : 1007;
		err_set(&why, ERR_NETWORK, _("the peer sent a broken frame (%d)"), code);
	} else if (code == 0) {
		code = WS_CUT;
		err_set(&why, ERR_NETWORK, _("the connection was lost"));
	}
	ws->reason = NULL;
	ws_end(ws, code, reason, &why);
	free(reason);
}

void
ws_set_arg(struct ws *ws, void *arg)
{
	ws->arg = arg;
}

void
ws_set_max(struct ws *ws, size_t max)
{
	ws->max = max;
	ws->in.max = max;
}

void
ws_want_write(struct ws *ws)
{
	ws->wants_write = true;
	if (ws->state == WS_OPEN)
		want_write(ws);
}

bool
ws_send(struct ws *ws, const char *p, size_t n)
{
	struct ws_out *o;

	if (ws->state > WS_OPEN || n > WS_MAX_OUT || ws->out_n + n > ws->max * 4)
		return false;
	o = xmalloc(sizeof *o + n);
	o->next = NULL;
	o->n = n;
	memcpy(o->data, p, n);
	*ws->out_tail = o;
	ws->out_tail = &o->next;
	ws->out_n += n;
	if (ws->state == WS_OPEN)
		want_write(ws);
	return true;
}

void
ws_close(struct ws *ws, int code, const char *reason)
{
	if (ws->state == WS_OPENING)
		ws_abort(ws);
	else if (ws->state == WS_OPEN)
		begin_closing(ws, code, reason ? reason : "");
}

const char *
ws_peer_addr(const struct ws *ws)
{
	return ws->addr;
}

bool
ws_peer_uid(const struct ws *ws, uid_t *uid)
{
	if (ws->has_uid)
		*uid = ws->uid;
	return ws->has_uid;
}

bool
ws_is_tls(const struct ws *ws)
{
	return ws->is_tls;
}
