/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors live on the caller's stack: a kind, which is the exit status, and one sentence for a
 * person. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

/* The values are the exit statuses of every command (the table in stonechat(1)). */
enum err_kind {
	ERR_NONE = 0,
	ERR_FAIL = 1,		/* disk, a bug, anything without a better word */
	ERR_USAGE = 2,		/* wrong arguments, unknown names, over a limit */
	ERR_REFUSED = 3,	/* refused by the server or a provider */
	ERR_AUTH = 4,
	ERR_APPROVAL = 5,
	ERR_NETWORK = 6,
	ERR_TRUNCATED = 7,
	ERR_SCHEMA = 8,
	ERR_QUEUED = 75,	/* durable, will be retried */
	ERR_HANGUP = 129,
	ERR_INTERRUPT = 130,
	ERR_PIPE = 141,
	ERR_TERMINATED = 143,
};

struct err {
	enum err_kind kind;
	char msg[256];
};

/* Sets kind and message (cut at a character boundary if too long). Always returns false, so a
 * failing function can end in "return err_set(…)". err may be NULL. */
bool err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with ": " and the text of errno behind it. */
bool err_sys(struct err *err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "text: " before the message that is already there. Always returns false. */
bool err_wrap(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
