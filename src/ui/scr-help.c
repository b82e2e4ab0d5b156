/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help: keys and commands, made from their tables. */
#include <string.h>

#include "base/i18n.h"
#include "ui/draw.h"
#include "ui/wrap.h"

static int
body_height(const struct ui *ui)
{
	return ui->h > 2 ? ui->h - 2 : 1;
}

static void
help_draw(const struct model *m, const struct ui *ui, struct canvas *c)
{
	struct span line;
	size_t at = 0;
	int y = -ui->help_at, h = body_height(ui);
	(void)m;

	canvas_clip(c, (struct rect){ 0, 1, ui->w, h });
	while (y < h && wrap_next(&ui->help, &at, ui->w > 1 ? ui->w - 1 : 1, &line)) {
		bool is_head = line.n > 0 && ui->help.p[line.from] != ' ';

		canvas_text(c, 0, 1 + y++, ui->w, is_head ? STYLE_LIST_UNREAD : STYLE_TEXT,
				&ui->help, line.from, line.n);
	}
	canvas_unclip(c);
	if (ui->h < 2)
		return;
	canvas_rule(c, 0, 0, ui->w, STYLE_TITLE, GLYPH_SPACE);
	canvas_say(c, 0, 0, ui->w, STYLE_TITLE, " %s", _("stonechat: help"));
	canvas_rule(c, 0, ui->h - 1, ui->w, STYLE_STATUS, GLYPH_SPACE);
	canvas_say(c, 0, ui->h - 1, ui->w, STYLE_STATUS, " %s",
			_("PgUp PgDn scroll · F1 or Esc back"));
}

static void
help_scroll(const struct model *m, struct ui *ui, int lines, int pages)
{
	int h = body_height(ui), w = ui->w > 1 ? ui->w - 1 : 1;
	int last = wrap_count(&ui->help, w, 100000) - h;
	(void)m;

	ui->help_at -= lines + pages * h;
	if (ui->help_at > last)
		ui->help_at = last;
	if (ui->help_at < 0)
		ui->help_at = 0;
}

const struct screen scr_help = { "help", help_draw, help_scroll };
