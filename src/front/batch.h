/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One command from the command line: results to standard output, all else to standard error. */
#ifndef FRONT_BATCH_H
#define FRONT_BATCH_H

#include "front/front.h"

/* Runs argv[0…argc-1] to its end; the exit status. */
int batch_run(struct front *f, int argc, char **argv);
/* Writes all of text to standard output; false with err (ERR_PIPE when nobody reads). */
bool batch_write(const char *text, size_t n, struct err *err);
/* "stonechat: " and the sentence, made safe, to standard error. */
void batch_complain(const char *text);

#endif
