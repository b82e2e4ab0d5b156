/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outbox: lanes, answers, and that a row leaves only with its record or a refusal. */
#include "test.h"

#include <string.h>

#include "base/mem.h"
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
reconnect(struct hand *h, int64_t head_seq)
{
	struct head head = hand_head(C1, head_seq);

	hand_settle(h);
	hand_advance(h, 60000);
	hand_greet(h, &head, 1);
}

static enum outbox_state
state_of(struct hand *h, const char *cid)
{
	struct sync_sending row;

	assert_true(sync_find_row(h->s, cid, &row));
	return row.state;
}

static void
a_row_is_durable_before_it_goes_out(void **state)
{
	struct hand *h = *state;
	const struct change *ch;

	hand_live(h, 0);
	hand_send(h, U(1));
	ch = hand_change(h, CHANGE_OUT_ADD, 0);
	assert_true(h->commit->is_own);
	assert_int_equal(ch->out_add.lane, 1);
	assert_int_equal(ch->out_add.state, OUTBOX_SENT);
	assert_null(hand_fx(h, FX_SEND, 0));
	hand_store(h);
	assert_string_equal(hand_fx(h, FX_SEND, 0)->send.cid, U(1));
	assert_int_equal(hand_fx(h, FX_SEND, 0)->send.lane, 1);
	assert_int_equal(hand_fx(h, FX_SEND, 0)->send.ttl, -1);
}

static void
an_acknowledged_row_leaves_with_its_record(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_store(h);
	hand_ack(h, U(1), 1);
	assert_int_equal(hand_fx(h, FX_ACKED, 0)->acked.seq, 1);
	assert_null(h->commit);
	assert_int_equal(state_of(h, U(1)), OUTBOX_ACKED);
	hand_own_event(h, 1, "ann", U(1));
	/* both in one transaction */
	assert_non_null(hand_change(h, CHANGE_RECORDS, 0));
	assert_string_equal(hand_change(h, CHANGE_OUT_REMOVE, 0)->out_remove.cid, U(1));
	assert_int_equal(sync_outbox_rows(h->s), 0);
}

static void
the_record_may_come_before_the_acknowledgement(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_store(h);
	hand_own_event(h, 1, "ann", U(1));
	assert_non_null(hand_change(h, CHANGE_OUT_REMOVE, 0));
	hand_settle(h);
	hand_ack(h, U(1), 1);
	assert_null(hand_fx(h, FX_ACKED, 0));
	assert_null(h->commit);
}

static void
somebody_elses_record_with_our_cid_settles_nothing(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_store(h);
	hand_own_event(h, 1, "mallory", U(1));
	assert_null(hand_change(h, CHANGE_OUT_REMOVE, 0));
	assert_int_equal(sync_outbox_rows(h->s), 1);
}

static void
no_more_are_under_way_than_the_server_allows(void **state)
{
	static const char *const cids[] = { U(1), U(2), U(3), U(4), U(5), U(6) };
	struct hand *h = *state;

	hand_live(h, 0);	/* inflight 4 */
	for (size_t i = 0; i < 6; i++)
		hand_send(h, cids[i]);
	hand_store(h);
	assert_int_equal(hand_count(h, FX_SEND), 1);
	hand_store(h);
	assert_int_equal(hand_count(h, FX_SEND), 3);
	hand_ack(h, U(1), 1);
	assert_int_equal(hand_count(h, FX_SEND), 1);
	assert_int_equal(hand_fx(h, FX_SEND, 0)->send.lane, 5);
}

static void
offline_rows_are_declared_before_they_go_out(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_down(h, 1006);
	hand_send(h, U(1));
	assert_int_equal(hand_change(h, CHANGE_OUT_ADD, 0)->out_add.state, OUTBOX_QUEUED);
	reconnect(h, 0);
	assert_null(hand_fx(h, FX_SEND, 0));
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL });
	hand_store(h);
	assert_int_equal(hand_change(h, CHANGE_OUT_STATE, 0)->out_state.state, OUTBOX_SENT);
	assert_null(hand_fx(h, FX_SEND, 0));
	hand_store(h);
	assert_non_null(hand_fx(h, FX_SEND, 0));
}

