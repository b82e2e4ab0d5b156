/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How each style looks, at each depth of colour. */
#ifndef UI_THEME_H
#define UI_THEME_H

#include <stdint.h>

#include "ui/style.h"

enum look_attr {
	LOOK_BOLD = 1, LOOK_DIM = 2, LOOK_REVERSE = 4, LOOK_UNDERLINE = 8, LOOK_ITALIC = 16
};
enum depth { DEPTH_NONE, DEPTH_16, DEPTH_256, DEPTH_TRUE };

#define COLOR_DEFAULT (-1)	/* the terminal's own */

/* Colours: 0–15 at DEPTH_16, 0–255 at DEPTH_256, 0xRRGGBB at DEPTH_TRUE, or COLOR_DEFAULT. */
struct look { int32_t fg, bg; unsigned attr; };

struct theme;

/* "dark" or "light"; NULL when there is no such theme. */
const struct theme *theme_find(const char *name);
struct look theme_look(const struct theme *t, enum style style, enum depth depth);

#endif
