/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the protocol's error codes. */
#include "model/code.h"

#include <stddef.h>
#include <string.h>

/* is_permanent: a send refused with it is refused for ever. */
static const struct { const char *name; bool is_permanent; } codes[CODE_COUNT] = {
	[CODE_NONE] = { "", false },
	[CODE_OFFSET] = { "offset", false },
	[CODE_VERSION] = { "version", false },
	[CODE_AUTH] = { "auth", false },
	[CODE_EXPIRED_AUTH] = { "expired_auth", false },
	[CODE_FORBIDDEN] = { "forbidden", true },
	[CODE_NOT_FOUND] = { "not_found", true },
	[CODE_EXISTS] = { "exists", true },
	[CODE_GONE] = { "gone", true },
	[CODE_INVALID] = { "invalid", true },
	[CODE_TOO_LARGE] = { "too_large", true },
	[CODE_RATE] = { "rate", false },
	[CODE_BUSY] = { "busy", false },
	[CODE_ORDER] = { "order", false },
	[CODE_LANE] = { "lane", false },
	[CODE_EPOCH] = { "epoch", false },
	[CODE_TRIMMED] = { "trimmed", true },
	[CODE_EXPIRED] = { "expired", true },
	[CODE_CONFLICT] = { "conflict", true },
	[CODE_ENDED] = { "ended", true },
	[CODE_INTERNAL] = { "internal", false },
};

const char *
code_name(enum code code)
{
	return codes[code].name;
}

bool
code_parse(const char *name, enum code *code)
{
	for (size_t i = CODE_NONE + 1; i < CODE_COUNT; i++) {
		if (strcmp(codes[i].name, name) == 0) {
			*code = i;
			return true;
		}
	}
	return false;
}

bool
code_is_permanent(enum code code)
{
	return codes[code].is_permanent;
}
