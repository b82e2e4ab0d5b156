/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All mirrors that a command means: that of --account, else of every account. */
#ifndef CMDS_WALK_H
#define CMDS_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct cmd_ctx;
struct reader;

/* fn for each account with a mirror, in order; one without is passed over. fn returns false to
 * stop, with err set when that is an error. False with err otherwise when --account names none,
 * or a mirror cannot be read. */
bool walk_accounts(struct cmd_ctx *c, bool (*fn)(void *arg, const char *account,
		struct reader *reader, struct err *err), void *arg, struct err *err);
/* The names of the accounts meant, ended by NULL; free with accounts_free. */
char **walk_names(const struct cmd_ctx *c);
/* How many accounts are meant. */
size_t walk_count(const struct cmd_ctx *c);

#endif
