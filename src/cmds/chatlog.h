/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logs of other programs, and exports of our own, taken apart line by line into records. */
#ifndef CMDS_CHATLOG_H
#define CMDS_CHATLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/zone.h"
#include "model/record.h"

struct map;

#define CHATLOG_TEXT_MAX 32000		/* bytes of a text: what a message may have */
#define CHATLOG_FROM_MAX 64		/* bytes of a name */

enum chatlog_found {
	CHATLOG_NOTHING,	/* a line that says nothing to keep */
	CHATLOG_RECORD,		/* log->record */
	CHATLOG_BAD		/* log->why */
};

struct chatlog;

struct chatlog_format {
	const char *name;
	/* Is this a line that only this program writes? */
	bool (*is_mine)(const char *p);
	/* One line without its line feed, ended by NUL. */
	enum chatlog_found (*line)(struct chatlog *l, const char *p);
};

extern const struct chatlog_format chatlog_weechat, chatlog_irssi, chatlog_jsonl;

/* Zero it, then chatlog_init. */
struct chatlog {
	const struct chatlog_format *format;	/* NULL: not known yet */
	struct zone zone;
	struct tm day;			/* irssi: the day that its lines belong to */
	bool has_day;
	int64_t last_ts;
	struct map *same;		/* how often each record came with last_ts; NULL: none */
	/* of the line taken last */
	struct record record;		/* borrowed until the next line */
	const char *why;		/* a sentence */
	bool was_cut;			/* its text was too long */
	char id[ID_SIZE], ref[ID_SIZE], from[CHATLOG_FROM_MAX + 1];
	struct buf body, cur;
};

/* format: "auto", or one by name; zone as zone_init has it. ERR_USAGE when there is no such. */
bool chatlog_init(struct chatlog *l, const char *format, const char *zone, struct err *err);
void chatlog_done(struct chatlog *l);
/* The next line: UTF-8, without NUL. Never fails on any text. */
enum chatlog_found chatlog_line(struct chatlog *l, const char *p);

/* For the formats: each makes the record; text may be cut. */
enum chatlog_found chatlog_bad(struct chatlog *l, const char *why);
/* NAME_LEN bytes of name without the marks of an operator. */
void chatlog_from(struct chatlog *l, const char *name, size_t n);
/* What a person said; is_act: "/me". */
enum chatlog_found chatlog_say(struct chatlog *l, const char *text, bool is_act);
/* l->from does this: join or leave; kick: to somebody else. */
enum chatlog_found chatlog_member(struct chatlog *l, const char *act, const char *user, size_t n);
enum chatlog_found chatlog_topic(struct chatlog *l, const char *text);
/* Something else that the program told; it stands there as the one who says so. */
enum chatlog_found chatlog_note(struct chatlog *l, const char *text);
/* Adds "key":"text" with a comma before it, cut to what a message may have. */
void chatlog_text(struct chatlog *l, struct buf *b, const char *key, const char *text, size_t n);
/* What a line of these programs says that is no message, by its words: "ann [~a@host] has joined
 * #ops", "ann has left …", "ann is now known as …". */
enum chatlog_found chatlog_event(struct chatlog *l, const char *text);
/* The number of n digits at *p, which moves behind it; -1 when there is none. */
int chatlog_digits(const char **p, int n);
/* "2026-11-24" and "10:00[:00]" at *p, which moves behind them. */
bool chatlog_date(const char **p, struct tm *tm);
bool chatlog_clock(const char **p, struct tm *tm);

#endif
