/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of stonechat(1) and stonechat.conf(5) that are made from the tables, in mdoc(7). */
#ifndef CMDS_MANUAL_H
#define CMDS_MANUAL_H

struct buf;

/* The options that every command takes, and every command with its own, as lists. */
void manual_globals(struct buf *b);
void manual_commands(struct buf *b);
/* The exit statuses. */
void manual_exit(struct buf *b);
/* Every option of the configuration. */
void manual_options(struct buf *b);

#endif
