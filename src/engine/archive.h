/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Account archive: history that was imported. A mirror and its one writer, with no server behind
 * it: read like every other, written by import alone. */
#ifndef ENGINE_ARCHIVE_H
#define ENGINE_ARCHIVE_H

#include <stdbool.h>

#include "base/err.h"
#include "control/api.h"
#include "model/event.h"

struct archive;
struct archive_call;
struct batch;
struct log;
struct loop;

struct archive_env {
	struct loop *loop;
	struct log *log;
	const char *name;		/* of the account; borrowed for life */
	void (*emit)(void *arg, const struct event *ev);
	void *emit_arg;
};

/* Opens or makes the mirror in dir, which is there. */
struct archive *archive_open(const struct archive_env *env, const char *dir, struct err *err);
/* Lets the commit in hand finish, fails what still waits, frees, then runs closed(arg), later. */
void archive_close(struct archive *a, void (*closed)(void *arg), void *arg);
/* VERB_IMPORT MARK DRAFT, one after another; FETCH SYNC TYPING STATUS, for which there is nothing
 * to do; all else is refused with a sentence. fn runs later, once. */
struct archive_call *archive_request(struct archive *a, const struct request *rq,
		api_reply_fn *fn, void *arg);
/* fn does not run any more; what was asked may still happen. */
void archive_cancel(struct archive_call *c);
bool archive_has_target(struct archive *a, const char *target);
bool archive_is_idle(const struct archive *a);

/* archive-take.c */
#define ARCHIVE_RECORDS_MAX 10000	/* of one VERB_IMPORT */
#define ARCHIVE_TEXT_MAX (128u << 10)	/* bytes of one body */
#define ARCHIVE_FROM_MAX 256		/* bytes of a sender's name */

/* Adds to b what makes "#name" there and brings the records of rq->text into it; conv is its id,
 * *n their number. */
bool archive_take(struct batch *b, const struct request *rq, char conv[CONV_ID_MAX + 1],
		int64_t *n, struct err *err);

#endif
