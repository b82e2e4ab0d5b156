/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be set, on the command line and in the configuration: one row an option. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arr.h"
#include "base/err.h"

struct args;
struct arg_row;
struct conf;
struct conf_row;

/* Read without --config when it is there. */
#define OPTIONS_FILE "/etc/stonechat/stonechatd.conf"

#define OPTIONS_STREAMS 4	/* AI answers that a user may have open at once */

struct options {
	struct conf *conf;
	char *data;			/* the data directory */
	arr(char *) listen;		/* "unix:PATH", "HOST:PORT"; at least one */
	const char *tls_cert, *tls_key;	/* NULL: no TLS */
	const char *auto_join;		/* rooms everybody enters; "" for none */
	mode_t unix_mode;
	bool is_public_metrics;		/* /metrics for others than loopback */
	int64_t idle_exit_ms;		/* 0: stay */
	/* 0 is no limit for these four */
	int64_t rate, rate_window_s, per_user, per_address;
	int64_t preauth_ms, dead_ms, ping_s;
	int64_t frame, body, answer, window;	/* bytes */
	int64_t fetch, inflight;		/* counts */
	int64_t retain_days;			/* 0: for ever */
	/* early warning thresholds; 0: never */
	int64_t warn_ack_ms, warn_lag_ms;
	int log_level;			/* enum log_level */
};

/* Tables for --help and the manual. */
const struct arg_row *options_args(void);
const struct conf_row *options_conf(void);

/* Takes arguments, file and --set together; in that order the last wins: file, --set, arguments.
 * Messages name what was wrong (ERR_USAGE). args must outlive o. */
bool options_load(struct options *o, const struct args *args, struct err *err);
void options_done(struct options *o);

#endif
