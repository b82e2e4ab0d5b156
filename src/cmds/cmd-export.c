/* SPDX-License-Identifier: GPL-3.0-or-later */
/* export: a whole conversation out of the mirror, in batches, whatever its length. */
#include <string.h>

#include "base/i18n.h"
#include "cmds/cmd.h"
#include "cmds/history.h"
#include "cmds/page.h"
#include "cmds/target.h"

#define FORMATS "jsonl|text|markdown|html"

static const struct arg_row options[] = {
	{ .name = "format", .type = ARG_STRING, .value = FORMATS,
		.help = N_("what to write (jsonl)") },
	{ .name = "raw", .type = ARG_FLAG, .help = N_("text as it is stored, not made safe") },
	{ NULL }
};

/* page.format NULL: rows as log prints them. */
struct export { struct cmd_run *run; const struct target *target; struct page page; };

static void
on_row(void *arg, const struct message *m)
{
	struct export *x = arg;

	if (x->page.format)
		page_row(&x->page, m);
	else
		print_row(&x->page.printer, x->target->account, &x->target->row, m);
}

static void
on_gap(void *arg, const struct gap *g)
{
	struct export *x = arg;

	if (x->page.format)
		page_gap(&x->page, g);
	else
		print_gap(&x->page.printer, &x->target->row, g);
}

static bool
is_full(void *arg)
{
	struct export *x = arg;

	return print_is_full(&x->page.printer);
}

static bool
on_piece(void *arg, int64_t seq)
{
	struct export *x = arg;
	const struct conv_row *c = &x->target->row;
	struct cmd_sink *sink = x->run->sink;

	if (sink->progress && seq > c->floor)
		sink->progress(sink, _("events"), seq - c->floor, c->head - c->floor);
	return print_flush(&x->page.printer);
}

static bool
write_all(struct export *x, struct err *err)
{
	static const struct history_ops ops = { on_row, on_gap, is_full, on_piece };
	struct history_range all = { 0 };

	if (!history_walk(x->target, &all, &ops, x, err))
		return false;
	if (x->page.format)
		page_end(&x->page);
	return print_flush(&x->page.printer) || err_set(err, ERR_PIPE, "%s", "");
}

/* "text" and "jsonl" are the printer's own styles. */
static bool
take_format(const char *name, const struct page_format **page, bool *is_json, struct err *err)
{
	static const struct page_format *const pages[] = { &page_markdown, &page_html };

	*page = NULL;
	*is_json = strcmp(name, "jsonl") == 0;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		if (strcmp(pages[i]->name, name) == 0)
			*page = pages[i];
	if (*page || *is_json || strcmp(name, "text") == 0)
		return true;
	return err_set(err, ERR_USAGE, _("export knows no format \"%.40s\": jsonl, text, markdown "
			"or html"), name);
}

static void
run(struct cmd_run *r)
{
	const char *name = args_str(&r->args, "format");
	struct export x = { .run = r };
	const struct page_format *page;
	struct err err = { ERR_NONE, "" };
	struct target t;
	bool is_json, is_raw = args_has(&r->args, "raw");

	if (!take_format(name ? name : "jsonl", &page, &is_json, &err) ||
			!target_find(r->ctx, r->args.rest.v[0], &t, &err)) {
		cmd_done(r, &err);
		return;
	}
	x.target = &t;
	page_begin(&x.page, page, r, &t, is_raw);
	if (!page)
		x.page.printer.style = is_json ? PRINT_JSON : is_raw ? PRINT_RAW : PRINT_PLAIN;
	write_all(&x, &err);
	page_done(&x.page);
	target_done(&t);
	cmd_done(r, &err);
}

const struct cmd row_export = {
	.name = "export", .args = "TARGET", .min_args = 1, .max_args = 1,
	.summary = N_("write all that is mirrored of a conversation"),
	.detail = N_("Reads the mirror alone, oldest first, and shows what is missing as a gap.\n"
		"jsonl is what log --json prints, and what import reads; text is what log\n"
		"prints; markdown and html are documents to keep, html in one file."),
	.options = options, .flags = CMD_BATCH_ONLY, .run = run,
};
