/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one that commits: gathers proposals while a commit runs on a worker thread, then commits
 * what came together in one transaction; no timer. stonechat-protocol(7), section 4.1. */
#include "daemon/writer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/topic.h"
#include "loop/loop.h"
#include "wire/wire.h"

/* The log of SQLite is folded in when nothing was committed for so long, or after so many
 * proposals at the latest. */
#define CHECKPOINT_IDLE_MS 500
#define CHECKPOINT_PROPOSALS 20000

/* What goes into one transaction. While the worker has it, nobody else touches it. */
struct batch {
	struct daemon *d;
	struct job *jobs[WRITER_BATCH];
	struct ledger_op *ops;		/* WRITER_BATCH of them */
	size_t n;
	struct ledger_changes changes;
	bool ok;
	struct err err;
};

/* Two batches: the next one is under way while the answers of the last are made. */
struct writer {
	struct daemon *d;
	struct loop_turn *turn;
	struct job *first, *last;	/* waiting */
	size_t n, bytes;
	struct batch batches[2];
	struct batch *batch;		/* the worker's, or to be filled next */
	struct loop_work *work;
	struct loop_timer *checkpoint;
	size_t since_checkpoint;	/* proposals */
	int64_t committed_ms;		/* the last time */
	void (*when_idle)(struct daemon *d);
	bool is_failed;
	char trouble[256];
};

static void next(struct writer *w);
static void checkpoint_later(struct writer *w);

/* At the end of a turn: what came in it goes into one transaction. */
static void
end_turn(void *arg)
{
	next(arg);
}

struct writer *
writer_new(struct daemon *d)
{
	struct writer *w = xcalloc(1, sizeof *w);

	w->d = d;
	for (size_t i = 0; i < 2; i++) {
		w->batches[i].d = d;
		w->batches[i].ops = xcalloc(WRITER_BATCH, sizeof *w->batches[i].ops);
	}
	w->batch = &w->batches[0];
	w->turn = loop_turn_start(d->loop, end_turn, w);
	return w;
}

static void
job_free(struct job *job)
{
	conn_release(job->conn);
	frame_free(job->frame);
	free(job->text);
	free(job);
}

void
writer_free(struct writer *w)
{
	if (!w)
		return;
	loop_work_stop(w->work);
	loop_timer_stop(w->checkpoint);
	loop_turn_stop(w->turn);
	while (w->first) {
		struct job *job = w->first;

		w->first = job->next;
		job_free(job);
	}
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < w->batches[i].n; k++)
			job_free(w->batches[i].jobs[k]);
		ledger_changes_done(&w->batches[i].changes);
		free(w->batches[i].ops);
	}
	free(w);
}

struct job *
job_new(struct conn *conn, struct frame *frame, void (*done)(struct daemon *, struct job *))
{
	struct job *job = xcalloc(1, sizeof *job);

	if (conn)
		conn_hold(conn);
	job->conn = conn;
	job->frame = frame;
	job->done = done;
	job->at_us = clock_mono_us();
	job->op.ttl = job->op.lane = WIRE_ABSENT;
	job->op.now = clock_wall_ms();
	return job;
}

bool
writer_has_room(const struct writer *w, size_t bytes)
{
	return w->n < WRITER_QUEUE && w->bytes + bytes <= WRITER_BYTES;
}

bool
writer_is_idle(const struct writer *w)
{
	return !w->first && !w->work && w->batches[0].n + w->batches[1].n == 0;
}

size_t
writer_bytes(const struct writer *w)
{
	return w->bytes;
}

size_t
writer_waiting(const struct writer *w)
{
	return w->n;
}

const char *
writer_trouble(const struct writer *w)
{
	return w->trouble;
}

void
writer_put(struct writer *w, struct job *job)
{
	if (w->first)
		w->last->next = job;
	else
		w->first = job;
	w->last = job;
	w->n++;
	w->bytes += job->bytes;
}

void
writer_when_idle(struct writer *w, void (*fn)(struct daemon *d))
{
	w->when_idle = fn;
}

/* ---- on the worker's thread ---- */

static void
commit(void *arg)
{
	struct batch *b = arg;

	b->err.kind = ERR_NONE;
	b->ok = ledger_commit(b->d->ledger, b->ops, b->n, &b->changes, &b->err);
}

static void
call(void *arg)
{
	struct batch *b = arg;

	b->jobs[0]->call(b->jobs[0], b->d->ledger);
}

static void
fold_log(void *arg)
{
	struct batch *b = arg;

	b->err.kind = ERR_NONE;
	b->ok = ledger_checkpoint(b->d->ledger, &b->err);
}

/* ---- back on the loop ---- */

