/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at the mirror through a connection of its own, as a front does. */
#include <string.h>

#include "base/mem.h"
#include "sim/disk.h"

static int
hash_row(void *arg, int n, char **values, char **names)
{
	uint64_t *h = arg;

	(void)names;
	for (int i = 0; i < n; i++) {
		for (const char *p = values[i] != NULL ? values[i] : "\1"; *p != '\0'; p++)
			*h = (*h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
		*h = (*h ^ 255) * UINT64_C(0x100000001b3);
	}
	return 0;
}

int64_t
look_number(struct disk_world *w, sqlite3 *h, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(h, sql, -1, &st, NULL) == SQLITE_OK
			&& sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	else
		disk_fail(w, "a reader: %s", sqlite3_errmsg(h));
	sqlite3_finalize(st);
	return n;
}

struct disk_state
look(struct disk_world *w, sqlite3 *h)
{
	static const char all[] = "BEGIN;"
		"SELECT * FROM meta WHERE key NOT IN ('tick', 'opened') ORDER BY 1;"
		"SELECT * FROM conv ORDER BY 1; SELECT * FROM event ORDER BY 1, 2;"
		"SELECT * FROM fold ORDER BY 1, 2; SELECT * FROM range ORDER BY 1, 2, 3;"
		"SELECT * FROM outbox ORDER BY 1; SELECT * FROM draft ORDER BY 1;"
		"SELECT * FROM orphan ORDER BY 1, 2, 3, 4; COMMIT";
	struct disk_state s = { .print = UINT64_C(0xcbf29ce484222325) };

	if (sqlite3_exec(h, all, hash_row, &s.print, NULL) != SQLITE_OK) {
		disk_fail(w, "a reader: %s", sqlite3_errmsg(h));
		sqlite3_exec(h, "ROLLBACK", NULL, NULL, NULL);
	}
	s.tick = look_number(w, h, "SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta"
			" WHERE key = 'tick'");
	return s;
}

void
look_open(struct disk_world *w)
{
	if (sqlite3_open_v2(writer_path(w->mirror.writer), &w->mirror.eye, SQLITE_OPEN_READONLY
			| SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		disk_fail(w, "a reader: %s", sqlite3_errmsg(w->mirror.eye));
}

void
look_sound(struct disk_world *w, bool thoroughly)
{
	sqlite3 *h = w->mirror.eye;

	if (look_number(w, h, "SELECT count(*) FROM range r WHERE what = 0 AND hi - lo <> (SELECT"
			" count(*) FROM event e WHERE e.conv = r.conv AND e.seq > r.lo"
			" AND e.seq <= r.hi)") != 0)
		disk_fail(w, "a range without its rows");
	if (look_number(w, h, "SELECT (SELECT count(*) FROM event) - (SELECT coalesce(sum(hi - lo),"
			" 0) FROM range WHERE what = 0)") != 0)
		disk_fail(w, "rows that no range covers");
	if (thoroughly && look_number(w, h, "SELECT integrity_check = 'ok' FROM"
			" pragma_integrity_check") != 1)
		disk_fail(w, "SQLite finds damage");
}

bool
look_record(struct disk_world *w, int64_t seq, const char *id)
{
	char *sql = sqlite3_mprintf("SELECT count(*) FROM event WHERE seq = %lld AND id = %Q",
			(long long)seq, id);
	bool has = look_number(w, w->mirror.eye, sql) == 1;

	sqlite3_free(sql);
	return has;
}
