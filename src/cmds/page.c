/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes rows apart for the formats of documents: every text is made safe here, escaped there. */
#include "cmds/page.h"

#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/utf8.h"
#include "cmds/cmd.h"
#include "cmds/target.h"
#include "store/reader.h"

static void
clean(const struct page *p, struct buf *out, const char *s, size_t n, bool one_line)
{
	buf_clear(out);
	if (p->is_raw)
		buf_add(out, s, n);
	else
		text_clean(out, s, n, one_line);
}

void
page_begin(struct page *p, const struct page_format *format, struct cmd_run *r,
		const struct target *t, bool is_raw)
{
	struct buf *texts[] = { &p->text, &p->from, &p->reacts, &p->reply_from, &p->reply_text };

	*p = (struct page){ .format = format, .target = t, .year = -1, .is_raw = is_raw };
	print_init(&p->printer, r, is_raw);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		buf_init(texts[i], PRINT_MAX);
	if (!format)
		return;
	clean(p, &p->from, print_name(&t->row), strlen(print_name(&t->row)), true);
	clean(p, &p->text, t->row.topic, strlen(t->row.topic), true);
	format->begin(p, buf_str(&p->from), buf_str(&p->text));
}

void
page_done(struct page *p)
{
	print_done(&p->printer);
	buf_done(&p->text);
	buf_done(&p->from);
	buf_done(&p->reacts);
	buf_done(&p->reply_from);
	buf_done(&p->reply_text);
}

static void
take_reacts(struct page *p, const char *json)
{
	json_t *all = json[0] == '{' && json[1] != '}' ? json_strict(json, strlen(json), NULL) :
		NULL;
	const char *emoji;
	json_t *n;

	buf_clear(&p->reacts);
	json_object_foreach(all, emoji, n) {
		if (p->reacts.n)
			buf_addc(&p->reacts, ' ');
		text_clean(&p->reacts, emoji, strlen(emoji), true);
		buf_addf(&p->reacts, " %lld", (long long)json_integer_value(n));
	}
	json_decref(all);
}

/* The first line of the message answered, or as much as has room. */
static bool
on_replied(void *arg, const struct message *m)
{
	struct page *p = arg;
	const char *end = memchr(m->text, '\n', m->text_n);
	size_t n = end ? (size_t)(end - m->text) : m->text_n;
	bool is_cut = end || n > PAGE_QUOTE;

	if (n > PAGE_QUOTE)
		n = utf8_cut(m->text, PAGE_QUOTE);
	p->reply_seq = m->seq;
	clean(p, &p->reply_from, m->from, strlen(m->from), true);
	clean(p, &p->reply_text, m->text, n, true);
	if (is_cut)
		buf_adds(&p->reply_text, "…");
	return false;
}

static void
take_reply(struct page *p, const char *id)
{
	struct err err;

	p->reply_seq = 0;
	buf_clear(&p->reply_from);
	buf_clear(&p->reply_text);
	if (*id)
		reader_message(p->target->reader, p->target->conv, id, on_replied, p, &err);
}

/* What the row says, safe, in p->text. */
static void
take_text(struct page *p, const struct message *m, struct page_row *row)
{
	const char *text = m->text;
	size_t n = m->text_n, before = p->printer.out.n;

	row->is_news = m->kind != REC_MSG && m->kind != REC_AI_END;
	if (row->is_news) {
		print_news(&p->printer, m);
		buf_clear(&p->text);
		buf_add(&p->text, p->printer.out.p + before, p->printer.out.n - before);
		buf_cut(&p->printer.out, before);
		return;
	}
	row->is_act = n > 4 && memcmp(text, "/me ", 4) == 0;
	if (row->is_act) {
		text += 4;
		n -= 4;
	}
	clean(p, &p->text, text, n, false);
}

static void
day_of(struct page *p, const struct tm *tm)
{
	if (tm->tm_year == p->year && tm->tm_yday == p->day)
		return;
	p->year = tm->tm_year;
	p->day = tm->tm_yday;
	p->format->day(p, tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday);
}

void
page_row(struct page *p, const struct message *m)
{
	struct tm tm = clock_local(m->ts);
	char iso[CLOCK_RFC3339_SIZE], reply[ID_SIZE];
	struct page_row row = { .seq = m->seq, .hour = tm.tm_hour, .minute = tm.tm_min,
		.iso = iso, .is_edited = m->edited, .is_deleted = m->deleted };

	clock_rfc3339(m->ts, iso);
	str_copy(row.id, sizeof row.id, m->id);
	row.is_reply = str_copy(reply, sizeof reply, m->reply) && *reply && !m->deleted;
	clean(p, &p->from, m->from, strlen(m->from), true);
	take_text(p, m, &row);
	take_reacts(p, m->reacts);
	/* Last: the reader's texts of this row are gone afterwards. */
	take_reply(p, row.is_reply ? reply : "");
	row.from = buf_str(&p->from);
	row.text = buf_str(&p->text);
	row.reacts = buf_str(&p->reacts);
	row.reply_seq = p->reply_seq;
	row.reply_from = buf_str(&p->reply_from);
	row.reply_text = buf_str(&p->reply_text);
	day_of(p, &tm);
	p->format->row(p, &row);
}

void
page_gap(struct page *p, const struct gap *g)
{
	long long first = (long long)g->lo + 1, last = (long long)g->hi;

	buf_clear(&p->text);
	buf_addf(&p->text, _("gap: seq %lld–%lld not fetched (%lld)"), first, last,
			last - first + 1);
	p->format->gap(p, buf_str(&p->text));
}

void
page_end(struct page *p)
{
	p->format->end(p);
}
