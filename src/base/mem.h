/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that is always there: out of memory aborts, so whatever others can grow has a cap
 * elsewhere. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);		/* NULL gives NULL */
char *xstrndup(const char *s, size_t n);
void *xmemdup(const void *p, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/* Copies s into dst[size], cut at a byte boundary, always ended by NUL; false if it did not fit. */
_Bool str_copy(char *dst, size_t size, const char *s);

#endif
