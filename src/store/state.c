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
	if (!sql_is_damaged(r->db))
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
	struct sql_query *q = sql_start(r->db, R_META, err, "t", key);
	int rc = sql_step(q, err);

	buf_clear(out);
	if (rc == 1) {
		buf_adds(out, sql_text(q, 0));
		sql_end(q);
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
	struct sql_query *q = sql_start(r->db, R_SAVED_ROWS, err, "i", conv);
	int rc;

	while ((rc = sql_step(q, err)) == 1) {
		struct saved_row *row = arr_new(&s->rows);

		row->cid = xstrdup(sql_text(q, 0));
		if (!outbox_state_parse(sql_text(q, 1), &row->state))
			row->state = OUTBOX_SENT;
		row->lane = sql_int(q, 2);
		row->ttl_ms = sql_int(q, 3);
		row->created_ms = sql_int(q, 4);
		row->tries = sql_int(q, 5);
		row->body_n = (size_t)sql_int(q, 6);
	}
	s->c.rows = s->rows.v;
	s->c.n_rows = s->rows.n;
	return rc == 0;
}

static bool
save_ranges(struct reader *r, int64_t conv, struct saving *s, struct err *err)
{
	for (int what = RANGE_HELD; what <= RANGE_OPS; what++) {
		struct sql_query *q = sql_start(r->db, R_SAVED_RANGES, err, "id", conv, what);
		int rc;

		while ((rc = sql_step(q, err)) == 1) {
			struct span span = { sql_int(q, 0), sql_int(q, 1) };

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
	struct sql_query *q;
	int rc;

	s->cursor_id[0] = '\0';
	s->c.cursor_id = s->cursor_id;
	if (top == NULL)
		return true;
	q = sql_start(r->db, R_CURSOR, err, "iii", conv, top->lo, top->hi);
	rc = sql_step(q, err);
	if (rc == 1) {
		s->c.cursor = sql_int(q, 0);
		str_copy(s->cursor_id, sizeof s->cursor_id, sql_text(q, 1));
		sql_end(q);
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
	struct sql_query *q = conv != NULL ? sql_start(r->db, R_SAVED_ONE, err, "t", conv)
		: sql_start(r->db, R_SAVED, err, "");
	int rc;

	while ((rc = sql_step(q, err)) == 1) {
		struct saving s = { 0 };
		int64_t n = sql_int(q, 0);
		bool ok;

		s.c.conv = sql_text(q, 1);
		s.c.name = sql_text(q, 2);
		s.c.epoch = sql_text(q, 3);
		if (!conv_kind_parse(sql_text(q, 4), &s.c.kind))
			s.c.kind = CONV_ROOM;
		s.c.head = sql_int(q, 5);
		s.c.floor = sql_int(q, 6);
		s.c.read = sql_int(q, 7);
		s.c.lane_next = sql_int(q, 8);
		s.c.closed = sql_int(q, 9) != 0;
		ok = save_rows(r, n, &s, err) && save_ranges(r, n, &s, err)
			&& save_cursor(r, n, &s, err);
		if (ok)
			fn(arg, &s.c);
		saving_done(&s);
		if (!ok) {
			sql_end(q);
			return false;
		}
	}
	return rc == 0;
}

bool
state_row(struct reader *r, const char *cid, void (*fn)(void *arg,
		const struct state_row *row), void *arg, struct err *err)
{
	struct sql_query *q = sql_start(r->db, R_OUT_ROW, err, "t", cid);
	int rc = sql_step(q, err);

	if (rc == 1) {
		struct state_row row = { .kind = record_kind_parse(sql_text(q, 0)),
			.ref = sql_text(q, 1), .body = sql_text(q, 2), .code = sql_text(q, 4),
			.error = sql_text(q, 5), .body_n = strlen(sql_text(q, 2)) };

		if (!outbox_state_parse(sql_text(q, 3), &row.state))
			row.state = OUTBOX_SENT;
		fn(arg, &row);
		sql_end(q);
	}
	return rc >= 0;
}

bool
state_own(struct reader *r, const char *cid, void (*fn)(void *arg,
		const struct state_own *own), void *arg, struct err *err)
{
	struct sql_query *q = sql_start(r->db, R_OWN, err, "t", cid);
	int rc = sql_step(q, err);

	if (rc == 1) {
		struct state_own own = { .conv = sql_text(q, 0), .seq = sql_int(q, 1),
			.id = sql_text(q, 2), .body = sql_text(q, 3) };

		fn(arg, &own);
		sql_end(q);
	}
	return rc >= 0;
}

bool
state_marks(struct reader *r, const char *conv, int64_t seq, size_t max,
		void (*fn)(void *arg, int64_t seq, const char *id), void *arg, struct err *err)
{
	int64_t distance = 1;

	for (size_t i = 0; i < max && seq > 0; i++) {
		struct sql_query *q = sql_start(r->db, R_BELOW, err, "ti", conv, seq);
		int rc = sql_step(q, err);

		if (rc <= 0)
			return rc == 0;
		seq = sql_int(q, 0);
		fn(arg, seq, sql_text(q, 1));
		sql_end(q);
		seq -= distance;
		distance *= i < 2 ? 2 : 4;
	}
	return true;
}