static void
a_lost_answer_sends_the_same_cid_and_lane_again(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_send(h, U(2));
	hand_settle(h);
	hand_down(h, 1006);
	assert_int_equal(state_of(h, U(1)), OUTBOX_UNKNOWN);
	reconnect(h, 0);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL });
	assert_string_equal(hand_fx(h, FX_SEND, 0)->send.cid, U(1));
	assert_int_equal(hand_fx(h, FX_SEND, 0)->send.lane, 1);
	assert_string_equal(hand_fx(h, FX_SEND, 1)->send.cid, U(2));
}

static void
a_server_that_may_store_twice_is_asked_first(void **state)
{
	struct sync_input welcome = { .type = IN_WELCOME, .welcome = { .user = "ann", .since = "",
		.limits = { 1000, 100, 4, 25 } } };
	struct head head = hand_head(C1, 1);
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_store(h);
	hand_down(h, 1006);
	hand_advance(h, 60000);
	hand_step(h, (struct sync_input){ .type = IN_UP });
	welcome.welcome.heads = &head;
	welcome.welcome.n_heads = 1;
	hand_step(h, welcome);		/* no promise about repeated cids */
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL, .seq = 1 });
	assert_null(hand_fx(h, FX_SEND, 0));
	hand_own_event(h, 1, "ann", U(1));	/* the log says that it arrived */
	hand_settle(h);
	assert_null(hand_fx(h, FX_SEND, 0));
	assert_int_equal(sync_outbox_rows(h->s), 0);
}

static void
a_refusal_is_stored_and_the_next_lane_follows(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_send(h, U(2));
	hand_settle(h);
	hand_nack(h, U(1), CODE_FORBIDDEN, false, -1, -1);
	assert_int_equal(hand_change(h, CHANGE_OUT_STATE, 0)->out_state.state, OUTBOX_REFUSED);
	assert_string_equal(hand_change(h, CHANGE_OUT_STATE, 0)->out_state.code, "forbidden");
	assert_string_equal(hand_change(h, CHANGE_OUT_STATE, 0)->out_state.error, "because");
	hand_settle(h);
	hand_ack(h, U(2), 1);
	assert_int_equal(hand_fx(h, FX_ACKED, 0)->acked.seq, 1);
	assert_int_equal(sync_outbox_rows(h->s), 2);
	hand_own_event(h, 1, "ann", U(2));
	hand_settle(h);
	assert_int_equal(sync_outbox_waiting(h->s), 0);
	assert_int_equal(state_of(h, U(1)), OUTBOX_REFUSED);
}

static void
rate_waits_as_told_and_keeps_the_order(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_send(h, U(2));
	hand_settle(h);
	hand_nack(h, U(1), CODE_RATE, true, 2000, -1);
	assert_int_equal(hand_fx(h, FX_WAITING, 0)->waiting.after, 2000);
	hand_nack(h, U(2), CODE_ORDER, true, -1, 1);
	assert_null(hand_fx(h, FX_SEND, 0));
	hand_advance(h, 1999);
	assert_null(hand_fx(h, FX_SEND, 0));
	hand_advance(h, 1);
	assert_string_equal(hand_fx(h, FX_SEND, 0)->send.cid, U(1));
	assert_string_equal(hand_fx(h, FX_SEND, 1)->send.cid, U(2));
	assert_int_equal(hand_fx(h, FX_SEND, 1)->send.lane, 2);
}

