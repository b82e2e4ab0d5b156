/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory, arrays and buffers grow as told and no farther. */
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/mem.h"
#include "test.h"

static void
an_empty_buffer_reads_as_an_empty_string(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_string_equal(buf_str(&b), "");
	buf_clear(&b);
	buf_cut(&b, 0);
	buf_drop(&b, 0);
	assert_int_equal(b.n, 0);
	buf_done(&b);
}

static void
a_buffer_is_always_ended_by_nul(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (int i = 0; i < 300; i++) {
		assert_true(buf_addc(&b, 'a'));
		assert_int_equal(b.p[b.n], '\0');
	}
	assert_true(buf_addf(&b, "%d", 42));
	assert_string_equal(buf_str(&b) + 300, "42");
	buf_done(&b);
}

static void
a_buffer_takes_exactly_its_limit(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_true(buf_adds(&b, "hello"));
	assert_false(buf_addc(&b, '!'));
	assert_true(buf_add(&b, "", 0));
	assert_string_equal(buf_str(&b), "hello");
	buf_done(&b);
}

static void
what_does_not_fit_is_not_added_in_part(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_true(buf_adds(&b, "abc"));
	assert_false(buf_adds(&b, "def"));
	assert_false(buf_addf(&b, "%s", "def"));
	assert_string_equal(buf_str(&b), "abc");
	assert_true(buf_addf(&b, "%s", "de"));
	assert_string_equal(buf_str(&b), "abcde");
	buf_done(&b);
}

static void
a_huge_addition_does_not_overflow_the_sum(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_true(buf_adds(&b, "x"));
	assert_false(buf_add(&b, "y", SIZE_MAX));
	assert_string_equal(buf_str(&b), "x");
	buf_done(&b);
}

static void
dropping_takes_from_the_front_and_cutting_from_the_end(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_adds(&b, "one two three");
	buf_drop(&b, 4);
	assert_string_equal(buf_str(&b), "two three");
	buf_cut(&b, 3);
	assert_string_equal(buf_str(&b), "two");
	buf_drop(&b, 3);
	assert_string_equal(buf_str(&b), "");
	buf_done(&b);
}

static void
taking_hands_the_text_over_and_leaves_an_empty_buffer(void **state)
{
	struct buf b;
	char *p;

	(void)state;
	buf_init(&b, 5);
	buf_adds(&b, "abc");
	p = buf_take(&b);
	assert_string_equal(p, "abc");
	free(p);
	p = buf_take(&b);
	assert_string_equal(p, "");
	free(p);
	assert_true(buf_adds(&b, "12345"));
	assert_false(buf_addc(&b, '6'));
	buf_done(&b);
}

static void
an_array_keeps_order_when_elements_come_and_go(void **state)
{
	arr(int) a = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		arr_push(&a, i);
	arr_insert(&a, 0, -1);
	arr_remove(&a, 50);
	assert_int_equal(a.n, 100);
	assert_int_equal(a.v[0], -1);
	assert_int_equal(a.v[49], 48);
	assert_int_equal(a.v[50], 50);
	assert_int_equal(a.v[99], 99);
	arr_insert(&a, 100, 100);
	assert_int_equal(a.v[100], 100);
	arr_done(&a);
	assert_null(a.v);
}

static void
a_new_element_is_zero(void **state)
{
	struct pair { int a; void *b; };
	arr(struct pair) a = { 0 };

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct pair *p = arr_new(&a);

		assert_int_equal(p->a, 0);
		assert_null(p->b);
		p->a = 1;
		p->b = p;
	}
	assert_int_equal(a.n, 20);
	arr_done(&a);
}

static void
copies_are_exact_and_ended(void **state)
{
	char *s = xstrndup("hello", 3), *f = xasprintf("%s-%d", "x", 7), *d = xstrdup(s);

	(void)state;
	assert_string_equal(s, "hel");
	assert_string_equal(f, "x-7");
	assert_string_equal(d, "hel");
	assert_null(xstrdup(NULL));
	free(s);
	free(f);
	free(d);
}

static void
nothing_can_still_be_allocated(void **state)
{
	void *a = xmalloc(0), *b = xcalloc(0, 8), *c = xrealloc(NULL, 0), *d = xmemdup("", 0);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
	assert_non_null(d);
	free(a);
	free(b);
	free(c);
	free(d);
}

static void
a_copy_into_a_small_place_is_cut_and_says_so(void **state)
{
	char dst[4] = "xxx";

	(void)state;
	assert_true(str_copy(dst, sizeof dst, "abc"));
	assert_string_equal(dst, "abc");
	assert_false(str_copy(dst, sizeof dst, "defg"));
	assert_string_equal(dst, "def");
	assert_false(str_copy(dst, 0, "z"));
	assert_string_equal(dst, "def");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_reads_as_an_empty_string),
		cmocka_unit_test(a_buffer_is_always_ended_by_nul),
		cmocka_unit_test(a_buffer_takes_exactly_its_limit),
		cmocka_unit_test(what_does_not_fit_is_not_added_in_part),
		cmocka_unit_test(a_huge_addition_does_not_overflow_the_sum),
		cmocka_unit_test(dropping_takes_from_the_front_and_cutting_from_the_end),
		cmocka_unit_test(taking_hands_the_text_over_and_leaves_an_empty_buffer),
		cmocka_unit_test(an_array_keeps_order_when_elements_come_and_go),
		cmocka_unit_test(a_new_element_is_zero),
		cmocka_unit_test(copies_are_exact_and_ended),
		cmocka_unit_test(nothing_can_still_be_allocated),
		cmocka_unit_test(a_copy_into_a_small_place_is_cut_and_says_so),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
