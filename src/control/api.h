/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a front, a command or a workflow may ask of the engine: one request, one or more replies.
 * Two implementations: over the control socket (remote.c), and in the engine itself (local). */
#ifndef CONTROL_API_H
#define CONTROL_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/event.h"

enum verb {
	/* target or account+conv; kind, text or body, ref, reply, cid, ttl_ms → REPLY_QUEUED once
	 * the row is durable, then DONE (acknowledged) or FAIL */
	VERB_SEND,
	/* target; newest n | since_ts | (lo,hi]: bring it into the mirror; DONE when it is there,
	 * FAIL ERR_NETWORK when it cannot be */
	VERB_FETCH,
	/* act create|join|leave|invite|kick|role|list|members|direct; name or target, user, role,
	 * text (topic), is_public → DONE with conv, name or json */
	VERB_ROOM,
	VERB_MARK,	/* target, seq: read up to */
	VERB_TYPING,	/* target */
	VERB_SYNC,	/* all: PROGRESS …, DONE when caught up */
	/* target (absent: all): the mirror against the server; PROGRESS with counts or with json,
	 * a difference; DONE with json, the sums. act replace: the mirror is set aside for a new
	 * one, which gets its outbox and drafts; DONE at once */
	VERB_VERIFY,
	VERB_OUTBOX,	/* act retry|drop, cid */
	VERB_DRAFT,	/* target, text, cursor, reply, ref: DONE once durable */
	VERB_STATUS,	/* → DONE with json */
	VERB_WATCH,	/* from now on events of the account ("" all) reach the observer */
	VERB_ENGINE,	/* act status|stop|restart|reload */
	/* account archive: target, text: records as lines of JSON (record_encode) → DONE once they
	 * are durable: done were new, of total */
	VERB_IMPORT,
	VERB_STREAM,	/* act start|delta|end|tail|stop: AI streams (target, stream, off, text) */
	VERB_COUNT
};

/* Strings are borrowed during the call; absent ones NULL. account NULL: the default one, or the
 * one that the target's conversation is in. */
struct request {
	enum verb verb;
	const char *account, *target;
	enum record_kind kind;
	const char *text;
	size_t text_n;
	const char *body;		/* compact JSON, for kinds other than msg and edit */
	const char *ref, *reply, *cid;
	const char *act, *name, *user, *role;
	const char *stream;
	int64_t ttl_ms;			/* 0: none */
	int64_t lo, hi, n, since_ts, seq, cursor, off;
	int64_t timeout_ms;		/* how long to try; 0: the verb's own */
	bool is_public, all;
};

enum reply_type { REPLY_PROGRESS, REPLY_QUEUED, REPLY_DONE, REPLY_FAIL };

struct reply {
	enum reply_type type;
	struct err err;			/* REPLY_FAIL */
	const char *account, *conv, *name, *cid, *id, *code;	/* code: the server's, for FAIL */
	int64_t seq, done, total;
	bool dup;
	const char *json;		/* rows or status; NULL when none */
};

struct api;
struct api_call;
typedef void api_reply_fn(void *arg, const struct reply *r);
typedef void api_event_fn(void *arg, const struct event *ev);

struct api_ops {
	/* Starts; fn runs later, never during the call; DONE or FAIL is the last. */
	struct api_call *(*call)(struct api *a, const struct request *rq, api_reply_fn *fn,
			void *arg);
	/* No callback afterwards; what was asked may still happen. */
	void (*cancel)(struct api_call *c);
};

struct api {
	const struct api_ops *ops;
	api_event_fn *observe;		/* may be NULL */
	void *observe_arg;
};

static inline struct api_call *
api_call(struct api *a, const struct request *rq, api_reply_fn *fn, void *arg)
{
	return a->ops->call(a, rq, fn, arg);
}

#endif
