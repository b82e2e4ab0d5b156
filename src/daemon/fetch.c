/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The op "fetch": pages of the log, made when there is credit for them. stonechat-protocol(7),
 * section 3. */
#include "daemon/fetch.h"

#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/flow.h"
#include "daemon/options.h"
#include "daemon/user.h"
#include "ledger/ledger.h"
#include "wire/wire.h"

/* Of a page, the part that is not records. */
#define ENVELOPE 512

bool
fetch_take(struct conn *c, struct frame *f)
{
	struct want *w;
	bool fits;

	if (f->fetch.lo > f->fetch.hi || f->fetch.lo < 0) {
		conn_error(c, f->i, CODE_INVALID, "lo must not be above hi");
		return false;
	}
	w = xcalloc(1, sizeof *w);
	w->op = WIRE_FETCH;
	w->re = f->i;
	fits = str_copy(w->conv, sizeof w->conv, f->fetch.conv);
	fits = str_copy(w->epoch, sizeof w->epoch, f->fetch.epoch) && fits;
	w->dir = f->fetch.dir;
	w->only_ops = f->fetch.only_ops;
	w->lo = f->fetch.lo;
	w->hi = f->fetch.hi;
	w->n = f->fetch.n;
	w->refs_lo = f->fetch.refs_lo;
	w->refs_hi = f->fetch.refs_hi;
	if (!fits)
		w->conv[0] = '\0';	/* longer than any: not found */
	if (!flow_want(c, w))
		conn_error(c, f->i, CODE_BUSY, "8 requests are waiting");
	return false;
}

static void
fail(struct conn *c, const struct want *w, const struct err *err, enum code code,
		const char *message)
{
	if (err->kind != ERR_NONE) {
		log_put(c->d->log, LOG_ERROR, "fetch", "conv=%s error=%s", w->conv, err->msg);
		code = CODE_INTERNAL;
		message = "the log cannot be read";
	}
	conn_error(c, w->re, code, message);
}

/* Membership is looked up when the page is made, not when it was asked for. */
static bool
may_read(struct conn *c, const struct want *w, struct ledger_conv *conv)
{
	struct err err = { 0 };
	char role[8] = "";

	if (!ledger_conv(c->d->reader, w->conv, conv, &err)) {
		fail(c, w, &err, CODE_NOT_FOUND, "there is no such conversation");
		return false;
	}
	if (!ledger_role(c->d->reader, w->conv, c->user->name, role, &err) || !*role) {
		fail(c, w, &err, CODE_FORBIDDEN, "you are no member");
		return false;
	}
	if (strcmp(w->epoch, conv->epoch) != 0) {
		fail(c, w, &err, CODE_EPOCH, "the log has another epoch: subscribe again");
		return false;
	}
	if (w->hi <= conv->floor && conv->floor > 0) {
		fail(c, w, &err, CODE_TRIMMED, "that part of the log is no longer kept");
		return false;
	}
	return true;
}

bool
fetch_fill(struct conn *c, struct want *w, struct buf *out)
{
	struct frame page = { .op = WIRE_PAGE, .i = WIRE_ABSENT, .re = w->re };
	struct ledger_page_query q = { .conv = w->conv, .back = w->dir == WIRE_BACK,
		.only_ops = w->only_ops, .with_cur = true, .refs_lo = w->refs_lo,
		.refs_hi = w->refs_hi, .max_bytes = WIRE_SERVER_FRAME - ENVELOPE };
	int64_t most = c->d->opt->fetch;
	struct ledger_conv conv;
	struct err err = { 0 };
	struct buf *raw = &c->d->records;
	size_t count;

	if (!may_read(c, w, &conv))
		return true;
	buf_clear(raw);
	q.n = w->n < 1 || w->n > most ? most : w->n;
	q.lo = w->lo > conv.floor ? w->lo : conv.floor;
	q.hi = w->hi < conv.seq ? w->hi : conv.seq;
	if (q.lo > q.hi)
		q.lo = q.hi;
	page.page.lo = q.lo;
	page.page.hi = q.hi;
	if (ledger_page(c->d->reader, &q, raw, &page.page.lo, &page.page.hi, &count, &err)) {
		page.page.conv = w->conv;
		page.page.epoch = conv.epoch;
		page.page.floor = conv.floor;
		page.page.only_ops = w->only_ops;
		page.page.raw = buf_str(raw);
		page.page.raw_n = raw->n;
		wire_encode(WIRE_SERVER, &page, out);
		c->d->metrics.pages++;
	} else {
		fail(c, w, &err, CODE_INTERNAL, "");
	}
	return true;
}
