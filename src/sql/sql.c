/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening SQLite the careful way, its transactions, and its failures in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/path.h"
#include "sql/inside.h"

#define BUSY_MS 5000		/* a reader may meet the moment of a recovery */

bool
sql_fail(struct sql *sql, struct err *err)
{
	int code = sql->h != NULL ? sqlite3_errcode(sql->h) : SQLITE_NOMEM;
	const char *why = sqlite3_errmsg(sql->h);

	sql->is_full = code == SQLITE_FULL;
	switch (code) {
	case SQLITE_FULL:
		return err_set(err, ERR_FAIL, "%s", _("the disk is full: nothing can be stored"));
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		sql->is_damaged = true;
		return err_set(err, ERR_FAIL, _("the database is damaged (%s)"), why);
	case SQLITE_READONLY:
		return err_set(err, ERR_FAIL, _("the database cannot be written (%s)"), why);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, ERR_FAIL, "%s", _("another program locks the database"));
	case SQLITE_IOERR:
		return err_set(err, ERR_FAIL, _("the disk failed (%s)"), why);
	default:
		return err_set(err, ERR_FAIL, _("the database says: %s"), why);
	}
}

bool
sql_is_damaged(const struct sql *sql)
{
	return sql->is_damaged;
}

bool
sql_is_full(const struct sql *sql)
{
	return sql->is_full;
}

bool
sql_exec(struct sql *sql, const char *text, struct err *err)
{
	return sqlite3_exec(sql->h, text, NULL, NULL, NULL) == SQLITE_OK || sql_fail(sql, err);
}

bool
sql_folder_ok(const char *dir, struct err *err)
{
	if (!path_is_network_fs(dir))
		return true;
	return err_set(err, ERR_FAIL, _("%s is on a network file system, where a database would be "
			"corrupted: use --data with a folder on a local disk"), dir);
}

/* ---- opening ---- */

static int
wal_grew(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct sql *sql = arg;

	(void)h;
	(void)name;
	sql->wal_pages = pages;
	return SQLITE_OK;
}

static int
take_journal(void *arg, int n, char **value, char **name)
{
	bool *is_wal = arg;

	(void)name;
	*is_wal = n == 1 && value[0] != NULL && strcmp(value[0], "wal") == 0;
	return 0;
}

/* Where it cannot be had, SQLite keeps the old journal and says nothing. */
static bool
use_wal(struct sql *sql, struct err *err)
{
	bool is_wal = false;

	if (sqlite3_exec(sql->h, "PRAGMA journal_mode=WAL", take_journal, &is_wal, NULL)
			!= SQLITE_OK)
		return sql_fail(sql, err);
	return is_wal || err_set(err, ERR_FAIL, "%s", _("the file system cannot hold a database: "
			"use a folder on a local disk"));
}

