/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stonechat-disk: worlds in which the real store and the real ledger run on a disk that tears,
 * loses, reorders and fails writes, each decided by its seed. */
#include "sim/disk.h"

#include <ftw.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/vfs.h"

static const char *const mutants[DISK_COUNT] = {
	[DISK_NONE] = "none", [DISK_NORMAL_FOR_OWN] = "normal-for-own",
	[DISK_ACK_EARLY] = "ack-before-commit", [DISK_MARK_EARLY] = "mark-before-commit",
	[DISK_RANGES_APART] = "ranges-apart", [DISK_TORN_BATCH] = "torn-batch",
	[DISK_SYNC_ERRORS] = "sync-errors-ignored", [DISK_UNKNOWN_STORED] = "unknown-is-stored",
	[DISK_CHECKPOINT_UNSYNCED] = "checkpoint-unsynced", [DISK_NO_MARK] = "no-mark",
	[DISK_SEEN_UNSAFE] = "seen-before-safe",
};

/* ---- chance: the world's, SQLite's (vfs.c), and what the ledger draws for its ids ---- */

static uint64_t
next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint64_t
disk_roll(struct disk_world *w, uint64_t n)
{
	return next(&w->dice) % n;
}

bool
disk_chance(struct disk_world *w, unsigned permille)
{
	return disk_roll(w, 1000) < permille;
}

static uint64_t random_state;

static const char *
random_name(void)
{
	return "seeded";
}

static uint32_t
random_one(void)
{
	return (uint32_t)next(&random_state);
}

static void
random_fill(void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((unsigned char *)p)[i] = (unsigned char)next(&random_state);
}

static struct randombytes_implementation seeded = { .implementation_name = random_name,
	.random = random_one, .buf = random_fill };

/* ---- a world ---- */

void
disk_fail(struct disk_world *w, const char *fmt, ...)
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
disk_note(struct disk_world *w, const char *fmt, ...)
{
	char line[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	for (const char *p = line; *p != '\0'; p++)
		w->trace = (w->trace ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
	if (w->is_traced)
		puts(line);
}

bool
disk_danger(struct disk_world *w, const char *dir, int ops)
{
	static const enum vfs_fault faults[] = { FAULT_WRITE, FAULT_SYNC, FAULT_FULL };
	enum vfs_fault fault;

	if (w->is_calm)
		return false;
	if (disk_chance(w, w->swarm.die)) {
		vfs_arm(dir, (int)disk_roll(w, (uint64_t)ops));
		return true;
	}
	if (!disk_chance(w, w->swarm.fault))
		return false;
	fault = faults[disk_roll(w, 3)];
	vfs_fail(dir, fault, fault == FAULT_SYNC ? 0 : (int)disk_roll(w, (uint64_t)ops),
			disk_roll(w, 2));
	return true;
}

static void
swarm(struct disk_world *w)
{
	struct disk_swarm *s = &w->swarm;

	s->die = (unsigned)disk_roll(w, 300);
	s->fault = disk_chance(w, 600) ? (unsigned)disk_roll(w, 200) : 0;
	s->kill = (unsigned)disk_roll(w, 100);
	s->cut = (unsigned)disk_roll(w, 100);
	s->checkpoint = disk_chance(w, 600) ? (unsigned)disk_roll(w, 200) : 0;
	s->close = (unsigned)disk_roll(w, 60);
	s->own = (unsigned)disk_roll(w, 1000);
	s->flip = disk_chance(w, 250) ? 500 : 0;
	s->steps = 20 + (int)disk_roll(w, 40);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void
run(struct disk_world *w)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(w->root, sizeof w->root, "%s/disk-XXXXXX",
			tmp != NULL && strlen(tmp) < 30 ? tmp : "/tmp");
	if (mkdtemp(w->root) == NULL) {
		disk_fail(w, "no temporary folder");
		return;
	}
	w->dice = w->seed * 7919 + 1;
	random_state = w->seed;
	swarm(w);
	vfs_begin(w->seed + (UINT64_C(1) << 60));
	vfs_lies()->sync_errors = w->mutant == DISK_SYNC_ERRORS;
	ledger_begin(w);
	if (!w->has_failed)
		mirror_begin(w);
	for (int i = 0; i < w->swarm.steps && !w->has_failed; i++) {
		if (disk_roll(w, 2))
			ledger_step(w);
		else
			mirror_step(w);
	}
	w->is_calm = true;
	ledger_converge(w);
	mirror_converge(w);
	mirror_end(w);
	ledger_end(w);
	vfs_end();
	nftw(w->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- the program ---- */

struct options { uint64_t from, count; enum disk_mutant mutant; bool is_traced, is_json; };

static bool
parse_mutant(const char *name, enum disk_mutant *m)
{
	for (int i = 1; i < DISK_COUNT; i++)
		if (strcmp(mutants[i], name) == 0)
			*m = (enum disk_mutant)i;
	return *m != DISK_NONE;
}

static bool
parse(int argc, char **argv, struct options *o)
{
	for (int i = 1; i < argc; i++) {
		bool has_value = i + 1 < argc;

		if (strcmp(argv[i], "--trace") == 0)
			o->is_traced = true;
		else if (strcmp(argv[i], "--json") == 0)
			o->is_json = true;
		else if (has_value && strcmp(argv[i], "--from") == 0)
			o->from = strtoull(argv[++i], NULL, 10);
		else if (has_value && strcmp(argv[i], "--count") == 0)
			o->count = strtoull(argv[++i], NULL, 10);
		else if (!has_value || strcmp(argv[i], "--mutant") != 0
				|| !parse_mutant(argv[++i], &o->mutant))
			return false;
	}
	return true;
}

static void
tell(const struct options *o, const struct disk_world *w)
{
	if (o->is_json)
		printf("{\"seed\":%" PRIu64 ",\"ok\":%s,\"trace\":\"%016" PRIx64
				"\",\"why\":\"%s\"}\n", w->seed, w->has_failed ? "false" : "true",
				w->trace, w->why);
	else if (w->has_failed)
		printf("seed %" PRIu64 " trace %016" PRIx64 ": %s\n", w->seed, w->trace, w->why);
}

static uint64_t
run_all(const struct options *o, uint64_t *ran, uint64_t *trace)
{
	uint64_t failed = 0;

	for (*ran = 0; *ran < o->count && (failed == 0 || o->mutant == DISK_NONE); ++*ran) {
		struct disk_world *w = xcalloc(1, sizeof *w);

		w->seed = o->from + *ran;
		w->mutant = o->mutant;
		w->is_traced = o->is_traced;
		run(w);
		failed += w->has_failed;
		*trace = *trace * 31 + w->trace;
		tell(o, w);
		free(w);
	}
	return failed;
}

int
main(int argc, char **argv)
{
	struct options o = { .from = 1, .count = 1 };
	uint64_t failed, ran, trace = 0;

	if (argc == 2 && strcmp(argv[1], "--list-mutants") == 0) {
		for (int m = 1; m < DISK_COUNT; m++)
			puts(mutants[m]);
		return 0;
	}
	if (!parse(argc, argv, &o)) {
		fputs("usage: stonechat-disk --from SEED --count N [--mutant NAME] [--trace] "
				"[--json]\n       stonechat-disk --list-mutants\n", stderr);
		return 64;
	}
	if (randombytes_set_implementation(&seeded) != 0 || sodium_init() < 0)
		return 1;
	failed = run_all(&o, &ran, &trace);
	if (!o.is_json)
		printf("%" PRIu64 " seeds, %" PRIu64 " failed, trace %016" PRIx64 "\n", ran,
				failed, trace);
	return failed > 0;
}
