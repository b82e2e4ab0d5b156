/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard input for commands. */
#include "front/input.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/loop.h"

#define SILENCE_MS 1000
#define CHUNK (64u << 10)

struct input {
	struct loop *loop;
	struct loop_fd *watch;
	struct loop_timer *silence, *file;
	void (*silent)(void *arg);
	void *silent_arg;
	bool (*fn)(void *arg, const char *p, size_t n);
	void *arg;
};

static void watch(struct input *in);

struct input *
input_new(struct loop *loop, void (*silent)(void *arg), void *arg)
{
	struct input *in = xcalloc(1, sizeof *in);

	in->loop = loop;
	in->silent = silent;
	in->silent_arg = arg;
	return in;
}

static void
unwatch(struct input *in)
{
	loop_fd_stop(in->watch);
	loop_timer_stop(in->file);
	in->watch = NULL;
	in->file = NULL;
}

void
input_stop(struct input *in)
{
	unwatch(in);
	loop_timer_stop(in->silence);
	in->silence = NULL;
	in->fn = NULL;
}

void
input_free(struct input *in)
{
	if (!in)
		return;
	input_stop(in);
	free(in);
}

/* False when nothing more is wanted now. */
static bool
read_chunk(struct input *in)
{
	char chunk[CHUNK];
	ssize_t n = read(STDIN_FILENO, chunk, sizeof chunk);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	loop_timer_stop(in->silence);
	in->silence = NULL;
	return in->fn(in->arg, chunk, n > 0 ? (size_t)n : 0) && n > 0;
}

static void
on_watch(void *arg, int events)
{
	(void)events;
	if (!read_chunk(arg))
		unwatch(arg);
}

/* A regular file, which epoll refuses: it is always ready. */
static void
on_file(void *arg)
{
	struct input *in = arg;

	in->file = NULL;
	if (read_chunk(in))
		watch(in);
}

static void
on_silence(void *arg)
{
	struct input *in = arg;

	in->silence = NULL;
	in->silent(in->silent_arg);
}

static bool
is_file(void)
{
	struct stat st;

	return fstat(STDIN_FILENO, &st) == 0 && (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode)) &&
			!isatty(STDIN_FILENO);
}

static void
watch(struct input *in)
{
	struct err err;

	if (in->watch || in->file)
		return;
	if (!is_file())
		in->watch = loop_fd_start(in->loop, STDIN_FILENO, LOOP_READ, on_watch, in, &err);
	if (!in->watch)
		in->file = loop_timer_start(in->loop, 0, on_file, in);
}

void
input_start(struct input *in,
		bool (*fn)(void *arg, const char *p, size_t n), void *arg)
{
	in->fn = fn;
	in->arg = arg;
	in->silence = loop_timer_start(in->loop, SILENCE_MS, on_silence, in);
	watch(in);
}

void
input_more(struct input *in)
{
	if (in->fn)
		watch(in);
}

bool
input_is_data(void)
{
	struct stat st;

	return fstat(STDIN_FILENO, &st) == 0 &&
			(S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode));
}
