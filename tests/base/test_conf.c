/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration is checked against its rows, and errors say where and what. */
#include "base/conf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "test.h"

static const struct conf_row rows[] = {
	{ .section = "ui", .key = "theme", .type = CONF_ENUM, .fallback = "dark",
	  .choices = "dark|light|none" },
	{ .section = "ui", .key = "bell", .type = CONF_BOOL, .fallback = "true" },
	{ .section = "ui", .key = "title", .type = CONF_STRING },
	{ .section = "limits", .key = "rate", .type = CONF_INT, .fallback = "20", .min = 0,
	  .max = 1000 },
	{ .section = "limits", .key = "offset", .type = CONF_INT },
	{ .section = "network", .key = "cafile", .type = CONF_PATH },
	{ .section = "account *", .key = "url", .type = CONF_STRING },
	{ .section = "account *", .key = "token_command", .type = CONF_COMMAND },
	{ .section = "account *", .key = "pin", .type = CONF_INT, .min = 1, .max = 9,
	  .secret = true },
	{ .section = "keys", .key = "*", .type = CONF_STRING },
	{ 0 },
};

static struct conf *
loaded(const char *text)
{
	struct conf *c = conf_new(rows);
	struct err err = { 0 };

	if (!conf_load_text(c, "file", text, strlen(text), &err))
		fail_msg("%s", err.msg);
	return c;
}

static void
assert_fails_n(const char *text, size_t n, const char *why)
{
	struct conf *c = conf_new(rows);
	struct err err = { 0 };

	if (conf_load_text(c, "file", text, n, &err))
		fail_msg("accepted: %s", text);
	assert_string_equal(err.msg, why);
	assert_int_equal(err.kind, ERR_USAGE);
	conf_free(c);
}

static void
assert_fails(const char *text, const char *why)
{
	assert_fails_n(text, strlen(text), why);
}

static void
an_unset_option_has_its_fallback(void **state)
{
	struct conf *c = loaded("");

	(void)state;
	assert_string_equal(conf_str(c, "ui", "theme"), "dark");
	assert_int_equal(conf_int(c, "limits", "rate"), 20);
	assert_true(conf_bool(c, "ui", "bell"));
	assert_null(conf_str(c, "ui", "title"));
	assert_int_equal(conf_int(c, "limits", "offset"), 0);
	assert_null(conf_str(c, "account nobody", "url"));
	conf_free(c);
	conf_free(NULL);
}

static void
values_are_read_from_their_sections(void **state)
{
	struct conf *c = loaded("# a comment\n[ui]\ntheme = light\nbell=off\n\n; another\n"
				"title = Hello, world = #1 ; said here\n"
				"[limits]\nrate: 0\noffset = -5\n");

	(void)state;
	assert_string_equal(conf_str(c, "ui", "theme"), "light");
	assert_false(conf_bool(c, "ui", "bell"));
	assert_string_equal(conf_str(c, "ui", "title"), "Hello, world = #1");
	assert_int_equal(conf_int(c, "limits", "rate"), 0);
	assert_int_equal(conf_int(c, "limits", "offset"), -5);
	conf_free(c);
}

static void
indented_options_are_options(void **state)
{
	struct conf *c = loaded("[account work]\n\turl = wss://x\r\n    pin = 7\r\n\ttoken_command"
				" = pass 'my token'\r\n");

	(void)state;
	assert_string_equal(conf_str(c, "account work", "url"), "wss://x");
	assert_int_equal(conf_int(c, "account work", "pin"), 7);
	assert_string_equal(conf_str(c, "account work", "token_command"), "pass 'my token'");
	conf_free(c);
}

static void
one_byte_order_mark_is_skipped(void **state)
{
	struct conf *c = loaded("\xef\xbb\xbf [ui]\ntheme = light\n");

	(void)state;
	assert_string_equal(conf_str(c, "ui", "theme"), "light");
	conf_free(c);
	assert_fails(" \xef\xbb\xbf[ui]\n",
		     "file:1: neither \"[section]\" nor \"key = value\"");
	assert_fails("\xef\xbb\xbf\xef\xbb\xbf[ui]\n",
		     "file:1: neither \"[section]\" nor \"key = value\"");
}

