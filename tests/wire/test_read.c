/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON reader: what it takes and refuses, held against jansson. */
#include "test.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "wire/read.h"

struct reading {
	struct arena arena;
	bool has_nul;
	struct err err;
	alignas(max_align_t) char first[64];
};

static const struct value *
read_text(struct reading *r, const char *p, size_t n)
{
	arena_init(&r->arena, r->first, sizeof r->first);
	return read_json(&r->arena, p, n, &r->has_nul, &r->err);
}

static bool
is_same(const struct value *v, const json_t *j)
{
	const struct value *e = v->first, *hint = NULL;
	const char *key;
	const json_t *m;
	size_t i;

	switch (v->type) {
	case VALUE_NULL:
		return json_is_null(j);
	case VALUE_BOOL:
		return json_is_boolean(j) && json_is_true(j) == (v->i != 0);
	case VALUE_INT:
		return json_is_integer(j) && json_integer_value(j) == v->i;
	case VALUE_REAL:
		return json_is_real(j);
	case VALUE_STR:
		return json_is_string(j) && json_string_length(j) == v->n &&
			memcmp(json_string_value(j), v->s, v->n + 1) == 0;
	case VALUE_ARRAY:
		if (!json_is_array(j) || json_array_size(j) != v->n)
			return false;
		json_array_foreach(j, i, m) {
			if (!is_same(e, m))
				return false;
			e = e->next;
		}
		return !e;
	default:
		break;
	}
	if (!json_is_object(j) || json_object_size(j) != v->n)
		return false;
	json_object_foreach((json_t *)j, key, m) {
		e = value_member(v, key, strlen(key), &hint);
		if (!e || !is_same(e, m))
			return false;
	}
	return true;
}

/* Both take p[n] and read the same from it, or both refuse it. */
static bool
is_agreed(const char *p, size_t n)
{
	json_t *j = json_strict(p, n, NULL), *again;
	struct reading r;
	const struct value *v = read_text(&r, p, n);
	bool ok;

	if (v && r.has_nul) {
		ok = j == NULL;		/* which jansson takes for an error */
	} else if (!v || !j) {
		ok = !v && !j;
	} else {
		char *text = xmalloc(v->raw_n + 1);

		again = json_strict(text, value_compact(v, text), NULL);
		ok = is_same(v, j) && again && json_equal(j, again);
		json_decref(again);
		free(text);
	}
	json_decref(j);
	arena_done(&r.arena);
	return ok;
}

static void
what_is_json_is_taken(void **state)
{
	static const char *const texts[] = { "null", "true", "false", "0", "-0", "-1", "10", "1.5",
		"-0.0e+10", "1E5", "1e-999", "9223372036854775807", "-9223372036854775808", "\"\"",
		"\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u00e9\\uD83D\\udc4d\\uffff\"",
		"\"\x7f\xc2\x9b\xef\xbf\xbf\"", "[]", "[ ]", "[1,[2,[]],{}]", "{}", "{ }",
		"\t\r\n {\"a\" : { \"b\":[ 1 , 2 ] } , \"\":null}\n", "{\"a\":1,\"A\":2,\"aa\":3}",
		"[\"]\",\"}\\\"\"]" };

	(void)state;
	for (size_t i = 0; i < countof(texts); i++) {
		struct reading r;

		assert_non_null(read_text(&r, texts[i], strlen(texts[i])));
		arena_done(&r.arena);
		assert_true(is_agreed(texts[i], strlen(texts[i])));
	}
}

static void
what_is_not_json_is_refused(void **state)
{
	static const char *const texts[] = { "", " ", "nul", "nulll", "True", "tru", "-", "+1",
		"01", "-01", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "1 2",
		"9223372036854775808", "-9223372036854775809", "1e400", "-1e400",
		"\"", "\"a", "\"\\", "\"\\\"",
		"\"\\x\"",
		"\"\\u\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"",
		"\"\\ud800\\ud800\"", "\"\\ud800a\"", "\"\\ud83d\\u\"", "\"\n\"", "\"\t\"",
		"\"\x80\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
		"\"\xe2\x82\"",
		"[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[}", "{", "}", "{]", "{\"a\"",
		"{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}",
		"{\"a\":1 \"b\":2}", "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":1}", "[]]", "{}}",
		"\xef\xbb\xbf{}", "{}x", "//\n1", "'a'", "[1]\"" };

	(void)state;
	for (size_t i = 0; i < countof(texts); i++) {
		struct reading r;

		if (read_text(&r, texts[i], strlen(texts[i])))
			fail_msg("taken: %s", texts[i]);
		arena_done(&r.arena);
		assert_true(is_agreed(texts[i], strlen(texts[i])));
	}
}

