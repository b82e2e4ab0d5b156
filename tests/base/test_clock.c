/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times are written and read as RFC 3339 and as people write them. */
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

/* 2026-11-24T10:00:00Z, a Tuesday, 05:00 in New York */
#define NOW INT64_C(1795514400000)
#define HOUR INT64_C(3600000)

static void
set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static void
assert_written(int64_t ms, const char *expect)
{
	char out[CLOCK_RFC3339_SIZE];

	clock_rfc3339(ms, out);
	assert_string_equal(out, expect);
}

static void
a_time_is_written_in_utc_with_milliseconds(void **state)
{
	(void)state;
	assert_written(0, "1970-01-01T00:00:00.000Z");
	assert_written(NOW + 123, "2026-11-24T10:00:00.123Z");
	assert_written(-1, "1969-12-31T23:59:59.999Z");
}

static void
hostile_times_are_clamped(void **state)
{
	(void)state;
	assert_written(INT64_MAX, "9999-12-31T23:59:59.999Z");
	assert_written(INT64_C(1) << 53, "9999-12-31T23:59:59.999Z");
	assert_written(INT64_MIN, "0001-01-01T00:00:00.000Z");
}

static void
local_time_never_leaves_the_years_1_to_9999(void **state)
{
	static const char *const zones[] = { "UTC", "AAA-24", "AAA24", "Asia/Kathmandu" };

	(void)state;
	for (size_t i = 0; i < countof(zones); i++) {
		set_zone(zones[i]);
		assert_int_equal(clock_local(INT64_MAX).tm_year, 9999 - 1900);
		assert_int_equal(clock_local(INT64_MIN).tm_year, 1 - 1900);
	}
	set_zone("America/New_York");
	assert_int_equal(clock_local(NOW).tm_hour, 5);
}

static void
what_is_written_can_be_read(void **state)
{
	char out[CLOCK_RFC3339_SIZE];

	(void)state;
	for (int64_t ms = -62135596800000; ms < 253402300799999; ms += 987654321987) {
		int64_t back;

		clock_rfc3339(ms, out);
		assert_true(clock_parse_rfc3339(out, &back));
		assert_int_equal(back, ms);
	}
}

static void
rfc_3339_allows_a_fraction_of_any_length(void **state)
{
	int64_t ms;

	(void)state;
	assert_true(clock_parse_rfc3339("2026-11-24T10:00:00Z", &ms));
	assert_int_equal(ms, NOW);
	assert_true(clock_parse_rfc3339("2026-11-24T10:00:00.5Z", &ms));
	assert_int_equal(ms, NOW + 500);
	assert_true(clock_parse_rfc3339("2026-11-24t10:00:00.123456789z", &ms));
	assert_int_equal(ms, NOW + 123);
}

static void
anything_else_is_not_rfc_3339(void **state)
{
	static const char *const bad[] = {
		"", "2026-11-24", "2026-11-24T10:00Z", "2026-11-24T10:00:00",
		"2026-11-24T10:00:00+01:00", "2026-13-24T10:00:00Z", "2026-00-24T10:00:00Z",
		"2026-02-29T10:00:00Z", "2026-11-31T10:00:00Z", "2026-11-00T10:00:00Z",
		"0000-01-01T00:00:00Z", "2026-11-24T24:00:00Z", "2026-11-24T10:60:00Z",
		"2026-11-24T10:00:61Z", "2026-11-24T10:00:00.Z", "2026-11-24T10:00:00Zx",
		" 2026-11-24T10:00:00Z", "2026-1-24T10:00:00Z", "+2026-11-24T10:00:00Z",
		"2026-11-24T10:00.5Zxxxx",
	};
	int64_t ms = 7;

	(void)state;
	for (size_t i = 0; i < countof(bad); i++)
		if (clock_parse_rfc3339(bad[i], &ms))
			fail_msg("accepted: %s", bad[i]);
	assert_int_equal(ms, 7);
}

static void
leap_days_are_known(void **state)
{
	int64_t ms;

	(void)state;
	assert_true(clock_parse_rfc3339("2024-02-29T00:00:00Z", &ms));
	assert_true(clock_parse_rfc3339("2000-02-29T00:00:00Z", &ms));
	assert_false(clock_parse_rfc3339("1900-02-29T00:00:00Z", &ms));
}

