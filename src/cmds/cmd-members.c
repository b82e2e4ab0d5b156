/* SPDX-License-Identifier: GPL-3.0-or-later */
/* members: who is in a conversation. */
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/text.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "cmds/target.h"

#define MEMBERS_MS 30000

static void
add_row(struct cmd_run *r, struct buf *b, const json_t *row)
{
	const char *user = json_str(row, "user"), *name = json_str(row, "name");
	const char *role = json_str(row, "role");

	if (r->ctx->json) {
		buf_addc(b, '{');
		print_member(b, "user", user ? user : "");
		print_member(b, "name", name ? name : "");
		print_member(b, "role", role ? role : "");
		buf_adds(b, "}\n");
		return;
	}
	buf_addc(b, '@');
	if (user)
		text_clean(b, user, strlen(user), true);
	if (name && *name && user && strcmp(name, user) != 0) {
		buf_adds(b, "  ");
		text_clean(b, name, strlen(name), true);
	}
	if (role && strcmp(role, "owner") == 0)
		buf_addf(b, "  (%s)", _("owner"));
	buf_addc(b, '\n');
}

static void
on_done(struct cmd_run *r, const struct reply *reply)
{
	struct err err = { ERR_NONE, "" };
	json_t *o = json_strict(reply->json ? reply->json : "[]",
			reply->json ? strlen(reply->json) : 2, &err), *row;
	const json_t *rows = json_is_array(o) ? o : json_object_get(o, "members");
	struct buf b;
	size_t i;

	buf_init(&b, PRINT_MAX);
	json_array_foreach(rows, i, row)
		add_row(r, &b, row);
	json_decref(o);
	if (b.n && !print_result(r, &b))
		err_set(&err, ERR_PIPE, "%s", "");
	buf_done(&b);
	cmd_done(r, &err);
}

static void
run(struct cmd_run *r)
{
	struct request rq = { .verb = VERB_ROOM, .act = "members", .account = r->ctx->account,
		.target = r->args.rest.v[0], .name = r->args.rest.v[0], .timeout_ms = MEMBERS_MS };
	struct err err;

	if (target_check(r->args.rest.v[0], &err))
		cmd_ask(r, &rq, on_done);
	else
		cmd_done(r, &err);
}

const struct cmd row_members = {
	.name = "members", .args = "TARGET", .min_args = 1, .max_args = 1,
	.summary = N_("list who is in a conversation"), .flags = CMD_NEEDS_ENGINE, .run = run,
};
