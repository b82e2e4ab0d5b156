/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server of the tests: one log, in memory, that outlives connections. */
#include "engine/fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/mem.h"
#include "loop/loop.h"

struct entry { char id[64], from[33], cid[37], kind[16]; char *body; };

struct fake_server fake_server;

static arr(struct entry *) entries;	/* what was said stays where it is */
static int64_t last_lane;

/* What the server says, in order, from the next turn on. */
struct said { struct sync_input in; struct aside aside; bool is_aside; char *keep[4];
	struct record *records; };

struct link {
	struct driver_env env;
	bool is_up;
	arr(struct said) said;
	struct loop_timer *timer;
	int64_t told;		/* the subscriber has the log up to here */
	bool is_subscribed;
};

static void
speak(void *arg)
{
	struct link *l = arg;
	struct said *said = l->said.v;
	size_t n = l->said.n;

	l->timer = NULL;
	memset(&l->said, 0, sizeof l->said);
	for (size_t i = 0; i < n; i++) {
		if (said[i].is_aside)
			l->env.aside(l->env.arg, &said[i].aside);
		else
			l->env.up(l->env.arg, &said[i].in);
		for (size_t k = 0; k < 4; k++)
			free(said[i].keep[k]);
		free(said[i].records);
	}
	free(said);
}

static struct said *
say(struct link *l, enum sync_in type)
{
	struct said *s = arr_new(&l->said);

	s->in.type = type;
	if (l->timer == NULL)
		l->timer = loop_timer_start(fake_server.loop, 0, speak, l);
	return s;
}

static void
hush(struct link *l)
{
	for (size_t i = 0; i < l->said.n; i++) {
		for (size_t k = 0; k < 4; k++)
			free(l->said.v[i].keep[k]);
		free(l->said.v[i].records);
	}
	arr_done(&l->said);
	loop_timer_stop(l->timer);
	l->timer = NULL;
	l->is_up = l->is_subscribed = false;
}

static struct record
record_at(int64_t seq)
{
	const struct entry *e = entries.v[seq - 1];

	return (struct record){ .seq = seq, .id = e->id, .kind = record_kind_parse(e->kind),
		.kind_name = e->kind, .from = e->from, .device = "", .cid = e->cid, .ref = "",
		.ts = 1700000000000 + seq, .body = e->body, .body_n = strlen(e->body) };
}

static void
tell_events(struct link *l)
{
	int64_t head = (int64_t)entries.n;
	struct said *s;

	if (!l->is_subscribed || l->told == head)
		return;
	s = say(l, IN_EVENTS);
	s->records = xcalloc((size_t)(head - l->told), sizeof *s->records);
	for (int64_t seq = l->told + 1; seq <= head; seq++)
		s->records[seq - l->told - 1] = record_at(seq);
	s->in.events.conv = "c_1";
	s->in.events.epoch = "e1";
	s->in.events.prev = l->told;
	s->in.events.v = s->records;
	s->in.events.n = (size_t)(head - l->told);
	s->in.events.bytes = 100;
	l->told = head;
}

static void
append(const char *from, const char *cid, const char *kind, const char *body)
{
	struct entry *e = xcalloc(1, sizeof *e);

	arr_push(&entries, e);
	snprintf(e->id, sizeof e->id, "id-%zu", entries.n);
	str_copy(e->from, sizeof e->from, from);
	str_copy(e->cid, sizeof e->cid, cid);
	str_copy(e->kind, sizeof e->kind, kind);
	e->body = xstrdup(body);
}

void
fake_says(const char *from, const char *text)
{
	char *body = xasprintf("{\"text\":\"%s\"}", text);

	append(from, "", "msg", body);
	free(body);
	if (fake_server.link != NULL && fake_server.link->is_up)
		tell_events(fake_server.link);
}

void
fake_cut(void)
{
	struct link *l = fake_server.link;

	hush(l);
	say(l, IN_DOWN)->in.down.why = "cut";
}

void
fake_reset(struct loop *loop)
{
	for (size_t i = 0; i < entries.n; i++) {
		free(entries.v[i]->body);
		free(entries.v[i]);
	}
	arr_done(&entries);
	last_lane = 0;
	memset(&fake_server, 0, sizeof fake_server);
	fake_server.loop = loop;
}

