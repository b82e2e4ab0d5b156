/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A conversation that somebody follows: who, how far each has read the log, and the newest
 * records ready to be sent. A frame is made once for all receivers with the same cursor.
 * stonechat-protocol(7), section 4. */
#include "daemon/topic.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "daemon/bytes.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/flow.h"
#include "daemon/user.h"
#include "ledger/ledger.h"
#include "wire/wire.h"

/* Of a frame, the part that is not records. */
#define ENVELOPE 512
/* Records kept for receivers that have not had them yet: of one conversation, of all. Who is
 * further behind reads from the ledger. */
#define TAIL_MAX WIRE_SERVER_FRAME
#define TAILS_MAX (32 * 1024 * 1024)
#define FRAME_RECORDS 4096
#define RUNS 4

/* The records of one commit: (prev, seq]. */
struct chunk { int64_t prev, seq; char *p; size_t n; };

/* A frame that was made: the events of (prev, seq]. */
struct run {
	int64_t prev, seq;
	struct bytes *frame;
	bool is_full;			/* it ends before the head of its time */
};

struct topic {
	struct topics *all;
	char conv[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1];
	int64_t head;			/* the newest committed seq */
	struct sub **subs;
	uint32_t n, cap;
	uint32_t behind;		/* subscribers with something to come */
	arr(struct chunk) tail;		/* oldest first, without a gap */
	size_t tail_bytes;
	struct run runs[RUNS];
	unsigned next_run;
};

struct topics {
	struct daemon *d;
	struct map *by_conv;
	size_t bytes;
};

struct topics *
topics_new(struct daemon *d)
{
	struct topics *t = xcalloc(1, sizeof *t);

	t->d = d;
	t->by_conv = map_new();
	return t;
}

static void
drop_runs(struct topic *t)
{
	for (size_t i = 0; i < RUNS; i++) {
		bytes_unref(t->runs[i].frame);
		t->runs[i].frame = NULL;
	}
}

static void
drop_chunks(struct topic *t, size_t k)
{
	for (size_t i = 0; i < k; i++) {
		t->tail_bytes -= t->tail.v[i].n;
		t->all->bytes -= t->tail.v[i].n;
		free(t->tail.v[i].p);
	}
	memmove(t->tail.v, t->tail.v + k, (t->tail.n - k) * sizeof *t->tail.v);
	t->tail.n -= k;
	if (t->tail.n == 0)
		arr_done(&t->tail);
}

/* Everybody has everything: nothing is kept. */
static void
forget(struct topic *t)
{
	drop_runs(t);
	if (t->tail.n > 0)
		drop_chunks(t, t->tail.n);
}

static void
topic_free(void *arg)
{
	struct topic *t = arg;

	forget(t);
	free(t->subs);
	free(t);
}

void
topics_free(struct topics *t)
{
	if (!t)
		return;
	map_free(t->by_conv, topic_free);
	free(t);
}

size_t
topics_bytes(const struct topics *t)
{
	return t->bytes;
}

struct topic *
topic_find(struct topics *t, const char *conv)
{
	return map_get(t->by_conv, conv);
}

const char *
topic_conv(const struct topic *t)
{
	return t->conv;
}

int64_t
topic_head(const struct topic *t)
{
	return t->head;
}

struct sub *const *
topic_subs(const struct topic *t, size_t *n)
{
	*n = t->n;
	return t->subs;
}

struct sub *
topic_sub(struct topic *t, const struct conn *c)
{
	for (struct sub *s = c->subs; s; s = s->next)
		if (s->topic == t)
			return s;
	return NULL;
}

/* ---- subscriptions ---- */

static void
wake(struct sub *s)
{
	if (!s->is_due) {
		s->topic->behind++;
		flow_due(s);
	}
}

static void
settle(struct sub *s)
{
	if (s->is_due) {
		flow_undue(s);
		if (--s->topic->behind == 0)
			forget(s->topic);
	}
}

static void
grow(struct topic *t, int64_t head)
{
	if (head <= t->head)
		return;
	t->head = head;
	for (size_t i = 0; i < t->n; i++)
		if (t->subs[i]->cursor < head)
			wake(t->subs[i]);
}

void
topic_delivered(struct sub *s, int64_t seq)
{
	s->cursor = seq;
	if (seq >= s->topic->head)
		settle(s);
}

