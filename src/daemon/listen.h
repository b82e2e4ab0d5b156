/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses that a server listens on, as people write them. */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

#include <stdbool.h>

#include "base/err.h"

struct daemon;

/* Opens every address of the options; a plain one must be loopback or a Unix socket. False and
 * err (ERR_USAGE for an address that is none) on the first that fails. */
bool listen_all(struct daemon *d, struct err *err);
void listen_stop(struct daemon *d);

#endif
