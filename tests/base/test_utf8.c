/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 is read strictly: the cases of Unicode 15, section 3.9. */
#include "base/utf8.h"

#include <string.h>

#include "test.h"

static void
every_scalar_value_survives_a_round_trip(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		char p[4];
		uint32_t back;
		int n;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		n = utf8_put(cp, p);
		assert_int_equal(utf8_next(p, (size_t)n, &back), n);
		assert_int_equal(back, cp);
	}
}

/* The lengths of the bad subparts, one after another, positive where a character is good. */
static void
assert_parts(const char *p, size_t n, const int *parts)
{
	while (n > 0) {
		uint32_t cp;
		int len = utf8_next(p, n, &cp);

		assert_int_equal(len, *parts++);
		if (len < 0) {
			assert_int_equal(cp, 0xfffd);
			len = -len;
		}
		p += len;
		n -= (size_t)len;
	}
	assert_int_equal(*parts, 0);
}

#define PARTS(s, ...) \
	assert_parts(s, sizeof s - 1, (const int[]){ __VA_ARGS__, 0 })

static void
overlong_forms_are_bad_byte_by_byte(void **state)
{
	(void)state;
	PARTS("\xc0\xaf", -1, -1);
	PARTS("\xe0\x80\xbf", -1, -1, -1);
	PARTS("\xf0\x81\x82\x41", -1, -1, -1, 1);
	PARTS("\xf0\x80\x80\xaf", -1, -1, -1, -1);
}

static void
surrogates_are_bad(void **state)
{
	(void)state;
	PARTS("\xed\xa0\x80\xed\xbf\xbf", -1, -1, -1, -1, -1, -1);
}

static void
what_lies_above_10ffff_is_bad(void **state)
{
	(void)state;
	PARTS("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", -1, -1, -1, -1, -1, 1, -1, -1, 1);
	PARTS("\xf4\x8f\xbf\xbf", 4);
}

static void
a_truncated_sequence_is_one_bad_subpart(void **state)
{
	(void)state;
	PARTS("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", -2, -1, -3, -2, 1);
	PARTS("\xe2\x82", -2);
	PARTS("\xf0\x9f\x98", -3);
	PARTS("\xc3", -1);
}

static void
validity_names_the_first_bad_byte(void **state)
{
	size_t bad = 99;

	(void)state;
	assert_true(utf8_valid("", 0, &bad));
	assert_true(utf8_valid("caf\xc3\xa9 \xf0\x9f\x98\x80 abcdefghijkl", 23, &bad));
	assert_int_equal(bad, 99);
	assert_false(utf8_valid("abcdefghijkl\xff", 13, &bad));
	assert_int_equal(bad, 12);
	assert_false(utf8_valid("\xc3\xa9\xe2\x82", 4, &bad));
	assert_int_equal(bad, 2);
	assert_false(utf8_valid("\x80", 1, NULL));
}

static void
a_nul_is_a_character_like_any_other(void **state)
{
	(void)state;
	assert_true(utf8_valid("a\0b", 3, NULL));
	PARTS("a\0b", 1, 1, 1);
}

static void
a_cut_never_splits_a_character(void **state)
{
	const char *s = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";
	const size_t expect[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11 };

	(void)state;
	for (size_t n = 0; n < countof(expect); n++)
		assert_int_equal(utf8_cut(s, n), expect[n]);
}

static void
a_cut_in_rubbish_loses_nothing(void **state)
{
	(void)state;
	assert_int_equal(utf8_cut("\x80\x80\x80\x80\x80", 5), 5);
	assert_int_equal(utf8_cut("\x80", 1), 1);
	assert_int_equal(utf8_cut("\xff", 1), 1);
}

static void
ascii_is_measured_to_its_end(void **state)
{
	char s[40];

	(void)state;
	for (size_t at = 0; at < sizeof s; at++) {
		memset(s, 'a', sizeof s);
		s[at] = (char)0xc3;
		assert_int_equal(utf8_ascii(s, sizeof s), at);
	}
	memset(s, 'a', sizeof s);
	assert_int_equal(utf8_ascii(s, sizeof s), sizeof s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scalar_value_survives_a_round_trip),
		cmocka_unit_test(overlong_forms_are_bad_byte_by_byte),
		cmocka_unit_test(surrogates_are_bad),
		cmocka_unit_test(what_lies_above_10ffff_is_bad),
		cmocka_unit_test(a_truncated_sequence_is_one_bad_subpart),
		cmocka_unit_test(validity_names_the_first_bad_byte),
		cmocka_unit_test(a_nul_is_a_character_like_any_other),
		cmocka_unit_test(a_cut_never_splits_a_character),
		cmocka_unit_test(a_cut_in_rubbish_loses_nothing),
		cmocka_unit_test(ascii_is_measured_to_its_end),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
