/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person's own log: marks of their other devices, rooms entered and left, conversations that
 * others opened. */
#include "test.h"

#include <string.h>

#include "sync/hand.h"

/* Live in c_1, of which five records are held, and in the person's own log, which is empty. */
static int
setup(void **state)
{
	static struct hand hand;
	struct head heads[2] = { hand_head(C1, 5), hand_head("u_ann", 0) };

	heads[1].kind = CONV_USER;
	heads[1].name = "ann";
	hand_init(&hand);
	hand_greet(&hand, heads, 2);
	hand_subbed(&hand, (struct sync_subbed){ .mode = SUBBED_TAIL, .seq = 5 });
	hand_events(&hand, 0, 0, 5);
	hand_subbed(&hand, (struct sync_subbed){ .conv = "u_ann", .mode = SUBBED_TAIL });
	hand_settle(&hand);
	*state = &hand;
	return 0;
}

static int
teardown(void **state)
{
	hand_done(*state);
	return 0;
}

static void
own(struct hand *h, int64_t seq, enum record_kind kind, const char *from, const char *device,
		const char *body)
{
	struct record r = { .seq = seq, .id = "own", .kind = kind, .kind_name = "x", .from = from,
		.device = device, .cid = "", .ref = "", .body = body, .body_n = strlen(body) };
	struct sync_input in = { .type = IN_EVENTS };

	in.events.conv = "u_ann";
	in.events.epoch = "e1";
	in.events.prev = seq - 1;
	in.events.v = &r;
	in.events.n = 1;
	hand_step(h, in);
}

static struct sync_conv
conv(struct hand *h, const char *name)
{
	struct sync_conv c = { 0 };

	sync_find(h->s, name, &c);
	return c;
}

static void
what_another_device_read_counts_in_the_same_log(void **state)
{
	struct hand *h = *state;

	own(h, 1, REC_READ, "ann", "d_2", "{\"conv\":\"c_1\",\"epoch\":\"e2\",\"seq\":3}");
	own(h, 2, REC_READ, "ann", "d_2", "{\"conv\":\"c_1\",\"seq\":3}");
	own(h, 3, REC_READ, "ann", "d_2", "{\"conv\":\"c_9\",\"epoch\":\"e1\",\"seq\":3}");
	own(h, 4, REC_READ, "ann", "d_2", "{}");
	assert_int_equal(conv(h, C1).read, 0);
	own(h, 5, REC_READ, "ann", "d_2", "{\"conv\":\"c_1\",\"epoch\":\"e1\",\"seq\":3}");
	assert_int_equal(conv(h, C1).read, 3);
	assert_null(hand_fx(h, FX_MARK, 0));
}

/* The frame that told of record 6 was lost, or comes later. */
static void
what_another_device_read_may_not_be_known_here_yet(void **state)
{
	struct hand *h = *state;

	own(h, 1, REC_READ, "ann", "d_2", "{\"conv\":\"c_1\",\"epoch\":\"e1\",\"seq\":6}");
	assert_int_equal(conv(h, C1).read, 6);
}

static void
a_kick_closes_the_conversation(void **state)
{
	struct hand *h = *state;

	own(h, 1, REC_MEMBER, "bob", "d_2", "{\"conv\":\"c_1\",\"user\":\"cyd\",\"do\":\"kick\"}");
	own(h, 2, REC_MEMBER, "bob", "d_2", "{\"conv\":\"c_1\",\"do\":\"kick\"}");
	own(h, 3, REC_MEMBER, "bob", "d_2", "{\"conv\":\"c_1\",\"user\":\"ann\"}");
	own(h, 4, REC_MEMBER, "bob", "d_2", "{\"conv\":\"c_1\",\"user\":\"ann\",\"do\":\"role\"}");
	own(h, 5, REC_MEMBER, "bob", "d_2", "{\"conv\":\"c_9\",\"user\":\"ann\",\"do\":\"leave\"}");
	own(h, 6, REC_MSG, "bob", "d_2", "{\"conv\":\"c_1\",\"user\":\"ann\",\"do\":\"kick\"}");
	assert_false(conv(h, C1).closed);
	own(h, 7, REC_MEMBER, "bob", "d_2", "{\"conv\":\"c_1\",\"user\":\"ann\",\"do\":\"kick\"}");
	assert_true(conv(h, C1).closed);
	own(h, 8, REC_MEMBER, "ann", "d_2", "{\"conv\":\"c_1\",\"user\":\"ann\",\"do\":\"join\"}");
	assert_non_null(hand_fx(h, FX_HANGUP, 0));	/* the heads tell of it */
}

