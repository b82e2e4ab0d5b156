/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a user's conversations look like: in the welcome, in the frames after it, in pong. */
#ifndef DAEMON_HEADS_H
#define DAEMON_HEADS_H

#include <stdbool.h>

struct conn;
struct frame;

/* Completes the welcome with the heads that changed after since and sends it, followed by "heads"
 * frames for those that do not fit. */
void heads_welcome(struct conn *c, struct frame *welcome, const char *since);
/* The op "ping". */
bool heads_pong(struct conn *c, struct frame *f);

#endif
