/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing run of bytes that knows its limit. */
#include "base/buf.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BUF_FIRST 64	/* bytes of the first allocation */

void
buf_init(struct buf *b, size_t max)
{
	assert(max < SIZE_MAX / 2);
	*b = (struct buf){ .max = max };
}

void
buf_done(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ .max = b->max };
}

/* Room for n more bytes and the NUL; false when that would exceed max. */
static bool
buf_room(struct buf *b, size_t n)
{
	size_t need, cap;

	if (n > b->max - b->n)
		return false;
	need = b->n + n + 1;
	if (need <= b->cap)
		return true;
	cap = b->cap ? b->cap * 2 : BUF_FIRST;
	if (cap < need)
		cap = need;
	if (cap > b->max + 1)
		cap = b->max + 1;
	b->p = xrealloc(b->p, cap);
	b->cap = cap;
	return true;
}

bool
buf_add(struct buf *b, const void *p, size_t n)
{
	if (!buf_room(b, n))
		return false;
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
	return true;
}

bool
buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

bool
buf_addc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

bool
buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || !buf_room(b, (size_t)n))
		return false;
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
	return true;
}

bool
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	bool ok;

	va_start(ap, fmt);
	ok = buf_vaddf(b, fmt, ap);
	va_end(ap);
	return ok;
}

void
buf_drop(struct buf *b, size_t n)
{
	assert(n <= b->n);
	if (n == 0)
		return;
	/* the NUL moves too */
	memmove(b->p, b->p + n, b->n - n + 1);
	b->n -= n;
}

void
buf_cut(struct buf *b, size_t n)
{
	assert(n <= b->n);
	b->n = n;
	if (b->p)
		b->p[n] = '\0';
}

void
buf_clear(struct buf *b)
{
	buf_cut(b, 0);
}

const char *
buf_str(const struct buf *b)
{
	return b->p ? b->p : "";
}

char *
buf_take(struct buf *b)
{
	char *p = b->p ? b->p : xstrdup("");

	*b = (struct buf){ .max = b->max };
	return p;
}
