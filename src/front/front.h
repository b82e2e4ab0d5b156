/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main of stonechat: what the command line asked for, and everything that a command, the screen
 * or plain mode works with. */
#ifndef FRONT_FRONT_H
#define FRONT_FRONT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/path.h"
#include "cmds/cmd.h"
#include "control/api.h"

struct conf;
struct loop;

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* What stands before and among the arguments of a command (stonechat(1), OPTIONS). Strings are
 * borrowed from argv and the environment. */
struct globals {
	unsigned flags;			/* of the command: what it can do without */
	const char *account, *config, *data;
	const char **sets;		/* --set, ended by NULL; owned */
	enum color_when color;
	bool plain, offline, json, no_stdin, quiet, verbose, version, help;
};

struct front_ctx;

struct front {
	struct globals opt;
	struct loop *loop;
	struct paths paths;
	struct conf *conf;
	struct cmd_ctx *ctx;		/* for cmd_run, readers and the engine; the same for all
					 * commands of this process */
	struct front_ctx *priv;
};

/* The loop, the folders, the configuration and the context. Touches nothing on disk but the
 * configuration, which it reads. */
bool front_init(struct front *f, const struct globals *opt, struct err *err);
/* Closes what is open; an engine that was started stays. Safe after a failed or no front_init of a
 * zeroed f. */
void front_done(struct front *f);

/* From now on fn gets the events of all accounts, through every restart of the engine (which is
 * started for it). After a time without the engine one EV_MIRROR with account "" says: look at
 * everything again. EV_LINK of each account comes first. fn NULL ends it. The engine not to be had:
 * one EV_NOTICE, and further attempts, at most one every 5 s. */
void front_observe(struct front *f, api_event_fn *fn, void *arg);

/* A line of text as a command line ("/join #dev" without its slash: "join #dev"), as the screen
 * types it: splits, then cmd_run. */
struct cmd_run *front_line(struct front *f, const char *line, struct cmd_sink *sink,
		void (*done)(void *arg, const struct err *err), void *arg);

/* The screen, from its first paint until the person leaves; the exit status. Has
 * f->ctx->is_screen set meanwhile. A terminal that cannot show it: err is ERR_USAGE, and nothing
 * was written. */
int screen_run(struct front *f, struct err *err);
/* Plain mode, the same without a screen. why (NULL: it was asked for) is said first. */
int plain_run(struct front *f, const char *why);

#endif
