/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The op "mark": how far a user has read. The first one goes to the ledger at once, those of the
 * next second as one, so that a user's log grows by at most one "read" a second and
 * conversation. */
#ifndef DAEMON_MARK_H
#define DAEMON_MARK_H

#include <stdbool.h>
#include <stddef.h>

struct conn;
struct daemon;
struct frame;
struct marks;

#define MARK_EVERY_MS 1100	/* a little more than the ledger asks for */

struct marks *marks_new(struct daemon *d);
void marks_free(struct marks *m);
bool mark_take(struct conn *c, struct frame *f);
/* What is held of this user's marks goes to the ledger now (NULL: everybody's). */
void marks_flush(struct marks *m, const char *user);

#endif
