/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What clients say about AI answers that are being written: the ops "delta", "tail", "stop". */
#include "daemon/stream.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "daemon/bytes.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/flow.h"
#include "daemon/options.h"
#include "daemon/stream-impl.h"
#include "daemon/topic.h"
#include "daemon/user.h"
#include "ledger/ledger.h"
#include "wire/wire.h"

/* Bytes of text in one answer to "tail": escaped six times it still fits a frame. */
#define PIECE (32 * 1024)

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
	size = stream_encoded_size(c->d, f->delta.text, f->delta.text_n);
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
	struct stream *s = stream_find(c->d->streams, f->delta.conv, f->delta.stream);

	if (!s) {
		if (is_member(c, f->i, f->delta.conv))
			refuse_missing(c, f->i, f->delta.conv, f->delta.stream);
		return false;
	}
	if (!stream_is_of(s, c->user->name, c->device)) {
		conn_error(c, f->i, CODE_FORBIDDEN, "only its producer goes on with a stream");
		return false;
	}
	if (s->frozen > 0) {
		conn_error(c, f->i, CODE_ENDED, "the stream has ended");
		return false;
	}
	if (append(c, s, f)) {
		pass_on(c, s, f);
		stream_plan_save(s);
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
	struct stream *s = stream_find(c->d->streams, w->conv, w->stream);
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
	struct stream *s = stream_find(c->d->streams, f->stop.conv, f->stop.stream);
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
