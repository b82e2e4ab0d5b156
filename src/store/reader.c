/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the mirror: conversations, coverage, outbox, drafts. Every call is its own short read
 * transaction. */
#include "store/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "model/peek.h"
#include "store/place.h"
#include "store/read.h"

#define TEXT_MAX (1024 * 1024)

struct reader *
reader_open(const char *dir, struct err *err)
{
	struct reader *r = xcalloc(1, sizeof *r);

	r->dir = xstrdup(dir);
	buf_init(&r->text, TEXT_MAX);
	buf_init(&r->reply, TEXT_MAX);
	r->generation = place_generation(dir);
	r->db = place_open_reader(dir, r->generation, reader_sql, R_COUNT, err);
	if (r->db == NULL) {
		reader_close(r);
		return NULL;
	}
	return r;
}

void
reader_close(struct reader *r)
{
	if (r == NULL)
		return;
	sql_close(r->db);
	buf_done(&r->text);
	buf_done(&r->reply);
	free(r->dir);
	free(r);
}

bool
reader_refresh(struct reader *r, struct err *err)
{
	int generation = place_generation(r->dir);
	struct sql *db;

	if (generation == r->generation)
		return true;
	db = place_open_reader(r->dir, generation, reader_sql, R_COUNT, err);
	if (db == NULL)
		return false;
	sql_close(r->db);
	r->db = db;
	r->generation = generation;
	return true;
}

void
reader_fill_conv(struct sql_query *q, int col, struct conv_row *c)
{
	c->conv = sql_text(q, col);
	c->name = sql_text(q, col + 1);
	c->topic = sql_text(q, col + 2);
	c->epoch = sql_text(q, col + 3);
	if (!conv_kind_parse(sql_text(q, col + 4), &c->kind))
		c->kind = CONV_ROOM;
	c->head = sql_int(q, col + 5);
	c->top = sql_int(q, col + 6);
	c->floor = sql_int(q, col + 7);
	c->read = sql_int(q, col + 8);
	c->unread = sql_int(q, col + 9);
	c->mentions = sql_int(q, col + 10);
	c->last_ts = sql_int(q, col + 11);
	c->closed = sql_int(q, col + 12) != 0;
}

/* Walks q to its end, or until fn says stop. */
static bool
walk_convs(struct sql_query *q, bool (*fn)(void *arg, const struct conv_row *c),
		void *arg, size_t *n, struct err *err)
{
	struct conv_row c;
	int rc;

	*n = 0;
	while ((rc = sql_step(q, err)) == 1) {
		reader_fill_conv(q, 0, &c);
		++*n;
		if (!fn(arg, &c)) {
			sql_end(q);
			return true;
		}
	}
	return rc == 0;
}

bool
reader_convs(struct reader *r, bool (*fn)(void *arg, const struct conv_row *c), void *arg,
		struct err *err)
{
	size_t n;

	return walk_convs(sql_start(r->db, R_CONVS, err, ""), fn, arg, &n, err);
}

bool
reader_find(struct reader *r, const char *target, bool (*fn)(void *arg,
		const struct conv_row *c), void *arg, struct err *err)
{
	bool is_name = target[0] == '#' || target[0] == '@';
	size_t n;

	if (!walk_convs(sql_start(r->db, is_name ? R_FIND_NAME : R_FIND_ID, err, "t", target),
			fn, arg, &n, err))
		return false;
	if (n == 0 && err != NULL)
		err->kind = ERR_NONE;
	return n > 0;
}

bool
reader_conv(struct reader *r, const char *conv, struct reader_conv *out, struct err *err)
{
	struct sql_query *q = sql_start(r->db, R_CONV, err, "t", conv);
	int rc = sql_step(q, err);

	if (rc < 0)
		return false;
	if (rc == 0) {
		if (err != NULL)
			err->kind = ERR_NONE;
		return false;
	}
	*out = (struct reader_conv){ sql_int(q, 0), sql_int(q, 1), sql_int(q, 2) };
	sql_end(q);
	return true;
}