size_t
fake_log_size(void)
{
	return entries.n;
}

const char *
fake_log_body(size_t i)
{
	return entries.v[i]->body;
}

static struct link *
fake_open(const struct driver_env *env, struct err *err)
{
	struct link *l = xcalloc(1, sizeof *l);

	(void)err;
	l->env = *env;
	fake_server.link = l;
	return l;
}

static bool
fake_connect(struct link *l, const char *token, struct err *err)
{
	(void)token;
	(void)err;
	if (fake_server.is_away)
		say(l, IN_DOWN)->in.down.why = "nobody there";
	else
		say(l, IN_UP);
	return true;
}

static void
fake_hello(struct link *l, const char *device, const char *since, int64_t window)
{
	static struct head head;
	struct said *s;

	(void)device;
	(void)since;
	(void)window;
	l->is_up = true;
	if (fake_server.close_code != 0) {
		s = say(l, IN_DOWN);
		s->in.down.code = fake_server.close_code;
		s->in.down.why = "";
		return;
	}
	head = (struct head){ .conv = "c_1", .name = "#lobby", .topic = "", .epoch = "e1",
		.id = entries.n > 0 ? entries.v[entries.n - 1]->id : "", .kind = CONV_ROOM,
		.seq = (int64_t)entries.n };
	for (size_t i = 0; i < entries.n; i++)
		head.unread += strcmp(entries.v[i]->from, "ann") != 0;
	s = say(l, IN_WELCOME);
	s->in.welcome.user = "ann";
	s->in.welcome.since = "";
	s->in.welcome.caps = SYNC_IDEMPOTENT;
	s->in.welcome.limits = (struct sync_limits){ 1000, 200, 32, 25 };
	s->in.welcome.heads = &head;
	s->in.welcome.n_heads = 1;
}

static void
fake_sub(struct link *l, int64_t tag, const struct driver_sub *subs, size_t n)
{
	static struct sync_subbed subbed;
	struct said *s;

	if (n == 0)
		return;
	subbed = (struct sync_subbed){ .conv = "c_1", .epoch = "e1", .mode = SUBBED_TAIL,
		.seq = (int64_t)entries.n, .keep = -1 };
	s = say(l, IN_SUBBED);
	s->in.subbed.re = tag;
	s->in.subbed.subs = &subbed;
	s->in.subbed.n = 1;
	l->told = subs[0].seq;
	l->is_subscribed = true;
	tell_events(l);
}

static void
fake_fetch(struct link *l, const struct sync_effect *f)
{
	struct said *s = say(l, IN_PAGE);

	s->records = xcalloc((size_t)(f->fetch.hi - f->fetch.lo), sizeof *s->records);
	for (int64_t seq = f->fetch.lo + 1; seq <= f->fetch.hi; seq++)
		s->records[s->in.page.n++] = record_at(seq);
	s->in.page.re = f->fetch.tag;
	s->in.page.conv = "c_1";
	s->in.page.epoch = "e1";
	s->in.page.lo = f->fetch.lo;
	s->in.page.hi = f->fetch.hi;
	s->in.page.v = s->records;
}

static void
answer_nack(struct link *l, const struct driver_send *send, enum code code, bool retry,
		int64_t expect)
{
	struct said *s = say(l, IN_NACK);

	s->keep[0] = xstrdup(send->cid);
	s->in.nack.cid = s->keep[0];
	s->in.nack.code = code;
	s->in.nack.message = "no";
	s->in.nack.retry = retry;
	s->in.nack.after = -1;
	s->in.nack.expect = expect;
}

