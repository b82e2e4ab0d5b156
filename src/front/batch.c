/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One command from the command line. */
#include "front/batch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/text.h"
#include "loop/loop.h"

#define PROGRESS_MS 100		/* at most ten lines of progress a second */
#define PROGRESS_AFTER_MS 1000	/* and none for what is over by then */

struct batch {
	struct cmd_sink sink;		/* first: one is the other */
	struct front *front;
	struct cmd_run *run;
	struct loop_signal *signals[3];
	struct loop_fd *reader;		/* of standard output: is it still there? */
	struct err written;		/* what became of standard output */
	struct err err;
	bool is_done, is_stopping, has_progress, is_terminal;
	int64_t begun_ms, progress_ms;
};

bool
batch_write(const char *text, size_t n, struct err *err)
{
	while (n > 0) {
		ssize_t k = write(STDOUT_FILENO, text, n);

		if (k < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

			poll(&p, 1, -1);
		} else if (k < 0 && errno != EINTR) {
			return err_sys(err, errno == EPIPE ? ERR_PIPE : ERR_FAIL,
					_("cannot write to standard output"));
		}
		text += k > 0 ? k : 0;
		n -= k > 0 ? (size_t)k : 0;
	}
	return true;
}

/* One line on standard error, made safe. */
static void
say(const char *before, const char *text)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_adds(&b, before);
	text_clean(&b, text, strlen(text), true);
	buf_addc(&b, '\n');
	(void)!write(STDERR_FILENO, buf_str(&b), b.n);
	buf_done(&b);
}

void
batch_complain(const char *text)
{
	say("stonechat: ", text);
}

static void
end_progress(struct batch *b)
{
	if (b->has_progress)
		(void)!write(STDERR_FILENO, "\r\033[K", 4);
	b->has_progress = false;
}

static bool
on_result(struct cmd_sink *s, const char *text, size_t n)
{
	struct batch *b = (struct batch *)s;

	end_progress(b);
	return b->written.kind == ERR_NONE && batch_write(text, n, &b->written);
}

static void
on_remark(struct cmd_sink *s, const char *text)
{
	end_progress((struct batch *)s);
	if (*text)
		say("", text);
}

static void
on_progress(struct cmd_sink *s, const char *what, int64_t done, int64_t total)
{
	struct batch *b = (struct batch *)s;
	int64_t now = clock_mono_ms(), took = now - b->begun_ms;
	char line[160], left[48] = "";
	int64_t rate;
	int n;

	if (!b->is_terminal || b->front->ctx->quiet || took < PROGRESS_AFTER_MS ||
			now - b->progress_ms < PROGRESS_MS)
		return;
	rate = done * 1000 / took;
	if (total > done && rate > 0)
		snprintf(left, sizeof left, _(", %lld s left"), (long long)((total - done) / rate));
	n = snprintf(line, sizeof line, "\r\033[K%lld %s, %lld/s%s", (long long)done, what,
			(long long)rate, left);
	n = n < (int)sizeof line ? n : (int)sizeof line - 1;
	if (n > 0)
		(void)!write(STDERR_FILENO, line, (size_t)n);
	b->has_progress = true;
	b->progress_ms = now;
}

static void
on_done(void *arg, const struct err *err)
{
	struct batch *b = arg;

	b->err = *err;
	b->is_done = true;
	loop_quit(b->front->loop);
}

static void
ask_to_stop(struct batch *b, int signum)
{
	/* The second time one means it. */
	if (b->is_stopping && signum != SIGPIPE)
		_exit(128 + signum);
	b->is_stopping = true;
	if (!b->is_done)
		cmd_stop(b->run, signum);
}

static void
on_signal(void *arg, int signum)
{
	ask_to_stop(arg, signum);
}

static void
on_reader_gone(void *arg, int events)
{
	struct batch *b = arg;

	if (!(events & LOOP_ERROR))
		return;
	loop_fd_stop(b->reader);
	b->reader = NULL;
	if (!b->is_stopping)
		ask_to_stop(b, SIGPIPE);
}

/* Only a command that takes its time needs to hear of these; the default does for the others. */
static void
watch(struct batch *b)
{
	static const int signums[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction old;
	struct stat st;
	struct err err;

	/* A hangup that is ignored stays so, for nohup. A shell without job control ignores
	 * interrupts for what it starts behind &, where one that is sent is meant all the same. */
	for (size_t i = 0; i < 3; i++)
		if (signums[i] != SIGHUP || (sigaction(SIGHUP, NULL, &old) == 0 &&
				old.sa_handler != SIG_IGN))
			b->signals[i] = loop_signal_start(b->front->loop, signums[i], on_signal, b,
					&err);
	if (fstat(STDOUT_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		b->reader = loop_fd_start(b->front->loop, STDOUT_FILENO, LOOP_ERROR,
				on_reader_gone, b, &err);
}

static void
unwatch(struct batch *b)
{
	for (size_t i = 0; i < 3; i++)
		loop_signal_stop(b->signals[i]);
	loop_fd_stop(b->reader);
}

int
batch_run(struct front *f, int argc, char **argv)
{
	struct batch b = {
		.sink = { .result = on_result, .remark = on_remark, .progress = on_progress },
		.front = f, .begun_ms = clock_mono_ms(), .is_terminal = isatty(STDERR_FILENO),
	};

	b.run = cmd_run(f->ctx, argc, argv, &b.sink, on_done, &b);
	if (!b.is_done) {
		watch(&b);
		loop_run(f->loop);
		unwatch(&b);
	}
	end_progress(&b);
	if (b.written.kind != ERR_NONE)
		b.err = b.written;
	if (*b.err.msg && b.err.kind != ERR_PIPE && b.err.kind != ERR_NONE)
		batch_complain(b.err.msg);
	return (int)b.err.kind;
}
