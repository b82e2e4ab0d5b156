/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rooms, direct conversations and members through SQLite. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/world.h"

static bool
act(struct world *w, enum ledger_act what, const char *user, const char *conv, const char *other,
		const char *role)
{
	struct ledger_op op = world_op(w, what, user);

	op.conv = conv;
	op.other = other;
	op.role = role;
	return world_do(w, &op);
}

static const char *
create(struct world *w, const char *name, bool is_public, char conv[CONV_ID_MAX + 1])
{
	struct ledger_op op = world_op(w, LEDGER_CREATE, "ann");

	op.name = name;
	op.topic = "all of it";
	op.is_public = is_public;
	assert_true(world_do(w, &op));
	memcpy(conv, op.out.conv, CONV_ID_MAX + 1);
	return conv;
}

static const char *
role(struct world *w, const char *conv, const char *user)
{
	static char out[8];
	struct err err;

	assert_true(ledger_role(w->r, conv, user, out, &err));
	return out;
}

/* The newest record of conv. */
static const char *
newest(struct world *w, const char *conv)
{
	static char text[2048];
	struct ledger_conv c;
	struct err err = { 0 };
	struct buf out;

	assert_true(ledger_conv(w->r, conv, &c, &err));
	buf_init(&out, 4096);
	world_page(w, conv, c.seq - 1, c.seq, false, &out);
	str_copy(text, sizeof text, buf_str(&out));
	buf_done(&out);
	return text;
}

static void
assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s: no %s", text, part);
}

static void
who_makes_a_room_owns_it(void **state)
{
	struct world *w = *state;
	char conv[CONV_ID_MAX + 1];
	struct ledger_conv c;
	struct err err = { 0 };

	create(w, "#build", true, conv);
	assert_string_equal(role(w, conv, "ann"), "owner");
	assert_string_equal(role(w, conv, "bob"), "");
	assert_has(newest(w, conv), "\"kind\":\"topic\"");
	assert_has(newest(w, "u_ann"), "\"kind\":\"member\"");
	assert_has(newest(w, "u_ann"), "\"role\":\"owner\",\"do\":\"join\"");
	assert_has(newest(w, "u_ann"), conv);
	assert_true(ledger_conv_named(w->r, "#build", &c, &err));
	assert_string_equal(c.conv, conv);
	assert_true(c.is_public);
	assert_int_equal(c.kind, CONV_ROOM);
	assert_false(ledger_conv_named(w->r, "#none", &c, &err));
	assert_int_equal(err.kind, ERR_NONE);
}

static void
the_server_makes_a_room_without_members(void **state)
{
	struct world *w = *state;
	struct ledger_op op = world_op(w, LEDGER_CREATE, NULL);
	struct buf out;
	struct err err;

	op.name = "#empty";
	assert_true(world_do(w, &op));
	buf_init(&out, 4096);
	assert_true(ledger_room_list(w->l, &out, &err));
	assert_has(buf_str(&out), "#empty\t");
	assert_has(buf_str(&out), "\tprivate\t0\t0\t\n");
	assert_has(buf_str(&out), "\tpublic\t3\t3\t\n");
	buf_done(&out);
}

static void
joining_goes_by_invitation(void **state)
{
	struct world *w = *state;
	char conv[CONV_ID_MAX + 1];

	create(w, "#build", false, conv);
	assert_false(act(w, LEDGER_JOIN, "bob", conv, "", ""));
	assert_true(act(w, LEDGER_INVITE, "ann", conv, "bob", ""));
	assert_has(newest(w, conv), "\"do\":\"invite\"");
	assert_has(newest(w, "u_bob"), "\"do\":\"invite\"");
	assert_true(act(w, LEDGER_JOIN, "bob", conv, "", ""));
	assert_string_equal(role(w, conv, "bob"), "member");
	assert_true(act(w, LEDGER_JOIN, "bob", conv, "", ""));
	assert_int_equal(w->changes.n, 0);
	assert_true(act(w, LEDGER_LEAVE, "bob", conv, "", ""));
	assert_string_equal(role(w, conv, "bob"), "");
	/* an invitation opens the door once */
	assert_false(act(w, LEDGER_JOIN, "bob", conv, "", ""));
}

static void
a_kick_takes_the_invitation_too(void **state)
{
	struct world *w = *state;
	char conv[CONV_ID_MAX + 1];

	create(w, "#build", false, conv);
	assert_true(act(w, LEDGER_INVITE, "ann", conv, "bob", ""));
	assert_true(act(w, LEDGER_JOIN, "bob", conv, "", ""));
	assert_false(act(w, LEDGER_KICK, "bob", conv, "ann", ""));
	assert_true(act(w, LEDGER_KICK, "ann", conv, "bob", ""));
	assert_has(newest(w, conv), "\"from\":\"ann\"");
	assert_has(newest(w, conv), "\"user\":\"bob\"");
	assert_has(newest(w, conv), "\"do\":\"kick\"");
	assert_has(newest(w, "u_bob"), "\"do\":\"kick\"");
	assert_false(act(w, LEDGER_JOIN, "bob", conv, "", ""));
	assert_false(world_head(w, "bob", conv).is_there);
}

