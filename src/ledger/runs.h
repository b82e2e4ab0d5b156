/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of workflows: which are under way, so that each gets an end record, whoever dies. */
#ifndef LEDGER_RUNS_H
#define LEDGER_RUNS_H

#include "ledger/facts.h"

/* For an action, and for LEDGER_RUN_END: is the run of body.run open, and whose is it? */
bool runs_facts(struct ledger *l, const struct ledger_op *op, struct facts *x, struct err *err);
/* An action was appended: its run is under way, or over. Who did not begin it changes nothing. */
bool runs_follow(struct ledger *l, const struct ledger_op *op, const struct facts *x,
		struct err *err);
/* LEDGER_RUN_END: appends an action of state failed. */
bool runs_end(struct ledger *l, struct ledger_op *op, struct facts *x, struct err *err);
/* The same for all that the user has begun. */
bool runs_end_all(struct ledger *l, struct state_user *u, int64_t now, struct err *err);

#endif