bool
reader_gaps(struct reader *r, const char *conv, int64_t lo, int64_t hi,
		bool (*fn)(void *arg, const struct gap *g), void *arg, struct err *err)
{
	struct reader_conv c;
	struct sql_query *q;
	int rc = -1;

	if (!reader_conv(r, conv, &c, err))
		return err != NULL && err->kind == ERR_NONE;
	if (hi == 0)
		hi = c.head;
	if (lo < c.floor)
		lo = c.floor;
	q = sql_start(r->db, R_RANGES, err, "ii", c.n, lo);
	while (lo < hi && q != NULL && (rc = sql_step(q, err)) == 1) {
		struct gap g = { lo, sql_int(q, 0) < hi ? sql_int(q, 0) : hi };

		lo = sql_int(q, 1);
		if (g.lo < g.hi && !fn(arg, &g)) {
			sql_end(q);
			return true;
		}
	}
	if (q == NULL || (lo < hi && rc < 0))
		return false;
	sql_end(q);
	if (lo < hi)
		fn(arg, &(struct gap){ lo, hi });
	return true;
}

bool
reader_contiguous(struct reader *r, const char *conv, int64_t from, int64_t *seq,
		struct err *err)
{
	struct reader_conv c;
	struct sql_query *q;
	int rc;

	*seq = from;
	if (!reader_conv(r, conv, &c, err))
		return err != NULL && err->kind == ERR_NONE;
	if (from < c.floor)
		from = *seq = c.floor;
	q = sql_start(r->db, R_RANGES, err, "ii", c.n, from);
	rc = sql_step(q, err);
	if (rc < 0)
		return false;
	if (rc == 1 && sql_int(q, 0) <= from)
		*seq = sql_int(q, 1);
	sql_end(q);
	return true;
}

static void
fill_outbox(struct reader *r, struct sql_query *q, struct outbox_row *o)
{
	memset(o, 0, sizeof *o);
	o->cid = sql_text(q, 0);
	o->conv = sql_text(q, 1);
	o->name = sql_text(q, 2);
	o->body = sql_text(q, 3);
	o->ref = sql_text(q, 4);
	o->error = sql_text(q, 5);
	o->kind = record_kind_parse(sql_text(q, 6));
	if (!outbox_state_parse(sql_text(q, 7), &o->state))
		o->state = OUTBOX_UNKNOWN;
	o->lane = sql_int(q, 8);
	o->tries = sql_int(q, 9);
	o->created_ms = sql_int(q, 10);
	buf_clear(&r->text);
	peek_str(o->body, strlen(o->body), "text", &r->text);
	o->text = buf_str(&r->text);
}

bool
reader_outbox(struct reader *r, const char *conv, bool (*fn)(void *arg,
		const struct outbox_row *o), void *arg, struct err *err)
{
	struct sql_query *q = conv != NULL ? sql_start(r->db, R_OUTBOX_CONV, err, "t", conv)
		: sql_start(r->db, R_OUTBOX, err, "");
	struct outbox_row o;
	int rc;

	while ((rc = sql_step(q, err)) == 1) {
		fill_outbox(r, q, &o);
		if (!fn(arg, &o)) {
			sql_end(q);
			return true;
		}
	}
	return rc == 0;
}

bool
reader_draft(struct reader *r, const char *conv, bool (*fn)(void *arg,
		const struct draft *d), void *arg, struct err *err)
{
	struct sql_query *q = sql_start(r->db, R_DRAFT, err, "t", conv);
	int rc = sql_step(q, err);

	if (rc == 1) {
		struct draft d = { sql_text(q, 0), sql_int(q, 1), sql_text(q, 2), sql_text(q, 3) };

		fn(arg, &d);
		sql_end(q);
	}
	return rc >= 0;
}

const char *
reader_user(struct reader *r)
{
	struct sql_query *q = sql_start(r->db, R_USER, NULL, "");

	r->user[0] = '\0';
	if (q != NULL && sql_step(q, NULL) == 1) {
		str_copy(r->user, sizeof r->user, sql_text(q, 0));
		sql_end(q);
	}
	return r->user;
}
