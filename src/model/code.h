/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The protocol's error codes and close codes (stonechat-protocol(7), section 3). */
#ifndef MODEL_CODE_H
#define MODEL_CODE_H

#include <stdbool.h>

enum code {
	CODE_NONE,
	CODE_OFFSET, CODE_VERSION, CODE_AUTH, CODE_EXPIRED_AUTH, CODE_FORBIDDEN, CODE_NOT_FOUND,
			CODE_EXISTS, CODE_GONE,
	CODE_INVALID, CODE_TOO_LARGE, CODE_RATE, CODE_BUSY, CODE_ORDER, CODE_LANE, CODE_EPOCH,
			CODE_TRIMMED, CODE_EXPIRED,
	CODE_CONFLICT, CODE_ENDED, CODE_INTERNAL,
	CODE_COUNT
};

const char *code_name(enum code code);		/* "too_large"; "" for none */
bool code_parse(const char *name, enum code *code);
/* True for a refusal that is final and consumes its lane number when it stood at last+1. */
bool code_is_permanent(enum code code);

enum close_code {
	CLOSE_BAD_FRAME = 4400, CLOSE_AUTH = 4401, CLOSE_VERSION = 4406, CLOSE_IDLE = 4408,
			CLOSE_REPLACED = 4409,
	CLOSE_TOO_LARGE = 4413, CLOSE_RATE = 4429, CLOSE_RESTART = 4503
};

#endif
