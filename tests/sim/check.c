/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The invariants of stonechat-protocol(7), section 6. */
#include "sim/sim.h"

#include <string.h>

/* I6, by counting: the log is dense, so (lo,hi] holds hi-lo records. I7: disjoint, never
 * adjacent. */
void
check_mirror(struct world *w, struct client *c)
{
	for (int k = 0; k < w->swarm.convs; k++) {
		const struct mirror_conv *mc = &c->mirror.convs[k];
		size_t sum = 0;

		for (size_t i = 0; i < mc->held.n; i++) {
			const struct span *s = &mc->held.v[i];

			sum += (size_t)(s->hi - s->lo);
			if (i > 0 && s->lo <= s[-1].hi)
				world_fail(w, "I7: client %d: ranges of %s touch", c->no,
						sim_convs[k]);
		}
		if (sum != mc->evs.n)
			world_fail(w, "I6: client %d: %s covers %zu records and has %zu", c->no,
					sim_convs[k], sum, mc->evs.n);
	}
}

void
check_position(struct world *w, const struct client *c, const struct msg_sub *s)
{
	const struct ev *ev = mirror_at(&c->mirror.convs[s->conv], s->seq);
	bool is_coming = false;

	if (s->seq == 0 || (ev != NULL && strcmp(ev->id, s->id) == 0))
		return;
	for (size_t i = 0; i < SEEN_MAX; i++)
		is_coming |= strcmp(c->seen[s->conv][i].id, s->id) == 0;
	if (!is_coming || (c->commit == NULL && sync_gathering_bytes(c->sync) == 0))
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
check_client(struct world *w, const struct client *c, bool tell)
{
	if (!c->is_up)
		return differs(w, tell, c, 0, "not running");
	for (int k = 0; k < w->swarm.convs; k++) {
		const struct mirror_conv *mc = &c->mirror.convs[k];
		const struct evs *log = &w->server.logs[k];

		if (ranges_top(&mc->held) != (int64_t)log->n)
			return differs(w, tell, c, k, "the newest is missing");
		if (strcmp(mc->epoch, w->server.durable.convs[k].epoch) != 0)
			return differs(w, tell, c, k, "another epoch");
		for (size_t i = 0; i < mc->evs.n; i++) {
			const struct ev *ev = &mc->evs.v[i];

			if (ev->seq > (int64_t)log->n
					|| strcmp(log->v[ev->seq - 1].id, ev->id) != 0)
				return differs(w, tell, c, k, "I6: not the server's record");
		}
	}
	if (!sync_is_caught_up(c->sync) || sync_outbox_waiting(c->sync) > 0)
		return differs(w, tell, c, 0, "not caught up, or rows still wait");
	for (size_t i = 0; i < c->mirror.rows.n; i++)
		if (c->mirror.rows.v[i].state != OUTBOX_REFUSED)
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

		if (p->is_queued && !p->is_refused && ev == NULL) {
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
