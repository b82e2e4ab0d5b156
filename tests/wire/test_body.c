/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of records, taken apart and put together. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "wire/wire.h"

#define ID "018f3c00-0000-7000-8000-0000000000d4"

/* Every kind with all its members, in the order in which they are written. */
static const struct { enum record_kind kind; const char *json; } bodies[] = {
	{ REC_MSG, "{\"text\":\"yo\",\"reply\":\"" ID "\"}" },
	{ REC_MSG, "{\"text\":\"a\\nb\\u001b\"}" },
	{ REC_EDIT, "{\"text\":\"yo\"}" },
	{ REC_DELETE, "{}" },
	{ REC_REACT, "{\"emoji\":\"👍\",\"on\":true}" },
	{ REC_REACT, "{\"emoji\":\"👍\",\"on\":false}" },
	{ REC_MEMBER, "{\"user\":\"bob\",\"name\":\"Bob\",\"role\":\"member\",\"do\":\"join\"}" },
	{ REC_MEMBER, "{\"user\":\"bob\",\"do\":\"kick\",\"conv\":\"c\"}" },
	{ REC_TOPIC, "{\"text\":\"\"}" },
	{ REC_AI_START, "{\"stream\":\"st\",\"model\":\"m\",\"asked_by\":\"ann\","
		"\"question\":\"" ID "\"}" },
	{ REC_AI_START, "{\"stream\":\"st\"}" },
	{ REC_AI_END, "{\"stream\":\"st\",\"status\":\"ok\",\"len\":2,\"text\":\"yo\","
		"\"usage\":{\"in\":1},\"sources\":[[\"c\",1]]}" },
	{ REC_AI_END, "{\"stream\":\"st\",\"status\":\"stopped\",\"len\":0}" },
	{ REC_ACTION, "{\"workflow\":\"w\",\"run\":\"r\",\"step\":\"s\",\"state\":\"done\"}" },
	{ REC_READ, "{\"conv\":\"c\",\"epoch\":\"e\",\"seq\":9}" },
	{ REC_NOTIFY, "{\"conv\":\"c\",\"seq\":9,\"id\":\"" ID "\",\"level\":\"mention\"}" },
	{ REC_OTHER, "{\"question\":[1,2,{\"a\":null}]}" },
};

static void
a_body_is_put_together_as_it_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(bodies); i++) {
		struct body_memory *keep = NULL;
		struct body body;
		struct buf out;
		struct err err;

		if (!body_parse(bodies[i].kind, bodies[i].json, strlen(bodies[i].json), &body,
				&keep, &err))
			fail_msg("%s: %s", bodies[i].json, err.msg);
		assert_string_equal(body.json, bodies[i].json);
		assert_int_equal(body.json_n, strlen(bodies[i].json));
		buf_init(&out, 1024);
		assert_true(body_encode(bodies[i].kind, &body, &out));
		assert_string_equal(buf_str(&out), bodies[i].json);
		buf_done(&out);
		body_free(keep);
	}
}

static void
a_full_buffer_keeps_what_it_had(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(bodies); i++) {
		struct body_memory *keep = NULL;
		struct body body;
		size_t n = strlen(bodies[i].json);

		assert_true(body_parse(bodies[i].kind, bodies[i].json, n, &body, &keep, NULL));
		for (size_t max = 1; max < n + 1; max++) {
			struct buf out;

			buf_init(&out, max);
			assert_true(buf_addc(&out, ','));
			assert_false(body_encode(bodies[i].kind, &body, &out));
			assert_string_equal(buf_str(&out), ",");
			buf_done(&out);
		}
		body_free(keep);
	}
}

static void
members_are_where_they_belong(void **state)
{
	struct body_memory *keep = NULL;
	struct body body;

	(void)state;
	assert_true(body_parse(REC_AI_END, bodies[11].json, strlen(bodies[11].json), &body, &keep,
		NULL));
	assert_string_equal(body.stream, "st");
	assert_string_equal(body.status, "ok");
	assert_int_equal(body.len, 2);
	assert_string_equal(body.text, "yo");
	assert_int_equal(body.text_n, 2);
	assert_string_equal(body.usage, "{\"in\":1}");
	assert_string_equal(body.sources, "[[\"c\",1]]");
	/* and what the kind does not have is empty, not NULL */
	assert_string_equal(body.reply, "");
	assert_string_equal(body.emoji, "");
	assert_string_equal(body.level, "");
	body_free(keep);
}

static void
what_nobody_knows_is_kept_in_json(void **state)
{
	static const char json[] = "{ \"mood\": [1.50, \"\\u00e9\"], \"text\":\"yo\"}";
	struct body_memory *keep = NULL;
	struct body body;

	(void)state;
	assert_true(body_parse(REC_MSG, json, sizeof json - 1, &body, &keep, NULL));
	assert_string_equal(body.text, "yo");
	assert_string_equal(body.json, "{\"mood\":[1.50,\"\\u00e9\"],\"text\":\"yo\"}");
	body_free(keep);
}

static void
a_body_that_does_not_fit_says_why(void **state)
{
	static const struct { enum record_kind kind; const char *json, *why; } rows[] = {
		{ REC_MSG, "", "msg: not valid JSON" },
		{ REC_MSG, "[]", "msg: the body must be an object" },
		{ REC_MSG, "{}", "msg: member 'text' is missing" },
		{ REC_MSG, "{\"text\":\"\"}", "msg: member 'text' is empty" },
		{ REC_MSG, "{\"text\":\"a\\u0000\"}", "msg: a string holds a NUL" },
		{ REC_MSG, "{\"text\":\"a\",\"text\":\"b\"}", "stands twice" },
		{ REC_EDIT, "{\"text\":\"\"}", "edit: member 'text' is empty" },
		{ REC_REACT, "{\"emoji\":\"ab\",\"on\":true}",
			"one character of at most 64 bytes" },
		{ REC_MEMBER, "{\"user\":\"bob\",\"do\":\"burn\"}",
			"member: member 'do' must be one of: join, leave, invite, kick, role" },
		{ REC_AI_END, "{\"stream\":\"s\",\"status\":\"ok\",\"len\":-1}",
			"ai.end: member 'len' must lie between" },
		{ REC_READ, "{\"conv\":\"c\",\"epoch\":\"e\"}", "read: member 'seq' is missing" },
		{ REC_NOTIFY, "{\"conv\":\"c\",\"seq\":9,\"id\":\"\",\"level\":\"mention\"}",
			"notify: member 'id' must be a UUID" },
		{ REC_OTHER, "7", "other: the body must be an object" },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct body_memory *keep = NULL;
		struct body body = BODY_EMPTY;
		struct err err;

		assert_false(body_parse(rows[i].kind, rows[i].json, strlen(rows[i].json), &body,
			&keep, &err));
		if (!strstr(err.msg, rows[i].why))
			fail_msg("%s: %s", rows[i].json, err.msg);
		assert_null(keep);
		assert_string_equal(body.text, "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_put_together_as_it_was),
		cmocka_unit_test(a_full_buffer_keeps_what_it_had),
		cmocka_unit_test(members_are_where_they_belong),
		cmocka_unit_test(what_nobody_knows_is_kept_in_json),
		cmocka_unit_test(a_body_that_does_not_fit_says_why),
	};

	return cmocka_run_group_tests_name("body", tests, NULL, NULL);
}
