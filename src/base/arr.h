/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Typed arrays: "arr(int) a = {0};" is empty and ready. */
#ifndef BASE_ARR_H
#define BASE_ARR_H

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define arr(T) struct { T *v; size_t n, cap; }

/* Adds x at the end. */
#define arr_push(a, x) (arr_room(a, 1), (a)->v[(a)->n++] = (x))
/* Makes room for k more and keeps n. */
#define arr_room(a, k) \
	((a)->v = arr_grow_((a)->v, (a)->n + (k), &(a)->cap, sizeof *(a)->v))
/* A pointer to a new zeroed last element. */
#define arr_new(a) (arr_room(a, 1), \
	memset(&(a)->v[(a)->n], 0, sizeof *(a)->v), &(a)->v[(a)->n++])
/* Removes element i and keeps the order. */
#define arr_remove(a, i) (memmove(&(a)->v[i], &(a)->v[(i) + 1], \
	((a)->n - (i) - 1) * sizeof *(a)->v), (a)->n--)
/* Opens place i and puts x there. */
#define arr_insert(a, i, x) (arr_room(a, 1), memmove(&(a)->v[(i) + 1], &(a)->v[i], \
	((a)->n - (i)) * sizeof *(a)->v), (a)->v[i] = (x), (a)->n++)
/* Frees the array itself, not what its elements point to; it is empty afterwards. */
#define arr_done(a) (free((a)->v), (a)->v = NULL, (a)->n = (a)->cap = 0)

void *arr_grow_(void *v, size_t need, size_t *cap, size_t size);

#endif
