/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AI answers while they are written: the text in memory, its pieces passed on, a checkpoint in
 * the ledger now and then, and an end for those whose producer does not come back.
 * stonechat-protocol(7), sections 3 and 4.6. */
#ifndef DAEMON_STREAM_H
#define DAEMON_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;
struct conn;
struct daemon;
struct frame;
struct ledger_op;
struct streams;
struct want;

#define STREAM_GRACE_MS 30000		/* a producer that is gone may come back */
#define STREAM_SAVE_MS 2000		/* a checkpoint so long after the first new byte, */
#define STREAM_SAVE_BYTES 4096		/* or after so many */

struct streams *streams_new(struct daemon *d);
void streams_free(struct streams *all);
/* Those that the last run of the server left open; their producers' time begins. */
bool streams_load(struct streams *all, struct err *err);
size_t streams_count(const struct streams *all);

/* The ops "delta", "tail" and "stop". */
bool stream_delta(struct conn *c, struct frame *f);
bool stream_tail(struct conn *c, struct frame *f);
bool stream_stop(struct conn *c, struct frame *f);
/* Fills out with the next piece that w asks for, or answers with an error. True when w is
 * done. */
bool stream_fill(struct conn *c, struct want *w, struct buf *out);

/* Before an ai.end goes to the ledger: lends it the text. */
void streams_lend(struct streams *all, struct ledger_op *op);
/* A send was decided: an ai.start opens a stream, an ai.end closes it. */
void streams_posted(struct streams *all, const struct ledger_op *op);

/* The last connection of this device is gone, or a new one is there. */
void streams_producer_gone(struct streams *all, const char *user, const char *device);
void streams_producer_back(struct streams *all, const char *user, const char *device);
/* user is no member any more: its streams there end. */
void streams_expel(struct streams *all, const char *conv, const char *user);
/* Checkpoints whatever is not saved: the server is about to stop. */
void streams_save(struct streams *all);

#endif
