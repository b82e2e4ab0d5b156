/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One account in the engine: joins the pure sync core to its driver, its store and the loop, and
 * answers the verbs that concern it. */
#ifndef ENGINE_ACCOUNT_H
#define ENGINE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "control/api.h"
#include "model/event.h"

struct account;
struct account_call;
struct driver;
struct http_net;
struct log;
struct loop;
struct ws_net;

struct account_env {
	struct loop *loop;
	struct ws_net *ws;
	struct http_net *http;
	struct log *log;
	const struct driver *const *drivers;	/* ended by NULL; chosen by the URL's scheme */
	/* into the engine's queue, which copies */
	void (*emit)(void *arg, const struct event *ev);
	void *emit_arg;
	const char *agent;		/* "stonechat/0.1.0" */
};

struct account_conf {
	const char *name, *url, *user, *cafile, *proxy;
	const char *token;		/* NULL: none (Unix socket) */
	const char *dir;		/* DATA/<name>: mirror.db and what belongs to it */
	/* Before every dial; go(go_arg, NULL) to go on, or with an error. NULL: dial at once.
	 * (Account local starts its server here.) */
	void (*before_dial)(void *arg, void (*go)(void *go_arg, const struct err *err),
			void *go_arg);
	void *before_dial_arg;
};

/* Opens the mirror (creates, migrates or sets aside a damaged one), loads conversations and
 * outbox; stays offline until account_online. Strings are copied. */
struct account *account_open(const struct account_env *env, const struct account_conf *conf,
		struct err *err);
/* Finishes the commit in hand, closes connection and store, frees, then runs closed(arg) (may be
 * NULL), later. */
void account_close(struct account *a, void (*closed)(void *arg), void *arg);
const char *account_name(const struct account *a);
void account_online(struct account *a, bool online);
/* The machine slept or the network changed: probe at once, dial without back-off. */
void account_wake(struct account *a);
/* A new secret, kept in memory only. */
void account_token(struct account *a, const char *token);
/* VERB_SEND FETCH ROOM MARK TYPING SYNC VERIFY OUTBOX DRAFT STATUS STREAM. fn runs later, DONE
 * or FAIL last. */
struct account_call *account_request(struct account *a, const struct request *rq,
		api_reply_fn *fn, void *arg);
void account_call_cancel(struct account_call *c);
/* Does it know this target ("#room", "@user" it has a conversation with, conversation id)? */
bool account_has_target(const struct account *a, const char *target);
/* Nothing to wait for: outbox empty, no stream of ours runs. */
bool account_is_idle(const struct account *a);

#endif
