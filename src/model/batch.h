/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one transaction of the mirror changes: gathered by the sync core, applied by the store as
 * a whole or not at all, and then told to whoever watches. */
#ifndef MODEL_BATCH_H
#define MODEL_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/event.h"
#include "model/message.h"
#include "model/record.h"

enum change_type {
	CHANGE_HEAD,		/* a conversation is new, or the server told its head */
	CHANGE_RECORDS,		/* records, and that (lo,hi] is now held */
	CHANGE_IMPORT,		/* records without a server: new ones get the next numbers */
	CHANGE_READ,		/* the read mark moved */
	CHANGE_CLOSED,		/* no longer a member; what is held stays readable */
	CHANGE_REBASE,		/* the log forked above keep */
	CHANGE_OUT_ADD,
	CHANGE_OUT_STATE,
	CHANGE_OUT_REMOVE,
	CHANGE_LANE_SHIFT,	/* rows from a lane on get other numbers, in the same order */
	CHANGE_LANE_RESET,	/* every row of the account is numbered anew from 1 */
	CHANGE_DRAFT,
	CHANGE_META
};

/* Strings and records live in the batch. conv is "" for what concerns the whole account. */
struct change {
	enum change_type type;
	const char *conv;
	union {
		/* epoch "" and seq -1: leave what the mirror says; unread, mentions -1 likewise */
		struct head head;
		struct {
			const char *epoch;
			int64_t lo, hi, floor;
			struct record *v;
			size_t n;
			bool ops_only;	/* only edits, deletes, reactions of (lo,hi] */
			bool live;	/* came as it happened */
		} records;
		/* seq is not looked at; an id that is there already is passed over */
		struct { struct record *v; size_t n; } import;
		struct { int64_t seq; } read;
		struct { bool closed; } closed;
		/* own records younger than since_ms go back to the outbox, before the rows that
		 * wait there (at_end: behind them) */
		struct { const char *epoch; int64_t keep, floor, since_ms; bool at_end; } rebase;
		struct {
			const char *cid, *ref, *body;
			size_t body_n;
			enum record_kind kind;
			enum outbox_state state;	/* queued, or sent: about to be */
			int64_t lane, ttl_ms, created_ms;	/* ttl_ms 0: none */
		} out_add;
		struct {
			const char *cid, *code, *error;
			enum outbox_state state;
			int64_t tries, ttl_ms;	/* ttl_ms -1: as it was, 0: withdrawn */
		} out_state;
		/* seq 0: it was dropped, or its record is behind the floor */
		struct { const char *cid, *id; int64_t seq; enum outbox_state why; } out_remove;
		struct { int64_t from, by; } shift;
		struct draft draft;		/* text "": none any more */
		struct { const char *key, *value; } meta;
	};
};

struct batch_block;

struct batch {
	struct change *v;
	size_t n, cap;
	bool is_own;		/* holds the person's own data: must survive a power cut */
	size_t bytes;		/* taken from the blocks */
	struct batch_block *blocks;
};

void batch_init(struct batch *b);
void batch_done(struct batch *b);
/* Empties it; one block of memory is kept for the next use. */
void batch_clear(struct batch *b);
/* Makes room for so many more changes and bytes: the functions below never allocate, and running
 * out of what was reserved is our own bug. */
void batch_reserve(struct batch *b, size_t changes, size_t bytes);
struct change *batch_add(struct batch *b, enum change_type type, const char *conv);
void *batch_alloc(struct batch *b, size_t n);
char *batch_str(struct batch *b, const char *s);
char *batch_strn(struct batch *b, const char *p, size_t n);
/* What batch_alloc takes for n bytes. */
size_t batch_cost(size_t n);
/* Copies n records with everything they point to. */
struct record *batch_records(struct batch *b, const struct record *v, size_t n);
size_t batch_records_cost(const struct record *v, size_t n);

#endif
