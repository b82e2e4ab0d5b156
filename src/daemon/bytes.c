/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message that is made once and sent to many. */
#include "daemon/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct bytes *
bytes_new(const void *p, size_t n)
{
	struct bytes *b = xmalloc(sizeof *b + n);

	b->refs = 1;
	b->is_counted = false;
	b->n = n;
	memcpy(b->p, p, n);
	return b;
}

struct bytes *
bytes_ref(struct bytes *b)
{
	b->refs++;
	return b;
}

void
bytes_unref(struct bytes *b)
{
	if (b && --b->refs == 0)
		free(b);
}
