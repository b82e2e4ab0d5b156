/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The native server, stonechatd: frames of stonechat-protocol(7) over a WebSocket. */
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "drivers/driver.h"
#include "drivers/native.h"
#include "net/ws.h"
#include "wire/wire.h"

static void
on_open(struct ws *ws, void *arg)
{
	struct sync_input in = { .type = IN_UP };
	struct link *l = arg;

	(void)ws;
	if (l == NULL)
		return;
	l->is_open = true;
	l->env.up(l->env.arg, &in);
}

static void
down(struct link *l, int code, const char *why)
{
	struct sync_input in = { .type = IN_DOWN, .down = { code, why } };

	l->ws = NULL;
	l->is_open = false;
	l->env.up(l->env.arg, &in);
}

static void
on_gone(struct ws *ws, void *arg, int code, const char *reason, const struct err *why)
{
	struct link *l = arg;

	(void)ws;
	if (l == NULL)
		return;		/* we hung up */
	if (why != NULL && why->kind != ERR_NONE)
		down(l, code, why->msg);
	else
		down(l, code, reason != NULL && reason[0] != '\0' ? reason : "");
}

/* The server broke the protocol: end it, as if it had ended. */
static void
broken(struct link *l, const char *why)
{
	native_hangup(l, CLOSE_BAD_FRAME, why);
	down(l, CLOSE_BAD_FRAME, why);
}

static void
on_message(struct ws *ws, void *arg, const char *p, size_t n)
{
	enum wire_fault fault = WIRE_FINE;
	struct err err = { 0 };
	struct link *l = arg;
	struct frame *f;
	int64_t i;

	(void)ws;
	if (l == NULL)
		return;
	f = wire_decode(WIRE_SERVER, p, n, &fault, &i, &err);
	if (f == NULL) {
		broken(l, err.msg);
		return;
	}
	native_take(l, f, n);
	frame_free(f);
}

static const struct ws_ops ops = { .open = on_open, .message = on_message, .gone = on_gone };

static struct link *
native_open(const struct driver_env *env, struct err *err)
{
	struct link *l;

	if (strncmp(env->url, "unix:", 5) == 0 && env->url[5] != '/') {
		err_set(err, ERR_USAGE, _("%s: a Unix socket needs an absolute path"), env->url);
		return NULL;
	}
	l = xcalloc(1, sizeof *l);
	l->env = *env;
	l->env.url = l->url = xstrdup(env->url);
	l->env.cafile = l->cafile = xstrdup(env->cafile);
	l->env.proxy = l->proxy = xstrdup(env->proxy);
	l->env.agent = l->agent = xstrdup(env->agent);
	buf_init(&l->out, WIRE_CLIENT_FRAME);
	return l;
}

static bool
native_connect(struct link *l, const char *token, struct err *err)
{
	struct ws_connect how = { .url = l->url, .path = "/v1", .cafile = l->cafile,
		.proxy = l->proxy, .max_message = WIRE_SERVER_FRAME, .ops = &ops, .arg = l };

	free(l->token);
	l->token = xstrdup(token);
	l->ws = ws_connect(l->env.ws, &how, err);
	return l->ws != NULL;
}

void
native_hangup(struct link *l, int code, const char *why)
{
	struct ws *ws = l->ws;

	if (ws == NULL)
		return;
	l->ws = NULL;
	ws_set_arg(ws, NULL);		/* its last words are not ours any more */
	if (l->is_open)
		ws_close(ws, code, why != NULL ? why : "");
	else
		ws_abort(ws);
	l->is_open = false;
}

/* Sends one frame. When more waits than the peer takes, the connection is dropped and the core
 * sends again over the next one. */
static bool
put(struct link *l, const struct frame *f)
{
	if (l->ws == NULL || !l->is_open)
		return true;
	buf_clear(&l->out);
	if (!wire_encode(WIRE_CLIENT, f, &l->out))
		return false;
	if (!ws_send(l->ws, buf_str(&l->out), l->out.n))
		ws_abort(l->ws);
	return true;
}

static struct frame
frame(enum wire_op op, int64_t tag)
{
	return (struct frame){ .op = op, .i = tag, .re = WIRE_ABSENT };
}

static void
native_hello(struct link *l, const char *device, const char *since, int64_t window)
{
	static int64_t versions[] = { WIRE_VERSION };
	static const char *caps[] = { "stream", "marks", "ops" };
	struct frame f = frame(WIRE_HELLO, 0);

	f.hello.versions = versions;
	f.hello.n_versions = 1;
	f.hello.device = device;
	f.hello.agent = l->agent;
	f.hello.token = l->token != NULL ? l->token : "";
	f.hello.caps = caps;
	f.hello.n_caps = 3;
	f.hello.since = since;
	f.hello.window = window;
	put(l, &f);
}

/* As many in a frame as fit; what does not goes into another with the same tag. */
static void
put_subs(struct link *l, int64_t tag, struct wire_sub *subs, size_t n)
{
	struct frame f = frame(WIRE_SUB, tag);

	f.sub.subs = subs;
	f.sub.n_subs = n;
	if (put(l, &f) || n < 2)
		return;
	put_subs(l, tag, subs, n / 2);
	put_subs(l, tag, subs + n / 2, n - n / 2);
}

