/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ops "sub" and "unsub": does the client's position belong to this log?
 * stonechat-protocol(7), section 4.4. */
#ifndef DAEMON_SUBS_H
#define DAEMON_SUBS_H

#include <stdbool.h>

struct conn;
struct frame;

bool subs_take(struct conn *c, struct frame *f);
bool subs_end(struct conn *c, struct frame *f);

#endif
