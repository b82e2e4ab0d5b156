/* SPDX-License-Identifier: GPL-3.0-or-later */
/* History on demand: holes from the newest down, pages, trimmed logs, failures. */
#include "test.h"

#include <string.h>

#include "sync/hand.h"

/* Live with (700,800] held of a log that has 800 records. */
static int
setup(void **state)
{
	static struct hand hand;
	struct head head = hand_head(C1, 800);

	hand_init(&hand);
	hand_greet(&hand, &head, 1);
	hand_subbed(&hand, (struct sync_subbed){ .mode = SUBBED_SKIP, .seq = 800, .from = 700 });
	hand_events(&hand, 700, 700, 800);
	hand_settle(&hand);
	*state = &hand;
	return 0;
}

static int
teardown(void **state)
{
	hand_done(*state);
	return 0;
}

static void
want(struct hand *h, int64_t lo, int64_t hi)
{
	hand_step(h, (struct sync_input){ .type = IN_FETCH, .fetch = { 77, C1, lo, hi } });
}

static void
what_is_held_is_there_at_once(void **state)
{
	struct hand *h = *state;

	want(h, 750, 800);
	assert_int_equal(hand_fx(h, FX_FETCHED, 0)->fetched.tag, 77);
	assert_int_equal(hand_fx(h, FX_FETCHED, 0)->fetched.code, CODE_NONE);
	assert_null(hand_fx(h, FX_FETCH, 0));
}

static void
what_came_but_is_not_stored_yet_is_waited_for(void **state)
{
	struct hand *h = *state;

	hand_events(h, 800, 800, 810);
	want(h, 800, 810);
	assert_null(hand_fx(h, FX_FETCHED, 0));
	hand_store(h);
	assert_int_equal(hand_fx(h, FX_FETCHED, 0)->fetched.tag, 77);
}

static void
a_hole_is_filled_page_by_page_from_its_newest_end(void **state)
{
	struct hand *h = *state;
	const struct sync_effect *e;
	int64_t tag;

	want(h, 500, 800);
	e = hand_fx(h, FX_FETCH, 0);
	assert_true(e->fetch.back);
	assert_int_equal(e->fetch.lo, 500);
	assert_int_equal(e->fetch.hi, 700);
	assert_int_equal(e->fetch.n, 100);
	hand_page(h, e->fetch.tag, 600, 700);
	assert_null(hand_fx(h, FX_FETCHED, 0));
	e = hand_fx(h, FX_FETCH, 0);
	assert_int_equal(e->fetch.hi, 600);
	tag = e->fetch.tag;
	hand_page(h, tag, 500, 600);
	assert_null(hand_fx(h, FX_FETCHED, 0));	/* not before it is stored */
	hand_store(h);
	assert_null(hand_fx(h, FX_FETCHED, 0));
	hand_store(h);
	assert_int_equal(hand_fx(h, FX_FETCHED, 0)->fetched.code, CODE_NONE);
}

static void
what_events_bring_is_told_when_it_is_stored(void **state)
{
	struct hand *h = *state;

	want(h, 600, 700);
	hand_step(h, (struct sync_input){ .type = IN_ERROR,
			.error = { hand_fx(h, FX_FETCH, 0)->fetch.tag, CODE_BUSY, "busy" } });
	hand_events(h, 600, 600, 700);
	assert_null(hand_fx(h, FX_FETCHED, 0));
	hand_store(h);
	assert_int_equal(hand_fx(h, FX_FETCHED, 0)->fetched.code, CODE_NONE);
}

static void
trimmed_ends_it_well(void **state)
{
	struct hand *h = *state;
	int64_t tag;

	want(h, 0, 100);
	tag = hand_fx(h, FX_FETCH, 0)->fetch.tag;
	hand_step(h, (struct sync_input){ .type = IN_ERROR,
			.error = { tag, CODE_TRIMMED, "gone" } });
	assert_int_equal(hand_change(h, CHANGE_RECORDS, 0)->records.floor, 100);
	assert_null(hand_fx(h, FX_FETCHED, 0));
	hand_store(h);
	assert_int_equal(hand_fx(h, FX_FETCHED, 0)->fetched.code, CODE_NONE);
}

static void
a_page_that_begins_at_the_floor_ends_it(void **state)
{
	struct sync_input in = { .type = IN_PAGE };
	struct hand *h = *state;

	want(h, 0, 700);
	in.page.re = hand_fx(h, FX_FETCH, 0)->fetch.tag;
	in.page.conv = C1;
	in.page.epoch = "e1";
	in.page.lo = 650;
	in.page.hi = 700;
	in.page.floor = 650;
	hand_step(h, in);
	hand_settle(h);
	assert_non_null(hand_fx(h, FX_FETCHED, 0));
}

