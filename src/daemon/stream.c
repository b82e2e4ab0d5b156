/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AI answers while they are written: the text in memory, its pieces passed on, a checkpoint in
 * the ledger now and then, and an end for those whose producer does not come back.
 * stonechat-protocol(7), sections 3 and 4.6. */
#include "daemon/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "daemon/daemon.h"
#include "daemon/options.h"
#include "daemon/stream-impl.h"
#include "daemon/user.h"
#include "daemon/writer.h"
#include "loop/loop.h"
#include "wire/wire.h"

struct key { char s[CONV_ID_MAX + STREAM_MAX + 2]; };

static void save(void *arg);

struct streams *
streams_new(struct daemon *d)
{
	struct streams *all = xcalloc(1, sizeof *all);

	all->d = d;
	all->by_key = map_new();
	return all;
}

static void
stream_free(void *arg)
{
	struct stream *s = arg;

	loop_timer_stop(s->save);
	loop_timer_stop(s->grace);
	buf_done(&s->text);
	free(s);
}

void
streams_free(struct streams *all)
{
	if (!all)
		return;
	map_free(all->by_key, stream_free);
	free(all);
}

size_t
streams_count(const struct streams *all)
{
	return map_count(all->by_key);
}

static struct key
key(const char *conv, const char *id)
{
	struct key k;

	snprintf(k.s, sizeof k.s, "%s %s", conv, id);
	return k;
}

struct stream *
stream_find(const struct streams *all, const char *conv, const char *id)
{
	struct stream *s;

	if (strlen(conv) > CONV_ID_MAX || strlen(id) > STREAM_MAX)
		return NULL;
	s = map_get(all->by_key, key(conv, id).s);
	return s && !s->is_over ? s : NULL;
}

int64_t
stream_encoded_size(struct daemon *d, const char *p, size_t n)
{
	buf_clear(&d->scratch);
	return json_add_string(&d->scratch, p, n) ? (int64_t)d->scratch.n - 2 : INT64_MAX / 2;
}

static struct stream *
open_stream(struct streams *all, const char *conv, const char *id, const char *user,
		const char *device)
{
	struct stream *s = xcalloc(1, sizeof *s);

	s->all = all;
	str_copy(s->conv, sizeof s->conv, conv);
	str_copy(s->id, sizeof s->id, id);
	str_copy(s->user, sizeof s->user, user);
	str_copy(s->device, sizeof s->device, device);
	buf_init(&s->text, (size_t)all->d->opt->answer);
	map_put(all->by_key, key(conv, id).s, s);
	return s;
}

static void
free_if_unused(struct stream *s)
{
	if (!s->is_over || s->uses > 0)
		return;
	map_del(s->all->by_key, key(s->conv, s->id).s);
	stream_free(s);
}

/* It has ended; proposals that refer to it keep the struct until they are decided. */
static void
over(struct stream *s)
{
	s->is_over = true;
	loop_timer_stop(s->save);
	loop_timer_stop(s->grace);
	s->save = s->grace = NULL;
	free_if_unused(s);
}

/* ---- checkpoints and ends ---- */

static struct job *
propose(struct stream *s, enum ledger_act act, void (*done)(struct daemon *, struct job *))
{
	struct job *job = job_new(NULL, NULL, done);

	s->uses++;
	job->arg = s;
	job->op.act = act;
	job->op.kind = REC_AI_END;
	job->op.user = s->user;
	job->op.device = s->device;
	job->op.conv = s->conv;
	job->op.body.stream = s->id;
	job->op.stream_text = buf_str(&s->text);
	job->op.stream_text_n = s->text.n;
	return job;
}

void
stream_plan_save(struct stream *s)
{
	size_t more = s->text.n - s->saved;

	if (more == 0 || s->is_saving || s->is_over)
		return;
	if (more >= STREAM_SAVE_BYTES) {
		loop_timer_stop(s->save);
		save(s);
	} else if (!s->save) {
		s->save = loop_timer_start(s->all->d->loop, STREAM_SAVE_MS, save, s);
	}
}

static void
saved(struct daemon *d, struct job *job)
{
	struct stream *s = job->arg;

	(void)d;
	s->uses--;
	s->is_saving = false;
	if (s->is_over) {
		free_if_unused(s);
	} else if (job->op.out.ok) {
		s->saved = job->op.stream_text_n;
		stream_plan_save(s);
	} else if (!s->save) {
		s->save = loop_timer_start(s->all->d->loop, STREAM_SAVE_MS, save, s);
	}
}

/* The worker reads a copy: the text may grow meanwhile. */
static void
save(void *arg)
{
	struct stream *s = arg;
	struct job *job;

	s->save = NULL;
	if (s->is_saving)
		return;
	s->is_saving = true;
	job = propose(s, LEDGER_CHECKPOINT, saved);
	job->text = xmemdup(job->op.stream_text, s->text.n + 1);
	job->op.stream_text = job->text;
	writer_put(s->all->d->writer, job);
}