static void
the_last_of_two_values_counts(void **state)
{
	struct conf *c = loaded("[ui]\ntheme = light\n[limits]\nrate=1\n[ui]\ntheme = none\n");

	(void)state;
	assert_string_equal(conf_str(c, "ui", "theme"), "none");
	conf_free(c);
}

static void
named_sections_are_listed_in_order_even_when_empty(void **state)
{
	struct conf *c = loaded("[account work]\nurl=a\n[ui]\n[account home]\n[account work]\n");

	(void)state;
	assert_string_equal(conf_section(c, "account", 0), "work");
	assert_string_equal(conf_section(c, "account", 1), "home");
	assert_null(conf_section(c, "account", 2));
	assert_null(conf_section(c, "acc", 0));
	conf_free(c);
}

static void
a_free_section_takes_any_key(void **state)
{
	struct conf *c = loaded("[keys]\nAlt-x = /exit\nF2 = /find\n");

	(void)state;
	assert_string_equal(conf_key(c, "keys", 0), "Alt-x");
	assert_string_equal(conf_key(c, "keys", 1), "F2");
	assert_null(conf_key(c, "keys", 2));
	assert_string_equal(conf_str(c, "keys", "F2"), "/find");
	assert_null(conf_str(c, "keys", "F3"));
	conf_free(c);
}

static void
set_wins_over_the_file_whenever_it_is_called(void **state)
{
	struct conf *c = conf_new(rows);
	const char *text = "[ui]\ntheme = light\n[account work]\nurl = file\n";

	(void)state;
	assert_true(conf_set(c, "ui.theme=none", NULL));
	assert_true(conf_set(c, "account a.b.url=x=y", NULL));
	assert_true(conf_load_text(c, "file", text, strlen(text), NULL));
	assert_true(conf_set(c, "account work.url=set", NULL));
	assert_true(conf_set(c, "ui.title=", NULL));
	assert_string_equal(conf_str(c, "ui", "theme"), "none");
	assert_string_equal(conf_str(c, "account work", "url"), "set");
	assert_string_equal(conf_str(c, "account a.b", "url"), "x=y");
	assert_string_equal(conf_str(c, "ui", "title"), "");
	assert_string_equal(conf_section(c, "account", 0), "work");
	assert_string_equal(conf_section(c, "account", 1), "a.b");
	assert_null(conf_section(c, "account", 2));
	conf_free(c);
}

static void
a_bad_assignment_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "ui", "ui.theme", "=x", ".=x", "ui.=x", ".theme=x", "theme=dark",
	};
	struct conf *c = conf_new(rows);
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < countof(bad); i++) {
		assert_false(conf_set(c, bad[i], &err));
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.msg, "is not SECTION.KEY=VALUE"));
	}
	assert_false(conf_set(c, "iu.theme=dark", &err));
	assert_string_equal(err.msg, "unknown section [iu]");
	assert_false(conf_set(c, "ui.theme=blue", &err));
	assert_string_equal(err.msg, "ui.theme = blue: it must be one of dark|light|none");
	assert_string_equal(conf_str(c, "ui", "theme"), "dark");
	conf_free(c);
}

static void
an_error_names_file_line_and_key(void **state)
{
	(void)state;
	assert_fails("[ui]\n\ntheme = blue\n",
		     "file:3: ui.theme = blue: it must be one of dark|light|none");
	assert_fails("[ui]\nbell = maybe\n",
		     "file:2: ui.bell = maybe: it must be true or false");
	assert_fails("[limits]\nrate = 1001\n",
		     "file:2: limits.rate = 1001: it must be a number from 0 to 1000");
	assert_fails("[limits]\noffset = 1.5\n",
		     "file:2: limits.offset = 1.5: it must be a whole number");
	assert_fails("[network]\ncafile = ca.pem\n", "file:2: network.cafile = ca.pem: it must be"
		     " a path that begins with / or ~/");
	assert_fails("[account work]\ntoken_command = pass 'x\n",
		     "file:2: account work.token_command = pass 'x: a quote is not closed");
	assert_fails("[account work]\ntoken_command =\n",
		     "file:2: account work.token_command = : it must be a command");
}

