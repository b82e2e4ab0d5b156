/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sanitiser: nothing is obeyed, nothing vanishes uncounted, nothing honest is harmed (classes T
 * and U of hostile input). */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "test.h"

#define ZWNJ "\u200c"
#define ZWJ "\u200d"
#define VS15 "\ufe0e"
#define VS16 "\ufe0f"

static void
assert_cleaned(struct safe_text (*clean)(const char *, size_t), const char *p, size_t n,
	       const char *expect, unsigned hidden)
{
	struct safe_text t = clean(p, n);

	assert_string_equal(t.p, expect);
	assert_int_equal(t.n, strlen(expect));
	assert_int_equal(t.hidden, hidden);
	text_done(&t);
	assert_null(t.p);
}

#define BODY(s, expect, hidden) assert_cleaned(text_body, s, sizeof s - 1, expect, hidden)
#define NAME(s, expect, hidden) assert_cleaned(text_name, s, sizeof s - 1, expect, hidden)
#define BOTH(s, expect, hidden) (BODY(s, expect, hidden), NAME(s, expect, hidden))
/* Comes out as it went in, everywhere. */
#define SURVIVES(s) BOTH(s, s, 0)

static void
plain_text_is_left_alone(void **state)
{
	(void)state;
	SURVIVES("");
	SURVIVES("Hello, world! {}~");
	SURVIVES("gr\u00fc\u00dfe \u4f60\u597d \u043f\u0440\u0438\u0432\u0435\u0442 \u05e9\u05dc");
	BODY("one\ntwo\n\n", "one\ntwo\n\n", 0);
}

static void
escape_sequences_are_shown_not_obeyed(void **state)
{
	(void)state;
	/* T1 title, T2 clipboard, T4 DA1, T5 clear and home, T6 reset, T13 notice */
	BOTH("\x1b]0;pwned\x07", "\u241b]0;pwned\u2407", 0);
	BOTH("\x1b]52;c;ZWls\x07", "\u241b]52;c;ZWls\u2407", 0);
	BOTH("\x1b[c\x1b[2J\x1b[H\x1b" "c", "\u241b[c\u241b[2J\u241b[H\u241bc", 0);
	BOTH("\x1b]777;notify;a\x07", "\u241b]777;notify;a\u2407", 0);
	/* T3 a link that shows another host */
	BOTH("\x1b]8;;https://evil/\x1b\\bank.com\x1b]8;;\x1b\\",
	     "\u241b]8;;https://evil/\u241b\\bank.com\u241b]8;;\u241b\\", 0);
	/* T9 nested, for filters that strip once */
	BOTH("\x1b\x1b[31m\x1b[\x1b[31m", "\u241b\u241b[31m\u241b[\u241b[31m", 0);
}

static void
every_c0_control_and_del_has_its_picture(void **state)
{
	(void)state;
	for (int c = 0; c < 0x20; c++) {
		const char s[] = { 'a', (char)c, 'b' };
		char expect[] = "a   b";

		if (c == '\t' || c == '\n')
			continue;
		utf8_put(0x2400 + (uint32_t)c, expect + 1);
		assert_cleaned(text_body, s, 3, expect, 0);
		assert_cleaned(text_name, s, 3, expect, 0);
	}
	BOTH("\x7f", "\u2421", 0);
	/* T10 overwriting by carriage return */
	BODY("safe\rPWNED\r\n", "safe\u240dPWNED\u240d\n", 0);
}

static void
c1_controls_are_named(void **state)
{
	(void)state;
	BOTH("\xc2\x9b" "31m\xc2\x9d" "52;c;", "<U+009B>31m<U+009D>52;c;", 0);
	BOTH("\xc2\x80\xc2\x85\xc2\x9f", "<U+0080><U+0085><U+009F>", 0);
	/* as bytes they are no UTF-8 */
	BOTH("\x9b" "31m", "\ufffd31m", 0);
}

static void
a_line_feed_in_a_name_is_shown(void **state)
{
	(void)state;
	NAME("ann\nbob: hi", "ann\u240abob: hi", 0);
}

static void
a_tab_becomes_blanks_up_to_the_next_stop(void **state)
{
	(void)state;
	BODY("\tx", "        x", 0);
	BODY("ab\tx\ty", "ab      x       y", 0);
	BODY("12345678\tx", "12345678        x", 0);
	BODY("a\n\u4f60\u597d\tx", "a\n\u4f60\u597d    x", 0);
	BODY("\x1b\tx", "\u241b       x", 0);
	NAME("a\tb", "a b", 0);
}

