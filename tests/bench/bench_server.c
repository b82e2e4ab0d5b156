/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server under load, each figure as a ratio to a bare loop (bare.c, clerk.c) or a bare SQLite
 * commit taken in the same run. bench_server STONECHATD BARE RELAY CLERK
 * [fan-out|acks|room|idle] */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/load.h"
#include "bench/table.h"

#define TEXT "deploy of 4.2 is blocked, canary shows p99 at 900ms, rolling the cache flag back now"

struct bench {
	char dir[200], sock[256];
	pid_t pid;
	const char *program;
	bool is_bare;
	size_t frame;		/* bytes of an event of ours, which the relay sends */
	struct load *load;
	char conv[80];
	/* what the message callback counts */
	size_t marked, acks, wanted;
	int64_t *took, began;
	size_t n_took;
	long serial;
};

#define DEPTH_MAX 64
#define CREDIT_EVERY (1 << 20)	/* bytes; the window of all is four times that */
#define ROUNDS 5
#define RECEIVERS 1000
#define FEW 10

/* A connection that keeps sends in flight: acks come in the order of its sends. */
struct flight {
	int64_t at[DEPTH_MAX];
	long left, lane, done;
};

static struct bench *the;	/* the callback of load has no argument */

static int64_t
compare_at(const int64_t *v, size_t n, double q)
{
	size_t i = (size_t)((double)(n - 1) * q);

	return n ? v[i] : 0;
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* ---- programs ---- */

/* Starts a program and waits until it listens. bare: what a reference gets beside its socket ("":
 * nothing); NULL: it is stonechatd. */
static void
start(struct bench *b, const char *program, const char *bare)
{
	char listen[300];
	int out[2];
	char said[4096];
	size_t n = 0;

	b->is_bare = bare != NULL;
	b->program = program;
	snprintf(b->dir, sizeof b->dir, "%s/stonechat-bench.XXXXXX",
			getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(b->dir) || pipe(out) < 0)
		die("%s: %s", b->dir, strerror(errno));
	snprintf(b->sock, sizeof b->sock, "%s/sock", b->dir);
	snprintf(listen, sizeof listen, "unix:%s", b->sock);
	b->pid = fork();
	if (b->pid == 0) {
		dup2(out[1], 2);
		close(out[0]);
		if (bare)
			execl(program, program, b->sock, *bare ? bare : (char *)NULL,
					(char *)NULL);
		else
			execl(program, program, "--data", b->dir, "--listen", listen,
					"--set", "limits.per_user=0", "--set",
							"limits.per_address=0",
					"--set", "rooms.auto_join=#lobby", (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	while (n < sizeof said - 1) {
		ssize_t k = read(out[0], said + n, sizeof said - 1 - n);

		if (k <= 0)
			die("%s did not start: %.*s", program, (int)n, said);
		n += (size_t)k;
		said[n] = '\0';
		if (strstr(said, "listening on"))
			break;
	}
	fcntl(out[0], F_SETFL, O_NONBLOCK);	/* kept open: the program goes on writing there */
}

static void
stop(struct bench *b)
{
	char rm_word[] = "rm", flags[] = "-rf", *argv[] = { rm_word, flags, b->dir, NULL };
	pid_t rm;

	load_free(b->load);
	kill(b->pid, SIGTERM);
	waitpid(b->pid, NULL, 0);
	rm = fork();
	if (rm == 0) {
		execvp("rm", argv);
		_exit(127);
	}
	waitpid(rm, NULL, 0);
}

/* ---- clients ---- */

static void
say(struct bench *b, struct load_client *c, long lane, const char *text)
{
	long s = ++b->serial;

	load_sendf(c, "{\"op\":\"send\",\"i\":%ld,\"conv\":\"%s\","
			"\"cid\":\"%08lx-%04lx-7%03lx-8000-%012lx\",\"lane\":%ld,"
			"\"kind\":\"msg\",\"ref\":null,\"body\":{\"text\":\"%s\"}}",
			lane + 100, b->conv, s, (long)getpid() & 0xffff, s & 0xfff, s, lane, text);
}

/* One more of a connection's sends, if any are left. */
static void
fly(struct bench *b, struct load_client *c)
{
	struct flight *f = c->arg;

	if (f->left == 0)
		return;
	f->left--;
	f->at[f->lane++ % DEPTH_MAX] = now_us();
	say(b, c, f->lane, TEXT);
}

/* What every benchmark counts: acks, with their times; and the mark "last!" near the end of a
 * frame. */
static void
on_message(struct load_client *c, const char *p, size_t n)
{
	size_t tail = n > 700 ? 700 : n;

	if (!the->is_bare && c->bytes - c->credited > CREDIT_EVERY) {
		c->credited = c->bytes;
		load_sendf(c, "{\"op\":\"credit\",\"bytes\":%llu}", (unsigned long long)c->bytes);
	}
	if (n > 12 && memcmp(p, "{\"op\":\"ack\"", 11) == 0) {
		struct flight *f = c->arg;

		the->acks++;
		if (f) {
			the->took[the->n_took++] = now_us() - f->at[f->done++ % DEPTH_MAX];
			fly(the, c);
		}
	} else if (n > 12 && memcmp(p, "{\"op\":\"welcome\"", 15) == 0) {
		const char *name = memmem(p, n, "\"name\":\"#lobby\"", 15), *q = NULL;

		for (const char *r = p; name && r < name; r++)
			if (memcmp(r, "\"conv\":\"", 8) == 0)
				q = r + 8;
		if (q) {
			size_t len = (size_t)((const char *)memchr(q, '"', (size_t)(name - q)) - q);

			snprintf(the->conv, sizeof the->conv, "%.*s", (int)len, q);
		}
		the->marked++;
	} else if (n > 12 && memcmp(p, "{\"op\":\"subbed\"", 14) == 0) {
		the->marked++;
	} else if (n > 12 && memcmp(p, "{\"op\":\"nack\"", 12) == 0) {
		die("refused: %.*s", (int)n, p);
	}
	if (memmem(p + n - tail, tail, "last!", 5)) {
		the->marked++;
		if (!the->is_bare)
			the->frame = n;
	}
}

static bool
all_marked(void *arg)
{
	struct bench *b = arg;

	return b->marked >= b->wanted;
}

static bool
all_acked(void *arg)
{
	struct bench *b = arg;

	return b->acks >= b->wanted;
}

static void
need(struct bench *b, bool (*done)(void *), size_t wanted, const char *what)
{
	b->wanted = wanted;
	if (!load_wait(b->load, done, b, 120000))
		die("%s: %s gave %zu of %zu in 120 s", b->program, what, b->marked + b->acks,
				wanted);
}

/* n clients that said hello and, when subscribed, follow #lobby. */
static void
crowd(struct bench *b, size_t n, bool is_subscribed)
{
	size_t first = load_count(b->load);

	b->marked = 0;
	for (size_t i = 0; i < n; i++) {
		struct load_client *c = load_connect(b->load);

		if (!b->is_bare)
			load_sendf(c, "{\"op\":\"hello\",\"i\":1,\"versions\":[1],"
					"\"device\":\"d_%zu\",\"agent\":\"bench\","
					"\"caps\":[],\"window\":4194304}", first + i);
		if (!b->is_bare && i % 8 == 7)
			/* no more unauthenticated ones than it likes */
			need(b, all_marked, i, "hello");
	}
	if (b->is_bare)
		return;
	need(b, all_marked, n, "hello");
	if (!is_subscribed)
		return;
	b->marked = 0;
	for (size_t i = 0; i < n; i++)
		load_sendf(load_at(b->load, first + i),
				"{\"op\":\"sub\",\"i\":2,\"subs\":[{\"conv\":\"%s\","
				"\"seq\":0,\"id\":\"\",\"max\":1}]}", b->conv);
	need(b, all_marked, n, "sub");
}

/* ---- what is measured ---- */

/* CPU of the server for one event to so many receivers when events come one by one. */
static double
fan_out_single(struct bench *b, size_t receivers, long rounds)
{
	struct load_client *from;
	int64_t cpu = 0;

	crowd(b, receivers, true);
	crowd(b, 1, false);
	from = load_at(b->load, receivers);
	for (long r = 0; r < rounds + 5; r++) {
		if (r == 5)
			cpu = proc_cpu_us(b->pid);
		b->marked = 0;
		say(b, from, r + 1, TEXT " last!");
		need(b, all_marked, receivers, "fan-out");
	}
	return (double)(proc_cpu_us(b->pid) - cpu) / (double)rounds;
}

/* Lets conns new connections send each messages, with depth in flight, and waits for all acks.
 * b->took has their times. */
static void
fly_all(struct bench *b, size_t conns, long depth, long each)
{
	size_t first = load_count(b->load);
	struct flight *f = calloc(conns, sizeof *f);

	crowd(b, conns, false);
	free(b->took);
	b->took = calloc(conns * (size_t)each, sizeof *b->took);
	b->n_took = b->acks = 0;
	b->began = now_us();
	for (size_t i = 0; i < conns; i++) {
		f[i].left = each;
		load_at(b->load, first + i)->arg = &f[i];
		for (long k = 0; k < depth; k++)
			fly(b, load_at(b->load, first + i));
	}
	need(b, all_acked, conns * (size_t)each, "acks");
	for (size_t i = 0; i < conns; i++)
		load_at(b->load, first + i)->arg = NULL;
	free(f);
}

/* A burst: 8 connections with 32 messages in flight each; the bare relay, which acknowledges
 * nothing, gets all at once. Deliveries a second, and the server's CPU of each in *cpu. lane is the
 * first sender's next. */
static double
fan_out_burst(struct bench *b, long messages, long lane, double *cpu)
{
	struct load_client *from = load_at(b->load, RECEIVERS);
	double n = RECEIVERS * (double)messages;
	int64_t spent = proc_cpu_us(b->pid);

	b->began = now_us();
	if (b->is_bare)
		for (long m = 0; m < messages; m++)
			say(b, from, lane, TEXT);
	else
		fly_all(b, 8, 32, messages / 8);
	b->marked = 0;
	say(b, from, lane, TEXT " last!");
	need(b, all_marked, RECEIVERS, "burst");
	*cpu = (double)(proc_cpu_us(b->pid) - spent) / n;
	return n * 1e6 / (double)(now_us() - b->began);
}

/* One durable send at a time: the median until its ack. */
static int64_t
ack_single(struct bench *b, long rounds)
{
	struct load_client *c;
	int64_t *v = calloc((size_t)rounds, sizeof *v), mid;

	crowd(b, 1, false);
	c = load_at(b->load, load_count(b->load) - 1);
	for (long r = 0; r < rounds; r++) {
		int64_t t = now_us();

		b->acks = 0;
		say(b, c, r + 1, TEXT);
		need(b, all_acked, 1, "ack");
		v[r] = now_us() - t;
	}
	qsort(v, (size_t)rounds, sizeof *v, by_value);
	mid = compare_at(v, (size_t)rounds, 0.5);
	free(v);
	return mid;
}

/* conns connections that keep depth sends in flight each, until total are acknowledged: sends a
 * second; quantiles of the ack times in *q (p50, p95, p99). */
static double
ack_many(struct bench *b, size_t conns, long depth, long total, int64_t q[3])
{
	int64_t t;

	fly_all(b, conns, depth, total / (long)conns);
	t = now_us() - b->began;
	qsort(b->took, b->n_took, sizeof *b->took, by_value);
	q[0] = compare_at(b->took, b->n_took, 0.50);
	q[1] = compare_at(b->took, b->n_took, 0.95);
	q[2] = compare_at(b->took, b->n_took, 0.99);
	return (double)b->acks * 1e6 / (double)t;
}

/* ---- the reference: bare SQLite with the same columns and indexes ---- */

static void
sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		die("sqlite: %s", sqlite3_errmsg(db));
}

/* Microseconds a row when each transaction of synchronous=FULL has batch rows: the median over
 * commits. */
static double
bare_commits(const char *dir, long batch, long commits)
{
	char path[256], id[64];
	sqlite3 *db;
	sqlite3_stmt *put;
	int64_t *v = calloc((size_t)commits, sizeof *v);
	double mid;
	long seq = 0;

	snprintf(path, sizeof path, "%s/bare-%ld.db", dir, batch);
	if (sqlite3_open(path, &db) != SQLITE_OK)
		die("%s: %s", path, sqlite3_errmsg(db));
	sql(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
			"CREATE TABLE log(conv TEXT, seq INTEGER, id TEXT, kind TEXT, sender TEXT,"
			" device TEXT, cid TEXT, ref TEXT, ts INTEGER, body TEXT,"
			" PRIMARY KEY(conv, seq)) WITHOUT ROWID;"
			"CREATE UNIQUE INDEX log_id ON log(conv, id);"
			"CREATE UNIQUE INDEX log_cid ON log(conv, sender, cid)");
	sqlite3_prepare_v2(db, "INSERT INTO log VALUES('c_42', ?, ?, 'msg', 'ann', 'd_1', ?, NULL,"
			" ?, ?)", -1, &put, NULL);
	for (long c = 0; c < commits; c++) {
		int64_t t = now_us();

		sql(db, "BEGIN IMMEDIATE");
		for (long r = 0; r < batch; r++) {
			seq++;
			snprintf(id, sizeof id, "018f0000-0000-7000-8000-%012lx", seq);
			sqlite3_bind_int64(put, 1, seq);
			sqlite3_bind_text(put, 2, id, -1, SQLITE_TRANSIENT);
			sqlite3_bind_text(put, 3, id, -1, SQLITE_TRANSIENT);
			sqlite3_bind_int64(put, 4, seq);
			sqlite3_bind_text(put, 5, "{\"text\":\"" TEXT "\"}", -1, SQLITE_STATIC);
			if (sqlite3_step(put) != SQLITE_DONE)
				die("sqlite: %s", sqlite3_errmsg(db));
			sqlite3_reset(put);
		}
		sql(db, "COMMIT");
		v[c] = now_us() - t;
	}
	sqlite3_finalize(put);
	sqlite3_close(db);
	qsort(v, (size_t)commits, sizeof *v, by_value);
	mid = (double)compare_at(v, (size_t)commits, 0.5) / (double)batch;
	free(v);
	return mid;
}

/* ---- the table ---- */

static void
open_load(struct bench *b)
{
	b->load = load_new(b->sock, 0, on_message);
	b->serial += 1000000;
	the = b;
}

static void
bench_fan_out(struct bench *b, char **programs)
{
	struct figure single = { "9a one event to 1,000, CPU a delivery", "us", "<= 1.6" };
	struct figure rate = { "9b burst to 1,000, deliveries a second", "k/s", ">= 0.4" };
	struct figure burst = { "9b burst to 1,000, CPU a delivery", "us", "" };
	struct figure relay = { "10 one receiver more, CPU, of ready bytes", "us", "<= 1.02" };
	struct figure event = { "10 one event to 1,000 with decode, commit and ack", "us", "" };
	const long rounds = 100, messages = 2000;

	for (int r = 0; r < ROUNDS; r++) {
		double one[3], few[3], many[2], cpu[2];
		char size[24];

		for (int k = 0; k < 3; k++) {
			/* the event itself costs the same however many get it */
			snprintf(size, sizeof size, "%zu", b->frame);
			start(b, programs[k], k > 0 ? size : NULL);
			open_load(b);
			few[k] = fan_out_single(b, FEW, rounds * 4);
			stop(b);
			snprintf(size, sizeof size, "%zu", b->frame);
			start(b, programs[k], k > 0 ? size : NULL);
			open_load(b);
			one[k] = fan_out_single(b, RECEIVERS, rounds);
			if (k < 2)
				many[k] = fan_out_burst(b, messages, rounds + 6, &cpu[k]) / 1e3;
			stop(b);
		}
		figure_add(&single, one[0] / RECEIVERS, one[1] / RECEIVERS);
		figure_add(&rate, many[0], many[1]);
		figure_add(&burst, cpu[0], cpu[1]);
		figure_add(&relay, (one[0] - few[0]) / (RECEIVERS - FEW),
				(one[2] - few[2]) / (RECEIVERS - FEW));
		figure_add(&event, one[0], one[2]);
	}
	figure_print(&single);
	figure_print(&rate);
	figure_print(&burst);
	figure_print(&relay);
	figure_print(&event);
}

/* Sends and the reference's commits take turns within a round. */
static void
bench_acks(struct bench *b, char **programs)
{
	struct figure single = { "12a durable send to ack, 1 in flight, p50", "us", "<= 2" };
	struct figure flight = { "12b durable sends, 256 in flight", "k/s", ">= 0.7" };
	struct figure clerk = { "12b the same, against a bare server that commits", "k/s", "" };
	int64_t q[3];

	for (int r = 0; r < ROUNDS; r++) {
		double one, many, ours;

		start(b, programs[0], NULL);
		open_load(b);
		one = bare_commits(b->dir, 1, 500);
		figure_add(&single, (double)ack_single(b, 500), one);
		many = 1e3 / bare_commits(b->dir, 1000, 30);
		ours = ack_many(b, 8, 32, 40960, q) / 1e3;
		stop(b);
		start(b, programs[3], "");
		open_load(b);
		figure_add(&flight, ours, many);
		figure_add(&clerk, ours, ack_many(b, 8, 32, 40960, q) / 1e3);
		stop(b);
	}
	figure_print(&single);
	figure_print(&flight);
	figure_print(&clerk);
}

/* A burst of 20,000 sends from 100 connections, to nobody and to 1,000 live members: every ack
 * must come, and everybody must see the last of it. */
static void
bench_room(struct bench *b, char **programs)
{
	for (int live = 0; live < 2; live++) {
		double rate;
		int64_t q[3];

		start(b, programs[0], NULL);
		open_load(b);
		if (live)
			crowd(b, RECEIVERS, true);
		rate = ack_many(b, 100, 32, 20000, q);
		if (live) {
			b->marked = 0;
			say(b, load_at(b->load, load_count(b->load) - 1), 201, TEXT " last!");
			need(b, all_marked, RECEIVERS, "the last message");
		}
		printf("   20,000 sends from 100 connections, %s live: %.1f k/s, ack p50 %.1f"
				" p95 %.1f p99 %.1f ms, server %.1f MB\n", live ? "1,000" : "nobody",
				rate / 1e3, (double)q[0] / 1e3, (double)q[1] / 1e3,
				(double)q[2] / 1e3, (double)proc_rss(b->pid) / 1e6);
		fflush(stdout);
		stop(b);
	}
}

static void
bench_idle(struct bench *b, char **programs)
{
	struct figure idle = { "14 memory of an idle connection (of 5,000)", "KiB", "<= 1" };
	const size_t n = 5000;
	int64_t before;

	start(b, programs[0], NULL);
	open_load(b);
	crowd(b, 100, true);
	before = proc_rss(b->pid);
	crowd(b, n, true);
	figure_add(&idle, (double)(proc_rss(b->pid) - before) / (double)n / 1024, 6);
	figure_print(&idle);
	stop(b);
	if (idle.ours[0] > 6)
		die("an idle connection takes more than 6 KiB");
}

int
main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(struct bench *, char **); } all[] = {
		{ "fan-out", bench_fan_out }, { "acks", bench_acks }, { "room", bench_room },
		{ "idle", bench_idle },
	};
	static struct bench b;
	struct rlimit files;

	if (argc < 5)
		die("usage: bench_server STONECHATD BARE RELAY CLERK [fan-out|acks|room|idle]");
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max < 16384 ? files.rlim_max : 16384;
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (argc == 5 || strcmp(argv[5], all[i].name) == 0)
			all[i].run(&b, argv + 1);
	return 0;
}
