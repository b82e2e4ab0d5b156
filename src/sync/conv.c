/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conversations: found by id and name, their heads, read marks and drafts. */
#include <string.h>

#include "base/mem.h"
#include "sync/core.h"

#define SUSPECT_MS 2000		/* a head we lack may still be on its way */

static bool
is_settled(enum conv_state state)
{
	return state == CONV_LIVE || state == CONV_CLOSED;
}

void
conv_set(struct sync *s, struct conv *c, enum conv_state state)
{
	if (is_settled(c->state) && !is_settled(state))
		s->unready++;
	else if (!is_settled(c->state) && is_settled(state))
		s->unready--;
	c->state = state;
}

bool
conv_is_ready(const struct conv *c)
{
	return c->state == CONV_TAILING || is_settled(c->state);
}

uint32_t
conv_index(const struct sync *s, const struct conv *c)
{
	return (uint32_t)(c - s->convs.v);
}

struct conv *
conv_find(struct sync *s, const char *id)
{
	for (uint32_t i = s->by_id[sync_hash(id) & s->mask]; i != NONE; i = s->convs.v[i].chain)
		if (strcmp(s->convs.v[i].id, id) == 0)
			return &s->convs.v[i];
	return NULL;
}

const struct conv *
conv_named(const struct sync *s, const char *name)
{
	const struct conv *closed = NULL;

	for (uint32_t i = s->by_name[sync_hash(name) & s->mask]; i != NONE;
			i = s->convs.v[i].name_chain) {
		const struct conv *c = &s->convs.v[i];

		if (strcmp(c->name, name) != 0)
			continue;
		if (c->state != CONV_CLOSED)
			return c;
		closed = c;
	}
	return closed;
}

static void
name_link(struct sync *s, struct conv *c)
{
	uint32_t *slot = &s->by_name[sync_hash(c->name) & s->mask];

	c->name_chain = *slot;
	*slot = conv_index(s, c);
}

void
conv_rename(struct sync *s, struct conv *c, const char *name)
{
	uint32_t *at = &s->by_name[sync_hash(c->name) & s->mask];

	if (strcmp(c->name, name) == 0)
		return;
	while (*at != conv_index(s, c))
		at = &s->convs.v[*at].name_chain;
	*at = c->name_chain;
	str_copy(c->name, sizeof c->name, name);
	name_link(s, c);
}

struct conv *
conv_new(struct sync *s, const char *id, const char *name, enum conv_kind kind)
{
	struct conv *c;
	uint32_t *slot;

	if (s->convs.n == SYNC_CONVS_MAX || id[0] == '\0' || strlen(id) > CONV_ID_MAX)
		return NULL;
	c = &s->convs.v[s->convs.n];
	memset(c, 0, sizeof *c);
	str_copy(c->id, sizeof c->id, id);
	str_copy(c->name, sizeof c->name, name);
	c->kind = kind;
	c->first = c->last = c->send = NONE;
	c->lane_next = 1;
	slot = &s->by_id[sync_hash(id) & s->mask];
	c->chain = *slot;
	*slot = (uint32_t)s->convs.n++;
	name_link(s, c);
	s->unready++;
	return c;
}

/* The mirror learns what the head says, as far as it belongs to the log that it holds. */
static void
put_head(struct sync *s, const struct head *h, bool is_same_log)
{
	struct batch *b = s->gather;
	struct change *ch = sync_change(s, CHANGE_HEAD, h->conv);

	ch->head = *h;
	ch->head.conv = ch->conv;
	ch->head.name = batch_str(b, h->name);
	ch->head.topic = batch_str(b, h->topic);
	ch->head.epoch = batch_str(b, is_same_log ? h->epoch : "");
	ch->head.id = batch_str(b, is_same_log ? h->id : "");
	if (!is_same_log)
		ch->head.seq = ch->head.unread = ch->head.mentions = -1;
}

static bool
head_is_sane(const struct head *h)
{
	return strlen(h->epoch) <= EPOCH_MAX && h->seq >= 0 && h->seq < SEQ_MAX && h->floor >= 0
		&& h->floor <= h->seq && h->read >= 0;
}

void
conv_head(struct sync *s, const struct head *h)
{
	struct conv *c = conv_find(s, h->conv);
	bool is_same_log;

	if (!head_is_sane(h))
		return;
	if (c == NULL)
		c = conv_new(s, h->conv, h->name, h->kind);
	if (c == NULL)
		return;
	conv_rename(s, c, h->name);
	c->kind = h->kind;
	if (c->epoch[0] == '\0')
		str_copy(c->epoch, sizeof c->epoch, h->epoch);
	is_same_log = strcmp(c->epoch, h->epoch) == 0;
	put_head(s, h, is_same_log);
	if (c->state == CONV_CLOSED) {
		sync_change(s, CHANGE_CLOSED, c->id)->closed.closed = false;
		conv_set(s, c, CONV_COLD);
	}
	if (is_same_log) {
		if (h->seq > c->head)
			c->head = h->seq;
		if (h->floor > c->floor)
			c->floor = h->floor;
		if (h->read > c->read)
			c->read = h->read;
		else if (h->read < c->read)
			conv_push_mark(s, c);
	}
	if (s->has_heads && c->state == CONV_COLD)
		tail_queue(s, c);	/* it became known while we were connected */
}

