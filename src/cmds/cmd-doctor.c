/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor: what is wrong and how to mend it, one line a check. Works without a configuration that
 * can be read and without an engine that starts. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "cmds/accounts.h"
#include "cmds/cmd.h"
#include "cmds/doctor.h"
#include "cmds/print.h"
#include "cmds/walk.h"

#define LOOK_MS 200
#define LOOKS_MAX 50			/* 10 s for an account to connect */
#define SKEW_MS 60000			/* between our clock and the server's */

struct doctor_cmd {
	struct doctor d;
	char **names;			/* accounts */
	size_t next;
	int looks;
	struct cmd_later *later;
};

static void
finish(struct cmd_run *r, const struct err *why)
{
	struct doctor_cmd *c = r->state;
	struct err err = { ERR_NONE, "" };

	if (why)
		err = *why;
	else if (!print_result(r, &c->d.out))
		err_set(&err, ERR_PIPE, "%s", "");
	else if (c->d.fails)
		err_set(&err, ERR_FAIL, ngettext("%zu check failed", "%zu checks failed",
				c->d.fails), c->d.fails);
	r->ctx->later_stop(c->later);
	accounts_free(c->names);
	buf_done(&c->d.out);
	free(c);
	r->state = NULL;
	cmd_done(r, &err);
}

static void ask(struct cmd_run *r);
static void next(struct cmd_run *r);

static void
ask_again(void *arg)
{
	struct cmd_run *r = arg;
	struct doctor_cmd *c = r->state;

	c->later = NULL;
	ask(r);
}

static void
next(struct cmd_run *r)
{
	struct doctor_cmd *c = r->state;

	c->next++;
	c->looks = 0;
	ask(r);
}

static void
judge_clock(struct doctor *d, const char *name, int64_t skew)
{
	char *check = xasprintf("clock %s", name);

	if (skew > SKEW_MS || skew < -SKEW_MS)
		doctor_row(d, DOCTOR_WARN, check, _("set the clock of this machine, or the "
				"server's"), _("differs from the server's by %lld s"),
				(long long)skew / 1000);
	free(check);
}

/* "" for what is not there. */
static const char *
word(const json_t *o, const char *key)
{
	const char *s = json_str(o, key);

	return s ? s : "";
}

static void
judge(struct doctor *d, const char *name, const json_t *o)
{
	char *check = xasprintf("account %s", name);
	const char *state = word(o, "state"), *why = word(o, "why");
	const char *user = word(o, "user"), *server = word(o, "server");

	if (*why == '\0')
		why = state;
	if (strcmp(state, "online") == 0)
		doctor_row(d, DOCTOR_OK, check, NULL, strncmp(server, "wss:", 4) == 0 ?
				_("online as %s at %s, TLS verified") : _("online as %s at %s"),
				user, server);
	else if (d->run->ctx->offline)
		doctor_row(d, DOCTOR_OK, check, NULL, _("not asked (--offline)"));
	else if (strcmp(state, "stopped") == 0)
		doctor_row(d, DOCTOR_FAIL, check, _("a new token: stonechatd user token NAME, "
				"then into the account's token_file"), "%s", why);
	else
		doctor_row(d, DOCTOR_FAIL, check, _("is the server running, and the URL right? "
				"stonechat config edit"), "%s", why);
	judge_clock(d, name, json_int(o, "skew_ms", 0));
	free(check);
}

static bool
is_settled(const json_t *o)
{
	const char *state = json_str(o, "state"), *why = json_str(o, "why");

	return !state || strcmp(state, "online") == 0 || strcmp(state, "stopped") == 0
		|| (strcmp(state, "waiting") == 0 && why && *why);
}