/* Nothing of the batch was stored, and that is certain: everybody may try again. */
static void
refuse_all(struct writer *w, struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct ledger_op *op = &b->ops[i];

		op->out.ok = false;
		op->out.retry = true;
		op->out.code = CODE_INTERNAL;
		op->out.after = 2000;
		op->out.expect = WIRE_ABSENT;
		str_copy(op->out.message, sizeof op->out.message, b->err.msg);
	}
	if (!*w->trouble)
		log_put(w->d->log, LOG_ERROR, "writer", "refused=%zu error=%s", b->n, b->err.msg);
	str_copy(w->trouble, sizeof w->trouble, b->err.msg);
}

static void
publish(struct writer *w, struct batch *b)
{
	metrics_batch(&w->d->metrics, b->n);
	w->since_checkpoint += b->n;
	w->committed_ms = loop_now(w->d->loop);
	/* a commit that wrote nothing proves nothing */
	if (b->changes.n > 0)
		w->trouble[0] = '\0';
	for (size_t i = 0; i < b->changes.n; i++) {
		w->d->metrics.events += b->changes.v[i].n;
		topics_changed(w->d->topics, &b->changes.v[i]);
	}
}

static void
settle(struct writer *w, struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct job *job = b->jobs[i];

		if (!job->call)
			job->op.out = b->ops[i].out;
		if (job->done)
			job->done(w->d, job);
		job_free(job);
	}
	b->n = 0;
}

/* The worker is free: the next batch goes to it before anything else is done. */
static struct batch *
take_back(struct writer *w)
{
	struct batch *b = w->batch;

	w->work = NULL;
	w->batch = b == &w->batches[0] ? &w->batches[1] : &w->batches[0];
	next(w);
	return b;
}

static void
committed(void *arg)
{
	struct writer *w = ((struct batch *)arg)->d->writer;
	struct batch *b = arg;

	if (!b->ok && b->err.kind != ERR_REFUSED) {
		w->work = NULL;
		w->is_failed = true;
		daemon_fail(w->d, b->err.msg);
		return;
	}
	take_back(w);
	if (b->ok)
		publish(w, b);
	else
		refuse_all(w, b);
	ledger_changes_done(&b->changes);
	memset(&b->changes, 0, sizeof b->changes);
	settle(w, b);
}

static void
called(void *arg)
{
	struct writer *w = ((struct batch *)arg)->d->writer;
	struct batch *b = take_back(w);

	settle(w, b);
}

static void
folded(void *arg)
{
	struct writer *w = ((struct batch *)arg)->d->writer;
	struct batch *b = take_back(w);

	if (!b->ok)
		log_put(w->d->log, LOG_WARN, "writer", "checkpoint error=%s", b->err.msg);
}

/* ---- what runs next ---- */

static struct job *
shift(struct writer *w)
{
	struct job *job = w->first;

	w->first = job->next;
	job->next = NULL;
	w->n--;
	w->bytes -= job->bytes;
	return job;
}

static void
start(struct writer *w, void (*work)(void *), void (*done)(void *))
{
	w->work = loop_work_start(w->d->loop, work, done, w->batch);
}

static void
fold_now(void *arg)
{
	struct writer *w = arg;

	w->checkpoint = NULL;
	if (w->work || loop_now(w->d->loop) - w->committed_ms < CHECKPOINT_IDLE_MS) {
		checkpoint_later(w);
		return;
	}
	w->since_checkpoint = 0;
	start(w, fold_log, folded);
}

static void
checkpoint_later(struct writer *w)
{
	if (!w->checkpoint)
		w->checkpoint = loop_timer_start(w->d->loop, CHECKPOINT_IDLE_MS, fold_now, w);
}

static void
rest(struct writer *w)
{
	void (*fn)(struct daemon *) = w->when_idle;

	w->when_idle = NULL;
	if (fn)
		fn(w->d);
	else if (w->since_checkpoint > 0)
		checkpoint_later(w);
}

static void
next(struct writer *w)
{
	struct batch *b = w->batch;

	if (w->work || w->is_failed)
		return;
	if (w->since_checkpoint >= CHECKPOINT_PROPOSALS) {
		w->since_checkpoint = 0;
		start(w, fold_log, folded);
		return;
	}
	if (!w->first) {
		if (w->batches[0].n + w->batches[1].n == 0)
			rest(w);
		return;
	}
	if (w->first->call) {
		b->jobs[b->n++] = shift(w);
		start(w, call, called);
		return;
	}
	while (w->first && !w->first->call && b->n < WRITER_BATCH) {
		b->ops[b->n] = w->first->op;
		b->jobs[b->n++] = shift(w);
	}
	start(w, commit, committed);
}