static void
order_with_a_lower_number_renumbers_in_one_transaction(void **state)
{
	struct saved_row rows[] = {
		{ U(1), OUTBOX_SENT, 7, -1, 1, 0, 10 }, { U(2), OUTBOX_SENT, 8, -1, 1, 0, 10 } };
	struct saved_conv saved = { .conv = C1, .name = "#room", .epoch = "e1", .cursor_id = "",
		.kind = CONV_ROOM, .lane_next = 9, .rows = rows, .n_rows = 2 };
	struct head head = hand_head(C1, 0);
	struct hand *h = *state;
	const struct change *ch;

	sync_load(h->s, "ann", "d_1", "", 0);
	sync_load_conv(h->s, &saved);
	hand_greet(h, &head, 1);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL });
	hand_settle(h);
	hand_nack(h, U(1), CODE_ORDER, true, -1, 3);
	assert_null(hand_change(h, CHANGE_LANE_SHIFT, 0));	/* one is still under way */
	hand_nack(h, U(2), CODE_ORDER, true, -1, 3);
	ch = hand_change(h, CHANGE_LANE_SHIFT, 0);
	assert_int_equal(ch->shift.from, 7);
	assert_int_equal(ch->shift.by, -4);
	assert_null(hand_fx(h, FX_SEND, 0));
	hand_store(h);
	assert_int_equal(hand_fx(h, FX_SEND, 0)->send.lane, 3);
	assert_int_equal(hand_fx(h, FX_SEND, 1)->send.lane, 4);
	hand_send(h, U(3));
	assert_int_equal(hand_change(h, CHANGE_OUT_ADD, 0)->out_add.lane, 5);
}

static void
a_spent_lane_renews_the_device_and_every_number(void **state)
{
	struct hand *h = *state;
	char device[80];

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_send(h, U(2));
	hand_settle(h);
	hand_ack(h, U(1), 1);
	hand_own_event(h, 1, "ann", U(1));
	hand_settle(h);
	str_copy(device, sizeof device, sync_device(h->s));
	hand_nack(h, U(2), CODE_LANE, false, -1, -1);
	assert_non_null(hand_fx(h, FX_HANGUP, 0));
	assert_non_null(hand_change(h, CHANGE_LANE_RESET, 0));
	assert_string_not_equal(sync_device(h->s), device);
	hand_advance(h, 60000);
	assert_null(hand_fx(h, FX_DIAL, 0));	/* not before it is stored */
	hand_store(h);
	assert_non_null(hand_fx(h, FX_DIAL, 0));
	hand_step(h, (struct sync_input){ .type = IN_UP });
	assert_string_equal(hand_fx(h, FX_HELLO, 0)->hello.device, sync_device(h->s));
}

static void
an_unsent_row_is_dropped_and_the_rest_moves_up(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_down(h, 1006);
	hand_send(h, U(1));
	hand_send(h, U(2));
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_DROP, .drop.cid = U(1) });
	assert_int_equal(hand_change(h, CHANGE_OUT_REMOVE, 0)->out_remove.why, OUTBOX_DROPPED);
	assert_int_equal(hand_change(h, CHANGE_LANE_SHIFT, 0)->shift.from, 2);
	assert_int_equal(hand_change(h, CHANGE_LANE_SHIFT, 0)->shift.by, -1);
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_DROP, .drop.cid = U(2) });
	hand_settle(h);
	hand_send(h, U(3));
	assert_int_equal(hand_change(h, CHANGE_OUT_ADD, 0)->out_add.lane, 1);
}

static void
a_sent_row_is_withdrawn_by_ttl_zero(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_settle(h);
	hand_down(h, 1006);
	assert_int_equal(hand_change(h, CHANGE_OUT_STATE, 0)->out_state.tries, 1);
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_DROP, .drop.cid = U(1) });
	assert_int_equal(hand_change(h, CHANGE_OUT_STATE, 0)->out_state.ttl_ms, 0);
	reconnect(h, 0);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL });
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_TIMER });
	hand_nack(h, U(1), CODE_EXPIRED, false, -1, -1);
	assert_int_equal(hand_change(h, CHANGE_OUT_REMOVE, 0)->out_remove.why, OUTBOX_DROPPED);
	assert_int_equal(sync_outbox_rows(h->s), 0);
}

static void
a_limited_time_is_restated_at_every_attempt(void **state)
{
	struct sync_input in = { .type = IN_SEND, .send = { .conv = C1, .cid = U(1), .ref = "",
		.body = "{\"text\":\"x\"}", .body_n = 12, .kind = REC_MSG, .ttl_ms = 100000 } };
	struct hand *h = *state;

	hand_live(h, 0);
	hand_step(h, in);
	hand_store(h);
	assert_int_equal(hand_fx(h, FX_SEND, 0)->send.ttl, 100000);
	hand_down(h, 1006);
	reconnect(h, 0);		/* a minute later */
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL });
	assert_int_equal(hand_fx(h, FX_SEND, 0)->send.ttl, 40000);
	hand_settle(h);
	hand_nack(h, U(1), CODE_EXPIRED, false, -1, -1);
	assert_int_equal(hand_change(h, CHANGE_OUT_STATE, 0)->out_state.state, OUTBOX_EXPIRED);
}