static void
bad_bytes_are_replaced_one_a_subpart(void **state)
{
	(void)state;
	/* U1 overlong, U2 too large, U3 cut */
	BOTH("\xc0\xaf", "\ufffd\ufffd", 0);
	BOTH("\xe0\x80\xaf", "\ufffd\ufffd\ufffd", 0);
	BOTH("\xf0\x80\x80\xaf", "\ufffd\ufffd\ufffd\ufffd", 0);
	BOTH("\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd", 0);
	BOTH("a\xe2\x82", "a\ufffd", 0);
	BOTH("\xed\xa0\x80", "\ufffd\ufffd\ufffd", 0);
}

static void
bidi_controls_are_named(void **state)
{
	(void)state;
	/* U4, and all twelve */
	BOTH("a\u2066b\u2069", "a<U+2066>b<U+2069>", 0);
	BOTH("\u061c\u200e\u200f", "<U+061C><U+200E><U+200F>", 0);
	BOTH("\u202a\u202b\u202c\u202d\u202e", "<U+202A><U+202B><U+202C><U+202D><U+202E>", 0);
	BOTH("\u2067\u2068", "<U+2067><U+2068>", 0);
}

static void
line_and_paragraph_separators_are_a_blank(void **state)
{
	(void)state;
	BOTH("a\u2028b\u2029c", "a b c", 0);
}

static void
noncharacters_are_replaced(void **state)
{
	(void)state;
	/* U11 */
	BOTH("\ufffe\uffff\ufdd0\ufdef\U0001fffe\U0010ffff",
	     "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd", 0);
}

static void
what_is_not_assigned_is_named(void **state)
{
	(void)state;
	BOTH("\u0378a\u2fe0", "<U+0378>a<U+2FE0>", 0);
	BOTH("\U000e1000\U0003fffd", "<U+E1000><U+3FFFD>", 0);
}

static void
private_use_survives(void **state)
{
	(void)state;
	SURVIVES("\ue0b0 \uf8ff \U000f0001 \U0010fffd");
}

static void
tag_characters_are_taken_out_and_counted(void **state)
{
	(void)state;
	/* U5 */
	BOTH("hello\U000e0069\U000e0067\U000e006e\U000e007f", "hello", 4);
	BOTH("\U000e0001\U000e0020", "", 2);
}

static void
variation_selectors_are_taken_out_and_counted(void **state)
{
	(void)state;
	/* U6 */
	BOTH("a\U000e0100\U000e01ef", "a", 2);
	BOTH("\U0001f600\U000e0100", "\U0001f600", 1);
	BOTH("a\ufe00\ufe0d", "a", 2);
	BOTH("a" VS15 "b" VS16, "ab", 2);
	BOTH("1" VS16 "2" VS16, "12", 2);
}

static void
invisible_characters_are_taken_out_and_counted(void **state)
{
	static const char *const invisible[] = {
		"\u00ad", "\u034f", "\u115f", "\u1160", "\u17b4", "\u180b", "\u180e", "\u180f",
		"\u200b", "\u2060", "\u2061", "\u2064", "\u2065", "\u206a", "\u206f", "\u2800",
		"\u3164", "\ufeff", "\uffa0", "\ufff0", "\ufff9", "\ufffb", "\U00016fe4",
		"\U0001bca0", "\U0001d159", "\U0001d173", "\U000e0080", "\U000e0fff",
	};

	(void)state;
	for (size_t i = 0; i < countof(invisible); i++) {
		char s[16] = "a";

		memcpy(s + 1, invisible[i], strlen(invisible[i]));
		memcpy(s + strlen(s), "b", 1);
		assert_cleaned(text_body, s, strlen(s), "ab", 1);
		assert_cleaned(text_name, s, strlen(s), "ab", 1);
	}
}

static void
emoji_sequences_survive(void **state)
{
	(void)state;
	/* U7 a family, hearts, a keycap, skin tones, professions, flags */
	SURVIVES("\U0001f468" ZWJ "\U0001f469" ZWJ "\U0001f467" ZWJ "\U0001f466");
	SURVIVES("\u2764" VS16 " \u2764 \u2764" VS15);
	SURVIVES("#" VS16 "\u20e3 1" VS16 "\u20e3 *\u20e3");
	SURVIVES("\U0001f44d\U0001f3fd");
	SURVIVES("\U0001f469\U0001f3fd" ZWJ "\u2695" VS16);
	SURVIVES("\U0001f3f3" VS16 ZWJ "\U0001f308");
	SURVIVES("\U0001f3f4" ZWJ "\u2620" VS16);
	SURVIVES("\U0001f469\U0001f3fb" ZWJ "\u2764" VS16 ZWJ "\U0001f48b" ZWJ
		 "\U0001f468\U0001f3ff");
	SURVIVES("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7 \U0001f1fa");
	SURVIVES("\u00a9" VS16 "\u2122" VS15);
}

