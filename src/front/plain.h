/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain mode: lines come, lines go, for screen readers and terminals that cannot show the screen.
 * What the files plain*.c share. */
#ifndef FRONT_PLAIN_H
#define FRONT_PLAIN_H

#include "base/arr.h"
#include "base/buf.h"
#include "cmds/cmd.h"
#include "cmds/follow.h"
#include "cmds/print.h"
#include "front/front.h"

struct line;
struct loop_fd;
struct loop_signal;
struct loop_timer;

#define PLAIN_RUNS_MAX 16	/* commands that run at a time */
#define PLAIN_HELD_MAX (64 * 1024)	/* bytes that wait while a person types */

enum plain_signal { PLAIN_RESIZE, PLAIN_STOP, PLAIN_GO_ON, PLAIN_HANGUP, PLAIN_TERMINATE,
	PLAIN_INTERRUPT, PLAIN_SIGNALS };

struct plain;

/* A command that was typed, or a message being sent. */
struct plain_run {
	struct plain *plain;
	struct cmd_run *run;		/* NULL inside cmd_run */
	char *wanted;			/* a conversation to open when it went well */
	char *words[4];			/* of a message being sent */
	bool is_used;
};

/* What was last said of a conversation that is not open. */
struct plain_told { char *account, *conv; int64_t unread, mentions; };

struct plain_sink { struct cmd_sink base; struct plain *plain; };

struct plain {
	struct front *front;
	struct plain_sink loud;		/* results and remarks */
	struct plain_sink quiet;	/* remarks alone */
	struct cmd_run here;		/* what rows are printed for: no command at all */
	struct line *line;		/* NULL before the first prompt */
	char *prompt;

	/* the conversation that is open */
	struct follow *follow;		/* NULL: none yet */
	struct printer printer;
	char *wanted;			/* opens as soon as it is there */
	char *last_account, *last_conv;	/* the one before it */
	struct api_call *mark_call;
	int64_t marked;

	arr(struct plain_told) told;
	enum link_state link;		/* as it was said last, of the open conversation's */
	bool has_link;

	struct buf held;		/* what came while a line is being typed */
	int64_t typed_at;		/* monotonic ms of the last key */
	struct loop_timer *release;

	struct plain_run runs[PLAIN_RUNS_MAX];
	struct loop_fd *input;
	struct loop_signal *signals[PLAIN_SIGNALS];
	int status;
};

/* plain.c */
/* Whole lines of safe text; they wait while a person is typing. */
void plain_print(struct plain *p, const char *text, size_t n);
/* One sentence, made safe. */
void plain_say(struct plain *p, const char *text);
/* What stands before the line. */
void plain_prompt(struct plain *p, const char *prompt);
void plain_leave(struct plain *p, int status);

/* plain-line.c: lines that are typed. */
void plain_accept(void *arg, const char *text);
/* Ctrl-C. */
void plain_stop(struct plain *p);
void plain_runs_end(struct plain *p);
void plain_sinks(struct plain *p);
void plain_complete(void *arg, const char *line, size_t start, size_t end,
		void (*add)(void *add_arg, const char *word), void *add_arg);
void plain_offer(void *arg, const char *const *words, size_t n);

/* plain-talk.c: the open conversation, and what is new in others. */
/* Shows the last 20 rows and follows; false with err when there is none. */
bool plain_go(struct plain *p, const char *account, const char *target, struct err *err);
/* Opens the last place, else the lobby, if they are there. */
void plain_settle(struct plain *p);
void plain_event(void *arg, const struct event *ev);
void plain_talk_end(struct plain *p);

/* plain-cmds.c */
extern const struct cmd *const plain_cmds[];

#endif
