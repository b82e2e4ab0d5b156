/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leaves a connection, in which order, and how much of it may be on the way: answers first,
 * then pages, then events, ephemera last. Nothing is buffered for a slow client but a bounded
 * number of answers: the log is the buffer. stonechat-protocol(7), section 4.5. */
#ifndef DAEMON_FLOW_H
#define DAEMON_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/record.h"
#include "wire/wire.h"

struct buf;
struct bytes;
struct conn;
struct sub;

#define FLOW_REPLIES (1024 * 1024)	/* bytes of answers that a client may leave unread */
#define FLOW_EPHEMERA 64		/* that wait for a client */
#define FLOW_WANTS 8			/* fetches and tails that wait for credit */

/* A fetch or tail that waits. */
struct want {
	struct want *next;
	enum wire_op op;		/* WIRE_FETCH, WIRE_TAIL */
	int64_t re;
	char conv[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1];
	enum wire_dir dir;		/* fetch */
	bool only_ops;
	int64_t lo, hi, n, refs_lo, refs_hi;
	char stream[STREAM_MAX + 1];	/* tail */
	bool is_reasoning;
	int64_t off;
};

/* Queues an answer; drops it when the client is flooded. Never closes. */
void flow_reply(struct conn *c, const struct frame *f);
/* The client leaves so many answers unread that it must be closed (4429). */
bool flow_is_flooded(const struct conn *c);
/* Queues something that may be dropped: that is what happens without credit (if it counts) or
 * behind too much. */
void flow_tell(struct conn *c, struct bytes *b);
/* Queues a request that is answered when there is credit; false when too many wait. Takes w. */
bool flow_want(struct conn *c, struct want *w);
/* s has something to deliver. */
void flow_due(struct sub *s);
void flow_undue(struct sub *s);
void flow_credit(struct conn *c, int64_t bytes);
/* Fills out with the next message, and asks for another turn if there is more. */
void flow_fill(struct conn *c, struct buf *out);
/* Hands all answers over to the socket, for a close. */
void flow_flush(struct conn *c);
void flow_done(struct conn *c);

#endif
