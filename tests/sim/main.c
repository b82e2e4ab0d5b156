/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stonechat-sim: runs seeds, says which fail, and shows that planted bugs are found. */
#include "sim/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MUTANT_SEEDS 10000	/* a planted bug is to be found within so many */
#define PROGRESS_S 10

const struct planting sim_mutants[] = {
	{ "ack-before-commit", "server", MUTANT_ACK_EARLY, BUG_NONE },
	{ "push-before-commit", "server", MUTANT_PUSH_EARLY, BUG_NONE },
	{ "dedup-by-window", "server", MUTANT_DEDUP_WINDOW, BUG_NONE },
	{ "lane-ignored", "server", MUTANT_LANE_IGNORED, BUG_NONE },
	{ "no-id-check", "server", MUTANT_NO_ID_CHECK, BUG_NONE },
	{ "page-short", "server", MUTANT_PAGE_SHORT, BUG_NONE },
	{ "mark-goes-back", "server", MUTANT_MARK_GOES_BACK, BUG_NONE },
	{ "trim-is-covered", "server", MUTANT_TRIM_IS_COVERED, BUG_NONE },
	{ "torn-batch", "disk", MUTANT_TORN_BATCH, BUG_NONE },
	{ "failure-is-stored", "core", MUTANT_NONE, BUG_FAILURE_IS_STORED },
	{ "credit-before-commit", "core", MUTANT_NONE, BUG_CREDIT_EARLY },
	{ "gap-is-covered", "core", MUTANT_NONE, BUG_GAP_IS_COVERED },
	{ "send-before-commit", "core", MUTANT_NONE, BUG_SEND_EARLY },
	{ "outbox-cleared-at-ack", "core", MUTANT_NONE, BUG_GONE_AT_ACK },
	{ "own-lost-at-fork", "core", MUTANT_NONE, BUG_OWN_LOST_AT_FORK },
	{ "fork-kept", "core", MUTANT_NONE, BUG_FORK_KEPT },
	{ "poison-blocks", "core", MUTANT_NONE, BUG_POISON_BLOCKS },
	{ "queued-not-synced", "core", MUTANT_NONE, BUG_NOT_SYNCED },
};
const size_t sim_mutants_n = sizeof sim_mutants / sizeof *sim_mutants;

enum mode { MODE_SEEDS, MODE_LIST, MODE_TABLE, MODE_SHRINK, MODE_SOAK };
struct options {
	uint64_t from, count;
	const struct planting *mutant;
	enum mode mode;
	bool is_traced, is_json, is_open;
};

static const struct planting *
mutant_named(const char *name)
{
	for (size_t i = 0; i < sim_mutants_n; i++)
		if (strcmp(sim_mutants[i].name, name) == 0)
			return &sim_mutants[i];
	return NULL;
}

static bool
parse_flag(const char *arg, struct options *o)
{
	if (strcmp(arg, "--trace") == 0)
		o->is_traced = true;
	else if (strcmp(arg, "--json") == 0)
		o->is_json = true;
	else if (strcmp(arg, "--open") == 0)
		o->is_open = true;
	else if (strcmp(arg, "--list-mutants") == 0)
		o->mode = MODE_LIST;
	else if (strcmp(arg, "--mutants") == 0)
		o->mode = MODE_TABLE;
	else if (strcmp(arg, "--shrink") == 0)
		o->mode = MODE_SHRINK;
	else if (strcmp(arg, "--soak") == 0)
		o->mode = MODE_SOAK;
	else
		return false;
	return true;
}

static bool
parse_number(const char *text, uint64_t *n)
{
	char *end;

	*n = strtoull(text, &end, 10);
	return end != text && *end == '\0';
}

static bool
parse(int argc, char **argv, struct options *o)
{
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";

		if (parse_flag(arg, o))
			continue;
		i++;
		if (strcmp(arg, "--from") == 0 || strcmp(arg, "--seed") == 0) {
			if (!parse_number(value, &o->from))
				return false;
		} else if (strcmp(arg, "--count") == 0) {
			if (!parse_number(value, &o->count))
				return false;
		} else if (strcmp(arg, "--mutant") != 0
				|| (o->mutant = mutant_named(value)) == NULL) {
			return false;
		}
	}
	return true;
}

