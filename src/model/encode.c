/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record as bytes: written straight into the buffer, without a tree. */
#include "model/encode.h"

#include <string.h>

#include "base/json.h"

bool
encode_int(struct buf *out, int64_t v)
{
	char text[20];	/* -9223372036854775808 */
	size_t at = sizeof text;
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

	do
		text[--at] = (char)('0' + u % 10);
	while (u /= 10);
	if (v < 0)
		text[--at] = '-';
	return buf_add(out, text + at, sizeof text - at);
}

static bool
add_text(struct buf *out, const char *name, const char *s)
{
	return buf_adds(out, name) && json_add_string(out, s, strlen(s));
}

static bool
add_number(struct buf *out, const char *name, int64_t v)
{
	return buf_adds(out, name) && encode_int(out, v);
}

static bool
add_ref(struct buf *out, const char *ref)
{
	return *ref ? add_text(out, ",\"ref\":", ref) : buf_adds(out, ",\"ref\":null");
}

bool
record_encode(struct buf *out, const struct record *r)
{
	size_t start = out->n;

	if (add_number(out, "{\"seq\":", r->seq) && add_text(out, ",\"id\":", r->id) &&
			add_text(out, ",\"kind\":", r->kind_name) &&
			add_text(out, ",\"from\":", r->from) &&
			add_text(out, ",\"device\":", r->device) &&
			add_text(out, ",\"cid\":", r->cid) && add_number(out, ",\"ts\":", r->ts) &&
			add_ref(out, r->ref) && buf_adds(out, ",\"body\":") &&
			buf_add(out, r->body, r->body_n) &&
			(!r->cur || (buf_adds(out, ",\"cur\":") &&
				buf_add(out, r->cur, r->cur_n))) &&
			buf_addc(out, '}'))
		return true;
	buf_cut(out, start);
	return false;
}