static void
the_last_owner_leaves_the_room_to_the_oldest_member(void **state)
{
	struct world *w = *state;
	char conv[CONV_ID_MAX + 1];

	create(w, "#build", true, conv);
	assert_true(act(w, LEDGER_JOIN, "eve", conv, "", ""));
	assert_true(act(w, LEDGER_JOIN, "bob", conv, "", ""));
	assert_true(act(w, LEDGER_LEAVE, "ann", conv, "", ""));
	assert_string_equal(role(w, conv, "eve"), "owner");
	assert_string_equal(role(w, conv, "bob"), "member");
	assert_has(newest(w, conv), "\"user\":\"eve\",\"name\":\"eve\",\"role\":\"owner\","
			"\"do\":\"role\"");
	assert_true(act(w, LEDGER_ROLE, "eve", conv, "bob", "owner"));
	assert_true(act(w, LEDGER_ROLE, "bob", conv, "eve", "member"));
	assert_string_equal(role(w, conv, "eve"), "member");
	assert_false(act(w, LEDGER_ROLE, "bob", conv, "bob", "member"));
	assert_true(act(w, LEDGER_LEAVE, "eve", conv, "", ""));
	assert_true(act(w, LEDGER_LEAVE, "bob", conv, "", ""));
}

static void
two_people_have_one_conversation(void **state)
{
	struct world *w = *state;
	struct ledger_op op = world_op(w, LEDGER_DIRECT, "bob");
	char conv[CONV_ID_MAX + 1];

	op.other = "ann";
	assert_true(world_do(w, &op));
	memcpy(conv, op.out.conv, sizeof conv);
	op = world_op(w, LEDGER_DIRECT, "ann");
	op.other = "bob";
	assert_true(world_do(w, &op));
	assert_string_equal(op.out.conv, conv);
	assert_int_equal(w->changes.n, 0);
	assert_string_equal(world_head(w, "ann", conv).name, "@bob");
	assert_string_equal(world_head(w, "bob", conv).name, "@ann");
	assert_false(world_head(w, "eve", conv).is_there);
	assert_false(act(w, LEDGER_LEAVE, "ann", conv, "", ""));
	assert_false(act(w, LEDGER_JOIN, "eve", conv, "", ""));
}

static void
who_left_an_auto_join_room_is_not_drawn_in_again(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];

	world_room(w, "#lobby", lobby);
	assert_string_equal(role(w, lobby, "bob"), "member");
	assert_true(act(w, LEDGER_LEAVE, "bob", lobby, "", ""));
	assert_true(act(w, LEDGER_USER, "bob", "", "", ""));
	assert_string_equal(role(w, lobby, "bob"), "");
}

static void
a_topic_is_in_the_heads(void **state)
{
	struct world *w = *state;
	struct ledger_op op;
	char conv[CONV_ID_MAX + 1];

	create(w, "#build", false, conv);
	op = world_send(w, "ann", conv, REC_TOPIC, "{\"text\":\"new\"}");
	op.body.text = "newest";
	op.body.text_n = 3;
	assert_string_equal(world_head(w, "ann", conv).topic, "all of it");
	assert_true(world_do(w, &op));
	assert_has(newest(w, conv), "\"kind\":\"topic\"");
	assert_string_equal(world_head(w, "ann", conv).topic, "new");
}

struct list { char text[512]; };

static bool
add_member(void *arg, const char *user, const char *name, const char *role_of)
{
	struct list *l = arg;
	size_t n = strlen(l->text);

	snprintf(l->text + n, sizeof l->text - n, "%s/%s/%s ", user, name, role_of);
	return true;
}

static bool
add_room(void *arg, const struct ledger_conv *c, const char *topic, int64_t members)
{
	struct list *l = arg;
	size_t n = strlen(l->text);

	snprintf(l->text + n, sizeof l->text - n, "%s/%s/%d/%d ", c->name, topic, c->is_public,
			(int)members);
	return true;
}

static void
lists_show_what_one_may_see(void **state)
{
	struct world *w = *state;
	char open[CONV_ID_MAX + 1], closed[CONV_ID_MAX + 1];
	struct list l = { "" };
	struct err err;

	create(w, "#open", true, open);
	create(w, "#closed", false, closed);
	assert_true(act(w, LEDGER_JOIN, "bob", open, "", ""));
	assert_true(ledger_members(w->r, open, "", add_member, &l, &err));
	assert_string_equal(l.text, "ann/ann/owner bob/bob/member ");
	l.text[0] = '\0';
	assert_true(ledger_rooms(w->r, "ann", "", add_room, &l, &err));
	assert_string_equal(l.text, "#closed/all of it/0/1 #lobby//1/3 #open/all of it/1/2 ");
	l.text[0] = '\0';
	assert_true(ledger_rooms(w->r, "bob", "", add_room, &l, &err));
	assert_string_equal(l.text, "#lobby//1/3 #open/all of it/1/2 ");
	/* and the rest behind one of them */
	l.text[0] = '\0';
	assert_true(ledger_rooms(w->r, "ann", "#lobby", add_room, &l, &err));
	assert_string_equal(l.text, "#open/all of it/1/2 ");
	l.text[0] = '\0';
	assert_true(ledger_members(w->r, open, "ann", add_member, &l, &err));
	assert_string_equal(l.text, "bob/bob/member ");
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(who_makes_a_room_owns_it),
		T(the_server_makes_a_room_without_members),
		T(joining_goes_by_invitation),
		T(a_kick_takes_the_invitation_too),
		T(the_last_owner_leaves_the_room_to_the_oldest_member),
		T(two_people_have_one_conversation),
		T(who_left_an_auto_join_room_is_not_drawn_in_again),
		T(a_topic_is_in_the_heads),
		T(lists_show_what_one_may_see),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
