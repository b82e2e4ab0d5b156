/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part that all loops share: calls go to the kind of loop at hand, turns are kept here. */
#include "loop/loop.h"

#include "base/mem.h"
#include "loop/impl.h"

struct loop_turn {
	struct loop *l;
	void (*fn)(void *arg);
	void *arg;
	bool is_stopped;
};

static const struct loop_impl *
impl_of(const void *handle)
{
	const struct loop_handle *h = handle;

	return h->l->impl;
}

void
loop_free(struct loop *l)
{
	if (!l)
		return;
	loop_children_kill(l);
	loop_lookups_stop(l);
	for (size_t i = 0; i < l->turns.n; i++)
		free(l->turns.v[i]);
	arr_done(&l->turns);
	l->impl->free(l);
}

void
loop_run(struct loop *l)
{
	l->impl->run(l);
	loop_turns_call(l);
}

bool
loop_once(struct loop *l, bool wait)
{
	bool is_left = l->impl->once(l, wait);

	loop_turns_call(l);
	return is_left;
}

void
loop_quit(struct loop *l)
{
	l->impl->quit(l);
}

int64_t
loop_now(const struct loop *l)
{
	return l->impl->now(l);
}

void *
loop_native(struct loop *l)
{
	return l->impl->native(l);
}

struct loop_timer *
loop_timer_start(struct loop *l, int64_t ms, void (*fn)(void *arg), void *arg)
{
	return l->impl->timer_start(l, ms > 0 ? ms : 0, false, fn, arg);
}

struct loop_timer *
loop_timer_repeat(struct loop *l, int64_t ms, void (*fn)(void *arg), void *arg)
{
	return l->impl->timer_start(l, ms > 1 ? ms : 1, true, fn, arg);
}

void
loop_timer_stop(struct loop_timer *t)
{
	if (t)
		impl_of(t)->timer_stop(t);
}

struct loop_fd *
loop_fd_start(struct loop *l, int fd, int events, void (*fn)(void *arg, int events), void *arg,
		struct err *err)
{
	return l->impl->fd_start(l, fd, events, fn, arg, err);
}

void
loop_fd_change(struct loop_fd *f, int events)
{
	impl_of(f)->fd_change(f, events);
}

void
loop_fd_stop(struct loop_fd *f)
{
	if (f)
		impl_of(f)->fd_stop(f);
}

struct loop_signal *
loop_signal_start(struct loop *l, int signum, void (*fn)(void *arg, int signum), void *arg,
		struct err *err)
{
	return l->impl->signal_start(l, signum, fn, arg, err);
}

void
loop_signal_stop(struct loop_signal *s)
{
	if (s)
		impl_of(s)->signal_stop(s);
}

struct loop_work *
loop_work_start(struct loop *l, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
	return l->impl->work_start(l, work, done, arg);
}

void
loop_work_stop(struct loop_work *w)
{
	if (w)
		impl_of(w)->work_stop(w);
}

struct loop_wake *
loop_wake_start(struct loop *l, void (*fn)(void *arg), void *arg)
{
	return l->impl->wake_start(l, fn, arg);
}

void
loop_wake_send(struct loop_wake *w)
{
	impl_of(w)->wake_send(w);
}

void
loop_wake_stop(struct loop_wake *w)
{
	if (w)
		impl_of(w)->wake_stop(w);
}

struct loop_turn *
loop_turn_start(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct loop_turn *t = xcalloc(1, sizeof *t);

	*t = (struct loop_turn){ .l = l, .fn = fn, .arg = arg };
	arr_push(&l->turns, t);
	return t;
}

/* Frees the stopped turns and keeps the order of the others. */
static void
turns_sweep(struct loop *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->turns.n; i++)
		if (l->turns.v[i]->is_stopped)
			free(l->turns.v[i]);
		else
			l->turns.v[kept++] = l->turns.v[i];
	l->turns.n = kept;
}

void
loop_turn_stop(struct loop_turn *t)
{
	if (!t)
		return;
	t->is_stopped = true;
	if (!t->l->in_turn)
		turns_sweep(t->l);
}

void
loop_turns_call(struct loop *l)
{
	l->in_turn = true;
	for (size_t i = 0; i < l->turns.n; i++)
		if (!l->turns.v[i]->is_stopped)
			l->turns.v[i]->fn(l->turns.v[i]->arg);
	l->in_turn = false;
	turns_sweep(l);
}
