/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The input line: readline without its terminal. ~/.inputrc, kill ring, undo, vi mode and the
 * history work; what is seen is drawn from line_text(). In plain mode readline draws it itself, as
 * a shell does. readline has one line a process, so there can be one struct line at a time. */
#ifndef TERM_LINE_H
#define TERM_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define LINE_MAX_BYTES (64 * 1024)
#define LINE_HISTORY_MAX 1000

struct line;

/* Completion: called with the line and the place [start,end) of the word; add(add_arg, word) for
 * every candidate that begins with it, at most 1000. */
typedef void line_complete_fn(void *arg, const char *line, size_t start, size_t end,
		void (*add)(void *add_arg, const char *word), void *add_arg);

struct line_conf {
	const char *history;		/* file of lines; NULL: none is kept */
	line_complete_fn *complete;
	/* What Tab found when it is more than one, as words; n 0: nothing is offered any more. */
	void (*offer)(void *arg, const char *const *words, size_t n);
	/* Plain mode: readline draws on standard output, and Enter ends the line: text, or NULL at
	 * its end (Ctrl-D on an empty one). NULL: neither. */
	void (*accept)(void *arg, const char *text);
	const char *prompt;		/* plain mode: stands before the line */
	void *arg;
};

struct line *line_new(const struct line_conf *conf);
void line_free(struct line *l);

/* Keys that are the line's own: the bytes that the terminal sent. */
void line_feed(struct line *l, const char *p, size_t n);
/* Puts text in at the caret; one undo takes it out. False when the line would be longer than
 * LINE_MAX_BYTES. */
bool line_insert(struct line *l, const char *p, size_t n);
/* Replaces everything; not undone. */
void line_set(struct line *l, const char *text, size_t caret);

/* Borrowed until the next call. */
const char *line_text(const struct line *l);
size_t line_caret(const struct line *l);
/* The prompt of a search in the history; NULL when there is none. Then keys belong to it. */
const char *line_prompt(const struct line *l);
/* readline waits for more keys (search, quoted insert, a vi command): a key means what it means
 * to readline. */
bool line_is_busy(const struct line *l);
/* vi mode, and it is inserting: Esc is readline's. */
bool line_wants_escape(const struct line *l);
/* Ends a search in the history, keeping what was found. */
void line_end_search(struct line *l);

/* The line becomes the newest of the history, in the file too, and nothing is left to undo. The
 * file is ours alone; failures are not worth a word and are not told. */
void line_remember(struct line *l, const char *text);

/* Plain mode only. */

/* What stands before the line; copied. */
void line_set_prompt(struct line *l, const char *prompt);
/* Writes p[n], whole lines of safe text, above the line being typed. */
void line_above(struct line *l, const char *p, size_t n);
/* Throws away what is typed. */
void line_clear(struct line *l);
/* Gives the terminal its settings back, as for another program, and takes it again. */
void line_leave(struct line *l);
void line_return(struct line *l);
/* The terminal has another width. */
void line_resize(struct line *l);

#endif
