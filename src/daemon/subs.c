/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ops "sub" and "unsub": does the client's position belong to this log?
 * stonechat-protocol(7), section 4.4. */
#include "daemon/subs.h"

#include <string.h>

#include "base/log.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/flow.h"
#include "daemon/presence.h"
#include "daemon/topic.h"
#include "daemon/user.h"
#include "daemon/writer.h"
#include "wire/wire.h"

#define MAX_DEFAULT 200
#define MAX_MOST 1000

struct verdict {
	struct wire_subbed say;
	struct ledger_conv conv;
	int64_t cursor;
	bool is_evidence;	/* the client knows a log that this one is not, under its epoch */
};

static bool
fails(struct conn *c, struct verdict *v, enum code code, const struct err *err)
{
	if (err && err->kind != ERR_NONE) {
		log_put(c->d->log, LOG_ERROR, "subs", "conv=%s error=%s", v->say.conv, err->msg);
		code = CODE_INTERNAL;
	}
	v->say.mode = WIRE_GONE;
	v->say.code = code;
	return false;
}

static bool
may_follow(struct conn *c, struct verdict *v)
{
	struct err err = { 0 };
	char role[8] = "";

	if (!ledger_conv(c->d->reader, v->say.conv, &v->conv, &err))
		return fails(c, v, CODE_NOT_FOUND, &err);
	if (!ledger_role(c->d->reader, v->say.conv, c->user->name, role, &err))
		return fails(c, v, CODE_INTERNAL, &err);
	if (!*role)
		return fails(c, v, CODE_FORBIDDEN, NULL);
	return true;
}

/* True if the log has this record at this place. */
static bool
has(struct conn *c, const char *conv, int64_t seq, const char *id)
{
	struct err err;
	char ours[37] = "";

	return seq > 0 && *id && ledger_id_at(c->d->reader, conv, seq, ours, &err) &&
		strcmp(ours, id) == 0;
}

/* The largest mark that is in this log. */
static int64_t
common(struct conn *c, const struct wire_sub *s)
{
	int64_t keep = 0;

	if (has(c, s->conv, s->seq, s->id))
		return s->seq;
	for (size_t i = 0; i < s->n_marks; i++)
		if (s->marks[i].seq > keep &&
		    has(c, s->conv, s->marks[i].seq, s->marks[i].id))
			keep = s->marks[i].seq;
	return keep;
}

/* Where live delivery begins for a client whose position is good. */
static void
follow(struct conn *c, const struct wire_sub *s, struct verdict *v)
{
	int64_t max = s->max < 1 ? MAX_DEFAULT : s->max > MAX_MOST ? MAX_MOST : s->max;
	struct err err = { 0 };
	int64_t from;

	v->cursor = s->seq > v->conv.floor ? s->seq : v->conv.floor;
	v->say.mode = WIRE_TAIL_MODE;
	if (v->conv.seq - v->cursor <= max)
		return;
	from = v->cursor;
	if (!ledger_skip_from(c->d->reader, s->conv, v->cursor, max, &from, &err)) {
		fails(c, v, CODE_INTERNAL, &err);
		return;
	}
	if (from > v->cursor) {
		v->say.mode = WIRE_SKIP;
		v->say.from = v->cursor = from;
	}
}

/* Decides one row of a sub frame. */
static void
judge(struct conn *c, const struct wire_sub *s, struct verdict *v)
{
	const struct ledger_conv *conv = &v->conv;

	memset(v, 0, sizeof *v);
	v->say.conv = s->conv;
	v->say.keep = WIRE_ABSENT;
	v->say.epoch = "";
	if (!may_follow(c, v))
		return;
	v->say.epoch = conv->epoch;
	v->say.seq = conv->seq;
	v->say.floor = conv->floor;
	if (strcmp(s->epoch, conv->epoch) == 0 || (!*s->epoch && s->seq == 0)) {
		if (s->seq == 0 || (s->seq <= conv->floor && s->seq <= conv->seq) ||
		    has(c, s->conv, s->seq, s->id)) {
			follow(c, s, v);
			return;
		}
		v->is_evidence = *s->epoch && *s->id;
	}
	v->say.mode = WIRE_RESET;
	v->say.keep = common(c, s);
}

static void
judge_all(struct conn *c, const struct frame *f, struct verdict *v)
{
	for (size_t i = 0; i < f->sub.n_subs; i++)
		judge(c, &f->sub.subs[i], &v[i]);
}

static void
answer(struct conn *c, const struct frame *f, const struct verdict *v)
{
	struct wire_subbed rows[WIRE_SUBS_MAX];
	struct frame out = { .op = WIRE_SUBBED, .i = WIRE_ABSENT, .re = f->i };
	size_t n = f->sub.n_subs;

	for (size_t i = 0; i < n; i++) {
		struct topic *t = topic_find(c->d->topics, f->sub.subs[i].conv);
		struct sub *old = t ? topic_sub(t, c) : NULL;

		if (old)
			topic_leave(old);
		rows[i] = v[i].say;
	}
	out.subbed.subs = rows;
	out.subbed.n_subs = n;
	flow_reply(c, &out);
	for (size_t i = 0; i < n; i++)
		if (v[i].say.mode == WIRE_TAIL_MODE || v[i].say.mode == WIRE_SKIP)
			presence_greet(topic_join(c->d->topics, c, &v[i].conv, v[i].cursor));
}

/* The new epochs are there (or were not given, since there had been one in this start): now every
 * position is judged as it stands. */
static void
minted(struct daemon *d, struct job *job)
{
	struct verdict v[WIRE_SUBS_MAX];
	struct conn *c = job->conn;

	(void)d;
	c->inflight--;
	if (!c->ws || c->state != CONN_OPEN)
		return;
	judge_all(c, job->frame, v);
	answer(c, job->frame, v);
}

/* Asks the ledger for a new epoch of each conversation that the client proves to have gone back;
 * the answer waits for the last of them. False: there is none. */
static bool
mint(struct conn *c, struct frame *f, const struct verdict *v)
{
	struct job *last = NULL;

	for (size_t i = 0; i < f->sub.n_subs; i++) {
		if (!v[i].is_evidence)
			continue;
		if (last)
			writer_put(c->d->writer, last);
		last = job_new(c, NULL, NULL);
		last->op.act = LEDGER_MINT;
		last->op.user = c->user->name;
		last->op.device = c->device;
		last->op.conv = f->sub.subs[i].conv;	/* the last job holds the frame */
		last->op.epoch = f->sub.subs[i].epoch;
	}
	if (!last)
		return false;
	last->frame = f;
	last->done = minted;
	c->inflight++;
	writer_put(c->d->writer, last);
	return true;
}

bool
subs_take(struct conn *c, struct frame *f)
{
	struct verdict v[WIRE_SUBS_MAX];

	if (f->sub.n_subs > WIRE_SUBS_MAX) {
		conn_error(c, f->i, CODE_TOO_LARGE, "at most 64 subscriptions a frame");
		return false;
	}
	judge_all(c, f, v);
	if (mint(c, f, v))
		return true;
	answer(c, f, v);
	return false;
}

bool
subs_end(struct conn *c, struct frame *f)
{
	struct frame ok = { .op = WIRE_OK, .i = WIRE_ABSENT, .re = f->i };

	for (size_t i = 0; i < f->unsub.n_convs; i++) {
		struct topic *t = topic_find(c->d->topics, f->unsub.convs[i]);
		struct sub *s = t ? topic_sub(t, c) : NULL;

		if (s)
			topic_leave(s);
	}
	flow_reply(c, &ok);
	return false;
}
