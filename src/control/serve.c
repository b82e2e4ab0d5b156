/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine's end of the control socket. */
#include "control/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arr.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "control/codec.h"
#include "control/lag.h"
#include "control/link.h"
#include "control/sock.h"
#include "loop/loop.h"

#define FRONTS_MAX 256
/* open calls of one front: send --each-line may have 100,000 rows waiting */
#define CALLS_MAX 131072
#define OUT_LAGS (256u << 10)	/* from here on events wait and merge */
#define OUT_FULL (1u << 20)	/* from here on requests wait in the front's socket */
#define OUT_LOW (64u << 10)

struct serve_call {
	struct serve_front *front;
	struct serve_call *prev, *next;
	int64_t i;
	void *data;
};

struct serve_front {
	struct serve *serve;
	struct link *link;
	struct serve_call *calls;
	size_t call_count;
	struct lag *lag;
	bool has_greeted, is_offline, is_watching, is_gone;
	char *account;			/* watched alone; NULL: all */
};

struct serve {
	struct loop *loop;
	struct serve_conf conf;
	const struct serve_ops *ops;
	void *arg;
	int fd;
	struct loop_fd *accept;
	arr(struct serve_front *) fronts;
	struct loop_timer *sweep;
};

/* Fronts */

static void
call_free(struct serve_call *c)
{
	struct serve_front *f = c->front;

	if (f->calls == c)
		f->calls = c->next;
	else
		c->prev->next = c->next;
	if (c->next)
		c->next->prev = c->prev;
	f->call_count--;
	free(c);
}

static void
front_free(struct serve_front *f)
{
	struct serve *s = f->serve;

	for (struct serve_call *c = f->calls, *next; c; c = next) {
		next = c->next;
		s->ops->cancel(s->arg, c);
		free(c);
	}
	link_free(f->link);
	lag_free(f->lag);
	free(f->account);
	if (f->has_greeted) {
		f->has_greeted = false;
		s->ops->left(s->arg, f);
	}
	free(f);
}

static void
on_sweep(void *arg)
{
	struct serve *s = arg;

	s->sweep = NULL;
	for (size_t i = s->fronts.n; i-- > 0;) {
		struct serve_front *f = s->fronts.v[i];

		if (!f->is_gone)
			continue;
		arr_remove(&s->fronts, i);
		front_free(f);
	}
}

/* Its end is near, but not in the middle of a callback about it. */
static void
drop(struct serve_front *f)
{
	f->is_gone = true;
	if (!f->serve->sweep)
		f->serve->sweep = loop_timer_start(f->serve->loop, 0, on_sweep, f->serve);
}

static void
flow(struct serve_front *f)
{
	size_t waiting = link_waiting(f->link);

	link_pause(f->link, waiting >= OUT_FULL || f->call_count >= CALLS_MAX);
}

/* Sends the events that waited, while there is room. */
static void
catch_up(struct serve_front *f)
{
	struct event *ev;

	while (link_waiting(f->link) < OUT_LOW && (ev = lag_take(f->lag))) {
		codec_put_event(link_out(f->link), ev);
		free(ev);
	}
	link_send(f->link);
}

static void
greet(struct serve_front *f)
{
	struct buf *b = link_out(f->link);

	buf_addf(b, "{\"control\":%d,\"version\":\"%s\",\"pid\":%ld,\"config\":",
			f->serve->conf.control, f->serve->conf.version, (long)getpid());
	json_add_string(b, f->serve->conf.config, strlen(f->serve->conf.config));
	buf_adds(b, "}\n");
	link_send(f->link);
}

static void
on_hello(struct serve_front *f, const json_t *o)
{
	if (json_int(o, "control", 0) < 1) {
		drop(f);
		return;
	}
	f->is_offline = json_bool(o, "offline", false);
	f->has_greeted = true;
	f->serve->ops->joined(f->serve->arg, f, o);
}

static void
on_cancel(struct serve_front *f, int64_t i)
{
	struct serve_call *c = f->calls;

	while (c && c->i != i)
		c = c->next;
	if (!c)
		return;
	f->serve->ops->cancel(f->serve->arg, c);
	call_free(c);
}

static void
on_request(struct serve_front *f, const json_t *o)
{
	struct serve_call *c = xcalloc(1, sizeof *c);
	struct request rq;
	struct reply reply = { .type = REPLY_DONE };

	c->front = f;
	c->i = json_int(o, "i", 0);
	c->next = f->calls;
	if (f->calls)
		f->calls->prev = c;
	f->calls = c;
	f->call_count++;
	if (!codec_get_request(o, &rq, &reply.err)) {
		reply.type = REPLY_FAIL;
		serve_reply(c, &reply);
	} else if (rq.verb == VERB_WATCH) {
		free(f->account);
		f->account = rq.account && *rq.account ? xstrdup(rq.account) : NULL;
		f->is_watching = true;
		serve_reply(c, &reply);
		f->serve->ops->watches(f->serve->arg, f);
	} else {
		f->serve->ops->request(f->serve->arg, c, &rq);
	}
	flow(f);
}

