/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON on its way into structs: a strict reader that makes no copies. Frames come by the hundred
 * thousand a second, and jansson takes four microseconds for each; tests hold the two against each
 * other. */
#ifndef WIRE_READ_H
#define WIRE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/arena.h"

enum value_type {
	VALUE_NULL, VALUE_BOOL, VALUE_INT, VALUE_REAL, VALUE_STR, VALUE_ARRAY, VALUE_OBJECT
};

struct value {
	enum value_type type;
	uint32_t n;			/* bytes of a string, elements, members */
	union {
		int64_t i;		/* VALUE_BOOL too: 0 or 1 */
		const char *s;		/* ended by NUL */
		const struct value *first;	/* element or member */
	};
	const struct value *next;	/* behind it in the same array or object */
	const char *key;		/* of a member; ended by NUL */
	const char *raw;		/* as it came: in the text that was read */
	uint32_t key_n, raw_n;
	uint32_t blanks;		/* between its tokens */
};

/* Reads p[n], which must be one JSON value (RFC 8259) in UTF-8: at most JSON_DEPTH_MAX
 * deep, no key twice in an object, no half of a surrogate pair, integers within 63 bits, no number
 * beyond a double's range. An escaped NUL is read as U+FFFD and noted in *has_nul. NULL and err
 * (ERR_USAGE) on failure. Values live in the arena; raw points into p. */
const struct value *read_json(struct arena *arena, const char *p, size_t n, bool *has_nul,
		struct err *err);
/* The member of an object, or NULL. *hint is where to look first: NULL, or what this left in it. */
const struct value *value_member(const struct value *object, const char *key, size_t key_n,
		const struct value **hint);
/* Writes v as it came, without blanks, to out, which has room for v->raw_n bytes; returns how many
 * were written. */
size_t value_compact(const struct value *v, char *out);

#endif
