/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sending: which rows go out now, and what the answers do to them. Lanes are dense, so a row goes
 * out only behind all earlier ones of its conversation. */
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "sync/core.h"

#define EXPECT_OURS (-1)	/* send again from the first row that is open, numbered as it is */
#define ORDERS_FREE 3		/* answers `order` in a row before we slow down */

void
pump_activate(struct sync *s, struct conv *c)
{
	if (c->is_active || c->send == NONE)
		return;
	c->is_active = true;
	s->active.v[s->active.n++] = conv_index(s, c);
}

static void
unfly(struct sync *s, struct conv *c, struct row *r)
{
	if (r->state != ROW_FLYING)
		return;
	c->flying--;
	s->flying--;
	s->flying_bytes -= r->body_n;
}

/* The first row that the server has not answered. */
static uint32_t
first_open(const struct sync *s, const struct conv *c)
{
	uint32_t i = c->first;

	while (i != NONE && s->rows.v[i].state == ROW_ACKED)
		i = s->rows.v[i].next;
	return i;
}

/* Does r stand before the row that is sent next? Both are near each other; numbers do not tell
 * while some of them are being renewed. */
static bool
is_passed(const struct sync *s, const struct conv *c, const struct row *r)
{
	uint32_t from_row = row_index(s, r), from_send = c->send;

	while (from_row != NONE && from_send != NONE) {
		from_row = s->rows.v[from_row].next;
		from_send = s->rows.v[from_send].next;
		if (from_row == c->send || from_send == row_index(s, r))
			return from_row == c->send;
	}
	return from_send == NONE;
}

static void
send_again(struct sync *s, struct conv *c, struct row *r)
{
	r->state = ROW_READY;
	if (is_passed(s, c, r))
		c->send = row_index(s, r);
	pump_activate(s, c);
}

/* The log forked since the answer came: it tells of no place in this one. Asked again, the server
 * says where the record is now. */
void
pump_ask_again(struct sync *s, struct conv *c, struct row *r)
{
	s->n_acked--;
	send_again(s, c, r);
}

/* How often each was tried is for people to see; nothing depends on it. */
void
pump_end(struct sync *s)
{
	s->flying = s->flying_bytes = s->n_acked = 0;
	s->send_at = 0;
	for (size_t i = 0; i < s->convs.n; i++) {
		struct conv *c = &s->convs.v[i];

		c->flying = 0;
		c->expect = 0;
		c->orders = 0;
		c->wait_until = 0;
		for (uint32_t k = c->first; k != NONE; k = s->rows.v[k].next) {
			struct row *r = &s->rows.v[k];

			if (r->state != ROW_FLYING && r->state != ROW_ACKED)
				continue;
			if (r->state == ROW_FLYING)
				outbox_put_tries(s, r);
			r->state = ROW_READY;
			r->is_unknown = true;
			r->ack_seq = 0;
		}
		c->send = c->first;
		pump_activate(s, c);
	}
}

void
pump_ack(struct sync *s, const struct sync_input *in)
{
	struct row *r = row_find(s, in->ack.cid);
	struct sync_effect *e;
	struct conv *c;

	s->progress_at = s->now;
	if (r == NULL || (r->state != ROW_FLYING && r->state != ROW_READY))
		return;
	c = &s->convs.v[r->conv];
	unfly(s, c, r);
	if (c->send == row_index(s, r))
		c->send = r->next;
	r->state = ROW_ACKED;
	s->n_acked++;
	r->is_unknown = false;
	c->orders = 0;
	e = sync_fx(s, FX_ACKED);
	e->acked.conv = c->id;
	e->acked.cid = in->ack.cid;
	e->acked.id = in->ack.id;
	e->acked.seq = in->ack.seq;
	e->acked.dup = in->ack.dup;
	e->acked.ms = s->now - r->sent_at;
	if (PLANTED(s, BUG_GONE_AT_ACK)) {
		outbox_remove(s, r, OUTBOX_ACKED);
		return;
	}
	if (strcmp(in->ack.epoch, c->epoch) != 0 || in->ack.seq <= 0 || in->ack.seq >= SEQ_MAX)
		return;
	r->ack_seq = in->ack.seq;
	r->ack_prev = in->ack.prev >= 0 && in->ack.prev < in->ack.seq ? in->ack.prev
		: in->ack.seq - 1;
	outbox_check_acked(s, c, r);
}

