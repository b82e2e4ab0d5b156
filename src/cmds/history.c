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
	const struct history_ops *ops;
	void *arg;
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
give_gaps(struct history *h, int64_t seq)
{
	while (h->next_gap < h->gaps.n && h->gaps.v[h->next_gap].hi < seq)
		h->ops->gap(h->arg, &h->gaps.v[h->next_gap++]);
}

static bool
on_row(void *arg, const struct message *m)
{
	struct history *h = arg;

	give_gaps(h, m->seq);
	h->ops->row(h->arg, m);
	h->last = m->seq;
	h->rows++;
	return !h->ops->is_full(h->arg);
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
give_piece(struct history *h, struct err *err)
{
	return h->ops->piece(h->arg, h->last) || err_set(err, ERR_PIPE, "%s", "");
}

static bool
read_pieces(struct history *h, struct err *err)
{
	do {
		h->rows = 0;
		if (!reader_rows(h->target->reader, h->target->conv, &h->q, on_row, h, err))
			return false;
		h->q.lo = h->last;
		if (!give_piece(h, err))
			return false;
	} while (h->rows > 0);
	return true;
}

bool
history_walk(const struct target *t, const struct history_range *range,
		const struct history_ops *ops, void *arg, struct err *err)
{
	struct history h = { .ops = ops, .arg = arg, .target = t };
	bool has_times = range->since || range->until;
	bool ok = true;

	h.q = (struct reader_range){ .lo = range->lo, .hi = range->hi ? range->hi : INT64_MAX,
		.since = range->since, .until = range->until, .n = range->n };
	if (range->n > 0 || has_times)
		ok = find_start(&h, err);
	h.last = h.q.lo;
	h.q.n = PIECE;
	h.q.from_old = true;
	ok = ok && reader_gaps(t->reader, t->conv, h.q.lo, range->hi, add_gap, &h, err);
	ok = ok && read_pieces(&h, err);
	/* What is missing behind the last row may be of any time. */
	if (ok && !has_times)
		give_gaps(&h, INT64_MAX);
	ok = ok && give_piece(&h, err);
	arr_done(&h.gaps);
	return ok;
}

/* Printing */

struct printing { struct printer printer; const struct target *target; };

static void
row_printed(void *arg, const struct message *m)
{
	struct printing *p = arg;

	print_row(&p->printer, p->target->account, &p->target->row, m);
}

static void
gap_printed(void *arg, const struct gap *g)
{
	struct printing *p = arg;

	print_gap(&p->printer, &p->target->row, g);
}

static bool
printer_is_full(void *arg)
{
	struct printing *p = arg;

	return print_is_full(&p->printer);
}

static bool
piece_printed(void *arg, int64_t seq)
{
	struct printing *p = arg;

	(void)seq;
	return print_flush(&p->printer);
}

bool
history_print(struct cmd_run *r, struct target *t, const struct history_range *range, bool is_raw,
		struct err *err)
{
	static const struct history_ops ops = { row_printed, gap_printed, printer_is_full,
		piece_printed };
	struct printing p = { .target = t };
	bool ok;

	print_init(&p.printer, r, is_raw);
	ok = history_walk(t, range, &ops, &p, err);
	print_done(&p.printer);
	return ok;
}
