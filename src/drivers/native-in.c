/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the native server says, as inputs of the sync core or as asides. */
#include <string.h>

#include "base/arr.h"
#include "base/i18n.h"
#include "drivers/native.h"
#include "wire/wire.h"

static void
up(struct link *l, struct sync_input *in)
{
	l->env.up(l->env.arg, in);
}

static void
take_welcome(struct link *l, const struct frame *f)
{
	struct sync_input in = { .type = IN_WELCOME };

	if (f->welcome.version != WIRE_VERSION) {
		in.type = IN_DOWN;
		in.down.code = CLOSE_VERSION;
		in.down.why = "";
		native_hangup(l, CLOSE_VERSION, "");
		up(l, &in);
		return;
	}
	in.welcome.user = f->welcome.user;
	in.welcome.since = f->welcome.since;
	in.welcome.caps = SYNC_IDEMPOTENT;
	in.welcome.time = f->welcome.now;
	in.welcome.limits.body = f->welcome.limits.body;
	in.welcome.limits.fetch = f->welcome.limits.fetch;
	in.welcome.limits.inflight = f->welcome.limits.inflight;
	in.welcome.limits.ping_s = f->welcome.limits.ping;
	in.welcome.heads = f->welcome.heads;
	in.welcome.n_heads = f->welcome.n_heads;
	in.welcome.more = f->welcome.more;
	up(l, &in);
}

static void
take_heads(struct link *l, const struct frame *f)
{
	struct sync_input in = { .type = IN_HEADS };

	in.heads.heads = f->heads.heads;
	in.heads.n_heads = f->heads.n_heads;
	in.heads.more = f->heads.more;
	in.heads.since = f->heads.since;
	up(l, &in);
}

static void
take_subbed(struct link *l, const struct frame *f)
{
	struct sync_input in = { .type = IN_SUBBED, .subbed.re = f->re };
	arr(struct sync_subbed) subs = { 0 };

	for (size_t i = 0; i < f->subbed.n_subs; i++) {
		const struct wire_subbed *w = &f->subbed.subs[i];
		struct sync_subbed *s = arr_new(&subs);

		s->conv = w->conv;
		s->epoch = w->epoch;
		s->seq = w->seq != WIRE_ABSENT ? w->seq : 0;
		s->floor = w->floor != WIRE_ABSENT ? w->floor : 0;
		s->from = w->from != WIRE_ABSENT ? w->from : 0;
		s->keep = w->keep;
		s->code = w->code;
		s->mode = w->mode == WIRE_SKIP ? SUBBED_SKIP : w->mode == WIRE_RESET ? SUBBED_RESET
			: w->mode == WIRE_GONE ? SUBBED_GONE : SUBBED_TAIL;
	}
	in.subbed.subs = subs.v;
	in.subbed.n = subs.n;
	up(l, &in);
	arr_done(&subs);
}

static void
take_events(struct link *l, const struct frame *f, size_t n)
{
	struct sync_input in = { .type = IN_EVENTS };

	in.events.conv = f->events.conv;
	in.events.epoch = f->events.epoch;
	in.events.prev = f->events.prev;
	in.events.v = f->events.events;
	in.events.n = f->events.n_events;
	in.events.bytes = n;
	up(l, &in);
}

/* It counts as life, and for credit, though the core keeps nothing of it. */
static void
alive(struct link *l, size_t bytes)
{
	struct sync_input in = { .type = IN_ALIVE, .alive.bytes = bytes };

	up(l, &in);
}

static void
show_page(struct link *l, const struct frame *f, size_t n)
{
	struct aside a = { .type = ASIDE_PAGE, .re = f->re, .conv = f->page.conv, .from = "" };

	a.page.v = f->page.events;
	a.page.n = f->page.n_events;
	a.page.lo = f->page.lo;
	a.page.hi = f->page.hi;
	alive(l, n);
	l->env.aside(l->env.arg, &a);
}

static void
take_page(struct link *l, const struct frame *f, size_t n)
{
	struct sync_input in = { .type = IN_PAGE };

	if (f->re >= TAG_ASIDE) {
		show_page(l, f, n);
		return;
	}
	in.page.re = f->re;
	in.page.conv = f->page.conv;
	in.page.epoch = f->page.epoch;
	in.page.lo = f->page.lo;
	in.page.hi = f->page.hi;
	in.page.floor = f->page.floor;
	in.page.ops_only = f->page.only_ops;
	in.page.v = f->page.events;
	in.page.n = f->page.n_events;
	in.page.bytes = n;
	up(l, &in);
}

static void
take_ack(struct link *l, const struct frame *f)
{
	struct sync_input in = { .type = IN_ACK };

	in.ack.conv = f->ack.conv;
	in.ack.epoch = f->ack.epoch;
	in.ack.cid = f->ack.cid;
	in.ack.id = f->ack.id;
	in.ack.prev = f->ack.prev;
	in.ack.seq = f->ack.seq;
	in.ack.dup = f->ack.dup;
	up(l, &in);
}

