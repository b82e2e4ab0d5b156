/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only the mirror had, taken out of a damaged one. */
#ifndef STORE_SALVAGE_H
#define STORE_SALVAGE_H

#include <stddef.h>

struct sql;

/* Copies conversations (their names and lane numbers, not their history), outbox, drafts, user and
 * device from the file at path into to, a new mirror, as far as they can be read. Returns the
 * number of outbox rows and drafts. */
size_t salvage(const char *path, struct sql *to);

#endif
