/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of the writer: the database and what applies changes to it. Everything here runs on
 * the writer's thread, within its transaction. */
#ifndef STORE_APPLY_H
#define STORE_APPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/batch.h"

struct sql;
struct map;

/* Numbers of the statements in store_sql. */
enum store_stmt {
	Q_CONV_N, Q_CONV_PUT, Q_CONV_TOPIC, Q_CONV_LOG, Q_CONV_COUNTS, Q_CONV_GREW, Q_CONV_CLOSED,
	Q_CONV_READ, Q_CONV_SET_COUNTS, Q_CONV_REBASED, Q_CONV_SEEN, Q_CONV_HEAD,
	Q_EVENT_PUT, Q_EVENT_AT,
	Q_EVENT_MINE, Q_EVENT_UNREAD, Q_EVENT_BODY, Q_EVENT_BLANK, Q_EDITS_BLANK, Q_EVENT_CUT,
	Q_EVENT_ABOVE,
	Q_RANGE_TOUCH, Q_RANGE_DEL, Q_RANGE_PUT, Q_RANGE_CUT_DEL, Q_RANGE_CUT, Q_RANGE_HAS,
	Q_RANGE_FORGET,
	Q_FOLD_GET, Q_FOLD_PUT, Q_FOLD_DEL, Q_FOLD_UNBASE, Q_FOLD_OPS, Q_ORPHAN_PUT,
	Q_OUT_OFFER, Q_OUT_MAKE_ROOM, Q_OUT_ADD, Q_OUT_LANE, Q_OUT_STATE, Q_OUT_DEL,
	Q_OUT_SHIFT, Q_LANE_SHIFT, Q_OUT_RENUMBER, Q_LANE_RESET, Q_OUT_COUNT, Q_OUT_FIRST,
	Q_DRAFT_PUT, Q_DRAFT_DEL, Q_META_PUT, Q_META_GET, Q_TICK, Q_WORD_PUT, Q_WORD_DEL,
	Q_WORD_ROW_PUT, Q_WORD_ROW_FIND, Q_WORD_ROW_DEL, Q_WORD_NEXT, Q_WORD_HOLE, Q_STORE_COUNT
};
extern const char *const store_sql[Q_STORE_COUNT];

struct store {
	struct sql *db;
	char user[USER_MAX + 1];
	struct map *convs;		/* id -> number; emptied when a transaction fails */
	/* another record than the one that came stood at this place */
	bool has_diverged;
	char diverged_conv[CONV_ID_MAX + 1];
	int64_t diverged_seq;
	int64_t added;			/* of CHANGE_IMPORT, in this transaction */
	struct buf text, text2, words;	/* scratch */
};

bool store_apply(struct store *st, const struct batch *b, struct err *err);
/* The number of a conversation; false and ERR_FAIL when it is not there. */
bool store_conv(struct store *st, const char *conv, int64_t *n, struct err *err);
bool store_records(struct store *st, const struct change *ch, struct err *err);
/* import.c: records that no server numbered. */
bool store_import(struct store *st, const struct change *ch, struct err *err);
bool store_rebase(struct store *st, const struct change *ch, struct err *err);
bool store_range_add(struct store *st, int64_t conv, int what, int64_t lo, int64_t hi,
		struct err *err);
bool store_range_cut(struct store *st, int64_t conv, int64_t top, struct err *err);
bool store_range_has(struct store *st, int64_t conv, int what, int64_t seq, bool *has,
		struct err *err);
/* Counts what others said above the read mark, anew. */
bool store_count_unread(struct store *st, int64_t conv, struct err *err);
bool store_mentions(const struct store *st, const char *text, size_t n);

/* fold.c */
/* The present state of the message with this id, from what the server said and the operations
 * held. */
bool fold_again(struct store *st, int64_t conv, const char *id, struct err *err);
/* The server's word about it as of a position; older words are ignored. */
bool fold_base(struct store *st, int64_t conv, const struct record *r, struct err *err);

/* words.c: the full-text index, which follows behind */
/* What was indexed of the message at seq is about to change: take it out; put the new text in. */
bool words_remove(struct store *st, int64_t conv, int64_t seq, int64_t ts, const char *id,
		struct err *err);
bool words_add(struct store *st, int64_t conv, int64_t seq, int64_t ts, const char *id,
		struct err *err);
/* Indexes some more of what is held, in a transaction of its own; *more: there is more. */
bool words_follow(struct store *st, bool *more, struct err *err);

#endif
