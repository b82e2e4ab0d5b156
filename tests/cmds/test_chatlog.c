/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logs of other programs, line by line. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmds/chatlog.h"

struct reading { struct chatlog log; char said[512]; };

static void
start(struct reading *r, const char *format, const char *zone)
{
	struct err err;

	memset(r, 0, sizeof *r);
	assert_true(chatlog_init(&r->log, format, zone, &err));
}

/* "TIME kind from body", "-" for a line that says nothing, "!" and why for a bad one. */
static const char *
line(struct reading *r, const char *p)
{
	char ts[CLOCK_RFC3339_SIZE];

	switch (chatlog_line(&r->log, p)) {
	case CHATLOG_NOTHING:
		return "-";
	case CHATLOG_BAD:
		snprintf(r->said, sizeof r->said, "!%s", r->log.why);
		return r->said;
	default:
		clock_rfc3339(r->log.record.ts, ts);
		snprintf(r->said, sizeof r->said, "%.19s %s %s %s", ts, r->log.record.kind_name,
				r->log.record.from, r->log.record.body);
		return r->said;
	}
}

static void
weechat_lines_have_time_name_and_text(void **state)
{
	struct reading r;

	(void)state;
	start(&r, "auto", "UTC");
	assert_string_equal(line(&r, "2026-11-24 10:00:00\t@ann\ta \"b\"\tc"),
		"2026-11-24T10:00:00 msg ann {\"text\":\"a \\\"b\\\"\\tc\"}");
	assert_string_equal(line(&r, "2026-11-24 10:00:00\t *\tann waves"),
		"2026-11-24T10:00:00 msg ann {\"text\":\"/me waves\"}");
	assert_string_equal(line(&r, "2026-11-24T10:00:00.250000Z\tbob\tyo"),
		"2026-11-24T10:00:00 msg bob {\"text\":\"yo\"}");
	assert_int_equal(r.log.record.ts % 1000, 250);
	assert_string_equal(line(&r, "2026-11-24 10:00:00\t\t****  End of log  ****"), "-");
	assert_string_equal(line(&r, ""), "-");
	assert_int_equal(*line(&r, "2026-11-24 10:00:00 ann: no tabulator"), '!');
	assert_int_equal(*line(&r, "2026-13-24 10:00:00\tann\tno such month"), '!');
	chatlog_done(&r.log);
}

static void
weechat_tells_who_comes_and_goes(void **state)
{
	struct reading r;

	(void)state;
	start(&r, "weechat", "UTC");
	assert_string_equal(line(&r,
		"2026-11-24 10:00:00\t-->\tann (Ann [A.]) (~a@h) has joined #x"),
		"2026-11-24T10:00:00 member ann {\"user\":\"ann\",\"role\":\"member\",\"do\":\"join\"}");
	assert_string_equal(line(&r, "2026-11-24 10:00:00\t<--\tann (~a@h) has quit (bye)"),
		"2026-11-24T10:00:00 member ann {\"user\":\"ann\",\"role\":\"member\",\"do\":\"leave\"}");
	assert_string_equal(line(&r, "2026-11-24 10:00:00\t<--\tann has kicked bob (spam)"),
		"2026-11-24T10:00:00 member ann {\"user\":\"bob\",\"role\":\"member\",\"do\":\"kick\"}");
	assert_string_equal(line(&r, "2026-11-24 10:00:00\t--\t"
		"ann has changed topic for #x from \"a to \"b\" to \"c\""),
		"2026-11-24T10:00:00 topic ann {\"text\":\"c\"}");
	assert_string_equal(line(&r, "2026-11-24 10:00:00\t--\tann is now known as anna"),
		"2026-11-24T10:00:00 action weechat {\"text\":\"ann is now known as anna\"}");
	chatlog_done(&r.log);
}

static void
irssi_lines_belong_to_the_day_told_last(void **state)
{
	struct reading r;

	(void)state;
	start(&r, "irssi", "UTC");
	assert_int_equal(*line(&r, "10:00 <ann> too early"), '!');
	assert_string_equal(line(&r, "--- Log opened Tue Nov 24 10:00:00 2026"), "-");
	assert_string_equal(line(&r, "10:00 <@ann> a > b"),
		"2026-11-24T10:00:00 msg ann {\"text\":\"a > b\"}");
	assert_string_equal(line(&r, "--- Day changed Tue Dec  1 2026"), "-");
	assert_string_equal(line(&r, "[00:00:07] < ann> x"),
		"2026-12-01T00:00:07 msg ann {\"text\":\"x\"}");
	assert_string_equal(line(&r, "00:01  * ann nods"),
		"2026-12-01T00:01:00 msg ann {\"text\":\"/me nods\"}");
	assert_string_equal(line(&r, "00:01 -!- ann [a@h] has left #x []"),
		"2026-12-01T00:01:00 member ann {\"user\":\"ann\",\"role\":\"member\",\"do\":\"leave\"}");
	assert_string_equal(line(&r, "00:01 -ann:#x- listen"),
		"2026-12-01T00:01:00 msg ann {\"text\":\"listen\"}");
	assert_int_equal(*line(&r, "--- Day changed mar. 1 avril 2026"), '!');
	chatlog_done(&r.log);
}

