/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person has done to the screen: where they are, how far they scrolled, what they type.
 * ui_draw() makes a picture of it and of the model; it is pure. */
#ifndef UI_UI_H
#define UI_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "model/model.h"
#include "ui/canvas.h"

struct screen;

/* Where the lower edge of the messages stands. */
struct view {
	bool is_scrolled;		/* false: it follows the newest row */
	enum row_kind kind;		/* the lowest row that is seen, by kind and number */
	int64_t number;			/* seq, or number of a local or pending row */
	int below;			/* its lines below the edge */
};

/* Read marks as they were when the conversation was opened. */
struct unread_line { int64_t seq, count; };	/* count 0: none is drawn */

struct input {
	struct safe_text text;
	size_t caret;			/* bytes before it */
	struct safe_text prompt;	/* of a search in the history; empty: the conversation */
};

#define UI_MENU_MAX 64
/* A gap of so many rows that can be seen is fetched without being asked. */
#define UI_GAP_SELF 1000

/* What Tab offers. */
struct menu { struct safe_text items[UI_MENU_MAX]; size_t n; size_t more; };

struct ui {
	int w, h;
	int64_t wall;			/* ms since 1970: the clock of the status line */
	int64_t mono;			/* monotonic ms */
	const struct screen *screen;	/* chat, help */
	struct view view;
	struct unread_line unread;
	struct input input;
	struct menu menu;
	struct safe_text remark;	/* one line above the status; empty: none */
	int remark_level;		/* 0 info, 1 warning, 2 error */
	struct safe_text help;		/* the commands, for scr-help */
	int help_at;			/* its first line on the screen */
	bool is_offline;		/* this screen was asked to stay offline */
};

/* A screen: one file scr-x.c and one word in screens.c. */
struct screen {
	const char *name;
	void (*draw)(const struct model *m, const struct ui *ui, struct canvas *c);
	/* Moves by so many lines (up is positive); by the height less one with pages. By nothing:
	 * fits what is seen to the size. */
	void (*scroll)(const struct model *m, struct ui *ui, int lines, int pages);
};

extern const struct screen *const screens[];	/* ended by NULL */
extern const struct screen scr_chat, scr_help;

void ui_init(struct ui *ui);
void ui_done(struct ui *ui);
/* Makes c the size of ui and draws. */
void ui_draw(const struct model *m, const struct ui *ui, struct canvas *c);
void ui_menu_clear(struct ui *ui);
/* The input line as it is: caret in bytes, prompt NULL for the conversation's. */
void ui_input(struct ui *ui, const char *text, size_t caret, const char *prompt);
void ui_remark(struct ui *ui, int level, const char *text);

/* "ann": one of STYLE_NICKS, always the same. */
enum style ui_nick_style(const struct safe_text *nick);

#endif
