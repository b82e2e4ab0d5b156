/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The edges: limits reached, names that are too long, answers that make no sense. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sync/hand.h"

#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"
#define HUGE ((int64_t)1 << 62)

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
a_new_core_knows_nothing(void **state)
{
	struct sync *s = sync_new(1);
	struct sync_sending row;
	struct sync_conv c;

	(void)state;
	assert_false(sync_find(s, "#room", &c));
	assert_false(sync_conv_at(s, 0, &c));
	assert_false(sync_find_row(s, U(1), &row));
	assert_false(sync_has_heads(s));
	assert_int_equal(sync_retry_ms(s), 0);
	sync_free(s);
	sync_free(NULL);
}

static void
a_device_is_named_when_it_is_needed(void **state)
{
	struct hand *h = *state;

	hand_step(h, (struct sync_input){ .type = IN_TIMER });
	assert_string_equal(sync_device(h->s), "");
	hand_step(h, (struct sync_input){ .type = IN_ONLINE, .online = true });
	assert_string_not_equal(sync_device(h->s), "");
}

static void
a_server_on_this_machine_is_tried_again_soon(void **state)
{
	struct hand *h = *state;

	sync_set_local(h->s, true);
	hand_step(h, (struct sync_input){ .type = IN_ONLINE, .online = true });
	hand_settle(h);
	for (int i = 0; i < 9; i++) {
		hand_down(h, 0);
		assert_true(sync_retry_ms(h->s) <= 2000);
		hand_advance(h, 2000);
	}
}

static void
nothing_is_dialled_before_the_new_device_is_stored(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_settle(h);
	hand_nack(h, U(1), CODE_LANE, false, -1, -1);
	hand_advance(h, 60000);
	assert_null(hand_fx(h, FX_DIAL, 0));
	assert_int_equal(sync_retry_ms(h->s), 0);
	hand_settle(h);
	assert_non_null(hand_fx(h, FX_DIAL, 0));
}

static void
welcome(struct hand *h, const char *user, const char *since, struct sync_limits limits)
{
	struct sync_input in = { .type = IN_WELCOME };

	hand_step(h, (struct sync_input){ .type = IN_ONLINE, .online = true });
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_UP });
	in.welcome.user = user;
	in.welcome.since = since;
	in.welcome.limits = limits;
	in.welcome.more = true;
	hand_step(h, in);
}

static void
limits_of_a_server_are_held_within_reason(void **state)
{
	struct hand *h = *state;

	welcome(h, "ann", "w", (struct sync_limits){ 0, 0, -5, 0 });
	assert_int_equal(sync_limits(h->s)->body, 1);
	assert_int_equal(sync_limits(h->s)->fetch, 1);
	assert_int_equal(sync_limits(h->s)->inflight, 1);
	assert_int_equal(sync_limits(h->s)->ping_s, 1);
	assert_false(sync_has_heads(h->s));
}

static void
heads(struct hand *h, const char *since)
{
	struct sync_input in = { .type = IN_HEADS };

	in.heads.since = since;
	in.heads.more = true;
	hand_step(h, in);
}

static void
a_since_that_is_too_long_is_not_kept(void **state)
{
	struct hand *h = *state;
	struct sync_input in = { .type = IN_HEADS };

	welcome(h, LONG LONG, LONG LONG, (struct sync_limits){ 1000, 100, 4, 25 });
	assert_string_equal(sync_user(h->s), "");
	heads(h, "w_2");
	heads(h, LONG LONG);
	in.heads.since = "";
	hand_step(h, in);
	assert_true(sync_has_heads(h->s));
	hand_settle(h);
	hand_down(h, 1006);
	hand_advance(h, 60000);
	hand_step(h, (struct sync_input){ .type = IN_UP });
	assert_string_equal(hand_fx(h, FX_HELLO, 0)->hello.since, "");
}

