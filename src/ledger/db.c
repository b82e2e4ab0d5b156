/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection to SQLite, with statements that are prepared once and kept. */
#include "ledger/db.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/mem.h"

#define BUSY_MS 5000		/* a reader may meet the moment of a recovery */

bool
db_err(struct db *db, struct err *err)
{
	if (!db->h)
		return err_set(err, ERR_FAIL, "%s", _("out of memory"));
	if (sqlite3_errcode(db->h) == SQLITE_FULL)
		return err_set(err, ERR_REFUSED, "%s", _("the disk is full"));
	return err_set(err, ERR_FAIL, _("the database says: %s"), sqlite3_errmsg(db->h));
}

bool
db_exec(struct db *db, const char *text, struct err *err)
{
	return sqlite3_exec(db->h, text, NULL, NULL, NULL) == SQLITE_OK || db_err(db, err);
}

static bool
settings(struct db *db, enum db_mode mode, struct err *err)
{
	static const char common[] = "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
		"PRAGMA mmap_size=0; PRAGMA cell_size_check=ON;";
	static const char writer[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		"PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864;"
		"PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY;";

	sqlite3_extended_result_codes(db->h, 0);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_busy_timeout(db->h, BUSY_MS);
	if (mode == DB_READ)
		sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return db_exec(db, common, err) && (mode == DB_READ || db_exec(db, writer, err));
}

bool
db_open(struct db *db, const char *path, enum db_mode mode, const char *const *text, size_t n,
		struct err *err)
{
	static const int flags[] = {
		[DB_READ] = SQLITE_OPEN_READONLY,
		[DB_WRITE] = SQLITE_OPEN_READWRITE,
		[DB_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};

	*db = (struct db){ .text = text, .n = n };
	/* a lock less for each allocation; refused, harmlessly, once SQLite is at work */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_open_v2(path, &db->h, flags[mode] | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		db_err(db, err);
		db_close(db);
		return err_wrap(err, "%s", path);
	}
	if (!settings(db, mode, err)) {
		db_close(db);
		return err_wrap(err, "%s", path);
	}
	db->st = xcalloc(n ? n : 1, sizeof *db->st);
	return true;
}

void
db_close(struct db *db)
{
	if (db->st)
		for (size_t i = 0; i < db->n; i++)
			sqlite3_finalize(db->st[i]);
	free(db->st);
	sqlite3_close(db->h);
	*db = (struct db){ 0 };
}

static sqlite3_stmt *
start(struct db *db, int q, struct err *err, const char *fmt, va_list ap)
{
	sqlite3_stmt *st;
	const char *p;
	int i = 0;

	assert(q >= 0 && (size_t)q < db->n);
	if (!db->st[q] && sqlite3_prepare_v3(db->h, db->text[q], -1, SQLITE_PREPARE_PERSISTENT,
				&db->st[q], NULL) != SQLITE_OK) {
		db_err(db, err);
		return NULL;
	}
	st = db->st[q];
	for (; *fmt; fmt++) {
		i++;
		if (*fmt == 'i') {
			sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
		} else if (*fmt == 't') {
			sqlite3_bind_text(st, i, va_arg(ap, const char *), -1, SQLITE_STATIC);
		} else if (*fmt == 'n') {
			sqlite3_bind_null(st, i);
		} else {
			p = va_arg(ap, const char *);
			if (*fmt == 's')
				sqlite3_bind_text(st, i, p, (int)va_arg(ap, size_t),
						SQLITE_STATIC);
			else
				sqlite3_bind_blob(st, i, p, (int)va_arg(ap, size_t),
						SQLITE_STATIC);
		}
	}
	return st;
}

sqlite3_stmt *
db_start(struct db *db, int q, struct err *err, const char *fmt, ...)
{
	sqlite3_stmt *st;
	va_list ap;

	va_start(ap, fmt);
	st = start(db, q, err, fmt, ap);
	va_end(ap);
	return st;
}

int
db_step(struct db *db, sqlite3_stmt *st, struct err *err)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		db_err(db, err);
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

void
db_end(sqlite3_stmt *st)
{
	sqlite3_reset(st);
}

/* To the end, whatever rows there are. */
static bool
finish(struct db *db, sqlite3_stmt *st, struct err *err)
{
	int rc = st ? 1 : -1;

	while (rc == 1)
		rc = db_step(db, st, err);
	return rc == 0;
}

bool
db_do(struct db *db, int q, struct err *err, const char *fmt, ...)
{
	sqlite3_stmt *st;
	va_list ap;

	va_start(ap, fmt);
	st = start(db, q, err, fmt, ap);
	va_end(ap);
	return finish(db, st, err);
}

bool
db_int(struct db *db, int q, int64_t otherwise, int64_t *out, struct err *err, const char *fmt, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	st = start(db, q, err, fmt, ap);
	va_end(ap);
	if (!st || (rc = db_step(db, st, err)) < 0)
		return false;
	*out = rc == 1 ? sqlite3_column_int64(st, 0) : otherwise;
	if (rc == 1)
		db_end(st);
	return true;
}

const char *
db_text(sqlite3_stmt *st, int i)
{
	const unsigned char *p = sqlite3_column_text(st, i);

	return p ? (const char *)p : "";
}
