/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leaves a connection, in which order, and how much of it may be on the way: answers first,
 * then pages, then events, ephemera last. Nothing is buffered for a slow client but a bounded
 * number of answers: the log is the buffer. stonechat-protocol(7), section 4.5. */
#include "daemon/flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "daemon/bytes.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/fetch.h"
#include "daemon/options.h"
#include "daemon/stream.h"
#include "daemon/topic.h"

struct reply { struct reply *next; size_t n; bool is_bounded; char p[]; };

/* A ring of what may be lost. */
struct ephemera { unsigned first, n; struct bytes *v[FLOW_EPHEMERA]; };

static bool
has_credit(const struct conn *c)
{
	return c->sent - c->credited <= (int64_t)c->window;
}

static void
want_write(struct conn *c)
{
	if (c->is_wanting || !c->ws || c->state == CONN_CLOSING)
		return;
	c->is_wanting = true;
	ws_want_write(c->ws);
}

/* ---- answers ---- */

void
flow_reply(struct conn *c, const struct frame *f)
{
	struct buf *b = &c->d->scratch;
	struct reply *r;

	if (c->state == CONN_CLOSING || !c->ws || flow_is_flooded(c))
		return;
	buf_clear(b);
	if (!wire_encode(WIRE_SERVER, f, b))
		return;
	r = xmalloc(sizeof *r + b->n);
	r->next = NULL;
	r->n = b->n;
	/* heads are bounded by memberships, and come once */
	r->is_bounded = f->op != WIRE_WELCOME && f->op != WIRE_HEADS;
	memcpy(r->p, b->p, b->n);
	if (c->replies)
		c->replies_last->next = r;
	else
		c->replies = r;
	c->replies_last = r;
	c->d->metrics.queue_bytes += r->n;
	if (r->is_bounded)
		c->reply_bytes += (uint32_t)r->n;
	want_write(c);
}

bool
flow_is_flooded(const struct conn *c)
{
	return c->reply_bytes > FLOW_REPLIES;
}

static void
drop_reply(struct conn *c)
{
	struct reply *r = c->replies;

	c->replies = r->next;
	c->d->metrics.queue_bytes -= r->n;
	if (r->is_bounded)
		c->reply_bytes -= (uint32_t)r->n;
	free(r);
}

void
flow_flush(struct conn *c)
{
	while (c->replies) {
		if (c->ws)
			ws_send(c->ws, c->replies->p, c->replies->n);
		drop_reply(c);
	}
}

/* ---- ephemera ---- */

void
flow_tell(struct conn *c, struct bytes *b)
{
	struct ephemera *e = c->ephemera;

	if (c->state != CONN_OPEN || (b->is_counted && !has_credit(c))) {
		c->d->metrics.dropped++;
		return;
	}
	if (!e)
		e = c->ephemera = xcalloc(1, sizeof *e);
	if (e->n == FLOW_EPHEMERA) {
		c->d->metrics.dropped++;
		return;
	}
	e->v[(e->first + e->n++) % FLOW_EPHEMERA] = bytes_ref(b);
	want_write(c);
}

static struct bytes *
next_ephemeron(struct conn *c)
{
	struct ephemera *e = c->ephemera;
	struct bytes *b = e->v[e->first];

	e->first = (e->first + 1) % FLOW_EPHEMERA;
	if (--e->n == 0) {
		free(e);
		c->ephemera = NULL;
	}
	return b;
}

/* ---- what waits for credit ---- */

bool
flow_want(struct conn *c, struct want *w)
{
	struct want **p = &c->wants;
	unsigned n = 0;

	for (; *p; p = &(*p)->next)
		n++;
	if (n >= FLOW_WANTS) {
		free(w);
		return false;
	}
	w->next = NULL;
	*p = w;
	want_write(c);
	return true;
}

