/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VERB_VERIFY: fetches what the mirror claims to hold and compares it, record by record. Pages come
 * past the sync core, so looking changes nothing. What differs is looked at twice: the log moves
 * while it is read. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "engine/account-impl.h"
#include "loop/loop.h"
#include "model/peek.h"
#include "store/reader.h"
#include "store/state.h"

#define VERIFY_MS 60000		/* without any answer */
#define AGAIN_MS 500		/* before the second look, and while the server is busy */
#define TOLD_MAX 1000		/* differences told one by one; the others are counted */
#define ROW_MAX 2048

struct verify {
	char target[CONV_NAME_MAX + 2];	/* "": every conversation */
	struct gap asked;		/* the page on its way */
	bool is_second;			/* look */
	struct loop_timer *pause;
	int64_t convs, events, differences;
	int64_t before;			/* events of the conversations that are done */
};

/* --- what differs --- */

struct diff { const char *what; int64_t seq; char text[160]; };

/* One page against the mirror: both in order of seq. */
struct compare {
	struct account_call *call;
	const struct aside *page;
	const struct sync_conv *conv;
	size_t at, n;			/* records of the page passed; differences */
	bool is_telling;
};

static void
tell(struct account_call *c, const struct sync_conv *conv, const struct diff *d)
{
	struct verify *v = c->verify;
	struct answer *w;
	struct buf b;

	v->differences++;
	if (v->differences > TOLD_MAX)
		return;
	buf_init(&b, ROW_MAX);
	buf_adds(&b, "{\"account\":");
	json_add_string(&b, c->a->name, strlen(c->a->name));
	buf_adds(&b, ",\"conv\":");
	json_add_string(&b, conv->conv, strlen(conv->conv));
	buf_adds(&b, ",\"name\":");
	json_add_string(&b, conv->name, strlen(conv->name));
	buf_addf(&b, ",\"what\":\"%s\",\"seq\":%lld,\"text\":", d->what, (long long)d->seq);
	json_add_string(&b, d->text, strlen(d->text));
	buf_addc(&b, '}');
	w = call_answer(c, REPLY_PROGRESS);
	w->json = buf_take(&b);
}

static void
differs(struct compare *cmp, const char *what, int64_t seq, const char *text)
{
	struct diff d = { .what = what, .seq = seq };

	cmp->n++;
	if (!cmp->is_telling)
		return;
	str_copy(d.text, sizeof d.text, text);
	tell(cmp->call, cmp->conv, &d);
}

static bool
same_text(const char *cur, size_t n, const char *text)
{
	struct buf b;
	bool same;

	buf_init(&b, 1u << 20);
	same = !peek_str(cur, n, "text", &b) || strcmp(buf_str(&b), text) == 0;
	buf_done(&b);
	return same;
}

static void
compare_one(struct compare *cmp, const struct record *r, const struct message *m)
{
	if (strcmp(r->id, m->id) != 0)
		differs(cmp, "id", m->seq, _("another record stands there on the server"));
	else if (strcmp(r->kind_name, m->kind_name) != 0 || strcmp(r->from, m->from) != 0
			|| strcmp(r->cid, m->cid) != 0 || strcmp(r->ref, m->ref) != 0
			|| r->ts != m->ts)
		differs(cmp, "record", m->seq, _("sender, time or kind is another one"));
	else if (strcmp(r->body, m->body) != 0)
		differs(cmp, "body", m->seq, _("the text is another one"));
	else if (r->cur && !m->bad && (peek_bool(r->cur, r->cur_n, "deleted", false) != m->deleted
			|| !same_text(r->cur, r->cur_n, m->text)))
		differs(cmp, "state", m->seq, _("edits or deletion were not taken over"));
}

static void
missing_below(struct compare *cmp, int64_t seq)
{
	const struct aside *p = cmp->page;

	for (; cmp->at < p->page.n && p->page.v[cmp->at].seq < seq; cmp->at++)
		differs(cmp, "missing", p->page.v[cmp->at].seq,
				_("the mirror lacks it, though it claims to hold it"));
}

static bool
compare_row(void *arg, const struct message *m)
{
	struct compare *cmp = arg;
	const struct aside *p = cmp->page;

	missing_below(cmp, m->seq);
	if (cmp->at < p->page.n && p->page.v[cmp->at].seq == m->seq)
		compare_one(cmp, &p->page.v[cmp->at++], m);
	else
		differs(cmp, "extra", m->seq, _("the server does not have it"));
	return true;
}

/* --- one conversation after the other --- */

static bool
is_meant(const struct verify *v, const struct sync_conv *conv)
{
	if (conv->closed || conv->head <= conv->floor)
		return false;
	return v->target[0] == '\0' || strcmp(v->target, conv->conv) == 0
		|| strcmp(v->target, conv->name) == 0;
}

static void
finish(struct account *a, struct account_call *c)
{
	struct verify *v = c->verify;
	struct buf b;

	buf_init(&b, ROW_MAX);
	buf_addf(&b, "{\"conversations\":%lld,\"events\":%lld,\"differences\":%lld,\"notice\":",
			(long long)v->convs, (long long)v->events, (long long)v->differences);
	json_add_string(&b, a->notice, strlen(a->notice));
	buf_addc(&b, '}');
	call_json(c, buf_take(&b));
}

static void
ask(struct account *a, struct account_call *c, const struct sync_conv *conv)
{
	struct verify *v = c->verify;
	struct sync_effect e = { .type = FX_FETCH };

	c->deadline = loop_now(a->env.loop) + VERIFY_MS;
	c->tag = a->next_tag++;
	e.fetch.tag = c->tag;
	e.fetch.conv = conv->conv;
	e.fetch.epoch = conv->epoch;
	e.fetch.lo = v->asked.lo;
	e.fetch.hi = v->asked.hi;
	e.fetch.n = sync_limits(a->sync)->fetch;
	a->driver->fetch(a->link, &e);
}