static void
an_expired_row_may_be_dropped_or_sent_anew(void **state)
{
	struct hand *h = *state;
	struct sync_input again = { .type = IN_RETRY };

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_send(h, U(2));
	hand_settle(h);
	hand_nack(h, U(1), CODE_EXPIRED, false, -1, -1);
	hand_nack(h, U(2), CODE_EXPIRED, false, -1, -1);
	hand_step(h, (struct sync_input){ .type = IN_DROP, .drop = { U(1) } });
	again.retry.cid = U(2);
	again.retry.new_cid = U(3);
	again.retry.ref = "";
	again.retry.body = "{\"text\":\"x\"}";
	again.retry.body_n = 12;
	again.retry.kind = REC_MSG;
	hand_step(h, again);
	hand_settle(h);
	assert_int_equal(sync_outbox_rows(h->s), 1);
}

static void
rows_tell_how_far_they_are(void **state)
{
	struct hand *h = *state;
	struct sync_sending row;

	hand_live(h, 5);
	hand_send(h, U(1));
	assert_true(sync_find_row(h->s, U(1), &row));
	assert_int_equal(row.state, OUTBOX_QUEUED);
	hand_settle(h);
	assert_true(sync_find_row(h->s, U(1), &row));
	assert_int_equal(row.state, OUTBOX_SENT);
	hand_ack(h, U(1), 6);
	assert_true(sync_find_row(h->s, U(1), &row));
	assert_int_equal(row.state, OUTBOX_ACKED);
	assert_int_equal(row.seq, 6);
}

static void
an_ack_whose_predecessor_makes_no_sense_is_taken(void **state)
{
	struct hand *h = *state;
	struct sync_input in = { .type = IN_ACK };

	hand_live(h, 5);
	hand_send(h, U(1));
	hand_settle(h);
	in.ack.conv = C1;
	in.ack.epoch = "e1";
	in.ack.cid = U(1);
	in.ack.id = "x";
	in.ack.prev = -1;
	in.ack.seq = 6;
	hand_step(h, in);
	hand_own_event(h, 6, "ann", U(1));
	hand_settle(h);
	assert_int_equal(sync_outbox_rows(h->s), 0);
}

static void
order_without_a_number_repeats_our_own(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_settle(h);
	hand_nack(h, U(1), CODE_ORDER, true, -1, 0);
	assert_int_equal(hand_fx(h, FX_SEND, 0)->send.lane, 1);
}

static void
many_rows_are_declared_a_part_at_a_time(void **state)
{
	struct hand *h = *state;
	char cid[ID_SIZE];
	size_t declared = 0;

	hand_live(h, 0);
	hand_down(h, 1006);
	for (int i = 0; i < 300; i++) {
		snprintf(cid, sizeof cid, "018f0000-0000-7000-8000-%012d", i);
		hand_send(h, cid);
	}
	hand_settle(h);
	hand_advance(h, 60000);
	hand_greet(h, &(struct head){ .conv = C1, .name = "#room", .topic = "", .epoch = "e1",
		.id = "", .kind = CONV_ROOM }, 1);
	hand_settle(h);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL });
	while (hand_change(h, CHANGE_OUT_STATE, declared) != NULL)
		declared++;
	assert_int_equal(declared, 256);
}

static void
large_bodies_are_not_all_sent_at_once(void **state)
{
	struct hand *h = *state;
	struct sync_input in = { .type = IN_SEND };
	char cids[3][ID_SIZE];
	char *body = xcalloc(1, 300001);

	memset(body, 'x', 300000);
	hand_live(h, 0);
	in.send.conv = C1;
	in.send.ref = "";
	in.send.body = body;
	in.send.body_n = 300000;
	in.send.kind = REC_MSG;
	for (int i = 0; i < 3; i++) {
		snprintf(cids[i], sizeof cids[i], "018f0000-0000-7000-8000-%012d", i);
		in.send.cid = cids[i];
		hand_step(h, in);
	}
	hand_store(h);
	hand_store(h);
	free(body);
	assert_true(hand_count(h, FX_SEND) < 3);
	hand_settle(h);
}

static void
a_row_beyond_the_limit_of_the_outbox_is_not_taken(void **state)
{
	struct hand *h = *state;
	char cid[ID_SIZE];

	hand_live(h, 0);
	hand_down(h, 1006);
	for (int i = 0; i <= SYNC_OUTBOX_MAX; i++) {
		snprintf(cid, sizeof cid, "018f0000-0000-7000-8000-%012d", i);
		hand_send(h, cid);
	}
	assert_int_equal(sync_outbox_rows(h->s), SYNC_OUTBOX_MAX);
}

