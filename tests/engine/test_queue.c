/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events are drained at the end of the turn, in order, and never one inside another. */
#include "engine/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "loop/loop.h"
#include "test.h"

struct seen {
	struct loop *loop;
	struct queue queue;
	char order[16];
	int depth, drained;
	bool emits;
};

static struct event
event(const char *conv)
{
	struct event ev = { .type = EV_CONV, .account = "a", .conv = conv, .name = "" };

	ev.convs.topic = ev.convs.epoch = "";
	return ev;
}

static void
on_event(void *arg, const struct event *ev)
{
	struct seen *s = arg;

	assert_int_equal(s->depth++, 0);
	s->order[strlen(s->order)] = *ev->conv;
	if (s->emits && *ev->conv == 'a') {
		struct event more = event("z");

		queue_emit(&s->queue, &more);
	}
	s->depth--;
}

static void
on_drained(void *arg)
{
	((struct seen *)arg)->drained++;
}

static void
emit_two(void *arg)
{
	struct seen *s = arg;
	char name[] = "a";
	struct event ev = event(name);

	queue_emit(&s->queue, &ev);
	*name = 'b';
	queue_emit(&s->queue, &ev);
	*name = '?';
	assert_string_equal(s->order, "");
}

static void
run(struct seen *s, bool emits)
{
	memset(s, 0, sizeof *s);
	s->emits = emits;
	s->loop = loop_fake_new();
	queue_init(&s->queue, s->loop, on_event, on_drained, s);
	loop_timer_start(s->loop, 0, emit_two, s);
	loop_once(s->loop, false);
	loop_once(s->loop, false);
	queue_done(&s->queue);
	loop_free(s->loop);
}

static void
events_are_copied_and_come_in_order(void **state)
{
	struct seen s;

	(void)state;
	run(&s, false);
	assert_string_equal(s.order, "ab");
	assert_int_equal(s.drained, 1);
}

static void
what_an_observer_emits_comes_behind_the_others_in_the_same_turn(void **state)
{
	struct seen s;

	(void)state;
	run(&s, true);
	assert_string_equal(s.order, "abz");
	assert_int_equal(s.drained, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_copied_and_come_in_order),
		cmocka_unit_test(what_an_observer_emits_comes_behind_the_others_in_the_same_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
