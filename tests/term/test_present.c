/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures through a pseudo-terminal: every byte that reaches it is parsed, and what it shows is
 * what was drawn. */
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "term/term.h"
#include "term/vt.h"

struct fixture {
	int master, slave;
	struct vt vt;
	struct terminal *t;
	struct canvas c;
	struct termios before;
};

static void
size(struct fixture *f, int w, int h)
{
	struct winsize ws = { .ws_col = w, .ws_row = h };

	assert_int_equal(ioctl(f->master, TIOCSWINSZ, &ws), 0);
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(f->master >= 0 && grantpt(f->master) == 0 && unlockpt(f->master) == 0);
	f->slave = open(ptsname(f->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	fcntl(f->master, F_SETFL, O_NONBLOCK);
	tcgetattr(f->slave, &f->before);
	size(f, 40, 10);
	vt_init(&f->vt, 40, 10);
	canvas_init(&f->c, 40, 10);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	term_close(f->t);
	canvas_done(&f->c);
	vt_done(&f->vt);
	close(f->slave);
	close(f->master);
	free(f);
	return 0;
}

/* All that was written so far. */
static void
drain(struct fixture *f)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(f->master, bytes, sizeof bytes)) > 0)
		vt_feed(&f->vt, bytes, n);
	assert_string_equal(f->vt.wrong, "");
}

static void
open_as(struct fixture *f, const char *name, bool no_color)
{
	struct term_conf conf = {
		.name = name, .theme = theme_find("dark"), .no_color = no_color, .mouse = true,
	};
	struct err err = { 0 };

	f->t = term_open(f->slave, f->slave, &conf, &err);
	assert_string_equal(err.msg, "");
	assert_non_null(f->t);
}

static void
put(struct fixture *f, int x, int y, int cols, enum style style, const char *s)
{
	struct safe_text t = text_body(s, strlen(s));

	canvas_text(&f->c, x, y, cols, style, &t, 0, t.n);
	text_done(&t);
}

static void
shows_the_canvas(struct fixture *f)
{
	char *wanted = canvas_dump(&f->c), *got;

	term_present(f->t, &f->c);
	drain(f);
	got = vt_dump(&f->vt);
	assert_string_equal(got, wanted);
	if (f->c.caret_x >= 0) {
		assert_int_equal(f->vt.wraps ? f->vt.w - 1 : f->vt.x, f->c.caret_x);
		assert_int_equal(f->vt.y, f->c.caret_y);
	}
	free(got);
	free(wanted);
}

static void
what_is_drawn_is_shown(void **state)
{
	struct fixture *f = *state;

	open_as(f, "xterm-256color", false);
	put(f, 0, 0, 40, STYLE_TITLE, "plain text");
	put(f, 0, 1, 40, STYLE_TEXT, "日本語 wide, e\u0301 combined");
	put(f, 0, 2, 40, STYLE_OWN, "👩‍👩‍👧‍👦 family |");
	put(f, 0, 3, 40, STYLE_TEXT, "🇩🇪 flag, ❤️ heart, 1️⃣ key, 👍🏽 skin |");
	put(f, 38, 4, 2, STYLE_TEXT, "👩‍👩‍👧‍👦");
	put(f, 38, 5, 2, STYLE_TEXT, "日");
	put(f, 30, 9, 10, STYLE_TEXT, "last cell!");
	f->c.caret_x = 7;
	f->c.caret_y = 9;
	term_present(f->t, &f->c);
	drain(f);
	/* At the end of a row a family is its first member: some terminals would wrap. */
	put(f, 38, 4, 2, STYLE_TEXT, "👩");
	shows_the_canvas(f);
	assert_true(f->vt.colored);
}

static void
only_changes_are_written(void **state)
{
	struct fixture *f = *state;
	size_t before;

	open_as(f, "xterm-256color", false);
	for (int y = 0; y < 10; y++)
		put(f, 0, y, 40, STYLE_TEXT, "a long line of text that fills the row");
	f->c.caret_x = f->c.caret_y = 0;
	shows_the_canvas(f);
	before = f->vt.bytes;
	shows_the_canvas(f);
	assert_int_equal(f->vt.bytes, before);
	put(f, 10, 5, 1, STYLE_TEXT, "X");
	shows_the_canvas(f);
	assert_in_range(f->vt.bytes - before, 1, 24);
}

