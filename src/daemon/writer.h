/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one that commits: gathers proposals while a commit runs on a worker thread, then commits
 * what came together in one transaction; no timer. stonechat-protocol(7), section 4.1. */
#ifndef DAEMON_WRITER_H
#define DAEMON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/ledger.h"

struct conn;
struct daemon;
struct frame;
struct writer;

#define WRITER_BATCH 256		/* proposals in a transaction */
#define WRITER_QUEUE 4096		/* waiting; more is answered "busy" */
#define WRITER_BYTES (4 * 1024 * 1024)	/* frame bytes that wait */

/* A proposal on its way, or a call that wants the ledger to itself. */
struct job {
	struct ledger_op op;	/* strings stay valid until done */
	struct conn *conn;	/* who asked, held until done; NULL: the server itself */
	struct frame *frame;	/* what op borrows from; freed after done */
	char *text;		/* the same */
	int64_t at_us;		/* when the frame came */
	size_t bytes;		/* of the frame */
	/* the result is in op.out; the job is freed afterwards */
	void (*done)(struct daemon *d, struct job *job);
	/* instead of op: runs alone, on the worker thread */
	void (*call)(struct job *job, struct ledger *l);
	void *arg;		/* of call and done */
	struct job *next;
};

struct writer *writer_new(struct daemon *d);
/* Waits for a commit that runs; jobs that wait are dropped without done. NULL is fine. */
void writer_free(struct writer *w);

/* A zeroed job for a frame of conn, both of which it holds (both may be NULL). */
struct job *job_new(struct conn *conn, struct frame *frame, void (*done)(struct daemon *,
		struct job *));
/* True while one more proposal of so many frame bytes is taken. */
bool writer_has_room(const struct writer *w, size_t bytes);
/* Takes the job; done runs later, never from inside. The server's own jobs are always taken: they
 * are bounded where they are made. */
void writer_put(struct writer *w, struct job *job);
bool writer_is_idle(const struct writer *w);
/* fn runs once, as soon as nothing waits and nothing runs. */
void writer_when_idle(struct writer *w, void (*fn)(struct daemon *d));
size_t writer_bytes(const struct writer *w);
size_t writer_waiting(const struct writer *w);
/* Why the last commit was refused ("" when it was not): the disk is full. */
const char *writer_trouble(const struct writer *w);

#endif
