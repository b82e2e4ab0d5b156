/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a clock on the wall showed, in this or another time zone, as a moment. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

struct zone {
	char *name;		/* for TZ; NULL: the zone of the process */
	time_t day;		/* the day looked at last, as if it were UTC; -1: none */
	int64_t offset;		/* seconds east of Greenwich on that day */
	bool is_uniform;	/* the whole of it */
};

/* name: of the time zone database ("Europe/Berlin"), "UTC", "+02:00", or NULL. ERR_USAGE for one
 * that there is not. Needs a process with no other thread that looks at TZ. */
bool zone_init(struct zone *z, const char *name, struct err *err);
void zone_done(struct zone *z);

/* The moment at which clocks showed tm (year to second), in ms. An hour that comes twice, when
 * clocks go back: the first moment that is not before `after`, else the first one. An hour that
 * does not come, when they go forward: as if they had not. False when there is no such day or
 * time. */
bool zone_ms(struct zone *z, const struct tm *tm, int64_t after, int64_t *ms);

#endif