static bool
guard(struct sql *sql, const struct sql_setup *setup, struct err *err)
{
	char sizes[96];

	sqlite3_extended_result_codes(sql->h, 0);
	sqlite3_busy_timeout(sql->h, BUSY_MS);
	sqlite3_db_config(sql->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(sql->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(sql->h, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	sqlite3_db_config(sql->h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_limit(sql->h, SQLITE_LIMIT_ATTACHED, 0);
	snprintf(sizes, sizeof sizes, "PRAGMA mmap_size=0; PRAGMA cell_size_check=1;"
			"PRAGMA cache_size=-%d", setup->cache_kib);
	if (!sql_exec(sql, sizes, err))
		return false;
	if (setup->mode != SQL_WRITE) {
		sqlite3_db_config(sql->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		return setup->mode == SQL_MEMORY || sql_exec(sql, "PRAGMA query_only=1", err);
	}
	sql->is_full_sync = true;
	snprintf(sizes, sizeof sizes, "PRAGMA journal_size_limit=%lld; PRAGMA synchronous=FULL;"
			"PRAGMA temp_store=MEMORY", setup->wal_kib * 1024LL);
	if (!use_wal(sql, err) || !sql_exec(sql, sizes, err))
		return false;
	/* in the place of automatic checkpoints, which are a hook too */
	sqlite3_wal_hook(sql->h, wal_grew, sql);
	return true;
}

/* A path as a file: URI, for "immutable". */
static char *
uri_of(const char *path)
{
	static const char hex[] = "0123456789ABCDEF";
	char *quoted = xmalloc(3 * strlen(path) + 1), *p = quoted, *uri;

	for (; *path != '\0'; path++) {
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

static bool
open_file(struct sql *sql, const char *path, enum sql_mode mode)
{
	static const int flags[] = {
		[SQL_READ] = SQLITE_OPEN_READONLY,
		[SQL_WRITE] = SQLITE_OPEN_READWRITE,
		[SQL_IMMUTABLE] = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
		[SQL_MEMORY] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY,
	};
	char *uri = mode == SQL_IMMUTABLE ? uri_of(path) : NULL;
	int rc;

	/* a lock less for each allocation; refused, harmlessly, once SQLite is at work */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	rc = sqlite3_open_v2(uri != NULL ? uri : path, &sql->h, flags[mode] | SQLITE_OPEN_NOMUTEX,
			NULL);
	free(uri);
	return rc == SQLITE_OK;
}

struct sql *
sql_open(const char *path, const struct sql_setup *setup, bool *is_damaged, struct err *err)
{
	static const char *const own[] = {
		[SQL_BEGIN] = "BEGIN IMMEDIATE", [SQL_BEGIN_READ] = "BEGIN",
		[SQL_COMMIT] = "COMMIT", [SQL_ROLL_BACK] = "ROLLBACK",
	};
	struct sql *sql = xcalloc(1, sizeof *sql);
	bool ok;

	sql->n = setup->n;
	sql->query = xcalloc(setup->n + 1, sizeof *sql->query);
	for (size_t i = 0; i < setup->n; i++)
		sql->query[i] = (struct sql_query){ sql, NULL, setup->text[i] };
	for (size_t i = 0; i < SQL_OWN; i++)
		sql->own[i] = (struct sql_query){ sql, NULL, own[i] };
	ok = open_file(sql, path, setup->mode) ? guard(sql, setup, err) : sql_fail(sql, err);
	if (is_damaged != NULL)
		*is_damaged = sql->is_damaged;
	if (ok)
		return sql;
	err_wrap(err, "%s", path);
	sql_close(sql);
	return NULL;
}

void
sql_close(struct sql *sql)
{
	if (sql == NULL)
		return;
	for (size_t i = 0; i < sql->n; i++)
		sqlite3_finalize(sql->query[i].st);
	for (size_t i = 0; i < SQL_OWN; i++)
		sqlite3_finalize(sql->own[i].st);
	sqlite3_close(sql->h);
	free(sql->query);
	free(sql);
}

/* ---- transactions ---- */

static bool
own(struct sql *sql, int i, struct err *err)
{
	return sql_prepare(&sql->own[i], err) && sql_step(&sql->own[i], err) == 0;
}

bool
sql_begin(struct sql *sql, struct err *err)
{
	sql->is_full = false;
	return own(sql, SQL_BEGIN, err);
}

bool
sql_begin_read(struct sql *sql, struct err *err)
{
	return own(sql, SQL_BEGIN_READ, err);
}

bool
sql_commit(struct sql *sql, struct err *err)
{
	return own(sql, SQL_COMMIT, err);
}

bool
sql_roll_back(struct sql *sql, struct err *err)
{
	/* many a failure ended it */
	return sqlite3_get_autocommit(sql->h) || own(sql, SQL_ROLL_BACK, err);
}

bool
sql_synchronise(struct sql *sql, bool is_full, struct err *err)
{
	if (sql->is_full_sync == is_full)
		return true;
	if (!sql_exec(sql, is_full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", err))
		return false;
	sql->is_full_sync = is_full;
	return true;
}

bool
sql_checkpoint(struct sql *sql, struct err *err)
{
	sql->wal_pages = 0;
	return sqlite3_wal_checkpoint_v2(sql->h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL)
		== SQLITE_OK || sql_fail(sql, err);
}

int
sql_wal_pages(const struct sql *sql)
{
	return sql->wal_pages;
}

int
sql_changes(struct sql *sql)
{
	return sqlite3_changes(sql->h);
}

int
sql_total_changes(struct sql *sql)
{
	return sqlite3_total_changes(sql->h);
}

int64_t
sql_last_row(struct sql *sql)
{
	return sqlite3_last_insert_rowid(sql->h);
}

const char *
sql_version(bool *has_search)
{
	*has_search = sqlite3_compileoption_used("ENABLE_FTS5") != 0;
	return sqlite3_libversion();
}
