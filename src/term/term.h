/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal: pictures out, bytes in. The only place that knows curses. Only what changed is
 * written, from an allow-list: text that the sanitiser made, and sequences of terminfo and of the
 * table in modes.c. */
#ifndef TERM_TERM_H
#define TERM_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "ui/canvas.h"
#include "ui/theme.h"

struct terminal;

struct term_conf {
	const char *name;		/* TERM; NULL: from the environment */
	const struct theme *theme;
	bool no_color;			/* NO_COLOR, --color=never */
	bool true_color;		/* COLORTERM says so */
	bool mouse;			/* the wheel scrolls; text is then selected with Shift */
};

/* Takes over the terminal on in and out (which stay the caller's). ERR_USAGE for a TERM that is
 * unknown or cannot move its cursor (dumb): the caller falls back to plain mode. One at a time. */
struct terminal *term_open(int in, int out, const struct term_conf *conf, struct err *err);
/* Gives it back as it was. NULL is fine. */
void term_close(struct terminal *t);

/* A descriptor to read keys from, non-blocking, with a file description of its own. */
int term_input(const struct terminal *t);
/* What the terminal says its size is now; 80x24 if it does not know. */
void term_size(const struct terminal *t, int *w, int *h);
/* Shows c; its caret is where the cursor stands. */
void term_present(struct terminal *t, const struct canvas *c);
/* The next term_present writes everything. */
void term_redraw(struct terminal *t);
void term_bell(struct terminal *t);

/* Out of the way and back again (another program, job control). */
void term_leave(struct terminal *t);
void term_return(struct terminal *t);
/* Stops this process as Ctrl-Z does, and returns when it goes on. */
void term_stop(struct terminal *t);
/* False while another job has the terminal: it must not be touched. */
bool term_is_ours(const struct terminal *t);

#endif
