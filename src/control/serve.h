/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine's end of the control socket: fronts come and go, ask, and watch. A front that does
 * not read is never buffered for: events of a conversation merge into one, and what it asks waits
 * in its own socket. */
#ifndef CONTROL_SERVE_H
#define CONTROL_SERVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "control/api.h"

struct loop;
struct serve;
struct serve_call;
struct serve_front;

struct serve_ops {
	/* A front said hello; hello is its object (members version, offline, env). */
	void (*joined)(void *arg, struct serve_front *f, const json_t *hello);
	void (*left)(void *arg, struct serve_front *f);
	/* It watches from now on: tell it with serve_tell what it should know first. */
	void (*watches)(void *arg, struct serve_front *f);
	/* A request; rq is borrowed. Answers with serve_reply, at once or later. */
	void (*request)(void *arg, struct serve_call *c, const struct request *rq);
	/* The front does not wait any more; c is gone afterwards. What serve_call_data holds is
	 * to be stopped. */
	void (*cancel)(void *arg, struct serve_call *c);
};

struct serve_conf {
	const char *path;		/* of the socket */
	const char *version, *config;	/* for the greeting; borrowed for the life of the server */
	int control;			/* the number it greets with; 0: CONTROL_VERSION */
};

struct serve *serve_new(struct loop *loop, const struct serve_conf *conf,
		const struct serve_ops *ops, void *arg, struct err *err);
/* Cancels all calls and closes all fronts. NULL is fine. */
void serve_free(struct serve *s);
/* Binds the socket again (somebody removed it). */
bool serve_listen(struct serve *s, struct err *err);
/* No new fronts, and the socket's file is gone. */
void serve_close(struct serve *s);

/* To every front that watches; merged for one that lags. */
void serve_event(struct serve *s, const struct event *ev);
/* To this front alone. */
void serve_tell(struct serve_front *f, const struct event *ev);

/* REPLY_DONE and REPLY_FAIL end the call: c is gone afterwards. */
void serve_reply(struct serve_call *c, const struct reply *r);
void serve_call_set(struct serve_call *c, void *data);
void *serve_call_data(const struct serve_call *c);

size_t serve_count(const struct serve *s);	/* fronts that said hello */
bool serve_is_offline(const struct serve_front *f);
/* How many of them are not --offline. */
size_t serve_count_online(const struct serve *s);

#endif
