/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which tables a file has (user_version), and how an older file becomes a present one. */
#ifndef SQL_SCHEMA_H
#define SQL_SCHEMA_H

#include "sql/sql.h"

struct sql_schema {
	int application;		/* whose file it is; 0: not told */
	int version;			/* the present one */
	const char *const *step;	/* step[i] leads from version i to i + 1 and, once
					 * released, never changes */
};

/* The version of the file into *version, 0 of an empty one. A newer one, and another program's
 * file, are refused with a sentence. */
bool sql_schema_version(struct sql *sql, const struct sql_schema *schema, int *version,
		struct err *err);
/* Makes the tables, or brings them up to date, in one transaction. */
bool sql_schema_prepare(struct sql *sql, const struct sql_schema *schema, struct err *err);

#endif
