/* SPDX-License-Identifier: GPL-3.0-or-later */
/* send --each-line: standard input as a stream of messages, many on their way at once, results in
 * the order of the lines. */
#ifndef CMDS_LINES_H
#define CMDS_LINES_H

struct cmd_run;

#define LINES_ASKED 256		/* lines that the engine has not made durable yet */
#define LINES_OPEN 2048		/* lines that the server has not acknowledged, while it answers */
#define LINES_QUEUED 100000	/* and while it does not */

/* reply: the id of the message that every line answers, or NULL. */
void lines_start(struct cmd_run *r, const char *reply);
void lines_stop(struct cmd_run *r, int signum);

#endif
