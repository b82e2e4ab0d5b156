/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verify: is the mirror what it says? Against itself and its high-water mark in this process, then
 * against the server by the engine. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmds/accounts.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "cmds/target.h"
#include "cmds/walk.h"
#include "store/check.h"
#include "store/reader.h"

static const struct arg_row options[] = {
	{ .name = "mend", .type = ARG_FLAG,
		.help = N_("where something differs: set the mirror aside and fill a new one") },
	{ NULL }
};

struct verify_cmd {
	char **names;			/* accounts */
	size_t next;
	struct target target;		/* conv NULL: everything */
	int64_t found, found_before;	/* differences; before the account in hand */
	struct buf out;
};

static void
finish(struct cmd_run *r, const struct err *err)
{
	struct verify_cmd *v = r->state;
	struct err copy = { ERR_NONE, "" };

	if (err)
		copy = *err;
	if (v->found > 0 && (copy.kind == ERR_NONE || copy.kind == ERR_NETWORK))
		err_set(&copy, ERR_FAIL, ngettext("%lld difference: stonechat verify --mend fills "
				"a new mirror from the server and keeps outbox and drafts",
				"%lld differences: stonechat verify --mend fills a new mirror from "
				"the server and keeps outbox and drafts", (unsigned long)v->found),
				(long long)v->found);
	accounts_free(v->names);
	target_done(&v->target);
	buf_done(&v->out);
	free(v);
	r->state = NULL;
	cmd_done(r, &copy);
}

/* Results; false when nobody reads any more, and then the command has ended. */
static bool
put(struct cmd_run *r)
{
	struct verify_cmd *v = r->state;
	struct err err;

	if (v->out.n == 0 || print_result(r, &v->out))
		return true;
	err_set(&err, ERR_PIPE, "%s", "");
	v->found = 0;
	finish(r, &err);
	return false;
}

struct row { const char *account, *conv, *name, *what, *text; int64_t seq; };

static void
add_row(struct cmd_run *r, const struct row *row)
{
	struct verify_cmd *v = r->state;
	struct buf *b = &v->out;
	const char *name = *row->name ? row->name : row->conv;

	v->found++;
	if (r->ctx->json) {
		buf_addc(b, '{');
		print_member(b, "account", row->account);
		print_member(b, "conv", row->conv);
		print_member(b, "name", row->name);
		print_member(b, "what", row->what);
		print_number(b, "seq", row->seq);
		print_member(b, "text", row->text);
		buf_adds(b, "}\n");
		return;
	}
	buf_addf(b, "%s", row->account);
	if (*name)
		buf_addc(b, ' ');
	text_clean(b, name, strlen(name), true);
	if (row->seq > 0)
		buf_addf(b, " %lld", (long long)row->seq);
	buf_addf(b, ": %s: ", row->what);
	text_clean(b, row->text, strlen(row->text), true);
	buf_addc(b, '\n');
}

/* The mirror alone */

struct local { struct cmd_run *run; const char *account; };

static bool
on_fault(void *arg, const struct check_fault *f)
{
	static const char *const words[] = { [CHECK_DATABASE] = "database",
		[CHECK_LOST] = "high-water", [CHECK_COVERAGE] = "coverage" };
	struct local *l = arg;

	add_row(l->run, &(struct row){ l->account, f->conv, f->name, words[f->what], f->text,
		f->seq });
	return true;
}

/* False: the command has ended. */
static bool
check_alone(struct cmd_run *r, const char *account)
{
	struct local l = { r, account };
	struct err err;
	struct reader *reader = r->ctx->mirror(r->ctx, account, &err);

	if (!reader && err.kind == ERR_USAGE)
		return true;		/* nothing mirrored yet */
	if (reader && reader_refresh(reader, &err) && check_mirror(reader, on_fault, &l, &err))
		return put(r);
	finish(r, &err);
	return false;
}

/* Against the server */

static void verify_next(struct cmd_run *r);

static void
on_difference(struct cmd_run *r, const struct reply *reply)
{
	struct err err;
	json_t *o = json_strict(reply->json, strlen(reply->json), &err);
	const char *conv = json_str(o, "conv"), *name = json_str(o, "name");
	const char *what = json_str(o, "what"), *text = json_str(o, "text");

	if (o)
		add_row(r, &(struct row){ reply->account ? reply->account : "", conv ? conv : "",
			name ? name : "", what ? what : "?", text ? text : "",
			json_int(o, "seq", 0) });
	json_decref(o);
	put(r);
}

