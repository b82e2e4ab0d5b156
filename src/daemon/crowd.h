/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All connections: how many an address may have that did not say who they are, and which have
 * been silent too long. One timer for all of them. */
#ifndef DAEMON_CROWD_H
#define DAEMON_CROWD_H

#include <stdbool.h>
#include <stddef.h>

struct conn;
struct crowd;
struct daemon;

struct crowd *crowd_new(struct daemon *d);
void crowd_free(struct crowd *cr);

/* At accept: false when the address has too many strangers. Unix sockets ("") have no address. */
bool crowd_admit(struct crowd *cr, const char *addr);
/* An admitted one is a stranger no more: it said who it is, or is gone. */
void crowd_known(struct crowd *cr, const char *addr);
/* Enters the connection among the strangers, whose time runs from now. */
void crowd_enter(struct crowd *cr, struct conn *c);
/* Moves it among the known, whose time runs from their last frame. */
void crowd_promote(struct crowd *cr, struct conn *c);
/* A frame came. */
void crowd_seen(struct crowd *cr, struct conn *c);
void crowd_leave(struct crowd *cr, struct conn *c);
size_t crowd_count(const struct crowd *cr);
size_t crowd_strangers(const struct crowd *cr);
/* Says bye to all who are known and closes everybody with 4503. */
void crowd_dismiss(struct crowd *cr, int after_ms);

#endif