struct span_at { int64_t from, lo, hi; bool found; };

static bool
on_gap(void *arg, const struct gap *g)
{
	struct span_at *s = arg;

	if (g->lo > s->from) {
		s->lo = s->from;
		s->hi = g->lo;
		s->found = true;
		return false;
	}
	s->from = g->hi;
	return true;
}

/* What the mirror claims to hold above lo, its first range; false when there is nothing. */
static bool
next_range(struct account *a, const struct sync_conv *conv, int64_t lo, struct gap *out)
{
	struct span_at s = { .from = lo > conv->floor ? lo : conv->floor };
	struct err err = { 0 };

	if (!reader_gaps(a->reader, conv->conv, s.from, conv->head, on_gap, &s, &err))
		return false;
	if (!s.found && s.from >= conv->head)
		return false;
	out->lo = s.found ? s.lo : s.from;
	out->hi = s.found ? s.hi : conv->head;
	return true;
}

static void
progress(struct account *a, struct account_call *c)
{
	struct verify *v = c->verify;
	struct sync_conv conv;
	struct answer *w = call_answer(c, REPLY_PROGRESS);

	w->r.done = v->events;
	for (size_t i = c->at; sync_conv_at(a->sync, i, &conv); i++)
		if (is_meant(v, &conv))
			w->r.total += conv.head - conv.floor;
	w->r.total += v->before;
}

static void
go_on(struct account *a, struct account_call *c, int64_t lo)
{
	struct verify *v = c->verify;
	struct sync_conv conv;

	for (; sync_conv_at(a->sync, c->at, &conv); c->at++) {
		if (!is_meant(v, &conv))
			continue;
		str_copy(c->conv, sizeof c->conv, conv.conv);
		if (next_range(a, &conv, lo, &v->asked)) {
			ask(a, c, &conv);
			return;
		}
		v->convs++;
		v->before = v->events;
		lo = 0;
	}
	finish(a, c);
}

static void
after_pause(void *arg)
{
	struct account_call *c = arg;
	struct sync_conv conv;

	c->verify->pause = NULL;
	if (c->is_over)
		return;
	if (sync_has_heads(c->a->sync) && sync_find(c->a->sync, c->conv, &conv))
		ask(c->a, c, &conv);
	else
		account_fetch_wait(c);
}

static void
look_later(struct account *a, struct account_call *c)
{
	c->tag = 0;
	c->deadline = loop_now(a->env.loop) + VERIFY_MS;
	c->verify->pause = loop_timer_start(a->env.loop, AGAIN_MS, after_pause, c);
}

static bool
compare(struct account *a, struct account_call *c, const struct aside *page, struct err *err)
{
	struct reader_range q = { .lo = page->page.lo, .hi = page->page.hi, .all_kinds = true };
	struct compare cmp = { .call = c, .page = page, .is_telling = c->verify->is_second };
	struct sync_conv conv;

	if (!sync_find(a->sync, c->conv, &conv))
		return true;
	cmp.conv = &conv;
	if (!reader_rows(a->reader, c->conv, &q, compare_row, &cmp, err))
		return false;
	missing_below(&cmp, INT64_MAX);
	return cmp.n == 0;
}

void
account_verify_page(struct account *a, const struct aside *page)
{
	struct account_call *c = call_of_tag(a, page->re);
	struct err err = { 0 };
	struct verify *v;
	bool same;

	if (c == NULL || c->verify == NULL)
		return;
	v = c->verify;
	if (page->page.lo < v->asked.lo || page->page.hi > v->asked.hi
			|| page->page.hi <= v->asked.lo) {
		call_fail(c, ERR_FAIL, CODE_NONE, _("the server sent a page that was not asked "
				"for"));
		return;
	}
	same = compare(a, c, page, &err);
	if (err.kind != ERR_NONE) {
		call_fail(c, ERR_FAIL, CODE_NONE, "%s: %s", a->name, err.msg);
	} else if (!same && !v->is_second) {
		v->is_second = true;
		look_later(a, c);
	} else {
		v->is_second = false;
		v->events += (int64_t)page->page.n;
		progress(a, c);
		go_on(a, c, page->page.hi);
	}
}

/* True when the refusal was dealt with. */
bool
account_verify_refused(struct account *a, struct account_call *c, enum code code)
{
	struct sync_conv conv;

	if (c->verify == NULL)
		return false;
	if (code == CODE_BUSY || code == CODE_RATE || code == CODE_EPOCH) {
		look_later(a, c);
		return true;
	}
	if (code != CODE_TRIMMED || !sync_find(a->sync, c->conv, &conv))
		return false;
	go_on(a, c, c->verify->asked.hi);	/* the server has forgotten it meanwhile */
	return true;
}

/* --- begin and end --- */

void
account_verify_start(struct account *a, struct account_call *c)
{
	go_on(a, c, c->verify->asked.lo);
}

void
account_verify(struct account *a, struct account_call *c, const struct request *rq)
{
	struct verify *v;

	if (rq->act != NULL && strcmp(rq->act, "replace") == 0) {
		state_replace(a->reader);
		a->wants_reload = true;
		call_done(c);
		account_after(a);
		return;
	}
	v = c->verify = xcalloc(1, sizeof *v);
	if (rq->target != NULL)
		str_copy(v->target, sizeof v->target, rq->target);
	call_deadline(c, rq, VERIFY_MS);
	account_fetch_wait(c);
}

void
account_verify_free(struct verify *v)
{
	if (v == NULL)
		return;
	loop_timer_stop(v->pause);
	free(v);
}
