/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The present state of messages that later records changed. */
#ifndef LEDGER_FOLD_H
#define LEDGER_FOLD_H

#include "ledger/append.h"

/* Folds the edit, delete or reaction just appended at c->seq into its target. */
bool fold_apply(struct ledger *l, struct state_conv *c, const struct entry *e,
		const struct body *body, struct err *err);

#endif
