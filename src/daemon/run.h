/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of workflows that clients tell of by actions: one whose device is gone and does not come
 * back gets its end from the server. stonechat-protocol(7), section 4.6. */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include <stdbool.h>

#include "base/err.h"

struct daemon;
struct ledger_op;
struct runs;

struct runs *runs_new(struct daemon *d);
void runs_free(struct runs *all);
/* Those that were open when the server last ended; their devices' time begins. */
bool runs_load(struct runs *all, struct err *err);
/* A send was decided: an action of state running begins a run or goes on with it, any other state
 * ends it. */
void runs_posted(struct runs *all, const struct ledger_op *op);
/* The last connection of this device is gone, or a new one is there. */
void runs_device_gone(struct runs *all, const char *user, const char *device);
void runs_device_back(struct runs *all, const char *user, const char *device);
/* user is no member any more: its runs there end. */
void runs_expel(struct runs *all, const char *conv, const char *user);

#endif
