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
/* The data folder of the server of one's own that the account uses: its own one, or that of
 * another data directory of the same person, which an engine started there; NULL for every other
 * server. The caller frees. */
char *local_dir(const struct paths *paths, const char *account, const char *url);
/* Starts stonechatd on the data folder dir unless its socket answers, and waits until it does, at
 * most 10 s. done runs once, later; the start is gone then. NULL and err when nothing can be
 * started. */
struct local_start *local_start(struct loop *loop, const char *dir,
		void (*done)(void *arg, const struct err *err), void *arg, struct err *err);
void local_stop(struct local_start *l);		/* NULL is fine */

#endif