void
streams_save(struct streams *all)
{
	void *value;
	size_t at = 0;

	while (map_next(all->by_key, &at, &value)) {
		struct stream *s = value;

		if (!s->is_over && s->text.n > s->saved) {
			loop_timer_stop(s->save);
			save(s);
		}
	}
}

static void give_up(void *arg);

static void
aborted(struct daemon *d, struct job *job)
{
	struct stream *s = job->arg;

	s->uses--;
	s->frozen--;
	if (s->is_over)
		free_if_unused(s);
	else if (job->op.out.ok || !job->op.out.retry)
		over(s);
	else if (!s->grace)
		s->grace = loop_timer_start(d->loop, STREAM_SAVE_MS, give_up, s);
}

static void
give_up(void *arg)
{
	struct stream *s = arg;
	struct job *job = propose(s, LEDGER_ABORT, aborted);

	s->grace = NULL;
	s->frozen++;
	job->text = xmalloc(ID_SIZE);
	id_make(&s->all->d->ids, (uint64_t)clock_wall_ms(), job->text);
	job->op.cid = job->text;
	job->op.body.status = "aborted";
	writer_put(s->all->d->writer, job);
}

bool
stream_is_of(const struct stream *s, const char *user, const char *device)
{
	return strcmp(s->user, user) == 0 && strcmp(s->device, device) == 0;
}

void
streams_producer_gone(struct streams *all, const char *user, const char *device)
{
	void *value;
	size_t at = 0;

	while (map_next(all->by_key, &at, &value)) {
		struct stream *s = value;

		if (!s->is_over && !s->grace && !all->d->is_stopping &&
		    stream_is_of(s, user, device))
			s->grace = loop_timer_start(all->d->loop, STREAM_GRACE_MS, give_up, s);
	}
}

void
streams_producer_back(struct streams *all, const char *user, const char *device)
{
	void *value;
	size_t at = 0;

	while (map_next(all->by_key, &at, &value)) {
		struct stream *s = value;

		if (stream_is_of(s, user, device)) {
			loop_timer_stop(s->grace);
			s->grace = NULL;
		}
	}
}

void
streams_expel(struct streams *all, const char *conv, const char *user)
{
	void *value;
	size_t at = 0;

	while (map_next(all->by_key, &at, &value)) {
		struct stream *s = value;

		if (s->is_over || strcmp(s->conv, conv) != 0 || strcmp(s->user, user) != 0)
			continue;
		loop_timer_stop(s->grace);
		give_up(s);
	}
}

/* ---- what the ledger decides ---- */

void
streams_lend(struct streams *all, struct ledger_op *op)
{
	struct stream *s;

	if (op->kind != REC_AI_END || op->bad)
		return;
	s = stream_find(all, op->conv, op->body.stream);
	if (!s || !stream_is_of(s, op->user, op->device))
		return;
	s->uses++;
	s->frozen++;
	op->stream_text = buf_str(&s->text);
	op->stream_text_n = s->text.n;
}

/* Its producer may have left before the commit. */
static void
begin(struct streams *all, const struct ledger_op *op)
{
	struct stream *s = open_stream(all, op->conv, op->body.stream, op->user, op->device);
	struct user *user = users_find(all->d->users, op->user);

	if (!user || !user_device(user, op->device))
		s->grace = loop_timer_start(all->d->loop, STREAM_GRACE_MS, give_up, s);
}

void
streams_posted(struct streams *all, const struct ledger_op *op)
{
	struct stream *s;

	if (op->bad || (op->kind != REC_AI_START && op->kind != REC_AI_END))
		return;
	s = map_get(all->by_key, key(op->conv, op->body.stream).s);
	if (op->kind == REC_AI_START) {
		if (op->out.ok && !op->out.dup && !s)
			begin(all, op);
		return;
	}
	if (!s || !op->stream_text)
		return;
	s->uses--;
	s->frozen--;
	if (op->out.ok)
		over(s);
	else
		free_if_unused(s);
}

static bool
load(void *arg, const char *conv, const char *id, const char *user, const char *device,
		const char *text, size_t n)
{
	struct streams *all = arg;
	struct stream *s = open_stream(all, conv, id, user, device);

	buf_add(&s->text, text, n);
	s->saved = s->text.n;
	s->encoded = stream_encoded_size(all->d, text, n);
	s->grace = loop_timer_start(all->d->loop, STREAM_GRACE_MS, give_up, s);
	return true;
}

bool
streams_load(struct streams *all, struct err *err)
{
	return ledger_open_streams(all->d->reader, load, all, err);
}
