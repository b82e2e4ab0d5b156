/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which command line each key stands for. */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <stdbool.h>

#include "base/buf.h"

/* "C-n", "M-1", "F1", "PgUp", "Enter"; command: as typed, without its slash. */
struct key_row {
	const char *key, *command;
	const char *help;		/* N_(); NULL: told by the row before */
	bool only_empty;		/* the key is the input line's own while there is text */
};

/* Ended by a NULL key. */
extern const struct key_row key_table[];

/* The row of a key, or NULL: the key is the input line's own. */
const struct key_row *keys_find(const char *key);
/* The table as lines of help, for people. */
void keys_help(struct buf *out);

#endif
