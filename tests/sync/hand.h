/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sync core driven by hand: inputs are made here, effects are looked at, the clock stands still
 * until it is moved, and the store answers when it is told to. */
#ifndef TESTS_SYNC_HAND_H
#define TESTS_SYNC_HAND_H

#include "test.h"

#include "sync/sync.h"

#define C1 "c_1"
#define U(n) "018f0000-0000-7000-8000-00000000000" #n

struct hand {
	struct sync *s;
	struct sync_effects fx;
	int64_t now, wall;
	struct batch *commit;	/* handed over, not answered */
};

void hand_init(struct hand *h);
void hand_done(struct hand *h);
void hand_step(struct hand *h, struct sync_input in);
void hand_advance(struct hand *h, int64_t ms);	/* and lets the timer ring */
void hand_store(struct hand *h);		/* the batch is stored */
/* Stores until nothing is left to store. */
void hand_settle(struct hand *h);
/* The i-th effect of this type of the last step; NULL when there is none. */
const struct sync_effect *hand_fx(const struct hand *h, enum sync_fx type, size_t i);
size_t hand_count(const struct hand *h, enum sync_fx type);
/* The i-th change of this type in the batch that is handed over. */
const struct change *hand_change(const struct hand *h, enum change_type type, size_t i);

/* Online, connected, greeted; heads as given; nothing is subscribed yet. The last step's effects
 * are those of the greeting. */
void hand_greet(struct hand *h, const struct head *heads, size_t n);
struct head hand_head(const char *conv, int64_t seq);
/* Greeted with one conversation c_1 whose head is seq, subscribed from the start, all of it
 * received and stored: live. */
void hand_live(struct hand *h, int64_t seq);
void hand_subbed(struct hand *h, struct sync_subbed sub);
/* Messages lo+1 … hi of c_1 by somebody. */
void hand_events(struct hand *h, int64_t prev, int64_t lo, int64_t hi);
/* One message of c_1 with a cid, from a person. */
void hand_own_event(struct hand *h, int64_t seq, const char *from, const char *cid);
void hand_page(struct hand *h, int64_t re, int64_t lo, int64_t hi);
void hand_send(struct hand *h, const char *cid);
void hand_ack(struct hand *h, const char *cid, int64_t seq);
void hand_nack(struct hand *h, const char *cid, enum code code, bool retry, int64_t after,
		int64_t expect);
void hand_down(struct hand *h, int code);

#endif
