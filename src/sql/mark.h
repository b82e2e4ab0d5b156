/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a database had come, kept outside of it: a write-ahead log can lose committed rows to
 * one flipped bit and still pass every check of its own, and so does an older copy of the file. */
#ifndef SQL_MARK_H
#define SQL_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* tick counts commits; the rest is what there was after it, 0 where nobody counts. */
struct mark { int64_t tick, count[2]; };

/* Opens (and makes) the file at path: a descriptor to close; -1 and err on failure. *mark is the
 * newest that was written whole, zeroes when there is none. */
int mark_open(const char *path, struct mark *mark, struct err *err);
/* The same without making the file or holding it, from any process. */
bool mark_read(const char *path, struct mark *mark, struct err *err);
/* Notes mark in the slot that does not hold the one before. It need not reach the disk: an older
 * mark accuses nobody. */
void mark_put(int fd, const struct mark *mark);

#endif
