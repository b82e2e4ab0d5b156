/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Administration: "stonechatd user add NAME" and the like, one row a command. The same rows run in
 * the command's own process, which then holds the ledger, or inside the running server. */
#ifndef DAEMON_ADMIN_H
#define DAEMON_ADMIN_H

#include <stdbool.h>

#include "base/err.h"

struct args;
struct buf;
struct daemon;
struct ledger;
struct options;

struct admin_where {
	struct ledger *ledger;
	const char *dir;
};

enum {
	ADMIN_OFFLINE = 1,	/* not beside a running server */
	ADMIN_READS = 2,	/* changes nothing: runs beside the commits of a running server */
	ADMIN_FILE = 4		/* the argument is a path */
};

struct admin_cmd {
	const char *noun, *verb;	/* verb NULL: one word */
	const char *args;		/* shown in help; "" for none */
	const char *options;		/* allowed ones, each between blanks */
	const char *help;
	int n_args;
	unsigned flags;
	bool (*run)(const struct admin_where *w, const struct args *a, struct buf *out,
			struct err *err);
	/* in the server, on the loop's thread, after run succeeded; may be NULL */
	void (*after)(struct daemon *d, const struct args *a);
};

const struct admin_cmd *admin_cmds(void);	/* ends with a NULL noun */
/* The command that the words mean; ERR_USAGE names what is wrong with them. */
const struct admin_cmd *admin_find(const struct args *a, struct err *err);
/* False with ERR_USAGE for an option that does nothing with cmd (NULL: the server itself). */
bool admin_options_fit(const struct admin_cmd *cmd, const struct args *a, struct err *err);
/* Runs the command: through the server of the data directory when there is one, else here. What
 * it prints goes to out. */
bool admin_main(const struct options *o, const struct args *a, struct buf *out, struct err *err);
/* The data directory exists and is ours, else a sentence that names its owner. */
bool admin_own_dir(const char *dir, struct err *err);

#endif
