/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of the native driver: one connection, and the frames that come over it. */
#ifndef DRIVERS_NATIVE_H
#define DRIVERS_NATIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "drivers/driver.h"

struct frame;
struct ws;

struct link {
	struct driver_env env;
	char *url, *cafile, *proxy, *agent, *token;
	struct ws *ws;		/* NULL: no connection */
	bool is_open;
	struct buf out;		/* the frame being made */
};

/* Hands a frame of n bytes up. */
void native_take(struct link *l, const struct frame *f, size_t n);
void native_hangup(struct link *l, int code, const char *why);

#endif
