/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON values into structs, by the tables. */
#ifndef WIRE_TAKE_H
#define WIRE_TAKE_H

#include "wire/read.h"
#include "wire/table.h"

/* One frame or body on its way in. What it fills borrows from the tree and the arena. */
struct take {
	enum wire_side side;	/* who sent it */
	const char *what;	/* a word for the messages: the op, or the kind of a body */
	struct arena *arena;
	struct err *err;
	enum code code;		/* the reason of a failure: begins as CODE_INVALID */
	/* on failure: the outermost member that is wrong; NULL when it is none of them */
	const struct member *failed;
	char path[96];
};

/* The place of a value in its frame, for messages: a member's name, or the index of an element. */
struct where { const struct where *up; const char *name; size_t index; };

/* Fills the zeroed struct *to from v. False when a member is missing or wrong; *to then may be
 * half filled, but nothing in it is dangling. up may be NULL. */
bool take_table(struct take *t, const struct where *up, const struct table *table,
		const struct value *v, void *to);
/* Sets every member in *to to what it is when it is not there. */
void take_nothing(const struct table *table, void *to);
/* The body of a record of this kind, from v, at up (stonechat-protocol(7), section 3.4). */
bool take_body(struct take *t, const struct where *up, enum record_kind kind, const struct value *v,
		struct body *body);
/* The compact text of v, in the arena. */
void take_json(struct take *t, const struct value *v, const char **text, size_t *n);
/* "subs[3].marks[0].id"; borrowed until the next call. */
const char *take_path(struct take *t, const struct where *at);
/* Sets err and is false. fmt begins with %s for what is taken and %s for the path of the member. */
#define TAKE_FAIL(t_, at_, fmt_, ...) \
	err_set((t_)->err, ERR_USAGE, fmt_, (t_)->what, take_path(t_, at_), ##__VA_ARGS__)

#endif
