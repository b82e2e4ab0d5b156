/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection: its state, what it may say in it, and what it is told. Kept small, since
 * thousands are idle; what few need is allocated when they need it. Messages on the wire are in
 * English: the server does not know whose language they should be in. */
#include "daemon/conn.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/crowd.h"
#include "daemon/daemon.h"
#include "daemon/fetch.h"
#include "daemon/flow.h"
#include "daemon/heads.h"
#include "daemon/hello.h"
#include "daemon/mark.h"
#include "daemon/post.h"
#include "daemon/presence.h"
#include "daemon/room.h"
#include "daemon/stream.h"
#include "daemon/subs.h"
#include "daemon/topic.h"
#include "daemon/user.h"
#include "wire/wire.h"

/* Returns true when it keeps the frame. */
typedef bool op_fn(struct conn *c, struct frame *f);

static bool credit_take(struct conn *c, struct frame *f);

static op_fn *const ops[WIRE_UNKNOWN + 1] = {
	[WIRE_HELLO] = hello_take,
	[WIRE_SUB] = subs_take,
	[WIRE_UNSUB] = subs_end,
	[WIRE_FETCH] = fetch_take,
	[WIRE_SEND] = post_take,
	[WIRE_MARK] = mark_take,
	[WIRE_TYPING] = typing_take,
	[WIRE_DELTA] = stream_delta,
	[WIRE_TAIL] = stream_tail,
	[WIRE_STOP] = stream_stop,
	[WIRE_CREDIT] = credit_take,
	[WIRE_PING] = heads_pong,
	[WIRE_ROOM] = room_take,
};

static const enum wire_state wire_states[] = {
	[CONN_NEW] = WIRE_BEFORE_HELLO,
	[CONN_GREETING] = WIRE_BEFORE_WELCOME,
	[CONN_OPEN] = WIRE_OPEN,
};

void
conn_hold(struct conn *c)
{
	c->refs++;
}

void
conn_release(struct conn *c)
{
	if (!c || --c->refs > 0)
		return;
	if (c->user)
		user_release(c->user);
	free(c->device);
	free(c);
}

void
conn_error(struct conn *c, int64_t re, enum code code, const char *message)
{
	struct frame f = { .op = WIRE_ERROR, .i = WIRE_ABSENT, .re = re };

	f.error.code = code;
	f.error.message = message;
	f.error.expect = WIRE_ABSENT;
	c->d->metrics.refused[code]++;
	flow_reply(c, &f);
}

void
conn_close(struct conn *c, int code, const char *reason)
{
	char cut[124];

	if (c->state == CONN_CLOSING || !c->ws)
		return;
	log_put(c->d->log, LOG_DEBUG, "conn", "close=%d user=%s reason=%s", code,
			c->user ? c->user->name : "", reason);
	flow_flush(c);
	c->state = CONN_CLOSING;
	c->d->metrics.closed++;
	while (c->subs)
		topic_leave(c->subs);
	if (c->user)
		user_leave(c);
	str_copy(cut, sizeof cut, reason);
	ws_close(c->ws, code, cut);
}

static bool
credit_take(struct conn *c, struct frame *f)
{
	flow_credit(c, f->credit.bytes);
	return false;
}

/* ---- what comes ---- */

static void
open_conn(struct ws *ws, void *arg)
{
	struct daemon *d = arg;
	struct conn *c = xcalloc(1, sizeof *c);

	c->d = d;
	c->ws = ws;
	c->refs = 1;
	c->is_unix = ws_peer_addr(ws)[0] == '\0';
	c->state = CONN_NEW;
	ws_set_arg(ws, c);
	ws_set_max(ws, WIRE_HELLO_FRAME);
	crowd_enter(d->crowd, c);
	d->metrics.opened++;
	if (d->is_stopping)
		conn_close(c, CLOSE_RESTART, "restart");
}

static bool
is_hello(const char *p, size_t n)
{
	struct err err;
	json_t *v = json_strict(p, n, &err);
	const char *op = v ? json_str(v, "op") : NULL;
	bool is = op && strcmp(op, "hello") == 0;

	json_decref(v);
	return is;
}

/* A frame that could not be taken apart. */
static void
refuse(struct conn *c, enum wire_fault fault, int64_t i, const struct err *why, bool is_hello)
{
	switch (fault) {
	case WIRE_CLOSE_AUTH:
		conn_error(c, i, CODE_AUTH, why->msg);
		conn_close(c, CLOSE_AUTH, why->msg);
		break;
	case WIRE_INVALID:
		if (c->state != CONN_OPEN && !(c->state == CONN_NEW && is_hello)) {
			conn_close(c, CLOSE_BAD_FRAME, "say hello first");
			break;
		}
		conn_error(c, i, CODE_INVALID, why->msg);
		break;
	default:
		conn_close(c, CLOSE_BAD_FRAME, why->msg);
	}
}

static void
take(struct ws *ws, void *arg, const char *p, size_t n)
{
	struct conn *c = arg;
	enum wire_fault fault = WIRE_CLOSE_BAD;
	struct err err = { 0 };
	int64_t i = WIRE_ABSENT;
	struct frame *f;

	(void)ws;
	if (c->state == CONN_CLOSING)
		return;
	if (flow_is_flooded(c)) {
		conn_close(c, CLOSE_RATE, "too many answers left unread");
		return;
	}
	crowd_seen(c->d->crowd, c);
	c->d->metrics.frames_in++;
	f = wire_decode(WIRE_CLIENT, p, n, &fault, &i, &err);
	if (!f) {
		refuse(c, fault, i, &err, fault == WIRE_INVALID && is_hello(p, n));
		return;
	}
	if (!wire_is_legal(f->op, WIRE_CLIENT, wire_states[c->state])) {
		conn_close(c, CLOSE_BAD_FRAME, c->state == CONN_OPEN ?
				"not in this state" : "say hello first");
		frame_free(f);
		return;
	}
	if (!ops[f->op])
		conn_error(c, f->i, CODE_INVALID, "unknown op");
	if (!ops[f->op] || !ops[f->op](c, f))
		frame_free(f);
}

static void
writable(struct ws *ws, void *arg, struct buf *out)
{
	(void)ws;
	flow_fill(arg, out);
}

static void
gone(struct ws *ws, void *arg, int code, const char *reason, const struct err *why)
{
	struct conn *c = arg;

	(void)reason;
	(void)why;
	log_put(c->d->log, LOG_DEBUG, "conn", "gone=%d user=%s", code,
			c->user ? c->user->name : "");
	if (!c->user)
		crowd_known(c->d->crowd, ws_peer_addr(ws));
	while (c->subs)
		topic_leave(c->subs);
	flow_done(c);
	if (c->user && c->state != CONN_CLOSING)
		user_leave(c);
	crowd_leave(c->d->crowd, c);
	c->state = CONN_CLOSING;
	c->ws = NULL;
	conn_release(c);
}

const struct ws_ops conn_ops = { open_conn, take, writable, gone };
