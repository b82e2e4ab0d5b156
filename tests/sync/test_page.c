/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of history that make no sense, and other answers to a wish for it. */
#include "test.h"

#include <string.h>

#include "sync/hand.h"

#define HUGE ((int64_t)1 << 62)

static int
setup(void **state)
{
	static struct hand hand;

	hand_init(&hand);
	*state = &hand;
	return 0;
}

static int
teardown(void **state)
{
	hand_done(*state);
	return 0;
}

static int64_t
ask(struct hand *h)
{
	struct head head = hand_head(C1, 20);

	hand_greet(h, &head, 1);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_SKIP, .seq = 20, .from = 10 });
	hand_events(h, 10, 10, 20);
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_FETCH, .fetch = { 7, C1, 5, 10 } });
	assert_non_null(hand_fx(h, FX_FETCH, 0));
	return hand_fx(h, FX_FETCH, 0)->fetch.tag;
}

static void
bad_page(struct hand *h, int64_t lo, int64_t hi, int64_t floor, bool ops_only, int64_t seq)
{
	struct record r = { .seq = seq, .id = "x", .kind = REC_MSG, .kind_name = "msg",
		.from = "bob", .device = "", .cid = "", .ref = "", .body = "{}", .body_n = 2 };
	struct sync_input in = { .type = IN_PAGE };

	in.page.re = ask(h);
	in.page.conv = C1;
	in.page.epoch = "e1";
	in.page.lo = lo;
	in.page.hi = hi;
	in.page.floor = floor;
	in.page.ops_only = ops_only;
	in.page.v = &r;
	in.page.n = seq > 0;
	hand_step(h, in);
	assert_non_null(hand_fx(h, FX_HANGUP, 0));
}

static void
a_page_that_ends_before_it_begins_is_refused(void **state)
{
	bad_page(*state, 9, 7, 0, false, 0);
}

static void
a_page_with_a_floor_below_nothing_is_refused(void **state)
{
	bad_page(*state, 5, 10, -1, false, 0);
}

static void
a_page_of_another_kind_is_refused(void **state)
{
	bad_page(*state, 5, 10, 0, true, 0);
}

static void
a_page_with_a_record_outside_is_refused(void **state)
{
	bad_page(*state, 5, 10, 0, false, 11);
}

static void
an_empty_page_ends_the_wish_unless_it_tells_of_a_floor(void **state)
{
	struct hand *h = *state;
	struct sync_input in = { .type = IN_PAGE };

	in.page.re = ask(h);
	in.page.conv = C1;
	in.page.epoch = "e1";
	in.page.lo = in.page.hi = 8;
	in.page.floor = 8;
	hand_step(h, in);
	assert_true(sync_has_heads(h->s));
	assert_null(hand_fx(h, FX_FETCHED, 0));
	in.page.re = hand_fx(h, FX_FETCH, 0)->fetch.tag;
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.lo, 8);
	in.page.lo = in.page.hi = 9;
	hand_step(h, in);
	assert_int_equal(hand_fx(h, FX_FETCHED, 0)->fetched.code, CODE_NONE);
}

static void
history_of_another_epoch_subscribes_anew(void **state)
{
	struct hand *h = *state;
	struct sync_input in = { .type = IN_ERROR };

	in.error.re = ask(h);
	in.error.code = CODE_EPOCH;
	in.error.message = "another epoch";
	hand_step(h, in);
	assert_non_null(hand_fx(h, FX_SUB, 0));
}

static void
two_answers_of_another_epoch_subscribe_once(void **state)
{
	struct hand *h = *state;
	struct sync_input in = { .type = IN_ERROR };
	int64_t tag = ask(h);

	hand_step(h, (struct sync_input){ .type = IN_FETCH, .fetch = { 8, C1, 1, 3 } });
	in.error.re = hand_fx(h, FX_FETCH, 0)->fetch.tag;
	in.error.code = CODE_EPOCH;
	in.error.message = "another epoch";
	hand_step(h, in);
	assert_non_null(hand_fx(h, FX_SUB, 0));
	in.error.re = tag;
	hand_step(h, in);
	assert_null(hand_fx(h, FX_SUB, 0));
}

static void
a_floor_that_no_log_reaches_is_ignored(void **state)
{
	struct hand *h = *state;
	struct sync_input in = { .type = IN_PAGE };
	struct sync_conv c;

	in.page.re = ask(h);
	in.page.conv = C1;
	in.page.epoch = "e1";
	in.page.lo = 5;
	in.page.hi = 10;
	in.page.floor = HUGE;
	hand_step(h, in);
	assert_true(sync_find(h->s, C1, &c));
	assert_int_equal(c.floor, 0);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_page_that_ends_before_it_begins_is_refused),
		test(a_page_with_a_floor_below_nothing_is_refused),
		test(a_page_of_another_kind_is_refused),
		test(a_page_with_a_record_outside_is_refused),
		test(an_empty_page_ends_the_wish_unless_it_tells_of_a_floor),
		test(history_of_another_epoch_subscribes_anew),
		test(two_answers_of_another_epoch_subscribe_once),
		test(a_floor_that_no_log_reaches_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
