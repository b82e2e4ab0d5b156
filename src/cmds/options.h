/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every option of stonechat's configuration, for both its programs: one row each in options.c. */
#ifndef CMDS_OPTIONS_H
#define CMDS_OPTIONS_H

#include "base/conf.h"

/* Ends with a NULL section. */
extern const struct conf_row option_rows[];

#endif
