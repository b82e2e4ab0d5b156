/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VERB_FETCH: as much of a conversation as was asked for into the mirror; VERB_SYNC: everything
 * that is new, or (all) everything. */
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "engine/account-impl.h"
#include "loop/loop.h"
#include "store/reader.h"

#define FETCH_MS 10000
#define SYNC_MS 60000
#define STRIDE 200		/* records by which a fetch reaches further back */

/* --- one conversation --- */

static void
ask_core(struct account *a, struct account_call *c)
{
	struct sync_input in = { .type = IN_FETCH };

	c->tag = a->next_tag++;
	in.fetch.tag = c->tag;
	in.fetch.conv = c->conv;
	in.fetch.lo = c->reach.lo;
	in.fetch.hi = c->reach.hi;
	account_step(a, &in);
}

struct measure { int64_t n, oldest, lowest; };

static bool
measure_row(void *arg, const struct message *m)
{
	struct measure *me = arg;

	if (me->n++ == 0) {
		me->oldest = m->ts;
		me->lowest = m->seq;
	}
	return true;
}

/* Is what was asked for there now? Otherwise reach.lo is where to go on. */
static bool
is_reached(struct account *a, struct account_call *c, const struct sync_conv *conv)
{
	struct reader_range q = { .lo = c->reach.lo, .hi = c->reach.hi };
	struct measure me = { 0 };
	struct err err = { 0 };

	if ((c->reach.n == 0 && c->reach.since == 0) || c->reach.lo <= conv->floor)
		return true;
	if (c->reach.n > 0) {
		q.n = c->reach.n;
		reader_rows(a->reader, c->conv, &q, measure_row, &me, &err);
		if (me.n >= c->reach.n)
			return true;
	} else {
		q.n = 1;
		q.from_old = true;
		reader_rows(a->reader, c->conv, &q, measure_row, &me, &err);
		if (me.n > 0 && me.oldest < c->reach.since)
			return true;
	}
	c->reach.lo -= c->reach.step;
	c->reach.step *= 2;
	if (c->reach.lo < conv->floor)
		c->reach.lo = conv->floor;
	return false;
}

/* The conversation is complete at its newest end: begin with what was asked for. */
static void
fetch_start(struct account *a, struct account_call *c)
{
	struct sync_conv conv;

	c->reach.is_waiting = false;
	if (!sync_find(a->sync, c->conv, &conv)) {
		call_done(c);
		return;
	}
	if (c->reach.hi == 0 || c->reach.hi > conv.head)
		c->reach.hi = conv.head;
	if (c->reach.n > 0)
		c->reach.lo = c->reach.hi - c->reach.n;
	else if (c->reach.since > 0)
		c->reach.lo = c->reach.hi - STRIDE;
	c->reach.step = STRIDE;
	if (c->reach.lo < 0)
		c->reach.lo = 0;
	ask_core(a, c);
}

void
account_fetch(struct account *a, struct account_call *c, const struct request *rq)
{
	struct sync_conv conv;
	bool later;

	call_deadline(c, rq, FETCH_MS);
	if (!account_can_ask(a, c, rq, &later) || later
			|| account_resolve(a, c, rq, &conv) != RESOLVED)
		return;
	if (conv.closed) {
		call_fail(c, ERR_REFUSED, CODE_FORBIDDEN, _("no longer a member of %s"),
				conv.name);
		return;
	}
	c->reach = (struct reach){ .lo = rq->lo, .hi = rq->hi, .n = rq->n,
		.since = rq->since_ts, .is_waiting = true };
	a->n_waiting++;
	account_fetch_after(a);
}

/* --- everything --- */

void
account_fetch_wait(struct account_call *c)
{
	c->reach.is_waiting = true;
	c->a->n_waiting++;
	account_fetch_after(c->a);
}

bool
account_fetch_lost(struct account_call *c)
{
	if (c->verb != VERB_SYNC && c->verb != VERB_VERIFY)
		return false;
	if (c->verb == VERB_SYNC)
		c->at--;		/* that conversation once more */
	c->tag = 0;
	c->reach.is_waiting = true;
	c->a->n_waiting++;
	return true;
}

void
account_sync(struct account *a, struct account_call *c, const struct request *rq)
{
	(void)a;
	call_deadline(c, rq, SYNC_MS);
	c->all = rq->all;
	account_fetch_wait(c);
}