#define TAGS_GB "\U000e0067\U000e0062"
#define CANCEL "\U000e007f"

static void
flags_made_of_tags_survive(void **state)
{
	(void)state;
	SURVIVES("\U0001f3f4" TAGS_GB "\U000e0065\U000e006e\U000e0067" CANCEL);
	SURVIVES("\U0001f3f4" TAGS_GB "\U000e0073\U000e0063\U000e0074" CANCEL);
	SURVIVES("\U0001f3f4" TAGS_GB "\U000e0077\U000e006c\U000e0073" CANCEL "!");
}

static void
a_flag_is_no_cover_for_other_tags(void **state)
{
	(void)state;
	/* another region, a flag that does not end, one that goes on, no flag */
	BOTH("\U0001f3f4\U000e0069\U000e0067\U000e006e\U000e006f\U000e0072" CANCEL,
	     "\U0001f3f4", 6);
	BOTH("\U0001f3f4" TAGS_GB "\U000e0065\U000e006e\U000e0067", "\U0001f3f4", 5);
	BOTH("\U0001f3f4" TAGS_GB "\U000e0065\U000e006e\U000e0067" CANCEL "\U000e0061",
	     "\U0001f3f4" TAGS_GB "\U000e0065\U000e006e\U000e0067" CANCEL, 1);
	BOTH("x" TAGS_GB "\U000e0065\U000e006e\U000e0067" CANCEL, "x", 6);
}

static void
a_joiner_outside_an_emoji_sequence_is_hidden(void **state)
{
	(void)state;
	BOTH("a" ZWJ "b", "ab", 1);
	BOTH("\U0001f600" ZWJ, "\U0001f600", 1);
	BOTH("\U0001f600" ZWJ "a", "\U0001f600a", 1);
	BOTH(ZWJ "\U0001f600", "\U0001f600", 1);
	BOTH("\U0001f600" ZWJ ZWJ "\U0001f600", "\U0001f600" ZWJ "\U0001f600", 1);
	BOTH("\U0001f600" ZWNJ "\U0001f600", "\U0001f600\U0001f600", 1);
	BOTH("\U0001f600" VS16 VS16, "\U0001f600" VS16, 1);
	BOTH("\U0001f44d\U0001f3fd" VS16, "\U0001f44d\U0001f3fd", 1);
}

static void
an_emoji_sequence_does_not_go_on_for_ever(void **state)
{
	(void)state;
	BOTH("\U0001f600" ZWJ "\U0001f600" ZWJ "\U0001f600" ZWJ "\U0001f600" ZWJ "\U0001f600",
	     "\U0001f600" ZWJ "\U0001f600" ZWJ "\U0001f600" ZWJ "\U0001f600\U0001f600", 1);
}

static void
joiners_inside_words_that_need_them_survive(void **state)
{
	(void)state;
	/* Persian "mi-khaham", Hindi and Sinhala conjuncts, Kannada, Malayalam chillu at an end */
	SURVIVES("\u0645\u06cc" ZWNJ "\u062e\u0648\u0627\u0647\u0645");
	SURVIVES("\u0915\u094d" ZWJ "\u0937 \u0915\u094d" ZWNJ "\u0937");
	SURVIVES("\u0dc1\u0dca" ZWJ "\u0dbb\u0dd3");
	SURVIVES("\u0cb0" ZWJ "\u0ccd\u0c95");
	SURVIVES("\u0d28\u0d4d" ZWJ " ");
}

static void
joiners_beside_those_words_are_hidden(void **state)
{
	(void)state;
	BOTH(ZWNJ "\u0645", "\u0645", 1);
	BOTH("\u0645" ZWNJ, "\u0645", 1);
	BOTH("\u0645" ZWNJ " \u0645", "\u0645 \u0645", 1);
	BOTH("\u0645" ZWNJ ZWNJ "\u062e", "\u0645" ZWNJ "\u062e", 1);
	BOTH("\u0645" ZWJ "a", "\u0645a", 1);
	BOTH("a" ZWNJ "\u0645", "a\u0645", 1);
	/* digits do not join */
	BOTH("\u06f1" ZWNJ "\u06f2", "\u06f1\u06f2", 1);
}

