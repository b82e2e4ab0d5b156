/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help and version. */
#include "config.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "cmds/cmd.h"
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

static void
help_run(struct cmd_run *r)
{
	const struct cmd *c;
	struct err err;
	struct buf b;

	buf_init(&b, PRINT_MAX);
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
	.summary = N_("list the commands, or explain one"), .flags = CMD_NO_LOCAL, .run = help_run,
};

const struct cmd row_version = {
	.name = "version", .min_args = 0, .max_args = 0, .summary = N_("print the version"),
	.flags = CMD_NO_LOCAL, .run = version_run,
};
