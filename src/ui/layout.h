/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which part of the screen is where, at any size. */
#ifndef UI_LAYOUT_H
#define UI_LAYOUT_H

#include "ui/ui.h"

/* Parts of height or width 0 are not there. input is always at least one row. */
struct layout { struct rect title, list, messages, typing, remark, status, menu, input; };

struct layout layout_of(const struct model *m, const struct ui *ui);

/* Columns of a row of messages. The author's column goes below 60 columns, the time below 40. */
struct columns { int time, nick, text; int text_w; };
struct columns layout_columns(int width);

#endif
