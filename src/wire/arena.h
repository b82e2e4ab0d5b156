/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that lives as long as one frame: taken in pieces, given back at once. */
#ifndef WIRE_ARENA_H
#define WIRE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	char *p;		/* the free rest of the newest block */
	size_t left;
	struct arena_block *blocks;
};

/* first[n] is used before anything is allocated; it stays the caller's and must outlive the arena.
 * It is aligned for any object. An arena grows with what a frame holds, which has a limit. */
void arena_init(struct arena *a, void *first, size_t n);
void arena_done(struct arena *a);
/* How large first should be for a text of n bytes, which most make do with. */
size_t arena_guess(size_t n);
/* n bytes, aligned for any object, with anything in them. */
void *arena_take(struct arena *a, size_t n);
/* n bytes of zeroes, aligned for any object. */
void *arena_new(struct arena *a, size_t n);
/* A copy of p[n], ended by NUL. */
char *arena_text(struct arena *a, const char *p, size_t n);

#endif
