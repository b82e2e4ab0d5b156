/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading messages: as they stand after their edits, deletions and reactions. */
#include <stdlib.h>
#include <string.h>

#include "model/peek.h"
#include "store/read.h"

#define CHUNK 512	/* rows a read transaction: a long walk must not hold up the writer's WAL */

void
reader_fill(struct reader *r, struct sql_query *q, int col, struct message *m)
{
	bool is_folded = !sql_is_null(q, col + 8);
	size_t n;

	m->seq = sql_int(q, col);
	m->id = sql_text(q, col + 1);
	m->kind_name = sql_text(q, col + 2);
	m->kind = record_kind_parse(m->kind_name);
	m->from = sql_text(q, col + 3);
	m->cid = sql_text(q, col + 4);
	m->ref = sql_text(q, col + 5);
	m->ts = sql_int(q, col + 6);
	m->body = sql_text(q, col + 7);
	n = strlen(m->body);
	m->edited = sql_int(q, col + 9) != 0;
	m->deleted = sql_int(q, col + 10) != 0;
	m->reacts = !sql_is_null(q, col + 11) ? sql_text(q, col + 11) : "{}";
	buf_clear(&r->text);
	buf_clear(&r->reply);
	m->bad = m->kind == REC_OTHER;
	if (is_folded)
		buf_adds(&r->text, sql_text(q, col + 8));
	else if (!peek_str(m->body, n, "text", &r->text) && m->kind == REC_MSG)
		m->bad = true;
	peek_str(m->body, n, "reply", &r->reply);
	m->text = buf_str(&r->text);
	m->text_n = r->text.n;
	m->reply = buf_str(&r->reply);
}

/* The seq below which to begin so that n rows remain; *lo as it is when there are fewer. */
static bool
newest(struct reader *r, int64_t conv, const struct reader_range *q, int64_t hi, int64_t until,
		int64_t *lo, struct err *err)
{
	struct sql_query *st = sql_start(r->db, q->all_kinds ? R_NTH_ALL : R_NTH, err, "iiiiii",
			conv, *lo, hi, q->since, until, q->n - 1);
	int rc = sql_step(st, err);

	if (rc < 0)
		return false;
	if (rc == 1)
		*lo = sql_int(st, 0) - 1;
	sql_end(st);
	return true;
}

/* The seq below which nothing is as young as q wants, if that is above lo. */
static bool
skip_older(struct reader *r, int64_t conv, const struct reader_range *q, int64_t *lo,
		struct err *err)
{
	int64_t first;

	if (q->since <= 0)
		return true;
	if (!sql_number(r->db, R_SINCE, 0, &first, err, "ii", conv, q->since))
		return false;
	if (first == 0)
		*lo = INT64_MAX;	/* nothing is */
	else if (first - 1 > *lo)
		*lo = first - 1;
	return true;
}

/* One chunk from lo on; *left counts down; *more: it was full. */
static bool
chunk(struct reader *r, int64_t conv, const struct reader_range *q, int64_t *lo, int64_t hi,
		int64_t until, int64_t *left, bool *more, bool (*fn)(void *arg,
				const struct message *m), void *arg, struct err *err)
{
	int64_t n = *left < CHUNK ? *left : CHUNK, got = 0;
	struct sql_query *st = sql_start(r->db, q->all_kinds ? R_ROWS_ALL : R_ROWS, err, "iiiiii",
			conv, *lo, hi, q->since, until, n);
	struct message m;
	int rc;

	while ((rc = sql_step(st, err)) == 1) {
		reader_fill(r, st, 0, &m);
		*lo = m.seq;
		got++;
		if (!fn(arg, &m)) {
			sql_end(st);
			*more = false;
			return true;
		}
	}
	*left -= got;
	*more = got == CHUNK && *left > 0;
	return rc == 0;
}

bool
reader_rows(struct reader *r, const char *conv, const struct reader_range *q,
		bool (*fn)(void *arg, const struct message *m), void *arg, struct err *err)
{
	int64_t hi = q->hi > 0 ? q->hi : INT64_MAX, until = q->until > 0 ? q->until : INT64_MAX;
	int64_t lo = q->lo, left = q->n > 0 ? q->n : INT64_MAX;
	struct reader_conv c;
	bool more = true;

	if (!reader_conv(r, conv, &c, err))
		return err != NULL && err->kind == ERR_NONE;
	if (!skip_older(r, c.n, q, &lo, err))
		return false;
	if (q->n > 0 && !q->from_old && !newest(r, c.n, q, hi, until, &lo, err))
		return false;
	while (more)
		if (!chunk(r, c.n, q, &lo, hi, until, &left, &more, fn, arg, err))
			return false;
	return true;
}

static bool
is_number(const char *s)
{
	return s[0] != '\0' && strlen(s) < 19 && strspn(s, "0123456789") == strlen(s);
}

bool
reader_message(struct reader *r, const char *conv, const char *id_or_seq,
		bool (*fn)(void *arg, const struct message *m), void *arg, struct err *err)
{
	struct reader_conv c;
	struct message m;
	struct sql_query *q;
	int rc;

	if (!reader_conv(r, conv, &c, err))
		return false;
	if (is_number(id_or_seq))
		q = sql_start(r->db, R_BY_SEQ, err, "ii", c.n,
				(int64_t)strtoll(id_or_seq, NULL, 10));
	else
		q = sql_start(r->db, R_BY_ID, err, "it", c.n, id_or_seq);
	rc = sql_step(q, err);
	if (rc == 1) {
		reader_fill(r, q, 0, &m);
		fn(arg, &m);
		sql_end(q);
	} else if (rc == 0 && err != NULL) {
		err->kind = ERR_NONE;
	}
	return rc == 1;
}
