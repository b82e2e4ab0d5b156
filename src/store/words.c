/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The full-text index over what messages say now. It follows behind what is held, conversation by
 * conversation, while the writer has nothing better to do. A row's number grows with its time, so
 * the newest hits of a search are the first that the index gives. */
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/mem.h"
#include "model/peek.h"
#include "store/apply.h"
#include "sql/sql.h"
#include "store/schema.h"
#include "store/spread.h"

#define CHUNK 500			/* messages indexed in one transaction */
#define TS_MAX ((int64_t)1 << 42)	/* ms: the year 2109 */
#define PLACES (1 << 20)		/* rows of one millisecond */

static int64_t
base_of(int64_t ts)
{
	return (ts < 0 ? 0 : ts >= TS_MAX ? TS_MAX - 1 : ts) * PLACES;
}

/* What the message says now, into st->text2; empty when it was deleted or says nothing. */
static bool
present_text(struct store *st, int64_t conv, const char *id, struct err *err)
{
	struct sql_query *q = sql_start(st->db, Q_FOLD_GET, err, "it", conv, id);
	int rc = sql_step(q, err);
	bool is_folded;

	buf_clear(&st->text2);
	if (rc < 0)
		return false;
	is_folded = rc == 1 && !sql_is_null(q, 2);
	if (is_folded)
		buf_adds(&st->text2, sql_text(q, 2));
	sql_end(q);
	if (is_folded)
		return true;
	q = sql_start(st->db, Q_EVENT_BODY, err, "it", conv, id);
	rc = sql_step(q, err);
	if (rc < 0)
		return false;
	if (rc == 1)
		peek_str(sql_text(q, 3), strlen(sql_text(q, 3)), "text", &st->text2);
	sql_end(q);
	return true;
}

/* The same as the index has it, into st->words. */
static bool
present_words(struct store *st, int64_t conv, const char *id, struct err *err)
{
	if (!present_text(st, conv, id, err))
		return false;
	buf_clear(&st->words);
	spread(buf_str(&st->text2), st->text2.n, &st->words);
	return true;
}

static bool
find_row(struct store *st, int64_t conv, int64_t seq, int64_t ts, int64_t *n, struct err *err)
{
	struct sql_query *q = sql_start(st->db, Q_WORD_ROW_FIND, err, "iiii", base_of(ts),
			base_of(ts) + PLACES, conv, seq);
	int rc = sql_step(q, err);

	if (rc < 0)
		return false;
	*n = rc == 1 ? sql_int(q, 0) : -1;
	sql_end(q);
	return true;
}

/* Takes a free number in the message's millisecond. */
static bool
take_row(struct store *st, int64_t conv, int64_t seq, int64_t ts, int64_t *n, struct err *err)
{
	int64_t at = seq % PLACES;

	for (int tries = 0; tries < PLACES; tries++) {
		*n = base_of(ts) + (at + tries) % PLACES;
		if (!sql_run(st->db, Q_WORD_ROW_PUT, err, "iii", *n, conv, seq))
			return false;
		if (sql_changes(st->db) == 1)
			return true;
	}
	*n = -1;
	return true;
}

bool
words_remove(struct store *st, int64_t conv, int64_t seq, int64_t ts, const char *id,
		struct err *err)
{
	int64_t n;

	if (!find_row(st, conv, seq, ts, &n, err))
		return false;
	if (n < 0)
		return true;
	return present_words(st, conv, id, err)
		&& sql_run(st->db, Q_WORD_DEL, err, "is", n, buf_str(&st->words), st->words.n)
		&& sql_run(st->db, Q_WORD_ROW_DEL, err, "i", n);
}

bool
words_add(struct store *st, int64_t conv, int64_t seq, int64_t ts, const char *id,
		struct err *err)
{
	int64_t n;

	if (!present_words(st, conv, id, err))
		return false;
	if (st->words.n == 0)
		return true;
	if (!take_row(st, conv, seq, ts, &n, err))
		return false;
	return n < 0 || sql_run(st->db, Q_WORD_PUT, err, "is", n, buf_str(&st->words),
			st->words.n);
}

struct entry { int64_t seq, ts; char *id; };

static bool
index_part(struct store *st, int64_t conv, int64_t lo, int64_t hi, struct err *err)
{
	arr(struct entry) found = { 0 };
	struct sql_query *q = sql_start(st->db, Q_WORD_NEXT, err, "iiii", conv, lo, hi,
			(int64_t)CHUNK);
	bool ok = false;
	int rc;

	while ((rc = sql_step(q, err)) == 1) {
		struct entry t = { sql_int(q, 0), sql_int(q, 1), xstrdup(sql_text(q, 2)) };

		arr_push(&found, t);
	}
	if (rc < 0)
		goto out;
	for (size_t i = 0; i < found.n; i++)
		if (!words_add(st, conv, found.v[i].seq, found.v[i].ts, found.v[i].id, err))
			goto out;
	if (found.n == CHUNK)
		hi = found.v[found.n - 1].seq;
	ok = store_range_add(st, conv, RANGE_INDEXED, lo, hi, err);
out:
	for (size_t i = 0; i < found.n; i++)
		free(found.v[i].id);
	arr_done(&found);
	return ok;
}

bool
words_follow(struct store *st, bool *more, struct err *err)
{
	struct sql_query *q = sql_start(st->db, Q_WORD_HOLE, err, "");
	int rc = sql_step(q, err);
	int64_t conv, lo, hi;

	*more = false;
	if (rc <= 0)
		return rc == 0;
	conv = sql_int(q, 0);
	lo = sql_int(q, 1);
	hi = sql_int(q, 2);
	sql_end(q);
	if (lo >= hi)
		return true;
	*more = true;
	return index_part(st, conv, lo, hi, err);
}
