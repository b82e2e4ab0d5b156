/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of a conversation as it is shown: sanitised once, when it comes in, and drawn many
 * times. */
#ifndef MODEL_ROW_H
#define MODEL_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "model/message.h"

enum row_kind {
	ROW_MESSAGE,	/* what somebody said; also a finished answer */
	ROW_NEWS,	/* somebody came, went, changed the topic; a step of a workflow */
	ROW_GAP,	/* (lo,seq] is not held */
	ROW_LOCAL,	/* for this person's eyes: a notice, the output of a command */
	ROW_PENDING	/* of the outbox */
};

/* Strings are owned; absent ones NULL or empty. */
struct row {
	enum row_kind kind;
	enum record_kind record;
	int64_t seq;			/* ROW_LOCAL: it stands after this one */
	int64_t lo;			/* ROW_GAP */
	int64_t number;			/* ROW_LOCAL, ROW_PENDING: increasing, an identity */
	int64_t ts;			/* 0: unknown */
	char *id, *cid, *reply;		/* reply: the id of the message answered */
	struct safe_text from;		/* empty: nobody */
	struct safe_text text;
	struct safe_text quote;		/* "ann: the message answered" */
	struct safe_text reacts;	/* "👍 2 ❤ 1" */
	struct safe_text note;		/* an error; what became of an answer */
	bool is_own, is_mention, is_edited, is_deleted, is_bad;
	int level;			/* ROW_LOCAL: 0 info, 1 warning, 2 error */
	enum outbox_state state;	/* ROW_PENDING */
	int64_t tries, next_try;	/* ROW_PENDING: monotonic ms of the next attempt, 0: none */
};

/* Fills r (zeroed) from a message as user reads it. False for what is no row of its own (reads,
 * notices, starts of answers, kinds of a later version); r is then still zero. */
bool row_from_message(struct row *r, const struct message *m, const char *user);
/* Fills r (zeroed) from a row of the outbox at monotonic time now. */
void row_from_outbox(struct row *r, const struct outbox_row *o, const char *user, int64_t now);
/* The quote of r from the message that it answers. */
void row_set_quote(struct row *r, const struct safe_text *from, const char *text, size_t n);
void row_done(struct row *r);
/* Bytes that r holds on the heap, about. */
size_t row_size(const struct row *r);

/* True if text has "@user" as a word. */
bool row_mentions(const char *text, size_t n, const char *user);

#endif
