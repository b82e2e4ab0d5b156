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
#define CACHE_KIB 2000
#define MENTIONS_MAX "10000"	/* counted exactly up to here */

static const char *const texts[R_COUNT] = {
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
	[R_RUNS] = "SELECT c.id, r.id, u.name, r.device FROM run r"
		" JOIN conv c ON c.n=r.conv JOIN user u ON u.n=r.user",
	[R_TOKEN] = "SELECT t.hash, u.name, u.is_admin FROM token t JOIN user u ON u.n=t.user"
		" WHERE t.hash=?1 AND NOT u.is_removed",
	[R_USER] = "SELECT is_admin FROM user WHERE name=?1 AND NOT is_removed",
};

struct ledger_reader *
ledger_reader_open(const char *dir, struct err *err)
{
	struct ledger_reader *r = xcalloc(1, sizeof *r);
	char *path = path_join(dir, "ledger.db");
	struct sql_setup setup = { .mode = SQL_READ, .text = texts, .n = R_COUNT,
		.cache_kib = CACHE_KIB };

	r->db = sql_open(path, &setup, NULL, err);
	if (r->db && schema_verify(r->db, path, err)) {
		free(path);
		return r;
	}
	free(path);
	ledger_reader_close(r);
	return NULL;
}

void
ledger_reader_close(struct ledger_reader *r)
{
	if (!r)
		return;
	sql_close(r->db);
	free(r);
}

/* Whatever failed, no view may stay open: the log of SQLite could never begin anew. */
static bool
give_up(struct ledger_reader *r)
{
	sql_roll_back(r->db, NULL);
	return false;
}

bool
reader_begin(struct ledger_reader *r, struct err *err)
{
	return sql_begin_read(r->db, err) || give_up(r);
}

bool
reader_end(struct ledger_reader *r, bool ok, struct err *err)
{
	return sql_commit(r->db, ok ? err : NULL) ? ok : give_up(r);
}

/* ---- conversations ---- */

static void
fill_conv(struct sql_query *st, struct ledger_conv *out)
{
	const void *last = sql_blob(st, 8);

	memset(out, 0, sizeof *out);
	str_copy(out->conv, sizeof out->conv, sql_text(st, 1));
	out->kind = (enum conv_kind)sql_int(st, 2);
	if (out->kind == CONV_ROOM)
		str_copy(out->name, sizeof out->name, sql_text(st, 3));
	out->is_public = sql_int(st, 4) != 0;
	str_copy(out->epoch, sizeof out->epoch, sql_text(st, 5));
	out->floor = sql_int(st, 6);
	out->seq = sql_int(st, 7);
	if (last && sql_size(st, 8) == 16)
		id_format(last, out->id);
}

bool
reader_conv(struct ledger_reader *r, int query, const char *key, struct ledger_conv *out,
		int64_t *n, struct err *err)
{
	struct sql_query *st = sql_start(r->db, query, err, "t", key);
	int rc;

	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 0) {
		if (err)
			*err = (struct err){ .kind = ERR_NONE };
		return false;
	}
	*n = sql_int(st, 0);
	fill_conv(st, out);
	sql_end(st);
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

	if (!sql_number(r->db, R_ROLE, 0, &n, err, "tt", conv, user))
		return false;
	str_copy(role, 8, n == ROLE_OWNER ? "owner" : n == ROLE_MEMBER ? "member" : "");
	return true;
}

