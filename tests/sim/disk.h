/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second layer of the simulator: the real mirror and the real ledger on a disk that fails. */
#ifndef TESTS_SIM_DISK_H
#define TESTS_SIM_DISK_H

#include <semaphore.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arr.h"
#include "base/id.h"
#include "ledger/ledger.h"
#include "model/batch.h"
#include "store/writer.h"

#define DIR_SIZE 64

/* A planted bug: what stonechat must not do, or a disk must not, done on purpose. */
enum disk_mutant {
	DISK_NONE, DISK_NORMAL_FOR_OWN, DISK_ACK_EARLY, DISK_MARK_EARLY, DISK_RANGES_APART,
	DISK_TORN_BATCH, DISK_SYNC_ERRORS, DISK_UNKNOWN_STORED, DISK_CHECKPOINT_UNSYNCED,
	DISK_NO_MARK, DISK_SEEN_UNSAFE, DISK_COUNT
};

/* What the seed makes of this world, chances in permille. */
struct disk_swarm { unsigned die, fault, cut, kill, checkpoint, close, own, flip; int steps; };

/* What the mirror was after a commit. */
struct disk_state { uint64_t print; int64_t tick; };

struct disk_mirror {
	char dir[DIR_SIZE], twin[DIR_SIZE];
	struct writer *writer;
	sqlite3 *eye;			/* a front that reads */
	sem_t done;
	struct batch batch;
	arr(struct disk_state) states;
	size_t safe;			/* the state that no power cut may undo */
	int64_t mark;			/* the tick of the last own batch that was stored */
	bool is_mark_cut;		/* a power cut may have taken some of it */
	int rows, feed;
	char mark_old[512];		/* the file outside, as the disk may still have it */
	size_t mark_old_n;
};

/* A record that the ledger acknowledged: seq 0 while nobody knows. */
struct disk_sent { char cid[ID_SIZE], id[ID_SIZE]; int64_t seq, lane; };

struct disk_ledger {
	char dir[DIR_SIZE], conv[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1];
	struct ledger *l;
	struct ledger_reader *r;
	arr(struct disk_sent) sent;
	int64_t base;			/* records of the start: people who joined */
};

struct disk_world {
	uint64_t seed, dice, trace;
	enum disk_mutant mutant;
	bool is_traced, has_failed, is_calm;
	char why[240], root[DIR_SIZE];
	struct disk_swarm swarm;
	struct disk_mirror mirror;
	struct disk_ledger ledger;
	struct { int64_t commits, deaths, cuts, faults, flips; } stats;
};

/* disk.c */
uint64_t disk_roll(struct disk_world *w, uint64_t n);
bool disk_chance(struct disk_world *w, unsigned permille);
void disk_fail(struct disk_world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void disk_note(struct disk_world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Draws whether the machine of dir dies or its disk fails within the next writes. */
bool disk_danger(struct disk_world *w, const char *dir, int ops);

/* disk-mirror.c */
void mirror_begin(struct disk_world *w);
void mirror_step(struct disk_world *w);
/* Brings everything that the ledger has, and compares. */
void mirror_converge(struct disk_world *w);
void mirror_end(struct disk_world *w);

/* disk-look.c: what the mirror says, seen from outside */
void look_open(struct disk_world *w);
struct disk_state look(struct disk_world *w, sqlite3 *h);
int64_t look_number(struct disk_world *w, sqlite3 *h, const char *sql);
/* Coverage without rows, rows without coverage, damage. */
void look_sound(struct disk_world *w, bool thoroughly);
/* Whether the mirror holds this record. */
bool look_record(struct disk_world *w, int64_t seq, const char *id);

/* disk-ledger.c */
void ledger_begin(struct disk_world *w);
void ledger_step(struct disk_world *w);
void ledger_converge(struct disk_world *w);
void ledger_end(struct disk_world *w);
/* The id of the record at seq; "" when there is none. The head. */
void ledger_record(struct disk_world *w, int64_t seq, char id[ID_SIZE]);
int64_t ledger_head(struct disk_world *w);

#endif