static void
too_many_wishes_for_history_are_refused(void **state)
{
	struct hand *h = *state;
	struct head head = hand_head(C1, 800);

	hand_greet(h, &head, 1);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_SKIP, .seq = 800, .from = 700 });
	hand_events(h, 700, 700, 800);
	hand_settle(h);
	for (int i = 1; i <= SYNC_FETCHES_MAX + 1; i++)
		hand_step(h, (struct sync_input){ .type = IN_FETCH,
			.fetch = { i, C1, i, i + 10 } });
	assert_int_equal(hand_fx(h, FX_FETCHED, 0)->fetched.code, CODE_BUSY);
}

static void
what_an_ack_places_below_a_skip_is_fetched(void **state)
{
	struct hand *h = *state;
	struct head head = hand_head(C1, 700);

	hand_greet(h, &head, 1);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_SKIP, .seq = 700, .from = 700 });
	hand_send(h, U(1));
	hand_settle(h);
	hand_ack(h, U(1), 650);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.hi, 650);
}

static void
what_was_lost_while_catching_up_is_fetched(void **state)
{
	struct hand *h = *state;
	struct head head = hand_head(C1, 5);
	struct sync_pong_head told = { C1, "e1", 5 };

	hand_greet(h, &head, 1);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL, .seq = 5 });
	hand_step(h, (struct sync_input){ .type = IN_PONG, .pong = { 1, &told, 1 } });
	hand_advance(h, 2000);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.hi, 5);
}

static void
an_error_that_answers_nothing_is_no_end(void **state)
{
	struct hand *h = *state;
	struct sync_input in = { .type = IN_ERROR };

	hand_live(h, 5);
	in.error.re = -1;
	in.error.code = CODE_INVALID;
	in.error.message = "?";
	hand_step(h, in);
	assert_null(hand_fx(h, FX_HANGUP, 0));
}

static void
record(struct hand *h, const char *id, int64_t seq)
{
	struct record r = { .seq = seq, .id = id, .kind = REC_MSG, .kind_name = "msg",
		.from = "bob", .device = "", .cid = "", .ref = "", .body = "{}", .body_n = 2 };
	struct sync_input in = { .type = IN_EVENTS };

	in.events.conv = C1;
	in.events.epoch = "e1";
	in.events.prev = seq - 1;
	in.events.v = &r;
	in.events.n = 1;
	hand_step(h, in);
}

static void
a_record_without_id_ends_the_connection(void **state)
{
	struct hand *h = *state;

	hand_live(h, 5);
	record(h, "", 6);
	assert_non_null(hand_fx(h, FX_HANGUP, 0));
}

static void
a_record_with_too_long_an_id_ends_the_connection(void **state)
{
	struct hand *h = *state;

	hand_live(h, 5);
	record(h, LONG, 6);
	assert_non_null(hand_fx(h, FX_HANGUP, 0));
}

static void
more_holes_than_can_be_followed_are_ignored(void **state)
{
	struct hand *h = *state;

	hand_live(h, 5);
	for (int i = 1; i <= 5000; i++)
		record(h, "x", 10 * i);
	assert_null(hand_fx(h, FX_HANGUP, 0));
	hand_settle(h);
}

static void
numbers_that_no_log_reaches_are_ignored(void **state)
{
	struct hand *h = *state;
	struct head head = hand_head(C1, 5);
	struct sync_conv c;

	head.floor = 9;
	hand_greet(h, &head, 1);
	head.floor = 0;
	head.read = -1;
	hand_step(h, (struct sync_input){ .type = IN_HEADS,
		.heads = { .heads = &head, .n_heads = 1, .since = "" } });
	assert_false(sync_find(h->s, C1, &c));
	head.read = 0;
	hand_step(h, (struct sync_input){ .type = IN_HEADS,
		.heads = { .heads = &head, .n_heads = 1, .since = "" } });
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL, .seq = 5, .floor = HUGE });
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL, .seq = 5, .floor = -1 });
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_SKIP, .seq = 5, .from = -1 });
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_SKIP, .seq = 5, .from = HUGE });
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_RESET, .seq = 5, .keep = HUGE });
	assert_true(sync_find(h->s, C1, &c));
	assert_false(c.ready);
	assert_int_equal(c.floor, 0);
}

