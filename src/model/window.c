/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the shown conversation: a page or a few of its log, read from the mirror. */
#include "model/window.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void
drop_rows(struct window *w, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++) {
		w->bytes -= row_size(&w->rows.v[i]);
		row_done(&w->rows.v[i]);
	}
	if (n > 0)
		memmove(&w->rows.v[from], &w->rows.v[from + n],
				(w->rows.n - from - n) * sizeof *w->rows.v);
	w->rows.n -= n;
}

void
window_done(struct window *w)
{
	drop_rows(w, 0, w->rows.n);
	arr_done(&w->rows);
	free(w->account);
	free(w->conv);
	free(w->epoch);
	free(w->user);
	*w = (struct window){ 0 };
}

/* The first row whose seq is greater than seq. */
static size_t
after(const struct window *w, int64_t seq)
{
	size_t lo = 0, hi = w->rows.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->rows.v[mid].seq <= seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void
window_page(struct window *w, const struct event *ev, const char *user, const char *epoch)
{
	if (ev->page.anew) {
		window_done(w);
		w->account = xstrdup(ev->account);
		w->conv = xstrdup(ev->conv);
		w->epoch = xstrdup(epoch);
		w->user = xstrdup(user);
		w->lo = ev->page.lo;
		w->hi = ev->page.hi;
		return;
	}
	if (w->conv) {
		size_t from = after(w, ev->page.lo);

		drop_rows(w, from, after(w, ev->page.hi) - from);
		w->lo = ev->page.lo < w->lo ? ev->page.lo : w->lo;
		w->hi = ev->page.hi > w->hi ? ev->page.hi : w->hi;
	}
}

static void
insert(struct window *w, const struct row *r)
{
	size_t at = after(w, r->seq);

	w->bytes += row_size(r);
	arr_insert(&w->rows, at, *r);
}

void
window_row(struct window *w, const struct message *msg)
{
	struct row r = { 0 };

	if (w->conv && row_from_message(&r, msg, w->user))
		insert(w, &r);
}

void
window_gap(struct window *w, int64_t lo, int64_t hi)
{
	struct row r = { .kind = ROW_GAP, .lo = lo, .seq = hi };

	if (w->conv && lo < hi)
		insert(w, &r);
}

/* Drops rows at the old or at the new end until w is small again; one row always stays. */
static void
shrink(struct window *w, bool keep_old)
{
	size_t n = 0, bytes = 0;
	size_t rows = w->rows.n;

	while (rows - n > 1 && (rows - n > WINDOW_ROWS_MAX ||
			w->bytes - bytes > WINDOW_BYTES_MAX)) {
		bytes += row_size(&w->rows.v[keep_old ? rows - 1 - n : n]);
		n++;
	}
	if (n == 0)
		return;
	if (keep_old) {
		w->hi = w->rows.v[rows - n - 1].seq;
		w->at_new = false;
		drop_rows(w, rows - n, n);
	} else {
		w->lo = w->rows.v[n - 1].seq;
		w->at_old = false;
		drop_rows(w, 0, n);
	}
}

static void
quote_from_window(struct window *w, struct row *r)
{
	for (size_t i = 0; i < w->rows.n; i++) {
		const struct row *target = &w->rows.v[i];

		if (target->id && strcmp(target->id, r->reply) == 0) {
			w->bytes -= row_size(r);
			row_set_quote(r, &target->from, target->text.n > 0 ? target->text.p : "",
					target->text.n);
			w->bytes += row_size(r);
			return;
		}
	}
}

void
window_page_end(struct window *w, bool at_old, bool at_new, bool keep_old)
{
	if (!w->conv)
		return;
	w->at_old = at_old;
	w->at_new = at_new;
	w->is_stale = false;
	if (!at_old && w->rows.n > 0)
		w->lo = w->rows.v[0].kind == ROW_GAP ? w->rows.v[0].lo : w->rows.v[0].seq - 1;
	if (!at_new && w->rows.n > 0)
		w->hi = w->rows.v[w->rows.n - 1].seq;
	shrink(w, keep_old);
	for (size_t i = 0; i < w->rows.n; i++) {
		if (w->rows.v[i].reply && w->rows.v[i].quote.n == 0)
			quote_from_window(w, &w->rows.v[i]);
	}
}

void
window_replied(struct window *w, const struct message *msg)
{
	struct safe_text from = text_name(msg->from, strlen(msg->from));

	for (size_t i = 0; i < w->rows.n; i++) {
		struct row *r = &w->rows.v[i];

		if (!r->reply || r->quote.n > 0 || strcmp(r->reply, msg->id) != 0)
			continue;
		w->bytes -= row_size(r);
		row_set_quote(r, &from, msg->text, msg->text_n);
		w->bytes += row_size(r);
	}
	text_done(&from);
}

void
window_conv(struct window *w, const struct event *ev)
{
	if (strcmp(ev->convs.epoch, w->epoch) != 0) {
		free(w->epoch);
		w->epoch = xstrdup(ev->convs.epoch);
		w->is_stale = true;
	}
	if (ev->convs.changed_hi > w->fresh)
		w->fresh = ev->convs.changed_hi;
	if (ev->convs.top > w->fresh)
		w->fresh = ev->convs.top;
	if (ev->convs.head > w->fresh)
		w->fresh = ev->convs.head;
	if (ev->convs.changed_hi > w->lo && ev->convs.changed_lo < w->hi)
		w->is_stale = true;
}
