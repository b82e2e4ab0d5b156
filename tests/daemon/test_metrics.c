/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histograms, and the warnings that are made of them. */
#include "test.h"

#include <string.h>

#include "daemon/daemon.h"
#include "daemon/metrics.h"
#include "daemon/options.h"
#include "daemon/warn.h"
#include "loop/loop.h"

static void
a_quantile_is_never_below_the_value_and_at_most_a_quarter_above(void **state)
{
	(void)state;
	for (int64_t us = 1; us < 60 * 1000 * 1000; us += us / 3 + 1) {
		struct histogram h = { 0 };
		int64_t q;

		histogram_add(&h, us);
		q = histogram_quantile_us(&h, NULL, 0.5);
		assert_true(q >= us);
		assert_true(q <= us + us / 4 + 1);
	}
}

static void
quantiles_split_what_was_added(void **state)
{
	struct histogram h = { 0 };

	(void)state;
	assert_int_equal(histogram_quantile_us(&h, NULL, 0.95), 0);
	for (int i = 0; i < 94; i++)
		histogram_add(&h, 1000);
	for (int i = 0; i < 6; i++)
		histogram_add(&h, 100 * 1000);
	assert_in_range(histogram_quantile_us(&h, NULL, 0.5), 1000, 1300);
	assert_in_range(histogram_quantile_us(&h, NULL, 0.95), 100000, 130000);
}

static void
a_quantile_since_a_moment_forgets_what_was_before(void **state)
{
	struct histogram h = { 0 }, before;

	(void)state;
	for (int i = 0; i < 1000; i++)
		histogram_add(&h, 500 * 1000);
	before = h;
	histogram_add(&h, 2000);
	assert_in_range(histogram_quantile_us(&h, &before, 0.95), 2000, 2600);
}

struct fixture { struct daemon d; struct options o; struct warn *w; };

static void
open_fixture(struct fixture *f, int64_t ack_ms, int64_t lag_ms)
{
	memset(f, 0, sizeof *f);
	f->o.warn_ack_ms = ack_ms;
	f->o.warn_lag_ms = lag_ms;
	f->d.opt = &f->o;
	f->d.loop = loop_fake_new();
	f->w = warn_new(&f->d);
}

static void
close_fixture(struct fixture *f)
{
	warn_free(f->w);
	loop_free(f->d.loop);
}

static void
slow_acknowledgements_warn_until_they_are_fast_again(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, 250, 0);
	for (int i = 0; i < 20; i++)
		metrics_ack(&f.d.metrics, 400 * 1000);
	loop_once(f.d.loop, false);
	loop_fake_advance(f.d.loop, WARN_EVERY_MS);
	assert_non_null(strstr(warn_text(f.w), "250"));
	for (int i = 0; i < 20; i++)
		metrics_ack(&f.d.metrics, 400);
	loop_once(f.d.loop, false);
	loop_fake_advance(f.d.loop, WARN_EVERY_MS);
	assert_string_equal(warn_text(f.w), "");
	close_fixture(&f);
}

static void
one_slow_acknowledgement_of_many_is_no_warning(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, 250, 0);
	for (int i = 0; i < 99; i++)
		metrics_ack(&f.d.metrics, 400);
	metrics_ack(&f.d.metrics, 9000 * 1000);
	loop_once(f.d.loop, false);
	loop_fake_advance(f.d.loop, WARN_EVERY_MS);
	assert_string_equal(warn_text(f.w), "");
	close_fixture(&f);
}

/* The fake clock stands still, so a turn seems to have lasted since the machine started. */
static void
a_busy_loop_warns(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f, 0, 200);
	loop_once(f.d.loop, false);
	assert_true(warn_lag_us(f.w) > 0);
	loop_fake_advance(f.d.loop, WARN_EVERY_MS);
	assert_non_null(strstr(warn_text(f.w), "busy"));
	close_fixture(&f);
}

static void
metrics_are_for_loopback_unless_configured(void **state)
{
	struct options o = { 0 };
	struct daemon d = { .opt = &o };
	const char *type;
	struct buf body;

	(void)state;
	buf_init(&body, 4096);
	assert_int_equal(metrics_http(&d, "/metrics", false, &body, &type), 403);
	assert_null(strstr(buf_str(&body), "stonechatd_"));
	buf_done(&body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quantile_is_never_below_the_value_and_at_most_a_quarter_above),
		cmocka_unit_test(quantiles_split_what_was_added),
		cmocka_unit_test(a_quantile_since_a_moment_forgets_what_was_before),
		cmocka_unit_test(slow_acknowledgements_warn_until_they_are_fast_again),
		cmocka_unit_test(one_slow_acknowledgement_of_many_is_no_warning),
		cmocka_unit_test(a_busy_loop_warns),
		cmocka_unit_test(metrics_are_for_loopback_unless_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