static struct sub *
attach(struct topic *t, struct conn *c)
{
	struct sub *s = xcalloc(1, sizeof *s);

	s->conn = c;
	s->topic = t;
	s->next = c->subs;
	c->subs = s;
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 4;
		t->subs = xrealloc(t->subs, t->cap * sizeof(struct sub *));
	}
	s->index = t->n;
	t->subs[t->n++] = s;
	return s;
}

/* Ends s; the topic stays, even without anybody. */
static void
detach(struct sub *s)
{
	struct topic *t = s->topic;
	struct sub **p = &s->conn->subs;

	settle(s);
	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	t->subs[s->index] = t->subs[--t->n];
	t->subs[s->index]->index = s->index;
	free(s);
}

static void
drop_if_alone(struct topic *t)
{
	if (t->n > 0)
		return;
	map_del(t->all->by_conv, t->conv);
	topic_free(t);
}

void
topic_leave(struct sub *s)
{
	struct topic *t = s->topic;

	detach(s);
	drop_if_alone(t);
}

/* Tells a live subscriber that its subscription is over. */
static void
tell_end(struct sub *s, enum wire_mode mode, enum code code)
{
	struct topic *t = s->topic;
	struct wire_subbed end = { .conv = t->conv, .epoch = t->epoch, .mode = mode,
		.seq = t->head, .keep = WIRE_ABSENT, .code = code };
	struct frame f = { .op = WIRE_SUBBED, .i = WIRE_ABSENT, .re = WIRE_ABSENT };

	f.subbed.subs = &end;
	f.subbed.n_subs = 1;
	flow_reply(s->conn, &f);
}

void
topic_expel(struct topics *all, const char *conv, const struct user *user, enum code code)
{
	struct topic *t = topic_find(all, conv);

	for (size_t i = t ? t->n : 0; i > 0; i--) {
		struct sub *s = t->subs[i - 1];

		if (s->conn->user != user)
			continue;
		tell_end(s, WIRE_GONE, code);
		detach(s);
	}
	if (t)
		drop_if_alone(t);
}

/* The log forked: nobody gets anything more of the old epoch. */
static void
renew(struct topic *t, const char *epoch, int64_t head)
{
	str_copy(t->epoch, sizeof t->epoch, epoch);
	t->head = head;
	forget(t);
	while (t->n > 0) {
		struct sub *s = t->subs[t->n - 1];

		tell_end(s, WIRE_RESET, CODE_NONE);
		detach(s);
	}
}

struct sub *
topic_join(struct topics *all, struct conn *c, const struct ledger_conv *conv, int64_t cursor)
{
	struct topic *t = topic_find(all, conv->conv);
	struct sub *s;

	if (!t) {
		t = xcalloc(1, sizeof *t);
		t->all = all;
		str_copy(t->conv, sizeof t->conv, conv->conv);
		str_copy(t->epoch, sizeof t->epoch, conv->epoch);
		t->head = conv->seq;
		map_put(all->by_conv, t->conv, t);
	}
	/* the reader may already see a commit whose changes were not told here yet */
	if (strcmp(t->epoch, conv->epoch) != 0)
		renew(t, conv->epoch, conv->seq);
	s = topic_sub(t, c);
	if (!s)
		s = attach(t, c);
	settle(s);
	s->cursor = cursor;
	s->is_lagging = false;
	grow(t, conv->seq);
	if (cursor < t->head)
		wake(s);
	return s;
}

void
topic_tell(struct topic *t, struct bytes *b, const struct conn *but)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->subs[i]->conn != but)
			flow_tell(t->subs[i]->conn, b);
}

/* ---- growth ---- */

static void
keep(struct topic *t, struct ledger_change *ch)
{
	struct chunk c = { ch->prev, ch->seq, NULL, ch->records.n };

	if (t->tail.n > 0 && t->tail.v[t->tail.n - 1].seq != ch->prev)
		drop_chunks(t, t->tail.n);
	c.p = buf_take(&ch->records);
	t->tail_bytes += c.n;
	t->all->bytes += c.n;
	arr_push(&t->tail, c);
	while (t->tail.n > 0 && (t->tail_bytes > TAIL_MAX || t->all->bytes > TAILS_MAX))
		drop_chunks(t, 1);
}

