/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server tells of its logs: live to subscribers, in pages to those who ask. */
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

static bool
is_op(enum record_kind kind)
{
	return kind == REC_EDIT || kind == REC_DELETE || kind == REC_REACT;
}

/* Deleted means blank, for whoever reads it from now on. */
static void
blank_deleted(struct world *w, int conv, struct ev *ev)
{
	const struct evs *log = &w->server.logs[conv];
	int64_t head = w->server.durable.convs[conv].seq;
	const char *id = ev->kind == REC_EDIT ? ev->ref : ev->id;

	for (int64_t i = ev->seq; i < head && (ev->kind == REC_MSG || ev->kind == REC_EDIT); i++)
		if (log->v[i].kind == REC_DELETE && strcmp(log->v[i].ref, id) == 0)
			str_copy(ev->body, sizeof ev->body, "{}");
}

/* Those of (m->lo, m->hi], or of them the operations on records of [refs_lo, refs_hi]. */
static void
give(struct world *w, struct msg *m, const struct msg *q)
{
	const struct evs *log = &w->server.logs[m->conv];
	int64_t head = w->server.durable.convs[m->conv].seq;

	for (int64_t seq = m->lo + 1; seq <= m->hi; seq++) {
		struct ev ev = log->v[seq - 1];

		if (m->ops_only) {
			bool is_asked = false;

			for (int64_t i = q->refs_lo; i <= q->refs_hi && i <= head &&
					is_op(ev.kind); i++)
				is_asked |= strcmp(log->v[i - 1].id, ev.ref) == 0;
			if (!is_asked)
				continue;
		} else if (q != NULL && ev.kind == REC_MSG) {
			ev.cur = fold_log(log, seq, head);
		}
		blank_deleted(w, m->conv, &ev);
		arr_push(&m->evs, ev);
	}
}

static void
push_conv(struct world *w, struct conn *c, int k)
{
	const struct ledger_state *st = world_has(w, MUTANT_PUSH_EARLY) ? &w->server.work
		: &w->server.durable;
	struct msg m = { .type = MSG_EVENTS, .conv = k, .era = w->server.era };

	if (strcmp(c->subs[k].epoch, st->convs[k].epoch) != 0) {
		m.type = MSG_SUBBED;
		m.re = -1;
		m.n_subs = 1;
		m.subs[0] = (struct msg_sub){ .conv = k, .mode = SUBBED_RESET, .keep = -1 };
		memcpy(m.subs[0].epoch, st->convs[k].epoch, EPOCH_MAX + 1);
		c->subs[k].on = false;
		world_to_client(w, c, &m);
		return;
	}
	m.lo = c->subs[k].cursor;
	m.hi = st->convs[k].seq;
	if (m.hi <= m.lo)
		return;
	memcpy(m.epoch, st->convs[k].epoch, sizeof m.epoch);
	give(w, &m, NULL);
	c->subs[k].cursor = m.hi;
	world_to_client(w, c, &m);
	free(m.evs.v);
}

void
deliver_push(struct world *w, struct conn *c)
{
	for (int k = 0; k < CONVS_MAX && c->is_open; k++)
		if (c->subs[k].on)
			push_conv(w, c, k);
}

/* By number, and sometimes by bytes; never without a record. */
static void
cut(struct world *w, struct msg *m, const struct msg *q)
{
	int64_t n = q->n;

	if (m->hi - m->lo > 1 && dice_chance(&w->net, w->swarm.short_page))
		n = 1 + (int64_t)dice_roll(&w->net, (uint64_t)(m->hi - m->lo));
	if (m->hi - m->lo <= n)
		return;
	if (q->back)
		m->lo = m->hi - n;
	else
		m->hi = m->lo + n;
}

static enum code
refusal(struct world *w, const struct msg *q)
{
	if (strcmp(q->epoch, w->server.durable.convs[q->conv].epoch) != 0)
		return CODE_EPOCH;
	if (q->hi <= w->server.durable.convs[q->conv].floor)
		return CODE_TRIMMED;
	if (!w->is_calm && dice_chance(&w->fault, w->swarm.busy))
		return CODE_BUSY;
	return CODE_NONE;
}

void
deliver_page(struct world *w, struct conn *c, const struct msg *q)
{
	struct msg m = { .type = MSG_PAGE, .re = q->re, .conv = q->conv, .lo = q->lo, .hi = q->hi,
		.ops_only = q->ops_only, .era = w->server.era,
		.floor = w->server.durable.convs[q->conv].floor };
	int64_t head = w->server.durable.convs[q->conv].seq;

	memcpy(m.epoch, w->server.durable.convs[q->conv].epoch, sizeof m.epoch);
	m.code = refusal(w, q);
	if (m.code != CODE_NONE) {
		m.type = MSG_ERROR;
		world_to_client(w, c, &m);
		return;
	}
	if (m.hi > head)
		m.hi = head;
	if (m.lo < m.floor)
		m.lo = m.floor;
	if (m.lo > m.hi)
		m.lo = m.hi;
	cut(w, &m, q);
	give(w, &m, q);
	if (world_has(w, MUTANT_TRIM_IS_COVERED))
		m.lo = q->lo;
	if (world_has(w, MUTANT_PAGE_SHORT) && m.evs.n > 1)
		m.evs.n--;
	world_to_client(w, c, &m);
	free(m.evs.v);
}
