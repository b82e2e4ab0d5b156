/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conversations: COLD, SUBBING, TAILING, LIVE; gaps, skips, forks, ends; marks and credit. */
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
greet_with(struct hand *h, int64_t seq)
{
	struct head head = hand_head(C1, seq);

	hand_greet(h, &head, 1);
}

static void
what_is_to_come_is_subscribed_from_the_start(void **state)
{
	struct hand *h = *state;
	const struct sync_effect *e;

	greet_with(h, 5);
	e = hand_fx(h, FX_SUB, 0);
	assert_non_null(e);
	assert_int_equal(e->subs->n, 1);
	assert_string_equal(e->subs->v[0].conv, C1);
	assert_int_equal(e->subs->v[0].seq, 0);
	assert_string_equal(e->subs->v[0].epoch, "");
	assert_int_equal(sync_link(h->s), LINK_SYNCING);
}

static void
a_tail_is_live_when_its_head_is_held(void **state)
{
	struct hand *h = *state;

	greet_with(h, 5);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL, .seq = 5 });
	assert_int_equal(sync_link(h->s), LINK_SYNCING);
	hand_events(h, 0, 0, 3);
	assert_int_equal(sync_link(h->s), LINK_SYNCING);
	hand_events(h, 3, 3, 5);
	assert_int_equal(sync_link(h->s), LINK_ONLINE);
}

static void
an_empty_log_is_live_when_subscribed(void **state)
{
	struct hand *h = *state;

	greet_with(h, 0);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL, .seq = 0 });
	assert_int_equal(sync_link(h->s), LINK_ONLINE);
}

static void
catching_up_is_not_live_and_later_records_are(void **state)
{
	struct hand *h = *state;

	hand_live(h, 5);
	hand_events(h, 5, 5, 6);
	assert_true(hand_change(h, CHANGE_RECORDS, 0)->records.live);
}

static void
a_later_subscription_begins_at_the_newest_record(void **state)
{
	struct hand *h = *state;
	const struct sync_effect *e;
	struct head head = hand_head(C1, 9);

	hand_live(h, 5);
	hand_down(h, 1006);
	hand_advance(h, 60000);
	hand_greet(h, &head, 1);
	e = hand_fx(h, FX_SUB, 0);
	assert_int_equal(e->subs->v[0].seq, 5);
	assert_string_equal(e->subs->v[0].id, "id-5");
	assert_string_equal(e->subs->v[0].epoch, "e1");
}

static void
a_gap_is_kept_as_its_own_range_and_fetched(void **state)
{
	struct hand *h = *state;
	const struct sync_effect *e;

	hand_live(h, 5);
	hand_events(h, 8, 8, 10);
	e = hand_fx(h, FX_FETCH, 0);
	assert_non_null(e);
	assert_int_equal(e->fetch.lo, 5);
	assert_int_equal(e->fetch.hi, 8);
	assert_int_equal(hand_change(h, CHANGE_RECORDS, 0)->records.lo, 8);
	hand_settle(h);
	assert_false(sync_is_caught_up(h->s));
	hand_page(h, e->fetch.tag, 5, 8);
	hand_settle(h);
	assert_true(sync_is_caught_up(h->s));
}

static void
the_newest_record_is_proved_and_a_gap_below_it_is_filled(void **state)
{
	struct hand *h = *state;
	struct head head = hand_head(C1, 10);
	const struct sync_effect *e;

	hand_live(h, 5);
	hand_events(h, 8, 8, 10);
	hand_settle(h);
	hand_down(h, 1006);
	hand_advance(h, 60000);
	hand_greet(h, &head, 1);
	assert_int_equal(hand_fx(h, FX_SUB, 0)->subs->v[0].seq, 10);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL, .seq = 10 });
	e = hand_fx(h, FX_FETCH, 0);
	assert_int_equal(e->fetch.lo, 5);
	assert_int_equal(e->fetch.hi, 8);
	hand_page(h, e->fetch.tag, 5, 8);
	hand_settle(h);
	assert_true(sync_is_caught_up(h->s));
}

