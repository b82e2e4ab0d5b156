/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identifiers: UUIDv7 (RFC 9562, section 5.7), random bytes and tokens, hashes of them. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_SIZE 37		/* a UUID in canonical form, with its NUL */
#define TOKEN_SIZE 44		/* 256 bits in base64url without padding, with its NUL */
#define HASH_SIZE 65		/* SHA-256 in hexadecimal, with its NUL */

/* A generator gives increasing ids even when the clock stands still or goes back. It draws its
 * randomness for many ids at once. */
struct id_gen { uint64_t last_ms; uint32_t counter; unsigned left; unsigned char pool[512]; };

/* A new UUIDv7 for wall-clock time ms, greater than every id this generator gave before. */
void id_make(struct id_gen *g, uint64_t ms, char out[ID_SIZE]);
/* One id from the clock and the random source, for callers with no generator. */
void id_new(char out[ID_SIZE]);
/* A UUIDv8 (section 5.8) made of the hash of p[n]: the same bytes give the same id. */
void id_of(const void *p, size_t n, char out[ID_SIZE]);
/* Sixteen bytes in canonical form. */
void id_format(const unsigned char b[16], char out[ID_SIZE]);
/* Canonical lower-case form of any UUID. */
bool id_valid(const char *s);

void random_bytes(void *p, size_t n);
/* "d_" or another prefix and n characters of base62. out has room for strlen(prefix) + n + 1. */
void id_short(const char *prefix, size_t n, char *out);
void token_new(char out[TOKEN_SIZE]);
void hash_hex(const void *p, size_t n, char out[HASH_SIZE]);
/* Constant-time comparison of two strings of equal expected length. */
bool secret_equal(const char *a, const char *b);

/* User and room ids: [a-z0-9._-]{1,32}. */
bool id_name_valid(const char *s);

#endif
