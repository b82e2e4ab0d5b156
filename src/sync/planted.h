/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bugs that the simulator plants into the core, one at a time, to show that it would catch them
 * (tests/sim/README). In what ships there are none: PLANTED() is false. */
#ifndef SYNC_PLANTED_H
#define SYNC_PLANTED_H

enum planted {
	BUG_NONE,
	BUG_FAILURE_IS_STORED,	/* a commit that failed counts as stored */
	BUG_CREDIT_EARLY,	/* credit before the commit */
	BUG_GAP_IS_COVERED,	/* what came closes the gap below it */
	BUG_SEND_EARLY,		/* a row goes out before it is stored */
	BUG_GONE_AT_ACK,	/* a row leaves with its answer, not with its record */
	BUG_OWN_LOST_AT_FORK,	/* own records of a lost future are not offered again */
	BUG_FORK_KEPT,		/* what is above keep stays after a reset */
	BUG_POISON_BLOCKS,	/* what is refused for good is sent again */
	BUG_NOT_SYNCED		/* a queued row may be lost with the power */
};

#ifdef SYNC_PLANTED
struct sync;
void sync_plant(struct sync *s, enum planted bug);
#define PLANTED(s, bug) ((s)->planted == (bug))
#else
#define PLANTED(s, bug) false
#endif

#endif
