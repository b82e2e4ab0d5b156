/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mirrors that earlier versions wrote are brought up to date with all that is in them; one of a
 * later version is refused and left alone. */
#include "test.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "store/mirror.h"
#include "store/schema.h"
#include "sql/schema.h"

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
run(const char *path, const char *text)
{
	char *why = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	sqlite3_close(db);
}

/* The mirror becomes the one of that version that is among the data. */
static void
become(struct mirror *m, int version)
{
	static const char *const ends[] = { "mirror.db", "mirror.db-wal", "mirror.db-shm",
		"high-water" };
	const char *top = getenv("top_srcdir");
	char *dump = xasprintf("%s/tests/data/mirror/v%d.sql", top ? top : ".", version);
	char *path = path_join(m->dir, "mirror.db"), *text;
	struct err err = { 0 };

	mirror_close(m);
	for (size_t i = 0; i < countof(ends); i++) {
		char *one = path_join(m->dir, ends[i]);

		unlink(one);
		free(one);
	}
	text = path_read(dump, 1 << 20, NULL, &err);
	if (text == NULL)
		fail_msg("%s", err.msg);
	run(path, text);
	chmod(path, 0600);
	free(text);
	free(path);
	free(dump);
}

static bool
note_hit(void *arg, const struct conv_row *c, const struct message *m)
{
	int64_t *seq = arg;

	assert_string_equal(c->name, "#lobby");
	*seq = *seq * 100 + m->seq;
	return true;
}

/* The numbers of the hits, two digits each. */
static int64_t
found(struct mirror *m, const char *query)
{
	struct reader_search q = { .query = query };
	struct err err = { 0 };
	int64_t seq = 0;

	assert_true(reader_search(mirror_reader(m), &q, note_hit, &seq, &err));
	return seq;
}

static void
every_earlier_mirror_is_brought_up_to_date(void **state)
{
	struct mirror *m = *state;
	struct err err = { 0 };

	for (int version = 1; version < mirror_schema.version; version++) {
		become(m, version);
		/* who reads it before the engine wrote it is told what to do */
		assert_null(reader_open(m->dir, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.msg, "older"));
		mirror_open(m);
		assert_string_equal(writer_notice(m->w), "");
		assert_true(writer_index_all(m->w, &err));
		assert_int_equal(mirror_number(m, "PRAGMA user_version"), mirror_schema.version);
		assert_int_equal(mirror_number(m, "SELECT count(*) FROM event"), 7);
		assert_int_equal(mirror_number(m, "SELECT count(*) FROM outbox"), 1);
		assert_int_equal(mirror_number(m, "SELECT count(*) FROM draft WHERE text ="
					" 'half a thought'"), 1);
		assert_int_equal(mirror_number(m, "SELECT value FROM meta WHERE key = 'tick'"), 7);
		assert_int_equal(found(m, "thoughts"), 2);
		assert_int_equal(found(m, "second"), 302);
		assert_int_equal(found(m, "東京"), 4);
		assert_int_equal(found(m, "first"), 0);
		/* and once more: nothing is left to do */
		mirror_close(m);
		mirror_open(m);
	}
}

static void
whoever_reads_while_the_tables_change_reads_on(void **state)
{
	struct mirror *m = *state;
	char *path = path_join(m->dir, "mirror.db");
	struct reader_range q = { .all_kinds = true };
	struct reader *r;
	struct err err = { 0 };

	mirror_say(m, 1, "bob", "one");
	mirror_commit(m);
	r = mirror_reader(m);
	assert_string_equal(mirror_rows(m, &q), "1:one");
	/* what a migration does, beside a reader with statements prepared */
	run(path, "BEGIN; ALTER TABLE event ADD COLUMN later TEXT; ALTER TABLE event DROP COLUMN"
			" later; COMMIT");
	assert_ptr_equal(r, mirror_reader(m));
	assert_string_equal(mirror_rows(m, &q), "1:one");
	assert_true(reader_refresh(r, &err));
	free(path);
}

static void
a_later_mirror_is_refused_and_left_alone(void **state)
{
	struct mirror *m = *state;
	char *path = path_join(m->dir, "mirror.db");
	struct err err = { 0 };

	mirror_say(m, 1, "bob", "one");
	mirror_commit(m);
	mirror_close(m);
	run(path, "PRAGMA user_version=99");
	assert_null(writer_open(m->dir, NULL, NULL, &err));
	assert_int_equal(err.kind, ERR_FAIL);
	assert_non_null(strstr(err.msg, "newer"));
	err = (struct err){ 0 };
	assert_null(reader_open(m->dir, &err));
	assert_int_equal(err.kind, ERR_FAIL);
	assert_non_null(strstr(err.msg, "newer"));
	run(path, "PRAGMA user_version=2");
	mirror_open(m);
	assert_string_equal(mirror_all(m), "1:one");
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_earlier_mirror_is_brought_up_to_date, setup,
				teardown),
		cmocka_unit_test_setup_teardown(whoever_reads_while_the_tables_change_reads_on,
				setup, teardown),
		cmocka_unit_test_setup_teardown(a_later_mirror_is_refused_and_left_alone, setup,
				teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
