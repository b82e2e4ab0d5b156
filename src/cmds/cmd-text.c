/* SPDX-License-Identifier: GPL-3.0-or-later */
/* msg, me, topic: words of the command line that go out as they stand. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "cmds/cmd.h"
#include "cmds/sending.h"
#include "cmds/target.h"

static const struct arg_row options[] = { SENDING_OPTIONS, { NULL } };

static bool
check(struct cmd_run *r, const char *text, struct err *err)
{
	return target_check(r->args.rest.v[0], err) && sending_check(text, strlen(text), err);
}

static void
send_words(struct cmd_run *r, const char *before)
{
	char *words = sending_words(r, 1), *text = xasprintf("%s%s", before, words);
	struct request rq = { .target = r->args.rest.v[0], .kind = REC_MSG, .text = text,
		.text_n = strlen(text) };
	struct err err;

	if (check(r, words, &err))
		sending_start(r, &rq);
	else
		cmd_done(r, &err);
	free(text);
	free(words);
}

static void
msg_run(struct cmd_run *r)
{
	struct err err;

	if (r->args.rest.v[0][0] == '@') {
		send_words(r, "");
		return;
	}
	err_set(&err, ERR_USAGE, _("msg wants @USER; for a room there is send"));
	cmd_done(r, &err);
}

/* The words of XEP-0245, which other clients know too. */
static void
me_run(struct cmd_run *r)
{
	send_words(r, "/me ");
}

static void
topic_run(struct cmd_run *r)
{
	char *text = sending_words(r, 1);
	struct request rq = { .target = r->args.rest.v[0], .kind = REC_TOPIC };
	struct buf body;
	struct err err;

	buf_init(&body, SENDING_TEXT_MAX * 7);
	buf_adds(&body, "{\"text\":");
	if (check(r, text, &err)) {
		json_add_string(&body, text, strlen(text));
		buf_addc(&body, '}');
		rq.body = buf_str(&body);
		sending_start(r, &rq);
	} else {
		cmd_done(r, &err);
	}
	buf_done(&body);
	free(text);
}

const struct cmd row_msg = {
	.name = "msg", .args = "@USER TEXT…", .min_args = 2, .max_args = -1,
	.summary = N_("write to one person"), .options = options, .flags = CMD_NEEDS_ENGINE,
	.run = msg_run, .stop = sending_stop,
};

const struct cmd row_me = {
	.name = "me", .args = "TARGET TEXT…", .min_args = 2, .max_args = -1,
	.summary = N_("say what you do: \"* ann waves\""), .options = options,
	.flags = CMD_NEEDS_ENGINE, .run = me_run, .stop = sending_stop,
};

const struct cmd row_topic = {
	.name = "topic", .args = "TARGET TEXT…", .min_args = 2, .max_args = -1,
	.summary = N_("set the topic of a room"), .options = options, .flags = CMD_NEEDS_ENGINE,
	.run = topic_run, .stop = sending_stop,
};
