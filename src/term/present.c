/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A picture onto the terminal. curses gets the cells that changed. It counts columns with
 * wcwidth, a code point at a time, so clusters of which it would lose count (families of emoji,
 * flags, keycaps) are no-break spaces to it; the real ones are written over these, with the cursor
 * put where it must be before and after. */
#include "term/impl.h"

#include <string.h>
#include <wchar.h>

#include <term.h>

#include "base/utf8.h"

#define NO_BREAK_SPACE L"\u00a0"
#define OVERLAY_MAX (1 << 20)

static enum depth
depth_of(const struct terminal *t)
{
	if (t->no_color || !has_colors())
		return DEPTH_NONE;
	if (t->is_direct)
		return DEPTH_TRUE;
	return COLORS >= 256 ? DEPTH_256 : DEPTH_16;
}

static attr_t
attributes(unsigned look)
{
	attr_t a = A_NORMAL;

	if (look & LOOK_BOLD)
		a |= A_BOLD;
	if (look & LOOK_DIM)
		a |= A_DIM;
	if (look & LOOK_REVERSE)
		a |= A_REVERSE;
	if (look & LOOK_UNDERLINE)
		a |= A_UNDERLINE;
	if (look & LOOK_ITALIC)
		a |= A_ITALIC;
	return a;
}

/* Where there are but eight colours, the bright ones are the dark ones in bold. */
static void
eight_colors(struct look *l)
{
	if (l->fg == 8) {
		l->fg = COLOR_DEFAULT;
		l->attr |= LOOK_DIM;
	} else if (l->fg > 8) {
		l->fg -= 8;
		l->attr |= LOOK_BOLD;
	}
	if (l->bg >= 8)
		l->bg = l->bg == 8 ? 4 : l->bg - 8;
}

void
term_looks(struct terminal *t)
{
	enum depth depth = depth_of(t);

	for (int i = 0; i < STYLE_COUNT; i++) {
		struct look l = theme_look(t->theme, i, depth);
		struct attributes *a = &t->looks[i];

		if (depth == DEPTH_16 && COLORS < 16)
			eight_colors(&l);
		a->look = l;
		a->attr = attributes(l.attr);
		a->pair = 0;
		if (l.fg != COLOR_DEFAULT || l.bg != COLOR_DEFAULT)
			a->pair = alloc_pair(l.fg, l.bg);
		if (a->pair < 0)
			a->pair = 0;
	}
}

/* The code points of p[n], at most max - 1 and a NUL; false when there are more. */
static bool
widen(const char *p, size_t n, wchar_t *out, size_t max)
{
	size_t k = 0;

	while (n > 0) {
		uint32_t cp;
		int len = utf8_next(p, n, &cp);

		if (len <= 0 || k + 1 >= max)
			return false;
		out[k++] = cp;
		p += len;
		n -= len;
	}
	out[k] = L'\0';
	return k > 0;
}

/* True if curses sees as many columns as we do. */
static bool
curses_agrees(const wchar_t *w, int width)
{
	if (wcwidth(w[0]) != width)
		return false;
	while (*++w) {
		if (wcwidth(*w) != 0)
			return false;
	}
	return true;
}

/* The text of a cell, if it is one that curses cannot place. */
static bool
is_overlay(const struct canvas *c, int x, int y, wchar_t wide[CCHARW_MAX + 1])
{
	size_t n;
	const char *p = canvas_cell(c, x, y, &n);

	if (n <= 1)
		return false;
	return !widen(p, n, wide, CCHARW_MAX + 1) ||
			!curses_agrees(wide, c->cells[(size_t)y * c->w + x].width);
}

static void
put(const struct terminal *t, int x, int y, const wchar_t *wide, enum style style)
{
	const struct attributes *a = &t->looks[style];
	int pair = a->pair;
	cchar_t cell;

	if (setcchar(&cell, wide, a->attr, 0, &pair) == OK)
		mvadd_wch(y, x, &cell);
}

/* Gives curses one cell, and the columns it takes. */
static int
put_cell(const struct terminal *t, const struct canvas *c, int x, int y)
{
	const struct cell *cell = &c->cells[(size_t)y * c->w + x];
	wchar_t wide[CCHARW_MAX + 1];
	int width = cell->width > 0 ? cell->width : 1;

	if (cell->n == 1) {
		put(t, x, y, (wchar_t[]){ cell->s[0], L'\0' }, cell->style);
		return 1;
	}
	if (cell->n > 0 && !is_overlay(c, x, y, wide)) {
		put(t, x, y, wide, cell->style);
		return width;
	}
	for (int i = 0; i < width; i++)
		put(t, x + i, y, NO_BREAK_SPACE, cell->style);
	return width;
}

static bool
is_blank(const struct terminal *t, const struct canvas *c, int x, int y)
{
	const struct cell *cell = &c->cells[(size_t)y * c->w + x];
	const struct attributes *a = &t->looks[cell->style];

	return cell->n == 1 && cell->s[0] == ' ' && a->pair == 0 && a->attr == A_NORMAL;
}

