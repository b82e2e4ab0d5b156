/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One end of a control connection: lines of JSON in, lines out, with a cap on each. */
#ifndef CONTROL_LINK_H
#define CONTROL_LINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct link;
struct loop;

#define LINK_LINE_MAX (4u << 20)	/* one line, either way */

struct link_ops {
	/* One object; borrowed until it returns. */
	void (*line)(void *arg, const json_t *o);
	/* The other end is gone, or sent what is no object (err says which); nothing comes after
	 * it. The owner frees the link, at once if it likes. */
	void (*closed)(void *arg, const struct err *err);
	/* All that was put has gone out. May be NULL. */
	void (*drained)(void *arg);
};

/* Takes fd (connected, non-blocking), also when it fails. ops outlives the link. */
struct link *link_new(struct loop *loop, int fd, const struct link_ops *ops, void *arg,
		struct err *err);
/* No callback afterwards. Tries once to write what is left. NULL is fine; may be called in a
 * callback. */
void link_free(struct link *l);
/* Where lines are added (codec_put_…), each whole with its line feed; link_send afterwards. Its
 * max is LINK_LINE_MAX. */
struct buf *link_out(struct link *l);
/* Sends what was added, soon. */
void link_send(struct link *l);
/* Bytes that wait to go out. */
size_t link_waiting(const struct link *l);
/* Stops or resumes reading; lines that were read already are kept for later. */
void link_pause(struct link *l, bool is_paused);

#endif
