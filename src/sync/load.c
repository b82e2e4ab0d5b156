/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the store remembers, put into the core: at the start, and of one conversation after its
 * log forked. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sync/core.h"

void
sync_load(struct sync *s, const char *user, const char *device, const char *since,
		int64_t body_limit)
{
	str_copy(s->user, sizeof s->user, user);
	str_copy(s->device, sizeof s->device, device);
	if (!str_copy(s->since, sizeof s->since, since))
		s->since[0] = '\0';
	if (body_limit > 0)
		s->limits.body = body_limit;
}

void
sync_set_local(struct sync *s, bool is_local)
{
	s->is_local = is_local;
}

static void
load_ranges(struct ranges *r, const struct span *v, size_t n)
{
	r->n = 0;
	for (size_t i = 0; i < n && ranges_reserve(r, 1); i++)
		ranges_add(r, v[i].lo, v[i].hi);
}

static void
load_log(struct conv *c, const struct saved_conv *saved)
{
	str_copy(c->epoch, sizeof c->epoch, saved->epoch);
	str_copy(c->cursor_id, sizeof c->cursor_id, saved->cursor_id);
	c->cursor = saved->cursor;
	c->head = saved->head;
	c->floor = saved->floor;
	if (saved->read > c->read)
		c->read = saved->read;	/* less: a mark was set meanwhile */
	load_ranges(&c->held, saved->held, saved->n_held);
	load_ranges(&c->ops, saved->ops, saved->n_ops);
	c->live_lo = c->cursor;
	if (c->cursor == 0)
		c->cursor_id[0] = '\0';
}

static struct row *
load_row(struct sync *s, struct conv *c, const struct saved_row *saved)
{
	struct row *r = row_new(s, saved->cid, c);

	r->lane = saved->lane;
	r->ttl_ms = saved->ttl_ms;
	r->created_ms = saved->created_ms;
	r->tries = saved->tries;
	r->body_n = saved->body_n;
	r->is_drop = saved->ttl_ms == 0;
	switch (saved->state) {
	case OUTBOX_REFUSED:
	case OUTBOX_DROPPED:
		r->state = ROW_REFUSED;
		break;
	case OUTBOX_EXPIRED:
		r->state = ROW_EXPIRED;
		break;
	case OUTBOX_QUEUED:
		r->state = ROW_QUEUED;
		s->n_queued++;
		break;
	default:
		r->state = ROW_READY;
		r->is_unknown = true;
	}
	return r;
}

static bool
has_removal(const struct batch *b, const char *cid)
{
	for (size_t i = 0; b != NULL && i < b->n; i++)
		if (b->v[i].type == CHANGE_OUT_REMOVE && strcmp(b->v[i].out_remove.cid, cid) == 0)
			return true;
	return false;
}

/* It left since the mirror was read: that it did is not stored yet. */
static bool
is_leaving(const struct sync *s, const char *cid)
{
	return has_removal(s->gather, cid) || has_removal(s->flight, cid);
}

/* Rows come in lane order; new ones take their place by it. */
static void
load_rows(struct sync *s, struct conv *c, const struct saved_row *rows, size_t n)
{
	uint32_t at = c->first;

	for (size_t i = 0; i < n; i++) {
		struct row *r = row_find(s, rows[i].cid);

		if (r != NULL) {
			if (r->conv != conv_index(s, c) || r->state == ROW_REFUSED
					|| r->state == ROW_EXPIRED)
				continue;
			r->lane = rows[i].lane;
			at = r->next;
			continue;
		}
		if (is_leaving(s, rows[i].cid))
			continue;
		r = load_row(s, c, &rows[i]);
		if (r->state != ROW_REFUSED && r->state != ROW_EXPIRED)
			row_insert(s, c, r, at);
	}
}

/* Rows that were added while the fork was being stored were numbered with a distance: they move
 * up to the others. */
static void
load_lanes(struct sync *s, struct conv *c, int64_t lane_next)
{
	uint32_t i = c->last;

	while (i != NONE && s->rows.v[i].prev != NONE
			&& s->rows.v[s->rows.v[i].prev].lane >= c->gap_from)
		i = s->rows.v[i].prev;
	if (i != NONE && s->rows.v[i].lane >= c->gap_from)
		outbox_relane(s, c, &s->rows.v[i], lane_next);
	else
		c->lane_next = lane_next;
	c->gap_from = 0;
}

void
sync_load_conv(struct sync *s, const struct saved_conv *saved)
{
	struct sync_effects none = { 0 };
	struct sync_input in = { .type = IN_LOADED, .loaded = saved };
	struct conv *c;

	sync_reserve(s, &in, &none);
	sync_effects_done(&none);
	c = conv_new(s, saved->conv, saved->name, saved->kind);
	if (c == NULL)
		return;
	load_log(c, saved);
	c->lane_next = saved->lane_next;
	load_rows(s, c, saved->rows, saved->n_rows);
	c->send = c->first;
	pump_activate(s, c);
	if (saved->closed)
		conv_set(s, c, CONV_CLOSED);
}

void
load_loaded(struct sync *s, const struct sync_input *in)
{
	const struct saved_conv *saved = in->loaded;
	struct conv *c = conv_find(s, saved->conv);

	if (c == NULL || c->state != CONV_REBASING)
		return;
	load_log(c, saved);
	load_rows(s, c, saved->rows, saved->n_rows);
	load_lanes(s, c, saved->lane_next);
	c->send = c->first;
	pump_activate(s, c);
	conv_set(s, c, CONV_COLD);
	conn_look_again(s);
	if (s->has_heads)
		tail_queue(s, c);
}
