/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The op "room": what can be done with rooms, one row a verb. */
#ifndef DAEMON_ROOM_H
#define DAEMON_ROOM_H

#include <stdbool.h>

struct conn;
struct frame;

bool room_take(struct conn *c, struct frame *f);

#endif
