/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subscriptions, and the records that come through them: COLD -> SUBBING -> TAILING -> LIVE, with
 * gaps, skips and forks of the log. */
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "sync/core.h"

#define SUB_MAX 200		/* newest records that a subscription brings by itself */

void
tail_queue(struct sync *s, struct conv *c)
{
	if (c->is_queued)
		return;
	c->is_queued = true;
	if (s->subq.n > s->convs.n) {		/* make room at the front */
		memmove(s->subq.v, s->subq.v + s->subq_at,
				(s->subq.n - s->subq_at) * sizeof *s->subq.v);
		s->subq.n -= s->subq_at;
		s->subq_at = 0;
	}
	s->subq.v[s->subq.n++] = conv_index(s, c);
}

/* In which round a conversation is subscribed: what is looked at, what has rows to send, what is
 * behind, the rest. */
static int
rank(const struct sync *s, const struct conv *c)
{
	if (conv_index(s, c) == s->look)
		return 0;
	if (c->first != NONE)
		return 1;
	return c->head > c->cursor ? 2 : 3;
}

void
tail_start(struct sync *s)
{
	s->subq.n = s->subq_at = 0;
	for (size_t i = 0; i < s->convs.n; i++)
		s->convs.v[i].is_queued = false;
	for (int round = 0; round < 4; round++)
		for (size_t i = 0; i < s->convs.n; i++) {
			struct conv *c = &s->convs.v[i];

			if (c->state == CONV_COLD && rank(s, c) == round)
				tail_queue(s, c);
		}
}

void
tail_end(struct sync *s)
{
	s->subq.n = s->subq_at = 0;
	s->subs_flying = 0;
	s->suspects = 0;
	s->has_heads = false;
	for (size_t i = 0; i < s->convs.n; i++) {
		struct conv *c = &s->convs.v[i];

		c->is_queued = false;
		c->suspect = 0;
		if (c->state != CONV_CLOSED && c->state != CONV_REBASING)
			conv_set(s, c, CONV_COLD);
	}
}

void
tail_floor(struct sync *s, struct conv *c, int64_t floor)
{
	struct change *ch;

	if (floor <= c->floor || floor >= SEQ_MAX)
		return;
	c->floor = floor;
	/* no record need come for it to be known to whoever reads the mirror */
	ch = sync_change(s, CHANGE_RECORDS, c->id);
	ch->records.epoch = batch_str(s->gather, c->epoch);
	ch->records.floor = floor;
}

void
tail_check(struct sync *s, struct conv *c)
{
	if (c->state != CONV_TAILING || !ranges_cover(&c->held, tail_low(c), c->target))
		return;
	conv_set(s, c, CONV_LIVE);
	fetch_ops(s, c);
	outbox_look_for_acked(s, c);
	pump_activate(s, c);
}

static void
rebase(struct sync *s, struct conv *c, const char *epoch, int64_t keep, int64_t floor)
{
	struct change *ch = sync_change(s, CHANGE_REBASE, c->id);

	if (keep > ranges_top(&c->held))
		keep = ranges_top(&c->held);
	ch->rebase.epoch = batch_str(s->gather, epoch);
	ch->rebase.keep = keep;
	ch->rebase.floor = floor;
	ch->rebase.since_ms = PLANTED(s, BUG_OWN_LOST_AT_FORK) ? INT64_MAX
		: s->wall - REOFFER_MS;
	ch->rebase.at_end = c->flying > 0;
	c->lane_next += LANE_GAP;
	c->gap_from = c->lane_next;
	s->gather->is_own = true;
	ranges_cut(&c->held, keep);
	ranges_cut(&c->ops, 0);	/* what a page folded in may lie below keep, in a hole */
	if (c->head > keep)
		c->head = keep;
	if (c->read > keep)
		c->read = keep;		/* what is marked meanwhile is of what stays */
	conv_set(s, c, CONV_REBASING);
}

static void
subbed_reset(struct sync *s, struct conv *c, const struct sync_subbed *sub)
{
	if (sub->keep < 0) {
		/* a new epoch while live: ask with the old one and marks */
		conv_set(s, c, CONV_COLD);
		tail_queue(s, c);
		return;
	}
	rebase(s, c, sub->epoch, PLANTED(s, BUG_FORK_KEPT) ? SEQ_MAX : sub->keep, sub->floor);
}

