/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clocks and times as people write them. No ordering decision uses a clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

int64_t clock_wall_ms(void);		/* since 1970, UTC */
int64_t clock_mono_ms(void);		/* CLOCK_MONOTONIC: stands still while the machine sleeps */
int64_t clock_mono_us(void);
int64_t clock_boot_ms(void);		/* CLOCK_BOOTTIME: runs on */

#define CLOCK_RFC3339_SIZE 32
/* "2026-11-24T10:00:00.123Z"; times outside the years 1 to 9999 are clamped. */
void clock_rfc3339(int64_t ms, char out[CLOCK_RFC3339_SIZE]);
/* Local broken-down time, clamped to the years 1 to 9999. */
struct tm clock_local(int64_t ms);
/* Parses RFC 3339 in UTC, with or without a fraction. */
bool clock_parse_rfc3339(const char *s, int64_t *ms);
/* TIME of the command line: "2026-11-24T10:00", "2026-11-24", "10:00", "yesterday", "today",
 * "2h", "3d", "30m", "1w"; local time, relative to now. */
bool clock_parse(const char *s, int64_t now, int64_t *ms, struct err *err);

#endif
