/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server counts, and how it is told: /health for people and machines, /metrics for
 * Prometheus. */
#include "daemon/metrics.h"

#include <config.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "daemon/crowd.h"
#include "daemon/daemon.h"
#include "daemon/options.h"
#include "daemon/stream.h"
#include "daemon/topic.h"
#include "daemon/warn.h"
#include "daemon/writer.h"

static unsigned
step_of(int64_t us)
{
	unsigned power = 0, step;

	if (us < 4)
		return us < 1 ? 0 : (unsigned)us;
	while (us >> (power + 1))
		power++;
	step = power * 4 + (unsigned)(us >> (power - 2) & 3) - 4;
	return step < HISTOGRAM_STEPS ? step : HISTOGRAM_STEPS - 1;
}

/* The largest value of a step. */
static int64_t
step_end_us(unsigned step)
{
	unsigned power = (step + 4) / 4, quarter = (step + 4) % 4;

	if (step < 4)
		return step;
	return (((int64_t)(4 + quarter + 1)) << (power - 2)) - 1;
}

void
histogram_add(struct histogram *h, int64_t us)
{
	h->n++;
	h->sum_us += us > 0 ? (uint64_t)us : 0;
	h->steps[step_of(us)]++;
}

int64_t
histogram_quantile_us(const struct histogram *h, const struct histogram *before, double q)
{
	uint64_t n = h->n - (before ? before->n : 0), seen = 0;
	uint64_t wanted = (uint64_t)((double)n * q);

	for (unsigned i = 0; n > 0 && i < HISTOGRAM_STEPS; i++) {
		seen += h->steps[i] - (before ? before->steps[i] : 0);
		if (seen > wanted || seen == n)
			return step_end_us(i);
	}
	return 0;
}

void
metrics_ack(struct metrics *m, int64_t us)
{
	histogram_add(&m->acks, us);
}

void
metrics_turn(struct metrics *m, int64_t us)
{
	histogram_add(&m->turns, us);
}

void
metrics_batch(struct metrics *m, size_t n)
{
	unsigned step = 0;

	while (step < BATCH_STEPS - 1 && (size_t)1 << step < n)
		step++;
	m->batches[step]++;
	m->batch_n++;
	m->batch_sum += n;
}

/* ---- /metrics ---- */

static void
put_number(struct buf *b, const char *name, const char *type, const char *help, uint64_t value)
{
	buf_addf(b, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, type, name,
			(unsigned long long)value);
}

/* Buckets of 100 us to 10 s, so that p50, p95 and p99 can be read off; each counts the whole
 * steps below it. */
static void
put_histogram(struct buf *b, const char *name, const char *help, const struct histogram *h)
{
	static const struct { int64_t us; const char *le; } bounds[] = {
		{ 100, "0.0001" }, { 250, "0.00025" }, { 500, "0.0005" }, { 1000, "0.001" },
		{ 2500, "0.0025" }, { 5000, "0.005" }, { 10000, "0.01" }, { 25000, "0.025" },
		{ 50000, "0.05" }, { 100000, "0.1" }, { 250000, "0.25" }, { 500000, "0.5" },
		{ 1000000, "1" }, { 2500000, "2.5" }, { 5000000, "5" }, { 10000000, "10" },
	};
	uint64_t seen = 0;
	unsigned step = 0;

	buf_addf(b, "# HELP %s %s\n# TYPE %s histogram\n", name, help, name);
	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		while (step < HISTOGRAM_STEPS && step_end_us(step) <= bounds[i].us)
			seen += h->steps[step++];
		buf_addf(b, "%s_bucket{le=\"%s\"} %llu\n", name, bounds[i].le,
				(unsigned long long)seen);
	}
	buf_addf(b, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.6f\n%s_count %llu\n", name,
			(unsigned long long)h->n, name, (double)h->sum_us / 1e6, name,
			(unsigned long long)h->n);
}

static void
put_batches(struct buf *b, const struct metrics *m)
{
	uint64_t seen = 0;

	buf_adds(b, "# HELP stonechatd_commit_batch_size proposals in one transaction\n"
			"# TYPE stonechatd_commit_batch_size histogram\n");
	for (unsigned i = 0; i < BATCH_STEPS; i++) {
		seen += m->batches[i];
		buf_addf(b, "stonechatd_commit_batch_size_bucket{le=\"%u\"} %llu\n", 1u << i,
				(unsigned long long)seen);
	}
	buf_addf(b, "stonechatd_commit_batch_size_bucket{le=\"+Inf\"} %llu\n"
			"stonechatd_commit_batch_size_sum %llu\n"
			"stonechatd_commit_batch_size_count %llu\n", (unsigned long long)seen,
			(unsigned long long)m->batch_sum, (unsigned long long)m->batch_n);
}

