/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real loop: libuv. Every handle of ours has its own address as its uv data, which tells it
 * from a guest library's. */
#include "loop/loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <uv.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "loop/impl.h"

struct uv {
	struct loop base;
	uv_loop_t loop;
	/* the end of a turn: libuv calls it just before it sleeps */
	uv_prepare_t prepare;
	bool is_freed;
};

/* The handles: the first member says which loop, the second is libuv's. */
struct loop_timer {
	struct loop *l;
	union {
		uv_handle_t handle;
		uv_timer_t timer;
		uv_idle_t idle;		/* one of 0 ms */
	} uv;
	void (*fn)(void *arg);
	void *arg;
};

struct loop_fd {
	struct loop *l;
	union {
		uv_handle_t handle;
		uv_poll_t poll;
		uv_idle_t idle;		/* what epoll refuses is always ready */
	} uv;
	bool is_file;
	int events;
	void (*fn)(void *arg, int events);
	void *arg;
};

struct loop_signal {
	struct loop *l;
	uv_signal_t uv;
	void (*fn)(void *arg, int signum);
	void *arg;
};

struct loop_wake {
	struct loop *l;
	uv_async_t uv;
	void (*fn)(void *arg);
	void *arg;
};

struct loop_work {
	struct loop *l;
	uv_work_t uv;
	void (*work)(void *arg);
	void (*done)(void *arg);
	void *arg;
	uv_sem_t worked;		/* posted when work() has returned */
	bool is_stopped;
};

static struct uv *
uv_of(const struct loop *l)
{
	return (struct uv *)l;
}

/* The structs above begin alike, so the owner of a handle lies a fixed distance before it. */
#define OWNER_GAP offsetof(struct loop_timer, uv)
_Static_assert(offsetof(struct loop_fd, uv) == OWNER_GAP, "one gap for all handles");
_Static_assert(offsetof(struct loop_signal, uv) == OWNER_GAP, "one gap for all handles");
_Static_assert(offsetof(struct loop_wake, uv) == OWNER_GAP, "one gap for all handles");

static void *
owner(void *handle)
{
	return (char *)handle - OWNER_GAP;
}

static void
mark_ours(void *handle)
{
	((uv_handle_t *)handle)->data = handle;
}

static void
free_owner(uv_handle_t *handle)
{
	free(owner(handle));
}

/* Once for each handle; the memory stays until libuv is done with it. */
static void
close_handle(void *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, free_owner);
}

static void
on_timer(uv_timer_t *handle)
{
	struct loop_timer *t = owner(handle);

	t->fn(t->arg);
	if (!uv_timer_get_repeat(handle))
		close_handle(handle);
}

static void
on_next_turn(uv_idle_t *handle)
{
	struct loop_timer *t = owner(handle);

	t->fn(t->arg);
	close_handle(handle);
}

static struct loop_timer *
timer_start(struct loop *l, int64_t ms, bool is_repeat, void (*fn)(void *arg), void *arg)
{
	struct loop_timer *t = xcalloc(1, sizeof *t);
	uv_loop_t *loop = &uv_of(l)->loop;

	t->l = l;
	t->fn = fn;
	t->arg = arg;
	if (ms == 0) {
		/* A timer of 0 ms that starts another would never let libuv look at a
		 * descriptor. */
		uv_idle_init(loop, &t->uv.idle);
		uv_idle_start(&t->uv.idle, on_next_turn);
	} else {
		uv_timer_init(loop, &t->uv.timer);
		/* libuv counts from the start of the turn, which may be long ago. */
		uv_update_time(loop);
		uv_timer_start(&t->uv.timer, on_timer, (uint64_t)ms, is_repeat ? (uint64_t)ms : 0);
	}
	mark_ours(&t->uv);
	return t;
}

static void
timer_stop(struct loop_timer *t)
{
	close_handle(&t->uv);
}

static void
on_poll(uv_poll_t *handle, int status, int events)
{
	struct loop_fd *f = owner(handle);
	int what = (events & UV_READABLE ? LOOP_READ : 0)
			| (events & UV_WRITABLE ? LOOP_WRITE : 0);

	/* asked for errors alone: told once */
	if (f->events == LOOP_ERROR)
		uv_poll_stop(handle);
	f->fn(f->arg, status < 0 || f->events == LOOP_ERROR ? f->events | LOOP_ERROR : what);
}

