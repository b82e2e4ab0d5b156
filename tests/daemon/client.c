/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client for tests, on libnet and libwire. */
#include "daemon/client.h"

#include "test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/json.h"
#include "base/mem.h"
#include "daemon/server.h"
#include "loop/loop.h"
#include "net/ws.h"

struct got { struct frame *f; char *text; bool is_taken; };

struct client {
	struct world *w;
	struct ws *ws;
	bool is_open, is_gone;
	int code;
	char why[512];
	arr(struct got) got;
	const struct frame *welcome;
	const char *text;
	int64_t counted;
	int pings, requests;
	char conv[CONV_ID_MAX + 1];
};

static void
tick(void *arg)
{
	(void)arg;
}

void
world_open(struct world *w)
{
	struct err err = { 0 };

	w->loop = loop_new(&err);
	assert_non_null(w->loop);
	w->net = ws_net_new(w->loop, 4096, NULL, NULL, &err);
	if (!w->net)
		fail_msg("%s", err.msg);
	/* a deadline must be noticed when nothing else happens */
	loop_timer_repeat(w->loop, 20, tick, NULL);
}

void
world_close(struct world *w)
{
	ws_net_free(w->net);
	loop_free(w->loop);
}

/* ---- callbacks ---- */

static void
on_open(struct ws *ws, void *arg)
{
	struct client *c = arg;

	(void)ws;
	c->is_open = true;
}

static void
on_message(struct ws *ws, void *arg, const char *p, size_t n)
{
	struct client *c = arg;
	enum wire_fault fault;
	struct err err = { 0 };
	struct got g = { 0 };
	int64_t i;

	(void)ws;
	g.f = wire_decode(WIRE_SERVER, p, n, &fault, &i, &err);
	if (!g.f)
		fail_msg("the server sent %.*s: %s", (int)n, p, err.msg);
	g.text = xstrndup(p, n);
	if (g.f->op == WIRE_EVENTS || g.f->op == WIRE_PAGE || g.f->op == WIRE_DELTA)
		c->counted += (int64_t)n;
	arr_push(&c->got, g);
}

static void
on_gone(struct ws *ws, void *arg, int code, const char *reason, const struct err *why)
{
	struct client *c = arg;

	(void)ws;
	c->ws = NULL;
	c->is_gone = true;
	c->code = code;
	snprintf(c->why, sizeof c->why, "%d %s %s", code, reason, why->msg);
}

static const struct ws_ops ops = { on_open, on_message, NULL, on_gone };

/* ---- life ---- */

struct client *
client_dial(struct world *w, const char *url, const char *cafile)
{
	struct client *c = xcalloc(1, sizeof *c);
	struct ws_connect how = { .url = url, .path = "/v1", .cafile = cafile,
		.max_message = 1024 * 1024, .ops = &ops, .arg = c };
	int64_t end = server_now_ms() + DEADLINE_MS;
	struct err err = { 0 };

	c->w = w;
	c->ws = ws_connect(w->net, &how, &err);
	if (!c->ws)
		fail_msg("%s: %s", url, err.msg);
	while (!c->is_open && !c->is_gone && server_now_ms() < end)
		loop_once(w->loop, true);
	return c;
}

struct client *
client_hello(struct world *w, const char *url, const char *device, const char *token)
{
	struct client *c = client_dial(w, url, NULL);
	char auth[128] = "";

	if (!c->is_open)
		fail_msg("%s: %s", url, c->why);
	if (*token)
		snprintf(auth, sizeof auth, ",\"auth\":{\"token\":\"%s\"}", token);
	client_say(c, "{\"op\":\"hello\",\"i\":1,\"versions\":[1],\"device\":\"%s\","
			"\"agent\":\"test\",\"caps\":[],\"window\":4194304%s}", device, auth);
	c->welcome = client_take(c, WIRE_WELCOME);
	return c;
}

struct client *
client_local(struct world *w, struct server *s, const char *device)
{
	return client_hello(w, s->url[0], device, "");
}

void
client_cut(struct client *c)
{
	int64_t end = server_now_ms() + DEADLINE_MS;

	if (c->ws)
		ws_abort(c->ws);
	while (!c->is_gone && server_now_ms() < end)
		loop_once(c->w->loop, true);
	assert_true(c->is_gone);
}

