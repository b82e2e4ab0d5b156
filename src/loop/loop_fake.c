/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop for tests: its clock stands still until a test turns it, work runs on the spot, and
 * all else is real through poll(2). */
#include "loop/loop.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "loop/impl.h"

#define REAL_WAIT_MS 10000		/* a test that waits longer than this has failed */
#define FAKE_EPOCH_MS 1000000		/* the clock's first reading; not 0,
		which is easily taken for "never" */

enum item_kind { ITEM_TIMER, ITEM_FD, ITEM_SIGNAL, ITEM_WORK, ITEM_WAKE };

/* Every handle is one of these. */
struct item {
	struct loop *l;
	enum item_kind kind;
	bool is_stopped;
	/* counts up; of two timers due together the older runs first */
	uint64_t id;
	int64_t due, repeat;
	int fd, events;
	int signum;
	atomic_bool is_woken;		/* wakes, from any thread; and signals raised by the test */
	void (*fn)(void *arg);
	void (*fn_int)(void *arg, int what);
	void (*work)(void *arg);
	void *arg;
};

struct fake {
	struct loop base;
	int64_t now;
	uint64_t next_id;
	arr(struct item *) items;
	int event_fd;			/* readable once a wake was sent */
	bool is_quit;
};

static struct fake *
fake_of(const struct loop *l)
{
	return (struct fake *)l;
}

static struct item *
item_new(struct loop *l, enum item_kind kind, void *arg)
{
	struct fake *f = fake_of(l);
	struct item *it = xcalloc(1, sizeof *it);

	it->l = l;
	it->kind = kind;
	it->id = f->next_id++;
	it->arg = arg;
	arr_push(&f->items, it);
	return it;
}

/* The memory stays until the end of the turn. */
static void
item_stop(void *handle)
{
	struct item *it = handle;

	it->is_stopped = true;
}

static void
items_sweep(struct fake *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->items.n; i++)
		if (f->items.v[i]->is_stopped)
			free(f->items.v[i]);
		else
			f->items.v[kept++] = f->items.v[i];
	f->items.n = kept;
}

static struct loop_timer *
timer_start(struct loop *l, int64_t ms, bool is_repeat, void (*fn)(void *arg), void *arg)
{
	struct item *it = item_new(l, ITEM_TIMER, arg);

	it->due = fake_of(l)->now + ms;
	it->repeat = is_repeat ? ms : 0;
	it->fn = fn;
	return (struct loop_timer *)it;
}

static void
timer_stop(struct loop_timer *t)
{
	item_stop(t);
}

static void
fd_change(struct loop_fd *handle, int events)
{
	((struct item *)handle)->events = events & (LOOP_READ | LOOP_WRITE);
}

static struct loop_fd *
fd_start(struct loop *l, int fd, int events, void (*fn)(void *arg, int events), void *arg,
		struct err *err)
{
	struct item *it;

	(void)err;
	it = item_new(l, ITEM_FD, arg);
	it->fd = fd;
	it->events = events;
	it->fn_int = fn;
	return (struct loop_fd *)it;
}

static void
fd_stop(struct loop_fd *f)
{
	item_stop(f);
}

static struct loop_signal *
signal_start(struct loop *l, int signum, void (*fn)(void *arg, int signum), void *arg,
		struct err *err)
{
	struct item *it;

	(void)err;
	it = item_new(l, ITEM_SIGNAL, arg);
	it->signum = signum;
	it->fn_int = fn;
	return (struct loop_signal *)it;
}

static void
signal_stop(struct loop_signal *s)
{
	item_stop(s);
}

static struct loop_work *
work_start(struct loop *l, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
	struct item *it = item_new(l, ITEM_WORK, arg);

	it->work = work;
	it->fn = done;
	return (struct loop_work *)it;
}

static void
work_stop(struct loop_work *w)
{
	item_stop(w);
}

