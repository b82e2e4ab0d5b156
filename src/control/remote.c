/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front's end of the control socket. */
#include "control/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "control/codec.h"
#include "control/dial.h"
#include "control/link.h"
#include "loop/loop.h"

#define DIAL_MS 15000
#define RETRY_MS 5000		/* for an observer, while no engine can be had */
#define OUT_FULL (256u << 10)	/* more is handed to the socket when this went out */
#define LOSSES_MAX 5		/* engines lost in a row, none of which answered anything */

enum remote_state { REMOTE_IDLE, REMOTE_DIALING, REMOTE_GREETING, REMOTE_REPLACING, REMOTE_UP };

struct api_call {
	struct remote *remote;
	struct api_call *prev, *next;	/* in the order of asking */
	int64_t i;
	char *line;			/* the request, encoded; NULL: too large */
	size_t line_n;
	bool is_sent, can_repeat;
	bool is_doomed;			/* fail_doomed() takes it */
	api_reply_fn *fn;
	void *arg;
};

struct waiter { void (*then)(void *arg, const struct err *err); void *arg; };

struct remote {
	struct api api;
	struct loop *loop;
	const struct remote_conf *conf;
	enum remote_state state;
	struct dial *dial;
	struct link *link;
	struct loop_timer *limit, *retry, *wake;
	struct map *calls;		/* by number */
	struct api_call *first, *last, *unsent;
	arr(struct waiter) waiters;
	int64_t next_i;
	int losses;
	bool is_watching, was_up;
};

static void dial(struct remote *r, bool can_start);
static void wake(struct remote *r);
static const struct link_ops link_ops;

/* Calls */

static void
key_of(int64_t i, char key[24])
{
	snprintf(key, 24, "%lld", (long long)i);
}

static void
call_unlink(struct api_call *c)
{
	struct remote *r = c->remote;
	char key[24];

	key_of(c->i, key);
	map_del(r->calls, key);
	if (r->unsent == c)
		r->unsent = c->next;
	if (r->first == c)
		r->first = c->next;
	else
		c->prev->next = c->next;
	if (c->next)
		c->next->prev = c->prev;
	else
		r->last = c->prev;
}

static void
call_free(struct api_call *c)
{
	free(c->line);
	free(c);
}

static void
call_end(struct api_call *c, const struct reply *reply)
{
	call_unlink(c);
	c->fn(c->arg, reply);
	call_free(c);
}

static void
call_fail(struct api_call *c, const struct err *err)
{
	struct reply reply = { .type = REPLY_FAIL, .err = *err };

	call_end(c, &reply);
}

/* Hands requests to the socket, in order, as far as there is room. */
static void
pump(struct remote *r)
{
	struct buf *out;

	if (r->state != REMOTE_UP)
		return;
	out = link_out(r->link);
	while (r->unsent && out->n < OUT_FULL && buf_add(out, r->unsent->line, r->unsent->line_n)) {
		r->unsent->is_sent = r->unsent->line != NULL;
		r->unsent = r->unsent->next;
	}
	link_send(r->link);
}

static struct api_call *
call_start(struct api *api, const struct request *asked, api_reply_fn *fn, void *arg)
{
	struct remote *r = (struct remote *)api;
	struct api_call *c = xcalloc(1, sizeof *c);
	struct request rq = *asked;
	char cid[ID_SIZE], key[24];
	struct buf line;

	if (rq.verb == VERB_SEND && !rq.cid) {
		id_new(cid);
		rq.cid = cid;
	}
	c->remote = r;
	c->fn = fn;
	c->arg = arg;
	c->can_repeat = rq.verb != VERB_ROOM && rq.verb != VERB_ENGINE && rq.verb != VERB_STREAM;
	c->i = ++r->next_i;
	buf_init(&line, LINK_LINE_MAX);
	if (codec_put_request(&line, c->i, &rq)) {
		c->line_n = line.n;
		c->line = buf_take(&line);
	} else {
		buf_done(&line);
		wake(r);
	}
	key_of(c->i, key);
	map_put(r->calls, key, c);
	c->prev = r->last;
	*(r->last ? &r->last->next : &r->first) = c;
	r->last = c;
	if (!r->unsent)
		r->unsent = c;
	if (r->state == REMOTE_IDLE)
		dial(r, true);
	pump(r);
	return c;
}

static void
call_cancel(struct api_call *c)
{
	struct remote *r = c->remote;
	bool tell = c->is_sent && r->state == REMOTE_UP;

	if (tell && buf_addf(link_out(r->link), "{\"cancel\":%lld}\n", (long long)c->i))
		link_send(r->link);
	call_unlink(c);
	call_free(c);
}

static const struct api_ops api_ops = { .call = call_start, .cancel = call_cancel };

/* The engine there, and gone */

static void
tell_waiters(struct remote *r, const struct err *err)
{
	/* Those that come meanwhile wait for something else. */
	for (size_t left = r->waiters.n; left > 0; left--) {
		struct waiter w = r->waiters.v[0];

		arr_remove(&r->waiters, 0);
		w.then(w.arg, err);
	}
}

