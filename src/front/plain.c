/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain mode from its first line until the person leaves: readline below, what comes above it. */
#include "front/plain.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/text.h"
#include "loop/loop.h"
#include "term/line.h"

#define READ_MAX 4096
#define QUIET_MS 3000		/* after the last key, what came is shown above a half typed line */

static const int signums[PLAIN_SIGNALS] = { SIGWINCH, SIGTSTP, SIGCONT, SIGHUP, SIGTERM, SIGINT };

void
plain_leave(struct plain *p, int status)
{
	p->status = status;
	loop_quit(p->front->loop);
}

void
plain_prompt(struct plain *p, const char *prompt)
{
	free(p->prompt);
	p->prompt = xstrdup(prompt);
	if (p->line)
		line_set_prompt(p->line, prompt);
}

/* What comes */

/* Before the first prompt there is no line to write above. */
static void
put(struct plain *p, const char *text, size_t n)
{
	if (p->line)
		line_above(p->line, text, n);
	else
		fwrite(text, 1, n, stdout);
}

static void
show(struct plain *p)
{
	loop_timer_stop(p->release);
	p->release = NULL;
	if (p->held.n > 0)
		put(p, p->held.p, p->held.n);
	buf_clear(&p->held);
}

static void
on_release(void *arg)
{
	struct plain *p = arg;

	p->release = NULL;
	show(p);
}

void
plain_print(struct plain *p, const char *text, size_t n)
{
	int64_t now = loop_now(p->front->loop), wait = p->typed_at + QUIET_MS - now;

	if (p->held.n + n + 1 > PLAIN_HELD_MAX)
		show(p);
	if (n + 1 > PLAIN_HELD_MAX) {
		put(p, text, n);
		return;
	}
	buf_add(&p->held, text, n);
	if (n > 0 && text[n - 1] != '\n')
		buf_addc(&p->held, '\n');
	if (!p->line || p->typed_at == 0 || wait <= 0 || !*line_text(p->line))
		show(p);
	else if (!p->release)
		p->release = loop_timer_start(p->front->loop, wait, on_release, p);
}

void
plain_say(struct plain *p, const char *text)
{
	struct buf b;

	if (!*text)
		return;
	buf_init(&b, PLAIN_HELD_MAX);
	text_clean(&b, text, strlen(text), true);
	plain_print(p, buf_str(&b), b.n);
	buf_done(&b);
}

/* What is typed */

/* Between two lines the terminal is as it was, and Ctrl-D comes as an end. One that is gone ends as
 * well. */
static bool
is_there(void)
{
	struct termios t;

	return tcgetattr(STDIN_FILENO, &t) == 0;
}

static void
on_input(void *arg, int events)
{
	struct plain *p = arg;
	char bytes[READ_MAX];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
	(void)events;

	if (n > 0) {
		p->typed_at = loop_now(p->front->loop);
		line_feed(p->line, bytes, (size_t)n);
		if (!*line_text(p->line))
			show(p);
	} else if (n == 0 && is_there()) {
		if (!*line_text(p->line))
			plain_leave(p, 0);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		plain_leave(p, ERR_HANGUP);
	}
}

static void
suspend(struct plain *p)
{
	struct sigaction before, dfl = { .sa_handler = SIG_DFL };

	line_leave(p->line);
	sigemptyset(&dfl.sa_mask);
	sigaction(SIGTSTP, &dfl, &before);
	raise(SIGTSTP);
	sigaction(SIGTSTP, &before, NULL);
	line_return(p->line);
}

static void
on_signal(void *arg, int signum)
{
	struct plain *p = arg;

	switch (signum) {
	case SIGWINCH:
		line_resize(p->line);
		break;
	case SIGTSTP:
		suspend(p);
		break;
	case SIGCONT:
		break;		/* after SIGSTOP; suspend() comes back by itself */
	case SIGINT:
		plain_stop(p);
		break;
	default:
		plain_leave(p, 128 + signum);
	}
}

/* Start and end */

static bool
start_loop(struct plain *p, struct err *err)
{
	struct loop *loop = p->front->loop;

	for (int i = 0; i < PLAIN_SIGNALS; i++) {
		p->signals[i] = loop_signal_start(loop, signums[i], on_signal, p, err);
		if (!p->signals[i])
			return false;
	}
	p->input = loop_fd_start(loop, STDIN_FILENO, LOOP_READ, on_input, p, err);
	return p->input != NULL;
}

static void
start_line(struct plain *p)
{
	struct line_conf conf = { .complete = plain_complete, .offer = plain_offer,
		.accept = plain_accept, .prompt = p->prompt, .arg = p };
	char *history = path_join(p->front->paths.state, "history");

	conf.history = path_make_dir(p->front->paths.state, NULL) ? history : NULL;
	p->line = line_new(&conf);
	free(history);
}

static bool
start(struct plain *p, const char *why, struct err *err)
{
	struct cmd_ctx *ctx = p->front->ctx;

	ctx->is_screen = true;
	ctx->extra = plain_cmds;
	ctx->extra_arg = p;
	plain_sinks(p);
	p->here = (struct cmd_run){ .ctx = ctx, .sink = &p->loud.base };
	buf_init(&p->held, PLAIN_HELD_MAX);
	if (why)
		plain_say(p, why);
	plain_say(p, _("stonechat, plain mode. /go TARGET opens a conversation, /rooms lists them, "
			"/help says more, Ctrl-D leaves."));
	plain_prompt(p, "> ");
	plain_settle(p);
	start_line(p);
	if (!start_loop(p, err))
		return false;
	front_observe(p->front, plain_event, p);
	return true;
}

static void
finish(struct plain *p)
{
	struct cmd_ctx *ctx = p->front->ctx;

	front_observe(p->front, NULL, NULL);
	plain_runs_end(p);
	show(p);
	plain_talk_end(p);
	loop_fd_stop(p->input);
	for (int i = 0; i < PLAIN_SIGNALS; i++)
		loop_signal_stop(p->signals[i]);
	line_free(p->line);
	free(p->prompt);
	buf_done(&p->held);
	ctx->is_screen = false;
	ctx->extra = NULL;
	ctx->extra_arg = NULL;
	fputc('\n', stdout);
	fflush(stdout);
}

int
plain_run(struct front *f, const char *why)
{
	struct plain *p = xcalloc(1, sizeof *p);
	struct err err = { ERR_NONE, "" };
	int status;

	p->front = f;
	if (start(p, why, &err))
		loop_run(f->loop);
	finish(p);
	status = p->status;
	free(p);
	if (err.kind != ERR_NONE) {
		fprintf(stderr, "stonechat: %s\n", err.msg);
		status = (int)err.kind;
	}
	return status;
}