static void
on_idle(uv_idle_t *handle)
{
	struct loop_fd *f = owner(handle);

	f->fn(f->arg, f->events);
}

static void
fd_change(struct loop_fd *f, int events)
{
	if (uv_is_closing(&f->uv.handle))
		return;
	f->events = events == LOOP_ERROR ? events : events & (LOOP_READ | LOOP_WRITE);
	if (f->is_file && f->events != LOOP_ERROR && f->events)
		uv_idle_start(&f->uv.idle, on_idle);
	else if (f->is_file)
		uv_idle_stop(&f->uv.idle);
	else if (f->events == LOOP_ERROR)
		/* epoll tells of errors and the other end's going whatever is asked for, and
		 * urgent data, which nobody sends, stands for nothing else */
		uv_poll_start(&f->uv.poll, UV_PRIORITIZED, on_poll);
	else if (f->events)
		uv_poll_start(&f->uv.poll, (f->events & LOOP_READ ? UV_READABLE : 0)
				| (f->events & LOOP_WRITE ? UV_WRITABLE : 0), on_poll);
	else
		uv_poll_stop(&f->uv.poll);
}

static struct loop_fd *
fd_start(struct loop *l, int fd, int events, void (*fn)(void *arg, int events), void *arg,
		struct err *err)
{
	struct loop_fd *f = xcalloc(1, sizeof *f);
	int flags = fcntl(fd, F_GETFL);
	int rc = flags < 0 ? UV_EBADF : uv_poll_init(&uv_of(l)->loop, &f->uv.poll, fd);

	/* uv_poll_init makes it non-blocking, and a terminal shares that with the shell. */
	if (flags >= 0 && !(flags & O_NONBLOCK))
		fcntl(fd, F_SETFL, flags);
	f->is_file = rc == UV_EPERM;
	if (f->is_file)
		rc = uv_idle_init(&uv_of(l)->loop, &f->uv.idle);
	if (rc) {
		free(f);
		err_set(err, ERR_FAIL, _("cannot wait for descriptor %d: %s"), fd, uv_strerror(rc));
		return NULL;
	}
	mark_ours(&f->uv);
	f->l = l;
	f->fn = fn;
	f->arg = arg;
	fd_change(f, events);
	return f;
}

static void
fd_stop(struct loop_fd *f)
{
	close_handle(&f->uv);
}

static void
on_signal(uv_signal_t *handle, int signum)
{
	struct loop_signal *s = owner(handle);

	s->fn(s->arg, signum);
}

static struct loop_signal *
signal_start(struct loop *l, int signum, void (*fn)(void *arg, int signum), void *arg,
		struct err *err)
{
	struct loop_signal *s = xcalloc(1, sizeof *s);
	int rc;

	s->l = l;
	s->fn = fn;
	s->arg = arg;
	uv_signal_init(&uv_of(l)->loop, &s->uv);
	mark_ours(&s->uv);
	rc = uv_signal_start(&s->uv, on_signal, signum);
	if (!rc)
		return s;
	close_handle(&s->uv);
	err_set(err, ERR_FAIL, _("cannot catch signal %d: %s"), signum, uv_strerror(rc));
	return NULL;
}

static void
signal_stop(struct loop_signal *s)
{
	close_handle(&s->uv);
}

static void
on_wake(uv_async_t *handle)
{
	struct loop_wake *w = owner(handle);

	w->fn(w->arg);
}

static struct loop_wake *
wake_start(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct loop_wake *w = xcalloc(1, sizeof *w);
	int rc = uv_async_init(&uv_of(l)->loop, &w->uv, on_wake);

	assert(rc == 0);	/* all share one descriptor, made with the loop */
	(void)rc;
	mark_ours(&w->uv);
	w->l = l;
	w->fn = fn;
	w->arg = arg;
	return w;
}

static void
wake_send(struct loop_wake *w)
{
	uv_async_send(&w->uv);
}

static void
wake_stop(struct loop_wake *w)
{
	close_handle(&w->uv);
}

static void
on_work(uv_work_t *req)
{
	struct loop_work *w = owner(req);

	w->work(w->arg);
	uv_sem_post(&w->worked);
}

