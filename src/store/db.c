/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening SQLite the careful way, and short words for what is done with it all the time. */
#include "store/db.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"

#define BUSY_MS 5000
#define CACHE_WRITE "-4096"	/* KiB */
#define CACHE_READ "-1024"

bool
db_fail(struct db *db, struct err *err)
{
	switch (sqlite3_errcode(db->h)) {
	case SQLITE_FULL:
		return err_set(err, ERR_FAIL, _("the disk is full: nothing can be stored"));
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		db->is_damaged = true;
		return err_set(err, ERR_FAIL, _("the mirror is damaged (%s)"),
				sqlite3_errmsg(db->h));
	case SQLITE_READONLY:
		return err_set(err, ERR_FAIL, _("the mirror cannot be written (read-only)"));
	case SQLITE_IOERR:
		return err_set(err, ERR_FAIL, _("the disk failed (%s)"), sqlite3_errmsg(db->h));
	default:
		return err_set(err, ERR_FAIL, _("the mirror: %s"), sqlite3_errmsg(db->h));
	}
}

bool
db_is_damaged(const struct db *db)
{
	return db->is_damaged;
}

bool
db_exec(struct db *db, const char *sql, struct err *err)
{
	return sqlite3_exec(db->h, sql, NULL, NULL, NULL) == SQLITE_OK || db_fail(db, err);
}

static bool
db_guard(struct db *db, enum db_mode mode, struct err *err)
{
	sqlite3_extended_result_codes(db->h, 0);
	sqlite3_busy_timeout(db->h, BUSY_MS);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	sqlite3_limit(db->h, SQLITE_LIMIT_ATTACHED, 0);
	if (mode != DB_WRITE)
		return db_exec(db, "PRAGMA mmap_size=0; PRAGMA query_only=1;"
				"PRAGMA cache_size=" CACHE_READ, err);
	return db_exec(db, "PRAGMA mmap_size=0; PRAGMA journal_mode=WAL;"
			"PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=FULL;"
			"PRAGMA journal_size_limit=4194304;"
			"PRAGMA cache_size=" CACHE_WRITE, err);
}

/* A path as a file: URI, for "immutable". */
static char *
uri_of(const char *path)
{
	char *quoted = xmalloc(3 * strlen(path) + 1), *p = quoted, *uri;

	for (; *path != '\0'; path++) {
		static const char hex[] = "0123456789ABCDEF";

		if (strchr("?#%", *path) == NULL) {
			*p++ = *path;
			continue;
		}
		*p++ = '%';
		*p++ = hex[(unsigned char)*path >> 4];
		*p++ = hex[*path & 15];
	}
	*p = '\0';
	uri = xasprintf("file:%s?immutable=1", quoted);
	free(quoted);
	return uri;
}

struct db *
db_open(const char *path, enum db_mode mode, const char *const *sql, size_t n, bool *is_damaged,
		struct err *err)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	struct db *db = xcalloc(1, sizeof *db);
	char *uri = mode == DB_IMMUTABLE ? uri_of(path) : NULL;

	if (is_damaged != NULL)
		*is_damaged = false;
	db->sql = sql;
	db->n = n;
	db->st = xcalloc(n + 1, sizeof(sqlite3_stmt *));
	flags |= mode == DB_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
		: SQLITE_OPEN_READONLY;
	if (uri != NULL)
		flags |= SQLITE_OPEN_URI;
	if (sqlite3_open_v2(uri != NULL ? uri : path, &db->h, flags, NULL) != SQLITE_OK) {
		err_set(err, ERR_FAIL, _("cannot open %s: %s"), path,
				db->h != NULL ? sqlite3_errmsg(db->h) : _("out of memory"));
		db_close(db);
		db = NULL;
	} else if (!db_guard(db, mode, err)) {
		if (is_damaged != NULL)
			*is_damaged = db_is_damaged(db);
		err_wrap(err, "%s", path);
		db_close(db);
		db = NULL;
	}
	free(uri);
	return db;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	for (size_t i = 0; i < db->n; i++)
		sqlite3_finalize(db->st[i]);
	sqlite3_close(db->h);
	free(db->st);
	free(db);
}

static sqlite3_stmt *
bind(struct db *db, size_t i, struct err *err, const char *types, va_list ap)
{
	sqlite3_stmt *st = db->st[i];
	int rc = SQLITE_OK;

	if (st == NULL) {
		if (sqlite3_prepare_v3(db->h, db->sql[i], -1, SQLITE_PREPARE_PERSISTENT,
				&db->st[i], NULL) != SQLITE_OK) {
			db_fail(db, err);
			return NULL;
		}
		st = db->st[i];
	}
	for (int k = 1; *types != '\0' && rc == SQLITE_OK; types++, k++) {
		const char *p;

		switch (*types) {
		case 'i':
			rc = sqlite3_bind_int64(st, k, va_arg(ap, int64_t));
			break;
		case 'd':
			rc = sqlite3_bind_int(st, k, va_arg(ap, int));
			break;
		case 't':
			p = va_arg(ap, const char *);
			rc = sqlite3_bind_text(st, k, p, -1, SQLITE_STATIC);
			break;
		case 'b':
			p = va_arg(ap, const char *);
			rc = sqlite3_bind_text64(st, k, p, va_arg(ap, size_t), SQLITE_STATIC,
					SQLITE_UTF8);
			break;
		default:
			rc = sqlite3_bind_null(st, k);
		}
	}
	if (rc == SQLITE_OK)
		return st;
	db_fail(db, err);
	return NULL;
}

sqlite3_stmt *
db_query(struct db *db, size_t i, struct err *err, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;

	va_start(ap, types);
	st = bind(db, i, err, types, ap);
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
		db_fail(db, err);
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

bool
db_run(struct db *db, size_t i, struct err *err, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	int rc;

	va_start(ap, types);
	st = bind(db, i, err, types, ap);
	va_end(ap);
	if (st == NULL)
		return false;
	while ((rc = db_step(db, st, err)) == 1)
		continue;
	return rc == 0;
}

int64_t
db_int(sqlite3_stmt *st, int col)
{
	return sqlite3_column_int64(st, col);
}

const char *
db_text(sqlite3_stmt *st, int col)
{
	const char *text = (const char *)sqlite3_column_text(st, col);

	return text != NULL ? text : "";
}

bool
db_number(struct db *db, const char *sql, int64_t otherwise, int64_t *out, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if (sqlite3_prepare_v2(db->h, sql, -1, &st, NULL) != SQLITE_OK)
		return db_fail(db, err);
	rc = sqlite3_step(st);
	*out = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : otherwise;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		db_fail(db, err);
	sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE;
}