static void
four_marks_stand_on_a_letter_and_no_more(void **state)
{
	(void)state;
	SURVIVES("a\u0301\u0302\u0303\u0304");
	BOTH("a\u0301\u0302\u0303\u0304\u0305\u0306b\u0301",
	     "a\u0301\u0302\u0303\u0304b\u0301", 2);
	/* nothing invisible begins the count anew */
	BOTH("a\u0301\u0302\u200b\u0303\u0304\u200b\u0305", "a\u0301\u0302\u0303\u0304", 3);
	SURVIVES("\u0e19\u0e49\u0e33 \u0928\u093f");
}

static void
a_hundred_thousand_marks_are_four(void **state)
{
	size_t n = 1 + 2 * 100000;
	char *s = xmalloc(n);

	(void)state;
	/* U8 */
	s[0] = 'a';
	for (size_t i = 1; i < n; i += 2)
		memcpy(s + i, "\u0301", 2);
	assert_cleaned(text_body, s, n, "a\u0301\u0301\u0301\u0301", 100000 - 4);
	free(s);
}

static void
a_mark_without_a_letter_gets_a_circle(void **state)
{
	(void)state;
	BOTH("\u0301a", "\u25cc\u0301a", 0);
	BODY("a\n\u0301", "a\n\u25cc\u0301", 0);
	BOTH("\u1161", "\u25cc\u1161", 0);
	/* it may stand on a stand-in */
	BOTH("\u202e\u0301", "<U+202E>\u0301", 0);
}

static void
hangul_survives_composed_and_not(void **state)
{
	(void)state;
	SURVIVES("\ud55c\uad6d \u1112\u1161\u11ab");
}

static void
letters_of_two_scripts_that_look_alike_are_told(void **state)
{
	static const struct { const char *name; bool mixed; } names[] = {
		{ "\u0430dmin", true },			/* U10 */
		{ "admin", false },
		{ "\u0430\u0434\u043c\u0438\u043d", false },
		{ "admi\u0578", true },
		{ "paypal \u03b1", true },
		{ "\u0391\u0410", true },
		{ "caf\u00e9 \u00b5 1\u00ba", false },
		{ "ann \u4f60\u597d", false },
		{ "ann \u05e9\u05dc\u05d5\u05dd", false },
		{ "\u043f\u0440\u0438\u0432\u0435\u0442 123 !?", false },
		{ "\u13aa\u13a0LISA", true },
		{ "\uff21\u0410", true },
	};

	(void)state;
	for (size_t i = 0; i < countof(names); i++) {
		struct safe_text t = text_name(names[i].name, strlen(names[i].name));

		if (t.mixed != names[i].mixed)
			fail_msg("%s", names[i].name);
		text_done(&t);
		t = text_body(names[i].name, strlen(names[i].name));
		assert_false(t.mixed);
		text_done(&t);
	}
}

static void
our_own_words_are_cleaned_too(void **state)
{
	struct safe_text t = text_own("%s: %d new", "\x1b[31mroom\n", 3);

	(void)state;
	assert_string_equal(t.p, "\u241b[31mroom\u240a: 3 new");
	text_done(&t);
}

static void
batch_output_is_the_same_text(void **state)
{
	static const char s[] = "a\x1b[m\n\tb\u200b";
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_true(buf_adds(&b, "10:00 <ann> "));
	assert_int_equal(text_clean(&b, s, sizeof s - 1, false), 1);
	assert_string_equal(buf_str(&b), "10:00 <ann> a\u241b[m\n        b");
	buf_clear(&b);
	assert_int_equal(text_clean(&b, s, sizeof s - 1, true), 1);
	assert_string_equal(buf_str(&b), "a\u241b[m\u240a b");
	buf_done(&b);
}

static void
a_full_buffer_cuts_between_characters(void **state)
{
	static const char s[] = "\u0301" "b\u4f60\x1b\u202ecd";

	(void)state;
	for (size_t max = 0; max < 30; max++) {
		struct safe_text whole = text_body(s, sizeof s - 1);
		struct buf b;

		buf_init(&b, max);
		text_clean(&b, s, sizeof s - 1, false);
		assert_true(utf8_valid(buf_str(&b), b.n, NULL));
		assert_memory_equal(buf_str(&b), whole.p, b.n);
		buf_done(&b);
		text_done(&whole);
	}
}

