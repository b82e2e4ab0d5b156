/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite as the whole house uses it: one way to open a file, statements that are prepared once and
 * kept, failures as sentences. Only this room knows SQLite itself; and only through here is a
 * database opened: a process that opens and closes the file by other means drops SQLite's locks.
 * Except where something else is said, a function that fails sets err to ERR_FAIL. */
#ifndef SQL_SQL_H
#define SQL_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct sql;			/* a connection; for one thread at a time */
struct sql_query;		/* a statement of it, with its parameters and the row in hand */

enum sql_mode {
	SQL_READ,
	SQL_WRITE,		/* the one writer of a file, which must be there, if only empty */
	SQL_IMMUTABLE,		/* reads a file that nobody writes, in a folder we may not write */
	SQL_MEMORY		/* an empty database in memory; the path is not looked at */
};

struct sql_setup {
	enum sql_mode mode;
	const char *const *text;	/* of statement i; must outlive the connection */
	size_t n;
	int cache_kib;			/* pages kept in memory */
	int wal_kib;			/* SQL_WRITE: a log that grew larger is cut to this */
};

/* ---- connections: sql.c ---- */

/* Opens path: WAL, synchronous=FULL, foreign keys, no trusted schema, defensive, no attached
 * files, no mmap, no checkpoint but by sql_checkpoint, five seconds of patience with a lock. A
 * write-ahead log that cannot be had is a failure. *is_damaged (may be NULL) tells whether the
 * file is no sound database. NULL and err on failure. */
struct sql *sql_open(const char *path, const struct sql_setup *setup, bool *is_damaged,
		struct err *err);
/* Takes NULL. */
void sql_close(struct sql *sql);
/* Which SQLite this is, and whether it has FTS5. */
const char *sql_version(bool *has_search);
/* Refuses a folder on a network file system, where the log's shared memory cannot work. */
bool sql_folder_ok(const char *dir, struct err *err);

/* Sets err to what went wrong last, in words for a person; returns false. */
bool sql_fail(struct sql *sql, struct err *err);
/* Has any failure so far said that the file is damaged? */
bool sql_is_damaged(const struct sql *sql);
/* Was the last failure since sql_begin a full disk? It leaves the transaction undone for
 * certain. */
bool sql_is_full(const struct sql *sql);

/* Runs text that has no parameters. */
bool sql_exec(struct sql *sql, const char *text, struct err *err);
/* A transaction that writes; one that reads, and sees one state of the file. */
bool sql_begin(struct sql *sql, struct err *err);
bool sql_begin_read(struct sql *sql, struct err *err);
bool sql_commit(struct sql *sql, struct err *err);
/* Ends a transaction that failed, if there is one. */
bool sql_roll_back(struct sql *sql, struct err *err);
/* Whether commits wait for the disk (FULL) or only keep order (NORMAL). Not in a transaction. */
bool sql_synchronise(struct sql *sql, bool is_full, struct err *err);
/* Moves what it can of the log into the file; readers may hold up the rest. */
bool sql_checkpoint(struct sql *sql, struct err *err);
/* Pages in the log since it was last moved, as of the last commit. */
int sql_wal_pages(const struct sql *sql);
/* Rows changed by the last statement; by all so far. The number of the last row put in. */
int sql_changes(struct sql *sql);
int sql_total_changes(struct sql *sql);
int64_t sql_last_row(struct sql *sql);

/* ---- statements: query.c ---- */

/* Statement i with its parameters, ready for sql_step. types has a letter for each: i int64_t,
 * o int64_t with 0 as null, d int, t text or NULL, s text and size_t, b blob and size_t, n null.
 * Texts and blobs must stay until the statement is reset. NULL when it cannot be prepared. */
struct sql_query *sql_start(struct sql *sql, size_t i, struct err *err, const char *types, ...);
/* 1: a row; 0: the end; -1: failed. After 0 and -1 the statement is reset. NULL gives -1. */
int sql_step(struct sql_query *q, struct err *err);
/* Resets a statement whose remaining rows are not wanted. */
void sql_end(struct sql_query *q);
/* Runs statement i to its end, whatever rows there are. */
bool sql_run(struct sql *sql, size_t i, struct err *err, const char *types, ...);
/* The first column of its first row as a number, otherwise when there is no row. */
bool sql_number(struct sql *sql, size_t i, int64_t otherwise, int64_t *out, struct err *err,
		const char *types, ...);
/* The same of a text that is needed once and has no parameters. */
bool sql_number_of(struct sql *sql, const char *text, int64_t otherwise, int64_t *out,
		struct err *err);

/* Columns of the row in hand, from 0; what is pointed to stays until the next step. */
int64_t sql_int(struct sql_query *q, int col);
const char *sql_text(struct sql_query *q, int col);		/* "" for null */
const void *sql_blob(struct sql_query *q, int col);		/* NULL for null or nothing */
size_t sql_size(struct sql_query *q, int col);			/* bytes of text or blob */
bool sql_is_null(struct sql_query *q, int col);

/* ---- copies: copy.c ---- */

/* A copy of the whole database, as it is now, into the empty file at path: one file, no log. */
bool sql_copy(struct sql *from, const char *path, struct err *err);
/* Feeds the rows of select, as far as they can be read, to insert, a row each, past what is
 * refused. Returns how many rows were put in. */
size_t sql_copy_rows(struct sql *from, const char *select, struct sql *to, const char *insert);

#endif
