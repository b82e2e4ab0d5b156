/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coverage: disjoint, never adjacent, and holes are what is left. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "sync/ranges.h"

static void
add(struct ranges *r, int64_t lo, int64_t hi)
{
	assert_true(ranges_reserve(r, 1));
	assert_true(ranges_add(r, lo, hi));
}

static void
ranges_that_touch_become_one(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	add(&r, 10, 20);
	add(&r, 30, 40);
	assert_int_equal(r.n, 2);
	add(&r, 20, 30);
	assert_int_equal(r.n, 1);
	assert_true(ranges_cover(&r, 10, 40));
	assert_false(ranges_cover(&r, 9, 40));
	ranges_done(&r);
}

static void
holes_are_found_from_both_ends(void **state)
{
	struct ranges r = { 0 };
	struct span hole;

	(void)state;
	add(&r, 10, 20);
	add(&r, 30, 40);
	assert_true(ranges_hole(&r, 0, 50, true, &hole));
	assert_int_equal(hole.lo, 0);
	assert_int_equal(hole.hi, 10);
	assert_true(ranges_hole(&r, 0, 50, false, &hole));
	assert_int_equal(hole.lo, 40);
	assert_int_equal(hole.hi, 50);
	assert_true(ranges_hole(&r, 0, 35, false, &hole));
	assert_int_equal(hole.lo, 20);
	assert_int_equal(hole.hi, 30);
	assert_false(ranges_hole(&r, 12, 20, false, &hole));
	assert_false(ranges_hole(&r, 12, 20, true, &hole));
	ranges_done(&r);
}

static void
a_cut_forgets_what_is_above(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	add(&r, 10, 20);
	add(&r, 30, 40);
	ranges_cut(&r, 15);
	assert_int_equal(r.n, 1);
	assert_int_equal(ranges_top(&r), 15);
	ranges_cut(&r, 10);
	assert_int_equal(r.n, 0);
	ranges_done(&r);
}

static void
a_peer_cannot_make_more_ranges_than_the_cap(void **state)
{
	struct ranges r = { 0 };
	int64_t n = 0;

	(void)state;
	while (ranges_reserve(&r, 1) && ranges_add(&r, 2 * n, 2 * n + 1))
		n++;
	assert_int_equal(r.n, RANGES_MAX);
	ranges_done(&r);
}

/* Against a plain array of truth values. */
static void
random_unions_agree_with_a_bitmap(void **state)
{
	bool held[200];
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct ranges r = { 0 };
		struct span hole;

		memset(held, 0, sizeof held);
		for (int k = 0; k < 12; k++) {
			int lo, hi;

			seed = seed * 1103515245 + 12345;
			lo = (int)(seed >> 16) % 190;
			seed = seed * 1103515245 + 12345;
			hi = lo + 1 + (int)(seed >> 16) % 9;
			add(&r, lo, hi);
			for (int i = lo + 1; i <= hi; i++)
				held[i] = true;
		}
		for (size_t i = 1; i < r.n; i++)
			assert_true(r.v[i - 1].hi < r.v[i].lo);
		for (int i = 1; i < 199; i++)
			assert_int_equal(ranges_cover(&r, i - 1, i), held[i]);
		if (ranges_hole(&r, 0, 199, false, &hole))
			for (int64_t i = hole.lo + 1; i <= hole.hi; i++)
				assert_false(held[i]);
		ranges_done(&r);
	}
}

static void
without_room_nothing_is_added(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	assert_false(ranges_add(&r, 3, 5));
	assert_int_equal(r.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_room_nothing_is_added),
		cmocka_unit_test(ranges_that_touch_become_one),
		cmocka_unit_test(holes_are_found_from_both_ends),
		cmocka_unit_test(a_cut_forgets_what_is_above),
		cmocka_unit_test(a_peer_cannot_make_more_ranges_than_the_cap),
		cmocka_unit_test(random_unions_agree_with_a_bitmap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
