/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The write path through SQLite: order, dedup, lanes, refusals, changes. */
#include <string.h>

#include "base/id.h"
#include "ledger/world.h"

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
	buf_init(&page, 1 << 20);
	world_page(w, lobby, 3, 4, true, &page);
	assert_string_equal(buf_str(&page), buf_str(&w->changes.v[0].records));
	assert_non_null(strstr(buf_str(&page), "\"body\":{\"text\":\"hello \\\"you\\\"\"}}"));
	buf_done(&page);
}

static void
the_same_cid_gets_the_same_answer(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], id[ID_SIZE];
	struct ledger_op op;

	op = world_send(w, "ann", world_room(w, "#lobby", lobby), REC_MSG, "{\"text\":\"a\"}");
	op.body.text = "a";
	op.body.text_n = 1;
	assert_true(world_do(w, &op));
	memcpy(id, op.out.id, sizeof id);
	op.lane = 99;
	op.ttl = 0;
	assert_true(world_do(w, &op));
	assert_true(op.out.dup);
	assert_int_equal(op.out.seq, 4);
	assert_int_equal(op.out.prev, 3);
	assert_string_equal(op.out.id, id);
	assert_int_equal(w->changes.n, 0);
	op.body.json = "{\"text\":\"b\"}";
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_CONFLICT);
	/* another sender's cid is another cid */
	op.user = "bob";
	op.lane = 1;
	op.ttl = -1;
	assert_true(world_do(w, &op));
	assert_false(op.out.dup);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_message_is_appended_and_told, world_setup,
				world_teardown),
		cmocka_unit_test_setup_teardown(the_same_cid_gets_the_same_answer, world_setup,
				world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
