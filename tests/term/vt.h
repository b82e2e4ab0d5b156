/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal for tests: it understands what stonechat may write, and nothing else. A byte outside
 * this allow-list makes it remember what was wrong. */
#ifndef TESTS_TERM_VT_H
#define TESTS_TERM_VT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define VT_CELL 128

struct vt_cell { char s[VT_CELL]; int width; };	/* width 0: the right half */

struct vt {
	int w, h, x, y;
	bool wraps;			/* the cursor stands behind the last column */
	bool naive;			/* it counts code points with wcwidth, not clusters */
	struct vt_cell *cells;
	struct vt_cell *last;		/* printed last, if the cursor did not move since */
	char seq[64];
	size_t n;
	bool modes[3000];		/* private modes that are on */
	bool colored;			/* a colour was asked for */
	bool moved_home;		/* the screen was cleared */
	size_t bytes;
	char wrong[200];		/* "": all was allowed */
};

void vt_init(struct vt *v, int w, int h);
void vt_done(struct vt *v);
void vt_resize(struct vt *v, int w, int h);
void vt_feed(struct vt *v, const char *p, size_t n);
/* As canvas_dump; no-break spaces are spaces. The caller frees. */
char *vt_dump(const struct vt *v);

#endif