static void
add_sums(struct cmd_run *r, const char *account, const json_t *o)
{
	struct verify_cmd *v = r->state;
	int64_t found = json_int(o, "differences", 0), convs = json_int(o, "conversations", 0);
	const char *notice = json_str(o, "notice");

	/* what was too much to be told one by one */
	if (v->found - v->found_before < found)
		v->found = v->found_before + found;
	if (notice && *notice)
		add_row(r, &(struct row){ account, "", "", "high-water", notice, 0 });
	cmd_remark(r, ngettext("%s: compared %lld events of %lld conversation with the server",
			"%s: compared %lld events of %lld conversations with the server",
			(unsigned long)convs), account, (long long)json_int(o, "events", 0),
			(long long)convs);
}

static void
on_replaced(void *arg, const struct reply *reply)
{
	struct cmd_run *r = arg;
	struct verify_cmd *v = r->state;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	r->call = NULL;
	if (reply->type == REPLY_FAIL) {
		finish(r, &reply->err);
		return;
	}
	cmd_remark(r, _("%s: the mirror was set aside; a new one fills from the server"),
			v->names[v->next - 1]);
	v->found = v->found_before;
	verify_next(r);
}

static void
account_done(struct cmd_run *r)
{
	struct verify_cmd *v = r->state;
	struct request rq = { .verb = VERB_VERIFY, .account = v->names[v->next - 1],
		.act = "replace" };

	if (v->found > v->found_before && args_has(&r->args, "mend"))
		r->call = api_call(r->ctx->api, &rq, on_replaced, r);
	else
		verify_next(r);
}

static void
on_reply(void *arg, const struct reply *reply)
{
	struct cmd_run *r = arg;
	struct verify_cmd *v = r->state;
	struct err err;
	json_t *o;

	if (reply->type == REPLY_PROGRESS && reply->json) {
		on_difference(r, reply);
		return;
	}
	if (reply->type == REPLY_PROGRESS)
		r->sink->progress(r->sink, _("events"), reply->done, reply->total);
	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	r->call = NULL;
	if (reply->type == REPLY_FAIL) {
		finish(r, &reply->err);
		return;
	}
	o = json_strict(reply->json, reply->json ? strlen(reply->json) : 0, &err);
	add_sums(r, v->names[v->next - 1], o);
	json_decref(o);
	if (put(r))
		account_done(r);
}

static void
verify_next(struct cmd_run *r)
{
	struct verify_cmd *v = r->state;
	struct request rq = { .verb = VERB_VERIFY, .account = v->names[v->next],
		.target = v->target.conv };

	if (!rq.account) {
		finish(r, NULL);
		return;
	}
	v->next++;
	v->found_before = v->found;
	if (!check_alone(r, rq.account))
		return;
	/* There is no server to compare it with. */
	if (strcmp(rq.account, ACCOUNT_ARCHIVE) == 0) {
		verify_next(r);
		return;
	}
	if (r->ctx->offline) {
		cmd_remark(r, _("%s: --offline: looked at the mirror and its high-water mark "
				"alone, not at the server"), rq.account);
		verify_next(r);
		return;
	}
	r->call = api_call(r->ctx->api, &rq, on_reply, r);
}

static void
on_engine(struct cmd_run *r, const struct err *err)
{
	if (err)
		finish(r, err);
	else
		verify_next(r);
}

static void
run(struct cmd_run *r)
{
	struct verify_cmd *v = xcalloc(1, sizeof *v);
	const char *target = r->args.rest.n ? r->args.rest.v[0] : NULL;
	struct err err;

	r->state = v;
	buf_init(&v->out, PRINT_MAX);
	if (target && !target_find(r->ctx, target, &v->target, &err)) {
		finish(r, &err);
	} else if (args_has(&r->args, "mend") && r->ctx->offline) {
		err_set(&err, ERR_USAGE, _("--mend needs the server"));
		finish(r, &err);
	} else {
		if (target) {
			v->names = xcalloc(2, sizeof *v->names);
			v->names[0] = xstrdup(v->target.account);
		} else {
			v->names = walk_names(r->ctx);
		}
		if (r->ctx->offline)
			verify_next(r);
		else
			cmd_engine(r, on_engine);
	}
}

static void
stop(struct cmd_run *r, int signum)
{
	struct verify_cmd *v = r->state;
	struct err err;

	v->found = 0;
	err_set(&err, (enum err_kind)(128 + signum), "%s", "");
	finish(r, &err);
}

const struct cmd row_verify = {
	.name = "verify", .args = "[TARGET]", .min_args = 0, .max_args = 1,
	.summary = N_("compare the mirror with the server and with its high-water mark"),
	.detail = N_("Looks whether the mirror is sound in itself and has lost nothing since its\n"
		"high-water mark, then fetches everything that it claims to hold and compares:\n"
		"numbers, ids, texts, edits. One line for each difference, and exit 1. What is\n"
		"missing and shown as a gap is no difference. --mend gives an account in which\n"
		"something differs a new mirror; outbox and drafts go over into it.\n"
		"With --offline the server is left out."),
	.options = options, .run = run, .stop = stop,
};
