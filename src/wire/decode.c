/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes into frames. */
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "wire/take.h"

/* A frame with what its strings are borrowed from. */
struct owned {
	struct frame f;
	struct arena arena;
	alignas(max_align_t) char first[];
};

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
decode_rest(struct take *t, const struct wire_row *row, const struct value *root, struct frame *f,
		bool has_nul)
{
	struct err why;
	struct take rest = *t;

	rest.err = &why;
	if (has_nul)
		err_set(&why, ERR_USAGE, _("%s: a string holds a NUL"), row->name);
	else if (take_table(&rest, NULL, row->rest, root, f) && row->check(t->side, f, &why))
		return;
	take_nothing(row->rest, f);
	f->send.bad = rest.code;
	f->send.bad_why = arena_text(t->arena, why.msg, strlen(why.msg));
}

static enum wire_fault
decode_members(struct take *t, const struct wire_row *row, const struct value *root,
		struct frame *f, bool has_nul)
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
decode_object(struct take *t, const struct value *root, struct frame *f, bool has_nul)
{
	const struct value *hint = NULL, *op = value_member(root, "op", 2, &hint);

	if (!take_table(t, NULL, &wire_numbers, root, f))
		return WIRE_INVALID;
	if (!op || op->type != VALUE_STR) {
		err_set(t->err, ERR_USAGE, op ? _("member 'op' must be a string") :
			_("member 'op' is missing"));
		return WIRE_INVALID;
	}
	f->op = find_op(op->s);
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
	size_t room = arena_guess(n);
	struct owned *o = xmalloc(sizeof *o + room);
	struct take t = { .side = side, .what = "frame", .arena = &o->arena, .err = err,
		.code = CODE_INVALID };
	const struct value *root;
	bool has_nul;

	memset(&o->f, 0, sizeof o->f);
	take_nothing(&wire_numbers, &o->f);
	arena_init(&o->arena, o->first, room);
	root = read_json(&o->arena, p, n, &has_nul, err);
	*fault = WIRE_CLOSE_BAD;
	if (root && root->type == VALUE_OBJECT)
		*fault = decode_object(&t, root, &o->f, has_nul);
	else if (root)
		err_set(err, ERR_USAGE, _("a frame must be an object"));
	*i = o->f.i;
	if (*fault == WIRE_FINE)
		return &o->f;
	frame_free(&o->f);
	return NULL;
}

void
frame_free(struct frame *f)
{
	struct owned *o = (struct owned *)f;

	if (!f)
		return;
	arena_done(&o->arena);
	free(o);
}
