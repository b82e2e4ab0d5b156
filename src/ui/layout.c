/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which part of the screen is where, at any size. */
#include "ui/layout.h"

#include "ui/draw.h"

#define LIST_W 18		/* with its border */
#define LIST_FROM_W 80
#define TITLE_FROM_H 5
#define STATUS_FROM_H 4

/* Takes up to want rows at the lower end of what is left, and leaves keep. */
static struct rect
take(struct rect *left, int want, int keep)
{
	int h = left->h - keep < want ? left->h - keep : want;

	if (h < 0)
		h = 0;
	left->h -= h;
	return (struct rect){ left->x, left->y + left->h, left->w, h };
}

struct layout
layout_of(const struct model *m, const struct ui *ui)
{
	struct rect left = { 0, 0, ui->w, ui->h };
	struct layout l = { 0 };
	int input = draw_input_height(m, ui, ui->w);
	int most = ui->h > 8 ? ui->h / 3 : 1;

	l.input = take(&left, input < most ? input : most, 0);
	l.menu = take(&left, ui->menu.n > 0 ? 1 : 0, 2);
	l.status = take(&left, ui->h >= STATUS_FROM_H ? 1 : 0, 1);
	l.remark = take(&left, ui->remark.n > 0 ? 1 : 0, 1);
	l.typing = take(&left, draw_typing_wanted(m) ? 1 : 0, 3);
	if (ui->h >= TITLE_FROM_H) {
		l.title = (struct rect){ 0, 0, ui->w, 1 };
		left.y++;
		left.h--;
	}
	if (ui->w >= LIST_FROM_W) {
		l.list = (struct rect){ 0, left.y, LIST_W, left.h };
		left.x += LIST_W;
		left.w -= LIST_W;
	}
	l.messages = left;
	return l;
}

struct columns
layout_columns(int width)
{
	struct columns c = { 0 };

	if (width >= 60)
		c = (struct columns){ 1, 8, 17, 0 };
	else if (width >= 40)
		c = (struct columns){ 0, 0, 6, 0 };
	else
		c = (struct columns){ -1, 0, 0, 0 };
	c.text_w = width - c.text - (width >= 60 ? 1 : 0);
	if (c.text_w < 1)
		c.text_w = 1;
	return c;
}
