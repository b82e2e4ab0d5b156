/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger beside bare SQLite: rows a second of batches committed with synchronous=FULL, and of
 * replay. The reference inserts the same rows into the same tables and decides nothing. */
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "bench/table.h"
#include "ledger/facts.h"
#include "ledger/ledger.h"

#define ROUNDS 5
#define USERS 8
#define BATCH_MAX 1000
#define TEXT "the quick brown fox jumps over the lazy dog, and the dog does not mind at all"

struct bench {
	char dir[64];
	struct ledger *l;
	struct ledger_op ops[BATCH_MAX];
	unsigned char keys[BATCH_MAX][16];
	char cids[BATCH_MAX][ID_SIZE], user[USERS][8], conv[CONV_ID_MAX + 1];
	int64_t lanes[USERS];
	struct id_gen ids;
	sqlite3 *db;		/* the reference */
	int64_t bare_seq;
};

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

/* ---- the ledger ---- */

static void
commit(struct bench *b, size_t n)
{
	struct ledger_changes changes;
	struct err err;

	if (!ledger_commit(b->l, b->ops, n, &changes, &err))
		die("commit", err.msg);
	for (size_t i = 0; i < n; i++)
		if (!b->ops[i].out.ok)
			die("refused", b->ops[i].out.message);
	ledger_changes_done(&changes);
}

static void
prepare(struct bench *b, size_t n)
{
	static const char body[] = "{\"text\":\"" TEXT "\"}";

	for (size_t i = 0; i < n; i++) {
		int who = (int)(i % USERS);

		id_make(&b->ids, (uint64_t)clock_wall_ms(), b->cids[i]);
		uuid_bytes(b->cids[i], b->keys[i]);
		b->ops[i] = (struct ledger_op){ .act = LEDGER_SEND, .user = b->user[who],
			.device = "d_1", .conv = b->conv, .cid = b->cids[i], .ttl = -1,
			.lane = ++b->lanes[who], .kind = REC_MSG, .now = clock_wall_ms() };
		b->ops[i].body.text = TEXT;
		b->ops[i].body.text_n = sizeof TEXT - 1;
		b->ops[i].body.json = body;
		b->ops[i].body.json_n = sizeof body - 1;
	}
}

static double
ours(struct bench *b, size_t batch, int commits)
{
	int64_t spent = 0;

	for (int i = 0; i < commits; i++) {
		int64_t t;

		prepare(b, batch);
		t = clock_mono_us();
		commit(b, batch);
		spent += clock_mono_us() - t;
	}
	return (double)batch * commits * 1e6 / (double)spent;
}

static void
open_ours(struct bench *b)
{
	const struct ledger_limits limits = { .body = 32768, .answer = 131072,
		.streams_per_user = 4 };
	struct err err;

	b->l = ledger_open(b->dir, &limits, "#lobby", &err);
	if (!b->l)
		die("open", err.msg);
	for (int i = 0; i < USERS; i++) {
		snprintf(b->user[i], sizeof b->user[i], "user%d", i);
		b->ops[i] = (struct ledger_op){ .act = LEDGER_USER, .user = b->user[i] };
	}
	commit(b, USERS);
}

/* ---- bare SQLite ---- */

static void
sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		die(text, sqlite3_errmsg(db));
}

static void
open_bare(struct bench *b)
{
	char path[100];

	snprintf(path, sizeof path, "%s/bare.db", b->dir);
	if (sqlite3_open(path, &b->db) != SQLITE_OK)
		die(path, sqlite3_errmsg(b->db));
	sql(b->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
			"CREATE TABLE log(pos INTEGER PRIMARY KEY, id BLOB NOT NULL, kind INTEGER,"
			" sender INTEGER, ts INTEGER, counted INTEGER, target INTEGER,"
			" record TEXT);"
			"CREATE INDEX log_target ON log(target) WHERE target IS NOT NULL;"
			"CREATE TABLE answer(conv INTEGER, sender INTEGER, cid BLOB, seq INTEGER,"
			" hash INTEGER, code INTEGER, why TEXT, PRIMARY KEY(conv, sender, cid))"
			" WITHOUT ROWID");
}

static void
put_bare(struct bench *b, sqlite3_stmt *log, sqlite3_stmt *answer, size_t i)
{
	static const char record[] = "{\"seq\":123456,"
		"\"id\":\"018f0000-0000-7000-8000-000000000001\",\"kind\":\"msg\",\"from\":\"user1\",\"device\":\"d_1\","
		"\"cid\":\"018f0000-0000-7000-8000-000000000001\",\"ts\":1793491200123,"
		"\"ref\":null,\"body\":{\"text\":\"" TEXT "\"}}";
	int64_t seq = ++b->bare_seq;

	sqlite3_bind_int64(log, 1, 1LL << 36 | seq);
	sqlite3_bind_blob(log, 2, b->keys[i], 16, SQLITE_STATIC);
	sqlite3_bind_int64(log, 3, (int64_t)(i % USERS));
	sqlite3_bind_int64(log, 4, 1793491200123);
	sqlite3_bind_int64(log, 5, seq);
	sqlite3_bind_text(log, 6, record, sizeof record - 1, SQLITE_STATIC);
	sqlite3_bind_int64(answer, 1, (int64_t)(i % USERS));
	sqlite3_bind_blob(answer, 2, b->keys[i], 16, SQLITE_STATIC);
	sqlite3_bind_int64(answer, 3, seq);
	sqlite3_bind_int64(answer, 4, seq * 0x9e3779b97f4a7c15);
	if (sqlite3_step(log) != SQLITE_DONE || sqlite3_step(answer) != SQLITE_DONE)
		die("insert", sqlite3_errmsg(b->db));
	sqlite3_reset(log);
	sqlite3_reset(answer);
}