static void
an_acknowledged_record_in_a_hole_is_fetched(void **state)
{
	struct hand *h = *state;
	struct head head = hand_head(C1, 800);

	hand_live(h, 5);
	hand_send(h, U(1));
	hand_settle(h);
	hand_down(h, 1006);
	hand_advance(h, 60000);
	hand_greet(h, &head, 1);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_SKIP, .seq = 800, .from = 700 });
	hand_events(h, 700, 700, 800);
	hand_settle(h);
	hand_ack(h, U(1), 300);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.lo, 299);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.hi, 300);
	assert_int_equal(sync_outbox_rows(h->s), 1);
}

static void
an_acknowledgement_by_another_log_is_asked_for_again(void **state)
{
	struct hand *h = *state;
	struct sync_input ack = { .type = IN_ACK, .ack = { C1, "e2", U(1), "x", 4, 5, false } };
	struct sync_subbed sub = { .conv = C1, .epoch = "e1", .mode = SUBBED_RESET, .seq = 3,
		.keep = -1 };
	struct sync_input anew = { .type = IN_SUBBED, .subbed = { 0, &sub, 1 } };

	hand_live(h, 3);
	hand_send(h, U(1));
	hand_settle(h);
	hand_step(h, ack);
	anew.subbed.re = -1;
	hand_step(h, anew);
	hand_settle(h);
	sub.mode = SUBBED_TAIL;
	anew.subbed.re = 2;
	hand_step(h, anew);
	assert_int_equal(sync_outbox_rows(h->s), 1);
	assert_null(hand_change(h, CHANGE_OUT_REMOVE, 0));
}

static void
a_place_that_another_record_holds_is_of_another_log(void **state)
{
	struct hand *h = *state;

	hand_live(h, 3);
	hand_send(h, U(1));
	hand_settle(h);
	hand_ack(h, U(1), 3);
	assert_non_null(hand_change(h, CHANGE_REBASE, 0));
	assert_int_equal(hand_change(h, CHANGE_REBASE, 0)->rebase.keep, 2);
	assert_null(hand_change(h, CHANGE_OUT_REMOVE, 0));
	assert_int_equal(sync_outbox_rows(h->s), 1);
}

static void
an_acknowledged_record_behind_the_floor_needs_no_row(void **state)
{
	struct hand *h = *state;

	hand_live(h, 5);
	hand_send(h, U(1));
	hand_settle(h);
	hand_down(h, 1006);
	reconnect(h, 5);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL, .seq = 5, .floor = 4 });
	hand_settle(h);
	hand_ack(h, U(1), 3);
	assert_non_null(hand_change(h, CHANGE_OUT_REMOVE, 0));
}

static void
a_refused_row_is_tried_again_under_a_new_cid(void **state)
{
	struct sync_input in = { .type = IN_RETRY, .retry = { .cid = U(1), .new_cid = U(9),
		.ref = "", .body = "{\"text\":\"x\"}", .body_n = 12, .kind = REC_MSG } };
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_settle(h);
	hand_nack(h, U(1), CODE_FORBIDDEN, false, -1, -1);
	hand_settle(h);
	hand_step(h, in);
	assert_string_equal(hand_change(h, CHANGE_OUT_ADD, 0)->out_add.cid, U(9));
	assert_int_equal(hand_change(h, CHANGE_OUT_ADD, 0)->out_add.lane, 2);
	assert_string_equal(hand_change(h, CHANGE_OUT_REMOVE, 0)->out_remove.cid, U(1));
}

