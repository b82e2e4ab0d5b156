/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A conversation as one HTML file that needs nothing else: no script, no picture, no font of
 * elsewhere, and a policy that says so. */
#include <string.h>

#include "base/i18n.h"
#include "cmds/page.h"

static const char style[] =
	":root{color-scheme:light dark;--paper:#fdfcf9;--ink:#24231f;--soft:#77736a;"
	"--line:#e6e2d8;--name:#1f5f8b;--mark:#f3efe4;--gap:#9a5b13}\n"
	"@media(prefers-color-scheme:dark){:root{--paper:#1b1c1e;--ink:#dddbd5;--soft:#938f86;"
	"--line:#33343a;--name:#8cbfe6;--mark:#26272b;--gap:#e0ad6a}}\n"
	"body{margin:0 auto;max-width:46rem;padding:2rem 1rem 4rem;background:var(--paper);"
	"color:var(--ink);font:1rem/1.5 system-ui,sans-serif}\n"
	"h1{margin:0;font-size:1.6rem}\n"
	"header p,.news,time,.reply,.reacts{color:var(--soft)}\n"
	"header p{margin:.2rem 0 0}\n"
	"h2{margin:2rem 0 .6rem;padding-bottom:.3rem;border-bottom:1px solid var(--line);"
	"font-size:.9rem;font-weight:600;color:var(--soft);position:sticky;top:0;"
	"background:var(--paper)}\n"
	"article{display:grid;grid-template-columns:3.2rem 1fr;padding:.2rem 0}\n"
	"article:target{background:var(--mark)}\n"
	"time{font-size:.8rem;line-height:1.5rem;font-variant-numeric:tabular-nums}\n"
	"time a{color:inherit;text-decoration:none}\n"
	"article>div{min-width:0}\n"
	"b{color:var(--name)}\n"
	"p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}\n"
	"a{color:var(--name)}\n"
	".reply{display:block;font-size:.85rem;padding-left:.6rem;margin:.1rem 0;"
	"border-left:2px solid var(--line);text-decoration:none}\n"
	"small,.deleted{color:var(--soft);font-style:italic}\n"
	".reacts{font-size:.85rem}\n"
	".gap{margin:1rem 0;text-align:center;color:var(--gap);font-size:.85rem;"
	"border-block:1px dashed var(--line);padding:.3rem}\n";

static void
escape(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		switch (s[i]) {
		case '&':
			buf_adds(b, "&amp;");
			break;
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		case '"':
			buf_adds(b, "&quot;");
			break;
		case '\'':
			buf_adds(b, "&#39;");
			break;
		default:
			buf_addc(b, s[i]);
		}
}

static void
escaped(struct buf *b, const char *s)
{
	escape(b, s, strlen(s));
}

/* The length of an address that begins here, without the punctuation behind it; else 0. */
static size_t
address(const char *s)
{
	size_t n;

	if (strncmp(s, "https://", 8) != 0 && strncmp(s, "http://", 7) != 0)
		return 0;
	n = strcspn(s, " \t\n\"'<>`");
	while (n > 0 && strchr(".,;:!?)]}", s[n - 1]))
		n--;
	return n > 8 ? n : 0;
}

/* Addresses become links. */
static void
linked(struct buf *b, const char *s)
{
	while (*s) {
		const char *next = strstr(s, "http");
		size_t n = next ? (size_t)(next - s) : strlen(s);

		escape(b, s, n);
		s += n;
		n = address(s);
		if (n > 0) {
			buf_adds(b, "<a rel=\"noopener noreferrer nofollow\" href=\"");
			escape(b, s, n);
			buf_adds(b, "\">");
			escape(b, s, n);
			buf_adds(b, "</a>");
		} else if (*s) {
			buf_addc(b, *s);
			n = 1;
		}
		s += n;
	}
}

static void
begin(struct page *p, const char *name, const char *topic)
{
	struct buf *b = &p->printer.out;

	buf_adds(b, "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"generator\" content=\"stonechat\">\n<title>");
	escaped(b, name);
	buf_adds(b, "</title>\n<style>\n");
	buf_adds(b, style);
	buf_adds(b, "</style>\n</head>\n<body>\n<header>\n<h1>");
	escaped(b, name);
	buf_adds(b, "</h1>\n");
	if (*topic) {
		buf_adds(b, "<p>");
		linked(b, topic);
		buf_adds(b, "</p>\n");
	}
	buf_adds(b, "</header>\n<main>\n");
}

static void
day(struct page *p, int year, int month, int day_of_month)
{
	buf_addf(&p->printer.out, "<h2>%04d-%02d-%02d</h2>\n", year, month, day_of_month);
}

static void
reply(struct buf *b, const struct page_row *row)
{
	if (!row->is_reply)
		return;
	if (!row->reply_seq) {
		buf_addf(b, "<span class=\"reply\">%s</span>\n", _("a message that is not here"));
		return;
	}
	buf_addf(b, "<a class=\"reply\" href=\"#s%lld\">", (long long)row->reply_seq);
	escaped(b, row->reply_from);
	buf_adds(b, ": ");
	escaped(b, row->reply_text);
	buf_adds(b, "</a>\n");
}

static void
message(struct buf *b, const struct page_row *row)
{
	reply(b, row);
	buf_adds(b, row->is_act ? "<p>* <b>" : "<p><b>");
	escaped(b, row->from);
	buf_adds(b, "</b> ");
	if (row->is_deleted)
		buf_addf(b, "<span class=\"deleted\">%s</span>", _("(deleted)"));
	else
		linked(b, row->text);
	if (row->is_edited && !row->is_deleted)
		buf_addf(b, " <small>%s</small>", _("(edited)"));
	buf_adds(b, "</p>");
	if (!*row->reacts)
		return;
	buf_adds(b, "\n<div class=\"reacts\">");
	escaped(b, row->reacts);
	buf_adds(b, "</div>");
}

static void
row(struct page *p, const struct page_row *row)
{
	struct buf *b = &p->printer.out;

	buf_addf(b, "<article id=\"s%lld\"><time datetime=\"%s\"><a href=\"#s%lld\">%02d:%02d</a>"
			"</time><div>", (long long)row->seq, row->iso, (long long)row->seq,
			row->hour, row->minute);
	if (row->is_news) {
		buf_adds(b, "<p class=\"news\">");
		escaped(b, row->text);
		buf_adds(b, "</p>");
	} else {
		message(b, row);
	}
	buf_adds(b, "</div></article>\n");
}

static void
gap(struct page *p, const char *sentence)
{
	buf_addf(&p->printer.out, "<div class=\"gap\">%s</div>\n", sentence);
}

static void
end(struct page *p)
{
	buf_adds(&p->printer.out, "</main>\n</body>\n</html>\n");
}

const struct page_format page_html = {
	.name = "html", .begin = begin, .day = day, .row = row, .gap = gap, .end = end,
};
