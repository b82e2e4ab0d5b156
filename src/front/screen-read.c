/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the mirrors into the model: conversations, pages of the shown one, its outbox. Everything
 * goes in as events. */
#include "front/screen.h"

#include <stdlib.h>
#include <string.h>

#include "cmds/accounts.h"
#include "store/reader.h"
#include "ui/layout.h"
#include "ui/view.h"

#define QUOTES_MAX 32		/* messages answered that are looked up a page */
#define COUNT_MAX 1000		/* outbox rows counted */

struct reader *
screen_mirror(struct screen_work *w, const char *account)
{
	struct cmd_ctx *ctx = w->front->ctx;
	struct reader *r = ctx->mirror(ctx, account, NULL);

	return r && reader_refresh(r, NULL) ? r : NULL;
}

/* Conversations */

struct convs { struct model *model; const char *account; };

static bool
on_conv(void *arg, const struct conv_row *c)
{
	struct convs *convs = arg;
	struct event ev = event_of_conv(convs->account, c);

	model_apply(convs->model, &ev);
	return true;
}

/* An account is in the model from its first EV_LINK on; what is known of it, stays. */
static void
read_account(struct screen_work *w, const char *name)
{
	struct reader *r = screen_mirror(w, name);
	struct convs convs = { &w->model, name };

	if (model_account(&w->model, name) < 0) {
		struct event ev = { .type = EV_LINK, .account = name, .conv = "", .name = "" };

		ev.link.state = LINK_OFFLINE;
		ev.link.latency_ms = -1;
		ev.link.why = ev.link.server = "";
		ev.link.user = r ? reader_user(r) : "";
		model_apply(&w->model, &ev);
	}
	if (r)
		reader_convs(r, on_conv, &convs, NULL);
}

void
screen_read_all(struct screen_work *w)
{
	char **names = accounts_list(w->front->conf, &w->front->paths);

	for (size_t i = 0; names[i]; i++)
		read_account(w, names[i]);
	accounts_free(names);
	w->model.outbox_stale = true;
	if (w->model.window.conv)
		w->model.window.is_stale = w->model.window.pending_stale = true;
}

/* Rows */

struct rows { struct model *model; int64_t first, last, n; };

static bool
on_row(void *arg, const struct message *m)
{
	struct rows *rows = arg;
	struct event ev = { .type = EV_ROW, .row = m };

	if (rows->n++ == 0)
		rows->first = m->seq;
	rows->last = m->seq;
	model_apply(rows->model, &ev);
	return true;
}

static bool
on_gap(void *arg, const struct gap *g)
{
	struct event ev = { .type = EV_GAP };

	ev.gap.lo = g->lo;
	ev.gap.hi = g->hi;
	model_apply(arg, &ev);
	return true;
}

static bool
on_replied(void *arg, const struct message *m)
{
	struct event ev = { .type = EV_REPLIED, .row = m };

	model_apply(arg, &ev);
	return true;
}

static void
read_quotes(struct screen_work *w, struct reader *r)
{
	struct window *win = &w->model.window;
	int left = QUOTES_MAX;

	for (size_t i = win->rows.n; i-- > 0 && left > 0;) {
		const struct row *row = &win->rows.v[i];

		if (!row->reply || row->quote.n > 0)
			continue;
		left--;
		reader_message(r, win->conv, row->reply, on_replied, &w->model, NULL);
	}
}

static void
page_begin(struct screen_work *w, const char *account, const char *conv, int64_t lo, int64_t hi,
		bool anew)
{
	struct event ev = { .type = EV_PAGE, .account = account, .conv = conv, .name = "" };

	ev.page.lo = lo;
	ev.page.hi = hi;
	ev.page.anew = anew;
	model_apply(&w->model, &ev);
}

static void
page_end(struct screen_work *w, struct reader *r, bool at_old, bool at_new, bool keep_old)
{
	struct event ev = { .type = EV_PAGE_END };

	ev.page_end.at_old = at_old;
	ev.page_end.at_new = at_new;
	ev.page_end.keep_old = keep_old;
	model_apply(&w->model, &ev);
	read_quotes(w, r);
}

/* The newest seq that the mirror has of the shown conversation, as its row says now. */
static int64_t
read_top(struct screen_work *w, struct reader *r, const char *account, const char *conv)
{
	struct convs convs = { &w->model, account };
	int i;

	reader_find(r, conv, on_conv, &convs, NULL);
	i = model_conv(&w->model, account, conv);
	return i >= 0 ? w->model.convs.v[i].top : 0;
}