static void
on_line(void *arg, const json_t *o)
{
	struct serve_front *f = arg;

	if (f->is_gone)
		return;
	if (!f->has_greeted)
		on_hello(f, o);
	else if (json_object_get(o, "cancel"))
		on_cancel(f, json_int(o, "cancel", 0));
	else
		on_request(f, o);
}

static void
on_closed(void *arg, const struct err *err)
{
	(void)err;
	drop(arg);
}

static void
on_drained(void *arg)
{
	struct serve_front *f = arg;

	if (f->is_gone)
		return;
	catch_up(f);
	flow(f);
}

static const struct link_ops link_ops = {
	.line = on_line, .closed = on_closed, .drained = on_drained
};

static void
on_accept(void *arg, int events)
{
	struct serve *s = arg;
	struct serve_front *f;
	struct err err;
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	if (!sock_is_mine(fd) || s->fronts.n >= FRONTS_MAX) {
		close(fd);
		return;
	}
	f = xcalloc(1, sizeof *f);
	f->serve = s;
	f->lag = lag_new();
	f->link = link_new(s->loop, fd, &link_ops, f, &err);
	if (!f->link) {
		front_free(f);
		return;
	}
	arr_push(&s->fronts, f);
	greet(f);
}

/* The server */

bool
serve_listen(struct serve *s, struct err *err)
{
	int fd = sock_listen(s->conf.path, err);
	struct loop_fd *watch;

	if (fd < 0)
		return false;
	watch = loop_fd_start(s->loop, fd, LOOP_READ, on_accept, s, err);
	if (!watch) {
		close(fd);
		return false;
	}
	loop_fd_stop(s->accept);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = fd;
	s->accept = watch;
	return true;
}

struct serve *
serve_new(struct loop *loop, const struct serve_conf *conf, const struct serve_ops *ops, void *arg,
		struct err *err)
{
	struct serve *s = xcalloc(1, sizeof *s);

	s->loop = loop;
	s->conf = *conf;
	if (s->conf.control == 0)
		s->conf.control = CONTROL_VERSION;
	s->ops = ops;
	s->arg = arg;
	s->fd = -1;
	if (serve_listen(s, err))
		return s;
	free(s);
	return NULL;
}

void
serve_close(struct serve *s)
{
	if (s->fd < 0)
		return;
	loop_fd_stop(s->accept);
	s->accept = NULL;
	unlink(s->conf.path);
	close(s->fd);
	s->fd = -1;
}

void
serve_free(struct serve *s)
{
	if (!s)
		return;
	serve_close(s);
	loop_timer_stop(s->sweep);
	while (s->fronts.n) {
		struct serve_front *f = s->fronts.v[--s->fronts.n];

		front_free(f);
	}
	arr_done(&s->fronts);
	free(s);
}

void
serve_tell(struct serve_front *f, const struct event *ev)
{
	if (f->is_gone)
		return;
	if (lag_is_empty(f->lag) && link_waiting(f->link) < OUT_LAGS)
		codec_put_event(link_out(f->link), ev);
	else
		lag_add(f->lag, ev);
	link_send(f->link);
}

void
serve_event(struct serve *s, const struct event *ev)
{
	for (size_t i = 0; i < s->fronts.n; i++) {
		struct serve_front *f = s->fronts.v[i];

		if (f->is_watching && (!f->account || !*ev->account ||
				strcmp(f->account, ev->account) == 0))
			serve_tell(f, ev);
	}
}

void
serve_reply(struct serve_call *c, const struct reply *r)
{
	struct serve_front *f = c->front;

	if (!f->is_gone && !codec_put_reply(link_out(f->link), c->i, r)) {
		struct reply sorry = { .type = REPLY_FAIL };

		err_set(&sorry.err, ERR_FAIL, _("the answer is too large for the control socket"));
		if (!codec_put_reply(link_out(f->link), c->i, &sorry))
			drop(f);
	}
	link_send(f->link);
	if (r->type == REPLY_DONE || r->type == REPLY_FAIL) {
		call_free(c);
		flow(f);
	}
}

void
serve_call_set(struct serve_call *c, void *data)
{
	c->data = data;
}

void *
serve_call_data(const struct serve_call *c)
{
	return c->data;
}

size_t
serve_count(const struct serve *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->fronts.n; i++)
		n += s->fronts.v[i]->has_greeted && !s->fronts.v[i]->is_gone;
	return n;
}

size_t
serve_count_online(const struct serve *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->fronts.n; i++)
		n += s->fronts.v[i]->has_greeted && !s->fronts.v[i]->is_gone &&
				!s->fronts.v[i]->is_offline;
	return n;
}

bool
serve_is_offline(const struct serve_front *f)
{
	return f->is_offline;
}
