/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record: one durable event in the log of one conversation (EVENT of stonechat-protocol(7),
 * section 3). */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_kind {
	REC_MSG, REC_EDIT, REC_DELETE, REC_REACT, REC_MEMBER, REC_TOPIC, REC_AI_START, REC_AI_END,
			REC_ACTION, REC_READ, REC_NOTIFY,
	REC_OTHER		/* a kind of a later version: kept as it came, never understood */
};

const char *record_kind_name(enum record_kind kind);		/* "ai.start"; "other" */
enum record_kind record_kind_parse(const char *name);		/* REC_OTHER when unknown */

#define CONV_ID_MAX 64		/* bytes of a conversation id */
#define EPOCH_MAX 32
#define USER_MAX 32
#define DEVICE_MAX 64
#define STREAM_MAX 64
#define CONV_NAME_MAX 64

/* All strings are borrowed; absent ones are "". */
struct record {
	int64_t seq;
	const char *id;
	enum record_kind kind;
	const char *kind_name;		/* as it came, for REC_OTHER too */
	const char *from, *device, *cid, *ref;
	int64_t ts;			/* milliseconds, UTC */
	const char *body;		/* compact JSON object; "{}" when blanked */
	size_t body_n;
	const char *cur;		/* compact JSON of the folded state, or NULL */
	size_t cur_n;
};

/* A position in a log: the id says which incarnation of the number is meant. */
struct position { int64_t seq; const char *id; };

enum conv_kind { CONV_ROOM, CONV_DIRECT, CONV_USER };
const char *conv_kind_name(enum conv_kind kind);		/* "room", "direct", "user" */
bool conv_kind_parse(const char *name, enum conv_kind *kind);

/* The head of a conversation as the server tells it. Strings borrowed. */
struct head {
	const char *conv, *name, *topic, *epoch, *id;
	enum conv_kind kind;
	int64_t seq, floor, read, unread, mentions;
};

#endif
