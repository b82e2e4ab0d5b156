/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Row by row, past whatever cannot be read: history comes again from the server, these rows from
 * nowhere else. */
#include "store/salvage.h"

#include "store/db.h"

static const struct { const char *from, *to; bool counts; } parts[] = {
	{ "SELECT key, value FROM meta WHERE key IN ('user', 'device', 'body_limit', 'tick')",
		"INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", false },
	{ "SELECT n, conv, name, kind, topic, lane_next, closed FROM conv",
		"INSERT OR IGNORE INTO conv (n, conv, name, kind, topic, lane_next, closed)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)", false },
	{ "SELECT cid, conv, lane, kind, ref, body, state, tries, code, error, created, ttl"
		" FROM outbox",
		"INSERT OR IGNORE INTO outbox (cid, conv, lane, kind, ref, body, state, tries,"
		" code, error, created, ttl) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", true },
	{ "SELECT conv, text, cursor, reply, edit FROM draft",
		"INSERT OR IGNORE INTO draft (conv, text, cursor, reply, edit)"
		" VALUES (?, ?, ?, ?, ?)", true },
};

static size_t
copy(struct db *from, struct db *to, const char *select, const char *insert)
{
	sqlite3_stmt *in = NULL, *out = NULL;
	size_t n = 0;

	if (sqlite3_prepare_v2(from->h, select, -1, &in, NULL) == SQLITE_OK
			&& sqlite3_prepare_v2(to->h, insert, -1, &out, NULL) == SQLITE_OK)
		while (sqlite3_step(in) == SQLITE_ROW) {
			for (int i = 0; i < sqlite3_column_count(in); i++)
				sqlite3_bind_value(out, i + 1, sqlite3_column_value(in, i));
			if (sqlite3_step(out) == SQLITE_DONE)
				n += (size_t)sqlite3_changes(to->h);
			sqlite3_reset(out);
		}
	sqlite3_finalize(in);
	sqlite3_finalize(out);
	return n;
}

size_t
salvage(const char *path, struct db *to)
{
	struct db *from = db_open(path, DB_READ, NULL, 0, NULL, NULL);
	size_t n = 0;

	if (from == NULL)
		return 0;
	if (db_exec(to, "BEGIN IMMEDIATE", NULL)) {
		for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
			size_t k = copy(from, to, parts[i].from, parts[i].to);

			n += parts[i].counts ? k : 0;
		}
		if (!db_exec(to, "COMMIT", NULL))
			n = 0;
	}
	db_close(from);
	return n;
}
