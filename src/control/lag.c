/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events that wait for a front that lags. */
#include "control/lag.h"

#include <stdlib.h>

#include "base/arr.h"
#include "base/map.h"
#include "control/codec.h"

struct lag {
	struct map *by_key;		/* to struct slot */
	arr(struct slot *) order;	/* in the order of their first event */
	size_t taken;			/* of order, given away */
};

struct slot { struct event *ev; char *key; };

struct lag *
lag_new(void)
{
	struct lag *l = xcalloc(1, sizeof *l);

	l->by_key = map_new();
	return l;
}

static void
slot_free(struct slot *s)
{
	free(s->ev);
	free(s->key);
	free(s);
}

static void
clear(struct lag *l)
{
	for (size_t i = l->taken; i < l->order.n; i++)
		slot_free(l->order.v[i]);
	arr_done(&l->order);
	l->taken = 0;
	map_free(l->by_key, NULL);
	l->by_key = map_new();
}

void
lag_free(struct lag *l)
{
	if (!l)
		return;
	clear(l);
	map_free(l->by_key, NULL);
	free(l);
}

/* What makes two events one: NULL for events that are not kept. */
static char *
key_of(const struct event *ev)
{
	switch (ev->type) {
	case EV_LINK:
		return xasprintf("link %s", ev->account);
	case EV_MIRROR:
		return xasprintf("mirror %s", ev->account);
	case EV_CONV:
		return xasprintf("conv %s %s", ev->account, ev->conv);
	case EV_OUTBOX:
		return xasprintf("outbox %s %s", ev->account, ev->outbox.cid);
	case EV_STOP:
		return xasprintf("stop %s %s", ev->account, ev->stop.stream);
	case EV_NOTICE:
		return xasprintf("notice %s", ev->notice.text);
	default:
		return NULL;
	}
}

/* The rows that changed are those of both. */
static void
merge(struct event *now, const struct event *was)
{
	if (now->type != EV_CONV)
		return;
	now->convs.live = now->convs.live || was->convs.live;
	if (was->convs.changed_lo == was->convs.changed_hi)
		return;
	if (now->convs.changed_lo == now->convs.changed_hi) {
		now->convs.changed_lo = was->convs.changed_lo;
		now->convs.changed_hi = was->convs.changed_hi;
		return;
	}
	if (was->convs.changed_lo < now->convs.changed_lo)
		now->convs.changed_lo = was->convs.changed_lo;
	if (was->convs.changed_hi > now->convs.changed_hi)
		now->convs.changed_hi = was->convs.changed_hi;
}

static void
put(struct lag *l, char *key, const struct event *ev)
{
	struct slot *s = xcalloc(1, sizeof *s);

	s->ev = codec_copy_event(ev);
	s->key = key;
	map_put(l->by_key, key, s);
	arr_push(&l->order, s);
}

void
lag_add(struct lag *l, const struct event *ev)
{
	char *key = key_of(ev);
	struct slot *s = key ? map_get(l->by_key, key) : NULL;

	if (!key)
		return;
	if (s) {
		struct event *copy = codec_copy_event(ev);

		merge(copy, s->ev);
		free(s->ev);
		s->ev = copy;
		free(key);
	} else if (l->order.n - l->taken < LAG_MAX) {
		put(l, key, ev);
	} else {
		struct event all = { .type = EV_MIRROR, .account = "", .conv = "", .name = "" };

		free(key);
		all.mirror.path = "";
		clear(l);
		put(l, key_of(&all), &all);
	}
}

bool
lag_is_empty(const struct lag *l)
{
	return l->taken == l->order.n;
}

struct event *
lag_take(struct lag *l)
{
	struct event *ev;
	struct slot *s;

	if (lag_is_empty(l))
		return NULL;
	s = l->order.v[l->taken++];
	map_del(l->by_key, s->key);
	ev = s->ev;
	s->ev = NULL;
	slot_free(s);
	if (lag_is_empty(l)) {
		arr_done(&l->order);
		l->taken = 0;
	}
	return ev;
}