static void
a_mark_set_while_the_log_forks_is_of_what_stays(void **state)
{
	struct hand *h = *state;
	struct sync_input mark = { .type = IN_MARK };
	struct saved_conv saved = { .conv = C1, .name = "#room", .epoch = "e2", .cursor_id = "",
		.kind = CONV_ROOM, .head = 3, .lane_next = 1 };
	struct sync_conv c;

	hand_live(h, 5);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_RESET, .epoch = "e2", .keep = 3 });
	mark.mark.conv = C1;
	mark.mark.seq = 5;
	hand_step(h, mark);
	assert_true(sync_find(h->s, C1, &c));
	assert_int_equal(c.read, 3);
	hand_store(h);
	hand_step(h, (struct sync_input){ .type = IN_LOADED, .loaded = &saved });
	assert_true(sync_find(h->s, C1, &c));
	assert_int_equal(c.read, 3);
}

static void
a_skip_leaves_a_hole_that_is_not_fetched(void **state)
{
	struct hand *h = *state;
	struct head head = hand_head(C1, 800);

	hand_live(h, 5);
	hand_down(h, 1006);
	hand_advance(h, 60000);
	hand_greet(h, &head, 1);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_SKIP, .seq = 800, .from = 700 });
	hand_events(h, 700, 700, 800);
	assert_int_equal(sync_link(h->s), LINK_ONLINE);
	/* only what the hole hides about older records is asked for */
	assert_int_equal(hand_count(h, FX_FETCH), 1);
	assert_true(hand_fx(h, FX_FETCH, 0)->fetch.ops_only);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.lo, 5);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.hi, 700);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.refs_hi, 5);
}

static void
trimmed_history_is_no_gap(void **state)
{
	struct hand *h = *state;

	greet_with(h, 50);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL, .seq = 50, .floor = 40 });
	hand_events(h, 40, 40, 50);
	assert_int_equal(sync_link(h->s), LINK_ONLINE);
	assert_null(hand_fx(h, FX_FETCH, 0));
}

static void
a_fork_is_rebased_in_one_transaction_and_subscribed_anew(void **state)
{
	struct span held[] = { { 0, 3 } };
	struct saved_conv saved = { .conv = C1, .name = "#room", .epoch = "e2",
		.cursor_id = "id-3", .kind = CONV_ROOM, .head = 3, .cursor = 3, .lane_next = 1,
		.held = held, .n_held = 1 };
	struct hand *h = *state;
	const struct change *ch;

	hand_live(h, 5);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_RESET, .epoch = "e2", .keep = 3 });
	ch = hand_change(h, CHANGE_REBASE, 0);
	assert_non_null(ch);
	assert_string_equal(ch->rebase.epoch, "e2");
	assert_int_equal(ch->rebase.keep, 3);
	assert_int_equal(ch->rebase.since_ms, h->wall - 7 * 86400000LL);
	assert_true(h->commit->is_own);
	hand_store(h);
	assert_string_equal(hand_fx(h, FX_LOAD, 0)->load.conv, C1);
	assert_null(hand_fx(h, FX_SUB, 0));
	hand_step(h, (struct sync_input){ .type = IN_LOADED, .loaded = &saved });
	assert_int_equal(hand_fx(h, FX_SUB, 0)->subs->v[0].seq, 3);
	assert_string_equal(hand_fx(h, FX_SUB, 0)->subs->v[0].epoch, "e2");
	/* read marks and counts of the new log come with the next heads */
	hand_advance(h, 10000);
	assert_non_null(hand_fx(h, FX_DIAL, 0));
}

static void
a_row_taken_back_while_a_fork_is_stored_stays_away(void **state)
{
	struct saved_row rows[] = { { U(1), OUTBOX_QUEUED, 1, -1, 1, 0, 10 } };
	struct saved_conv saved = { .conv = C1, .name = "#room", .epoch = "e1", .cursor_id = "",
		.kind = CONV_ROOM, .lane_next = 2, .rows = rows, .n_rows = 1 };
	struct head head = hand_head(C1, 0);
	struct hand *h = *state;

	sync_load(h->s, "ann", "d_1", "", 0);
	sync_load_conv(h->s, &saved);
	hand_greet(h, &head, 1);
	hand_settle(h);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_RESET, .epoch = "e2", .keep = 0 });
	hand_step(h, (struct sync_input){ .type = IN_DROP, .drop = { U(1) } });
	hand_store(h);
	saved.epoch = "e2";
	hand_step(h, (struct sync_input){ .type = IN_LOADED, .loaded = &saved });
	assert_int_equal(sync_outbox_rows(h->s), 0);
}

