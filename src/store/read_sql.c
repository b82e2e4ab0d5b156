/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What readers ask SQLite. */
#include "store/read.h"

#define CONV \
	"c.conv, c.name, c.topic, c.epoch, c.kind, c.head, coalesce((SELECT max(hi) FROM range" \
	" WHERE range.conv = c.n AND what = 0), 0), c.floor, c.read, c.unread, c.mentions," \
	" c.last_ts, c.closed"
#define ROW \
	"e.seq, e.id, e.kind, e.sender, e.cid, e.ref, e.ts, e.body, f.text, f.edited," \
	" f.deleted, f.reacts"
#define FROM_ROW " FROM event e LEFT JOIN fold f ON f.conv = e.conv AND f.id = e.id "
#define SEEN " AND e.kind NOT IN ('edit', 'delete', 'react', 'read', 'notify', 'ai.start')"
#define IN_RANGE "e.conv = ?1 AND e.seq > ?2 AND e.seq <= ?3 AND e.ts >= ?4 AND e.ts < ?5"
#define SAVED "n, conv, name, epoch, kind, head, floor, read, lane_next, closed"

const char *const reader_sql[R_COUNT] = {
	[R_CONVS] = "SELECT " CONV " FROM conv c WHERE kind <> 'user'"
		" ORDER BY kind = 'direct', name, conv",
	[R_FIND_NAME] = "SELECT " CONV " FROM conv c WHERE name = ? AND kind <> 'user'"
		" ORDER BY closed LIMIT 1",
	[R_FIND_ID] = "SELECT " CONV " FROM conv c WHERE conv = ?",
	[R_CONV] = "SELECT n, head, floor FROM conv WHERE conv = ?",
	[R_USER] = "SELECT value FROM meta WHERE key = 'user'",
	[R_META] = "SELECT value FROM meta WHERE key = ?",
	[R_ROWS] = "SELECT " ROW FROM_ROW "WHERE " IN_RANGE SEEN " ORDER BY e.seq LIMIT ?6",
	[R_ROWS_ALL] = "SELECT " ROW FROM_ROW "WHERE " IN_RANGE " ORDER BY e.seq LIMIT ?6",
	/* +: by the index of times, not down the whole log */
	[R_SINCE] = "SELECT min(+seq) FROM event WHERE conv = ? AND ts >= ?",
	[R_NTH] = "SELECT e.seq FROM event e WHERE " IN_RANGE SEEN
		" ORDER BY e.seq DESC LIMIT 1 OFFSET ?6",
	[R_NTH_ALL] = "SELECT e.seq FROM event e WHERE " IN_RANGE
		" ORDER BY e.seq DESC LIMIT 1 OFFSET ?6",
	[R_BY_SEQ] = "SELECT " ROW FROM_ROW "WHERE e.conv = ? AND e.seq = ?",
	[R_BY_ID] = "SELECT " ROW FROM_ROW "WHERE e.conv = ? AND e.id = ?",
	[R_RANGES] = "SELECT lo, hi FROM range WHERE conv = ? AND what = 0 AND hi > ? ORDER BY lo",
	[R_OUTBOX] = "SELECT o.cid, c.conv, c.name, o.body, o.ref, o.error, o.kind, o.state,"
		" o.lane, o.tries, o.created FROM outbox o JOIN conv c ON c.n = o.conv"
		" ORDER BY c.name, c.conv, o.lane",
	[R_OUTBOX_CONV] = "SELECT o.cid, c.conv, c.name, o.body, o.ref, o.error, o.kind, o.state,"
		" o.lane, o.tries, o.created FROM conv c JOIN outbox o ON o.conv = c.n"
		" WHERE c.conv = ? ORDER BY o.lane",
	[R_DRAFT] = "SELECT text, cursor, reply, edit FROM draft WHERE conv = ?",
	[R_HITS] = "SELECT " CONV ", " ROW " FROM words w CROSS JOIN word_row x ON x.n = w.rowid"
		" JOIN event e ON e.conv = x.conv AND e.seq = x.seq JOIN conv c ON c.n = e.conv"
		" LEFT JOIN fold f ON f.conv = e.conv AND f.id = e.id"
		" WHERE w.words MATCH ?1 AND w.rowid >= ?2 AND (?3 IS NULL OR c.conv = ?3)"
		" AND (?4 IS NULL OR e.sender = ?4) ORDER BY w.rowid DESC LIMIT ?5",
	/* ranges that are held and not indexed as a whole */
	[R_BEHIND] = "SELECT h.conv, h.lo, h.hi FROM range h WHERE h.what = 0 AND NOT EXISTS"
		" (SELECT 1 FROM range x WHERE x.conv = h.conv AND x.what = 2 AND x.lo <= h.lo"
		" AND x.hi >= h.hi)",
	[R_INDEXED] = "SELECT lo, hi FROM range WHERE conv = ?1 AND what = 2 AND hi > ?2"
		" AND lo < ?3 ORDER BY lo",
	[R_FRESH] = "SELECT " CONV ", " ROW " FROM event e JOIN conv c ON c.n = e.conv"
		" LEFT JOIN fold f ON f.conv = e.conv AND f.id = e.id"
		" WHERE e.conv = ?1 AND e.seq > ?2 AND e.seq <= ?3 AND e.kind IN ('msg', 'ai.end')"
		" AND e.ts >= ?4 AND (?5 IS NULL OR c.conv = ?5) AND (?6 IS NULL OR e.sender = ?6)"
		" ORDER BY e.seq DESC LIMIT ?7",
	[R_SAVED] = "SELECT " SAVED " FROM conv ORDER BY n",
	[R_SAVED_ONE] = "SELECT " SAVED " FROM conv WHERE conv = ?",
	[R_SAVED_RANGES] = "SELECT lo, hi FROM range WHERE conv = ? AND what = ? ORDER BY lo",
	[R_SAVED_ROWS] = "SELECT cid, state, lane, coalesce(ttl, -1), created, tries,"
		" length(CAST(body AS BLOB)) FROM outbox WHERE conv = ? ORDER BY lane",
	[R_CURSOR] = "SELECT e.seq, e.id FROM event e WHERE e.conv = ?1 AND e.seq > ?2"
		" AND e.seq <= ?3 ORDER BY e.seq DESC LIMIT 1",
	[R_BELOW] = "SELECT e.seq, e.id FROM event e WHERE e.conv = (SELECT n FROM conv"
		" WHERE conv = ?1) AND e.seq <= ?2 ORDER BY e.seq DESC LIMIT 1",
	[R_OUT_ROW] = "SELECT kind, coalesce(ref, ''), body, state, code, error FROM outbox"
		" WHERE cid = ?",
	[R_OWN] = "SELECT c.conv, e.seq, e.id, e.body FROM event e JOIN conv c ON c.n = e.conv"
		" WHERE e.cid = ? AND e.mine = 1 LIMIT 1",
	[R_QUICK_CHECK] = "SELECT * FROM pragma_quick_check(?)",
	[R_BAD_RANGES] = "SELECT c.conv, c.name, b.lo FROM range a JOIN range b ON b.conv = a.conv"
		" AND b.what = a.what AND b.lo > a.lo AND b.lo <= a.hi JOIN conv c ON c.n = a.conv"
		" LIMIT ?",
	/* records that only tell of older ones are held outside of ranges, too */
	[R_OUTSIDE] = "SELECT c.conv, c.name, e.seq FROM event e JOIN conv c ON c.n = e.conv"
		" WHERE e.kind NOT IN ('edit', 'delete', 'react') AND NOT EXISTS (SELECT 1 FROM"
		" range r WHERE r.conv = e.conv AND r.what = 0 AND r.lo < e.seq AND r.hi >= e.seq)"
		" AND e.seq > c.floor LIMIT ?",
};
