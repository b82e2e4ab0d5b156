/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the formats share. The id of a record comes from what it says and when, and from how many
 * like it came before at the same moment: the same lines have the same ids wherever they stand. */
#include "cmds/chatlog.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cmds/print.h"

#define BODY_MAX (8 * CHATLOG_TEXT_MAX)
#define SAME_MAX 100000		/* records of one moment that are told apart */

static const struct chatlog_format *const formats[] = {
	&chatlog_jsonl, &chatlog_weechat, &chatlog_irssi, NULL
};

bool
chatlog_init(struct chatlog *l, const char *format, const char *zone, struct err *err)
{
	if (!zone_init(&l->zone, zone, err))
		return false;
	l->last_ts = INT64_MIN;
	buf_init(&l->body, BODY_MAX);
	buf_init(&l->cur, BODY_MAX);
	for (size_t i = 0; formats[i]; i++)
		if (strcmp(formats[i]->name, format) == 0)
			l->format = formats[i];
	if (l->format || strcmp(format, "auto") == 0)
		return true;
	return err_set(err, ERR_USAGE, _("import knows no format \"%.40s\": auto, weechat, irssi "
			"or jsonl"), format);
}

void
chatlog_done(struct chatlog *l)
{
	zone_done(&l->zone);
	map_free(l->same, NULL);
	buf_done(&l->body);
	buf_done(&l->cur);
}

/* The identity of a record that brought none. */
static void
make_id(struct chatlog *l)
{
	struct buf b;
	size_t nth;

	buf_init(&b, 2 * BODY_MAX);
	buf_addf(&b, "%s\n%s\n%lld\n%s\n%s\n", l->record.kind_name, l->from,
			(long long)l->record.ts, l->record.ref, buf_str(&l->body));
	id_of(b.p, b.n, l->id);
	if (!l->same)
		l->same = map_new();
	nth = (size_t)(uintptr_t)map_get(l->same, l->id) + 1;
	if (nth > 1 || map_count(l->same) < SAME_MAX)
		map_put(l->same, l->id, (void *)(uintptr_t)nth);
	if (nth > 1) {
		buf_addf(&b, "%zu", nth);
		id_of(b.p, b.n, l->id);
	}
	buf_done(&b);
}

enum chatlog_found
chatlog_line(struct chatlog *l, const char *p)
{
	enum chatlog_found found;

	for (size_t i = 0; !l->format && formats[i]; i++)
		if (formats[i]->is_mine(p))
			l->format = formats[i];
	if (!l->format)
		return chatlog_bad(l, _("of no known format"));
	l->was_cut = false;
	l->id[0] = l->ref[0] = l->from[0] = '\0';
	buf_clear(&l->body);
	buf_clear(&l->cur);
	l->record = (struct record){ .id = l->id, .ref = l->ref, .from = l->from, .device = "",
		.cid = "" };
	found = l->format->line(l, p);
	if (found != CHATLOG_RECORD)
		return found;
	if (l->record.ts != l->last_ts) {
		map_free(l->same, NULL);
		l->same = NULL;
		l->last_ts = l->record.ts;
	}
	l->record.body = buf_str(&l->body);
	l->record.body_n = l->body.n;
	if (l->cur.n) {
		l->record.cur = buf_str(&l->cur);
		l->record.cur_n = l->cur.n;
	}
	if (!l->id[0])
		make_id(l);
	return found;
}

enum chatlog_found
chatlog_bad(struct chatlog *l, const char *why)
{
	l->why = why;
	return CHATLOG_BAD;
}

void
chatlog_from(struct chatlog *l, const char *name, size_t n)
{
	while (n > 1 && strchr("@+%&~! ", *name)) {
		name++;
		n--;
	}
	if (n > CHATLOG_FROM_MAX)
		n = utf8_cut(name, CHATLOG_FROM_MAX);
	memcpy(l->from, name, n);
	l->from[n] = '\0';
}

static void
kind(struct chatlog *l, enum record_kind kind)
{
	l->record.kind = kind;
	l->record.kind_name = record_kind_name(kind);
}

void
chatlog_text(struct chatlog *l, struct buf *b, const char *key, const char *text, size_t n)
{
	if (n > CHATLOG_TEXT_MAX) {
		n = utf8_cut(text, CHATLOG_TEXT_MAX);
		l->was_cut = true;
	}
	buf_addf(b, "%s\"%s\":", b->n > 1 ? "," : "", key);
	json_add_string(b, text, n);
}

enum chatlog_found
chatlog_say(struct chatlog *l, const char *text, bool is_act)
{
	char *act = is_act ? xasprintf("/me %s", text) : NULL;

	kind(l, REC_MSG);
	if (act)
		text = act;
	buf_addc(&l->body, '{');
	chatlog_text(l, &l->body, "text", text, strlen(text));
	buf_addc(&l->body, '}');
	free(act);
	if (!*l->from)
		return chatlog_bad(l, _("nobody says this"));
	return CHATLOG_RECORD;
}

