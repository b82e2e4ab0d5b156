/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One conversation being followed: rows come out in order, each once, through holes, reconnects
 * and a log that begins anew. */
#ifndef CMDS_FOLLOW_H
#define CMDS_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "cmds/target.h"

struct api_call;
struct cmd_ctx;
struct follow;
struct gap;
struct message;

#define FOLLOW_MARKS 512	/* rows remembered, to find the place again when the log forked */
#define FOLLOW_PIECE 256	/* rows given a turn */

struct follow_ops {
	/* The next row; borrowed. */
	void (*row)(void *arg, struct follow *f, const struct message *m);
	/* A piece is complete: write it. False ends the following; f may be freed in it only
	 * then. */
	bool (*piece)(void *arg, struct follow *f);
	/* What was trimmed before it could be read. */
	void (*gap)(void *arg, struct follow *f, const struct gap *g);
	void (*failed)(void *arg, struct follow *f, const struct err *err);
};

struct follow_mark { int64_t seq; char id[ID_SIZE]; };

struct follow {
	struct target target;
	struct cmd_ctx *ctx;
	const struct follow_ops *ops;
	void *arg;
	int64_t cursor;			/* all up to here was given */
	struct api_call *fetch;
	struct cmd_later *more;
	/* a ring: mark_n % FOLLOW_MARKS is the next place */
	struct follow_mark marks[FOLLOW_MARKS];
	size_t mark_n;
	int64_t in_vain;		/* where a fetch ended without filling the hole; -1 */
	int64_t rows;			/* of this piece */
	int64_t asked;			/* the hole after it was fetched once: waits for an event */
	bool is_again;			/* something changed while a fetch was on its way */
	bool has_forked;		/* rows may come again under other numbers */
};

/* t becomes f's. Gives what comes after cursor, from the next turn on. */
struct follow *follow_new(struct cmd_ctx *ctx, struct target *t, int64_t cursor,
		const struct follow_ops *ops, void *arg);
void follow_free(struct follow *f);
/* The mirror changed: looks, later. */
void follow_poke(struct follow *f);

#endif
