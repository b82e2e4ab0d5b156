/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of a conversation as lines: measured, then drawn. */
#ifndef UI_ROWS_H
#define UI_ROWS_H

#include "ui/view.h"

/* How many lines item i takes in w columns, with the date and unread lines above it. */
int row_lines(const struct model *m, const struct ui *ui, const struct items *it, size_t i,
		int w);
/* Draws item i with its first line at y, which may lie outside the clip. is_top: nothing that is
 * seen stands above it, so it names its author. */
void row_draw(const struct model *m, const struct ui *ui, const struct items *it, size_t i,
		struct canvas *c, struct rect r, bool is_top);

#endif
