/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading back what the sync core wrote. */
#include "store/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/mem.h"
#include "store/place.h"
#include "store/read.h"
#include "store/schema.h"

bool
state_condemn(struct reader *r)
{
	if (!db_is_damaged(r->db))
		return false;
	place_condemn(r->dir);
	return true;
}

void
state_replace(struct reader *r)
{
	place_condemn(r->dir);
}

bool
state_meta(struct reader *r, const char *key, struct buf *out, struct err *err)
{
	sqlite3_stmt *q = db_query(r->db, R_META, err, "t", key);
	int rc = q != NULL ? db_step(r->db, q, err) : -1;

	buf_clear(out);
	if (rc == 1) {
		buf_adds(out, db_text(q, 0));
		sqlite3_reset(q);
	}
	return rc >= 0;
}

/* Everything of one conversation, owned while it is told. */
struct saving {
	struct saved_conv c;
	arr(struct span) held, ops;
	arr(struct saved_row) rows;
	char cursor_id[256];
};

static bool
save_rows(struct reader *r, int64_t conv, struct saving *s, struct err *err)
{
	sqlite3_stmt *q = db_query(r->db, R_SAVED_ROWS, err, "i", conv);
	int rc = -1;

	while (q != NULL && (rc = db_step(r->db, q, err)) == 1) {
		struct saved_row *row = arr_new(&s->rows);

		row->cid = xstrdup(db_text(q, 0));
		if (!outbox_state_parse(db_text(q, 1), &row->state))
			row->state = OUTBOX_SENT;
		row->lane = db_int(q, 2);
		row->ttl_ms = db_int(q, 3);
		row->created_ms = db_int(q, 4);
		row->tries = db_int(q, 5);
		row->body_n = (size_t)db_int(q, 6);
	}
	s->c.rows = s->rows.v;
	s->c.n_rows = s->rows.n;
	return rc == 0;
}

static bool
save_ranges(struct reader *r, int64_t conv, struct saving *s, struct err *err)
{
	for (int what = RANGE_HELD; what <= RANGE_OPS; what++) {
		sqlite3_stmt *q = db_query(r->db, R_SAVED_RANGES, err, "id", conv, what);
		int rc = -1;

		while (q != NULL && (rc = db_step(r->db, q, err)) == 1) {
			struct span span = { db_int(q, 0), db_int(q, 1) };

			if (what == RANGE_HELD)
				arr_push(&s->held, span);
			else
				arr_push(&s->ops, span);
		}
		if (rc != 0)
			return false;
	}
	s->c.held = s->held.v;
	s->c.n_held = s->held.n;
	s->c.ops = s->ops.v;
	s->c.n_ops = s->ops.n;
	return true;
}

static bool
save_cursor(struct reader *r, int64_t conv, struct saving *s, struct err *err)
{
	const struct span *top = s->held.n > 0 ? &s->held.v[s->held.n - 1] : NULL;
	sqlite3_stmt *q;
	int rc;

	s->cursor_id[0] = '\0';
	s->c.cursor_id = s->cursor_id;
	if (top == NULL)
		return true;
	q = db_query(r->db, R_CURSOR, err, "iii", conv, top->lo, top->hi);
	rc = q != NULL ? db_step(r->db, q, err) : -1;
	if (rc == 1) {
		s->c.cursor = db_int(q, 0);
		str_copy(s->cursor_id, sizeof s->cursor_id, db_text(q, 1));
		sqlite3_reset(q);
	}
	return rc >= 0;
}

static void
saving_done(struct saving *s)
{
	for (size_t i = 0; i < s->rows.n; i++)
		free((char *)s->rows.v[i].cid);
	arr_done(&s->rows);
	arr_done(&s->held);
	arr_done(&s->ops);
}

bool
state_convs(struct reader *r, const char *conv, void (*fn)(void *arg,
		const struct saved_conv *c), void *arg, struct err *err)
{
	sqlite3_stmt *q = conv != NULL ? db_query(r->db, R_SAVED_ONE, err, "t", conv)
		: db_query(r->db, R_SAVED, err, "");
	int rc = -1;

	while (q != NULL && (rc = db_step(r->db, q, err)) == 1) {
		struct saving s = { 0 };
		int64_t n = db_int(q, 0);
		bool ok;

		s.c.conv = db_text(q, 1);
		s.c.name = db_text(q, 2);
		s.c.epoch = db_text(q, 3);
		if (!conv_kind_parse(db_text(q, 4), &s.c.kind))
			s.c.kind = CONV_ROOM;
		s.c.head = db_int(q, 5);
		s.c.floor = db_int(q, 6);
		s.c.read = db_int(q, 7);
		s.c.lane_next = db_int(q, 8);
		s.c.closed = db_int(q, 9) != 0;
		ok = save_rows(r, n, &s, err) && save_ranges(r, n, &s, err)
			&& save_cursor(r, n, &s, err);
		if (ok)
			fn(arg, &s.c);
		saving_done(&s);
		if (!ok) {
			sqlite3_reset(q);
			return false;
		}
	}
	return rc == 0;
}

bool
state_row(struct reader *r, const char *cid, void (*fn)(void *arg,
		const struct state_row *row), void *arg, struct err *err)
{
	sqlite3_stmt *q = db_query(r->db, R_OUT_ROW, err, "t", cid);
	int rc = q != NULL ? db_step(r->db, q, err) : -1;

	if (rc == 1) {
		struct state_row row = { .kind = record_kind_parse(db_text(q, 0)),
			.ref = db_text(q, 1), .body = db_text(q, 2), .code = db_text(q, 4),
			.error = db_text(q, 5), .body_n = strlen(db_text(q, 2)) };

		if (!outbox_state_parse(db_text(q, 3), &row.state))
			row.state = OUTBOX_SENT;
		fn(arg, &row);
		sqlite3_reset(q);
	}
	return rc >= 0;
}

bool
state_own(struct reader *r, const char *cid, void (*fn)(void *arg,
		const struct state_own *own), void *arg, struct err *err)
{
	sqlite3_stmt *q = db_query(r->db, R_OWN, err, "t", cid);
	int rc = q != NULL ? db_step(r->db, q, err) : -1;

	if (rc == 1) {
		struct state_own own = { .conv = db_text(q, 0), .seq = db_int(q, 1),
			.id = db_text(q, 2), .body = db_text(q, 3) };

		fn(arg, &own);
		sqlite3_reset(q);
	}
	return rc >= 0;
}

bool
state_marks(struct reader *r, const char *conv, int64_t seq, size_t max,
		void (*fn)(void *arg, int64_t seq, const char *id), void *arg, struct err *err)
{
	int64_t distance = 1;

	for (size_t i = 0; i < max && seq > 0; i++) {
		sqlite3_stmt *q = db_query(r->db, R_BELOW, err, "ti", conv, seq);
		int rc = q != NULL ? db_step(r->db, q, err) : -1;

		if (rc <= 0)
			return rc == 0;
		seq = db_int(q, 0);
		fn(arg, seq, db_text(q, 1));
		sqlite3_reset(q);
		seq -= distance;
		distance *= i < 2 ? 2 : 4;
	}
	return true;
}
