/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the mirror remembers for the sync core: conversations with their coverage, and the
 * outbox. */
#ifndef MODEL_SAVED_H
#define MODEL_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/event.h"
#include "model/record.h"

/* A range (lo,hi] of a log. */
struct span { int64_t lo, hi; };

/* A row of the outbox; its body stays in the mirror. */
struct saved_row {
	const char *cid;
	enum outbox_state state;
	int64_t lane, ttl_ms, created_ms, tries;	/* ttl_ms -1: none; 0: withdrawn */
	size_t body_n;
};

/* A conversation. cursor: the newest record of the newest range. */
struct saved_conv {
	const char *conv, *name, *epoch, *cursor_id;
	enum conv_kind kind;
	int64_t head, floor, read, lane_next, cursor;
	bool closed;
	const struct span *held, *ops;	/* ops: only edits, deletions and reactions */
	size_t n_held, n_ops;
	const struct saved_row *rows;	/* in lane order */
	size_t n_rows;
};

#endif
