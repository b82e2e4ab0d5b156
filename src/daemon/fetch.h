/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The op "fetch": pages of the log, made when there is credit for them. stonechat-protocol(7),
 * section 3. */
#ifndef DAEMON_FETCH_H
#define DAEMON_FETCH_H

#include <stdbool.h>

struct buf;
struct conn;
struct frame;
struct want;

bool fetch_take(struct conn *c, struct frame *f);
/* Fills out with the page that w asks for, or answers with an error. True when w is done. */
bool fetch_fill(struct conn *c, struct want *w, struct buf *out);

#endif
