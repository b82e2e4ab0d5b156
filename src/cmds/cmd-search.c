/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search: full text over everything mirrored. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "cmds/sending.h"
#include "cmds/target.h"
#include "cmds/walk.h"
#include "store/reader.h"

#define DEFAULT_N 50

static const struct arg_row options[] = {
	{ .name = "in", .type = ARG_STRING, .value = "TARGET",
		.help = N_("one conversation only") },
	{ .name = "by", .type = ARG_STRING, .value = "USER", .help = N_("from one person only") },
	{ .name = "since", .type = ARG_STRING, .value = "TIME", .help = N_("from TIME on") },
	{ .name = "n", .short_name = 'n', .type = ARG_INT, .value = "N", .min = 1, .max = 100000,
		.help = N_("at most N hits of each account (50)") },
	{ .name = "raw", .type = ARG_FLAG, .help = N_("text as it is stored, not made safe") },
	{ NULL }
};

struct search_cmd {
	struct printer printer;
	struct reader_search q;
	const char *account;
};

static bool
on_hit(void *arg, const struct conv_row *c, const struct message *m)
{
	struct search_cmd *s = arg;

	print_row(&s->printer, s->account, c, m);
	return true;
}

static bool
on_account(void *arg, const char *account, struct reader *reader, struct err *err)
{
	struct search_cmd *s = arg;

	s->account = account;
	return reader_search(reader, &s->q, on_hit, s, err);
}

static bool
in_one(struct search_cmd *s, struct cmd_run *r, const char *where, struct err *err)
{
	struct target t;
	bool ok;

	if (!target_find(r->ctx, where, &t, err))
		return false;
	s->q.conv = t.conv;
	ok = on_account(s, t.account, t.reader, err);
	target_done(&t);
	return ok;
}

static void
run(struct cmd_run *r)
{
	struct search_cmd s = { .q.n = args_int(&r->args, "n", DEFAULT_N) };
	const char *where = args_str(&r->args, "in"), *since = args_str(&r->args, "since");
	const char *by = args_str(&r->args, "by");
	char *words = sending_words(r, 0);
	struct err err = { ERR_NONE, "" };

	print_init(&s.printer, r, args_has(&r->args, "raw"));
	s.printer.has_names = s.printer.has_dates = true;
	s.q.query = words;
	s.printer.marked = r->ctx->color && !r->ctx->is_screen && s.printer.style == PRINT_PLAIN ?
			words : NULL;
	s.q.by = by && *by == '@' ? by + 1 : by;
	if ((!since || clock_parse(since, clock_wall_ms(), &s.q.since, &err)) &&
			(where ? in_one(&s, r, where, &err) :
			walk_accounts(r->ctx, on_account, &s, &err)) && !print_flush(&s.printer))
		err_set(&err, ERR_PIPE, "%s", "");
	print_done(&s.printer);
	free(words);
	cmd_done(r, &err);
}

const struct cmd row_search = {
	.name = "search", .args = "QUERY…", .min_args = 1, .max_args = -1,
	.summary = N_("find messages, the newest first"),
	.detail = N_("All words must be in a message; \"…\" is a phrase, word* a beginning.\n"
		"Chinese, Japanese and Korean are found by any part, as if it were a phrase.\n"
		"Searches what is mirrored, in every account unless --account names one."),
	.options = options, .run = run,
};
