/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies the ledger to a file while it works, and puts such a file back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/path.h"
#include "ledger/append.h"
#include "ledger/highwater.h"
#include "ledger/open.h"
#include "ledger/queries.h"
#include "ledger/schema.h"
#include "ledger/state.h"

/* ---- files ---- */

static bool
sync_dir(const char *path, struct err *err)
{
	char *dir = xstrdup(path), *slash = strrchr(dir, '/');
	bool ok;
	int fd;

	if (slash)
		slash[slash == dir] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok = fd >= 0 && fsync(fd) == 0;
	if (!ok)
		err_sys(err, ERR_FAIL, "%s", slash ? dir : ".");
	if (fd >= 0)
		close(fd);
	free(dir);
	return ok;
}

static bool
replace(const char *from, const char *to, struct err *err)
{
	if (rename(from, to) != 0)
		return err_sys(err, ERR_FAIL, "%s", to);
	return sync_dir(to, err);
}

/* An empty file of ours at path, for SQLite to fill. */
static bool
make_empty(const char *path, struct err *err)
{
	int fd = path_open(path, O_RDWR | O_CREAT | O_TRUNC, err);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static bool
copy_pages(sqlite3 *from, sqlite3 *to, const char *path, struct err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int rc = b ? sqlite3_backup_step(b, -1) : sqlite3_errcode(to);

	if (b)
		sqlite3_backup_finish(b);
	/* one file, no log beside it */
	if (rc == SQLITE_DONE)
		rc = sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
	return rc == SQLITE_OK || err_set(err, ERR_FAIL, "%s: %s", path, sqlite3_errstr(rc));
}

/* A copy of the database in from, in a new file at path. */
static bool
copy_to(sqlite3 *from, const char *path, struct err *err)
{
	sqlite3 *to = NULL;
	bool ok = make_empty(path, err);

	if (ok && sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		ok = err_set(err, ERR_FAIL, "%s: %s", path, to ? sqlite3_errmsg(to) :
				_("out of memory"));
	ok = ok && copy_pages(from, to, path, err);
	if (sqlite3_close(to) != SQLITE_OK && ok)
		ok = err_set(err, ERR_FAIL, _("%s cannot be closed"), path);
	return ok;
}

/* ---- backup ---- */

bool
ledger_backup(struct ledger *l, const char *file, struct err *err)
{
	char *path = path_join(l->dir, "ledger.db"), *part = xasprintf("%s.part", file);
	struct db db;
	bool ok = db_open(&db, path, DB_READ, NULL, 0, err);

	if (ok) {
		ok = copy_to(db.h, part, err) && replace(part, file, err);
		if (!ok)
			unlink(part);
		db_close(&db);
	}
	free(part);
	free(path);
	return ok;
}

/* ---- restore ---- */

static bool
is_sound(struct db *db, struct err *err)
{
	sqlite3_stmt *st = db_start(db, 0, err, "");
	int rc = st ? db_step(db, st, err) : -1;
	bool ok = rc == 1 && strcmp(db_text(st, 0), "ok") == 0;

	if (rc == 1 && !ok)
		err_set(err, ERR_FAIL, _("the copy is damaged: %s"), db_text(st, 0));
	if (rc == 1)
		db_end(st);
	return ok;
}

static bool
take_copy(const char *file, const char *path, struct err *err)
{
	static const char *const texts[] = { "PRAGMA quick_check(1)" };
	struct db db;
	bool ok = db_open(&db, file, DB_READ, texts, 1, err);

	if (!ok)
		return false;
	ok = (schema_check(&db, err) && is_sound(&db, err)) || err_wrap(err, "%s", file);
	ok = ok && copy_to(db.h, path, err);
	db_close(&db);
	return ok;
}

/* New epochs in the file at path: clients learn that the log went back, and offer what they
 * have. */
static bool
renew(const char *path, int64_t mark, struct err *err)
{
	struct ledger_changes changes = { 0 };
	struct ledger l = { .lock = -1, .mark = -1, .changes = &changes };
	bool ok = db_open(&l.db, path, DB_WRITE, query_text, Q_COUNT, err);

	state_init(&l);
	ok = ok && db_do(&l.db, Q_BEGIN, err, "") &&
		db_int(&l.db, Q_TICK_IS, 0, &l.tick, err, "");
	l.tick = (l.tick > mark ? l.tick : mark) + 1;
	ok = ok && open_mint_all(&l, err) && state_flush(&l, err) &&
		db_do(&l.db, Q_TICK, err, "i", l.tick) && db_do(&l.db, Q_COMMIT, err, "");
	ledger_changes_done(&changes);
	state_done(&l);
	db_close(&l.db);
	return ok;
}

/* Folds the log of the old file into it, so that none is left that could be taken for the new
 * one's, and keeps the old file under another name. A file too damaged for that loses its log. */
static bool
set_aside(const char *path, struct err *err)
{
	static const char *const beside[] = { "-wal", "-shm" };
	char *kept = xasprintf("%s.before", path);
	struct err none;
	struct db db;
	bool ok = true;

	if (access(path, F_OK) == 0) {
		if (db_open(&db, path, DB_WRITE, NULL, 0, &none))
			db_close(&db);
		unlink(kept);
		if (link(path, kept) != 0)
			ok = err_sys(err, ERR_FAIL, "%s", kept);
	}
	for (size_t i = 0; ok && i < 2; i++) {
		char *name = xasprintf("%s%s", path, beside[i]);

		if (unlink(name) != 0 && errno != ENOENT)
			ok = err_sys(err, ERR_FAIL, "%s", name);
		free(name);
	}
	free(kept);
	return ok;
}

static bool
restore_locked(const char *dir, const char *file, struct err *err)
{
	char *path = path_join(dir, "ledger.db"), *made = path_join(dir, "ledger.db.new");
	char *mark_path = path_join(dir, "ledger.mark");
	int64_t mark = 0;
	int fd = highwater_open(mark_path, &mark, err);
	bool ok = fd >= 0 && take_copy(file, made, err) && renew(made, mark, err) &&
		set_aside(path, err) && replace(made, path, err);

	if (fd >= 0)
		close(fd);
	if (!ok)
		unlink(made);
	free(mark_path);
	free(made);
	free(path);
	return ok;
}

bool
ledger_restore(const char *dir, const char *file, struct err *err)
{
	int lock;
	bool ok;

	if (!path_make_dir(dir, err))
		return false;
	lock = open_lock(dir, err);
	if (lock < 0)
		return false;
	ok = restore_locked(dir, file, err);
	close(lock);
	return ok;
}
