/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is it: version, token or credentials of a Unix socket, then the welcome.
 * stonechat-protocol(7), section 3. */
#ifndef DAEMON_HELLO_H
#define DAEMON_HELLO_H

#include <stdbool.h>
#include <sys/types.h>

#include "model/record.h"

struct conn;
struct frame;

/* The op "hello". */
bool hello_take(struct conn *c, struct frame *f);
/* The user that a login name stands for: lower case, other characters "-"; "uid-N" for a name
 * that is none. */
void hello_login_name(uid_t uid, char user[USER_MAX + 1]);

#endif
