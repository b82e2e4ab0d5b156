/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What term.c and present.c share. */
#ifndef TERM_IMPL_H
#define TERM_IMPL_H

#include "term/term.h"

#include <stdio.h>
#include <termios.h>

#include <curses.h>

struct attributes { attr_t attr; int pair; struct look look; };

struct terminal {
	int out, input;
	FILE *file_out, *file_in;
	struct termios saved;
	SCREEN *screen;
	const struct theme *theme;
	bool no_color, mouse, is_direct;
	bool is_here;			/* the terminal shows our screen */
	bool redraw;
	bool caret_hidden;
	struct attributes looks[STYLE_COUNT];
	struct canvas last;		/* what the terminal shows */
};

/* Works out looks from the theme and the colours that curses has. */
void term_looks(struct terminal *t);
/* All of p[n], waiting if it must. */
void term_write(struct terminal *t, const char *p, size_t n);

#endif
