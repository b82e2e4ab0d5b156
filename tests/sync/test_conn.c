/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connection: OFFLINE, DIAL, HELLO, SYNC, LIVE, BACKOFF, STOPPED. */
#include "test.h"

#include <string.h>

#include "sync/hand.h"

static int
setup(void **state)
{
	static struct hand hand;

	hand_init(&hand);
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
online(struct hand *h)
{
	hand_step(h, (struct sync_input){ .type = IN_ONLINE, .online = true });
}

static void
the_device_is_durable_before_the_first_dial(void **state)
{
	struct hand *h = *state;

	online(h);
	assert_null(hand_fx(h, FX_DIAL, 0));
	assert_string_equal(hand_change(h, CHANGE_META, 0)->meta.key, "device");
	assert_true(h->commit->is_own);
	hand_store(h);
	assert_non_null(hand_fx(h, FX_DIAL, 0));
	assert_int_equal(sync_link(h->s), LINK_CONNECTING);
}

static void
an_empty_account_is_live_at_once(void **state)
{
	struct hand *h = *state;

	hand_greet(h, NULL, 0);
	assert_int_equal(sync_link(h->s), LINK_ONLINE);
	assert_string_equal(sync_user(h->s), "ann");
}

static void
a_failure_backs_off_with_jitter_and_grows(void **state)
{
	struct hand *h = *state;
	int64_t top = 1000;

	online(h);
	hand_settle(h);
	for (int i = 0; i < 12; i++) {
		int64_t wait;

		assert_int_equal(sync_link(h->s), LINK_CONNECTING);
		hand_down(h, 0);
		assert_int_equal(sync_link(h->s), LINK_WAITING);
		wait = hand_fx(h, FX_LINK, 0)->link.retry_ms;
		assert_in_range(wait, 500, top > 60000 ? 60000 : top);
		hand_advance(h, wait - 1);
		assert_null(hand_fx(h, FX_DIAL, 0));
		hand_advance(h, 1);
		assert_non_null(hand_fx(h, FX_DIAL, 0));
		top *= 2;
	}
}

static void
a_goodbye_sets_the_least_wait(void **state)
{
	struct hand *h = *state;

	hand_greet(h, NULL, 0);
	hand_step(h, (struct sync_input){ .type = IN_BYE, .bye.after = 30000 });
	hand_down(h, 4503);
	assert_true(hand_fx(h, FX_LINK, 0)->link.retry_ms >= 30000);
}

static void
thirty_seconds_live_make_the_next_wait_small(void **state)
{
	struct hand *h = *state;

	online(h);
	hand_settle(h);
	for (int i = 0; i < 8; i++) {
		hand_down(h, 0);
		hand_advance(h, 60000);
	}
	hand_step(h, (struct sync_input){ .type = IN_UP });
	hand_step(h, (struct sync_input){ .type = IN_WELCOME, .welcome = { .user = "ann",
			.since = "", .limits = { 1, 1, 1, 25 } } });
	assert_int_equal(sync_link(h->s), LINK_ONLINE);
	hand_advance(h, 30000);
	hand_settle(h);
	hand_down(h, 1006);
	assert_in_range(hand_fx(h, FX_LINK, 0)->link.retry_ms, 500, 1000);
}

static void
the_final_close_codes_stop_and_say_why(void **state)
{
	static const int codes[] = { 4401, 4406, 4409 };

	for (size_t i = 0; i < 3; i++) {
		struct hand h;

		hand_init(&h);
		hand_greet(&h, NULL, 0);
		hand_settle(&h);
		hand_down(&h, codes[i]);
		assert_int_equal(sync_link(h.s), LINK_STOPPED);
		assert_true(strlen(sync_why(h.s)) > 10);
		hand_advance(&h, 10000000);
		assert_null(hand_fx(&h, FX_DIAL, 0));
		hand_done(&h);
	}
	(void)state;
}

static void
other_close_codes_try_again(void **state)
{
	struct hand *h = *state;

	hand_greet(h, NULL, 0);
	hand_settle(h);
	hand_down(h, 4429);
	assert_int_equal(sync_link(h->s), LINK_WAITING);
}

static void
the_servers_words_are_the_reason(void **state)
{
	struct hand *h = *state;

	online(h);
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_UP });
	hand_step(h, (struct sync_input){ .type = IN_ERROR, .error = { -1, CODE_AUTH,
			"this token was taken back" } });
	hand_down(h, 4401);
	assert_string_equal(sync_why(h->s), "this token was taken back");
	assert_int_equal(sync_why_code(h->s), CODE_AUTH);
}

static void
a_new_token_dials_again(void **state)
{
	struct hand *h = *state;

	hand_greet(h, NULL, 0);
	hand_settle(h);
	hand_down(h, 4401);
	hand_step(h, (struct sync_input){ .type = IN_TOKEN });
	assert_non_null(hand_fx(h, FX_DIAL, 0));
}

