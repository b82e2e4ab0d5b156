/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The op "send": a proposal to the ledger, answered by ack or nack after its commit.
 * stonechat-protocol(7), sections 3 and 4. */
#ifndef DAEMON_POST_H
#define DAEMON_POST_H

#include <stdbool.h>

struct conn;
struct frame;

bool post_take(struct conn *c, struct frame *f);
/* True if the connection has so many requests without an answer that one more is "busy". The
 * answers on their way are not known to the client yet, hence the factor. */
bool post_is_busy(const struct conn *c);

#endif
