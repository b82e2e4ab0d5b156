/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is true, as a front knows it: accounts and their links, conversations in the order of the
 * list, a window of rows of the one that is shown, what waits in the outbox. Bounded, whatever
 * the mirror holds. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arr.h"
#include "base/id.h"
#include "base/text.h"
#include "model/event.h"
#include "model/row.h"

#define MODEL_ACCOUNTS_MAX 64
#define MODEL_CONVS_MAX 4096
#define MODEL_TYPING_MAX 32
#define MODEL_ACKED_MAX 64	/* rows that show their ✓ at a time */
#define MODEL_LOCAL_MAX 200	/* lines of notices and command output kept */
#define MODEL_PENDING_MAX 200	/* outbox rows shown */
#define WINDOW_ROWS_MAX 600
#define WINDOW_BYTES_MAX (2 << 20)
#define MODEL_ACKED_MS 2000

struct model_account {
	char *name;
	char *user;			/* "" before the first welcome */
	struct safe_text label, user_label, server, why;
	enum link_state link;
	int64_t latency_ms;		/* -1: unknown */
	int64_t retry_at;		/* monotonic ms; 0: no attempt is planned */
	bool tls;
};

struct model_conv {
	size_t account;			/* index */
	char *conv, *name, *epoch;
	struct safe_text label, topic;
	enum conv_kind kind;
	int64_t head, top, floor, read, unread, mentions;
	bool closed;
};

struct typing { char *account, *conv, *from; struct safe_text label; int64_t until; };
struct acked { char cid[ID_SIZE]; int64_t until; };

/* A contiguous part of the log of one conversation, as rows by seq. */
struct window {
	char *account, *conv, *epoch;	/* NULL: no conversation is shown */
	char *user;
	arr(struct row) rows;		/* messages, news and gaps */
	size_t bytes;
	int64_t lo, hi;			/* rows of (lo,hi] are here */
	bool at_old, at_new;		/* nothing older, nothing newer is to be had */
	int64_t fresh;			/* rows after hi are known of: the newest seq there */
	bool is_stale;			/* rows inside changed: read it again */
	bool pending_stale;		/* the outbox changed */
};

struct model {
	int64_t now;			/* monotonic ms, the last model_tick */
	arr(struct model_account) accounts;
	arr(struct model_conv) convs;
	struct window window;
	arr(struct row) locals;		/* of any conversation: id is "account/conv" */
	arr(struct row) pending;	/* of the shown conversation */
	bool more_pending;		/* there are more than are shown */
	int64_t waiting, refused;	/* in all outboxes; the front counts */
	arr(struct typing) typing;
	arr(struct acked) acked;
	int64_t local_number;
	bool outbox_stale;		/* waiting and refused are to be counted again */
	bool is_dirty;			/* something that can be seen changed */
};

void model_init(struct model *m);
void model_done(struct model *m);

/* The only writer of what events tell: no I/O, no clock, no failure. An event about an account
 * that was not named by an EV_LINK before names it. */
void model_apply(struct model *m, const struct event *ev);
/* Time passes: marks and people who type expire. */
void model_tick(struct model *m, int64_t now);
/* When model_tick next has something to do (monotonic ms), 0: never. */
int64_t model_due(const struct model *m);
/* What the outboxes hold, all accounts together. */
void model_count_outbox(struct model *m, int64_t waiting, int64_t refused);

/* Index, or -1. */
int model_account(const struct model *m, const char *name);
int model_conv(const struct model *m, const char *account, const char *conv);
/* The conversation that is shown, or -1. */
int model_shown(const struct model *m);
/* By the number of the list ("3"), "#room", "@user", conversation id, or the start of a name if
 * only one begins so; -1 when there is none. Names of account are preferred. */
int model_find(const struct model *m, const char *target, const char *account);
/* Its ✓ is to be seen. */
bool model_is_acked(const struct model *m, const char *cid);
/* True if any account is connected. */
bool model_is_online(const struct model *m);

#endif
