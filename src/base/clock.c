/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clocks, and times as people write them. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z */
#define FIRST_MS INT64_C(-62135596800000)
#define LAST_MS INT64_C(253402300799999)
/* no time zone is farther from UTC than a week (POSIX allows TZ=UTC+167:59) */
#define ZONE_MS (7 * DAY)

static int64_t
clock_read_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_wall_ms(void)
{
	return clock_read_us(CLOCK_REALTIME) / 1000;
}

int64_t
clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

int64_t
clock_mono_us(void)
{
	return clock_read_us(CLOCK_MONOTONIC);
}

int64_t
clock_boot_ms(void)
{
	return clock_read_us(CLOCK_BOOTTIME) / 1000;
}

static int64_t
clamp(int64_t ms, int64_t least, int64_t most)
{
	return ms < least ? least : ms > most ? most : ms;
}

/* Whole seconds, towards the past; *rest are the milliseconds left, 0 to 999. */
static time_t
split_ms(int64_t ms, int *rest)
{
	int64_t s = ms / SECOND;

	if (ms % SECOND < 0)
		s--;
	*rest = (int)(ms - s * SECOND);
	return (time_t)s;
}

/* Writes n with exactly width digits and then the character after; returns the place behind. */
static char *
put_digits(char *p, int n, int width, char after)
{
	for (int i = width; i-- > 0; n /= 10)
		p[i] = (char)('0' + n % 10);
	p[width] = after;
	return p + width + 1;
}

void
clock_rfc3339(int64_t ms, char out[CLOCK_RFC3339_SIZE])
{
	struct tm tm;
	char *p = out;
	int rest;
	time_t s = split_ms(clamp(ms, FIRST_MS, LAST_MS), &rest);

	gmtime_r(&s, &tm);
	p = put_digits(p, tm.tm_year + 1900, 4, '-');
	p = put_digits(p, tm.tm_mon + 1, 2, '-');
	p = put_digits(p, tm.tm_mday, 2, 'T');
	p = put_digits(p, tm.tm_hour, 2, ':');
	p = put_digits(p, tm.tm_min, 2, ':');
	p = put_digits(p, tm.tm_sec, 2, '.');
	p = put_digits(p, rest, 3, 'Z');
	*p = '\0';
}

struct tm
clock_local(int64_t ms)
{
	struct tm tm;
	int rest;
	time_t s = split_ms(clamp(ms, FIRST_MS + ZONE_MS, LAST_MS - ZONE_MS), &rest);

	localtime_r(&s, &tm);
	return tm;
}

/* The readers below take what they can from *s and move it on, or return false. */
static bool
take(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static bool
take_digits(const char **s, int width, int *v)
{
	*v = 0;
	for (int i = 0; i < width; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*v = *v * 10 + (**s - '0');
	}
	return true;
}

static int
days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* YYYY-MM-DD */
static bool
take_date(const char **s, struct tm *tm)
{
	int year, month;

	if (!take_digits(s, 4, &year) || !take(s, '-') || !take_digits(s, 2, &month) ||
	    !take(s, '-') || !take_digits(s, 2, &tm->tm_mday))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	return year >= 1 && month >= 1 && month <= 12 && tm->tm_mday >= 1 &&
	       tm->tm_mday <= days_of(year, month);
}

/* HH:MM or HH:MM:SS; 60 is a leap second */
static bool
take_clock(const char **s, struct tm *tm)
{
	tm->tm_sec = 0;
	if (!take_digits(s, 2, &tm->tm_hour) || !take(s, ':') || !take_digits(s, 2, &tm->tm_min))
		return false;
	if (take(s, ':') && !take_digits(s, 2, &tm->tm_sec))
		return false;
	return tm->tm_hour <= 23 && tm->tm_min <= 59 && tm->tm_sec <= 60;
}

/* The digits behind a point, as milliseconds; what is finer is dropped. */
static bool
take_fraction(const char **s, int *ms)
{
	int scale = 100;

	*ms = 0;
	if (**s < '0' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++, scale /= 10)
		*ms += (**s - '0') * scale;
	return true;
}

bool
clock_parse_rfc3339(const char *s, int64_t *ms)
{
	struct tm tm = { 0 };
	int fraction = 0;

	if (!take_date(&s, &tm) || !(take(&s, 'T') || take(&s, 't')))
		return false;
	/* unlike people, the RFC always writes seconds */
	if (strlen(s) < sizeof "00:00:00" - 1 || s[5] != ':' || !take_clock(&s, &tm))
		return false;
	if (take(&s, '.') && !take_fraction(&s, &fraction))
		return false;
	if (!(take(&s, 'Z') || take(&s, 'z')) || *s)
		return false;
	*ms = (int64_t)timegm(&tm) * SECOND + fraction;
	return true;
}

/* The broken-down local time as milliseconds. */
static int64_t
local_ms(struct tm tm)
{
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm) * SECOND;
}

/* A number and a unit, back from now: "90s", "30m", "2h", "3d", "1w". */
static bool
parse_ago(const char *s, int64_t now, int64_t *ms)
{
	static const struct { char unit; int64_t ms; } units[] = {
		{ 's', SECOND }, { 'm', MINUTE }, { 'h', HOUR }, { 'd', DAY }, { 'w', 7 * DAY },
	};
	int64_t n = 0;
	size_t digits = strspn(s, "0123456789");

	/* six digits of weeks reach back 19,000 years */
	if (digits < 1 || digits > 6 || !s[digits] || s[digits + 1])
		return false;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (s[i] - '0');
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (units[i].unit != s[digits])
			continue;
		*ms = clamp(now - n * units[i].ms, FIRST_MS, LAST_MS);
		return true;
	}
	return false;
}

/* "today", "yesterday", "10:00" today, a date, a date with a time; all local. */
static bool
parse_local(const char *s, int64_t now, int64_t *ms)
{
	struct tm tm = clock_local(now);
	bool yesterday = strcmp(s, "yesterday") == 0;

	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	if (yesterday || strcmp(s, "today") == 0) {
		tm.tm_mday -= yesterday;
	} else if (strlen(s) > 2 && s[2] == ':') {
		if (!take_clock(&s, &tm) || *s)
			return false;
	} else {
		if (!take_date(&s, &tm))
			return false;
		if ((take(&s, 'T') || take(&s, ' ')) && !take_clock(&s, &tm))
			return false;
		if (*s)
			return false;
	}
	*ms = local_ms(tm);
	return true;
}

bool
clock_parse(const char *s, int64_t now, int64_t *ms, struct err *err)
{
	if (parse_ago(s, now, ms) || parse_local(s, now, ms) || clock_parse_rfc3339(s, ms))
		return true;
	return err_set(err, ERR_USAGE, _("not a time: \"%s\" (write 2026-11-24T10:00, 2026-11-24,"
		" 10:00, today, yesterday, 30m, 2h, 3d or 1w)"), s);
}
