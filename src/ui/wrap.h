/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text into lines of at most so many columns. */
#ifndef UI_WRAP_H
#define UI_WRAP_H

#include <stdbool.h>
#include <stddef.h>

struct safe_text;

struct span { size_t from, n; int width; };

/* Start with *at = 0. The next line of t in cols (>= 1) columns: at line feeds, else after the
 * last space that fits, else between clusters. Spaces at a break are in no line. An empty text
 * has one empty line. False when there are no more. */
bool wrap_next(const struct safe_text *t, size_t *at, int cols, struct span *line);
/* How many lines that are, counting at most max. */
int wrap_count(const struct safe_text *t, int cols, int max);

#endif
