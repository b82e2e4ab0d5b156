/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Early warning: says in the log and in /health that acknowledgements or the loop have become
 * slow, before anything breaks. */
#ifndef DAEMON_WARN_H
#define DAEMON_WARN_H

#include <stdint.h>

struct daemon;
struct warn;

/* What is looked at: the last so many milliseconds in which something happened. */
#define WARN_EVERY_MS 5000

struct warn *warn_new(struct daemon *d);
void warn_free(struct warn *w);
/* A sentence that holds now, "" when all is well. Borrowed. */
const char *warn_text(const struct warn *w);
/* The longest busy stretch of the loop, of the present and the last period. */
int64_t warn_lag_us(const struct warn *w);

#endif
