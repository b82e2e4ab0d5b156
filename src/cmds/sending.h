/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One record on its way: durable in the outbox first, then acknowledged; what every command that
 * sends shares. */
#ifndef CMDS_SENDING_H
#define CMDS_SENDING_H

#include "control/api.h"

struct buf;
struct cmd_run;

#define SENDING_TIMEOUT 30	/* seconds, without --timeout */
/* bytes taken from an argument or standard input; the server's limit is lower */
#define SENDING_TEXT_MAX (1u << 20)

/* The options that these commands have in common; for their tables. */
#define SENDING_OPTIONS \
	{ .name = "timeout", .type = ARG_INT, .value = "S", .max = 86400, \
		.help = N_("how long to wait for the acknowledgement (30 s; 0: as --no-wait)") }, \
	{ .name = "no-wait", .type = ARG_FLAG, \
		.help = N_("queue it durably and end with 75") }

/* Asks, waits, prints "#room SEQ" or its JSON, ends the command. Takes the options above from r.
 * Strings of rq are borrowed during the call. Uses r->state. A text must pass sending_check. An
 * "@user" that has no conversation yet gets one. */
void sending_start(struct cmd_run *r, const struct request *rq);
/* The same, but the text is all of standard input, without one final line feed. */
void sending_start_stdin(struct cmd_run *r, const struct request *rq);
/* For the row's stop. */
void sending_stop(struct cmd_run *r, int signum);

/* How long the command waits, in ms; 0: not at all. */
int64_t sending_timeout_ms(const struct cmd_run *r);
/* Adds one line: what was sent, as a result. */
void sending_result(struct buf *b, bool is_json, const struct reply *reply);
/* The words of r->args.rest from the i-th on, joined by spaces; the caller frees. */
char *sending_words(const struct cmd_run *r, size_t i);
/* UTF-8 without NUL, not empty, not too large; else ERR_USAGE, with the byte offset. */
bool sending_check(const char *text, size_t n, struct err *err);

#endif
