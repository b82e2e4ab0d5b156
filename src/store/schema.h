/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the mirror, and how an older one becomes a newer one (user_version). */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stdbool.h>

#include "base/err.h"

/* What a range of the table `range` says. */
enum { RANGE_HELD = 0, RANGE_OPS = 1, RANGE_INDEXED = 2 };

struct sql;

extern const struct sql_schema mirror_schema;

/* For readers: false with ERR_USAGE when the mirror is empty, ERR_FAIL when it is newer. */
bool schema_check(struct sql *db, struct err *err);

#endif