static void
records_of_another_epoch_are_not_taken(void **state)
{
	struct sync_input in = { .type = IN_EVENTS };
	struct record r = { .seq = 6, .id = "x", .kind = REC_MSG, .kind_name = "msg", .from = "bob",
		.device = "", .cid = "", .ref = "", .body = "{}", .body_n = 2 };
	struct hand *h = *state;

	hand_live(h, 5);
	in.events.conv = C1;
	in.events.epoch = "e2";
	in.events.prev = 5;
	in.events.v = &r;
	in.events.n = 1;
	hand_step(h, in);
	assert_null(h->commit);
}

static void
a_new_epoch_while_live_subscribes_with_the_old_one(void **state)
{
	struct hand *h = *state;

	hand_live(h, 5);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_RESET, .epoch = "e2", .keep = -1 });
	assert_string_equal(hand_fx(h, FX_SUB, 0)->subs->v[0].epoch, "e1");
	assert_int_equal(hand_fx(h, FX_SUB, 0)->subs->v[0].seq, 5);
}

static void
gone_closes_and_stays_readable(void **state)
{
	struct sync_conv conv;
	struct hand *h = *state;

	hand_live(h, 5);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_GONE, .code = CODE_FORBIDDEN });
	assert_true(hand_change(h, CHANGE_CLOSED, 0)->closed.closed);
	assert_true(sync_find(h->s, "#room", &conv));
	assert_true(conv.closed);
	hand_settle(h);
	assert_true(sync_is_caught_up(h->s));
}

static void
a_head_opens_it_again(void **state)
{
	struct head head = hand_head(C1, 5);
	struct sync_conv conv;
	struct hand *h = *state;

	hand_live(h, 5);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_GONE, .code = CODE_FORBIDDEN });
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_HEADS, .heads = { &head, 1, false, "" } });
	assert_true(sync_find(h->s, C1, &conv));
	assert_false(conv.closed);
	assert_non_null(hand_fx(h, FX_SUB, 0));
}

static void
records_out_of_order_end_the_connection(void **state)
{
	struct record r[2] = { { .seq = 7, .id = "a", .kind = REC_MSG, .kind_name = "msg",
		.from = "bob", .device = "", .cid = "", .ref = "", .body = "{}", .body_n = 2 } };
	struct sync_input in = { .type = IN_EVENTS };
	struct hand *h = *state;

	hand_live(h, 5);
	r[1] = r[0];
	in.events.conv = C1;
	in.events.epoch = "e1";
	in.events.prev = 5;
	in.events.v = r;
	in.events.n = 2;
	hand_step(h, in);
	assert_int_equal(hand_fx(h, FX_HANGUP, 0)->hangup.code, 4400);
	assert_null(h->commit);
}

static void
a_lost_last_record_is_found_by_the_pong(void **state)
{
	struct sync_pong_head heads[] = { { C1, "e1", 7 } };
	struct hand *h = *state;

	hand_live(h, 5);
	hand_step(h, (struct sync_input){ .type = IN_PONG, .pong = { 1, heads, 1 } });
	assert_null(hand_fx(h, FX_FETCH, 0));	/* it may be on its way */
	hand_advance(h, 2000);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.lo, 5);
	assert_int_equal(hand_fx(h, FX_FETCH, 0)->fetch.hi, 7);
}

static void
a_record_on_its_way_is_not_fetched(void **state)
{
	struct sync_pong_head heads[] = { { C1, "e1", 6 } };
	struct hand *h = *state;

	hand_live(h, 5);
	hand_step(h, (struct sync_input){ .type = IN_PONG, .pong = { 1, heads, 1 } });
	hand_events(h, 5, 5, 6);
	hand_settle(h);
	hand_advance(h, 5000);
	assert_null(hand_fx(h, FX_FETCH, 0));
}

