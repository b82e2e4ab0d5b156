/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hand. */
#include "sync/hand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/mem.h"

void
hand_init(struct hand *h)
{
	memset(h, 0, sizeof *h);
	h->s = sync_new(7);
	h->now = 1000000;
	h->wall = 1700000000000;
}

void
hand_done(struct hand *h)
{
	sync_free(h->s);
	sync_effects_done(&h->fx);
}

void
hand_step(struct hand *h, struct sync_input in)
{
	in.now = h->now;
	in.wall = h->wall;
	sync_reserve(h->s, &in, &h->fx);
	sync_step(h->s, &in, &h->fx);
	for (size_t i = 0; i < h->fx.n; i++) {
		if (h->fx.v[i].type != FX_COMMIT)
			continue;
		assert_null(h->commit);	/* one at a time */
		h->commit = h->fx.v[i].commit;
	}
}

void
hand_advance(struct hand *h, int64_t ms)
{
	h->now += ms;
	h->wall += ms;
	hand_step(h, (struct sync_input){ .type = IN_TIMER });
}

void
hand_store(struct hand *h)
{
	assert_non_null(h->commit);
	h->commit = NULL;
	hand_step(h, (struct sync_input){ .type = IN_STORED, .is_stored = true });
}

void
hand_settle(struct hand *h)
{
	while (h->commit != NULL)
		hand_store(h);
}

const struct sync_effect *
hand_fx(const struct hand *h, enum sync_fx type, size_t i)
{
	for (size_t k = 0; k < h->fx.n; k++)
		if (h->fx.v[k].type == type && i-- == 0)
			return &h->fx.v[k];
	return NULL;
}

size_t
hand_count(const struct hand *h, enum sync_fx type)
{
	size_t n = 0;

	while (hand_fx(h, type, n) != NULL)
		n++;
	return n;
}

const struct change *
hand_change(const struct hand *h, enum change_type type, size_t i)
{
	for (size_t k = 0; h->commit != NULL && k < h->commit->n; k++)
		if (h->commit->v[k].type == type && i-- == 0)
			return &h->commit->v[k];
	return NULL;
}

void
hand_greet(struct hand *h, const struct head *heads, size_t n)
{
	struct sync_input welcome = { .type = IN_WELCOME };

	hand_step(h, (struct sync_input){ .type = IN_ONLINE, .online = true });
	hand_settle(h);
	hand_step(h, (struct sync_input){ .type = IN_UP });
	assert_non_null(hand_fx(h, FX_HELLO, 0));
	welcome.welcome.user = "ann";
	welcome.welcome.since = "w_1";
	welcome.welcome.caps = SYNC_IDEMPOTENT;
	welcome.welcome.limits = (struct sync_limits){ 32768, 100, 4, 25 };
	welcome.welcome.heads = heads;
	welcome.welcome.n_heads = n;
	hand_step(h, welcome);
}

struct head
hand_head(const char *conv, int64_t seq)
{
	return (struct head){ .conv = conv, .name = "#room", .topic = "", .epoch = "e1",
		.id = "x", .kind = CONV_ROOM, .seq = seq };
}

void
hand_subbed(struct hand *h, struct sync_subbed sub)
{
	if (sub.conv == NULL)
		sub.conv = C1;
	if (sub.epoch == NULL)
		sub.epoch = "e1";
	if (sub.mode != SUBBED_RESET)
		sub.keep = -1;
	hand_step(h, (struct sync_input){ .type = IN_SUBBED, .subbed = { 1, &sub, 1 } });
}

struct made { struct record v[1000]; char id[1000][24]; };

static struct made *
make(int64_t lo, int64_t hi)
{
	struct made *m = xcalloc(1, sizeof *m);

	for (int64_t seq = lo + 1; seq <= hi; seq++) {
		size_t i = (size_t)(seq - lo - 1);

		snprintf(m->id[i], sizeof m->id[i], "id-%lld", (long long)seq);
		m->v[i] = (struct record){ .seq = seq, .id = m->id[i], .kind = REC_MSG,
			.kind_name = "msg", .from = "bob", .device = "", .cid = "", .ref = "",
			.ts = 1700000000000 + seq, .body = "{\"text\":\"x\"}", .body_n = 12 };
	}
	return m;
}

void
hand_events(struct hand *h, int64_t prev, int64_t lo, int64_t hi)
{
	struct made *m = make(lo, hi);
	struct sync_input in = { .type = IN_EVENTS };

	in.events.conv = C1;
	in.events.epoch = "e1";
	in.events.prev = prev;
	in.events.v = m->v;
	in.events.n = (size_t)(hi - lo);
	in.events.bytes = 100 * in.events.n;
	hand_step(h, in);
	free(m);
}

void
hand_own_event(struct hand *h, int64_t seq, const char *from, const char *cid)
{
	struct made *m = make(seq - 1, seq);
	struct sync_input in = { .type = IN_EVENTS };

	m->v[0].from = from;
	m->v[0].cid = cid;
	in.events.conv = C1;
	in.events.epoch = "e1";
	in.events.prev = seq - 1;
	in.events.v = m->v;
	in.events.n = 1;
	hand_step(h, in);
	free(m);
}

void
hand_page(struct hand *h, int64_t re, int64_t lo, int64_t hi)
{
	struct made *m = make(lo, hi);
	struct sync_input in = { .type = IN_PAGE };

	in.page.re = re;
	in.page.conv = C1;
	in.page.epoch = "e1";
	in.page.lo = lo;
	in.page.hi = hi;
	in.page.v = m->v;
	in.page.n = (size_t)(hi - lo);
	hand_step(h, in);
	free(m);
}

void
hand_live(struct hand *h, int64_t seq)
{
	struct head head = hand_head(C1, seq);

	hand_greet(h, &head, 1);
	hand_subbed(h, (struct sync_subbed){ .mode = SUBBED_TAIL, .seq = seq });
	if (seq > 0)
		hand_events(h, 0, 0, seq);
	hand_settle(h);
	assert_int_equal(sync_link(h->s), LINK_ONLINE);
}

void
hand_send(struct hand *h, const char *cid)
{
	struct sync_input in = { .type = IN_SEND };

	in.send.conv = C1;
	in.send.cid = cid;
	in.send.ref = "";
	in.send.body = "{\"text\":\"hello\"}";
	in.send.body_n = strlen(in.send.body);
	in.send.kind = REC_MSG;
	hand_step(h, in);
}

void
hand_ack(struct hand *h, const char *cid, int64_t seq)
{
	struct sync_input in = { .type = IN_ACK };

	in.ack.conv = C1;
	in.ack.epoch = "e1";
	in.ack.cid = cid;
	in.ack.id = "acked";
	in.ack.prev = seq - 1;
	in.ack.seq = seq;
	hand_step(h, in);
}

void
hand_nack(struct hand *h, const char *cid, enum code code, bool retry, int64_t after,
		int64_t expect)
{
	struct sync_input in = { .type = IN_NACK };

	in.nack.cid = cid;
	in.nack.message = "because";
	in.nack.code = code;
	in.nack.retry = retry;
	in.nack.after = after;
	in.nack.expect = expect;
	hand_step(h, in);
}

void
hand_down(struct hand *h, int code)
{
	hand_step(h, (struct sync_input){ .type = IN_DOWN, .down = { code, "" } });
}