static void
native_sub(struct link *l, int64_t tag, const struct driver_sub *subs, size_t n)
{
	struct wire_sub out[SYNC_SUBS_MAX];

	for (size_t i = 0; i < n && i < SYNC_SUBS_MAX; i++)
		out[i] = (struct wire_sub){ .conv = subs[i].conv, .epoch = subs[i].epoch,
			.seq = subs[i].seq, .max = subs[i].max, .id = subs[i].id,
			.marks = (struct position *)subs[i].marks, .n_marks = subs[i].n_marks };
	put_subs(l, tag, out, n < SYNC_SUBS_MAX ? n : SYNC_SUBS_MAX);
}

static void
native_fetch(struct link *l, const struct sync_effect *e)
{
	struct frame f = frame(WIRE_FETCH, e->fetch.tag);

	f.fetch.conv = e->fetch.conv;
	f.fetch.epoch = e->fetch.epoch;
	f.fetch.dir = e->fetch.back ? WIRE_BACK : WIRE_FWD;
	f.fetch.lo = e->fetch.lo;
	f.fetch.hi = e->fetch.hi;
	f.fetch.n = e->fetch.n;
	f.fetch.only_ops = e->fetch.ops_only;
	f.fetch.refs_lo = e->fetch.refs_lo;
	f.fetch.refs_hi = e->fetch.refs_hi;
	put(l, &f);
}

static void
native_send(struct link *l, const struct driver_send *s)
{
	struct frame f = frame(WIRE_SEND, s->tag);

	f.send.conv = s->conv;
	f.send.cid = s->cid;
	f.send.lane = s->lane;
	f.send.kind = s->kind;
	f.send.kind_name = record_kind_name(s->kind);
	f.send.ref = s->ref;
	f.send.body = (struct body)BODY_EMPTY;
	f.send.body.json = s->body;
	f.send.body.json_n = s->body_n;
	f.send.ttl = s->ttl;
	put(l, &f);
}

static void
native_mark(struct link *l, const char *conv, const char *epoch, int64_t seq)
{
	struct frame f = frame(WIRE_MARK, WIRE_ABSENT);

	f.mark.conv = conv;
	f.mark.epoch = epoch;
	f.mark.seq = seq;
	put(l, &f);
}

static void
native_credit(struct link *l, int64_t bytes)
{
	struct frame f = frame(WIRE_CREDIT, WIRE_ABSENT);

	f.credit.bytes = bytes;
	put(l, &f);
}

static void
native_ping(struct link *l, int64_t x)
{
	struct frame f = frame(WIRE_PING, WIRE_ABSENT);

	f.ping.x = x;
	put(l, &f);
}

static void
native_typing(struct link *l, const char *conv, int64_t ttl)
{
	struct frame f = frame(WIRE_TYPING, WIRE_ABSENT);

	f.typing.conv = conv;
	f.typing.ttl = ttl;
	f.typing.from = "";
	put(l, &f);
}

static void
native_room(struct link *l, int64_t tag, const struct driver_room *r)
{
	struct frame f = frame(WIRE_ROOM, tag);

	f.room.act = r->act;
	f.room.conv = r->conv;
	f.room.name = r->name;
	f.room.topic = r->topic;
	f.room.user = r->user;
	f.room.role = r->role;
	f.room.after = r->after;
	f.room.is_public = r->is_public;
	f.room.rows = "";
	put(l, &f);
}

static void
native_delta(struct link *l, int64_t tag, const struct aside *d)
{
	struct frame f = frame(WIRE_DELTA, tag);

	f.delta.conv = d->conv;
	f.delta.stream = d->delta.stream;
	f.delta.channel = d->delta.channel;
	f.delta.off = d->delta.off;
	f.delta.text = d->delta.text;
	f.delta.text_n = d->delta.text_n;
	f.delta.from = "";
	put(l, &f);
}

static void
native_tail(struct link *l, int64_t tag, const char *conv, const char *stream,
		const char *channel, int64_t off)
{
	struct frame f = frame(WIRE_TAIL, tag);

	f.tail.conv = conv;
	f.tail.stream = stream;
	f.tail.channel = channel;
	f.tail.off = off;
	put(l, &f);
}

static void
native_stop(struct link *l, int64_t tag, const char *conv, const char *stream)
{
	struct frame f = frame(WIRE_STOP, tag);

	f.stop.conv = conv;
	f.stop.stream = stream;
	f.stop.from = "";
	put(l, &f);
}

static void
native_close(struct link *l)
{
	if (l == NULL)
		return;
	native_hangup(l, 1000, "");
	buf_done(&l->out);
	free(l->url);
	free(l->cafile);
	free(l->proxy);
	free(l->agent);
	free(l->token);
	free(l);
}

static const char *const schemes[] = { "unix:", "ws:", "wss:", NULL };

const struct driver driver_native = {
	.name = "native", .schemes = schemes, .open = native_open, .connect = native_connect,
	.hello = native_hello, .sub = native_sub, .fetch = native_fetch, .send = native_send,
	.mark = native_mark, .credit = native_credit, .ping = native_ping,
	.typing = native_typing, .room = native_room, .delta = native_delta,
	.tail = native_tail, .stop = native_stop, .hangup = native_hangup, .close = native_close,
};
