/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records as bytes. */
#include "test.h"

#include <string.h>

#include "model/encode.h"

static const struct record hello = {
	.seq = 813, .id = "018f3c00-0000-7000-8000-0000000000a1", .kind = REC_MSG,
	.kind_name = "msg", .from = "bob", .device = "d_1",
	.cid = "018f3c00-0000-7000-8000-0000000000b2", .ref = "", .ts = 1793491202100,
	.body = "{\"text\":\"yo\"}", .body_n = 13,
};

static void
a_record_has_its_members_in_order(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1024);
	assert_true(record_encode(&out, &hello));
	assert_string_equal(buf_str(&out),
		"{\"seq\":813,\"id\":\"018f3c00-0000-7000-8000-0000000000a1\",\"kind\":\"msg\","
		"\"from\":\"bob\",\"device\":\"d_1\","
		"\"cid\":\"018f3c00-0000-7000-8000-0000000000b2\",\"ts\":1793491202100,"
		"\"ref\":null,\"body\":{\"text\":\"yo\"}}");
	buf_done(&out);
}

static void
ref_and_cur_are_there_when_they_mean_something(void **state)
{
	struct record r = hello;
	struct buf out;

	(void)state;
	r.ref = "018f3c00-0000-7000-8000-0000000000c3";
	r.cur = "{\"as_of\":810,\"text\":\"a\",\"deleted\":false,\"reacts\":{}}";
	r.cur_n = strlen(r.cur);
	buf_init(&out, 1024);
	assert_true(record_encode(&out, &r));
	assert_non_null(strstr(buf_str(&out),
		",\"ref\":\"018f3c00-0000-7000-8000-0000000000c3\",\"body\":{\"text\":\"yo\"},"
		"\"cur\":{\"as_of\":810,\"text\":\"a\",\"deleted\":false,\"reacts\":{}}}"));
	buf_done(&out);
}

static void
a_kind_of_a_later_version_keeps_its_word(void **state)
{
	struct record r = hello;
	struct buf out;

	(void)state;
	r.kind = REC_OTHER;
	r.kind_name = "poll";
	buf_init(&out, 1024);
	assert_true(record_encode(&out, &r));
	assert_non_null(strstr(buf_str(&out), ",\"kind\":\"poll\","));
	buf_done(&out);
}

static void
a_full_buffer_keeps_what_it_had(void **state)
{
	struct buf out;
	size_t whole;

	(void)state;
	buf_init(&out, 1024);
	assert_true(record_encode(&out, &hello));
	whole = out.n;
	buf_done(&out);
	for (size_t max = 2; max < whole + 2; max++) {
		buf_init(&out, max);
		assert_true(buf_adds(&out, "[]"));
		assert_false(record_encode(&out, &hello));
		assert_string_equal(buf_str(&out), "[]");
		buf_done(&out);
	}
}

static void
every_integer_is_written_in_full(void **state)
{
	static const struct { int64_t v; const char *text; } rows[] = {
		{ 0, "0" }, { 7, "7" }, { -1, "-1" }, { 10, "10" },
		{ 1793491202100, "1793491202100" },
		{ INT64_MAX, "9223372036854775807" }, { INT64_MIN, "-9223372036854775808" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 64);
	for (size_t i = 0; i < countof(rows); i++) {
		buf_clear(&out);
		assert_true(encode_int(&out, rows[i].v));
		assert_string_equal(buf_str(&out), rows[i].text);
	}
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_has_its_members_in_order),
		cmocka_unit_test(ref_and_cur_are_there_when_they_mean_something),
		cmocka_unit_test(a_kind_of_a_later_version_keeps_its_word),
		cmocka_unit_test(a_full_buffer_keeps_what_it_had),
		cmocka_unit_test(every_integer_is_written_in_full),
	};

	return cmocka_run_group_tests_name("encode", tests, NULL, NULL);
}
