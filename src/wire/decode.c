/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes into frames. */
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "wire/take.h"

#define FRAME_ARENA 1024	/* bytes that most frames make do with */

/* A frame with what its strings are borrowed from. */
struct owned {
	struct frame f;
	json_t *root;
	struct arena arena;
	alignas(max_align_t) char first[FRAME_ARENA];
};

/* Where the next escaped NUL of p[n] stands, or NULL. */
static char *
find_nul(char *p, const char *end)
{
	for (; end - p >= 6; p++) {
		if (*p != '\\')
			continue;
		if (memcmp(p, "\\u0000", 6) == 0)
			return p;
		p++;	/* whatever is escaped here, a backslash too */
	}
	return NULL;
}

/* A NUL in a string is a wrong member, not broken JSON (stonechat-protocol(7), ERRORS): when that
 * is all that is wrong, the tree has U+FFFD for each and *has_nul is set. */
static json_t *
parse(const char *p, size_t n, bool *has_nul, struct err *err)
{
	json_t *root = json_strict(p, n, err);
	char *copy, *at;

	*has_nul = false;
	if (root)
		return root;
	copy = xmemdup(p, n);
	for (at = copy; (at = find_nul(at, copy + n)); at += 6) {
		memcpy(at, "\\ufffd", 6);
		*has_nul = true;
	}
	if (*has_nul)
		root = json_strict(copy, n, NULL);
	free(copy);
	return root;
}

static enum wire_op
find_op(const char *name)
{
	enum wire_op op;

	for (op = 0; op < WIRE_UNKNOWN; op++) {
		if (strcmp(wire_rows[op].name, name) == 0)
			break;
	}
	return op;
}

/* Fills what comes behind conv, cid and lane of a send. A nack says what is wrong there, so the
 * frame stands. */
static void
decode_rest(struct take *t, const struct wire_row *row, const json_t *root, struct frame *f,
		bool has_nul)
{
	struct err why;

	t->err = &why;
	if (has_nul)
		err_set(&why, ERR_USAGE, _("%s: a string holds a NUL"), row->name);
	else if (take_table(t, NULL, row->rest, root, f) && row->check(t->side, f, &why))
		return;
	take_nothing(row->rest, f);
	f->send.bad = t->code;
	f->send.bad_why = arena_text(t->arena, why.msg, strlen(why.msg));
}

static enum wire_fault
decode_members(struct take *t, const struct wire_row *row, const json_t *root, struct frame *f,
		bool has_nul)
{
	if (has_nul && !row->rest) {
		err_set(t->err, ERR_USAGE, _("%s: a string holds a NUL"), row->name);
		return WIRE_INVALID;
	}
	if (!take_table(t, NULL, row->members, root, f))
		return f->op == WIRE_HELLO && strcmp(t->failed->name, "auth") == 0 ?
			WIRE_CLOSE_AUTH : WIRE_INVALID;
	if (row->rest)
		decode_rest(t, row, root, f, has_nul);
	else if (row->check && !row->check(t->side, f, t->err))
		return WIRE_INVALID;
	return WIRE_FINE;
}

static enum wire_fault
decode_object(struct take *t, const json_t *root, struct frame *f, bool has_nul)
{
	const json_t *op = json_object_get(root, "op");

	if (!take_table(t, NULL, &wire_numbers, root, f))
		return WIRE_INVALID;
	if (!json_is_string(op)) {
		err_set(t->err, ERR_USAGE, op ? _("member 'op' must be a string") :
			_("member 'op' is missing"));
		return WIRE_INVALID;
	}
	f->op = find_op(json_string_value(op));
	if (f->op == WIRE_UNKNOWN || !(wire_rows[f->op].sides & t->side)) {
		f->op = WIRE_UNKNOWN;
		err_set(t->err, ERR_USAGE, _("the op is unknown"));
		return t->side == WIRE_SERVER ? WIRE_FINE : WIRE_INVALID;
	}
	t->what = wire_rows[f->op].name;
	return decode_members(t, &wire_rows[f->op], root, f, has_nul);
}

struct frame *
wire_decode(enum wire_side side, const char *p, size_t n, enum wire_fault *fault, int64_t *i,
		struct err *err)
{
	bool has_nul;
	json_t *root = parse(p, n, &has_nul, err);
	struct owned *o;
	struct take t;

	*i = WIRE_ABSENT;
	*fault = WIRE_CLOSE_BAD;
	if (!root)
		return NULL;
	if (!json_is_object(root)) {
		err_set(err, ERR_USAGE, _("a frame must be an object"));
		json_decref(root);
		return NULL;
	}
	o = xmalloc(sizeof *o);
	memset(&o->f, 0, sizeof o->f);
	take_nothing(&wire_numbers, &o->f);
	o->root = root;
	arena_init(&o->arena, o->first, sizeof o->first);
	take_init(&t, side, "frame", &o->arena, n, err);
	*fault = decode_object(&t, root, &o->f, has_nul);
	take_done(&t);
	if (*fault == WIRE_FINE)
		return &o->f;
	*i = o->f.i;
	frame_free(&o->f);
	return NULL;
}

void
frame_free(struct frame *f)
{
	struct owned *o = (struct owned *)f;

	if (!f)
		return;
	json_decref(o->root);
	arena_done(&o->arena);
	free(o);
}
