/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of a conversation as lines: measured, then drawn. */
#ifndef UI_ROWS_H
#define UI_ROWS_H

#include "ui/view.h"

/* How many lines item i takes in w columns, with the date and unread lines above it. */
int row_lines(const struct model *m, const struct ui *ui, const struct items *it, size_t i,
		int w);
/* Draws item i with its first line at y, which may lie outside the clip. */
void row_draw(const struct model *m, const struct ui *ui, const struct items *it, size_t i,
		struct canvas *c, int x, int y, int w);

#endif
