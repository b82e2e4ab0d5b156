/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen at work: model, picture, terminal and input line joined to the loop, the mirrors and
 * the engine. What the files screen*.c share. */
#ifndef FRONT_SCREEN_H
#define FRONT_SCREEN_H

#include "base/buf.h"
#include "front/front.h"
#include "model/model.h"
#include "term/keyboard.h"
#include "ui/ui.h"

struct keys;
struct line;
struct loop_fd;
struct loop_signal;
struct loop_timer;
struct loop_turn;
struct terminal;

#define SCREEN_RUNS_MAX 16		/* commands that run at a time */
#define SCREEN_PAGE 200			/* rows read from a mirror at once */

enum screen_signal { SIG_RESIZE, SIG_STOP, SIG_GO_ON, SIG_HANGUP, SIG_TERMINATE, SIG_INTERRUPT,
	SIG_COUNT };

/* Where commands write to. Quiet: without results, since what it did can be seen; silent: without
 * remarks too. */
struct screen_sink { struct cmd_sink base; struct screen_work *work; };

/* A typed command that has not ended. */
struct screen_run {
	struct screen_work *work;
	struct cmd_run *run;		/* NULL inside cmd_run */
	char *line;
	char *wanted;			/* a conversation to open when it went well */
	bool is_used, is_done;
};

struct screen_work {
	struct front *front;
	struct screen_sink loud, quiet, silent;
	struct model model;
	struct ui ui;
	struct canvas canvas;
	struct terminal *term;
	struct line *line;
	struct keyboard keyboard;
	struct keys *keys;

	struct loop_fd *input;
	struct loop_turn *turn;
	struct loop_signal *signals[SIG_COUNT];
	struct loop_timer *frame, *due, *silence, *draft, *mark, *away;
	int64_t last_frame;		/* monotonic ms */
	bool is_urgent;			/* a key waits for its echo */
	bool is_leaving;
	int status;

	/* where one is */
	char *wanted;			/* "#room" to open as soon as it is there; NULL: none */
	char *here_account, *here_conv;		/* the conversation shown, for commands */
	char *last_account, *last_conv;		/* the one before it */

	/* the line */
	struct buf held;		/* keys typed while a message becomes durable */
	char *sending[5];		/* argv of the running send */
	struct cmd_run *send_run;
	bool is_sending;
	char *paste;			/* waits for Enter or Esc; NULL: none */
	char *saved_draft;		/* as the engine has it */
	int64_t typing_at;		/* when we last said that we type */
	struct screen_run runs[SCREEN_RUNS_MAX];

	/* asked of the engine, one at a time each */
	struct api_call *draft_call, *mark_call, *fetch_call;
	int64_t fetch_lo, fetch_hi;	/* of fetch_call, and of the last that failed */
	bool fetch_failed;
	int64_t marked;			/* seq told by the last mark */
};

/* screen.c */
void screen_leave(struct screen_work *w, int status);
void screen_suspend(struct screen_work *w);
/* What a key changed is seen at the end of this turn. */
void screen_urgent(struct screen_work *w);
int64_t screen_now(const struct screen_work *w);

/* screen-read.c: from the mirrors into the model. */
void screen_read_all(struct screen_work *w);
/* The newest page of a conversation; the window is its own from now on. */
void screen_read_newest(struct screen_work *w, const char *account, const char *conv);
/* A page with seq in the middle of it. */
void screen_read_around(struct screen_work *w, int64_t seq);
/* Brings the window up to date with what is known of, and pages in what the view comes near to. */
void screen_read_more(struct screen_work *w);
void screen_read_outbox(struct screen_work *w);
struct reader *screen_mirror(struct screen_work *w, const char *account);

/* screen-place.c: which conversation is shown, and what follows from seeing it. */
void screen_go(struct screen_work *w, int conv);
/* "#room" or "@user", now or when it appears. */
void screen_want(struct screen_work *w, const char *name);
/* After conversations changed: opens what was wanted, or a first one. */
void screen_settle(struct screen_work *w);
void screen_remember_place(struct screen_work *w);
/* Tells the engine what was read, and asks for a visible gap. */
void screen_seen(struct screen_work *w);
/* Asks for a page of the gap that can be seen; false when there is none. */
bool screen_fetch_gap(struct screen_work *w);

/* screen-keys.c: bytes into commands and text. */
/* The keys as the configuration has them; what is wrong there is said, and left out. */
void screen_keys_start(struct screen_work *w);
void screen_on_input(void *arg, int events);
/* Takes what was typed while a message was on its way to the disk. */
void screen_release(struct screen_work *w);

/* screen-line.c: the input line. */
void screen_line_start(struct screen_work *w);
/* Enter. */
void screen_accept(struct screen_work *w);
/* Runs a command line (no slash). typed: it stands in the input line. */
void screen_command(struct screen_work *w, const char *line, bool typed);
/* Ctrl-C. */
void screen_stop(struct screen_work *w);
void screen_line_stop(struct screen_work *w);

/* screen-draft.c: what is half written. */
void screen_draft_changed(struct screen_work *w);
void screen_draft_save(struct screen_work *w);
void screen_draft_load(struct screen_work *w);
/* Waits up to ms for what was asked to be saved. */
void screen_draft_flush(struct screen_work *w, int64_t ms);

/* screen-cmds.c */
extern const struct cmd *const screen_cmds[];

#endif
