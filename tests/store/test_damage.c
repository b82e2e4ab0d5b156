/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Damaged mirrors: set aside, with what only they had saved; and losses that no check of the
 * database sees. */
#include "test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
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

static char *
in_dir(struct mirror *m, const char *name)
{
	return xasprintf("%s/%s", m->dir, name);
}

static void
scribble(struct mirror *m, off_t at, size_t n)
{
	char *path = in_dir(m, "mirror.db"), *junk = xmalloc(n);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	memset(junk, 0xee, n);
	assert_int_equal(pwrite(fd, junk, n, at), n);
	close(fd);
	free(junk);
	free(path);
}

static void
copy(struct mirror *m, const char *from, const char *to)
{
	char *a = in_dir(m, from), *b = in_dir(m, to);
	struct err err = { 0 };
	size_t n;
	char *p = path_read(a, 64 * 1024 * 1024, &n, &err);

	assert_non_null(p);
	assert_true(path_write(b, p, n, &err));
	free(p);
	free(a);
	free(b);
}

static void
what_is_no_database_is_replaced(void **state)
{
	struct mirror *m = *state;

	mirror_say(m, 1, "bob", "one");
	mirror_commit(m);
	mirror_close(m);
	scribble(m, 0, 100);
	mirror_open(m);
	assert_non_null(strstr(writer_notice(m->w), "damaged"));
	assert_non_null(strstr(writer_path(m->w), "mirror-2.db"));
	mirror_close(m);
	mirror_open(m);
	assert_string_equal(writer_notice(m->w), "");	/* told once */
}

/* Everything that one has of one's own: two messages and a draft. */
static void
queue_three(struct mirror *m)
{
	struct change *ch;

	mirror_queue(m, U(1), 5);
	mirror_queue(m, U(2), 6);
	batch_reserve(&m->b, 1, 1024);
	ch = batch_add(&m->b, CHANGE_DRAFT, C1);
	ch->draft = (struct draft){ "half a", 3, "", "" };
	mirror_commit(m);
}

static void
a_first_page_that_is_gone_loses_nothing_of_ones_own(void **state)
{
	struct mirror *m = *state;
	struct err err = { 0 };

	for (off_t n = 100; n <= 4096; n += 3996) {
		mirror_done(m);
		mirror_init(m);
		queue_three(m);
		mirror_close(m);
		scribble(m, 0, (size_t)n);
		mirror_open(m);
		assert_non_null(strstr(writer_notice(m->w), "3 messages and drafts of yours were "
					"saved"));
		assert_int_equal(mirror_number(m, "SELECT sum(lane) FROM outbox"), 11);
		assert_int_equal(mirror_number(m, "SELECT lane_next FROM conv"), 7);
		assert_string_equal(reader_user(mirror_reader(m)), "ann");
		assert_true(reader_refresh(m->r, &err));
	}
}

static void
without_the_table_of_conversations_their_index_serves(void **state)
{
	struct mirror *m = *state;
	int64_t page;

	queue_three(m);
	page = mirror_number(m, "SELECT rootpage FROM sqlite_schema WHERE name = 'conv'");
	mirror_close(m);
	scribble(m, (page - 1) * 4096, 4096);
	mirror_open(m);
	mirror_say(m, 2, "bob", "two");
	assert_int_equal(mirror_try(m), WRITER_FAILED);
	mirror_close(m);
	mirror_open(m);
	assert_non_null(strstr(writer_notice(m->w), "3 messages and drafts"));
	assert_int_equal(mirror_number(m, "SELECT lane_next FROM conv WHERE conv = 'c_1'"), 7);
}

static void
damage_that_the_first_look_finds_is_set_aside_at_once(void **state)
{
	struct mirror *m = *state;
	int64_t page;

	queue_three(m);
	page = mirror_number(m, "SELECT rootpage FROM sqlite_schema WHERE name = 'draft'");
	mirror_close(m);
	scribble(m, (page - 1) * 4096, 4096);
	mirror_open(m);
	assert_non_null(strstr(writer_notice(m->w), "2 were saved and 1 are lost"));
	mirror_close(m);
	mirror_open(m);
	assert_string_equal(writer_notice(m->w), "");
}

