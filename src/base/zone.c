/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of a zone, by the C library's own tables. */
#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/i18n.h"
#include "base/mem.h"

#define DAY 86400

/* "+02:00" as POSIX writes it, which counts westwards. NULL when it is none. */
static char *
fixed(const char *name)
{
	unsigned h, m;
	char sign, end;

	if (sscanf(name, "%c%2u:%2u%c", &sign, &h, &m, &end) != 3 || strlen(name) != 6 ||
			(sign != '+' && sign != '-') || h > 14 || m > 59)
		return NULL;
	return xasprintf("<%s>%c%02u:%02u", name, sign == '+' ? '-' : '+', h, m);
}

static bool
is_known(const char *name)
{
	const char *dir = getenv("TZDIR");
	struct stat st;
	char *path;
	bool is;

	if (strcmp(name, "UTC") == 0)
		return true;
	if (!*name || *name == '/' || *name == ':' || strstr(name, ".."))
		return false;
	path = xasprintf("%s/%s", dir && *dir ? dir : "/usr/share/zoneinfo", name);
	is = stat(path, &st) == 0 && S_ISREG(st.st_mode);
	free(path);
	return is;
}

bool
zone_init(struct zone *z, const char *name, struct err *err)
{
	*z = (struct zone){ .day = -1 };
	if (!name)
		return true;
	z->name = fixed(name);
	if (!z->name && is_known(name))
		z->name = xstrdup(name);
	return z->name || err_set(err, ERR_USAGE, _("there is no time zone \"%.64s\" (such as "
			"Europe/Berlin, UTC or +02:00)"), name);
}

void
zone_done(struct zone *z)
{
	free(z->name);
	z->name = NULL;
}

static void
use(const char *tz)
{
	if (tz)
		setenv("TZ", tz, 1);
	else
		unsetenv("TZ");
	tzset();
}

/* Makes z the zone of the process; returns what it was, for leave. */
static char *
enter(const struct zone *z)
{
	char *was = xstrdup(getenv("TZ"));

	if (z->name)
		use(z->name);
	return was;
}

static void
leave(const struct zone *z, char *was)
{
	if (z->name)
		use(was);
	free(was);
}

/* What clocks show at t, as if they showed UTC. */
static time_t
shown(time_t t)
{
	struct tm tm;

	return localtime_r(&t, &tm) ? timegm(&tm) : t;
}

/* A moment at which they show wall; *exact: they do, else it is in an hour that is left out. */
static time_t
moment(time_t wall, bool *exact)
{
	time_t before = shown(wall - DAY) - (wall - DAY), t = wall - before;

	for (int i = 0; i < 2 && shown(t) != wall; i++)
		t = wall - (shown(t) - t);
	*exact = shown(t) == wall;
	return *exact ? t : wall - before;
}

/* The other moment of an hour that comes twice is as far away as the clocks were moved. */
static time_t
choose(time_t wall, int64_t after)
{
	static const int moves[] = { -7200, -3600, -1800, 0, 1800, 3600, 7200 };
	time_t first = 0;
	bool exact, has = false;
	time_t t = moment(wall, &exact);

	for (size_t i = 0; exact && i < sizeof moves / sizeof *moves; i++) {
		time_t other = t + moves[i];

		if (shown(other) != wall)
			continue;
		if ((int64_t)other * 1000 + 999 >= after)
			return other;
		first = has ? first : other;
		has = true;
	}
	return has ? first : t;
}

bool
zone_ms(struct zone *z, const struct tm *tm, int64_t after, int64_t *ms)
{
	struct tm day = { .tm_year = tm->tm_year, .tm_mon = tm->tm_mon, .tm_mday = tm->tm_mday };
	int64_t second = tm->tm_hour * 3600 + tm->tm_min * 60 + tm->tm_sec;
	time_t start = timegm(&day);
	char *was;

	if (day.tm_mday != tm->tm_mday || day.tm_mon != tm->tm_mon || tm->tm_hour < 0 ||
			tm->tm_hour > 23 || tm->tm_min < 0 || tm->tm_min > 59 || tm->tm_sec < 0 ||
			tm->tm_sec > 60)
		return false;
	if (z->day == start && z->is_uniform) {
		*ms = (start - z->offset + second) * 1000;
		return true;
	}
	was = enter(z);
	if (z->day != start) {
		bool exact;

		z->day = start;
		z->offset = start - moment(start, &exact);
		z->is_uniform = exact && start + DAY - moment(start + DAY, &exact) == z->offset;
	}
	*ms = (z->is_uniform ? start - z->offset + second :
			(int64_t)choose(start + (time_t)second, after)) * 1000;
	leave(z, was);
	return true;
}
