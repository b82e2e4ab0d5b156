/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection: its state, what it may say in it, and what it is told. Kept small, since
 * thousands are idle; what few need is allocated when they need it. */
#ifndef DAEMON_CONN_H
#define DAEMON_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/code.h"
#include "net/ws.h"

struct daemon;
struct ephemera;
struct frame;
struct reply;
struct sub;
struct user;
struct want;

enum conn_state {
	CONN_NEW,		/* has not said who it is */
	CONN_GREETING,		/* hello taken, the welcome waits for the ledger */
	CONN_OPEN,
	CONN_CLOSING		/* says and hears nothing more */
};

struct conn {
	struct daemon *d;
	struct ws *ws;			/* NULL when gone */
	struct user *user;		/* from the welcome on */
	struct conn *mate, **mate_at;	/* among the user's connections; NULL: not one of them */
	struct conn *older, *newer;	/* by the last sign of life (crowd) */
	char *device;
	struct sub *subs;		/* all subscriptions */
	struct sub *due, *due_last;	/* those with something to deliver */
	struct reply *replies, *replies_last;
	struct ephemera *ephemera;
	struct want *wants;		/* fetches and tails that wait for credit */
	int64_t sent, credited;		/* bytes that count for credit */
	int64_t seen_ms;		/* the last frame */
	uint32_t window, reply_bytes;
	uint32_t pong_at;		/* the head with which the next pong begins */
	uint16_t refs;			/* jobs that hold it, and the socket */
	uint16_t inflight;		/* requests without an answer */
	uint8_t state;			/* enum conn_state */
	bool is_unix, by_token;
	bool is_wanting;		/* asked to write */
	bool is_stalled;		/* credit is used up, and it was told */
};

/* What a listener needs; arg is struct daemon. */
extern const struct ws_ops conn_ops;

void conn_hold(struct conn *c);
void conn_release(struct conn *c);	/* frees after the last one; NULL is fine */

/* Says error and goes on. re: WIRE_ABSENT without a request. */
void conn_error(struct conn *c, int64_t re, enum code code, const char *message);
/* Sends what waits, then the close code. Nothing is heard or said afterwards. */
void conn_close(struct conn *c, int code, const char *reason);

#endif
