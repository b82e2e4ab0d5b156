/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the mirror lies: which file of a folder is the present one, and how it is opened. A
 * damaged file is set aside; its successor gets a name of its own, so whoever still holds the old
 * one open never sees a mixture (mirror.db, mirror-2.db, …). */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include <stddef.h>

#include "base/err.h"

struct sql;

/* The number of the present file: 1 or more; 0 when there is none. */
int place_generation(const char *dir);
/* The path of that file; the caller frees. */
char *place_path(const char *dir, int generation);
/* Opens it for writing, made, migrated or replaced as need be. A replaced one: *aside is the path
 * of the damaged file, the caller frees, and *saved how many rows of the person's own were taken
 * out of it; else *aside is NULL. */
struct sql *place_open_writer(const char *dir, const char *const *sql, size_t n, char **aside,
		size_t *saved, struct err *err);
/* The present file is damaged: the next place_open_writer replaces it. */
void place_condemn(const char *dir);
/* Opens it for reading; NULL and ERR_USAGE when there is nothing yet. */
struct sql *place_open_reader(const char *dir, int generation, const char *const *sql, size_t n,
		struct err *err);

#endif
