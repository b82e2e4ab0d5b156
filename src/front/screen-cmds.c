/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only a screen can do, as commands: keys are bound to these lines. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "front/screen.h"
#include "term/line.h"
#include "term/term.h"
#include "ui/keys.h"
#include "ui/layout.h"
#include "ui/view.h"

static struct screen_work *
work_of(struct cmd_run *r)
{
	return r->ctx->extra_arg;
}

/* The i-th word, NULL when there are fewer. */
static const char *
word(const struct cmd_run *r, size_t i)
{
	return i < r->args.rest.n ? r->args.rest.v[i] : NULL;
}

static void
accept_run(struct cmd_run *r)
{
	screen_accept(work_of(r));
	cmd_done(r, NULL);
}

static void
newline_run(struct cmd_run *r)
{
	struct screen_work *w = work_of(r);

	line_insert(w->line, "\n", 1);
	ui_input(&w->ui, line_text(w->line), line_caret(w->line), NULL);
	screen_draft_changed(w);
	cmd_done(r, NULL);
}

static void
on_direct(struct cmd_run *r, const struct reply *reply)
{
	if (reply->conv)
		screen_want(work_of(r), reply->conv);
	cmd_done(r, NULL);
}

/* A person one never wrote to: the conversation is made. */
static void
go_direct(struct cmd_run *r, const struct err *err)
{
	struct request rq = { .verb = VERB_ROOM, .act = "direct", .account = r->ctx->here,
		.user = word(r, 0) + 1 };

	if (err)
		cmd_done(r, err);
	else
		cmd_ask(r, &rq, on_direct);
}

static void
go_run(struct cmd_run *r)
{
	struct screen_work *w = work_of(r);
	const char *target = word(r, 0);
	int i = model_find(&w->model, target, r->ctx->here);
	struct err err;

	if (i >= 0) {
		screen_go(w, i);
		cmd_done(r, NULL);
	} else if (target[0] == '@' && target[1] != '\0') {
		cmd_engine(r, go_direct);
	} else {
		err_set(&err, ERR_USAGE, _("there is no conversation %s"), target);
		cmd_done(r, &err);
	}
}

static void
step(struct cmd_run *r, int by)
{
	struct screen_work *w = work_of(r);
	int n = (int)w->model.convs.n, i = model_shown(&w->model);

	if (n > 0)
		screen_go(w, i < 0 ? 0 : (i + by + n) % n);
	cmd_done(r, NULL);
}

static void
next_run(struct cmd_run *r)
{
	step(r, 1);
}

static void
prev_run(struct cmd_run *r)
{
	step(r, -1);
}

static void
last_run(struct cmd_run *r)
{
	struct screen_work *w = work_of(r);
	int i = w->last_conv ? model_conv(&w->model, w->last_account, w->last_conv) : -1;

	if (i >= 0)
		screen_go(w, i);
	cmd_done(r, NULL);
}

/* Mentions first, then people, then the rest, in the order of the list. */
static int
hottest(const struct model *m)
{
	int best = -1, best_heat = 0, shown = model_shown(m);

	for (size_t i = 0; i < m->convs.n; i++) {
		const struct model_conv *c = &m->convs.v[i];
		int heat = c->kind == CONV_DIRECT ? 2 : c->mentions > 0 ? 3 : 1;

		if (c->unread == 0)
			continue;
		if ((int)i != shown && heat > best_heat) {
			best = (int)i;
			best_heat = heat;
		}
	}
	return best;
}

static void
activity_run(struct cmd_run *r)
{
	struct screen_work *w = work_of(r);
	int i = hottest(&w->model);

	if (i >= 0)
		screen_go(w, i);
	else
		r->sink->remark(r->sink, _("nothing new elsewhere"));
	cmd_done(r, NULL);
}

static void
unread_line_run(struct cmd_run *r)
{
	struct screen_work *w = work_of(r);
	int64_t seq = w->ui.unread.seq + 1;
	struct layout l = layout_of(&w->model, &w->ui);
	struct items it;

	if (w->ui.unread.count > 0 && w->model.window.conv) {
		if (seq <= w->model.window.lo)
			screen_read_around(w, seq);
		items_init(&it, &w->model);
		view_show(&w->ui.view, &w->model, &w->ui, &it, l.messages.w, l.messages.h, seq);
		items_done(&it);
	} else {
		r->sink->remark(r->sink, _("nothing is unread here"));
	}
	cmd_done(r, NULL);
}

/* To the ends of what the mirror holds: the oldest page is read, or the newest. */
static void
scroll_end(struct screen_work *w, bool top)
{
	if (w->ui.screen == &scr_chat && top && !w->model.window.at_old && w->model.window.conv)
		screen_read_around(w, 1);
	if (w->ui.screen == &scr_chat && !top)
		w->ui.view = (struct view){ 0 };
	else
		w->ui.screen->scroll(&w->model, &w->ui, top ? 1000000 : -1000000, 0);
}

