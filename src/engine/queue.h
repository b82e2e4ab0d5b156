/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events wait here until the end of the turn, so that no observer runs inside another. */
#ifndef ENGINE_QUEUE_H
#define ENGINE_QUEUE_H

#include "base/arr.h"
#include "model/event.h"

struct loop;
struct loop_turn;

struct queue {
	arr(struct event *) events;
	struct loop_turn *turn;
	void (*drain)(void *arg, const struct event *ev);
	void (*drained)(void *arg);
	void *arg;
};

/* drain runs for every event in order, at the end of the turn in which it came; then drained
 * once. */
void queue_init(struct queue *q, struct loop *loop,
		void (*drain)(void *arg, const struct event *ev), void (*drained)(void *arg),
				void *arg);
void queue_done(struct queue *q);
/* Copies ev to the tail. */
void queue_emit(void *q, const struct event *ev);

#endif
