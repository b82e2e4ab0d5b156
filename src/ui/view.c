/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the shown conversation in the order in which they stand, and moving over them. */
#include "ui/view.h"

#include <limits.h>
#include <string.h>

#include "ui/rows.h"

static bool
is_here(const struct model *m, const struct row *local)
{
	size_t n = strlen(m->window.account);

	return strncmp(local->id, m->window.account, n) == 0 && local->id[n] == '/' &&
			strcmp(local->id + n + 1, m->window.conv) == 0;
}

void
items_init(struct items *it, const struct model *m)
{
	const struct window *w = &m->window;
	size_t k = 0;

	*it = (struct items){ 0 };
	if (!w->conv)
		return;
	arr_room(&it->rows, w->rows.n + m->locals.n + m->pending.n + 1);
	for (size_t i = 0; i <= w->rows.n; i++) {
		int64_t next = i < w->rows.n ? w->rows.v[i].seq : INT64_MAX;

		for (; k < m->locals.n && m->locals.v[k].seq < next; k++) {
			if (is_here(m, &m->locals.v[k]) && m->locals.v[k].seq >= w->lo &&
					(w->at_new || m->locals.v[k].seq <= w->hi))
				it->rows.v[it->rows.n++] = &m->locals.v[k];
		}
		if (i < w->rows.n)
			it->rows.v[it->rows.n++] = &w->rows.v[i];
	}
	for (size_t i = 0; w->at_new && i < m->pending.n; i++)
		it->rows.v[it->rows.n++] = &m->pending.v[i];
}

void
items_done(struct items *it)
{
	arr_done(&it->rows);
}

static int64_t
number_of(const struct row *r)
{
	return r->kind == ROW_LOCAL || r->kind == ROW_PENDING ? r->number : r->seq;
}

int
view_bottom(const struct view *v, const struct items *it, int *below)
{
	int last = (int)it->rows.n - 1;
	int nearest = -1;

	*below = 0;
	if (!v->is_scrolled)
		return last;
	for (int i = last; i >= 0; i--) {
		const struct row *r = it->rows.v[i];

		if (r->kind == v->kind && number_of(r) == v->number) {
			*below = v->below;
			return i;
		}
		if (nearest < 0 && v->kind < ROW_LOCAL && r->kind < ROW_LOCAL &&
				r->seq <= v->number)
			nearest = i;
	}
	return nearest >= 0 ? nearest : last;
}

void
view_put(struct view *v, const struct items *it, int i, int below)
{
	const struct row *r = it->rows.v[i];

	v->kind = r->kind;
	v->number = number_of(r);
	v->below = below;
	v->is_scrolled = true;
}

/* Lines of rows 0 to i, at most max. */
static int
height(const struct model *m, const struct ui *ui, const struct items *it, int w, int i, int max)
{
	int n = 0;

	for (; i >= 0 && n < max; i--)
		n += row_lines(m, ui, it, i, w);
	return n;
}

void
view_scroll(struct view *v, const struct model *m, const struct ui *ui, const struct items *it,
		int w, int h, int lines)
{
	int below, i = view_bottom(v, it, &below);
	int last = (int)it->rows.n - 1, rows;

	if (i < 0)
		return;
	if (lines == 0) {
		lines = height(m, ui, it, w, i, below + h) - below - h;
		if (lines >= 0)
			return;
	}
	if (lines > 0) {
		int above = height(m, ui, it, w, i, below + h + lines) - below - h;

		lines = above < lines ? above : lines;
		if (lines <= 0)
			return;
	}
	below += lines;
	while (i > 0 && below >= (rows = row_lines(m, ui, it, i, w))) {
		below -= rows;
		i--;
	}
	while (below < 0 && i < last)
		below += row_lines(m, ui, it, ++i, w);
	if (below <= 0 && i == last && m->window.at_new)
		*v = (struct view){ 0 };
	else
		view_put(v, it, i, below > 0 ? below : 0);
}

bool
view_show(struct view *v, const struct model *m, const struct ui *ui, const struct items *it,
		int w, int h, int64_t seq)
{
	int n = 0, last = (int)it->rows.n - 1;

	for (int i = 0; i <= last; i++) {
		if (it->rows.v[i]->kind >= ROW_LOCAL || it->rows.v[i]->seq < seq)
			continue;
		for (; i <= last && n < h; i++)
			n += row_lines(m, ui, it, i, w);
		if (n <= h && m->window.at_new)
			*v = (struct view){ 0 };
		else
			view_put(v, it, i - 1, n > h ? n - h : 0);
		return true;
	}
	return false;
}

int64_t
view_more(const struct view *v, const struct model *m, const struct items *it)
{
	int below, i = view_bottom(v, it, &below);
	int64_t n = below > 0;

	if (!v->is_scrolled || i < 0)
		return 0;
	for (i++; i < (int)it->rows.n; i++)
		n += it->rows.v[i]->kind != ROW_GAP;
	if (m->window.fresh > m->window.hi)
		n += m->window.fresh - m->window.hi;
	return n;
}

bool
view_seen(const struct view *v, const struct model *m, const struct ui *ui,
		const struct items *it, int w, int h, int64_t *lo, int64_t *hi)
{
	int below, i = view_bottom(v, it, &below);
	int n = -below;

	*lo = INT64_MAX;
	*hi = 0;
	for (; i >= 0 && n < h; i--) {
		const struct row *r = it->rows.v[i];

		n += row_lines(m, ui, it, i, w);
		if (r->kind >= ROW_LOCAL)
			continue;
		if (r->seq > *hi)
			*hi = r->seq;
		*lo = r->kind == ROW_GAP ? r->lo : r->seq;
	}
	return *hi > 0;
}
