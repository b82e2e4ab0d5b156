/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How typed arrays grow. */
#include "base/arr.h"

#include <stdint.h>

#define ARR_FIRST 8	/* elements of the first allocation */

void *
arr_grow_(void *v, size_t need, size_t *cap, size_t size)
{
	size_t n = *cap;

	if (need <= n)
		return v;
	n = n > SIZE_MAX / 2 ? SIZE_MAX : n * 2;
	if (n < ARR_FIRST)
		n = ARR_FIRST;
	if (n < need)
		n = need;
	if (n > SIZE_MAX / size)
		abort();
	*cap = n;
	return xrealloc(v, n * size);
}