static void
subbed_tail(struct sync *s, struct conv *c, const struct sync_subbed *sub)
{
	struct span hole;

	if (c->state != CONV_SUBBING)
		return;
	if (c->epoch[0] != '\0' && strcmp(c->epoch, sub->epoch) != 0) {
		/* asked from nothing, so any epoch would do: what is held is of another log */
		rebase(s, c, sub->epoch, 0, sub->floor);
		return;
	}
	if (c->epoch[0] == '\0') {
		struct change *ch = sync_change(s, CHANGE_HEAD, c->id);

		str_copy(c->epoch, sizeof c->epoch, sub->epoch);
		ch->head = (struct head){ .conv = ch->conv,
			.name = batch_str(s->gather, c->name), .topic = NULL, .id = "",
			.epoch = batch_str(s->gather, c->epoch), .kind = c->kind,
			.seq = sub->seq, .floor = sub->floor, .unread = -1, .mentions = -1 };
	}
	tail_floor(s, c, sub->floor);
	if (sub->seq > c->head)
		c->head = sub->seq;
	c->target = sub->seq;
	if (sub->mode == SUBBED_SKIP)
		c->live_lo = sub->from;
	conv_set(s, c, CONV_TAILING);
	pump_activate(s, c);
	if (ranges_hole(&c->held, tail_low(c), c->cursor, false, &hole))
		fetch_own(s, c, hole.lo, hole.hi);	/* a gap of the connection before */
	tail_check(s, c);
}

static bool
subbed_is_sane(const struct sync_subbed *sub)
{
	return strlen(sub->epoch) <= EPOCH_MAX && sub->seq >= 0 && sub->seq < SEQ_MAX
		&& sub->floor >= 0 && sub->floor < SEQ_MAX && sub->from >= 0
		&& sub->from < SEQ_MAX && sub->keep < SEQ_MAX;
}

void
tail_subbed(struct sync *s, const struct sync_input *in)
{
	s->progress_at = s->now;
	if (in->subbed.re >= 0 && s->subs_flying > 0)
		s->subs_flying--;
	for (size_t i = 0; i < in->subbed.n; i++) {
		const struct sync_subbed *sub = &in->subbed.subs[i];
		struct conv *c = conv_find(s, sub->conv);

		if (c == NULL || c->state == CONV_REBASING || !subbed_is_sane(sub))
			continue;
		switch (sub->mode) {
		case SUBBED_TAIL:
		case SUBBED_SKIP:
			subbed_tail(s, c, sub);
			break;
		case SUBBED_RESET:
			subbed_reset(s, c, sub);
			break;
		default:	/* SUBBED_GONE */
			conv_close(s, c);
			break;
		}
	}
}

static bool
records_in_order(const struct record *v, size_t n, int64_t lo, int64_t hi)
{
	int64_t last = lo;

	for (size_t i = 0; i < n; i++) {
		size_t id_n = strlen(v[i].id);

		if (v[i].seq <= last || v[i].seq > hi || id_n == 0 || id_n > POSITION_MAX)
			return false;
		last = v[i].seq;
	}
	return true;
}

bool
tail_take(struct sync *s, struct conv *c, const struct change *how)
{
	const struct record *v = how->records.v;
	size_t n = how->records.n;
	struct change *ch;

	if (!records_in_order(v, n, how->records.lo, how->records.hi))
		return false;
	ch = sync_change(s, CHANGE_RECORDS, c->id);
	ch->records = how->records;
	ch->records.epoch = batch_str(s->gather, c->epoch);
	ch->records.floor = c->floor;
	ch->records.v = batch_records(s->gather, v, n);
	for (size_t i = 0; i < n; i++) {
		if (v[i].cid[0] != '\0' && strcmp(v[i].from, s->user) == 0)
			outbox_settle(s, v[i].cid, v[i].seq, v[i].id);
		if (c->kind == CONV_USER)
			own_record(s, &v[i], how->records.live);
	}
	return true;
}

int64_t
tail_low(const struct conv *c)
{
	return c->live_lo > c->floor ? c->live_lo : c->floor;
}

void
tail_advance(struct conv *c, const struct record *last)
{
	if (last->seq > c->head)
		c->head = last->seq;
	if (last->seq > c->cursor) {
		c->cursor = last->seq;
		str_copy(c->cursor_id, sizeof c->cursor_id, last->id);
	}
}