/* Text of every kind at random places, drawn over what was there. */
static void
random_pictures(struct fixture *f, int rounds)
{
	static const char *const pieces[] = {
		"a", "bc ", "日本", "👩‍👩‍👧‍👦", "🇩🇪", "❤️", "e\u0301", "\033[31m", "\u202e", "\xc2\x9b", "\xff",
		"ｆ", "한국", "🫨", "1️⃣", "\u200b", "│", "👍🏽", "नमस्ते", "سلام", "      ",
	};
	unsigned seed = 7;

	for (int i = 0; i < rounds; i++) {
		for (int k = 0; k < 4; k++) {
			seed = seed * 1103515245 + 12345;
			put(f, (seed >> 8) % (unsigned)f->c.w, (seed >> 16) % (unsigned)f->c.h,
					1 + (seed >> 20) % 9, (seed >> 12) % STYLE_COUNT,
					pieces[(seed >> 4) % (sizeof pieces / sizeof *pieces)]);
		}
		f->c.caret_x = (seed >> 9) % (unsigned)f->c.w;
		f->c.caret_y = (seed >> 17) % (unsigned)f->c.h;
		if (i % 50 == 0)
			term_redraw(f->t);
		if (i % 41 == 0)
			canvas_reset(&f->c, f->c.w, f->c.h);
		/* The last column is where terminals differ: keep clusters out of it. */
		for (int y = 0; y < f->c.h; y++)
			put(f, f->c.w - 8 > 0 ? f->c.w - 8 : 0, y, 8, STYLE_TEXT, "        ");
		shows_the_canvas(f);
	}
}

static void
any_change_ends_in_the_same_screen(void **state)
{
	struct fixture *f = *state;

	open_as(f, "xterm-256color", false);
	random_pictures(f, 600);
}

static void
other_terminals_do_too(void **state)
{
	static const char *const names[] = { "tmux-256color", "screen", "linux", "vt220", "xterm" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		open_as(f, names[i], false);
		canvas_reset(&f->c, 40, 10);
		random_pictures(f, 100);
		term_close(f->t);
		f->t = NULL;
		drain(f);
		vt_resize(&f->vt, 40, 10);
	}
}

/* xterm draws a family as four people: what is right of it must still be in its column. */
static void
a_terminal_without_clusters_keeps_its_columns(void **state)
{
	struct fixture *f = *state;
	char *got;

	f->vt.naive = true;
	open_as(f, "xterm-256color", false);
	put(f, 0, 0, 40, STYLE_TEXT, "👩‍👩‍👧‍👦 is a family and 🇩🇪 is a flag |");
	put(f, 0, 1, 40, STYLE_TEXT, "     a family and    a flag         |");
	f->c.caret_x = f->c.caret_y = 0;
	term_present(f->t, &f->c);
	drain(f);
	got = vt_dump(&f->vt);
	assert_non_null(strstr(got, "is a family and 🇩🇪 is a flag |"));
	for (int x = 2; x < 40; x++) {
		size_t n;
		const char *p = canvas_cell(&f->c, x, 0, &n);

		if (n == 1)
			assert_memory_equal(f->vt.cells[x].s, p, 1);
	}
	free(got);
}

static void
no_color_means_none(void **state)
{
	struct fixture *f = *state;

	open_as(f, "xterm-256color", true);
	for (int i = 0; i < STYLE_COUNT; i++)
		put(f, i % 40, i / 40, 1, i, "x");
	f->c.caret_x = f->c.caret_y = 0;
	shows_the_canvas(f);
	assert_false(f->vt.colored);
}