/* Beyond the top there is a gap only as long as nobody is about to fill it. */
static void
read_last_gap(struct screen_work *w, int64_t top)
{
	int i = model_shown(&w->model);
	const struct model_conv *c = i >= 0 ? &w->model.convs.v[i] : NULL;
	struct gap g = { top, c ? c->head : 0 };

	if (c && c->head > top && w->model.accounts.v[c->account].link == LINK_OFFLINE)
		on_gap(&w->model, &g);
}

/* Two screens: what is seen, and what is above it. */
static int64_t
newest_page(const struct screen_work *w)
{
	int64_t n = 2 * (int64_t)w->ui.h;

	return n < SCREEN_PAGE / 4 ? SCREEN_PAGE / 4 : n > SCREEN_PAGE ? SCREEN_PAGE : n;
}

void
screen_read_newest(struct screen_work *w, const char *account, const char *conv)
{
	struct reader *r = screen_mirror(w, account);
	char *a = xstrdup(account), *c = xstrdup(conv);
	struct reader_range q = { .n = newest_page(w) };
	struct rows rows = { .model = &w->model };
	int64_t lo;

	if (!r) {
		page_begin(w, a, c, 0, 0, true);
	} else {
		q.hi = read_top(w, r, a, c);
		page_begin(w, a, c, 0, q.hi, true);
		if (q.hi > 0)
			reader_rows(r, c, &q, on_row, &rows, NULL);
		lo = rows.n < q.n ? 0 : rows.first - 1;
		reader_gaps(r, c, lo, q.hi > 0 ? q.hi : -1, on_gap, &w->model, NULL);
		read_last_gap(w, q.hi);
		page_end(w, r, rows.n < q.n, true, false);
	}
	free(a);
	free(c);
}

void
screen_read_around(struct screen_work *w, int64_t seq)
{
	char *a = xstrdup(w->model.window.account), *c = xstrdup(w->model.window.conv);
	struct reader *r = screen_mirror(w, a);
	struct reader_range older = { .hi = seq - 1, .n = SCREEN_PAGE / 2 };
	struct reader_range newer = { .lo = seq - 1, .n = SCREEN_PAGE / 2, .from_old = true };
	struct rows before = { .model = &w->model }, after = { .model = &w->model };
	int64_t hi;

	if (r) {
		newer.hi = read_top(w, r, a, c);
		page_begin(w, a, c, 0, newer.hi, true);
		if (older.hi > 0)
			reader_rows(r, c, &older, on_row, &before, NULL);
		reader_rows(r, c, &newer, on_row, &after, NULL);
		hi = after.n < newer.n ? newer.hi : after.last;
		reader_gaps(r, c, before.n < older.n ? 0 : before.first - 1, hi, on_gap, &w->model,
				NULL);
		page_end(w, r, before.n < older.n, after.n < newer.n, false);
	}
	free(a);
	free(c);
}

/* What came after the window, if the window ends where the log ended. */
static void
read_new(struct screen_work *w, struct reader *r)
{
	struct window *win = &w->model.window;
	struct reader_range q = { .lo = win->hi, .n = SCREEN_PAGE, .from_old = true };
	struct rows rows = { .model = &w->model };
	bool follows = !w->ui.view.is_scrolled;

	q.hi = read_top(w, r, win->account, win->conv);
	if (q.hi <= win->hi) {
		win->fresh = win->hi;
		return;
	}
	if (follows && q.hi - q.lo > newest_page(w)) {
		screen_read_newest(w, win->account, win->conv);
		return;
	}
	page_begin(w, win->account, win->conv, q.lo, q.hi, false);
	reader_rows(r, win->conv, &q, on_row, &rows, NULL);
	if (rows.n == q.n)
		q.hi = rows.last;
	reader_gaps(r, win->conv, q.lo, q.hi, on_gap, &w->model, NULL);
	page_end(w, r, win->at_old, rows.n < q.n, false);
}

static void
read_old(struct screen_work *w, struct reader *r)
{
	struct window *win = &w->model.window;
	struct reader_range q = { .hi = win->lo, .n = SCREEN_PAGE };
	struct rows rows = { .model = &w->model };
	int64_t lo;

	page_begin(w, win->account, win->conv, 0, win->lo, false);
	reader_rows(r, win->conv, &q, on_row, &rows, NULL);
	lo = rows.n < q.n ? 0 : rows.first - 1;
	reader_gaps(r, win->conv, lo, q.hi, on_gap, &w->model, NULL);
	page_end(w, r, rows.n < q.n, win->at_new, true);
}

