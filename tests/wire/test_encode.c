/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames made by hand, as the programs make them. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "wire/wire.h"

#define ID "018f3c00-0000-7000-8000-0000000000d4"

static void
expect(enum wire_side side, const struct frame *f, const char *text)
{
	struct buf out;

	buf_init(&out, 4096);
	assert_true(wire_encode(side, f, &out));
	assert_string_equal(buf_str(&out), text);
	buf_done(&out);
	for (size_t max = 2; max < strlen(text) + 2; max++) {
		buf_init(&out, max);
		assert_true(buf_adds(&out, "[]"));
		assert_false(wire_encode(side, f, &out));
		assert_string_equal(buf_str(&out), "[]");
		buf_done(&out);
	}
}

static void
records_that_are_bytes_already_are_not_written_again(void **state)
{
	static const char raw[] = "{\"seq\":1},{\"seq\":2}";
	struct frame f = { .op = WIRE_EVENTS, .i = WIRE_ABSENT, .re = WIRE_ABSENT,
		.events = { .conv = "c", .epoch = "e", .prev = 0, .raw = raw,
			.raw_n = sizeof raw - 1 } };

	(void)state;
	expect(WIRE_SERVER, &f, "{\"op\":\"events\",\"conv\":\"c\",\"epoch\":\"e\",\"prev\":0,"
		"\"events\":[{\"seq\":1},{\"seq\":2}]}");
	f.events.raw_n = 0;
	expect(WIRE_SERVER, &f, "{\"op\":\"events\",\"conv\":\"c\",\"epoch\":\"e\",\"prev\":0,"
		"\"events\":[]}");
}

static void
records_are_written_with_their_bodies(void **state)
{
	struct record records[] = {
		{ .seq = 1, .id = ID, .kind = REC_DELETE, .kind_name = "delete", .from = "bob",
			.device = "d", .cid = ID, .ref = ID, .ts = 7, .body = "{}", .body_n = 2 },
		{ .seq = 3, .id = ID, .kind = REC_MSG, .kind_name = "msg", .from = "bob",
			.device = "d", .cid = ID, .ref = "", .ts = 8, .body = "{\"text\":\"yo\"}",
			.body_n = 13, .cur = "{\"as_of\":9}", .cur_n = 11 },
	};
	struct frame f = { .op = WIRE_PAGE, .i = WIRE_ABSENT, .re = 7,
		.page = { .conv = "c", .epoch = "e", .lo = 0, .hi = 3, .events = records,
			.n_events = 2 } };

	(void)state;
	expect(WIRE_SERVER, &f, "{\"op\":\"page\",\"re\":7,\"conv\":\"c\",\"epoch\":\"e\",\"lo\":0,"
		"\"hi\":3,\"floor\":0,\"events\":["
		"{\"seq\":1,\"id\":\"" ID "\",\"kind\":\"delete\",\"from\":\"bob\",\"device\":\"d\","
		"\"cid\":\"" ID "\",\"ts\":7,\"ref\":\"" ID "\",\"body\":{}},"
		"{\"seq\":3,\"id\":\"" ID "\",\"kind\":\"msg\",\"from\":\"bob\",\"device\":\"d\","
		"\"cid\":\"" ID "\",\"ts\":8,\"ref\":null,\"body\":{\"text\":\"yo\"},"
		"\"cur\":{\"as_of\":9}}]}");
}

static void
a_body_is_made_from_its_members(void **state)
{
	struct frame f = { .op = WIRE_SEND, .i = 1, .re = WIRE_ABSENT,
		.send = { .conv = "c", .cid = ID, .lane = 1, .kind = REC_MSG, .body = BODY_EMPTY,
			.ttl = WIRE_ABSENT } };

	(void)state;
	f.send.body.text = "a\0b";
	f.send.body.text_n = 1;
	expect(WIRE_CLIENT, &f, "{\"op\":\"send\",\"i\":1,\"conv\":\"c\",\"cid\":\"" ID "\","
		"\"lane\":1,\"kind\":\"msg\",\"ref\":null,\"body\":{\"text\":\"a\"}}");
}

static void
strings_that_are_null_are_empty(void **state)
{
	struct frame f = { .op = WIRE_HELLO, .i = 1, .re = WIRE_ABSENT,
		.hello = { .versions = (int64_t[]){ 1 }, .n_versions = 1, .device = "d",
			.window = WIRE_ABSENT } };

	(void)state;
	expect(WIRE_CLIENT, &f, "{\"op\":\"hello\",\"i\":1,\"versions\":[1],\"device\":\"d\"}");
	f.hello.token = "t";
	expect(WIRE_CLIENT, &f, "{\"op\":\"hello\",\"i\":1,\"versions\":[1],\"device\":\"d\","
		"\"auth\":{\"token\":\"t\"}}");
}

