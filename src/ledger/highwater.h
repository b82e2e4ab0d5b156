/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the ledger had come, kept outside of it: a write-ahead log that lost rows passes every
 * check of its own, and so does an older copy of the file. */
#ifndef LEDGER_HIGHWATER_H
#define LEDGER_HIGHWATER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Opens (and creates) path: a descriptor to close, -1 and err on failure. *tick is the newest one
 * that was written whole, 0 when there is none. */
int highwater_open(const char *path, int64_t *tick, struct err *err);
/* Notes that tick was committed, in the slot that does not hold the one before. It need not reach
 * the disk: an older mark accuses nobody. */
void highwater_put(int fd, int64_t tick);

#endif
