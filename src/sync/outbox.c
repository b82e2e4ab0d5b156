/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outbox: rows in lane order by conversation, from the person's wish to the record that takes
 * their place. */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "sync/core.h"

uint32_t
row_index(const struct sync *s, const struct row *r)
{
	return (uint32_t)(r - s->rows.v);
}

struct row *
row_find(const struct sync *s, const char *cid)
{
	if (s->by_cid == NULL)
		return NULL;
	for (uint32_t i = s->by_cid[sync_hash(cid) & s->row_mask]; i != NONE;
			i = s->rows.v[i].chain)
		if (strcmp(s->rows.v[i].cid, cid) == 0)
			return &s->rows.v[i];
	return NULL;
}

struct row *
row_new(struct sync *s, const char *cid, struct conv *c)
{
	struct row *r;
	uint32_t *slot;

	if (s->free_row != NONE) {
		r = &s->rows.v[s->free_row];
		s->free_row = r->chain;
	} else {
		assert(s->rows.n < s->rows.cap);
		r = &s->rows.v[s->rows.n++];
	}
	memset(r, 0, sizeof *r);
	str_copy(r->cid, sizeof r->cid, cid);
	r->conv = conv_index(s, c);
	r->prev = r->next = NONE;
	slot = &s->by_cid[sync_hash(cid) & s->row_mask];
	r->chain = *slot;
	*slot = row_index(s, r);
	s->n_rows++;
	return r;
}

void
row_free(struct sync *s, struct row *r)
{
	uint32_t *at = &s->by_cid[sync_hash(r->cid) & s->row_mask];

	while (*at != row_index(s, r))
		at = &s->rows.v[*at].chain;
	*at = r->chain;
	r->cid[0] = '\0';
	r->chain = s->free_row;
	s->free_row = row_index(s, r);
	s->n_rows--;
}

void
row_append(struct sync *s, struct conv *c, struct row *r)
{
	row_insert(s, c, r, NONE);
}

void
row_insert(struct sync *s, struct conv *c, struct row *r, uint32_t before)
{
	uint32_t i = row_index(s, r);

	r->next = before;
	r->prev = before != NONE ? s->rows.v[before].prev : c->last;
	*(r->prev != NONE ? &s->rows.v[r->prev].next : &c->first) = i;
	*(r->next != NONE ? &s->rows.v[r->next].prev : &c->last) = i;
	if (c->send == before)
		c->send = i;
	s->n_waiting++;
	pump_activate(s, c);
}

void
row_unlink(struct sync *s, struct row *r)
{
	struct conv *c = &s->convs.v[r->conv];

	if (c->send == row_index(s, r))
		c->send = r->next;
	*(r->prev != NONE ? &s->rows.v[r->prev].next : &c->first) = r->next;
	*(r->next != NONE ? &s->rows.v[r->next].prev : &c->last) = r->prev;
	r->prev = r->next = NONE;
	s->n_waiting--;
}

static void
put_row(struct sync *s, struct conv *c, struct row *r, const struct sync_input *in)
{
	struct batch *b = s->gather;
	struct change *ch = sync_change(s, CHANGE_OUT_ADD, c->id);

	ch->out_add.cid = batch_str(b, in->send.cid);
	ch->out_add.ref = batch_str(b, in->send.ref);
	ch->out_add.body = batch_strn(b, in->send.body, in->send.body_n);
	ch->out_add.body_n = in->send.body_n;
	ch->out_add.kind = in->send.kind;
	ch->out_add.state = r->state == ROW_READY ? OUTBOX_SENT : OUTBOX_QUEUED;
	ch->out_add.lane = r->lane;
	ch->out_add.ttl_ms = r->ttl_ms;
	ch->out_add.created_ms = r->created_ms;
	b->is_own |= !PLANTED(s, BUG_NOT_SYNCED);
}

/* A new row at the end. While connected it is declared as sent at once, which spares a second
 * commit before it goes out. */
