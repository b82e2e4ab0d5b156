/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Children: what they get, what they may say, how they end. Look-ups: names and numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/loop.h"

#define DEADLINE_MS 20000

struct seen {
	struct loop *l;
	int dones, status;
	char out[8192], errout[8192];
	size_t out_n, err_n;
	bool too_large;
	size_t addrs;
	char addr[INET6_ADDRSTRLEN];
	struct err err;
};

static void
on_deadline(void *arg)
{
	(void)arg;
	fail_msg("the deadline has passed");
}

static void
quit(void *arg)
{
	struct seen *s = arg;

	loop_quit(s->l);
}

static int
setup(void **state)
{
	struct seen *s = calloc(1, sizeof *s);

	s->l = loop_new(NULL);
	assert_non_null(s->l);
	loop_timer_start(s->l, DEADLINE_MS, on_deadline, NULL);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct seen *s = *state;

	loop_free(s->l);
	free(s);
	return 0;
}

static void
on_done(void *arg, const struct loop_child_result *r)
{
	struct seen *s = arg;

	s->dones++;
	s->status = r->status;
	s->out_n = r->out_n;
	s->err_n = r->err_n;
	s->too_large = r->too_large;
	snprintf(s->out, sizeof s->out, "%s", r->out);
	snprintf(s->errout, sizeof s->errout, "%s", r->errout);
	loop_quit(s->l);
}

static struct loop_child *
start(struct seen *s, const char *script, const char *input, size_t max, int64_t limit_ms)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };
	struct loop_child *c = loop_child_start(s->l, argv, NULL, input, input ? strlen(input) : 0,
			max, limit_ms,
			on_done, s, NULL);

	assert_non_null(c);
	return c;
}

static void
output_and_status_arrive(void **state)
{
	struct seen *s = *state;

	start(s, "echo out; echo err >&2; exit 7", NULL, 1000, 0);
	loop_run(s->l);
	assert_int_equal(s->dones, 1);
	assert_int_equal(s->status, 7);
	assert_string_equal(s->out, "out\n");
	assert_string_equal(s->errout, "err\n");
	assert_false(s->too_large);
}

static void
input_is_read_to_its_end(void **state)
{
	struct seen *s = *state;

	start(s, "cat; echo .", "one\ntwo\n", 1000, 0);
	loop_run(s->l);
	assert_string_equal(s->out, "one\ntwo\n.\n");
}

static void
without_input_there_is_none(void **state)
{
	struct seen *s = *state;

	start(s, "cat; echo .", NULL, 1000, 0);
	loop_run(s->l);
	assert_string_equal(s->out, ".\n");
}

static void
a_child_cannot_outgrow_its_cap(void **state)
{
	struct seen *s = *state;

	start(s, "head -c 1000000 /dev/zero | tr '\\0' x; head -c 100000 /dev/zero >&2; exit 3",
			NULL, 100, 0);
	loop_run(s->l);
	assert_int_equal(s->status, 3);
	assert_int_equal(s->out_n, 100);
	assert_int_equal(s->err_n, 4096);
	assert_true(s->too_large);
}

static void
a_signal_is_128_and_its_number(void **state)
{
	struct seen *s = *state;

	start(s, "kill -9 $$", NULL, 100, 0);
	loop_run(s->l);
	assert_int_equal(s->status, 128 + SIGKILL);
}

/* Gone, or a zombie that its new parent has not yet reaped. */
static bool
is_dead(pid_t pid)
{
	char path[64], state = 'Z';
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (!f)
		return true;
	if (fscanf(f, "%*d %*s %c", &state) != 1)
		state = 'Z';
	fclose(f);
	return state == 'Z' || state == 'X';
}

static void
wait_until_dead(struct seen *s, pid_t pid)
{
	struct loop_timer *t = loop_timer_repeat(s->l, 5, quit, s);

	while (!is_dead(pid))
		loop_run(s->l);
	loop_timer_stop(t);
}

static void
the_time_limit_ends_the_whole_group(void **state)
{
	struct seen *s = *state;

	start(s, "sleep 1000 & echo $!; wait", NULL, 100, 50);
	loop_run(s->l);
	assert_int_equal(s->status, 124);
	wait_until_dead(s, (pid_t)strtol(s->out, NULL, 10));
}

static void
what_ignores_term_gets_kill(void **state)
{
	struct seen *s = *state;

	start(s, "trap '' TERM; echo $$; while :; do sleep 0.05; done", NULL, 100, 50);
	loop_run(s->l);
	assert_int_equal(s->status, 124);
}

static void
a_descendant_that_holds_the_output_is_not_waited_for(void **state)
{
	struct seen *s = *state;

	start(s, "sleep 1000 & echo said", NULL, 100, 0);
	loop_run(s->l);
	assert_int_equal(s->status, 0);
	assert_string_equal(s->out, "said\n");
}

