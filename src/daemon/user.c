/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is connected, with which devices, and when they count as away. */
#include "daemon/user.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/presence.h"
#include "daemon/run.h"
#include "daemon/stream.h"
#include "loop/loop.h"
#include "wire/wire.h"

struct users {
	struct daemon *d;
	struct map *by_name;
	struct map *by_device;		/* "user device" to the connection that is open */
};

struct key { char s[USER_MAX + DEVICE_MAX + 2]; };

struct users *
users_new(struct daemon *d)
{
	struct users *u = xcalloc(1, sizeof *u);

	u->d = d;
	u->by_name = map_new();
	u->by_device = map_new();
	return u;
}

static void
free_user(void *arg)
{
	struct user *user = arg;

	loop_timer_stop(user->grace);
	free(user);
}

void
users_free(struct users *u)
{
	if (!u)
		return;
	map_free(u->by_name, free_user);
	map_free(u->by_device, NULL);
	free(u);
}

struct user *
users_find(const struct users *u, const char *name)
{
	return map_get(u->by_name, name);
}

/* A user is forgotten when nothing refers to it and it is not waiting to be away. */
static void
forget_if_unused(struct user *user)
{
	if (user->refs > 0 || user->grace)
		return;
	map_del(user->all->by_name, user->name);
	free_user(user);
}

static struct user *
get(struct users *u, const char *name)
{
	struct user *user = map_get(u->by_name, name);

	if (user)
		return user;
	user = xcalloc(1, sizeof *user);
	user->all = u;
	str_copy(user->name, sizeof user->name, name);
	map_put(u->by_name, name, user);
	return user;
}

static struct key
key(const struct user *user, const char *device)
{
	struct key k;

	snprintf(k.s, sizeof k.s, "%s %s", user->name, device);
	return k;
}

struct conn *
user_device(const struct user *user, const char *device)
{
	return map_get(user->all->by_device, key(user, device).s);
}

static void
link_conn(struct user *user, struct conn *c)
{
	c->mate = user->conns;
	c->mate_at = &user->conns;
	if (c->mate)
		c->mate->mate_at = &c->mate;
	user->conns = c;
	user->n++;
	map_put(user->all->by_device, key(user, c->device).s, c);
}

static void
unlink_conn(struct user *user, struct conn *c)
{
	*c->mate_at = c->mate;
	if (c->mate)
		c->mate->mate_at = c->mate_at;
	c->mate = NULL;
	c->mate_at = NULL;
	user->n--;
	map_del(user->all->by_device, key(user, c->device).s);
}

void
user_enter(struct users *u, const char *name, bool is_admin, struct conn *c)
{
	struct user *user = get(u, name);
	struct conn *old = user_device(user, c->device);

	if (old)
		conn_close(old, CLOSE_REPLACED, "connected again from the same device");
	loop_timer_stop(user->grace);
	user->grace = NULL;
	user->is_admin = is_admin;
	user->refs++;
	c->user = user;
	link_conn(user, c);
	streams_producer_back(u->d->streams, user->name, c->device);
	runs_device_back(u->d->runs, user->name, c->device);
	if (!user->is_online) {
		user->is_online = true;
		presence_changed(u->d, user);
	}
}

static void
away(void *arg)
{
	struct user *user = arg;

	user->grace = NULL;
	user->is_online = false;
	presence_changed(user->all->d, user);
	forget_if_unused(user);
}

void
user_leave(struct conn *c)
{
	struct user *user = c->user;

	if (!c->mate_at)
		return;		/* it left when it was closed */
	unlink_conn(user, c);
	streams_producer_gone(user->all->d->streams, user->name, c->device);
	runs_device_gone(user->all->d->runs, user->name, c->device);
	if (user->n == 0 && !user->all->d->is_stopping)
		user->grace = loop_timer_start(user->all->d->loop, USER_GRACE_MS, away, user);
}

void
user_release(struct user *user)
{
	user->refs--;
	forget_if_unused(user);
}

void
users_revoke(struct users *u, const char *name, bool all)
{
	struct user *user = map_get(u->by_name, name);

	for (struct conn *c = user ? user->conns : NULL, *next; c; c = next) {
		next = c->mate;
		if (!all && !c->by_token)
			continue;
		conn_error(c, WIRE_ABSENT, CODE_AUTH, "your access was taken back");
		conn_close(c, CLOSE_AUTH, "access taken back");
	}
}
