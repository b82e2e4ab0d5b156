/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The read-only connection: conversations, heads, members, streams and tokens. */
#include "ledger/reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/path.h"
#include "ledger/facts.h"
#include "ledger/schema.h"

#define CONV "SELECT n, id, kind, name, is_public, epoch, floor, seq, last_id FROM conv "
#define MENTIONS_MAX "10000"	/* counted exactly up to here */

static const char *const texts[R_COUNT] = {
	[R_BEGIN] = "BEGIN",
	[R_END] = "COMMIT",
	[R_META] = "SELECT (SELECT value FROM meta WHERE name='start'),"
		" (SELECT value FROM meta WHERE name='tick')",
	[R_CONV] = CONV "WHERE id=?1",
	[R_CONV_NAMED] = CONV "WHERE name=?1 AND kind=0",
	[R_ROLE] = "SELECT m.role FROM user u JOIN member m ON m.user=u.n"
		" WHERE u.name=?2 AND m.conv=(SELECT n FROM conv WHERE id=?1)"
		" AND NOT u.is_removed",
	/* unread: what was counted since the mark, without one's own */
	[R_HEADS] = "SELECT c.id, c.kind, c.name, c.topic, c.epoch, c.last_id, c.seq, c.floor,"
		" m.read, max(0, c.counted - m.read_counted - (m.own - m.read_own)),"
		" (SELECT count(*) FROM (SELECT 1 FROM mention t WHERE t.conv=c.n AND t.user=m.user"
		"  AND t.seq>m.read LIMIT " MENTIONS_MAX "))"
		" FROM member m JOIN conv c ON c.n=m.conv"
		" WHERE m.user=(SELECT n FROM user WHERE name=?1 AND NOT is_removed) AND m.role>0"
		" AND (c.changed>?2 OR m.changed>?2) ORDER BY c.last_ts DESC, c.n",
	[R_ID_AT] = "SELECT id FROM log WHERE pos=?1",
	[R_PAGE] = "SELECT pos, record FROM log WHERE pos>?1 AND pos<=?2 AND record IS NOT NULL"
		" ORDER BY pos LIMIT ?3",
	[R_PAGE_BACK] = "SELECT g.pos, g.record, f.cur FROM log g LEFT JOIN fold f ON f.pos=g.pos"
		" WHERE g.pos>?1 AND g.pos<=?2 AND g.record IS NOT NULL"
		" ORDER BY g.pos DESC LIMIT ?3",
	[R_OPS] = "SELECT pos, record FROM log INDEXED BY log_target WHERE pos>?1 AND pos<=?2"
		" AND target>=?4 AND target<=?5 AND record IS NOT NULL ORDER BY pos LIMIT ?3",
	[R_OPS_BACK] = "SELECT pos, record, NULL FROM log INDEXED BY log_target WHERE pos>?1"
		" AND pos<=?2 AND target>=?4 AND target<=?5 AND record IS NOT NULL"
		" ORDER BY pos DESC LIMIT ?3",
	[R_FOLDS] = "SELECT pos, cur FROM fold WHERE pos>?1 AND pos<=?2 ORDER BY pos",
	[R_MEMBERS] = "SELECT u.name, u.shown, m.role FROM member m JOIN user u ON u.n=m.user"
		" WHERE m.conv=(SELECT n FROM conv WHERE id=?1) AND m.role>0 AND u.name>?2"
		" ORDER BY u.name",
	[R_ROOMS] = "SELECT c.n, c.id, c.kind, c.name, c.is_public, c.epoch, c.floor, c.seq,"
		" c.last_id, c.topic,"
		" (SELECT count(*) FROM member m WHERE m.conv=c.n AND m.role>0)"
		" FROM conv c WHERE c.kind=0 AND c.name>?2"
		" AND (c.is_public OR EXISTS (SELECT 1 FROM member m"
		"  JOIN user u ON u.n=m.user WHERE u.name=?1 AND m.conv=c.n AND m.role>0))"
		" ORDER BY c.name",
	[R_STREAMS] = "SELECT c.id, s.id, u.name, s.device, s.text FROM stream s"
		" JOIN conv c ON c.n=s.conv JOIN user u ON u.n=s.user WHERE s.ended IS NULL",
	[R_STREAM] = "SELECT 1 FROM stream WHERE conv=(SELECT n FROM conv WHERE id=?1) AND id=?2",
	[R_TOKEN] = "SELECT t.hash, u.name, u.is_admin FROM token t JOIN user u ON u.n=t.user"
		" WHERE t.hash=?1 AND NOT u.is_removed",
	[R_USER] = "SELECT is_admin FROM user WHERE name=?1 AND NOT is_removed",
};