static void
scroll_run(struct cmd_run *r)
{
	struct screen_work *w = work_of(r);
	const char *where = word(r, 0), *count = word(r, 1);
	char *end = NULL;
	long lines = count ? strtol(count, &end, 10) : 0;
	bool is_up = strcmp(where, "up") == 0;
	struct err err;

	if (count && (*end || lines < 1 || lines > 100000)) {
		err_set(&err, ERR_USAGE, _("%s is no number of lines"), count);
		cmd_done(r, &err);
		return;
	}
	if (is_up || strcmp(where, "down") == 0) {
		w->ui.screen->scroll(&w->model, &w->ui, is_up ? (int)lines : -(int)lines,
				count ? 0 : is_up ? 1 : -1);
	} else if (strcmp(where, "top") == 0 || strcmp(where, "bottom") == 0) {
		scroll_end(w, *where == 't');
	} else {
		err_set(&err, ERR_USAGE, _("scroll goes up, down, top or bottom"));
		cmd_done(r, &err);
		return;
	}
	cmd_done(r, NULL);
}

static void
stop_run(struct cmd_run *r)
{
	struct screen_work *w = work_of(r);

	cmd_done(r, NULL);
	screen_stop(w);
}

static void
redraw_run(struct cmd_run *r)
{
	term_redraw(work_of(r)->term);
	cmd_done(r, NULL);
}

/* Without a word: the help of the screen, or back. */
static void
help_run(struct cmd_run *r)
{
	struct screen_work *w = work_of(r);
	const struct cmd *c;
	struct err err;
	struct buf b;

	if (!word(r, 0)) {
		w->ui.screen = w->ui.screen == &scr_help ? &scr_chat : &scr_help;
		w->ui.help_at = 0;
		cmd_done(r, NULL);
		return;
	}
	c = cmd_find(r->ctx, word(r, 0));
	if (!c) {
		cmd_unknown(r->ctx, word(r, 0), &err);
		cmd_done(r, &err);
		return;
	}
	buf_init(&b, 64 * 1024);
	cmd_help(&b, c);
	r->sink->result(r->sink, buf_str(&b), b.n);
	buf_done(&b);
	cmd_done(r, NULL);
}

static void
keys_run(struct cmd_run *r)
{
	struct buf b;

	buf_init(&b, 64 * 1024);
	keys_help(work_of(r)->keys, &b);
	r->sink->result(r->sink, buf_str(&b), b.n);
	buf_done(&b);
	cmd_done(r, NULL);
}

static void
close_run(struct cmd_run *r)
{
	struct screen_work *w = work_of(r);

	w->ui.screen = &scr_chat;
	ui_menu_clear(&w->ui);
	cmd_done(r, NULL);
}

static void
suspend_run(struct cmd_run *r)
{
	struct screen_work *w = work_of(r);

	cmd_done(r, NULL);
	screen_suspend(w);
}

static void
quit_run(struct cmd_run *r)
{
	struct screen_work *w = work_of(r);

	cmd_done(r, NULL);
	screen_leave(w, 0);
}

#define ROW(word_, args_, min_, max_, run_, summary_) \
	{ .name = word_, .args = args_, .min_args = min_, .max_args = max_, .run = run_, \
		.summary = summary_, .flags = CMD_SCREEN_ONLY | CMD_NO_LOCAL }

static const struct cmd rows[] = {
	ROW("accept", "", 0, 0, accept_run, N_("send the line, or run it")),
	ROW("activity", "", 0, 0, activity_run, N_("go where something is new, best first")),
	ROW("close", "", 0, 0, close_run, N_("close what lies over the conversation")),
	ROW("go", "N|TARGET", 1, 1, go_run, N_("show a conversation")),
	ROW("help", "[COMMAND]", 0, 1, help_run, N_("keys and commands, or one command")),
	ROW("keys", "", 0, 0, keys_run, N_("list the keys and what they do")),
	ROW("last", "", 0, 0, last_run, N_("back to the conversation before this one")),
	ROW("newline", "", 0, 0, newline_run, N_("begin a new line of the message")),
	ROW("next", "", 0, 0, next_run, N_("show the next conversation of the list")),
	ROW("prev", "", 0, 0, prev_run, N_("show the previous conversation of the list")),
	ROW("quit", "", 0, 0, quit_run, N_("leave; sending goes on")),
	ROW("redraw", "", 0, 0, redraw_run, N_("draw the screen anew")),
	ROW("scroll", "up|down|top|bottom [LINES]", 1, 2, scroll_run, N_("move in the history")),
	ROW("stop", "", 0, 0, stop_run, N_("stop what runs, else clear the line")),
	ROW("suspend", "", 0, 0, suspend_run, N_("back to the shell; fg returns")),
	ROW("unread-line", "", 0, 0, unread_line_run, N_("show the first unread message")),
};

const struct cmd *const screen_cmds[] = {
	&rows[0], &rows[1], &rows[2], &rows[3], &rows[4], &rows[5], &rows[6], &rows[7], &rows[8],
	&rows[9], &rows[10], &rows[11], &rows[12], &rows[13], &rows[14], &rows[15], NULL
};