static void
a_pong_with_another_epoch_subscribes_anew(void **state)
{
	struct sync_pong_head heads[] = { { C1, "e2", 5 } };
	struct hand *h = *state;

	hand_live(h, 5);
	hand_step(h, (struct sync_input){ .type = IN_PONG, .pong = { 1, heads, 1 } });
	assert_string_equal(hand_fx(h, FX_SUB, 0)->subs->v[0].epoch, "e1");
}

static void
credit_follows_the_commit(void **state)
{
	struct hand *h = *state;

	hand_live(h, 0);
	hand_events(h, 0, 0, 500);	/* counts 50,000 bytes */
	assert_null(hand_fx(h, FX_CREDIT, 0));
	hand_store(h);
	assert_int_equal(hand_fx(h, FX_CREDIT, 0)->credit.bytes, 50000);
}

static void
one_commit_is_stored_while_the_next_gathers(void **state)
{
	struct hand *h = *state;

	hand_live(h, 5);
	hand_events(h, 5, 5, 6);
	assert_non_null(h->commit);
	hand_events(h, 6, 6, 7);
	hand_events(h, 7, 7, 8);
	assert_null(hand_fx(h, FX_COMMIT, 0));
	hand_store(h);
	assert_non_null(h->commit);
	assert_int_equal(h->commit->n, 2);
}

static void
a_read_mark_is_durable_told_and_monotone(void **state)
{
	struct hand *h = *state;

	hand_live(h, 5);
	hand_step(h, (struct sync_input){ .type = IN_MARK, .mark = { C1, 4 } });
	assert_int_equal(hand_change(h, CHANGE_READ, 0)->read.seq, 4);
	assert_true(h->commit->is_own);
	assert_int_equal(hand_fx(h, FX_MARK, 0)->mark.seq, 4);
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_MARK, .mark = { C1, 3 } });
	assert_null(h->commit);
	hand_step(h, (struct sync_input){ .type = IN_MARK, .mark = { C1, 99 } });
	assert_int_equal(hand_change(h, CHANGE_READ, 0)->read.seq, 5);	/* the head */
}

static void
a_mark_made_offline_is_told_when_connected(void **state)
{
	struct head head = hand_head(C1, 5);
	struct hand *h = *state;

	hand_live(h, 5);
	hand_down(h, 1006);
	hand_step(h, (struct sync_input){ .type = IN_MARK, .mark = { C1, 5 } });
	assert_null(hand_fx(h, FX_MARK, 0));
	hand_settle(h);
	hand_advance(h, 60000);
	hand_greet(h, &head, 1);
	assert_int_equal(hand_fx(h, FX_MARK, 0)->mark.seq, 5);
}

static void
another_device_reads_for_us(void **state)
{
	struct head heads[] = { hand_head(C1, 5), hand_head("u_ann", 0) };
	struct record r = { .seq = 1, .id = "n", .kind = REC_READ, .kind_name = "read",
		.from = "ann", .device = "d_2", .cid = "", .ref = "",
		.body = "{\"conv\":\"c_1\",\"epoch\":\"e1\",\"seq\":4}" };
	struct sync_input in = { .type = IN_EVENTS };
	struct hand *h = *state;

	heads[1].kind = CONV_USER;
	heads[1].name = "";
	hand_greet(h, heads, 2);
	hand_subbed(h, (struct sync_subbed){ .conv = "u_ann", .mode = SUBBED_TAIL });
	hand_settle(h);
	r.body_n = strlen(r.body);
	in.events.conv = "u_ann";
	in.events.epoch = "e1";
	in.events.v = &r;
	in.events.n = 1;
	hand_step(h, in);
	assert_int_equal(hand_change(h, CHANGE_READ, 0)->read.seq, 4);
	assert_string_equal(hand_change(h, CHANGE_READ, 0)->conv, C1);
	assert_null(hand_fx(h, FX_MARK, 0));	/* the server knows */
}