static struct loop_wake *
wake_start(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct item *it = item_new(l, ITEM_WAKE, arg);

	it->fn = fn;
	return (struct loop_wake *)it;
}

static void
wake_send(struct loop_wake *handle)
{
	struct item *it = (struct item *)handle;
	uint64_t one = 1;

	if (!atomic_exchange(&it->is_woken, true)) {
		ssize_t n = write(fake_of(it->l)->event_fd, &one, sizeof one);

		assert(n == sizeof one);
		(void)n;
	}
}

static void
wake_stop(struct loop_wake *w)
{
	item_stop(w);
}

/* The timer that is due first, NULL if none is by limit; those with an id from before on are
 * left out. */
static struct item *
next_timer(const struct fake *f, int64_t limit, uint64_t before)
{
	struct item *best = NULL;

	for (size_t i = 0; i < f->items.n; i++) {
		struct item *it = f->items.v[i];

		if (it->kind == ITEM_TIMER && !it->is_stopped && it->due <= limit && it->id < before
				&& (!best || it->due < best->due
						|| (it->due == best->due && it->id < best->id)))
			best = it;
	}
	return best;
}

static void
timers_run(struct fake *f)
{
	uint64_t before = f->next_id;
	struct item *it;

	while ((it = next_timer(f, f->now, before))) {
		if (it->repeat)
			it->due += it->repeat;
		else
			it->due = INT64_MAX;
		it->fn(it->arg);
		if (!it->repeat)
			it->is_stopped = true;
	}
}

/* Work, wakes and signals. */
static void
others_run(struct fake *f)
{
	size_t n = f->items.n;

	for (size_t i = 0; i < n; i++) {
		struct item *it = f->items.v[i];

		if (it->is_stopped)
			continue;
		if (it->kind == ITEM_WORK) {
			it->is_stopped = true;
			it->work(it->arg);
			it->fn(it->arg);
		} else if (it->kind == ITEM_WAKE && atomic_exchange(&it->is_woken, false)) {
			it->fn(it->arg);
		} else if (it->kind == ITEM_SIGNAL && atomic_exchange(&it->is_woken, false)) {
			it->fn_int(it->arg, it->signum);
		}
	}
}

static bool
is_anything_due(const struct fake *f)
{
	if (next_timer(f, f->now, UINT64_MAX) || f->is_quit)
		return true;
	for (size_t i = 0; i < f->items.n; i++) {
		const struct item *it = f->items.v[i];

		if (!it->is_stopped && (it->kind == ITEM_WORK || atomic_load(&it->is_woken)))
			return true;
	}
	return false;
}

static short
poll_events(int events)
{
	return (short)((events & LOOP_READ ? POLLIN : 0) | (events & LOOP_WRITE ? POLLOUT : 0));
}

static void
fd_call(struct item *it, short got)
{
	int what = (got & (POLLIN | POLLHUP) ? LOOP_READ : 0) | (got & POLLOUT ? LOOP_WRITE : 0);

	if (got & (POLLERR | POLLNVAL))
		what = it->events | LOOP_ERROR;
	what &= it->events | LOOP_ERROR;
	if (what)
		it->fn_int(it->arg, what);
}

/* Waits up to ms of real time for descriptors and wakes, then calls back for the descriptors
 * that are ready. False if nothing was. */
static bool
fds_run(struct fake *f, int ms)
{
	arr(struct pollfd) fds = {0};
	arr(struct item *) its = {0};
	uint64_t drained;
	int ready;

	arr_push(&fds, ((struct pollfd){ .fd = f->event_fd, .events = POLLIN }));
	arr_push(&its, NULL);
	for (size_t i = 0; i < f->items.n; i++) {
		struct item *it = f->items.v[i];

		if (it->kind != ITEM_FD || it->is_stopped || !it->events)
			continue;
		arr_push(&fds, ((struct pollfd){ .fd = it->fd,
				.events = poll_events(it->events) }));
		arr_push(&its, it);
	}
	ready = poll(fds.v, fds.n, ms);
	if (ready > 0) {
		if (fds.v[0].revents && read(f->event_fd, &drained, sizeof drained) < 0)
			assert(errno == EAGAIN);
		for (size_t i = 1; i < fds.n; i++)
			if (fds.v[i].revents && !its.v[i]->is_stopped)
				fd_call(its.v[i], fds.v[i].revents);
	}
	arr_done(&fds);
	arr_done(&its);
	return ready > 0;
}

