/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the kinds of records and of conversations. */
#include "model/record.h"

#include <string.h>

static const char *const record_kinds[REC_OTHER + 1] = {
	[REC_MSG] = "msg",
	[REC_EDIT] = "edit",
	[REC_DELETE] = "delete",
	[REC_REACT] = "react",
	[REC_MEMBER] = "member",
	[REC_TOPIC] = "topic",
	[REC_AI_START] = "ai.start",
	[REC_AI_END] = "ai.end",
	[REC_ACTION] = "action",
	[REC_READ] = "read",
	[REC_NOTIFY] = "notify",
	[REC_OTHER] = "other",
};

static const char *const conv_kinds[] = {
	[CONV_ROOM] = "room",
	[CONV_DIRECT] = "direct",
	[CONV_USER] = "user",
};

const char *
record_kind_name(enum record_kind kind)
{
	return record_kinds[kind];
}

enum record_kind
record_kind_parse(const char *name)
{
	for (size_t i = 0; i < REC_OTHER; i++) {
		if (strcmp(record_kinds[i], name) == 0)
			return i;
	}
	return REC_OTHER;
}

const char *
conv_kind_name(enum conv_kind kind)
{
	return conv_kinds[kind];
}

bool
conv_kind_parse(const char *name, enum conv_kind *kind)
{
	for (size_t i = 0; i < sizeof conv_kinds / sizeof *conv_kinds; i++) {
		if (strcmp(conv_kinds[i], name) == 0) {
			*kind = i;
			return true;
		}
	}
	return false;
}