static void
refused(struct sync *s, struct conv *c, struct row *r, const struct sync_input *in)
{
	bool has_expired = in->nack.code == CODE_EXPIRED;

	if (has_expired && r->is_drop) {
		outbox_remove(s, r, OUTBOX_DROPPED);
		return;
	}
	unfly(s, c, r);
	row_unlink(s, r);
	r->state = has_expired ? ROW_EXPIRED : ROW_REFUSED;
	outbox_put_state(s, r, has_expired ? OUTBOX_EXPIRED : OUTBOX_REFUSED, in->nack.code,
			in->nack.message);
}

static int64_t
pause_ms(int64_t tries)
{
	return (int64_t)1000 << (tries < 6 ? tries : 6);
}

/* What the server expects counts when it is said to the first row that is open. Said to a later one
 * it is old: what the earlier ones are answered changes it. */
static void
out_of_order(struct sync *s, struct conv *c, const struct row *r, int64_t expect)
{
	if (first_open(s, c) == row_index(s, r) && expect > 0)
		c->expect = expect;
	else if (c->expect == 0)
		c->expect = EXPECT_OURS;
}

static void
put_off(struct sync *s, struct conv *c, struct row *r, const struct sync_input *in)
{
	struct sync_effect *e;
	int64_t after = in->nack.after >= 0 ? in->nack.after : pause_ms(r->tries - 1);

	if (after > BACKOFF_MAX)
		after = BACKOFF_MAX;
	unfly(s, c, r);
	send_again(s, c, r);
	if (in->nack.code == CODE_ORDER) {
		out_of_order(s, c, r, in->nack.expect);
		return;
	}
	if (in->nack.code == CODE_RATE)
		s->send_at = s->now + after;
	else
		c->wait_until = s->now + after;
	outbox_put_state(s, r, OUTBOX_SENT, in->nack.code, in->nack.message);
	e = sync_fx(s, FX_WAITING);
	e->waiting.conv = c->id;
	e->waiting.cid = r->cid;
	e->waiting.message = in->nack.message;
	e->waiting.code = in->nack.code;
	e->waiting.after = after;
	e->waiting.expect = in->nack.expect;
}

void
pump_nack(struct sync *s, const struct sync_input *in)
{
	struct row *r = row_find(s, in->nack.cid);
	struct conv *c;

	s->progress_at = s->now;
	if (r == NULL || r->state != ROW_FLYING)
		return;
	c = &s->convs.v[r->conv];
	if (in->nack.code == CODE_LANE) {
		/* the server knows later lanes of this device than we: we were restored */
		conn_new_device(s);
		conn_break(s, 1000, _("renewing the device name"), 0);
	} else if (in->nack.retry || in->nack.code == CODE_ORDER
			|| PLANTED(s, BUG_POISON_BLOCKS)) {
		put_off(s, c, r, in);
	} else {
		refused(s, c, r, in);
	}
}

void
pump_unknown(struct sync *s, const struct sync_input *in)
{
	struct row *r = row_find(s, in->unknown.cid);

	if (r == NULL || r->state != ROW_FLYING)
		return;
	unfly(s, &s->convs.v[r->conv], r);
	r->is_unknown = true;
	send_again(s, &s->convs.v[r->conv], r);
}

/* All that flew is answered, some of it out of order. The server's number wins when it is lower
 * than ours: it lost some of what it had. */