static void
what_could_not_be_saved_is_counted(void **state)
{
	struct mirror *m = *state;
	int64_t page;

	queue_three(m);
	page = mirror_number(m, "SELECT rootpage FROM sqlite_schema WHERE name = 'outbox'");
	mirror_close(m);
	scribble(m, (page - 1) * 4096, 4096);
	mirror_open(m);
	mirror_queue(m, U(3), 7);
	assert_int_equal(mirror_try(m), WRITER_FAILED);
	mirror_close(m);
	mirror_open(m);
	assert_non_null(strstr(writer_notice(m->w), "1 were saved and 2 are lost"));
}

/* The page of a table is damaged: opening sees nothing, the first commit does. */
static void
damage_met_in_a_commit_saves_outbox_and_drafts(void **state)
{
	struct mirror *m = *state;
	struct err err = { 0 };
	struct change *ch;
	int64_t page;

	mirror_say(m, 1, "bob", "one");
	mirror_queue(m, U(1), 5);
	mirror_queue(m, U(2), 6);
	batch_reserve(&m->b, 1, 1024);
	ch = batch_add(&m->b, CHANGE_DRAFT, C1);
	ch->draft = (struct draft){ "half a", 3, "", "" };
	mirror_commit(m);
	page = mirror_number(m, "SELECT rootpage FROM sqlite_schema WHERE name = 'event'");
	assert_non_null(mirror_reader(m));
	mirror_close(m);
	scribble(m, (page - 1) * 4096, 4096);
	mirror_open(m);
	assert_string_equal(writer_notice(m->w), "");
	mirror_say(m, 2, "bob", "two");
	assert_int_equal(mirror_try(m), WRITER_FAILED);
	assert_true(reader_refresh(mirror_reader(m), &err));
	writer_close(m->w);
	m->w = NULL;
	mirror_open(m);
	assert_non_null(strstr(writer_notice(m->w), "3 messages and drafts"));
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM outbox"), 2);
	assert_int_equal(mirror_number(m, "SELECT cursor FROM draft"), 3);
	assert_int_equal(mirror_number(m, "SELECT lane_next FROM conv"), 7);
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM range"), 0);
	assert_int_equal(mirror_number(m, "SELECT epoch = '' FROM conv"), 1);
	/* a reader that was open moves over */
	assert_true(reader_refresh(m->r, &err));
	assert_string_equal(mirror_all(m), "");
	assert_string_equal(reader_user(m->r), "ann");
}

static void
a_lost_commit_is_noticed_exactly_and_once(void **state)
{
	struct mirror *m = *state;

	mirror_queue(m, U(1), 1);
	mirror_commit(m);
	mirror_close(m);
	copy(m, "mirror.db", "copy.db");
	mirror_open(m);
	mirror_queue(m, U(2), 2);
	mirror_commit(m);
	mirror_queue(m, U(3), 3);
	mirror_commit(m);
	mirror_close(m);
	copy(m, "copy.db", "mirror.db");
	mirror_open(m);
	assert_non_null(strstr(writer_notice(m->w), "last 2 changes"));
	assert_non_null(strstr(writer_notice(m->w), "3 messages waiting"));
	mirror_close(m);
	mirror_open(m);
	assert_string_equal(writer_notice(m->w), "");
}

static void
a_mark_that_was_torn_accuses_nobody(void **state)
{
	struct mirror *m = *state;
	char *path = in_dir(m, "high-water");
	int fd;

	mirror_queue(m, U(1), 1);
	mirror_commit(m);
	mirror_close(m);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	for (off_t at = 0; at < 160; at++)
		assert_int_equal(pwrite(fd, "9", 1, at), 1);
	close(fd);
	free(path);
	mirror_open(m);
	assert_string_equal(writer_notice(m->w), "");
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_is_no_database_is_replaced),
		test(a_first_page_that_is_gone_loses_nothing_of_ones_own),
		test(without_the_table_of_conversations_their_index_serves),
		test(damage_that_the_first_look_finds_is_set_aside_at_once),
		test(what_could_not_be_saved_is_counted),
		test(damage_met_in_a_commit_saves_outbox_and_drafts),
		test(a_lost_commit_is_noticed_exactly_and_once),
		test(a_mark_that_was_torn_accuses_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
