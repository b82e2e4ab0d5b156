/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edit, delete, react: what refers to a message, named by its number or its id. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "cmds/cmd.h"
#include "cmds/sending.h"
#include "cmds/which.h"

#define EMOJI_MAX 64

static const struct arg_row options[] = { SENDING_OPTIONS, { NULL } };
static const struct arg_row react_options[] = {
	{ .name = "off", .type = ARG_FLAG, .help = N_("take it back") },
	SENDING_OPTIONS,
	{ NULL }
};

static void
send_change(struct cmd_run *r, const struct target *t, const char *id)
{
	const char *name = r->cmd->name;
	struct request rq = { .account = t->account, .target = t->conv, .ref = id };
	char *words = sending_words(r, 2);
	struct buf body;

	buf_init(&body, SENDING_TEXT_MAX);
	if (strcmp(name, "edit") == 0) {
		rq.kind = REC_EDIT;
		rq.text = words;
		rq.text_n = strlen(words);
	} else if (strcmp(name, "delete") == 0) {
		rq.kind = REC_DELETE;
		rq.body = "{}";
	} else {
		rq.kind = REC_REACT;
		buf_adds(&body, "{\"emoji\":");
		json_add_string(&body, words, strlen(words));
		buf_addf(&body, ",\"on\":%s}", args_has(&r->args, "off") ? "false" : "true");
		rq.body = buf_str(&body);
	}
	sending_start(r, &rq);
	buf_done(&body);
	free(words);
}

static void find(struct cmd_run *r, bool may_fetch);

static void
on_fetched(struct cmd_run *r, const struct reply *reply)
{
	(void)reply;
	find(r, false);
}

static void
find(struct cmd_run *r, bool may_fetch)
{
	struct which w;
	struct err err;

	switch (which_find(r, r->args.rest.v[0], r->args.rest.v[1], may_fetch, &w, &err)) {
	case WHICH_FOUND:
		send_change(r, &w.target, w.id);
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
	find(r, true);
}

static void
edit_run(struct cmd_run *r)
{
	char *words = sending_words(r, 2);
	struct err err;
	bool ok = sending_check(words, strlen(words), &err);

	free(words);
	if (ok)
		find(r, true);
	else
		cmd_done(r, &err);
}

static void
react_run(struct cmd_run *r)
{
	struct err err;

	if (strlen(r->args.rest.v[2]) <= EMOJI_MAX && *r->args.rest.v[2]) {
		find(r, true);
		return;
	}
	err_set(&err, ERR_USAGE, _("a reaction is one sign of at most %d bytes"), EMOJI_MAX);
	cmd_done(r, &err);
}

const struct cmd row_edit = {
	.name = "edit", .args = "TARGET MSG TEXT…", .min_args = 3, .max_args = -1,
	.summary = N_("change a message of yours (by number or id)"), .options = options,
	.flags = CMD_NEEDS_ENGINE, .run = edit_run, .stop = sending_stop,
};

const struct cmd row_delete = {
	.name = "delete", .args = "TARGET MSG", .min_args = 2, .max_args = 2,
	.summary = N_("delete a message (by number or id)"), .options = options,
	.flags = CMD_NEEDS_ENGINE, .run = run, .stop = sending_stop,
};

const struct cmd row_react = {
	.name = "react", .args = "TARGET MSG EMOJI", .min_args = 3, .max_args = 3,
	.summary = N_("react to a message (by number or id)"), .options = react_options,
	.flags = CMD_NEEDS_ENGINE, .run = react_run, .stop = sending_stop,
};
