/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mirror, read-only, from any process. No read transaction lives across calls; strings given
 * to callbacks are borrowed until they return. A callback returns false to stop the walk (which
 * then still succeeds). */
#ifndef STORE_READER_H
#define STORE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/message.h"

struct reader;

/* dir is the account's folder (DATA/<account>), which holds mirror.db. A missing mirror gives
 * NULL and ERR_USAGE ("nothing mirrored yet"). Opens immutable where the folder is not writable
 * and no WAL exists. Refuses a schema of the future with a sentence. */
struct reader *reader_open(const char *dir, struct err *err);
void reader_close(struct reader *r);
/* Opens the file again when the engine set it aside; cheap when it did not. */
bool reader_refresh(struct reader *r, struct err *err);

/* Conversations: rooms by name, then people by name; the user's own log is left out. */
bool reader_convs(struct reader *r, bool (*fn)(void *arg, const struct conv_row *c), void *arg,
		struct err *err);
/* By "#room", "@user", or conversation id. False with ERR_NONE in err->kind when there is none;
 * fn is called once otherwise. */
bool reader_find(struct reader *r, const char *target, bool (*fn)(void *arg,
		const struct conv_row *c), void *arg, struct err *err);

/* Rows with lo < seq <= hi and ts >= since and (until 0 or ts < until), oldest first. n > 0: only
 * the newest n of them (from_old: the oldest n). messages_only: msg and ai.end and what a reader
 * of history sees (member, topic, action); edits, deletes and reactions are folded in and left
 * out. */
struct reader_range { int64_t lo, hi, since, until, n; bool from_old, all_kinds; };
bool reader_rows(struct reader *r, const char *conv, const struct reader_range *q,
		bool (*fn)(void *arg, const struct message *m), void *arg, struct err *err);
/* One message by id or by seq (as decimal text). False with ERR_NONE when unknown. */
bool reader_message(struct reader *r, const char *conv, const char *id_or_seq,
		bool (*fn)(void *arg, const struct message *m), void *arg, struct err *err);
/* What is not held of (lo,hi] above floor, in order. hi 0: up to the head. */
bool reader_gaps(struct reader *r, const char *conv, int64_t lo, int64_t hi,
		bool (*fn)(void *arg, const struct gap *g), void *arg, struct err *err);
/* The largest seq such that everything of (from, seq] is held; from when nothing is. */
bool reader_contiguous(struct reader *r, const char *conv, int64_t from, int64_t *seq,
		struct err *err);

/* conv NULL: all. In lane order by conversation. */
bool reader_outbox(struct reader *r, const char *conv, bool (*fn)(void *arg,
		const struct outbox_row *o), void *arg, struct err *err);
bool reader_draft(struct reader *r, const char *conv, bool (*fn)(void *arg,
		const struct draft *d), void *arg, struct err *err);
/* The account's own user name as the server last gave it; "" before the first welcome. Borrowed
 * until the next call. */
const char *reader_user(struct reader *r);

struct reader_search { const char *query, *conv, *by; int64_t since, n; };
/* Newest first. query: words are all wanted, "…" a phrase, word* a prefix; never an FTS syntax
 * error. */
bool reader_search(struct reader *r, const struct reader_search *q,
		bool (*fn)(void *arg, const struct conv_row *c, const struct message *m),
				void *arg, struct err *err);

#endif
