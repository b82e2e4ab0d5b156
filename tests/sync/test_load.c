/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the store remembers, put into the core. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sync/hand.h"

#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"

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
what_is_loaded_is_checked(void **state)
{
	struct hand *h = *state;
	struct saved_row rows[] = { { U(1), OUTBOX_REFUSED, 1, -1, 1, 0, 10 },
		{ U(2), OUTBOX_DROPPED, 2, -1, 1, 0, 10 },
		{ U(3), OUTBOX_EXPIRED, 3, -1, 1, 0, 10 },
		{ U(4), OUTBOX_QUEUED, 4, -1, 1, 0, 10 },
		{ U(5), OUTBOX_UNKNOWN, 5, -1, 1, 0, 10 } };
	struct span *many = xcalloc(5000, sizeof *many);
	struct saved_conv saved = { .conv = C1, .name = "#room", .epoch = "e1", .cursor_id = "",
		.kind = CONV_ROOM, .lane_next = 6, .rows = rows, .n_rows = 5, .closed = true,
		.held = many, .n_held = 5000 };
	struct sync_sending row;
	struct sync_conv c;

	for (int i = 0; i < 5000; i++)
		many[i] = (struct span){ 10 * i, 10 * i + 1 };
	sync_load(h->s, "ann", "d_1", LONG LONG, 4000);
	assert_int_equal(sync_limits(h->s)->body, 4000);
	sync_load_conv(h->s, &saved);
	free(many);
	saved.conv = "";
	saved.n_held = 0;
	sync_load_conv(h->s, &saved);
	assert_true(sync_find(h->s, C1, &c));
	assert_true(c.closed);
	assert_true(sync_conv_at(h->s, 0, &c));
	assert_false(sync_conv_at(h->s, 1, &c));
	assert_int_equal(sync_outbox_rows(h->s), 5);
	assert_int_equal(sync_outbox_waiting(h->s), 2);
	assert_true(sync_find_row(h->s, U(3), &row));
	assert_int_equal(row.state, OUTBOX_EXPIRED);
	assert_true(sync_find_row(h->s, U(2), &row));
	assert_int_equal(row.state, OUTBOX_REFUSED);
	assert_true(sync_find_row(h->s, U(4), &row));
	assert_int_equal(row.state, OUTBOX_QUEUED);
	assert_true(sync_find_row(h->s, U(5), &row));
	assert_int_equal(row.state, OUTBOX_UNKNOWN);
}

static void
what_nobody_waits_for_is_not_loaded(void **state)
{
	struct hand *h = *state;
	struct saved_conv saved = { .conv = "c_9", .name = "#x", .epoch = "e7", .cursor_id = "" };
	struct sync_conv c;

	hand_live(h, 5);
	hand_step(h, (struct sync_input){ .type = IN_LOADED, .loaded = &saved });
	saved.conv = C1;
	hand_step(h, (struct sync_input){ .type = IN_LOADED, .loaded = &saved });
	hand_step(h, (struct sync_input){ .type = IN_DIVERGED, .diverged = { "c_9", 1 } });
	assert_true(sync_find(h->s, C1, &c));
	assert_string_equal(c.epoch, "e1");
}

static void
a_log_that_diverges_twice_is_rebased_once(void **state)
{
	struct hand *h = *state;

	hand_live(h, 5);
	for (int i = 0; i < 2; i++)
		hand_step(h, (struct sync_input){ .type = IN_DIVERGED, .diverged = { C1, 4 } });
	hand_store(h);
	assert_null(hand_change(h, CHANGE_REBASE, 0));
}

static void
rows_of_another_conversation_or_refused_ones_stay_as_they_are(void **state)
{
	struct hand *h = *state;
	struct saved_row rows[] = { { U(1), OUTBOX_SENT, 1, -1, 1, 0, 10 },
		{ U(2), OUTBOX_EXPIRED, 2, -1, 1, 0, 10 },
		{ U(3), OUTBOX_EXPIRED, 3, -1, 1, 0, 10 } };
	struct saved_conv saved = { .conv = "c_2", .name = "#two", .epoch = "e1",
		.cursor_id = "", .kind = CONV_ROOM, .lane_next = 3, .rows = rows, .n_rows = 2,
		.closed = true };
	struct sync_sending row;

	sync_load(h->s, "ann", "d_1", "", 0);
	sync_load_conv(h->s, &saved);
	hand_live(h, 5);
	hand_step(h, (struct sync_input){ .type = IN_DIVERGED, .diverged = { C1, 4 } });
	hand_store(h);
	saved.conv = C1;
	saved.n_rows = 3;
	saved.closed = false;
	hand_step(h, (struct sync_input){ .type = IN_LOADED, .loaded = &saved });
	assert_true(sync_find_row(h->s, U(1), &row));
	assert_string_equal(row.conv, "c_2");
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_DIVERGED, .diverged = { C1, 2 } });
	hand_send(h, U(4));
	hand_send(h, U(5));
	hand_store(h);
	hand_step(h, (struct sync_input){ .type = IN_LOADED, .loaded = &saved });
	assert_true(sync_find_row(h->s, U(3), &row));
	assert_int_equal(row.state, OUTBOX_EXPIRED);
	assert_true(sync_find_row(h->s, U(5), &row));
	assert_int_equal(row.lane, 4);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_is_loaded_is_checked),
		test(what_nobody_waits_for_is_not_loaded),
		test(a_log_that_diverges_twice_is_rebased_once),
		test(rows_of_another_conversation_or_refused_ones_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
