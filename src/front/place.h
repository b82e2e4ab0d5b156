/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conversation that was shown last, for the next start. */
#ifndef FRONT_PLACE_H
#define FRONT_PLACE_H

#include <stdbool.h>

struct paths;

struct place { char *account, *conv; };	/* both NULL: none */

/* What was written last; nothing when there is no file. */
void place_read(const struct paths *paths, struct place *p);
/* A failure is not worth a word. */
void place_write(const struct paths *paths, const char *account, const char *conv);
void place_done(struct place *p);

#endif
