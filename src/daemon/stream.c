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
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "daemon/bytes.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/flow.h"
#include "daemon/options.h"
#include "daemon/topic.h"
#include "daemon/user.h"
#include "daemon/writer.h"
#include "loop/loop.h"
#include "wire/wire.h"

/* Bytes of text in one answer to "tail": escaped six times it still fits a frame. */
#define PIECE (32 * 1024)

struct stream {
	struct streams *all;
	char conv[CONV_ID_MAX + 1], id[STREAM_MAX + 1];
	char user[USER_MAX + 1], device[DEVICE_MAX + 1];
	struct buf text;
	int64_t encoded;		/* bytes of text as JSON: what limits.answer counts */
	int64_t reasoning;		/* bytes passed on in that channel; they are not kept */
	size_t saved;			/* bytes in the ledger */
	unsigned uses;			/* proposals that refer to it */
	unsigned frozen;		/* those of them that end it and borrow its text */
	bool is_saving, is_over;
	struct loop_timer *save;	/* the checkpoint that is due */
	struct loop_timer *grace;	/* the producer is gone */
};

struct streams {
	struct daemon *d;
	struct map *by_key;		/* "conv stream" */
};

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

static struct stream *
find(const struct streams *all, const char *conv, const char *id)
{
	struct stream *s;

	if (strlen(conv) > CONV_ID_MAX || strlen(id) > STREAM_MAX)
		return NULL;
	s = map_get(all->by_key, key(conv, id).s);
	return s && !s->is_over ? s : NULL;
}

static int64_t
encoded_size(struct daemon *d, const char *p, size_t n)
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

static void
plan_save(struct stream *s)
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
		plan_save(s);
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

static bool
is_of(const struct stream *s, const char *user, const char *device)
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

		if (!s->is_over && !s->grace && is_of(s, user, device) && !all->d->is_stopping)
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

		if (is_of(s, user, device)) {
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
	s = find(all, op->conv, op->body.stream);
	if (!s || !is_of(s, op->user, op->device))
		return;
	s->uses++;
	s->frozen++;
	op->stream_text = buf_str(&s->text);
	op->stream_text_n = s->text.n;
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
			open_stream(all, op->conv, op->body.stream, op->user, op->device);
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
	s->encoded = encoded_size(all->d, text, n);
	s->grace = loop_timer_start(all->d->loop, STREAM_GRACE_MS, give_up, s);
	return true;
}

bool
streams_load(struct streams *all, struct err *err)
{
	return ledger_open_streams(all->d->reader, load, all, err);
}

/* ---- what clients say ---- */

static void
refuse(struct conn *c, int64_t re, enum code code, const char *message, int64_t expect)
{
	struct frame f = { .op = WIRE_ERROR, .i = WIRE_ABSENT, .re = re };

	f.error.code = code;
	f.error.message = message;
	f.error.expect = expect;
	c->d->metrics.refused[code]++;
	flow_reply(c, &f);
}

/* There is no such stream now: was there one? */
static void
refuse_missing(struct conn *c, int64_t re, const char *conv, const char *id)
{
	struct err err = { 0 };
	bool is_known = false;

	if (!ledger_stream_known(c->d->reader, conv, id, &is_known, &err))
		log_put(c->d->log, LOG_ERROR, "stream", "conv=%s error=%s", conv, err.msg);
	if (is_known)
		conn_error(c, re, CODE_ENDED, "the stream has ended");
	else
		conn_error(c, re, CODE_NOT_FOUND, "there is no such stream");
}

static bool
is_member(struct conn *c, int64_t re, const char *conv)
{
	char role[8] = "";
	struct err err;

	if (ledger_role(c->d->reader, conv, c->user->name, role, &err) && *role)
		return true;
	conn_error(c, re, CODE_FORBIDDEN, "you are no member");
	return false;
}

static void
pass_on(struct conn *c, const struct stream *s, const struct frame *f)
{
	struct topic *t = topic_find(c->d->topics, s->conv);
	struct frame out = *f;
	struct bytes *b;

	if (!t)
		return;
	out.i = out.re = WIRE_ABSENT;
	out.delta.from = s->user;
	out.delta.end = false;
	buf_clear(&c->d->scratch);
	if (!wire_encode(WIRE_SERVER, &out, &c->d->scratch))
		return;
	b = bytes_new(c->d->scratch.p, c->d->scratch.n);
	b->is_counted = true;
	topic_tell(t, b, c);
	bytes_unref(b);
}

