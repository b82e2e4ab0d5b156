/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watches the configuration file. */
#ifndef ENGINE_RELOAD_H
#define ENGINE_RELOAD_H

#include <stdbool.h>

struct loop;
struct reload;

/* changed runs soon after something in the folder of path was written, replaced or removed; whether
 * it was path, reload_is_stale tells. A folder that is not there is not
 * watched: reload_is_stale finds out. Never NULL. */
struct reload *reload_start(struct loop *loop, const char *path, void (*changed)(void *arg),
		void *arg);
void reload_stop(struct reload *r);
/* Is the file another one than at the last call (or at the start)? Cheap: one stat. */
bool reload_is_stale(struct reload *r);

#endif