static void
a_model_sees_what_is_hidden_from_people_as_a_number(void **state)
{
	static const char s[] = "a\U000e0069\U000e0067\tb\r\n\x1b[m\u202e\xff\ue0b0\u0378" "c"
				"\u0301\u0302\u0303\u0304\u0305";
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(text_for_model(&b, s, sizeof s - 1), 2);
	assert_string_equal(buf_str(&b), "a\tb\r\n\u241b[m<U+202E>\ufffd\ue0b0\u0378" "c"
			    "\u0301\u0302\u0303\u0304\u0305");
	buf_clear(&b);
	assert_int_equal(text_for_model(&b, "\u0301\n\u1161", 6), 0);
	assert_string_equal(buf_str(&b), "\u0301\n\u1161");
	buf_done(&b);
}

/* Whatever one code point is, what comes out is valid, holds no control and is stable. */
static void
cleaning_twice_changes_nothing_more(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		char s[6] = "a";
		struct safe_text once, twice;
		size_t n;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		n = 1 + (size_t)utf8_put(cp, s + 1);
		once = text_name(s, n);
		twice = text_name(once.p, once.n);
		assert_string_equal(once.p, twice.p);
		assert_int_equal(twice.hidden, 0);
		for (size_t i = 0; i < once.n;) {
			uint32_t c;
			int len = utf8_next(once.p + i, once.n - i, &c);

			assert_true(len > 0);
			assert_false(utf8_is_control(c) || utf8_is_bidi(c));
			i += (size_t)len;
		}
		text_done(&once);
		text_done(&twice);
	}
}

static void
a_flood_is_cleaned_in_linear_time(void **state)
{
	size_t n = 5 * 1000 * 1000;
	char *s = xmalloc(n);
	struct safe_text t;

	(void)state;
	/* T7 endless parameters, then tabs, the worst that grows */
	for (size_t i = 0; i < n; i += 2)
		memcpy(s + i, "1;", 2);
	memcpy(s, "\x1b[", 2);
	t = text_body(s, n);
	assert_int_equal(t.n, n + 2);
	text_done(&t);
	memset(s, '\t', n);
	t = text_body(s, n);
	assert_int_equal(t.n, n * 8);
	text_done(&t);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_is_left_alone),
		cmocka_unit_test(escape_sequences_are_shown_not_obeyed),
		cmocka_unit_test(every_c0_control_and_del_has_its_picture),
		cmocka_unit_test(c1_controls_are_named),
		cmocka_unit_test(a_line_feed_in_a_name_is_shown),
		cmocka_unit_test(a_tab_becomes_blanks_up_to_the_next_stop),
		cmocka_unit_test(bad_bytes_are_replaced_one_a_subpart),
		cmocka_unit_test(bidi_controls_are_named),
		cmocka_unit_test(line_and_paragraph_separators_are_a_blank),
		cmocka_unit_test(noncharacters_are_replaced),
		cmocka_unit_test(what_is_not_assigned_is_named),
		cmocka_unit_test(private_use_survives),
		cmocka_unit_test(tag_characters_are_taken_out_and_counted),
		cmocka_unit_test(variation_selectors_are_taken_out_and_counted),
		cmocka_unit_test(invisible_characters_are_taken_out_and_counted),
		cmocka_unit_test(emoji_sequences_survive),
		cmocka_unit_test(flags_made_of_tags_survive),
		cmocka_unit_test(a_flag_is_no_cover_for_other_tags),
		cmocka_unit_test(a_joiner_outside_an_emoji_sequence_is_hidden),
		cmocka_unit_test(an_emoji_sequence_does_not_go_on_for_ever),
		cmocka_unit_test(joiners_inside_words_that_need_them_survive),
		cmocka_unit_test(joiners_beside_those_words_are_hidden),
		cmocka_unit_test(four_marks_stand_on_a_letter_and_no_more),
		cmocka_unit_test(a_hundred_thousand_marks_are_four),
		cmocka_unit_test(a_mark_without_a_letter_gets_a_circle),
		cmocka_unit_test(hangul_survives_composed_and_not),
		cmocka_unit_test(letters_of_two_scripts_that_look_alike_are_told),
		cmocka_unit_test(our_own_words_are_cleaned_too),
		cmocka_unit_test(batch_output_is_the_same_text),
		cmocka_unit_test(a_full_buffer_cuts_between_characters),
		cmocka_unit_test(a_model_sees_what_is_hidden_from_people_as_a_number),
		cmocka_unit_test(cleaning_twice_changes_nothing_more),
		cmocka_unit_test(a_flood_is_cleaned_in_linear_time),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