struct ledger_reader *
ledger_reader_open(const char *dir, struct err *err)
{
	struct ledger_reader *r = xcalloc(1, sizeof *r);
	char *path = path_join(dir, "ledger.db");
	bool ok = db_open(&r->db, path, DB_READ, texts, R_COUNT, err) && schema_check(&r->db, err);

	free(path);
	if (ok)
		return r;
	ledger_reader_close(r);
	return NULL;
}

void
ledger_reader_close(struct ledger_reader *r)
{
	if (!r)
		return;
	db_close(&r->db);
	free(r);
}

/* Whatever failed, no view may stay open: the log of SQLite could never begin anew. */
static bool
give_up(struct ledger_reader *r)
{
	if (!sqlite3_get_autocommit(r->db.h))
		sqlite3_exec(r->db.h, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

bool
reader_begin(struct ledger_reader *r, struct err *err)
{
	return db_do(&r->db, R_BEGIN, err, "") || give_up(r);
}

bool
reader_end(struct ledger_reader *r, bool ok, struct err *err)
{
	return db_do(&r->db, R_END, ok ? err : NULL, "") ? ok : give_up(r);
}

/* ---- conversations ---- */

static void
fill_conv(sqlite3_stmt *st, struct ledger_conv *out)
{
	const void *last = sqlite3_column_blob(st, 8);

	memset(out, 0, sizeof *out);
	str_copy(out->conv, sizeof out->conv, db_text(st, 1));
	out->kind = (enum conv_kind)sqlite3_column_int(st, 2);
	if (out->kind == CONV_ROOM)
		str_copy(out->name, sizeof out->name, db_text(st, 3));
	out->is_public = sqlite3_column_int(st, 4) != 0;
	str_copy(out->epoch, sizeof out->epoch, db_text(st, 5));
	out->floor = sqlite3_column_int64(st, 6);
	out->seq = sqlite3_column_int64(st, 7);
	if (last && sqlite3_column_bytes(st, 8) == 16)
		uuid_text(last, out->id);
}

bool
reader_conv(struct ledger_reader *r, int query, const char *key, struct ledger_conv *out,
		int64_t *n, struct err *err)
{
	sqlite3_stmt *st = db_start(&r->db, query, err, "t", key);
	int rc;

	if (!st || (rc = db_step(&r->db, st, err)) < 0)
		return false;
	if (rc == 0) {
		if (err)
			*err = (struct err){ .kind = ERR_NONE };
		return false;
	}
	*n = sqlite3_column_int64(st, 0);
	fill_conv(st, out);
	db_end(st);
	return true;
}

bool
ledger_conv(struct ledger_reader *r, const char *conv, struct ledger_conv *out, struct err *err)
{
	int64_t n;

	return reader_conv(r, R_CONV, conv, out, &n, err);
}

bool
ledger_conv_named(struct ledger_reader *r, const char *name, struct ledger_conv *out,
		struct err *err)
{
	int64_t n;

	return reader_conv(r, R_CONV_NAMED, name, out, &n, err);
}

bool
ledger_role(struct ledger_reader *r, const char *conv, const char *user, char role[8],
		struct err *err)
{
	int64_t n;

	if (!db_int(&r->db, R_ROLE, 0, &n, err, "tt", conv, user))
		return false;
	str_copy(role, 8, n == ROLE_OWNER ? "owner" : n == ROLE_MEMBER ? "member" : "");
	return true;
}

bool
ledger_id_at(struct ledger_reader *r, const char *conv, int64_t seq, char id[37], struct err *err)
{
	struct ledger_conv c;
	struct err none;
	sqlite3_stmt *st;
	int64_t n;
	int rc;

	id[0] = '\0';
	if (!reader_conv(r, R_CONV, conv, &c, &n, &none)) {
		if (err)
			*err = none;
		return none.kind == ERR_NONE;
	}
	if (seq < 1 || seq > c.seq)
		return true;
	st = db_start(&r->db, R_ID_AT, err, "i", pos_of(n, seq));
	if (!st || (rc = db_step(&r->db, st, err)) < 0)
		return false;
	if (rc == 1) {
		uuid_text(sqlite3_column_blob(st, 0), id);
		db_end(st);
	}
	return true;
}

/* The log is dense: the newest max records are the last max numbers. */
bool
ledger_skip_from(struct ledger_reader *r, const char *conv, int64_t seq, int64_t max,
		int64_t *from, struct err *err)
{
	struct ledger_conv c;
	struct err none;

	*from = seq;
	if (!ledger_conv(r, conv, &c, &none)) {
		if (err)
			*err = none;
		return none.kind == ERR_NONE;
	}
	if (c.seq - max > *from)
		*from = c.seq - max;
	if (c.floor > *from)
		*from = c.floor;
	return true;
}

/* ---- heads ---- */

/* "w_START.TICK": the tick of a commit within one start. Any other start: everything. */
static bool
read_since(struct ledger_reader *r, const char *since, int64_t *tick, char since_out[32],
		struct err *err)
{
	sqlite3_stmt *st = db_start(&r->db, R_META, err, "");
	char start[16];
	size_t n;

	if (!st || db_step(&r->db, st, err) != 1)
		return false;
	str_copy(start, sizeof start, db_text(st, 0));
	snprintf(since_out, 32, "w_%.8s.%" PRId64, start, (int64_t)sqlite3_column_int64(st, 1));
	db_end(st);
	n = strlen(start) + 3;
	*tick = -1;
	if (strncmp(since, since_out, n) == 0)
		*tick = strtoll(since + n, NULL, 10);
	return true;
}

/* The shown name: of a direct conversation the other one's, with @. */
static const char *
head_name(const char *user, enum conv_kind kind, const char *name, char other[USER_MAX + 2])
{
	const char *space = strchr(name, ' ');
	size_t n;

	if (kind != CONV_DIRECT || !space)
		return name;
	n = (size_t)(space - name);
	if (strlen(user) == n && strncmp(name, user, n) == 0) {
		name = space + 1;
		n = strlen(name);
	}
	snprintf(other, USER_MAX + 2, "@%.*s", (int)n, name);
	return other;
}

static bool
give_head(sqlite3_stmt *st, const char *user, bool (*fn)(void *, const struct head *), void *arg)
{
	char other[USER_MAX + 2], id[ID_SIZE] = "";
	const void *last = sqlite3_column_blob(st, 5);
	struct head h = { .conv = db_text(st, 0), .topic = db_text(st, 3),
		.epoch = db_text(st, 4), .id = id };

	if (last && sqlite3_column_bytes(st, 5) == 16)
		uuid_text(last, id);
	h.kind = (enum conv_kind)sqlite3_column_int(st, 1);
	h.name = head_name(user, h.kind, db_text(st, 2), other);
	h.seq = sqlite3_column_int64(st, 6);
	h.floor = sqlite3_column_int64(st, 7);
	h.read = sqlite3_column_int64(st, 8);
	h.unread = sqlite3_column_int64(st, 9);
	h.mentions = h.kind == CONV_DIRECT ? h.unread : sqlite3_column_int64(st, 10);
	return fn(arg, &h);
}

bool
ledger_heads(struct ledger_reader *r, const char *user, const char *since,
		bool (*fn)(void *arg, const struct head *h), void *arg, char since_out[32],
		struct err *err)
{
	sqlite3_stmt *st;
	int64_t tick;
	bool ok;
	int rc = -1;

	if (!reader_begin(r, err))
		return false;
	ok = read_since(r, since, &tick, since_out, err);
	st = ok ? db_start(&r->db, R_HEADS, err, "ti", user, tick) : NULL;
	while (st && (rc = db_step(&r->db, st, err)) == 1) {
		if (!give_head(st, user, fn, arg)) {
			db_end(st);
			rc = 0;
			break;
		}
	}
	return reader_end(r, rc == 0, err);
}

/* ---- lists ---- */

bool
ledger_members(struct ledger_reader *r, const char *conv, const char *after,
		bool (*fn)(void *arg, const char *user, const char *name, const char *role),
		void *arg, struct err *err)
{
	sqlite3_stmt *st = db_start(&r->db, R_MEMBERS, err, "tt", conv, after);
	int rc = -1;

	while (st && (rc = db_step(&r->db, st, err)) == 1) {
		if (!fn(arg, db_text(st, 0), db_text(st, 1),
				sqlite3_column_int(st, 2) == ROLE_OWNER ? "owner" : "member")) {
			db_end(st);
			return true;
		}
	}
	return rc == 0;
}

bool
ledger_rooms(struct ledger_reader *r, const char *user, const char *after,
		bool (*fn)(void *arg, const struct ledger_conv *c, const char *topic,
			int64_t members), void *arg, struct err *err)
{
	sqlite3_stmt *st = db_start(&r->db, R_ROOMS, err, "tt", user, after);
	struct ledger_conv c;
	int rc = -1;

	while (st && (rc = db_step(&r->db, st, err)) == 1) {
		fill_conv(st, &c);
		if (!fn(arg, &c, db_text(st, 9), sqlite3_column_int64(st, 10))) {
			db_end(st);
			return true;
		}
	}
	return rc == 0;
}

/* ---- streams ---- */

bool
ledger_open_streams(struct ledger_reader *r, bool (*fn)(void *arg, const char *conv,
		const char *stream, const char *user, const char *device,
		const char *text, size_t n), void *arg, struct err *err)
{
	sqlite3_stmt *st = db_start(&r->db, R_STREAMS, err, "");
	int rc = -1;

	while (st && (rc = db_step(&r->db, st, err)) == 1) {
		const char *text = db_text(st, 4);

		if (!fn(arg, db_text(st, 0), db_text(st, 1), db_text(st, 2), db_text(st, 3), text,
				(size_t)sqlite3_column_bytes(st, 4))) {
			db_end(st);
			return true;
		}
	}
	return rc == 0;
}

bool
ledger_stream_known(struct ledger_reader *r, const char *conv, const char *stream, bool *is_known,
		struct err *err)
{
	int64_t one;

	if (!db_int(&r->db, R_STREAM, 0, &one, err, "tt", conv, stream))
		return false;
	*is_known = one != 0;
	return true;
}

/* ---- people ---- */

/* Not a failure: nobody of that name. */
static bool
no_one(struct err *err)
{
	if (err)
		*err = (struct err){ .kind = ERR_NONE };
	return false;
}

bool
ledger_token_user(struct ledger_reader *r, const char *token, char user[USER_MAX + 1],
		bool *is_admin, struct err *err)
{
	char hash[HASH_SIZE];
	sqlite3_stmt *st;
	int rc;

	if (strlen(token) >= TOKEN_SIZE)
		return no_one(err);
	hash_hex(token, strlen(token), hash);
	st = db_start(&r->db, R_TOKEN, err, "t", hash);
	if (!st || (rc = db_step(&r->db, st, err)) < 0)
		return false;
	if (rc == 0)
		return no_one(err);
	if (!secret_equal(db_text(st, 0), hash)) {
		db_end(st);
		return no_one(err);
	}
	str_copy(user, USER_MAX + 1, db_text(st, 1));
	*is_admin = sqlite3_column_int(st, 2) != 0;
	db_end(st);
	return true;
}

bool
ledger_user(struct ledger_reader *r, const char *user, bool *is_admin, struct err *err)
{
	int64_t admin;

	if (!db_int(&r->db, R_USER, -1, &admin, err, "t", user))
		return false;
	if (admin < 0)
		return no_one(err);
	*is_admin = admin != 0;
	return true;
}
