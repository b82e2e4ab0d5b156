/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing to a log: one record at a time, and what it means for the records before it. */
#ifndef LEDGER_APPEND_H
#define LEDGER_APPEND_H

#include "ledger/state.h"

/* A record to be. Strings borrowed; cid "" gets a new one. */
struct entry {
	enum record_kind kind;
	struct state_user *from;
	struct state_member *author;	/* whose count of own messages grows; may be NULL */
	const char *device, *cid, *ref;
	int64_t target;			/* seq of what ref means; 0: none */
	const char *body;
	size_t body_n;
	int64_t hash, now;
};

/* Appends e to the log of c and to the changes of the batch. id and ts (may be NULL) are those of
 * the new record, whose seq is c->seq afterwards. */
bool append_record(struct ledger *l, struct state_conv *c, const struct entry *e,
		char id[ID_SIZE], int64_t *ts, struct err *err);
/* The change of c in this batch. */
struct ledger_change *append_change(struct ledger *l, struct state_conv *c);
/* Queues a record of kind for u_user that follows from seq of c; body[n] is copied. */
void append_note(struct ledger *l, const struct state_conv *c, int64_t seq, const char *user,
		enum record_kind kind, const char *from, const char *device, int64_t now,
		const char *body);

#endif
