/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the mirror in order, with the gaps between them, read piece by piece so that no read
 * transaction waits for a slow reader of ours. */
#ifndef CMDS_HISTORY_H
#define CMDS_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct cmd_run;
struct gap;
struct message;
struct target;

/* Rows with lo < seq <= hi (0: up to the newest), ts >= since, ts < until (0: any); n > 0: only
 * the newest n of them. */
struct history_range { int64_t lo, hi, since, until, n; };

/* What is done with it. Everything is borrowed until the call returns. */
struct history_ops {
	void (*row)(void *arg, const struct message *m);
	void (*gap)(void *arg, const struct gap *g);
	/* Enough was gathered: no more rows before the next piece. */
	bool (*is_full)(void *arg);
	/* Nothing is being read now: write what was gathered, up to the row with this seq. False
	 * when nobody reads it any more. */
	bool (*piece)(void *arg, int64_t seq);
};

/* Gives all of it, in order. False with err when the mirror cannot be read, or with ERR_PIPE when
 * piece said so. */
bool history_walk(const struct target *t, const struct history_range *range,
		const struct history_ops *ops, void *arg, struct err *err);
/* Prints it as results. */
bool history_print(struct cmd_run *r, struct target *t, const struct history_range *range,
		bool is_raw, struct err *err);

#endif
