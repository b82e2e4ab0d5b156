/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which conversation is shown, where one was, and what follows from seeing it: read marks, and
 * gaps that are filled. */
#include "front/screen.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "control/api.h"
#include "front/place.h"
#include "loop/loop.h"
#include "ui/layout.h"
#include "ui/view.h"

#define LOBBY "#lobby"
#define FETCH_PAGE 200		/* rows asked for at once */
#define MARK_MS 1000		/* read marks are told this often */

static void
set(char **to, const char *s)
{
	char *copy = xstrdup(s);

	free(*to);
	*to = copy;
}

/* Read marks */

static void
on_marked(void *arg, const struct reply *r)
{
	struct screen_work *w = arg;

	if (r->type == REPLY_DONE || r->type == REPLY_FAIL)
		w->mark_call = NULL;
}

static void
mark(struct screen_work *w)
{
	const struct window *win = &w->model.window;
	struct request rq = { .verb = VERB_MARK, .account = win->account, .target = win->conv,
		.seq = win->hi };
	struct api *api = w->front->ctx->api;
	int i = model_shown(&w->model);

	if (i < 0 || !api || w->ui.view.is_scrolled || !win->at_new ||
			w->ui.screen != &scr_chat || win->hi <= w->marked ||
			win->hi <= w->model.convs.v[i].read)
		return;
	if (w->mark_call)
		api->ops->cancel(w->mark_call);
	w->marked = win->hi;
	w->mark_call = api_call(api, &rq, on_marked, w);
}

static void
on_mark_time(void *arg)
{
	struct screen_work *w = arg;

	w->mark = NULL;
	mark(w);
}

/* Places */

void
screen_go(struct screen_work *w, int conv)
{
	const struct model_conv *c = &w->model.convs.v[conv];
	const struct window *win = &w->model.window;

	set(&w->wanted, NULL);
	if (conv == model_shown(&w->model))
		return;
	if (win->conv) {
		mark(w);
		screen_draft_save(w);
		set(&w->last_account, win->account);
		set(&w->last_conv, win->conv);
	}
	w->ui.view = (struct view){ 0 };
	w->ui.unread = (struct unread_line){ c->read, c->unread };
	w->fetch_failed = false;
	w->marked = 0;
	screen_read_newest(w, w->model.accounts.v[c->account].name, c->conv);
	set(&w->here_account, w->model.window.account);
	set(&w->here_conv, w->model.window.conv);
	w->front->ctx->here = w->here_account;
	w->front->ctx->target = w->here_conv;
	screen_draft_load(w);
	screen_urgent(w);
}

void
screen_want(struct screen_work *w, const char *name)
{
	set(&w->wanted, name);
	screen_settle(w);
}

void
screen_remember_place(struct screen_work *w)
{
	const struct window *win = &w->model.window;

	if (win->conv)
		place_write(&w->front->paths, win->account, win->conv);
}

static int
remembered_place(const struct screen_work *w)
{
	struct place p;
	int i;

	place_read(&w->front->paths, &p);
	i = p.conv ? model_conv(&w->model, p.account, p.conv) : -1;
	place_done(&p);
	return i;
}

/* The last place, else the lobby, else the first of the list. */
static int
first_place(const struct screen_work *w)
{
	const char *account = w->front->opt.account;
	int i = remembered_place(w);

	if (account && i >= 0 && strcmp(w->model.accounts.v[w->model.convs.v[i].account].name,
			account) != 0)
		i = -1;
	if (i < 0)
		i = model_find(&w->model, LOBBY, account);
	for (size_t k = 0; account && i < 0 && k < w->model.convs.n; k++) {
		const struct model_conv *c = &w->model.convs.v[k];

		if (strcmp(w->model.accounts.v[c->account].name, account) == 0)
			i = (int)k;
	}
	return i < 0 && w->model.convs.n > 0 ? 0 : i;
}

void
screen_settle(struct screen_work *w)
{
	int i = -1;

	if (w->wanted) {
		i = model_find(&w->model, w->wanted, w->front->ctx->here);
		if (i >= 0 && strcmp(w->model.convs.v[i].name, w->wanted) != 0 &&
				strcmp(w->model.convs.v[i].conv, w->wanted) != 0)
			i = -1;
	}
	if (i < 0 && !w->model.window.conv)
		i = first_place(w);
	if (i >= 0)
		screen_go(w, i);
}

/* Gaps */

static void
on_fetched(void *arg, const struct reply *r)
{
	struct screen_work *w = arg;

	if (r->type != REPLY_DONE && r->type != REPLY_FAIL)
		return;
	w->fetch_call = NULL;
	w->fetch_failed = r->type == REPLY_FAIL;
	w->model.is_dirty = true;
}

static void
fetch(struct screen_work *w, const struct row *gap)
{
	const struct window *win = &w->model.window;
	struct request rq = { .verb = VERB_FETCH, .account = win->account, .target = win->conv,
		.lo = gap->lo, .hi = gap->seq };
	struct api *api = w->front->ctx->api;

	if (rq.hi - rq.lo > FETCH_PAGE)
		rq.lo = rq.hi - FETCH_PAGE;
	w->fetch_lo = rq.lo;
	w->fetch_hi = rq.hi;
	w->fetch_failed = false;
	w->fetch_call = api ? api_call(api, &rq, on_fetched, w) : NULL;
}

/* The lowest gap that can be seen. */
static const struct row *
visible_gap(const struct screen_work *w)
{
	struct layout l = layout_of(&w->model, &w->ui);
	const struct row *gap = NULL;
	struct items it;
	int64_t lo, hi;

	items_init(&it, &w->model);
	if (view_seen(&w->ui.view, &w->model, &w->ui, &it, l.messages.w, l.messages.h, &lo, &hi)) {
		for (size_t i = it.rows.n; i-- > 0 && !gap;) {
			const struct row *r = it.rows.v[i];

			if (r->kind == ROW_GAP && r->seq <= hi && r->seq > lo)
				gap = r;
		}
	}
	items_done(&it);
	return gap;
}

bool
screen_fetch_gap(struct screen_work *w)
{
	const struct row *gap = visible_gap(w);

	if (!gap || w->fetch_call)
		return false;
	fetch(w, gap);
	return true;
}

static void
fill_gap(struct screen_work *w)
{
	int i = model_shown(&w->model);
	const struct row *gap;

	if (i < 0 || w->fetch_call ||
			w->model.accounts.v[w->model.convs.v[i].account].link != LINK_ONLINE)
		return;
	gap = visible_gap(w);
	if (!gap || gap->seq - gap->lo > UI_GAP_SELF ||
			(w->fetch_failed && gap->seq == w->fetch_hi))
		return;
	fetch(w, gap);
}

void
screen_seen(struct screen_work *w)
{
	fill_gap(w);
	if (w->mark || w->mark_call)
		return;
	mark(w);
	w->mark = w->mark_call ? loop_timer_start(w->front->loop, MARK_MS, on_mark_time, w) : NULL;
}