static void
numbers_are_whole_and_fit(void **state)
{
	static const char *const bad[] = { "", "x", "1x", "+1", "0x10", "--1",
					   "9223372036854775808" };

	(void)state;
	for (size_t i = 0; i < countof(bad); i++)
		if (conf_check(conf_find(rows, "limits", "offset"), bad[i], NULL))
			fail_msg("accepted: %s", bad[i]);
	assert_true(conf_check(conf_find(rows, "limits", "offset"), "-9223372036854775808", NULL));
}

static void
an_unknown_name_gets_the_nearest(void **state)
{
	(void)state;
	assert_fails("[ui]\nthme = dark\n",
		     "file:2: unknown option ui.thme; did you mean theme?");
	assert_fails("[account work]\nzzz = 1\n", "file:2: unknown option account work.zzz");
	assert_fails("[iu]\n", "file:1: unknown section [iu]");
	assert_fails("[account ]\n", "file:1: unknown section [account ]");
	assert_fails("[account]\nurl = x\n", "file:1: unknown section [account]");
}

static void
a_secret_is_not_repeated_in_an_error(void **state)
{
	(void)state;
	assert_fails("[account work]\npin = 1234\n",
		     "file:2: account work.pin: it must be a number from 1 to 9");
}

static void
what_is_no_ini_names_its_line(void **state)
{
	(void)state;
	assert_fails("[ui]\njunk\ntheme = blue\n",
		     "file:2: neither \"[section]\" nor \"key = value\"");
	assert_fails("[ui\ntheme = dark\n", "file:1: a section needs a \"]\"");
	assert_fails("theme = dark\n", "file:1: \"theme\" stands before any [section]");
	assert_fails("[ui]\ntitle = \xff\n", "file:2: the line is not UTF-8 text");
	assert_fails_n("[ui]\ntitle = a\0b\n", 17, "file:2: the line is not UTF-8 text");
	assert_fails("[ui]\ntitle = a\x1b[m\n", "file:2: the line is not UTF-8 text");
	assert_fails("[ui]\ntitle = a\n\vtheme = none\n", "file:3: the line is not UTF-8 text");
	assert_fails("[ui]\ntitle = a\tb\n",
		     "file:2: ui.title: the value is not one line of UTF-8");
}

/* inih would go on in the middle of a longer line as if it were a new one. */
static void
a_line_is_whole_or_refused(void **state)
{
	char text[400] = "[ui]\ntitle = ";
	size_t start = strlen("[ui]\n"), fill = strlen(text);
	struct conf *c;

	(void)state;
	memset(text + fill, 'x', 197 - (fill - start));
	c = loaded(text);
	assert_int_equal(strlen(conf_str(c, "ui", "title")), 197 - (fill - start));
	conf_free(c);
	text[strlen(text)] = 'x';
	assert_fails(text, "file:2: a line has at most 197 bytes");
}

static void
a_section_name_is_whole_or_refused(void **state)
{
	char text[100] = "[account ", name[42];
	struct conf *c;

	(void)state;
	memset(name, 'n', sizeof name);
	name[sizeof name - 1] = '\0';
	memcpy(text + 9, name, sizeof name);
	text[9 + 41] = ']';
	c = loaded(text);
	assert_string_equal(conf_section(c, "account", 0), name);
	conf_free(c);
	text[9 + 41] = 'n';
	text[9 + 42] = ']';
	assert_fails(text, "file:1: the name of a section has at most 49 bytes");
}

static void
a_text_that_fails_changes_nothing(void **state)
{
	struct conf *c = loaded("[ui]\ntheme = light\n");
	const char *text = "[account work]\nurl = x\n[ui]\ntheme = none\nbell = maybe\n";

	(void)state;
	assert_false(conf_load_text(c, "file", text, strlen(text), NULL));
	assert_string_equal(conf_str(c, "ui", "theme"), "light");
	assert_null(conf_section(c, "account", 0));
	conf_free(c);
}

static void
a_huge_text_is_refused(void **state)
{
	size_t n = (1 << 20) + 1;
	char *text = xmalloc(n);

	(void)state;
	memset(text, '\n', n);
	assert_fails_n(text, n, "file is larger than 1048576 bytes");
	free(text);
}

