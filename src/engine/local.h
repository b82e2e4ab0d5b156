/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server of account local: a stonechatd of one's own, started when it is needed. */
#ifndef ENGINE_LOCAL_H
#define ENGINE_LOCAL_H

#include "base/err.h"

struct local_start;
struct loop;
struct paths;

/* "unix:DATA/server/sock"; the caller frees. */
char *local_url(const struct paths *paths);
/* Starts stonechatd unless its socket answers, and waits until it does, at most 10 s. done runs
 * once, later; the start is gone then. NULL and err when nothing can be started. */
struct local_start *local_start(struct loop *loop, const struct paths *paths,
		void (*done)(void *arg, const struct err *err), void *arg, struct err *err);
void local_stop(struct local_start *l);		/* NULL is fine */

#endif
