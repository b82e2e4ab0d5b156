/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timers, descriptors, signals, work, wakes and turns, on the real loop and on the fake one
 * alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"

#define DEADLINE_MS 10000

/* What the callbacks leave behind. */
struct seen {
	struct loop *l;
	struct loop_timer *timer;
	struct loop_fd *fd;
	struct loop_work *work;
	int fds[2];
	int calls, turns, events, signum;
	char order[32];
};

static void
on_deadline(void *arg)
{
	(void)arg;
	fail_msg("the deadline has passed");
}

static int
real_setup(void **state)
{
	struct seen *s = calloc(1, sizeof *s);

	s->l = loop_new(NULL);
	assert_non_null(s->l);
	loop_timer_start(s->l, DEADLINE_MS, on_deadline, NULL);
	*state = s;
	return 0;
}

static int
fake_setup(void **state)
{
	struct seen *s = calloc(1, sizeof *s);

	s->l = loop_fake_new();
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct seen *s = *state;

	loop_free(s->l);
	for (int i = 0; i < 2; i++)
		if (s->fds[i])
			close(s->fds[i]);
	free(s);
	return 0;
}

static void
count(void *arg)
{
	struct seen *s = arg;

	s->calls++;
}

static void
count_and_quit(void *arg)
{
	struct seen *s = arg;

	s->calls++;
	loop_quit(s->l);
}

static void
quit_at_third(void *arg)
{
	struct seen *s = arg;

	if (++s->calls == 3)
		loop_quit(s->l);
}

static void
a_one_shot_runs_once(void **state)
{
	struct seen *s = *state;

	loop_timer_start(s->l, 5, count_and_quit, s);
	loop_run(s->l);
	loop_once(s->l, false);
	assert_int_equal(s->calls, 1);
}

static void
a_repeating_timer_runs_until_stopped(void **state)
{
	struct seen *s = *state;
	struct loop_timer *t = loop_timer_repeat(s->l, 2, quit_at_third, s);

	loop_run(s->l);
	loop_timer_stop(t);
	for (int i = 0; i < 10; i++)
		loop_once(s->l, false);
	assert_int_equal(s->calls, 3);
}

static void
stop_self(void *arg)
{
	struct seen *s = arg;

	s->calls++;
	loop_timer_stop(s->timer);
	loop_quit(s->l);
}

static void
a_timer_may_stop_itself(void **state)
{
	struct seen *s = *state;

	s->timer = loop_timer_repeat(s->l, 1, stop_self, s);
	loop_run(s->l);
	for (int i = 0; i < 10; i++)
		loop_once(s->l, false);
	assert_int_equal(s->calls, 1);
	s->timer = loop_timer_start(s->l, 1, stop_self, s);
	loop_run(s->l);
	assert_int_equal(s->calls, 2);
}

static void
mark(struct seen *s, char c)
{
	size_t n = strlen(s->order);

	if (n < sizeof s->order - 1)
		s->order[n] = c;
}

static void
mark_a(void *arg)
{
	mark(arg, 'a');
}

static void
mark_b(void *arg)
{
	mark(arg, 'b');
}

static void
timers_run_in_the_order_they_fall_due(void **state)
{
	struct seen *s = *state;

	loop_timer_start(s->l, 20, mark_b, s);
	loop_timer_start(s->l, 10, mark_a, s);
	loop_timer_start(s->l, 30, mark_a, s);
	loop_timer_start(s->l, 40, count_and_quit, s);
	loop_run(s->l);
	assert_string_equal(s->order, "aba");
}

static void
restart_now(void *arg)
{
	struct seen *s = arg;

	s->calls++;
	loop_timer_start(s->l, 0, restart_now, s);
}

static void
quit_on_event(void *arg, int events)
{
	struct seen *s = arg;

	s->events = events;
	loop_quit(s->l);
}

static void
a_timer_that_starts_itself_at_once_starves_nobody(void **state)
{
	struct seen *s = *state;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s->fds), 0);
	assert_int_equal(write(s->fds[1], "x", 1), 1);
	loop_timer_start(s->l, 0, restart_now, s);
	loop_fd_start(s->l, s->fds[0], LOOP_READ, quit_on_event, s, NULL);
	loop_run(s->l);
	assert_int_equal(s->events, LOOP_READ);
}