static void
assert_means(const char *s, int64_t expect)
{
	struct err err = { 0 };
	int64_t ms;

	if (!clock_parse(s, NOW, &ms, &err))
		fail_msg("%s", err.msg);
	if (ms != expect)
		fail_msg("%s is %lld, not %lld", s, (long long)ms, (long long)expect);
}

static void
a_number_with_a_unit_lies_in_the_past(void **state)
{
	(void)state;
	assert_means("2h", NOW - 2 * HOUR);
	assert_means("30m", NOW - HOUR / 2);
	assert_means("90s", NOW - 90000);
	assert_means("3d", NOW - 72 * HOUR);
	assert_means("1w", NOW - 168 * HOUR);
	assert_means("0h", NOW);
}

static void
a_time_without_a_zone_is_local(void **state)
{
	(void)state;
	set_zone("America/New_York");
	assert_means("2026-11-24T05:00", NOW);
	assert_means("2026-11-24 05:00:00", NOW);
	assert_means("2026-11-24", NOW - 5 * HOUR);
	/* in summer the same zone is four hours away */
	assert_means("2026-07-01T00:00", INT64_C(1782878400000));
}

static void
a_time_of_day_is_today(void **state)
{
	(void)state;
	set_zone("America/New_York");
	assert_means("05:00", NOW);
	assert_means("00:00", NOW - 5 * HOUR);
	assert_means("today", NOW - 5 * HOUR);
	/* also when it is still to come */
	assert_means("23:59:59", NOW + 19 * HOUR - 1000);
}

static void
yesterday_begins_at_local_midnight(void **state)
{
	(void)state;
	set_zone("America/New_York");
	assert_means("yesterday", NOW - 29 * HOUR);
	set_zone("Asia/Tokyo");
	/* 19:00 there */
	assert_means("yesterday", NOW - 43 * HOUR);
}

static void
a_utc_time_from_json_can_be_given_back(void **state)
{
	(void)state;
	set_zone("America/New_York");
	assert_means("2026-11-24T10:00:00.000Z", NOW);
}

static void
what_is_no_time_is_a_usage_error_that_shows_the_forms(void **state)
{
	static const char *const bad[] = {
		"", "h", "2", "2x", "-2h", "2 h", "1234567h", "2hh", "10:0", "25:00", "10:60",
		"2026-11-24T", "2026-11-24Tx", "2026-11-24x", "2026-02-30", "tomorrow", "10:00x",
	};

	(void)state;
	for (size_t i = 0; i < countof(bad); i++) {
		struct err err = { 0 };
		int64_t ms = 7;

		if (clock_parse(bad[i], NOW, &ms, &err))
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(ms, 7);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.msg, "yesterday"));
	}
}

static void
clocks_do_not_run_backwards(void **state)
{
	int64_t us = clock_mono_us(), boot = clock_boot_ms();

	(void)state;
	assert_true(clock_mono_us() >= us);
	assert_true(clock_mono_ms() >= us / 1000);
	assert_true(clock_boot_ms() >= boot);
	assert_true(clock_wall_ms() > INT64_C(1577836800000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_written_in_utc_with_milliseconds),
		cmocka_unit_test(hostile_times_are_clamped),
		cmocka_unit_test(local_time_never_leaves_the_years_1_to_9999),
		cmocka_unit_test(what_is_written_can_be_read),
		cmocka_unit_test(rfc_3339_allows_a_fraction_of_any_length),
		cmocka_unit_test(anything_else_is_not_rfc_3339),
		cmocka_unit_test(leap_days_are_known),
		cmocka_unit_test(a_number_with_a_unit_lies_in_the_past),
		cmocka_unit_test(a_time_without_a_zone_is_local),
		cmocka_unit_test(a_time_of_day_is_today),
		cmocka_unit_test(yesterday_begins_at_local_midnight),
		cmocka_unit_test(a_utc_time_from_json_can_be_given_back),
		cmocka_unit_test(what_is_no_time_is_a_usage_error_that_shows_the_forms),
		cmocka_unit_test(clocks_do_not_run_backwards),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