static void
a_conversation_whose_log_forks_is_not_closed_before_it_is_loaded(void **state)
{
	struct hand *h = *state;

	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_RESET, .epoch = "e2", .keep = 3 });
	own(h, 1, REC_MEMBER, "bob", "d_2", "{\"conv\":\"c_1\",\"user\":\"ann\",\"do\":\"kick\"}");
	assert_false(conv(h, C1).closed);
}

static void
a_room_that_another_device_entered_is_asked_for(void **state)
{
	struct hand *h = *state;

	own(h, 1, REC_MEMBER, "ann", "d_2", "{\"conv\":\"c_1\",\"user\":\"ann\",\"do\":\"join\"}");
	own(h, 2, REC_MEMBER, "ann", sync_device(h->s),
			"{\"conv\":\"c_9\",\"user\":\"ann\",\"do\":\"join\"}");
	assert_null(hand_fx(h, FX_HANGUP, 0));
	own(h, 3, REC_MEMBER, "ann", "d_2", "{\"conv\":\"c_9\",\"user\":\"ann\",\"do\":\"join\"}");
	assert_non_null(hand_fx(h, FX_HANGUP, 0));
}

static void
who_writes_to_us_opens_a_conversation(void **state)
{
	struct hand *h = *state;

	own(h, 1, REC_NOTIFY, "bob", "d", "{\"conv\":\"c_1\",\"seq\":1,\"level\":\"mention\"}");
	assert_null(hand_fx(h, FX_HANGUP, 0));
	own(h, 2, REC_NOTIFY, "bob", "d", "{\"conv\":\"c_7\",\"seq\":1,\"level\":\"direct\"}");
	assert_string_equal(conv(h, "@bob").conv, "c_7");
	assert_int_equal(hand_count(h, FX_SUB), 1);
}

/* Names that fit, and levels that tell what the conversation is. */
static void
refreshes(struct hand *h, const char *from, const char *body)
{
	own(h, 1, REC_NOTIFY, from, "d", body);
	assert_non_null(hand_fx(h, FX_HANGUP, 0));
}

static void
a_mention_in_an_unknown_room_asks_for_the_heads(void **state)
{
	refreshes(*state, "bob", "{\"conv\":\"c_8\",\"seq\":1,\"level\":\"mention\"}");
}

static void
a_notice_without_level_asks_for_the_heads(void **state)
{
	refreshes(*state, "bob", "{\"conv\":\"c_8\",\"seq\":1}");
}

static void
a_name_that_does_not_fit_asks_for_the_heads(void **state)
{
	char name[300];

	memset(name, 'b', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	refreshes(*state, name, "{\"conv\":\"c_8\",\"seq\":1,\"level\":\"direct\"}");
}

static void
what_came_by_catching_up_is_told_by_the_heads(void **state)
{
	struct hand *h = *state;
	struct head heads[2] = { hand_head(C1, 5), hand_head("u_ann", 2) };

	heads[1].kind = CONV_USER;
	hand_down(h, 1006);
	hand_advance(h, 60000);
	hand_greet(h, heads, 2);
	hand_subbed(h, (struct sync_subbed){ .conv = "u_ann", .mode = SUBBED_TAIL, .seq = 2 });
	own(h, 1, REC_MEMBER, "bob", "d_2", "{\"conv\":\"c_1\",\"user\":\"ann\",\"do\":\"kick\"}");
	assert_false(conv(h, C1).closed);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_another_device_read_counts_in_the_same_log),
		test(what_another_device_read_may_not_be_known_here_yet),
		test(a_kick_closes_the_conversation),
		test(a_conversation_whose_log_forks_is_not_closed_before_it_is_loaded),
		test(a_room_that_another_device_entered_is_asked_for),
		test(who_writes_to_us_opens_a_conversation),
		test(a_mention_in_an_unknown_room_asks_for_the_heads),
		test(a_notice_without_level_asks_for_the_heads),
		test(a_name_that_does_not_fit_asks_for_the_heads),
		test(what_came_by_catching_up_is_told_by_the_heads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
