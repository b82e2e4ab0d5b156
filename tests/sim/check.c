/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The invariants of stonechat-protocol(7), section 6. */
#include "sim/sim.h"

#include <string.h>

/* I6, by counting: the log is dense, so (lo,hi] holds hi-lo records. I7: disjoint, never
 * adjacent. */
void
check_mirror(struct world *w, struct client *c)
{
	for (int k = 0; k < CONVS_MAX; k++) {
		const struct mirror_conv *mc = &c->mirror.convs[k];
		size_t sum = 0, at = 0, n = 0;

		for (size_t i = 0; i < mc->held.n; i++) {
			const struct span *s = &mc->held.v[i];

			sum += (size_t)(s->hi - s->lo);
			for (; at < mc->evs.n && mc->evs.v[at].seq <= s->hi; at++)
				n += mc->evs.v[at].seq > s->lo;
			if (i > 0 && s->lo <= s[-1].hi)
				world_fail(w, "I7: client %d: ranges of %s touch", c->no,
						sim_convs[k]);
		}
		if (sum != n)
			world_fail(w, "I6: client %d: %s covers %zu records and has %zu", c->no,
					sim_convs[k], sum, n);
	}
}

void
check_saw(struct client *c, int conv, const struct ev *ev)
{
	size_t at = c->seen[conv].n++ % SEEN_MAX;

	c->seen[conv].v[at].seq = ev->seq;
	memcpy(c->seen[conv].v[at].id, ev->id, ID_SIZE);
}

static bool
has_seen(const struct client *c, int conv, int64_t seq, const char *id)
{
	for (size_t i = 0; i < SEEN_MAX && i < c->seen[conv].n; i++)
		if (c->seen[conv].v[i].seq == seq && strcmp(c->seen[conv].v[i].id, id) == 0)
			return true;
	return false;
}

/* What is asked from is held, or on its way into the mirror. */
void
check_position(struct world *w, const struct client *c, const struct msg_sub *s)
{
	const struct ev *ev = mirror_at(&c->mirror.convs[s->conv], s->seq);
	bool is_coming = c->commit != NULL || sync_gathering_bytes(c->sync) > 0;

	if (s->seq == 0 || (ev != NULL && strcmp(ev->id, s->id) == 0))
		return;
	if (!is_coming || !has_seen(c, s->conv, s->seq, s->id))
		world_fail(w, "I9: client %d asks %s from %lld, which it does not hold", c->no,
				sim_convs[s->conv], (long long)s->seq);
}

/* I4, I5: what a client is told is on the server's disk. A server that was restored since may
 * have lost it. */
void
check_told(struct world *w, const struct msg *m)
{
	const struct server *s = &w->server;
	int64_t head = s->durable.convs[m->conv].seq;

	if (m->era != s->era)
		return;
	if (m->type == MSG_ACK && (m->hi > head
			|| strcmp(s->logs[m->conv].v[m->hi - 1].id, m->id) != 0))
		world_fail(w, "I4: %s is acknowledged and not committed", m->cid);
	if (m->type == MSG_EVENTS && (m->hi > head || strcmp(m->evs.v[m->evs.n - 1].id,
			s->logs[m->conv].v[m->hi - 1].id) != 0))
		world_fail(w, "I5: %lld of %s is told and not committed", (long long)m->hi,
				sim_convs[m->conv]);
}

static bool
differs(struct world *w, bool tell, const struct client *c, int conv, const char *what)
{
	if (tell)
		world_fail(w, "I13: client %d, %s: %s", c->no, sim_convs[conv], what);
	return false;
}

static bool
check_fold(struct world *w, bool tell, const struct client *c, int conv, const struct ev *ev)
{
	const struct ledger_state *st = &w->server.durable;
	struct folded theirs, ours;

	if (ev->seq <= st->convs[conv].floor)
		return true;	/* what happened to it may be gone, too */
	theirs = fold_log(&w->server.logs[conv], ev->seq, st->convs[conv].seq);
	ours = fold_held(&c->mirror.convs[conv], ev);
	if (fold_same(&theirs, &ours))
		return true;
	world_note(w, "%s %lld: '%s' %d %d%d at the server, '%s' %d %d%d here", sim_convs[conv],
			(long long)ev->seq, theirs.text, theirs.is_deleted, (int)theirs.reacts[0],
			(int)theirs.reacts[1], ours.text, ours.is_deleted, (int)ours.reacts[0],
			(int)ours.reacts[1]);
	return differs(w, tell, c, conv, "the fold of a message");
}

static bool
check_client(struct world *w, const struct client *c, bool tell)
{
	if (!c->is_up)
		return differs(w, tell, c, 0, "not running");
	for (int k = 0; k < CONVS_MAX; k++) {
		const struct mirror_conv *mc = &c->mirror.convs[k];
		const struct evs *log = &w->server.logs[k];

		if (!world_sees(w, c->user, k))
			continue;
		if (ranges_top(&mc->held) != (int64_t)log->n)
			return differs(w, tell, c, k, "the newest is missing");
		if (strcmp(mc->epoch, w->server.durable.convs[k].epoch) != 0)
			return differs(w, tell, c, k, "another epoch");
		for (size_t i = 0; i < mc->evs.n; i++) {
			const struct ev *ev = &mc->evs.v[i];

			if (ev->seq > (int64_t)log->n
					|| strcmp(log->v[ev->seq - 1].id, ev->id) != 0)
				return differs(w, tell, c, k, "I6: not the server's record");
			if (ev->kind == REC_MSG && !check_fold(w, tell, c, k, ev))
				return false;
		}
		if (!w->server.has_lost_mark && w->stats.restores == 0
				&& mc->read != w->server.durable.convs[k].read[c->user])
			return differs(w, tell, c, k, "I11: another read mark");
	}
	if (!sync_is_caught_up(c->sync) || sync_outbox_waiting(c->sync) > 0)
		return differs(w, tell, c, 0, "not caught up, or rows still wait");
	for (size_t i = 0; i < c->mirror.rows.n; i++)
		if (c->mirror.rows.v[i].state != OUTBOX_REFUSED
				&& c->mirror.rows.v[i].state != OUTBOX_EXPIRED)
			return differs(w, tell, c, 0, "a row is left in the outbox");
	return true;
}

/* I13: nothing lost, nothing twice (that is I2), and, while no log went back, in order. */
bool
check_converged(struct world *w, bool tell)
{
	for (int i = 0; i < w->swarm.clients; i++)
		if (!check_client(w, &w->clients[i], tell))
			return false;
	for (size_t i = 0; i < w->promises.n; i++) {
		const struct promise *p = &w->promises.v[i];
		const struct ev *ev = server_find(w, p->conv, p->user, p->cid);

		/* what a person's clock takes for old is not offered to a forked log */
		if (w->swarm.clock > 0 && w->stats.restores > 0)
			continue;
		if (p->is_queued && !p->is_refused && !p->may_go && ev == NULL) {
			world_fail(w, "I13: %s of client %d is lost", p->cid, p->client);
			return false;
		}
		if (p->is_poison && ev != NULL)
			world_fail(w, "%s was to be refused", p->cid);
		for (size_t k = 0; k < i && ev != NULL && w->stats.restores == 0; k++) {
			const struct promise *o = &w->promises.v[k];
			const struct ev *before;

			if (o->client != p->client || o->conv != p->conv)
				continue;
			before = server_find(w, o->conv, o->user, o->cid);
			if (before != NULL && before->seq > ev->seq)
				world_fail(w, "I13: %s is before %s", p->cid, o->cid);
		}
	}
	return true;
}
