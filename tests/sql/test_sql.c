/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite behind its room: what a file is opened with, statements, versions, failures in words. */
#include "test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "sql/mark.h"
#include "sql/schema.h"

enum { T_MAKE, T_PUT, T_GET, T_SIZE, T_BAD, T_COUNT };
static const char *const text[T_COUNT] = {
	[T_MAKE] = "CREATE TABLE t (n INTEGER PRIMARY KEY, s TEXT, b BLOB, o INTEGER) STRICT",
	[T_PUT] = "INSERT INTO t VALUES (?, ?, ?, ?)",
	[T_GET] = "SELECT n, s, b, o FROM t ORDER BY n",
	[T_SIZE] = "SELECT count(*) FROM t WHERE n >= ?",
	[T_BAD] = "SELECT n FROM nowhere",
};

struct place { char dir[256]; char *path, *other; struct err err; };

static int
setup(void **state)
{
	struct place *p = xcalloc(1, sizeof *p);
	int fd;

	test_folder(p->dir, sizeof p->dir);
	p->path = path_join(p->dir, "a?b%.db");
	p->other = path_join(p->dir, "other.db");
	fd = open(p->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	struct place *p = *state;

	for (size_t i = 0; i < 3; i++) {
		char *one = xasprintf("%s%s", p->path, ends[i]);
		char *two = xasprintf("%s%s", p->other, ends[i]);

		unlink(one);
		unlink(two);
		free(one);
		free(two);
	}
	assert_int_equal(rmdir(p->dir), 0);
	free(p->path);
	free(p->other);
	free(p);
	return 0;
}

static struct sql *
must_open(struct place *p, enum sql_mode mode)
{
	struct sql_setup s = { .mode = mode, .text = text, .n = T_COUNT, .cache_kib = 512,
		.wal_kib = 1024 };
	struct sql *sql = sql_open(p->path, &s, NULL, &p->err);

	if (sql == NULL)
		fail_msg("%s", p->err.msg);
	return sql;
}

static struct sql *
filled(struct place *p)
{
	struct sql *sql = must_open(p, SQL_WRITE);

	assert_true(sql_run(sql, T_MAKE, &p->err, ""));
	for (int64_t i = 1; i <= 3; i++)
		assert_true(sql_run(sql, T_PUT, &p->err, "isbo", i, "abc", (size_t)i, "\0\1\2",
					(size_t)3, i - 1));
	return sql;
}

static int64_t
number(struct sql *sql, const char *query)
{
	int64_t n = -1;

	assert_true(sql_number_of(sql, query, 0, &n, NULL));
	return n;
}

static void
a_writer_has_the_settings_of_the_house(void **state)
{
	struct sql *sql = must_open(*state, SQL_WRITE);
	int64_t n;

	assert_int_equal(number(sql, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
	assert_int_equal(number(sql, "PRAGMA synchronous"), 2);
	assert_int_equal(number(sql, "PRAGMA foreign_keys"), 1);
	assert_int_equal(number(sql, "PRAGMA trusted_schema"), 0);
	assert_int_equal(number(sql, "PRAGMA mmap_size"), 0);
	assert_int_equal(number(sql, "PRAGMA wal_autocheckpoint"), 0);
	assert_int_equal(number(sql, "PRAGMA busy_timeout"), 5000);
	assert_int_equal(number(sql, "PRAGMA cache_size"), -512);
	assert_int_equal(number(sql, "PRAGMA journal_size_limit"), 1024 * 1024);
	assert_false(sql_exec(sql, "ATTACH ':memory:' AS x", NULL));
	/* defensive */
	assert_true(sql_exec(sql, "PRAGMA writable_schema=1", NULL));
	assert_false(sql_number_of(sql, "DELETE FROM sqlite_schema RETURNING 1", 0, &n, NULL)
			&& n == 1);
	assert_true(sql_synchronise(sql, false, NULL));
	assert_int_equal(number(sql, "PRAGMA synchronous"), 1);
	sql_close(sql);
	sql_close(NULL);
}

static void
parameters_and_columns_are_what_their_letters_say(void **state)
{
	struct place *p = *state;
	struct sql *sql = filled(p);
	struct sql_query *q;
	int64_t n;

	assert_int_equal(sql_last_row(sql), 3);
	assert_int_equal(sql_changes(sql), 1);
	q = sql_start(sql, T_GET, &p->err, "");
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(sql_step(q, &p->err), 1);
		assert_int_equal(sql_int(q, 0), i);
		assert_memory_equal(sql_text(q, 1), "abc", i);
		assert_int_equal(sql_size(q, 1), i);
		assert_memory_equal(sql_blob(q, 2), "\0\1\2", 3);
		assert_int_equal(sql_is_null(q, 3), i == 1);
	}
	assert_int_equal(sql_step(q, &p->err), 0);
	assert_true(sql_number(sql, T_SIZE, 0, &n, &p->err, "d", 2));
	assert_int_equal(n, 2);
	assert_true(sql_run(sql, T_PUT, &p->err, "itnn", INT64_C(9), NULL));
	assert_int_equal(number(sql, "SELECT s IS NULL AND b IS NULL FROM t WHERE n = 9"), 1);
	assert_int_equal(number(sql, "SELECT n FROM t WHERE n = 77"), 0);
	assert_int_equal(sql_total_changes(sql), 4);
	sql_close(sql);
}

static void
what_fails_is_said_and_leaves_no_transaction(void **state)
{
	struct place *p = *state;
	struct sql *sql = filled(p);
	int64_t n = 5;

	assert_null(sql_start(sql, T_BAD, &p->err, ""));
	assert_string_equal(p->err.msg, "the database says: no such table: nowhere");
	assert_int_equal(sql_step(NULL, &p->err), -1);
	assert_false(sql_number(sql, T_BAD, 0, &n, &p->err, ""));
	assert_int_equal(n, 5);
	assert_true(sql_begin(sql, &p->err));
	assert_true(sql_exec(sql, "DELETE FROM t", &p->err));
	assert_false(sql_run(sql, T_PUT, &p->err, "isbo", INT64_C(1), "a", (size_t)1, "b",
				(size_t)1, INT64_C(0))
			&& sql_run(sql, T_PUT, &p->err, "innn", INT64_C(1)));
	assert_true(sql_roll_back(sql, &p->err));
	assert_true(sql_roll_back(sql, &p->err));
	assert_int_equal(number(sql, "SELECT count(*) FROM t"), 3);
	assert_false(sql_is_damaged(sql));
	sql_close(sql);
}

static void
a_reader_changes_nothing_and_sees_one_state(void **state)
{
	struct place *p = *state;
	struct sql *w = filled(p), *r = must_open(p, SQL_READ);

	assert_false(sql_exec(r, "DELETE FROM t", &p->err));
	assert_true(sql_begin_read(r, &p->err));
	assert_int_equal(number(r, "SELECT count(*) FROM t"), 3);
	assert_true(sql_exec(w, "DELETE FROM t WHERE n = 1", &p->err));
	assert_int_equal(number(r, "SELECT count(*) FROM t"), 3);
	assert_true(sql_commit(r, &p->err));
	assert_int_equal(number(r, "SELECT count(*) FROM t"), 2);
	sql_close(r);
	sql_close(w);
}

static void
the_log_grows_until_it_is_moved(void **state)
{
	struct place *p = *state;
	struct sql *sql = filled(p);

	assert_true(sql_wal_pages(sql) > 0);
	assert_true(sql_checkpoint(sql, &p->err));
	assert_int_equal(sql_wal_pages(sql), 0);
	sql_close(sql);
}

static void
a_lone_file_is_read_without_making_files_beside_it(void **state)
{
	struct place *p = *state;
	char *wal = xasprintf("%s-wal", p->path);
	struct sql *r;

	sql_close(filled(p));
	assert_int_equal(access(wal, F_OK), -1);
	r = must_open(p, SQL_IMMUTABLE);
	assert_int_equal(number(r, "SELECT count(*) FROM t"), 3);
	assert_int_equal(access(wal, F_OK), -1);
	sql_close(r);
	free(wal);
}

static void
memory_holds_a_database_of_its_own(void **state)
{
	struct place *p = *state;
	struct sql *sql = must_open(p, SQL_MEMORY);

	assert_true(sql_run(sql, T_MAKE, &p->err, ""));
	assert_int_equal(number(sql, "SELECT count(*) FROM t"), 0);
	sql_close(sql);
}

static void
damage_is_known_as_such(void **state)
{
	struct place *p = *state;
	struct sql_setup s = { .mode = SQL_WRITE, .cache_kib = 64, .wal_kib = 64 };
	bool is_damaged = false;

	assert_true(path_write(p->path, "this is no database, but a letter to a friend who lives "
				"far away, by the sea, where gulls cry all day and nobody minds",
				119, &p->err));
	assert_null(sql_open(p->path, &s, &is_damaged, &p->err));
	assert_true(is_damaged);
	assert_non_null(strstr(p->err.msg, "damaged"));
	assert_non_null(strstr(p->err.msg, p->path));
	is_damaged = true;
	assert_null(sql_open(p->dir, &s, &is_damaged, &p->err));
	assert_false(is_damaged);
}

static void
a_copy_is_whole_and_rows_can_be_taken_out(void **state)
{
	struct place *p = *state;
	struct sql_setup s = { .mode = SQL_READ, .cache_kib = 64 };
	struct sql *from = filled(p), *to, *memory = must_open(p, SQL_MEMORY);

	assert_false(sql_copy(from, p->other, &p->err));	/* it must be there */
	assert_true(path_write(p->other, "", 0, &p->err));
	assert_true(sql_copy(from, p->other, &p->err));
	to = sql_open(p->other, &s, NULL, &p->err);
	assert_non_null(to);
	assert_int_equal(number(to, "SELECT count(*) FROM t"), 3);
	assert_true(sql_run(memory, T_MAKE, &p->err, ""));
	assert_int_equal(sql_copy_rows(to, "SELECT n, s FROM t", memory,
				"INSERT INTO t (n, s) VALUES (min(?, 2), ?)"), 2);
	assert_int_equal(sql_copy_rows(to, "SELECT n FROM nowhere", memory, "SELECT 1"), 0);
	sql_close(memory);
	sql_close(to);
	sql_close(from);
}

static const char *const steps[] = {
	"CREATE TABLE a (n INTEGER) STRICT",
	"ALTER TABLE a ADD COLUMN s TEXT; UPDATE a SET s = 'old'",
	"no SQL at all",
};

static int
version_with(struct place *p, const struct sql_schema *schema, bool prepare)
{
	struct sql *sql = must_open(p, SQL_WRITE);
	int version = -1;

	if (prepare && !sql_schema_prepare(sql, schema, &p->err))
		version = -2;
	else if (!sql_schema_version(sql, schema, &version, &p->err))
		version = -3;
	sql_close(sql);
	return version;
}

static void
tables_climb_from_version_to_version(void **state)
{
	struct place *p = *state;
	struct sql_schema one = { 7, 1, steps }, two = { 7, 2, steps }, bad = { 7, 3, steps };
	struct sql_schema alien = { 8, 2, steps };
	struct sql *sql;

	assert_int_equal(version_with(p, &two, false), 0);
	assert_int_equal(version_with(p, &one, true), 1);
	sql = must_open(p, SQL_WRITE);
	assert_true(sql_exec(sql, "INSERT INTO a VALUES (1)", &p->err));
	sql_close(sql);
	assert_int_equal(version_with(p, &two, false), 1);
	assert_int_equal(version_with(p, &two, true), 2);
	sql = must_open(p, SQL_WRITE);
	assert_int_equal(number(sql, "SELECT s = 'old' FROM a"), 1);
	sql_close(sql);
	assert_int_equal(version_with(p, &one, true), -2);
	assert_non_null(strstr(p->err.msg, "newer"));
	assert_int_equal(version_with(p, &alien, false), -3);
	assert_non_null(strstr(p->err.msg, "another program"));
	/* a step that fails leaves the file as it was */
	assert_int_equal(version_with(p, &bad, true), -2);
	assert_int_equal(version_with(p, &two, false), 2);
}

static void
a_mark_survives_the_tearing_of_its_newest_slot(void **state)
{
	struct place *p = *state;
	struct mark m = { 0 };
	int fd = mark_open(p->other, &m, &p->err);

	assert_int_equal(m.tick, 0);
	mark_put(fd, &(struct mark){ 4, { 2, 1 } });
	mark_put(fd, &(struct mark){ 5, { 3, 1 } });
	close(fd);
	fd = mark_open(p->other, &m, &p->err);
	assert_int_equal(m.tick, 5);
	assert_int_equal(m.count[0], 3);
	assert_int_equal(pwrite(fd, "9", 1, 80 + 19), 1);	/* the slot of odd ticks */
	close(fd);
	fd = mark_open(p->other, &m, &p->err);
	assert_int_equal(m.tick, 4);
	assert_int_equal(m.count[1], 1);
	close(fd);
	assert_true(path_write(p->other, "-1 what", 7, &p->err));
	fd = mark_open(p->other, &m, &p->err);
	assert_int_equal(m.tick, 0);
	close(fd);
	assert_int_equal(mark_open("/nonexistent/mark", &m, &p->err), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_writer_has_the_settings_of_the_house, setup,
				teardown),
		cmocka_unit_test_setup_teardown(parameters_and_columns_are_what_their_letters_say,
				setup, teardown),
		cmocka_unit_test_setup_teardown(what_fails_is_said_and_leaves_no_transaction,
				setup, teardown),
		cmocka_unit_test_setup_teardown(a_reader_changes_nothing_and_sees_one_state, setup,
				teardown),
		cmocka_unit_test_setup_teardown(the_log_grows_until_it_is_moved, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lone_file_is_read_without_making_files_beside_it,
				setup, teardown),
		cmocka_unit_test_setup_teardown(memory_holds_a_database_of_its_own, setup,
				teardown),
		cmocka_unit_test_setup_teardown(damage_is_known_as_such, setup, teardown),
		cmocka_unit_test_setup_teardown(a_copy_is_whole_and_rows_can_be_taken_out, setup,
				teardown),
		cmocka_unit_test_setup_teardown(tables_climb_from_version_to_version, setup,
				teardown),
		cmocka_unit_test_setup_teardown(a_mark_survives_the_tearing_of_its_newest_slot,
				setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
