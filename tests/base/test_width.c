/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grapheme clusters have one width for the whole program. */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "test.h"

#define ZWJ "\u200d"
#define VS16 "\ufe0f"

/* s is one cluster of that width, also with a letter behind it. */
static void
assert_cluster(const char *s, int expect)
{
	char longer[128];
	size_t n = strlen(s);
	int width = -1;

	if (text_cluster(s, n, &width) != n)
		fail_msg("not one cluster: %s", s);
	if (width != expect)
		fail_msg("%s is %d wide, not %d", s, width, expect);
	memcpy(longer, s, n);
	longer[n] = 'x';
	assert_int_equal(text_cluster(longer, n + 1, NULL), n);
	assert_int_equal(text_width(longer, n + 1), expect + 1);
}

static void
a_letter_is_one_column_wide(void **state)
{
	(void)state;
	assert_cluster("a", 1);
	assert_cluster("\u00e9", 1);
	assert_cluster("\u0430", 1);
	assert_cluster("\ue0b0", 1);
	assert_cluster("\ufffd", 1);
	assert_cluster("\u241b", 1);
}

static void
east_asian_characters_are_two_columns_wide(void **state)
{
	(void)state;
	assert_cluster("\u4f60", 2);
	assert_cluster("\u3042", 2);
	assert_cluster("\ud55c", 2);
	assert_cluster("\uff21", 2);
	assert_cluster("\u3000", 2);
	/* three jamo make one syllable */
	assert_cluster("\u1112\u1161\u11ab", 2);
}

static void
combining_marks_take_no_column(void **state)
{
	(void)state;
	assert_cluster("e\u0301", 1);
	assert_cluster("a\u0301\u0302\u0303\u0304", 1);
	assert_cluster("\u4f60\u0301", 2);
	assert_cluster("\u0301", 0);
	assert_cluster("\u0e19\u0e49", 1);
}

static void
spacing_marks_take_a_column(void **state)
{
	(void)state;
	assert_cluster("\u0915\u093e", 2);
	assert_cluster("\u0915\u094d", 1);
	assert_cluster("\u0d15\u0d46\u0d3e", 2);
}

static void
emoji_are_two_columns_wide_whatever_they_are_made_of(void **state)
{
	(void)state;
	assert_cluster("\U0001f600", 2);
	assert_cluster("\U0001fae8", 2);
	assert_cluster("\U0001f44d\U0001f3fd", 2);
	assert_cluster("\U0001f468" ZWJ "\U0001f469" ZWJ "\U0001f467" ZWJ "\U0001f466", 2);
	assert_cluster("\U0001f469\U0001f3fb" ZWJ "\u2764" VS16 ZWJ "\U0001f48b" ZWJ
		       "\U0001f468\U0001f3ff", 2);
	assert_cluster("\U0001f3f3" VS16 ZWJ "\U0001f308", 2);
	assert_cluster("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067"
		       "\U000e007f", 2);
}

static void
a_selector_makes_a_sign_wide(void **state)
{
	(void)state;
	assert_cluster("\u2764", 1);
	assert_cluster("\u2764" VS16, 2);
	assert_cluster("1" VS16 "\u20e3", 2);
	assert_cluster("*" VS16 "\u20e3", 2);
	assert_cluster("\u00a9" VS16, 2);
	/* a letter does not listen to it */
	assert_cluster("a" VS16, 1);
}

static void
flags_are_pairs(void **state)
{
	static const char s[] = "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7\U0001f1fa";

	(void)state;
	assert_cluster("\U0001f1e9\U0001f1ea", 2);
	assert_cluster("\U0001f1e9", 1);
	assert_int_equal(text_cluster(s, sizeof s - 1, NULL), 8);
	assert_int_equal(text_width(s, sizeof s - 1), 5);
}

static void
what_a_terminal_gives_a_column_is_a_cluster_of_its_own(void **state)
{
	(void)state;
	/* by UAX 29 one cluster each, but drawn as two */
	assert_int_equal(text_cluster("a\U0001f3fd", 5, NULL), 1);
	assert_int_equal(text_cluster("\u1100\u1100", 6, NULL), 3);
	assert_int_equal(text_cluster("\u0600\U0001f201", 6, NULL), 2);
	assert_int_equal(text_width("a\U0001f3fd", 5), 3);
	assert_int_equal(text_width("\u1100\u1100", 6), 4);
}

static void
a_cluster_has_an_end(void **state)
{
	char s[2001] = "a";

	(void)state;
	for (size_t i = 1; i < sizeof s; i += 2)
		memcpy(s + i, "\u0301", 2);
	assert_int_equal(text_cluster(s, sizeof s, NULL), 1 + 31 * 2);
}

