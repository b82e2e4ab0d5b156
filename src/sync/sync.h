/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sync core of one account: a pure state machine. sync_step() takes one input (an upcall of
 * the driver, a wish of the person, a timer, the store's answer) and appends effects for the
 * caller to carry out, in order. It does no I/O, reads no clock and allocates nothing;
 * stonechat-protocol(7), section 5.
 *
 * Everything durable passes through batches. FX_COMMIT hands one to the store, IN_STORED is its
 * answer; while one is being stored the next one gathers. Nothing counts as received, queued or
 * settled before IN_STORED says so: the caller shows what a batch changed when it was stored. If
 * it was not, the core is thrown away and loaded anew from the store (FX_RELOAD): a failed commit
 * is a crash and a restart. */
#ifndef SYNC_SYNC_H
#define SYNC_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "model/batch.h"
#include "model/code.h"
#include "model/event.h"
#include "model/record.h"
#include "model/saved.h"

#define SYNC_OUTBOX_MAX 100000		/* rows of an account */
#define SYNC_CONVS_MAX 20000		/* conversations of an account; more are not mirrored */
#define SYNC_SUBS_MAX 64		/* subscriptions a frame */
#define SYNC_FETCHES_MAX 64		/* wishes for history at a time */

struct sync;

/* What a driver's server can promise. */
enum {
	SYNC_IDEMPOTENT = 1	/* the same cid again is never stored twice */
};

struct sync_limits { int64_t body, fetch, inflight, ping_s; };

/* A subscription answered. */
struct sync_subbed {
	const char *conv, *epoch;
	enum { SUBBED_TAIL, SUBBED_SKIP, SUBBED_RESET, SUBBED_GONE } mode;
	int64_t seq, floor, from;
	int64_t keep;			/* SUBBED_RESET; -1: a new epoch while live */
	enum code code;			/* SUBBED_GONE */
};

struct sync_pong_head { const char *conv, *epoch; int64_t seq; };

enum sync_in {
	/* wishes */
	IN_ONLINE, IN_WAKE, IN_TIMER, IN_TOKEN, IN_SEND, IN_DROP, IN_RETRY, IN_MARK, IN_DRAFT,
	IN_FETCH, IN_FETCH_CANCEL, IN_JOINED,
	/* the driver's upcalls */
	IN_UP, IN_WELCOME, IN_HEADS, IN_SUBBED, IN_EVENTS, IN_PAGE, IN_ACK, IN_NACK, IN_UNKNOWN,
	IN_ERROR, IN_PONG, IN_BYE, IN_ALIVE, IN_DOWN,
	/* the store's */
	IN_STORED, IN_LOADED, IN_DIVERGED,
	IN_COUNT
};

/* now: monotonic ms; wall: ms since 1970. Strings are borrowed during the step. */
struct sync_input {
	enum sync_in type;
	int64_t now, wall;
	union {
		bool online;
		/* a new row; the conversation must be known and body be checked */
		struct { const char *conv, *cid, *ref, *body; size_t body_n;
			enum record_kind kind; int64_t ttl_ms; } send;
		struct { const char *cid; } drop;
		/* new_cid, body, ref: for a row that was refused (the old cid is spent) */
		struct { const char *cid, *new_cid, *body, *ref; size_t body_n;
			enum record_kind kind; } retry;
		struct { const char *conv; int64_t seq; } mark;
		struct { const char *conv; struct draft draft; } draft;
		/* bring (lo,hi] into the mirror; tag is the caller's, not 0 */
		struct { int64_t tag; const char *conv; int64_t lo, hi; } fetch;
		struct { const char *conv, *name, *topic; enum conv_kind kind; } joined;

		/* time: the server's clock, which the core does not look at */
		struct { const char *user, *since; unsigned caps; struct sync_limits limits;
			int64_t time; const struct head *heads; size_t n_heads;
			bool more; } welcome;
		struct { const struct head *heads; size_t n_heads; bool more;
			const char *since; } heads;
		struct { int64_t re; const struct sync_subbed *subs; size_t n; } subbed;
		/* bytes: what the message counts for credit */
		struct { const char *conv, *epoch; int64_t prev; const struct record *v; size_t n,
			bytes; } events;
		struct { int64_t re; const char *conv, *epoch; int64_t lo, hi, floor;
			bool ops_only; const struct record *v; size_t n, bytes; } page;
		struct { const char *conv, *epoch, *cid, *id; int64_t prev, seq; bool dup; } ack;
		/* after, expect: -1 when absent */
		struct { const char *cid, *message; enum code code; bool retry;
			int64_t after, expect; } nack;
		struct { const char *cid; } unknown;
		struct { int64_t re; enum code code; const char *message; } error;
		struct { int64_t x; const struct sync_pong_head *heads; size_t n; } pong;
		struct { int64_t after; } bye;
		struct { size_t bytes; } alive;
		/* code: the close code, 0 when it never opened */
		struct { int code; const char *why; } down;

		bool is_stored;		/* false: it was not, or nobody knows */
		/* the mirror holds another record at seq than the one that came: forget what is
		 * at and above it. For a core that was just loaded. */
		struct { const char *conv; int64_t seq; } diverged;
		const struct saved_conv *loaded;
	};
};

enum sync_fx {
	/* for the driver; FX_PING is the last */
	FX_DIAL, FX_HELLO, FX_HANGUP, FX_SUB, FX_FETCH, FX_SEND, FX_MARK, FX_CREDIT, FX_PING,
	/* for the store */
	FX_COMMIT, FX_LOAD, FX_RELOAD,
	/* for the caller */
	FX_TIMER, FX_LINK, FX_ACKED, FX_WAITING, FX_FETCHED
};

struct sync_sub { const char *conv, *epoch, *id; int64_t seq, max; };
struct sync_subs { int64_t tag; struct sync_sub v[SYNC_SUBS_MAX]; size_t n; };

/* Strings belong to the core or to the input: valid until the next step. */
struct sync_effect {
	enum sync_fx type;
	union {
		struct { const char *device, *since; int64_t window; } hello;
		struct { int code; const char *why; } hangup;
		/* the caller adds marks: ids of records that are held at or below seq */
		const struct sync_subs *subs;
		struct { int64_t tag; const char *conv, *epoch; bool back, ops_only;
			int64_t lo, hi, n, refs_lo, refs_hi; } fetch;
		/* kind, ref and body of the row are in the store; ttl -1: none */
		struct { int64_t tag; const char *conv, *cid; int64_t lane, ttl; } send;
		struct { const char *conv, *epoch; int64_t seq; } mark;
		struct { int64_t bytes; } credit;
		struct { int64_t x; } ping;
		struct batch *commit;	/* valid until IN_STORED */
		struct { const char *conv; } load;	/* answer with IN_LOADED */
		struct { int64_t at; } timer;		/* now-clock; -1: none. Replaces the last */
		struct { enum link_state state; enum code code; const char *why;
			int64_t retry_ms; } link;
		/* display only: the row leaves when its record is stored */
		struct { const char *conv, *cid, *id; int64_t seq, ms; bool dup; } acked;
		/* refused for now; will be sent again */
		struct { const char *conv, *cid, *message; enum code code;
			int64_t after, expect; } waiting;
		/* the tag of IN_FETCH; code CODE_NONE: it is in the mirror */
		struct { int64_t tag; enum code code; const char *message; } fetched;
	};
};

struct sync_effects { struct sync_effect *v; size_t n, cap; };
void sync_effects_done(struct sync_effects *fx);

/* seed: for jitter and device names; the same seed and inputs give the same effects. */
struct sync *sync_new(uint64_t seed);
void sync_free(struct sync *s);
/* What the store remembers; before the first step. Empty strings for what it does not. */
void sync_load(struct sync *s, const char *user, const char *device, const char *since,
		int64_t body_limit);
void sync_load_conv(struct sync *s, const struct saved_conv *conv);

/* The server is on this machine (a Unix socket): nothing is spared by long pauses, so a lost one is
 * looked for every two seconds at least. */
void sync_set_local(struct sync *s, bool is_local);

/* Grows the memory that this input can need; call before every step. */
void sync_reserve(struct sync *s, const struct sync_input *in, struct sync_effects *fx);
/* Takes one input; fx is emptied first. */
void sync_step(struct sync *s, const struct sync_input *in, struct sync_effects *fx);

enum link_state sync_link(const struct sync *s);
const char *sync_why(const struct sync *s);		/* "" when fine */
enum code sync_why_code(const struct sync *s);		/* why it stopped */
const char *sync_user(const struct sync *s);
const char *sync_device(const struct sync *s);
const struct sync_limits *sync_limits(const struct sync *s);
int64_t sync_retry_ms(const struct sync *s);		/* until the next attempt; 0 otherwise */
bool sync_has_heads(const struct sync *s);	/* it knows every conversation of ours now */
/* Connected, every conversation complete from its newest part on, everything stored. */
bool sync_is_caught_up(const struct sync *s);
/* The number of the batch that the next change goes into, and of the last one stored. */
uint64_t sync_gathering(const struct sync *s);
uint64_t sync_stored(const struct sync *s);
size_t sync_gathering_bytes(const struct sync *s);

struct sync_conv { const char *conv, *name, *epoch; enum conv_kind kind; int64_t head, floor, read;
	bool closed, ready; };
/* By "#room", "@user" or id. Borrowed until the next step. */
bool sync_find(const struct sync *s, const char *target, struct sync_conv *out);
bool sync_conv_at(const struct sync *s, size_t i, struct sync_conv *out);

struct sync_sending { const char *conv; enum outbox_state state; int64_t seq, lane; };
bool sync_find_row(const struct sync *s, const char *cid, struct sync_sending *out);
size_t sync_outbox_rows(const struct sync *s);
size_t sync_outbox_waiting(const struct sync *s);	/* without refused and expired ones */

#endif