static void
rows_added_while_a_fork_is_stored_follow_the_others(void **state)
{
	struct saved_row rows[] = { { U(8), OUTBOX_SENT, 1, -1, 1, 0, 10 } };
	struct saved_conv saved = { .conv = C1, .name = "#room", .epoch = "e2", .cursor_id = "",
		.kind = CONV_ROOM, .lane_next = 2, .rows = rows, .n_rows = 1 };
	struct hand *h = *state;
	const struct change *ch;

	hand_live(h, 5);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_RESET, .epoch = "e2", .keep = 0 });
	hand_send(h, U(1));		/* gathers while the fork is being stored */
	hand_store(h);
	hand_step(h, (struct sync_input){ .type = IN_LOADED, .loaded = &saved });
	hand_store(h);
	ch = hand_change(h, CHANGE_LANE_SHIFT, 0);
	assert_non_null(ch);
	hand_settle(h);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL, .epoch = "e2" });
	assert_string_equal(hand_fx(h, FX_SEND, 0)->send.cid, U(8));
	assert_int_equal(hand_fx(h, FX_SEND, 0)->send.lane, 1);
	assert_string_equal(hand_fx(h, FX_SEND, 1)->send.cid, U(1));
	assert_int_equal(hand_fx(h, FX_SEND, 1)->send.lane, 2);
}

static void
order_said_to_a_later_row_is_old_when_an_earlier_one_is_answered(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_send(h, U(2));
	hand_settle(h);
	hand_nack(h, U(1), CODE_BUSY, true, 1000, -1);
	hand_advance(h, 1000);
	assert_string_equal(hand_fx(h, FX_SEND, 0)->send.cid, U(1));
	hand_nack(h, U(2), CODE_ORDER, true, -1, 1);
	hand_ack(h, U(1), 1);
	assert_string_equal(hand_fx(h, FX_SEND, 0)->send.cid, U(2));
	assert_int_equal(hand_fx(h, FX_SEND, 0)->send.lane, 2);
}

static void
answers_order_without_progress_slow_down(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_settle(h);
	for (int i = 0; i < 4; i++) {
		hand_nack(h, U(1), CODE_ORDER, true, -1, 1);
		if (i < 3)
			assert_non_null(hand_fx(h, FX_SEND, 0));
	}
	assert_null(hand_fx(h, FX_SEND, 0));
	hand_advance(h, 60000);
	assert_true(hand_fx(h, FX_SEND, 0) != NULL || hand_fx(h, FX_HANGUP, 0) != NULL);
}

static void
a_row_that_is_never_answered_ends_the_connection(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_send(h, U(1));
	hand_settle(h);
	for (int i = 0; i < 6; i++) {
		hand_step(h, (struct sync_input){ .type = IN_ALIVE });
		hand_advance(h, 10000);
	}
	assert_int_equal(sync_link(h->s), LINK_WAITING);
	assert_int_equal(state_of(h, U(1)), OUTBOX_UNKNOWN);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_row_is_durable_before_it_goes_out),
		test(an_acknowledged_row_leaves_with_its_record),
		test(the_record_may_come_before_the_acknowledgement),
		test(somebody_elses_record_with_our_cid_settles_nothing),
		test(no_more_are_under_way_than_the_server_allows),
		test(offline_rows_are_declared_before_they_go_out),
		test(a_lost_answer_sends_the_same_cid_and_lane_again),
		test(a_server_that_may_store_twice_is_asked_first),
		test(a_refusal_is_stored_and_the_next_lane_follows),
		test(rate_waits_as_told_and_keeps_the_order),
		test(order_with_a_lower_number_renumbers_in_one_transaction),
		test(a_spent_lane_renews_the_device_and_every_number),
		test(an_unsent_row_is_dropped_and_the_rest_moves_up),
		test(a_sent_row_is_withdrawn_by_ttl_zero),
		test(a_limited_time_is_restated_at_every_attempt),
		test(an_acknowledged_record_in_a_hole_is_fetched),
		test(an_acknowledgement_by_another_log_is_asked_for_again),
		test(a_place_that_another_record_holds_is_of_another_log),
		test(an_acknowledged_record_behind_the_floor_needs_no_row),
		test(a_refused_row_is_tried_again_under_a_new_cid),
		test(rows_added_while_a_fork_is_stored_follow_the_others),
		test(order_said_to_a_later_row_is_old_when_an_earlier_one_is_answered),
		test(answers_order_without_progress_slow_down),
		test(a_row_that_is_never_answered_ends_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
