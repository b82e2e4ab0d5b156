/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that happens on the person's side, as one typed value. An event says that something
 * changed; rows of a conversation are read from the mirror, so a front that lags makes nobody
 * buffer. Strings are borrowed until the observer returns; absent ones are "". */
#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/record.h"

struct conv_row;
struct message;
struct outbox_row;

enum event_type {
	EV_LINK,	/* an account's connection */
	/* a conversation is new or its head, marks, counts, coverage or rows changed: read it
	 * again from the mirror */
	EV_CONV,
	EV_OUTBOX,	/* an outbox row changed or left */
	EV_TYPING,
	EV_PRESENCE,
	EV_DELTA,	/* text of a running AI stream */
	EV_STOP,	/* somebody asks a stream of ours to stop */
	EV_MIRROR,	/* the mirror's file changed (new generation): open it again */
	EV_NOTICE,	/* a sentence for the person */
	EV_COUNT,
	/* From here on: what a front reads from its mirror into its model; never on a socket. */
	EV_PAGE = EV_COUNT,	/* rows of a part of the shown conversation follow */
	EV_ROW,
	EV_GAP,
	EV_PAGE_END,
	EV_REPLIED,	/* the message that rows of the window answer */
	EV_PENDING	/* a row of the outbox; NULL: the list of them begins anew */
};

enum link_state { LINK_OFFLINE, LINK_CONNECTING, LINK_SYNCING, LINK_ONLINE, LINK_WAITING,
		LINK_STOPPED };
const char *link_state_name(enum link_state s);
bool link_state_parse(const char *name, enum link_state *s);

enum outbox_state { OUTBOX_QUEUED, OUTBOX_SENT, OUTBOX_ACKED, OUTBOX_UNKNOWN, OUTBOX_REFUSED,
		OUTBOX_EXPIRED, OUTBOX_DROPPED };
const char *outbox_state_name(enum outbox_state s);
bool outbox_state_parse(const char *name, enum outbox_state *s);

struct event {
	enum event_type type;
	const char *account;
	const char *conv, *name;	/* "" where no conversation is meant */
	union {
		struct {
			enum link_state state;
			const char *why;	/* a sentence; "" when fine */
			int64_t latency_ms;	/* -1 unknown */
			int64_t retry_ms;	/* LINK_WAITING: until the next attempt */
			bool tls;
			const char *user, *server;
		} link;
		struct {
			enum conv_kind kind;
			const char *topic, *epoch;
			int64_t head, top, floor;	/* top: newest seq in the mirror */
			int64_t read, unread, mentions;
			/* rows in (lo,hi] were added or changed; 0,0: none */
			int64_t changed_lo, changed_hi;
			bool closed;		/* no longer a member */
			/* rows that came as they happened, not by catch-up */
			bool live;
		} convs;
		struct {
			const char *cid, *error;
			enum outbox_state state;
			int64_t tries, next_try_ms, seq;	/* seq: OUTBOX_ACKED */
			const char *id;		/* OUTBOX_ACKED */
			bool dup;
			enum record_kind kind;
		} outbox;
		struct { const char *from; int64_t ttl_ms; } typing;
		struct { const char *from, *state; } presence;
		struct { const char *from, *stream, *channel,
				*text; size_t text_n; int64_t off; bool end; } delta;
		struct { const char *from, *stream; } stop;
		struct { const char *path; } mirror;
		struct { int level; const char *text; } notice;	/* 0 info, 1 warning, 2 error */
		/* Rows of (lo,hi] come, what the window had of them goes. anew: all of it goes,
		 * and account and conv say which conversation the window shows from now on. */
		struct { int64_t lo, hi; bool anew; } page;
		/* at_old: nothing older is to be had; at_new: hi is the newest row. keep_old: when
		 * the window is too large, its newest rows go. */
		struct { bool at_old, at_new, keep_old; } page_end;
		const struct message *row;		/* EV_ROW, EV_REPLIED */
		struct { int64_t lo, hi; } gap;		/* (lo,hi] is not held */
		const struct outbox_row *pending;
	};
};

/* EV_CONV as the row says; what changed stays 0. Strings borrowed from the row. */
struct event event_of_conv(const char *account, const struct conv_row *c);

#endif
