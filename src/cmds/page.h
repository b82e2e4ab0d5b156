/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A conversation as a document to keep: what export writes besides text and JSON. */
#ifndef CMDS_PAGE_H
#define CMDS_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/id.h"
#include "cmds/print.h"
#include "model/message.h"

struct target;
struct page;

#define PAGE_QUOTE 80		/* bytes of the message answered that are shown */

/* A row taken apart; texts are safe (unless --raw) and not yet escaped for the format. */
struct page_row {
	int64_t seq;
	char id[ID_SIZE];
	int hour, minute;
	const char *iso;		/* the time in UTC, for machines */
	const char *from;
	const char *text;		/* may hold line feeds */
	const char *reacts;		/* "👍 2 ❤ 1"; "" when none */
	bool is_news, is_act, is_edited, is_deleted;
	/* The message answered; seq 0: not held, quote and from are "" then. */
	bool is_reply;
	int64_t reply_seq;
	const char *reply_from, *reply_text;
};

struct page_format {
	const char *name;
	void (*begin)(struct page *p, const char *name, const char *topic);
	void (*day)(struct page *p, int year, int month, int day);
	void (*row)(struct page *p, const struct page_row *row);
	void (*gap)(struct page *p, const char *sentence);
	void (*end)(struct page *p);
};

extern const struct page_format page_markdown, page_html;

struct page {
	const struct page_format *format;
	const struct target *target;
	struct printer printer;		/* out is where the document grows; news are worded by it */
	struct buf text, from, reacts, reply_from, reply_text;	/* of the row in hand */
	int64_t reply_seq;
	int year, day;
	bool is_raw;
};

/* format NULL: nothing but the printer is made ready, for rows as it prints them itself. Else every
 * row stands between page_begin and page_end, in order; the document grows in
 * printer.out. */
void page_begin(struct page *p, const struct page_format *format, struct cmd_run *r,
		const struct target *t, bool is_raw);
void page_row(struct page *p, const struct message *m);
void page_gap(struct page *p, const struct gap *g);
void page_end(struct page *p);
void page_done(struct page *p);

#endif
