/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The op "send": a proposal to the ledger, answered by ack or nack after its commit.
 * stonechat-protocol(7), sections 3 and 4. */
#include "daemon/post.h"

#include "base/clock.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/flow.h"
#include "daemon/options.h"
#include "daemon/run.h"
#include "daemon/stream.h"
#include "daemon/user.h"
#include "daemon/writer.h"
#include "wire/wire.h"

/* What waits in the queue counts at least this much beside its body. */
#define FRAME_BYTES 256

bool
post_is_busy(const struct conn *c)
{
	return c->inflight >= 2 * c->d->opt->inflight;
}

static void
nack(struct conn *c, const struct frame *f, enum code code, const char *message, bool retry,
		int64_t after, int64_t expect)
{
	struct frame out = { .op = WIRE_NACK, .i = WIRE_ABSENT, .re = f->i };

	out.nack.cid = f->send.cid;
	out.nack.lane = f->send.lane;
	out.nack.code = code;
	out.nack.message = message;
	out.nack.retry = retry;
	out.nack.after = after;
	out.nack.expect = expect;
	c->d->metrics.refused[code]++;
	flow_reply(c, &out);
}

static void
ack(struct conn *c, const struct job *job)
{
	const struct ledger_op *op = &job->op;
	struct frame out = { .op = WIRE_ACK, .i = WIRE_ABSENT, .re = job->frame->i };

	out.ack.conv = op->conv;
	out.ack.epoch = op->out.epoch;
	out.ack.cid = op->cid;
	out.ack.lane = op->lane;
	out.ack.prev = op->out.prev;
	out.ack.seq = op->out.seq;
	out.ack.id = op->out.id;
	out.ack.ts = op->out.ts;
	out.ack.dup = op->out.dup;
	flow_reply(c, &out);
}

static void
posted(struct daemon *d, struct job *job)
{
	struct conn *c = job->conn;
	struct ledger_op *op = &job->op;

	c->inflight--;
	streams_posted(d->streams, op);
	runs_posted(d->runs, op);
	if (!op->out.ok) {
		nack(c, job->frame, op->out.code, op->out.message, op->out.retry, op->out.after,
				op->out.expect);
		return;
	}
	ack(c, job);
	metrics_ack(&d->metrics, clock_mono_us() - job->at_us);
}

bool
post_take(struct conn *c, struct frame *f)
{
	struct daemon *d = c->d;
	size_t bytes = FRAME_BYTES + f->send.body.json_n;
	struct job *job;

	if (d->is_stopping || post_is_busy(c) || !writer_has_room(d->writer, bytes)) {
		nack(c, f, CODE_BUSY, d->is_stopping ? "the server is about to restart" :
				"too many messages are waiting", true, 200, WIRE_ABSENT);
		return false;
	}
	job = job_new(c, f, posted);
	job->bytes = bytes;
	job->op.act = LEDGER_SEND;
	job->op.user = c->user->name;
	job->op.device = c->device;
	job->op.is_admin = c->user->is_admin;
	job->op.is_limited = !c->is_unix;
	job->op.conv = f->send.conv;
	job->op.cid = f->send.cid;
	job->op.ref = f->send.ref;
	job->op.lane = f->send.lane;
	job->op.ttl = f->send.ttl;
	job->op.kind = f->send.kind;
	job->op.body = f->send.body;
	job->op.bad = f->send.bad;
	job->op.bad_why = f->send.bad_why;
	streams_lend(d->streams, &job->op);
	c->inflight++;
	writer_put(d->writer, job);
	return true;
}
