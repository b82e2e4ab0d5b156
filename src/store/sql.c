/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the writer says to SQLite. */
#include "store/apply.h"

#define LIVE "('queued', 'sent')"
/* Own records above ?2 and not older than ?3 that are offered to the log anew: not what was
 * deleted, nor deletions of what the fork takes away. */
#define OFFERED "conv = ?1 AND seq > ?2 AND mine = 1 AND ts >= ?3 AND cid IS NOT NULL" \
	" AND (kind = 'delete' AND NOT EXISTS (SELECT 1 FROM event t WHERE t.conv = e.conv" \
	" AND t.id = e.ref AND t.seq > ?2) OR body <> '{}' AND kind IN ('msg', 'edit', 'react'," \
	" 'topic', 'action'))"

const char *const store_sql[Q_STORE_COUNT] = {
	[Q_CONV_N] = "SELECT n FROM conv WHERE conv = ?",
	[Q_CONV_PUT] =
		"INSERT INTO conv (conv, name, kind, topic) VALUES (?1, ?2, ?3, coalesce(?4, ''))"
		" ON CONFLICT (conv) DO UPDATE SET name = ?2, kind = ?3,"
		" topic = coalesce(?4, topic)",
	[Q_CONV_TOPIC] =
		"UPDATE conv SET topic = ?3 WHERE n = ?1 AND ?2 >= (SELECT max(hi) FROM range"
		" WHERE conv = ?1 AND what = 0)",
	[Q_CONV_LOG] =
		"UPDATE conv SET epoch = ?2, head_id = iif(?3 >= head, ?4, head_id),"
		" head = max(head, ?3), floor = max(floor, ?5) WHERE conv = ?1",
	[Q_CONV_COUNTS] =
		"UPDATE conv SET read = ?2, unread = ?3, mentions = ?4, counted = ?5"
		" WHERE conv = ?1 AND read <= ?2",
	[Q_CONV_GREW] =
		"UPDATE conv SET head_id = iif(?2 >= head, ?3, head_id), head = max(head, ?2),"
		" floor = max(floor, ?4), last_ts = max(last_ts, ?5), unread = unread + ?6,"
		" mentions = mentions + ?7 WHERE n = ?1",
	[Q_CONV_CLOSED] = "UPDATE conv SET closed = ?2 WHERE conv = ?1",
	[Q_CONV_READ] =
		"UPDATE conv SET read = max(read, ?2), counted = max(read, ?2) WHERE n = ?1",
	[Q_CONV_SET_COUNTS] = "UPDATE conv SET unread = ?2, mentions = ?3 WHERE n = ?1",
	[Q_CONV_REBASED] =
		"UPDATE conv SET epoch = ?2, head = min(head, ?3), floor = ?4,"
		" read = min(read, ?3), counted = min(counted, ?3), head_id = '' WHERE n = ?1",
	[Q_CONV_SEEN] =
		"SELECT read, counted, kind = 'direct', EXISTS (SELECT 1 FROM fold"
		" WHERE conv = ?1) FROM conv WHERE n = ?1",
	[Q_CONV_HEAD] = "SELECT head FROM conv WHERE n = ?",
	[Q_EVENT_PUT] =
		"INSERT INTO event (conv, seq, id, kind, sender, device, cid, ref, ts, body, mine)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
	[Q_EVENT_AT] = "SELECT id FROM event WHERE conv = ? AND seq = ?",
	[Q_EVENT_MINE] = "SELECT 1 FROM event WHERE conv = ? AND id = ? AND mine = 1",
	[Q_EVENT_UNREAD] =
		"SELECT body FROM event WHERE conv = ? AND seq > ? AND mine = 0"
		" AND kind IN ('msg', 'ai.end')",
	[Q_EVENT_BODY] = "SELECT seq, ts, kind, body FROM event WHERE conv = ? AND id = ?",
	[Q_EVENT_BLANK] = "UPDATE event SET body = '{}' WHERE conv = ? AND id = ?",
	[Q_EDITS_BLANK] =
		"UPDATE event SET body = '{}' WHERE conv = ? AND ref = ? AND kind = 'edit'",
	[Q_EVENT_CUT] = "DELETE FROM event WHERE conv = ? AND seq > ?",
	[Q_EVENT_ABOVE] =
		"SELECT seq, ts, id, kind, ref FROM event WHERE conv = ? AND seq > ? ORDER BY seq",
	[Q_RANGE_TOUCH] =
		"SELECT min(lo), max(hi), count(*) FROM range WHERE conv = ?1 AND what = ?2"
		" AND lo <= ?4 AND hi >= ?3",
	[Q_RANGE_DEL] =
		"DELETE FROM range WHERE conv = ?1 AND what = ?2 AND lo <= ?4 AND hi >= ?3",
	[Q_RANGE_PUT] = "INSERT INTO range (conv, what, lo, hi) VALUES (?, ?, ?, ?)",
	[Q_RANGE_CUT_DEL] = "DELETE FROM range WHERE conv = ?1 AND lo >= ?2",
	[Q_RANGE_CUT] = "UPDATE range SET hi = ?2 WHERE conv = ?1 AND hi > ?2",
	[Q_RANGE_FORGET] = "DELETE FROM range WHERE conv = ?1 AND what = ?2",
	[Q_RANGE_HAS] =
		"SELECT hi >= ?3 FROM range WHERE conv = ?1 AND what = ?2 AND lo < ?3"
		" ORDER BY lo DESC LIMIT 1",
	[Q_FOLD_GET] = "SELECT cur, as_of, text, deleted FROM fold WHERE conv = ? AND id = ?",
	[Q_FOLD_PUT] =
		"INSERT INTO fold (conv, id, text, edited, deleted, reacts, cur, as_of)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (conv, id) DO UPDATE SET"
		" text = ?3, edited = ?4, deleted = ?5, reacts = ?6, cur = ?7, as_of = ?8",
	[Q_FOLD_DEL] = "DELETE FROM fold WHERE conv = ? AND id = ?",
	[Q_FOLD_UNBASE] = "UPDATE fold SET cur = NULL, as_of = 0 WHERE conv = ? AND as_of > ?"
		" RETURNING id",
	[Q_FOLD_OPS] =
		"SELECT seq, kind, sender, body FROM event WHERE conv = ? AND ref = ?"
		" AND kind IN ('edit', 'delete', 'react') ORDER BY seq",
	[Q_ORPHAN_PUT] =
		"INSERT OR IGNORE INTO orphan (conv, epoch, seq, id, kind, sender, device, cid,"
		" ref, ts, body) SELECT e.conv, c.epoch, e.seq, e.id, e.kind, e.sender, e.device,"
		" e.cid, e.ref, e.ts, e.body FROM event e JOIN conv c ON c.n = e.conv"
		" WHERE e.conv = ? AND e.seq > ?",
	/* own records above keep, in their order, numbered from lane ?4 on */
	[Q_OUT_OFFER] =
		"INSERT INTO outbox (cid, conv, lane, kind, ref, body, state, created)"
		" SELECT cid, conv, ?4 - 1 + row_number() OVER (ORDER BY seq), kind, ref, body,"
		" 'sent', ts FROM event e WHERE " OFFERED
		" AND cid NOT IN (SELECT cid FROM outbox) ORDER BY seq",
	[Q_OUT_MAKE_ROOM] =
		"UPDATE outbox SET lane = lane + ?2 WHERE conv = ?1 AND state IN " LIVE,
	[Q_OUT_ADD] =
		"INSERT OR IGNORE INTO outbox (cid, conv, lane, kind, ref, body, state, created,"
		" ttl) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[Q_OUT_LANE] = "UPDATE conv SET lane_next = max(lane_next, ?2 + 1) WHERE n = ?1",
	[Q_OUT_STATE] =
		"UPDATE outbox SET state = ?2, tries = max(tries, ?3), code = ?4, error = ?5,"
		" ttl = iif(?6 < 0, ttl, ?6) WHERE cid = ?1",
	[Q_OUT_DEL] = "DELETE FROM outbox WHERE cid = ?",
	[Q_OUT_SHIFT] =
		"UPDATE outbox SET lane = lane + ?3 WHERE conv = ?1 AND lane >= ?2"
		" AND state IN " LIVE,
	[Q_LANE_SHIFT] = "UPDATE conv SET lane_next = lane_next + ?2 WHERE n = ?1",
	[Q_OUT_RENUMBER] =
		"UPDATE outbox SET lane = r.lane FROM (SELECT cid AS c, row_number()"
		" OVER (PARTITION BY conv ORDER BY lane) AS lane FROM outbox"
		" WHERE state IN " LIVE ") AS r WHERE cid = r.c",
	[Q_LANE_RESET] =
		"UPDATE conv SET lane_next = 1 + (SELECT count(*) FROM outbox o"
		" WHERE o.conv = conv.n AND o.state IN " LIVE ")",
	[Q_OUT_COUNT] =
		"SELECT count(*) FROM event e WHERE " OFFERED
		" AND cid NOT IN (SELECT cid FROM outbox)",
	[Q_OUT_FIRST] =
		"SELECT coalesce((SELECT min(lane) FROM outbox WHERE conv = ?1 AND state IN " LIVE
		"), lane_next), lane_next FROM conv WHERE n = ?1",
	[Q_DRAFT_PUT] =
		"INSERT INTO draft (conv, text, cursor, reply, edit) VALUES (?1, ?2, ?3, ?4, ?5)"
		" ON CONFLICT (conv) DO UPDATE SET text = ?2, cursor = ?3, reply = ?4, edit = ?5",
	[Q_DRAFT_DEL] = "DELETE FROM draft WHERE conv = ?",
	[Q_META_GET] = "SELECT value FROM meta WHERE key = ?",
	[Q_META_PUT] =
		"INSERT INTO meta (key, value) VALUES (?1, ?2)"
		" ON CONFLICT (key) DO UPDATE SET value = ?2",
	[Q_TICK] =
		"INSERT INTO meta (key, value) VALUES ('tick', '1')"
		" ON CONFLICT (key) DO UPDATE SET value = CAST(value + 1 AS TEXT)",
	[Q_WORD_PUT] = "INSERT INTO words (rowid, text) VALUES (?, ?)",
	[Q_WORD_DEL] = "INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)",
	[Q_WORD_ROW_PUT] =
		"INSERT INTO word_row (n, conv, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
	[Q_WORD_ROW_FIND] =
		"SELECT n FROM word_row WHERE n >= ?1 AND n < ?2 AND conv = ?3 AND seq = ?4",
	[Q_WORD_ROW_DEL] = "DELETE FROM word_row WHERE n = ?",
	[Q_WORD_NEXT] =
		"SELECT seq, ts, id FROM event WHERE conv = ? AND seq > ? AND seq <= ?"
		" AND kind IN ('msg', 'ai.end') ORDER BY seq LIMIT ?",
	/* a part of what is held that is not indexed, the newest of its range */
	[Q_WORD_HOLE] =
		"WITH h AS (SELECT conv, lo, hi FROM range h WHERE what = 0 AND NOT EXISTS"
		" (SELECT 1 FROM range x WHERE x.conv = h.conv AND x.what = 2 AND x.lo <= h.lo"
		" AND x.hi >= h.hi) LIMIT 1), t AS (SELECT conv, lo, coalesce((SELECT x.lo"
		" FROM range x WHERE x.conv = h.conv AND x.what = 2 AND x.lo < h.hi"
		" AND x.hi >= h.hi), hi) AS hi FROM h) SELECT conv, max(lo, coalesce((SELECT"
		" max(x.hi) FROM range x WHERE x.conv = t.conv AND x.what = 2 AND x.hi <= t.hi),"
		" lo)), hi FROM t",
};
