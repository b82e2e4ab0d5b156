/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens the ledger for its one writer: lock, tables, and what a start finds out. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/path.h"
#include "ledger/append.h"
#include "sql/mark.h"
#include "ledger/open.h"
#include "ledger/queries.h"
#include "ledger/rooms.h"
#include "ledger/schema.h"
#include "ledger/state.h"

#define PID_MAX_TEXT 32
#define CACHE_KIB 16000
#define WAL_KIB 65536

/* ---- the lock ---- */

static void
held_by(int fd, char pid[PID_MAX_TEXT])
{
	ssize_t n = pread(fd, pid, PID_MAX_TEXT - 1, 0);

	pid[n > 0 ? n : 0] = '\0';
	pid[strspn(pid, "0123456789")] = '\0';
}

int
open_lock(const char *dir, struct err *err)
{
	char *path = path_join(dir, "ledger.lock"), pid[PID_MAX_TEXT];
	int fd = path_open(path, O_RDWR | O_CREAT, err);

	free(path);
	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		held_by(fd, pid);
		if (errno == EWOULDBLOCK)
			err_set(err, ERR_FAIL, _("%s is in use by process %s"), dir,
					*pid ? pid : "?");
		else
			err_sys(err, ERR_FAIL, "%s", dir);
		close(fd);
		return -1;
	}
	snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, strlen(pid), 0) < 0) {
		err_sys(err, ERR_FAIL, "%s", dir);
		close(fd);
		return -1;
	}
	return fd;
}

/* ---- what a start finds out ---- */

static bool
read_meta(struct ledger *l, struct err *err)
{
	struct sql_query *st;
	int rc;

	if (!sql_number(l->db, Q_TICK_IS, 0, &l->tick, err, ""))
		return false;
	st = sql_start(l->db, Q_NEWEST_ID, err, "");
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 1) {
		const unsigned char *id = sql_blob(st, 0);

		/* ids go on above the newest one, whatever the clock says */
		for (int i = 0; id && i < 6; i++)
			l->ids.last_ms = l->ids.last_ms << 8 | id[i];
		l->ids.counter = UINT32_MAX;
		sql_end(st);
	}
	return true;
}

bool
open_mint_all(struct ledger *l, struct err *err)
{
	arr(char *) ids = { 0 };
	struct sql_query *st = sql_start(l->db, Q_CONV_ALL, err, "");
	struct state_conv *c;
	int rc;
	bool ok;

	while ((rc = sql_step(st, err)) == 1)
		arr_push(&ids, xstrdup(sql_text(st, 0)));
	ok = rc == 0;
	for (size_t i = 0; i < ids.n; i++) {
		ok = ok && state_conv(l, ids.v[i], &c, err) &&
			(!c || rooms_mint(l, c, clock_wall_ms(), err));
		free(ids.v[i]);
	}
	arr_done(&ids);
	return ok;
}

/* The mark outside knows of commits that the file does not have: rows were lost, or an older copy
 * was put in place. Every log gets a new epoch, so that clients offer again what they have. */
static bool
heed_mark(struct ledger *l, int64_t tick, struct err *err)
{
	if (tick <= l->tick)
		return true;
	str_copy(l->notice, sizeof l->notice, _("the ledger is older than it was: commits were"
				" lost, or a copy was put back; every conversation has a new"
				" epoch"));
	l->tick = tick + 1;
	return open_mint_all(l, err);
}

/* All that a start changes, in one transaction. */
static bool
begin(struct ledger *l, int64_t mark, struct err *err)
{
	struct ledger_changes changes = { 0 };
	bool ok;

	l->changes = &changes;
	id_short("", START_SIZE - 1, l->start);
	ok = sql_begin(l->db, err) && read_meta(l, err) &&
		sql_run(l->db, Q_START, err, "t", l->start) && heed_mark(l, mark, err) &&
		rooms_make_auto(l, err) && state_flush(l, err) &&
		sql_run(l->db, Q_TICK, err, "i", l->tick) && sql_commit(l->db, err);
	ledger_changes_done(&changes);
	l->changes = NULL;
	if (!ok)
		sql_roll_back(l->db, NULL);
	return ok;
}

struct sql *
open_write(const char *path, struct err *err)
{
	struct sql_setup setup = { .mode = SQL_WRITE, .text = query_text, .n = Q_COUNT,
		.cache_kib = CACHE_KIB, .wal_kib = WAL_KIB };

	return sql_open(path, &setup, NULL, err);
}

static bool
open_file(struct ledger *l, struct err *err)
{
	char *path = path_join(l->dir, "ledger.db");
	/* nobody has it open yet: to close it now drops no lock of SQLite's */
	int fd = path_open(path, O_RDWR | O_CREAT, err);
	bool ok = fd >= 0;

	if (ok)
		close(fd);
	if (ok)
		l->db = open_write(path, err);
	ok = l->db && schema_make(l->db, path, err);
	free(path);
	return ok;
}

static bool
open_mark(struct ledger *l, int64_t *tick, struct err *err)
{
	char *path = path_join(l->dir, "ledger.mark");
	struct mark mark;

	l->mark = mark_open(path, &mark, err);
	free(path);
	*tick = mark.tick;
	return l->mark >= 0;
}

struct ledger *
ledger_open(const char *dir, const struct ledger_limits *limits, const char *auto_join,
		struct err *err)
{
	struct ledger *l = xcalloc(1, sizeof *l);
	int64_t mark;

	l->lock = l->mark = -1;
	l->dir = xstrdup(dir);
	l->limits = *limits;
	l->auto_join = xstrdup(auto_join ? auto_join : "");
	state_init(l);
	/* a text of escapes is six times as long; the rest is ids and names */
	buf_init(&l->record, 6 * (size_t)(limits->body + limits->answer) + 16384);
	if (!path_make_dir(dir, err))
		goto fail;
	l->lock = sql_folder_ok(dir, err) ? open_lock(dir, err) : -1;
	if (l->lock < 0 || !open_file(l, err) || !open_mark(l, &mark, err) ||
			!begin(l, mark, err))
		goto fail;
	mark_put(l->mark, &(struct mark){ .tick = l->tick });
	return l;
fail:
	ledger_close(l);
	return NULL;
}

void
ledger_close(struct ledger *l)
{
	if (!l)
		return;
	sql_close(l->db);
	state_done(l);
	buf_done(&l->record);
	if (l->mark >= 0)
		close(l->mark);
	if (l->lock >= 0)
		close(l->lock);
	free(l->auto_join);
	free(l->dir);
	free(l);
}

const char *
ledger_notice(const struct ledger *l)
{
	return l->notice;
}
