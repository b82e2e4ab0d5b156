/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue of events. */
#include "engine/queue.h"

#include <stdlib.h>

#include "control/codec.h"
#include "loop/loop.h"

static void
on_turn(void *arg)
{
	struct queue *q = arg;

	if (q->events.n == 0)
		return;
	/* What is emitted meanwhile comes at the tail and is drained in the same turn. */
	for (size_t i = 0; i < q->events.n; i++) {
		struct event *ev = q->events.v[i];

		q->drain(q->arg, ev);
		free(ev);
	}
	q->events.n = 0;
	q->drained(q->arg);
}

void
queue_init(struct queue *q, struct loop *loop, void (*drain)(void *arg, const struct event *ev),
		void (*drained)(void *arg), void *arg)
{
	*q = (struct queue){ .drain = drain, .drained = drained, .arg = arg };
	q->turn = loop_turn_start(loop, on_turn, q);
}

void
queue_done(struct queue *q)
{
	loop_turn_stop(q->turn);
	for (size_t i = 0; i < q->events.n; i++)
		free(q->events.v[i]);
	arr_done(&q->events);
	q->turn = NULL;
}

void
queue_emit(void *queue, const struct event *ev)
{
	struct queue *q = queue;

	arr_push(&q->events, codec_copy_event(ev));
}