static void
bad_bytes_end_a_cluster(void **state)
{
	int width;

	(void)state;
	assert_int_equal(text_cluster("a\xff", 2, &width), 1);
	assert_int_equal(text_cluster("\xff", 1, &width), 1);
	assert_int_equal(width, 1);
	assert_int_equal(text_cluster("\xe2\x82", 2, &width), 2);
}

/* What the sanitiser would not let through has a width all the same. */
static void
unclean_text_is_measured_without_harm(void **state)
{
	(void)state;
	assert_int_equal(text_width("a\x1b\n\x7f\xc2\x9b", 6), 1);
	assert_int_equal(text_width("\u200b\u202e\ufeff", 9), 0);
	assert_int_equal(text_width("\u2028", 3), 1);
	assert_int_equal(text_width("\u0378\ufffe", 5), 2);
	assert_int_equal(text_width("\ud7b0\U00010000", 7), 1);
}

static void
the_width_of_a_run_is_the_sum(void **state)
{
	static const char s[] = "ab \u4f60\u597d e\u0301 \U0001f44d\U0001f3fd!";

	(void)state;
	assert_int_equal(text_width("", 0), 0);
	assert_int_equal(text_width(s, sizeof s - 1), 3 + 4 + 1 + 1 + 1 + 2 + 1);
}

static void
what_fits_is_whole_clusters(void **state)
{
	static const char s[] = "ae\u0301\u4f60b";
	size_t used = 99;

	(void)state;
	/* a, e with its accent, a wide one, b: 1 + 3 + 3 + 1 bytes */
	assert_int_equal(text_fit(s, 8, 0, &used), 0);
	assert_int_equal(used, 0);
	assert_int_equal(text_fit(s, 8, 1, &used), 1);
	assert_int_equal(text_fit(s, 8, 2, &used), 4);
	/* U9: a wide one does not hang over the edge */
	assert_int_equal(text_fit(s, 8, 3, &used), 4);
	assert_int_equal(used, 2);
	assert_int_equal(text_fit(s, 8, 4, &used), 7);
	assert_int_equal(text_fit(s, 8, 80, &used), 8);
	assert_int_equal(used, 5);
	assert_int_equal(text_fit("abc", 3, 2, NULL), 2);
}

/* Any split into clusters covers the text and agrees with the sum. */
static void
fitting_agrees_with_measuring(void **state)
{
	static const char s[] = "x\U0001f468" ZWJ "\U0001f469 \u0915\u093e\u1112\u1161\u11ab1"
				VS16 "\u20e3 caf\u00e9";
	size_t n = sizeof s - 1, total = text_width(s, n), at = 0, sum = 0;

	(void)state;
	while (at < n) {
		int width;

		at += text_cluster(s + at, n - at, &width);
		sum += (size_t)width;
	}
	assert_int_equal(at, n);
	assert_int_equal(sum, total);
	for (size_t cols = 0; cols <= total; cols++) {
		size_t used, fit = text_fit(s, n, cols, &used);

		assert_true(used <= cols && used + 1 >= cols);
		assert_int_equal(text_width(s, fit), used);
	}
}

static void
assert_folded(const char *s, const char *expect)
{
	char *folded = text_fold(s, strlen(s));

	assert_string_equal(folded, expect);
	free(folded);
}

static void
folding_makes_names_comparable(void **state)
{
	(void)state;
	assert_folded("", "");
	assert_folded("Hello World_1", "hello world_1");
	assert_folded("CAF\u00c9", "caf\u00e9");
	assert_folded("cafe\u0301", "caf\u00e9");
	assert_folded("STRASSE stra\u00dfe", "strasse strasse");
	assert_folded("\u03a3\u03c2", "\u03c3\u03c3");
	assert_folded("\u041f\u0420\u0418", "\u043f\u0440\u0438");
	assert_folded("a\xff" "B", "a\ufffd" "b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_is_one_column_wide),
		cmocka_unit_test(east_asian_characters_are_two_columns_wide),
		cmocka_unit_test(combining_marks_take_no_column),
		cmocka_unit_test(spacing_marks_take_a_column),
		cmocka_unit_test(emoji_are_two_columns_wide_whatever_they_are_made_of),
		cmocka_unit_test(a_selector_makes_a_sign_wide),
		cmocka_unit_test(flags_are_pairs),
		cmocka_unit_test(what_a_terminal_gives_a_column_is_a_cluster_of_its_own),
		cmocka_unit_test(a_cluster_has_an_end),
		cmocka_unit_test(bad_bytes_end_a_cluster),
		cmocka_unit_test(unclean_text_is_measured_without_harm),
		cmocka_unit_test(the_width_of_a_run_is_the_sum),
		cmocka_unit_test(what_fits_is_whole_clusters),
		cmocka_unit_test(fitting_agrees_with_measuring),
		cmocka_unit_test(folding_makes_names_comparable),
	};

	return cmocka_run_group_tests_name("width", tests, NULL, NULL);
}
