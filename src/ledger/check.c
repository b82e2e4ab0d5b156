/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks for what must never be: every rule is a query that gives a row for each breach. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/path.h"
#include "sql/sql.h"
#include "sql/mark.h"
#include "ledger/ledger.h"
#include "ledger/schema.h"

#define CACHE_KIB 16000
#define FINDINGS_MAX 100	/* lines a rule */
#define AT "c.id || ' ' || (g.pos & 0xfffffffff)"
#define LOG "log g JOIN conv c ON c.n = g.pos >> 36"

/* what is wrong, and where: the first column of each row. */
static const struct { const char *what, *text; } rules[] = {
	{ N_("SQLite finds damage"),
		"SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'" },
	{ N_("a row names another that is not there"),
		"SELECT \"table\" || ' ' || ifnull(rowid, '') FROM pragma_foreign_key_check" },
	{ N_("a record without its predecessor, or with an older id"),
		"SELECT conv || ' ' || (pos & 0xfffffffff) FROM (SELECT c.id AS conv, g.pos, g.id,"
		" lag(g.pos) OVER w AS p, lag(g.id) OVER w AS i FROM " LOG
		" WINDOW w AS (ORDER BY g.pos)) WHERE CASE WHEN p >> 36 = pos >> 36"
		" THEN pos <> p + 1 OR id <= i ELSE pos & 0xfffffffff <> 1 END" },
	{ N_("times that fall, or a wrong count of messages"),
		"SELECT conv || ' ' || (pos & 0xfffffffff) FROM (SELECT c.id AS conv, g.pos, g.ts,"
		" g.kind, g.counted, lag(g.pos) OVER w AS p, lag(g.ts) OVER w AS t,"
		" lag(g.counted) OVER w AS n FROM " LOG " WINDOW w AS (ORDER BY g.pos))"
		" WHERE CASE WHEN p >> 36 = pos >> 36 THEN ts < t ELSE 0 END OR counted <>"
		" CASE WHEN p >> 36 = pos >> 36 THEN n ELSE 0 END + (kind IN (0, 7))" },
	{ N_("a record of no conversation"),
		"SELECT g.pos FROM log g LEFT JOIN conv c ON c.n = g.pos >> 36 WHERE c.n IS NULL" },
	{ N_("a head that is not the last record"),
		"SELECT c.id FROM conv c LEFT JOIN log g ON g.pos = c.n << 36 | c.seq"
		" WHERE c.seq <> ifnull((SELECT max(pos) & 0xfffffffff FROM log"
		"  WHERE pos > c.n << 36 AND pos < c.n + 1 << 36), 0)"
		" OR (c.seq > 0 AND (c.last_id <> g.id OR c.last_ts <> g.ts"
		"  OR c.counted <> g.counted)) OR c.floor > c.seq" },
	{ N_("a record that should have been trimmed, or one that should not"),
		"SELECT " AT " FROM " LOG
		" WHERE (g.record IS NULL) <> (g.pos & 0xfffffffff <= c.floor)" },
	{ N_("a record whose bytes say something else"),
		"SELECT " AT " FROM " LOG " JOIN user u ON u.n = g.sender"
		" WHERE g.record IS NOT NULL AND CASE WHEN json_valid(g.record) THEN"
		" json_extract(g.record, '$.seq') IS NOT g.pos & 0xfffffffff"
		" OR lower(hex(g.id)) IS NOT replace(json_extract(g.record, '$.id'), '-', '')"
		" OR json_extract(g.record, '$.from') IS NOT u.name"
		" OR json_extract(g.record, '$.ts') IS NOT g.ts ELSE 1 END" },
	{ N_("a cid without its record, or a record without its cid"),
		"WITH a AS MATERIALIZED (SELECT conv << 36 | seq AS pos, sender, cid FROM answer"
		"  WHERE seq > 0) SELECT " AT " FROM " LOG " LEFT JOIN a ON a.pos = g.pos"
		" WHERE a.sender IS NOT g.sender"
		" OR (g.record IS NOT NULL AND json_valid(g.record) AND lower(hex(a.cid)) IS NOT"
		"  replace(json_extract(g.record, '$.cid'), '-', ''))"
		" UNION ALL SELECT c.id || ' ' || a.seq FROM answer a JOIN conv c ON c.n = a.conv"
		" WHERE a.seq > 0 AND NOT EXISTS (SELECT 1 FROM log g"
		"  WHERE g.pos = a.conv << 36 | a.seq)" },
	{ N_("a seq that two cids claim"),
		"SELECT c.id || ' ' || a.seq FROM answer a JOIN conv c ON c.n = a.conv"
		" WHERE a.seq > 0 GROUP BY a.conv, a.seq HAVING count(*) > 1" },
	{ N_("more records of a device than its lane has numbers"),
		"SELECT c.id || ' ' || u.name || ' ' || d.device FROM (SELECT pos >> 36 AS conv,"
		" sender, json_extract(record, '$.device') AS device, count(*) AS n FROM log"
		" WHERE kind IN (0, 1, 2, 3, 5, 6, 8) AND json_valid(record) GROUP BY 1, 2, 3) d"
		" JOIN conv c ON c.n = d.conv JOIN user u ON u.n = d.sender"
		" LEFT JOIN lane l ON l.conv = d.conv AND l.user = d.sender"
		"  AND l.device = d.device WHERE d.n > ifnull(l.n, 0)" },
	{ N_("a read mark above the head, or a wrong count of own messages"),
		"SELECT c.id || ' ' || u.name FROM member m JOIN conv c ON c.n = m.conv"
		" JOIN user u ON u.n = m.user LEFT JOIN (SELECT pos >> 36 AS conv, sender,"
		"  count(*) AS n FROM log WHERE kind IN (0, 7) GROUP BY 1, 2) g"
		" ON g.conv = m.conv AND g.sender = m.user"
		" WHERE m.read > c.seq OR m.own <> ifnull(g.n, 0)" },
	{ N_("an epoch that was used before"),
		"SELECT c.id FROM conv c JOIN epoch_history h ON h.conv = c.n"
		" AND h.epoch = c.epoch" },
	{ N_("a fold of no record"),
		"SELECT f.pos FROM fold f LEFT JOIN log g ON g.pos = f.pos"
		" WHERE g.record IS NULL" },
	{ N_("a deleted message that still has its text"),
		"SELECT " AT " FROM " LOG " JOIN fold f ON f.pos = g.pos WHERE f.is_deleted"
		" AND g.record IS NOT NULL AND json_valid(g.record)"
		" AND json_extract(g.record, '$.body') <> '{}'" },
	{ N_("a stream whose end is not in the log"),
		"SELECT c.id || ' ' || s.id FROM stream s JOIN conv c ON c.n = s.conv"
		" LEFT JOIN log g ON g.pos = s.conv << 36 | s.ended"
		" WHERE s.ended IS NOT NULL AND g.kind IS NOT 7" },
};
#define RULES (sizeof rules / sizeof *rules)
#define TICK RULES

