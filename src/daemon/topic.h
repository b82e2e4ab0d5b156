/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A conversation that somebody follows: who, how far each has read the log, and the newest
 * records ready to be sent. A frame is made once for all receivers with the same cursor.
 * stonechat-protocol(7), section 4. */
#ifndef DAEMON_TOPIC_H
#define DAEMON_TOPIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/code.h"
#include "model/record.h"

struct bytes;
struct conn;
struct daemon;
struct ledger_change;
struct ledger_conv;
struct topic;
struct topics;
struct user;

/* One subscription: a cursor. */
struct sub {
	struct conn *conn;
	struct topic *topic;
	struct sub *next;		/* of the connection */
	struct sub *due_next;
	int64_t cursor;			/* delivered up to here */
	uint32_t index;			/* in the topic */
	uint32_t typed_s;		/* when its last typing was passed on */
	bool is_due, is_lagging;
};

struct topics *topics_new(struct daemon *d);
void topics_free(struct topics *t);
/* A commit made these records, or a new epoch: everybody who follows has something to get. Takes
 * the bytes of the records. */
void topics_changed(struct topics *t, struct ledger_change *change);
/* The ledger was changed from elsewhere: reads all heads again. */
void topics_refresh(struct topics *t);
/* Bytes of records that are kept for receivers. */
size_t topics_bytes(const struct topics *t);

struct topic *topic_find(struct topics *t, const char *conv);	/* NULL: nobody follows it */
/* Subscribes c from cursor on (replacing what it had). */
struct sub *topic_join(struct topics *t, struct conn *c, const struct ledger_conv *conv,
		int64_t cursor);
struct sub *topic_sub(struct topic *t, const struct conn *c);	/* NULL: does not follow */
/* Ends a subscription; the topic goes with its last one. */
void topic_leave(struct sub *s);
/* Ends all subscriptions of user here and says why (mode gone). */
void topic_expel(struct topics *t, const char *conv, const struct user *user, enum code code);
const char *topic_conv(const struct topic *t);
int64_t topic_head(const struct topic *t);
/* s was sent everything up to seq. */
void topic_delivered(struct sub *s, int64_t seq);
/* Tells all who follow but one (may be NULL). */
void topic_tell(struct topic *t, struct bytes *b, const struct conn *but);
/* The subscribers, in no order. */
struct sub *const *topic_subs(const struct topic *t, size_t *n);
/* The next events frame for a receiver at cursor, borrowed until the next call, and the seq it
 * reaches. NULL: there is nothing up to *seq, which is below the head when the disk failed (that
 * is logged). */
struct bytes *topic_frame(struct topic *t, int64_t cursor, int64_t *seq);

#endif