static void
fake_send(struct link *l, const struct driver_send *send)
{
	int64_t seq = 0;
	struct said *s;

	fake_server.sends++;
	if (fake_server.is_mute)
		return;
	for (size_t i = 0; i < entries.n; i++)
		if (strcmp(entries.v[i]->cid, send->cid) == 0)
			seq = (int64_t)i + 1;
	if (seq == 0 && send->lane != last_lane + 1) {
		answer_nack(l, send, CODE_ORDER, true, last_lane + 1);
		return;
	}
	if (seq == 0 && fake_server.refuse != NULL
			&& strstr(send->body, fake_server.refuse) != NULL) {
		last_lane++;
		answer_nack(l, send, CODE_FORBIDDEN, false, -1);
		return;
	}
	s = say(l, IN_ACK);
	s->in.ack.dup = seq != 0;
	if (seq == 0) {
		append("ann", send->cid, record_kind_name(send->kind), send->body);
		last_lane++;
		seq = (int64_t)entries.n;
	}
	fake_server.acks++;
	s->keep[0] = xstrdup(send->cid);
	s->keep[1] = xstrdup(entries.v[seq - 1]->id);
	s->in.ack.conv = "c_1";
	s->in.ack.epoch = "e1";
	s->in.ack.cid = s->keep[0];
	s->in.ack.id = s->keep[1];
	s->in.ack.prev = seq - 1;
	s->in.ack.seq = seq;
	tell_events(l);
}

static void
fake_mark(struct link *l, const char *conv, const char *epoch, int64_t seq)
{
	(void)l;
	(void)conv;
	(void)epoch;
	(void)seq;
}

static void
fake_number(struct link *l, int64_t n)
{
	(void)l;
	(void)n;
}

static void
fake_typing(struct link *l, const char *conv, int64_t ttl)
{
	(void)l;
	(void)conv;
	(void)ttl;
}

/* Three rooms, a page each; the last says that nothing follows. */
static void
list_page(struct said *s, const char *after)
{
	static const char *const pages[] = { "[{\"name\":\"#a\"}]", "[{\"name\":\"#b\"}]",
		"[{\"name\":\"#c\"}]" };
	size_t i = after[0] == '\0' ? 0 : (size_t)(after[1] - 'a' + 1);

	s->aside.type = ASIDE_ROOM;
	s->aside.conv = s->aside.room.name = s->aside.room.topic = "";
	s->aside.room.rows = pages[i % 3];
	s->aside.room.rows_n = strlen(pages[i % 3]);
	s->aside.room.more = i < 2;
}

static void
fake_room(struct link *l, int64_t tag, const struct driver_room *r)
{
	struct said *s = say(l, IN_ALIVE);

	s->is_aside = true;
	s->aside.re = tag;
	s->aside.from = "";
	if (strcmp(r->act, "list") == 0) {
		list_page(s, r->after);
		return;
	}
	if (strcmp(r->act, "direct") == 0 && strcmp(r->user, "bob") == 0) {
		s->aside.type = ASIDE_ROOM;
		s->aside.conv = "c_bob";
		s->aside.room.name = s->aside.room.topic = s->aside.room.rows = "";
		return;
	}
	s->aside.type = ASIDE_ERROR;
	s->aside.conv = "";
	s->aside.error.code = CODE_NOT_FOUND;
	s->aside.error.message = "no such user";
}

static void
fake_delta(struct link *l, int64_t tag, const struct aside *delta)
{
	(void)l;
	(void)tag;
	(void)delta;
}

static void
fake_tail(struct link *l, int64_t tag, const char *conv, const char *stream,
		const char *channel, int64_t off)
{
	(void)l;
	(void)tag;
	(void)conv;
	(void)stream;
	(void)channel;
	(void)off;
}

static void
fake_stop(struct link *l, int64_t tag, const char *conv, const char *stream)
{
	(void)l;
	(void)tag;
	(void)conv;
	(void)stream;
}

static void
fake_hangup(struct link *l, int code, const char *why)
{
	(void)code;
	(void)why;
	hush(l);
}

static void
fake_close(struct link *l)
{
	if (l == NULL)
		return;
	hush(l);
	if (fake_server.link == l)
		fake_server.link = NULL;
	free(l);
}

static const char *const schemes[] = { "fake:", NULL };

const struct driver fake_driver = {
	.name = "fake", .schemes = schemes, .open = fake_open, .connect = fake_connect,
	.hello = fake_hello, .sub = fake_sub, .fetch = fake_fetch, .send = fake_send,
	.mark = fake_mark, .credit = fake_number, .ping = fake_number, .typing = fake_typing,
	.room = fake_room, .delta = fake_delta, .tail = fake_tail, .stop = fake_stop,
	.hangup = fake_hangup, .close = fake_close,
};
