/* SPDX-License-Identifier: GPL-3.0-or-later */
/* status: connections, how fast they answer, what waits; a warning before anything breaks. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmds/accounts.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "cmds/walk.h"

struct status_cmd { char **names; size_t next; struct buf out; };

static void
finish(struct cmd_run *r, const struct err *err)
{
	struct status_cmd *s = r->state;
	struct err copy = { ERR_NONE, "" };

	if (err)
		copy = *err;
	if (copy.kind == ERR_NONE && s->out.n && !print_result(r, &s->out))
		err_set(&copy, ERR_PIPE, "%s", "");
	accounts_free(s->names);
	buf_done(&s->out);
	free(s);
	r->state = NULL;
	cmd_done(r, &copy);
}

static void
add_text(struct buf *b, const char *before, const char *text)
{
	if (!text || !*text)
		return;
	buf_adds(b, before);
	text_clean(b, text, strlen(text), true);
}

static void
plain_account(struct cmd_run *r, struct buf *b, const char *name, const json_t *o)
{
	const json_t *ack = json_object_get(o, "latency");
	const char *state = json_str(o, "state");
	int64_t p95 = json_int(ack, "p95", 0);
	int64_t limit = conf_int(r->ctx->conf, "network", "warn_ack_ms");

	buf_addf(b, "%s: %s", name, state ? state : "?");
	add_text(b, ", ", json_str(o, "why"));
	add_text(b, _(" as "), json_str(o, "user"));
	add_text(b, _(" at "), json_str(o, "server"));
	add_text(b, _(", engine "), json_str(o, "version"));
	if (json_int(ack, "n", 0) > 0)
		buf_addf(b, _(", acknowledged in %lld/%lld/%lld ms (p50/p95/p99)"),
				(long long)json_int(ack, "p50", 0), (long long)p95,
				(long long)json_int(ack, "p99", 0));
	if (json_int(o, "outbox", 0) > 0)
		buf_addf(b, _(", outbox %lld"), (long long)json_int(o, "outbox", 0));
	if (json_int(o, "refused", 0) > 0)
		buf_addf(b, _(", refused %lld"), (long long)json_int(o, "refused", 0));
	add_text(b, ", ", json_str(o, "store"));
	buf_addc(b, '\n');
	if (p95 > limit)
		cmd_remark(r, _("%s: the server is slow: 95%% of acknowledgements took up to "
				"%lld ms (network.warn_ack_ms is %lld)"), name, (long long)p95,
				(long long)limit);
}

static void ask_next(struct cmd_run *r);

static void
on_reply(void *arg, const struct reply *reply)
{
	struct cmd_run *r = arg;
	struct status_cmd *s = r->state;
	const char *name = s->names[s->next - 1];
	struct err err;
	json_t *o;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	r->call = NULL;
	if (reply->type == REPLY_FAIL) {
		finish(r, &reply->err);
		return;
	}
	o = reply->json ? json_strict(reply->json, strlen(reply->json), &err) : NULL;
	if (r->ctx->json)
		buf_addf(&s->out, "%s\n", reply->json ? reply->json : "{}");
	else
		plain_account(r, &s->out, name, o);
	json_decref(o);
	ask_next(r);
}

static void
ask_next(struct cmd_run *r)
{
	struct status_cmd *s = r->state;
	struct request rq = { .verb = VERB_STATUS, .account = s->names[s->next] };

	if (!rq.account) {
		finish(r, NULL);
		return;
	}
	s->next++;
	r->call = api_call(r->ctx->api, &rq, on_reply, r);
}

static void
run(struct cmd_run *r)
{
	struct status_cmd *s = xcalloc(1, sizeof *s);

	r->state = s;
	s->names = walk_names(r->ctx);
	buf_init(&s->out, PRINT_MAX);
	ask_next(r);
}

static void
stop(struct cmd_run *r, int signum)
{
	struct err err;

	err_set(&err, (enum err_kind)(128 + signum), "%s", "");
	finish(r, &err);
}

const struct cmd row_status = {
	.name = "status", .min_args = 0, .max_args = 0,
	.summary = N_("show the connection of every account and how fast it answers"),
	.flags = CMD_NEEDS_ENGINE, .run = run, .stop = stop,
};
