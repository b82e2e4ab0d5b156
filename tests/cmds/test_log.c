/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log, rooms, unread and search: what people and programs see of the mirror. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "fake.h"
#include "test.h"

static void
rows_are_lines_with_a_date_between_days(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_row(&f, 1, "yo");
	fake_row(&f, 2, "/me waves")->ts += 86400000;
	fake_line(&f, "log #lobby");
	assert_int_equal(f.err.kind, ERR_NONE);
	assert_int_equal(f.calls.n, 0);
	assert_string_equal(buf_str(&f.out), "--- 2026-11-24 ---\n10:01 <ann> yo\n"
			"--- 2026-11-25 ---\n10:02 * ann waves\n");
	fake_done(&f);
}

static void
no_text_can_look_like_another_row(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_row(&f, 1, "a\n10:02 <bob> \x1b[31mnot me");
	fake_line(&f, "log #lobby");
	assert_non_null(strstr(buf_str(&f.out), "10:01 <ann> a\n      10:02 <bob> "));
	assert_null(strchr(buf_str(&f.out), '\x1b'));
	fake_line(&f, "log #lobby --raw");
	assert_non_null(strchr(buf_str(&f.out), '\x1b'));
	fake_done(&f);
}

static void
edited_and_deleted_rows_say_so(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_row(&f, 1, "better")->edited = true;
	fake_row(&f, 2, "")->deleted = true;
	fake_line(&f, "log #lobby");
	assert_non_null(strstr(buf_str(&f.out), "10:01 <ann> better (edited)\n"
			"10:02 <ann> (deleted)\n"));
	fake_done(&f);
}

static void
a_gap_stands_where_it_is(void **state)
{
	struct gap g = { 1, 5 };
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_row(&f, 1, "a");
	fake_row(&f, 6, "b");
	arr_push(&f.gaps, g);
	fake_line(&f, "log #lobby");
	assert_non_null(strstr(buf_str(&f.out),
			"10:01 <ann> a\n--- gap: seq 2–5 not fetched (4) ---\n10:06 <ann> b\n"));
	f.ctx.json = true;
	fake_line(&f, "log #lobby");
	assert_non_null(strstr(buf_str(&f.out), "{\"kind\":\"gap\",\"conv\":\"c_1\","
			"\"name\":\"#lobby\",\"from_seq\":2,\"to_seq\":5,\"missing\":4}\n"));
	fake_done(&f);
}

static void
json_has_the_members_of_an_event_in_their_order(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	f.ctx.json = true;
	fake_row(&f, 14, "y\"o\x07");
	fake_line(&f, "log #lobby");
	assert_string_equal(buf_str(&f.out), "{\"account\":\"local\",\"conv\":\"c_1\","
			"\"name\":\"#lobby\",\"seq\":14,\"id\":\"id-14\",\"kind\":\"msg\","
			"\"from\":\"ann\",\"ts\":\"2026-11-24T10:14:00.000Z\","
			"\"text\":\"y\\\"o\\u0007\",\"reply\":null,\"edited\":false,"
			"\"deleted\":false}\n");
	fake_done(&f);
}

static void
member_events_tell_who_and_what(void **state)
{
	struct fake_row *row;
	struct fake f;

	(void)state;
	fake_init(&f);
	row = fake_row(&f, 1, "");
	row->kind = REC_MEMBER;
	str_copy(row->body, sizeof row->body,
			"{\"user\":\"bob\",\"name\":\"Bob\",\"role\":\"member\",\"do\":\"join\"}");
	fake_line(&f, "log #lobby");
	assert_non_null(strstr(buf_str(&f.out), "10:01 -- bob has joined\n"));
	f.ctx.json = true;
	fake_line(&f, "log #lobby");
	assert_non_null(strstr(buf_str(&f.out), "\"user\":\"bob\",\"display\":\"Bob\","
			"\"role\":\"member\",\"do\":\"join\"}"));
	fake_done(&f);
}

