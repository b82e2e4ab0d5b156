/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One transaction of the writer, for whatever changes the ledger. */
#ifndef LEDGER_COMMIT_H
#define LEDGER_COMMIT_H

#include "ledger/state.h"

/* Begins it; *changes collects what it appends. */
bool commit_begin(struct ledger *l, struct ledger_changes *changes, struct err *err);
/* ok: writes what is in memory and commits; else, and when that fails, all is undone and *changes
 * emptied. Always to be called after commit_begin, whatever that said. */
bool commit_end(struct ledger *l, bool ok, struct err *err);

#endif
