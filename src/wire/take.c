/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON values into structs, by the tables: one function a shape. */
#include "wire/take.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "base/id.h"
#include "base/mem.h"

#define TAKE_STEPS 8	/* of a path: deeper than the tables go */

/* The slots of a struct that a member's row names. */
#define SLOT(type_, m_, to_) ((type_ *)(void *)((char *)(to_) + (m_)->at))
#define SLOT_N(type_, m_, to_) ((type_ *)(void *)((char *)(to_) + (m_)->at_n))

typedef bool take_shape(struct take *, const struct where *, const struct member *,
		const struct value *, void *);

const char *
take_path(struct take *t, const struct where *at)
{
	const struct where *steps[TAKE_STEPS];
	struct buf path;
	size_t n = 0;

	for (; at && n < TAKE_STEPS; at = at->up)
		steps[n++] = at;
	buf_init(&path, sizeof t->path - 1);
	while (n-- > 0) {
		if (!steps[n]->name)
			buf_addf(&path, "[%zu]", steps[n]->index);
		else
			buf_addf(&path, "%s%s", path.n > 0 ? "." : "", steps[n]->name);
	}
	str_copy(t->path, sizeof t->path, buf_str(&path));
	buf_done(&path);
	return t->path;
}

static bool
take_int(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	if (v->type != VALUE_INT)
		return TAKE_FAIL(t, at, _("%s: member '%s' must be an integer"));
	if (v->i < m->min || v->i > m->max)
		return TAKE_FAIL(t, at, _("%s: member '%s' must lie between %" PRId64 " and %"
			PRId64), m->min, m->max);
	*SLOT(int64_t, m, to) = v->i;
	return true;
}

static bool
take_ttl(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	if (v->type != VALUE_INT)
		return TAKE_FAIL(t, at, _("%s: member '%s' must be an integer"));
	/* below 0 is as late as 0, and must not read as WIRE_ABSENT */
	*SLOT(int64_t, m, to) = v->i < 0 ? 0 : v->i;
	return true;
}

static bool
take_bool(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	if (v->type != VALUE_BOOL)
		return TAKE_FAIL(t, at, _("%s: member '%s' must be true or false"));
	*SLOT(bool, m, to) = v->i;
	return true;
}

static bool
is_text(struct take *t, const struct where *at, const struct value *v, int64_t min, int64_t max)
{
	if (v->type != VALUE_STR)
		return TAKE_FAIL(t, at, _("%s: member '%s' must be a string"));
	if (v->n < min)
		return TAKE_FAIL(t, at, _("%s: member '%s' is empty"));
	if (v->n > max)
		return TAKE_FAIL(t, at, _("%s: member '%s' is longer than %" PRId64 " bytes"), max);
	return true;
}

static bool
take_str(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	if (!is_text(t, at, v, m->min, m->max))
		return false;
	*SLOT(const char *, m, to) = v->s;
	if (m->at_n)
		*SLOT_N(size_t, m, to) = v->n;
	return true;
}

static bool
take_id(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	if (v->type != VALUE_STR || !(v->n > 0 ? id_valid(v->s) : m->min == 0))
		return TAKE_FAIL(t, at, _("%s: member '%s' must be a UUID in lower case"));
	*SLOT(const char *, m, to) = v->s;
	return true;
}

/* The place of the string v in m->words, or -1. */
static int
find_word(struct take *t, const struct where *at, const struct member *m,
		const struct value *v)
{
	struct buf all;

	for (int i = 0; v->type == VALUE_STR && m->words[i]; i++) {
		if (strcmp(m->words[i], v->s) == 0)
			return i;
	}
	buf_init(&all, sizeof t->err->msg);
	for (int i = 0; m->words[i]; i++)
		buf_addf(&all, "%s%s", i > 0 ? ", " : "", m->words[i]);
	TAKE_FAIL(t, at, _("%s: member '%s' must be one of: %s"), buf_str(&all));
	buf_done(&all);
	return -1;
}

static bool
take_word(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	int i = find_word(t, at, m, v);

	if (i < 0)
		return false;
	*SLOT(const char *, m, to) = m->words[i];
	return true;
}

