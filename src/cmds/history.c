/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the mirror in order, with the gaps between them. */
#include "cmds/history.h"

#include "base/arr.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "cmds/target.h"
#include "store/reader.h"

#define PIECE 1000		/* rows a read */
#define GAPS_MAX 100000		/* gaps shown; there are hardly ever ten */

struct history {
	struct printer printer;
	const struct target *target;
	struct reader_range q;
	int64_t last;			/* seq of the last row; where the next piece begins */
	int64_t rows;			/* of this piece */
	arr(struct gap) gaps;
	size_t next_gap;
};

static bool
add_gap(void *arg, const struct gap *g)
{
	struct history *h = arg;

	arr_push(&h->gaps, *g);
	return h->gaps.n < GAPS_MAX;
}

/* Gaps that lie before seq. */
static void
print_gaps(struct history *h, int64_t seq)
{
	while (h->next_gap < h->gaps.n && h->gaps.v[h->next_gap].hi < seq)
		print_gap(&h->printer, &h->target->row, &h->gaps.v[h->next_gap++]);
}

static bool
on_row(void *arg, const struct message *m)
{
	struct history *h = arg;

	print_gaps(h, m->seq);
	print_row(&h->printer, h->target->account, &h->target->row, m);
	h->last = m->seq;
	h->rows++;
	return !print_is_full(&h->printer);
}

static bool
on_first(void *arg, const struct message *m)
{
	int64_t *first = arg;

	*first = m->seq;
	return false;
}

/* Where the newest n begin: from there on it is read like the rest. */
static bool
find_start(struct history *h, struct err *err)
{
	int64_t first = 0;

	if (!reader_rows(h->target->reader, h->target->conv, &h->q, on_first, &first, err))
		return false;
	h->q.lo = first > 0 ? first - 1 : h->q.hi;
	return true;
}

static bool
read_pieces(struct history *h, struct err *err)
{
	do {
		h->rows = 0;
		if (!reader_rows(h->target->reader, h->target->conv, &h->q, on_row, h, err))
			return false;
		h->q.lo = h->last;
		if (!print_flush(&h->printer))
			return err_set(err, ERR_PIPE, "%s", "");
	} while (h->rows > 0);
	return true;
}

bool
history_print(struct cmd_run *r, struct target *t, const struct history_range *range, bool is_raw,
		struct err *err)
{
	struct history h = { .target = t };
	bool has_times = range->since || range->until;
	bool ok = true;

	print_init(&h.printer, r, is_raw);
	h.q = (struct reader_range){ .lo = range->lo, .hi = range->hi ? range->hi : INT64_MAX,
		.since = range->since, .until = range->until, .n = range->n };
	if (range->n > 0 || has_times)
		ok = find_start(&h, err);
	h.q.n = PIECE;
	h.q.from_old = true;
	ok = ok && reader_gaps(t->reader, t->conv, h.q.lo, range->hi, add_gap, &h, err);
	ok = ok && read_pieces(&h, err);
	/* What is missing behind the last row may be of any time. */
	if (ok && !has_times)
		print_gaps(&h, INT64_MAX);
	if (ok && !print_flush(&h.printer))
		ok = err_set(err, ERR_PIPE, "%s", "");
	arr_done(&h.gaps);
	print_done(&h.printer);
	return ok;
}