/* A row is touched when curses may write anything in it. */
static bool
put_row(const struct terminal *t, const struct canvas *c, int y, bool all)
{
	bool touched = false;

	for (int x = 0; x < c->w;) {
		const struct cell *cell = &c->cells[(size_t)y * c->w + x];

		/* After erase() there are blanks everywhere. */
		if (all ? is_blank(t, c, x, y) : canvas_same(c, &t->last, x, y)) {
			x += cell->width > 0 ? cell->width : 1;
			continue;
		}
		x += put_cell(t, c, x, y);
		touched = true;
	}
	return touched;
}

/* A terminfo string without its padding. */
static void
add_capability(struct buf *out, const char *s)
{
	const char *pad;

	while (s && s != (char *)-1 && *s) {
		pad = strstr(s, "$<");
		buf_add(out, s, pad ? (size_t)(pad - s) : strlen(s));
		pad = pad ? strchr(pad, '>') : NULL;
		s = pad ? pad + 1 : NULL;
	}
}

static void
add_look(struct buf *out, const struct look *l)
{
	static const struct { unsigned attr; const char *name; } names[] = {
		{ LOOK_BOLD, "bold" }, { LOOK_DIM, "dim" }, { LOOK_REVERSE, "rev" },
		{ LOOK_UNDERLINE, "smul" }, { LOOK_ITALIC, "sitm" },
	};

	add_capability(out, exit_attribute_mode);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (l->attr & names[i].attr)
			add_capability(out, tigetstr(names[i].name));
	}
	if (l->fg != COLOR_DEFAULT && set_a_foreground)
		add_capability(out, tiparm(set_a_foreground, l->fg));
	if (l->bg != COLOR_DEFAULT && set_a_background)
		add_capability(out, tiparm(set_a_background, l->bg));
}

static void
add_cell(const struct terminal *t, const struct canvas *c, int x, int y, const char *p, size_t n,
		struct buf *out)
{
	add_look(out, &t->looks[c->cells[(size_t)y * c->w + x].style].look);
	add_capability(out, tiparm(cursor_address, y, x));
	buf_add(out, p, n);
}

/* The columns that a terminal takes which knows nothing of clusters. */
static int
naive_width(const char *p, size_t n)
{
	int sum = 0;

	while (n > 0) {
		uint32_t cp;
		int len = utf8_next(p, n, &cp), w = len > 0 ? wcwidth(cp) : 0;

		if (len <= 0)
			break;
		sum += w > 0 ? w : 0;
		p += len;
		n -= len;
	}
	return sum;
}

/* A cluster over its place. A terminal may draw it wider than it is: what stands to the right is
 * then written once more, and at the end of a row only the first part of the cluster is. */
static void
add_overlay(const struct terminal *t, const struct canvas *c, int x, int y, struct buf *out)
{
	size_t n;
	const char *p = canvas_cell(c, x, y, &n);
	int width = c->cells[(size_t)y * c->w + x].width, naive = naive_width(p, n);
	wchar_t wide[CCHARW_MAX + 1];
	uint32_t first;

	if (x + naive > c->w) {
		n = utf8_next(p, n, &first);
		if (wcwidth(first) != width)
			return;
	}
	add_cell(t, c, x, y, p, n, out);
	for (int i = x + width; i < x + naive && i < c->w; i++) {
		p = canvas_cell(c, i, y, &n);
		if (n > 0 && !is_overlay(c, i, y, wide))
			add_cell(t, c, i, y, p, n, out);
	}
}

static void
add_overlays(const struct terminal *t, const struct canvas *c, int y, struct buf *out)
{
	wchar_t wide[CCHARW_MAX + 1];

	for (int x = 0; x < c->w; x++) {
		if (is_overlay(c, x, y, wide))
			add_overlay(t, c, x, y, out);
	}
}

static void
set_caret(struct terminal *t, const struct canvas *c)
{
	bool hide = c->caret_x < 0 || c->caret_y < 0;

	if (hide != t->caret_hidden) {
		curs_set(hide ? 0 : 1);
		t->caret_hidden = hide;
	}
	if (!hide)
		move(c->caret_y, c->caret_x);
}

static void
keep(struct terminal *t, const struct canvas *c)
{
	canvas_reset(&t->last, c->w, c->h);
	memcpy(t->last.cells, c->cells, (size_t)c->w * c->h * sizeof *c->cells);
	buf_add(&t->last.pool, buf_str(&c->pool), c->pool.n);
	t->last.caret_x = c->caret_x;
	t->last.caret_y = c->caret_y;
}

void
term_present(struct terminal *t, const struct canvas *c)
{
	bool all = t->redraw || c->w != t->last.w || c->h != t->last.h;
	struct buf over;

	if (!t->is_here)
		return;
	if (c->w != COLS || c->h != LINES)
		resize_term(c->h, c->w);
	if (all) {
		erase();
		clearok(curscr, TRUE);
	}
	buf_init(&over, OVERLAY_MAX);
	for (int y = 0; y < c->h; y++) {
		bool touched = (all || !canvas_same_row(c, &t->last, y)) && put_row(t, c, y, all);

		if (touched || y == c->caret_y || y == t->last.caret_y)
			add_overlays(t, c, y, &over);
	}
	set_caret(t, c);
	refresh();
	if (over.n > 0) {
		add_capability(&over, exit_attribute_mode);
		if (c->caret_y >= 0)
			add_capability(&over, tiparm(cursor_address, c->caret_y, c->caret_x));
		term_write(t, over.p, over.n);
	}
	buf_done(&over);
	keep(t, c);
	t->redraw = false;
}