static void
on_work_done(uv_work_t *req, int status)
{
	struct loop_work *w = owner(req);

	(void)status;
	if (!w->is_stopped && !uv_of(w->l)->is_freed) {
		w->is_stopped = true;
		w->done(w->arg);
	}
	uv_sem_destroy(&w->worked);
	free(w);
}

static struct loop_work *
work_start(struct loop *l, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
	struct loop_work *w = xcalloc(1, sizeof *w);
	int rc;

	w->l = l;
	w->work = work;
	w->done = done;
	w->arg = arg;
	rc = uv_sem_init(&w->worked, 0);
	assert(rc == 0);
	(void)rc;
	uv_queue_work(&uv_of(l)->loop, &w->uv, on_work, on_work_done);
	return w;
}

static void
work_stop(struct loop_work *w)
{
	if (w->is_stopped)
		return;
	w->is_stopped = true;
	/* What has not begun never will; what has must be waited for. */
	if (uv_cancel((uv_req_t *)&w->uv) != 0)
		uv_sem_wait(&w->worked);
}

static void
run(struct loop *l)
{
	uv_run(&uv_of(l)->loop, UV_RUN_DEFAULT);
}

static bool
once(struct loop *l, bool wait)
{
	return uv_run(&uv_of(l)->loop, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT) != 0;
}

static void
quit(struct loop *l)
{
	uv_stop(&uv_of(l)->loop);
}

static int64_t
now(const struct loop *l)
{
	return (int64_t)uv_now(&uv_of(l)->loop);
}

static void *
native(struct loop *l)
{
	return &uv_of(l)->loop;
}

static void
on_prepare(uv_prepare_t *handle)
{
	loop_turns_call(handle->loop->data);
}

static void
close_ours(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (uv_is_closing(handle))
		return;
	assert(handle->data == handle);		/* a guest must be freed before its loop */
	close_handle(handle);
}

static void
uv_free(struct loop *l)
{
	struct uv *u = uv_of(l);
	int rc;

	u->is_freed = true;
	uv_close((uv_handle_t *)&u->prepare, NULL);
	uv_walk(&u->loop, close_ours, NULL);
	while (uv_run(&u->loop, UV_RUN_DEFAULT))
		;
	rc = uv_loop_close(&u->loop);
	assert(rc == 0);
	(void)rc;
	free(u);
}

static void
free_orphan(uv_handle_t *handle)
{
	free(handle);
}

static void
close_orphan(uv_handle_t *handle, void *data)
{
	uv_poll_t *poll = (uv_poll_t *)handle;

	if (handle->type != UV_POLL || handle->data != data || uv_is_active(handle)
			|| uv_is_closing(handle))
		return;
	/* Its descriptor was closed and the number may be in use again, and closing the watch would
	 * take that one out of epoll. Epoll itself is in no epoll. */
	poll->io_watcher.fd = uv_backend_fd(handle->loop);
	uv_close(handle, free_orphan);
}

static const struct loop_impl loop_uv = {
	.free = uv_free, .run = run, .once = once, .quit = quit, .now = now, .native = native,
	.timer_start = timer_start, .timer_stop = timer_stop,
	.fd_start = fd_start, .fd_change = fd_change, .fd_stop = fd_stop,
	.signal_start = signal_start, .signal_stop = signal_stop,
	.work_start = work_start, .work_stop = work_stop,
	.wake_start = wake_start, .wake_send = wake_send, .wake_stop = wake_stop,
};

struct loop *
loop_new(struct err *err)
{
	struct uv *u = xcalloc(1, sizeof *u);
	int rc = uv_loop_init(&u->loop);

	if (rc) {
		free(u);
		err_set(err, ERR_FAIL, _("cannot make an event loop: %s"), uv_strerror(rc));
		return NULL;
	}
	u->base.impl = &loop_uv;
	u->loop.data = &u->base;
	uv_prepare_init(&u->loop, &u->prepare);
	uv_prepare_start(&u->prepare, on_prepare);
	uv_unref((uv_handle_t *)&u->prepare);	/* alone it is nothing to wait for */
	return &u->base;
}

void
loop_guest_orphan(struct loop *l, const void *data)
{
	assert(l->impl == &loop_uv);
	uv_walk(&uv_of(l)->loop, close_orphan, (void *)data);
}
