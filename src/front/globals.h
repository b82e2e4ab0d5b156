/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes the global options out of the command line, wherever they stand. */
#ifndef FRONT_GLOBALS_H
#define FRONT_GLOBALS_H

#include "front/front.h"

/* Fills *g from argv (without the program's name) and the environment, and leaves the command and
 * its own arguments in rest, NULL-ended, of which there are *n; the caller frees rest and
 * g->sets. An option that the command itself has is the command's. */
bool globals_take(struct globals *g, int argc, char **argv, char ***rest, int *n, struct err *err);

#endif
