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
	db_close(r->db);
	buf_done(&r->text);
	buf_done(&r->reply);
	free(r->dir);
	free(r);
}

bool
reader_refresh(struct reader *r, struct err *err)
{
	int generation = place_generation(r->dir);
	struct db *db;

	if (generation == r->generation)
		return true;
	db = place_open_reader(r->dir, generation, reader_sql, R_COUNT, err);
	if (db == NULL)
		return false;
	db_close(r->db);
	r->db = db;
	r->generation = generation;
	return true;
}

void
reader_fill_conv(sqlite3_stmt *q, int col, struct conv_row *c)
{
	c->conv = db_text(q, col);
	c->name = db_text(q, col + 1);
	c->topic = db_text(q, col + 2);
	c->epoch = db_text(q, col + 3);
	if (!conv_kind_parse(db_text(q, col + 4), &c->kind))
		c->kind = CONV_ROOM;
	c->head = db_int(q, col + 5);
	c->top = db_int(q, col + 6);
	c->floor = db_int(q, col + 7);
	c->read = db_int(q, col + 8);
	c->unread = db_int(q, col + 9);
	c->mentions = db_int(q, col + 10);
	c->last_ts = db_int(q, col + 11);
	c->closed = db_int(q, col + 12) != 0;
}

/* Walks q to its end, or until fn says stop. */
static bool
walk_convs(struct reader *r, sqlite3_stmt *q, bool (*fn)(void *arg, const struct conv_row *c),
		void *arg, size_t *n, struct err *err)
{
	struct conv_row c;
	int rc = -1;

	*n = 0;
	while (q != NULL && (rc = db_step(r->db, q, err)) == 1) {
		reader_fill_conv(q, 0, &c);
		++*n;
		if (!fn(arg, &c)) {
			sqlite3_reset(q);
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

	return walk_convs(r, db_query(r->db, R_CONVS, err, ""), fn, arg, &n, err);
}

bool
reader_find(struct reader *r, const char *target, bool (*fn)(void *arg,
		const struct conv_row *c), void *arg, struct err *err)
{
	bool is_name = target[0] == '#' || target[0] == '@';
	size_t n;

	if (!walk_convs(r, db_query(r->db, is_name ? R_FIND_NAME : R_FIND_ID, err, "t", target),
			fn, arg, &n, err))
		return false;
	if (n == 0 && err != NULL)
		err->kind = ERR_NONE;
	return n > 0;
}

bool
reader_conv(struct reader *r, const char *conv, struct reader_conv *out, struct err *err)
{
	sqlite3_stmt *q = db_query(r->db, R_CONV, err, "t", conv);
	int rc = q != NULL ? db_step(r->db, q, err) : -1;

	if (rc < 0)
		return false;
	if (rc == 0) {
		if (err != NULL)
			err->kind = ERR_NONE;
		return false;
	}
	*out = (struct reader_conv){ db_int(q, 0), db_int(q, 1), db_int(q, 2) };
	sqlite3_reset(q);
	return true;
}

bool
reader_gaps(struct reader *r, const char *conv, int64_t lo, int64_t hi,
		bool (*fn)(void *arg, const struct gap *g), void *arg, struct err *err)
{
	struct reader_conv c;
	sqlite3_stmt *q;
	int rc = -1;

	if (!reader_conv(r, conv, &c, err))
		return err != NULL && err->kind == ERR_NONE;
	if (hi == 0)
		hi = c.head;
	if (lo < c.floor)
		lo = c.floor;
	q = db_query(r->db, R_RANGES, err, "ii", c.n, lo);
	while (lo < hi && q != NULL && (rc = db_step(r->db, q, err)) == 1) {
		struct gap g = { lo, db_int(q, 0) < hi ? db_int(q, 0) : hi };

		lo = db_int(q, 1);
		if (g.lo < g.hi && !fn(arg, &g)) {
			sqlite3_reset(q);
			return true;
		}
	}
	if (q == NULL || (lo < hi && rc < 0))
		return false;
	sqlite3_reset(q);
	if (lo < hi)
		fn(arg, &(struct gap){ lo, hi });
	return true;
}

bool
reader_contiguous(struct reader *r, const char *conv, int64_t from, int64_t *seq,
		struct err *err)
{
	struct reader_conv c;
	sqlite3_stmt *q;
	int rc;

	*seq = from;
	if (!reader_conv(r, conv, &c, err))
		return err != NULL && err->kind == ERR_NONE;
	if (from < c.floor)
		from = *seq = c.floor;
	q = db_query(r->db, R_RANGES, err, "ii", c.n, from);
	rc = q != NULL ? db_step(r->db, q, err) : -1;
	if (rc < 0)
		return false;
	if (rc == 1 && db_int(q, 0) <= from)
		*seq = db_int(q, 1);
	sqlite3_reset(q);
	return true;
}

static void
fill_outbox(struct reader *r, sqlite3_stmt *q, struct outbox_row *o)
{
	memset(o, 0, sizeof *o);
	o->cid = db_text(q, 0);
	o->conv = db_text(q, 1);
	o->name = db_text(q, 2);
	o->body = db_text(q, 3);
	o->ref = db_text(q, 4);
	o->error = db_text(q, 5);
	o->kind = record_kind_parse(db_text(q, 6));
	if (!outbox_state_parse(db_text(q, 7), &o->state))
		o->state = OUTBOX_UNKNOWN;
	o->lane = db_int(q, 8);
	o->tries = db_int(q, 9);
	o->created_ms = db_int(q, 10);
	buf_clear(&r->text);
	peek_str(o->body, strlen(o->body), "text", &r->text);
	o->text = buf_str(&r->text);
}

bool
reader_outbox(struct reader *r, const char *conv, bool (*fn)(void *arg,
		const struct outbox_row *o), void *arg, struct err *err)
{
	sqlite3_stmt *q = conv != NULL ? db_query(r->db, R_OUTBOX_CONV, err, "t", conv)
		: db_query(r->db, R_OUTBOX, err, "");
	struct outbox_row o;
	int rc = -1;

	while (q != NULL && (rc = db_step(r->db, q, err)) == 1) {
		fill_outbox(r, q, &o);
		if (!fn(arg, &o)) {
			sqlite3_reset(q);
			return true;
		}
	}
	return rc == 0;
}

bool
reader_draft(struct reader *r, const char *conv, bool (*fn)(void *arg,
		const struct draft *d), void *arg, struct err *err)
{
	sqlite3_stmt *q = db_query(r->db, R_DRAFT, err, "t", conv);
	int rc = q != NULL ? db_step(r->db, q, err) : -1;

	if (rc == 1) {
		struct draft d = { db_text(q, 0), db_int(q, 1), db_text(q, 2), db_text(q, 3) };

		fn(arg, &d);
		sqlite3_reset(q);
	}
	return rc >= 0;
}

const char *
reader_user(struct reader *r)
{
	sqlite3_stmt *q = db_query(r->db, R_USER, NULL, "");

	r->user[0] = '\0';
	if (q != NULL && db_step(r->db, q, NULL) == 1) {
		str_copy(r->user, sizeof r->user, db_text(q, 0));
		sqlite3_reset(q);
	}
	return r->user;
}
