/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server from start to end: opens everything, tells that it is ready, runs, drains, closes. */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

#include <stdbool.h>

#include "base/err.h"

struct options;

/* Runs until SIGTERM, SIGINT, idleness or a failure. False and err when it could not start; else
 * *status is the exit status. */
bool serve(struct options *o, int *status, struct err *err);

#endif
