/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The world: an agenda of happenings in the order of their times, and the network. */
#include "sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sim_convs[CONVS_MAX] = { "c_1", "c_2", "c_3", "u_ann", "u_bob", "u_cyd",
	"u_dan" };
const char *const sim_users[USERS_MAX] = { "ann", "bob", "cyd", "dan" };

int
sim_conv(const char *id)
{
	for (int k = 0; k < CONVS_MAX; k++)
		if (strcmp(sim_convs[k], id) == 0)
			return k;
	return -1;
}

int
sim_user(const char *name)
{
	for (int k = 0; k < USERS_MAX; k++)
		if (strcmp(sim_users[k], name) == 0)
			return k;
	return 0;
}

bool
world_sees(const struct world *w, int user, int conv)
{
	return conv < ROOMS_MAX ? conv < w->swarm.convs : conv == ROOMS_MAX + user;
}

/* splitmix64 */
uint64_t
dice_roll(struct dice *d, uint64_t n)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

bool
dice_chance(struct dice *d, int64_t permille)
{
	return (int64_t)dice_roll(d, 1000) < permille;
}

bool
world_has(const struct world *w, enum mutant m)
{
	return w->mutant != NULL && w->mutant->mutant == m;
}

void
world_fail(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->has_failed)
		return;
	w->has_failed = true;
	va_start(ap, fmt);
	vsnprintf(w->why, sizeof w->why, fmt, ap);
	va_end(ap);
}

