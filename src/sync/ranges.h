/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of half-open ranges (lo,hi]: disjoint, never adjacent, in order. */
#ifndef SYNC_RANGES_H
#define SYNC_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/saved.h"

#define RANGES_MAX 4096		/* a peer that makes more holes is not followed further */

struct ranges { struct span *v; size_t n, cap; };

void ranges_done(struct ranges *r);
/* Makes room for k more; false when that would exceed RANGES_MAX. */
bool ranges_reserve(struct ranges *r, size_t k);
/* Adds (lo,hi] and merges what it touches; false, and nothing changes, when there is no room. */
bool ranges_add(struct ranges *r, int64_t lo, int64_t hi);
/* Forgets everything above top. */
void ranges_cut(struct ranges *r, int64_t top);
bool ranges_cover(const struct ranges *r, int64_t lo, int64_t hi);
/* The newest (or oldest) part of (lo,hi] that is not held; false when all of it is. */
bool ranges_hole(const struct ranges *r, int64_t lo, int64_t hi, bool oldest,
		struct span *hole);
/* The end of the newest range, 0 when empty. */
int64_t ranges_top(const struct ranges *r);

#endif
