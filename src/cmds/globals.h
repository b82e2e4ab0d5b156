/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that every command takes, before or behind its name. */
#ifndef CMDS_GLOBALS_H
#define CMDS_GLOBALS_H

#include "base/args.h"

/* Ends with a NULL name. */
extern const struct arg_row global_rows[];

#endif
