/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tail: follows conversations, through reconnects and restarts of server and engine. */
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "cmds/cmd.h"
#include "cmds/follow.h"
#include "cmds/print.h"
#include "store/reader.h"

#define SYNC_MS 10000		/* how long the server is waited for, to know where "now" is */
#define DEFAULT_KINDS "msg,edit,delete,topic,ai.end"

static const struct arg_row options[] = {
	{ .name = "n", .short_name = 'n', .type = ARG_INT, .value = "N", .min = 0, .max = INT64_MAX,
		.help = N_("first the newest N that are there (0)") },
	{ .name = "since-seq", .type = ARG_INT, .value = "N", .min = 0, .max = INT64_MAX,
		.help = N_("everything after this number") },
	{ .name = "count", .type = ARG_INT, .value = "N", .min = 1, .max = INT64_MAX,
		.help = N_("end after N lines") },
	{ .name = "kinds", .type = ARG_STRING, .value = "LIST",
		.help = N_("which events (msg,edit,delete,topic,ai.end)") },
	{ .name = "raw", .type = ARG_FLAG, .help = N_("text as it is stored, not made safe") },
	{ NULL }
};

struct tail {
	struct cmd_run *run;
	struct printer printer;
	arr(struct follow *) follows;
	struct api_call *call;		/* watch, then sync, then the newest n of each */
	size_t next;			/* target being begun */
	unsigned kinds;			/* bit of enum record_kind */
	int64_t left;			/* --count; -1: no end */
};

static void begin_next(struct tail *t);

static void
finish(struct tail *t, const struct err *err)
{
	struct cmd_run *r = t->run;
	struct err copy = { ERR_NONE, "" };

	if (err)
		copy = *err;
	r->ctx->api->observe = NULL;
	if (t->call)
		r->ctx->api->ops->cancel(t->call);
	for (size_t i = 0; i < t->follows.n; i++)
		follow_free(t->follows.v[i]);
	arr_done(&t->follows);
	print_done(&t->printer);
	free(t);
	r->state = NULL;
	cmd_done(r, &copy);
}

/* Rows */

static void
on_row(void *arg, struct follow *f, const struct message *m)
{
	struct tail *t = arg;

	if (t->left == 0 || !(t->kinds & 1u << m->kind))
		return;
	print_row(&t->printer, f->target.account, &f->target.row, m);
	t->left -= t->left > 0;
}

static bool
on_piece(void *arg, struct follow *f)
{
	struct tail *t = arg;
	struct err err = { ERR_PIPE, "" };

	(void)f;
	if (!print_flush(&t->printer))
		finish(t, &err);
	else if (t->left == 0)
		finish(t, NULL);
	else
		return true;
	return false;
}

static void
on_gap(void *arg, struct follow *f, const struct gap *g)
{
	struct tail *t = arg;

	print_gap(&t->printer, &f->target.row, g);
}

static void
on_failed(void *arg, struct follow *f, const struct err *err)
{
	struct tail *t = arg;
	struct err copy = *err;

	if (copy.kind == ERR_NONE)
		err_set(&copy, ERR_REFUSED, _("there is no %s here any more"),
				print_name(&f->target.row));
	finish(t, &copy);
}

static const struct follow_ops follow_ops = {
	.row = on_row, .piece = on_piece, .gap = on_gap, .failed = on_failed
};

static void
on_event(void *arg, const struct event *ev)
{
	struct tail *t = arg;

	for (size_t i = 0; i < t->follows.n; i++) {
		struct follow *f = t->follows.v[i];
		bool is_account = !*ev->account || strcmp(ev->account, f->target.account) == 0;

		if (is_account && (ev->type == EV_MIRROR || (ev->type == EV_LINK &&
				ev->link.state == LINK_ONLINE) || (ev->type == EV_CONV &&
				strcmp(ev->conv, f->target.conv) == 0)))
			follow_poke(f);
	}
	if (ev->type == EV_NOTICE && t->run->ctx->verbose)
		cmd_remark(t->run, "%s", ev->notice.text);
}

/* Begin */

static bool
on_first(void *arg, const struct message *m)
{
	*(int64_t *)arg = m->seq;
	return false;
}

static bool
start_cursor(const struct tail *t, const struct target *where, int64_t *cursor, struct err *err)
{
	const struct args *args = &t->run->args;
	struct reader_range newest = { .n = args_int(args, "n", 0), .hi = INT64_MAX };
	int64_t first = 0;

	*cursor = args_int(args, "since-seq", -1);
	if (*cursor >= 0)
		return true;
	if (newest.n > 0 && !reader_rows(where->reader, where->conv, &newest, on_first, &first,
			err))
		return false;
	/* All that the server is known to have is old. */
	if (first > 0)
		*cursor = first - 1;
	else
		*cursor = where->row.head > where->row.top ? where->row.head : where->row.top;
	return true;
}

