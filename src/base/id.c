/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identifiers, random bytes and hashes; libsodium does the cryptography. */
#include "base/id.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define MS_MAX ((UINT64_C(1) << 48) - 1)
#define NAME_MAX_LEN 32

void
random_bytes(void *p, size_t n)
{
	/* may be called often and from any thread; without randomness nothing is safe */
	if (sodium_init() < 0)
		abort();
	randombytes_buf(p, n);
}

void
id_format(const unsigned char b[16], char out[ID_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	size_t at = 0;

	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		out[at++] = digits[b[i] >> 4];
		out[at++] = digits[b[i] & 15];
	}
	out[at] = '\0';
}

/* The counter begins at a random number whose top bit is clear, so that two billion ids fit into
 * one millisecond; when they are used up, the generator's own time moves on (RFC 9562, section
 * 6.2, method 1). */
static void
id_tick(struct id_gen *g, uint64_t ms, uint32_t seed)
{
	if (ms > MS_MAX)
		ms = MS_MAX;
	if (ms <= g->last_ms) {
		if (++g->counter != 0)
			return;
		ms = g->last_ms + 1;
	}
	g->last_ms = ms;
	g->counter = seed >> 1;
}

/* b holds random bytes. */
static void
make(struct id_gen *g, uint64_t ms, unsigned char b[16], char out[ID_SIZE])
{
	uint32_t seed;

	memcpy(&seed, b, sizeof seed);
	id_tick(g, ms, seed);
	for (int i = 0; i < 6; i++)
		b[i] = (unsigned char)(g->last_ms >> (40 - 8 * i));
	/* version 7, 12 bits of the counter, variant, its 20 others, 42 random bits */
	b[6] = (unsigned char)(0x70 | g->counter >> 28);
	b[7] = (unsigned char)(g->counter >> 20);
	b[8] = (unsigned char)(0x80 | (g->counter >> 14 & 0x3f));
	b[9] = (unsigned char)(g->counter >> 6);
	b[10] = (unsigned char)(g->counter << 2 | (b[10] & 3));
	id_format(b, out);
}

void
id_make(struct id_gen *g, uint64_t ms, char out[ID_SIZE])
{
	unsigned char b[16];

	if (g->left < sizeof b) {
		random_bytes(g->pool, sizeof g->pool);
		g->left = sizeof g->pool;
	}
	g->left -= sizeof b;
	memcpy(b, g->pool + g->left, sizeof b);
	make(g, ms, b, out);
}

void
id_new(char out[ID_SIZE])
{
	struct id_gen g = { .left = 0 };
	unsigned char b[16];

	random_bytes(b, sizeof b);
	make(&g, (uint64_t)clock_wall_ms(), b, out);
}

void
id_of(const void *p, size_t n, char out[ID_SIZE])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, p, n);
	hash[6] = (unsigned char)(0x80 | (hash[6] & 15));
	hash[8] = (unsigned char)(0x80 | (hash[8] & 63));
	id_format(hash, out);
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool
id_valid(const char *s)
{
	for (int i = 0; i < ID_SIZE - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !is_hex(s[i]))
			return false;
	}
	return s[ID_SIZE - 1] == '\0';
}

void
id_short(const char *prefix, size_t n, char *out)
{
	static const char digits[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	size_t len = strlen(prefix);

	if (sodium_init() < 0)
		abort();
	memcpy(out, prefix, len);
	for (size_t i = 0; i < n; i++)
		out[len + i] = digits[randombytes_uniform(sizeof digits - 1)];
	out[len + n] = '\0';
}

void
token_new(char out[TOKEN_SIZE])
{
	unsigned char secret[32];

	random_bytes(secret, sizeof secret);
	sodium_bin2base64(out, TOKEN_SIZE, secret, sizeof secret,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(secret, sizeof secret);
}

void
hash_hex(const void *p, size_t n, char out[HASH_SIZE])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, p, n);
	sodium_bin2hex(out, HASH_SIZE, hash, sizeof hash);
}

bool
secret_equal(const char *a, const char *b)
{
	size_t n = strlen(a);

	return n == strlen(b) && sodium_memcmp(a, b, n) == 0;
}

bool
id_name_valid(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return n >= 1 && n <= NAME_MAX_LEN && s[n] == '\0';
}
