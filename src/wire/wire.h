/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The protocol: bytes <-> structs. Every frame is a row in one table (frames.c): its name, which
 * side sends it, the connection states in which it is legal, and its members with type, place and
 * whether they must be there. stonechat-protocol(7), section 3. */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/body.h"
#include "model/code.h"
#include "model/record.h"

#define WIRE_VERSION 1
#define WIRE_CLIENT_FRAME (64 * 1024)	/* default caps, bytes */
#define WIRE_SERVER_FRAME (256 * 1024)
#define WIRE_HELLO_FRAME 4096
#define WIRE_SUBS_MAX 64
#define WIRE_MARKS_MAX 32
/* i, re, ttl and other optional numbers that were not there */
#define WIRE_ABSENT (-1)

enum wire_op {
	WIRE_HELLO, WIRE_WELCOME, WIRE_SUB, WIRE_SUBBED, WIRE_UNSUB, WIRE_EVENTS, WIRE_FETCH,
	WIRE_PAGE, WIRE_SEND, WIRE_ACK, WIRE_NACK, WIRE_MARK, WIRE_TYPING, WIRE_PRESENCE,
	WIRE_DELTA, WIRE_TAIL, WIRE_STOP, WIRE_OK, WIRE_HEADS, WIRE_CREDIT, WIRE_LAG, WIRE_PING,
	WIRE_PONG, WIRE_ROOM, WIRE_ERROR, WIRE_BYE,
	WIRE_UNKNOWN			/* an op of a later version */
};

enum wire_side { WIRE_CLIENT = 1, WIRE_SERVER = 2 };	/* who sends */
/* of the connection, as bits */
enum wire_state { WIRE_BEFORE_HELLO = 1, WIRE_BEFORE_WELCOME = 2, WIRE_OPEN = 4 };

enum wire_mode { WIRE_TAIL_MODE, WIRE_SKIP, WIRE_RESET, WIRE_GONE };
enum wire_dir { WIRE_BACK, WIRE_FWD };

struct wire_limits { int64_t frame, body, fetch, inflight, ping; };

struct wire_sub {
	const char *conv, *epoch;	/* epoch "": any, with seq 0 */
	int64_t seq, max;
	const char *id;
	struct position *marks;
	size_t n_marks;
};

struct wire_subbed {
	const char *conv, *epoch;
	enum wire_mode mode;
	int64_t seq, floor, from, keep;	/* keep WIRE_ABSENT: a new epoch while live */
	enum code code;			/* WIRE_GONE */
};

struct wire_pong_head { const char *conv; int64_t seq; const char *epoch; };

/* One frame. Strings are borrowed: from the frame that wire_decode made, or from whoever encodes.
 * Absent strings are "". */
