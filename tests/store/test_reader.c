/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading: ranges of rows, gaps, search; from folders that cannot be written, too. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/mem.h"
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

static void
say_ten(struct mirror *m)
{
	char text[32];

	for (int64_t seq = 1; seq <= 10; seq++) {
		snprintf(text, sizeof text, "t%lld", (long long)seq);
		mirror_say(m, seq, "bob", text);
	}
	mirror_commit(m);
}

static void
a_missing_mirror_is_told_as_nothing_yet(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(reader_open("/tmp/stonechat-store-nowhere", &err));
	assert_int_equal(err.kind, ERR_USAGE);
}

static void
rows_come_oldest_first_from_either_end(void **state)
{
	struct mirror *m = *state;

	say_ten(m);
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .n = 3 }), "8:t8 9:t9 10:t10");
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .n = 2, .from_old = true }),
			"1:t1 2:t2");
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .lo = 3, .hi = 5 }),
			"4:t4 5:t5");
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .hi = 5, .n = 1 }), "5:t5");
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .n = 50, .lo = 8 }),
			"9:t9 10:t10");
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .since = 1700000009000,
			.n = 5 }), "9:t9 10:t10");
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .since = 1800000000000 }), "");
}

static void
rows_are_cut_by_time(void **state)
{
	struct mirror *m = *state;

	say_ten(m);
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .since = 1700000009000 }),
			"9:t9 10:t10");
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .since = 1700000009000,
			.n = 5 }), "9:t9 10:t10");
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .since = 1800000000000 }), "");
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .until = 1700000003000 }),
			"1:t1 2:t2");
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .until = 1700000006000,
			.n = 2 }), "4:t4 5:t5");
}

static void
operations_are_left_out_unless_asked_for(void **state)
{
	struct record v[] = { mirror_record(1, "msg", "", "{\"text\":\"a\"}"),
		mirror_record(2, "react", "id-1", "{\"emoji\":\"x\",\"on\":true}"),
		mirror_record(3, "member", "", "{\"user\":\"bob\",\"do\":\"join\"}"),
		mirror_record(4, "msg", "", "{\"text\":\"b\"}") };
	struct mirror *m = *state;

	mirror_put(m, 0, 4, v, 4);
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:a{\"x\":1} 3: 4:b");
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .n = 2 }), "3: 4:b");
	assert_string_equal(mirror_rows(m, &(struct reader_range){ .all_kinds = true, .n = 3 }),
			"2: 3: 4:b");
}

static void
a_long_walk_is_cut_into_short_transactions(void **state)
{
	enum { N = 1300 };
	struct mirror *m = *state;
	struct reader_range all = { 0 };
	struct record r;
	int count = 0;
	const char *rows;

	for (int64_t seq = 1; seq <= N; seq++) {
		r = mirror_record(seq, "msg", "", "{}");
		mirror_put_one(m, &r);
	}
	mirror_commit(m);
	rows = mirror_rows(m, &(struct reader_range){ .lo = N - 2 });
	assert_string_equal(rows, "1299: 1300:");
	rows = mirror_rows(m, &all);
	for (; *rows != '\0'; rows++)
		count += *rows == ':';
	assert_true(count > 500);	/* more than one chunk, as far as they can be shown */
}

struct gaps { char text[256]; };

static bool
see_gap(void *arg, const struct gap *g)
{
	struct gaps *gaps = arg;
	size_t n = strlen(gaps->text);

	snprintf(gaps->text + n, sizeof gaps->text - n, "(%lld,%lld]", (long long)g->lo,
			(long long)g->hi);
	return true;
}

static const char *
gaps(struct mirror *m, int64_t lo, int64_t hi)
{
	static struct gaps seen;
	struct err err = { 0 };

	seen.text[0] = '\0';
	assert_true(reader_gaps(mirror_reader(m), C1, lo, hi, see_gap, &seen, &err));
	return seen.text;
}

static void
gaps_are_what_is_not_held_above_the_floor(void **state)
{
	struct mirror *m = *state;
	struct change *ch;
	struct err err = { 0 };
	int64_t seq;

	mirror_say(m, 10, "bob", "x");
	mirror_say(m, 20, "bob", "x");
	batch_reserve(&m->b, 1, 1024);
	ch = batch_add(&m->b, CHANGE_HEAD, C1);
	ch->head = (struct head){ .conv = C1, .name = "#room", .topic = "", .epoch = "e1",
		.id = "id-25", .kind = CONV_ROOM, .seq = 25, .floor = 4, .unread = -1 };
	mirror_commit(m);
	assert_string_equal(gaps(m, 0, 0), "(4,9](10,19](20,25]");
	assert_string_equal(gaps(m, 12, 15), "(12,15]");
	assert_string_equal(gaps(m, 9, 10), "");
	assert_true(reader_contiguous(mirror_reader(m), C1, 9, &seq, &err));
	assert_int_equal(seq, 10);
	assert_true(reader_contiguous(mirror_reader(m), C1, 10, &seq, &err));
	assert_int_equal(seq, 10);
	assert_true(reader_contiguous(mirror_reader(m), C1, 0, &seq, &err));
	assert_int_equal(seq, 4);
}

