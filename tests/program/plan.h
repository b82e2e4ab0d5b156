/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the proxy does to each connection: plans, read from words, handed out in turn. */
#ifndef PROGRAM_PLAN_H
#define PROGRAM_PLAN_H

#include <stdbool.h>
#include <stdint.h>

/* Up is from the client to the server. */
enum way { WAY_UP, WAY_DOWN };

enum plan_kind {
	PLAN_PASS,	/* carries bytes */
	PLAN_CUT,	/* ends both sides after `at` bytes of `way` */
	PLAN_SWALLOW,	/* half-open: carries nothing after `at` bytes of `way`, closes nothing */
	PLAN_DELAY,	/* every piece takes between `at` and `most` ms, in order */
	PLAN_TRICKLE,	/* pieces of `at` bytes, `most` ms apart */
	PLAN_LATE,	/* ends the client's side after `at` bytes up; what it had sent besides
			 * reaches the server `most` ms later, beside its next connection */
	PLAN_REPLAY,	/* when it ends, the client's bytes come once more, on a new connection */
};

struct plan {
	enum plan_kind kind;
	enum way way;
	int64_t at, most;
	bool is_sweep;		/* `at` grows by step each time this plan's turn comes */
	int64_t step;
};

enum { PLANS_MAX = 16 };

struct plans {
	struct plan v[PLANS_MAX];
	int n, turn;
	bool is_random;
	uint64_t dice;
};

/* One plan as an argument: pass | cut up|down N[+STEP] | swallow up|down N | delay MIN MAX |
 * trickle BYTES MS | late N MS | replay | random SEED. False if it is none of these, or there are
 * too many. */
bool plans_add(struct plans *p, const char *words);
/* The plan of the next connection: in turn, over and over; drawn from the seed after `random`. */
struct plan plans_next(struct plans *p);
/* As plans_add reads it; text holds at least 64 bytes. */
void plan_print(const struct plan *p, char text[64]);

#endif