static void
another_user_on_this_mirror_is_refused(void **state)
{
	struct hand *h = *state;

	sync_load(h->s, "bob", "d_1", "", 0);
	online(h);
	hand_step(h, (struct sync_input){ .type = IN_UP });
	hand_step(h, (struct sync_input){ .type = IN_WELCOME, .welcome = { .user = "ann",
			.since = "", .limits = { 1, 1, 1, 1 } } });
	assert_non_null(hand_fx(h, FX_HANGUP, 0));
	assert_int_equal(sync_link(h->s), LINK_STOPPED);
}

static void
silence_is_probed_and_then_ends_it(void **state)
{
	struct hand *h = *state;

	hand_greet(h, NULL, 0);
	hand_settle(h);
	hand_advance(h, 24999);
	assert_null(hand_fx(h, FX_PING, 0));
	hand_advance(h, 1);
	assert_non_null(hand_fx(h, FX_PING, 0));
	hand_advance(h, 20000);
	assert_null(hand_fx(h, FX_PING, 0));	/* one is enough */
	hand_advance(h, 15000);
	assert_int_equal(hand_fx(h, FX_HANGUP, 0)->hangup.code, 4408);
	assert_int_equal(sync_link(h->s), LINK_WAITING);
}

static void
any_frame_is_life(void **state)
{
	struct hand *h = *state;

	hand_greet(h, NULL, 0);
	hand_settle(h);
	hand_advance(h, 20000);
	hand_step(h, (struct sync_input){ .type = IN_ALIVE });
	hand_advance(h, 20000);
	assert_null(hand_fx(h, FX_PING, 0));
}

static void
a_wake_dials_at_once_or_probes_for_five_seconds(void **state)
{
	struct hand *h = *state;

	hand_greet(h, NULL, 0);
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_WAKE });
	assert_non_null(hand_fx(h, FX_PING, 0));
	hand_advance(h, 5000);
	assert_int_equal(sync_link(h->s), LINK_WAITING);
	hand_step(h, (struct sync_input){ .type = IN_WAKE });
	assert_non_null(hand_fx(h, FX_DIAL, 0));
}

static void
a_greeting_without_answer_is_given_up(void **state)
{
	struct hand *h = *state;

	online(h);
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_UP });
	hand_advance(h, 20000);
	assert_non_null(hand_fx(h, FX_HANGUP, 0));
	assert_int_equal(sync_link(h->s), LINK_WAITING);
}

static void
offline_hangs_up_and_stays(void **state)
{
	struct hand *h = *state;

	hand_greet(h, NULL, 0);
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_ONLINE, .online = false });
	assert_non_null(hand_fx(h, FX_HANGUP, 0));
	hand_advance(h, 10000000);
	assert_int_equal(h->fx.n, 0);
	assert_int_equal(sync_link(h->s), LINK_OFFLINE);
}

static void
a_failed_commit_asks_for_a_new_core(void **state)
{
	struct hand *h = *state;

	online(h);
	h->commit = NULL;
	hand_step(h, (struct sync_input){ .type = IN_STORED, .is_stored = false });
	assert_non_null(hand_fx(h, FX_RELOAD, 0));
	assert_null(hand_fx(h, FX_DIAL, 0));
}

static void
frames_of_a_dead_connection_mean_nothing(void **state)
{
	struct head head = hand_head(C1, 5);
	struct hand *h = *state;

	hand_greet(h, &head, 1);
	hand_settle(h);
	hand_down(h, 1006);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL, .seq = 5 });
	hand_events(h, 0, 0, 5);
	assert_null(h->commit);
}

static void
a_conversation_without_a_head_is_asked_for(void **state)
{
	struct sync_pong_head heads[] = { { "c_new", "e9", 4 } };
	struct hand *h = *state;

	hand_greet(h, NULL, 0);
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_PONG, .pong = { 1, heads, 1 } });
	assert_non_null(hand_fx(h, FX_HANGUP, 0));
	assert_non_null(hand_fx(h, FX_DIAL, 0));	/* without a pause */
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_device_is_durable_before_the_first_dial),
		test(an_empty_account_is_live_at_once),
		test(a_failure_backs_off_with_jitter_and_grows),
		test(a_goodbye_sets_the_least_wait),
		test(thirty_seconds_live_make_the_next_wait_small),
		test(the_final_close_codes_stop_and_say_why),
		test(other_close_codes_try_again),
		test(the_servers_words_are_the_reason),
		test(a_new_token_dials_again),
		test(another_user_on_this_mirror_is_refused),
		test(silence_is_probed_and_then_ends_it),
		test(any_frame_is_life),
		test(a_wake_dials_at_once_or_probes_for_five_seconds),
		test(a_greeting_without_answer_is_given_up),
		test(offline_hangs_up_and_stays),
		test(a_failed_commit_asks_for_a_new_core),
		test(frames_of_a_dead_connection_mean_nothing),
		test(a_conversation_without_a_head_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
