/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The write path through SQLite: order, dedup, lanes, refusals, rate, changes. */
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "ledger/world.h"

/* A msg "hi" with everything of its own: cid, and the lane given. */
static struct ledger_op
hi(struct world *w, const char *user, const char *conv, int64_t lane)
{
	struct ledger_op op = world_send(w, user, conv, REC_MSG, "{\"text\":\"hi\"}");

	op.body.text = "hi";
	op.body.text_n = 2;
	op.lane = lane;
	return op;
}

static void
a_message_is_appended_and_told(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct buf page;
	int64_t seq;

	world_room(w, "#lobby", lobby);
	seq = world_say(w, "ann", lobby, "hello \"you\"", NULL);
	assert_int_equal(seq, 4);	/* after three joins */
	assert_int_equal(w->changes.n, 1);
	assert_string_equal(w->changes.v[0].conv, lobby);
	assert_int_equal(w->changes.v[0].prev, 3);
	assert_int_equal(w->changes.v[0].seq, 4);
	assert_int_equal(w->changes.v[0].n, 1);
	assert_false(w->changes.v[0].minted);
	buf_init(&page, 1 << 20);
	world_page(w, lobby, 3, 4, true, &page);
	assert_string_equal(buf_str(&page), buf_str(&w->changes.v[0].records));
	assert_non_null(strstr(buf_str(&page), "\"kind\":\"msg\",\"from\":\"ann\","
				"\"device\":\"d_1\""));
	assert_non_null(strstr(buf_str(&page), "\"body\":{\"text\":\"hello \\\"you\\\"\"}}"));
	buf_done(&page);
}

static void
the_same_cid_gets_the_same_answer(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], id[ID_SIZE];
	struct ledger_op op = hi(w, "ann", world_room(w, "#lobby", lobby), 1);

	assert_true(world_do(w, &op));
	memcpy(id, op.out.id, sizeof id);
	world_close(w);
	world_open(w);
	op.lane = 99;
	op.ttl = 0;
	assert_true(world_do(w, &op));
	assert_true(op.out.dup);
	assert_int_equal(op.out.seq, 4);
	assert_int_equal(op.out.prev, 3);
	assert_int_equal(op.out.ts, w->now);
	assert_string_equal(op.out.id, id);
	assert_int_equal(w->changes.n, 0);
	op.body.json = "{\"text\":\"ho\"}";
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_CONFLICT);
	/* another sender's cid is another cid */
	op.user = "bob";
	op.lane = 1;
	op.ttl = -1;
	assert_true(world_do(w, &op));
	assert_false(op.out.dup);
}

static void
kind_and_ref_are_part_of_what_was_sent(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op op = hi(w, "ann", world_room(w, "#lobby", lobby), 1);

	assert_true(world_do(w, &op));
	op.ref = "018f0000-0000-7000-8000-000000000001";
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_CONFLICT);
	op.ref = "";
	op.kind = REC_TOPIC;
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_CONFLICT);
}

static void
lanes_are_dense_for_each_user_device_and_conversation(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op op = hi(w, "ann", world_room(w, "#lobby", lobby), 2);

	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_ORDER);
	assert_true(op.out.retry);
	assert_int_equal(op.out.expect, 1);
	op.lane = 1;
	assert_true(world_do(w, &op));
	op = hi(w, "ann", lobby, 1);
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_LANE);
	assert_false(op.out.retry);
	op.device = "d_2";
	assert_true(world_do(w, &op));
	op = hi(w, "bob", lobby, 1);
	assert_true(world_do(w, &op));
	world_close(w);
	world_open(w);
	op = hi(w, "ann", lobby, 3);
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.expect, 2);
}

static void
a_refusal_for_ever_uses_its_lane_and_is_remembered(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op bad = hi(w, "ann", world_room(w, "#lobby", lobby), 1), next;
	char cid[ID_SIZE];

	memcpy(cid, bad.cid, sizeof cid);
	bad.cid = cid;
	bad.bad = CODE_TOO_LARGE;
	bad.bad_why = "that is a book";
	assert_false(world_do(w, &bad));
	assert_int_equal(bad.out.code, CODE_TOO_LARGE);
	assert_false(bad.out.retry);
	next = hi(w, "ann", lobby, 2);
	assert_true(world_do(w, &next));
	world_close(w);
	world_open(w);
	/* the same again, from a new device: the same answer, and its number is used there */
	bad.device = "d_2";
	bad.lane = 1;
	bad.bad = CODE_NONE;
	bad.body.json = w->body;
	assert_false(world_do(w, &bad));
	assert_int_equal(bad.out.code, CODE_TOO_LARGE);
	assert_string_equal(bad.out.message, "that is a book");
	next = hi(w, "ann", lobby, 2);
	next.device = "d_2";
	assert_true(world_do(w, &next));
}

static void
a_time_that_is_over_uses_its_lane(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op op = hi(w, "ann", world_room(w, "#lobby", lobby), 1);

	op.ttl = 0;
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_EXPIRED);
	op = hi(w, "ann", lobby, 2);
	assert_true(world_do(w, &op));
}

