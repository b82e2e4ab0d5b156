/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read marks, and retention. */
#ifndef LEDGER_MARKS_H
#define LEDGER_MARKS_H

#include "ledger/facts.h"

/* LEDGER_MARK: x's user has read up to seq. */
bool marks_set(struct ledger *l, struct ledger_op *op, struct facts *x, int64_t seq,
		struct err *err);
/* Tells the users' own logs of marks whose second is over. */
bool marks_tell_late(struct ledger *l, int64_t now, struct err *err);
/* LEDGER_TRIM: *more when there is more to trim. */
bool marks_trim(struct ledger *l, const struct ledger_op *op, bool *more, struct err *err);

#endif
