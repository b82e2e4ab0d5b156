/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the engine reads back from the mirror for the sync core: everything at the start, one
 * conversation after its log forked, the body of a row when it is sent. */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/saved.h"

struct reader;

/* After a failed read: was it because the file is damaged? Then the next writer_open sets it
 * aside. For the engine, which writes; other readers have no business with it. */
bool state_condemn(struct reader *r);
/* The same without a reason of its own: what it holds is not what the server has. */
void state_replace(struct reader *r);
/* A value of the table meta into out; empty when there is none. */
bool state_meta(struct reader *r, const char *key, struct buf *out, struct err *err);
/* conv NULL: all conversations, in the order in which they became known. Borrowed. */
bool state_convs(struct reader *r, const char *conv, void (*fn)(void *arg,
		const struct saved_conv *c), void *arg, struct err *err);
/* A row of the outbox by cid; fn is not called when there is none. */
struct state_row { enum record_kind kind; const char *ref, *body, *code, *error; size_t body_n;
	enum outbox_state state; };
bool state_row(struct reader *r, const char *cid, void (*fn)(void *arg,
		const struct state_row *row), void *arg, struct err *err);
/* An own record by its cid; fn is not called when there is none. */
struct state_own { const char *conv, *id, *body; int64_t seq; };
bool state_own(struct reader *r, const char *cid, void (*fn)(void *arg,
		const struct state_own *own), void *arg, struct err *err);
/* Ids of records held at and below seq, at distances that grow fourfold, newest first: calls fn at
 * most max times. */
bool state_marks(struct reader *r, const char *conv, int64_t seq, size_t max,
		void (*fn)(void *arg, int64_t seq, const char *id), void *arg, struct err *err);

#endif
