/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a conversation as results: lines for people, or JSON objects (stonechat(1), OUTPUT). */
#ifndef CMDS_PRINT_H
#define CMDS_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/message.h"

struct cmd_run;

#define PRINT_MAX (4u << 20)	/* one row, or the rows gathered before print_flush */

enum print_style {
	PRINT_PLAIN,	/* "10:00 <ann> yo" */
	PRINT_RAW,	/* the same, text as it is stored */
	PRINT_JSON	/* an object a line */
};

/* Gathers rows; nothing is written while the mirror is being read. */
struct printer {
	struct cmd_run *run;
	enum print_style style;
	bool has_names;			/* plain: the conversation stands before each row */
	bool has_dates;			/* plain: the date stands in each row, not between rows */
	const char *marked;		/* a search whose words are shown bold; NULL: none */
	int year, day;			/* of the last plain row; 0: none */
	struct buf out;
	/* JSON: what the rows of one conversation begin with, and of which it is */
	struct buf head;
	char account[USER_MAX + 1], conv[CONV_ID_MAX + 1], name[CONV_NAME_MAX + 2];
};

void print_init(struct printer *p, struct cmd_run *r, bool is_raw);
void print_done(struct printer *p);

/* Each adds one row. Names are borrowed until it returns. */
void print_row(struct printer *p, const char *account, const struct conv_row *c,
		const struct message *m);
void print_gap(struct printer *p, const struct conv_row *c, const struct gap *g);
/* "ann has joined": what a row says that is no message, without time, mark or line feed. */
void print_news(struct printer *p, const struct message *m);
bool print_is_full(const struct printer *p);
/* Hands the rows to the sink. False when nobody reads any more. */
bool print_flush(struct printer *p);

/* What a conversation is called: its name, else its id. */
const char *print_name(const struct conv_row *c);
/* Adds "key":"s" with a comma before it unless it follows a brace. */
void print_member(struct buf *b, const char *key, const char *s);
void print_number(struct buf *b, const char *key, int64_t n);
void print_bool(struct buf *b, const char *key, bool yes);
/* Sends b as one result and empties it. False when nobody reads any more. */
bool print_result(struct cmd_run *r, struct buf *b);

#endif