/* The next conversation of a sync, or its end. */
static void
sync_next(struct account *a, struct account_call *c)
{
	struct sync_conv conv;
	size_t total = 0;

	while (sync_conv_at(a->sync, total, &conv))
		total++;
	for (; c->all && sync_conv_at(a->sync, c->at, &conv); c->at++) {
		struct answer *w;

		if (conv.closed || conv.head <= conv.floor)
			continue;
		w = call_answer(c, REPLY_PROGRESS);
		w->r.done = (int64_t)c->at;
		w->r.total = (int64_t)total;
		c->deadline = loop_now(a->env.loop) + SYNC_MS;
		str_copy(c->conv, sizeof c->conv, conv.conv);
		c->reach = (struct reach){ .hi = conv.head };
		c->at++;
		ask_core(a, c);
		return;
	}
	c->conv[0] = '\0';
	call_done(c);
}

/* --- progress --- */

void
account_fetched(struct account *a, const struct sync_effect *e)
{
	struct account_call *c = call_of_tag(a, e->fetched.tag);

	if (c == NULL)
		return;
	c->tag = 0;
	if (e->fetched.code == CODE_NONE) {
		c->reach.is_there = true;	/* looked at when the step is carried out */
		a->n_waiting++;
		a->fetch_again = true;
	} else if (e->fetched.code == CODE_INTERNAL && account_fetch_lost(c)) {
		a->fetch_again = true;
	} else if (e->fetched.code == CODE_INTERNAL || e->fetched.code == CODE_BUSY) {
		call_fail(c, ERR_NETWORK, CODE_NONE, "%s: %s", a->name, e->fetched.message);
	} else if (e->fetched.code == CODE_AUTH) {
		call_fail(c, ERR_AUTH, CODE_AUTH, "%s: %s", a->name, e->fetched.message);
	} else {
		call_fail(c, ERR_REFUSED, e->fetched.code, "%s", e->fetched.message);
	}
}

static void
fetch_goes_on(struct account *a, struct account_call *c)
{
	struct sync_conv conv;

	c->reach.is_there = false;
	if (c->verb == VERB_SYNC) {
		sync_next(a, c);
		return;
	}
	if (!sync_find(a->sync, c->conv, &conv) || is_reached(a, c, &conv))
		call_done(c);
	else
		ask_core(a, c);
}

static bool
is_ready(struct account *a, const struct account_call *c)
{
	struct sync_conv conv;

	if (c->verb == VERB_VERIFY)
		return sync_is_caught_up(a->sync);
	if (c->verb == VERB_SYNC)
		return sync_is_caught_up(a->sync) && sync_outbox_waiting(a->sync) == 0;
	return sync_find(a->sync, c->conv, &conv) && conv.ready;
}

/* A sync goes on trying while there is a chance; a fetch serves somebody who looks at a screen. */
static bool
is_hopeless(const struct account *a, const struct account_call *c)
{
	enum link_state link = sync_link(a->sync);

	return link == LINK_STOPPED || (link == LINK_OFFLINE && !a->is_online)
		|| (link == LINK_WAITING && (c->verb == VERB_FETCH
			|| (c->verb == VERB_VERIFY && c->conv[0] == '\0')));
}

static void
look_again(struct account *a, struct account_call *c)
{
	if (c->reach.is_there) {
		fetch_goes_on(a, c);
	} else if (is_ready(a, c)) {
		c->reach.is_waiting = false;
		if (c->verb == VERB_SYNC)
			sync_next(a, c);
		else if (c->verb == VERB_VERIFY)
			account_verify_start(a, c);
		else
			fetch_start(a, c);
	} else if (is_hopeless(a, c)) {
		bool is_auth = sync_link(a->sync) == LINK_STOPPED
			&& sync_why_code(a->sync) == CODE_AUTH;

		call_fail(c, is_auth ? ERR_AUTH : ERR_NETWORK, is_auth ? CODE_AUTH : CODE_NONE,
				_("%s is not connected%s%s"), a->name,
				sync_why(a->sync)[0] != '\0' ? ": " : "", sync_why(a->sync));
	}
}

void
account_fetch_after(struct account *a)
{
	if (a->n_waiting == 0 || a->is_fetching)
		return;
	a->is_fetching = true;
	do {
		size_t left = 0;

		a->fetch_again = false;
		for (struct account_call *c = a->calls; c != NULL; c = c->next) {
			if (c->is_over || (!c->reach.is_waiting && !c->reach.is_there))
				continue;
			look_again(a, c);
			if (!c->is_over && (c->reach.is_waiting || c->reach.is_there))
				left++;
		}
		a->n_waiting = left;
	} while (a->fetch_again);
	a->is_fetching = false;
}
