/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tail: in order, nothing lost, nothing twice, whatever happens to events and to the log. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "fake.h"
#include "test.h"

static void
it_gives_what_comes_from_now_on(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_row(&f, 1, "old");
	fake_line(&f, "tail #lobby --raw");
	fake_row(&f, 2, "new");
	fake_row(&f, 3, "newer");
	fake_event(&f, EV_CONV);
	assert_non_null(strstr(buf_str(&f.out), "<ann> new\n"));
	assert_non_null(strstr(buf_str(&f.out), "<ann> newer\n"));
	assert_null(strstr(buf_str(&f.out), "old"));
	fake_done(&f);
}

static void
many_rows_behind_one_event_all_come_once(void **state)
{
	const char *p;
	struct fake f;
	int n = 0;

	(void)state;
	fake_init(&f);
	f.ctx.json = true;
	fake_row(&f, 1, "old");
	fake_line(&f, "tail #lobby --count 5000");
	for (int i = 2; i <= 6000; i++)
		fake_row(&f, i, "x");
	fake_event(&f, EV_CONV);
	for (p = buf_str(&f.out); (p = strstr(p, "\"seq\":")); p++)
		assert_int_equal(strtol(p + 6, NULL, 10), ++n + 1);
	assert_int_equal(n, 5000);
	assert_true(f.is_done);
	assert_int_equal(f.err.kind, ERR_NONE);
	fake_done(&f);
}

static void
a_hole_is_fetched_before_what_follows_is_given(void **state)
{
	struct gap g = { 1, 3 };
	struct fake_row two, three;
	struct fake_call *fetch;
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_row(&f, 1, "old");
	fake_line(&f, "tail #lobby");
	fake_row(&f, 4, "four");
	arr_push(&f.gaps, g);
	f.on_call = (void (*)(struct fake *, struct fake_call *))fake_answer;
	f.on_call = NULL;
	/* The hole is still there when the fetch is answered: nothing comes. */
	fetch = NULL;
	fake_event(&f, EV_CONV);
	for (size_t i = 0; i < f.calls.n; i++)
		if (f.calls.v[i]->rq.verb == VERB_FETCH)
			fetch = f.calls.v[i];
	assert_non_null(fetch);
	assert_int_equal(fetch->rq.lo, 1);
	assert_int_equal(fetch->rq.hi, 3);
	assert_int_equal(f.out.n, 0);
	three = *fake_row(&f, 3, "three");
	two = *fake_row(&f, 2, "two");
	f.rows.v[1] = two;
	f.rows.v[2] = three;
	fake_row(&f, 4, "four");
	f.rows.v[3] = f.rows.v[4];
	f.rows.n = 4;
	f.gaps.n = 0;
	fake_event(&f, EV_CONV);
	assert_non_null(strstr(buf_str(&f.out),
			"<ann> two\n10:03 <ann> three\n10:04 <ann> four\n"));
	fake_done(&f);
}

static void
after_a_fork_of_the_log_nothing_comes_twice_by_id(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	f.ctx.json = true;
	fake_row(&f, 1, "a");
	fake_line(&f, "tail #lobby");
	fake_row(&f, 2, "b");
	fake_row(&f, 3, "c");
	fake_event(&f, EV_CONV);
	buf_clear(&f.out);
	/* The new log keeps 2 and has another 3. */
	str_copy(f.epoch, sizeof f.epoch, "e2");
	str_copy(f.rows.v[2].id, sizeof f.rows.v[2].id, "other-3");
	str_copy(f.rows.v[2].text, sizeof f.rows.v[2].text, "C");
	fake_event(&f, EV_CONV);
	assert_null(strstr(buf_str(&f.out), "\"seq\":2,"));
	assert_non_null(strstr(buf_str(&f.out), "\"id\":\"other-3\""));
	buf_clear(&f.out);
	fake_event(&f, EV_CONV);
	assert_int_equal(f.out.n, 0);
	fake_done(&f);
}

static void
only_the_kinds_asked_for_come(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_line(&f, "tail #lobby --kinds topic --since-seq 0");
	fake_row(&f, 1, "message");
	fake_row(&f, 2, "")->kind = REC_TOPIC;
	str_copy(f.rows.v[1].body, 256, "{\"text\":\"release\"}");
	fake_event(&f, EV_CONV);
	assert_null(strstr(buf_str(&f.out), "message"));
	assert_non_null(strstr(buf_str(&f.out), "-- ann sets the topic: release\n"));
	cmd_stop(f.run, SIGINT);
	fake_line(&f, "tail #lobby --kinds dance");
	assert_int_equal(f.err.kind, ERR_USAGE);
	fake_done(&f);
}

static void
the_newest_n_come_first(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	for (int i = 1; i < 10; i++)
		fake_row(&f, i, "x");
	f.ctx.json = true;
	fake_line(&f, "tail #lobby -n 2 --count 2");
	assert_true(f.is_done);
	assert_null(strstr(buf_str(&f.out), "\"seq\":7,"));
	assert_non_null(strstr(buf_str(&f.out), "\"seq\":8,"));
	assert_non_null(strstr(buf_str(&f.out), "\"seq\":9,"));
	fake_done(&f);
}

static void
a_mirror_that_was_opened_anew_is_looked_at(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_line(&f, "tail #lobby --since-seq 0");
	fake_row(&f, 1, "a");
	fake_event(&f, EV_MIRROR);
	assert_non_null(strstr(buf_str(&f.out), "<ann> a\n"));
	fake_done(&f);
}

static void
an_interrupt_is_130_and_a_closed_pipe_141(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_line(&f, "tail #lobby --since-seq 0");
	cmd_stop(f.run, SIGINT);
	assert_int_equal(f.err.kind, ERR_INTERRUPT);
	fake_line(&f, "tail #lobby --since-seq 0");
	f.is_closed = true;
	fake_row(&f, 1, "a");
	fake_event(&f, EV_CONV);
	assert_true(f.is_done);
	assert_int_equal(f.err.kind, ERR_PIPE);
	fake_done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_gives_what_comes_from_now_on),
		cmocka_unit_test(many_rows_behind_one_event_all_come_once),
		cmocka_unit_test(a_hole_is_fetched_before_what_follows_is_given),
		cmocka_unit_test(after_a_fork_of_the_log_nothing_comes_twice_by_id),
		cmocka_unit_test(only_the_kinds_asked_for_come),
		cmocka_unit_test(the_newest_n_come_first),
		cmocka_unit_test(a_mirror_that_was_opened_anew_is_looked_at),
		cmocka_unit_test(an_interrupt_is_130_and_a_closed_pipe_141),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
