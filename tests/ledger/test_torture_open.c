/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening, backing up, restoring and checking when any statement of theirs fails: each says so,
 * leaves what was there, and succeeds when asked again. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ledger/world.h"

/* What happens next, on whichever connection, is counted, and the nth thing fails. */
static struct { long left; bool hit, at_prepare; } fault;

static bool
strikes(void)
{
	if (fault.left == 0 || --fault.left > 0)
		return false;
	fault.hit = true;
	return true;
}

static int
at_step(void *arg)
{
	(void)arg;
	return strikes();
}

static int
at_prepare(void *arg, int action, const char *a, const char *b, const char *c, const char *d)
{
	(void)arg, (void)action, (void)a, (void)b, (void)c, (void)d;
	return strikes() ? SQLITE_DENY : SQLITE_OK;
}

/* Every connection that is opened gets the handler. */
static int
hook(sqlite3 *db, char **message, const struct sqlite3_api_routines *api)
{
	(void)message, (void)api;
	if (fault.at_prepare)
		sqlite3_set_authorizer(db, at_prepare, NULL);
	else
		sqlite3_progress_handler(db, 1, at_step, NULL);
	return SQLITE_OK;
}

static void
disarm(void)
{
	fault.left = 0;
	sqlite3_cancel_auto_extension((void (*)(void))hook);
}

/* Fails try at every stride-th place, of both sorts, until it succeeds untouched. */
static void
torture(struct world *w, const char *name, bool (*try)(struct world *w, struct err *err),
		long stride)
{
	for (int sort = 0; sort < 2; sort++) {
		for (long n = 1;; n += stride) {
			struct err err = { .kind = ERR_NONE };
			bool ok;

			fault.at_prepare = sort == 1;
			fault.left = n;
			fault.hit = false;
			sqlite3_auto_extension((void (*)(void))hook);
			ok = try(w, &err);
			disarm();
			if (ok && fault.hit)
				continue;	/* it could do without */
			if (ok)
				break;
			if (!fault.hit || !*err.msg)
				fail_msg("%s: %d at %ld: hit %d: %s", name, sort, n, fault.hit,
						err.msg);
		}
	}
}

static bool
try_open(struct world *w, struct err *err)
{
	struct ledger *l = ledger_open(w->dir, &w->limits, "#lobby,#help", err);

	ledger_close(l);
	return l != NULL;
}

static bool
try_fresh(struct world *w, struct err *err)
{
	static const char *const names[] = { "ledger.db", "ledger.db-wal", "ledger.db-shm",
		"ledger.mark" };
	char path[128];

	for (size_t i = 0; i < countof(names); i++) {
		snprintf(path, sizeof path, "%s/%s", w->dir, names[i]);
		unlink(path);
	}
	return try_open(w, err);
}

static bool
try_read(struct world *w, struct err *err)
{
	struct ledger_reader *r = ledger_reader_open(w->dir, err);

	ledger_reader_close(r);
	return r != NULL;
}

static bool
try_backup(struct world *w, struct err *err)
{
	char path[128];

	snprintf(path, sizeof path, "%s/copy", w->dir);
	return ledger_backup(w->l, path, err);
}

static bool
try_restore(struct world *w, struct err *err)
{
	char path[128];

	snprintf(path, sizeof path, "%s/copy", w->dir);
	return ledger_restore(w->dir, path, err);
}

static bool
try_check(struct world *w, struct err *err)
{
	struct buf out;
	bool ok;

	buf_init(&out, 1 << 16);
	ok = ledger_check(w->dir, &out, err);
	buf_done(&out);
	return ok;
}

static void
a_ledger_is_opened(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };

	world_close(w);
	torture(w, "open", try_open, 1);
	torture(w, "read", try_read, 1);
	torture(w, "fresh", try_fresh, 301);
	assert_true(try_check(w, &err));
	world_open(w);
}

/* After the mark was found ahead, every epoch is minted: that fails and succeeds as a whole. */
static void
a_ledger_that_went_back_is_opened(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1], path[128];
	sqlite3 *db;

	str_copy(epoch, sizeof epoch, world_head(w, "ann", world_room(w, "#lobby", lobby)).epoch);
	world_close(w);
	snprintf(path, sizeof path, "%s/ledger.db", w->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_exec(db, "UPDATE meta SET value=1 WHERE name='tick'", NULL, NULL, NULL);
	sqlite3_close(db);
	torture(w, "open", try_open, 1);
	world_open(w);
	assert_string_not_equal(world_head(w, "ann", lobby).epoch, epoch);
}

static void
a_ledger_is_backed_up_restored_and_checked(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct err err = { 0 };

	world_say(w, "ann", world_room(w, "#lobby", lobby), "x", NULL);
	torture(w, "backup", try_backup, 1);
	world_close(w);
	torture(w, "check", try_check, 53);
	torture(w, "restore", try_restore, 37);
	assert_true(try_check(w, &err));
	world_open(w);
	assert_int_equal(world_head(w, "ann", lobby).seq, 4);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_ledger_is_opened),
		T(a_ledger_that_went_back_is_opened),
		T(a_ledger_is_backed_up_restored_and_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
