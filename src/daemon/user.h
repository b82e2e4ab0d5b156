/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is connected, with which devices, and when they count as away. */
#ifndef DAEMON_USER_H
#define DAEMON_USER_H

#include <stdbool.h>
#include <stddef.h>

#include "model/record.h"

struct conn;
struct daemon;
struct loop_timer;
struct users;

struct user {
	struct users *all;
	char name[USER_MAX + 1];
	bool is_admin;
	bool is_online;		/* connected, or was so less than USER_GRACE_MS ago */
	unsigned refs;		/* connections that still exist, also those that are ending */
	struct conn *conns;	/* those that are open */
	size_t n;
	struct loop_timer *grace;
};

#define USER_GRACE_MS 30000

struct users *users_new(struct daemon *d);
void users_free(struct users *u);
struct user *users_find(const struct users *u, const char *name);	/* NULL: not connected */

/* Enters a connection that has a device: the user's older connection from the same device is
 * closed with 4409. c->user is set. */
void user_enter(struct users *u, const char *name, bool is_admin, struct conn *c);
/* The connection's socket is gone. */
void user_leave(struct conn *c);
/* The connection is freed: the last use of c->user. */
void user_release(struct user *user);
/* The user's connection from that device, NULL when there is none. */
struct conn *user_device(const struct user *user, const char *device);
/* Closes the user's connections with "error auth" and 4401: all, or those that came by a token. */
void users_revoke(struct users *u, const char *name, bool all);

#endif
