/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors: a kind and one sentence, which never ends in half a character. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* The text is made apart, since its arguments may point into the old message. */
struct draft { char s[sizeof((struct err *)0)->msg]; };

static void
draft_keep(struct err *err, const struct draft *d, bool was_cut)
{
	size_t n = strlen(d->s);

	if (was_cut)
		n = utf8_cut(d->s, n);
	memcpy(err->msg, d->s, n);
	err->msg[n] = '\0';
}

static void __attribute__((format(printf, 2, 0)))
draft_format(struct err *err, const char *fmt, va_list ap)
{
	struct draft d;
	int n = vsnprintf(d.s, sizeof d.s, fmt, ap);

	if (n < 0)
		d.s[0] = '\0';
	draft_keep(err, &d, n >= (int)sizeof d.s);
}

/* Puts head, ": " and tail together. */
static void
draft_join(struct err *err, const char *head, const char *tail)
{
	struct draft d;
	int n = snprintf(d.s, sizeof d.s, "%s: %s", head, tail);

	draft_keep(err, &d, n >= (int)sizeof d.s);
}

bool
err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return false;
	va_start(ap, fmt);
	draft_format(err, fmt, ap);
	va_end(ap);
	err->kind = kind;
	return false;
}

bool
err_sys(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	struct draft reason;
	int saved = errno;
	va_list ap;

	if (!err)
		return false;
	va_start(ap, fmt);
	draft_format(err, fmt, ap);
	va_end(ap);
	/* %m is strerror() for any thread */
	errno = saved;
	snprintf(reason.s, sizeof reason.s, "%m");
	draft_join(err, err->msg, reason.s);
	err->kind = kind;
	errno = saved;
	return false;
}

bool
err_wrap(struct err *err, const char *fmt, ...)
{
	struct err before;
	va_list ap;

	if (!err)
		return false;
	before = *err;
	va_start(ap, fmt);
	draft_format(err, fmt, ap);
	va_end(ap);
	draft_join(err, err->msg, before.msg);
	return false;
}