/* Fails what is marked. The end of one call may cancel others and begin new ones, which are not of
 * this failure: so what comes next is looked for anew. */
static void
fail_doomed(struct remote *r, const struct err *err)
{
	struct api_call *c = r->first;

	while (c) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what has ended left the list */
		if (!c->is_doomed) {
			c = c->next;
			continue;
		}
		call_fail(c, err);
		c = r->first;
	}
}

static void
fail_all(struct remote *r, const struct err *err)
{
	for (struct api_call *c = r->first; c; c = c->next)
		c->is_doomed = true;
	fail_doomed(r, err);
	tell_waiters(r, err);
}

static void
notice(struct remote *r, const char *text)
{
	struct event ev = { .type = EV_NOTICE, .account = "", .conv = "", .name = "" };

	ev.notice.level = 2;
	ev.notice.text = text;
	if (r->api.observe)
		r->api.observe(r->api.observe_arg, &ev);
}

static void
on_retry(void *arg)
{
	struct remote *r = arg;

	r->retry = NULL;
	if (r->state == REMOTE_IDLE)
		dial(r, true);
}

static void
drop_link(struct remote *r)
{
	link_free(r->link);
	r->link = NULL;
	loop_timer_stop(r->limit);
	r->limit = NULL;
	r->is_watching = false;
}

static void
give_up(struct remote *r, const struct err *err)
{
	struct err copy = *err;

	drop_link(r);
	r->state = REMOTE_IDLE;
	r->losses = 0;
	if (r->api.observe) {
		if (!r->retry)
			r->retry = loop_timer_start(r->loop, RETRY_MS, on_retry, r);
		notice(r, copy.msg);
	}
	fail_all(r, &copy);
}

/* The connection broke: what may be repeated waits for the next engine, the rest fails. */
static void
lost(struct remote *r, const struct err *why)
{
	struct err err = *why;

	drop_link(r);
	r->state = REMOTE_IDLE;
	if (err.kind == ERR_NONE)
		err_set(&err, ERR_FAIL, _("stonechat-engine went away; its log tells more"));
	if (++r->losses > LOSSES_MAX) {
		give_up(r, &err);
		return;
	}
	for (struct api_call *c = r->first; c; c = c->next) {
		c->is_doomed = c->is_sent && !c->can_repeat;
		c->is_sent = false;
	}
	r->unsent = r->first;
	fail_doomed(r, &err);
	if (r->state == REMOTE_IDLE && (r->first || r->api.observe || r->waiters.n))
		dial(r, true);
}

static void
watch(struct remote *r)
{
	struct request rq = { .verb = VERB_WATCH };

	if (r->is_watching || r->state != REMOTE_UP)
		return;
	r->is_watching = codec_put_request(link_out(r->link), 0, &rq);
	link_send(r->link);
}

static void
look_again(struct remote *r)
{
	struct event ev = { .type = EV_MIRROR, .account = "", .conv = "", .name = "" };

	ev.mirror.path = "";
	r->api.observe(r->api.observe_arg, &ev);
}

static int
our_number(const struct remote *r)
{
	return r->conf->control ? r->conf->control : CONTROL_VERSION;
}

