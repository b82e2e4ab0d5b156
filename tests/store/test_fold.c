/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fold: whatever the order in which records arrive, a message ends in the same state. */
#include "test.h"

#include <string.h>

#include "store/mirror.h"

static int
setup(void **state)
{
	static struct mirror mirror;

	mirror_init(&mirror);
	*state = &mirror;
	return 0;
}

static int
teardown(void **state)
{
	mirror_done(*state);
	return 0;
}

static struct record
op(int64_t seq, const char *kind, const char *body)
{
	return mirror_record(seq, kind, "id-1", body);
}

static struct record
message(void)
{
	return mirror_record(1, "msg", "", "{\"text\":\"first\"}");
}

static void
an_edit_shows_the_new_text(void **state)
{
	struct record v[] = { message(), op(2, "edit", "{\"text\":\"second\"}") };
	struct mirror *m = *state;

	mirror_put(m, 0, 2, v, 2);
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:second*");
}

static void
later_edits_win_in_any_order_of_arrival(void **state)
{
	struct record early = op(2, "edit", "{\"text\":\"second\"}");
	struct record late = op(3, "edit", "{\"text\":\"third\"}");
	struct record msg = message();
	struct mirror *m = *state;

	mirror_put_one(m, &late);
	mirror_commit(m);
	mirror_put_one(m, &early);
	mirror_commit(m);
	mirror_put_one(m, &msg);	/* the message comes last */
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:third*");
}

static void
the_servers_state_is_the_base_for_later_operations(void **state)
{
	struct record msg = message(), old = op(2, "edit", "{\"text\":\"old\"}"),
		late = op(9, "edit", "{\"text\":\"new\"}");
	struct mirror *m = *state;

	msg.cur = "{\"as_of\":5,\"text\":\"as of five\",\"deleted\":false,"
		"\"reacts\":{\"👍\":2}}";
	msg.cur_n = strlen(msg.cur);
	mirror_put_one(m, &msg);
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:as of five*{\"👍\":2}");
	mirror_put_one(m, &old);	/* already in it */
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:as of five*{\"👍\":2}");
	mirror_put_one(m, &late);
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:new*{\"👍\":2}");
}

static void
an_older_word_of_the_server_changes_nothing(void **state)
{
	struct record msg = message();
	struct mirror *m = *state;

	msg.cur = "{\"as_of\":5,\"text\":\"five\",\"deleted\":false,\"reacts\":{}}";
	msg.cur_n = strlen(msg.cur);
	mirror_put_one(m, &msg);
	mirror_commit(m);
	msg.cur = "{\"as_of\":3,\"text\":\"three\",\"deleted\":false,\"reacts\":{}}";
	msg.cur_n = strlen(msg.cur);
	mirror_put_one(m, &msg);
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:five*");
}

static void
a_deletion_blanks_the_text_and_its_edits_on_disk(void **state)
{
	struct record v[] = { message(), op(2, "edit", "{\"text\":\"secret\"}"),
		op(3, "delete", "{}") };
	struct mirror *m = *state;

	mirror_put(m, 0, 3, v, 3);
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:*-");
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM event WHERE body LIKE '%secret%'"
			" OR body LIKE '%first%'"), 0);
}

static void
a_deletion_before_its_message_blanks_it_too(void **state)
{
	struct record gone = op(3, "delete", "{}"), msg = message();
	struct mirror *m = *state;

	mirror_put_one(m, &gone);
	mirror_commit(m);
	mirror_put_one(m, &msg);
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:-");
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM event WHERE body LIKE '%first%'"),
			0);
}

static void
reactions_count_people_once(void **state)
{
	struct record v[] = { message(), op(2, "react", "{\"emoji\":\"👍\",\"on\":true}"),
		op(3, "react", "{\"emoji\":\"👍\",\"on\":true}"),
		op(4, "react", "{\"emoji\":\"👍\",\"on\":true}"),
		op(5, "react", "{\"emoji\":\"x\",\"on\":true}"),
		op(6, "react", "{\"emoji\":\"x\",\"on\":false}") };
	struct mirror *m = *state;

	v[3].from = "carol";
	mirror_put(m, 0, 6, v, 6);
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:first{\"👍\":2}");
}

static void
reactions_go_on_from_what_the_server_counted(void **state)
{
	struct record msg = message(), off = op(9, "react", "{\"emoji\":\"👍\",\"on\":false}");
	struct mirror *m = *state;

	msg.cur = "{\"as_of\":5,\"text\":\"first\",\"deleted\":false,\"reacts\":{\"👍\":2}}";
	msg.cur_n = strlen(msg.cur);
	mirror_put_one(m, &msg);
	mirror_put_one(m, &off);
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:first{\"👍\":1}");
}

static void
escapes_in_bodies_are_read(void **state)
{
	struct record r = mirror_record(1, "msg", "",
			"{\"text\":\"a\\n\\\"b\\\" \\u00e9\\ud83d\\ude00\",\"reply\":\"id-0\"}");
	struct mirror *m = *state;

	mirror_put_one(m, &r);
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:a\n\"b\" é😀");
}

static void
a_body_that_is_not_understood_is_kept_as_it_came(void **state)
{
	struct record v[] = { mirror_record(1, "msg", "", "{\"words\":[1,2]}"),
		mirror_record(2, "poll", "", "{\"text\":\"a later kind\"}") };
	struct mirror *m = *state;

	mirror_put(m, 0, 2, v, 2);
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1: 2:a later kind");
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM event WHERE kind = 'poll'"), 1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(an_edit_shows_the_new_text),
		test(later_edits_win_in_any_order_of_arrival),
		test(the_servers_state_is_the_base_for_later_operations),
		test(an_older_word_of_the_server_changes_nothing),
		test(a_deletion_blanks_the_text_and_its_edits_on_disk),
		test(a_deletion_before_its_message_blanks_it_too),
		test(reactions_count_people_once),
		test(reactions_go_on_from_what_the_server_counted),
		test(escapes_in_bodies_are_read),
		test(a_body_that_is_not_understood_is_kept_as_it_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
