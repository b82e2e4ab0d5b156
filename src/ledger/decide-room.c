/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may create, join, leave, invite, kick and change roles. */
#include "ledger/decide-room.h"

#include <string.h>

#include "base/i18n.h"

enum ledger_role
decide_role(const struct ledger_facts *f, const struct ledger_op *op)
{
	return op->is_admin && f->kind == CONV_ROOM ? ROLE_OWNER : f->role;
}

bool
decide_may_set_topic(const struct ledger_facts *f, const struct ledger_op *op)
{
	return f->is_public || decide_role(f, op) == ROLE_OWNER;
}

bool
decide_room_name_valid(const char *name)
{
	return name[0] == '#' && id_name_valid(name + 1);
}

static enum code
no(enum code code, const char *text, const char **why)
{
	*why = text;
	return code;
}

static enum code
create(const struct ledger_facts *f, const struct ledger_op *op, bool *does, const char **why)
{
	if (!decide_room_name_valid(op->name))
		return no(CODE_INVALID, N_("a room's name is # and up to 32 of a-z 0-9 . _ -"),
				why);
	if (f->has_conv)
		return no(CODE_EXISTS, N_("there is a room of that name"), why);
	if (strlen(op->topic) > LEDGER_TOPIC_MAX)
		return no(CODE_TOO_LARGE, N_("a topic has at most 1024 bytes"), why);
	*does = true;
	return CODE_NONE;
}

static enum code
direct(const struct ledger_facts *f, const struct ledger_op *op, bool *does, const char **why)
{
	if (!f->has_other)
		return no(CODE_NOT_FOUND, N_("there is no such user"), why);
	if (strcmp(op->user, op->other) == 0)
		return no(CODE_INVALID, N_("that is yourself"), why);
	*does = !f->has_conv;
	return CODE_NONE;
}

static enum code
join(const struct ledger_facts *f, const struct ledger_op *op, bool *does, const char **why)
{
	if (f->role != ROLE_NONE)
		return CODE_NONE;
	if (!f->is_public && !f->is_invited && !op->is_admin)
		return no(CODE_FORBIDDEN, N_("the room is private: ask a member to invite you"),
				why);
	*does = true;
	return CODE_NONE;
}

static enum code
leave(const struct ledger_facts *f, const struct ledger_op *op, bool *does, const char **why)
{
	(void)op, (void)why;
	*does = f->role != ROLE_NONE;
	return CODE_NONE;
}

static enum code
invite(const struct ledger_facts *f, const struct ledger_op *op, bool *does, const char **why)
{
	if (decide_role(f, op) == ROLE_NONE)
		return no(CODE_FORBIDDEN, N_("only members may invite"), why);
	if (!f->has_other)
		return no(CODE_NOT_FOUND, N_("there is no such user"), why);
	*does = f->other_role == ROLE_NONE;
	return CODE_NONE;
}

static enum code
kick(const struct ledger_facts *f, const struct ledger_op *op, bool *does, const char **why)
{
	if (decide_role(f, op) != ROLE_OWNER)
		return no(CODE_FORBIDDEN, N_("only an owner may do that"), why);
	if (!f->has_other || f->other_role == ROLE_NONE)
		return no(CODE_NOT_FOUND, N_("there is no such member"), why);
	*does = true;
	return CODE_NONE;
}

static enum code
role(const struct ledger_facts *f, const struct ledger_op *op, bool *does, const char **why)
{
	bool to_owner = strcmp(op->role, "owner") == 0;
	enum code code = kick(f, op, does, why);

	*does = false;
	if (code != CODE_NONE)
		return code;
	if (!to_owner && strcmp(op->role, "member") != 0)
		return no(CODE_INVALID, N_("a role is owner or member"), why);
	if (!to_owner && f->other_role == ROLE_OWNER && f->owners < 2)
		return no(CODE_FORBIDDEN, N_("a room needs an owner: make another one first"), why);
	*does = f->other_role != (to_owner ? ROLE_OWNER : ROLE_MEMBER);
	return CODE_NONE;
}

enum code
decide_room(const struct ledger_facts *f, const struct ledger_op *op, bool *does,
		const char **why)
{
	static enum code (*const acts[])(const struct ledger_facts *, const struct ledger_op *,
			bool *, const char **) = {
		[LEDGER_CREATE] = create, [LEDGER_JOIN] = join, [LEDGER_LEAVE] = leave,
		[LEDGER_INVITE] = invite, [LEDGER_KICK] = kick, [LEDGER_ROLE] = role,
		[LEDGER_DIRECT] = direct,
	};

	*does = false;
	if (op->act != LEDGER_CREATE && op->act != LEDGER_DIRECT) {
		if (!f->has_conv)
			return no(CODE_NOT_FOUND, N_("there is no such room"), why);
		if (f->kind != CONV_ROOM)
			return no(CODE_INVALID, N_("only rooms have members that come and go"),
					why);
	}
	return acts[op->act](f, op, does, why);
}
