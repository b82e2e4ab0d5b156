/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A picture of the screen that nobody has seen yet: cells of one grapheme cluster and one style
 * each. */
#include "ui/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define POOL_MAX (256 * 1024)	/* bytes of long clusters in one picture */
#define CLUSTER_MAX 1024	/* bytes of one cluster; longer ones are shown as U+FFFD */

static const char *const glyphs[GLYPH_COUNT] = {
	[GLYPH_SPACE] = " ",
	[GLYPH_LINE] = "─",
	[GLYPH_DOUBLE] = "═",
	[GLYPH_DASH] = "┄",
	[GLYPH_BAR] = "│",
	[GLYPH_GUTTER] = "▌",
};

static const struct cell blank = { .s = " ", .n = 1, .width = 1 };

void
canvas_init(struct canvas *c, int w, int h)
{
	*c = (struct canvas){ 0 };
	buf_init(&c->pool, POOL_MAX);
	canvas_reset(c, w, h);
}

void
canvas_done(struct canvas *c)
{
	free(c->cells);
	buf_done(&c->pool);
	*c = (struct canvas){ 0 };
}

static int
clamp(int v, int lo, int hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

void
canvas_reset(struct canvas *c, int w, int h)
{
	w = clamp(w, 1, CANVAS_MAX);
	h = clamp(h, 1, CANVAS_MAX);
	if (w != c->w || h != c->h || !c->cells) {
		free(c->cells);
		c->cells = xcalloc((size_t)w * h, sizeof *c->cells);
		c->w = w;
		c->h = h;
	}
	for (size_t i = 0; i < (size_t)w * h; i++)
		c->cells[i] = blank;
	buf_clear(&c->pool);
	canvas_unclip(c);
	c->caret_x = c->caret_y = -1;
}

void
canvas_clip(struct canvas *c, struct rect r)
{
	int x2 = clamp(r.x + r.w, 0, c->w), y2 = clamp(r.y + r.h, 0, c->h);

	c->clip.x = clamp(r.x, 0, c->w);
	c->clip.y = clamp(r.y, 0, c->h);
	c->clip.w = x2 > c->clip.x ? x2 - c->clip.x : 0;
	c->clip.h = y2 > c->clip.y ? y2 - c->clip.y : 0;
}

void
canvas_unclip(struct canvas *c)
{
	c->clip = (struct rect){ 0, 0, c->w, c->h };
}

static bool
inside(const struct canvas *c, int x, int y)
{
	return x >= c->clip.x && x < c->clip.x + c->clip.w &&
			y >= c->clip.y && y < c->clip.y + c->clip.h;
}

static void
put_blank(struct cell *cell)
{
	uint8_t style = cell->style;

	*cell = blank;
	cell->style = style;
}

/* What is overwritten in part leaves a space behind. */
static void
break_wide(struct canvas *c, int x, int y)
{
	struct cell *row = &c->cells[(size_t)y * c->w];

	if (row[x].width == 0 && x > 0)
		put_blank(&row[x - 1]);
	if (row[x].width == 2 && x + 1 < c->w)
		put_blank(&row[x + 1]);
}

static void
put_cluster(struct canvas *c, int x, int y, enum style style, const char *p, size_t n, int width)
{
	struct cell *cell;

	if (!inside(c, x, y))
		return;
	if (n > CLUSTER_MAX || (width == 2 && !inside(c, x + 1, y))) {
		p = n > CLUSTER_MAX ? "\xef\xbf\xbd" : " ";
		n = strlen(p);
		width = 1;
	}
	break_wide(c, x, y);
	if (width == 2)
		break_wide(c, x + 1, y);
	cell = &c->cells[(size_t)y * c->w + x];
	*cell = (struct cell){ .s = "", .n = n, .width = width, .style = style };
	if (n <= CELL_INLINE) {
		memcpy(cell->s, p, n);
	} else {
		cell->at = c->pool.n;
		if (!buf_add(&c->pool, p, n)) {
			*cell = blank;
			cell->style = style;
			return;
		}
	}
	if (width == 2)
		cell[1] = (struct cell){ .s = "", .style = style };
}

/* The sanitiser leaves nothing without a width; if something is, it gets a column. */
static int
draw(struct canvas *c, int x, int y, int cols, enum style style, const char *p, size_t n)
{
	int used = 0;

	while (n > 0 && used < cols) {
		size_t len = 1;
		int width = 1;

		if ((unsigned char)*p >= 0x80 || (n > 1 && (unsigned char)p[1] >= 0x80))
			len = text_cluster(p, n, &width);
		if (width < 1)
			width = 1;
		if (used + width > cols)
			break;
		if (*p == '\n')
			put_cluster(c, x + used, y, style, " ", 1, 1);
		else
			put_cluster(c, x + used, y, style, p, len, width);
		used += width;
		p += len;
		n -= len;
	}
	return used;
}

int
canvas_text(struct canvas *c, int x, int y, int cols, enum style style,
		const struct safe_text *t, size_t from, size_t n)
{
	if (from >= t->n || cols <= 0)
		return 0;
	if (n > t->n - from)
		n = t->n - from;
	return draw(c, x, y, cols, style, t->p + from, n);
}

int
canvas_put(struct canvas *c, int x, int y, int cols, enum style style, const struct safe_text *t)
{
	size_t used, fits;

	if (cols <= 0 || t->n == 0)
		return 0;
	fits = text_fit(t->p, t->n, cols, &used);
	if (fits == t->n)
		return draw(c, x, y, cols, style, t->p, t->n);
	fits = text_fit(t->p, t->n, cols - 1, &used);
	cols = draw(c, x, y, cols - 1, style, t->p, fits);
	put_cluster(c, x + cols, y, style, "…", strlen("…"), 1);
	return cols + 1;
}

int
canvas_say(struct canvas *c, int x, int y, int cols, enum style style, const char *fmt, ...)
{
	struct safe_text t;
	char line[512];
	size_t n;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	n = strlen(line);
	if (n == sizeof line - 1)
		n = utf8_cut(line, n);
	t = text_name(line, n);
	cols = canvas_put(c, x, y, cols, style, &t);
	text_done(&t);
	return cols;
}

void
canvas_rule(struct canvas *c, int x, int y, int cols, enum style style, enum glyph glyph)
{
	const char *s = glyphs[glyph];

	for (int i = 0; i < cols; i++)
		put_cluster(c, x + i, y, style, s, strlen(s), 1);
}

const char *
canvas_cell(const struct canvas *c, int x, int y, size_t *n)
{
	const struct cell *cell = &c->cells[(size_t)y * c->w + x];

	*n = cell->n;
	return cell->n <= CELL_INLINE ? cell->s : c->pool.p + cell->at;
}

bool
canvas_same(const struct canvas *a, const struct canvas *b, int x, int y)
{
	const struct cell *p = &a->cells[(size_t)y * a->w + x];
	const struct cell *q = &b->cells[(size_t)y * b->w + x];
	size_t n, m;
	const char *s, *t;

	if (p->style != q->style || p->width != q->width || p->n != q->n)
		return false;
	s = canvas_cell(a, x, y, &n);
	t = canvas_cell(b, x, y, &m);
	return memcmp(s, t, n) == 0;
}

/* Cells are compared as bytes: they have no padding, and the rest of a short text is zero. */
_Static_assert(sizeof(struct cell) == CELL_INLINE + 4, "a cell has no padding");

bool
canvas_same_row(const struct canvas *a, const struct canvas *b, int y)
{
	size_t at = (size_t)y * a->w;

	return memcmp(&a->cells[at], &b->cells[at], a->w * sizeof *a->cells) == 0 &&
			a->pool.n == b->pool.n &&
			(a->pool.n == 0 || memcmp(a->pool.p, b->pool.p, a->pool.n) == 0);
}

char *
canvas_dump(const struct canvas *c)
{
	struct buf out;
	char *s;

	buf_init(&out, (size_t)c->w * c->h * CLUSTER_MAX);
	for (int y = 0; y < c->h; y++) {
		size_t end = out.n;

		for (int x = 0; x < c->w; x++) {
			size_t n;
			const char *p = canvas_cell(c, x, y, &n);

			buf_add(&out, p, n);
			if (n > 0 && !(n == 1 && *p == ' '))
				end = out.n;
		}
		buf_cut(&out, end);
		buf_addc(&out, '\n');
	}
	s = buf_take(&out);
	return s;
}
