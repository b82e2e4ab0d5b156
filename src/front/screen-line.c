/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The input line: Enter, commands and their results, Tab, history. */
#include "front/screen.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "front/typed.h"
#include "term/line.h"

#define HISTORY "history"

static struct screen_work *
work_of(struct cmd_sink *s)
{
	return ((struct screen_sink *)s)->work;
}

static void
notice(struct screen_work *w, int level, const char *text)
{
	struct event ev = { .type = EV_NOTICE, .account = "", .conv = "", .name = "" };

	ev.notice.level = level;
	ev.notice.text = text;
	model_apply(&w->model, &ev);
}

/* Results of commands stand in the conversation, for this person's eyes. */
static bool
on_result(struct cmd_sink *s, const char *text, size_t n)
{
	char *copy;

	while (n > 0 && text[n - 1] == '\n')
		n--;
	copy = xstrndup(text, n);
	notice(work_of(s), 0, copy);
	free(copy);
	return true;
}

static void
on_remark(struct cmd_sink *s, const char *text)
{
	ui_remark(&work_of(s)->ui, 0, text);
	work_of(s)->model.is_dirty = true;
}

static void
on_progress(struct cmd_sink *s, const char *what, int64_t done, int64_t total)
{
	char text[128];

	if (total > 0)
		snprintf(text, sizeof text, "%s: %lld/%lld", what, (long long)done,
				(long long)total);
	else
		snprintf(text, sizeof text, "%s: %lld", what, (long long)done);
	on_remark(s, text);
}

static void
clear_line(struct screen_work *w)
{
	line_set(w->line, "", 0);
	ui_input(&w->ui, "", 0, NULL);
	screen_draft_changed(w);
	screen_urgent(w);
}

/* A message that is sent */

static void
on_sent(void *arg, const struct err *err)
{
	struct screen_work *w = arg;

	w->is_sending = false;
	w->send_run = NULL;
	if (err->kind == ERR_NONE || err->kind == ERR_QUEUED) {
		line_remember(w->line, line_text(w->line));
		line_set(w->line, "", 0);
		screen_draft_save(w);
		w->ui.view = (struct view){ 0 };
	} else {
		ui_remark(&w->ui, 2, err->msg);
	}
	free(w->sending[3]);
	free(w->sending[4]);
	w->sending[3] = w->sending[4] = NULL;
	screen_release(w);
}

static bool
ignore_result(struct cmd_sink *s, const char *text, size_t n)
{
	(void)s;
	(void)text;
	(void)n;
	return true;
}

static void
ignore_remark(struct cmd_sink *s, const char *text)
{
	(void)s;
	(void)text;
}

/* The row in the conversation says what becomes of it. */
static void
send_text(struct screen_work *w, const char *text)
{
	static char send[] = "send", no_wait[] = "--no-wait", end[] = "--";
	int i = model_shown(&w->model);
	struct cmd_run *run;

	if (i < 0) {
		ui_remark(&w->ui, 1, _("there is no conversation here: /join #room or "
				"/create #room"));
		return;
	}
	w->sending[0] = send;
	w->sending[1] = no_wait;
	w->sending[2] = end;
	w->sending[3] = xstrdup(w->model.convs.v[i].conv);
	w->sending[4] = xstrdup(text);
	w->is_sending = true;
	run = cmd_run(w->front->ctx, 5, w->sending, &w->silent.base, on_sent, w);
	w->send_run = w->is_sending ? run : NULL;
}

/* Commands */

static bool
opens_conversation(const char *name)
{
	return strcmp(name, "join") == 0 || strcmp(name, "create") == 0;
}

static void
on_command_done(void *arg, const struct err *err)
{
	struct screen_run *run = arg;
	struct screen_work *w = run->work;

	run->is_done = true;
	if (err->kind == ERR_NONE && run->wanted)
		screen_want(w, run->wanted);
	else if (err->kind != ERR_NONE && err->msg[0])
		ui_remark(&w->ui, err->kind == ERR_QUEUED ? 0 : 2, err->msg);
	free(run->wanted);
	free(run->line);
	run->wanted = run->line = NULL;
	run->is_used = false;
	w->model.is_dirty = true;
}

static struct screen_run *
free_run(struct screen_work *w)
{
	for (size_t i = 0; i < SCREEN_RUNS_MAX; i++) {
		if (!w->runs[i].is_used)
			return &w->runs[i];
	}
	return NULL;
}

/* "join #dev …": "#dev"; the caller frees. */
static char *
wanted_by(const char *line)
{
	size_t n = strcspn(line, " ");
	char *name = xstrndup(line, n), *wanted = NULL;

	line += n + strspn(line + n, " ");
	if (opens_conversation(name) && *line == '#')
		wanted = xstrndup(line, strcspn(line, " "));
	free(name);
	return wanted;
}

/* What these do is seen in the conversation. */
static struct screen_sink *
sink_for(struct screen_work *w, const char *line)
{
	static const char *const seen[] = { "send", "msg", "me", "edit", "delete", "react",
		"topic" };
	size_t n = strcspn(line, " \n");

	for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
		if (strlen(seen[i]) == n && strncmp(seen[i], line, n) == 0)
			return &w->quiet;
	}
	return &w->loud;
}

void
screen_command(struct screen_work *w, const char *line, bool typed)
{
	struct screen_run *run = free_run(w);
	struct cmd_run *started;
	struct err err;

	if (!run) {
		err_set(&err, ERR_FAIL, _("%d commands run already: Ctrl-C stops the last"),
				SCREEN_RUNS_MAX);
		ui_remark(&w->ui, 2, err.msg);
		return;
	}
	*run = (struct screen_run){ .work = w, .line = xstrdup(line), .is_used = true };
	run->wanted = typed ? wanted_by(line) : NULL;
	started = front_line(w->front, line, &sink_for(w, line)->base, on_command_done, run);
	if (started && run->is_used)
		run->run = started;
	screen_urgent(w);
}