static void
a_conversation_whose_id_is_too_long_is_not_joined(void **state)
{
	struct hand *h = *state;
	struct sync_input in = { .type = IN_JOINED };
	struct sync_conv c;

	hand_live(h, 0);
	in.joined.conv = LONG LONG LONG LONG LONG;
	in.joined.name = "#none";
	in.joined.topic = "";
	in.joined.kind = CONV_ROOM;
	hand_step(h, in);
	assert_false(sync_find(h->s, "#none", &c));
}

static void
pong(struct hand *h, const char *conv, int64_t seq)
{
	struct sync_pong_head head = { conv, "e1", seq };

	hand_step(h, (struct sync_input){ .type = IN_PONG, .pong = { 1, &head, 1 } });
}

static void
as_many_conversations_as_there_may_be(void **state)
{
	enum { N = SYNC_CONVS_MAX + 1, LIVE = 300 };
	struct hand *h = *state;
	struct head *v = xcalloc(N, sizeof *v);
	char (*ids)[16] = xcalloc(N, sizeof *ids), (*names)[16] = xcalloc(N, sizeof *names);
	struct sync_conv c;

	for (int i = 0; i < N; i++) {
		snprintf(ids[i], sizeof ids[i], "c_%d", i);
		snprintf(names[i], sizeof names[i], "#%d", i);
		v[i] = hand_head(ids[i], 0);
		v[i].name = names[i];
	}
	hand_greet(h, v, N);
	assert_true(sync_find(h->s, names[N - 2], &c));
	assert_false(sync_find(h->s, ids[N - 1], &c));
	for (int i = 0; i < N - 1; i++) {
		assert_true(sync_find(h->s, names[i], &c));
		assert_string_equal(c.conv, ids[i]);
	}
	for (int i = 0; i < LIVE; i++)
		hand_subbed(h, (struct sync_subbed){ .conv = ids[i], .mode = SUBBED_TAIL });
	hand_settle(h);
	for (int i = 0; i < LIVE; i++)
		for (int k = 0; k < 2; k++)
			pong(h, ids[i], 1 + k);
	pong(h, "c_unknown", 1);
	assert_null(hand_fx(h, FX_HANGUP, 0));
	hand_advance(h, 2000);
	assert_non_null(hand_fx(h, FX_FETCH, 0));
	free(v);
	free(ids);
	free(names);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_new_core_knows_nothing),
		test(a_device_is_named_when_it_is_needed),
		test(a_server_on_this_machine_is_tried_again_soon),
		test(nothing_is_dialled_before_the_new_device_is_stored),
		test(limits_of_a_server_are_held_within_reason),
		test(a_since_that_is_too_long_is_not_kept),
		test(an_expired_row_may_be_dropped_or_sent_anew),
		test(rows_tell_how_far_they_are),
		test(an_ack_whose_predecessor_makes_no_sense_is_taken),
		test(order_without_a_number_repeats_our_own),
		test(many_rows_are_declared_a_part_at_a_time),
		test(large_bodies_are_not_all_sent_at_once),
		test(a_row_beyond_the_limit_of_the_outbox_is_not_taken),
		test(too_many_wishes_for_history_are_refused),
		test(what_an_ack_places_below_a_skip_is_fetched),
		test(what_was_lost_while_catching_up_is_fetched),
		test(an_error_that_answers_nothing_is_no_end),
		test(a_record_without_id_ends_the_connection),
		test(a_record_with_too_long_an_id_ends_the_connection),
		test(more_holes_than_can_be_followed_are_ignored),
		test(numbers_that_no_log_reaches_are_ignored),
		test(a_conversation_whose_id_is_too_long_is_not_joined),
		test(as_many_conversations_as_there_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