/* Rows inside changed. What is shown stays where it is. */
static void
read_again(struct screen_work *w, struct reader *r)
{
	struct window *win = &w->model.window;
	struct reader_range q = { .lo = win->at_old ? 0 : win->lo, .n = WINDOW_ROWS_MAX };
	struct rows rows = { .model = &w->model };
	bool at_old = win->at_old;

	if (!w->ui.view.is_scrolled) {
		screen_read_newest(w, win->account, win->conv);
		return;
	}
	q.hi = win->at_new ? read_top(w, r, win->account, win->conv) : win->hi;
	page_begin(w, win->account, win->conv, q.lo, q.hi, false);
	if (q.hi > 0)
		reader_rows(r, win->conv, &q, on_row, &rows, NULL);
	reader_gaps(r, win->conv, q.lo, q.hi > 0 ? q.hi : -1, on_gap, &w->model, NULL);
	page_end(w, r, at_old && rows.n < q.n, win->at_new, false);
}

/* How many rows of the window are above and below what is seen. */
static void
margins(struct screen_work *w, size_t *above, size_t *below)
{
	struct layout l = layout_of(&w->model, &w->ui);
	struct items it;
	int64_t lo, hi;

	*above = *below = SIZE_MAX;
	items_init(&it, &w->model);
	if (view_seen(&w->ui.view, &w->model, &w->ui, &it, l.messages.w, l.messages.h, &lo, &hi)) {
		*above = *below = 0;
		for (size_t i = 0; i < w->model.window.rows.n; i++) {
			*above += w->model.window.rows.v[i].seq < lo;
			*below += w->model.window.rows.v[i].seq > hi;
		}
	}
	items_done(&it);
}

/* What came while a person looks further up is read when they come near to it. */
static void
read_changes(struct screen_work *w, struct reader *r)
{
	struct window *win = &w->model.window;

	if (win->is_stale)
		read_again(w, r);
	else if (!win->at_new || win->fresh <= win->hi)
		return;
	else if (w->ui.view.is_scrolled)
		page_end(w, r, win->at_old, false, false);
	else
		read_new(w, r);
}

void
screen_read_more(struct screen_work *w)
{
	struct window *win = &w->model.window;
	size_t above, below, page = w->ui.h > 0 ? w->ui.h : 1;
	struct reader *r = win->conv ? screen_mirror(w, win->account) : NULL;

	if (!r)
		return;
	read_changes(w, r);
	if (!w->ui.view.is_scrolled && !win->at_new)
		screen_read_newest(w, win->account, win->conv);
	margins(w, &above, &below);
	if (above < page && !win->at_old)
		read_old(w, r);
	if (below < page && !win->at_new)
		read_new(w, r);
}

/* The outbox */

static bool
on_pending(void *arg, const struct outbox_row *o)
{
	struct screen_work *w = arg;
	struct event ev = { .type = EV_PENDING, .pending = o };

	model_apply(&w->model, &ev);
	return !w->model.more_pending;
}

struct count { int64_t waiting, refused; };

static bool
on_count(void *arg, const struct outbox_row *o)
{
	struct count *n = arg;

	if (o->state == OUTBOX_REFUSED || o->state == OUTBOX_EXPIRED)
		n->refused++;
	else
		n->waiting++;
	return n->waiting + n->refused < COUNT_MAX;
}

static void
count_outbox(struct screen_work *w)
{
	struct count n = { 0 };

	for (size_t i = 0; i < w->model.accounts.n; i++) {
		struct reader *r = screen_mirror(w, w->model.accounts.v[i].name);

		if (r)
			reader_outbox(r, NULL, on_count, &n, NULL);
	}
	model_count_outbox(&w->model, n.waiting, n.refused);
}

void
screen_read_outbox(struct screen_work *w)
{
	struct window *win = &w->model.window;
	struct event ev = { .type = EV_PENDING };

	if (w->model.outbox_stale)
		count_outbox(w);
	if (win->conv && win->pending_stale) {
		struct reader *r = screen_mirror(w, win->account);

		model_apply(&w->model, &ev);
		if (r)
			reader_outbox(r, win->conv, on_pending, w, NULL);
	}
}