static void
put_refusals(struct buf *b, const struct metrics *m)
{
	buf_adds(b, "# HELP stonechatd_refusals_total errors and nacks by code\n"
			"# TYPE stonechatd_refusals_total counter\n");
	for (int i = 1; i < CODE_COUNT; i++)
		buf_addf(b, "stonechatd_refusals_total{code=\"%s\"} %llu\n",
				code_name((enum code)i), (unsigned long long)m->refused[i]);
}

static void
put_metrics(struct daemon *d, struct buf *b)
{
	const struct metrics *m = &d->metrics;

	put_histogram(b, "stonechatd_ack_seconds", "from the receipt of a send to its ack",
			&m->acks);
	put_histogram(b, "stonechatd_loop_lag_seconds", "how long one turn of the loop was busy",
			&m->turns);
	put_batches(b, m);
	put_number(b, "stonechatd_connections", "gauge", "open connections",
			crowd_count(d->crowd));
	put_number(b, "stonechatd_unauthenticated_connections", "gauge",
			"connections that have not said who they are", crowd_strangers(d->crowd));
	put_number(b, "stonechatd_connections_opened_total", "counter", "connections accepted",
			m->opened);
	put_number(b, "stonechatd_frames_received_total", "counter", "frames of clients",
			m->frames_in);
	put_number(b, "stonechatd_events_total", "counter", "events committed", m->events);
	put_number(b, "stonechatd_event_frames_total", "counter",
			"events frames made (each sent to any number of receivers)",
			m->frames_made);
	put_number(b, "stonechatd_pages_total", "counter", "pages of the log sent", m->pages);
	put_number(b, "stonechatd_ephemera_dropped_total", "counter",
			"typing, presence and deltas dropped for slow clients", m->dropped);
	put_number(b, "stonechatd_streams", "gauge", "AI answers being written",
			streams_count(d->streams));
	put_number(b, "stonechatd_commit_queue", "gauge", "proposals that wait for a commit",
			writer_waiting(d->writer));
	put_number(b, "stonechatd_commit_queue_bytes", "gauge", "bytes of them",
			writer_bytes(d->writer));
	put_number(b, "stonechatd_reply_queue_bytes", "gauge", "answers that wait for clients",
			m->queue_bytes);
	put_number(b, "stonechatd_tail_bytes", "gauge", "records kept for receivers",
			topics_bytes(d->topics));
	put_refusals(b, m);
}

/* ---- /health ---- */

static int
put_health(struct daemon *d, struct buf *b)
{
	const struct histogram *acks = &d->metrics.acks;
	const char *trouble = writer_trouble(d->writer), *warning = warn_text(d->warn);
	const char *status = d->is_stopping ? "stopping" : *trouble ? "failing" :
			*warning ? "warning" : "ok";

	buf_addf(b, "{\"status\":\"%s\",\"version\":\"%s\",\"uptime\":%lld,\"connections\":%zu,"
			"\"events\":%llu,\"ack_ms\":{\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f},"
			"\"loop_lag_ms\":%.3f,\"queue\":%zu,\"warning\":", status, PACKAGE_VERSION,
			(long long)(clock_wall_ms() - d->started_ms) / 1000, crowd_count(d->crowd),
			(unsigned long long)d->metrics.events,
			(double)histogram_quantile_us(acks, NULL, 0.50) / 1e3,
			(double)histogram_quantile_us(acks, NULL, 0.95) / 1e3,
			(double)histogram_quantile_us(acks, NULL, 0.99) / 1e3,
			(double)warn_lag_us(d->warn) / 1e3, writer_waiting(d->writer));
	if (*trouble)
		warning = trouble;
	if (*warning)
		json_add_string(b, warning, strlen(warning));
	else
		buf_adds(b, "null");
	buf_adds(b, "}\n");
	return d->is_stopping || *trouble ? 503 : 200;
}

int
metrics_http(void *arg, const char *path, bool is_loopback, struct buf *body,
		const char **content_type)
{
	struct daemon *d = arg;

	*content_type = "text/plain; charset=utf-8";
	if (strcmp(path, "/health") == 0) {
		*content_type = "application/json";
		return put_health(d, body);
	}
	if (strcmp(path, "/metrics") != 0) {
		buf_adds(body, "nothing here\n");
		return 404;
	}
	if (!is_loopback && !d->opt->is_public_metrics) {
		buf_adds(body, "metrics are told to this machine only\n");
		return 403;
	}
	*content_type = "text/plain; version=0.0.4; charset=utf-8";
	put_metrics(d, body);
	return 200;
}
