/* SPDX-License-Identifier: GPL-3.0-or-later */
/* History: wishes for parts of a log, filled page by page from the newest hole down. */
#include <string.h>

#include "base/i18n.h"
#include "sync/core.h"

#define BUSY_MS 1000

static void
fetched(struct sync *s, const struct goal *g, enum code code, const char *message)
{
	struct sync_effect *e;

	if (g->tag == 0)
		return;
	e = sync_fx(s, FX_FETCHED);
	e->fetched.tag = g->tag;
	e->fetched.code = code;
	e->fetched.message = message;
}

/* No request of it is out. */
static void
goal_drop(struct sync *s, size_t i)
{
	arr_remove(&s->goals, i);
}

static struct goal *
goal_new(struct sync *s, struct conv *c, int64_t lo, int64_t hi)
{
	struct goal *g;

	if (s->goals.n == s->goals.cap)
		return NULL;
	g = &s->goals.v[s->goals.n++];
	memset(g, 0, sizeof *g);
	g->conv = conv_index(s, c);
	g->lo = lo > 0 ? lo : 0;
	g->hi = hi;
	return g;
}

void
fetch_want(struct sync *s, const struct sync_input *in)
{
	struct conv *c = conv_find(s, in->fetch.conv);
	struct goal *g, none = { .tag = in->fetch.tag };

	if (c == NULL) {
		fetched(s, &none, CODE_NOT_FOUND, _("no such conversation"));
		return;
	}
	s->look = conv_index(s, c);
	g = s->goals.n < SYNC_FETCHES_MAX ? goal_new(s, c, in->fetch.lo, in->fetch.hi) : NULL;
	if (g == NULL) {
		fetched(s, &none, CODE_BUSY, _("too many requests for history at once"));
		return;
	}
	g->tag = in->fetch.tag;
}

void
fetch_cancel(struct sync *s, const struct sync_input *in)
{
	for (size_t i = 0; i < s->goals.n; i++)
		if (s->goals.v[i].tag == in->fetch.tag)
			s->goals.v[i].tag = s->goals.v[i].hi = 0;
}

void
fetch_own(struct sync *s, struct conv *c, int64_t lo, int64_t hi)
{
	struct goal *g;

	for (size_t i = 0; i < s->goals.n; i++) {
		g = &s->goals.v[i];
		if (g->tag != 0 || g->is_ops || g->conv != conv_index(s, c) || lo > g->hi
				|| hi < g->lo)
			continue;
		if (lo < g->lo)
			g->lo = lo;
		if (hi > g->hi)
			g->hi = hi;
		return;
	}
	goal_new(s, c, lo, hi);		/* no room: the next pong asks again */
}

/* The next hole of c whose edits, deletions and reactions of older records are not known. */
static bool
ops_hole(const struct conv *c, struct span *hole)
{
	int64_t lo, top = ranges_top(&c->held);

	if (c->held.n == 0)
		return false;
	lo = c->held.v[0].hi > c->floor ? c->held.v[0].hi : c->floor;
	while (ranges_hole(&c->held, lo, top, true, hole)) {
		struct span part;

		lo = hole->hi;
		if (ranges_hole(&c->ops, hole->lo, hole->hi, true, &part)) {
			*hole = part;
			return true;
		}
	}
	return false;
}

void
fetch_ops(struct sync *s, struct conv *c)
{
	struct span hole;
	struct goal *g;

	if (!ops_hole(c, &hole))
		return;
	g = goal_new(s, c, hole.lo, hole.hi);
	if (g != NULL)
		g->is_ops = true;
}

static struct goal *
goal_of(struct sync *s, int64_t re)
{
	for (size_t i = 0; i < s->goals.n; i++)
		if (s->goals.v[i].re == re && re != 0)
			return &s->goals.v[i];
	return NULL;
}

static bool
page_is_sane(const struct goal *g, const struct sync_input *in)
{
	return in->page.lo >= g->asked.lo && in->page.hi <= g->asked.hi
		&& in->page.lo <= in->page.hi && in->page.floor >= 0
		&& in->page.ops_only == g->is_ops;
}

static bool
page_take(struct sync *s, struct conv *c, struct goal *g, const struct sync_input *in)
{
	struct ranges *ranges = g->is_ops ? &c->ops : &c->held;
	struct change how = { 0 };

	if (!page_is_sane(g, in) || ranges->n == ranges->cap)
		return false;
	tail_floor(s, c, in->page.floor);
	how.records.lo = in->page.lo;
	how.records.hi = in->page.hi;
	how.records.v = (struct record *)in->page.v;
	how.records.n = in->page.n;
	how.records.ops_only = g->is_ops;
	if (!tail_take(s, c, &how))
		return false;
	ranges_add(ranges, in->page.lo, in->page.hi);
	if (g->is_ops)
		return true;
	if (in->page.n > 0)
		tail_advance(c, &in->page.v[in->page.n - 1]);
	tail_check(s, c);
	return true;
}