static bool
see_one(void *arg, const struct message *msg)
{
	*(int64_t *)arg = msg->seq;
	return true;
}

static void
a_message_is_found_by_id_and_by_number(void **state)
{
	struct mirror *m = *state;
	struct err err = { 0 };
	int64_t seq = 0;

	say_ten(m);
	assert_true(reader_message(mirror_reader(m), C1, "id-7", see_one, &seq, &err));
	assert_int_equal(seq, 7);
	assert_true(reader_message(mirror_reader(m), C1, "3", see_one, &seq, &err));
	assert_int_equal(seq, 3);
	assert_false(reader_message(mirror_reader(m), C1, "nothing", see_one, &seq, &err));
	assert_int_equal(err.kind, ERR_NONE);
	assert_false(reader_message(mirror_reader(m), "c_none", "3", see_one, &seq, &err));
	assert_int_equal(err.kind, ERR_NONE);
}

static void
search_finds_words_phrases_and_prefixes_newest_first(void **state)
{
	struct err err = { 0 };
	struct mirror *m = *state;

	mirror_say(m, 1, "bob", "the quick brown fox");
	mirror_say(m, 2, "carol", "brown bread, quick");
	mirror_say(m, 3, "bob", "Café quickly");
	mirror_commit(m);
	for (int indexed = 0; indexed < 2; indexed++) {
		assert_string_equal(mirror_search(m, "quick brown"),
				"2:brown bread, quick 1:the quick brown fox");
		assert_string_equal(mirror_search(m, "\"quick brown\""),
				"1:the quick brown fox");
		assert_string_equal(mirror_search(m, "quickl*"), "3:Café quickly");
		assert_string_equal(mirror_search(m, "cafe"), "3:Café quickly");
		assert_string_equal(mirror_search(m, "nothing"), "");
		assert_true(writer_index_all(m->w, &err));
		assert_int_equal(mirror_number(m, "SELECT count(*) FROM word_row"), 3);
	}
}

static void
search_finds_parts_of_what_is_written_without_spaces(void **state)
{
	struct err err = { 0 };
	struct mirror *m = *state;

	mirror_say(m, 1, "bob", "東京タワーに行きました");
	mirror_say(m, 2, "bob", "京東 x漢字y");
	mirror_say(m, 3, "bob", "안녕하세요");
	mirror_commit(m);
	for (int indexed = 0; indexed < 2; indexed++) {
		assert_string_equal(mirror_search(m, "東京"), "1:東京タワーに行きました");
		assert_string_equal(mirror_search(m, "タワー 行き"), "1:東京タワーに行きました");
		assert_string_equal(mirror_search(m, "漢字y"), "2:京東 x漢字y");
		assert_string_equal(mirror_search(m, "안녕"), "3:안녕하세요");
		assert_string_equal(mirror_search(m, "字漢"), "");
		assert_true(writer_index_all(m->w, &err));
	}
}

static bool
count_hit(void *arg, const struct conv_row *c, const struct message *msg)
{
	(void)c;
	(void)msg;
	++*(int *)arg;
	return true;
}

static void
no_query_is_a_syntax_error(void **state)
{
	static const char *const bad[] = { "\"unclosed", "a AND", "NEAR(", "x:y", "-minus", "a^b",
		"* *", "col : x", "(", "{a b}", "a+b", "'quote", "😀 x" };
	struct mirror *m = *state;
	struct reader_search q = { 0 };
	struct err err = { 0 };
	int n = 0;

	mirror_say(m, 1, "bob", "a b x y minus and");
	mirror_commit(m);
	assert_true(writer_index_all(m->w, &err));
	for (size_t i = 0; i < countof(bad); i++) {
		q.query = bad[i];
		err.kind = ERR_NONE;
		if (!reader_search(mirror_reader(m), &q, count_hit, &n, &err))
			assert_int_equal(err.kind, ERR_USAGE);
	}
}

static int
hits(struct mirror *m, struct reader_search q)
{
	struct err err = { 0 };
	int n = 0;

	assert_true(reader_search(mirror_reader(m), &q, count_hit, &n, &err));
	return n;
}

static void
search_is_narrowed_by_room_person_time_and_number(void **state)
{
	struct mirror *m = *state;
	struct err err = { 0 };

	for (int64_t seq = 1; seq <= 9; seq++)
		mirror_say(m, seq, seq % 3 == 0 ? "carol" : "bob", "needle");
	mirror_commit(m);
	for (int indexed = 0; indexed < 2; indexed++) {
		assert_int_equal(hits(m, (struct reader_search){ .query = "needle" }), 9);
		assert_int_equal(hits(m, (struct reader_search){ .query = "needle",
				.by = "carol" }), 3);
		assert_int_equal(hits(m, (struct reader_search){ .query = "needle",
				.conv = "c_other" }), 0);
		assert_int_equal(hits(m, (struct reader_search){ .query = "needle",
				.since = 1700000008000 }), 2);
		assert_int_equal(hits(m, (struct reader_search){ .query = "needle", .n = 4 }), 4);
		assert_true(writer_index_all(m->w, &err));
	}
}

