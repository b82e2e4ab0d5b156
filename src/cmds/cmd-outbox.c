/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox: what the server has not acknowledged; try it again, or give it up. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "cmds/walk.h"
#include "store/reader.h"

#define TEXT_SHOWN 60		/* columns of a message in the plain list */
#define LIST_MAX (64u << 20)	/* 100,000 rows and their texts */

struct outbox_cmd { struct cmd_run *run; struct buf out; };

static void
json_row(struct buf *b, const struct outbox_row *o)
{
	buf_addc(b, '{');
	print_member(b, "cid", o->cid);
	print_member(b, "conv", o->conv);
	print_member(b, "name", o->name);
	print_member(b, "state", outbox_state_name(o->state));
	print_number(b, "tries", o->tries);
	print_member(b, "error", o->error);
	print_member(b, "text", o->text);
	buf_adds(b, "}\n");
}

static void
plain_row(struct buf *b, const struct outbox_row *o)
{
	const char *name = *o->name ? o->name : o->conv;
	size_t n = strlen(o->text), shown = text_fit(o->text, n, TEXT_SHOWN, NULL);

	buf_addf(b, "%s  ", o->cid);
	text_clean(b, name, strlen(name), true);
	buf_addf(b, ngettext("  %s, %lld try", "  %s, %lld tries", (unsigned long)o->tries),
			outbox_state_name(o->state), (long long)o->tries);
	if (*o->error) {
		buf_adds(b, ": ");
		text_clean(b, o->error, strlen(o->error), true);
	}
	buf_adds(b, "  ");
	text_clean(b, o->text, shown, true);
	buf_adds(b, shown < n ? "…\n" : "\n");
}

static bool
on_row(void *arg, const struct outbox_row *o)
{
	struct outbox_cmd *c = arg;

	if (c->run->ctx->json)
		json_row(&c->out, o);
	else
		plain_row(&c->out, o);
	return true;
}

static bool
on_account(void *arg, const char *account, struct reader *reader, struct err *err)
{
	struct outbox_cmd *c = arg;

	(void)account;
	return reader_outbox(reader, NULL, on_row, c, err);
}

static void
list(struct cmd_run *r)
{
	struct outbox_cmd c = { .run = r };
	struct err err = { ERR_NONE, "" };

	buf_init(&c.out, LIST_MAX);
	if (walk_accounts(r->ctx, on_account, &c, &err) && c.out.n && !print_result(r, &c.out))
		err_set(&err, ERR_PIPE, "%s", "");
	buf_done(&c.out);
	cmd_done(r, &err);
}

/* Which account has the row? */
struct owner { const char *cid; char *account; bool is_found; };

static bool
is_row(void *arg, const struct outbox_row *o)
{
	struct owner *w = arg;

	w->is_found = w->is_found || strcmp(o->cid, w->cid) == 0;
	return !w->is_found;
}

static bool
has_row(void *arg, const char *account, struct reader *reader, struct err *err)
{
	struct owner *w = arg;

	if (w->is_found)
		return true;
	if (!reader_outbox(reader, NULL, is_row, w, err))
		return false;
	if (w->is_found)
		w->account = xstrdup(account);
	return true;
}

static void
on_done(struct cmd_run *r, const struct reply *reply)
{
	struct err err = { ERR_NONE, "" };

	if (reply->seq > 0 && strcmp(r->args.rest.v[0], "drop") == 0)
		err_set(&err, ERR_REFUSED, _("too late: it is message %lld of %s"),
				(long long)reply->seq, reply->name && *reply->name ? reply->name :
				reply->conv);
	cmd_done(r, &err);
}

static void
on_engine(struct cmd_run *r, const struct err *why)
{
	struct owner owner = { .cid = r->args.rest.v[1] };
	struct request rq = { .verb = VERB_OUTBOX, .act = r->args.rest.v[0], .cid = owner.cid };
	struct err err = { ERR_NONE, "" };

	if (why)
		err = *why;
	else if (walk_accounts(r->ctx, has_row, &owner, &err) && !owner.is_found)
		err_set(&err, ERR_REFUSED, _("there is no %.40s in the outbox"), owner.cid);
	rq.account = owner.account;
	if (err.kind == ERR_NONE)
		cmd_ask(r, &rq, on_done);
	else
		cmd_done(r, &err);
	free(owner.account);
}

static void
run(struct cmd_run *r)
{
	const char *act = r->args.rest.n ? r->args.rest.v[0] : "list";
	bool is_change = strcmp(act, "retry") == 0 || strcmp(act, "drop") == 0;
	struct err err;

	if (strcmp(act, "list") == 0 && r->args.rest.n <= 1) {
		list(r);
	} else if (is_change && r->args.rest.n == 2) {
		cmd_engine(r, on_engine);
	} else {
		err_set(&err, ERR_USAGE, _("usage: outbox [list | retry CID | drop CID]"));
		cmd_done(r, &err);
	}
}

const struct cmd row_outbox = {
	.name = "outbox", .args = "[list | retry CID | drop CID]", .min_args = 0, .max_args = 2,
	.summary = N_("show what is not acknowledged; try again, or give it up"), .run = run,
};
