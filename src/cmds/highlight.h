/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of a search shown bold in text that was made safe. */
#ifndef CMDS_HIGHLIGHT_H
#define CMDS_HIGHLIGHT_H

#include <stddef.h>

struct buf;

/* Puts bold on and off around every word of b, from byte `from` on, that begins like a word of
 * query. Letters beyond ASCII must be the same; upper and lower case of ASCII count as one. */
void highlight(struct buf *b, size_t from, const char *query);

#endif
