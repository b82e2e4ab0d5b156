/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync: brings every account up to date and ends. */
#include <stdlib.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "cmds/accounts.h"
#include "cmds/cmd.h"
#include "cmds/walk.h"
#include "store/reader.h"

#define SYNC_MS 60000

static const struct arg_row options[] = {
	{ .name = "all", .type = ARG_FLAG, .help = N_("fill every hole, back to the beginning") },
	{ NULL }
};

struct sync_cmd { char **names; size_t next; };

/* Rows that are left when all is caught up. */
struct left { size_t queued, refused; };

static void
finish(struct cmd_run *r, const struct err *err)
{
	struct sync_cmd *s = r->state;

	accounts_free(s->names);
	free(s);
	r->state = NULL;
	cmd_done(r, err);
}

static bool
on_row(void *arg, const struct outbox_row *o)
{
	struct left *left = arg;

	if (o->state == OUTBOX_REFUSED || o->state == OUTBOX_EXPIRED)
		left->refused++;
	else
		left->queued++;
	return true;
}

static bool
on_account(void *arg, const char *account, struct reader *reader, struct err *err)
{
	(void)account;
	return reader_outbox(reader, NULL, on_row, arg, err);
}

static void
conclude(struct cmd_run *r)
{
	struct left left = { 0, 0 };
	struct err err = { ERR_NONE, "" };

	if (!walk_accounts(r->ctx, on_account, &left, &err))
		;
	else if (left.queued)
		err_set(&err, ERR_QUEUED, ngettext("%zu message is still queued",
				"%zu messages are still queued", left.queued), left.queued);
	else if (left.refused)
		err_set(&err, ERR_REFUSED, ngettext("%zu message was refused (see outbox)",
				"%zu messages were refused (see outbox)", left.refused),
				left.refused);
	finish(r, &err);
}

static void ask_next(struct cmd_run *r);

static void
on_reply(void *arg, const struct reply *reply)
{
	struct cmd_run *r = arg;

	if (reply->type == REPLY_PROGRESS) {
		r->sink->progress(r->sink, _("events"), reply->done, reply->total);
		return;
	}
	if (reply->type == REPLY_QUEUED)
		return;
	r->call = NULL;
	if (reply->type == REPLY_FAIL)
		finish(r, &reply->err);
	else
		ask_next(r);
}

static void
ask_next(struct cmd_run *r)
{
	struct sync_cmd *s = r->state;
	struct request rq = { .verb = VERB_SYNC, .all = args_has(&r->args, "all"),
		.timeout_ms = SYNC_MS };

	rq.account = s->names[s->next];
	if (!rq.account) {
		conclude(r);
		return;
	}
	s->next++;
	r->call = api_call(r->ctx->api, &rq, on_reply, r);
}

static void
run(struct cmd_run *r)
{
	struct sync_cmd *s = xcalloc(1, sizeof *s);
	struct err err;

	r->state = s;
	if (r->ctx->offline) {
		err_set(&err, ERR_NETWORK, _("--offline: there is nothing to sync with"));
		finish(r, &err);
		return;
	}
	s->names = walk_names(r->ctx);
	ask_next(r);
}

static void
stop(struct cmd_run *r, int signum)
{
	struct err err;

	err_set(&err, (enum err_kind)(128 + signum), "%s", "");
	finish(r, &err);
}

const struct cmd row_sync = {
	.name = "sync", .min_args = 0, .max_args = 0,
	.summary = N_("catch up with the server and end"),
	.detail = N_("Fetches the newest 200 events of each conversation; older ones that are\n"
		"missing stay a gap. --all fills everything."),
	.options = options, .flags = CMD_NEEDS_ENGINE, .run = run, .stop = stop,
};