void
outbox_send(struct sync *s, const struct sync_input *in)
{
	struct conv *c = conv_find(s, in->send.conv);
	struct row *r;

	if (c == NULL || s->n_rows >= SYNC_OUTBOX_MAX || row_find(s, in->send.cid) != NULL)
		return;
	r = row_new(s, in->send.cid, c);
	r->state = sync_is_up(s) ? ROW_READY : ROW_QUEUED;
	s->n_queued += r->state == ROW_QUEUED;
	r->lane = c->lane_next++;
	r->ttl_ms = in->send.ttl_ms;
	r->created_ms = s->wall;
	r->body_n = in->send.body_n;
	r->token = s->token;
	row_append(s, c, r);
	put_row(s, c, r, in);
}

void
outbox_put_state(struct sync *s, const struct row *r, enum outbox_state state, enum code code,
		const char *error)
{
	struct change *ch = sync_change(s, CHANGE_OUT_STATE, s->convs.v[r->conv].id);

	ch->out_state.cid = batch_str(s->gather, r->cid);
	ch->out_state.state = state;
	ch->out_state.code = batch_str(s->gather, code_name(code));
	ch->out_state.error = batch_str(s->gather, error);
	ch->out_state.tries = r->tries;
	ch->out_state.ttl_ms = r->is_drop ? 0 : -1;
	s->gather->is_own = true;
}

void
outbox_put_tries(struct sync *s, const struct row *r)
{
	bool is_own = s->gather->is_own;

	outbox_put_state(s, r, OUTBOX_SENT, CODE_NONE, "");
	s->gather->is_own = is_own;
}

static void
remove_row(struct sync *s, struct row *r, int64_t seq, const char *id, enum outbox_state why)
{
	struct conv *c = &s->convs.v[r->conv];
	struct change *ch = sync_change(s, CHANGE_OUT_REMOVE, c->id);

	ch->out_remove.cid = batch_str(s->gather, r->cid);
	ch->out_remove.id = batch_str(s->gather, id);
	ch->out_remove.seq = seq;
	ch->out_remove.why = why;
	/* lost with the power, a settled row is sent again and answered `dup` */
	s->gather->is_own |= why != OUTBOX_ACKED;
	if (r->state == ROW_FLYING) {
		c->flying--;
		s->flying--;
		s->flying_bytes -= r->body_n;
	}
	s->n_queued -= r->state == ROW_QUEUED;
	s->n_acked -= r->state == ROW_ACKED;
	if (r->state != ROW_REFUSED && r->state != ROW_EXPIRED)
		row_unlink(s, r);
	row_free(s, r);
}

void
outbox_remove(struct sync *s, struct row *r, enum outbox_state why)
{
	remove_row(s, r, r->ack_seq, "", why);
}

void
outbox_settle(struct sync *s, const char *cid, int64_t seq, const char *id)
{
	struct row *r = row_find(s, cid);

	if (r != NULL)
		remove_row(s, r, seq, id, OUTBOX_ACKED);
}

void
outbox_relane(struct sync *s, struct conv *c, struct row *r, int64_t lane)
{
	struct change *ch;
	int64_t by = lane - r->lane;

	if (by == 0)
		return;
	ch = sync_change(s, CHANGE_LANE_SHIFT, c->id);
	ch->shift.from = r->lane;
	ch->shift.by = by;
	s->gather->is_own = true;
	for (uint32_t i = row_index(s, r); i != NONE; i = s->rows.v[i].next)
		s->rows.v[i].lane += by;
	c->lane_next += by;
	c->token = s->token;
}

void
outbox_reset_lanes(struct sync *s)
{
	sync_change(s, CHANGE_LANE_RESET, "");
	s->gather->is_own = true;
	for (size_t i = 0; i < s->convs.n; i++) {
		struct conv *c = &s->convs.v[i];
		int64_t lane = 1;

		for (uint32_t k = c->first; k != NONE; k = s->rows.v[k].next)
			s->rows.v[k].lane = lane++;
		c->lane_next = lane;
		c->expect = 0;
		c->token = s->token;
	}
}

/* A row that was never sent simply goes, and those behind it move up. One that may have reached
 * the server is withdrawn by sending it with ttl 0. */
