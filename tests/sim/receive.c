/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a client receives: frames become inputs of its core, as the driver makes them. */
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "model/peek.h"

static struct record *
records(const struct msg *m)
{
	struct record *v = xcalloc(m->evs.n + 1, sizeof *v + 128);
	char (*cur)[128] = (char (*)[128])(v + m->evs.n + 1);

	for (size_t i = 0; i < m->evs.n; i++) {
		const struct ev *ev = &m->evs.v[i];

		v[i] = (struct record){ .seq = ev->seq, .id = ev->id, .kind = ev->kind,
			.kind_name = record_kind_name(ev->kind), .from = sim_users[ev->user],
			.device = ev->device, .cid = ev->cid, .ref = ev->ref, .ts = ev->ts,
			.body = ev->body, .body_n = strlen(ev->body) };
		if (ev->cur.as_of == 0)
			continue;
		fold_write(&ev->cur, cur[i]);
		v[i].cur = cur[i];
		v[i].cur_n = strlen(cur[i]);
	}
	return v;
}

struct told *
client_told(struct client *c, int conv, const char *epoch)
{
	for (size_t i = 0; i < TOLD_MAX; i++)
		if (strcmp(c->told[conv][i].epoch, epoch) == 0)
			return &c->told[conv][i];
	return NULL;
}

static void
told(struct client *c, int conv, const char *epoch, int64_t seq)
{
	struct told *t = client_told(c, conv, epoch);

	if (t == NULL) {
		t = &c->told[conv][c->n_told[conv]++ % TOLD_MAX];
		t->seq = 0;
		str_copy(t->epoch, sizeof t->epoch, epoch);
	}
	if (seq > t->seq)
		t->seq = seq;
}

/* A mark of another device says that the log goes that far at least. */
static void
told_by_mark(struct client *c, const struct ev *ev)
{
	char conv[ID_SIZE], epoch[EPOCH_MAX + 1];
	size_t n = strlen(ev->body);

	if (ev->kind == REC_READ && peek_name(ev->body, n, "conv", conv, sizeof conv)
			&& peek_name(ev->body, n, "epoch", epoch, sizeof epoch)
			&& sim_conv(conv) >= 0)
		told(c, sim_conv(conv), epoch, peek_int(ev->body, n, "seq", 0));
}

static void
take_records(struct world *w, struct client *c, const struct msg *m)
{
	struct sync_input in = { .type = m->type == MSG_EVENTS ? IN_EVENTS : IN_PAGE };
	struct record *v = records(m);
	uint64_t token = sync_gathering(c->sync);

	if (m->type == MSG_EVENTS) {
		in.events.conv = sim_convs[m->conv];
		in.events.epoch = m->epoch;
		in.events.prev = m->lo;
		in.events.v = v;
		in.events.n = m->evs.n;
		in.events.bytes = 8000 * m->evs.n;
	} else {
		in.page.re = m->re;
		in.page.conv = sim_convs[m->conv];
		in.page.epoch = m->epoch;
		in.page.lo = m->lo;
		in.page.hi = m->hi;
		in.page.floor = m->floor;
		in.page.ops_only = m->ops_only;
		in.page.v = v;
		in.page.n = m->evs.n;
		in.page.bytes = 8000 * m->evs.n;
	}
	for (size_t i = 0; i < m->evs.n; i++) {
		check_saw(c, m->conv, &m->evs.v[i]);
		told_by_mark(c, &m->evs.v[i]);
	}
	c->rx += 8000 * (int64_t)m->evs.n;
	if (c->n_got == sizeof c->got / sizeof *c->got)
		memmove(c->got, c->got + 1, --c->n_got * sizeof *c->got);
	c->got[c->n_got].token = token;
	c->got[c->n_got++].rx = c->rx;
	client_step(w, c, &in);
	free(v);
}

static void
take_heads(struct world *w, struct client *c, const struct msg *m)
{
	struct sync_input in = { .type = m->type == MSG_WELCOME ? IN_WELCOME : IN_PONG };
	struct sync_pong_head pongs[CONVS_MAX];
	struct head heads[CONVS_MAX];

	for (size_t i = 0; i < m->n_subs; i++) {
		const struct msg_sub *s = &m->subs[i];

		told(c, s->conv, s->epoch, s->seq);
		heads[i] = (struct head){ .conv = sim_convs[s->conv], .name = sim_convs[s->conv],
			.topic = "", .epoch = s->epoch, .id = "",
			.kind = s->conv < ROOMS_MAX ? CONV_ROOM : CONV_USER, .seq = s->seq,
			.floor = s->floor, .read = s->read };
		pongs[i] = (struct sync_pong_head){ sim_convs[s->conv], s->epoch, s->seq };
	}
	if (in.type == IN_PONG) {
		in.pong.x = m->re;
		in.pong.heads = pongs;
		in.pong.n = m->n_subs;
	} else {
		in.welcome.user = sim_users[c->user];
		in.welcome.since = "w";
		in.welcome.caps = SYNC_IDEMPOTENT;
		in.welcome.limits = (struct sync_limits){ 1000, 20, 8, 25 };
		in.welcome.heads = heads;
		in.welcome.n_heads = m->n_subs;
	}
	client_step(w, c, &in);
}

static void
take_subbed(struct world *w, struct client *c, const struct msg *m)
{
	struct sync_input in = { .type = IN_SUBBED };
	struct sync_subbed subs[CONVS_MAX];

	for (size_t i = 0; i < m->n_subs; i++) {
		told(c, m->subs[i].conv, m->subs[i].epoch, m->subs[i].seq);
		subs[i] = (struct sync_subbed){ .conv = sim_convs[m->subs[i].conv],
			.epoch = m->subs[i].epoch, .mode = (int)m->subs[i].mode,
			.seq = m->subs[i].seq, .from = m->subs[i].from,
			.keep = m->subs[i].keep, .floor = m->subs[i].floor };
	}
	in.subbed.re = m->re;
	in.subbed.subs = subs;
	in.subbed.n = m->n_subs;
	client_step(w, c, &in);
}

static void
take_answer(struct world *w, struct client *c, const struct msg *m)
{
	struct sync_input in = { .type = m->type == MSG_ACK ? IN_ACK : IN_NACK };

	if (m->type == MSG_ACK) {
		in.ack.conv = sim_convs[m->conv];
		in.ack.epoch = m->epoch;
		in.ack.cid = m->cid;
		in.ack.id = m->id;
		in.ack.prev = m->lo;
		in.ack.seq = m->hi;
		in.ack.dup = m->dup;
	} else {
		in.nack.cid = m->cid;
		in.nack.message = "no";
		in.nack.code = m->code;
		in.nack.retry = m->retry;
		in.nack.after = m->after;
		in.nack.expect = m->expect;
	}
	client_step(w, c, &in);
}

void
client_take(struct world *w, struct client *c, const struct msg *m)
{
	struct sync_input in = { .type = IN_ERROR };

	check_told(w, m);
	switch (m->type) {
	case MSG_WELCOME:
	case MSG_PONG:
		take_heads(w, c, m);
		break;
	case MSG_SUBBED:
		take_subbed(w, c, m);
		break;
	case MSG_EVENTS:
	case MSG_PAGE:
		take_records(w, c, m);
		break;
	case MSG_ACK:
	case MSG_NACK:
		take_answer(w, c, m);
		break;
	default:
		in.error.re = m->re;
		in.error.code = m->code;
		in.error.message = "error";
		client_step(w, c, &in);
	}
}
