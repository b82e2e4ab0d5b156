/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Row by row, past whatever cannot be read: history comes again from the server, these rows from
 * nowhere else. */
#include "store/salvage.h"

#include "sql/sql.h"

#define CACHE_KIB 1024

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

size_t
salvage(const char *path, struct sql *to)
{
	struct sql_setup setup = { .mode = SQL_READ, .cache_kib = CACHE_KIB };
	struct sql *from = sql_open(path, &setup, NULL, NULL);
	size_t n = 0;

	if (from == NULL)
		return 0;
	if (sql_begin(to, NULL)) {
		for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
			size_t k = sql_copy_rows(from, parts[i].from, to, parts[i].to);

			n += parts[i].counts ? k : 0;
		}
		if (!sql_commit(to, NULL))
			n = 0;
	}
	sql_close(from);
	return n;
}
