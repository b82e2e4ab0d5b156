/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message that is made once and sent to many. */
#ifndef DAEMON_BYTES_H
#define DAEMON_BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
	unsigned refs;
	/* its payload counts for credit (events, page and delta messages) */
	bool is_counted;
	size_t n;
	char p[];
};

/* A copy of p[n] with one reference, the caller's. */
struct bytes *bytes_new(const void *p, size_t n);
struct bytes *bytes_ref(struct bytes *b);
void bytes_unref(struct bytes *b);	/* NULL is fine */

#endif