static double
bare(struct bench *b, size_t batch, int commits)
{
	sqlite3_stmt *log, *answer;
	int64_t spent = 0;

	if (sqlite3_prepare_v2(b->db, "INSERT INTO log VALUES(?,?,0,?,?,?,NULL,?)", -1, &log,
				NULL) != SQLITE_OK ||
			sqlite3_prepare_v2(b->db, "INSERT INTO answer VALUES(1,?,?,?,?,NULL,NULL)",
				-1, &answer, NULL) != SQLITE_OK)
		die("prepare", sqlite3_errmsg(b->db));
	for (int i = 0; i < commits; i++) {
		int64_t t;

		prepare(b, batch);
		for (size_t k = 0; k < batch; k++)
			b->lanes[k % USERS]--;
		t = clock_mono_us();
		sql(b->db, "BEGIN IMMEDIATE");
		for (size_t k = 0; k < batch; k++)
			put_bare(b, log, answer, k);
		sql(b->db, "COMMIT");
		spent += clock_mono_us() - t;
	}
	sqlite3_finalize(log);
	sqlite3_finalize(answer);
	return (double)batch * commits * 1e6 / (double)spent;
}

/* ---- figures ---- */

static void
commits(struct bench *b)
{
	static const struct { size_t batch; int commits; const char *name, *target; } rows[] = {
		{ 1, 300, "12 ledger, commits of 1", ">= 0.5" },
		{ 64, 100, "12 ledger, commits of 64", ">= 0.7" },
		{ 256, 60, "12 ledger, commits of 256", ">= 0.7" },
		{ 1000, 20, "12 ledger, commits of 1,000", ">= 0.7" },
	};
	struct err err;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct figure f = { rows[i].name, "k/s", rows[i].target };

		for (int r = 0; r < ROUNDS; r++) {
			double x = ours(b, rows[i].batch, rows[i].commits) / 1e3;

			figure_add(&f, x, bare(b, rows[i].batch, rows[i].commits) / 1e3);
			ledger_checkpoint(b->l, &err);
			sqlite3_wal_checkpoint(b->db, NULL);
		}
		figure_print(&f);
	}
}

static double
replay_ours(struct bench *b, struct ledger_reader *r, int64_t head)
{
	int64_t t = clock_mono_us(), seq = 0, lo, hi;
	struct buf out;
	struct err err;
	size_t count;

	buf_init(&out, 1 << 20);
	while (seq < head) {
		struct ledger_page_query q = { .conv = b->conv, .lo = seq, .hi = head, .n = 500,
			.max_bytes = 256 * 1024, .with_cur = true };

		buf_clear(&out);
		if (!ledger_page(r, &q, &out, &lo, &hi, &count, &err))
			die("page", err.msg);
		seq = hi;
	}
	buf_done(&out);
	return (double)head * 1e6 / (double)(clock_mono_us() - t);
}

static double
replay_bare(struct bench *b, int64_t conv, int64_t head)
{
	int64_t t = clock_mono_us(), n = 0;
	size_t bytes = 0;
	sqlite3_stmt *st;
	char path[100];
	sqlite3 *db;

	snprintf(path, sizeof path, "%s/ledger.db", b->dir);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
			sqlite3_prepare_v2(db, "SELECT pos, record FROM log WHERE pos>?1 AND"
				" pos<=?2 ORDER BY pos", -1, &st, NULL) != SQLITE_OK)
		die(path, sqlite3_errmsg(db));
	sqlite3_bind_int64(st, 1, conv << 36);
	sqlite3_bind_int64(st, 2, conv << 36 | head);
	while (sqlite3_step(st) == SQLITE_ROW) {
		n += sqlite3_column_text(st, 1) != NULL;
		bytes += (size_t)sqlite3_column_bytes(st, 1);
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	if (n != head || bytes == 0)
		die("replay", "rows are missing");
	return (double)head * 1e6 / (double)(clock_mono_us() - t);
}

static void
replay(struct bench *b)
{
	struct ledger_reader *r;
	struct ledger_conv c;
	struct figure f = { "11 replay of a conversation", "k/s", ">= 0.6" };
	struct err err;

	r = ledger_reader_open(b->dir, &err);
	if (!r || !ledger_conv(r, b->conv, &c, &err))
		die("reader", err.msg);
	for (int i = 0; i < ROUNDS; i++) {
		double x = replay_ours(b, r, c.seq) / 1e3;

		figure_add(&f, x, replay_bare(b, 1, c.seq) / 1e3);
	}
	figure_print(&f);
	ledger_reader_close(r);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int
main(void)
{
	static struct bench b;
	struct ledger_reader *r;
	struct ledger_conv c;
	struct err err;

	snprintf(b.dir, sizeof b.dir, "bench-ledger-XXXXXX");
	if (!mkdtemp(b.dir))
		die(b.dir, "cannot be made");
	open_ours(&b);
	open_bare(&b);
	r = ledger_reader_open(b.dir, &err);
	if (!r || !ledger_conv_named(r, "#lobby", &c, &err))
		die("lobby", err.msg);
	memcpy(b.conv, c.conv, sizeof b.conv);
	ledger_reader_close(r);
	table_head();
	commits(&b);
	replay(&b);
	sqlite3_close(b.db);
	ledger_close(b.l);
	nftw(b.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}
