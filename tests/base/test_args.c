/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options stand anywhere, errors name them, help is made from the rows; words follow the shell. */
#include "base/args.h"

#include <string.h>

#include "base/buf.h"
#include "test.h"

static const struct arg_row rows[] = {
	{ .name = "json", .type = ARG_FLAG, .help = "results as JSON" },
	{ .name = "quiet", .short_name = 'q', .type = ARG_FLAG, .help = "say less" },
	{ .name = "verbose", .short_name = 'v', .type = ARG_FLAG, .help = "" },
	{ .name = "n", .short_name = 'n', .type = ARG_INT, .value = "N", .min = 1, .max = 1000,
	  .help = "how many" },
	{ .name = "offset", .type = ARG_INT, .value = "N" },
	{ .name = "cid", .type = ARG_STRING, .value = "UUID",
	  .help = "makes a repeat idempotent: the server knows the message again by this number "
		  "and answers with what it answered before" },
	{ .name = "set", .type = ARG_LIST, .value = "SECTION.KEY=VALUE-THAT-IS-LONG",
	  .help = "an option" },
	{ 0 },
};

static bool
parse(struct args *a, bool stop_at_rest, const char *const words[])
{
	int n = 0;

	while (words[n])
		n++;
	return args_parse(a, rows, n, (char *const *)words, stop_at_rest, NULL);
}

#define PARSE(a, stop, ...) parse(a, stop, (const char *const[]){ __VA_ARGS__, NULL })

static void
options_stand_anywhere(void **state)
{
	struct args a;

	(void)state;
	assert_true(PARSE(&a, false, "#room", "--json", "hello", "-n", "5", "world"));
	assert_true(args_has(&a, "json"));
	assert_false(args_has(&a, "quiet"));
	assert_int_equal(args_int(&a, "n", 0), 5);
	assert_int_equal(a.rest.n, 3);
	assert_string_equal(a.rest.v[0], "#room");
	assert_string_equal(a.rest.v[2], "world");
	args_done(&a);
}

static void
a_value_may_stand_in_the_same_word(void **state)
{
	struct args a;

	(void)state;
	assert_true(PARSE(&a, false, "--cid=a=b", "-n7", "--offset=-3"));
	assert_string_equal(args_str(&a, "cid"), "a=b");
	assert_int_equal(args_int(&a, "n", 0), 7);
	assert_int_equal(args_int(&a, "offset", 0), -3);
	args_done(&a);
}

static void
short_flags_may_be_written_together(void **state)
{
	struct args a;

	(void)state;
	assert_true(PARSE(&a, false, "-qvn", "9"));
	assert_true(args_has(&a, "quiet"));
	assert_true(args_has(&a, "verbose"));
	assert_int_equal(args_int(&a, "n", 0), 9);
	args_done(&a);
}

static void
two_dashes_end_the_options(void **state)
{
	struct args a;

	(void)state;
	assert_true(PARSE(&a, false, "a", "--", "--json", "-q", "--"));
	assert_false(args_has(&a, "json"));
	assert_int_equal(a.rest.n, 4);
	assert_string_equal(a.rest.v[3], "--");
	args_done(&a);
}

static void
a_dash_and_negative_numbers_are_no_options(void **state)
{
	struct args a;

	(void)state;
	assert_true(PARSE(&a, false, "-", "-5", "-1.5", ""));
	assert_int_equal(a.rest.n, 4);
	args_done(&a);
}

static void
global_options_end_at_the_command(void **state)
{
	struct args a;

	(void)state;
	assert_true(PARSE(&a, true, "--json", "send", "--cid", "x", "-q"));
	assert_true(args_has(&a, "json"));
	assert_false(args_has(&a, "quiet"));
	assert_int_equal(a.rest.n, 4);
	args_done(&a);
}

static void
the_last_value_counts_and_a_list_keeps_all(void **state)
{
	struct args a;

	(void)state;
	assert_true(PARSE(&a, false, "--cid", "1", "--set", "a", "--cid", "2", "--set=b"));
	assert_string_equal(args_str(&a, "cid"), "2");
	assert_string_equal(args_each(&a, "set", 0), "a");
	assert_string_equal(args_each(&a, "set", 1), "b");
	assert_null(args_each(&a, "set", 2));
	args_done(&a);
}

static void
what_is_absent_has_no_value(void **state)
{
	struct args a;

	(void)state;
	assert_true(args_parse(&a, rows, 0, NULL, false, NULL));
	assert_null(args_str(&a, "cid"));
	assert_int_equal(args_int(&a, "n", 42), 42);
	args_done(&a);
	assert_true(args_parse(&a, NULL, 0, NULL, false, NULL));
	args_done(&a);
}

static void
assert_error(const char *word, const char *value, const char *why)
{
	char *argv[] = { (char *)word, (char *)value };
	struct err err = { 0 };
	struct args a;

	if (args_parse(&a, rows, value ? 2 : 1, argv, false, &err))
		fail_msg("accepted: %s", word);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.msg, why);
	assert_int_equal(a.hits.n, 0);
}

