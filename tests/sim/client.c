/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One client: the real sync core, its effects carried out on the simulated network and mirror. */
#include "sim/sim.h"

#include <stdio.h>
#include <string.h>

void
client_start(struct world *w, struct client *c)
{
	struct sync_input in = { .type = IN_ONLINE, .online = true };

	c->is_up = true;
	c->life++;
	c->timer_at = -1;
	c->sync = sync_new(w->seed * 64 + (uint64_t)c->no * 8 + (uint64_t)c->life);
	if (w->mutant != NULL)
		sync_plant(c->sync, w->mutant->planted);
	mirror_load(&c->mirror, c->sync);
	client_step(w, c, &in);
}

static void
forget(struct world *w, struct client *c)
{
	struct conn *k = server_conn(w, c->conn);

	if (k != NULL && !dice_chance(&w->fault, w->swarm.half_open))
		k->is_open = false;
	sync_free(c->sync);
	c->sync = NULL;
	c->is_up = false;
	c->commit = NULL;
	c->conn = c->rx = 0;
	c->n_got = c->n_wishes = 0;
	memset(c->seen, 0, sizeof c->seen);
}

void
client_crash(struct world *w, struct client *c)
{
	int conv;
	int64_t seq;

	if (!c->is_up)
		return;
	w->stats.crashes++;
	world_note(w, "client %d crashes", c->no);
	/* the transaction may have reached the disk */
	if (c->commit != NULL && dice_roll(&w->disk, 2))
		mirror_apply(w, c, c->commit, &conv, &seq);
	if (dice_chance(&w->fault, w->swarm.power_cut))
		mirror_power_cut(c);
	check_mirror(w, c);
	forget(w, c);
	world_plan(w, 1 + (int64_t)dice_roll(&w->fault, 3000), WHAT_START_CLIENT)->who = c->no;
}

void
client_done(struct client *c)
{
	sync_free(c->sync);
	sync_effects_done(&c->fx);
	mirror_done(&c->mirror);
	mirror_done(&c->synced);
}

static void
do_dial(struct world *w, struct client *c)
{
	bool is_up = w->server.is_up;
	struct conn *k;
	struct happening *h;

	c->conn = ++w->conns;
	c->rx = 0;
	c->n_got = 0;
	if (is_up) {
		k = arr_new(&w->server.conns);
		k->client = c->no;
		k->user = c->user;
		k->no = c->conn;
		k->is_open = true;
	}
	h = world_plan(w, 1 + (int64_t)dice_roll(&w->net, 50), is_up ? WHAT_UP : WHAT_DOWN);
	h->who = c->no;
	h->conn = c->conn;
}

static void
do_sub(struct world *w, struct client *c, const struct sync_subs *subs)
{
	struct msg m = { .type = MSG_SUB, .re = subs->tag, .n_subs = subs->n };

	for (size_t i = 0; i < subs->n; i++) {
		struct msg_sub *s = &m.subs[i];
		const struct mirror_conv *mc;
		size_t step = 1;

		s->conv = sim_conv(subs->v[i].conv);
		s->seq = subs->v[i].seq;
		s->max = subs->v[i].max;
		str_copy(s->epoch, sizeof s->epoch, subs->v[i].epoch);
		str_copy(s->id, sizeof s->id, subs->v[i].id);
		mc = &c->mirror.convs[s->conv];
		for (size_t k = mc->evs.n; k > 0 && s->n_marks < 8; k = k > step ? k - step : 0) {
			if (mc->evs.v[k - 1].seq > s->seq)
				continue;
			s->marks[s->n_marks].seq = mc->evs.v[k - 1].seq;
			str_copy(s->marks[s->n_marks++].id, ID_SIZE, mc->evs.v[k - 1].id);
			step = s->n_marks > 1 ? step * 2 : 1;
		}
		check_position(w, c, s);
	}
	world_to_server(w, c, &m);
}

static void
do_send(struct world *w, struct client *c, const struct sync_effect *e)
{
	struct msg m = { .type = MSG_SEND, .re = e->send.tag, .lane = e->send.lane,
		.ttl = e->send.ttl, .conv = sim_conv(e->send.conv) };
	const struct mirror_row *r = mirror_row(&c->mirror, e->send.cid);

	if (r == NULL) {
		world_fail(w, "client %d sends %s, which is not in its mirror", c->no,
				e->send.cid);
		return;
	}
	str_copy(m.cid, sizeof m.cid, e->send.cid);
	m.kind = r->kind;
	str_copy(m.ref, sizeof m.ref, r->ref);
	str_copy(m.body, sizeof m.body, r->body);
	str_copy(m.device, sizeof m.device, c->mirror.device);
	world_note(w, "client %d sends %s as %s %lld", c->no, m.cid + 9, m.device,
			(long long)m.lane);
	world_to_server(w, c, &m);
}

/* Never more than what is in the mirror; what there was nothing to store of counts, too. */
void
client_credit(struct world *w, struct client *c, int64_t bytes)
{
	bool is_idle = c->commit == NULL && sync_gathering_bytes(c->sync) == 0;
	int64_t stored = is_idle ? c->rx : 0;

	for (size_t i = 0; i < c->n_got && !is_idle; i++)
		if (c->got[i].token <= sync_stored(c->sync))
			stored = c->got[i].rx;
	if (bytes > stored)
		world_fail(w, "client %d credits %lld bytes, %lld are stored", c->no,
				(long long)bytes, (long long)stored);
}

