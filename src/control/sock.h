/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unix sockets with paths of any length: one that is longer than sun_path is reached through its
 * folder's descriptor below /proc/self/fd. */
#ifndef CONTROL_SOCK_H
#define CONTROL_SOCK_H

#include <stdbool.h>

#include "base/err.h"

/* A listening, non-blocking socket at path, which is removed first (the caller holds the lock
 * that makes it ours); -1 and err on failure. Mode 0600 comes from the umask. */
int sock_listen(const char *path, struct err *err);
/* A connected, non-blocking socket, or -1 with errno in *why (ENOENT, ECONNREFUSED: nobody is
 * there; EAGAIN: busy). */
int sock_connect(const char *path, int *why);
/* True if the other end runs under our effective user. */
bool sock_is_mine(int fd);

#endif