static void
an_unknown_option_names_the_nearest(void **state)
{
	(void)state;
	assert_error("--jsno", NULL, "unknown option --jsno; did you mean --json?");
	assert_error("--quite", NULL, "unknown option --quite; did you mean --quiet?");
	assert_error("--verb", NULL, "unknown option --verb; did you mean --verbose?");
	assert_error("--zzzzzz=1", NULL, "unknown option --zzzzzz");
	assert_error("-x", NULL, "unknown option -x");
	assert_error("-qx", NULL, "unknown option -qx");
}

static void
a_wrong_value_says_what_is_allowed(void **state)
{
	static const char range[] = "-n: \"%s\" is not a number from 1 to 1000";
	static const char *const bad[] = {
		"0", "1001", "", "x", "1x", " 1", "+1", "99999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < countof(bad); i++) {
		struct err err = { 0 };

		err_set(&err, ERR_USAGE, range, bad[i]);
		assert_error("-n", bad[i], err.msg);
	}
	assert_error("--offset=ten", NULL, "--offset: \"ten\" is not a whole number");
	assert_error("--cid", NULL, "--cid needs a value: UUID");
	assert_error("--json=yes", NULL, "--json takes no value");
}

static void
help_is_aligned_and_wrapped(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	args_help(&b, rows);
	assert_string_equal(buf_str(&b),
		"      --json      results as JSON\n"
		"  -q, --quiet     say less\n"
		"  -v, --verbose\n"
		"  -n N            how many\n"
		"      --offset N\n"
		"      --cid UUID  makes a repeat idempotent: the server knows the message again\n"
		"                  by this number and answers with what it answered before\n"
		"      --set SECTION.KEY=VALUE-THAT-IS-LONG\n"
		"                  an option\n");
	buf_done(&b);
}

/* Splits line and joins the words with bars. */
static void
assert_words(const char *line, const char *expect)
{
	struct err err = { 0 };
	char **words;
	struct buf b;
	int n;

	if (!words_split(line, &words, &n, &err))
		fail_msg("%s: %s", line, err.msg);
	buf_init(&b, 1000);
	for (int i = 0; i < n; i++)
		buf_addf(&b, "%s|", words[i]);
	assert_null(words[n]);
	assert_string_equal(buf_str(&b), expect);
	buf_done(&b);
	words_free(words, n);
}

static void
a_line_is_split_at_blanks(void **state)
{
	(void)state;
	assert_words("", "");
	assert_words("  \t ", "");
	assert_words("send  #ops\thello ", "send|#ops|hello|");
}

static void
quotes_keep_blanks_and_join_words(void **state)
{
	(void)state;
	assert_words("a 'b c' \"d e\"", "a|b c|d e|");
	assert_words("a'b'\"c\"d", "abcd|");
	assert_words("'' \"\"", "||");
	assert_words("'\\' \"'\"", "\\|'|");
}

static void
a_backslash_keeps_the_next_character(void **state)
{
	(void)state;
	assert_words("a\\ b \\' \\\\", "a b|'|\\|");
	assert_words("\"\\\" \\$ \\a \\\\\"", "\" $ \\a \\|");
	assert_words("a\\\nb \"c\\\nd\"", "ab|cd|");
}

static void
nothing_is_expanded(void **state)
{
	(void)state;
	assert_words("$HOME `x` ~ * # a;b|c", "$HOME|`x`|~|*|#|a;b|c|");
}

static void
an_open_quote_is_an_error(void **state)
{
	static const char *const bad[] = { "'", "a 'b", "\"b", "\"b\\\"", "a\\" };

	(void)state;
	for (size_t i = 0; i < countof(bad); i++) {
		struct err err = { 0 };
		char **words;
		int n;

		assert_false(words_split(bad[i], &words, &n, &err));
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

static void
the_nearest_word_is_close_or_begins_alike(void **state)
{
	static const char *const names[] = { "send", "search", "join", "unread", NULL };
	char longest[300];

	(void)state;
	assert_string_equal(words_nearest("sned", names), "send");
	assert_string_equal(words_nearest("jon", names), "join");
	assert_string_equal(words_nearest("serach", names), "search");
	assert_string_equal(words_nearest("unr", names), "unread");
	assert_null(words_nearest("quit", names));
	assert_null(words_nearest("", names));
	assert_null(words_nearest("s", names));
	memset(longest, 's', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_null(words_nearest(longest, names));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(a_value_may_stand_in_the_same_word),
		cmocka_unit_test(short_flags_may_be_written_together),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(a_dash_and_negative_numbers_are_no_options),
		cmocka_unit_test(global_options_end_at_the_command),
		cmocka_unit_test(the_last_value_counts_and_a_list_keeps_all),
		cmocka_unit_test(what_is_absent_has_no_value),
		cmocka_unit_test(an_unknown_option_names_the_nearest),
		cmocka_unit_test(a_wrong_value_says_what_is_allowed),
		cmocka_unit_test(help_is_aligned_and_wrapped),
		cmocka_unit_test(a_line_is_split_at_blanks),
		cmocka_unit_test(quotes_keep_blanks_and_join_words),
		cmocka_unit_test(a_backslash_keeps_the_next_character),
		cmocka_unit_test(nothing_is_expanded),
		cmocka_unit_test(an_open_quote_is_an_error),
		cmocka_unit_test(the_nearest_word_is_close_or_begins_alike),
	};

	return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}
