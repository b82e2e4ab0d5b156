/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows as people read them: a message with its later edits, deletes and reactions folded in; a
 * gap; an outbox row. */
#ifndef MODEL_MESSAGE_H
#define MODEL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/event.h"
#include "model/record.h"

/* All strings borrowed; absent ones "". */
struct message {
	int64_t seq;
	const char *id, *from, *cid, *ref;
	enum record_kind kind;
	const char *kind_name;
	int64_t ts;
	/* folded; what member, topic and AI records say is in body */
	const char *text;
	size_t text_n;
	const char *reply;		/* id of the message answered */
	const char *body;		/* as stored, compact JSON */
	const char *reacts;		/* {"👍":2}; "{}" when none */
	bool edited, deleted, bad;
};

/* (lo,hi] of which nothing is held. */
struct gap { int64_t lo, hi; };

struct outbox_row {
	const char *cid, *conv, *name, *body, *text, *ref, *error;
	enum record_kind kind;
	enum outbox_state state;
	int64_t lane, tries, next_try_ms, created_ms;
};

struct conv_row {
	const char *conv, *name, *topic, *epoch;
	enum conv_kind kind;
	int64_t head, top, floor, read, unread, mentions, last_ts;
	bool closed;
};

struct draft { const char *text; int64_t cursor; const char *reply, *edit; };

#endif
