/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front's end of the control socket: a struct api over it. Starts the engine when there is
 * none, and again when it died; what was asked and not answered is asked again (sends carry a
 * cid, so nothing happens twice). */
#ifndef CONTROL_REMOTE_H
#define CONTROL_REMOTE_H

#include <stdbool.h>

#include "control/api.h"

struct loop;
struct remote;

/* Strings are borrowed for the life of the remote. */
struct remote_conf {
	const char *data;		/* absolute */
	const char *config;		/* absolute */
	const char *data_option;	/* what --data said, absolute; NULL when it was not given */
	const char *const *sets;	/* --set, ended by NULL; may be NULL */
	const char *version;		/* of this program */
	int control;			/* the number it greets with; 0: CONTROL_VERSION */
	bool is_offline;
};

struct remote *remote_new(struct loop *loop, const struct remote_conf *conf);
/* Nothing runs afterwards: callers end their calls first, or do not care. NULL is fine. */
void remote_free(struct remote *r);

/* Greets a living engine, or starts one and greets it, within 15 s. then(arg, NULL) or then(arg,
 * err), later, once. Without can_start an engine that is not there is ERR_NETWORK. */
void remote_connect(struct remote *r, bool can_start, void (*then)(void *arg,
		const struct err *err),
		void *arg);
struct api *remote_api(struct remote *r);
/* Events of all accounts, see front_observe. fn NULL ends it. */
void remote_observe(struct remote *r, api_event_fn *fn, void *arg);
bool remote_is_connected(const struct remote *r);

#endif
