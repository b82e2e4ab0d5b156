/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What hangs together in a running server. Everything runs on the loop's thread but the ledger,
 * which only the writer's work touches. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arr.h"
#include "base/buf.h"
#include "base/id.h"
#include "daemon/metrics.h"

struct control;
struct crowd;
struct ledger;
struct ledger_reader;
struct log;
struct loop;
struct loop_timer;
struct marks;
struct options;
struct runs;
struct streams;
struct topics;
struct users;
struct warn;
struct writer;
struct ws_net;
struct ws_server;

struct daemon {
	struct options *opt;
	struct loop *loop;
	struct log *log;
	struct ws_net *net;
	arr(struct ws_server *) listeners;
	struct ledger *ledger;		/* the writer's thread alone */
	struct ledger_reader *reader;	/* the loop's thread alone */
	struct writer *writer;
	struct crowd *crowd;		/* all connections */
	struct users *users;		/* who is connected */
	struct topics *topics;		/* conversations somebody follows */
	struct streams *streams;	/* AI answers being written */
	struct runs *runs;		/* workflows under way */
	struct marks *marks;
	struct control *control;
	struct warn *warn;
	struct metrics metrics;
	struct buf scratch;		/* one frame while it is made, */
	struct buf records;		/* and what goes into it */
	struct id_gen ids;
	int64_t started_ms;		/* wall clock */
	bool is_stopping;		/* nothing new is taken */
	int exit_status;
};

/* Something is so wrong that what is committed is not known: says so, closes every connection and
 * ends the loop with exit status 1. */
void daemon_fail(struct daemon *d, const char *why);
/* The set of connections changed: starts or stops the clock of --idle-exit. */
void daemon_count_changed(struct daemon *d);

#endif
