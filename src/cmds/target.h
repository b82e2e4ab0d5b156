/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conversation that a person named: "#room", "@user" or a conversation id, in the account
 * given, the default one, or any other. */
#ifndef CMDS_TARGET_H
#define CMDS_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/message.h"

struct cmd_ctx;
struct reader;

/* A copy of its row that stays, and where it was found. */
struct target {
	char *account;
	struct reader *reader;		/* the context's */
	char *conv, *name, *epoch, *topic;
	struct conv_row row;		/* strings: the above */
};

/* Looks in the mirrors. False with ERR_REFUSED when no account knows it ("there is no #x here"). */
bool target_find(struct cmd_ctx *c, const char *text, struct target *out, struct err *err);
/* Reads its row again: the mirror moved on, or was opened anew. False when it is gone. */
bool target_refresh(struct cmd_ctx *c, struct target *t, struct err *err);
void target_done(struct target *t);
/* Is it of the form "#room", "@user" or an id? */
bool target_check(const char *text, struct err *err);

#endif
