/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of this room share. */
#ifndef SQL_INSIDE_H
#define SQL_INSIDE_H

#include <sqlite3.h>

#include "sql/sql.h"

struct sql_query {
	struct sql *sql;
	sqlite3_stmt *st;		/* prepared when first used */
	const char *text;
};

enum { SQL_BEGIN, SQL_BEGIN_READ, SQL_COMMIT, SQL_ROLL_BACK, SQL_OWN };

struct sql {
	sqlite3 *h;
	struct sql_query own[SQL_OWN];	/* transactions */
	struct sql_query *query;
	size_t n;
	int wal_pages;
	bool is_full_sync;		/* how commits are synchronised */
	bool is_damaged, is_full;	/* what failures said */
};

/* Prepares q unless it is. */
bool sql_prepare(struct sql_query *q, struct err *err);

#endif
