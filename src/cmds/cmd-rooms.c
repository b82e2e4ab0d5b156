/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rooms and unread: the conversations of the mirrors. */
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/text.h"
#include "cmds/accounts.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "cmds/walk.h"
#include "store/reader.h"

#define LIST_MAX (160u << 20)	/* 20,000 conversations with topics of 1 KiB, each byte escaped */

struct rooms_cmd {
	struct cmd_run *run;
	struct buf out;
	const char *account;		/* being walked */
	bool has_many;			/* accounts: plain lines name theirs */
	bool unread_only;
	int64_t unread;
};

static void
json_row(struct rooms_cmd *c, const struct conv_row *row)
{
	struct buf *b = &c->out;

	buf_addc(b, '{');
	if (!c->unread_only)
		print_member(b, "account", c->account);
	print_member(b, "conv", row->conv);
	print_member(b, "name", row->name);
	if (!c->unread_only) {
		print_member(b, "kind", conv_kind_name(row->kind));
		print_member(b, "topic", row->topic);
	}
	print_number(b, "unread", row->unread);
	print_number(b, "mentions", row->mentions);
	buf_adds(b, "}\n");
}

static void
plain_row(struct rooms_cmd *c, const struct conv_row *row)
{
	struct buf *b = &c->out;

	if (c->has_many)
		buf_addf(b, "%s ", c->account);
	text_clean(b, print_name(row), strlen(print_name(row)), true);
	if (row->unread)
		buf_addf(b, ngettext("  %lld unread", "  %lld unread", (unsigned long)row->unread),
				(long long)row->unread);
	if (row->mentions)
		buf_addf(b, ngettext(", %lld mention", ", %lld mentions",
				(unsigned long)row->mentions), (long long)row->mentions);
	if (*row->topic && !c->unread_only) {
		buf_adds(b, "  ");
		text_clean(b, row->topic, strlen(row->topic), true);
	}
	buf_addc(b, '\n');
}

static bool
on_conv(void *arg, const struct conv_row *row)
{
	struct rooms_cmd *c = arg;

	if (row->closed || (c->unread_only && row->unread == 0))
		return true;
	c->unread += row->unread;
	if (c->run->ctx->json)
		json_row(c, row);
	else
		plain_row(c, row);
	return true;
}

static bool
on_account(void *arg, const char *account, struct reader *reader, struct err *err)
{
	struct rooms_cmd *c = arg;

	c->account = account;
	return reader_convs(reader, on_conv, c, err);
}

static void
list(struct cmd_run *r, bool unread_only)
{
	struct rooms_cmd c = { .run = r, .unread_only = unread_only };
	struct err err = { ERR_NONE, "" };

	buf_init(&c.out, LIST_MAX);
	c.has_many = walk_count(r->ctx) > 1;
	if (walk_accounts(r->ctx, on_account, &c, &err)) {
		if (unread_only && args_has(&r->args, "count")) {
			buf_clear(&c.out);
			buf_addf(&c.out, "%lld\n", (long long)c.unread);
		}
		if (c.out.n && !print_result(r, &c.out))
			err_set(&err, ERR_PIPE, "%s", "");
	}
	buf_done(&c.out);
	cmd_done(r, &err);
}

static void
rooms_run(struct cmd_run *r)
{
	list(r, false);
}

static void
unread_run(struct cmd_run *r)
{
	list(r, true);
}

static const struct arg_row unread_options[] = {
	{ .name = "count", .type = ARG_FLAG, .help = N_("one number, for a status bar") },
	{ NULL }
};

const struct cmd row_rooms = {
	.name = "rooms", .min_args = 0, .max_args = 0,
	.summary = N_("list the conversations"), .run = rooms_run,
};

const struct cmd row_unread = {
	.name = "unread", .min_args = 0, .max_args = 0,
	.summary = N_("list the conversations with something new"),
	.options = unread_options, .run = unread_run,
};
