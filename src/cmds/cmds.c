/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of commands. To add one: a file cmd-x.c with a struct cmd row_x, and a word here. */
#include "cmds/cmd.h"

#define COMMANDS(row) \
	row(send) row(msg) row(me) row(log) row(tail) row(search) row(rooms) row(members) \
	row(unread) row(read) row(join) row(create) row(leave) row(invite) row(topic) row(react) \
	row(edit) row(delete) row(sync) row(outbox) row(export) row(import) row(account) \
	row(config) row(status) row(engine) row(verify) row(doctor) row(completion) row(help) \
	row(version)

#define DECLARE(name) extern const struct cmd row_##name;
#define ADDRESS(name) &row_##name,

COMMANDS(DECLARE)

const struct cmd *const cmd_table[] = { COMMANDS(ADDRESS) NULL };
