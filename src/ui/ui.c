/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of the screen, and the one way to a picture of it. */
#include "ui/ui.h"

#include <string.h>

void
ui_init(struct ui *ui)
{
	*ui = (struct ui){ .w = 80, .h = 24, .screen = &scr_chat };
}

void
ui_menu_clear(struct ui *ui)
{
	for (size_t i = 0; i < ui->menu.n; i++)
		text_done(&ui->menu.items[i]);
	ui->menu.n = ui->menu.more = 0;
}

void
ui_done(struct ui *ui)
{
	ui_menu_clear(ui);
	text_done(&ui->input.text);
	text_done(&ui->input.prompt);
	text_done(&ui->remark);
	text_done(&ui->help);
}

void
ui_remark(struct ui *ui, int level, const char *text)
{
	text_done(&ui->remark);
	ui->remark = text_name(text, strlen(text));
	ui->remark_level = level < 0 ? 0 : level > 2 ? 2 : level;
}

void
ui_input(struct ui *ui, const char *text, size_t caret, const char *prompt)
{
	struct safe_text before = text_body(text, caret);

	text_done(&ui->input.text);
	text_done(&ui->input.prompt);
	ui->input.text = text_body(text, strlen(text));
	ui->input.caret = before.n < ui->input.text.n ? before.n : ui->input.text.n;
	if (prompt)
		ui->input.prompt = text_name(prompt, strlen(prompt));
	text_done(&before);
}

void
ui_draw(const struct model *m, const struct ui *ui, struct canvas *c)
{
	canvas_reset(c, ui->w, ui->h);
	ui->screen->draw(m, ui, c);
}

enum style
ui_nick_style(const struct safe_text *nick)
{
	unsigned h = 2166136261u;

	for (size_t i = 0; i < nick->n; i++)
		h = (h ^ (unsigned char)nick->p[i]) * 16777619u;
	return STYLE_NICK + (h >> 16) % STYLE_NICKS;
}
