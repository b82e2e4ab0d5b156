/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ledger in a folder of its own, and short ways to make proposals to it. */
#ifndef TESTS_LEDGER_WORLD_H
#define TESTS_LEDGER_WORLD_H

#include "ledger/ledger.h"
#include "test.h"

#define WORLD_LANES 64

struct world {
	char dir[64];
	struct ledger *l;
	struct ledger_reader *r;
	struct ledger_limits limits;
	int64_t now;
	struct ledger_changes changes;	/* of the last commit */
	struct { char key[160]; int64_t n; } lanes[WORLD_LANES];
	size_t n_lanes;
	char body[4096], cid[37];	/* what the last op borrows */
};

/* Opens one with rooms #lobby, and ann, bob and eve in it. */
void world_init(struct world *w);
void world_open(struct world *w);
void world_close(struct world *w);	/* keeps the files */
void world_done(struct world *w);
/* setup and teardown for cmocka */
int world_setup(void **state);
int world_teardown(void **state);

/* An op with everything "". */
struct ledger_op world_op(struct world *w, enum ledger_act act, const char *user);
/* Commits it; out.ok. */
bool world_do(struct world *w, struct ledger_op *op);
/* A send of kind with a new cid and the next lane; body as JSON. Fill in op.body members
 * yourself. */
struct ledger_op world_send(struct world *w, const char *user, const char *conv,
		enum record_kind kind, const char *body);
/* The next lane of user's device d_USER in conv. */
int64_t world_lane(struct world *w, const char *user, const char *conv);
/* Sends text and gives the seq; asserts that it was taken. id may be NULL. */
int64_t world_say(struct world *w, const char *user, const char *conv, const char *text, char *id);
/* The id of the room with this name. */
const char *world_room(struct world *w, const char *name, char conv[CONV_ID_MAX + 1]);
/* Records (lo,hi] of conv as pages carry them. */
void world_page(struct world *w, const char *conv, int64_t lo, int64_t hi, bool with_cur,
		struct buf *out);
/* The head of conv as user sees it. */
struct world_head {
	bool is_there;
	char name[80], topic[80], epoch[EPOCH_MAX + 1];
	int64_t seq, read, unread, mentions;
};
struct world_head world_head(struct world *w, const char *user, const char *conv);

#endif
