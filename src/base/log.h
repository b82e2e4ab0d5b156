/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log: one file, lines of "time level module key=value". Only the three mains write to it. No
 * message text, token or prompt above debug. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log;

/* Opens path for appending (0600, created); NULL path means standard error. NULL and err on
 * failure. The file is rotated to path.1 at 8 MiB. */
struct log *log_open(const char *path, enum log_level least, struct err *err);
void log_close(struct log *log);
/* One line; control characters in values are escaped. log may be NULL: nothing is written. */
void log_put(struct log *log, enum log_level level, const char *module, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* "debug", "info", "warn", "error". */
bool log_level_parse(const char *s, enum log_level *level);

#endif
