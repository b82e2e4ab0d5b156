/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions of tables, one step after another. */
#include "sql/schema.h"

#include <stdio.h>

#include "base/i18n.h"

bool
sql_schema_version(struct sql *sql, const struct sql_schema *schema, int *version, struct err *err)
{
	int64_t application, objects, v;

	if (!sql_number_of(sql, "PRAGMA user_version", 0, &v, err)
			|| !sql_number_of(sql, "PRAGMA application_id", 0, &application, err)
			|| !sql_number_of(sql, "SELECT count(*) FROM sqlite_schema", 0, &objects,
				err))
		return false;
	if (objects > 0 && (application != schema->application || v < 1))
		return err_set(err, ERR_FAIL, "%s", _("this file is another program's"));
	if (v > schema->version)
		return err_set(err, ERR_FAIL, _("a newer stonechat wrote this file (its tables are "
				"of version %lld, this program knows up to %d)"), (long long)v,
				schema->version);
	*version = objects > 0 ? (int)v : 0;
	return true;
}

static bool
climb(struct sql *sql, const struct sql_schema *schema, int version, struct err *err)
{
	char now[80];

	for (; version < schema->version; version++)
		if (!sql_exec(sql, schema->step[version], err))
			return false;
	snprintf(now, sizeof now, "PRAGMA user_version=%d; PRAGMA application_id=%d",
			schema->version, schema->application);
	return sql_exec(sql, now, err);
}

bool
sql_schema_prepare(struct sql *sql, const struct sql_schema *schema, struct err *err)
{
	int version = 0;

	if (!sql_schema_version(sql, schema, &version, err))
		return false;
	if (version == schema->version)
		return true;
	if (sql_begin(sql, err) && climb(sql, schema, version, err) && sql_commit(sql, err))
		return true;
	sql_roll_back(sql, NULL);
	return false;
}