static void
a_descriptor_is_level_triggered(void **state)
{
	struct seen *s = *state;
	struct loop_fd *f;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s->fds), 0);
	f = loop_fd_start(s->l, s->fds[0], LOOP_READ | LOOP_WRITE, quit_on_event, s, NULL);
	loop_run(s->l);
	assert_int_equal(s->events, LOOP_WRITE);
	loop_fd_change(f, LOOP_READ);
	assert_int_equal(write(s->fds[1], "x", 1), 1);
	for (int i = 0; i < 2; i++) {
		s->events = 0;
		loop_run(s->l);
		assert_int_equal(s->events, LOOP_READ);
	}
	loop_fd_stop(f);
	s->events = 0;
	loop_once(s->l, false);
	assert_int_equal(s->events, 0);
}

static void
a_broken_pipe_is_an_error_event(void **state)
{
	struct seen *s = *state;

	assert_int_equal(pipe(s->fds), 0);
	close(s->fds[0]);
	s->fds[0] = 0;
	loop_fd_start(s->l, s->fds[1], LOOP_WRITE, quit_on_event, s, NULL);
	loop_run(s->l);
	assert_true(s->events & LOOP_ERROR);
	assert_true(s->events & LOOP_WRITE);
}

static void
who_asks_for_errors_alone_hears_that_the_other_end_is_gone(void **state)
{
	struct seen *s = *state;

	for (int is_socket = 0; is_socket < 2; is_socket++) {
		struct loop_fd *f;

		assert_int_equal(is_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, s->fds)
				: pipe(s->fds), 0);
		f = loop_fd_start(s->l, s->fds[1], LOOP_ERROR, quit_on_event, s, NULL);
		s->events = 0;
		loop_once(s->l, false);
		assert_int_equal(s->events, 0);
		close(s->fds[0]);
		s->fds[0] = 0;
		loop_run(s->l);
		assert_int_equal(s->events, LOOP_ERROR);
		loop_fd_stop(f);
		close(s->fds[1]);
		s->fds[1] = 0;
	}
}

static void
a_regular_file_is_always_ready(void **state)
{
	struct seen *s = *state;
	struct loop_fd *f;

	s->fds[0] = open("/proc/self/exe", O_RDONLY);
	f = loop_fd_start(s->l, s->fds[0], LOOP_READ, quit_on_event, s, NULL);
	assert_non_null(f);
	for (int i = 0; i < 2; i++) {
		s->events = 0;
		loop_run(s->l);
		assert_int_equal(s->events, LOOP_READ);
	}
	loop_fd_change(f, 0);
	s->events = 0;
	loop_once(s->l, false);
	assert_int_equal(s->events, 0);
	loop_fd_stop(f);
}

static void
the_flags_of_a_descriptor_stay_as_they_are(void **state)
{
	struct seen *s = *state;

	assert_int_equal(pipe(s->fds), 0);
	loop_fd_start(s->l, s->fds[0], LOOP_READ, quit_on_event, s, NULL);
	assert_false(fcntl(s->fds[0], F_GETFL) & O_NONBLOCK);
}

static void
a_bad_descriptor_is_refused(void **state)
{
	struct seen *s = *state;
	struct err err = {0};

	assert_null(loop_fd_start(s->l, 9999, LOOP_READ, quit_on_event, s, &err));
	assert_int_equal(err.kind, ERR_FAIL);
	assert_non_null(strstr(err.msg, "9999"));
}

static void
on_signal(void *arg, int signum)
{
	struct seen *s = arg;

	s->signum = signum;
	loop_quit(s->l);
}

static void
a_signal_arrives_on_the_loop(void **state)
{
	struct seen *s = *state;
	struct loop_signal *g = loop_signal_start(s->l, SIGWINCH, on_signal, s, NULL);

	if (loop_native(s->l))
		raise(SIGWINCH);
	else
		loop_fake_signal(s->l, SIGWINCH);
	loop_run(s->l);
	assert_int_equal(s->signum, SIGWINCH);
	loop_signal_stop(g);
}

static void
work_then_done(void **state)
{
	struct seen *s = *state;

	loop_work_start(s->l, mark_a, count_and_quit, s);
	loop_run(s->l);
	assert_string_equal(s->order, "a");
	assert_int_equal(s->calls, 1);
}

static void
work_in_hand(void *arg)
{
	struct seen *s = arg;

	assert_int_equal(write(s->fds[1], "r", 1), 1);	/* it runs */
	usleep(20000);
	mark_a(s);
}

static void
stopped_work_is_waited_for_and_not_reported(void **state)
{
	struct seen *s = *state;
	struct loop_work *w;
	char c;

	assert_int_equal(pipe(s->fds), 0);
	w = loop_work_start(s->l, work_in_hand, count, s);
	assert_int_equal(read(s->fds[0], &c, 1), 1);
	loop_work_stop(w);
	assert_string_equal(s->order, "a");
	loop_timer_start(s->l, 5, count_and_quit, s);
	loop_run(s->l);
	assert_int_equal(s->calls, 1);
}

