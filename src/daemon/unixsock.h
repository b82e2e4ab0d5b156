/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unix sockets by path, also by paths longer than sun_path holds (reached through the folder's
 * descriptor). */
#ifndef DAEMON_UNIXSOCK_H
#define DAEMON_UNIXSOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* Listens on path, with that mode from the first moment; what was there is removed: the caller
 * holds the lock that says that nobody uses it. -1 and err on failure. */
int unixsock_listen(const char *path, mode_t mode, struct err *err);
/* Connects; -1 with errno when nobody listens. */
int unixsock_connect(const char *path);
bool unixsock_peer(int fd, uid_t *uid);

#endif
