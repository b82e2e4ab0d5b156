/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coverage, in a small sorted array. */
#include "sync/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "base/arr.h"

void
ranges_done(struct ranges *r)
{
	free(r->v);
	memset(r, 0, sizeof *r);
}

bool
ranges_reserve(struct ranges *r, size_t k)
{
	if (r->n + k > RANGES_MAX)
		return false;
	arr_room(r, k);
	return true;
}

/* The first range that ends at or above lo. */
static size_t
ranges_at(const struct ranges *r, int64_t lo)
{
	size_t a = 0, b = r->n;

	while (a < b) {
		size_t m = a + (b - a) / 2;

		if (r->v[m].hi < lo)
			a = m + 1;
		else
			b = m;
	}
	return a;
}

bool
ranges_add(struct ranges *r, int64_t lo, int64_t hi)
{
	size_t i = ranges_at(r, lo), j = i;

	if (lo >= hi)
		return true;
	while (j < r->n && r->v[j].lo <= hi)
		j++;
	if (i == j) {
		if (r->n == r->cap)
			return false;
		memmove(&r->v[i + 1], &r->v[i], (r->n - i) * sizeof *r->v);
		r->v[i] = (struct span){ lo, hi };
		r->n++;
		return true;
	}
	if (r->v[i].lo < lo)
		lo = r->v[i].lo;
	if (r->v[j - 1].hi > hi)
		hi = r->v[j - 1].hi;
	r->v[i] = (struct span){ lo, hi };
	memmove(&r->v[i + 1], &r->v[j], (r->n - j) * sizeof *r->v);
	r->n -= j - i - 1;
	return true;
}

void
ranges_cut(struct ranges *r, int64_t top)
{
	while (r->n > 0 && r->v[r->n - 1].lo >= top)
		r->n--;
	if (r->n > 0 && r->v[r->n - 1].hi > top)
		r->v[r->n - 1].hi = top;
}

bool
ranges_cover(const struct ranges *r, int64_t lo, int64_t hi)
{
	struct span hole;

	return !ranges_hole(r, lo, hi, true, &hole);
}

static bool
hole_oldest(const struct ranges *r, int64_t lo, int64_t hi, struct span *hole)
{
	size_t i = ranges_at(r, lo);

	if (i < r->n && r->v[i].lo <= lo)
		lo = r->v[i++].hi;
	if (lo >= hi)
		return false;
	if (i < r->n && r->v[i].lo < hi)
		hi = r->v[i].lo;
	*hole = (struct span){ lo, hi };
	return true;
}

static bool
hole_newest(const struct ranges *r, int64_t lo, int64_t hi, struct span *hole)
{
	size_t i = ranges_at(r, hi);

	if (i < r->n && r->v[i].lo < hi)
		hi = r->v[i].lo;
	if (lo >= hi)
		return false;
	if (i > 0 && r->v[i - 1].hi > lo)
		lo = r->v[i - 1].hi;
	*hole = (struct span){ lo, hi };
	return true;
}

bool
ranges_hole(const struct ranges *r, int64_t lo, int64_t hi, bool oldest, struct span *hole)
{
	return oldest ? hole_oldest(r, lo, hi, hole) : hole_newest(r, lo, hi, hole);
}

int64_t
ranges_top(const struct ranges *r)
{
	return r->n > 0 ? r->v[r->n - 1].hi : 0;
}
