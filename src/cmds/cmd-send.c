/* SPDX-License-Identifier: GPL-3.0-or-later */
/* send: a message from the arguments or standard input; with --each-line a stream of them. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/id.h"
#include "cmds/cmd.h"
#include "cmds/lines.h"
#include "cmds/sending.h"
#include "cmds/target.h"
#include "cmds/which.h"

static const struct arg_row options[] = {
	{ .name = "each-line", .type = ARG_FLAG,
		.help = N_("one message a line of standard input") },
	{ .name = "reply", .type = ARG_STRING, .value = "ID",
		.help = N_("the message that this one answers (by number or id)") },
	{ .name = "cid", .type = ARG_STRING, .value = "UUID",
		.help = N_("its identity: a repeat with the same one is sent once") },
	SENDING_OPTIONS,
	{ NULL }
};

static bool
check(struct cmd_run *r, bool has_dash, struct err *err)
{
	const char *cid = args_str(&r->args, "cid");

	if (!target_check(r->args.rest.v[0], err))
		return false;
	if (cid && args_has(&r->args, "each-line"))
		return err_set(err, ERR_USAGE,
				_("--cid names one message, --each-line sends many"));
	if (cid && !id_valid(cid))
		return err_set(err, ERR_USAGE, _("--cid wants a UUID in lower case"));
	if (args_has(&r->args, "each-line") && r->args.rest.n > 1 + (size_t)has_dash)
		return err_set(err, ERR_USAGE, _("--each-line reads standard input, no words"));
	if (has_dash && r->args.rest.n > 2)
		return err_set(err, ERR_USAGE, _("- stands for the whole message"));
	return true;
}

/* On the screen there is no standard input, and "-" is a message like any other. */
static bool
has_dash(const struct cmd_run *r)
{
	return !r->ctx->is_screen && r->args.rest.n > 1 &&
			strcmp(r->args.rest.v[r->args.rest.n - 1], "-") == 0;
}

static void
start(struct cmd_run *r, const char *reply)
{
	struct request rq = { .target = r->args.rest.v[0], .kind = REC_MSG, .reply = reply,
		.cid = args_str(&r->args, "cid") };
	struct err err;
	char *text;

	if (args_has(&r->args, "each-line")) {
		lines_start(r, reply);
	} else if (r->args.rest.n > 1 && !has_dash(r)) {
		text = sending_words(r, 1);
		rq.text = text;
		rq.text_n = strlen(text);
		sending_start(r, &rq);
		free(text);
	} else if (has_dash(r) || r->ctx->stdin_is_data(r->ctx)) {
		sending_start_stdin(r, &rq);
	} else {
		err_set(&err, ERR_USAGE, _("there is nothing to send: give words, or - for "
				"standard input"));
		cmd_done(r, &err);
	}
}

static void find_reply(struct cmd_run *r, bool may_fetch);

static void
on_fetched(struct cmd_run *r, const struct reply *reply)
{
	(void)reply;
	find_reply(r, false);
}

static void
find_reply(struct cmd_run *r, bool may_fetch)
{
	struct which w;
	struct err err;

	switch (which_find(r, r->args.rest.v[0], args_str(&r->args, "reply"), may_fetch, &w,
			&err)) {
	case WHICH_FOUND:
		start(r, w.id);
		break;
	case WHICH_FETCH:
		cmd_ask(r, &w.fetch, on_fetched);
		break;
	case WHICH_UNKNOWN:
		cmd_done(r, &err);
		break;
	}
	which_done(&w);
}

static void
run(struct cmd_run *r)
{
	struct err err;

	if (!check(r, has_dash(r), &err))
		cmd_done(r, &err);
	else if (args_str(&r->args, "reply"))
		find_reply(r, true);
	else
		start(r, NULL);
}

static void
stop(struct cmd_run *r, int signum)
{
	if (args_has(&r->args, "each-line"))
		lines_stop(r, signum);
	else
		sending_stop(r, signum);
}

const struct cmd row_send = {
	.name = "send", .args = "TARGET [TEXT…] [-]", .min_args = 1, .max_args = -1,
	.summary = N_("send a message and wait until the server has it"),
	.detail = N_("Prints the conversation and the number of each message. With -, or when\n"
		"standard input is a pipe or a file and there is no TEXT, all of it is one\n"
		"message. With --offline, a room that was never seen is exit 6: only the server\n"
		"knows whether it is there."),
	.options = options, .flags = CMD_NEEDS_ENGINE | CMD_READS_STDIN, .run = run, .stop = stop,
};
