/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log is one line an entry, harmless to read, and never grows without end. */
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/utf8.h"
#include "test.h"

struct place { char dir[32]; char *file, *old; };

static int
setup(void **state)
{
	static struct place place;

	place = (struct place){ .file = NULL };
	test_folder(place.dir, sizeof place.dir);
	place.file = path_join(place.dir, "log");
	place.old = path_join(place.dir, "log.1");
	*state = &place;
	return 0;
}

static int
teardown(void **state)
{
	struct place *place = *state;

	unlink(place->file);
	unlink(place->old);
	free(place->file);
	free(place->old);
	return rmdir(place->dir);
}

/* The file without the time of its first line. */
static void
assert_logged(const char *file, const char *expect)
{
	char *text = path_read(file, 100000, NULL, NULL);

	assert_non_null(text);
	assert_true(strlen(text) > 25);
	assert_string_equal(text + 25, expect);
	free(text);
}

static void
a_line_has_time_level_and_module(void **state)
{
	struct place *place = *state;
	struct log *log = log_open(place->file, LOG_INFO, NULL);
	char *text;

	log_put(log, LOG_WARN, "net", "dial host=%s try=%d", "example.org", 2);
	log_close(log);
	assert_logged(place->file, "warn net dial host=example.org try=2\n");
	text = path_read(place->file, 100, NULL, NULL);
	assert_int_equal(strspn(text, "0123456789-T:.Z"), 24);
	free(text);
}

static void
what_is_below_the_level_is_not_written(void **state)
{
	struct place *place = *state;
	struct log *log = log_open(place->file, LOG_WARN, NULL);

	log_put(log, LOG_DEBUG, "x", "no");
	log_put(log, LOG_INFO, "x", "no");
	log_put(log, LOG_ERROR, "x", "yes");
	log_put(NULL, LOG_ERROR, "x", "nowhere");
	log_close(log);
	log_close(NULL);
	assert_logged(place->file, "error x yes\n");
}

static void
an_entry_cannot_forge_a_line_or_command_a_terminal(void **state)
{
	struct place *place = *state;
	struct log *log = log_open(place->file, LOG_INFO, NULL);

	log_put(log, LOG_INFO, "x", "who=%s", "a\nerror x \x1b[2J\xff\xe2\x80\xae caf\xc3\xa9");
	log_close(log);
	assert_logged(place->file,
		      "info x who=a\\u000aerror x \\u001b[2J\\xff\\u202e caf\xc3\xa9\n");
}

static void
a_long_entry_is_cut_between_characters(void **state)
{
	struct place *place = *state;
	struct log *log = log_open(place->file, LOG_INFO, NULL);
	char text[6000], *line;
	size_t n;

	for (n = 0; n + 2 < sizeof text; n += 2)
		memcpy(text + n, "\xc3\xa9", 2);
	text[n] = '\0';
	log_put(log, LOG_INFO, "x", "%s", text);
	log_put(log, LOG_INFO, "x", "a%s", text);
	log_close(log);
	line = path_read(place->file, 100000, &n, NULL);
	assert_true(utf8_valid(line, n, NULL));
	assert_true(strchr(line, '\n') - line < 4096);
	assert_true(strchr(line, '\n') - line > 4000);
	assert_int_equal(line[n - 1], '\n');
	free(line);
}

static void
the_file_is_private_and_appended_to(void **state)
{
	struct place *place = *state;
	struct log *log = log_open(place->file, LOG_INFO, NULL);
	struct stat st;

	log_put(log, LOG_INFO, "x", "1");
	log_close(log);
	log = log_open(place->file, LOG_INFO, NULL);
	log_put(log, LOG_INFO, "x", "2");
	log_close(log);
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 2 * (25 + strlen("info x 1\n")));
}

/* Two writers share the file; each moves away only a file that is full. */
static void
a_full_file_is_moved_away_once(void **state)
{
	struct place *place = *state;
	struct log *a = log_open(place->file, LOG_INFO, NULL);
	struct log *b = log_open(place->file, LOG_INFO, NULL);
	struct stat st;

	log_put(a, LOG_INFO, "x", "first");
	assert_int_equal(truncate(place->file, 8 << 20), 0);
	log_put(a, LOG_INFO, "x", "second");
	log_put(b, LOG_INFO, "x", "third");
	log_put(b, LOG_INFO, "x", "fourth");
	log_close(a);
	log_close(b);
	assert_int_equal(stat(place->old, &st), 0);
	assert_int_equal(st.st_size, 8 << 20);
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_size, 3 * (25 + strlen("info x ")) +
			 strlen("second\nthird\nfourth\n"));
}

static void
a_log_that_cannot_be_opened_is_an_error(void **state)
{
	struct place *place = *state;
	struct err err = { 0 };

	assert_null(log_open(place->dir, LOG_INFO, &err));
	assert_int_not_equal(err.kind, ERR_NONE);
}

static void
levels_have_names(void **state)
{
	enum log_level level = LOG_INFO;

	(void)state;
	assert_true(log_level_parse("debug", &level));
	assert_int_equal(level, LOG_DEBUG);
	assert_true(log_level_parse("error", &level));
	assert_int_equal(level, LOG_ERROR);
	assert_false(log_level_parse("loud", &level));
	assert_false(log_level_parse("", &level));
	assert_int_equal(level, LOG_ERROR);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_line_has_time_level_and_module),
		IN_FOLDER(what_is_below_the_level_is_not_written),
		IN_FOLDER(an_entry_cannot_forge_a_line_or_command_a_terminal),
		IN_FOLDER(a_long_entry_is_cut_between_characters),
		IN_FOLDER(the_file_is_private_and_appended_to),
		IN_FOLDER(a_full_file_is_moved_away_once),
		IN_FOLDER(a_log_that_cannot_be_opened_is_an_error),
		cmocka_unit_test(levels_have_names),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
