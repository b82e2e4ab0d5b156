/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is half written: kept by the engine, one a conversation, within a second of the last key.
 * And that one writes, for the others to see. */
#include "front/screen.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "control/api.h"
#include "front/typed.h"
#include "loop/loop.h"
#include "store/reader.h"
#include "term/line.h"

#define DRAFT_MS 400		/* from the first change to the request */
#define TYPING_MS 4000		/* between two words that one types */

static void
on_saved(void *arg, const struct reply *r)
{
	struct screen_work *w = arg;

	if (r->type != REPLY_DONE && r->type != REPLY_FAIL)
		return;
	w->draft_call = NULL;
	screen_draft_changed(w);
}

/* What may hold a secret is kept nowhere. */
static const char *
draft_text(const struct screen_work *w)
{
	const char *text = line_text(w->line);

	return typed_is_secret(text) ? "" : text;
}

void
screen_draft_save(struct screen_work *w)
{
	const struct window *win = &w->model.window;
	const char *text = draft_text(w);
	struct request rq = { .verb = VERB_DRAFT, .account = win->account, .target = win->conv,
		.text = text, .text_n = strlen(text), .cursor = line_caret(w->line) };
	struct api *api = w->front->ctx->api;

	loop_timer_stop(w->draft);
	w->draft = NULL;
	if (!win->conv || !api || strcmp(text, w->saved_draft) == 0)
		return;
	if (w->draft_call)
		api->ops->cancel(w->draft_call);
	free(w->saved_draft);
	w->saved_draft = xstrdup(text);
	w->draft_call = api_call(api, &rq, on_saved, w);
}

static void
on_draft_time(void *arg)
{
	struct screen_work *w = arg;

	w->draft = NULL;
	if (!w->draft_call)
		screen_draft_save(w);
}

static void
on_typing_told(void *arg, const struct reply *r)
{
	(void)arg;
	(void)r;
}

/* Commands are nobody's business. */
static void
tell_typing(struct screen_work *w)
{
	const struct window *win = &w->model.window;
	struct request rq = { .verb = VERB_TYPING, .account = win->account, .target = win->conv };
	struct api *api = w->front->ctx->api;
	const char *text = line_text(w->line);
	int i = model_shown(&w->model);

	if (i < 0 || !api || *text == '\0' || *text == '/' ||
			w->model.accounts.v[w->model.convs.v[i].account].link != LINK_ONLINE ||
			(w->typing_at != 0 && screen_now(w) - w->typing_at < TYPING_MS))
		return;
	w->typing_at = screen_now(w);
	api_call(api, &rq, on_typing_told, NULL);
}

void
screen_draft_changed(struct screen_work *w)
{
	if (strcmp(draft_text(w), w->saved_draft) == 0)
		return;
	tell_typing(w);
	if (!w->draft && !w->draft_call)
		w->draft = loop_timer_start(w->front->loop, DRAFT_MS, on_draft_time, w);
}

static bool
on_draft(void *arg, const struct draft *d)
{
	struct screen_work *w = arg;

	line_set(w->line, d->text, d->cursor > 0 ? (size_t)d->cursor : 0);
	return false;
}

void
screen_draft_load(struct screen_work *w)
{
	const struct window *win = &w->model.window;
	struct reader *r = screen_mirror(w, win->account);

	line_set(w->line, "", 0);
	if (r)
		reader_draft(r, win->conv, on_draft, w, NULL);
	free(w->saved_draft);
	w->saved_draft = xstrdup(line_text(w->line));
	ui_input(&w->ui, line_text(w->line), line_caret(w->line), NULL);
}

static void
on_tick(void *arg)
{
	(void)arg;
}

void
screen_draft_flush(struct screen_work *w, int64_t ms)
{
	int64_t end = loop_now(w->front->loop) + ms;
	struct loop_timer *limit;

	screen_draft_save(w);
	if (!w->draft_call)
		return;
	/* Ends the waiting below: a turn without anything else to come. */
	limit = loop_timer_repeat(w->front->loop, 50, on_tick, NULL);
	while (w->draft_call && loop_now(w->front->loop) < end)
		loop_once(w->front->loop, true);
	loop_timer_stop(limit);
}
