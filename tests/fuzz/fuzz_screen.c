/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages of any text, names and reactions on a screen of any size: nothing crashes, every cell
 * is whole, the caret is inside, and lines are as wide as they say. */
#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "ui/ui.h"
#include "ui/wrap.h"

static void
apply_page(struct model *m, bool begin)
{
	struct event ev = { .type = begin ? EV_PAGE : EV_PAGE_END, .account = "a", .conv = "c",
		.name = "#c" };

	if (begin) {
		ev.page.anew = true;
		ev.page.hi = 100;
	} else {
		ev.page_end.at_old = ev.page_end.at_new = true;
	}
	model_apply(m, &ev);
}

/* Each line of the input is a message; its first byte says of what sort. */
static void
apply_lines(struct model *m, char *p)
{
	static const enum record_kind kinds[] = { REC_MSG, REC_MSG, REC_MSG, REC_MEMBER, REC_TOPIC,
		REC_ACTION, REC_AI_END, REC_OTHER };
	int64_t seq = 0;

	for (char *line = p, *end; *line; line = end) {
		struct message msg = { .seq = ++seq, .id = "i", .cid = "", .ref = "", .reply = "",
			.body = "{}", .reacts = "{}", .from = "ann", .kind_name = "" };
		struct event ev = { .type = EV_ROW, .row = &msg };
		unsigned char sort = *line;

		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		msg.kind = kinds[sort % 8];
		msg.edited = sort & 16;
		msg.deleted = (sort & 96) == 96;
		msg.text = msg.body = line;
		msg.text_n = strlen(line);
		if (sort & 8)
			msg.from = msg.reacts = line;
		msg.ts = seq * 3600000;
		model_apply(m, &ev);
	}
}

static void
check_cells(const struct canvas *c)
{
	for (int y = 0; y < c->h; y++) {
		for (int x = 0; x < c->w; x++) {
			const struct cell *cell = &c->cells[y * c->w + x];
			size_t n;
			const char *s = canvas_cell(c, x, y, &n);

			must(utf8_valid(s, n, NULL));
			must(cell->width <= 2 && cell->style < STYLE_COUNT);
			must(cell->width == 0 ? x > 0 && cell[-1].width == 2 : n > 0);
			must(cell->width != 2 || (x + 1 < c->w && cell[1].width == 0));
		}
	}
	must(c->caret_x >= 0 && c->caret_x < c->w && c->caret_y >= 0 && c->caret_y < c->h);
}

static void
check_wrap(const char *p, size_t n, int cols)
{
	struct safe_text t = text_body(p, n);
	struct span line;
	size_t at = 0, end = 0;

	while (wrap_next(&t, &at, cols, &line)) {
		must(line.from >= end && line.from + line.n <= t.n);
		must(line.width <= cols || line.width == 2);
		end = line.from + line.n;
	}
	text_done(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct model m;
	struct ui ui;
	struct canvas c;
	char *text;

	if (n < 4 || n > 8192)
		return 0;
	text = xstrndup((const char *)p + 4, n - 4);
	model_init(&m);
	ui_init(&ui);
	canvas_init(&c, 1, 1);
	ui.w = 1 + p[0];
	ui.h = 1 + p[1] % 60;
	ui_input(&ui, text, p[2] < strlen(text) ? p[2] : 0, NULL);
	apply_page(&m, true);
	check_wrap(text, strlen(text), 1 + p[3]);
	apply_lines(&m, text);
	apply_page(&m, false);
	for (int i = 0; i < 3; i++) {
		ui_draw(&m, &ui, &c);
		check_cells(&c);
		ui.screen->scroll(&m, &ui, p[3], 0);
	}
	canvas_done(&c);
	ui_done(&ui);
	model_done(&m);
	free(text);
	return 0;
}