void
flow_due(struct sub *s)
{
	struct conn *c = s->conn;

	if (s->is_due)
		return;
	s->is_due = true;
	s->due_next = NULL;
	if (c->due)
		c->due_last->due_next = s;
	else
		c->due = s;
	c->due_last = s;
	want_write(c);
}

void
flow_undue(struct sub *s)
{
	struct conn *c = s->conn;
	struct sub **p = &c->due, *before = NULL;

	if (!s->is_due)
		return;
	for (; *p != s; p = &(*p)->due_next)
		before = *p;
	*p = s->due_next;
	if (c->due_last == s)
		c->due_last = before;
	s->is_due = false;
}

/* Says once a stall and conversation that live delivery waits. */
static void
tell_lag(struct conn *c)
{
	struct frame f = { .op = WIRE_LAG, .i = WIRE_ABSENT, .re = WIRE_ABSENT };

	for (struct sub *s = c->due; s; s = s->due_next) {
		if (s->is_lagging)
			continue;
		s->is_lagging = true;
		f.lag.conv = topic_conv(s->topic);
		f.lag.seq = topic_head(s->topic);
		flow_reply(c, &f);
	}
	c->is_stalled = true;
}

void
flow_credit(struct conn *c, int64_t bytes)
{
	if (bytes <= c->credited)
		return;
	c->credited = bytes < c->sent ? bytes : c->sent;
	if (!has_credit(c))
		return;
	if (c->is_stalled)
		for (struct sub *s = c->subs; s; s = s->next)
			s->is_lagging = false;
	c->is_stalled = false;
	if (c->wants || c->due)
		want_write(c);
}

/* ---- the next message ---- */

static void
fill_want(struct conn *c, struct buf *out)
{
	struct want *w = c->wants;
	bool is_done = w->op == WIRE_FETCH ? fetch_fill(c, w, out) : stream_fill(c, w, out);

	if (is_done) {
		c->wants = w->next;
		free(w);
	}
}

/* Conversations take turns. */
static void
fill_events(struct conn *c, struct buf *out)
{
	struct sub *s = c->due;
	int64_t seq = s->cursor;
	struct bytes *frame = topic_frame(s->topic, s->cursor, &seq);

	if (!frame && seq < topic_head(s->topic)) {
		conn_close(c, CLOSE_RESTART, "the log cannot be read");
		return;
	}
	if (frame)
		buf_add(out, frame->p, frame->n);
	topic_delivered(s, seq);
	if (s->is_due && c->due != c->due_last) {
		c->due = s->due_next;
		c->due_last->due_next = s;
		c->due_last = s;
		s->due_next = NULL;
	}
}

/* True when out holds a message whose payload counts. */
static bool
fill(struct conn *c, struct buf *out)
{
	bool is_counted;
	struct bytes *b;

	if (c->replies) {
		buf_add(out, c->replies->p, c->replies->n);
		drop_reply(c);
		return false;
	}
	if (c->wants && has_credit(c)) {
		fill_want(c, out);
		return true;
	}
	if (c->due && has_credit(c)) {
		fill_events(c, out);
		return true;
	}
	if (!c->ephemera)
		return false;
	b = next_ephemeron(c);
	is_counted = b->is_counted;
	if (!is_counted || has_credit(c))
		buf_add(out, b->p, b->n);
	bytes_unref(b);
	return is_counted;
}

void
flow_fill(struct conn *c, struct buf *out)
{
	c->is_wanting = false;
	if (c->state == CONN_CLOSING)
		return;
	if (fill(c, out))
		c->sent += (int64_t)out->n;
	if (c->due && !has_credit(c))
		tell_lag(c);
	if (c->replies || c->ephemera || ((c->wants || c->due) && has_credit(c)))
		want_write(c);
}

void
flow_done(struct conn *c)
{
	while (c->replies)
		drop_reply(c);
	while (c->wants) {
		struct want *w = c->wants;

		c->wants = w->next;
		free(w);
	}
	while (c->ephemera)
		bytes_unref(next_ephemeron(c));
}