void
conv_close(struct sync *s, struct conv *c)
{
	if (c->state == CONV_CLOSED || c->state == CONV_REBASING)
		return;
	sync_change(s, CHANGE_CLOSED, c->id)->closed.closed = true;
	conv_set(s, c, CONV_CLOSED);
	pump_activate(s, c);	/* its rows are for the server to refuse */
}

void
conv_joined(struct sync *s, const struct sync_input *in)
{
	struct conv *c = conv_find(s, in->joined.conv);
	struct head h = { .conv = in->joined.conv, .name = in->joined.name,
		.topic = in->joined.topic,
		.epoch = "", .id = "", .kind = in->joined.kind };

	if (c == NULL) {
		c = conv_new(s, h.conv, h.name, h.kind);
		if (c == NULL)
			return;
		put_head(s, &h, false);
	}
	if (c->state == CONV_CLOSED) {
		sync_change(s, CHANGE_CLOSED, c->id)->closed.closed = false;
		conv_set(s, c, CONV_COLD);
	}
	if (s->has_heads && c->state == CONV_COLD)
		tail_queue(s, c);
}

/* After a reset of the connection, or a newer mark: told when it is stored. */
void
conv_push_mark(struct sync *s, struct conv *c)
{
	if (c->has_mark)
		return;
	c->has_mark = true;
	s->marks.v[s->marks.n++] = conv_index(s, c);
}

bool
conv_read(struct sync *s, struct conv *c, int64_t seq, bool is_own)
{
	/* What another device read, this one may not have heard of yet. */
	if (is_own && seq > c->head)
		seq = c->head;
	if (seq <= c->read)
		return false;
	c->read = seq;
	sync_change(s, CHANGE_READ, c->id)->read.seq = seq;
	if (is_own) {
		s->gather->is_own = true;
		conv_push_mark(s, c);
	}
	return true;
}

void
conv_mark(struct sync *s, const struct sync_input *in)
{
	struct conv *c = conv_find(s, in->mark.conv);

	if (c != NULL)
		conv_read(s, c, in->mark.seq, true);
}

void
conv_draft(struct sync *s, const struct sync_input *in)
{
	struct change *ch = sync_change(s, CHANGE_DRAFT, in->draft.conv);

	ch->draft.text = batch_str(s->gather, in->draft.draft.text);
	ch->draft.reply = batch_str(s->gather, in->draft.draft.reply);
	ch->draft.edit = batch_str(s->gather, in->draft.draft.edit);
	ch->draft.cursor = in->draft.draft.cursor;
	s->gather->is_own = true;
}

/* A head beyond what came: either still on its way, or the last event of the log was lost. */
void
conv_pong_head(struct sync *s, const struct sync_pong_head *h)
{
	struct conv *c = conv_find(s, h->conv);

	if (c->state != CONV_LIVE && c->state != CONV_TAILING)
		return;
	if (strcmp(h->epoch, c->epoch) != 0) {
		conv_set(s, c, CONV_COLD);
		tail_queue(s, c);
		return;
	}
	if (h->seq <= ranges_top(&c->held) || h->seq <= c->floor || h->seq >= SEQ_MAX)
		return;
	if (c->suspect == 0) {
		c->suspect_at = s->now + SUSPECT_MS;
		s->suspects++;
	}
	c->suspect = h->seq;
}

static void
conv_export(const struct conv *c, struct sync_conv *out)
{
	*out = (struct sync_conv){ .conv = c->id, .name = c->name, .epoch = c->epoch,
		.kind = c->kind, .head = c->head, .floor = c->floor, .read = c->read,
		.closed = c->state == CONV_CLOSED, .ready = is_settled(c->state) };
}

bool
sync_find(const struct sync *s, const char *target, struct sync_conv *out)
{
	const struct conv *c;

	if (s->by_id == NULL)
		return false;
	if (target[0] == '#' || target[0] == '@')
		c = conv_named(s, target);
	else
		c = conv_find((struct sync *)s, target);
	if (c == NULL)
		return false;
	conv_export(c, out);
	return true;
}

bool
sync_conv_at(const struct sync *s, size_t i, struct sync_conv *out)
{
	if (i >= s->convs.n)
		return false;
	conv_export(&s->convs.v[i], out);
	return true;
}