static bool
apply(struct sql *db, size_t i, struct buf *out, size_t *found, struct err *err)
{
	struct sql_query *st = sql_start(db, i, err, "");
	int rc = -1;

	for (int n = 0; st && (rc = sql_step(st, err)) == 1; n++) {
		++*found;
		if (n >= FINDINGS_MAX || !buf_addf(out, "%s: %s\n", _(rules[i].what),
				sql_text(st, 0))) {
			sql_end(st);
			return true;
		}
	}
	return rc == 0;
}

/* Commits that the mark outside knows and the file does not. */
static bool
compare_mark(struct sql *db, const char *dir, struct buf *out, size_t *found, struct err *err)
{
	char *path = path_join(dir, "ledger.mark");
	struct mark mark = { 0 };
	int64_t tick;
	bool ok = mark_read(path, &mark, err);

	free(path);
	if (!ok || !sql_number(db, TICK, 0, &tick, err, ""))
		return false;
	if (tick < mark.tick) {
		++*found;
		buf_addf(out, _("commits are missing: %lld of %lld are there\n"), (long long)tick,
				(long long)mark.tick);
	}
	return true;
}

bool
ledger_check(const char *dir, struct buf *out, struct err *err)
{
	char *path = path_join(dir, "ledger.db");
	const char *texts[RULES + 1];
	size_t found = 0;
	struct sql_setup setup = { .mode = SQL_READ, .text = texts, .n = RULES + 1,
		.cache_kib = CACHE_KIB };
	struct sql *db;
	bool ok;

	for (size_t i = 0; i < RULES; i++)
		texts[i] = rules[i].text;
	texts[TICK] = "SELECT value FROM meta WHERE name='tick'";
	db = sql_open(path, &setup, NULL, err);
	ok = db && schema_verify(db, path, err) && sql_begin_read(db, err);
	free(path);
	for (size_t i = 0; ok && i < RULES; i++)
		ok = apply(db, i, out, &found, err);
	ok = ok && compare_mark(db, dir, out, &found, err);
	sql_close(db);
	if (ok && found > 0)
		return err_set(err, ERR_FAIL, ngettext("%zu finding", "%zu findings",
					(unsigned long)found), found);
	return ok;
}
