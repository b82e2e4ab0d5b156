/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mirror beside bare SQLite and grep: records committed in pages of 200, as a catch-up brings
 * them, against a bare insert of the same rows and indexes; and the newest 50 hits of one word
 * against grep -F over the texts. BENCH_MESSAGES says how many are searched. */
#include <ftw.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "bench/table.h"
#include "model/batch.h"
#include "store/reader.h"
#include "store/writer.h"

#define ROUNDS 5
#define PAGE 200
#define PAGES 100		/* a round of catch-up */
#define MESSAGES 200000		/* searched, unless told */
#define SEARCHES 20

struct bench {
	char dir[64];
	struct writer *w;
	sem_t done;
	struct batch b;
	struct record v[PAGE];
	char id[PAGE][40], cid[PAGE][40], body[PAGE][160];
	int64_t seq, bare_seq;
	sqlite3 *db;
	FILE *texts;
};

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static void
on_done(void *arg)
{
	struct bench *b = arg;

	sem_post(&b->done);
}

/* The next page: every message has words of its own, every thousandth the word "seldom". */
static void
prepare(struct bench *b, int64_t seq)
{
	for (int i = 0; i < PAGE; i++) {
		unsigned long long n = (unsigned long long)++seq;

		snprintf(b->id[i], sizeof b->id[i], "018f0000-0000-7000-8000-%012llx", n);
		snprintf(b->cid[i], sizeof b->cid[i], "018f0000-0000-7000-9000-%012llx", n);
		snprintf(b->body[i], sizeof b->body[i], "{\"text\":\"the quick brown fox no%llu "
				"jumps over the lazy dog of no%llu%s\"}", n % 5000, n * 7919 % 9000,
				n % 1000 == 0 ? " seldom" : "");
		b->v[i] = (struct record){ .seq = seq, .id = b->id[i], .kind = REC_MSG,
			.kind_name = "msg", .from = "bob", .device = "d_1", .cid = b->cid[i],
			.ref = "", .ts = 1700000000000 + seq * 1000, .body = b->body[i],
			.body_n = strlen(b->body[i]) };
	}
}

static void
commit(struct bench *b)
{
	struct writer_outcome out;

	writer_commit(b->w, &b->b);
	while (sem_wait(&b->done) != 0)
		continue;
	if (!writer_take(b->w, &out) || out.result != WRITER_OK)
		die("commit", out.err.msg);
	batch_clear(&b->b);
}

static void
put_page(struct bench *b)
{
	struct change *ch;

	batch_reserve(&b->b, 1, batch_records_cost(b->v, PAGE) + 256);
	ch = batch_add(&b->b, CHANGE_RECORDS, "c_1");
	ch->records.epoch = batch_str(&b->b, "e1");
	ch->records.lo = b->seq;
	ch->records.hi = b->seq += PAGE;
	ch->records.v = batch_records(&b->b, b->v, PAGE);
	ch->records.n = PAGE;
	commit(b);
}

static double
ours(struct bench *b, int pages)
{
	int64_t spent = 0;

	for (int i = 0; i < pages; i++) {
		int64_t t;

		prepare(b, b->seq);
		for (int k = 0; k < PAGE; k++)
			fprintf(b->texts, "%s\n", b->body[k]);
		t = clock_mono_us();
		put_page(b);
		spent += clock_mono_us() - t;
	}
	return (double)pages * PAGE * 1e3 / (double)spent;
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
	sql(b->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
			"PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-4096;"
			"CREATE TABLE event (conv INTEGER NOT NULL, seq INTEGER NOT NULL,"
			" id TEXT NOT NULL, kind TEXT NOT NULL, sender TEXT NOT NULL, device TEXT,"
			" cid TEXT, ref TEXT, ts INTEGER NOT NULL, body TEXT NOT NULL,"
			" mine INTEGER NOT NULL, PRIMARY KEY (conv, seq)) STRICT, WITHOUT ROWID;"
			"CREATE INDEX event_time ON event (conv, ts);"
			"CREATE UNIQUE INDEX event_id ON event (conv, id);"
			"CREATE INDEX event_ref ON event (conv, ref) WHERE ref IS NOT NULL;"
			"CREATE INDEX event_cid ON event (cid) WHERE mine = 1");
}

static void
put_bare(struct bench *b, sqlite3_stmt *st, const struct record *r)
{
	sqlite3_bind_int64(st, 1, r->seq);
	sqlite3_bind_text(st, 2, r->id, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 3, r->cid, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 4, r->ts);
	sqlite3_bind_text(st, 5, r->body, (int)r->body_n, SQLITE_STATIC);
	if (sqlite3_step(st) != SQLITE_DONE)
		die("insert", sqlite3_errmsg(b->db));
	sqlite3_reset(st);
}

