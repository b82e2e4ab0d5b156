/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a user's conversations look like: in the welcome, in the frames after it, in pong. */
#include "daemon/heads.h"

#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/flow.h"
#include "daemon/user.h"
#include "ledger/ledger.h"
#include "wire/wire.h"

/* Bytes of heads in a frame, counted before encoding: names and topics may grow six times. */
#define HEADS_BYTES (36 * 1024)
#define HEAD_BYTES 300		/* of a head, what is no topic */
/* Heads in a pong: of 64-byte ids and 32-byte epochs that still fits a frame. Who has more hears
 * of them by turns. */
#define PONG_HEADS 1500

/* An arr of heads. */
struct heads { struct head *v; size_t n, cap; };

static const char *
put(char **at, const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = memcpy(*at, s, n);

	*at += n;
	return p;
}

/* Keeps a copy of h, its strings in one block that begins with conv. */
static bool
collect(void *arg, const struct head *h)
{
	struct heads *all = arg;
	struct head copy = *h;
	char *p = xmalloc(strlen(h->conv) + strlen(h->name) + strlen(h->topic) +
			strlen(h->epoch) + strlen(h->id) + 5);

	copy.conv = put(&p, h->conv);
	copy.name = put(&p, h->name);
	copy.topic = put(&p, h->topic);
	copy.epoch = put(&p, h->epoch);
	copy.id = put(&p, h->id);
	arr_push(all, copy);
	return true;
}

static void
done(struct heads *all)
{
	for (size_t i = 0; i < all->n; i++)
		free((char *)all->v[i].conv);
	arr_done(all);
}

/* How many heads from i on go into one frame. */
static size_t
share(const struct heads *all, size_t i)
{
	size_t bytes = 0, n = 0;

	for (; i < all->n; i++, n++) {
		bytes += HEAD_BYTES + strlen(all->v[i].topic);
		if (n > 0 && bytes > HEADS_BYTES)
			break;
	}
	return n;
}

static void
read_heads(struct conn *c, const char *since, struct heads *all, char since_out[32])
{
	struct err err;

	if (!ledger_heads(c->d->reader, c->user->name, since, collect, all, since_out, &err))
		log_put(c->d->log, LOG_ERROR, "heads", "user=%s error=%s", c->user->name,
				err.msg);
}

void
heads_welcome(struct conn *c, struct frame *w, const char *since)
{
	struct frame more = { .op = WIRE_HEADS, .i = WIRE_ABSENT, .re = WIRE_ABSENT };
	struct heads all = { 0 };
	char mark[32] = "";
	size_t at;

	read_heads(c, since, &all, mark);
	at = share(&all, 0);
	w->welcome.heads = all.v;
	w->welcome.n_heads = at;
	w->welcome.more = at < all.n;
	w->welcome.since = mark;
	flow_reply(c, w);
	while (at < all.n) {
		size_t n = share(&all, at);

		more.heads.heads = all.v + at;
		more.heads.n_heads = n;
		at += n;
		more.heads.more = at < all.n;
		more.heads.since = mark;
		flow_reply(c, &more);
	}
	done(&all);
}

static int
by_conv(const void *a, const void *b)
{
	return strcmp(((const struct head *)a)->conv, ((const struct head *)b)->conv);
}

bool
heads_pong(struct conn *c, struct frame *f)
{
	struct frame pong = { .op = WIRE_PONG, .i = WIRE_ABSENT, .re = WIRE_ABSENT };
	struct heads all = { 0 };
	char mark[32] = "";
	size_t n;

	read_heads(c, "", &all, mark);
	n = all.n < PONG_HEADS ? all.n : PONG_HEADS;
	if (n < all.n)		/* turns need an order that activity does not change */
		qsort(all.v, all.n, sizeof *all.v, by_conv);
	pong.pong.x = f->ping.x;
	pong.pong.heads = xcalloc(n ? n : 1, sizeof *pong.pong.heads);
	for (size_t i = 0; i < n; i++) {
		const struct head *h = &all.v[(c->pong_at + i) % all.n];

		pong.pong.heads[i] = (struct wire_pong_head){ h->conv, h->seq, h->epoch };
	}
	c->pong_at = n < all.n ? (uint32_t)((c->pong_at + n) % all.n) : 0;
	pong.pong.n_heads = n;
	flow_reply(c, &pong);
	free(pong.pong.heads);
	done(&all);
	return false;
}
