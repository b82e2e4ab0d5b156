/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of a record, taken apart (stonechat-protocol(7), section 3.4). */
#ifndef MODEL_BODY_H
#define MODEL_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a known kind carries; members that the kind does not have are "" or 0. All borrowed. */
struct body {
	const char *text;		/* msg, edit, topic, action; ai.end: put in by the server */
	size_t text_n;
	const char *reply;		/* msg: id of the message answered */
	const char *emoji;		/* react */
	bool on;			/* react */
	/* member: who, shown name, "owner|member", "join|leave|invite|kick|role" */
	const char *user, *name, *role, *act;
	const char *stream;		/* ai.start, ai.end */
	/* ai.end "ok|stopped|truncated|error|aborted", action "running|done|failed|stopped" */
	const char *status;
	const char *model, *asked_by, *question;	/* ai.start */
	int64_t len;			/* ai.end: bytes of text */
	/* ai.end: compact JSON, "" when not there: what the model counted; [[conv, seq], …] */
	const char *usage, *sources;
	size_t usage_n, sources_n;
	const char *workflow, *run, *step;	/* action */
	/* read, notify, member in a user's own log: the conversation meant */
	const char *conv, *epoch;
	int64_t seq;
	const char *id, *level;		/* notify: "mention|reply|direct" */
	const char *json;		/* the whole body, compact, as it is stored */
	size_t json_n;
};

/* The body that has nothing: begin with it, strings are never NULL. */
#define BODY_EMPTY { .text = "", .reply = "", .emoji = "", .user = "", .name = "", .role = "", \
	.act = "", .stream = "", .status = "", .model = "", .asked_by = "", .question = "", \
	.usage = "", .sources = "", .workflow = "", .run = "", .step = "", .conv = "", \
	.epoch = "", .id = "", .level = "", .json = "" }

#endif
