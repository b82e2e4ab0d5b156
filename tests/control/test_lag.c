/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A front that does not read costs a bounded number of events, and hears of all in the end. */
#include "control/lag.h"

#include <stdio.h>
#include <stdlib.h>

#include "test.h"

static struct event
conv(const char *id, int64_t lo, int64_t hi)
{
	struct event ev = { .type = EV_CONV, .account = "a", .conv = id, .name = "#x" };

	ev.convs.topic = ev.convs.epoch = "";
	ev.convs.changed_lo = lo;
	ev.convs.changed_hi = hi;
	ev.convs.head = hi;
	return ev;
}

static void
events_of_a_conversation_merge_into_one(void **state)
{
	struct lag *l = lag_new();
	struct event a = conv("c_1", 4, 5), b = conv("c_2", 7, 8), c = conv("c_1", 9, 12), *got;

	(void)state;
	a.convs.live = true;
	lag_add(l, &a);
	lag_add(l, &b);
	lag_add(l, &c);
	got = lag_take(l);
	assert_string_equal(got->conv, "c_1");
	assert_int_equal(got->convs.changed_lo, 4);
	assert_int_equal(got->convs.changed_hi, 12);
	assert_int_equal(got->convs.head, 12);
	assert_true(got->convs.live);
	free(got);
	got = lag_take(l);
	assert_string_equal(got->conv, "c_2");
	free(got);
	assert_null(lag_take(l));
	assert_true(lag_is_empty(l));
	lag_free(l);
}

static void
an_event_without_rows_does_not_hide_those_before_it(void **state)
{
	struct lag *l = lag_new();
	struct event a = conv("c_1", 4, 5), b = conv("c_1", 0, 0), *got;

	(void)state;
	lag_add(l, &a);
	lag_add(l, &b);
	got = lag_take(l);
	assert_int_equal(got->convs.changed_lo, 4);
	assert_int_equal(got->convs.changed_hi, 5);
	free(got);
	lag_free(l);
}

static void
typing_is_not_kept(void **state)
{
	struct lag *l = lag_new();
	struct event ev = { .type = EV_TYPING, .account = "a", .conv = "c", .name = "" };

	(void)state;
	ev.typing.from = "bob";
	lag_add(l, &ev);
	assert_true(lag_is_empty(l));
	lag_free(l);
}

static void
too_many_become_one_that_says_look_at_everything(void **state)
{
	struct lag *l = lag_new();
	struct event *got;
	char id[16];
	int n = 0, all = 0;

	(void)state;
	for (int i = 0; i < LAG_MAX + 5; i++) {
		struct event ev;

		snprintf(id, sizeof id, "c_%d", i);
		ev = conv(id, i, i + 1);
		lag_add(l, &ev);
	}
	for (; (got = lag_take(l)); n++) {
		all += got->type == EV_MIRROR && *got->account == '\0';
		free(got);
	}
	assert_int_equal(all, 1);
	assert_true(n <= LAG_MAX);
	lag_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_of_a_conversation_merge_into_one),
		cmocka_unit_test(an_event_without_rows_does_not_hide_those_before_it),
		cmocka_unit_test(typing_is_not_kept),
		cmocka_unit_test(too_many_become_one_that_says_look_at_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