static void
a_path_may_begin_at_home(void **state)
{
	struct conf *c;

	(void)state;
	setenv("HOME", "/home/ann", 1);
	c = loaded("[network]\ncafile = ~/ca.pem\n");
	assert_string_equal(conf_str(c, "network", "cafile"), "/home/ann/ca.pem");
	assert_true(conf_set(c, "network.cafile=/etc/ca.pem", NULL));
	assert_string_equal(conf_str(c, "network", "cafile"), "/etc/ca.pem");
	unsetenv("HOME");
	assert_false(conf_set(c, "network.cafile=~/ca.pem", NULL));
	conf_free(c);
}

static void
a_file_is_read_and_may_be_absent(void **state)
{
	char dir[256];
	struct conf *c = conf_new(rows);
	struct err err = { 0 };
	char *file, *link;

	(void)state;
	test_folder(dir, sizeof dir);
	file = path_join(dir, "config");
	link = path_join(dir, "link");
	assert_true(conf_load(c, file, false, &err));
	assert_false(conf_load(c, file, true, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "No such file"));
	assert_true(path_write(file, "[ui]\ntheme = none\n", 18, &err));
	assert_int_equal(symlink(file, link), 0);
	assert_true(conf_load(c, link, true, &err));
	assert_string_equal(conf_str(c, "ui", "theme"), "none");
	assert_false(conf_load(c, dir, true, &err));
	assert_non_null(strstr(err.msg, "not a regular file"));
	assert_int_equal(chmod(file, 0666), 0);
	assert_false(conf_load(c, file, true, &err));
	assert_non_null(strstr(err.msg, "others can change this file"));
	unlink(link);
	unlink(file);
	rmdir(dir);
	free(file);
	free(link);
	conf_free(c);
}

static void
assert_edit(const char *text, const char *key, const char *value, const char *expect)
{
	char *out = conf_edit(text, "ui", key, value);

	assert_string_equal(out, expect);
	free(out);
}

static void
editing_changes_one_line_and_keeps_the_rest(void **state)
{
	(void)state;
	assert_edit("# top\n[ui]\n  theme = dark  ; mine\nbell = on\n\n[limits]\nrate = 1\n",
		    "theme", "light",
		    "# top\n[ui]\n  theme = light  ; mine\nbell = on\n\n[limits]\nrate = 1\n");
	assert_edit("[ui]\ntheme:dark", "theme", "light", "[ui]\ntheme: light\n");
	assert_edit("[limits]\ntheme = dark\n[ui]\ntheme = dark\n", "theme", "light",
		    "[limits]\ntheme = dark\n[ui]\ntheme = light\n");
	assert_edit("[ui]\n# theme = dark\nthemes = 1\n", "theme", "x",
		    "[ui]\n# theme = dark\nthemes = 1\ntheme = x\n");
}

static void
editing_changes_the_value_that_counts(void **state)
{
	(void)state;
	assert_edit("[ui]\ntheme = a\ntheme = b\n[ui]\ntheme = c\n", "theme", "d",
		    "[ui]\ntheme = a\ntheme = b\n[ui]\ntheme = d\n");
}

static void
a_new_option_goes_to_the_end_of_its_section(void **state)
{
	(void)state;
	assert_edit("[ui]\nbell = on\n\n# for the server\n[limits]\nrate = 1\n", "theme", "light",
		    "[ui]\nbell = on\n\n# for the server\ntheme = light\n[limits]\nrate = 1\n");
	assert_edit("[ui]\nbell = on", "theme", "light", "[ui]\nbell = on\ntheme = light\n");
	assert_edit("[ui]\n\n[limits]\n", "theme", "x", "[ui]\ntheme = x\n\n[limits]\n");
}

static void
a_missing_section_is_added_at_the_end(void **state)
{
	(void)state;
	assert_edit("", "theme", "light", "[ui]\ntheme = light\n");
	assert_edit("[limits]\nrate = 1", "theme", "light",
		    "[limits]\nrate = 1\n\n[ui]\ntheme = light\n");
}

static void
removing_takes_every_line_of_the_option(void **state)
{
	(void)state;
	assert_edit("[ui]\ntheme = a\n# b\ntheme = b\n[limits]\ntheme = c\n", "theme", NULL,
		    "[ui]\n# b\n[limits]\ntheme = c\n");
	assert_edit("[ui]\nbell = on\n", "theme", NULL, "[ui]\nbell = on\n");
	assert_edit("\xef\xbb\xbf[ui]\ntheme = a\n", "theme", NULL, "\xef\xbb\xbf[ui]\n");
}