static void
renumber(struct sync *s, struct conv *c)
{
	uint32_t i = first_open(s, c);
	int64_t expect = c->expect;

	c->expect = 0;
	c->send = i;
	if (i == NONE)
		return;
	if (expect >= 1 && expect < s->rows.v[i].lane)
		outbox_relane(s, c, &s->rows.v[i], expect);
	if (++c->orders > ORDERS_FREE)
		c->wait_until = s->now + pause_ms(c->orders - ORDERS_FREE);
}

/* Declares the rows from i on as being sent, before they are. */
static void
declare(struct sync *s, uint32_t i, size_t *quota)
{
	for (; i != NONE && *quota > 0; i = s->rows.v[i].next) {
		struct row *r = &s->rows.v[i];

		if (r->state != ROW_QUEUED || s->stored < r->token)
			break;
		r->state = ROW_READY;
		r->token = s->token;
		s->n_queued--;
		outbox_put_state(s, r, OUTBOX_SENT, CODE_NONE, "");
		--*quota;
	}
}

static int64_t
ttl_left(const struct sync *s, const struct row *r)
{
	int64_t left;

	if (r->is_drop)
		return 0;
	if (r->ttl_ms <= 0)
		return -1;
	left = r->created_ms + r->ttl_ms - s->wall;
	return left > 0 ? left : 0;
}

static void
transmit(struct sync *s, struct conv *c, struct row *r)
{
	struct sync_effect *e = sync_fx(s, FX_SEND);

	if (s->flying == 0 && s->fetching == 0 && s->unready == 0)
		s->progress_at = s->now;
	r->state = ROW_FLYING;
	r->sent_at = s->now;
	r->tries++;
	c->flying++;
	s->flying++;
	s->flying_bytes += r->body_n;
	e->send.tag = s->next_tag++;
	e->send.conv = c->id;
	e->send.cid = r->cid;
	e->send.lane = r->lane;
	e->send.ttl = ttl_left(s, r);
}

static bool
may_send(struct sync *s, struct conv *c)
{
	if (c->expect != 0 && c->flying == 0)
		renumber(s, c);
	if (!conv_is_ready(c) || c->expect != 0 || s->stored < c->token)
		return false;
	if (s->now < c->wait_until) {
		sync_want(s, c->wait_until);
		return false;
	}
	return true;
}

static bool
is_window_open(const struct sync *s)
{
	return (int64_t)(s->flying + s->fetching) < s->limits.inflight
		&& s->flying_bytes < FLYING_BYTES;
}

static void
pump_conv(struct sync *s, struct conv *c, size_t *quota)
{
	if (!may_send(s, c))
		return;
	while (c->send != NONE && is_window_open(s)) {
		struct row *r = &s->rows.v[c->send];

		if (r->state == ROW_QUEUED)
			declare(s, c->send, quota);
		if (r->state == ROW_ACKED) {
			c->send = r->next;
			continue;
		}
		if (r->state != ROW_READY
				|| (s->stored < r->token && !PLANTED(s, BUG_SEND_EARLY)))
			return;
		/* it may have arrived: without the server's word only the log tells */
		if (r->is_unknown && !(s->caps & SYNC_IDEMPOTENT) && c->state != CONV_LIVE)
			return;
		c->send = r->next;
		transmit(s, c, r);
	}
}

void
pump_tick(struct sync *s)
{
	size_t n = s->active.n, kept = 0, quota = MARK_AHEAD;

	if (!sync_is_up(s) || !s->has_heads || n == 0)
		return;
	if (s->now < s->send_at) {
		sync_want(s, s->send_at);
		return;
	}
	s->turn++;
	for (size_t k = 0; k < n; k++)
		pump_conv(s, &s->convs.v[s->active.v[(s->turn + k) % n]], &quota);
	for (size_t i = 0; i < n; i++) {
		struct conv *c = &s->convs.v[s->active.v[i]];

		if (c->send != NONE || c->expect != 0)
			s->active.v[kept++] = s->active.v[i];
		else
			c->is_active = false;
	}
	s->active.n = kept;
}
