/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the mirror had come with the person's own data, kept outside of it: a write-ahead log
 * can lose committed rows to one flipped bit and still pass every check of its own. */
#ifndef STORE_WATERMARK_H
#define STORE_WATERMARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* What there was after the own commit number tick. */
struct watermark { int64_t tick, outbox, drafts; };

/* Opens (and makes) the file of folder dir: a descriptor to close; -1 and err on failure. *mark is
 * the newest that was written whole, zeroes when there is none. */
int watermark_open(const char *dir, struct watermark *mark, struct err *err);
/* The same without making the file or holding it: from any process. */
bool watermark_read(const char *dir, struct watermark *mark, struct err *err);
/* Notes mark in the slot that does not hold the one before. It need not reach the disk: an older
 * mark accuses nobody. */
void watermark_put(int fd, const struct watermark *mark);

#endif