static void
take_nack(struct link *l, const struct frame *f)
{
	struct sync_input in = { .type = IN_NACK };

	in.nack.cid = f->nack.cid;
	in.nack.message = f->nack.message;
	in.nack.code = f->nack.code;
	in.nack.retry = f->nack.retry;
	in.nack.after = f->nack.after;
	in.nack.expect = f->nack.expect;
	up(l, &in);
}

static void
take_pong(struct link *l, const struct frame *f)
{
	struct sync_input in = { .type = IN_PONG, .pong.x = f->pong.x };
	arr(struct sync_pong_head) heads = { 0 };

	for (size_t i = 0; i < f->pong.n_heads; i++) {
		struct sync_pong_head *h = arr_new(&heads);

		h->conv = f->pong.heads[i].conv;
		h->epoch = f->pong.heads[i].epoch;
		h->seq = f->pong.heads[i].seq;
	}
	in.pong.heads = heads.v;
	in.pong.n = heads.n;
	up(l, &in);
	arr_done(&heads);
}

static void
take_error(struct link *l, const struct frame *f)
{
	struct sync_input in = { .type = IN_ERROR };
	struct aside a = { .type = ASIDE_ERROR, .re = f->re, .conv = "", .from = "" };

	if (f->re >= TAG_ASIDE) {
		alive(l, 0);
		a.error.code = f->error.code;
		a.error.message = f->error.message;
		a.error.expect = f->error.expect;
		l->env.aside(l->env.arg, &a);
		return;
	}
	in.error.re = f->re;
	in.error.code = f->error.code;
	in.error.message = f->error.message;
	up(l, &in);
}

static void
take_aside(struct link *l, const struct frame *f, size_t n)
{
	struct aside a = { .re = f->re };

	switch (f->op) {
	case WIRE_TYPING:
		a.type = ASIDE_TYPING;
		a.conv = f->typing.conv;
		a.from = f->typing.from;
		a.typing.ttl = f->typing.ttl;
		break;
	case WIRE_PRESENCE:
		a.type = ASIDE_PRESENCE;
		a.conv = "";
		a.from = f->presence.from;
		a.presence.state = f->presence.state;
		a.presence.ttl = f->presence.ttl;
		break;
	case WIRE_DELTA:
		a.type = ASIDE_DELTA;
		a.conv = f->delta.conv;
		a.from = f->delta.from;
		a.delta.stream = f->delta.stream;
		a.delta.channel = f->delta.channel;
		a.delta.text = f->delta.text;
		a.delta.text_n = f->delta.text_n;
		a.delta.off = f->delta.off;
		a.delta.end = f->delta.end;
		break;
	case WIRE_STOP:
		a.type = ASIDE_STOP;
		a.conv = f->stop.conv;
		a.from = f->stop.from;
		a.stop.stream = f->stop.stream;
		break;
	case WIRE_ROOM:
		a.type = ASIDE_ROOM;
		a.conv = f->room.conv;
		a.from = "";
		a.room.name = f->room.name;
		a.room.topic = f->room.topic;
		a.room.rows = f->room.rows;
		a.room.rows_n = f->room.rows_n;
		a.room.more = f->room.more;
		break;
	default:
		a.type = ASIDE_OK;
		a.conv = a.from = "";
	}
	alive(l, f->op == WIRE_DELTA ? n : 0);
	l->env.aside(l->env.arg, &a);
}

static void
take_bye(struct link *l, const struct frame *f)
{
	struct sync_input in = { .type = IN_BYE, .bye.after = f->bye.after };

	up(l, &in);
}

static bool
is_aside(enum wire_op op)
{
	return op == WIRE_TYPING || op == WIRE_PRESENCE || op == WIRE_DELTA || op == WIRE_STOP
		|| op == WIRE_ROOM || op == WIRE_OK;
}

void
native_take(struct link *l, const struct frame *f, size_t n)
{
	if (is_aside(f->op)) {
		take_aside(l, f, n);
		return;
	}
	switch (f->op) {
	case WIRE_WELCOME:
		take_welcome(l, f);
		break;
	case WIRE_HEADS:
		take_heads(l, f);
		break;
	case WIRE_SUBBED:
		take_subbed(l, f);
		break;
	case WIRE_EVENTS:
		take_events(l, f, n);
		break;
	case WIRE_PAGE:
		take_page(l, f, n);
		break;
	case WIRE_ACK:
		take_ack(l, f);
		break;
	case WIRE_NACK:
		take_nack(l, f);
		break;
	case WIRE_PONG:
		take_pong(l, f);
		break;
	case WIRE_ERROR:
		take_error(l, f);
		break;
	case WIRE_BYE:
		take_bye(l, f);
		break;
	default:
		alive(l, 0);	/* lag, and words of a later version */
	}
}
