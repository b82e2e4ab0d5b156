/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A conversation as Markdown: a heading a day, each message a quotation of its own, so that what
 * it is written in cannot reach beyond it. */
#include <ctype.h>
#include <string.h>

#include "base/i18n.h"
#include "cmds/page.h"

/* For names, and all else that is no message: nothing in it is markup. */
static void
plain(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (strchr("\\`*_[]<>#~|&", *s))
			buf_addc(b, '\\');
		buf_addc(b, *s);
	}
}

/* A message keeps its markup, but for HTML. */
static void
quoted(struct buf *b, const char *s)
{
	buf_adds(b, "> ");
	for (; *s; s++) {
		if (*s == '<' && (isalpha((unsigned char)s[1]) || (s[1] && strchr("/!?", s[1]))))
			buf_addc(b, '\\');
		buf_addc(b, *s);
		if (*s == '\n')
			buf_adds(b, "> ");
	}
	buf_adds(b, "\n\n");
}

static void
begin(struct page *p, const char *name, const char *topic)
{
	struct buf *b = &p->printer.out;

	buf_adds(b, "# ");
	plain(b, name);
	buf_adds(b, "\n\n");
	if (!*topic)
		return;
	plain(b, topic);
	buf_adds(b, "\n\n");
}

static void
day(struct page *p, int year, int month, int day_of_month)
{
	buf_addf(&p->printer.out, "## %04d-%02d-%02d\n\n", year, month, day_of_month);
}

static void
reply(struct buf *b, const struct page_row *row)
{
	if (!row->is_reply)
		return;
	buf_adds(b, " ↪ ");
	if (!row->reply_seq) {
		buf_adds(b, _("a message that is not here"));
		return;
	}
	plain(b, row->reply_from);
	buf_adds(b, ": ");
	plain(b, row->reply_text);
}

static void
row(struct page *p, const struct page_row *row)
{
	struct buf *b = &p->printer.out;

	if (row->is_news) {
		buf_addf(b, "%02d:%02d — *", row->hour, row->minute);
		plain(b, row->text);
		buf_adds(b, "*\n\n");
		return;
	}
	buf_addf(b, "%02d:%02d %s**", row->hour, row->minute, row->is_act ? "\\* " : "");
	plain(b, row->from);
	buf_adds(b, "**");
	if (row->is_edited)
		buf_addf(b, " %s", _("(edited)"));
	reply(b, row);
	buf_adds(b, "\n\n");
	if (row->is_deleted)
		buf_addf(b, "> *%s*\n\n", _("(deleted)"));
	else
		quoted(b, row->text);
	if (*row->reacts)
		buf_addf(b, "%s\n\n", row->reacts);
}

static void
gap(struct page *p, const char *sentence)
{
	buf_addf(&p->printer.out, "---\n\n*%s*\n\n---\n\n", sentence);
}

static void
end(struct page *p)
{
	(void)p;
}

const struct page_format page_markdown = {
	.name = "markdown", .begin = begin, .day = day, .row = row, .gap = gap, .end = end,
};