static void
a_direct_message_opens_its_conversation(void **state)
{
	struct head head = hand_head("u_ann", 0);
	struct record r = { .seq = 1, .id = "n", .kind = REC_NOTIFY, .kind_name = "notify",
		.from = "bob", .device = "", .cid = "", .ref = "",
		.body = "{\"conv\":\"c_bob\",\"seq\":1,\"id\":\"m\",\"level\":\"direct\"}" };
	struct sync_input in = { .type = IN_EVENTS };
	struct sync_conv conv;
	struct hand *h = *state;

	head.kind = CONV_USER;
	hand_greet(h, &head, 1);
	hand_subbed(h, (struct sync_subbed){ .conv = "u_ann", .mode = SUBBED_TAIL });
	hand_settle(h);
	r.body_n = strlen(r.body);
	in.events.conv = "u_ann";
	in.events.epoch = "e1";
	in.events.v = &r;
	in.events.n = 1;
	hand_step(h, in);
	assert_true(sync_find(h->s, "@bob", &conv));
	assert_string_equal(conv.conv, "c_bob");
	assert_string_equal(hand_fx(h, FX_SUB, 0)->subs->v[0].conv, "c_bob");
}

static void
a_diverging_record_cuts_the_log_below_it(void **state)
{
	struct hand *h = *state;
	struct span held[] = { { 0, 5 } };
	struct saved_conv saved = { .conv = C1, .name = "#room", .epoch = "e1",
		.cursor_id = "id-5", .kind = CONV_ROOM, .head = 5, .cursor = 5, .lane_next = 1,
		.held = held, .n_held = 1 };

	sync_load(h->s, "ann", "d_1", "", 0);
	sync_load_conv(h->s, &saved);
	hand_step(h, (struct sync_input){ .type = IN_DIVERGED, .diverged = { C1, 4 } });
	assert_int_equal(hand_change(h, CHANGE_REBASE, 0)->rebase.keep, 3);
	assert_string_equal(hand_change(h, CHANGE_REBASE, 0)->rebase.epoch, "e1");
}

static void
many_conversations_are_subscribed_by_sixty_four(void **state)
{
	enum { N = 150 };
	static struct head heads[N];
	static char names[N][8];
	struct hand *h = *state;

	for (int i = 0; i < N; i++) {
		names[i][0] = 'c';
		names[i][1] = (char)('0' + i / 100);
		names[i][2] = (char)('0' + i / 10 % 10);
		names[i][3] = (char)('0' + i % 10);
		heads[i] = hand_head(names[i], 0);
	}
	hand_greet(h, heads, N);
	assert_int_equal(hand_fx(h, FX_SUB, 0)->subs->n, 64);
	hand_step(h, (struct sync_input){ .type = IN_TIMER });
	assert_int_equal(hand_fx(h, FX_SUB, 0)->subs->n, 64);
	hand_step(h, (struct sync_input){ .type = IN_TIMER });
	assert_null(hand_fx(h, FX_SUB, 0));	/* two at a time */
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_is_to_come_is_subscribed_from_the_start),
		test(a_tail_is_live_when_its_head_is_held),
		test(an_empty_log_is_live_when_subscribed),
		test(catching_up_is_not_live_and_later_records_are),
		test(a_later_subscription_begins_at_the_newest_record),
		test(a_gap_is_kept_as_its_own_range_and_fetched),
		test(the_newest_record_is_proved_and_a_gap_below_it_is_filled),
		test(a_mark_set_while_the_log_forks_is_of_what_stays),
		test(a_skip_leaves_a_hole_that_is_not_fetched),
		test(trimmed_history_is_no_gap),
		test(a_fork_is_rebased_in_one_transaction_and_subscribed_anew),
		test(a_row_taken_back_while_a_fork_is_stored_stays_away),
		test(records_of_another_epoch_are_not_taken),
		test(a_new_epoch_while_live_subscribes_with_the_old_one),
		test(gone_closes_and_stays_readable),
		test(a_head_opens_it_again),
		test(records_out_of_order_end_the_connection),
		test(a_lost_last_record_is_found_by_the_pong),
		test(a_record_on_its_way_is_not_fetched),
		test(a_pong_with_another_epoch_subscribes_anew),
		test(credit_follows_the_commit),
		test(one_commit_is_stored_while_the_next_gathers),
		test(a_read_mark_is_durable_told_and_monotone),
		test(a_mark_made_offline_is_told_when_connected),
		test(another_device_reads_for_us),
		test(a_direct_message_opens_its_conversation),
		test(a_diverging_record_cuts_the_log_below_it),
		test(many_conversations_are_subscribed_by_sixty_four),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
