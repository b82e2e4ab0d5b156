/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The input area: prompt, text, caret; as many rows as it needs. */
#include "ui/draw.h"

/* Where the next cluster goes; draws only if c is given. Words are kept whole where they fit, and a
 * space at the end of a row takes no column. */
struct pen { struct canvas *c; int x0, y0, w, first; int x, row; int caret_x, caret_row; };

static size_t
cluster(const struct safe_text *t, size_t i, int *width)
{
	size_t n = 1;

	*width = 1;
	if ((unsigned char)t->p[i] >= 0x80 ||
			(i + 1 < t->n && (unsigned char)t->p[i + 1] >= 0x80))
		n = text_cluster(t->p + i, t->n - i, width);
	if (*width < 1)
		*width = 1;
	return n;
}

static void
next_row(struct pen *p)
{
	p->x = p->first;
	p->row++;
}

/* Columns of the word that starts at i, but no more than a row has. */
static int
word_width(const struct safe_text *t, size_t i, int most)
{
	int used = 0, width;

	while (i < t->n && t->p[i] != ' ' && t->p[i] != '\n' && used <= most) {
		i += cluster(t, i, &width);
		used += width;
	}
	return used;
}

static void
pen_cluster(struct pen *p, const struct safe_text *t, size_t i, size_t n, int width)
{
	bool starts_word = i > 0 && t->p[i - 1] == ' ' && t->p[i] != ' ';
	int room = p->w - p->first;

	if (t->p[i] == '\n') {
		next_row(p);
		return;
	}
	if (t->p[i] == ' ' && p->x >= p->w)
		return;
	if (starts_word && p->x > p->first) {
		int word = word_width(t, i, room);

		if (p->x + word > p->w && word <= room)
			next_row(p);
	}
	if (p->x + width > p->w)
		next_row(p);
	if (p->c)
		canvas_text(p->c, p->x0 + p->x, p->y0 + p->row, width, STYLE_INPUT, t, i, n);
	p->x += width;
}

/* Lays t out and notes where the caret is, which may be one row further than the text. */
static void
pen_text(struct pen *p, const struct safe_text *t, size_t caret)
{
	size_t i = 0;

	p->x = p->first;
	while (i < t->n) {
		int width;
		size_t n = cluster(t, i, &width);

		if (i <= caret) {
			p->caret_x = p->x;
			p->caret_row = p->row;
		}
		pen_cluster(p, t, i, n, width);
		if (i == caret && p->row > p->caret_row && t->p[i] != '\n') {
			p->caret_x = p->x - width;
			p->caret_row = p->row;
		}
		i += n;
	}
	if (p->x >= p->w && caret >= t->n)
		next_row(p);
	if (caret >= t->n) {
		p->caret_x = p->x;
		p->caret_row = p->row;
	}
}

static struct safe_text
prompt_text(const struct model *m, const struct ui *ui, int w)
{
	int i = model_shown(m);

	if (ui->input.prompt.n > 0)
		return text_own("%s", ui->input.prompt.p);
	if (w < 30)
		return text_own("> ");
	if (i < 0)
		return text_own("[] ");
	return text_own("[%s] ", m->convs.v[i].label.p);
}

/* Columns of the prompt, at most half. */
static int
prompt_width(const struct safe_text *t, int w)
{
	int n = (int)text_width(t->p, t->n);

	return n < w / 2 ? n : w / 2;
}

int
draw_input_height(const struct model *m, const struct ui *ui, int w)
{
	struct safe_text prompt = prompt_text(m, ui, w);
	struct pen p = { .w = w, .first = prompt_width(&prompt, w) };

	pen_text(&p, &ui->input.text, ui->input.caret);
	text_done(&prompt);
	return p.row + 1;
}

void
draw_input(const struct model *m, const struct ui *ui, struct canvas *c, struct rect r)
{
	struct safe_text prompt = prompt_text(m, ui, r.w);
	struct pen p = { .w = r.w, .first = prompt_width(&prompt, r.w) }, measured = p;
	int top;

	pen_text(&measured, &ui->input.text, ui->input.caret);
	top = measured.caret_row < r.h ? 0 : measured.caret_row - r.h + 1;
	canvas_clip(c, r);
	if (top == 0)
		canvas_put(c, r.x, r.y, p.first, STYLE_PROMPT, &prompt);
	p.c = c;
	p.x0 = r.x;
	p.y0 = r.y - top;
	pen_text(&p, &ui->input.text, ui->input.caret);
	canvas_unclip(c);
	c->caret_x = r.x + p.caret_x < c->w ? r.x + p.caret_x : c->w - 1;
	c->caret_y = r.y + p.caret_row - top;
	text_done(&prompt);
}
