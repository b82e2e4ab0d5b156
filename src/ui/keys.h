/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which command line each key stands for. */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* "C-n", "M-1", "F1", "PgUp", "Enter"; command: as typed, without its slash. */
struct key_row {
	const char *key, *command;
	const char *help;		/* N_(); NULL: told by the row before */
	bool only_empty;		/* the key is the input line's own while there is text */
	bool is_own;			/* bound by the person: help shows the command */
};

/* What keys do unless the person bound them, ended by a NULL key. */
extern const struct key_row key_table[];

struct keys;

/* The table above. */
struct keys *keys_new(void);
void keys_free(struct keys *k);
/* Binds key ("Ctrl-N" or "C-n", "Alt-a", "F2") to a command line, with or without its slash; ""
 * leaves it to the input line. False with ERR_USAGE for what is no key's name, and beyond 200
 * keys. */
bool keys_bind(struct keys *k, const char *key, const char *command, struct err *err);
/* The row of a key, or NULL: the key is the input line's own. Borrowed until keys_bind. */
const struct key_row *keys_find(const struct keys *k, const char *key);
/* All of them as lines of help, for people. */
void keys_help(const struct keys *k, struct buf *out);

#endif
