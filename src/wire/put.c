/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structs into JSON, by the tables: one function a shape. */
#include "wire/put.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "model/encode.h"

/* What a struct has where a member's row says. */
#define SLOT(type_, m_, from_) ((type_ const *)(const void *)((const char *)(from_) + (m_)->at))
#define SLOT_N(type_, m_, from_) \
	((type_ const *)(const void *)((const char *)(from_) + (m_)->at_n))

typedef bool put_shape(struct buf *, enum wire_side, const struct member *, const void *);

static bool
put_text(struct buf *out, const char *s)
{
	return json_add_string(out, s ? s : "", s ? strlen(s) : 0);
}

static bool
put_int(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	(void)side;
	return encode_int(out, *SLOT(int64_t, m, from));
}

static bool
put_bool(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	(void)side;
	return *SLOT(bool, m, from) ? buf_add(out, "true", 4) : buf_add(out, "false", 5);
}

static bool
put_str(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	const char *s = *SLOT(const char *, m, from);

	(void)side;
	if (!m->at_n)
		return put_text(out, s);
	return json_add_string(out, s ? s : "", s ? *SLOT_N(size_t, m, from) : 0);
}

static bool
put_enum(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	(void)side;
	return put_text(out, m->words[*SLOT(unsigned, m, from)]);
}

static bool
put_flag(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	(void)side;
	(void)from;
	return put_text(out, m->words[0]);
}

static bool
put_code(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	(void)side;
	return put_text(out, code_name(*SLOT(enum code, m, from)));
}

static bool
put_kind(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	const char *name = *SLOT_N(const char *, m, from);

	(void)side;
	return put_text(out, name && *name ? name :
		record_kind_name(*SLOT(enum record_kind, m, from)));
}

static bool
put_comma(struct buf *out, size_t i)
{
	return i == 0 || buf_addc(out, ',');
}

static bool
put_ints(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	const int64_t *list = *SLOT(int64_t *, m, from);

	(void)side;
	if (!buf_addc(out, '['))
		return false;
	for (size_t i = 0; i < *SLOT_N(size_t, m, from); i++) {
		if (!put_comma(out, i) || !encode_int(out, list[i]))
			return false;
	}
	return buf_addc(out, ']');
}

static bool
put_strs(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	const char *const *list = *SLOT(const char **, m, from);

	(void)side;
	if (!buf_addc(out, '['))
		return false;
	for (size_t i = 0; i < *SLOT_N(size_t, m, from); i++) {
		if (!put_comma(out, i) || !put_text(out, list[i]))
			return false;
	}
	return buf_addc(out, ']');
}

static bool
put_rows(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	const char *list = *SLOT(char *, m, from);

	if (!buf_addc(out, '['))
		return false;
	for (size_t i = 0; i < *SLOT_N(size_t, m, from); i++) {
		if (!put_comma(out, i) ||
				!put_table(out, side, m->table, list + i * m->table->size))
			return false;
	}
	return buf_addc(out, ']');
}

static bool
put_records(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	const char *at = (const char *)from + m->at_raw;
	const char *raw = *(const char *const *)(const void *)at;
	size_t raw_n = *(const size_t *)(const void *)(at + sizeof raw);
	const struct record *list = *SLOT(struct record *, m, from);

	(void)side;
	if (!buf_addc(out, '['))
		return false;
	if (raw)
		return buf_add(out, raw, raw_n) && buf_addc(out, ']');
	for (size_t i = 0; i < *SLOT_N(size_t, m, from); i++) {
		if (!put_comma(out, i) || !record_encode(out, &list[i]))
			return false;
	}
	return buf_addc(out, ']');
}

static bool
put_part(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	return put_table(out, side, m->table, m->table->size > 0 ? SLOT(char, m, from) : from);
}

static bool
put_json(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	(void)side;
	return buf_add(out, *SLOT(const char *, m, from), *SLOT_N(size_t, m, from));
}

static bool
put_body(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	const struct body *body = SLOT(struct body, m, from);
	const struct frame *f = from;

	(void)side;
	return body->json_n > 0 ? buf_add(out, body->json, body->json_n) :
		body_encode(f->send.kind, body, out);
}

static put_shape *const shapes[] = {
	[SHAPE_INT] = put_int, [SHAPE_TTL] = put_int, [SHAPE_BOOL] = put_bool,
	[SHAPE_STR] = put_str, [SHAPE_ID] = put_str, [SHAPE_WORD] = put_str,
	[SHAPE_ENUM] = put_enum, [SHAPE_FLAG] = put_flag, [SHAPE_CODE] = put_code,
	[SHAPE_KIND] = put_kind, [SHAPE_INTS] = put_ints, [SHAPE_STRS] = put_strs,
	[SHAPE_ROWS] = put_rows, [SHAPE_RECORDS] = put_records, [SHAPE_PART] = put_part,
	[SHAPE_OBJECT] = put_json, [SHAPE_ARRAY] = put_json, [SHAPE_ANY] = put_json,
	[SHAPE_BODY] = put_body,
};

/* True for what a member has when it is not there. */
static bool
is_absent(const struct member *m, const void *from)
{
	const char *text;

	switch (m->shape) {
	case SHAPE_INT:
	case SHAPE_TTL:
		return *SLOT(int64_t, m, from) == WIRE_ABSENT;
	case SHAPE_BOOL:
	case SHAPE_FLAG:
		return !*SLOT(bool, m, from);
	case SHAPE_STR:
	case SHAPE_ID:
	case SHAPE_WORD:
	case SHAPE_OBJECT:
	case SHAPE_ARRAY:
	case SHAPE_ANY:
		text = *SLOT(const char *, m, from);
		return !text || !*text;
	case SHAPE_INTS:
	case SHAPE_STRS:
	case SHAPE_ROWS:
		return *SLOT_N(size_t, m, from) == 0;
	case SHAPE_PART:	/* as absent as the first of its members */
		return m->table->size == 0 && is_absent(&m->table->v[0], from);
	default:
		return false;
	}
}

static bool
put_value(struct buf *out, enum wire_side side, const struct member *m, const void *from)
{
	if (m->need == NULLABLE && is_absent(m, from))
		return buf_add(out, "null", 4);
	return shapes[m->shape](out, side, m, from);
}

/* Appends what is there; comma: before the first one too. */
static bool
put_each(struct buf *out, enum wire_side side, const struct table *table, const void *from,
		bool comma)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct member *m = &table->v[i];
		size_t skip = comma ? 0 : 1;

		if ((m->sides && !(m->sides & side)) ||
				(m->only && !(m->only & table->variant(from))) ||
				((m->need == MAY || m->need == MAY_NULL) && is_absent(m, from)))
			continue;
		if (table->is_tuple ? !put_comma(out, i) :
				!buf_add(out, m->key + skip, m->key_n - skip))
			return false;
		if (!put_value(out, side, m, from))
			return false;
		comma = true;
	}
	return true;
}

bool
put_members(struct buf *out, enum wire_side side, const struct table *table, const void *from)
{
	return put_each(out, side, table, from, true);
}

bool
put_table(struct buf *out, enum wire_side side, const struct table *table, const void *from)
{
	size_t start = out->n;

	if (buf_addc(out, table->is_tuple ? '[' : '{') &&
			put_each(out, side, table, from, false) &&
			buf_addc(out, table->is_tuple ? ']' : '}'))
		return true;
	buf_cut(out, start);
	return false;
}
