/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client's mirror in memory: batches are applied as the store applies them. */
#include "sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct ev *
mirror_at(const struct mirror_conv *mc, int64_t seq)
{
	size_t lo = 0, hi = mc->evs.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (mc->evs.v[mid].seq < seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < mc->evs.n && mc->evs.v[lo].seq == seq ? &mc->evs.v[lo] : NULL;
}

struct mirror_row *
mirror_row(struct mirror *m, const char *cid)
{
	for (size_t i = 0; i < m->rows.n; i++)
		if (strcmp(m->rows.v[i].cid, cid) == 0)
			return &m->rows.v[i];
	return NULL;
}

static void
put_event(struct mirror_conv *mc, const struct record *r)
{
	struct ev ev = { .seq = r->seq, .ts = r->ts, .user = sim_user(r->from),
		.kind = r->kind };
	size_t at = mc->evs.n;

	if (r->cur != NULL)
		fold_read(&ev.cur, r->cur, r->cur_n);

	while (at > 0 && mc->evs.v[at - 1].seq > r->seq)
		at--;
	if (at > 0 && mc->evs.v[at - 1].seq == r->seq) {
		if (ev.cur.as_of > mc->evs.v[at - 1].cur.as_of)
			mc->evs.v[at - 1].cur = ev.cur;
		return;
	}
	str_copy(ev.id, sizeof ev.id, r->id);
	str_copy(ev.cid, sizeof ev.cid, r->cid);
	str_copy(ev.device, sizeof ev.device, r->device);
	str_copy(ev.ref, sizeof ev.ref, r->ref);
	str_copy(ev.body, sizeof ev.body, r->body);
	arr_insert(&mc->evs, at, ev);
}

static void
put_row(struct mirror *m, struct mirror_row row)
{
	size_t at = m->rows.n;

	while (at > 0 && m->rows.v[at - 1].lane > row.lane)
		at--;
	arr_insert(&m->rows, at, row);
}

/* The first record that the mirror holds another of: the batch cannot be applied. */
static bool
is_applicable(struct mirror *m, const struct batch *b, int *conv, int64_t *seq)
{
	int64_t kept[CONVS_MAX] = { 0 };

	for (int k = 0; k < CONVS_MAX; k++)
		kept[k] = INT64_MAX;

	for (size_t i = 0; i < b->n; i++) {
		const struct change *ch = &b->v[i];
		int k = sim_conv(ch->conv);

		if (ch->type == CHANGE_REBASE)
			kept[k] = ch->rebase.keep;
		if (ch->type != CHANGE_RECORDS)
			continue;
		for (size_t j = 0; j < ch->records.n; j++) {
			const struct record *r = &ch->records.v[j];
			const struct ev *ev = mirror_at(&m->convs[k], r->seq);

			if (ev == NULL || r->seq > kept[k] || strcmp(ev->id, r->id) == 0)
				continue;
			*conv = k;
			*seq = r->seq;
			return false;
		}
	}
	return true;
}

static void
apply_records(struct mirror_conv *mc, const struct change *ch)
{
	struct ranges *r = ch->records.ops_only ? &mc->ops : &mc->held;
	bool has_deletion = false;

	for (size_t i = 0; i < ch->records.n; i++) {
		put_event(mc, &ch->records.v[i]);
		has_deletion |= ch->records.v[i].kind == REC_DELETE;
	}
	for (size_t i = 0; i < mc->evs.n && has_deletion; i++)
		if (mc->evs.v[i].kind == REC_DELETE)
			fold_blank(&mc->evs, mc->evs.v[i].ref);
	if (ranges_reserve(r, 1))
		ranges_add(r, ch->records.lo, ch->records.hi);
	if (ch->records.floor > mc->floor)
		mc->floor = ch->records.floor;
	if (ch->records.n > 0 && ch->records.v[ch->records.n - 1].seq > mc->head)
		mc->head = ch->records.v[ch->records.n - 1].seq;
}

static void
apply_head(struct mirror_conv *mc, const struct head *h)
{
	if (!mc->is_known)
		mc->lane_next = 1;
	mc->is_known = true;
	if (h->epoch[0] == '\0')
		return;
	/* as the store does */
	str_copy(mc->epoch, sizeof mc->epoch, h->epoch);
	if (h->seq > mc->head)
		mc->head = h->seq;
	if (h->floor > mc->floor)
		mc->floor = h->floor;
	if (h->unread >= 0 && h->read > mc->read)
		mc->read = h->read;
}

/* Goes back to the outbox: what the person made above keep, without what is deleted, and without
 * deletions of what goes, too. */
static bool
is_offered(struct client *c, const struct change *ch, const struct mirror_conv *mc,
		const struct ev *ev)
{
	if (ev->seq <= ch->rebase.keep || ev->ts < ch->rebase.since_ms || ev->user != c->user
			|| mirror_row(&c->mirror, ev->cid) != NULL)
		return false;
	if (ev->kind != REC_DELETE)
		return (ev->kind == REC_MSG || ev->kind == REC_EDIT || ev->kind == REC_REACT)
			&& strcmp(ev->body, "{}") != 0;
	for (size_t i = 0; i < mc->evs.n; i++)
		if (mc->evs.v[i].seq > ch->rebase.keep
				&& strcmp(mc->evs.v[i].id, ev->ref) == 0)
			return false;
	return true;
}

static void
offer_again(struct client *c, const struct change *ch, int conv)
{
	struct mirror_conv *mc = &c->mirror.convs[conv];
	int64_t k = 0, first = mc->lane_next, lane;

	for (size_t i = 0; i < c->mirror.rows.n; i++) {
		const struct mirror_row *r = &c->mirror.rows.v[i];

		if (r->conv == conv && r->lane < first && r->state != OUTBOX_REFUSED
				&& r->state != OUTBOX_EXPIRED)
			first = r->lane;
	}
	for (size_t i = 0; i < mc->evs.n; i++)
		k += is_offered(c, ch, mc, &mc->evs.v[i]);
	if (k == 0)
		return;
	if (ch->rebase.at_end)
		first = mc->lane_next;
	for (size_t i = 0; i < c->mirror.rows.n && !ch->rebase.at_end; i++)
		if (c->mirror.rows.v[i].conv == conv)
			c->mirror.rows.v[i].lane += k;
	lane = first;
	for (size_t i = 0; i < mc->evs.n; i++) {
		const struct ev *ev = &mc->evs.v[i];
		struct mirror_row row = { .conv = conv, .state = OUTBOX_SENT, .ttl = -1 };

		if (!is_offered(c, ch, mc, ev))
			continue;
		row.created = ev->ts;
		row.lane = lane++;
		str_copy(row.cid, sizeof row.cid, ev->cid);
		row.kind = ev->kind;
		str_copy(row.ref, sizeof row.ref, ev->ref);
		str_copy(row.body, sizeof row.body, ev->body);
		put_row(&c->mirror, row);
	}
	mc->lane_next += k;
}

static void
apply_rebase(struct client *c, const struct change *ch, int conv)
{
	struct mirror_conv *mc = &c->mirror.convs[conv];

	offer_again(c, ch, conv);
	memset(&c->seen[conv], 0, sizeof c->seen[conv]);
	while (mc->evs.n > 0 && mc->evs.v[mc->evs.n - 1].seq > ch->rebase.keep)
		mc->evs.n--;
	ranges_cut(&mc->held, ch->rebase.keep);
	ranges_cut(&mc->ops, 0);
	for (size_t i = 0; i < mc->evs.n; i++)
		if (mc->evs.v[i].cur.as_of > ch->rebase.keep)
			mc->evs.v[i].cur = (struct folded){ 0 };
	str_copy(mc->epoch, sizeof mc->epoch, ch->rebase.epoch);
	if (mc->head > ch->rebase.keep)
		mc->head = ch->rebase.keep;
	mc->floor = ch->rebase.floor;
	if (mc->read > ch->rebase.keep)
		mc->read = ch->rebase.keep;
}

static void
apply_add(struct world *w, struct client *c, const struct change *ch, int conv)
{
	struct mirror_row row = { .conv = conv, .state = ch->out_add.state,
		.lane = ch->out_add.lane, .created = ch->out_add.created_ms,
		.ttl = ch->out_add.ttl_ms > 0 ? ch->out_add.ttl_ms : -1 };
	struct promise *p = world_promise(w, ch->out_add.cid);

	str_copy(row.cid, sizeof row.cid, ch->out_add.cid);
	row.kind = ch->out_add.kind;
	str_copy(row.ref, sizeof row.ref, ch->out_add.ref);
	str_copy(row.body, sizeof row.body, ch->out_add.body);
	put_row(&c->mirror, row);
	if (c->mirror.convs[conv].lane_next <= row.lane)
		c->mirror.convs[conv].lane_next = row.lane + 1;
	p->is_queued = true;
}

static void
apply_state(struct world *w, struct client *c, const struct change *ch)
{
	struct mirror_row *r = mirror_row(&c->mirror, ch->out_state.cid);

	if (r == NULL)
		return;
	r->state = ch->out_state.state;
	r->tries = ch->out_state.tries;
	if (ch->out_state.ttl_ms >= 0)
		r->ttl = ch->out_state.ttl_ms;
	if (r->state != OUTBOX_REFUSED)
		return;
	if (!world_promise(w, r->cid)->is_poison && !world_promise(w, r->cid)->may_go)
		world_fail(w, "client %d: %s was refused: %s", c->no, r->cid,
				ch->out_state.code);
	world_promise(w, r->cid)->is_refused = true;
}

/* I8: the row leaves in the transaction that stores its record. */
static void
apply_remove(struct world *w, struct client *c, const struct change *ch, int conv)
{
	const struct mirror_conv *mc = &c->mirror.convs[conv];
	struct mirror_row *r = mirror_row(&c->mirror, ch->out_remove.cid);
	bool is_held = ch->out_remove.seq > 0 && ch->out_remove.seq <= mc->floor;

	if (r == NULL)
		return;
	for (size_t i = 0; i < mc->evs.n && !is_held; i++)
		is_held = strcmp(mc->evs.v[i].cid, r->cid) == 0;
	/* one that was trimmed before it came is nobody's to offer again */
	if (ch->out_remove.seq > 0 && ch->out_remove.seq <= mc->floor)
		world_promise(w, r->cid)->may_go = true;
	if (!is_held && !world_promise(w, r->cid)->may_go)
		world_fail(w, "I8: client %d: row %s left without its record %lld", c->no, r->cid,
				(long long)ch->out_remove.seq);
	arr_remove(&c->mirror.rows, (size_t)(r - c->mirror.rows.v));
}

static void
apply_lanes(struct mirror *m, const struct change *ch, int conv)
{
	int64_t next[CONVS_MAX];

	for (int k = 0; k < CONVS_MAX; k++)
		next[k] = 1;

	if (ch->type == CHANGE_LANE_SHIFT) {
		for (size_t i = 0; i < m->rows.n; i++)
			if (m->rows.v[i].conv == conv && m->rows.v[i].lane >= ch->shift.from)
				m->rows.v[i].lane += ch->shift.by;
		m->convs[conv].lane_next += ch->shift.by;
		return;
	}
	for (size_t i = 0; i < m->rows.n; i++)
		if (m->rows.v[i].state != OUTBOX_REFUSED && m->rows.v[i].state != OUTBOX_EXPIRED)
			m->rows.v[i].lane = next[m->rows.v[i].conv]++;
	for (int k = 0; k < CONVS_MAX; k++)
		m->convs[k].lane_next = next[k];
}

static void
apply_meta(struct mirror *m, const struct change *ch)
{
	if (strcmp(ch->meta.key, "user") == 0)
		str_copy(m->user, sizeof m->user, ch->meta.value);
	if (strcmp(ch->meta.key, "device") == 0)
		str_copy(m->device, sizeof m->device, ch->meta.value);
	if (strcmp(ch->meta.key, "since") == 0)
		str_copy(m->since, sizeof m->since, ch->meta.value);
}

/* I10, I11: a mark never goes back, and never beyond the log that it is of. */
static void
apply_read(struct world *w, struct client *c, const struct change *ch, int conv)
{
	struct mirror_conv *mc = &c->mirror.convs[conv];
	const struct told *told = client_told(c, conv, mc->epoch);

	if (ch->read.seq > mc->head && (told == NULL || ch->read.seq > told->seq))
		world_fail(w, "I10: client %d marks %lld of %s as read, which ends at %lld", c->no,
				(long long)ch->read.seq, ch->conv, (long long)mc->head);
	if (ch->read.seq < mc->read)
		world_fail(w, "I11: client %d: the mark of %s goes back", c->no, ch->conv);
	mc->read = ch->read.seq;
}

static void
apply_one(struct world *w, struct client *c, const struct change *ch)
{
	int k = sim_conv(ch->conv);

	if (ch->type == CHANGE_META)
		apply_meta(&c->mirror, ch);
	else if (ch->type == CHANGE_LANE_RESET || (k >= 0 && ch->type == CHANGE_LANE_SHIFT))
		apply_lanes(&c->mirror, ch, k);
	else if (k >= 0 && ch->type == CHANGE_HEAD)
		apply_head(&c->mirror.convs[k], &ch->head);
	else if (k >= 0 && ch->type == CHANGE_RECORDS)
		apply_records(&c->mirror.convs[k], ch);
	else if (k >= 0 && ch->type == CHANGE_REBASE)
		apply_rebase(c, ch, k);
	else if (k >= 0 && ch->type == CHANGE_OUT_ADD)
		apply_add(w, c, ch, k);
	else if (ch->type == CHANGE_OUT_STATE)
		apply_state(w, c, ch);
	else if (k >= 0 && ch->type == CHANGE_READ)
		apply_read(w, c, ch, k);
	else if (k >= 0 && ch->type == CHANGE_CLOSED)
		c->mirror.convs[k].closed = ch->closed.closed;
}

static void
ranges_copy(struct ranges *to, const struct ranges *from)
{
	to->n = 0;
	ranges_reserve(to, from->n);
	for (size_t i = 0; i < from->n; i++)
		ranges_add(to, from->v[i].lo, from->v[i].hi);
}

static void
mirror_copy(struct mirror *to, const struct mirror *from)
{
	struct mirror old = *to;

	*to = *from;
	to->rows.v = old.rows.v;
	to->rows.cap = old.rows.cap;
	to->rows.n = 0;
	for (size_t i = 0; i < from->rows.n; i++)
		arr_push(&to->rows, from->rows.v[i]);
	for (int k = 0; k < CONVS_MAX; k++) {
		struct mirror_conv *t = &to->convs[k];

		t->evs = old.convs[k].evs;
		t->held = old.convs[k].held;
		t->ops = old.convs[k].ops;
		t->evs.n = 0;
		for (size_t i = 0; i < from->convs[k].evs.n; i++)
			arr_push(&t->evs, from->convs[k].evs.v[i]);
		ranges_copy(&t->held, &from->convs[k].held);
		ranges_copy(&t->ops, &from->convs[k].ops);
	}
}

bool
mirror_apply(struct world *w, struct client *c, const struct batch *b, int *conv, int64_t *seq)
{
	size_t n = b->n;

	if (!is_applicable(&c->mirror, b, conv, seq))
		return false;
	if (world_has(w, MUTANT_TORN_BATCH) && !w->is_calm && dice_chance(&w->disk, 30))
		n /= 2;
	for (size_t i = 0; i < n; i++)
		apply_one(w, c, &b->v[i]);
	/* within one transaction it does not matter which came first */
	for (size_t i = 0; i < n; i++)
		if (b->v[i].type == CHANGE_OUT_REMOVE)
			apply_remove(w, c, &b->v[i], sim_conv(b->v[i].conv));
	if (b->is_own && w->swarm.power_cut > 0)
		mirror_copy(&c->synced, &c->mirror);
	return true;
}

void
mirror_power_cut(struct client *c)
{
	mirror_copy(&c->mirror, &c->synced);
}

void
mirror_saved(struct mirror *m, int conv, void (*fn)(void *arg, const struct saved_conv *c),
		void *arg)
{
	struct mirror_conv *mc = &m->convs[conv];
	const struct span *top = mc->held.n > 0 ? &mc->held.v[mc->held.n - 1] : NULL;
	arr(struct saved_row) rows = { 0 };
	struct saved_conv s = { .conv = sim_convs[conv], .name = sim_convs[conv],
		.epoch = mc->epoch, .cursor_id = "",
		.kind = conv < ROOMS_MAX ? CONV_ROOM : CONV_USER, .head = mc->head,
		.floor = mc->floor, .read = mc->read, .lane_next = mc->lane_next,
		.closed = mc->closed, .held = mc->held.v, .n_held = mc->held.n,
		.ops = mc->ops.v, .n_ops = mc->ops.n };

	for (size_t i = mc->evs.n; top != NULL && i > 0 && s.cursor == 0; i--) {
		const struct ev *ev = &mc->evs.v[i - 1];

		if (ev->seq > top->hi || ev->seq <= top->lo)
			continue;
		s.cursor = ev->seq;
		s.cursor_id = ev->id;
	}
	for (size_t i = 0; i < m->rows.n; i++) {
		const struct mirror_row *r = &m->rows.v[i];

		if (r->conv == conv)
			arr_push(&rows, ((struct saved_row){ .cid = r->cid, .state = r->state,
				.lane = r->lane, .ttl_ms = r->ttl, .created_ms = r->created,
				.tries = r->tries, .body_n = strlen(r->body) }));
	}
	s.rows = rows.v;
	s.n_rows = rows.n;
	fn(arg, &s);
	arr_done(&rows);
}

static void
load(void *arg, const struct saved_conv *c)
{
	sync_load_conv(arg, c);
}

void
mirror_load(struct mirror *m, struct sync *s)
{
	sync_load(s, m->user, m->device, m->since, 0);
	for (int k = 0; k < CONVS_MAX; k++)
		if (m->convs[k].is_known)
			mirror_saved(m, k, load, s);
}

void
mirror_done(struct mirror *m)
{
	for (int k = 0; k < CONVS_MAX; k++) {
		arr_done(&m->convs[k].evs);
		free(m->convs[k].held.v);
		free(m->convs[k].ops.v);
	}
	arr_done(&m->rows);
}
