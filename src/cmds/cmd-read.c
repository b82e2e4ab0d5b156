/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read: marks a conversation as read. */
#include <stdlib.h>

#include "base/i18n.h"
#include "cmds/cmd.h"
#include "cmds/target.h"

static void
on_done(struct cmd_run *r, const struct reply *reply)
{
	(void)reply;
	cmd_done(r, NULL);
}

static void
run(struct cmd_run *r)
{
	struct request rq = { .verb = VERB_MARK, .account = r->ctx->account,
		.target = r->args.rest.v[0] };
	struct target t;
	struct err err;
	char *end = NULL;

	/* What is not mirrored yet the engine may find at the server. */
	if (target_find(r->ctx, rq.target, &t, &err)) {
		rq.account = t.account;
		rq.target = t.conv;
		rq.seq = t.row.top;
	} else if (err.kind != ERR_REFUSED) {
		cmd_done(r, &err);
		return;
	}
	if (r->args.rest.n > 1)
		rq.seq = strtoll(r->args.rest.v[1], &end, 10);
	if (end && (*end || rq.seq < 0)) {
		err_set(&err, ERR_USAGE, _("%.40s is no number of a message"), r->args.rest.v[1]);
		cmd_done(r, &err);
	} else {
		cmd_ask(r, &rq, on_done);
	}
	target_done(&t);
}

const struct cmd row_read = {
	.name = "read", .args = "TARGET [SEQ]", .min_args = 1, .max_args = 2,
	.summary = N_("mark a conversation as read, up to SEQ"), .flags = CMD_NEEDS_ENGINE,
	.run = run,
};
