/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of the configuration file: the new text must parse first; the old file stays beside it
 * as a backup. */
#ifndef CMDS_SETTINGS_H
#define CMDS_SETTINGS_H

#include <stdbool.h>

#include "base/err.h"

struct cmd_ctx;

#define SETTINGS_MAX (1u << 20)

/* The text of the file; "" when there is none. The caller frees. NULL and err on failure. */
char *settings_read(const struct cmd_ctx *c, struct err *err);
/* Checks text against the options, keeps the old file as FILE.bak, writes it, and reads it into
 * c->conf. */
bool settings_write(struct cmd_ctx *c, const char *text, struct err *err);
/* Takes "[section]" and what stands in it out of text, in place. */
void settings_drop(char *text, const char *section);
/* The same, but only if nothing stands in it. */
void settings_drop_empty(char *text, const char *section);
/* Makes the folder of the file, if it is not there. */
bool settings_folder(const struct cmd_ctx *c, struct err *err);
/* "section.key" taken apart at the last dot; the caller frees both. False with ERR_USAGE when
 * there is no such option (names the nearest). */
bool settings_key(const char *name, char **section, char **key, struct err *err);

#endif
