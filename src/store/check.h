/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is the mirror sound in itself, and has the disk lost nothing of it? Needs no server. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct reader;

#define CHECK_FAULTS_MAX 100	/* told of one kind; more say nothing new */

enum check_what {
	CHECK_DATABASE,		/* pages or indexes are damaged */
	CHECK_LOST,		/* behind its high-water mark: own rows are gone */
	CHECK_COVERAGE		/* ranges overlap or touch, or records lie outside of them */
};

/* conv and name "": the whole mirror. seq 0: no record in particular. Borrowed. */
struct check_fault { enum check_what what; const char *conv, *name, *text; int64_t seq; };

/* Calls fn for every fault; it returns false to stop. Reads the whole file: about a second for a
 * million messages. False with err when the mirror cannot be read at all. */
bool check_mirror(struct reader *r, bool (*fn)(void *arg, const struct check_fault *f), void *arg,
		struct err *err);

/* The version of SQLite, static; *has_search: can it search text (FTS5)? */
const char *check_sqlite(bool *has_search);

#endif
