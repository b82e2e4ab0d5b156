/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the table that "make bench" prints. */
#include "bench/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT "%-46s %10s %10s %-6s %6s  %-8s %2s  %s\n"

void
figure_add(struct figure *f, double ours, double reference)
{
	if (f->n == TABLE_ROUNDS)
		return;
	f->ours[f->n] = ours;
	f->reference[f->n++] = reference;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(const double *v, int n)
{
	double sorted[TABLE_ROUNDS];

	memcpy(sorted, v, (size_t)n * sizeof *v);
	qsort(sorted, (size_t)n, sizeof *sorted, by_value);
	return sorted[n / 2];
}

void
table_head(void)
{
	printf(FORMAT, "name", "ours", "reference", "unit", "ratio", "target", "n", "spread");
	fflush(stdout);
}

void
figure_print(const struct figure *f)
{
	double ratio[TABLE_ROUNDS];
	char text[5][32];

	if (f->n == 0)
		return;
	for (int i = 0; i < f->n; i++)
		ratio[i] = f->ours[i] / f->reference[i];
	qsort(ratio, (size_t)f->n, sizeof *ratio, by_value);
	snprintf(text[0], sizeof text[0], "%.2f", median(f->ours, f->n));
	snprintf(text[1], sizeof text[1], "%.2f", median(f->reference, f->n));
	snprintf(text[2], sizeof text[2], "%.2f", ratio[f->n / 2]);
	snprintf(text[3], sizeof text[3], "%d", f->n);
	snprintf(text[4], sizeof text[4], "%.2f-%.2f", ratio[0], ratio[f->n - 1]);
	printf(FORMAT, f->name, text[0], text[1], f->unit, text[2], f->target, text[3], text[4]);
	fflush(stdout);
}
