/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one door: finds the command of a line, checks its arguments, runs it, ends it once. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cmds/cmd.h"

static bool
check_text(const char *text, struct err *err)
{
	size_t bad;

	if (utf8_valid(text, strlen(text), &bad))
		return true;
	return err_set(err, ERR_USAGE, _("invalid UTF-8 at byte %zu of an argument"), bad);
}

static bool
check(const struct cmd_run *r, struct err *err)
{
	const struct cmd *c = r->cmd;
	int n = (int)r->args.rest.n;

	if ((c->flags & CMD_SCREEN_ONLY) && !r->ctx->is_screen)
		return err_set(err, ERR_USAGE, _("%s works on the screen only"), c->name);
	if ((c->flags & CMD_BATCH_ONLY) && r->ctx->is_screen)
		return err_set(err, ERR_USAGE, _("%s works outside the screen only"), c->name);
	if (n < c->min_args || (c->max_args >= 0 && n > c->max_args))
		return err_set(err, ERR_USAGE, _("usage: %s%s%s"), c->name, c->args ? " " : "",
				c->args ? c->args : "");
	for (size_t i = 0; i < r->args.rest.n; i++)
		if (!check_text(r->args.rest.v[i], err))
			return false;
	for (size_t i = 0; i < r->args.hits.n; i++)
		if (r->args.hits.v[i].value && !check_text(r->args.hits.v[i].value, err))
			return false;
	return true;
}

static void
run_free(struct cmd_run *r)
{
	args_done(&r->args);
	free(r);
}

void
cmd_done(struct cmd_run *r, const struct err *err)
{
	struct err none = { ERR_NONE, "" };
	bool is_ours = !r->is_starting && !r->is_waiting;	/* else who holds it frees it */

	r->is_done = true;
	if (r->call)
		r->ctx->api->ops->cancel(r->call);
	r->call = NULL;
	r->done(r->done_arg, err ? err : &none);
	if (is_ours)
		run_free(r);
}

void
cmd_done_signal(struct cmd_run *r, int signum)
{
	struct err err;

	err_set(&err, signum == SIGHUP ? ERR_HANGUP : signum == SIGPIPE ? ERR_PIPE :
			signum == SIGTERM ? ERR_TERMINATED : ERR_INTERRUPT, "%s", "");
	cmd_done(r, &err);
}

static void
on_engine(void *arg, const struct err *err)
{
	struct cmd_run *r = arg;

	r->is_waiting = false;
	if (r->is_done)
		run_free(r);
	else
		r->then(r, err);
}

void
cmd_engine(struct cmd_run *r, void (*then)(struct cmd_run *r, const struct err *err))
{
	r->is_waiting = true;
	r->then = then;
	r->ctx->engine(r->ctx, on_engine, r);
}

void
cmd_engine_there(struct cmd_run *r, void (*then)(struct cmd_run *r, const struct err *err))
{
	r->is_waiting = true;
	r->then = then;
	r->ctx->engine_there(r->ctx, on_engine, r);
}

static void
run_with_engine(struct cmd_run *r, const struct err *err)
{
	if (err)
		cmd_done(r, err);
	else
		r->cmd->run(r);
}

struct cmd_run *
cmd_run(struct cmd_ctx *ctx, int argc, char *const argv[], struct cmd_sink *sink,
		void (*done)(void *arg, const struct err *err), void *arg)
{
	static const struct arg_row no_options[] = { { NULL } };
	const struct cmd *cmd = cmd_find(ctx, argv[0]);
	struct cmd_run *r;
	struct err err;
	bool is_right;

	if (!cmd) {
		cmd_unknown(ctx, argv[0], &err);
		done(arg, &err);
		return NULL;
	}
	r = xcalloc(1, sizeof *r);
	*r = (struct cmd_run){ .cmd = cmd, .ctx = ctx, .sink = sink, .done = done,
		.done_arg = arg };
	is_right = args_parse(&r->args, cmd->options ? cmd->options : no_options, argc - 1,
			argv + 1, false, &err) && check(r, &err);
	r->is_starting = true;
	if (!is_right) {
		cmd_done(r, &err);
	} else if (cmd->flags & CMD_NEEDS_ENGINE) {
		cmd_engine(r, run_with_engine);
	} else {
		cmd->run(r);
	}
	r->is_starting = false;
	if (!r->is_done)
		return r;
	if (!r->is_waiting)
		run_free(r);
	return NULL;
}

