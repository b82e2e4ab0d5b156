/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gathers from SQLite what ledger_decide needs to know about one proposal. */
#ifndef LEDGER_FACTS_H
#define LEDGER_FACTS_H

#include "ledger/state.h"

/* The facts, and what they were read from. */
struct facts {
	struct ledger_facts f;
	struct state_conv *conv;		/* NULL: unknown */
	struct state_user *user, *other;	/* NULL: unknown, or nobody was named */
	struct state_lane *lane;		/* LEDGER_SEND only */
	struct state_member *member, *other_member;
	int64_t target;				/* seq of what ref means; 0 none */
	int64_t hash;				/* of kind, ref and body */
	char known_id[ID_SIZE], known_why[160];
};

/* False when the file could not be read. Pointers stay until the batch ends. */
bool facts_gather(struct ledger *l, const struct ledger_op *op, struct facts *x, struct err *err);

/* The seq of the record with this id, 0 when there is none above the floor. */
bool facts_find(struct ledger *l, const struct state_conv *c, const char *id, int64_t *seq,
		struct err *err);
/* Takes one message from the sender's allowance. */
void facts_take_rate(struct ledger *l, struct state_user *u);

/* A UUID's 16 bytes; id_format goes back. id must be valid. */
void uuid_bytes(const char *id, unsigned char out[16]);

#endif