static double
bare(struct bench *b, int pages)
{
	sqlite3_stmt *st;
	int64_t spent = 0;

	if (sqlite3_prepare_v2(b->db, "INSERT INTO event VALUES(1,?1,?2,'msg','bob','d_1',?3,NULL,"
				"?4,?5,0)", -1, &st, NULL) != SQLITE_OK)
		die("prepare", sqlite3_errmsg(b->db));
	for (int i = 0; i < pages; i++) {
		int64_t t;

		prepare(b, b->bare_seq);
		b->bare_seq += PAGE;
		t = clock_mono_us();
		sql(b->db, "BEGIN IMMEDIATE");
		for (int k = 0; k < PAGE; k++)
			put_bare(b, st, &b->v[k]);
		sql(b->db, "COMMIT");
		spent += clock_mono_us() - t;
	}
	sqlite3_finalize(st);
	return (double)pages * PAGE * 1e3 / (double)spent;
}

static void
catch_up(struct bench *b)
{
	struct figure f = { "4 mirror, pages of 200", "k/s", ">= 0.75" };

	for (int i = 0; i < ROUNDS; i++) {
		double x = ours(b, PAGES);

		figure_add(&f, x, bare(b, PAGES));
		sqlite3_wal_checkpoint(b->db, NULL);
	}
	figure_print(&f);
}

/* ---- search ---- */

static bool
count_hit(void *arg, const struct conv_row *c, const struct message *m)
{
	int *n = arg;

	(void)c, (void)m;
	++*n;
	return true;
}

/* Milliseconds of a search, the mean of some. */
static double
search(struct reader *r, const char *word)
{
	struct reader_search q = { .query = word, .n = 50 };
	int64_t t = clock_mono_us();
	struct err err;

	for (int i = 0; i < SEARCHES; i++) {
		int n = 0;

		if (!reader_search(r, &q, count_hit, &n, &err))
			die(word, err.msg);
		if (n == 0)
			die(word, "is not found");
	}
	return (double)(clock_mono_us() - t) / 1e3 / SEARCHES;
}

static double
grep(struct bench *b, const char *word)
{
	int64_t t = clock_mono_us();
	char path[100];
	int status;
	pid_t pid = fork();

	snprintf(path, sizeof path, "%s/texts", b->dir);
	if (pid == 0) {
		if (freopen("/dev/null", "w", stdout))
			execlp("grep", "grep", "-F", word, path, NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return (double)(clock_mono_us() - t) / 1e3;
}

static void
searches(struct bench *b, int64_t messages)
{
	static const struct { const char *word, *name; } rows[] = {
		{ "brown", "8 search, a word of all" },
		{ "seldom", "8 search, of a thousandth" },
		{ "no42", "8 search, of some hundreds" },
	};
	struct err err;
	struct reader *r;

	if (b->seq < messages)
		ours(b, (int)((messages - b->seq) / PAGE));
	fflush(b->texts);
	if (!writer_index_all(b->w, &err) || !(r = reader_open(b->dir, &err)))
		die("index", err.msg);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct figure f = { rows[i].name, "ms", "<= 1 ms" };

		for (int k = 0; k < ROUNDS; k++) {
			double x = search(r, rows[i].word);

			figure_add(&f, x, grep(b, rows[i].word));
		}
		figure_print(&f);
	}
	reader_close(r);
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
	const char *many = getenv("BENCH_MESSAGES");
	static struct bench b;
	struct change *ch;
	struct err err;
	char path[100];

	snprintf(b.dir, sizeof b.dir, "bench-mirror-XXXXXX");
	if (!mkdtemp(b.dir))
		die(b.dir, "cannot be made");
	snprintf(path, sizeof path, "%s/texts", b.dir);
	b.texts = fopen(path, "w");
	sem_init(&b.done, 0, 0);
	batch_init(&b.b);
	b.w = writer_open(b.dir, on_done, &b, &err);
	if (!b.w || !b.texts)
		die("open", b.texts ? err.msg : path);
	batch_reserve(&b.b, 1, 1024);
	ch = batch_add(&b.b, CHANGE_HEAD, "c_1");
	ch->head = (struct head){ .conv = "c_1", .name = "#room", .topic = "", .epoch = "e1",
		.id = "", .kind = CONV_ROOM };
	commit(&b);
	open_bare(&b);
	table_head();
	catch_up(&b);
	searches(&b, many ? strtoll(many, NULL, 10) : MESSAGES);
	writer_close(b.w);
	batch_done(&b.b);
	sqlite3_close(b.db);
	fclose(b.texts);
	nftw(b.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}