void
world_note(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (!w->is_traced)
		return;
	printf("%8lld ", (long long)w->now);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

struct promise *
world_promise(struct world *w, const char *cid)
{
	for (size_t i = 0; i < w->promises.n; i++)
		if (strcmp(w->promises.v[i].cid, cid) == 0)
			return &w->promises.v[i];
	abort();	/* a cid that nobody made */
}

/* ---- the agenda: the order of planning decides between equal times ---- */

struct happening *
world_plan(struct world *w, int64_t in, enum what what)
{
	size_t at = w->agenda.n;
	struct happening h = { .at = w->now + in, .order = ++w->order, .what = what };

	while (at > 0 && w->agenda.v[at - 1].at <= h.at)
		at--;
	arr_insert(&w->agenda, at, h);
	return &w->agenda.v[at];
}

static struct msg *
copy(const struct msg *m)
{
	struct msg *c = xmemdup(m, sizeof *m);

	c->evs.v = m->evs.n > 0 ? xmemdup(m->evs.v, m->evs.n * sizeof *m->evs.v) : NULL;
	c->evs.cap = c->evs.n;
	return c;
}

static void
msg_free(struct msg *m)
{
	if (m == NULL)
		return;
	free(m->evs.v);
	free(m);
}

/* Frames may be lost, doubled and late. Those of one connection keep their order; those of
 * different ones do not, and outlive their connection. */
static void
carry(struct world *w, enum what what, int client, int64_t conn, const struct msg *m)
{
	int copies = 1;

	/* nobody answers a mark, so it is only lost with its connection */
	if (!w->is_calm && m->type != MSG_MARK && dice_chance(&w->net, w->swarm.loss))
		copies = 0;
	else if (!w->is_calm && dice_chance(&w->net, w->swarm.dup))
		copies = 2;
	for (int i = 0; i < copies; i++) {
		int64_t in = 0;
		struct happening *h;

		for (size_t k = 0; k < w->agenda.n; k++)
			if (w->agenda.v[k].what == what && w->agenda.v[k].conn == conn
					&& w->agenda.v[k].at - w->now > in)
				in = w->agenda.v[k].at - w->now;
		in += (int64_t)dice_roll(&w->net, (uint64_t)w->swarm.delay);
		h = world_plan(w, in, what);
		h->who = client;
		h->conn = conn;
		h->m = copy(m);
	}
}

void
world_to_server(struct world *w, const struct client *c, const struct msg *m)
{
	if (c->conn != 0)
		carry(w, WHAT_TO_SERVER, c->no, c->conn, m);
}

void
world_to_client(struct world *w, const struct conn *conn, const struct msg *m)
{
	carry(w, WHAT_TO_CLIENT, conn->client, conn->no, m);
}

/* ---- faults ---- */

static void
cut(struct world *w, struct client *c)
{
	struct conn *k = server_conn(w, c->conn);
	struct sync_input down = { .type = IN_DOWN, .down = { 1006, "cut" } };

	if (!c->is_up || c->conn == 0)
		return;
	w->stats.cuts++;
	world_note(w, "client %d is cut off", c->no);
	if (k != NULL && !dice_chance(&w->fault, w->swarm.half_open))
		k->is_open = false;
	c->conn = 0;
	client_step(w, c, &down);
}

/* It slept: the server gave it up meanwhile, and what was under way is lost. */
static void
wake(struct world *w, struct client *c)
{
	struct conn *k = server_conn(w, c->conn);
	struct sync_input in = { .type = IN_WAKE };

	if (!c->is_up)
		return;
	if (k != NULL && !dice_chance(&w->fault, w->swarm.half_open))
		k->is_open = false;
	world_note(w, "client %d wakes", c->no);
	client_step(w, c, &in);
}

static void
chaos(struct world *w)
{
	struct dice *d = &w->fault;

	if (w->is_calm)
		return;
	world_plan(w, 50 + (int64_t)dice_roll(d, 200), WHAT_CHAOS);
	if (dice_chance(d, w->swarm.cut))
		cut(w, &w->clients[dice_roll(d, (uint64_t)w->swarm.clients)]);
	if (dice_chance(d, w->swarm.crash_server))
		server_crash(w);
	if (dice_chance(d, w->swarm.clock))
		w->clients[dice_roll(d, (uint64_t)w->swarm.clients)].skew =
			(int64_t)dice_roll(d, 2 * TEN_YEARS) - (int64_t)TEN_YEARS;
	if (dice_chance(d, w->swarm.wake))
		wake(w, &w->clients[dice_roll(d, (uint64_t)w->swarm.clients)]);
	if (dice_chance(d, w->swarm.trim))
		server_trim(w, (int)dice_roll(d, (uint64_t)w->swarm.convs));
	if (dice_chance(d, w->swarm.restore) && w->server.is_up) {
		if (w->server.has_backup)
			server_restore(w, dice_chance(d, w->swarm.with_command));
		else
			w->server.backup = w->server.durable;
		w->server.has_backup = !w->server.has_backup;
	}
}

static void
user(struct world *w, int who)
{
	struct happening *h;

	if (w->is_calm)
		return;
	h = world_plan(w, 1 + (int64_t)dice_roll(&w->work, 800), WHAT_USER);
	h->who = who;
	if ((int64_t)w->promises.n < w->swarm.sends)
		workload(w, &w->clients[who]);
}

/* ---- one happening ---- */

static void
down(struct world *w, struct client *c)
{
	struct sync_input in = { .type = IN_DOWN, .down = { 0, "refused" } };

	c->conn = 0;
	client_step(w, c, &in);
}

static void
happen_client(struct world *w, const struct happening *h, struct client *c)
{
	struct sync_input in = { .type = h->what == WHAT_UP ? IN_UP : IN_TIMER };

	if (!c->is_up)
		return;
	if (h->what == WHAT_TIMER) {
		if (h->life == c->life && c->timer_at >= 0 && w->now >= c->timer_at) {
			c->timer_at = -1;
			client_step(w, c, &in);
		}
	} else if (h->what == WHAT_STORED) {
		if (h->life == c->life && c->commit != NULL)
			client_stored(w, c);
	} else if (h->conn == c->conn) {
		if (h->what == WHAT_TO_CLIENT)
			client_take(w, c, h->m);
		else if (h->what == WHAT_DOWN)
			down(w, c);
		else
			client_step(w, c, &in);
	}
}

static void
happen(struct world *w, const struct happening *h)
{
	struct client *c = &w->clients[h->who];

	w->trace = (w->trace ^ ((uint64_t)h->at * 64 + h->what)) * UINT64_C(0x100000001b3);
	switch (h->what) {
	case WHAT_TO_SERVER:
		if (server_conn(w, h->conn) != NULL)
			server_take(w, server_conn(w, h->conn), h->m);
		break;
	case WHAT_START_CLIENT:
		if (!c->is_up)
			client_start(w, c);
		break;
	case WHAT_START_SERVER:
		if (!w->server.is_up)
			server_start(w);
		break;
	case WHAT_COMMITTED:
		if (w->server.is_committing && h->life == w->server.start)
			server_committed(w);
		break;
	case WHAT_USER:
		user(w, h->who);
		break;
	case WHAT_CHAOS:
		chaos(w);
		break;
	default:
		happen_client(w, h, c);
	}
}

/* Until time is over, nothing more is to happen, or, at the end, all agree. */
static void
run(struct world *w, int64_t until)
{
	while (w->agenda.n > 0 && !w->has_failed) {
		struct happening h = w->agenda.v[w->agenda.n - 1];

		if (h.at > until)
			break;
		w->agenda.n--;
		w->now = h.at;
		w->stats.steps++;
		happen(w, &h);
		msg_free(h.m);
		if (w->is_calm && w->stats.steps % 16 == 0 && check_converged(w, false))
			break;
	}
}

bool
world_run(struct world *w)
{
	if (w->swarm.clients == 0)
		swarm_fill(w);
	w->net.state = w->seed;
	w->disk.state = w->seed + (UINT64_C(1) << 60);
	w->work.state = w->seed + (UINT64_C(2) << 60);
	w->fault.state = w->seed + (UINT64_C(3) << 60);
	server_init(w);
	for (int i = 0; i < w->swarm.clients; i++) {
		w->clients[i].no = i;
		w->clients[i].user = i % (int)w->swarm.users;
		world_plan(w, i, WHAT_START_CLIENT)->who = i;
		world_plan(w, 100 + i, WHAT_USER)->who = i;
	}
	world_plan(w, 100, WHAT_CHAOS);
	run(w, w->swarm.safety);
	w->is_calm = true;
	run(w, w->swarm.safety + 1800000);
	if (!w->has_failed)
		check_converged(w, true);
	return !w->has_failed;
}

void
world_done(struct world *w)
{
	for (size_t i = 0; i < w->agenda.n; i++)
		msg_free(w->agenda.v[i].m);
	arr_done(&w->agenda);
	arr_done(&w->promises);
	for (int i = 0; i < w->swarm.clients; i++)
		client_done(&w->clients[i]);
	server_done(w);
}
