/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON is read strictly and written safely (cases J of the hostile input). */
#include "base/json.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "test.h"

static void
assert_refused(const char *p, size_t n, const char *why)
{
	struct err err = { 0 };
	json_t *v = json_strict(p, n, &err);

	if (v)
		fail_msg("accepted: %.*s", (int)n, p);
	assert_int_equal(err.kind, ERR_USAGE);
	if (!strstr(err.msg, why))
		fail_msg("\"%s\" does not say \"%s\"", err.msg, why);
}

#define REFUSED(s, why) assert_refused(s, sizeof s - 1, why)

static void
assert_accepted(const char *s)
{
	struct err err = { 0 };
	json_t *v = json_strict(s, strlen(s), &err);

	if (!v)
		fail_msg("%s: %s", s, err.msg);
	json_decref(v);
}

static void
any_value_may_stand_alone(void **state)
{
	(void)state;
	assert_accepted("{}");
	assert_accepted(" [1, \"a\", null, true] ");
	assert_accepted("\"a\"");
	assert_accepted("-9223372036854775808");
	assert_accepted("9223372036854775807");
	assert_accepted("1.5e3");
}

static void
an_empty_text_is_no_value(void **state)
{
	(void)state;
	REFUSED("", "");
	REFUSED("  ", "");
}

static void
a_member_may_not_stand_twice(void **state)
{
	(void)state;
	REFUSED("{\"seq\":1,\"seq\":2}", "twice");
	REFUSED("{\"a\":[{\"b\":1,\"\\u0062\":2}]}", "twice");
}

static void
nesting_ends_at_the_limit(void **state)
{
	char text[2 * JSON_DEPTH_MAX + 2];

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	text[2 * JSON_DEPTH_MAX] = '\0';
	assert_accepted(text);
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_refused(text, sizeof text, "deeper than 32");
}

static void
many_siblings_are_not_deep(void **state)
{
	(void)state;
	assert_accepted("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],"
			"[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]");
}

static void
brackets_inside_strings_are_not_nesting(void **state)
{
	(void)state;
	assert_accepted("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]");
	assert_accepted("[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]");
}

static void
closing_brackets_buy_no_depth(void **state)
{
	char text[2000];

	(void)state;
	memset(text, ']', 500);
	memset(text + 500, '[', 1500);
	assert_refused(text, sizeof text, "");
}

static void
a_string_without_end_is_refused(void **state)
{
	(void)state;
	REFUSED("[\"abc", "ends too early");
	REFUSED("[\"abc\\", "");
}

static void
a_nul_is_refused_in_every_form(void **state)
{
	(void)state;
	REFUSED("\"a\\u0000b\"", "NUL");
	REFUSED("{\"a\\u0000b\":1}", "NUL");
	REFUSED("{\"a\":9\0}", "NUL");
	REFUSED("[true\0]", "NUL");
	REFUSED("7\0", "NUL");
	REFUSED("\"a\0b\"", "");
	REFUSED("{}\0", "");
}

static void
lone_surrogates_are_refused(void **state)
{
	(void)state;
	REFUSED("\"\\ud83d\"", "");
	REFUSED("\"\\ude00\"", "");
	REFUSED("\"\\ud83d\\u0041\"", "");
	REFUSED("\"\\ude00\\ud83d\"", "");
	REFUSED("{\"\\udfff\":1}", "");
	assert_accepted("\"\\ud83d\\ude00\"");
}

static void
invalid_utf8_is_refused(void **state)
{
	(void)state;
	REFUSED("\"\xc0\xaf\"", "UTF-8");
	REFUSED("\"\xed\xa0\x80\"", "UTF-8");
	REFUSED("\"\xff\"", "UTF-8");
}

static void
a_byte_order_mark_is_refused(void **state)
{
	(void)state;
	REFUSED("\xef\xbb\xbf{}", "");
}

static void
numbers_that_do_not_fit_are_refused(void **state)
{
	(void)state;
	REFUSED("9223372036854775808", "too large");
	REFUSED("-9223372036854775809", "too large");
	REFUSED("[1e400]", "too large");
	REFUSED("NaN", "");
	REFUSED("01", "");
	REFUSED("+1", "");
}

static void
nothing_may_follow_the_value(void **state)
{
	(void)state;
	REFUSED("{} {}", "follows");
	REFUSED("[],", "follows");
}

static void
an_error_never_quotes_the_text(void **state)
{
	struct err err = { 0 };
	const char *text = "{\"token\": s3cret}";

	(void)state;
	assert_null(json_strict(text, strlen(text), &err));
	assert_null(strstr(err.msg, "s3cret"));
}

static void
members_are_read_by_type(void **state)
{
	const char *text = "{\"s\":\"ab\",\"n\":7,\"r\":1.0,\"t\":true,\"f\":false,\"z\":null}";
	json_t *o = json_strict(text, strlen(text), NULL);
	size_t n = 99;

	(void)state;
	assert_string_equal(json_str(o, "s"), "ab");
	assert_string_equal(json_strn(o, "s", &n), "ab");
	assert_int_equal(n, 2);
	assert_int_equal(json_int(o, "n", -1), 7);
	assert_true(json_bool(o, "t", false));
	/* of another type, or absent */
	assert_null(json_str(o, "n"));
	assert_null(json_strn(o, "z", &n));
	assert_int_equal(n, 0);
	assert_int_equal(json_int(o, "r", -1), -1);
	assert_int_equal(json_int(o, "s", -1), -1);
	assert_int_equal(json_int(o, "none", -1), -1);
	assert_true(json_bool(o, "n", true));
	assert_false(json_bool(o, "f", true));
	/* no object at all */
	assert_null(json_str(NULL, "s"));
	assert_int_equal(json_int(json_object_get(o, "n"), "x", -1), -1);
	json_decref(o);
}

