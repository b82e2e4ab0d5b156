/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server counts, and how it is told: /health for people and machines, /metrics for
 * Prometheus. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/code.h"

struct buf;
struct daemon;

/* Times in steps of a quarter of a power of two: 4 steps from each 2^k us to the next, from 1 us
 * to 67 s. */
#define HISTOGRAM_STEPS 104
struct histogram {
	uint64_t n, sum_us;
	uint64_t steps[HISTOGRAM_STEPS];
};

#define BATCH_STEPS 9			/* 1, 2, 4, … 256 */

struct metrics {
	struct histogram acks;		/* from the receipt of a send to its ack */
	struct histogram turns;		/* how long a turn of the loop was busy */
	uint64_t batches[BATCH_STEPS], batch_n, batch_sum;
	uint64_t opened, closed, frames_in, frames_made, pages, events, dropped;
	uint64_t refused[CODE_COUNT];
	size_t queue_bytes;		/* answers that wait for their clients */
};

void histogram_add(struct histogram *h, int64_t us);
/* The time that the share q (0 to 1) of those added since before did not exceed (before may be
 * NULL), rounded up to a step; 0 when there were none. */
int64_t histogram_quantile_us(const struct histogram *h, const struct histogram *before,
		double q);

void metrics_ack(struct metrics *m, int64_t us);
void metrics_turn(struct metrics *m, int64_t us);
void metrics_batch(struct metrics *m, size_t n);
/* Answers GET /health and /metrics; arg is struct daemon (ws_http_fn). */
int metrics_http(void *arg, const char *path, bool is_loopback, struct buf *body,
		const char **content_type);

#endif
