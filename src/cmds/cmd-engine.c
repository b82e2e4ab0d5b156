/* SPDX-License-Identifier: GPL-3.0-or-later */
/* engine: what runs behind the fronts; stop it, start it anew. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "control/lock.h"

#define LOOK_MS 20
#define LOOKS_MAX 500		/* 10 s, though an engine leaves within 2 */

struct engine_cmd {
	struct cmd_later *later;
	pid_t pid;			/* of the engine that is to leave */
	int looks;
};

static void
finish(struct cmd_run *r, const struct err *err)
{
	struct engine_cmd *e = r->state;

	r->ctx->later_stop(e->later);
	free(e);
	r->state = NULL;
	cmd_done(r, err);
}

/* status */

static void
plain_status(struct buf *b, const json_t *o)
{
	const char *version = json_str(o, "version"), *data = json_str(o, "data");
	long long fronts = (long long)json_int(o, "fronts", 0);

	buf_addf(b, ngettext("stonechat-engine %s, process %lld, up %lld s, %lld front, %s\n",
			"stonechat-engine %s, process %lld, up %lld s, %lld fronts, %s\n",
			(unsigned long)fronts), version ? version : "?",
			(long long)json_int(o, "pid", 0), (long long)json_int(o, "uptime", 0),
			fronts, json_bool(o, "online", false) ? _("network on") : _("network off"));
	buf_addf(b, _("data %s\n"), data ? data : "?");
}

static void
on_status(struct cmd_run *r, const struct reply *reply)
{
	struct err err = { ERR_NONE, "" };
	json_t *o = json_strict(reply->json ? reply->json : "", reply->json ?
			strlen(reply->json) : 0, &err);
	struct buf b;

	buf_init(&b, PRINT_MAX);
	if (o && r->ctx->json)
		buf_addf(&b, "%s\n", reply->json);
	else if (o)
		plain_status(&b, o);
	json_decref(o);
	if (b.n && !print_result(r, &b))
		err_set(&err, ERR_PIPE, "%s", "");
	buf_done(&b);
	finish(r, &err);
}

/* stop and restart */

static pid_t
engine_pid(const struct cmd_run *r)
{
	struct lock_info info;
	struct err err;
	pid_t pid = lock_read(r->ctx->paths->data, &info, &err) ? info.pid : 0;

	lock_info_done(&info);
	return pid;
}

/* Nobody holds the lock, or somebody else does already. */
static bool
is_gone(const struct cmd_run *r)
{
	const struct engine_cmd *e = r->state;
	pid_t now = engine_pid(r);
	struct err err;
	int fd;

	if (now > 0 && now != e->pid)
		return true;
	if (lock_take(r->ctx->paths->data, &fd, &err) != LOCK_TAKEN)
		return false;
	close(fd);
	return true;
}

static void
on_started(struct cmd_run *r, const struct err *err)
{
	finish(r, err);
}

static void
look(void *arg)
{
	struct cmd_run *r = arg;
	struct engine_cmd *e = r->state;
	struct err err;

	e->later = NULL;
	if (!is_gone(r)) {
		if (e->looks++ < LOOKS_MAX) {
			e->later = r->ctx->later(r->ctx, LOOK_MS, look, r);
			return;
		}
		err_set(&err, ERR_FAIL, _("the engine does not leave"));
		finish(r, &err);
	} else if (strcmp(r->args.rest.v[0], "restart") == 0) {
		cmd_engine(r, on_started);
	} else {
		finish(r, NULL);
	}
}

/* An engine that went before it answered has done what was asked. */
static void
on_stopping(void *arg, const struct reply *reply)
{
	struct cmd_run *r = arg;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	r->call = NULL;
	look(r);
}

static void
on_engine(struct cmd_run *r, const struct err *err)
{
	const char *act = r->args.rest.v[0];
	struct request rq = { .verb = VERB_ENGINE, .act = "stop" };
	struct err none;

	if (err && err->kind == ERR_NETWORK && strcmp(act, "restart") == 0) {
		cmd_engine(r, on_started);
	} else if (err && err->kind == ERR_NETWORK) {
		cmd_remark(r, _("no engine runs"));
		err_set(&none, ERR_NONE, "%s", "");
		finish(r, &none);
	} else if (err) {
		finish(r, err);
	} else if (strcmp(act, "status") == 0) {
		rq.act = "status";
		cmd_ask(r, &rq, on_status);
	} else {
		((struct engine_cmd *)r->state)->pid = engine_pid(r);
		r->call = api_call(r->ctx->api, &rq, on_stopping, r);
	}
}

static void
run(struct cmd_run *r)
{
	const char *act = r->args.rest.v[0];
	struct err err;

	r->state = xcalloc(1, sizeof(struct engine_cmd));
	if (strcmp(act, "status") == 0 || strcmp(act, "stop") == 0 || strcmp(act, "restart") == 0) {
		cmd_engine_there(r, on_engine);
		return;
	}
	err_set(&err, ERR_USAGE, _("usage: engine %s"), r->cmd->args);
	finish(r, &err);
}

static void
stop(struct cmd_run *r, int signum)
{
	struct err err;

	err_set(&err, (enum err_kind)(128 + signum), "%s", "");
	finish(r, &err);
}

const struct cmd row_engine = {
	.name = "engine", .args = "status | stop | restart", .min_args = 1, .max_args = 1,
	.summary = N_("look at the engine behind the fronts, stop it, start it anew"),
	.run = run, .stop = stop,
};