void
tail_events(struct sync *s, const struct sync_input *in)
{
	struct conv *c = conv_find(s, in->events.conv);
	const struct record *last;
	struct change how = { 0 };
	struct span hole;

	s->rx += (int64_t)in->events.bytes;
	s->progress_at = s->now;
	if (c == NULL || in->events.n == 0 || strcmp(c->epoch, in->events.epoch) != 0
			|| (c->state != CONV_TAILING && c->state != CONV_LIVE))
		return;
	last = &in->events.v[in->events.n - 1];
	if (in->events.prev < 0 || last->seq >= SEQ_MAX || c->held.n == c->held.cap)
		return;
	how.records.lo = PLANTED(s, BUG_GAP_IS_COVERED) ? ranges_top(&c->held)
		: in->events.prev;
	how.records.hi = last->seq;
	how.records.v = (struct record *)in->events.v;
	how.records.n = in->events.n;
	how.records.live = c->state == CONV_LIVE;
	if (!tail_take(s, c, &how)) {
		conn_break(s, CLOSE_BAD_FRAME, _("the server sent records out of order"), 0);
		return;
	}
	ranges_add(&c->held, how.records.lo, last->seq);
	tail_advance(c, last);
	if (ranges_hole(&c->held, tail_low(c), in->events.prev, false, &hole))
		fetch_own(s, c, hole.lo, hole.hi);
	tail_check(s, c);
}

void
tail_forked(struct sync *s, struct conv *c, int64_t seq)
{
	rebase(s, c, c->epoch, seq - 1, c->floor);
}

void
tail_diverged(struct sync *s, const struct sync_input *in)
{
	struct conv *c = conv_find(s, in->diverged.conv);

	if (c != NULL && c->state != CONV_REBASING)
		tail_forked(s, c, in->diverged.seq);
}

static void
subscribe(struct sync *s)
{
	struct sync_subs *subs = &s->subs;

	subs->n = 0;
	while (subs->n < SYNC_SUBS_MAX && s->subq_at < s->subq.n) {
		struct conv *c = &s->convs.v[s->subq.v[s->subq_at++]];

		c->is_queued = false;
		if (c->state != CONV_COLD)
			continue;
		conv_set(s, c, CONV_SUBBING);
		subs->v[subs->n++] = (struct sync_sub){ .conv = c->id,
			.epoch = c->cursor > 0 ? c->epoch : "", .id = c->cursor_id,
			.seq = c->cursor, .max = SUB_MAX };
	}
	if (subs->n == 0)
		return;
	subs->tag = s->next_tag++;
	s->subs_flying++;
	if (s->fetching == 0 && s->flying == 0)
		s->progress_at = s->now;
	sync_fx(s, FX_SUB)->subs = subs;
}

/* Heads that the server has and we still lack: what carried them was lost. */
static void
suspects_tick(struct sync *s)
{
	for (size_t i = 0; i < s->convs.n && s->suspects > 0; i++) {
		struct conv *c = &s->convs.v[i];
		int64_t top = ranges_top(&c->held);

		if (c->suspect == 0)
			continue;
		if ((c->state != CONV_LIVE && c->state != CONV_TAILING) || top >= c->suspect) {
			c->suspect = 0;
			s->suspects--;
		} else if (s->now < c->suspect_at) {
			sync_want(s, c->suspect_at);
		} else {
			if (c->live_lo > top)
				top = c->live_lo;
			if (c->floor > top)
				top = c->floor;
			fetch_own(s, c, top, c->suspect);
			c->suspect = 0;
			s->suspects--;
		}
	}
}

static void
marks_tick(struct sync *s)
{
	for (size_t i = 0; i < s->marks.n; i++) {
		struct conv *c = &s->convs.v[s->marks.v[i]];
		struct sync_effect *e;

		c->has_mark = false;
		e = sync_fx(s, FX_MARK);
		e->mark.conv = c->id;
		e->mark.epoch = c->epoch;
		e->mark.seq = c->read;
	}
	s->marks.n = 0;
}

void
tail_tick(struct sync *s)
{
	if (!sync_is_up(s))
		return;
	if (s->subs_flying < SUBS_FLYING && s->subq_at < s->subq.n)
		subscribe(s);
	if (s->suspects > 0)
		suspects_tick(s);
	if (s->marks.n > 0 && s->has_heads)
		marks_tick(s);
}