static struct world *
world_of(uint64_t seed, const struct planting *mutant)
{
	struct world *w = xcalloc(1, sizeof *w);

	w->seed = seed;
	w->mutant = mutant;
	return w;
}

static void
tell(const struct options *o, const struct world *w)
{
	if (o->is_json)
		printf("{\"seed\":%" PRIu64 ",\"ok\":%s,\"trace\":\"%016" PRIx64
				"\",\"why\":\"%s\"}\n", w->seed, w->has_failed ? "false" : "true",
				w->trace, w->why);
	else if (w->has_failed)
		printf("seed %" PRIu64 " trace %016" PRIx64 ": %s\n", w->seed, w->trace, w->why);
}

static int
list(void)
{
	for (size_t i = 0; i < sim_mutants_n; i++)
		puts(sim_mutants[i].name);
	return 0;
}

/* Each planted bug, and how many seeds it took to find it. */
static int
table(const struct options *o)
{
	int missed = 0;

	printf("%-22s %-7s %6s  %s\n", "planted bug", "in", "seeds", "found as");
	for (size_t i = 0; i < sim_mutants_n; i++) {
		const struct planting *m = &sim_mutants[i];
		bool ok = true;

		for (uint64_t n = 1; ok && n <= MUTANT_SEEDS; n++) {
			struct world *w = world_of(o->from + n - 1, m);

			ok = world_run(w);
			if (!ok)
				printf("%-22s %-7s %6" PRIu64 "  %s\n", m->name, m->where, n,
						w->why);
			world_done(w);
			free(w);
		}
		if (ok)
			printf("%-22s %-7s %6s\n", m->name, m->where, "missed");
		missed += ok;
	}
	return missed > 0;
}

static int
shrink(const struct options *o)
{
	struct world *w = world_of(o->from, o->mutant);
	bool ok;

	w->is_open = o->is_open;
	swarm_fill(w);
	swarm_shrink(&w->swarm, w->seed, w->mutant);
	for (size_t i = 0; i < sim_knobs_n; i++)
		printf("%s %" PRId64 "\n", sim_knobs[i].name,
				*swarm_knob(&w->swarm, &sim_knobs[i]));
	w->is_traced = true;
	ok = world_run(w);
	puts(ok ? "this seed does not fail" : w->why);
	world_done(w);
	free(w);
	return !ok;
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A word now and then; 0 counts as the first. */
static void
progress(uint64_t n, double *told, double start)
{
	double now = seconds();

	if (now - *told < PROGRESS_S)
		return;
	*told = now;
	printf("%" PRIu64 " seeds, %.0f a second\n", n, (double)n / (now - start));
	fflush(stdout);
}

static int
seeds(const struct options *o)
{
	bool is_soak = o->mode == MODE_SOAK;
	uint64_t failed = 0, trace = 0, n = 0;
	double start = seconds(), told = start;

	while (is_soak || n < o->count) {
		struct world *w = world_of(o->from + n++, o->mutant);

		w->is_traced = o->is_traced;
		w->is_open = o->is_open;
		failed += !world_run(w);
		trace = trace * 31 + w->trace;
		tell(o, w);
		if (w->has_failed && is_soak)
			printf("see it: tests/sim/stonechat-sim --shrink --seed %" PRIu64 "\n",
					w->seed);
		world_done(w);
		free(w);
		if (failed > 0 && (o->mutant != NULL || is_soak))
			break;
		if (is_soak)
			progress(n, &told, start);
	}
	if (!o->is_json)
		printf("%" PRIu64 " seeds, %" PRIu64 " failed, trace %016" PRIx64 "\n", n, failed,
				trace);
	return failed > 0;
}

int
main(int argc, char **argv)
{
	struct options o = { .from = 1, .count = 1 };

	if (!parse(argc, argv, &o)) {
		fputs("usage: stonechat-sim [--from SEED] [--count N] [--mutant NAME] [--trace] "
				"[--json] [--open]\n"
				"       stonechat-sim --shrink --seed SEED [--mutant NAME] "
				"[--open]\n"
				"       stonechat-sim --soak [--from SEED]\n"
				"       stonechat-sim --mutants | --list-mutants\n", stderr);
		return 2;
	}
	switch (o.mode) {
	case MODE_LIST:
		return list();
	case MODE_TABLE:
		return table(&o);
	case MODE_SHRINK:
		return shrink(&o);
	default:
		return seeds(&o);
	}
}
