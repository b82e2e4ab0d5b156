/* SPDX-License-Identifier: GPL-3.0-or-later */
/* engine.lock: who is the one engine of a data directory. The flock is its life, the text only
 * says where to find it. */
#ifndef CONTROL_LOCK_H
#define CONTROL_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* Lines "key=value" of the file; absent strings NULL. */
struct lock_info {
	pid_t pid;
	char *version, *host, *boot, *socket, *config;
};

/* What stands in data/engine.lock, whether its engine lives or not. False when there is no such
 * file, or nothing usable in it; err only when it cannot be read. */
bool lock_read(const char *data, struct lock_info *info, struct err *err);
void lock_info_done(struct lock_info *info);
/* Did this host write it, since it was started last? */
bool lock_is_here(const struct lock_info *info);

enum lock_result { LOCK_TAKEN, LOCK_HELD, LOCK_ERROR };
/* Takes the lock without waiting: *fd is then ours, for as long as it is open, and the file is
 * empty. LOCK_HELD: an engine lives; if it is one of another host or boot, err says whose, else
 * err->kind is ERR_NONE. */
enum lock_result lock_take(const char *data, int *fd, struct err *err);
/* Is the file at its place still the one we hold? */
bool lock_is_ours(int fd, const char *data);
/* Tells the fronts that the socket is ready. */
bool lock_write(int fd, const char *version, const char *socket, const char *config,
		struct err *err);
/* False when an engine lives in data that reads another configuration file than config (both
 * absolute): err says which. */
bool lock_has_config(const char *data, const char *config, struct err *err);

/* path, absolute and without symbolic links as far as it exists; the caller frees. */
char *lock_real_path(const char *path);
/* The socket of the engine of data: in the folder for sockets, named after a hash of the data
 * directory. The caller frees. */
char *lock_socket_path(const char *runtime, const char *data);

#endif