static void
put_hello(struct remote *r)
{
	static const char *const session[] = { "DISPLAY", "WAYLAND_DISPLAY",
		"DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "GPG_TTY", NULL };
	struct buf *b = link_out(r->link);
	const char *sep = "";

	buf_addf(b, "{\"control\":%d,\"version\":\"%s\",\"offline\":%s,\"env\":{", our_number(r),
			r->conf->version, r->conf->is_offline ? "true" : "false");
	for (int i = 0; session[i]; i++) {
		const char *value = getenv(session[i]);

		if (!value || strlen(value) > 4096)
			continue;
		buf_addf(b, "%s\"%s\":", sep, session[i]);
		json_add_string(b, value, strlen(value));
		sep = ",";
	}
	buf_adds(b, "}}\n");
}

/* Both ends know each other. */
static void
is_up(struct remote *r)
{
	bool again = r->was_up;

	put_hello(r);
	r->state = REMOTE_UP;
	r->was_up = true;
	loop_timer_stop(r->limit);
	r->limit = NULL;
	if (r->api.observe)
		watch(r);
	pump(r);
	tell_waiters(r, NULL);
	if (again && r->api.observe)
		look_again(r);
}

/* An older engine finishes its work and leaves; the next one is of our version. */
static void
replace(struct remote *r)
{
	struct request rq = { .verb = VERB_ENGINE, .act = "stop" };

	put_hello(r);
	codec_put_request(link_out(r->link), 0, &rq);
	link_send(r->link);
	r->state = REMOTE_REPLACING;
}

static void
greeted(struct remote *r, const json_t *o)
{
	int64_t control = json_int(o, "control", 0);
	const char *config = json_str(o, "config");
	struct err err;

	if (control < 1) {
		err_set(&err, ERR_FAIL, _("what answers at the socket is no stonechat-engine"));
		give_up(r, &err);
	} else if (control > our_number(r)) {
		err_set(&err, ERR_FAIL,
				_("stonechat-engine is newer than this: restart stonechat"));
		give_up(r, &err);
	} else if (control < our_number(r)) {
		replace(r);
	} else if (!config || strcmp(config, r->conf->config) != 0) {
		err_set(&err, ERR_USAGE,
				_("the engine of this data runs with the configuration %s"),
				config ? config : "?");
		give_up(r, &err);
	} else {
		is_up(r);
	}
}

static void
replied(struct remote *r, const json_t *o)
{
	struct api_call *c;
	struct reply reply;
	struct err err;
	char key[24];

	key_of(json_int(o, "re", 0), key);
	c = map_get(r->calls, key);
	if (!c)
		return;
	r->losses = 0;
	if (!codec_get_reply(o, &reply, &err))
		call_fail(c, &err);
	else if (reply.type == REPLY_DONE || reply.type == REPLY_FAIL)
		call_end(c, &reply);
	else
		c->fn(c->arg, &reply);
}

static void
on_line(void *arg, const json_t *o)
{
	struct remote *r = arg;
	struct event ev;
	struct err err;

	if (r->state == REMOTE_GREETING)
		greeted(r, o);
	else if (r->state != REMOTE_UP)
		return;
	else if (json_object_get(o, "re"))
		replied(r, o);
	else if (r->api.observe && codec_get_event(o, &ev, &err))
		r->api.observe(r->api.observe_arg, &ev);
}

static void
on_closed(void *arg, const struct err *err)
{
	lost(arg, err);
}

static void
on_drained(void *arg)
{
	pump(arg);
}

static const struct link_ops link_ops = {
	.line = on_line, .closed = on_closed, .drained = on_drained
};

static void
on_limit(void *arg)
{
	struct remote *r = arg;
	struct err err;

	r->limit = NULL;
	err_set(&err, ERR_FAIL, _("stonechat-engine does not answer"));
	give_up(r, &err);
}

static void
on_dialed(void *arg, int fd, const struct err *why)
{
	struct remote *r = arg;
	struct err err = *why;

	r->dial = NULL;
	if (fd >= 0)
		r->link = link_new(r->loop, fd, &link_ops, r, &err);
	if (!r->link) {
		give_up(r, &err);
		return;
	}
	r->state = REMOTE_GREETING;
	r->limit = loop_timer_start(r->loop, DIAL_MS, on_limit, r);
}

static void
dial(struct remote *r, bool can_start)
{
	r->state = REMOTE_DIALING;
	r->dial = dial_start(r->loop, r->conf, can_start, DIAL_MS, on_dialed, r);
}

/* The outside */

struct remote *
remote_new(struct loop *loop, const struct remote_conf *conf)
{
	struct remote *r = xcalloc(1, sizeof *r);

	r->api.ops = &api_ops;
	r->loop = loop;
	r->conf = conf;
	r->calls = map_new();
	return r;
}

void
remote_free(struct remote *r)
{
	if (!r)
		return;
	dial_stop(r->dial);
	link_free(r->link);
	loop_timer_stop(r->limit);
	loop_timer_stop(r->retry);
	loop_timer_stop(r->wake);
	for (struct api_call *c = r->first, *next; c; c = next) {
		next = c->next;
		call_free(c);
	}
	map_free(r->calls, NULL);
	arr_done(&r->waiters);
	free(r);
}

/* What is answered on a later turn: waiters that need not wait, requests that are too large. */
static void
on_wake(void *arg)
{
	struct remote *r = arg;
	struct err err;

	r->wake = NULL;
	err_set(&err, ERR_USAGE, _("that is more than the engine takes at once"));
	for (struct api_call *c = r->first; c; c = c->next)
		c->is_doomed = !c->line;
	fail_doomed(r, &err);
	if (r->state == REMOTE_UP)
		tell_waiters(r, NULL);
}

static void
wake(struct remote *r)
{
	if (!r->wake)
		r->wake = loop_timer_start(r->loop, 0, on_wake, r);
}

void
remote_connect(struct remote *r, bool can_start, void (*then)(void *arg, const struct err *err),
		void *arg)
{
	arr_push(&r->waiters, ((struct waiter){ then, arg }));
	if (r->state == REMOTE_IDLE)
		dial(r, can_start);
	else if (r->state == REMOTE_UP)
		wake(r);
}

struct api *
remote_api(struct remote *r)
{
	return &r->api;
}

void
remote_observe(struct remote *r, api_event_fn *fn, void *arg)
{
	r->api.observe = fn;
	r->api.observe_arg = arg;
	if (!fn)
		return;
	if (r->state == REMOTE_IDLE)
		dial(r, true);
	watch(r);
}

bool
remote_is_connected(const struct remote *r)
{
	return r->state == REMOTE_UP;
}
