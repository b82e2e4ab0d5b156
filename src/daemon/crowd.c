/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All connections: how many an address may have that did not say who they are, and which have
 * been silent too long. One timer for all of them. */
#include "daemon/crowd.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/flow.h"
#include "daemon/options.h"
#include "loop/loop.h"

/* Ordered by the last sign of life: the oldest is the next to be too late. */
struct queue { struct conn *oldest, *newest; size_t n; };

struct crowd {
	struct daemon *d;
	struct queue strangers, known;
	struct map *addresses;		/* to a count on the heap */
	struct loop_timer *timer;
	int64_t due_ms;			/* of the timer */
};

static void look(void *arg);

struct crowd *
crowd_new(struct daemon *d)
{
	struct crowd *cr = xcalloc(1, sizeof *cr);

	cr->d = d;
	cr->addresses = map_new();
	return cr;
}

void
crowd_free(struct crowd *cr)
{
	if (!cr)
		return;
	loop_timer_stop(cr->timer);
	map_free(cr->addresses, free);
	free(cr);
}

bool
crowd_admit(struct crowd *cr, const char *addr)
{
	int64_t *n, max = cr->d->opt->per_address;

	if (cr->d->is_stopping)
		return false;
	if (!*addr)
		return true;
	n = map_get(cr->addresses, addr);
	if (n && max > 0 && *n >= max)
		return false;
	if (!n) {
		n = xcalloc(1, sizeof *n);
		map_put(cr->addresses, addr, n);
	}
	(*n)++;
	return true;
}

void
crowd_known(struct crowd *cr, const char *addr)
{
	int64_t *n = *addr ? map_get(cr->addresses, addr) : NULL;

	if (n && --*n == 0)
		free(map_del(cr->addresses, addr));
}

static void
enqueue(struct queue *q, struct conn *c)
{
	c->newer = NULL;
	c->older = q->newest;
	if (q->newest)
		q->newest->newer = c;
	else
		q->oldest = c;
	q->newest = c;
	q->n++;
}

static void
unqueue(struct queue *q, struct conn *c)
{
	if (c->older)
		c->older->newer = c->newer;
	else
		q->oldest = c->newer;
	if (c->newer)
		c->newer->older = c->older;
	else
		q->newest = c->older;
	c->older = c->newer = NULL;
	q->n--;
}

/* A user makes it known; before, it is a stranger. */
static struct queue *
queue_of(struct crowd *cr, const struct conn *c)
{
	return c->user ? &cr->known : &cr->strangers;
}

static int64_t
deadline(const struct crowd *cr)
{
	int64_t at = INT64_MAX;

	if (cr->strangers.oldest)
		at = cr->strangers.oldest->seen_ms + cr->d->opt->preauth_ms;
	if (cr->known.oldest && cr->known.oldest->seen_ms + cr->d->opt->dead_ms < at)
		at = cr->known.oldest->seen_ms + cr->d->opt->dead_ms;
	return at;
}

/* The timer is left alone when the deadline moves back: look() finds nothing and starts it anew. */
static void
arm(struct crowd *cr)
{
	int64_t at = deadline(cr), now = loop_now(cr->d->loop);

	if (at == INT64_MAX || (cr->timer && cr->due_ms <= at))
		return;
	loop_timer_stop(cr->timer);
	cr->due_ms = at;
	cr->timer = loop_timer_start(cr->d->loop, at > now ? at - now : 0, look, cr);
}

/* Closed ones stay in their queue until they are gone: they go to its end, so that those behind
 * them are seen. */
static void
expire(struct crowd *cr, struct queue *q, int64_t limit_ms, const char *why)
{
	int64_t now = loop_now(cr->d->loop);

	for (size_t left = q->n; left > 0 && q->oldest->seen_ms + limit_ms <= now; left--) {
		struct conn *c = q->oldest;

		unqueue(q, c);
		c->seen_ms = now;
		enqueue(q, c);
		conn_close(c, CLOSE_IDLE, why);
	}
}

static void
look(void *arg)
{
	struct crowd *cr = arg;

	cr->timer = NULL;
	expire(cr, &cr->strangers, cr->d->opt->preauth_ms, "no hello in time");
	expire(cr, &cr->known, cr->d->opt->dead_ms, "no sign of life");
	arm(cr);
}

void
crowd_enter(struct crowd *cr, struct conn *c)
{
	c->seen_ms = loop_now(cr->d->loop);
	enqueue(&cr->strangers, c);
	arm(cr);
	daemon_count_changed(cr->d);
}

void
crowd_promote(struct crowd *cr, struct conn *c)
{
	unqueue(&cr->strangers, c);
	c->seen_ms = loop_now(cr->d->loop);
	enqueue(&cr->known, c);
	arm(cr);
}

void
crowd_seen(struct crowd *cr, struct conn *c)
{
	if (!c->user)
		return;		/* a stranger's time is not prolonged */
	unqueue(&cr->known, c);
	c->seen_ms = loop_now(cr->d->loop);
	enqueue(&cr->known, c);
}

void
crowd_leave(struct crowd *cr, struct conn *c)
{
	unqueue(queue_of(cr, c), c);
	daemon_count_changed(cr->d);
}

size_t
crowd_count(const struct crowd *cr)
{
	return cr->strangers.n + cr->known.n;
}

size_t
crowd_strangers(const struct crowd *cr)
{
	return cr->strangers.n;
}

void
crowd_dismiss(struct crowd *cr, int after_ms)
{
	struct frame bye = { .op = WIRE_BYE, .i = WIRE_ABSENT, .re = WIRE_ABSENT };

	bye.bye.code = "restart";
	bye.bye.after = after_ms;
	for (struct conn *c = cr->known.oldest, *next; c; c = next) {
		next = c->newer;
		if (c->state == CONN_OPEN)
			flow_reply(c, &bye);
		conn_close(c, CLOSE_RESTART, "restart");
	}
	for (struct conn *c = cr->strangers.oldest, *next; c; c = next) {
		next = c->newer;
		conn_close(c, CLOSE_RESTART, "restart");
	}
}