struct frame {
	enum wire_op op;
	int64_t i, re;			/* WIRE_ABSENT when not there */
	union {
		struct {
			int64_t *versions;
			size_t n_versions;
			const char *device, *agent, *token;	/* token "": none */
			const char **caps;
			size_t n_caps;
			const char *since;
			int64_t window;
		} hello;
		struct {
			int64_t version;
			const char *user, *session;
			const char **caps;
			size_t n_caps;
			int64_t now;
			const char *durability;
			struct wire_limits limits;
			struct head *heads;
			size_t n_heads;
			bool more;
			const char *since;
		} welcome;
		struct { struct wire_sub *subs; size_t n_subs; } sub;
		struct { struct wire_subbed *subs; size_t n_subs; } subbed;
		struct { const char **convs; size_t n_convs; } unsub;
		struct {
			const char *conv, *epoch;
			int64_t prev;
			struct record *events;
			size_t n_events;
			/* encoded records with commas between, written instead of events; NULL:
			 * none. Decoding leaves it NULL. */
			const char *raw;
			size_t raw_n;
		} events;
		struct {
			const char *conv, *epoch;
			enum wire_dir dir;
			int64_t lo, hi, n;
			bool only_ops;
			int64_t refs_lo, refs_hi;	/* WIRE_ABSENT without only_ops */
		} fetch;
		struct {
			const char *conv, *epoch;
			int64_t lo, hi, floor;
			bool only_ops;
			struct record *events;
			size_t n_events;
			const char *raw;		/* as in events */
			size_t raw_n;
		} page;
		struct {
			const char *conv, *cid;
			int64_t lane;
			enum record_kind kind;
			const char *kind_name;		/* encoding: "" or NULL means kind's own */
			const char *ref;
			struct body body;		/* encoding: body.json goes first */
			int64_t ttl;			/* decoding: never below 0 when there */
			/* conv, cid and lane were readable, the rest was not and is empty: answer
			 * nack with this code and sentence */
			enum code bad;
			const char *bad_why;
		} send;
		struct {
			const char *conv, *epoch, *cid;
			int64_t lane, prev, seq;
			const char *id;
			int64_t ts;
			bool dup;
		} ack;
		struct {
			const char *cid;
			int64_t lane;
			enum code code;
			const char *message;
			bool retry;
			int64_t after, expect;		/* WIRE_ABSENT when not there */
		} nack;
		struct { const char *conv, *epoch; int64_t seq; } mark;
		struct { const char *conv; int64_t ttl; const char *from; } typing;
		struct { const char *from, *state; int64_t ttl; } presence;
		struct {
			const char *conv, *stream, *channel;
			int64_t off;
			const char *text;
			size_t text_n;
			const char *from;
			bool end;
		} delta;
		struct { const char *conv, *stream, *channel; int64_t off; } tail;
		struct { const char *conv, *stream, *from; } stop;
		struct { struct head *heads; size_t n_heads; bool more; const char *since; } heads;
		struct { int64_t bytes; } credit;
		struct { const char *conv; int64_t seq; } lag;
		struct { int64_t x; } ping;
		struct { int64_t x; struct wire_pong_head *heads; size_t n_heads; } pong;
		struct {
			const char *act;	/* "do"; a foreign server's answer may lack it */
			const char *conv, *name, *topic, *user, *role;
			bool is_public;
			/* the answer to list ("rooms") or members ("members"): an array of objects
			 * as compact JSON, "" when there is none */
			const char *rows;
			size_t rows_n;
			/* asking: only what comes after that room's name, or user; answering: more
			 * is to be had so */
			const char *after;
			bool more;
		} room;
		struct { enum code code; const char *message; int64_t expect; } error;
		struct { const char *code; int64_t after; } bye;
	};
};

/* What a frame that cannot be taken leads to. */
enum wire_fault {
	WIRE_FINE,
	WIRE_CLOSE_BAD,		/* not JSON, duplicate key, too deep, no object: close 4400 */
	WIRE_CLOSE_AUTH,	/* malformed auth in hello: error auth, close 4401 */
	/* missing or wrong member, unknown op of a client: answer "error invalid"; the connection
	 * stays */
	WIRE_INVALID
};

/* Decodes p[n] as sent by side. NULL on failure: *fault says what to do, err what was wrong, *i the
 * request number if it could be read (else WIRE_ABSENT). The length is the caller's to check
 * before, and so is wire_is_legal after. An op that the server may not send is WIRE_UNKNOWN. Free
 * with frame_free. */
struct frame *wire_decode(enum wire_side side, const char *p, size_t n, enum wire_fault *fault,
		int64_t *i, struct err *err);
void frame_free(struct frame *f);	/* f may be NULL; not for frames that were not decoded */
/* True if op may be sent by side while the connection is in state. */
bool wire_is_legal(enum wire_op op, enum wire_side side, enum wire_state state);
const char *wire_op_name(enum wire_op op);

/* Appends the frame as side sends it, which must be one of its ops. Optional numbers must be
 * WIRE_ABSENT to be left out; optional strings "" or NULL. False when out is full, which then is as
 * it was. */
bool wire_encode(enum wire_side side, const struct frame *f, struct buf *out);

/* Takes apart and checks a body of this kind (JSON text); *keep owns what body borrows: free it
 * with body_free. False and err for a body that does not fit, the "{}" of a deleted message too. A
 * body of REC_OTHER has only json. */
struct body_memory;
bool body_parse(enum record_kind kind, const char *json, size_t n, struct body *body,
		struct body_memory **keep, struct err *err);
void body_free(struct body_memory *keep);	/* may be NULL */
/* Appends a body of this kind made from its members (REC_OTHER: its json). False when out is full,
 * which then is as it was. */
bool body_encode(enum record_kind kind, const struct body *body, struct buf *out);

#endif
