/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is there and who is typing: told once to those who follow the same conversations, never
 * stored. stonechat-protocol(7), section 1.7. */
#include "daemon/presence.h"

#include <string.h>

#include "daemon/bytes.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/flow.h"
#include "daemon/topic.h"
#include "daemon/user.h"
#include "ledger/ledger.h"
#include "loop/loop.h"
#include "wire/wire.h"

static struct bytes *
encode(struct daemon *d, const struct user *user)
{
	struct frame f = { .op = WIRE_PRESENCE, .i = WIRE_ABSENT, .re = WIRE_ABSENT };

	f.presence.from = user->name;
	f.presence.state = user->is_online ? "online" : "offline";
	f.presence.ttl = PRESENCE_TTL_MS;
	buf_clear(&d->scratch);
	wire_encode(WIRE_SERVER, &f, &d->scratch);
	return bytes_new(d->scratch.p, d->scratch.n);
}

struct telling { struct daemon *d; struct user *user; struct bytes *b; };

static bool
tell_conv(void *arg, const struct head *h)
{
	struct telling *t = arg;
	struct topic *topic = topic_find(t->d->topics, h->conv);
	struct sub *const *subs;
	size_t n;

	if (h->kind == CONV_USER || !topic)
		return true;
	subs = topic_subs(topic, &n);
	for (size_t i = 0; n <= PRESENCE_CROWD && i < n; i++)
		if (subs[i]->conn->user != t->user)
			flow_tell(subs[i]->conn, t->b);
	return true;
}

void
presence_changed(struct daemon *d, struct user *user)
{
	struct telling t = { d, user, encode(d, user) };
	char since[32];
	struct err err;

	/* a failure is only a presence that nobody hears of */
	ledger_heads(d->reader, user->name, "", tell_conv, &t, since, &err);
	bytes_unref(t.b);
}

/* True if an earlier subscriber is of the same user. */
static bool
is_repeated(struct sub *const *subs, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (subs[k]->conn->user == subs[i]->conn->user)
			return true;
	return false;
}

void
presence_greet(struct sub *s)
{
	struct sub *const *subs;
	size_t n;

	subs = topic_subs(s->topic, &n);
	for (size_t i = 0; n <= PRESENCE_CROWD && i < n; i++) {
		struct bytes *b;

		if (subs[i]->conn->user == s->conn->user || is_repeated(subs, i))
			continue;
		b = encode(s->conn->d, subs[i]->conn->user);
		flow_tell(s->conn, b);
		bytes_unref(b);
	}
}

/* One a second and subscription is passed on; who does not follow the conversation is not
 * heard. */
bool
typing_take(struct conn *c, struct frame *f)
{
	struct topic *topic = topic_find(c->d->topics, f->typing.conv);
	struct sub *s = topic ? topic_sub(topic, c) : NULL;
	uint32_t now_s = (uint32_t)(loop_now(c->d->loop) / 1000) + 1;
	struct frame out = { .op = WIRE_TYPING, .i = WIRE_ABSENT, .re = WIRE_ABSENT };
	struct bytes *b;

	if (!s) {
		conn_error(c, f->i, CODE_FORBIDDEN, "subscribe before you type");
		return false;
	}
	if (s->typed_s == now_s)
		return false;
	s->typed_s = now_s;
	out.typing.conv = f->typing.conv;
	out.typing.from = c->user->name;
	out.typing.ttl = f->typing.ttl < 0 || f->typing.ttl > TYPING_TTL_MS ?
			TYPING_TTL_MS : f->typing.ttl;
	buf_clear(&c->d->scratch);
	if (!wire_encode(WIRE_SERVER, &out, &c->d->scratch))
		return false;
	b = bytes_new(c->d->scratch.p, c->d->scratch.n);
	topic_tell(topic, b, c);
	bytes_unref(b);
	return false;
}