static void
lists_are_written_whole(void **state)
{
	struct wire_pong_head heads[] = { { "c", 1, "e" }, { "d", INT64_MAX, "f" } };
	struct position marks[] = { { 9, ID }, { 8, ID } };
	struct wire_sub subs[] = {
		{ .conv = "c", .epoch = "e", .seq = 9, .id = ID, .max = WIRE_ABSENT,
			.marks = marks, .n_marks = 2 },
		{ .conv = "d", .max = 200 },
	};
	struct frame hello = { .op = WIRE_HELLO, .i = WIRE_ABSENT, .re = WIRE_ABSENT,
		.hello = { .versions = (int64_t[]){ 1, 2 }, .n_versions = 2, .device = "d",
			.caps = (const char *[]){ "ops", "marks" }, .n_caps = 2,
			.window = WIRE_ABSENT } };
	struct frame pong = { .op = WIRE_PONG, .i = WIRE_ABSENT, .re = WIRE_ABSENT,
		.pong = { .x = -7, .heads = heads, .n_heads = 2 } };
	struct frame sub = { .op = WIRE_SUB, .i = 2, .re = WIRE_ABSENT,
		.sub = { .subs = subs, .n_subs = 2 } };

	(void)state;
	expect(WIRE_CLIENT, &hello, "{\"op\":\"hello\",\"versions\":[1,2],\"device\":\"d\","
		"\"caps\":[\"ops\",\"marks\"]}");
	expect(WIRE_SERVER, &pong, "{\"op\":\"pong\",\"x\":-7,\"heads\":[[\"c\",1,\"e\"],"
		"[\"d\",9223372036854775807,\"f\"]]}");
	expect(WIRE_CLIENT, &sub, "{\"op\":\"sub\",\"i\":2,\"subs\":[{\"conv\":\"c\","
		"\"epoch\":\"e\",\"seq\":9,\"id\":\"" ID "\",\"marks\":[[9,\"" ID "\"],[8,\""
		ID "\"]]},{\"conv\":\"d\",\"seq\":0,\"max\":200}]}");
}

static void
each_side_says_what_is_its_own(void **state)
{
	struct frame f = { .op = WIRE_TYPING, .i = 3, .re = 4,
		.typing = { .conv = "c", .ttl = 1, .from = "bob" } };

	(void)state;
	expect(WIRE_CLIENT, &f, "{\"op\":\"typing\",\"i\":3,\"conv\":\"c\",\"ttl\":1}");
	expect(WIRE_SERVER, &f, "{\"op\":\"typing\",\"re\":4,\"conv\":\"c\",\"ttl\":1,"
		"\"from\":\"bob\"}");
}

static void
a_row_of_subbed_has_what_its_mode_means(void **state)
{
	struct wire_subbed subs[] = {
		{ .conv = "a", .mode = WIRE_TAIL_MODE, .epoch = "e", .seq = 9 },
		{ .conv = "b", .mode = WIRE_GONE, .code = CODE_FORBIDDEN },
		{ .conv = "c", .mode = WIRE_RESET, .epoch = "n", .keep = WIRE_ABSENT },
	};
	struct frame f = { .op = WIRE_SUBBED, .i = WIRE_ABSENT, .re = WIRE_ABSENT,
		.subbed = { .subs = subs, .n_subs = 3 } };

	(void)state;
	expect(WIRE_SERVER, &f, "{\"op\":\"subbed\",\"subs\":["
		"{\"conv\":\"a\",\"mode\":\"tail\",\"epoch\":\"e\",\"seq\":9,\"floor\":0},"
		"{\"conv\":\"b\",\"mode\":\"gone\",\"code\":\"forbidden\"},"
		"{\"conv\":\"c\",\"mode\":\"reset\",\"epoch\":\"n\",\"floor\":0}]}");
}

static void
every_op_has_its_place(void **state)
{
	(void)state;
	assert_true(wire_is_legal(WIRE_HELLO, WIRE_CLIENT, WIRE_BEFORE_HELLO));
	assert_false(wire_is_legal(WIRE_HELLO, WIRE_CLIENT, WIRE_OPEN));
	assert_false(wire_is_legal(WIRE_HELLO, WIRE_SERVER, WIRE_BEFORE_HELLO));
	assert_true(wire_is_legal(WIRE_ERROR, WIRE_SERVER, WIRE_BEFORE_WELCOME));
	assert_true(wire_is_legal(WIRE_DELTA, WIRE_CLIENT, WIRE_OPEN));
	assert_true(wire_is_legal(WIRE_DELTA, WIRE_SERVER, WIRE_OPEN));
	assert_false(wire_is_legal(WIRE_UNKNOWN, WIRE_SERVER, WIRE_OPEN));
	assert_string_equal(wire_op_name(WIRE_SUBBED), "subbed");
	assert_string_equal(wire_op_name(WIRE_UNKNOWN), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_that_are_bytes_already_are_not_written_again),
		cmocka_unit_test(records_are_written_with_their_bodies),
		cmocka_unit_test(a_body_is_made_from_its_members),
		cmocka_unit_test(strings_that_are_null_are_empty),
		cmocka_unit_test(lists_are_written_whole),
		cmocka_unit_test(each_side_says_what_is_its_own),
		cmocka_unit_test(a_row_of_subbed_has_what_its_mode_means),
		cmocka_unit_test(every_op_has_its_place),
	};

	return cmocka_run_group_tests_name("encode", tests, NULL, NULL);
}