static void
a_value_is_written_compactly_in_member_order(void **state)
{
	const char *text = "{ \"z\" : 1, \"a\" : [ true, null, \"\\u00e9\\n\" ] }";
	json_t *o = json_strict(text, strlen(text), NULL);
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_true(json_add(&b, o));
	assert_string_equal(buf_str(&b), "{\"z\":1,\"a\":[true,null,\"\xc3\xa9\\n\"]}");
	buf_done(&b);
	json_decref(o);
}

static void
what_does_not_fit_leaves_the_buffer_as_it_was(void **state)
{
	const char *text = "[1,2,3,4,5]";
	json_t *v = json_strict(text, strlen(text), NULL);
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_true(buf_adds(&b, "x"));
	assert_false(json_add(&b, v));
	assert_string_equal(buf_str(&b), "x");
	assert_false(json_add_string(&b, "12345678", 8));
	assert_string_equal(buf_str(&b), "x");
	assert_true(json_add_string(&b, "1234567", 7));
	assert_string_equal(buf_str(&b), "x\"1234567\"");
	buf_done(&b);
	json_decref(v);
}

static void
a_string_is_written_whole_or_not_at_all(void **state)
{
	static const char s[] = "a\x1b\xff\xc3\xa9\"z";
	const size_t whole = strlen("\"a\\u001b\\ufffd\xc3\xa9\\\"z\"");

	(void)state;
	for (size_t max = 0; max <= whole; max++) {
		struct buf b;

		buf_init(&b, max);
		assert_int_equal(json_add_string(&b, s, sizeof s - 1), max == whole);
		assert_int_equal(b.n, max == whole ? whole : 0);
		buf_done(&b);
	}
}

static void
assert_string_json(const char *s, size_t n, const char *expect)
{
	struct buf b;

	buf_init(&b, 1000);
	assert_true(json_add_string(&b, s, n));
	assert_string_equal(buf_str(&b), expect);
	buf_done(&b);
}

static void
controls_are_escaped_in_strings(void **state)
{
	(void)state;
	assert_string_json("", 0, "\"\"");
	assert_string_json("a\"b\\c/\n\t\r\b\f", 11, "\"a\\\"b\\\\c/\\n\\t\\r\\b\\f\"");
	assert_string_json("\x1b[m\x7f\0", 5, "\"\\u001b[m\\u007f\\u0000\"");
	assert_string_json("\xc2\x9b""31m", 5, "\"\\u009b31m\"");
	assert_string_json("\xe2\x80\xae\xe2\x81\xa6\xd8\x9c", 8, "\"\\u202e\\u2066\\u061c\"");
	assert_string_json("caf\xc3\xa9 \xf0\x9f\x98\x80", 10, "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
}

static void
bad_bytes_in_a_string_still_give_valid_json(void **state)
{
	(void)state;
	assert_string_json("a\xff\xe2\x82z", 5, "\"a\\ufffd\\ufffdz\"");
}

/* What is written is read back as the same characters. */
static void
every_character_survives_a_round_trip(void **state)
{
	(void)state;
	for (uint32_t cp = 1; cp <= 0x10ffff; cp = cp < 0x3000 ? cp + 1 : cp + 97) {
		char p[4];
		struct buf b;
		json_t *v;
		int n;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		n = utf8_put(cp, p);
		buf_init(&b, 100);
		assert_true(json_add_string(&b, p, (size_t)n));
		v = json_strict(b.p, b.n, NULL);
		assert_non_null(v);
		assert_int_equal(json_string_length(v), n);
		assert_memory_equal(json_string_value(v), p, n);
		json_decref(v);
		buf_done(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_value_may_stand_alone),
		cmocka_unit_test(an_empty_text_is_no_value),
		cmocka_unit_test(a_member_may_not_stand_twice),
		cmocka_unit_test(nesting_ends_at_the_limit),
		cmocka_unit_test(many_siblings_are_not_deep),
		cmocka_unit_test(brackets_inside_strings_are_not_nesting),
		cmocka_unit_test(closing_brackets_buy_no_depth),
		cmocka_unit_test(a_string_without_end_is_refused),
		cmocka_unit_test(a_nul_is_refused_in_every_form),
		cmocka_unit_test(lone_surrogates_are_refused),
		cmocka_unit_test(invalid_utf8_is_refused),
		cmocka_unit_test(a_byte_order_mark_is_refused),
		cmocka_unit_test(numbers_that_do_not_fit_are_refused),
		cmocka_unit_test(nothing_may_follow_the_value),
		cmocka_unit_test(an_error_never_quotes_the_text),
		cmocka_unit_test(members_are_read_by_type),
		cmocka_unit_test(a_value_is_written_compactly_in_member_order),
		cmocka_unit_test(what_does_not_fit_leaves_the_buffer_as_it_was),
		cmocka_unit_test(a_string_is_written_whole_or_not_at_all),
		cmocka_unit_test(controls_are_escaped_in_strings),
		cmocka_unit_test(bad_bytes_in_a_string_still_give_valid_json),
		cmocka_unit_test(every_character_survives_a_round_trip),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
