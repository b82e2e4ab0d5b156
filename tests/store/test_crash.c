/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kill -9 in the middle of commits: what is there afterwards is whole batches, and at least those
 * that were reported as stored. */
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/mirror.h"

#define ROUNDS 12
#define PER_BATCH 7

/* Writes batches for ever; tells each stored one's number through fd. */
static void
write_on(struct mirror *m, int64_t from, int fd)
{
	char cid[40];

	for (int64_t b = from;; b++) {
		for (int64_t i = 1; i <= PER_BATCH; i++)
			mirror_say(m, b * PER_BATCH + i, "bob", "some words to be stored");
		memcpy(cid, U(0), 37);
		cid[35] = (char)('0' + b % 10);
		cid[34] = (char)('0' + b / 10 % 10);
		cid[33] = (char)('0' + b / 100 % 10);
		cid[32] = (char)('0' + b / 1000 % 10);
		mirror_queue(m, cid, b + 1);
		mirror_commit(m);
		if (write(fd, &b, sizeof b) != sizeof b)
			_exit(1);
	}
}

static int64_t
run_and_kill(struct mirror *m, int64_t from, int round)
{
	int64_t last = from - 1, got;
	int fds[2], status;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(fds[0]);
		mirror_open(m);
		write_on(m, from, fds[1]);
	}
	close(fds[1]);
	/* some more each time, so the blow falls at different moments */
	for (int i = 0; i < 3 + round && read(fds[0], &got, sizeof got) == sizeof got; i++)
		last = got;
	kill(child, SIGKILL);
	while (read(fds[0], &got, sizeof got) == sizeof got)
		last = got;
	close(fds[0]);
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
	return last;
}

static void
killed_writers_leave_whole_batches(void **state)
{
	struct mirror m;
	int64_t from = 0;

	(void)state;
	mirror_init(&m);
	mirror_close(&m);
	for (int round = 0; round < ROUNDS; round++) {
		int64_t told = run_and_kill(&m, from, round), rows, batches;

		mirror_open(&m);
		rows = mirror_number(&m, "SELECT count(*) FROM event");
		batches = mirror_number(&m, "SELECT count(*) FROM outbox");
		assert_true(batches >= told + 1);
		assert_int_equal(rows, batches * PER_BATCH);
		assert_int_equal(mirror_number(&m, "SELECT count(*) FROM range WHERE what = 0"),
				1);
		assert_int_equal(mirror_number(&m, "SELECT max(hi) FROM range WHERE what = 0"),
				rows);
		assert_int_equal(mirror_number(&m, "SELECT lane_next FROM conv"), batches + 1);
		assert_int_equal(mirror_number(&m, "SELECT integrity_check = 'ok' FROM"
				" pragma_integrity_check"), 1);
		mirror_close(&m);
		from = batches;
	}
	mirror_open(&m);
	mirror_done(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_writers_leave_whole_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
