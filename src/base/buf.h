/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing run of bytes that knows its limit. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	/* p[n] is always NUL once anything was added; NULL when empty and new */
	char *p;
	size_t n, cap, max;
};

/* An empty buffer that never holds more than max bytes. */
void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);

/* Each adds at the end, or adds nothing and returns false when the result would exceed max. */
bool buf_add(struct buf *b, const void *p, size_t n);
bool buf_adds(struct buf *b, const char *s);
bool buf_addc(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* Removes the first n bytes (n <= b->n). */
void buf_drop(struct buf *b, size_t n);
/* Keeps the first n bytes (n <= b->n). */
void buf_cut(struct buf *b, size_t n);
void buf_clear(struct buf *b);

/* The text, ended by NUL; "" when empty; borrowed until the next change. */
const char *buf_str(const struct buf *b);
/* The text, ended by NUL, now the caller's to free; the buffer is empty afterwards. */
char *buf_take(struct buf *b);

#endif
