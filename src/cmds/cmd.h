/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands: everything a person can do is a line of text that reaches cmd_run. One file a
 * command, one row each, in cmds.c. */
#ifndef CMDS_CMD_H
#define CMDS_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/args.h"
#include "base/err.h"
#include "base/text.h"
#include "control/api.h"
#include "model/message.h"

struct conf;
struct paths;
struct reader;
struct cmd_later;
struct cmd_run;

enum {
	CMD_NEEDS_ENGINE = 1,	/* started on demand before run */
	CMD_READS_STDIN = 2,
	CMD_SCREEN_ONLY = 4,	/* not in batch */
	CMD_BATCH_ONLY = 8,
	CMD_NO_LOCAL = 16,	/* needs no account */
	CMD_ANY_CONF = 32,	/* runs with a configuration that cannot be read; see ctx->broken */
	CMD_ANY_OWNER = 64	/* and in a data folder that is somebody else's */
};

struct cmd {
	const char *name;
	const char *args;		/* "TARGET [TEXT…]" */
	const char *summary;		/* N_() */
	/* N_(), paragraphs for --help and the man page; may be NULL */
	const char *detail;
	const struct arg_row *options;	/* may be NULL */
	int min_args, max_args;		/* of args.rest; max -1: any */
	unsigned flags;
	/* Starts the command. It may finish at once or later, always with cmd_done. */
	void (*run)(struct cmd_run *r);
	/* The person wants to stop (SIGINT, SIGTERM, /stop): finish soon with cmd_done. NULL:
	 * ended at once by the caller. */
	void (*stop)(struct cmd_run *r, int signum);
};

extern const struct cmd *const cmd_table[];	/* ended by NULL */

/* Where results go: batch writes to stdout and stderr or JSON; the screen writes into the
 * conversation. */
struct cmd_sink {
	/* One result: plain text for people (sanitised inside; may hold line feeds) or, with
	 * --json, one JSON object. Returns false when nobody reads any more (closed pipe: the
	 * command ends quietly) or the write failed. */
	bool (*result)(struct cmd_sink *s, const char *text, size_t n);
	/* A remark: stderr or the status line. One sentence. */
	void (*remark)(struct cmd_sink *s, const char *text);
	/* "count, rate, time left" of long work, at most 10 times a second; total 0: unknown. */
	void (*progress)(struct cmd_sink *s, const char *what, int64_t done, int64_t total);
};

/* What a command works with; the same in batch and on the screen. */
struct cmd_ctx {
	struct api *api;		/* NULL until the engine was needed */
	/* Makes api ready: starts the engine if there is none. then(arg, NULL) or then(arg, err),
	 * later. */
	void (*engine)(struct cmd_ctx *c, void (*then)(void *arg, const struct err *err),
			void *arg);
	/* The mirror of an account (NULL: the default one), opened once and kept; NULL and err
	 * when there is none yet. */
	struct reader *(*mirror)(struct cmd_ctx *c, const char *account, struct err *err);
	/* The same, but an engine that does not run is ERR_NETWORK. */
	void (*engine_there)(struct cmd_ctx *c, void (*then)(void *arg, const struct err *err),
			void *arg);
	/* fn(arg) once, after ms (0: next turn). later_stop takes what it gave, before fn ran. */
	struct cmd_later *(*later)(struct cmd_ctx *c, int64_t ms, void (*fn)(void *arg), void *arg);
	void (*later_stop)(struct cmd_later *l);		/* NULL is fine */
	/* Standard input, chunk by chunk (n = 0: its end); false pauses until stdin_more. */
	void (*stdin_start)(struct cmd_ctx *c, bool (*fn)(void *arg, const char *p, size_t n),
			void *arg);
	void (*stdin_more)(struct cmd_ctx *c);
	void (*stdin_stop)(struct cmd_ctx *c);		/* fn does not run any more */
	/* a pipe, file or socket and not --no-stdin */
	bool (*stdin_is_data)(struct cmd_ctx *c);
	struct conf *conf;
	const struct paths *paths;
	/* Why the configuration could not be read (conf has its defaults then): for commands with
	 * CMD_ANY_CONF; the others do not run. */
	struct err broken;
	const char *version;		/* of this program; NULL: unknown */
	const char *account;		/* --account, or NULL */
	/* Screen: the conversation shown (its id) and its account, which is looked in first; NULL
	 * in batch. */
	const char *here, *target;
	bool color;			/* batch: standard output takes it, and it is wanted */
	bool json, quiet, verbose, offline, no_stdin, is_screen;
	/* Rows of this front alone (what only a screen can do), ended by NULL; looked up before
	 * cmd_table, listed with it in help. NULL in batch. */
	const struct cmd *const *extra;
	void *extra_arg;		/* what those rows work on */
};

/* One running command. */
struct cmd_run {
	const struct cmd *cmd;
	struct cmd_ctx *ctx;
	struct cmd_sink *sink;
	struct args args;
	void *state;			/* the command's own; it frees it before cmd_done */
	void (*done)(void *arg, const struct err *err);
	void *done_arg;
	bool is_done;
	/* Of cmd_run itself. */
	bool is_starting, is_waiting;	/* inside cmd_run; for the engine */
	void (*then)(struct cmd_run *r, const struct err *err);
	/* Of cmd_ask: the one call that a simple command waits for; ends with the command. */
	struct api_call *call;
	void (*reply)(struct cmd_run *r, const struct reply *reply);
};

/* Finds argv[0] in the table, parses, checks counts, starts the engine if needed, runs. argv
 * stays valid until done. done(arg, err) runs exactly once, maybe before this returns; err->kind
 * is the exit status. Returns the run, or NULL when it is already done. */
struct cmd_run *cmd_run(struct cmd_ctx *ctx, int argc, char *const argv[], struct cmd_sink *sink,
		void (*done)(void *arg, const struct err *err), void *arg);
void cmd_stop(struct cmd_run *r, int signum);
/* The end of r (err NULL: success). r is freed soon after; do not touch it. */
void cmd_done(struct cmd_run *r, const struct err *err);

/* For commands that need the engine only sometimes: then(r, NULL) or then(r, err), later; not at
 * all when the command ends meanwhile. */
void cmd_engine(struct cmd_run *r, void (*then)(struct cmd_run *r, const struct err *err));
/* The same for an engine that runs already; else err is ERR_NETWORK. */
void cmd_engine_there(struct cmd_run *r, void (*then)(struct cmd_run *r, const struct err *err));
/* Asks the engine; the last reply comes to fn, and ends the command in error by itself when it is
 * REPLY_FAIL. One at a time. */
void cmd_ask(struct cmd_run *r, const struct request *rq,
		void (*fn)(struct cmd_run *r, const struct reply *reply));
/* A remark, formatted, unless --quiet. */
void cmd_remark(struct cmd_run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Ends with what a signal means: 129, 130, 141 or 143. */
void cmd_done_signal(struct cmd_run *r, int signum);

/* The row with this name, or NULL. ctx (may be NULL) has rows of its own. */
const struct cmd *cmd_find(const struct cmd_ctx *ctx, const char *name);
/* Sets "unknown command: X", with the nearest name. Returns false. */
bool cmd_unknown(const struct cmd_ctx *ctx, const char *name, struct err *err);
/* "--help" of one command, and the list of all, from the rows. */
void cmd_help(struct buf *b, const struct cmd *c);
void cmd_help_all(struct buf *b, const struct cmd_ctx *ctx);

#endif
