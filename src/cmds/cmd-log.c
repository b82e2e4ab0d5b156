/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log: the history of a conversation from the mirror, after fetching what was asked for. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "cmds/cmd.h"
#include "cmds/history.h"
#include "cmds/target.h"

#define FETCH_MS 10000
#define NEW_ROWS 200

static const struct arg_row options[] = {
	{ .name = "n", .short_name = 'n', .type = ARG_INT, .value = "N", .min = 0, .max = INT64_MAX,
		.help = N_("the newest N messages") },
	{ .name = "since", .type = ARG_STRING, .value = "TIME", .help = N_("from TIME on") },
	{ .name = "until", .type = ARG_STRING, .value = "TIME", .help = N_("before TIME") },
	{ .name = "from-seq", .type = ARG_INT, .value = "N", .min = 0, .max = INT64_MAX,
		.help = N_("from this number on") },
	{ .name = "to-seq", .type = ARG_INT, .value = "N", .min = 0, .max = INT64_MAX,
		.help = N_("up to this number") },
	{ .name = "raw", .type = ARG_FLAG, .help = N_("text as it is stored, not made safe") },
	{ NULL }
};

struct log_cmd {
	struct cmd_run *run;
	struct history_range range;
	struct api_call *call;
	bool has_asked;
	struct err away;		/* why nothing could be fetched */
};

static void
finish(struct log_cmd *l, const struct err *err)
{
	struct cmd_run *r = l->run;
	struct err copy = *err;

	if (l->call)
		r->ctx->api->ops->cancel(l->call);
	free(l);
	r->state = NULL;
	cmd_done(r, &copy);
}

static void ask(struct log_cmd *l);

/* Prints what the mirror has. One that is not in it may be one that the server has: it is asked
 * once. */
static void
show(struct log_cmd *l)
{
	struct cmd_run *r = l->run;
	struct target t;
	struct err err = { ERR_NONE, "" };

	if (!target_find(r->ctx, r->args.rest.v[0], &t, &err)) {
		if (err.kind == ERR_REFUSED && !l->has_asked && !r->ctx->offline)
			ask(l);
		else
			finish(l, l->away.kind != ERR_NONE ? &l->away : &err);
		return;
	}
	if (l->away.kind != ERR_NONE)
		cmd_remark(r, _("%s; this is what the mirror has"), l->away.msg);
	err.kind = ERR_NONE;
	history_print(r, &t, &l->range, args_has(&r->args, "raw"), &err);
	target_done(&t);
	if (err.kind == ERR_NONE && l->away.kind == ERR_AUTH)
		err = l->away;
	finish(l, &err);
}

static void
on_reply(void *arg, const struct reply *reply)
{
	struct log_cmd *l = arg;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	l->call = NULL;
	if (reply->type == REPLY_FAIL)
		l->away = reply->err;
	show(l);
}

static void
on_engine(struct cmd_run *r, const struct err *err)
{
	struct log_cmd *l = r->state;
	struct request rq = { .verb = VERB_FETCH, .account = r->ctx->account,
		.target = r->args.rest.v[0], .n = l->range.n, .since_ts = l->range.since,
		.lo = l->range.lo, .hi = l->range.hi, .timeout_ms = FETCH_MS };

	if (err) {
		l->away = *err;
		show(l);
		return;
	}
	/* A conversation that is new here: its newest rows, to show anything at all. */
	if (rq.n == 0 && rq.since_ts == 0 && rq.lo == 0 && rq.hi == 0)
		rq.n = NEW_ROWS;
	l->call = api_call(r->ctx->api, &rq, on_reply, l);
}

static void
ask(struct log_cmd *l)
{
	l->has_asked = true;
	cmd_engine(l->run, on_engine);
}

static bool
take_time(const struct cmd_run *r, const char *option, int64_t *ms, struct err *err)
{
	const char *text = args_str(&r->args, option);

	return !text || clock_parse(text, clock_wall_ms(), ms, err);
}

static void
run(struct cmd_run *r)
{
	struct log_cmd *l = xcalloc(1, sizeof *l);
	int64_t from = args_int(&r->args, "from-seq", 0);
	struct err err = { ERR_NONE, "" };

	r->state = l;
	l->run = r;
	l->range.lo = from > 0 ? from - 1 : 0;
	l->range.hi = args_int(&r->args, "to-seq", 0);
	l->range.n = args_int(&r->args, "n", -1);
	if (!target_check(r->args.rest.v[0], &err) ||
			!take_time(r, "since", &l->range.since, &err) ||
			!take_time(r, "until", &l->range.until, &err) || l->range.n == 0) {
		finish(l, &err);
		return;
	}
	l->range.n = l->range.n < 0 ? 0 : l->range.n;
	if (!r->ctx->offline && (l->range.n || l->range.since || l->range.lo))
		ask(l);
	else
		show(l);
}

static void
stop(struct cmd_run *r, int signum)
{
	struct log_cmd *l = r->state;

	if (l->call)
		r->ctx->api->ops->cancel(l->call);
	free(l);
	cmd_done_signal(r, signum);
}

const struct cmd row_log = {
	.name = "log", .args = "TARGET", .min_args = 1, .max_args = 1,
	.summary = N_("read the history of a conversation, oldest first"),
	.detail = N_("Without options all that the mirror has. -n, --since and --from-seq fetch\n"
		"what is missing first, for at most 10 s; --offline reads the mirror alone.\n"
		"What is not there is shown as a gap. TIME is 2026-11-24T10:00, 10:00,\n"
		"yesterday, 2h or 3d."),
	.options = options, .run = run, .stop = stop,
};
