/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Row by row, past whatever cannot be read: history comes again from the server, these rows from
 * nowhere else. */
#include "store/salvage.h"

#include "sql/mend.h"
#include "store/schema.h"

#define CACHE_KIB 1024

static const struct { const char *from, *to; bool counts; } parts[] = {
	{ "SELECT key, value FROM meta WHERE key IN ('user', 'device', 'body_limit', 'tick')",
		"INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", false },
	{ "SELECT n, conv, name, kind, topic, lane_next, closed FROM conv",
		"INSERT OR IGNORE INTO conv (n, conv, name, kind, topic, lane_next, closed)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)", false },
	/* where the table cannot be read its index may: the server knows the name */
	{ "SELECT n, conv FROM conv INDEXED BY sqlite_autoindex_conv_1",
		"INSERT OR IGNORE INTO conv (n, conv, name, kind) VALUES (?, ?, '', 'room')",
		false },
	{ "SELECT cid, conv, lane, kind, ref, body, state, tries, code, error, created, ttl"
		" FROM outbox",
		"INSERT OR IGNORE INTO outbox (cid, conv, lane, kind, ref, body, state, tries,"
		" code, error, created, ttl) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", true },
	{ "SELECT conv, text, cursor, reply, edit FROM draft",
		"INSERT OR IGNORE INTO draft (conv, text, cursor, reply, edit)"
		" VALUES (?, ?, ?, ?, ?)", true },
};

static struct sql *
open_damaged(const char *path)
{
	struct sql_setup setup = { .mode = SQL_READ, .cache_kib = CACHE_KIB };
	struct sql *from = sql_open(path, &setup, NULL, NULL);
	int64_t tables;

	if (from != NULL && sql_number_of(from, "SELECT count(*) FROM sqlite_schema", 0, &tables,
				NULL) && tables > 0)
		return from;
	sql_close(from);
	return sql_mend_first_page(path, &mirror_schema, NULL) ?
		sql_open(path, &setup, NULL, NULL) : NULL;
}

size_t
salvage(const char *path, struct sql *to)
{
	struct sql *from = open_damaged(path);
	size_t n = 0;

	if (from == NULL)
		return 0;
	if (sql_begin(to, NULL)) {
		for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
			size_t k = sql_copy_rows(from, parts[i].from, to, parts[i].to);

			n += parts[i].counts ? k : 0;
		}
		sql_exec(to, "UPDATE conv SET lane_next = max(lane_next, coalesce((SELECT max(lane)"
				" FROM outbox o WHERE o.conv = conv.n), 0) + 1)", NULL);
		if (!sql_commit(to, NULL))
			n = 0;
	}
	sql_close(from);
	return n;
}
