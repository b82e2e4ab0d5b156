/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structs into JSON, by the tables, straight into the buffer. */
#ifndef WIRE_PUT_H
#define WIRE_PUT_H

#include "base/buf.h"
#include "wire/table.h"

/* Appends the members of *from that side sends, each with a comma before it. A string that is NULL
 * counts as "". False when out is full, with part of them in it. */
bool put_members(struct buf *out, enum wire_side side, const struct table *table,
		const void *from);
/* The same as a whole object or tuple; false when out is full, which then is as it was. */
bool put_table(struct buf *out, enum wire_side side, const struct table *table, const void *from);

#endif
