/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a screen, inside this folder. Each draws into its own rectangle. */
#ifndef UI_DRAW_H
#define UI_DRAW_H

#include "ui/layout.h"

void draw_title(const struct model *m, const struct ui *ui, struct canvas *c, struct rect r);
void draw_status(const struct model *m, const struct ui *ui, struct canvas *c, struct rect r);
void draw_remark(const struct ui *ui, struct canvas *c, struct rect r);
bool draw_typing_wanted(const struct model *m);
void draw_typing(const struct model *m, struct canvas *c, struct rect r);
void draw_menu(const struct ui *ui, struct canvas *c, struct rect r);
void draw_list(const struct model *m, struct canvas *c, struct rect r);
/* Sets the caret. */
void draw_input(const struct model *m, const struct ui *ui, struct canvas *c, struct rect r);
/* Rows that the input line would like to have in w columns. */
int draw_input_height(const struct model *m, const struct ui *ui, int w);
/* glyph … text … glyph, the text in the middle. */
void draw_rule(struct canvas *c, int x, int y, int w, enum style style, enum glyph glyph,
		const struct safe_text *t);

#endif
