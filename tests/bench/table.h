/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one table of the benchmarks: a row is a figure of ours and of its reference, taken by turns
 * in several rounds; what counts is the ratio of each round. */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#define TABLE_ROUNDS 9		/* at most */

struct figure {
	const char *name, *unit, *target;
	double ours[TABLE_ROUNDS], reference[TABLE_ROUNDS];
	int n;
};

/* One round; ignored when there are TABLE_ROUNDS. */
void figure_add(struct figure *f, double ours, double reference);
/* Medians, and the median, lowest and highest ratio. */
void figure_print(const struct figure *f);
void table_head(void);

#endif