void
fetch_page(struct sync *s, const struct sync_input *in)
{
	struct goal *g = goal_of(s, in->page.re);
	struct conv *c;

	s->rx += (int64_t)in->page.bytes;
	s->progress_at = s->now;
	if (g == NULL)
		return;
	c = &s->convs.v[g->conv];
	g->re = 0;
	s->fetching--;
	if (strcmp(c->epoch, in->page.epoch) != 0 || !conv_is_ready(c))
		return;		/* asked before the log changed: asked again */
	if (in->page.lo == in->page.hi && in->page.floor <= c->floor) {
		fetched(s, g, CODE_NONE, "");	/* there is nothing: it asked beyond the head */
		goal_drop(s, (size_t)(g - s->goals.v));
	} else if (!page_take(s, c, g, in)) {
		conn_break(s, CLOSE_BAD_FRAME, _("the server sent a page that was not asked for"),
				0);
	} else if (c->state == CONV_LIVE) {
		outbox_look_for_acked(s, c);
	}
}

bool
fetch_error(struct sync *s, int64_t re, enum code code, const char *message)
{
	struct goal *g = goal_of(s, re);
	struct conv *c;

	if (g == NULL)
		return false;
	c = &s->convs.v[g->conv];
	s->progress_at = s->now;
	s->fetching--;
	g->re = 0;
	switch (code) {
	case CODE_TRIMMED:
		tail_floor(s, c, g->asked.hi);
		tail_check(s, c);
		break;
	case CODE_BUSY:
	case CODE_RATE:
		g->not_before = s->now + BUSY_MS;
		break;
	case CODE_EPOCH:
		if (conv_is_ready(c)) {
			conv_set(s, c, CONV_COLD);
			tail_queue(s, c);
		}
		break;
	default:
		fetched(s, g, code, message);
		goal_drop(s, (size_t)(g - s->goals.v));
	}
	return true;
}

void
fetch_end(struct sync *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->goals.n; i++) {
		if (s->goals.v[i].tag == 0)
			continue;
		s->goals.v[i].re = 0;
		s->goals.v[kept++] = s->goals.v[i];
	}
	s->goals.n = kept;
	s->fetching = 0;
}

void
fetch_fail_all(struct sync *s, enum code code, const char *why)
{
	for (size_t i = 0; i < s->goals.n; i++)
		fetched(s, &s->goals.v[i], code == CODE_NONE ? CODE_INTERNAL : code, why);
	s->goals.n = 0;
	s->fetching = 0;
}

static bool
goal_hole(const struct conv *c, const struct goal *g, struct span *hole)
{
	int64_t lo = g->lo > c->floor ? g->lo : c->floor;
	int64_t hi = g->hi < c->head ? g->hi : c->head;

	if (g->tag == 0 && g->hi > c->head)
		hi = g->hi;		/* a head that a pong told of */
	return ranges_hole(g->is_ops ? &c->ops : &c->held, lo, hi, false, hole);
}

static void
ask(struct sync *s, struct conv *c, struct goal *g, const struct span *hole)
{
	struct sync_effect *e = sync_fx(s, FX_FETCH);

	if (s->flying == 0 && s->fetching == 0 && s->unready == 0)
		s->progress_at = s->now;
	g->re = s->next_tag++;
	g->asked = *hole;
	s->fetching++;
	e->fetch.tag = g->re;
	e->fetch.conv = c->id;
	e->fetch.epoch = c->epoch;
	e->fetch.back = !g->is_ops;
	e->fetch.ops_only = g->is_ops;
	e->fetch.lo = hole->lo;
	e->fetch.hi = hole->hi;
	e->fetch.n = s->limits.fetch;
	if (g->is_ops) {
		e->fetch.refs_lo = c->held.v[0].lo + 1;
		e->fetch.refs_hi = hole->lo;
	}
}

/* With it everything that came is stored. */
static uint64_t
newest_batch(const struct sync *s)
{
	return s->gather->n > 0 ? s->token : s->flight != NULL ? s->flight_token : s->stored;
}

/* False when the goal is gone. */
static bool
goal_tick(struct sync *s, size_t i)
{
	struct goal *g = &s->goals.v[i];
	struct conv *c = &s->convs.v[g->conv];
	struct span hole;

	if (c->state == CONV_CLOSED) {
		fetched(s, g, CODE_FORBIDDEN, _("no longer a member of this conversation"));
		goal_drop(s, i);
		return false;
	}
	if (!conv_is_ready(c) && s->state != CONN_OFFLINE && s->state != CONN_STOPPED
			&& s->state != CONN_BACKOFF)
		return true;
	if (!goal_hole(c, g, &hole)) {
		bool is_ops = g->is_ops;

		/* told when what filled it, whatever brought that, is stored */
		if (g->token == 0)
			g->token = newest_batch(s);
		if (s->stored < g->token)
			return true;
		fetched(s, g, CODE_NONE, "");
		goal_drop(s, i);
		if (is_ops)
			fetch_ops(s, c);
		return false;
	}
	g->token = 0;
	if (!sync_is_up(s)) {
		fetched(s, g, CODE_INTERNAL, s->why[0] != '\0' ? s->why : _("not connected"));
		goal_drop(s, i);
		return false;
	}
	if (s->now < g->not_before)
		sync_want(s, g->not_before);
	else if (s->fetching < FETCHES_FLYING
			&& (int64_t)(s->flying + s->fetching) < s->limits.inflight)
		ask(s, c, g, &hole);
	return true;
}

void
fetch_tick(struct sync *s)
{
	size_t i = 0;

	while (i < s->goals.n)
		if (s->goals.v[i].re != 0 || goal_tick(s, i))
			i++;
}
