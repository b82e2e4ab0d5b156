/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What opening and restoring a ledger have in common. */
#ifndef LEDGER_OPEN_H
#define LEDGER_OPEN_H

#include <stdbool.h>

#include "base/err.h"

struct ledger;
struct sql;

/* Takes DIR/ledger.lock: a descriptor that holds it until closed; -1 and err, which names the
 * process that has it. */
int open_lock(const char *dir, struct err *err);
/* Opens the file at path with the statements of the writer. */
struct sql *open_write(const char *path, struct err *err);
/* Gives every conversation a new epoch, within a transaction. */
bool open_mint_all(struct ledger *l, struct err *err);

#endif