static bool
has_fds(const struct fake *f)
{
	for (size_t i = 0; i < f->items.n; i++) {
		const struct item *it = f->items.v[i];

		if (!it->is_stopped && (it->kind == ITEM_FD || it->kind == ITEM_WAKE))
			return true;
	}
	return false;
}

/* Nothing is ready: the clock jumps to the next timer; without one, real time must bring
 * something. */
static void
wait_fake(struct fake *f)
{
	const struct item *next = next_timer(f, INT64_MAX - 1, UINT64_MAX);

	if (next)
		f->now = next->due;
	else if (has_fds(f))
		fds_run(f, REAL_WAIT_MS);
}

static bool
once(struct loop *l, bool wait)
{
	struct fake *f = fake_of(l);
	bool is_ready = is_anything_due(f);

	is_ready |= fds_run(f, 0);
	if (!is_ready && wait) {
		loop_turns_call(l);
		if (!is_anything_due(f))
			wait_fake(f);
	}
	timers_run(f);
	others_run(f);
	items_sweep(f);
	return f->items.n > 0;
}

static void
run(struct loop *l)
{
	struct fake *f = fake_of(l);

	while (!f->is_quit && loop_once(l, true))
		;
	f->is_quit = false;
}

static void
quit(struct loop *l)
{
	fake_of(l)->is_quit = true;
}

static int64_t
now(const struct loop *l)
{
	return fake_of(l)->now;
}

static void *
native(struct loop *l)
{
	(void)l;
	return NULL;
}

static void
fake_free(struct loop *l)
{
	struct fake *f = fake_of(l);

	for (size_t i = 0; i < f->items.n; i++)
		free(f->items.v[i]);
	arr_done(&f->items);
	close(f->event_fd);
	free(f);
}

static const struct loop_impl loop_fake = {
	.free = fake_free, .run = run, .once = once, .quit = quit, .now = now, .native = native,
	.timer_start = timer_start, .timer_stop = timer_stop,
	.fd_start = fd_start, .fd_change = fd_change, .fd_stop = fd_stop,
	.signal_start = signal_start, .signal_stop = signal_stop,
	.work_start = work_start, .work_stop = work_stop,
	.wake_start = wake_start, .wake_send = wake_send, .wake_stop = wake_stop,
};

struct loop *
loop_fake_new(void)
{
	struct fake *f = xcalloc(1, sizeof *f);

	f->base.impl = &loop_fake;
	f->now = FAKE_EPOCH_MS;
	f->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert(f->event_fd >= 0);
	return &f->base;
}

void
loop_fake_advance(struct loop *l, int64_t ms)
{
	struct fake *f = fake_of(l);
	int64_t target = f->now + ms;
	struct item *next;

	assert(l->impl == &loop_fake);
	while ((next = next_timer(f, target, UINT64_MAX))) {
		f->now = next->due;
		loop_once(l, false);
	}
	f->now = target;
	loop_once(l, false);
}

void
loop_fake_signal(struct loop *l, int signum)
{
	struct fake *f = fake_of(l);

	assert(l->impl == &loop_fake);
	for (size_t i = 0; i < f->items.n; i++)
		if (f->items.v[i]->kind == ITEM_SIGNAL && f->items.v[i]->signum == signum)
			atomic_store(&f->items.v[i]->is_woken, true);
}
