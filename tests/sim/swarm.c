/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The swarm: what a seed makes of its world, and how a world that fails is made smaller. */
#include "sim/sim.h"

#include <stdlib.h>

#define KNOB(field, least) { #field, offsetof(struct swarm, field), least }
const struct knob sim_knobs[] = {
	KNOB(loss, 0), KNOB(dup, 0), KNOB(cut, 0), KNOB(half_open, 0), KNOB(delay, 1),
	KNOB(crash_client, 0), KNOB(crash_server, 0), KNOB(power_cut, 0), KNOB(commit_fails, 0),
	KNOB(server_fails, 0), KNOB(disk, 1), KNOB(restore, 0), KNOB(with_command, 0),
	KNOB(marks, 0), KNOB(busy, 0), KNOB(short_page, 0), KNOB(ttl, 0), KNOB(wake, 0),
	KNOB(clock, 0), KNOB(trim, 0), KNOB(changes, 0),
	KNOB(poison, 0), KNOB(clients, 1), KNOB(users, 1), KNOB(convs, 1),
	KNOB(sends, 1), KNOB(safety, 500), KNOB(skip_above, 1000),
};
const size_t sim_knobs_n = sizeof sim_knobs / sizeof *sim_knobs;

int64_t *
swarm_knob(struct swarm *s, const struct knob *k)
{
	return (int64_t *)(void *)((char *)s + k->at);
}

/* Now and then a number below n, else nothing. */
static int64_t
maybe(struct dice *d, int64_t permille, uint64_t n)
{
	return dice_chance(d, permille) ? (int64_t)dice_roll(d, n) : 0;
}

void
swarm_fill(struct world *w)
{
	struct swarm *s = &w->swarm;
	struct dice d = { w->seed * 7919 + 1 };

	s->clients = 1 + (int64_t)dice_roll(&d, dice_chance(&d, 500) ? 3 : CLIENTS_MAX);
	s->users = 1 + (int64_t)dice_roll(&d, USERS_MAX);
	s->convs = 1 + (int64_t)dice_roll(&d, ROOMS_MAX);
	s->loss = maybe(&d, 500, 300);
	s->dup = maybe(&d, 500, 300);
	s->cut = (int64_t)dice_roll(&d, 200);
	s->half_open = (int64_t)dice_roll(&d, 1000);
	s->poison = (int64_t)dice_roll(&d, 100);
	s->crash_client = (int64_t)dice_roll(&d, 8);
	s->crash_server = (int64_t)dice_roll(&d, 40);
	s->commit_fails = maybe(&d, 500, 50);
	s->restore = maybe(&d, 400, 60);
	s->with_command = (int64_t)dice_roll(&d, 1000);
	s->delay = 1 + (int64_t)dice_roll(&d, dice_chance(&d, 200) ? 5000 : 200);
	s->disk = 1 + (int64_t)dice_roll(&d, 60);
	s->skip_above = 2 + (int64_t)dice_roll(&d, 40);
	s->safety = 20000;
	s->sends = 10 + (int64_t)dice_roll(&d, 80);
	s->power_cut = maybe(&d, 400, 1000);
	s->server_fails = maybe(&d, 400, 100);
	s->marks = maybe(&d, 500, 300);
	s->busy = maybe(&d, 500, 300);
	s->short_page = (int64_t)dice_roll(&d, 300);
	s->ttl = maybe(&d, 300, 200);
	s->wake = (int64_t)dice_roll(&d, 20);
	s->clock = maybe(&d, 300, 60);
	s->trim = maybe(&d, 500, 60);
	s->changes = maybe(&d, 700, 600);
	if (!w->is_open && !world_has(w, MUTANT_TRIM_IS_COVERED))	/* see README, Open */
		s->trim = 0;
	if (!w->is_open && s->restore > 0)
		s->changes = s->trim = 0;
}

static bool
fails(const struct swarm *s, uint64_t seed, const struct planting *mutant)
{
	struct world *w = xcalloc(1, sizeof *w);
	bool ok;

	w->seed = seed;
	w->mutant = mutant;
	w->swarm = *s;
	ok = world_run(w);
	world_done(w);
	free(w);
	return !ok;
}

/* True when the smaller value still fails; then it stays. */
static bool
lower(struct swarm *s, const struct knob *k, int64_t to, uint64_t seed,
		const struct planting *mutant)
{
	int64_t *at = swarm_knob(s, k), was = *at;

	if (to == was)
		return false;
	*at = to;
	if (fails(s, seed, mutant))
		return true;
	*at = was;
	return false;
}

void
swarm_shrink(struct swarm *s, uint64_t seed, const struct planting *mutant)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < sim_knobs_n; i++) {
			const struct knob *k = &sim_knobs[i];
			int64_t v = *swarm_knob(s, k);

			if (lower(s, k, k->off, seed, mutant)
					|| lower(s, k, (v + k->off) / 2, seed, mutant)
					|| (v > k->off && lower(s, k, v - 1, seed, mutant)))
				again = true;
		}
	}
}
