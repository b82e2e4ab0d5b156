/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jansson with the strictness that every border of the program needs. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;

#define JSON_DEPTH_MAX 32

/* Parses p[n]: one value, UTF-8, no duplicate keys, no NUL in strings, at most JSON_DEPTH_MAX
 * deep (checked before jansson allocates), no lone surrogates, integers within 63 bits. NULL and
 * err (ERR_USAGE) on failure. Unref the result. */
json_t *json_strict(const char *p, size_t n, struct err *err);

/* Members of an object: NULL, -1, 0 or false when absent or of another type. Borrowed. */
const char *json_str(const json_t *o, const char *key);
const char *json_strn(const json_t *o, const char *key, size_t *n);
int64_t json_int(const json_t *o, const char *key, int64_t otherwise);
bool json_bool(const json_t *o, const char *key, bool otherwise);

/* Adds the compact text of v in member order; false when b is full. */
bool json_add(struct buf *b, const json_t *v);
/* Adds s[n] as a JSON string with its quotes; C0, DEL, C1 and bidi controls are escaped as
 * \uXXXX. s must be UTF-8. */
bool json_add_string(struct buf *b, const char *s, size_t n);

#endif
