/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen from its first paint, before any engine or network, until the person leaves. A turn
 * of the loop ends with at most one picture. */
#include "front/screen.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "term/line.h"
#include "term/term.h"
#include "ui/keys.h"

#define FRAME_MS 17		/* under a flood there are at most 60 pictures a second */
#define AWAY_MS 250		/* looking for the terminal while another job has it */
#define SAVE_MS 1000		/* a draft may take this long to become durable on leaving */
#define HELP_MAX (64 * 1024)

static const int signums[SIG_COUNT] = { SIGWINCH, SIGTSTP, SIGCONT, SIGHUP, SIGTERM, SIGINT };

int64_t
screen_now(const struct screen_work *w)
{
	return loop_now(w->front->loop);
}

void
screen_urgent(struct screen_work *w)
{
	w->is_urgent = true;
	w->model.is_dirty = true;
}

void
screen_leave(struct screen_work *w, int status)
{
	if (w->is_leaving)
		return;
	w->is_leaving = true;
	w->status = status;
	loop_quit(w->front->loop);
}

/* Pictures */

static void
paint(struct screen_work *w)
{
	w->ui.wall = clock_wall_ms();
	w->ui.mono = w->model.now;
	ui_draw(&w->model, &w->ui, &w->canvas);
	term_present(w->term, &w->canvas);
	w->model.is_dirty = w->is_urgent = false;
	w->last_frame = screen_now(w);
}

static void on_due(void *arg);

/* The next time at which the picture changes by itself: a mark goes, an attempt comes nearer, a
 * minute is over. Nothing ticks while everything is at rest and offline. */
static int64_t
next_due(const struct screen_work *w)
{
	int64_t now = screen_now(w), due = model_due(&w->model), tick = 0;

	for (size_t i = 0; i < w->model.accounts.n; i++) {
		if (w->model.accounts.v[i].retry_at > now)
			tick = now + 1000;
	}
	if (model_is_online(&w->model) && tick == 0)
		tick = now + 60000 - w->ui.wall % 60000;
	if (tick > 0 && (due == 0 || tick < due))
		due = tick;
	return due;
}

static void
plan(struct screen_work *w)
{
	int64_t now = screen_now(w), due = next_due(w);

	loop_timer_stop(w->due);
	w->due = due > 0 ? loop_timer_start(w->front->loop, due > now ? due - now : 0, on_due, w)
			: NULL;
}

static void
frame(struct screen_work *w)
{
	loop_timer_stop(w->frame);
	w->frame = NULL;
	screen_read_more(w);
	screen_read_outbox(w);
	if (w->ui.view.is_scrolled)
		w->ui.screen->scroll(&w->model, &w->ui, 0, 0);
	paint(w);
	screen_seen(w);
	plan(w);
}

static void
on_frame(void *arg)
{
	struct screen_work *w = arg;

	w->frame = NULL;
	if (!w->is_leaving && !w->away)
		frame(w);
}

static void
on_due(void *arg)
{
	struct screen_work *w = arg;

	w->due = NULL;
	w->model.is_dirty = true;
}

/* The end of a turn: everything that happened in it is one picture. A key is answered at once,
 * other things wait until the last picture is old enough. */
static void
on_turn(void *arg)
{
	struct screen_work *w = arg;
	int64_t now = screen_now(w), wait = w->last_frame + FRAME_MS - now;

	if (w->is_leaving || w->away)
		return;
	model_tick(&w->model, now);
	if (!w->model.is_dirty)
		return;
	if (w->is_urgent || wait <= 0)
		frame(w);
	else if (!w->frame)
		w->frame = loop_timer_start(w->front->loop, wait, on_frame, w);
}

/* Events of the engine */

static void
on_event(void *arg, const struct event *ev)
{
	struct screen_work *w = arg;

	model_tick(&w->model, screen_now(w));
	if (ev->type == EV_MIRROR) {
		screen_read_all(w);
		w->model.is_dirty = true;
	} else {
		model_apply(&w->model, ev);
	}
	if (ev->type == EV_CONV || ev->type == EV_MIRROR)
		screen_settle(w);
}

/* The terminal */

static void
take_size(struct screen_work *w)
{
	term_size(w->term, &w->ui.w, &w->ui.h);
	screen_urgent(w);
}

static void come_back(struct screen_work *w);

static void
on_away(void *arg)
{
	struct screen_work *w = arg;

	if (term_is_ours(w->term)) {
		loop_timer_stop(w->away);
		w->away = NULL;
		come_back(w);
	}
}

static bool
watch_input(struct screen_work *w, struct err *err)
{
	w->input = loop_fd_start(w->front->loop, term_input(w->term), LOOP_READ, screen_on_input,
			w, err);
	return w->input != NULL;
}

/* Going on in the background, the terminal must not be touched, nor read. */
static void
come_back(struct screen_work *w)
{
	if (!term_is_ours(w->term)) {
		loop_fd_stop(w->input);
		w->input = NULL;
		if (!w->away)
			w->away = loop_timer_repeat(w->front->loop, AWAY_MS, on_away, w);
		return;
	}
	if (!w->input)
		watch_input(w, NULL);
	term_return(w->term);
	term_redraw(w->term);
	take_size(w);
}

