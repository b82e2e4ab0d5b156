/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What irssi writes: lines with a time, between lines that tell the day. */
#include <string.h>

#include "base/i18n.h"
#include "cmds/chatlog.h"

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* "10:00 ", "[10:00:05] ", "2026-11-24 10:00 "; *p moves behind it. */
static bool
take_time(const char **p, struct tm *tm, bool *has_date)
{
	const char *s = *p;
	bool is_bracketed = *s == '[';

	s += is_bracketed;
	*has_date = chatlog_date(&s, tm);
	if (*has_date && *s != ' ' && *s != 'T')
		return false;
	s += *has_date;
	if (!chatlog_clock(&s, tm) || (is_bracketed && *s++ != ']') || *s != ' ')
		return false;
	*p = s + 1;
	return true;
}

static bool
is_mine(const char *p)
{
	struct tm tm = { 0 };
	bool has_date;

	if (begins(p, "--- Log opened ") || begins(p, "--- Day changed "))
		return true;
	return take_time(&p, &tm, &has_date) && (begins(p, "-!-") || begins(p, " * ") ||
			(*p == '<' && strstr(p, "> ")));
}

static int
month_of(const char *p, size_t n)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12 && n == 3; i++)
		if (memcmp(names + 3 * i, p, 3) == 0)
			return i;
	return -1;
}

/* "Tue Nov 24 10:00:00 2026", "Wed Nov 25 2026": the day that follows. */
static bool
take_day(struct chatlog *l, const char *p)
{
	struct tm tm = { 0 };
	size_t n;
	int day;

	p += strcspn(p, " ");
	p += strspn(p, " ");
	n = strcspn(p, " ");
	tm.tm_mon = month_of(p, n);
	p += n;
	p += strspn(p, " ");
	day = p[0] && p[1] == ' ' ? chatlog_digits(&p, 1) : chatlog_digits(&p, 2);
	p += strspn(p, " ");
	if (chatlog_clock(&p, &tm))
		p += strspn(p, " ");
	tm.tm_mday = day;
	tm.tm_year = chatlog_digits(&p, 4) - 1900;
	if (tm.tm_mon < 0 || day < 1 || tm.tm_year < 70)
		return false;
	l->day = tm;
	l->has_day = true;
	return true;
}

/* "--- Log opened …", "--- Day changed …", "--- Log closed …". */
static enum chatlog_found
mark(struct chatlog *l, const char *p)
{
	static const char *const days[] = { "--- Log opened ", "--- Day changed " };

	for (size_t i = 0; i < 2; i++)
		if (begins(p, days[i]))
			return take_day(l, p + strlen(days[i])) ? CHATLOG_NOTHING :
				chatlog_bad(l, _("there is no such day (English names are known)"));
	return CHATLOG_NOTHING;
}

/* "<@ann> text" */
static enum chatlog_found
said(struct chatlog *l, const char *p)
{
	const char *end = strstr(p, "> ");
	size_t n = strlen(p);

	if (!end && n > 2 && p[n - 1] == '>')
		end = p + n - 1;
	if (!end)
		return chatlog_note(l, p);
	chatlog_from(l, p + 1, (size_t)(end - p) - 1);
	return chatlog_say(l, end[1] ? end + 2 : "", false);
}

/* "-ann(~ann@host)- text", "-ann:#ops- text" */
static enum chatlog_found
noticed(struct chatlog *l, const char *p)
{
	const char *end = strstr(p, "- ");
	size_t n = strcspn(p + 1, "(: ");

	if (!end || n == 0 || p + 1 + n > end)
		return chatlog_note(l, p);
	chatlog_from(l, p + 1, n);
	return chatlog_say(l, end + 2, false);
}

static enum chatlog_found
what(struct chatlog *l, const char *p)
{
	size_t n;

	if (begins(p, "-!- "))
		return chatlog_event(l, p + 4);
	if (*p == '<')
		return said(l, p);
	if (*p == '-')
		return noticed(l, p);
	p += strspn(p, " ");
	if (!begins(p, "* "))
		return chatlog_note(l, p);
	p += 2;
	n = strcspn(p, " ");
	chatlog_from(l, p, n);
	return chatlog_say(l, p + n + strspn(p + n, " "), true);
}

static enum chatlog_found
line(struct chatlog *l, const char *p)
{
	struct tm tm = l->day;
	bool has_date;

	if (!*p)
		return CHATLOG_NOTHING;
	if (begins(p, "--- "))
		return mark(l, p);
	if (!take_time(&p, &tm, &has_date))
		return chatlog_bad(l, _("no line of irssi: it has no time"));
	if (!has_date && !l->has_day)
		return chatlog_bad(l, _("no line before it tells the day"));
	if (!zone_ms(&l->zone, &tm, l->last_ts, &l->record.ts))
		return chatlog_bad(l, _("there is no such time"));
	return what(l, p);
}

const struct chatlog_format chatlog_irssi = {
	.name = "irssi", .is_mine = is_mine, .line = line,
};