static void
accept_command(struct screen_work *w, const char *text)
{
	char *line = xstrdup(text + 1);
	struct err err;

	if (!typed_check(w->front->ctx, text, &err)) {
		ui_remark(&w->ui, 2, err.msg);
		screen_urgent(w);
	} else {
		if (!typed_is_secret(text))
			line_remember(w->line, text);
		clear_line(w);
		screen_command(w, line, true);
	}
	free(line);
}

void
screen_accept(struct screen_work *w)
{
	char *text;

	if (w->ui.screen != &scr_chat) {
		w->ui.screen = &scr_chat;
		return;
	}
	text = xstrdup(line_text(w->line));
	switch (typed_kind(text)) {
	case TYPED_NOTHING:
		screen_fetch_gap(w);
		break;
	case TYPED_COMMAND:
		accept_command(w, text);
		break;
	case TYPED_TEXT:
		send_text(w, typed_message(text));
		break;
	}
	free(text);
	screen_urgent(w);
}

void
screen_stop(struct screen_work *w)
{
	if (w->send_run) {
		cmd_stop(w->send_run, SIGINT);
		return;
	}
	for (size_t i = SCREEN_RUNS_MAX; i-- > 0;) {
		struct screen_run *run = &w->runs[i];

		if (run->is_used && run->run) {
			cmd_stop(run->run, SIGINT);
			return;
		}
	}
	clear_line(w);
}

/* Tab */

struct adding {
	void (*add)(void *arg, const char *word);
	void *arg;
	const char *start;
	size_t n;
};

static void
offer_word(const struct adding *a, const char *prefix, const char *word)
{
	size_t n = strlen(prefix);
	char *whole;

	if (strncmp(prefix, a->start, n < a->n ? n : a->n) != 0)
		return;
	whole = xasprintf("%s%s", prefix, word);
	if (strncmp(whole, a->start, a->n) == 0)
		a->add(a->arg, whole);
	free(whole);
}

static void
offer_commands(const struct screen_work *w, const struct adding *a)
{
	const struct cmd *const *tables[] = { w->front->ctx->extra, cmd_table };

	for (size_t t = 0; t < 2; t++) {
		for (size_t i = 0; tables[t] && tables[t][i]; i++) {
			if (!(tables[t][i]->flags & CMD_BATCH_ONLY))
				offer_word(a, "/", tables[t][i]->name);
		}
	}
}

static void
offer_conversations(const struct screen_work *w, const struct adding *a)
{
	for (size_t i = 0; i < w->model.convs.n; i++)
		offer_word(a, "", w->model.convs.v[i].name);
}

static bool
was_offered(const struct window *win, size_t i)
{
	const struct safe_text *from = &win->rows.v[i].from;

	for (size_t k = i + 1; k < win->rows.n; k++) {
		if (win->rows.v[k].from.n == from->n &&
				memcmp(win->rows.v[k].from.p, from->p, from->n) == 0)
			return true;
	}
	return false;
}

/* People who spoke, each once. */
static void
offer_people(const struct screen_work *w, const struct adding *a, const char *prefix)
{
	const struct window *win = &w->model.window;

	for (size_t i = win->rows.n; i-- > 0;) {
		const struct row *r = &win->rows.v[i];

		if (r->kind == ROW_MESSAGE && !r->is_own && r->from.n > 0 && !was_offered(win, i))
			offer_word(a, prefix, r->from.p);
	}
}

static void
on_complete(void *arg, const char *line, size_t start, size_t end,
		void (*add)(void *add_arg, const char *word), void *add_arg)
{
	struct screen_work *w = arg;
	struct adding a = { add, add_arg, line + start, end - start };

	if (start == 0 && line[0] == '/')
		offer_commands(w, &a);
	else if (line[start] == '#')
		offer_conversations(w, &a);
	else if (line[start] == '@')
		offer_people(w, &a, "@");
	else if (end > start)
		offer_people(w, &a, "");
}

static void
on_offer(void *arg, const char *const *words, size_t n)
{
	struct screen_work *w = arg;

	ui_menu_clear(&w->ui);
	for (size_t i = 0; i < n && i < UI_MENU_MAX; i++)
		w->ui.menu.items[w->ui.menu.n++] = text_name(words[i], strlen(words[i]));
	w->ui.menu.more = n > UI_MENU_MAX ? n - UI_MENU_MAX : 0;
}

void
screen_line_start(struct screen_work *w)
{
	struct line_conf conf = { .complete = on_complete, .offer = on_offer, .arg = w };
	char *history = path_join(w->front->paths.state, HISTORY);

	conf.history = path_make_dir(w->front->paths.state, NULL) ? history : NULL;
	w->line = line_new(&conf);
	w->loud = (struct screen_sink){ { on_result, on_remark, on_progress }, w };
	w->quiet = (struct screen_sink){ { ignore_result, on_remark, on_progress }, w };
	w->silent = (struct screen_sink){ { ignore_result, ignore_remark, NULL }, w };
	w->saved_draft = xstrdup("");
	buf_init(&w->held, LINE_MAX_BYTES);
	free(history);
}

void
screen_line_stop(struct screen_work *w)
{
	if (w->send_run)
		cmd_stop(w->send_run, SIGTERM);
	for (size_t i = 0; i < SCREEN_RUNS_MAX; i++) {
		if (w->runs[i].is_used && w->runs[i].run)
			cmd_stop(w->runs[i].run, SIGTERM);
	}
	line_free(w->line);
	free(w->saved_draft);
	free(w->paste);
	buf_done(&w->held);
}
