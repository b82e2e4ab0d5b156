/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that lives as long as one frame. */
#include "wire/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define ARENA_BLOCK 8192	/* bytes of an ordinary block */
#define ARENA_GUESS_MAX 16384

struct arena_block {
	struct arena_block *next;
	alignas(max_align_t) char data[];
};

void
arena_init(struct arena *a, void *first, size_t n)
{
	*a = (struct arena){ .p = first, .left = n };
}

void
arena_done(struct arena *a)
{
	struct arena_block *next;

	for (struct arena_block *b = a->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
}

size_t
arena_guess(size_t n)
{
	return n < ARENA_GUESS_MAX / 6 ? 256 + 6 * n : ARENA_GUESS_MAX;
}

static size_t
arena_round(size_t n)
{
	return (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
}

void *
arena_take(struct arena *a, size_t n)
{
	void *p;

	n = arena_round(n);
	if (n > a->left) {
		size_t size = n > ARENA_BLOCK ? n : ARENA_BLOCK;
		struct arena_block *b = xmalloc(sizeof *b + size);

		b->next = a->blocks;
		a->blocks = b;
		a->p = b->data;
		a->left = size;
	}
	p = a->p;
	a->p += n;
	a->left -= n;
	return p;
}

void *
arena_new(struct arena *a, size_t n)
{
	return memset(arena_take(a, n), 0, n);
}

char *
arena_text(struct arena *a, const char *p, size_t n)
{
	char *copy = arena_take(a, n + 1);

	memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}