static void
a_child_has_a_session_of_its_own_and_default_signals(void **state)
{
	struct seen *s = *state;
	char want[64];
	int inherited = dup2(2, 200);
	long session;

	signal(SIGPIPE, SIG_IGN);
	start(s, "read -r _ _ _ _ g sid tty _ < /proc/$$/stat; [ $g = $$ ] && echo $sid $$ $tty\n"
		"[ -e /proc/$$/fd/200 ] || echo closed\n"
		"kill -PIPE $$", NULL, 1000, 0);
	loop_run(s->l);
	signal(SIGPIPE, SIG_DFL);
	close(inherited);
	session = strtol(s->out, NULL, 10);
	snprintf(want, sizeof want, "%ld %ld 0\nclosed\n", session, session);
	assert_string_equal(s->out, want);
	assert_int_equal(s->status, 128 + SIGPIPE);
}

static void
the_environment_can_be_given(void **state)
{
	struct seen *s = *state;
	char *argv[] = { (char *)"env", NULL }, *env[] = { (char *)"ONLY=this", NULL };

	assert_non_null(loop_child_start(s->l, argv, env, NULL, 0, 1000, 0, on_done, s, NULL));
	loop_run(s->l);
	assert_string_equal(s->out, "ONLY=this\n");
}

static void
a_program_that_is_not_there_is_an_error(void **state)
{
	struct seen *s = *state;
	char *argv[] = { (char *)"no-such-program-here", NULL };
	struct err err = {0};

	assert_null(loop_child_start(s->l, argv, NULL, NULL, 0, 10, 0, on_done, s, &err));
	assert_int_equal(err.kind, ERR_FAIL);
	assert_non_null(strstr(err.msg, "no-such-program-here"));
}

static void
a_stopped_child_is_killed_and_silent(void **state)
{
	struct seen *s = *state;
	struct loop_child *c = start(s, "sleep 1000", NULL, 100, 0);

	loop_child_stop(c);
	loop_timer_start(s->l, 50, quit, s);
	loop_run(s->l);
	assert_int_equal(s->dones, 0);
}

static void
children_end_with_the_loop(void **state)
{
	struct seen *s = *state;

	start(s, "sleep 1000", NULL, 100, 0);
	loop_child_stop(start(s, "sleep 1000", NULL, 100, 0));
	loop_free(s->l);
	s->l = NULL;
	/* none is left, not even a zombie */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(s->dones, 0);
}

static void
on_addrs(void *arg, const struct loop_addr *addrs, size_t n, const struct err *err)
{
	struct seen *s = arg;

	s->dones++;
	s->addrs = n;
	s->err = *err;
	if (n > 0 && addrs[0].ss.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&addrs[0].ss;

		snprintf(s->addr, sizeof s->addr, "%s:%d", inet_ntoa(in->sin_addr),
				ntohs(in->sin_port));
	}
	loop_quit(s->l);
}

static void
a_number_needs_no_thread(void **state)
{
	struct seen *s = *state;

	loop_lookup_start(s->l, "192.0.2.7", 4711, on_addrs, s);
	assert_int_equal(s->dones, 0);
	loop_run(s->l);
	assert_int_equal(s->addrs, 1);
	assert_string_equal(s->addr, "192.0.2.7:4711");
}

static void
localhost_is_loopback_in_both_families(void **state)
{
	struct seen *s = *state;

	loop_lookup_start(s->l, "localhost", 80, on_addrs, s);
	loop_run(s->l);
	assert_int_equal(s->addrs, 2);
}

static void
a_name_that_is_not_there_is_a_network_error(void **state)
{
	struct seen *s = *state;

	loop_lookup_start(s->l, "no-such-name.invalid", 80, on_addrs, s);
	loop_run(s->l);
	assert_int_equal(s->addrs, 0);
	assert_int_equal(s->err.kind, ERR_NETWORK);
	assert_non_null(strstr(s->err.msg, "no-such-name.invalid"));
}

static void
a_stopped_lookup_is_silent_and_not_waited_for(void **state)
{
	struct seen *s = *state;

	loop_lookup_stop(loop_lookup_start(s->l, "no-such-name.invalid", 80, on_addrs, s));
	loop_lookup_stop(loop_lookup_start(s->l, "127.0.0.1", 80, on_addrs, s));
	loop_lookup_start(s->l, "no-other-name.invalid", 80, on_addrs, s);
	loop_free(s->l);
	s->l = NULL;
	assert_int_equal(s->dones, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(output_and_status_arrive),
		TEST(input_is_read_to_its_end),
		TEST(without_input_there_is_none),
		TEST(a_child_cannot_outgrow_its_cap),
		TEST(a_signal_is_128_and_its_number),
		TEST(the_time_limit_ends_the_whole_group),
		TEST(what_ignores_term_gets_kill),
		TEST(a_descendant_that_holds_the_output_is_not_waited_for),
		TEST(a_child_has_a_session_of_its_own_and_default_signals),
		TEST(the_environment_can_be_given),
		TEST(a_program_that_is_not_there_is_an_error),
		TEST(a_stopped_child_is_killed_and_silent),
		TEST(children_end_with_the_loop),
		TEST(a_number_needs_no_thread),
		TEST(localhost_is_loopback_in_both_families),
		TEST(a_name_that_is_not_there_is_a_network_error),
		TEST(a_stopped_lookup_is_silent_and_not_waited_for),
	};

	if (syscall(SYS_pidfd_open, getpid(), 0) < 0 && errno == ENOSYS) {
		puts("1..0 # SKIP there is no pidfd_open here (valgrind has none)");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
