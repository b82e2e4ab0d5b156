/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One SQLite connection, guarded and with its statements kept: what writer and reader share. Only
 * this room opens the mirror, and only through here: closing the file by other means would drop
 * SQLite's locks. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum db_mode {
	DB_WRITE,	/* the one writer: creates the file */
	DB_READ,
	DB_IMMUTABLE	/* a file that nobody writes, in a folder where we may not either */
};

struct db {
	sqlite3 *h;
	const char *const *sql;		/* text of statement i */
	sqlite3_stmt **st;		/* prepared on first use */
	size_t n;
	bool is_damaged;		/* a failure said so */
};

/* WAL, no mmap, no automatic checkpoints, foreign keys, untrusted schema. NULL and err on failure:
 * ERR_FAIL; *is_damaged (may be NULL): because it is no sound database. */
struct db *db_open(const char *path, enum db_mode mode, const char *const *sql, size_t n,
		bool *is_damaged, struct err *err);
void db_close(struct db *db);

/* Statement i, reset, with parameters by letter: i int64_t, d int, t text (NULL: null), b text and
 * size_t, n null. Text must live until the statement is reset. NULL and err when it cannot be
 * prepared. */
sqlite3_stmt *db_query(struct db *db, size_t i, struct err *err, const char *types, ...);
/* 1: a row; 0: the end, reset; -1: failed, reset. */
int db_step(struct db *db, sqlite3_stmt *st, struct err *err);
/* Runs it to its end. */
bool db_run(struct db *db, size_t i, struct err *err, const char *types, ...);
bool db_exec(struct db *db, const char *sql, struct err *err);
/* Sets err from the connection's last error, in words for a person; returns false. */
bool db_fail(struct db *db, struct err *err);
bool db_is_damaged(const struct db *db);		/* a failure so far said so */
int64_t db_int(sqlite3_stmt *st, int col);
/* "" for null. Borrowed until the next step. */
const char *db_text(sqlite3_stmt *st, int col);
/* One number of a query without parameters; otherwise when there is no row. */
bool db_number(struct db *db, const char *sql, int64_t otherwise, int64_t *out, struct err *err);

#endif
