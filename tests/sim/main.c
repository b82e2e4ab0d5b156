/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stonechat-sim: runs seeds, and says which fail. */
#include "sim/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const mutants[MUTANT_COUNT] = {
	[MUTANT_NONE] = "none", [MUTANT_ACK_EARLY] = "ack-before-commit",
	[MUTANT_PUSH_EARLY] = "push-before-commit", [MUTANT_DEDUP_WINDOW] = "dedup-by-window",
	[MUTANT_LANE_IGNORED] = "lane-ignored", [MUTANT_NO_ID_CHECK] = "no-id-check",
	[MUTANT_STORED_EARLY] = "failure-counts-as-stored",
	[MUTANT_OUTBOX_AT_ACK] = "outbox-cleared-at-ack",
	[MUTANT_CREDIT_EARLY] = "credit-before-commit",
	[MUTANT_REBASE_LOSES_OWN] = "rebase-loses-own",
	[MUTANT_GAP_IS_COVERAGE] = "gap-is-coverage", [MUTANT_TORN_BATCH] = "torn-batch",
	[MUTANT_POISON_KEEPS_LANE] = "poison-keeps-lane", [MUTANT_PAGE_SHORT] = "page-short",
};

const char *
mutant_name(enum mutant m)
{
	return mutants[m];
}

struct options { uint64_t from, count; enum mutant mutant; bool is_traced, is_json; };

static bool
parse(int argc, char **argv, struct options *o)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--trace") == 0) {
			o->is_traced = true;
		} else if (strcmp(argv[i], "--json") == 0) {
			o->is_json = true;
		} else if (i + 1 < argc && strcmp(argv[i], "--from") == 0) {
			o->from = strtoull(argv[++i], NULL, 10);
		} else if (i + 1 < argc && strcmp(argv[i], "--count") == 0) {
			o->count = strtoull(argv[++i], NULL, 10);
		} else if (i + 1 < argc && strcmp(argv[i], "--mutant") == 0) {
			i++;
			for (int m = 1; m < MUTANT_COUNT; m++)
				if (strcmp(mutants[m], argv[i]) == 0)
					o->mutant = (enum mutant)m;
			if (o->mutant == MUTANT_NONE)
				return false;
		} else {
			return false;
		}
	}
	return true;
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
	for (int m = 1; m < MUTANT_COUNT; m++)
		puts(mutants[m]);
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = { .from = 1, .count = 1 };
	uint64_t failed = 0, seed, trace = 0, n = 0;
	struct world *w;

	if (argc == 2 && strcmp(argv[1], "--list-mutants") == 0)
		return list();
	if (!parse(argc, argv, &o)) {
		fputs("usage: stonechat-sim --from SEED --count N [--mutant NAME] [--trace] "
				"[--json]\n       stonechat-sim --list-mutants\n", stderr);
		return 64;
	}
	for (seed = o.from; n < o.count; seed++, n++) {
		w = xcalloc(1, sizeof *w);
		w->seed = seed;
		w->mutant = o.mutant;
		w->is_traced = o.is_traced;
		failed += !world_run(w);
		trace = trace * 31 + w->trace;
		tell(&o, w);
		world_done(w);
		free(w);
		if (failed > 0 && o.mutant != MUTANT_NONE)
			break;		/* it is caught */
	}
	if (!o.is_json)
		printf("%" PRIu64 " seeds, %" PRIu64 " failed, trace %016" PRIx64 "\n",
				n + (failed > 0 && o.mutant != MUTANT_NONE), failed, trace);
	return failed > 0;
}
