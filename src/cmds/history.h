/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the mirror in order, with the gaps between them, read piece by piece so that no read
 * transaction waits for a slow reader of ours. */
#ifndef CMDS_HISTORY_H
#define CMDS_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct cmd_run;
struct target;

/* Rows with lo < seq <= hi (0: up to the newest), ts >= since, ts < until (0: any); n > 0: only
 * the newest n of them. */
struct history_range { int64_t lo, hi, since, until, n; };

/* Prints all of it. False with err when the mirror cannot be read, or with ERR_PIPE when nobody
 * reads any more. */
bool history_print(struct cmd_run *r, struct target *t, const struct history_range *range,
		bool is_raw, struct err *err);

#endif
