/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help and version. */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cmds/cmd.h"
#include "cmds/manual.h"
#include "cmds/print.h"

static void
finish(struct cmd_run *r, struct buf *b)
{
	struct err err = { ERR_NONE, "" };

	if (!print_result(r, b))
		err_set(&err, ERR_PIPE, "%s", "");
	buf_done(b);
	cmd_done(r, &err);
}

static const struct arg_row help_options[] = {
	{ .name = "mdoc", .type = ARG_STRING, .value = "PART",
		.help = N_("a part of the manual: globals, commands, exit or options") },
	{ NULL }
};

static bool
add_mdoc(struct buf *b, const char *part)
{
	static const struct { const char *name; void (*add)(struct buf *b); } parts[] = {
		{ "globals", manual_globals }, { "commands", manual_commands },
		{ "exit", manual_exit }, { "options", manual_options },
	};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strcmp(parts[i].name, part) == 0)
			parts[i].add(b);
	return b->n > 0;
}

static void
help_run(struct cmd_run *r)
{
	const char *part = args_str(&r->args, "mdoc");
	const struct cmd *c;
	struct err err;
	struct buf b;

	buf_init(&b, PRINT_MAX);
	if (part && !add_mdoc(&b, part)) {
		err_set(&err, ERR_USAGE, _("the manual has no part \"%.40s\""), part);
		buf_done(&b);
		cmd_done(r, &err);
		return;
	}
	if (part) {
		finish(r, &b);
		return;
	}
	if (r->args.rest.n == 0) {
		cmd_help_all(&b, r->ctx);
		finish(r, &b);
		return;
	}
	c = cmd_find(r->ctx, r->args.rest.v[0]);
	if (c) {
		cmd_help(&b, c);
		finish(r, &b);
		return;
	}
	buf_done(&b);
	cmd_unknown(r->ctx, r->args.rest.v[0], &err);
	cmd_done(r, &err);
}

static void
version_run(struct cmd_run *r)
{
	struct buf b;

	buf_init(&b, 256);
	buf_addf(&b, r->ctx->json ? "{\"version\":\"%s\"}\n" : "stonechat %s\n", PACKAGE_VERSION);
	finish(r, &b);
}

const struct cmd row_help = {
	.name = "help", .args = "[COMMAND]", .min_args = 0, .max_args = 1,
	.summary = N_("list the commands, or explain one"), .options = help_options,
	.flags = CMD_NO_LOCAL, .run = help_run,
};

const struct cmd row_version = {
	.name = "version", .min_args = 0, .max_args = 0, .summary = N_("print the version"),
	.flags = CMD_NO_LOCAL, .run = version_run,
};