static void
the_newest_n_are_fetched_first_unless_offline(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	for (int i = 1; i <= 3000; i++)
		fake_row(&f, i, "x");
	f.ctx.json = true;
	fake_line(&f, "log #lobby -n 2500");
	assert_int_equal(f.calls.n, 1);
	assert_int_equal(f.calls.v[0]->rq.verb, VERB_FETCH);
	assert_int_equal(f.calls.v[0]->rq.n, 2500);
	assert_non_null(strstr(buf_str(&f.out), "\"seq\":501,"));
	assert_null(strstr(buf_str(&f.out), "\"seq\":500,"));
	assert_non_null(strstr(buf_str(&f.out), "\"seq\":3000,"));
	f.ctx.offline = true;
	fake_line(&f, "log #lobby -n 1");
	assert_int_equal(f.calls.n, 1);
	assert_null(strstr(buf_str(&f.out), "\"seq\":2999,"));
	fake_done(&f);
}

static void
away(struct fake *f, struct fake_call *c)
{
	struct reply r = { .type = REPLY_FAIL };

	(void)f;
	err_set(&r.err, ERR_NETWORK, "the server is away");
	fake_reply(c, &r);
}

static void
a_server_that_is_away_is_a_remark_and_the_mirror_is_shown(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	f.on_call = away;
	fake_row(&f, 1, "a");
	fake_line(&f, "log #lobby -n 5");
	assert_int_equal(f.err.kind, ERR_NONE);
	assert_non_null(strstr(buf_str(&f.out), "<ann> a\n"));
	assert_non_null(strstr(buf_str(&f.remarks), "the server is away"));
	fake_done(&f);
}

static void
an_unknown_room_is_3_and_a_bad_time_2(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	f.ctx.offline = true;
	fake_line(&f, "log #nowhere");
	assert_int_equal(f.err.kind, ERR_REFUSED);
	fake_line(&f, "log #lobby --since gestern");
	assert_int_equal(f.err.kind, ERR_USAGE);
	fake_done(&f);
}

static void
a_closed_pipe_ends_it(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	f.is_closed = true;
	fake_row(&f, 1, "a");
	fake_line(&f, "log #lobby");
	assert_int_equal(f.err.kind, ERR_PIPE);
	fake_done(&f);
}

static void
rooms_unread_and_search_read_the_mirror(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_row(&f, 1, "needle in hay");
	fake_line(&f, "rooms");
	assert_string_equal(buf_str(&f.out), "#lobby  2 unread, 1 mention  all\n");
	fake_line(&f, "unread --count");
	assert_string_equal(buf_str(&f.out), "2\n");
	fake_line(&f, "search needle");
	assert_string_equal(buf_str(&f.out), "2026-11-24 10:01 #lobby <ann> needle in hay\n");
	fake_line(&f, "search nothing");
	assert_int_equal(f.err.kind, ERR_NONE);
	assert_int_equal(f.out.n, 0);
	f.ctx.json = true;
	fake_line(&f, "rooms");
	assert_string_equal(buf_str(&f.out), "{\"account\":\"local\",\"conv\":\"c_1\","
			"\"name\":\"#lobby\",\"kind\":\"room\",\"topic\":\"all\",\"unread\":2,"
			"\"mentions\":1}\n");
	assert_int_equal(f.calls.n, 0);
	fake_done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_lines_with_a_date_between_days),
		cmocka_unit_test(no_text_can_look_like_another_row),
		cmocka_unit_test(edited_and_deleted_rows_say_so),
		cmocka_unit_test(a_gap_stands_where_it_is),
		cmocka_unit_test(json_has_the_members_of_an_event_in_their_order),
		cmocka_unit_test(member_events_tell_who_and_what),
		cmocka_unit_test(the_newest_n_are_fetched_first_unless_offline),
		cmocka_unit_test(a_server_that_is_away_is_a_remark_and_the_mirror_is_shown),
		cmocka_unit_test(an_unknown_room_is_3_and_a_bad_time_2),
		cmocka_unit_test(a_closed_pipe_ends_it),
		cmocka_unit_test(rooms_unread_and_search_read_the_mirror),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
