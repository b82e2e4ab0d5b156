/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of typed lines: one a line, line feeds and backslashes written as \n and \\. */
#ifndef TERM_HISTORY_H
#define TERM_HISTORY_H

/* Gives every line, oldest first; nothing if there is no file or it is not ours. Only the newest
 * 256 KiB count; a file beyond 1 MiB is cut to them. */
void history_load(const char *path, void (*fn)(void *arg, const char *text), void *arg);
void history_append(const char *path, const char *text);

#endif
