/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One end of a control connection. */
#include "control/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "loop/loop.h"

#define READ_SIZE (64u << 10)
#define READS_A_TURN 4		/* so that one busy front does not keep the others waiting */

struct link {
	struct loop *loop;
	int fd;
	struct loop_fd *watch;
	struct loop_timer *resume;
	const struct link_ops *ops;
	void *arg;
	struct buf in, out;
	size_t used;		/* of in: handed out already */
	size_t scanned;		/* of in: no line feed between used and here */
	bool is_paused, is_busy, is_dead;
};

static void
change(struct link *l)
{
	loop_fd_change(l->watch, (l->is_paused ? 0 : LOOP_READ) | (l->out.n ? LOOP_WRITE : 0));
}

static void
destroy(struct link *l)
{
	close(l->fd);
	buf_done(&l->in);
	buf_done(&l->out);
	free(l);
}

/* After a callback: was the link freed in it? */
static bool
is_gone(struct link *l)
{
	l->is_busy = false;
	if (!l->is_dead)
		return false;
	destroy(l);
	return true;
}

/* Returns false when l is gone. */
static bool
fail(struct link *l, const struct err *err)
{
	loop_fd_stop(l->watch);
	loop_timer_stop(l->resume);
	l->watch = NULL;
	l->resume = NULL;
	l->is_busy = true;
	l->ops->closed(l->arg, err);
	is_gone(l);
	return false;
}

/* The next whole line of in as an object: NULL when there is none yet (err->kind ERR_NONE), or it
 * is bad. */
static json_t *
next_line(struct link *l, struct err *err)
{
	const char *start = l->in.p + l->used, *end;
	json_t *o;

	err->kind = ERR_NONE;
	if (l->in.n == l->used)
		return NULL;
	end = memchr(l->in.p + l->scanned, '\n', l->in.n - l->scanned);
	if (!end) {
		l->scanned = l->in.n;
		if (l->in.n - l->used >= LINK_LINE_MAX)
			err_set(err, ERR_USAGE, _("a line of the control socket is too long"));
		return NULL;
	}
	o = json_strict(start, (size_t)(end - start), err);
	l->used = l->scanned = (size_t)(end - l->in.p) + 1;
	if (o && !json_is_object(o)) {
		json_decref(o);
		o = NULL;
		err_set(err, ERR_USAGE, _("a line of the control socket is no JSON object"));
	}
	return o;
}

static void
drop_used(struct link *l)
{
	buf_drop(&l->in, l->used);
	l->scanned -= l->used;
	l->used = 0;
}

/* Hands out whole lines until there are none, or the owner pauses. False when l is gone. */
static bool
deliver(struct link *l)
{
	struct err err;

	while (!l->is_paused) {
		json_t *o = next_line(l, &err);

		if (!o && err.kind != ERR_NONE)
			return fail(l, &err);
		if (!o)
			break;
		l->is_busy = true;
		l->ops->line(l->arg, o);
		json_decref(o);
		if (is_gone(l))
			return false;
	}
	drop_used(l);
	return true;
}

/* False when l is gone. */
static bool
read_some(struct link *l)
{
	struct err err = { ERR_NONE, "" };

	for (int i = 0; i < READS_A_TURN && !l->is_paused; i++) {
		char chunk[READ_SIZE];
		ssize_t n = recv(l->fd, chunk, sizeof chunk, 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (n <= 0)
			return fail(l, &err);
		if (!buf_add(&l->in, chunk, (size_t)n)) {
			err_set(&err, ERR_USAGE, _("a line of the control socket is too long"));
			return fail(l, &err);
		}
		if (!deliver(l))
			return false;
	}
	return true;
}

static bool
write_some(struct link *l)
{
	struct err err = { ERR_NONE, "" };
	ssize_t n = 0;

	if (l->out.n)
		n = send(l->fd, l->out.p, l->out.n, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return fail(l, &err);
	if (n > 0)
		buf_drop(&l->out, (size_t)n);
	if (l->out.n == 0 && l->ops->drained) {
		l->is_busy = true;
		l->ops->drained(l->arg);
		if (is_gone(l))
			return false;
	}
	change(l);
	return true;
}

static void
on_fd(void *arg, int events)
{
	struct link *l = arg;

	if ((events & LOOP_WRITE) && !write_some(l))
		return;
	if (events & (LOOP_READ | LOOP_ERROR))
		read_some(l);
}

struct link *
link_new(struct loop *loop, int fd, const struct link_ops *ops, void *arg, struct err *err)
{
	struct link *l = xcalloc(1, sizeof *l);

	l->loop = loop;
	l->fd = fd;
	l->ops = ops;
	l->arg = arg;
	/* Room for the rest of a read behind a line of the largest size. */
	buf_init(&l->in, LINK_LINE_MAX + READ_SIZE);
	buf_init(&l->out, LINK_LINE_MAX);
	l->watch = loop_fd_start(loop, fd, LOOP_READ, on_fd, l, err);
	if (!l->watch) {
		destroy(l);
		return NULL;
	}
	return l;
}

void
link_free(struct link *l)
{
	if (!l || l->is_dead)
		return;
	if (l->watch && l->out.n)
		(void)!send(l->fd, l->out.p, l->out.n, MSG_NOSIGNAL);
	loop_fd_stop(l->watch);
	loop_timer_stop(l->resume);
	l->is_dead = true;
	if (!l->is_busy)
		destroy(l);
}

struct buf *
link_out(struct link *l)
{
	return &l->out;
}

void
link_send(struct link *l)
{
	if (l->watch && l->out.n)
		change(l);
}

size_t
link_waiting(const struct link *l)
{
	return l->out.n;
}

static void
on_resume(void *arg)
{
	struct link *l = arg;

	l->resume = NULL;
	deliver(l);
}

void
link_pause(struct link *l, bool is_paused)
{
	if (l->is_paused == is_paused || !l->watch)
		return;
	l->is_paused = is_paused;
	change(l);
	/* Lines that were read before the pause come on a later turn: callers do not expect
	 * callbacks here. */
	if (!is_paused && l->in.n && !l->resume)
		l->resume = loop_timer_start(l->loop, 0, on_resume, l);
}
