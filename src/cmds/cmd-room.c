/* SPDX-License-Identifier: GPL-3.0-or-later */
/* join, create, leave, invite: what one does to a room. */
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "cmds/target.h"

#define ROOM_MS 30000

/* Prints the room: "#dev", or {"account","conv","name"}. */
static void
on_done(struct cmd_run *r, const struct reply *reply)
{
	const char *name = reply->name && *reply->name ? reply->name : r->args.rest.v[0];
	struct err err = { ERR_PIPE, "" };
	struct buf b;
	bool ok;

	buf_init(&b, 4096);
	if (r->ctx->json) {
		buf_addc(&b, '{');
		print_member(&b, "account", reply->account ? reply->account : "");
		print_member(&b, "conv", reply->conv ? reply->conv : "");
		print_member(&b, "name", name);
		buf_addc(&b, '}');
	} else {
		text_clean(&b, name, strlen(name), true);
	}
	buf_addc(&b, '\n');
	ok = print_result(r, &b);
	buf_done(&b);
	cmd_done(r, ok ? NULL : &err);
}

static void
ask(struct cmd_run *r, const char *act)
{
	const char *target = r->args.rest.v[0];
	const char *user = r->args.rest.n > 1 ? r->args.rest.v[1] : NULL;
	struct request rq = { .verb = VERB_ROOM, .account = r->ctx->account, .act = act,
		.target = target, .name = target, .timeout_ms = ROOM_MS };
	struct err err;

	if (!target_check(target, &err)) {
		cmd_done(r, &err);
		return;
	}
	rq.user = user && *user == '@' ? user + 1 : user;
	if (r->cmd->options) {
		rq.text = args_str(&r->args, "topic");
		rq.text_n = rq.text ? strlen(rq.text) : 0;
		rq.is_public = args_has(&r->args, "public");
	}
	cmd_ask(r, &rq, on_done);
}

static void
join_run(struct cmd_run *r)
{
	ask(r, "join");
}

static void
create_run(struct cmd_run *r)
{
	struct err err;

	if (r->args.rest.v[0][0] == '#') {
		ask(r, "create");
		return;
	}
	err_set(&err, ERR_USAGE, _("the name of a room begins with #"));
	cmd_done(r, &err);
}

static void
leave_run(struct cmd_run *r)
{
	ask(r, "leave");
}

static void
invite_run(struct cmd_run *r)
{
	ask(r, "invite");
}

static const struct arg_row create_options[] = {
	{ .name = "topic", .type = ARG_STRING, .value = "TEXT", .help = N_("its topic") },
	{ .name = "public", .type = ARG_FLAG, .help = N_("everybody may join") },
	{ NULL }
};

const struct cmd row_join = {
	.name = "join", .args = "TARGET", .min_args = 1, .max_args = 1,
	.summary = N_("enter a room"), .flags = CMD_NEEDS_ENGINE, .run = join_run,
};

const struct cmd row_create = {
	.name = "create", .args = "#NAME", .min_args = 1, .max_args = 1,
	.summary = N_("make a room and enter it"), .options = create_options,
	.flags = CMD_NEEDS_ENGINE, .run = create_run,
};

const struct cmd row_leave = {
	.name = "leave", .args = "TARGET", .min_args = 1, .max_args = 1,
	.summary = N_("leave a room"), .flags = CMD_NEEDS_ENGINE, .run = leave_run,
};

const struct cmd row_invite = {
	.name = "invite", .args = "TARGET @USER", .min_args = 2, .max_args = 2,
	.summary = N_("let somebody into a private room"), .flags = CMD_NEEDS_ENGINE,
	.run = invite_run,
};
