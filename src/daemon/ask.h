/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of an administration command that asks the running server. */
#ifndef DAEMON_ASK_H
#define DAEMON_ASK_H

#include "base/err.h"

struct buf;

enum ask_answer { ASK_NOBODY, ASK_DONE, ASK_FAILED };
/* Has the server of this data directory run a command, and waits. NOBODY: there is no server.
 * What the command printed goes to out, FAILED sets err. */
enum ask_answer ask_server(const char *dir, int argc, char *const argv[], struct buf *out,
		struct err *err);

#endif