void
client_free(struct client *c)
{
	if (!c->is_gone)
		client_cut(c);
	for (size_t i = 0; i < c->got.n; i++) {
		frame_free(c->got.v[i].f);
		free(c->got.v[i].text);
	}
	arr_done(&c->got);
	free(c);
}

/* ---- saying and hearing ---- */

void
client_send_bytes(struct client *c, const char *p, size_t n)
{
	int64_t end = server_now_ms() + DEADLINE_MS;

	while (c->ws && !ws_send(c->ws, p, n) && server_now_ms() < end)
		loop_once(c->w->loop, true);
}

void
client_say(struct client *c, const char *fmt, ...)
{
	static char text[256 * 1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	assert_true(n > 0 && (size_t)n < sizeof text);
	client_send_bytes(c, text, (size_t)n);
}

static const struct frame *
take_if(struct client *c, bool (*fits)(const struct frame *f, int64_t arg), int64_t arg)
{
	for (size_t i = 0; i < c->got.n; i++) {
		struct got *g = &c->got.v[i];

		if (g->is_taken || !fits(g->f, arg))
			continue;
		g->is_taken = true;
		c->text = g->text;
		return g->f;
	}
	return NULL;
}

static const struct frame *
wait_for(struct client *c, bool (*fits)(const struct frame *f, int64_t arg), int64_t arg)
{
	int64_t end = server_now_ms() + DEADLINE_MS;
	const struct frame *f;

	while (!(f = take_if(c, fits, arg)) && !c->is_gone && server_now_ms() < end)
		loop_once(c->w->loop, true);
	return f;
}

static bool
is_op(const struct frame *f, int64_t op)
{
	return f->op == (enum wire_op)op;
}

static bool
is_answer(const struct frame *f, int64_t i)
{
	return f->re == i;
}

static void
fail_with_what_came(struct client *c, const char *wanted, int64_t i)
{
	for (size_t k = 0; k < c->got.n; k++)
		if (!c->got.v[k].is_taken)
			print_message("# %.300s\n", c->got.v[k].text);
	fail_msg("no %s %lld (%s)", wanted, (long long)i, c->is_gone ? c->why : "open");
}

const struct frame *
client_take(struct client *c, enum wire_op op)
{
	const struct frame *f = wait_for(c, is_op, op);

	if (!f)
		fail_with_what_came(c, wire_op_name(op), 0);
	return f;
}

const struct frame *
client_answer(struct client *c, int64_t i)
{
	const struct frame *f = wait_for(c, is_answer, i);

	if (!f)
		fail_with_what_came(c, "answer", i);
	return f;
}

static bool
is_pong(const struct frame *f, int64_t x)
{
	return f->op == WIRE_PONG && f->pong.x == x;
}

void
client_sync(struct client *c)
{
	const char *text = c->text;
	int x = 1000000 + ++c->pings;

	client_say(c, "{\"op\":\"ping\",\"x\":%d}", x);
	if (!wait_for(c, is_pong, x))
		fail_with_what_came(c, "pong", x);
	c->text = text;
}

bool
client_has(struct client *c, enum wire_op op)
{
	client_sync(c);
	for (size_t i = 0; i < c->got.n; i++)
		if (!c->got.v[i].is_taken && c->got.v[i].f->op == op)
			return true;
	return false;
}

int
client_gone(struct client *c)
{
	int64_t end = server_now_ms() + DEADLINE_MS;

	while (!c->is_gone && server_now_ms() < end)
		loop_once(c->w->loop, true);
	if (!c->is_gone)
		fail_with_what_came(c, "end", 0);
	return c->code;
}

const char *
client_text(const struct client *c)
{
	return c->text;
}

int64_t
client_counted(const struct client *c)
{
	return c->counted;
}

const struct frame *
client_welcome(const struct client *c)
{
	return c->welcome;
}

const char *
client_conv(const struct client *c, const char *name)
{
	for (size_t i = 0; i < c->welcome->welcome.n_heads; i++)
		if (strcmp(c->welcome->welcome.heads[i].name, name) == 0)
			return c->welcome->welcome.heads[i].conv;
	return "";
}

/* ---- requests that tests repeat ---- */

const char *
client_create(struct client *c, const char *name, bool is_public)
{
	int i = 5000 + ++c->requests;
	const struct frame *f;

	client_say(c, "{\"op\":\"room\",\"i\":%d,\"do\":\"create\",\"name\":\"%s\",\"public\":%s}",
			i, name, is_public ? "true" : "false");
	f = client_answer(c, i);
	assert_int_equal(f->op, WIRE_ROOM);
	return f->room.conv;
}

bool
client_room(struct client *c, const char *verb, const char *conv, const char *user,
		enum code *code)
{
	int i = 5000 + ++c->requests;
	const struct frame *f;
	char to[64] = "";

	if (user)
		snprintf(to, sizeof to, ",\"user\":\"%s\"", user);
	client_say(c, "{\"op\":\"room\",\"i\":%d,\"do\":\"%s\",\"%s\":\"%s\"%s}", i, verb,
			conv[0] == '#' ? "name" : "conv", conv, to);
	f = client_answer(c, i);
	*code = f->op == WIRE_ERROR ? f->error.code : CODE_NONE;
	return f->op == WIRE_ROOM;
}

const struct wire_subbed *
client_sub(struct client *c, const char *conv, const char *epoch, int64_t seq, const char *id)
{
	int i = 5000 + ++c->requests;
	const struct frame *f;

	client_say(c, "{\"op\":\"sub\",\"i\":%d,\"subs\":[{\"conv\":\"%s\",\"epoch\":\"%s\","
			"\"seq\":%lld,\"id\":\"%s\",\"max\":1000}]}", i, conv, epoch,
			(long long)seq, id);
	f = client_answer(c, i);
	if (f->op != WIRE_SUBBED)
		fail_msg("%s", client_text(c));
	return &f->subbed.subs[0];
}

const char *
client_cid(int n)
{
	static char cid[40];

	snprintf(cid, sizeof cid, "%08x-0000-7000-8000-000000000000", (unsigned)n);
	return cid;
}

void
client_msg(struct client *c, const char *conv, int64_t lane, int cid, const char *text)
{
	client_say(c, "{\"op\":\"send\",\"i\":%d,\"conv\":\"%s\",\"cid\":\"%s\",\"lane\":%lld,"
			"\"kind\":\"msg\",\"ref\":null,\"body\":{\"text\":\"%s\"}}", 10000 + cid,
			conv, client_cid(cid), (long long)lane, text);
}

const struct frame *
client_post(struct client *c, const char *conv, int64_t lane, int cid, const char *text)
{
	const struct frame *f;

	client_msg(c, conv, lane, cid, text);
	f = client_answer(c, 10000 + cid);
	if (f->op != WIRE_ACK)
		fail_msg("%s", client_text(c));
	return f;
}

static void
add_text(const struct record *r, char *texts, size_t size)
{
	struct err err;
	json_t *body = json_strict(r->body, r->body_n, &err);
	const char *text = body ? json_str(body, "text") : NULL;
	size_t n = strlen(texts);

	snprintf(texts + n, size - n, "%s%s", n > 0 ? "\n" : "", text ? text :
			record_kind_name(r->kind));
	json_decref(body);
}

static bool
is_events(const struct frame *f, int64_t arg)
{
	const char *conv = (const char *)(intptr_t)arg;

	return f->op == WIRE_EVENTS && strcmp(f->events.conv, conv) == 0;
}

int64_t
client_events(struct client *c, const char *conv, size_t n, char *texts, size_t size)
{
	int64_t seq = -1;

	if (texts)
		texts[0] = '\0';
	for (size_t got = 0; got < n;) {
		const struct frame *f = wait_for(c, is_events, (int64_t)(intptr_t)conv);

		if (!f)
			fail_with_what_came(c, "events", (int64_t)(n - got));
		if (seq >= 0)
			assert_int_equal(f->events.prev, seq);
		seq = f->events.prev;
		for (size_t i = 0; i < f->events.n_events; i++, got++) {
			assert_true(f->events.events[i].seq > seq);
			seq = f->events.events[i].seq;
			if (texts)
				add_text(&f->events.events[i], texts, size);
		}
	}
	return seq;
}
