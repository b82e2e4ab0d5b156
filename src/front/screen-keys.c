/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes from the terminal: a key that is bound runs its command line, every other is the input
 * line's own. */
#include "front/screen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "term/line.h"
#include "term/term.h"
#include "ui/keys.h"

#define READ_MAX 4096
#define PASTE_ASKS 4		/* lines from which on a paste is asked about */

static bool
bind_key(struct screen_work *w, const char *key, const char *command, struct err *err)
{
	const char *line = command + (*command == '/');
	char *name = xstrndup(line, strcspn(line, " "));
	bool ok = !*name || cmd_find(w->front->ctx, name) ||
			cmd_unknown(w->front->ctx, name, err);

	free(name);
	return ok && keys_bind(w->keys, key, command, err);
}

void
screen_keys_start(struct screen_work *w)
{
	const struct conf *conf = w->front->conf;
	struct err err;
	const char *key;
	char *text;

	w->keys = keys_new();
	for (size_t i = 0; (key = conf_key(conf, "keys", i)); i++) {
		if (bind_key(w, key, conf_str(conf, "keys", key), &err))
			continue;
		text = xasprintf("[keys] %s: %s", key, err.msg);
		ui_remark(&w->ui, 2, text);
		free(text);
	}
}

static void
show_line(struct screen_work *w)
{
	ui_input(&w->ui, line_text(w->line), line_caret(w->line), line_prompt(w->line));
	screen_draft_changed(w);
	screen_urgent(w);
}

static void
insert(struct screen_work *w, const char *p, size_t n)
{
	char text[160];

	if (!line_insert(w->line, p, n)) {
		snprintf(text, sizeof text, _("too much: a line holds %d bytes, this is %zu"),
				LINE_MAX_BYTES, n);
		ui_remark(&w->ui, 1, text);
	}
	show_line(w);
}

static int
count_lines(const char *p, size_t n)
{
	int lines = n > 0 && p[n - 1] != '\n';

	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	return lines;
}

static void
paste(struct screen_work *w, const struct stroke *s)
{
	int lines = count_lines(s->bytes, s->n);
	char text[160];

	if (s->lost > 0 || s->n > LINE_MAX_BYTES) {
		insert(w, s->bytes, s->n + s->lost);
		return;
	}
	if (lines < PASTE_ASKS) {
		insert(w, s->bytes, s->n);
		return;
	}
	free(w->paste);
	w->paste = xstrndup(s->bytes, s->n);
	snprintf(text, sizeof text, ngettext(
			"Paste %d line? Enter puts it into the line, Esc drops it",
			"Paste %d lines? Enter puts them into the line, Esc drops them", lines),
			lines);
	ui_remark(&w->ui, 1, text);
	screen_urgent(w);
}

/* A paste waits for its answer; any other key does nothing. */
static void
answer_paste(struct screen_work *w, const struct stroke *s)
{
	char *text = w->paste;
	bool yes = strcmp(s->name, "Enter") == 0;

	if (s->type != STROKE_KEY || (!yes && strcmp(s->name, "Esc") != 0 &&
			strcmp(s->name, "C-c") != 0))
		return;
	w->paste = NULL;
	ui_remark(&w->ui, 0, "");
	if (yes)
		insert(w, text, strlen(text));
	free(text);
	screen_urgent(w);
}

/* While a message becomes durable its text stands in the line: what is typed waits. */
static void
hold(struct screen_work *w, const struct stroke *s)
{
	if (s->type == STROKE_PASTE)
		buf_adds(&w->held, "\033[200~");
	buf_add(&w->held, s->bytes, s->n);
	if (s->type == STROKE_PASTE)
		buf_adds(&w->held, "\033[201~");
}

static const struct key_row *
bound(const struct screen_work *w, const struct stroke *s)
{
	const struct key_row *row = s->type == STROKE_KEY ? keys_find(w->keys, s->name) : NULL;

	if (!row || line_is_busy(w->line))
		return NULL;
	if (row->only_empty && *line_text(w->line) && w->ui.screen == &scr_chat)
		return NULL;
	if (strcmp(s->name, "Esc") == 0 && w->ui.screen == &scr_chat &&
			line_wants_escape(w->line))
		return NULL;
	return row;
}

/* A search in the history keeps all keys but these. */
static bool
ends_search(struct screen_work *w, const struct stroke *s)
{
	if (!line_prompt(w->line) || s->type != STROKE_KEY ||
			(strcmp(s->name, "Enter") != 0 && strcmp(s->name, "Esc") != 0))
		return false;
	line_end_search(w->line);
	show_line(w);
	return true;
}

static void
on_stroke(void *arg, const struct stroke *s)
{
	struct screen_work *w = arg;
	const struct key_row *row;

	if (w->is_leaving)
		return;
	if (w->is_sending && !(s->type == STROKE_KEY && strcmp(s->name, "C-c") == 0)) {
		hold(w, s);
		return;
	}
	if (w->paste) {
		answer_paste(w, s);
		return;
	}
	if (ends_search(w, s))
		return;
	row = bound(w, s);
	if (w->ui.remark.n > 0) {
		ui_remark(&w->ui, 0, "");
		screen_urgent(w);
	}
	if (row) {
		screen_command(w, row->command, false);
	} else if (s->type == STROKE_PASTE) {
		paste(w, s);
	} else if (w->ui.screen == &scr_chat) {
		line_feed(w->line, s->bytes, s->n);
		show_line(w);
	}
}

static void
on_silence(void *arg)
{
	struct screen_work *w = arg;

	w->silence = NULL;
	keyboard_flush(&w->keyboard, on_stroke, w);
}

static void
wait_for_rest(struct screen_work *w)
{
	int ms = keyboard_wait_ms(&w->keyboard);

	loop_timer_stop(w->silence);
	w->silence = ms > 0 ? loop_timer_start(w->front->loop, ms, on_silence, w) : NULL;
}

void
screen_on_input(void *arg, int events)
{
	struct screen_work *w = arg;
	char bytes[READ_MAX];
	ssize_t n = read(term_input(w->term), bytes, sizeof bytes);
	(void)events;

	if (n > 0) {
		keyboard_feed(&w->keyboard, bytes, n, on_stroke, w);
		wait_for_rest(w);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		screen_leave(w, ERR_HANGUP);
	}
}

void
screen_release(struct screen_work *w)
{
	struct keyboard keyboard;
	struct buf held = w->held;

	buf_init(&w->held, held.max);
	keyboard_init(&keyboard);
	keyboard.is_replay = true;
	if (held.n > 0)
		keyboard_feed(&keyboard, held.p, held.n, on_stroke, w);
	keyboard_flush(&keyboard, on_stroke, w);
	keyboard_done(&keyboard);
	buf_done(&held);
	show_line(w);
}
