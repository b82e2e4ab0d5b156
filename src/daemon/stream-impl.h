/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two files of the streams share. */
#ifndef DAEMON_STREAM_IMPL_H
#define DAEMON_STREAM_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/record.h"

struct daemon;
struct loop_timer;
struct map;

struct stream {
	struct streams *all;
	char conv[CONV_ID_MAX + 1], id[STREAM_MAX + 1];
	char user[USER_MAX + 1], device[DEVICE_MAX + 1];
	struct buf text;
	int64_t encoded;		/* bytes of text as JSON: what limits.answer counts */
	int64_t reasoning;		/* bytes passed on in that channel; they are not kept */
	size_t saved;			/* bytes in the ledger */
	unsigned uses;			/* proposals that refer to it */
	unsigned frozen;		/* those of them that end it and borrow its text */
	bool is_saving, is_over;
	struct loop_timer *save;	/* the checkpoint that is due */
	struct loop_timer *grace;	/* the producer is gone */
};

struct streams {
	struct daemon *d;
	struct map *by_key;		/* "conv stream" */
};

/* The stream while it is written; NULL when it is over or was never there. */
struct stream *stream_find(const struct streams *all, const char *conv, const char *id);
/* True if that device produces it. */
bool stream_is_of(const struct stream *s, const char *user, const char *device);
/* What p[n] takes in JSON, without quotes. */
int64_t stream_encoded_size(struct daemon *d, const char *p, size_t n);
/* The text grew: a checkpoint now, or in time. */
void stream_plan_save(struct stream *s);

#endif
