/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One conversation being followed. The mirror is read forward from the cursor as far as it is
 * whole; a hole ahead is fetched first. Events only say when to look, so merging loses nothing. */
#include "cmds/follow.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmds/cmd.h"
#include "store/reader.h"

#define FETCH_ROWS 1000		/* of a hole, at a time */
#define FETCH_MS 30000

static void look(void *arg);

struct follow *
follow_new(struct cmd_ctx *ctx, struct target *t, int64_t cursor, const struct follow_ops *ops,
		void *arg)
{
	struct follow *f = xcalloc(1, sizeof *f);

	f->target = *t;
	memset(t, 0, sizeof *t);
	f->ctx = ctx;
	f->cursor = cursor;
	f->ops = ops;
	f->arg = arg;
	follow_poke(f);
	return f;
}

void
follow_free(struct follow *f)
{
	if (!f)
		return;
	if (f->fetch)
		f->ctx->api->ops->cancel(f->fetch);
	f->ctx->later_stop(f->more);
	target_done(&f->target);
	free(f);
}

void
follow_poke(struct follow *f)
{
	f->is_again = true;
	f->asked = -1;
	if (!f->more)
		f->more = f->ctx->later(f->ctx, 0, look, f);
}

static const struct follow_mark *
mark_at(const struct follow *f, size_t back)
{
	return &f->marks[(f->mark_n - 1 - back) % FOLLOW_MARKS];
}

static size_t
mark_count(const struct follow *f)
{
	return f->mark_n < FOLLOW_MARKS ? f->mark_n : FOLLOW_MARKS;
}

static bool
is_given(const struct follow *f, const char *id)
{
	for (size_t i = 0; i < mark_count(f); i++)
		if (strcmp(mark_at(f, i)->id, id) == 0)
			return true;
	return false;
}

static bool
on_row(void *arg, const struct message *m)
{
	struct follow *f = arg;
	struct follow_mark *mark;

	f->rows++;
	f->cursor = m->seq;
	if (f->has_forked && is_given(f, m->id))
		return f->rows < FOLLOW_PIECE;
	mark = &f->marks[f->mark_n++ % FOLLOW_MARKS];
	mark->seq = m->seq;
	str_copy(mark->id, sizeof mark->id, m->id);
	f->ops->row(f->arg, f, m);
	return f->rows < FOLLOW_PIECE;
}

static bool
same_place(void *arg, const struct message *m)
{
	int64_t *seq = arg;

	*seq = m->seq;
	return false;
}

/* The log has a new epoch: goes on after the newest row given that is still in it. */
static void
rewind_to_known(struct follow *f)
{
	struct err err;

	f->has_forked = true;
	for (size_t i = 0; i < mark_count(f); i++) {
		const struct follow_mark *mark = mark_at(f, i);
		int64_t seq = 0;

		if (reader_message(f->target.reader, f->target.conv, mark->id, same_place, &seq,
				&err) && seq > 0) {
			f->cursor = seq;
			return;
		}
	}
	if (f->mark_n)
		f->cursor = mark_at(f, mark_count(f) - 1)->seq - 1;
	if (f->cursor > f->target.row.head)
		f->cursor = f->target.row.head;
}

static bool
refresh(struct follow *f, struct err *err)
{
	char *epoch = xstrdup(f->target.epoch);
	bool ok = target_refresh(f->ctx, &f->target, err);

	if (ok && *epoch && strcmp(epoch, f->target.epoch) != 0)
		rewind_to_known(f);
	free(epoch);
	return ok;
}

static void
on_fetched(void *arg, const struct reply *reply)
{
	struct follow *f = arg;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	f->fetch = NULL;
	/* After a failure the next change of the conversation is the time to try again. */
	if (reply->type == REPLY_FAIL && !f->is_again)
		return;
	if (!f->more)
		f->more = f->ctx->later(f->ctx, 0, look, f);
}

static bool
first_gap(void *arg, const struct gap *g)
{
	*(struct gap *)arg = *g;
	return false;
}

/* A hole right behind the cursor is fetched. */
static void
fetch_hole(struct follow *f)
{
	struct request rq = { .verb = VERB_FETCH, .account = f->target.account,
		.target = f->target.conv, .lo = f->cursor, .timeout_ms = FETCH_MS };
	struct gap g = { 0, 0 };
	struct err err;

	if (f->fetch || f->asked == f->cursor || f->ctx->offline || !f->ctx->api)
		return;
	if (!reader_gaps(f->target.reader, f->target.conv, f->cursor, 0, first_gap, &g, &err) ||
			g.hi == 0 || g.lo > f->cursor)
		return;
	rq.hi = g.hi < f->cursor + FETCH_ROWS ? g.hi : f->cursor + FETCH_ROWS;
	f->is_again = false;
	f->asked = f->cursor;
	f->fetch = api_call(f->ctx->api, &rq, on_fetched, f);
}

static void
pass_trimmed(struct follow *f)
{
	struct gap g = { f->cursor, f->target.row.floor };

	if (f->cursor >= f->target.row.floor)
		return;
	f->ops->gap(f->arg, f, &g);
	f->cursor = f->target.row.floor;
}

static void
look(void *arg)
{
	struct follow *f = arg;
	struct reader_range q = { .n = FOLLOW_PIECE, .from_old = true, .all_kinds = true };
	struct err err;
	int64_t whole;

	f->more = NULL;
	f->is_again = false;
	f->rows = 0;
	if (!refresh(f, &err)) {
		f->ops->failed(f->arg, f, &err);
		return;
	}
	pass_trimmed(f);
	q.lo = whole = f->cursor;
	if (!reader_contiguous(f->target.reader, f->target.conv, f->cursor, &whole, &err)) {
		f->ops->failed(f->arg, f, &err);
		return;
	}
	q.hi = whole;
	if (whole > q.lo && !reader_rows(f->target.reader, f->target.conv, &q, on_row, f, &err)) {
		f->ops->failed(f->arg, f, &err);
		return;
	}
	/* Numbers without a row (sparse logs) are behind us too. */
	if (f->rows < FOLLOW_PIECE)
		f->cursor = whole;
	if (!f->ops->piece(f->arg, f))
		return;
	if (f->rows >= FOLLOW_PIECE)
		follow_poke(f);
	else
		fetch_hole(f);
}
