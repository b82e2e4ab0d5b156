/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Early warning: says in the log and in /health that acknowledgements or the loop have become
 * slow, before anything breaks. */
#include "daemon/warn.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/daemon.h"
#include "daemon/metrics.h"
#include "daemon/options.h"
#include "loop/loop.h"

struct warn {
	struct daemon *d;
	struct loop_turn *turn;
	struct loop_timer *timer;	/* runs while something happens */
	struct histogram before;	/* acks at the beginning of the period */
	int64_t worst_us, last_worst_us;	/* of this period, of the one before */
	char text[200];
};

static void
judge(struct warn *w)
{
	const struct options *o = w->d->opt;
	int64_t p95_us = histogram_quantile_us(&w->d->metrics.acks, &w->before, 0.95);
	bool is_slow = o->warn_ack_ms > 0 && p95_us > o->warn_ack_ms * 1000;
	bool is_lagging = o->warn_lag_ms > 0 && w->worst_us > o->warn_lag_ms * 1000;

	w->text[0] = '\0';
	if (is_slow)
		snprintf(w->text, sizeof w->text, "5%% of the acknowledgements took over %lld ms"
				" (threshold %lld)", (long long)(p95_us / 1000),
				(long long)o->warn_ack_ms);
	else if (is_lagging)
		snprintf(w->text, sizeof w->text, "the server was busy for %lld ms at a stretch"
				" (threshold %lld)", (long long)(w->worst_us / 1000),
				(long long)o->warn_lag_ms);
	if (is_slow || is_lagging)
		log_put(w->d->log, LOG_WARN, "warn", "ack_p95_ms=%lld loop_lag_ms=%lld reason=%s",
				(long long)(p95_us / 1000), (long long)(w->worst_us / 1000),
				w->text);
}

/* A period is over. A quiet one ends the warning and the timer. */
static void
period(void *arg)
{
	struct warn *w = arg;
	bool is_quiet = w->d->metrics.acks.n == w->before.n && w->worst_us == 0;

	w->timer = NULL;
	judge(w);
	w->before = w->d->metrics.acks;
	w->last_worst_us = w->worst_us;
	w->worst_us = 0;
	if (!is_quiet)
		w->timer = loop_timer_start(w->d->loop, WARN_EVERY_MS, period, w);
}

/* The loop's clock stands at the beginning of the turn: what has passed since is how long
 * anything else had to wait. */
static void
end_turn(void *arg)
{
	struct warn *w = arg;
	int64_t us = clock_mono_us() - loop_now(w->d->loop) * 1000;

	/* the loop counts whole milliseconds */
	us = us > 1000 ? us - 1000 : 0;
	metrics_turn(&w->d->metrics, us);
	if (us > w->worst_us)
		w->worst_us = us;
	if (!w->timer && (w->worst_us > 0 || w->d->metrics.acks.n > w->before.n))
		w->timer = loop_timer_start(w->d->loop, WARN_EVERY_MS, period, w);
}

struct warn *
warn_new(struct daemon *d)
{
	struct warn *w = xcalloc(1, sizeof *w);

	w->d = d;
	w->turn = loop_turn_start(d->loop, end_turn, w);
	return w;
}

void
warn_free(struct warn *w)
{
	if (!w)
		return;
	loop_turn_stop(w->turn);
	loop_timer_stop(w->timer);
	free(w);
}

const char *
warn_text(const struct warn *w)
{
	return w->text;
}

int64_t
warn_lag_us(const struct warn *w)
{
	return w->worst_us > w->last_worst_us ? w->worst_us : w->last_worst_us;
}
