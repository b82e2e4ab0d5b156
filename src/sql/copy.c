/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies: of a whole database while it is at work, and of what rows can still be read. */
#include "base/i18n.h"
#include "sql/inside.h"

static bool
copy_pages(sqlite3 *from, sqlite3 *to, const char *path, struct err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int rc = b != NULL ? sqlite3_backup_step(b, -1) : sqlite3_errcode(to);

	if (b != NULL)
		sqlite3_backup_finish(b);
	/* one file, no log beside it */
	if (rc == SQLITE_DONE)
		rc = sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
	return rc == SQLITE_OK || err_set(err, ERR_FAIL, "%s: %s", path, sqlite3_errstr(rc));
}

bool
sql_copy(struct sql *from, const char *path, struct err *err)
{
	sqlite3 *to = NULL;
	bool ok = true;

	if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		ok = err_set(err, ERR_FAIL, "%s: %s", path, sqlite3_errmsg(to));
	ok = ok && copy_pages(from->h, to, path, err);
	if (sqlite3_close(to) != SQLITE_OK && ok)
		ok = err_set(err, ERR_FAIL, _("%s cannot be closed"), path);
	return ok;
}

size_t
sql_copy_rows(struct sql *from, const char *select, struct sql *to, const char *insert)
{
	struct sql_query in = { from, NULL, select }, out = { to, NULL, insert };
	size_t n = 0;

	if (sql_prepare(&in, NULL) && sql_prepare(&out, NULL))
		while (sqlite3_step(in.st) == SQLITE_ROW) {
			for (int i = 0; i < sqlite3_column_count(in.st); i++)
				sqlite3_bind_value(out.st, i + 1, sqlite3_column_value(in.st, i));
			if (sqlite3_step(out.st) == SQLITE_DONE)
				n += (size_t)sqlite3_changes(to->h);
			sqlite3_reset(out.st);
		}
	sqlite3_finalize(in.st);
	sqlite3_finalize(out.st);
	return n;
}
