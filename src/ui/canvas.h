/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A picture of the screen that nobody has seen yet: cells of one grapheme cluster and one style
 * each. */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "ui/style.h"

#define CANVAS_MAX 1000		/* columns and rows */
#define CELL_INLINE 12

/* n bytes of text, in s or (n > CELL_INLINE) in the canvas's pool. width 0: the right half of the
 * cluster before it. */
struct cell {
	union {
		char s[CELL_INLINE];
		uint32_t at;
	};
	uint16_t n;
	uint8_t width;
	uint8_t style;
};

struct rect { int x, y, w, h; };

struct canvas {
	int w, h;
	struct cell *cells;
	struct buf pool;
	struct rect clip;		/* nothing is drawn outside */
	int caret_x, caret_y;		/* where the terminal's cursor stands; -1: hidden */
};

/* The program's own glyphs; nothing that comes from elsewhere draws with these. */
enum glyph {
	GLYPH_SPACE, GLYPH_LINE, GLYPH_DOUBLE, GLYPH_DASH, GLYPH_BAR, GLYPH_GUTTER, GLYPH_COUNT
};

void canvas_init(struct canvas *c, int w, int h);
void canvas_done(struct canvas *c);
/* Blank, of this size (cut to 1…CANVAS_MAX), without a caret or clip. */
void canvas_reset(struct canvas *c, int w, int h);
void canvas_clip(struct canvas *c, struct rect r);
void canvas_unclip(struct canvas *c);

/* Draws bytes [from, from+n) of t (cut to its length) at x, y in at most cols columns; whole
 * clusters only. Line feeds are drawn as spaces. Returns the columns used. */
int canvas_text(struct canvas *c, int x, int y, int cols, enum style style,
		const struct safe_text *t, size_t from, size_t n);
/* The same for the whole of t; what does not fit ends in "…". */
int canvas_put(struct canvas *c, int x, int y, int cols, enum style style,
		const struct safe_text *t);
/* The program's own words; printf, sanitised as a name, at most 511 bytes. Cut like canvas_put. */
int canvas_say(struct canvas *c, int x, int y, int cols, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* cols times the same glyph. */
void canvas_rule(struct canvas *c, int x, int y, int cols, enum style style, enum glyph glyph);

/* The text of a cell, *n bytes of it; "" for a right half. */
const char *canvas_cell(const struct canvas *c, int x, int y, size_t *n);
/* True if both show the same at x, y (of equal sizes). */
bool canvas_same(const struct canvas *a, const struct canvas *b, int x, int y);
/* Quicker: true only if both rows are the same; false may be wrong. */
bool canvas_same_row(const struct canvas *a, const struct canvas *b, int y);
/* All rows with a line feed each, trailing spaces cut: for tests and plain copies. The caller
 * frees. */
char *canvas_dump(const struct canvas *c);

#endif
