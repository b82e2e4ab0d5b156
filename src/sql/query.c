/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements that are prepared once, bound, stepped and read. */
#include <assert.h>
#include <stdarg.h>

#include "sql/inside.h"

bool
sql_prepare(struct sql_query *q, struct err *err)
{
	return q->st != NULL || sqlite3_prepare_v3(q->sql->h, q->text, -1,
			SQLITE_PREPARE_PERSISTENT, &q->st, NULL) == SQLITE_OK
		|| sql_fail(q->sql, err);
}

static int
bind_int(sqlite3_stmt *st, int k, char type, int64_t v)
{
	return type == 'o' && v == 0 ? sqlite3_bind_null(st, k) : sqlite3_bind_int64(st, k, v);
}

static int
bind_bytes(sqlite3_stmt *st, int k, char type, const char *p, size_t n)
{
	return type == 's' ? sqlite3_bind_text64(st, k, p, n, SQLITE_STATIC, SQLITE_UTF8)
		: sqlite3_bind_blob64(st, k, p, n, SQLITE_STATIC);
}

static struct sql_query *
start(struct sql *sql, size_t i, struct err *err, const char *types, va_list ap)
{
	struct sql_query *q;
	int rc = SQLITE_OK;
	const char *p;

	assert(i < sql->n);
	q = &sql->query[i];
	if (!sql_prepare(q, err))
		return NULL;
	for (int k = 1; *types != '\0' && rc == SQLITE_OK; types++, k++) {
		switch (*types) {
		case 'i':
		case 'o':
			rc = bind_int(q->st, k, *types, va_arg(ap, int64_t));
			break;
		case 'd':
			rc = sqlite3_bind_int(q->st, k, va_arg(ap, int));
			break;
		case 't':
			rc = sqlite3_bind_text(q->st, k, va_arg(ap, const char *), -1,
					SQLITE_STATIC);
			break;
		case 's':
		case 'b':
			p = va_arg(ap, const char *);
			rc = bind_bytes(q->st, k, *types, p, va_arg(ap, size_t));
			break;
		default:
			rc = sqlite3_bind_null(q->st, k);
		}
	}
	if (rc == SQLITE_OK)
		return q;
	sql_fail(sql, err);
	return NULL;
}

struct sql_query *
sql_start(struct sql *sql, size_t i, struct err *err, const char *types, ...)
{
	struct sql_query *q;
	va_list ap;

	va_start(ap, types);
	q = start(sql, i, err, types, ap);
	va_end(ap);
	return q;
}

int
sql_step(struct sql_query *q, struct err *err)
{
	int rc;

	if (q == NULL)
		return -1;
	rc = sqlite3_step(q->st);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		sql_fail(q->sql, err);
	sqlite3_reset(q->st);
	return rc == SQLITE_DONE ? 0 : -1;
}

void
sql_end(struct sql_query *q)
{
	sqlite3_reset(q->st);
}

bool
sql_run(struct sql *sql, size_t i, struct err *err, const char *types, ...)
{
	struct sql_query *q;
	va_list ap;
	int rc;

	va_start(ap, types);
	q = start(sql, i, err, types, ap);
	va_end(ap);
	while ((rc = sql_step(q, err)) == 1)
		continue;
	return rc == 0;
}

static bool
first(struct sql_query *q, int64_t otherwise, int64_t *out, struct err *err)
{
	int rc = sql_step(q, err);

	if (rc < 0)
		return false;
	*out = rc == 1 ? sql_int(q, 0) : otherwise;
	if (rc == 1)
		sql_end(q);
	return true;
}

bool
sql_number(struct sql *sql, size_t i, int64_t otherwise, int64_t *out, struct err *err,
		const char *types, ...)
{
	struct sql_query *q;
	va_list ap;

	va_start(ap, types);
	q = start(sql, i, err, types, ap);
	va_end(ap);
	return first(q, otherwise, out, err);
}

bool
sql_number_of(struct sql *sql, const char *text, int64_t otherwise, int64_t *out, struct err *err)
{
	struct sql_query q = { sql, NULL, text };
	bool ok = sql_prepare(&q, err) && first(&q, otherwise, out, err);

	sqlite3_finalize(q.st);
	return ok;
}

int64_t
sql_int(struct sql_query *q, int col)
{
	return sqlite3_column_int64(q->st, col);
}

const char *
sql_text(struct sql_query *q, int col)
{
	const unsigned char *text = sqlite3_column_text(q->st, col);

	return text != NULL ? (const char *)text : "";
}

const void *
sql_blob(struct sql_query *q, int col)
{
	return sqlite3_column_blob(q->st, col);
}

size_t
sql_size(struct sql_query *q, int col)
{
	return (size_t)sqlite3_column_bytes(q->st, col);
}

bool
sql_is_null(struct sql_query *q, int col)
{
	return sqlite3_column_type(q->st, col) == SQLITE_NULL;
}
