/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts a program that outlives us and holds nothing of ours: no terminal, no pipe, no folder. */
#ifndef CONTROL_SPAWN_H
#define CONTROL_SPAWN_H

#include <stdbool.h>

#include "base/err.h"

#define SPAWN_FD 3		/* where the program finds keep_fd */

/* Runs argv[0] (a path) forked twice, in its own session, in /, with 0 and 1 on /dev/null, 2 on
 * err_fd (-1: /dev/null too), keep_fd (-1: none) as descriptor SPAWN_FD, nothing else open,
 * default signals, umask 077. Returns once the program runs; false and err when it could not be
 * run. */
bool spawn_detached(char *const argv[], int err_fd, int keep_fd, struct err *err);

#endif
