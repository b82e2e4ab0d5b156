/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a line that a person typed means, on the screen and in plain mode alike. */
#ifndef FRONT_TYPED_H
#define FRONT_TYPED_H

#include <stdbool.h>

#include "base/err.h"

struct cmd_ctx;

enum typed { TYPED_NOTHING, TYPED_COMMAND, TYPED_TEXT };

/* What begins with a slash is a command, unless a path does. */
enum typed typed_kind(const char *text);
/* TYPED_TEXT: what is sent; "//" sends a slash. Borrowed from text. */
const char *typed_message(const char *text);
/* TYPED_COMMAND: does its command exist? A wrong one is never sent. */
bool typed_check(const struct cmd_ctx *c, const char *text, struct err *err);
/* A command that may be given a token: such a line is kept nowhere. */
bool typed_is_secret(const char *text);

#endif
