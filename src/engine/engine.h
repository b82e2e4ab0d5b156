/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main of stonechat-engine: the one struct that all its state hangs from. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arr.h"
#include "base/path.h"
#include "control/serve.h"
#include "engine/account.h"
#include "engine/queue.h"

struct archive;
struct conf;
struct loop_signal;
struct loop_timer;
struct predial;
struct reload;
struct wake;

/* What the command line said. Strings are borrowed from argv. */
struct engine_options {
	const char *data, *config;
	const char *const *sets;	/* --set, ended by NULL */
	bool is_offline;
	int ready_fd;			/* -1: none */
};

/* An account as configured, and the open one. */
struct member {
	struct engine *engine;
	char *name, *url, *user, *token_file, *token_command, *cafile, *proxy;
	struct account *account;	/* NULL: see archive */
	struct archive *archive;	/* of account archive */
	struct predial *predial;
	struct event *link;		/* the newest EV_LINK, for fronts that come later */
};

/* Of the front that came last: where commands for secrets find the person's session. */
#define SESSION_MAX 8
struct session { char *vars[SESSION_MAX]; size_t n; };	/* "NAME=value" */

struct engine {
	struct loop *loop;
	struct log *log;
	struct paths paths;
	struct engine_options opt;
	int lock;			/* engine.lock, held */
	char *config;			/* absolute */
	char *socket;			/* of the fronts */
	struct conf *conf;
	struct ws_net *ws;
	const struct driver *const *drivers;
	struct serve *serve;
	struct queue queue;
	arr(struct member *) members;
	size_t closing;			/* accounts that are not yet closed */
	struct session session;
	struct reload *reload;
	struct wake *wake;
	struct loop_timer *linger, *stop_limit;
	struct loop_signal *signals[4];
	int64_t started_ms;
	bool may_online;		/* started online, or an online front was here since */
	bool had_front;			/* the one that started us came, or another one */
	bool is_online, is_stopping;
};

/* engine.c */
bool engine_start(struct engine *e, struct err *err);
/* Finishes what is in hand and leaves the loop, within 2 s. */
void engine_stop(struct engine *e);
void engine_done(struct engine *e);
/* After fronts, events or options changed: network on or off, linger or stay. */
void engine_review(struct engine *e);
/* Takes the options anew; a file that does not parse leaves everything as it was. */
bool engine_reload(struct engine *e, struct err *err);

/* members.c: the accounts of the configuration. */
bool members_load(struct engine *e, struct err *err);
/* name NULL or "": the one that knows target, else the default. NULL and err when there is none. */
struct member *members_pick(struct engine *e, const char *name, const char *target,
		struct err *err);
bool members_are_idle(const struct engine *e);
void members_online(struct engine *e, bool is_online);
/* A new front: what was stopped (a refused token) is tried again. */
void members_retry(struct engine *e);
void members_close(struct engine *e);
void members_free(struct engine *e);
/* Remembers what fronts that come later must know. */
void members_note(struct engine *e, const struct event *ev);

/* verbs.c: what fronts ask. */
void verbs_request(struct engine *e, struct serve_call *c, const struct request *rq);
void verbs_cancel(struct serve_call *c);

#endif
