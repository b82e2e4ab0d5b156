/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mirror against itself and against its high-water mark. */
#include "store/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/path.h"
#include "sql/mark.h"
#include "sql/sql.h"
#include "store/read.h"

struct check {
	struct reader *reader;
	bool (*fn)(void *arg, const struct check_fault *f);
	void *arg;
	bool is_stopped;
};

static void
tell(struct check *c, const struct check_fault *f)
{
	if (!c->is_stopped && !c->fn(c->arg, f))
		c->is_stopped = true;
}

/* A damaged file fails some statements: that is a finding, not an error. */
static bool
failed(struct check *c, struct err *err)
{
	if (!sql_is_damaged(c->reader->db))
		return false;
	tell(c, &(struct check_fault){ CHECK_DATABASE, "", "", err->msg, 0 });
	c->is_stopped = true;
	return true;
}

static bool
check_pages(struct check *c, struct err *err)
{
	struct sql_query *q = sql_start(c->reader->db, R_QUICK_CHECK, err, "i",
			(int64_t)CHECK_FAULTS_MAX);
	int rc = -1;

	while (!c->is_stopped && (rc = sql_step(q, err)) == 1) {
		const char *text = sql_text(q, 0);

		if (strcmp(text, "ok") != 0)
			tell(c, &(struct check_fault){ CHECK_DATABASE, "", "", text, 0 });
	}
	if (rc == 1)
		sql_end(q);
	return rc >= 0 || failed(c, err);
}

/* The mark is read first: what is committed meanwhile only makes the mirror newer. */
static bool
check_mark(struct check *c, struct err *err)
{
	char *path = path_join(c->reader->dir, "high-water"), text[256];
	struct mark then;
	int64_t tick;
	bool ok = mark_read(path, &then, err);

	free(path);
	if (!ok)
		return false;
	if (!sql_number_of(c->reader->db, "SELECT value FROM meta WHERE key = 'tick'", 0, &tick,
			err))
		return failed(c, err);
	if (tick >= then.tick)
		return true;
	snprintf(text, sizeof text, _("the mirror is at change %lld of outbox and drafts, and had "
			"come to %lld"), (long long)tick, (long long)then.tick);
	tell(c, &(struct check_fault){ CHECK_LOST, "", "", text, 0 });
	return true;
}

static bool
check_rows(struct check *c, enum reader_stmt which, const char *what, struct err *err)
{
	struct sql_query *q = sql_start(c->reader->db, which, err, "i", (int64_t)CHECK_FAULTS_MAX);
	int rc = -1;

	while (!c->is_stopped && (rc = sql_step(q, err)) == 1)
		tell(c, &(struct check_fault){ CHECK_COVERAGE, sql_text(q, 0), sql_text(q, 1), what,
			sql_int(q, 2) });
	if (rc == 1)
		sql_end(q);
	return rc >= 0 || failed(c, err);
}

bool
check_mirror(struct reader *r, bool (*fn)(void *arg, const struct check_fault *f), void *arg,
		struct err *err)
{
	struct check c = { .reader = r, .fn = fn, .arg = arg };

	if (!check_mark(&c, err) || !check_pages(&c, err))
		return false;
	return c.is_stopped || (check_rows(&c, R_BAD_RANGES,
				_("ranges of what is held overlap or touch"), err) &&
			(c.is_stopped || check_rows(&c, R_OUTSIDE,
				_("a record lies outside of what is said to be held"), err)));
}

const char *
check_sqlite(bool *has_search)
{
	return sql_version(has_search);
}