void
cmd_stop(struct cmd_run *r, int signum)
{
	/* Without a state it has not begun. */
	if (r->cmd->stop && r->state)
		r->cmd->stop(r, signum);
	else
		cmd_done_signal(r, signum);
}

/* Names the conversation that was meant, unless the sentence does. */
static void
fail(struct cmd_run *r, const struct err *why)
{
	const char *target = r->args.rest.n ? r->args.rest.v[0] : "";
	struct err err = *why;

	if ((*target == '#' || *target == '@') && !strstr(err.msg, target))
		err_wrap(&err, "%s", target);
	cmd_done(r, &err);
}

static void
on_reply(void *arg, const struct reply *reply)
{
	struct cmd_run *r = arg;

	if (reply->type == REPLY_PROGRESS && r->sink->progress)
		r->sink->progress(r->sink, r->cmd->name, reply->done, reply->total);
	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	r->call = NULL;
	if (reply->type == REPLY_FAIL)
		fail(r, &reply->err);
	else
		r->reply(r, reply);
}

void
cmd_ask(struct cmd_run *r, const struct request *rq,
		void (*fn)(struct cmd_run *r, const struct reply *reply))
{
	r->reply = fn;
	r->call = api_call(r->ctx->api, rq, on_reply, r);
}

void
cmd_remark(struct cmd_run *r, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (r->ctx->quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	text[utf8_cut(text, strlen(text))] = '\0';
	r->sink->remark(r->sink, text);
}

/* Names and help */

const struct cmd *
cmd_find(const struct cmd_ctx *ctx, const char *name)
{
	const struct cmd *const *tables[] = { ctx ? ctx->extra : NULL, cmd_table };

	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; tables[t] && tables[t][i]; i++)
			if (strcmp(tables[t][i]->name, name) == 0)
				return tables[t][i];
	return NULL;
}

bool
cmd_unknown(const struct cmd_ctx *ctx, const char *name, struct err *err)
{
	const struct cmd *const *tables[] = { ctx ? ctx->extra : NULL, cmd_table };
	arr(const char *) names = { 0 };
	const char *slash = ctx && ctx->is_screen ? "/" : "", *near;

	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; tables[t] && tables[t][i]; i++)
			arr_push(&names, tables[t][i]->name);
	arr_push(&names, NULL);
	near = words_nearest(name, names.v);
	arr_done(&names);
	if (near)
		return err_set(err, ERR_USAGE, _("unknown command: %s%s (did you mean %s%s?)"),
				slash, name, slash, near);
	return err_set(err, ERR_USAGE, _("unknown command: %s%s"), slash, name);
}

void
cmd_help(struct buf *b, const struct cmd *c)
{
	buf_addf(b, _("usage: %s%s%s%s\n"), c->name, c->options ? _(" [OPTIONS]") : "",
			c->args ? " " : "", c->args ? c->args : "");
	buf_addf(b, "%s\n", _(c->summary));
	if (c->detail)
		buf_addf(b, "\n%s\n", _(c->detail));
	if (!c->options)
		return;
	buf_adds(b, "\n");
	args_help(b, c->options);
}

void
cmd_help_all(struct buf *b, const struct cmd_ctx *ctx)
{
	const struct cmd *const *tables[] = { cmd_table, ctx ? ctx->extra : NULL };

	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; tables[t] && tables[t][i]; i++)
			buf_addf(b, "  %-11s %s\n", tables[t][i]->name, _(tables[t][i]->summary));
}