void
screen_suspend(struct screen_work *w)
{
	screen_draft_save(w);
	term_stop(w->term);
	come_back(w);
}

static void
on_signal(void *arg, int signum)
{
	struct screen_work *w = arg;

	switch (signum) {
	case SIGWINCH:
		take_size(w);
		break;
	case SIGTSTP:
		screen_suspend(w);
		break;
	case SIGCONT:
		if (!w->away)
			come_back(w);
		break;
	case SIGINT:
		screen_stop(w);
		break;
	default:
		screen_leave(w, 128 + signum);
	}
}

/* Start and end */

/* COLORFGBG is "foreground;background", or with something between. */
static const struct theme *
choose_theme(const struct conf *conf)
{
	const char *name = conf_str(conf, "ui", "theme"), *colors = getenv("COLORFGBG");
	const char *back = colors ? strrchr(colors, ';') : NULL;

	if (strcmp(name, "auto") != 0)
		return theme_find(name);
	return theme_find(back && (strcmp(back, ";7") == 0 || strcmp(back, ";15") == 0) ? "light"
			: "dark");
}

static bool
open_terminal(struct screen_work *w, struct err *err)
{
	const char *color = getenv("COLORTERM"), *no_color = getenv("NO_COLOR");
	enum color_when when = w->front->opt.color;
	struct term_conf conf = { .theme = choose_theme(w->front->conf) };

	conf.no_color = when == COLOR_NEVER ||
			(when == COLOR_AUTO && no_color && *no_color);
	conf.true_color = color && (strcmp(color, "truecolor") == 0 ||
			strcmp(color, "24bit") == 0);
	conf.mouse = conf_bool(w->front->conf, "ui", "mouse");
	w->term = term_open(STDIN_FILENO, STDOUT_FILENO, &conf, err);
	return w->term != NULL;
}

static void
make_help(struct screen_work *w)
{
	struct buf b;

	buf_init(&b, HELP_MAX);
	buf_addf(&b, "%s\n\n", _("Keys"));
	keys_help(w->keys, &b);
	buf_addf(&b, "\n%s\n\n", _("Commands (/help COMMAND says more)"));
	cmd_help_all(&b, w->front->ctx);
	w->ui.help = text_body(buf_str(&b), b.n);
	buf_done(&b);
}

static bool
start_loop(struct screen_work *w, struct err *err)
{
	struct loop *loop = w->front->loop;

	for (int i = 0; i < SIG_COUNT; i++) {
		w->signals[i] = loop_signal_start(loop, signums[i], on_signal, w, err);
		if (!w->signals[i])
			return false;
	}
	if (!watch_input(w, err))
		return false;
	w->turn = loop_turn_start(loop, on_turn, w);
	return true;
}

static bool
start(struct screen_work *w, struct err *err)
{
	struct cmd_ctx *ctx = w->front->ctx;

	ctx->is_screen = true;
	ctx->extra = screen_cmds;
	ctx->extra_arg = w;
	model_init(&w->model);
	ui_init(&w->ui);
	canvas_init(&w->canvas, 1, 1);
	keyboard_init(&w->keyboard);
	screen_line_start(w);
	screen_keys_start(w);
	make_help(w);
	if (!open_terminal(w, err))
		return false;
	take_size(w);
	model_tick(&w->model, screen_now(w));
	screen_read_all(w);
	screen_settle(w);
	screen_read_more(w);
	screen_read_outbox(w);
	paint(w);
	if (!start_loop(w, err))
		return false;
	front_observe(w->front, on_event, w);
	return true;
}

static void
cancel(struct screen_work *w, struct api_call *call)
{
	if (call)
		w->front->ctx->api->ops->cancel(call);
}

static void
finish(struct screen_work *w)
{
	struct cmd_ctx *ctx = w->front->ctx;

	if (w->turn) {
		screen_remember_place(w);
		screen_draft_flush(w, SAVE_MS);
	}
	front_observe(w->front, NULL, NULL);
	cancel(w, w->draft_call);
	cancel(w, w->mark_call);
	cancel(w, w->fetch_call);
	screen_line_stop(w);
	loop_turn_stop(w->turn);
	loop_fd_stop(w->input);
	for (int i = 0; i < SIG_COUNT; i++)
		loop_signal_stop(w->signals[i]);
	loop_timer_stop(w->frame);
	loop_timer_stop(w->due);
	loop_timer_stop(w->silence);
	loop_timer_stop(w->draft);
	loop_timer_stop(w->mark);
	loop_timer_stop(w->away);
	term_close(w->term);
	keyboard_done(&w->keyboard);
	keys_free(w->keys);
	canvas_done(&w->canvas);
	ui_done(&w->ui);
	model_done(&w->model);
	free(w->wanted);
	free(w->here_account);
	free(w->here_conv);
	free(w->last_account);
	free(w->last_conv);
	ctx->is_screen = false;
	ctx->extra = NULL;
	ctx->extra_arg = NULL;
	ctx->here = ctx->target = NULL;
}

int
screen_run(struct front *f, struct err *err)
{
	struct screen_work *w = xcalloc(1, sizeof *w);
	int status;

	w->front = f;
	*err = (struct err){ ERR_NONE, "" };
	if (start(w, err))
		loop_run(f->loop);
	finish(w);
	status = w->status;
	free(w);
	return status;
}
