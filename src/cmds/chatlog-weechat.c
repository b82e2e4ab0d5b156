/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What WeeChat's logger writes: "2026-11-24 10:00:00<TAB>@ann<TAB>text". */
#include <string.h>

#include "base/i18n.h"
#include "cmds/chatlog.h"

/* Time and what stands behind its tabulator; NULL: no such line. */
static const char *
take_time(const char *p, struct tm *tm, bool *is_utc, int *ms)
{
	*is_utc = false;
	*ms = 0;
	if (!chatlog_date(&p, tm) || (*p != ' ' && *p != 'T'))
		return NULL;
	p++;
	if (!chatlog_clock(&p, tm))
		return NULL;
	if (*p == '.') {
		const char *digits = p + 1;

		*ms = chatlog_digits(&digits, 3);
		p++;
		p += strspn(p, "0123456789");
		*ms = *ms < 0 ? 0 : *ms;
	}
	if (*p == 'Z') {
		*is_utc = true;
		p++;
	}
	return *p == '\t' ? p + 1 : NULL;
}

static bool
is_mine(const char *p)
{
	struct tm tm = { 0 };
	bool is_utc;
	int ms;

	return take_time(p, &tm, &is_utc, &ms) != NULL;
}

static bool
is(const char *p, size_t n, const char *word)
{
	return n == strlen(word) && memcmp(p, word, n) == 0;
}

/* "Notice(ann): text" is said by ann. */
static enum chatlog_found
network(struct chatlog *l, const char *text)
{
	const char *end = strncmp(text, "Notice(", 7) == 0 ? strstr(text, "): ") : NULL;

	if (!end || end == text + 7)
		return chatlog_event(l, text);
	chatlog_from(l, text + 7, (size_t)(end - text) - 7);
	return chatlog_say(l, end + 3, false);
}

/* " *<TAB>ann waves" */
static enum chatlog_found
action(struct chatlog *l, const char *text)
{
	size_t n = strcspn(text, " ");

	chatlog_from(l, text, n);
	return chatlog_say(l, text + n + strspn(text + n, " "), true);
}

/* What stands between the tabulators says what kind of line it is. */
static enum chatlog_found
what(struct chatlog *l, const char *prefix, size_t n, const char *text)
{
	/* "****  Beginning of log  …" */
	if (n == 0)
		return strncmp(text, "****", 4) == 0 ? CHATLOG_NOTHING : chatlog_note(l, text);
	if (is(prefix, n, "*"))
		return action(l, text);
	if (is(prefix, n, "-->") || is(prefix, n, "<--"))
		return chatlog_event(l, text);
	if (is(prefix, n, "--"))
		return network(l, text);
	if (is(prefix, n, "=!="))
		return chatlog_note(l, text);
	if (n > 2 && *prefix == '<' && prefix[n - 1] == '>') {
		prefix++;
		n -= 2;
	}
	chatlog_from(l, prefix, n);
	return chatlog_say(l, text, false);
}

static enum chatlog_found
line(struct chatlog *l, const char *p)
{
	struct tm tm = { 0 };
	bool is_utc;
	int ms;
	const char *prefix = take_time(p, &tm, &is_utc, &ms), *end;

	if (!*p)
		return CHATLOG_NOTHING;
	end = prefix ? strchr(prefix, '\t') : NULL;
	if (!end)
		return chatlog_bad(l, _("no line of WeeChat: time, name and text between "
				"tabulators"));
	if (is_utc)
		l->record.ts = (int64_t)timegm(&tm) * 1000;
	else if (!zone_ms(&l->zone, &tm, l->last_ts, &l->record.ts))
		return chatlog_bad(l, _("there is no such time"));
	l->record.ts += ms;
	while (*prefix == ' ')
		prefix++;
	return what(l, prefix, (size_t)(end - prefix), end + 1);
}

const struct chatlog_format chatlog_weechat = {
	.name = "weechat", .is_mine = is_mine, .line = line,
};