static bool
take_enum(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	int i = find_word(t, at, m, v);

	if (i < 0)
		return false;
	*SLOT(unsigned, m, to) = (unsigned)i;
	return true;
}

static bool
take_flag(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	if (find_word(t, at, m, v) < 0)
		return false;
	*SLOT(bool, m, to) = true;
	return true;
}

static bool
take_code(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	enum code *code = SLOT(enum code, m, to);

	if (!is_text(t, at, v, 1, WIRE_WORD_MAX))
		return false;
	if (!code_parse(v->s, code))
		*code = CODE_INTERNAL;
	return true;
}

static bool
take_kind(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	enum record_kind kind;

	if (!is_text(t, at, v, 1, WIRE_WORD_MAX))
		return false;
	kind = record_kind_parse(v->s);
	if (m->max && !(m->max & 1 << kind))
		return TAKE_FAIL(t, at, _("%s: member '%s' is no kind that can be sent"));
	*SLOT(enum record_kind, m, to) = kind;
	*SLOT_N(const char *, m, to) = v->s;
	return true;
}

/* Room for as many rows of size bytes as the array v has; *n says how many. NULL on failure. */
static void *
take_list(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, size_t size, size_t *n)
{
	*n = v->n;
	if (v->type != VALUE_ARRAY) {
		TAKE_FAIL(t, at, _("%s: member '%s' must be an array"));
		return NULL;
	}
	if ((int64_t)*n < m->min || (int64_t)*n > m->max) {
		TAKE_FAIL(t, at, _("%s: member '%s' must have %" PRId64 " to %" PRId64
			" elements"), m->min, m->max);
		return NULL;
	}
	return arena_new(t->arena, *n * size);
}

static bool
take_ints(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	size_t n;
	int64_t *list = take_list(t, at, m, v, sizeof *list, &n);
	const struct value *e = v->first;

	for (size_t i = 0; list && i < n; i++, e = e->next) {
		struct where here = { at, NULL, i };

		if (e->type != VALUE_INT || e->i < 0)
			return TAKE_FAIL(t, &here,
				_("%s: member '%s' must be an integer, not below 0"));
		list[i] = e->i;
	}
	*SLOT(int64_t *, m, to) = list;
	*SLOT_N(size_t, m, to) = n;
	return list != NULL;
}

static bool
take_strs(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	size_t n;
	const char **list = take_list(t, at, m, v, sizeof *list, &n);
	const struct value *e = v->first;

	for (size_t i = 0; list && i < n; i++, e = e->next) {
		struct where here = { at, NULL, i };

		if (!is_text(t, &here, e, 1, WIRE_WORD_MAX))
			return false;
		list[i] = e->s;
	}
	*SLOT(const char **, m, to) = list;
	*SLOT_N(size_t, m, to) = n;
	return list != NULL;
}

static bool
take_rows(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	size_t n;
	char *list = take_list(t, at, m, v, m->table->size, &n);
	const struct value *e = v->first;

	for (size_t i = 0; list && i < n; i++, e = e->next) {
		struct where here = { at, NULL, i };

		if (!take_table(t, &here, m->table, e, list + i * m->table->size))
			return false;
	}
	*SLOT(void *, m, to) = list;
	*SLOT_N(size_t, m, to) = n;
	return list != NULL;
}

static bool
take_part(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	void *part = m->table->size > 0 ? SLOT(void, m, to) : to;

	return take_table(t, at, m->table, v, part);
}

void
take_json(struct take *t, const struct value *v, const char **text, size_t *n)
{
	char *copy = arena_take(t->arena, v->raw_n + 1);

	*n = value_compact(v, copy);
	copy[*n] = '\0';
	*text = copy;
}

static bool
take_any(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	(void)at;
	take_json(t, v, SLOT(const char *, m, to), SLOT_N(size_t, m, to));
	return true;
}

static bool
take_object(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	if (v->type != VALUE_OBJECT)
		return TAKE_FAIL(t, at, _("%s: member '%s' must be an object"));
	return take_any(t, at, m, v, to);
}

