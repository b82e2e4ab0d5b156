/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The message that a person named, by its number or its id. */
#ifndef CMDS_WHICH_H
#define CMDS_WHICH_H

#include <stdbool.h>

#include "base/id.h"
#include "cmds/target.h"
#include "control/api.h"

struct cmd_run;

struct which {
	struct target target;
	char id[ID_SIZE];
	struct request fetch;		/* WHICH_FETCH: what to ask the engine for first */
};

enum which_result {
	WHICH_FOUND,			/* target and id */
	WHICH_FETCH,			/* not mirrored, but it may exist */
	WHICH_UNKNOWN			/* err says what is unknown: ERR_REFUSED */
};

/* Looks for a message of a conversation in the mirror. may_fetch: WHICH_FETCH may be the answer;
 * after asking for w->fetch, whose strings are borrowed from the arguments and w, look again
 * without. which_done when w is no longer needed, whatever the answer was. */
enum which_result which_find(struct cmd_run *r, const char *target, const char *message,
		bool may_fetch, struct which *w, struct err *err);
void which_done(struct which *w);

#endif
