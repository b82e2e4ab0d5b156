/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kind of loop must be able to do; children, look-ups and turns are built on it once for
 * all. Private to src/loop. */
#ifndef LOOP_IMPL_H
#define LOOP_IMPL_H

#include "base/arr.h"
#include "loop/loop.h"

/* The functions of loop.h of the same names, for one kind of loop. */
struct loop_impl {
	void (*free)(struct loop *l);
	void (*run)(struct loop *l);
	bool (*once)(struct loop *l, bool wait);
	void (*quit)(struct loop *l);
	int64_t (*now)(const struct loop *l);
	void *(*native)(struct loop *l);

	struct loop_timer *(*timer_start)(struct loop *l, int64_t ms, bool is_repeat,
			void (*fn)(void *arg), void *arg);
	void (*timer_stop)(struct loop_timer *t);

	struct loop_fd *(*fd_start)(struct loop *l, int fd, int events,
			void (*fn)(void *arg, int events), void *arg,
			struct err *err);
	void (*fd_change)(struct loop_fd *f, int events);
	void (*fd_stop)(struct loop_fd *f);

	struct loop_signal *(*signal_start)(struct loop *l, int signum,
			void (*fn)(void *arg, int signum), void *arg,
			struct err *err);
	void (*signal_stop)(struct loop_signal *s);

	struct loop_work *(*work_start)(struct loop *l, void (*work)(void *arg),
			void (*done)(void *arg), void *arg);
	void (*work_stop)(struct loop_work *w);

	struct loop_wake *(*wake_start)(struct loop *l, void (*fn)(void *arg), void *arg);
	void (*wake_send)(struct loop_wake *w);
	void (*wake_stop)(struct loop_wake *w);
};

/* The head of every kind of loop. */
struct loop {
	const struct loop_impl *impl;
	arr(struct loop_turn *) turns;
	/* the turns are being called: stopped ones are swept afterwards */
	bool in_turn;
	struct loop_child *children;
	struct loop_lookup *lookups;
	struct loop_threads *threads;	/* of look-ups; NULL before the first */
};

/* The head of every handle, so that a _stop finds its loop. */
struct loop_handle {
	struct loop *l;
};

/* Calls what loop_turn_start registered; each kind does so at the end of a turn. */
void loop_turns_call(struct loop *l);

/* Kills and reaps what is left, waiting a second at most. */
void loop_children_kill(struct loop *l);
void loop_lookups_stop(struct loop *l);

#endif
