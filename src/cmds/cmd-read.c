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
	struct request rq = { .verb = VERB_MARK };
	struct target t;
	struct err err;
	char *end = NULL;

	if (!target_find(r->ctx, r->args.rest.v[0], &t, &err)) {
		cmd_done(r, &err);
		return;
	}
	rq.account = t.account;
	rq.target = t.conv;
	rq.seq = r->args.rest.n > 1 ? strtoll(r->args.rest.v[1], &end, 10) : t.row.top;
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