static void
on_status(void *arg, const struct reply *reply)
{
	struct cmd_run *r = arg;
	struct doctor_cmd *c = r->state;
	const char *name = c->names[c->next];
	struct err err;
	json_t *o;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	r->call = NULL;
	o = json_strict(reply->json, reply->json ? strlen(reply->json) : 0, &err);
	if (reply->type == REPLY_FAIL) {
		char *check = xasprintf("account %s", name);

		doctor_row(&c->d, DOCTOR_FAIL, check, NULL, "%s", reply->err.msg);
		free(check);
		next(r);
	} else if (!r->ctx->offline && !is_settled(o) && c->looks++ < LOOKS_MAX) {
		c->later = r->ctx->later(r->ctx, LOOK_MS, ask_again, r);
	} else {
		judge(&c->d, name, o);
		next(r);
	}
	json_decref(o);
}

static void
ask(struct cmd_run *r)
{
	struct doctor_cmd *c = r->state;
	struct request rq = { .verb = VERB_STATUS, .account = c->names[c->next] };

	if (rq.account && strcmp(rq.account, ACCOUNT_ARCHIVE) == 0)
		next(r);		/* no server, no connection */
	else if (rq.account)
		r->call = api_call(r->ctx->api, &rq, on_status, r);
	else
		finish(r, NULL);
}

static void
on_engine_status(void *arg, const struct reply *reply)
{
	struct cmd_run *r = arg;
	struct doctor_cmd *c = r->state;
	struct err err;
	json_t *o;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	r->call = NULL;
	o = json_strict(reply->json, reply->json ? strlen(reply->json) : 0, &err);
	if (o) {
		const char *version = json_str(o, "version"), *own = r->ctx->version;

		if (version && own && strcmp(version, own) != 0)
			doctor_row(&c->d, DOCTOR_WARN, "engine", _("stonechat engine restart"),
					_("version %s, this program is %s"), version, own);
		else
			doctor_row(&c->d, DOCTOR_OK, "engine", NULL, _("version %s, process "
					"%lld"), version ? version : "?",
					(long long)json_int(o, "pid", 0));
		doctor_row(&c->d, DOCTOR_OK, "libwebsockets", NULL,
				_("its libuv plugin is there"));
	} else {
		doctor_row(&c->d, DOCTOR_FAIL, "engine", _("stonechat engine restart"), "%s",
				reply->type == REPLY_FAIL ? reply->err.msg : err.msg);
	}
	json_decref(o);
	ask(r);
}

static void
on_engine(struct cmd_run *r, const struct err *err)
{
	struct request rq = { .verb = VERB_ENGINE, .act = "status" };
	struct doctor_cmd *c = r->state;

	if (!err) {
		r->call = api_call(r->ctx->api, &rq, on_engine_status, r);
		return;
	}
	doctor_row(&c->d, DOCTOR_FAIL, "engine", NULL, "%s", err->msg);
	finish(r, NULL);
}

static void
run(struct cmd_run *r)
{
	struct doctor_cmd *c = r->state = xcalloc(1, sizeof *c);

	c->d.run = r;
	buf_init(&c->d.out, PRINT_MAX);
	c->names = walk_names(r->ctx);
	doctor_machine(&c->d);
	if (!r->ctx->is_screen)
		doctor_terminal(&c->d);
	for (size_t i = 0; c->names[i]; i++)
		doctor_account(&c->d, c->names[i]);
	/* with options that nobody can read, or a folder that is not ours, none is started */
	if (r->ctx->broken.kind != ERR_NONE || c->d.is_unfit)
		finish(r, NULL);
	else
		cmd_engine(r, on_engine);
}

static void
stop(struct cmd_run *r, int signum)
{
	struct err err;

	err_set(&err, (enum err_kind)(128 + signum), "%s", "");
	finish(r, &err);
}

const struct cmd row_doctor = {
	.name = "doctor", .min_args = 0, .max_args = 0,
	.summary = N_("look what is wrong and say how to mend it"),
	.detail = N_("One line for each check: ok, warn or fail, what was found, and what to do.\n"
		"Exit 1 when a check failed, else 0. Works with a broken configuration, too."),
	.flags = CMD_ANY_CONF | CMD_ANY_OWNER, .run = run, .stop = stop,
};