static void
begin_target(struct tail *t)
{
	struct cmd_run *r = t->run;
	struct target where;
	struct err err = { ERR_NONE, "" };
	int64_t cursor;

	if (!target_find(r->ctx, r->args.rest.v[t->next], &where, &err)) {
		finish(t, &err);
		return;
	}
	if (!start_cursor(t, &where, &cursor, &err)) {
		target_done(&where);
		finish(t, &err);
		return;
	}
	if (r->ctx->verbose)
		cmd_remark(r, _("following %s from %lld on"), print_name(&where.row),
				(long long)cursor);
	arr_push(&t->follows, follow_new(r->ctx, &where, cursor, &follow_ops, t));
	t->next++;
	begin_next(t);
}

static void
on_newest(void *arg, const struct reply *reply)
{
	struct tail *t = arg;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	t->call = NULL;
	begin_target(t);
}

/* With -n the newest rows are fetched first. */
static void
begin_next(struct tail *t)
{
	struct cmd_run *r = t->run;
	struct request rq = { .verb = VERB_FETCH, .account = r->ctx->account,
		.n = args_int(&r->args, "n", 0), .timeout_ms = SYNC_MS };

	if (t->next >= r->args.rest.n)
		return;
	rq.target = r->args.rest.v[t->next];
	if (rq.n > 0 && !r->ctx->offline)
		t->call = api_call(r->ctx->api, &rq, on_newest, t);
	else
		begin_target(t);
}

/* Nothing is printed of the others when one of them is unknown. */
static void
begin(struct tail *t)
{
	struct cmd_run *r = t->run;
	struct target where;
	struct err err = { ERR_NONE, "" };

	for (size_t i = 0; i < r->args.rest.n; i++) {
		if (!target_find(r->ctx, r->args.rest.v[i], &where, &err)) {
			finish(t, &err);
			return;
		}
		target_done(&where);
	}
	begin_next(t);
}

static void
on_sync(void *arg, const struct reply *reply)
{
	struct tail *t = arg;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	t->call = NULL;
	if (reply->type == REPLY_FAIL && reply->err.kind != ERR_NETWORK) {
		finish(t, &reply->err);
		return;
	}
	if (reply->type == REPLY_FAIL)
		cmd_remark(t->run, _("%s; following goes on when it is there"), reply->err.msg);
	begin(t);
}

static void
on_watch(void *arg, const struct reply *reply)
{
	struct tail *t = arg;
	struct request rq = { .verb = VERB_SYNC, .account = t->run->ctx->account,
		.target = t->run->args.rest.v[0], .timeout_ms = SYNC_MS };

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	t->call = NULL;
	if (reply->type == REPLY_FAIL)
		finish(t, &reply->err);
	else if (t->run->ctx->offline)
		begin(t);
	else
		t->call = api_call(t->run->ctx->api, &rq, on_sync, t);
}

static bool
parse_kinds(const char *list, unsigned *kinds, struct err *err)
{
	while (*list) {
		size_t n = strcspn(list, ",");
		char *word = xstrndup(list, n);
		enum record_kind kind = record_kind_parse(word);

		if (kind == REC_OTHER)
			err_set(err, ERR_USAGE, _("--kinds: there is no kind \"%s\""), word);
		free(word);
		if (kind == REC_OTHER)
			return false;
		*kinds |= 1u << kind;
		list += n + (list[n] == ',');
	}
	return true;
}

static void
run(struct cmd_run *r)
{
	struct tail *t = xcalloc(1, sizeof *t);
	struct request watch = { .verb = VERB_WATCH };
	const char *kinds = args_str(&r->args, "kinds");
	struct err err;

	r->state = t;
	t->run = r;
	t->left = args_int(&r->args, "count", -1);
	print_init(&t->printer, r, args_has(&r->args, "raw"));
	t->printer.has_names = r->args.rest.n > 1;
	if (!parse_kinds(kinds ? kinds : DEFAULT_KINDS, &t->kinds, &err)) {
		finish(t, &err);
		return;
	}
	for (size_t i = 0; i < r->args.rest.n; i++)
		if (!target_check(r->args.rest.v[i], &err)) {
			finish(t, &err);
			return;
		}
	r->ctx->api->observe = on_event;
	r->ctx->api->observe_arg = t;
	t->call = api_call(r->ctx->api, &watch, on_watch, t);
}

static void
stop(struct cmd_run *r, int signum)
{
	struct tail *t = r->state;
	struct err err;

	err_set(&err, (enum err_kind)(128 + signum), "%s", "");
	finish(t, &err);
}

const struct cmd row_tail = {
	.name = "tail", .args = "TARGET…", .min_args = 1, .max_args = 64,
	.summary = N_("follow conversations as they go on"),
	.detail = N_("Goes through reconnects and restarts: nothing is missing and nothing comes\n"
		"twice. Ends with --count, an interrupt or a closed pipe."),
	.options = options, .flags = CMD_NEEDS_ENGINE | CMD_BATCH_ONLY, .run = run, .stop = stop,
};