static void
do_fetch(struct world *w, struct client *c, const struct sync_effect *e)
{
	struct msg m = { .type = MSG_FETCH, .re = e->fetch.tag, .conv = sim_conv(e->fetch.conv),
		.back = e->fetch.back, .ops_only = e->fetch.ops_only, .lo = e->fetch.lo,
		.hi = e->fetch.hi, .n = e->fetch.n, .refs_lo = e->fetch.refs_lo,
		.refs_hi = e->fetch.refs_hi };

	str_copy(m.epoch, sizeof m.epoch, e->fetch.epoch);
	world_to_server(w, c, &m);
}

static void
do_mark(struct world *w, struct client *c, const struct sync_effect *e)
{
	struct msg m = { .type = MSG_MARK, .conv = sim_conv(e->mark.conv), .hi = e->mark.seq };

	str_copy(m.epoch, sizeof m.epoch, e->mark.epoch);
	world_to_server(w, c, &m);
}

static void
do_hello(struct world *w, struct client *c, const char *device)
{
	struct msg m = { .type = MSG_HELLO };

	str_copy(m.device, sizeof m.device, device);
	world_to_server(w, c, &m);
}

static void
do_commit(struct world *w, struct client *c, struct batch *b)
{
	struct happening *h;

	c->commit = b;
	h = world_plan(w, 1 + (int64_t)dice_roll(&w->disk, (uint64_t)w->swarm.disk), WHAT_STORED);
	h->who = c->no;
	h->life = c->life;
}

static void
do_timer(struct world *w, struct client *c, int64_t at)
{
	struct happening *h;

	c->timer_at = at;
	if (at < 0)
		return;
	h = world_plan(w, at > w->now ? at - w->now : 0, WHAT_TIMER);
	h->who = c->no;
	h->life = c->life;
}

static void
perform(struct world *w, struct client *c, const struct sync_effect *e)
{
	struct msg ping = { .type = MSG_PING };
	struct conn *k;

	switch (e->type) {
	case FX_DIAL:
		do_dial(w, c);
		break;
	case FX_HELLO:
		do_hello(w, c, e->hello.device);
		break;
	case FX_HANGUP:
		k = server_conn(w, c->conn);
		if (k != NULL)
			k->is_open = false;
		c->conn = 0;
		break;
	case FX_SUB:
		do_sub(w, c, e->subs);
		break;
	case FX_FETCH:
		do_fetch(w, c, e);
		break;
	case FX_SEND:
		do_send(w, c, e);
		break;
	case FX_CREDIT:
		client_credit(w, c, e->credit.bytes);
		break;
	case FX_PING:
		ping.re = e->ping.x;
		world_to_server(w, c, &ping);
		break;
	case FX_COMMIT:
		do_commit(w, c, e->commit);
		break;
	case FX_TIMER:
		do_timer(w, c, e->timer.at);
		break;
	case FX_MARK:
		do_mark(w, c, e);
		break;
	case FX_FETCHED:
		workload_fetched(w, c, e->fetched.tag, e->fetched.code);
		break;
	default:
		break;		/* FX_LOAD and FX_RELOAD: afterwards */
	}
}

static void
loaded(void *arg, const struct saved_conv *saved)
{
	struct sync_input in = { .type = IN_LOADED, .loaded = saved };
	struct { struct world *w; struct client *c; } *x = arg;

	client_step(x->w, x->c, &in);
}

void
client_step(struct world *w, struct client *c, struct sync_input *in)
{
	struct { struct world *w; struct client *c; } x = { w, c };
	bool wants_reload = false, loads[CONVS_MAX] = { false };

	in->now = w->now;
	in->wall = WALL + w->now + c->skew;
	sync_reserve(c->sync, in, &c->fx);
	sync_step(c->sync, in, &c->fx);
	for (size_t i = 0; i < c->fx.n && !w->has_failed; i++) {
		const struct sync_effect *e = &c->fx.v[i];

		w->trace = (w->trace ^ (e->type + 1)) * UINT64_C(0x100000001b3);
		if (!w->is_calm && dice_chance(&w->fault, w->swarm.crash_client)) {
			client_crash(w, c);
			return;
		}
		wants_reload |= e->type == FX_RELOAD;
		if (e->type == FX_LOAD)
			loads[sim_conv(e->load.conv)] = true;
		perform(w, c, e);
	}
	for (int k = 0; k < CONVS_MAX && c->is_up && !wants_reload; k++)
		if (loads[k])
			mirror_saved(&c->mirror, k, loaded, &x);
	if (wants_reload && c->is_up) {
		forget(w, c);
		client_start(w, c);
	}
}

void
client_stored(struct world *w, struct client *c)
{
	struct sync_input in = { .type = IN_STORED, .is_stored = true };
	struct sync_input diverged = { .type = IN_DIVERGED };
	bool same = true, fails = !w->is_calm && dice_chance(&w->disk, w->swarm.commit_fails);
	int conv = 0;

	/* of a failed commit nobody knows whether it is there */
	if (!fails || dice_roll(&w->disk, 2))
		same = mirror_apply(w, c, c->commit, &conv, &diverged.diverged.seq);
	c->commit = NULL;
	check_mirror(w, c);
	in.is_stored = same && !fails;
	client_step(w, c, &in);
	diverged.diverged.conv = sim_convs[conv];
	if (!same && c->is_up)
		client_step(w, c, &diverged);
}
