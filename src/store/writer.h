/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one writer of a mirror: a connection on a thread of its own, which applies batches, each as
 * a whole or not at all, and in between lets the full-text index follow and checkpoints. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/batch.h"

struct writer;

enum writer_result {
	WRITER_OK,
	WRITER_FAILED,		/* nothing was stored */
	WRITER_UNKNOWN,		/* the commit failed half-way: open anew to see */
	WRITER_DIVERGED		/* nothing was stored: another record stands at seq of conv */
};

struct writer_outcome {
	enum writer_result result;
	struct err err;			/* in words, unless WRITER_OK */
	char conv[CONV_ID_MAX + 1];
	int64_t seq;
	int64_t added;		/* records that were new, of CHANGE_IMPORT */
};

/* Opens the mirror of dir, creating folder and file and bringing an older schema up to date, and
 * starts the thread. A damaged one is set aside for a new one that gets its outbox and drafts. The
 * caller holds the lock of the data folder. Refuses network file systems, newer schemas and other
 * people's folders with a sentence. done(arg) runs on the writer's thread after every batch: it
 * should do no more than wake the caller. */
struct writer *writer_open(const char *dir, void (*done)(void *arg), void *arg, struct err *err);
/* What a person should know of how it was opened: that a damaged mirror was set aside, or that the
 * disk lost something. "" when all was well. */
const char *writer_notice(const struct writer *w);
/* The path of the file, which is another one after a mirror was set aside. */
const char *writer_path(const struct writer *w);
/* Lets the batch in hand finish, ends the thread, closes. done may still run meanwhile. */
void writer_close(struct writer *w);
/* Hands over a batch, which stays the caller's and must not change before its outcome is taken.
 * One at a time. It survives a power cut once done if it is_own; otherwise it is what the server
 * can give again, and may be lost with the power but never torn. */
void writer_commit(struct writer *w, const struct batch *b);
/* The outcome of the batch handed over last, once; false when there is none yet. */
bool writer_take(struct writer *w, struct writer_outcome *out);
/* Waits until the index covers all that is held; false on failure. For tests and benchmarks. */
bool writer_index_all(struct writer *w, struct err *err);

#endif
