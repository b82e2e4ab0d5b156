/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scripts that put no space between words, made ready for an index of words. */
#ifndef STORE_SPREAD_H
#define STORE_SPREAD_H

#include <stdbool.h>

#include "base/buf.h"

/* Adds the text p[n] to out with a space between characters of Chinese, Japanese and Korean, so
 * that each is a word and a run of them a phrase. False when out is full. */
bool spread(const char *p, size_t n, struct buf *out);

#endif