static void *
send_many(void *arg)
{
	for (int i = 0; i < 1000; i++)
		loop_wake_send(arg);
	return NULL;
}

static void
wakes_of_another_thread_are_merged(void **state)
{
	struct seen *s = *state;
	struct loop_wake *w = loop_wake_start(s->l, count_and_quit, s);
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, send_many, w), 0);
	loop_run(s->l);
	pthread_join(thread, NULL);
	loop_once(s->l, false);
	assert_in_range(s->calls, 1, 1000);
	loop_wake_stop(w);
}

static void
turn_mark(void *arg)
{
	struct seen *s = arg;

	s->turns++;
	if (s->calls > 0 && !s->order[0])
		mark_a(s);
}

static void
a_turn_ends_after_its_handlers_and_before_sleep(void **state)
{
	struct seen *s = *state;
	struct loop_turn *t = loop_turn_start(s->l, turn_mark, s);

	loop_timer_start(s->l, 1, count, s);
	while (s->calls == 0)
		loop_once(s->l, true);
	assert_string_equal(s->order, "a");
	loop_timer_start(s->l, 5, count_and_quit, s);
	loop_run(s->l);
	loop_turn_stop(t);
	s->turns = 0;
	loop_once(s->l, false);
	assert_int_equal(s->turns, 0);
}

static void
emit_in_turn(void *arg)
{
	struct seen *s = arg;

	if (s->turns++ == 0)
		loop_timer_start(s->l, 0, count_and_quit, s);
}

static void
what_a_turn_starts_is_not_slept_over(void **state)
{
	struct seen *s = *state;
	int64_t before = loop_now(s->l);

	loop_turn_start(s->l, emit_in_turn, s);
	loop_timer_start(s->l, 5000, count_and_quit, s);
	loop_run(s->l);
	assert_int_equal(s->calls, 1);
	assert_true(loop_now(s->l) - before < 5000);
}

static void
what_is_left_is_stopped_with_the_loop(void **state)
{
	struct seen *s = *state;

	assert_int_equal(pipe(s->fds), 0);
	loop_timer_repeat(s->l, 1, count, s);
	loop_fd_start(s->l, s->fds[0], LOOP_READ, quit_on_event, s, NULL);
	loop_wake_send(loop_wake_start(s->l, count, s));
	loop_signal_start(s->l, SIGWINCH, on_signal, s, NULL);
	loop_turn_start(s->l, count, s);
	loop_free(s->l);
	assert_int_equal(s->calls, 0);
	s->l = loop_fake_new();
}

static void
the_fake_clock_stands_still_until_turned(void **state)
{
	struct seen *s = *state;
	int64_t start = loop_now(s->l);

	loop_timer_start(s->l, 60000, count, s);
	loop_timer_repeat(s->l, 25000, mark_a, s);
	loop_fake_advance(s->l, 59999);
	assert_int_equal(s->calls, 0);
	assert_string_equal(s->order, "aa");
	loop_fake_advance(s->l, 1);
	assert_int_equal(s->calls, 1);
	assert_int_equal(loop_now(s->l) - start, 60000);
}

#define BOTH(f) cmocka_unit_test_setup_teardown(f, real_setup, teardown), \
	{ #f "_in_the_fake_loop", f, fake_setup, teardown, NULL }

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_one_shot_runs_once),
		BOTH(a_repeating_timer_runs_until_stopped),
		BOTH(a_timer_may_stop_itself),
		BOTH(timers_run_in_the_order_they_fall_due),
		BOTH(a_timer_that_starts_itself_at_once_starves_nobody),
		BOTH(a_descriptor_is_level_triggered),
		BOTH(a_broken_pipe_is_an_error_event),
		cmocka_unit_test_setup_teardown(
				who_asks_for_errors_alone_hears_that_the_other_end_is_gone,
				real_setup, teardown),
		BOTH(a_regular_file_is_always_ready),
		BOTH(the_flags_of_a_descriptor_stay_as_they_are),
		cmocka_unit_test_setup_teardown(a_bad_descriptor_is_refused, real_setup, teardown),
		BOTH(a_signal_arrives_on_the_loop),
		BOTH(work_then_done),
		cmocka_unit_test_setup_teardown(stopped_work_is_waited_for_and_not_reported,
				real_setup, teardown),
		BOTH(wakes_of_another_thread_are_merged),
		BOTH(a_turn_ends_after_its_handlers_and_before_sleep),
		BOTH(what_a_turn_starts_is_not_slept_over),
		BOTH(what_is_left_is_stopped_with_the_loop),
		cmocka_unit_test_setup_teardown(the_fake_clock_stands_still_until_turned,
				fake_setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
