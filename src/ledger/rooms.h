/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conversations and their members: made, joined, left. */
#ifndef LEDGER_ROOMS_H
#define LEDGER_ROOMS_H

#include "ledger/facts.h"

/* LEDGER_CREATE to LEDGER_DIRECT, as decided. */
bool rooms_act(struct ledger *l, struct ledger_op *op, struct facts *x, struct err *err);
/* LEDGER_USER: makes the user if there is none, and a member of the rooms that all join. */
bool rooms_user(struct ledger *l, struct ledger_op *op, struct facts *x, struct err *err);
/* A new user with a log of their own; shown "" is the name itself. */
bool rooms_add_user(struct ledger *l, const char *name, const char *shown, bool is_admin,
		struct state_user **out, struct err *err);
/* Takes the user out of everything: the log says so, and the name is free. */
bool rooms_remove_user(struct ledger *l, struct state_user *u, int64_t now, struct err *err);
/* Makes the rooms of auto_join that are not there. */
bool rooms_make_auto(struct ledger *l, struct err *err);
/* Gives c a new epoch, and remembers the old one. */
bool rooms_mint(struct ledger *l, struct state_conv *c, int64_t now, struct err *err);

#endif
