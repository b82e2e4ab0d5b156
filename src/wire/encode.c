/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames into bytes. */
#include <assert.h>

#include "wire/put.h"

bool
wire_encode(enum wire_side side, const struct frame *f, struct buf *out)
{
	const struct wire_row *row;
	size_t start = out->n;

	assert(f->op < WIRE_UNKNOWN && (wire_rows[f->op].sides & side));
	row = &wire_rows[f->op];
	if (buf_add(out, "{\"op\":\"", 7) && buf_adds(out, row->name) && buf_addc(out, '"') &&
			put_members(out, side, &wire_numbers, f) &&
			put_members(out, side, row->members, f) &&
			(!row->rest || put_members(out, side, row->rest, f)) &&
			buf_addc(out, '}'))
		return true;
	buf_cut(out, start);
	return false;
}
