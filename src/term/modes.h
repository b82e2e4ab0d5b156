/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the terminal is asked to do beyond curses, each with its off; and how a process that dies
 * leaves the terminal as it was. */
#ifndef TERM_MODES_H
#define TERM_MODES_H

#include <stdbool.h>
#include <termios.h>

#include "base/buf.h"

/* Adds the bytes that switch all modes of the table on (or off, in the other order). */
void modes_add(struct buf *out, bool on, bool mouse);

/* From now on a fatal signal first writes off (at most 511 bytes) to fd and gives the terminal its
 * settings back: what it does is async-signal-safe. */
void modes_guard(int fd, const struct termios *saved, const char *off);
void modes_unguard(void);

#endif