static void
the_index_follows_edits_deletions_and_forks(void **state)
{
	struct record edit = mirror_record(4, "edit", "id-1", "{\"text\":\"pear\"}");
	struct record gone = mirror_record(5, "delete", "id-2", "{}");
	struct mirror *m = *state;
	struct err err = { 0 };
	struct change *ch;

	mirror_say(m, 1, "bob", "apple");
	mirror_say(m, 2, "bob", "plum");
	mirror_say(m, 3, "bob", "cherry");
	mirror_commit(m);
	assert_true(writer_index_all(m->w, &err));
	mirror_put_one(m, &edit);
	mirror_put_one(m, &gone);
	mirror_commit(m);
	assert_true(writer_index_all(m->w, &err));
	assert_string_equal(mirror_search(m, "apple"), "");
	assert_string_equal(mirror_search(m, "pear"), "1:pear*");
	assert_string_equal(mirror_search(m, "plum"), "");
	batch_reserve(&m->b, 1, 1024);
	ch = batch_add(&m->b, CHANGE_REBASE, C1);
	ch->rebase.epoch = "e2";
	ch->rebase.keep = 1;
	mirror_commit(m);
	assert_string_equal(mirror_search(m, "cherry"), "");
	assert_string_equal(mirror_search(m, "pear"), "");
	assert_string_equal(mirror_search(m, "apple"), "1:apple");
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM word_row"), 1);
}

static void
history_filled_below_is_indexed_too(void **state)
{
	struct mirror *m = *state;
	struct err err = { 0 };

	mirror_say(m, 50, "bob", "newer needle");
	mirror_commit(m);
	assert_true(writer_index_all(m->w, &err));
	for (int64_t seq = 40; seq < 50; seq++)
		mirror_say(m, seq, "bob", "older needle");
	mirror_commit(m);
	assert_int_equal(hits(m, (struct reader_search){ .query = "needle" }), 11);
	assert_true(writer_index_all(m->w, &err));
	assert_int_equal(hits(m, (struct reader_search){ .query = "needle" }), 11);
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM range WHERE what = 2"), 1);
}

static void
a_schema_of_the_future_is_refused_with_a_sentence(void **state)
{
	struct mirror *m = *state;
	char *path = xasprintf("%s/mirror.db", m->dir);
	struct err err = { 0 };
	sqlite3 *h;

	mirror_close(m);
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, "PRAGMA user_version=999", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(h);
	assert_null(reader_open(m->dir, &err));
	assert_int_equal(err.kind, ERR_FAIL);
	assert_non_null(strstr(err.msg, "newer"));
	assert_null(writer_open(m->dir, NULL, NULL, &err));
	assert_non_null(strstr(err.msg, "newer"));
	free(path);
}

/* In a child without root's powers, since root may write anywhere. */
static void
a_folder_that_cannot_be_written_is_read_all_the_same(void **state)
{
	struct mirror *m = *state;
	struct err err = { 0 };
	int status;
	pid_t child;

	say_ten(m);
	mirror_close(m);	/* the last connection takes the WAL along */
	assert_int_equal(chmod(m->dir, 0555), 0);
	child = fork();
	if (child == 0) {
		char *path = xasprintf("%s/mirror.db", m->dir);
		struct reader *r;

		if (geteuid() == 0 && (chmod(path, 0444) != 0 || setgid(65534) != 0
				|| setuid(65534) != 0))
			_exit(2);
		r = reader_open(m->dir, &err);
		if (r == NULL)
			fprintf(stderr, "%s\n", err.msg);
		status = r != NULL && reader_user(r)[0] == 'a' ? 0 : 1;
		if (r != NULL)
			reader_close(r);
		free(path);
		_exit(status);
	}
	waitpid(child, &status, 0);
	chmod(m->dir, 0755);
	assert_int_equal(status, 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_missing_mirror_is_told_as_nothing_yet),
		test(rows_come_oldest_first_from_either_end),
		test(rows_are_cut_by_time),
		test(operations_are_left_out_unless_asked_for),
		test(a_long_walk_is_cut_into_short_transactions),
		test(gaps_are_what_is_not_held_above_the_floor),
		test(a_message_is_found_by_id_and_by_number),
		test(search_finds_words_phrases_and_prefixes_newest_first),
		test(search_finds_parts_of_what_is_written_without_spaces),
		test(no_query_is_a_syntax_error),
		test(search_is_narrowed_by_room_person_time_and_number),
		test(the_index_follows_edits_deletions_and_forks),
		test(history_filled_below_is_indexed_too),
		test(a_schema_of_the_future_is_refused_with_a_sentence),
		test(a_folder_that_cannot_be_written_is_read_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
