/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of a log: the bytes as they were written, with what became of them since. */
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/i18n.h"
#include "ledger/reader.h"
#include "ledger/schema.h"

/* A page being made. */
struct page {
	struct ledger_reader *r;
	const struct ledger_page_query *q;
	int64_t conv;			/* its number */
	struct sql_query *folds;	/* at the next fold, in the order of the page; NULL: none */
	int64_t fold;			/* its pos */
};

static bool
next_fold(struct page *p, struct err *err)
{
	int rc = sql_step(p->folds, err);

	if (rc < 0)
		return false;
	if (rc == 0)
		p->folds = NULL;
	else
		p->fold = sql_int(p->folds, 0);
	return true;
}

/* The fold of pos, for a page that goes up. */
static bool
cur_of(struct page *p, int64_t pos, const char **cur, size_t *n, struct err *err)
{
	*cur = NULL;
	while (p->folds && p->fold < pos)
		if (!next_fold(p, err))
			return false;
	if (p->folds && p->fold == pos) {
		*cur = sql_text(p->folds, 1);
		*n = sql_size(p->folds, 1);
	}
	return true;
}

static bool
start_folds(struct page *p, int64_t lo, int64_t hi, struct err *err)
{
	if (!p->q->with_cur || p->q->only_ops)
		return true;
	p->folds = sql_start(p->r->db, R_FOLDS, err, "ii", pos_of(p->conv, lo),
			pos_of(p->conv, hi));
	return p->folds && next_fold(p, err);
}

static struct sql_query *
start_rows(struct page *p, bool back, int64_t lo, int64_t hi, struct err *err)
{
	int query = p->q->only_ops ? (back ? R_OPS_BACK : R_OPS) : back ? R_PAGE_BACK : R_PAGE;

	return sql_start(p->r->db, query, err, p->q->only_ops ? "iiiii" : "iii",
			pos_of(p->conv, lo), pos_of(p->conv, hi), p->q->n,
			pos_of(p->conv, p->q->refs_lo), pos_of(p->conv, p->q->refs_hi));
}

/* How far down a page that goes back can reach: by number and bytes. */
static bool
reach_back(struct page *p, int64_t *lo, int64_t hi, struct err *err)
{
	struct sql_query *st = start_rows(p, true, *lo, hi, err);
	int64_t rows = 0, last = *lo + 1;
	size_t bytes = 0;
	int rc;

	while ((rc = sql_step(st, err)) == 1) {
		bytes += sql_size(st, 1) + 1;
		if (p->q->with_cur && !sql_is_null(st, 2))
			bytes += sql_size(st, 2) + sizeof ",\"cur\":";
		if (rows > 0 && bytes > p->q->max_bytes) {
			sql_end(st);
			rc = 0;
			*lo = last - 1;
			break;
		}
		last = pos_seq(sql_int(st, 0));
		if (++rows == p->q->n)
			*lo = last - 1;
	}
	return rc == 0;
}

static bool
add(struct buf *out, size_t start, const char *rec, size_t n, const char *cur, size_t cur_n)
{
	return (out->n == start || buf_addc(out, ',')) && buf_add(out, rec, cur ? n - 1 : n) &&
		(!cur || (buf_adds(out, ",\"cur\":") && buf_add(out, cur, cur_n) &&
			  buf_addc(out, '}')));
}

/* Rows upwards until the number or the bytes are reached; *hi becomes the last one given then. */
static bool
fill(struct page *p, int64_t lo, int64_t *hi, struct buf *out, size_t *count, struct err *err)
{
	struct sql_query *st = start_rows(p, false, lo, *hi, err);
	size_t start = out->n, before, cur_n = 0;
	int64_t last = lo;
	const char *cur;
	int rc;

	while ((rc = sql_step(st, err)) == 1) {
		int64_t pos = sql_int(st, 0);
		const char *rec = sql_text(st, 1);

		if (!cur_of(p, pos, &cur, &cur_n, err))
			return sql_end(st), false;
		before = out->n;
		if (!add(out, start, rec, sql_size(st, 1), cur, cur_n) ||
				(*count > 0 && out->n - start > p->q->max_bytes)) {
			buf_cut(out, before);
			sql_end(st);
			if (*count == 0)
				return err_set(err, ERR_FAIL, "%s",
						_("a record does not fit into a page"));
			*hi = last;
			return true;
		}
		last = pos_seq(pos);
		++*count;
	}
	if (rc == 0 && !p->q->back && (int64_t)*count == p->q->n)
		*hi = last;
	return rc == 0;
}

static bool
make(struct page *p, struct buf *out, int64_t *lo, int64_t *hi, size_t *count, struct err *err)
{
	struct ledger_conv c;
	bool ok;

	if (!reader_conv(p->r, R_CONV, p->q->conv, &c, &p->conv, err))
		return err && err->kind != ERR_NONE ? false :
			err_set(err, ERR_REFUSED, "%s", _("there is no such conversation"));
	*lo = p->q->lo > c.floor ? p->q->lo : c.floor;
	*hi = p->q->hi < c.seq ? p->q->hi : c.seq;
	if (*lo >= *hi || p->q->n < 1) {
		*hi = *lo > *hi ? *lo : *hi;
		return true;
	}
	if (p->q->back && !reach_back(p, lo, *hi, err))
		return false;
	ok = start_folds(p, *lo, *hi, err) && fill(p, *lo, hi, out, count, err);
	if (p->folds)
		sql_end(p->folds);
	return ok;
}

bool
ledger_page(struct ledger_reader *r, const struct ledger_page_query *q, struct buf *out,
		int64_t *lo, int64_t *hi, size_t *count, struct err *err)
{
	struct page p = { .r = r, .q = q };
	bool ok;

	*count = 0;
	if (!reader_begin(r, err))
		return false;
	ok = make(&p, out, lo, hi, count, err);
	return reader_end(r, ok, err);
}