static void
resizing_ends_in_the_right_picture(void **state)
{
	struct fixture *f = *state;
	static const int sizes[][2] = { { 80, 24 }, { 1, 1 }, { 2, 1 }, { 400, 100 }, { 3, 40 },
		{ 20, 5 }, { 1, 1 }, { 60, 15 } };
	int w, h;

	open_as(f, "xterm-256color", false);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size(f, sizes[i][0], sizes[i][1]);
		term_size(f->t, &w, &h);
		assert_int_equal(w, sizes[i][0]);
		assert_int_equal(h, sizes[i][1]);
		vt_resize(&f->vt, w, h);
		canvas_reset(&f->c, w, h);
		for (int y = 0; y < h; y++)
			put(f, 0, y, w, STYLE_TEXT, "text in every row and to its very end");
		f->c.caret_x = f->c.caret_y = 0;
		shows_the_canvas(f);
	}
}

static void
nothing_stays_on_after_closing(void **state)
{
	struct fixture *f = *state;
	struct termios after;

	open_as(f, "xterm-256color", false);
	f->c.caret_x = -1;
	shows_the_canvas(f);
	assert_true(f->vt.modes[1049]);
	assert_true(f->vt.modes[2004]);
	assert_true(f->vt.modes[1006]);
	assert_false(f->vt.modes[25]);
	tcgetattr(f->slave, &after);
	assert_false(after.c_lflag & (ISIG | ICANON | ECHO));
	assert_false(after.c_iflag & (IXON | ICRNL));
	term_leave(f->t);
	drain(f);
	assert_false(f->vt.modes[1049] || f->vt.modes[2004] || f->vt.modes[1000]);
	assert_true(f->vt.modes[25]);
	term_return(f->t);
	shows_the_canvas(f);
	assert_true(f->vt.modes[1049] && f->vt.modes[2004]);
	term_close(f->t);
	f->t = NULL;
	drain(f);
	for (size_t i = 0; i < sizeof f->vt.modes; i++)
		assert_true(!f->vt.modes[i] || i == 25 || i == 7);
	tcgetattr(f->slave, &after);
	assert_int_equal(after.c_lflag, f->before.c_lflag);
	assert_int_equal(after.c_iflag, f->before.c_iflag);
}

static void
a_crash_gives_the_terminal_back(void **state)
{
	struct fixture *f = *state;
	struct termios after;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct term_conf conf = { .name = "xterm-256color", .theme = theme_find("dark"),
			.mouse = true };
		struct terminal *t;

		signal(SIGABRT, SIG_DFL);
		t = term_open(f->slave, f->slave, &conf, NULL);
		term_present(t, &f->c);
		abort();
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		struct pollfd p = { .fd = f->master, .events = POLLIN };

		poll(&p, 1, 100);
		drain(f);
	}
	drain(f);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_false(f->vt.modes[1049] || f->vt.modes[2004] || f->vt.modes[1000]);
	tcgetattr(f->slave, &after);
	assert_int_equal(after.c_lflag, f->before.c_lflag);
}

static void
terminals_that_cannot_are_refused_in_words(void **state)
{
	static const char *const names[] = { "dumb", "no-such-terminal", "" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct term_conf conf = { .name = names[i], .theme = theme_find("dark") };
		struct err err = { 0 };

		assert_null(term_open(f->slave, f->slave, &conf, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		assert_true(strlen(err.msg) > 10);
	}
	drain(f);
	assert_int_equal(f->vt.bytes, 0);
}

static void
keys_are_read_apart_from_writing(void **state)
{
	struct fixture *f = *state;
	char byte = 0;

	open_as(f, "xterm-256color", false);
	assert_true(fcntl(term_input(f->t), F_GETFL) & O_NONBLOCK);
	assert_false(fcntl(f->slave, F_GETFL) & O_NONBLOCK);
	assert_int_equal(write(f->master, "\003", 1), 1);
	assert_int_equal(read(term_input(f->t), &byte, 1), 1);
	assert_int_equal(byte, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(what_is_drawn_is_shown),
		TEST(only_changes_are_written),
		TEST(any_change_ends_in_the_same_screen),
		TEST(other_terminals_do_too),
		TEST(a_terminal_without_clusters_keeps_its_columns),
		TEST(no_color_means_none),
		TEST(resizing_ends_in_the_right_picture),
		TEST(nothing_stays_on_after_closing),
		TEST(a_crash_gives_the_terminal_back),
		TEST(terminals_that_cannot_are_refused_in_words),
		TEST(keys_are_read_apart_from_writing),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
