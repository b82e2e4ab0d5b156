/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edits, deletes and reactions: what pages say of the messages they change. */
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "ledger/world.h"

/* Sends an op on target; its out.code. */
static enum code
change(struct world *w, const char *user, const char *conv, enum record_kind kind,
		const char *target, const char *what, bool on)
{
	char body[512];
	struct ledger_op op;

	snprintf(body, sizeof body, kind == REC_EDIT ? "{\"text\":\"%s\"}" : kind == REC_REACT ?
			"{\"emoji\":\"%s\",\"on\":%s}" : "{}", what, on ? "true" : "false");
	op = world_send(w, user, conv, kind, body);
	op.ref = target;
	op.body.text = op.body.emoji = what;
	op.body.text_n = strlen(what);
	op.body.on = on;
	world_do(w, &op);
	return op.out.code;
}

static void
assert_page(struct world *w, const char *conv, int64_t seq, const char *has, const char *has_not)
{
	struct buf page;

	buf_init(&page, 1 << 20);
	world_page(w, conv, seq - 1, seq, true, &page);
	if (has && !strstr(buf_str(&page), has))
		fail_msg("%s: no %s", buf_str(&page), has);
	if (has_not && strstr(buf_str(&page), has_not))
		fail_msg("%s: has %s", buf_str(&page), has_not);
	buf_done(&page);
}

static void
an_edit_is_folded_into_what_it_changes(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], id[ID_SIZE];
	int64_t seq;

	seq = world_say(w, "ann", world_room(w, "#lobby", lobby), "helo", id);
	assert_page(w, lobby, seq, NULL, "\"cur\"");
	assert_int_equal(change(w, "ann", lobby, REC_EDIT, id, "hello", false), CODE_NONE);
	assert_page(w, lobby, seq, "\"body\":{\"text\":\"helo\"},\"cur\":{\"as_of\":5,"
			"\"text\":\"hello\",\"deleted\":false,\"reacts\":{}}}", NULL);
	assert_int_equal(change(w, "ann", lobby, REC_EDIT, id, "hello!", false), CODE_NONE);
	assert_page(w, lobby, seq, "\"as_of\":6,\"text\":\"hello!\"", NULL);
	assert_page(w, lobby, seq + 1, "\"kind\":\"edit\"", "\"cur\"");
	assert_int_equal(change(w, "bob", lobby, REC_EDIT, id, "mine", false), CODE_FORBIDDEN);
}

static void
reactions_count_people_once(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], id[ID_SIZE];
	int64_t seq = world_say(w, "ann", world_room(w, "#lobby", lobby), "say \"hi\"", id);

	assert_int_equal(change(w, "ann", lobby, REC_REACT, id, "👍", true), CODE_NONE);
	assert_int_equal(change(w, "ann", lobby, REC_REACT, id, "👍", true), CODE_NONE);
	assert_int_equal(change(w, "bob", lobby, REC_REACT, id, "👍", true), CODE_NONE);
	assert_int_equal(change(w, "bob", lobby, REC_REACT, id, "🎉", true), CODE_NONE);
	assert_page(w, lobby, seq, "\"cur\":{\"as_of\":8,\"text\":\"say \\\"hi\\\"\","
			"\"deleted\":false,\"reacts\":{\"🎉\":1,\"👍\":2}}", NULL);
	assert_int_equal(change(w, "bob", lobby, REC_REACT, id, "🎉", false), CODE_NONE);
	assert_int_equal(change(w, "bob", lobby, REC_REACT, id, "🎉", false), CODE_NONE);
	assert_page(w, lobby, seq, "\"reacts\":{\"👍\":2}", NULL);
}

static void
a_65th_kind_is_too_large(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], id[ID_SIZE], emoji[5] = "";

	world_say(w, "ann", world_room(w, "#lobby", lobby), "x", id);
	for (int i = 0; i < 64; i++) {
		snprintf(emoji, sizeof emoji, "%c%c", 0xd0 + i / 32, 0x90 + i % 32);
		assert_int_equal(change(w, "ann", lobby, REC_REACT, id, emoji, true), CODE_NONE);
	}
	assert_int_equal(change(w, "ann", lobby, REC_REACT, id, "x", true), CODE_TOO_LARGE);
	assert_int_equal(change(w, "bob", lobby, REC_REACT, id, emoji, true), CODE_NONE);
}