bool
ledger_id_at(struct ledger_reader *r, const char *conv, int64_t seq, char id[37], struct err *err)
{
	struct ledger_conv c;
	struct err none;
	struct sql_query *st;
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
	st = sql_start(r->db, R_ID_AT, err, "i", pos_of(n, seq));
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 1) {
		id_format(sql_blob(st, 0), id);
		sql_end(st);
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
	struct sql_query *st = sql_start(r->db, R_META, err, "");
	char start[16];
	size_t n;

	if (!st || sql_step(st, err) != 1)
		return false;
	str_copy(start, sizeof start, sql_text(st, 0));
	snprintf(since_out, 32, "w_%.8s.%" PRId64, start, (int64_t)sql_int(st, 1));
	sql_end(st);
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
give_head(struct sql_query *st, const char *user, bool (*fn)(void *, const struct head *),
		void *arg)
{
	char other[USER_MAX + 2], id[ID_SIZE] = "";
	const void *last = sql_blob(st, 5);
	struct head h = { .conv = sql_text(st, 0), .topic = sql_text(st, 3),
		.epoch = sql_text(st, 4), .id = id };

	if (last && sql_size(st, 5) == 16)
		id_format(last, id);
	h.kind = (enum conv_kind)sql_int(st, 1);
	h.name = head_name(user, h.kind, sql_text(st, 2), other);
	h.seq = sql_int(st, 6);
	h.floor = sql_int(st, 7);
	h.read = sql_int(st, 8);
	h.unread = sql_int(st, 9);
	h.mentions = h.kind == CONV_DIRECT ? h.unread : sql_int(st, 10);
	return fn(arg, &h);
}

bool
ledger_heads(struct ledger_reader *r, const char *user, const char *since,
		bool (*fn)(void *arg, const struct head *h), void *arg, char since_out[32],
		struct err *err)
{
	struct sql_query *st;
	int64_t tick;
	bool ok;
	int rc;

	if (!reader_begin(r, err))
		return false;
	ok = read_since(r, since, &tick, since_out, err);
	st = ok ? sql_start(r->db, R_HEADS, err, "ti", user, tick) : NULL;
	while ((rc = sql_step(st, err)) == 1) {
		if (!give_head(st, user, fn, arg)) {
			sql_end(st);
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
	struct sql_query *st = sql_start(r->db, R_MEMBERS, err, "tt", conv, after);
	int rc;

	while ((rc = sql_step(st, err)) == 1) {
		if (!fn(arg, sql_text(st, 0), sql_text(st, 1),
				(int)sql_int(st, 2) == ROLE_OWNER ? "owner" : "member")) {
			sql_end(st);
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
	struct sql_query *st = sql_start(r->db, R_ROOMS, err, "tt", user, after);
	struct ledger_conv c;
	int rc;

	while ((rc = sql_step(st, err)) == 1) {
		fill_conv(st, &c);
		if (!fn(arg, &c, sql_text(st, 9), sql_int(st, 10))) {
			sql_end(st);
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
	struct sql_query *st = sql_start(r->db, R_STREAMS, err, "");
	int rc;

	while ((rc = sql_step(st, err)) == 1) {
		const char *text = sql_text(st, 4);

		if (!fn(arg, sql_text(st, 0), sql_text(st, 1), sql_text(st, 2), sql_text(st, 3),
				text, sql_size(st, 4))) {
			sql_end(st);
			return true;
		}
	}
	return rc == 0;
}

bool
ledger_open_runs(struct ledger_reader *r, bool (*fn)(void *arg, const char *conv,
		const char *run, const char *user, const char *device), void *arg,
		struct err *err)
{
	struct sql_query *st = sql_start(r->db, R_RUNS, err, "");
	int rc = -1;

	while ((rc = sql_step(st, err)) == 1) {
		if (!fn(arg, sql_text(st, 0), sql_text(st, 1), sql_text(st, 2), sql_text(st, 3))) {
			sql_end(st);
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

	if (!sql_number(r->db, R_STREAM, 0, &one, err, "tt", conv, stream))
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
	struct sql_query *st;
	int rc;

	if (strlen(token) >= TOKEN_SIZE)
		return no_one(err);
	hash_hex(token, strlen(token), hash);
	st = sql_start(r->db, R_TOKEN, err, "t", hash);
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 0)
		return no_one(err);
	if (!secret_equal(sql_text(st, 0), hash)) {
		sql_end(st);
		return no_one(err);
	}
	str_copy(user, USER_MAX + 1, sql_text(st, 1));
	*is_admin = sql_int(st, 2) != 0;
	sql_end(st);
	return true;
}

bool
ledger_user(struct ledger_reader *r, const char *user, bool *is_admin, struct err *err)
{
	int64_t admin;

	if (!sql_number(r->db, R_USER, -1, &admin, err, "t", user))
		return false;
	if (admin < 0)
		return no_one(err);
	*is_admin = admin != 0;
	return true;
}