enum chatlog_found
chatlog_member(struct chatlog *l, const char *act, const char *user, size_t n)
{
	char name[CHATLOG_FROM_MAX + 1];

	if (n > CHATLOG_FROM_MAX)
		n = utf8_cut(user, CHATLOG_FROM_MAX);
	memcpy(name, user, n);
	name[n] = '\0';
	kind(l, REC_MEMBER);
	buf_addc(&l->body, '{');
	print_member(&l->body, "user", name);
	print_member(&l->body, "role", "member");
	print_member(&l->body, "do", act);
	buf_addc(&l->body, '}');
	return *l->from ? CHATLOG_RECORD : chatlog_bad(l, _("nobody does this"));
}

enum chatlog_found
chatlog_topic(struct chatlog *l, const char *text)
{
	enum chatlog_found found = chatlog_say(l, text, false);

	kind(l, REC_TOPIC);
	return found;
}

enum chatlog_found
chatlog_note(struct chatlog *l, const char *text)
{
	chatlog_from(l, l->format->name, strlen(l->format->name));
	chatlog_say(l, text, false);
	kind(l, REC_ACTION);
	return CHATLOG_RECORD;
}

/* The first word, and what stands behind the host that may follow it in brackets. */
static const char *
who(struct chatlog *l, const char *text)
{
	size_t n = strcspn(text, " ");
	const char *rest = text + n;

	chatlog_from(l, text, n);
	rest += strspn(rest, " ");
	if (*rest == '[' || *rest == '(') {
		const char *end = strchr(rest, *rest == '[' ? ']' : ')');

		/* WeeChat: "ann (Ann, the real name) (~ann@host) has joined" */
		while (end && (end[1] == ' ' && (end[2] == '(' || end[2] == '[')))
			end = strchr(end + 2, end[2] == '[' ? ']' : ')');
		if (end)
			rest = end + 1 + strspn(end + 1, " ");
	}
	return rest;
}

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* "has changed topic for #ops from "a" to "b"", "changed the topic of #ops to: b". */
static const char *
new_topic(const char *rest)
{
	const char *to;

	if (begins(rest, "changed the topic of ") && (to = strstr(rest, " to: ")))
		return to + 5;
	if (!begins(rest, "has changed topic for "))
		return NULL;
	for (const char *p = rest; (p = strstr(p, " to \"")); p++)
		to = p + 5, rest = to;
	return begins(rest, "has changed") ? NULL : rest;
}

enum chatlog_found
chatlog_event(struct chatlog *l, const char *text)
{
	const char *rest = who(l, text), *topic = new_topic(rest), *by;
	char from[CHATLOG_FROM_MAX + 1];

	if (begins(rest, "has joined"))
		return chatlog_member(l, "join", l->from, strlen(l->from));
	if (begins(rest, "has left") || begins(rest, "has quit"))
		return chatlog_member(l, "leave", l->from, strlen(l->from));
	if (topic) {
		size_t n = strlen(topic);
		char *plain = xstrndup(topic, n > 0 && *rest == 'h' && topic[n - 1] == '"' ?
				n - 1 : n);
		enum chatlog_found found = chatlog_topic(l, plain);

		free(plain);
		return found;
	}
	by = begins(rest, "was kicked from ") ? strstr(rest, " by ") : NULL;
	if (by) {
		memcpy(from, l->from, sizeof from);
		chatlog_from(l, by + 4, strcspn(by + 4, " "));
		return chatlog_member(l, "kick", from, strlen(from));
	}
	if (begins(rest, "has kicked ")) {
		rest += strlen("has kicked ");
		return chatlog_member(l, "kick", rest, strcspn(rest, " "));
	}
	return chatlog_note(l, text);
}

int
chatlog_digits(const char **p, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if ((*p)[i] < '0' || (*p)[i] > '9')
			return -1;
		value = value * 10 + ((*p)[i] - '0');
	}
	*p += n;
	return value;
}

bool
chatlog_date(const char **p, struct tm *tm)
{
	const char *s = *p;
	int year = chatlog_digits(&s, 4), month, day;

	if (year < 1970 || *s++ != '-' || (month = chatlog_digits(&s, 2)) < 1 || *s++ != '-' ||
			(day = chatlog_digits(&s, 2)) < 1)
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	*p = s;
	return true;
}

bool
chatlog_clock(const char **p, struct tm *tm)
{
	const char *s = *p;
	int hour = chatlog_digits(&s, 2), minute;

	if (hour < 0 || *s++ != ':' || (minute = chatlog_digits(&s, 2)) < 0)
		return false;
	tm->tm_hour = hour;
	tm->tm_min = minute;
	tm->tm_sec = 0;
	if (*s == ':') {
		s++;
		tm->tm_sec = chatlog_digits(&s, 2);
	}
	*p = s;
	return tm->tm_sec >= 0;
}
