/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the shown conversation in the order in which they stand, and moving over them. */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "base/arr.h"
#include "ui/ui.h"

/* Messages, news and gaps by seq, between them what is local, at the end what waits. Borrowed. */
struct items { arr(const struct row *) rows; };

void items_init(struct items *it, const struct model *m);
void items_done(struct items *it);

/* The index of the lowest row seen and *below, how many of its lines are hidden; -1 when there
 * is no row. */
int view_bottom(const struct view *v, const struct items *it, int *below);
/* Puts the view at this row. */
void view_put(struct view *v, const struct items *it, int i, int below);
/* Moves up (down when negative) by lines in an area of w × h, not beyond the ends of it. By 0: only
 * as far as the area, grown since, needs to be full. */
void view_scroll(struct view *v, const struct model *m, const struct ui *ui,
		const struct items *it, int w, int h, int lines);
/* So that the row with this seq is the first that is seen; false when it is not there. */
bool view_show(struct view *v, const struct model *m, const struct ui *ui,
		const struct items *it, int w, int h, int64_t seq);
/* Messages below the edge, those not read from the mirror yet included. */
int64_t view_more(const struct view *v, const struct model *m, const struct items *it);
/* The first and last seq that can be seen; false when no message can. */
bool view_seen(const struct view *v, const struct model *m, const struct ui *ui,
		const struct items *it, int w, int h, int64_t *lo, int64_t *hi);

#endif