static void
the_rate_is_a_bucket_that_leaks(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op op;

	world_room(w, "#lobby", lobby);
	for (int i = 1; i <= 20; i++) {
		op = hi(w, "ann", lobby, i);
		op.is_limited = true;
		assert_true(world_do(w, &op));
	}
	op = hi(w, "ann", lobby, 21);
	op.is_limited = true;
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_RATE);
	assert_true(op.out.retry);
	assert_int_equal(op.out.after, 500);
	op.now += 499;
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.after, 1);
	op.now += 1;
	assert_true(world_do(w, &op));
	/* a repeat is nothing new */
	assert_true(world_do(w, &op));
	assert_true(op.out.dup);
	/* bob has his own */
	op = hi(w, "bob", lobby, 1);
	op.is_limited = true;
	assert_true(world_do(w, &op));
	/* and no more than the burst is saved up */
	w->now += 3600000;
	for (int i = 22; i <= 42; i++) {
		op = hi(w, "ann", lobby, i);
		op.is_limited = true;
		assert_int_equal(world_do(w, &op), i < 42);
	}
}

static void
a_batch_is_decided_in_order(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], cids[4][ID_SIZE];
	struct ledger_op ops[4];
	struct err err;

	world_room(w, "#lobby", lobby);
	for (int i = 0; i < 4; i++) {
		ops[i] = hi(w, "ann", lobby, i + 1);
		memcpy(cids[i], ops[i].cid, ID_SIZE);
		ops[i].cid = cids[i];
	}
	ops[1].cid = cids[0];	/* twice in one batch */
	ops[2].lane = 9;
	ops[3].lane = 3;
	ledger_changes_done(&w->changes);
	assert_true(ledger_commit(w->l, ops, 4, &w->changes, &err));
	assert_true(ops[0].out.ok && !ops[0].out.dup);
	assert_true(ops[1].out.ok && ops[1].out.dup);
	assert_int_equal(ops[1].out.seq, ops[0].out.seq);
	assert_int_equal(ops[2].out.code, CODE_ORDER);
	assert_true(ops[3].out.ok);
	assert_int_equal(ops[3].out.prev, ops[0].out.seq);
	assert_int_equal(w->changes.n, 1);
	assert_int_equal(w->changes.v[0].n, 2);
	assert_int_equal(w->changes.v[0].seq, ops[3].out.seq);
}

static void
who_is_no_member_is_refused(void **state)
{
	struct world *w = *state;
	struct ledger_op op = world_op(w, LEDGER_CREATE, "ann");
	char conv[CONV_ID_MAX + 1];

	op.name = "#build";
	assert_true(world_do(w, &op));
	memcpy(conv, op.out.conv, sizeof conv);
	op = hi(w, "bob", conv, 1);
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_FORBIDDEN);
	op = hi(w, "nobody", conv, 1);
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_FORBIDDEN);
	op = hi(w, "bob", "c_none", 1);
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_NOT_FOUND);
	op = hi(w, "bob", "u_bob", 1);
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_FORBIDDEN);
}

static void
ids_rise_and_times_do_not_fall_when_the_clock_goes_back(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], id[ID_SIZE];
	struct ledger_op op = hi(w, "ann", world_room(w, "#lobby", lobby), 1);

	assert_true(world_do(w, &op));
	memcpy(id, op.out.id, sizeof id);
	world_close(w);
	world_open(w);
	w->now -= 86400000;
	op = hi(w, "ann", lobby, 2);
	assert_true(world_do(w, &op));
	assert_true(strcmp(op.out.id, id) > 0);
	assert_int_equal(op.out.ts, w->now + 86400000);
}

static void
evidence_gives_one_new_epoch_a_start(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], first[EPOCH_MAX + 1], second[EPOCH_MAX + 1];
	struct ledger_op op = world_op(w, LEDGER_MINT, "ann");

	op.conv = world_room(w, "#lobby", lobby);
	str_copy(first, sizeof first, world_head(w, "ann", lobby).epoch);
	op.epoch = first;
	assert_true(world_do(w, &op));
	assert_int_equal(w->changes.n, 1);
	assert_true(w->changes.v[0].minted);
	assert_int_equal(w->changes.v[0].n, 0);
	str_copy(second, sizeof second, world_head(w, "ann", lobby).epoch);
	assert_string_not_equal(first, second);
	assert_string_equal(w->changes.v[0].epoch, second);
	assert_string_equal(op.out.epoch, second);
	op.epoch = second;
	assert_true(world_do(w, &op));
	assert_int_equal(w->changes.n, 0);
	assert_string_equal(op.out.epoch, second);
	world_close(w);
	world_open(w);
	assert_true(world_do(w, &op));
	assert_int_equal(w->changes.n, 1);
}

static void
an_empty_batch_is_nothing(void **state)
{
	struct world *w = *state;
	struct err err;

	ledger_changes_done(&w->changes);
	assert_true(ledger_commit(w->l, NULL, 0, &w->changes, &err));
	assert_int_equal(w->changes.n, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_message_is_appended_and_told),
		T(the_same_cid_gets_the_same_answer),
		T(kind_and_ref_are_part_of_what_was_sent),
		T(lanes_are_dense_for_each_user_device_and_conversation),
		T(a_refusal_for_ever_uses_its_lane_and_is_remembered),
		T(a_time_that_is_over_uses_its_lane),
		T(the_rate_is_a_bucket_that_leaks),
		T(a_batch_is_decided_in_order),
		T(who_is_no_member_is_refused),
		T(ids_rise_and_times_do_not_fall_when_the_clock_goes_back),
		T(evidence_gives_one_new_epoch_a_start),
		T(an_empty_batch_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
