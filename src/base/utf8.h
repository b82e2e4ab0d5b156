/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF (Unicode 15, table
 * 3-7). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the first code point of p[n], n >= 1. Returns its length; or, for a bad maximal
 * subpart, minus that subpart's length, with *cp = U+FFFD (Unicode 15, section 3.9, "Substitution
 * of Maximal Subparts"). */
int utf8_next(const char *p, size_t n, uint32_t *cp);
/* Writes cp as 1 to 4 bytes and returns how many. cp must be a scalar value. */
int utf8_put(uint32_t cp, char out[4]);
/* True if p[n] is valid UTF-8; else *bad (may be NULL) is the offset of the first bad byte. */
bool utf8_valid(const char *p, size_t n, size_t *bad);
/* The largest m <= n at which p can be cut without splitting a character. */
size_t utf8_cut(const char *p, size_t n);
/* How many bytes from the start of p[n] are ASCII. */
size_t utf8_ascii(const char *p, size_t n);

/* C0, DEL or C1. */
bool utf8_is_control(uint32_t cp);
/* A character that changes the direction of text (UAX 9: ALM, LRM, RLM, embeddings, overrides and
 * isolates). */
bool utf8_is_bidi(uint32_t cp);

#endif