void
topics_changed(struct topics *all, struct ledger_change *ch)
{
	struct topic *t = topic_find(all, ch->conv);

	if (!t)
		return;
	if (strcmp(t->epoch, ch->epoch) != 0) {
		renew(t, ch->epoch, ch->seq);
		drop_if_alone(t);
		return;
	}
	if (ch->n == 0 || ch->seq <= t->head)
		return;
	keep(t, ch);
	grow(t, ch->seq);
}

void
topics_refresh(struct topics *all)
{
	struct ledger_conv conv;
	struct err err;
	void *value;
	size_t at = 0;

	while (map_next(all->by_conv, &at, &value)) {
		struct topic *t = value;

		if (ledger_conv(all->d->reader, t->conv, &conv, &err) &&
		    strcmp(conv.epoch, t->epoch) == 0)
			grow(t, conv.seq);
	}
}

/* ---- frames ---- */

static void
wrap(struct topic *t, int64_t prev, const char *raw, size_t n, struct buf *out)
{
	struct frame f = { .op = WIRE_EVENTS, .i = WIRE_ABSENT, .re = WIRE_ABSENT };

	f.events.conv = t->conv;
	f.events.epoch = t->epoch;
	f.events.prev = prev;
	f.events.raw = raw;
	f.events.raw_n = n;
	buf_clear(out);
	wire_encode(WIRE_SERVER, &f, out);
}

/* The records after cursor that are kept here, as many as fit. */
static bool
from_tail(struct topic *t, int64_t cursor, struct buf *raw, int64_t *seq)
{
	size_t i = 0;

	while (i < t->tail.n && t->tail.v[i].prev != cursor)
		i++;
	if (i == t->tail.n)
		return false;
	for (; i < t->tail.n; i++) {
		struct chunk *c = &t->tail.v[i];

		if (raw->n > 0 && raw->n + c->n + 1 > WIRE_SERVER_FRAME - ENVELOPE)
			break;
		if (raw->n > 0)
			buf_addc(raw, ',');
		buf_add(raw, c->p, c->n);
		*seq = c->seq;
	}
	return raw->n <= WIRE_SERVER_FRAME - ENVELOPE;
}

/* The same from the ledger; *prev is above cursor when what lay between was trimmed. */
static bool
from_ledger(struct topic *t, int64_t cursor, struct buf *raw, int64_t *prev, int64_t *seq)
{
	struct ledger_page_query q = { .conv = t->conv, .lo = cursor, .hi = t->head,
		.n = FRAME_RECORDS, .max_bytes = WIRE_SERVER_FRAME - ENVELOPE };
	size_t count;
	struct err err;

	*seq = t->head;
	if (!ledger_page(t->all->d->reader, &q, raw, prev, seq, &count, &err)) {
		*seq = cursor;
		log_put(t->all->d->log, LOG_ERROR, "topic", "conv=%s error=%s", t->conv, err.msg);
		return false;
	}
	return count > 0;
}

static struct run *
make(struct topic *t, int64_t cursor)
{
	struct run *r = &t->runs[t->next_run++ % RUNS];
	struct daemon *d = t->all->d;
	struct buf *raw = &d->records;
	int64_t prev = cursor;
	bool has;

	buf_clear(raw);
	bytes_unref(r->frame);
	r->frame = NULL;
	r->prev = cursor;
	has = from_tail(t, cursor, raw, &r->seq);
	if (!has) {
		buf_clear(raw);
		has = from_ledger(t, cursor, raw, &prev, &r->seq);
	}
	if (has) {
		wrap(t, prev, raw->p, raw->n, &d->scratch);
		r->frame = bytes_new(d->scratch.p, d->scratch.n);
		r->frame->is_counted = true;
		r->is_full = r->seq < t->head;
		d->metrics.frames_made++;
	}
	return r;
}

struct bytes *
topic_frame(struct topic *t, int64_t cursor, int64_t *seq)
{
	struct run *r = NULL;

	for (size_t i = 0; i < RUNS && !r; i++)
		if (t->runs[i].frame && t->runs[i].prev == cursor &&
		    (t->runs[i].seq == t->head || t->runs[i].is_full))
			r = &t->runs[i];
	if (!r)
		r = make(t, cursor);
	*seq = r->seq;
	return r->frame;
}
