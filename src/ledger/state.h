/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The writer's own view of the ledger: what the current batch of proposals has read and changed,
 * kept in memory from batch to batch, written back once a batch, forgotten when a commit fails. */
#ifndef LEDGER_STATE_H
#define LEDGER_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arr.h"
#include "base/id.h"
#include "base/map.h"
#include "sql/sql.h"
#include "ledger/decide.h"
#include "ledger/ledger.h"

#define SHOWN_MAX 64		/* bytes of a display name */
#define START_SIZE 9		/* 8 random characters, anew at every start, with NUL */
#define EPOCH_LEN 6		/* random characters of a new epoch */

struct state_conv {
	int64_t n;
	char id[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1], name[2 * USER_MAX + 2];
	enum conv_kind kind;
	bool is_public, is_minted, is_dirty;
	int64_t seq, floor, last_ts, counted;
	unsigned char last_id[16];
	size_t change;		/* 1 + its place among the changes of this batch; 0: none */
};

struct state_user {
	int64_t n;
	char name[USER_MAX + 1], shown[SHOWN_MAX + 1];
	bool is_admin;
	int64_t fill, fill_at;	/* of the leaky bucket, in ms times messages; since when */
};

struct state_lane {
	int64_t conv, user;
	char device[DEVICE_MAX + 1];
	int64_t last;
	bool is_dirty;
};

struct state_member {
	int64_t conv, user;
	enum ledger_role role;
	bool was_ever;		/* a member, now or before */
	int64_t own, read, read_own, told;
	bool is_dirty, has_newest;
	unsigned char newest[16];	/* the greatest cid of theirs here, once it was asked for */
};

/* A record for a user's own log that follows from what was appended elsewhere. */
struct state_note {
	char conv[CONV_ID_MAX + 1], cid[ID_SIZE], from[USER_MAX + 1], device[DEVICE_MAX + 1];
	enum record_kind kind;
	char *body;
	int64_t now;
};

/* A read mark whose user's log will hear of it when the second is over. */
struct state_late {
	char conv[CONV_ID_MAX + 1], user[USER_MAX + 1], device[DEVICE_MAX + 1];
	int64_t due;
};

struct ledger {
	struct sql *db;
	char *dir;
	int lock, mark;			/* file descriptors */
	struct ledger_limits limits;
	char *auto_join;
	struct id_gen ids;
	char start[START_SIZE];
	int64_t tick, tick_before;	/* of the commit in hand, and of the last one */
	char notice[200];
	struct map *convs, *users, *lanes, *members;
	arr(struct state_conv *) dirty_convs;
	arr(struct state_lane *) dirty_lanes;
	arr(struct state_member *) dirty_members;
	arr(struct state_note) notes;
	arr(struct state_late) late;
	struct ledger_changes *changes;	/* of the batch in hand */
	int changed;			/* rows, when it began */
	struct buf record;		/* bytes of the record being made */
};

void state_init(struct ledger *l);
void state_done(struct ledger *l);
/* Forgets everything: after a commit that failed, or an act that went past it. */
void state_clear(struct ledger *l);
/* Makes room when it has grown large. Nothing may be dirty. */
void state_trim(struct ledger *l);
/* Writes what the batch changed. */
bool state_flush(struct ledger *l, struct err *err);

/* Each finds in memory or in the file: false when that failed, *out NULL when there is none.
 * What they give stays until the batch ends. */
bool state_conv(struct ledger *l, const char *id, struct state_conv **out, struct err *err);
bool state_conv_named(struct ledger *l, const char *name, struct state_conv **out,
		struct err *err);
bool state_user(struct ledger *l, const char *name, struct state_user **out, struct err *err);
bool state_user_n(struct ledger *l, int64_t n, struct state_user **out, struct err *err);
/* These two make what is not there (last 0; no role). */
bool state_lane(struct ledger *l, int64_t conv, int64_t user, const char *device,
		struct state_lane **out, struct err *err);
bool state_member(struct ledger *l, int64_t conv, int64_t user, struct state_member **out,
		struct err *err);

/* A cid's answer: seq, or 0 with code and why. */
struct state_answer { int64_t seq, hash; enum code code; const char *why; };
/* Keeps the answer to cid for ever. */
bool state_answer_put(struct ledger *l, int64_t conv, int64_t user, const unsigned char cid[16],
		const struct state_answer *a, struct err *err);
/* False only if reading failed. *is_new: cid is above all that m ever sent here, as it is for
 * clients whose ids follow the time: there is no need to look for it. */
bool state_is_new(struct ledger *l, struct state_member *m, const unsigned char cid[16],
		bool *is_new, struct err *err);

/* To be written at the end of the batch. */
void state_touch_conv(struct ledger *l, struct state_conv *c);
void state_touch_lane(struct ledger *l, struct state_lane *lane);
void state_touch_member(struct ledger *l, struct state_member *m);

#endif
