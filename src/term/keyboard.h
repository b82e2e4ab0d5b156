/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a terminal into keys: pure, no terminal needed. */
#ifndef TERM_KEYBOARD_H
#define TERM_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define PASTE_MAX (1 << 20)	/* bytes of one paste; the rest is counted, not kept */

enum stroke_type {
	STROKE_TEXT,	/* printable UTF-8 in bytes */
	STROKE_KEY,	/* name: "C-a" "M-x" "F1" "PgUp" "S-Tab" "M-Enter" "WheelUp" …; bytes for
			 * an input line that knows terminals */
	STROKE_PASTE	/* bytes: line ends are LF, control bytes are gone */
};

struct stroke {
	enum stroke_type type;
	char name[16];
	const char *bytes;		/* borrowed until the callback returns */
	size_t n;
	size_t lost;			/* STROKE_PASTE: bytes beyond PASTE_MAX */
};

struct keyboard {
	char held[64];			/* the start of a sequence */
	size_t n;
	enum { SWALLOW_NOTHING, SWALLOW_STRING, SWALLOW_CSI } swallow;
	bool pasting;
	struct buf paste;
	size_t end_seen;		/* bytes of the end of the paste that came */
	size_t lost;
	bool after_cr;
	bool is_replay;			/* keys that waited: many lines at once are no paste */
};

void keyboard_init(struct keyboard *k);
void keyboard_done(struct keyboard *k);
/* Answers of the terminal that nobody waits for are swallowed, also when they come in parts. */
void keyboard_feed(struct keyboard *k, const char *p, size_t n,
		void (*fn)(void *arg, const struct stroke *s), void *arg);
/* After so many ms of silence keyboard_flush is to be called; 0: no need. An Esc with nothing
 * after it is the key itself after 50 ms. */
int keyboard_wait_ms(const struct keyboard *k);
void keyboard_flush(struct keyboard *k, void (*fn)(void *arg, const struct stroke *s), void *arg);

#endif
