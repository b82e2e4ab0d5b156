/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen one lives in: a conversation, the list beside it, the input line below. */
#include <string.h>

#include "base/i18n.h"
#include "ui/draw.h"
#include "ui/rows.h"
#include "ui/view.h"

static void
draw_empty(const struct model *m, struct canvas *c, struct rect r)
{
	const char *words = m->window.conv ? _("No messages yet. Write one, or F1 for help.")
			: _("No conversation yet: /join #room, or F1 for help.");
	struct safe_text t = text_own("%s", words);
	int w = (int)text_width(t.p, t.n);

	if (w > r.w)
		w = r.w;
	canvas_put(c, r.x + (r.w - w) / 2, r.y + r.h / 2, w, STYLE_DIM, &t);
	text_done(&t);
}

static bool
somebody_spoke(const struct items *it)
{
	for (size_t i = 0; i < it->rows.n; i++) {
		if (it->rows.v[i]->kind != ROW_NEWS && it->rows.v[i]->kind != ROW_LOCAL)
			return true;
	}
	return false;
}

/* From the lower edge upwards; if there is room left, everything stands at the top. */
static void
draw_messages(const struct model *m, const struct ui *ui, struct canvas *c, struct rect r)
{
	struct items it;
	int below, i, y, first;

	if (r.h == 0 || r.w == 0)
		return;
	items_init(&it, m);
	first = i = view_bottom(&ui->view, &it, &below);
	y = r.y + r.h + below;
	while (i >= 0 && y > r.y)
		y -= row_lines(m, ui, &it, i--, r.w);
	if (y > r.y)
		y = r.y;
	canvas_clip(c, r);
	for (int top = ++i; i <= first && i < (int)it.rows.n; i++) {
		row_draw(m, ui, &it, i, c, (struct rect){ r.x, y, r.w, 0 }, i == top);
		y += row_lines(m, ui, &it, i, r.w);
	}
	canvas_unclip(c);
	if (!somebody_spoke(&it) && y < r.y + r.h && (!m->window.conv || m->window.at_new))
		draw_empty(m, c, (struct rect){ r.x, y, r.w, r.y + r.h - y });
	items_done(&it);
}

static void
chat_draw(const struct model *m, const struct ui *ui, struct canvas *c)
{
	struct layout l = layout_of(m, ui);

	draw_messages(m, ui, c, l.messages);
	draw_title(m, ui, c, l.title);
	draw_list(m, c, l.list);
	draw_typing(m, c, l.typing);
	draw_remark(ui, c, l.remark);
	draw_status(m, ui, c, l.status);
	draw_menu(ui, c, l.menu);
	draw_input(m, ui, c, l.input);
}

static void
chat_scroll(const struct model *m, struct ui *ui, int lines, int pages)
{
	struct layout l = layout_of(m, ui);
	struct items it;
	int page = l.messages.h > 2 ? l.messages.h - 1 : 1;

	items_init(&it, m);
	view_scroll(&ui->view, m, ui, &it, l.messages.w, l.messages.h, lines + pages * page);
	items_done(&it);
}

const struct screen scr_chat = { "chat", chat_draw, chat_scroll };