static void
a_delete_blanks_the_message_and_its_edits(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], id[ID_SIZE];
	int64_t seq;
	struct ledger_op late;

	world_room(w, "#lobby", lobby);
	late = world_send(w, "ann", lobby, REC_MSG, "{\"text\":\"secret\"}");
	late.body.text = "secret";
	late.body.text_n = 6;
	assert_true(world_do(w, &late));
	seq = late.out.seq;
	memcpy(id, late.out.id, sizeof id);
	assert_int_equal(change(w, "bob", lobby, REC_REACT, id, "👍", true), CODE_NONE);
	/* world_send borrows one body and one cid: remember the first send's */
	assert_int_equal(change(w, "ann", lobby, REC_EDIT, id, "secret2", false), CODE_NONE);
	assert_int_equal(change(w, "ann", lobby, REC_DELETE, id, "", false), CODE_NONE);
	assert_page(w, lobby, seq, "\"kind\":\"msg\"", "secret");
	assert_page(w, lobby, seq, "\"body\":{},\"cur\":{\"as_of\":7,\"text\":\"\","
			"\"deleted\":true", NULL);
	assert_page(w, lobby, seq + 2, "\"kind\":\"edit\"", "secret");
	assert_page(w, lobby, seq + 2, "\"body\":{}}", NULL);
	assert_int_equal(change(w, "ann", lobby, REC_EDIT, id, "x", false), CODE_GONE);
	assert_int_equal(change(w, "ann", lobby, REC_REACT, id, "👍", true), CODE_GONE);
	assert_int_equal(change(w, "ann", lobby, REC_DELETE, id, "", false), CODE_NONE);
	assert_page(w, lobby, seq, "\"deleted\":true", "secret");
}

static void
a_late_repeat_of_a_deleted_message_is_a_repeat(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], cid[ID_SIZE], id[ID_SIZE];
	struct ledger_op op = world_send(w, "ann", world_room(w, "#lobby", lobby), REC_MSG,
			"{\"text\":\"a\"}");

	memcpy(cid, op.cid, sizeof cid);
	op.cid = cid;
	op.body.json = "{\"text\":\"a\"}";
	op.body.text = "a";
	op.body.text_n = 1;
	assert_true(world_do(w, &op));
	memcpy(id, op.out.id, sizeof id);
	assert_int_equal(change(w, "ann", lobby, REC_DELETE, id, "", false), CODE_NONE);
	assert_true(world_do(w, &op));
	assert_true(op.out.dup);
	assert_string_equal(op.out.id, id);
}

static void
a_target_is_looked_for_in_its_own_conversation(void **state)
{
	struct world *w = *state;
	struct ledger_op op = world_op(w, LEDGER_CREATE, "ann");
	char lobby[CONV_ID_MAX + 1], other[CONV_ID_MAX + 1], ids[8][ID_SIZE];

	world_room(w, "#lobby", lobby);
	op.name = "#build";
	assert_true(world_do(w, &op));
	memcpy(other, op.out.conv, sizeof other);
	for (int i = 0; i < 8; i++)
		world_say(w, "ann", i % 2 ? other : lobby, "x", ids[i]);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(change(w, "ann", lobby, REC_EDIT, ids[i], "y", false),
				i % 2 ? CODE_NOT_FOUND : CODE_NONE);
		assert_int_equal(change(w, "ann", other, REC_EDIT, ids[i], "y", false),
				i % 2 ? CODE_NONE : CODE_NOT_FOUND);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(change(w, "ann", lobby, REC_EDIT, i ?
					"00000000-0000-7000-8000-000000000000" :
					"ffffffff-0000-7000-8000-000000000000", "y", false),
				CODE_NOT_FOUND);
	assert_int_equal(change(w, "ann", lobby, REC_EDIT, "no id", "y", false), CODE_INVALID);
}

static void
an_owner_deletes_what_others_wrote(void **state)
{
	struct world *w = *state;
	struct ledger_op op = world_op(w, LEDGER_CREATE, "ann");
	char conv[CONV_ID_MAX + 1], id[ID_SIZE];

	op.name = "#build";
	op.is_public = true;
	assert_true(world_do(w, &op));
	memcpy(conv, op.out.conv, sizeof conv);
	for (int i = 0; i < 2; i++) {
		op = world_op(w, LEDGER_JOIN, i ? "eve" : "bob");
		op.conv = conv;
		assert_true(world_do(w, &op));
	}
	world_say(w, "bob", conv, "x", id);
	assert_int_equal(change(w, "eve", conv, REC_DELETE, id, "", false), CODE_FORBIDDEN);
	assert_int_equal(change(w, "ann", conv, REC_DELETE, id, "", false), CODE_NONE);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_edit_is_folded_into_what_it_changes),
		T(reactions_count_people_once),
		T(a_65th_kind_is_too_large),
		T(a_delete_blanks_the_message_and_its_edits),
		T(a_late_repeat_of_a_deleted_message_is_a_repeat),
		T(a_target_is_looked_for_in_its_own_conversation),
		T(an_owner_deletes_what_others_wrote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
