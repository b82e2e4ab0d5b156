/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite as this room uses it: one connection, its statements prepared once, failures as
 * sentences. */
#ifndef LEDGER_DB_H
#define LEDGER_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct db {
	sqlite3 *h;
	const char *const *text;	/* of the statements */
	sqlite3_stmt **st;		/* prepared when first used */
	size_t n;
};

enum db_mode { DB_READ, DB_WRITE, DB_CREATE };

/* Opens path with the settings of the house: WAL, synchronous=FULL, foreign keys, no trusted
 * schema, defensive, no automatic checkpoint, no mmap. text[n] are the statements that db_start
 * can name. */
bool db_open(struct db *db, const char *path, enum db_mode mode, const char *const *text,
		size_t n, struct err *err);
void db_close(struct db *db);

/* Statement q with its parameters bound, ready for db_step: fmt has a letter for each,
 * 'i' int64_t, 't' text or NULL, 's' text and size_t, 'b' blob and size_t, 'n' NULL. Texts and
 * blobs must stay until db_end. NULL and err when it cannot be prepared. */
sqlite3_stmt *db_start(struct db *db, int q, struct err *err, const char *fmt, ...);
/* 1: a row; 0: the end; -1: failed, and err says why. After 0 and -1 the statement is reset. */
int db_step(struct db *db, sqlite3_stmt *st, struct err *err);
/* Resets a statement whose remaining rows are not wanted. */
void db_end(sqlite3_stmt *st);
/* Runs statement q to its end. */
bool db_do(struct db *db, int q, struct err *err, const char *fmt, ...);
/* The first column of the first row as a number, otherwise when there is no row. */
bool db_int(struct db *db, int q, int64_t otherwise, int64_t *out, struct err *err,
		const char *fmt, ...);
/* Runs text that has no parameters. */
bool db_exec(struct db *db, const char *text, struct err *err);
/* Column i as text, "" for NULL; until the next step. */
const char *db_text(sqlite3_stmt *st, int i);

/* Says what SQLite says. ERR_REFUSED when the disk is full, which leaves the transaction undone
 * for certain; else ERR_FAIL. Always false. */
bool db_err(struct db *db, struct err *err);

#endif
