/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading in batch against sqlite3 on the same file: an export, and the start of a reader. Both as
 * processor time, which a shared machine disturbs least. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/table.h"

#define MESSAGES 1000000
#define ROUNDS 5
#define STARTS 20		/* runs that make one figure of a start */

#define ROWS "SELECT e.seq, e.id, e.kind, e.sender, e.ts, e.body, f.text, f.edited, f.deleted," \
	" f.reacts FROM event e LEFT JOIN fold f ON f.conv = e.conv AND f.id = e.id" \
	" WHERE e.conv = 1 ORDER BY e.seq"

#define NEWEST "SELECT body FROM event WHERE conv = 1 ORDER BY seq DESC LIMIT 1"

static void
fail(const char *what)
{
	fprintf(stderr, "bench_batch: %s\n", what);
	exit(1);
}

/* Seconds of processor time that the command took; its output goes nowhere. */
static double
run(const char *const argv[])
{
	struct rusage use;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		char *words[16] = { NULL };

		for (int i = 0; i < 15 && argv[i]; i++)
			words[i] = strdup(argv[i]);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		execvp(words[0], words);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid || status != 0)
		fail(argv[0]);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
			(double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static double
starts(const char *const argv[])
{
	double sum = 0;

	for (int i = 0; i < STARTS; i++)
		sum += run(argv);
	return sum * 1000 / STARTS;
}

/* A log of n lines, a minute apart by twos. */
static void
write_log(const char *path, int n)
{
	FILE *f = fopen(path, "w");

	if (!f)
		fail(path);
	for (int i = 0; i < n; i++)
		fprintf(f, "2026-%02d-%02d %02d:%02d:%02d\tann\tline %d: the canary shows p99 at "
				"900 ms\n", 1 + i / 100000 % 12, 1 + i / 4000 % 25,
				i / 200 % 20, i / 4 % 50, i % 60, i);
	if (fclose(f) != 0)
		fail(path);
}

int
main(int argc, char **argv)
{
	struct figure export = { .name = "export of JSONL against sqlite3 -json",
		.unit = "msg/s", .target = ">= 0.8" };
	struct figure start = { .name = "start of a batch reader against sqlite3", .unit = "ms",
		.target = "<= 1.5" };
	const char *tmp = getenv("TMPDIR");
	char data[256], log[300], db[300];
	int n = argc > 2 ? (int)strtol(argv[2], NULL, 10) : MESSAGES;

	if (argc < 2 || n < 1)
		fail("usage: bench_batch STONECHAT [MESSAGES]");
	snprintf(data, sizeof data, "%s/stonechat-bench.%ld", tmp && *tmp ? tmp : "/tmp",
			(long)getpid());
	snprintf(log, sizeof log, "%s/in", data);
	snprintf(db, sizeof db, "%s/archive/mirror.db", data);
	if (mkdir(data, 0700) != 0)
		fail(data);
	write_log(log, n);
	run((const char *[]){ argv[1], "--data", data, "import", log, "--as", "#x", NULL });
	run((const char *[]){ argv[1], "--data", data, "engine", "stop", NULL });
	for (int i = 0; i < ROUNDS; i++) {
		const char *const ours[] = { argv[1], "--data", data, "export", "#x", NULL };
		const char *const theirs[] = { "sqlite3", "-readonly", "-json", db, ROWS, NULL };
		const char *const log_one[] = { argv[1], "--data", data, "--offline", "--account",
			"archive", "log", "#x", "-n", "1", NULL };
		const char *const select_one[] = { "sqlite3", "-readonly", db, NEWEST, NULL };
		double took = run(ours);

		figure_add(&export, n / took, n / run(theirs));
		took = starts(log_one);
		figure_add(&start, took, starts(select_one));
	}
	figure_print(&export);
	figure_print(&start);
	run((const char *[]){ "rm", "-r", data, NULL });
	return 0;
}
