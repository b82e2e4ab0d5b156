/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What plain mode has beyond the commands of the shell. */
#include "base/i18n.h"
#include "base/mem.h"
#include "front/plain.h"

static struct plain *
plain_of(struct cmd_run *r)
{
	return r->ctx->extra_arg;
}

static void
on_direct(struct cmd_run *r, const struct reply *reply)
{
	struct plain *p = plain_of(r);

	free(p->wanted);
	p->wanted = xstrdup(reply->conv);
	plain_settle(p);
	cmd_done(r, NULL);
}

/* A person one never wrote to: the conversation is made. */
static void
go_direct(struct cmd_run *r, const struct err *err)
{
	struct request rq = { .verb = VERB_ROOM, .act = "direct", .account = r->ctx->here,
		.user = r->args.rest.v[0] + 1 };

	if (err)
		cmd_done(r, err);
	else
		cmd_ask(r, &rq, on_direct);
}

static void
go_run(struct cmd_run *r)
{
	const char *target = r->args.rest.v[0];
	struct err err;

	if (plain_go(plain_of(r), NULL, target, &err))
		cmd_done(r, NULL);
	else if (err.kind == ERR_REFUSED && target[0] == '@' && target[1] != '\0')
		cmd_engine(r, go_direct);
	else
		cmd_done(r, &err);
}

static void
last_run(struct cmd_run *r)
{
	struct plain *p = plain_of(r);
	char *account = xstrdup(p->last_account), *conv = xstrdup(p->last_conv);
	struct err err = { ERR_NONE, "" };

	if (!conv)
		r->sink->remark(r->sink, _("there was no conversation before this one"));
	else
		plain_go(p, account, conv, &err);
	free(account);
	free(conv);
	cmd_done(r, &err);
}

static void
stop_run(struct cmd_run *r)
{
	struct plain *p = plain_of(r);

	cmd_done(r, NULL);
	plain_stop(p);
}

static void
quit_run(struct cmd_run *r)
{
	struct plain *p = plain_of(r);

	cmd_done(r, NULL);
	plain_leave(p, 0);
}

#define ROW(word_, args_, n_, run_, summary_) \
	{ .name = word_, .args = args_, .min_args = n_, .max_args = n_, .run = run_, \
		.summary = summary_, .flags = CMD_SCREEN_ONLY | CMD_NO_LOCAL }

static const struct cmd rows[] = {
	ROW("go", "TARGET", 1, go_run, N_("open a conversation: its last 20 messages")),
	ROW("last", "", 0, last_run, N_("back to the conversation before this one")),
	ROW("quit", "", 0, quit_run, N_("leave; sending goes on")),
	ROW("stop", "", 0, stop_run, N_("stop what runs, else clear the line")),
};

const struct cmd *const plain_cmds[] = { &rows[0], &rows[1], &rows[2], &rows[3], NULL };