static bool
take_array(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	const struct value *e = v->first;

	if (v->type != VALUE_ARRAY)
		return TAKE_FAIL(t, at, _("%s: member '%s' must be an array"));
	for (size_t i = 0; i < v->n; i++, e = e->next) {
		struct where here = { at, NULL, i };

		if (e->type != VALUE_OBJECT)
			return TAKE_FAIL(t, &here, _("%s: member '%s' must be an object"));
	}
	return take_any(t, at, m, v, to);
}

static bool
take_send_body(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	const struct frame *f = to;

	return take_body(t, at, f->send.kind, v, SLOT(struct body, m, to));
}

static take_shape *const shapes[] = {
	[SHAPE_INT] = take_int, [SHAPE_TTL] = take_ttl, [SHAPE_BOOL] = take_bool,
	[SHAPE_STR] = take_str, [SHAPE_ID] = take_id, [SHAPE_WORD] = take_word,
	[SHAPE_ENUM] = take_enum, [SHAPE_FLAG] = take_flag, [SHAPE_CODE] = take_code,
	[SHAPE_KIND] = take_kind, [SHAPE_INTS] = take_ints, [SHAPE_STRS] = take_strs,
	[SHAPE_ROWS] = take_rows, [SHAPE_RECORDS] = take_rows, [SHAPE_PART] = take_part,
	[SHAPE_OBJECT] = take_object, [SHAPE_ARRAY] = take_array, [SHAPE_ANY] = take_any,
	[SHAPE_BODY] = take_send_body,
};

static void
take_absent(const struct member *m, void *to)
{
	const char **text;

	switch (m->shape) {
	case SHAPE_INT:
	case SHAPE_TTL:
		*SLOT(int64_t, m, to) = WIRE_ABSENT;
		break;
	case SHAPE_KIND:
		*SLOT(enum record_kind, m, to) = REC_OTHER;
		*SLOT_N(const char *, m, to) = "";
		break;
	case SHAPE_STR:
	case SHAPE_ID:
	case SHAPE_WORD:
	case SHAPE_ARRAY:
	case SHAPE_ANY:
		text = SLOT(const char *, m, to);
		/* two members may share a slot */
		if (!*text)
			*text = "";
		break;
	case SHAPE_PART:
		take_nothing(m->table, m->table->size > 0 ? SLOT(void, m, to) : to);
		break;
	case SHAPE_BODY:
		*SLOT(struct body, m, to) = (struct body)BODY_EMPTY;
		break;
	default:	/* zero says it */
		break;
	}
}

void
take_nothing(const struct table *table, void *to)
{
	for (size_t i = 0; i < table->n; i++)
		take_absent(&table->v[i], to);
}

/* True if m belongs into *to at all, as far as it is filled. */
static bool
is_meant(const struct take *t, const struct table *table, const struct member *m, const void *to)
{
	return (!m->sides || (m->sides & t->side)) && (!m->only || (m->only & table->variant(to)));
}

static bool
take_member(struct take *t, const struct where *at, const struct member *m,
		const struct value *v, void *to)
{
	if (!v && m->need == NEED)
		return TAKE_FAIL(t, at, _("%s: member '%s' is missing"));
	if (!v || (m->need >= MAY_NULL && v->type == VALUE_NULL)) {
		take_absent(m, to);
		return true;
	}
	return shapes[m->shape](t, at, m, v, to);
}

bool
take_table(struct take *t, const struct where *up, const struct table *table,
		const struct value *v, void *to)
{
	const struct value *hint = NULL, *e = v->first;

	if (table->is_tuple && (v->type != VALUE_ARRAY || v->n != table->n))
		return TAKE_FAIL(t, up, _("%s: member '%s' must be an array of %zu elements"),
			table->n);
	if (!table->is_tuple && v->type != VALUE_OBJECT)
		return TAKE_FAIL(t, up, _("%s: member '%s' must be an object"));
	for (size_t i = 0; i < table->n; i++) {
		const struct member *m = &table->v[i];
		struct where here = { up, table->is_tuple ? NULL : m->name, i };

		if (!table->is_tuple)
			e = value_member(v, m->name, m->name_n, &hint);
		if (!is_meant(t, table, m, to)) {
			take_absent(m, to);
		} else if (!take_member(t, &here, m, e, to)) {
			t->failed = m;
			return false;
		}
		if (table->is_tuple)
			e = e->next;
	}
	return true;
}