static void
the_same_lines_have_the_same_ids(void **state)
{
	static const char *const lines[] = { "2026-11-24 10:00:00\tann\tyo",
		"2026-11-24 10:00:00\tann\tyo", "2026-11-24 10:00:01\tann\tyo" };
	char ids[6][ID_SIZE];

	(void)state;
	for (int i = 0; i < 6; i += 3) {
		struct reading r;

		start(&r, "auto", "UTC");
		for (int k = 0; k < 3; k++) {
			line(&r, lines[k]);
			memcpy(ids[i + k], r.log.record.id, ID_SIZE);
			assert_true(id_valid(ids[i + k]));
		}
		chatlog_done(&r.log);
	}
	for (int k = 0; k < 3; k++)
		assert_string_equal(ids[k], ids[3 + k]);
	assert_string_not_equal(ids[0], ids[1]);
	assert_string_not_equal(ids[0], ids[2]);
	assert_string_not_equal(ids[1], ids[2]);
}

static void
an_hour_that_comes_twice_goes_on(void **state)
{
	struct reading r;

	(void)state;
	start(&r, "auto", "Europe/Berlin");
	assert_memory_equal(line(&r, "2026-10-25 02:50:00\tann\ta"), "2026-10-25T00:50", 16);
	assert_memory_equal(line(&r, "2026-10-25 02:10:00\tann\tb"), "2026-10-25T01:10", 16);
	assert_memory_equal(line(&r, "2026-10-25 02:50:00\tann\tc"), "2026-10-25T01:50", 16);
	assert_memory_equal(line(&r, "2026-10-25 03:10:00\tann\td"), "2026-10-25T02:10", 16);
	assert_memory_equal(line(&r, "2026-07-01 12:00:00\tann\te"), "2026-07-01T10:00", 16);
	chatlog_done(&r.log);
}

static void
an_export_comes_back_as_the_state_of_its_messages(void **state)
{
	struct reading r;

	(void)state;
	start(&r, "auto", NULL);
	assert_string_equal(line(&r, "{\"kind\":\"gap\",\"from_seq\":1,\"to_seq\":2}"), "-");
	assert_string_equal(line(&r, "{\"seq\":9,\"id\":\"018f0000-0000-7000-8000-000000000001\","
		"\"kind\":\"msg\",\"from\":\"ann\",\"ts\":\"2026-11-24T10:00:00.123Z\","
		"\"text\":\"new\",\"reply\":null,\"edited\":true,\"deleted\":false}"),
		"2026-11-24T10:00:00 msg ann {\"text\":\"\"}");
	assert_string_equal(r.log.record.id, "018f0000-0000-7000-8000-000000000001");
	assert_string_equal(r.log.record.cur, "{\"text\":\"new\"}");
	assert_int_equal(*line(&r, "{\"kind\":\"msg\"}"), '!');
	assert_int_equal(*line(&r, "{broken"), '!');
	assert_int_equal(*line(&r, "[1]"), '!');
	chatlog_done(&r.log);
}

static void
a_text_is_cut_between_characters(void **state)
{
	static char text[CHATLOG_TEXT_MAX + 100];
	struct reading r;

	(void)state;
	start(&r, "auto", "UTC");
	memset(text, 'x', sizeof text - 1);
	memcpy(text, "2026-11-24 10:00:00\tann\t", 24);
	memcpy(text + 24 + CHATLOG_TEXT_MAX - 1, "\xc3\xa9", 2);
	assert_int_equal(chatlog_line(&r.log, text), CHATLOG_RECORD);
	assert_true(r.log.was_cut);
	assert_int_equal(r.log.record.body_n, strlen("{\"text\":\"\"}") + CHATLOG_TEXT_MAX - 1);
	chatlog_done(&r.log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weechat_lines_have_time_name_and_text),
		cmocka_unit_test(weechat_tells_who_comes_and_goes),
		cmocka_unit_test(irssi_lines_belong_to_the_day_told_last),
		cmocka_unit_test(the_same_lines_have_the_same_ids),
		cmocka_unit_test(an_hour_that_comes_twice_goes_on),
		cmocka_unit_test(an_export_comes_back_as_the_state_of_its_messages),
		cmocka_unit_test(a_text_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