/* What conf_check lets pass is read back from the file as it was. */
static void
what_is_written_is_read_back(void **state)
{
	static const char *const values[] = {
		"x", "", "a;b", "a # b", "=", "[x]", "\"quoted\"", "caf\xc3\xa9", "a = b : c",
		"#", "x;",
	};
	const struct conf_row *row = conf_find(rows, "ui", "title");

	(void)state;
	for (size_t i = 0; i < countof(values); i++) {
		char *text = conf_edit("[ui]\n", "ui", "title", values[i]);
		struct conf *c = loaded(text);

		assert_true(conf_check(row, values[i], NULL));
		assert_string_equal(conf_str(c, "ui", "title"), values[i]);
		conf_free(c);
		free(text);
	}
}

static void
what_a_file_cannot_hold_is_refused_before_it_is_written(void **state)
{
	static const char *const values[] = { " x", "x ", "a ;b", ";", "a\nb", "a\tb", "\xff" };
	const struct conf_row *row = conf_find(rows, "ui", "title");
	char longest[300];

	(void)state;
	for (size_t i = 0; i < countof(values); i++)
		if (conf_check(row, values[i], NULL))
			fail_msg("accepted: %s", values[i]);
	memset(longest, 'x', sizeof longest);
	longest[197 - strlen("title = ")] = '\0';
	assert_true(conf_check(row, longest, NULL));
	longest[197 - strlen("title = ")] = 'x';
	longest[197 - strlen("title = ") + 1] = '\0';
	assert_false(conf_check(row, longest, NULL));
}

static void
a_file_that_is_forgotten_leaves_what_was_set(void **state)
{
	struct conf *c = conf_new(rows);
	static const char text[] = "[ui]\ntheme = light\n[account a]\nurl = u\n";
	struct err err;

	(void)state;
	assert_true(conf_load_text(c, "f", text, strlen(text), &err));
	assert_true(conf_set(c, "limits.rate=7", &err));
	conf_forget(c);
	assert_string_equal(conf_str(c, "ui", "theme"), "dark");
	assert_null(conf_section(c, "account", 0));
	assert_int_equal(conf_int(c, "limits", "rate"), 7);
	conf_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unset_option_has_its_fallback),
		cmocka_unit_test(values_are_read_from_their_sections),
		cmocka_unit_test(indented_options_are_options),
		cmocka_unit_test(one_byte_order_mark_is_skipped),
		cmocka_unit_test(the_last_of_two_values_counts),
		cmocka_unit_test(named_sections_are_listed_in_order_even_when_empty),
		cmocka_unit_test(a_free_section_takes_any_key),
		cmocka_unit_test(set_wins_over_the_file_whenever_it_is_called),
		cmocka_unit_test(a_bad_assignment_is_refused),
		cmocka_unit_test(an_error_names_file_line_and_key),
		cmocka_unit_test(numbers_are_whole_and_fit),
		cmocka_unit_test(an_unknown_name_gets_the_nearest),
		cmocka_unit_test(a_secret_is_not_repeated_in_an_error),
		cmocka_unit_test(what_is_no_ini_names_its_line),
		cmocka_unit_test(a_line_is_whole_or_refused),
		cmocka_unit_test(a_section_name_is_whole_or_refused),
		cmocka_unit_test(a_text_that_fails_changes_nothing),
		cmocka_unit_test(a_huge_text_is_refused),
		cmocka_unit_test(a_path_may_begin_at_home),
		cmocka_unit_test(a_file_is_read_and_may_be_absent),
		cmocka_unit_test(editing_changes_one_line_and_keeps_the_rest),
		cmocka_unit_test(editing_changes_the_value_that_counts),
		cmocka_unit_test(a_new_option_goes_to_the_end_of_its_section),
		cmocka_unit_test(a_missing_section_is_added_at_the_end),
		cmocka_unit_test(removing_takes_every_line_of_the_option),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(what_a_file_cannot_hold_is_refused_before_it_is_written),
		cmocka_unit_test(a_file_that_is_forgotten_leaves_what_was_set),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
