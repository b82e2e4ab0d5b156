/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One kind of server. A driver is a stateless translator between a server's language and the
 * inputs and effects of the sync core, which owns all durable state: it keeps no outbox, no
 * cursor and no retry.
 *
 * The contract: single-threaded and non-blocking; no upcall during a call, and none after hangup
 * or close. connect() ends in IN_UP or IN_DOWN; a connection that is up ends in one IN_DOWN, or
 * by hangup(). Every send over it ends in exactly one of IN_ACK, IN_NACK or IN_UNKNOWN, unless the
 * connection ends first; every fetch in one IN_PAGE or IN_ERROR, every subscription in IN_SUBBED or
 * IN_ERROR. Every frame that comes is an upcall, so that the core knows that the server lives. */
#ifndef DRIVERS_DRIVER_H
#define DRIVERS_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/code.h"
#include "model/record.h"
#include "sync/sync.h"

struct link;			/* a driver's own */
struct ws_net;

/* What passes by the sync core: no record of it is kept. */
enum aside_type { ASIDE_TYPING, ASIDE_PRESENCE, ASIDE_DELTA, ASIDE_STOP, ASIDE_ROOM, ASIDE_PAGE,
		ASIDE_OK, ASIDE_ERROR };

/* Strings borrowed; absent ones "". re: the tag of the call that it answers, -1 for none. */
struct aside {
	enum aside_type type;
	int64_t re;
	const char *conv, *from;
	union {
		struct { int64_t ttl; } typing;
		struct { const char *state; int64_t ttl; } presence;
		struct { const char *stream, *channel, *text; size_t text_n; int64_t off;
			bool end; } delta;
		struct { const char *stream; } stop;
		/* rows: what list and members give, a JSON array; "" for the others */
		/* more: what follows is to be asked for with `after`, the last name or user */
		struct { const char *name, *topic, *rows; size_t rows_n; bool more; } room;
		/* what a fetch gave whose tag is TAG_ASIDE or above: to look at, not to keep */
		struct { const struct record *v; size_t n; int64_t lo, hi; } page;
		/* expect: -1 when absent */
		struct { enum code code; const char *message; int64_t expect; } error;
	};
};

/* Calls that the core does not make itself have tags from here on; their errors are asides. */
#define TAG_ASIDE ((int64_t)1 << 40)

struct driver_env {
	struct ws_net *ws;
	const char *url, *cafile, *proxy, *agent;	/* cafile, proxy: NULL for none */
	/* now and wall are left to the receiver */
	void (*up)(void *arg, struct sync_input *in);
	void (*aside)(void *arg, const struct aside *aside);
	void *arg;
};

struct driver_sub {
	const char *conv, *epoch, *id;
	int64_t seq, max;
	const struct position *marks;	/* newest first */
	size_t n_marks;
};

struct driver_send {
	int64_t tag;
	const char *conv, *cid, *ref, *body;	/* body: compact JSON */
	size_t body_n;
	enum record_kind kind;
	int64_t lane, ttl;			/* ttl -1: none */
};

/* after: list and members from behind that name or user on; "" from the first. */
struct driver_room { const char *act, *conv, *name, *topic, *user, *role, *after;
	bool is_public; };

struct driver {
	const char *name;
	const char *const *schemes;	/* "ws:", ended by NULL */
	/* NULL and ERR_USAGE for a URL that cannot be right. Strings of env are copied. */
	struct link *(*open)(const struct driver_env *env, struct err *err);
	/* token NULL: none. false and err only for what no later attempt would mend. */
	bool (*connect)(struct link *l, const char *token, struct err *err);
	void (*hello)(struct link *l, const char *device, const char *since, int64_t window);
	void (*sub)(struct link *l, int64_t tag, const struct driver_sub *subs, size_t n);
	/* f is an FX_FETCH effect, or made like one with a tag of TAG_ASIDE or above: its page
	 * is an aside, then */
	void (*fetch)(struct link *l, const struct sync_effect *f);
	void (*send)(struct link *l, const struct driver_send *s);
	void (*mark)(struct link *l, const char *conv, const char *epoch, int64_t seq);
	void (*credit)(struct link *l, int64_t bytes);
	void (*ping)(struct link *l, int64_t x);
	void (*typing)(struct link *l, const char *conv, int64_t ttl);
	void (*room)(struct link *l, int64_t tag, const struct driver_room *r);
	/* text of a stream of ours; refused ones come back as ASIDE_ERROR `offset` */
	void (*delta)(struct link *l, int64_t tag, const struct aside *delta);
	void (*tail)(struct link *l, int64_t tag, const char *conv, const char *stream,
			const char *channel, int64_t off);
	void (*stop)(struct link *l, int64_t tag, const char *conv, const char *stream);
	/* Ends the connection, if there is one; connect() may follow at once. */
	void (*hangup)(struct link *l, int code, const char *why);
	void (*close)(struct link *l);		/* hangs up and frees; NULL is fine */
};

extern const struct driver driver_native;
/* All of them, ended by NULL. */
extern const struct driver *const drivers[];
/* The one whose scheme the URL begins with; NULL and ERR_USAGE, which names the schemes. */
const struct driver *driver_for(const struct driver *const *all, const char *url, struct err *err);

#endif
