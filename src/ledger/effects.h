/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carries out what ledger_decide allowed: appends, and what follows from it. */
#ifndef LEDGER_EFFECTS_H
#define LEDGER_EFFECTS_H

#include "ledger/facts.h"

/* A client's record, its fold, stream, topic and the notices it gives; or the server's own. */
bool effects_send(struct ledger *l, struct ledger_op *op, struct facts *x, struct err *err);
/* LEDGER_CHECKPOINT. */
bool effects_checkpoint(struct ledger *l, const struct ledger_op *op, struct facts *x,
		struct err *err);
/* LEDGER_ABORT. */
bool effects_abort(struct ledger *l, struct ledger_op *op, struct facts *x, struct err *err);

#endif
