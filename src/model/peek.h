/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at members of a compact JSON object without building a tree: for bodies that were checked
 * where they came in. Any bytes are safe; what is no object simply has no members. */
#ifndef MODEL_PEEK_H
#define MODEL_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* The bytes of the member's value as they stand (a string with its quotes); false when the object
 * has no such member. Keys are compared as written, so key must need no escapes. */
bool peek_raw(const char *json, size_t n, const char *key, const char **value, size_t *value_n);
/* Appends the member's string, unescaped; false when there is none or out is full. */
bool peek_str(const char *json, size_t n, const char *key, struct buf *out);
/* The same into out[size]; false and "" when there is none or it does not fit. */
bool peek_name(const char *json, size_t n, const char *key, char *out, size_t size);
bool peek_bool(const char *json, size_t n, const char *key, bool otherwise);
int64_t peek_int(const char *json, size_t n, const char *key, int64_t otherwise);
/* The i-th member, in order: key as written (without quotes) and value; false after the last. */
bool peek_member(const char *json, size_t n, size_t i, const char **key, size_t *key_n,
		const char **value, size_t *value_n);

#endif
