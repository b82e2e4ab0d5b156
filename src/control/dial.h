/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way to a connected engine: looks where engine.lock points, starts an engine if nobody is
 * there, tries again while one is coming or going. */
#ifndef CONTROL_DIAL_H
#define CONTROL_DIAL_H

#include <stdbool.h>

#include "base/err.h"

struct dial;
struct loop;
struct remote_conf;

/* done runs once, later, with a connected socket (the receiver's) or -1 and err. limit_ms bounds
 * the whole. A dial is gone when done runs. */
struct dial *dial_start(struct loop *loop, const struct remote_conf *conf, bool can_start,
		int limit_ms, void (*done)(void *arg, int fd, const struct err *err), void *arg);
void dial_stop(struct dial *d);

#endif
