/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal: opening, leaving and closing it. */
#include "term/impl.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <term.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "term/modes.h"

void
term_write(struct terminal *t, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(t->out, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN) {
			struct pollfd ready = { .fd = t->out, .events = POLLOUT };

			poll(&ready, 1, -1);
			continue;
		}
		if (put <= 0)
			return;		/* the terminal is gone: SIGHUP follows */
		p += put;
		n -= put;
	}
}

static void
switch_modes(struct terminal *t, bool on)
{
	struct buf b;

	buf_init(&b, 1024);
	modes_add(&b, on, t->mouse);
	term_write(t, b.p, b.n);
	buf_done(&b);
}

/* Everything off, as one string, for the handler of fatal signals. */
static void
guard(struct terminal *t)
{
	static const char *const caps[] = { "sgr0", "cnorm", "rmkx", "rmcup" };
	struct buf off;

	buf_init(&off, 500);
	modes_add(&off, false, t->mouse);
	for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
		const char *s = tigetstr(caps[i]);

		if (s && s != (char *)-1 && !strchr(s, '$'))
			buf_adds(&off, s);
	}
	modes_guard(t->out, &t->saved, buf_str(&off));
	buf_done(&off);
}

/* A terminfo entry that takes 24-bit colours directly: xterm-direct for xterm-256color. NULL when
 * there is none; the caller frees. */
static char *
direct_name(const char *name)
{
	const char *end = strstr(name, "-256color");
	char *direct = xasprintf("%.*s-direct", end ? (int)(end - name) : (int)strlen(name), name);
	int status;
	TERMINAL *found;

	if (setupterm(direct, STDOUT_FILENO, &status) != OK) {
		free(direct);
		return NULL;
	}
	found = cur_term;
	del_curterm(found);
	return direct;
}

/* Moving the cursor is the least that a screen needs. */
static bool
check_terminal(const char *name, int out, struct err *err)
{
	int status;
	bool ok;

	if (!*name || setupterm(name, out, &status) != OK)
		return err_set(err, ERR_USAGE, _("the terminal type %s is not known (TERM)"),
				*name ? name : "\"\"");
	ok = tigetstr("cup") && tigetstr("cup") != (char *)-1;
	del_curterm(cur_term);
	if (!ok)
		return err_set(err, ERR_USAGE, _("a terminal of type %s cannot show the screen"),
				name);
	return true;
}

static void
set_up_curses(struct terminal *t)
{
	raw();
	noecho();
	nonl();
	typeahead(-1);
	nodelay(stdscr, TRUE);
	scrollok(stdscr, FALSE);
	leaveok(stdscr, FALSE);
	if (!t->no_color && has_colors()) {
		start_color();
		use_default_colors();
	}
	term_looks(t);
}

/* Signals that curses would handle; they are the loop's. */
static const int loop_signals[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
#define LOOP_SIGNALS (sizeof loop_signals / sizeof *loop_signals)

static bool
start_curses(struct terminal *t, const char *name, const struct term_conf *conf)
{
	char *direct = conf->true_color && !conf->no_color ? direct_name(name) : NULL;
	struct sigaction before[LOOP_SIGNALS];

	for (size_t i = 0; i < LOOP_SIGNALS; i++)
		sigaction(loop_signals[i], NULL, &before[i]);
	if (direct)
		t->screen = newterm(direct, t->file_out, t->file_in);
	t->is_direct = t->screen != NULL;
	if (!t->screen)
		t->screen = newterm(name, t->file_out, t->file_in);
	for (size_t i = 0; i < LOOP_SIGNALS; i++)
		sigaction(loop_signals[i], &before[i], NULL);
	free(direct);
	return t->screen != NULL;
}

/* A file description of its own: reading without waiting must not make writing so. */
static int
open_input(int in)
{
	char path[40];
	int fd;

	snprintf(path, sizeof path, "/proc/self/fd/%d", in);
	fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0 ? fd : fcntl(in, F_DUPFD_CLOEXEC, 3);
}

static FILE *
open_stream(int fd, const char *how)
{
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return fd >= 0 ? fdopen(fd, how) : NULL;
}

struct terminal *
term_open(int in, int out, const struct term_conf *conf, struct err *err)
{
	struct terminal *t;
	const char *name = conf->name ? conf->name : getenv("TERM");

	if (!name)
		name = "";
	if (!check_terminal(name, out, err))
		return NULL;
	/* Bytes go out as UTF-8, whatever the locale says. */
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
	t = xcalloc(1, sizeof *t);
	t->out = out;
	t->theme = conf->theme;
	t->no_color = conf->no_color;
	t->mouse = conf->mouse;
	canvas_init(&t->last, 1, 1);
	tcgetattr(out, &t->saved);
	t->file_out = open_stream(out, "w");
	t->file_in = open_stream(in, "r");
	t->input = open_input(in);
	if (!t->file_out || !t->file_in || t->input < 0 || !start_curses(t, name, conf)) {
		term_close(t);
		err_set(err, ERR_USAGE, _("a terminal of type %s cannot show the screen"), name);
		return NULL;
	}
	set_up_curses(t);
	guard(t);
	switch_modes(t, true);
	t->is_here = t->redraw = true;
	return t;
}

void
term_leave(struct terminal *t)
{
	if (!t->is_here)
		return;
	t->is_here = false;
	modes_unguard();
	switch_modes(t, false);
	if (t->caret_hidden)
		curs_set(1);
	t->caret_hidden = false;
	endwin();
}

void
term_return(struct terminal *t)
{
	if (t->is_here)
		return;
	reset_prog_mode();
	t->is_here = t->redraw = true;
	guard(t);
	switch_modes(t, true);
}

void
term_close(struct terminal *t)
{
	if (!t)
		return;
	term_leave(t);
	if (t->screen)
		delscreen(t->screen);
	if (t->file_out)
		fclose(t->file_out);
	if (t->file_in)
		fclose(t->file_in);
	if (t->input >= 0)
		close(t->input);
	canvas_done(&t->last);
	free(t);
}

int
term_input(const struct terminal *t)
{
	return t->input;
}

void
term_size(const struct terminal *t, int *w, int *h)
{
	struct winsize ws = { 0 };

	*w = 80;
	*h = 24;
	if (ioctl(t->out, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0 && ws.ws_row > 0) {
		*w = ws.ws_col;
		*h = ws.ws_row;
	}
}

void
term_redraw(struct terminal *t)
{
	t->redraw = true;
}

void
term_bell(struct terminal *t)
{
	if (t->is_here)
		term_write(t, "\a", 1);
}

bool
term_is_ours(const struct terminal *t)
{
	pid_t group = tcgetpgrp(t->out);

	return group == -1 || group == getpgrp();
}

void
term_stop(struct terminal *t)
{
	struct sigaction before, dfl = { .sa_handler = SIG_DFL };

	term_leave(t);
	sigemptyset(&dfl.sa_mask);
	sigaction(SIGTSTP, &dfl, &before);
	raise(SIGTSTP);
	sigaction(SIGTSTP, &before, NULL);
}