void
outbox_drop(struct sync *s, const struct sync_input *in)
{
	struct row *r = row_find(s, in->drop.cid);
	struct conv *c;
	uint32_t next;
	int64_t lane;

	if (r == NULL || r->state == ROW_ACKED)
		return;
	c = &s->convs.v[r->conv];
	if (r->state == ROW_REFUSED || r->state == ROW_EXPIRED) {
		remove_row(s, r, 0, "", OUTBOX_DROPPED);
		return;
	}
	if (r->state != ROW_QUEUED) {
		r->is_drop = true;
		outbox_put_state(s, r, OUTBOX_SENT, CODE_NONE, "");
		return;
	}
	next = r->next;
	lane = r->lane;
	remove_row(s, r, 0, "", OUTBOX_DROPPED);
	if (next != NONE)
		outbox_relane(s, c, &s->rows.v[next], lane);
	else
		outbox_trim_lane(s, c, lane);
}

/* The numbers from lane on are free again. */
void
outbox_trim_lane(struct sync *s, struct conv *c, int64_t lane)
{
	struct change *ch = sync_change(s, CHANGE_LANE_SHIFT, c->id);

	ch->shift.from = lane + 1;
	ch->shift.by = lane - c->lane_next;
	c->lane_next = lane;
}

/* What waits is tried at once; what was refused goes out anew under a new cid. */
void
outbox_retry(struct sync *s, const struct sync_input *in)
{
	struct row *r = row_find(s, in->retry.cid);
	struct sync_input again = *in;
	struct conv *c;

	if (r == NULL)
		return;
	c = &s->convs.v[r->conv];
	if (r->state != ROW_REFUSED && r->state != ROW_EXPIRED) {
		s->send_at = 0;
		c->wait_until = 0;
		return;
	}
	remove_row(s, r, 0, "", OUTBOX_DROPPED);
	again.type = IN_SEND;
	again.send.conv = c->id;
	again.send.cid = in->retry.new_cid;
	again.send.ref = in->retry.ref;
	again.send.body = in->retry.body;
	again.send.body_n = in->retry.body_n;
	again.send.kind = in->retry.kind;
	again.send.ttl_ms = 0;
	outbox_send(s, &again);
}

void
outbox_look_for_acked(struct sync *s, struct conv *c)
{
	for (uint32_t i = c->first, next; i != NONE && s->rows.v[i].state == ROW_ACKED; i = next) {
		next = s->rows.v[i].next;
		if (s->rows.v[i].ack_seq == 0)
			pump_ask_again(s, c, &s->rows.v[i]);
		else
			outbox_check_acked(s, c, &s->rows.v[i]);
	}
}

/* A row leaves with its record, so where that is held already, the mirror has another one in its
 * place. An acknowledged row whose record is trimmed leaves; one whose record lies in a hole has it
 * fetched. */
void
outbox_check_acked(struct sync *s, struct conv *c, struct row *r)
{
	if (c->state != CONV_LIVE)
		return;
	if (r->ack_seq > c->floor && ranges_cover(&c->held, r->ack_seq - 1, r->ack_seq))
		tail_forked(s, c, r->ack_seq);
	else if (r->ack_seq <= c->floor)
		remove_row(s, r, r->ack_seq, "", OUTBOX_ACKED);
	else if (r->ack_seq <= ranges_top(&c->held) || r->ack_seq <= tail_low(c))
		fetch_own(s, c, r->ack_prev, r->ack_seq);
}

static enum outbox_state
outbox_state_of(const struct row *r)
{
	switch (r->state) {
	case ROW_QUEUED:
		return OUTBOX_QUEUED;
	case ROW_READY:
		return r->is_unknown ? OUTBOX_UNKNOWN : OUTBOX_QUEUED;
	case ROW_FLYING:
		return OUTBOX_SENT;
	case ROW_ACKED:
		return OUTBOX_ACKED;
	case ROW_REFUSED:
		return OUTBOX_REFUSED;
	default:
		return OUTBOX_EXPIRED;
	}
}

bool
sync_find_row(const struct sync *s, const char *cid, struct sync_sending *out)
{
	const struct row *r = row_find(s, cid);

	if (r == NULL)
		return false;
	out->conv = s->convs.v[r->conv].id;
	out->state = outbox_state_of(r);
	out->seq = r->ack_seq;
	out->lane = r->lane;
	return true;
}

size_t
sync_outbox_rows(const struct sync *s)
{
	return s->n_rows;
}

size_t
sync_outbox_waiting(const struct sync *s)
{
	return s->n_waiting;
}
