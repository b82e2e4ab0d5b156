/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of the commit rules that says who may do what with rooms and members. */
#ifndef LEDGER_DECIDE_ROOM_H
#define LEDGER_DECIDE_ROOM_H

#include "ledger/decide.h"

/* The sender's role in the conversation; --admin users may in every room what an owner may. */
enum ledger_role decide_role(const struct ledger_facts *f, const struct ledger_op *op);
/* Whether this member may set the topic. */
bool decide_may_set_topic(const struct ledger_facts *f, const struct ledger_op *op);
/* "#" and 1 to 32 of a-z 0-9 . _ - */
bool decide_room_name_valid(const char *name);

/* LEDGER_CREATE to LEDGER_DIRECT: CODE_NONE, or the refusal and *why. *does: there is something
 * to be done. */
enum code decide_room(const struct ledger_facts *f, const struct ledger_op *op, bool *does,
		const char **why);

#endif
