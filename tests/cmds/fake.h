/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A house for commands without engine, mirror or loop: a conversation in memory, an engine that
 * answers from it, time turned by hand. */
#ifndef TESTS_CMDS_FAKE_H
#define TESTS_CMDS_FAKE_H

#include "base/arr.h"
#include "base/buf.h"
#include "base/path.h"
#include "cmds/cmd.h"
#include "model/message.h"

struct fake_row { int64_t seq, ts; char id[40], from[16], text[256],
		body[256]; enum record_kind kind; bool edited, deleted; };

struct fake_call { struct api *api; struct request rq; char text[512],
		cid[64]; api_reply_fn *fn; void *arg; bool is_gone; };

struct fake {
	struct cmd_ctx ctx;		/* first: one is the other */
	struct cmd_sink sink;
	struct api api;
	struct paths paths;
	char *dir;
	/* the mirror of "#lobby", c_1 */
	arr(struct fake_row) rows;
	arr(struct gap) gaps;
	int64_t head, floor;
	char epoch[16];
	/* what the engine was asked; the test may answer itself */
	arr(struct fake_call *) calls;
	void (*on_call)(struct fake *f, struct fake_call *c);	/* NULL: fake_answer */
	int64_t next_seq;
	/* standard input */
	const char *input;
	size_t input_n, chunk;
	bool (*stdin_fn)(void *arg, const char *p, size_t n);
	void *stdin_arg;
	bool is_reading, is_data;
	/* timers that are due at once when turned */
	arr(struct cmd_later *) laters;
	/* what came of it */
	struct buf out, remarks;
	struct cmd_run *run;
	struct err err;
	bool is_done, is_closed;	/* is_closed: the sink's reader is gone */
};

void fake_init(struct fake *f);
void fake_done(struct fake *f);
/* Adds a message with seq, by "ann", at 2026-11-24T10:00Z plus seq minutes; id "id-SEQ". */
struct fake_row *fake_row(struct fake *f, int64_t seq, const char *text);
/* Starts the line (split at blanks, no quoting) and turns until nothing is due. */
void fake_line(struct fake *f, const char *line);
void fake_turn(struct fake *f);
void fake_reply(struct fake_call *c, const struct reply *r);
/* QUEUED and DONE for sends, DONE for all else. */
void fake_answer(struct fake *f, struct fake_call *c);
void fake_event(struct fake *f, enum event_type type);

#endif
