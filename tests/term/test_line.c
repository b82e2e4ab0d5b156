/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The input line: readline's editing without a terminal. */
#include "test.h"

#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "term/line.h"

struct fixture {
	char dir[64], history[80];
	struct line *line;
	struct buf offered;
};

static void
complete(void *arg, const char *line, size_t start, size_t end,
		void (*add)(void *add_arg, const char *word), void *add_arg)
{
	static const char *const words[] = { "/join", "/journal", "/quit", "#lobby" };
	(void)arg;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strncmp(words[i], line + start, end - start) == 0)
			add(add_arg, words[i]);
	}
}

static void
offer(void *arg, const char *const *words, size_t n)
{
	struct fixture *f = arg;

	buf_clear(&f->offered);
	for (size_t i = 0; i < n; i++)
		buf_addf(&f->offered, "%s ", words[i]);
}

static void
start(struct fixture *f)
{
	struct line_conf conf = {
		.history = f->history, .complete = complete, .offer = offer, .arg = f,
	};

	f->line = line_new(&conf);
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	test_folder(f->dir, sizeof f->dir);
	snprintf(f->history, sizeof f->history, "%s/history", f->dir);
	setenv("HOME", f->dir, 1);
	unsetenv("INPUTRC");
	buf_init(&f->offered, 4096);
	start(f);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	line_set(f->line, "", 0);
	line_free(f->line);
	unlink(f->history);
	rmdir(f->dir);
	buf_done(&f->offered);
	free(f);
	return 0;
}

static void
keys(struct fixture *f, const char *bytes)
{
	line_feed(f->line, bytes, strlen(bytes));
}

#define IS(f, text, caret) do { \
	assert_string_equal(line_text((f)->line), text); \
	assert_int_equal(line_caret((f)->line), caret); \
} while (0)

static void
readline_edits(void **state)
{
	struct fixture *f = *state;

	keys(f, "h\xc3\xa9llo w\xc3\xb6rld");
	IS(f, "h\xc3\xa9llo w\xc3\xb6rld", 13);
	keys(f, "\001");
	keys(f, "\033f");
	IS(f, "h\xc3\xa9llo w\xc3\xb6rld", 6);
	keys(f, "\027");
	IS(f, " w\xc3\xb6rld", 0);
	keys(f, "\005\031");
	IS(f, " w\xc3\xb6rldh\xc3\xa9llo", 13);
	keys(f, "\001\033[C\033[3~\x1f");
	IS(f, " w\xc3\xb6rldh\xc3\xa9llo", 2);
}

static void
a_key_of_readlines_that_ends_the_line_loses_nothing(void **state)
{
	struct fixture *f = *state;

	keys(f, "precious\001\r");
	assert_string_equal(line_text(f->line), "precious");
	line_set(f->line, "", 0);
	keys(f, "\004");
	assert_string_equal(line_text(f->line), "");
	keys(f, "still here");
	assert_string_equal(line_text(f->line), "still here");
}

static void
a_paste_is_one_undo(void **state)
{
	struct fixture *f = *state;

	keys(f, "ab");
	assert_true(line_insert(f->line, "one\ntwo", 7));
	IS(f, "abone\ntwo", 9);
	keys(f, "\x1f");
	assert_string_equal(line_text(f->line), "ab");
}

static void
the_line_has_a_limit(void **state)
{
	struct fixture *f = *state;
	char *big = malloc(LINE_MAX_BYTES + 1);

	memset(big, 'x', LINE_MAX_BYTES + 1);
	assert_false(line_insert(f->line, big, LINE_MAX_BYTES + 1));
	assert_true(line_insert(f->line, big, LINE_MAX_BYTES));
	keys(f, "y");
	assert_int_equal(strlen(line_text(f->line)), LINE_MAX_BYTES);
	free(big);
}

static void
history_is_kept_in_a_file(void **state)
{
	struct fixture *f = *state;

	line_remember(f->line, "first \\ line");
	line_remember(f->line, "two\nlines");
	line_remember(f->line, "two\nlines");
	line_free(f->line);
	start(f);
	keys(f, "unsent\033[A");
	assert_string_equal(line_text(f->line), "two\nlines");
	keys(f, "\033[A");
	assert_string_equal(line_text(f->line), "first \\ line");
	keys(f, "\033[B\033[B");
	assert_string_equal(line_text(f->line), "unsent");
}

static void
a_search_in_the_history_shows_its_prompt(void **state)
{
	struct fixture *f = *state;

	line_remember(f->line, "/join #dev");
	line_remember(f->line, "hello");
	assert_null(line_prompt(f->line));
	keys(f, "\022jo");
	assert_non_null(line_prompt(f->line));
	assert_non_null(strstr(line_prompt(f->line), "jo"));
	assert_true(line_is_busy(f->line));
	assert_string_equal(line_text(f->line), "/join #dev");
	line_end_search(f->line);
	assert_null(line_prompt(f->line));
	assert_string_equal(line_text(f->line), "/join #dev");
	assert_false(line_is_busy(f->line));
}

static void
tab_completes_and_offers(void **state)
{
	struct fixture *f = *state;

	keys(f, "/qu\t");
	assert_string_equal(line_text(f->line), "/quit ");
	line_set(f->line, "", 0);
	keys(f, "/j\t");
	assert_string_equal(line_text(f->line), "/jo");
	assert_string_equal(buf_str(&f->offered), "/join /journal ");
	keys(f, "i");
	assert_string_equal(buf_str(&f->offered), "");
	keys(f, "\t#l\t");
	assert_string_equal(line_text(f->line), "/join #lobby ");
	keys(f, "nothing\t");
	assert_string_equal(line_text(f->line), "/join #lobby nothing");
}

static void
vi_keys_work(void **state)
{
	struct fixture *f = *state;

	assert_false(line_wants_escape(f->line));
	keys(f, "\033\n");	/* vi-editing-mode */
	keys(f, "hello");
	assert_true(line_wants_escape(f->line));
	keys(f, "\033");
	assert_false(line_wants_escape(f->line));
	keys(f, "0xd");
	assert_true(line_is_busy(f->line));
	keys(f, "l");
	IS(f, "llo", 0);
	keys(f, "\005");	/* emacs-editing-mode */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(readline_edits),
		TEST(a_key_of_readlines_that_ends_the_line_loses_nothing),
		TEST(a_paste_is_one_undo),
		TEST(the_line_has_a_limit),
		TEST(history_is_kept_in_a_file),
		TEST(a_search_in_the_history_shows_its_prompt),
		TEST(tab_completes_and_offers),
		TEST(vi_keys_work),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
