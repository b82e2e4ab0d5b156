/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may do what with rooms and members, one row a rule. */
#include <string.h>

#include "ledger/decide.h"
#include "test.h"

/* a row says what differs from where all begin */
#pragma GCC diagnostic ignored "-Woverride-init"

#define ROOM .has_conv = true, .kind = CONV_ROOM, .epoch = "e", .has_other = true, .owners = 1
#define OP .user = "ann", .device = "d_1", .conv = "c_1", .cid = "", .ref = "", .name = "#build", \
	.topic = "", .other = "bob", .role = "", .epoch = ""
#define T16 "tttttttttttttttt"
#define T64 T16 T16 T16 T16
#define T256 T64 T64 T64 T64

static const struct {
	const char *name;
	struct ledger_facts f;
	struct ledger_op op;
	bool does;
	enum code code;
} rows[] = {
	{ "create", { .has_conv = false }, { OP, .act = LEDGER_CREATE }, true },
	{ "create what exists", { ROOM }, { OP, .act = LEDGER_CREATE }, false, CODE_EXISTS },
	{ "a name without #", { 0 }, { OP, .act = LEDGER_CREATE, .name = "build" }, false,
		CODE_INVALID },
	{ "a name with a blank", { 0 }, { OP, .act = LEDGER_CREATE, .name = "#a b" }, false,
		CODE_INVALID },
	{ "a long topic", { 0 },
		{ OP, .act = LEDGER_CREATE, .topic = T256 T256 T256 T256 "t" }, false,
		CODE_TOO_LARGE },

	{ "join a public room", { ROOM, .is_public = true }, { OP, .act = LEDGER_JOIN }, true },
	{ "join uninvited", { ROOM }, { OP, .act = LEDGER_JOIN }, false, CODE_FORBIDDEN },
	{ "join invited", { ROOM, .is_invited = true }, { OP, .act = LEDGER_JOIN }, true },
	{ "join as admin", { ROOM }, { OP, .act = LEDGER_JOIN, .is_admin = true }, true },
	{ "join again", { ROOM, .role = ROLE_MEMBER }, { OP, .act = LEDGER_JOIN }, false },
	{ "join nothing", { 0 }, { OP, .act = LEDGER_JOIN }, false, CODE_NOT_FOUND },
	{ "join a direct conversation", { ROOM, .kind = CONV_DIRECT }, { OP, .act = LEDGER_JOIN },
		false, CODE_INVALID },

	{ "leave", { ROOM, .role = ROLE_MEMBER }, { OP, .act = LEDGER_LEAVE }, true },
	{ "leave again", { ROOM }, { OP, .act = LEDGER_LEAVE }, false },
	{ "leave one's own log", { ROOM, .kind = CONV_USER, .role = ROLE_MEMBER },
		{ OP, .act = LEDGER_LEAVE }, false, CODE_INVALID },

	{ "any member invites", { ROOM, .role = ROLE_MEMBER }, { OP, .act = LEDGER_INVITE }, true },
	{ "no member invites", { ROOM }, { OP, .act = LEDGER_INVITE }, false, CODE_FORBIDDEN },
	{ "an admin invites", { ROOM }, { OP, .act = LEDGER_INVITE, .is_admin = true }, true },
	{ "invite nobody", { ROOM, .role = ROLE_MEMBER, .has_other = false },
		{ OP, .act = LEDGER_INVITE }, false, CODE_NOT_FOUND },
	{ "invite a member", { ROOM, .role = ROLE_MEMBER, .other_role = ROLE_MEMBER },
		{ OP, .act = LEDGER_INVITE }, false },

	{ "an owner kicks", { ROOM, .role = ROLE_OWNER, .other_role = ROLE_MEMBER },
		{ OP, .act = LEDGER_KICK }, true },
	{ "a member does not", { ROOM, .role = ROLE_MEMBER, .other_role = ROLE_MEMBER },
		{ OP, .act = LEDGER_KICK }, false, CODE_FORBIDDEN },
	{ "an admin kicks", { ROOM, .other_role = ROLE_OWNER },
		{ OP, .act = LEDGER_KICK, .is_admin = true }, true },
	{ "kick who is not there", { ROOM, .role = ROLE_OWNER }, { OP, .act = LEDGER_KICK }, false,
		CODE_NOT_FOUND },
	{ "kick nobody", { ROOM, .role = ROLE_OWNER, .has_other = false },
		{ OP, .act = LEDGER_KICK }, false, CODE_NOT_FOUND },

	{ "make an owner", { ROOM, .role = ROLE_OWNER, .other_role = ROLE_MEMBER },
		{ OP, .act = LEDGER_ROLE, .role = "owner" }, true },
	{ "make an owner of an owner", { ROOM, .role = ROLE_OWNER, .other_role = ROLE_OWNER },
		{ OP, .act = LEDGER_ROLE, .role = "owner" }, false },
	{ "make a member of a member", { ROOM, .role = ROLE_OWNER, .other_role = ROLE_MEMBER },
		{ OP, .act = LEDGER_ROLE, .role = "member" }, false },
	{ "the only owner stays one", { ROOM, .role = ROLE_OWNER, .other_role = ROLE_OWNER },
		{ OP, .act = LEDGER_ROLE, .role = "member" }, false, CODE_FORBIDDEN },
	{ "one of two owners steps down",
		{ ROOM, .owners = 2, .role = ROLE_OWNER, .other_role = ROLE_OWNER },
		{ OP, .act = LEDGER_ROLE, .role = "member" }, true },
	{ "no such role", { ROOM, .role = ROLE_OWNER, .other_role = ROLE_MEMBER },
		{ OP, .act = LEDGER_ROLE, .role = "king" }, false, CODE_INVALID },
	{ "a member changes no role", { ROOM, .role = ROLE_MEMBER, .other_role = ROLE_MEMBER },
		{ OP, .act = LEDGER_ROLE, .role = "owner" }, false, CODE_FORBIDDEN },

	{ "a direct conversation", { .has_other = true }, { OP, .act = LEDGER_DIRECT }, true },
	{ "the same again", { ROOM, .kind = CONV_DIRECT }, { OP, .act = LEDGER_DIRECT }, false },
	{ "with nobody", { .has_other = false }, { OP, .act = LEDGER_DIRECT }, false,
		CODE_NOT_FOUND },
	{ "with oneself", { .has_other = true }, { OP, .act = LEDGER_DIRECT, .other = "ann" },
		false, CODE_INVALID },
};

static void
every_rule_gives_its_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct ledger_verdict v;

		ledger_decide(&rows[i].f, &rows[i].op, &v);
		if (v.code != rows[i].code)
			fail_msg("%s: %s", rows[i].name, code_name(v.code));
		if (v.ok != (v.code == CODE_NONE) || v.does != rows[i].does)
			fail_msg("%s: ok %d does %d", rows[i].name, v.ok, v.does);
		if (!v.ok && !*v.why)
			fail_msg("%s: no reason", rows[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_rule_gives_its_answer) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