static bool
append(struct conn *c, struct stream *s, const struct frame *f)
{
	bool is_text = strcmp(f->delta.channel, "text") == 0;
	int64_t have = is_text ? (int64_t)s->text.n : s->reasoning, size;

	if (f->delta.off != have) {
		refuse(c, f->i, CODE_OFFSET, "go on from the offset that is expected", have);
		return false;
	}
	if (!is_text) {
		s->reasoning += (int64_t)f->delta.text_n;
		return true;
	}
	size = encoded_size(c->d, f->delta.text, f->delta.text_n);
	if (s->encoded + size > c->d->opt->answer ||
	    !buf_add(&s->text, f->delta.text, f->delta.text_n)) {
		conn_error(c, f->i, CODE_TOO_LARGE, "the answer is too long: end it");
		return false;
	}
	s->encoded += size;
	return true;
}

bool
stream_delta(struct conn *c, struct frame *f)
{
	struct stream *s = find(c->d->streams, f->delta.conv, f->delta.stream);

	if (!s) {
		if (is_member(c, f->i, f->delta.conv))
			refuse_missing(c, f->i, f->delta.conv, f->delta.stream);
		return false;
	}
	if (!is_of(s, c->user->name, c->device)) {
		conn_error(c, f->i, CODE_FORBIDDEN, "only its producer goes on with a stream");
		return false;
	}
	if (s->frozen > 0) {
		conn_error(c, f->i, CODE_ENDED, "the stream has ended");
		return false;
	}
	if (append(c, s, f)) {
		pass_on(c, s, f);
		plan_save(s);
	}
	return false;
}

bool
stream_tail(struct conn *c, struct frame *f)
{
	struct want *w = xcalloc(1, sizeof *w);

	w->op = WIRE_TAIL;
	w->re = f->i;
	if (!str_copy(w->conv, sizeof w->conv, f->tail.conv) ||
	    !str_copy(w->stream, sizeof w->stream, f->tail.stream))
		w->conv[0] = '\0';	/* longer than any: no member there */
	w->is_reasoning = strcmp(f->tail.channel, "reasoning") == 0;
	w->off = f->tail.off;
	if (!flow_want(c, w))
		conn_error(c, f->i, CODE_BUSY, "8 requests are waiting");
	return false;
}

/* True if off is where a character begins, or the end. */
static bool
is_boundary(const struct buf *text, int64_t off)
{
	return off >= 0 && off <= (int64_t)text->n &&
		(off == (int64_t)text->n || ((unsigned char)text->p[off] & 0xc0) != 0x80);
}

bool
stream_fill(struct conn *c, struct want *w, struct buf *out)
{
	struct stream *s = find(c->d->streams, w->conv, w->stream);
	struct frame f = { .op = WIRE_DELTA, .i = WIRE_ABSENT, .re = w->re };
	int64_t have;

	if (!is_member(c, w->re, w->conv))
		return true;
	if (!s) {
		refuse_missing(c, w->re, w->conv, w->stream);
		return true;
	}
	have = w->is_reasoning ? s->reasoning : (int64_t)s->text.n;
	if (w->is_reasoning ? w->off != have : !is_boundary(&s->text, w->off)) {
		refuse(c, w->re, CODE_OFFSET, "no character begins at this offset", have);
		return true;
	}
	f.delta.conv = s->conv;
	f.delta.stream = s->id;
	f.delta.channel = w->is_reasoning ? "reasoning" : "text";
	f.delta.from = s->user;
	f.delta.off = w->off;
	f.delta.text = buf_str(&s->text) + (w->is_reasoning ? 0 : w->off);
	f.delta.text_n = w->is_reasoning ? 0 : (size_t)(have - w->off);
	if (f.delta.text_n > PIECE)
		f.delta.text_n = utf8_cut(f.delta.text, PIECE);
	w->off += (int64_t)f.delta.text_n;
	f.delta.end = w->off == have;
	wire_encode(WIRE_SERVER, &f, out);
	return f.delta.end;
}

bool
stream_stop(struct conn *c, struct frame *f)
{
	struct frame ok = { .op = WIRE_OK, .i = WIRE_ABSENT, .re = f->i };
	struct frame stop = { .op = WIRE_STOP, .i = WIRE_ABSENT, .re = WIRE_ABSENT };
	struct stream *s = find(c->d->streams, f->stop.conv, f->stop.stream);
	struct user *user;
	struct conn *producer;

	if (!is_member(c, f->i, f->stop.conv))
		return false;
	if (!s) {
		refuse_missing(c, f->i, f->stop.conv, f->stop.stream);
		return false;
	}
	stop.stop.conv = s->conv;
	stop.stop.stream = s->id;
	stop.stop.from = c->user->name;
	user = users_find(c->d->users, s->user);
	producer = user ? user_device(user, s->device) : NULL;
	if (producer)
		flow_reply(producer, &stop);
	flow_reply(c, &ok);
	return false;
}
