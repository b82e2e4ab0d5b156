/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A writer that is killed at any moment: what it acknowledged is there, once and in order. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/world.h"

#define KILLS 25
#define BATCH 40
#define LOOK_BACK 500		/* messages verified after each kill; after the last all */

/* The cid of the writer's nth message: the same whoever asks. */
static void
nth_cid(long n, char cid[37])
{
	snprintf(cid, 37, "018f0000-0000-7000-8000-%012lx", n & 0xffffffffffff);
}

static void
nth_op(long n, const char *conv, char cid[37], struct ledger_op *op)
{
	nth_cid(n, cid);
	*op = (struct ledger_op){ .act = LEDGER_SEND, .user = "ann", .device = "d_1", .conv = conv,
		.cid = cid, .lane = n, .ttl = -1, .kind = REC_MSG, .now = 1793491200000 + n };
	op->body.text = "x";
	op->body.text_n = 1;
	op->body.json = "{\"text\":\"x\"}";
	op->body.json_n = 12;
}

/* Commits from the nth on until killed, and says after each commit how far it is. */
static void
write_on(const struct world *w, const char *conv, long n, int out)
{
	static struct ledger_op ops[BATCH];
	static char cids[BATCH][37];
	struct ledger_changes changes;
	struct err err;
	struct ledger *l = ledger_open(w->dir, &w->limits, "#lobby", &err);
	unsigned seed = (unsigned)n;

	while (l) {
		size_t k = 1 + (size_t)rand_r(&seed) % BATCH;

		for (size_t i = 0; i < k; i++)
			nth_op(n + (long)i, conv, cids[i], &ops[i]);
		if (!ledger_commit(l, ops, k, &changes, &err))
			break;
		ledger_changes_done(&changes);
		n += (long)k;
		if (write(out, &n, sizeof n) != sizeof n)
			break;
		if (rand_r(&seed) % 5 == 0 && !ledger_checkpoint(l, &err))
			break;
	}
	_exit(1);
}

/* Runs a writer for a while and kills it; the number after the last it acknowledged. */
static long
run_and_kill(const struct world *w, const char *conv, long n, unsigned *seed)
{
	int pipes[2], status;
	long acked = n, seen;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(pipes[0]);
		write_on(w, conv, n, pipes[1]);
	}
	close(pipes[1]);
	/* at least one, then any moment of what follows */
	assert_int_equal(read(pipes[0], &acked, sizeof acked), sizeof acked);
	for (unsigned more = (unsigned)rand_r(seed) % 12; more > 0; more--)
		assert_int_equal(read(pipes[0], &acked, sizeof acked), sizeof acked);
	usleep((unsigned)rand_r(seed) % 3000);
	kill(pid, SIGKILL);
	while (read(pipes[0], &seen, sizeof seen) == sizeof seen)
		acked = seen;
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return acked;
}

/* Every message of from to n is there, and the next in line is new or there as well. */
static long
verify(struct world *w, const char *conv, long from, long n)
{
	struct ledger_op op;
	char cid[37];
	int64_t last = 0;

	for (long i = from < 1 ? 1 : from; i < n; i++) {
		nth_op(i, conv, cid, &op);
		assert_true(world_do(w, &op));
		if (!op.out.dup)
			fail_msg("message %ld was acknowledged and is gone", i);
		assert_true(op.out.seq > last);
		last = op.out.seq;
	}
	/* committed, but not told any more */
	for (bool dup = true; dup; n++) {
		nth_op(n, conv, cid, &op);
		assert_true(world_do(w, &op));
		dup = op.out.dup;
		assert_true(op.out.seq > last);
		last = op.out.seq;
	}
	assert_int_equal(last, 3 + n - 1);
	return n;
}

static void
assert_sound(const struct world *w)
{
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, 1 << 16);
	if (!ledger_check(w->dir, &out, &err))
		fail_msg("%s: %s", err.msg, buf_str(&out));
	buf_done(&out);
}

static void
what_was_acknowledged_survives_every_kill(void **state)
{
	struct world *w = *state;
	char conv[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1];
	unsigned seed = 11;
	long n = 1;

	memcpy(epoch, world_head(w, "ann", world_room(w, "#lobby", conv)).epoch, sizeof epoch);
	for (int i = 0; i < KILLS; i++) {
		world_close(w);
		n = run_and_kill(w, conv, n, &seed);
		world_open(w);
		/* a killed writer loses nothing, so no log starts anew */
		assert_string_equal(ledger_notice(w->l), "");
		assert_string_equal(world_head(w, "ann", conv).epoch, epoch);
		n = verify(w, conv, i == KILLS - 1 ? 1 : n - LOOK_BACK, n);
		if (i % 6 == 0)
			assert_sound(w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_acknowledged_survives_every_kill,
				world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