static void
busy_is_asked_again_later(void **state)
{
	struct hand *h = *state;

	want(h, 600, 700);
	hand_step(h, (struct sync_input){ .type = IN_ERROR, .error = {
			hand_fx(h, FX_FETCH, 0)->fetch.tag, CODE_BUSY, "busy" } });
	assert_null(hand_fx(h, FX_FETCH, 0));
	hand_advance(h, 1000);
	assert_non_null(hand_fx(h, FX_FETCH, 0));
}

static void
a_refusal_is_told(void **state)
{
	struct hand *h = *state;

	want(h, 600, 700);
	hand_step(h, (struct sync_input){ .type = IN_ERROR, .error = {
			hand_fx(h, FX_FETCH, 0)->fetch.tag, CODE_FORBIDDEN, "no" } });
	assert_int_equal(hand_fx(h, FX_FETCHED, 0)->fetched.code, CODE_FORBIDDEN);
}

static void
a_dead_connection_fails_it(void **state)
{
	struct hand *h = *state;

	want(h, 600, 700);
	hand_down(h, 1006);
	assert_int_equal(hand_fx(h, FX_FETCHED, 0)->fetched.code, CODE_INTERNAL);
}

static void
a_page_beyond_what_was_asked_ends_the_connection(void **state)
{
	struct hand *h = *state;

	want(h, 600, 650);
	hand_page(h, hand_fx(h, FX_FETCH, 0)->fetch.tag, 600, 660);
	assert_int_equal(hand_fx(h, FX_HANGUP, 0)->hangup.code, 4400);
	assert_null(h->commit);
}

static void
a_page_nobody_asked_for_counts_for_credit_only(void **state)
{
	struct hand *h = *state;

	hand_page(h, 999, 600, 650);
	assert_null(h->commit);
	assert_null(hand_fx(h, FX_HANGUP, 0));
}

static void
cancelled_it_is_not_told(void **state)
{
	struct hand *h = *state;
	int64_t tag;

	want(h, 600, 700);
	tag = hand_fx(h, FX_FETCH, 0)->fetch.tag;
	hand_step(h, (struct sync_input){ .type = IN_FETCH_CANCEL, .fetch.tag = 77 });
	hand_page(h, tag, 600, 700);
	hand_settle(h);
	assert_null(hand_fx(h, FX_FETCHED, 0));
}

static void
operations_hidden_in_a_hole_are_covered_once(void **state)
{
	struct sync_input in = { .type = IN_PAGE };
	struct hand *h = *state;
	struct head head = hand_head(C1, 1500);

	hand_down(h, 1006);
	hand_advance(h, 60000);
	hand_greet(h, &head, 1);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_SKIP, .seq = 1500, .from = 1400 });
	hand_events(h, 1400, 1400, 1500);
	assert_true(hand_fx(h, FX_FETCH, 0)->fetch.ops_only);
	assert_false(hand_fx(h, FX_FETCH, 0)->fetch.back);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.lo, 800);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.hi, 1400);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.refs_lo, 701);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.refs_hi, 800);
	in.page.re = hand_fx(h, FX_FETCH, 0)->fetch.tag;
	in.page.conv = C1;
	in.page.epoch = "e1";
	in.page.lo = 800;
	in.page.hi = 1400;
	in.page.ops_only = true;
	hand_step(h, in);
	hand_settle(h);
	assert_null(hand_fx(h, FX_FETCH, 0));
	assert_true(sync_is_caught_up(h->s));
	want(h, 800, 1400);	/* the records themselves are still a hole */
	assert_non_null(hand_fx(h, FX_FETCH, 0));
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_is_held_is_there_at_once),
		test(what_came_but_is_not_stored_yet_is_waited_for),
		test(a_hole_is_filled_page_by_page_from_its_newest_end),
		test(what_events_bring_is_told_when_it_is_stored),
		test(trimmed_ends_it_well),
		test(a_page_that_begins_at_the_floor_ends_it),
		test(busy_is_asked_again_later),
		test(a_refusal_is_told),
		test(a_dead_connection_fails_it),
		test(a_page_beyond_what_was_asked_ends_the_connection),
		test(a_page_nobody_asked_for_counts_for_credit_only),
		test(cancelled_it_is_not_told),
		test(operations_hidden_in_a_hole_are_covered_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