static void
a_nul_ends_nothing(void **state)
{
	struct reading r;

	(void)state;
	assert_null(read_text(&r, "[1\0]", 4));
	arena_done(&r.arena);
	assert_null(read_text(&r, "1\0", 2));
	arena_done(&r.arena);
	assert_null(read_text(&r, "\"a\0b\"", 5));
	arena_done(&r.arena);
	assert_null(read_text(&r, "\"\\\0\"", 4));
	arena_done(&r.arena);
}

static void
an_escaped_nul_is_noted(void **state)
{
	struct reading r;
	const struct value *v;

	(void)state;
	v = read_text(&r, "\"a\\u0000b\"", 10);
	assert_non_null(v);
	assert_true(r.has_nul);
	assert_string_equal(v->s, "a\xef\xbf\xbd" "b");
	arena_done(&r.arena);
	assert_non_null(read_text(&r, "\"a\\\\u0000b\"", 11));
	assert_false(r.has_nul);
	arena_done(&r.arena);
}

static void
one_key_twice_is_found_among_many(void **state)
{
	struct buf b;
	struct reading r;

	(void)state;
	for (int twice = 0; twice < 2; twice++) {
		buf_init(&b, 1024 * 1024);
		buf_adds(&b, "{\"k77\":0");
		for (int i = twice ? 0 : 100; i < 20000; i++)
			buf_addf(&b, ",\"k%d\":0", i);
		buf_adds(&b, "}");
		assert_int_equal(read_text(&r, b.p, b.n) == NULL, twice);
		arena_done(&r.arena);
		buf_done(&b);
	}
}

static void
blanks_are_left_out_and_text_is_not_touched(void **state)
{
	static const char text[] = " { \"a b\" : [ 1 , \" \\\" , \" ] ,\n\"c\":{ } } ";
	struct reading r;
	const struct value *v = read_text(&r, text, sizeof text - 1);
	char out[sizeof text];
	size_t n;

	(void)state;
	assert_non_null(v);
	n = value_compact(v, out);
	out[n] = '\0';
	assert_string_equal(out, "{\"a b\":[1,\" \\\" , \"],\"c\":{}}");
	arena_done(&r.arena);
}

static void
a_member_is_found_wherever_the_search_begins(void **state)
{
	struct reading r;
	const struct value *v = read_text(&r, "{\"a\":1,\"b\":2,\"c\":3}", 19), *hint = NULL;

	(void)state;
	assert_int_equal(value_member(v, "c", 1, &hint)->i, 3);
	assert_int_equal(value_member(v, "a", 1, &hint)->i, 1);
	assert_int_equal(value_member(v, "b", 1, &hint)->i, 2);
	assert_int_equal(value_member(v, "b", 1, &hint)->i, 2);
	assert_null(value_member(v, "d", 1, &hint));
	assert_null(value_member(v, "aa", 2, &hint));
	arena_done(&r.arena);
	v = read_text(&r, "{}", 2);
	hint = NULL;
	assert_null(value_member(v, "a", 1, &hint));
	arena_done(&r.arena);
}

/* Bytes that turn one kind of JSON into another. */
static char
draw_byte(uint64_t x)
{
	static const char bytes[] = "{}[]\",:\\u0129d8eE+-. \n\ttfn\x80\xc3\xed\xa0\x01/";

	return bytes[x % (sizeof bytes - 1)];
}

static void
spoiled_text_is_judged_as_jansson_does(void **state)
{
	static const char good[] = "{\"op\":\"send\",\"i\":12,\"f\":-1.5e+3,"
		"\"s\":\"\\ud83d\\udc4d\\n\\u00e9é\",\"l\":[true,false,null,"
		"{\"a\":{\"b\":[[]]}}],\"n\":-9223372036854775808}";
	uint64_t x = 88172645463325252u;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		char text[sizeof good];
		size_t n = sizeof good - 1;

		memcpy(text, good, n);
		for (int k = 0; k <= i % 3; k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			if (x % 7 == 0)
				n = 1 + x / 7 % n;
			else
				text[x / 64 % n] = draw_byte(x / 65536);
		}
		if (!is_agreed(text, n))
			fail_msg("not agreed: %.*s", (int)n, text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_json_is_taken),
		cmocka_unit_test(what_is_not_json_is_refused),
		cmocka_unit_test(a_nul_ends_nothing),
		cmocka_unit_test(an_escaped_nul_is_noted),
		cmocka_unit_test(one_key_twice_is_found_among_many),
		cmocka_unit_test(blanks_are_left_out_and_text_is_not_touched),
		cmocka_unit_test(a_member_is_found_wherever_the_search_begins),
		cmocka_unit_test(spoiled_text_is_judged_as_jansson_does),
	};

	return cmocka_run_group_tests_name("read", tests, NULL, NULL);
}
