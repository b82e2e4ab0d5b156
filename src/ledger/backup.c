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
#include "sql/mark.h"
#include "ledger/open.h"
#include "ledger/queries.h"
#include "ledger/schema.h"
#include "ledger/state.h"

#define CACHE_KIB 2000

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

/* A copy of the database in from, in a new file at path. */
static bool
copy_to(struct sql *from, const char *path, struct err *err)
{
	return make_empty(path, err) && sql_copy(from, path, err);
}

static struct sql *
open_read(const char *path, const char *const *text, size_t n, struct err *err)
{
	struct sql_setup setup = { .mode = SQL_READ, .text = text, .n = n,
		.cache_kib = CACHE_KIB };

	return sql_open(path, &setup, NULL, err);
}

/* ---- backup ---- */

bool
ledger_backup(struct ledger *l, const char *file, struct err *err)
{
	char *path = path_join(l->dir, "ledger.db"), *part = xasprintf("%s.part", file);
	struct sql *db = open_read(path, NULL, 0, err);
	bool ok = db != NULL;

	if (ok) {
		ok = copy_to(db, part, err) && replace(part, file, err);
		if (!ok)
			unlink(part);
		sql_close(db);
	}
	free(part);
	free(path);
	return ok;
}

/* ---- restore ---- */

static bool
is_sound(struct sql *db, struct err *err)
{
	struct sql_query *st = sql_start(db, 0, err, "");
	int rc = sql_step(st, err);
	bool ok = rc == 1 && strcmp(sql_text(st, 0), "ok") == 0;

	if (rc == 1 && !ok)
		err_set(err, ERR_FAIL, _("the copy is damaged: %s"), sql_text(st, 0));
	if (rc == 1)
		sql_end(st);
	return ok;
}

static bool
take_copy(const char *file, const char *path, struct err *err)
{
	static const char *const texts[] = { "PRAGMA quick_check(1)" };
	struct sql *db = open_read(file, texts, 1, err);
	bool ok = db && schema_verify(db, file, err) &&
		(is_sound(db, err) || err_wrap(err, "%s", file)) && copy_to(db, path, err);

	sql_close(db);
	return ok;
}

/* New epochs in the file at path: clients learn that the log went back, and offer what they
 * have. */
static bool
renew(const char *path, int64_t mark, struct err *err)
{
	struct ledger_changes changes = { 0 };
	struct ledger l = { .lock = -1, .mark = -1, .changes = &changes };
	bool ok;

	state_init(&l);
	l.db = open_write(path, err);
	ok = l.db && sql_begin(l.db, err) &&
		sql_number(l.db, Q_TICK_IS, 0, &l.tick, err, "");
	l.tick = (l.tick > mark ? l.tick : mark) + 1;
	ok = ok && open_mint_all(&l, err) && state_flush(&l, err) &&
		sql_run(l.db, Q_TICK, err, "i", l.tick) && sql_commit(l.db, err);
	ledger_changes_done(&changes);
	state_done(&l);
	sql_close(l.db);
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
	bool ok = true;

	if (access(path, F_OK) == 0) {
		sql_close(open_write(path, &none));
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
	struct mark mark;
	int fd = mark_open(mark_path, &mark, err);
	bool ok = fd >= 0 && take_copy(file, made, err) && renew(made, mark.tick, err) &&
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
