/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that is full, or fails, at the nth write or sync of the write-ahead log. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "ledger/world.h"

/* The file system of SQLite with faults in it. */
static struct {
	sqlite3_vfs vfs, *real;
	const sqlite3_io_methods *methods;
	sqlite3_io_methods wal;
	int writes, syncs;	/* that still succeed; -1: all */
	bool stays;		/* from then on */
	int hits;
} disk = { .writes = -1, .syncs = -1 };

static bool
is_hit(int *left)
{
	if (*left < 0 || (*left)-- > 0)
		return false;
	if (disk.stays)
		*left = 0;
	disk.hits++;
	return true;
}

static int
wal_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	return is_hit(&disk.writes) ? SQLITE_FULL : disk.methods->xWrite(f, p, n, at);
}

static int
wal_sync(sqlite3_file *f, int flags)
{
	return is_hit(&disk.syncs) ? SQLITE_IOERR_FSYNC : disk.methods->xSync(f, flags);
}

static int
open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
	int rc = disk.real->xOpen(disk.real, name, f, flags, out);

	(void)vfs;
	if (rc == SQLITE_OK && (flags & SQLITE_OPEN_WAL)) {
		disk.methods = f->pMethods;
		disk.wal = *f->pMethods;
		disk.wal.xWrite = wal_write;
		disk.wal.xSync = wal_sync;
		f->pMethods = &disk.wal;
	}
	return rc;
}

static void
heal(void)
{
	disk.writes = disk.syncs = -1;
	disk.stays = false;
	disk.hits = 0;
}

static int
install(void **state)
{
	(void)state;
	disk.real = sqlite3_vfs_find(NULL);
	disk.vfs = *disk.real;
	disk.vfs.zName = "faulty";
	disk.vfs.xOpen = open_file;
	return sqlite3_vfs_register(&disk.vfs, 1);
}

static int
teardown(void **state)
{
	heal();
	return world_teardown(state);
}

static void
assert_sound(struct world *w)
{
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, 1 << 16);
	if (!ledger_check(w->dir, &out, &err))
		fail_msg("%s: %s", err.msg, buf_str(&out));
	buf_done(&out);
}

/* A batch of three: two messages, and one that gives a notice. */
struct batch { struct ledger_op ops[3]; char cids[3][37]; };

static void
make_batch(struct batch *b, struct world *w, const char *conv)
{
	for (int i = 0; i < 3; i++) {
		struct ledger_op *op = &b->ops[i];

		*op = world_send(w, "ann", conv, REC_MSG, "");
		memcpy(b->cids[i], op->cid, 37);
		op->cid = b->cids[i];
		op->body.text = i == 2 ? "@bob" : "x";
		op->body.text_n = strlen(op->body.text);
		op->body.json = i == 2 ? "{\"text\":\"@bob\"}" : "{\"text\":\"x\"}";
		op->body.json_n = strlen(op->body.json);
	}
}

static bool
commit(struct world *w, struct batch *b, struct err *err)
{
	ledger_changes_done(&w->changes);
	return ledger_commit(w->l, b->ops, 3, &w->changes, err);
}

static void
a_full_disk_undoes_the_batch_and_the_same_succeeds_later(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	int hits;
	int64_t seq = 3;

	world_room(w, "#lobby", lobby);
	for (int n = 0;; n++) {
		struct err err = { 0 };
		struct batch b;

		make_batch(&b, w, lobby);
		disk.writes = n;
		disk.stays = n % 2;
		if (commit(w, &b, &err)) {
			hits = disk.hits;
			heal();
			assert_int_equal(hits, 0);
			assert_true(n > 5);
			break;
		}
		assert_int_equal(err.kind, ERR_REFUSED);
		assert_string_equal(err.msg, "the disk is full: nothing can be stored");
		assert_int_equal(w->changes.n, 0);
		assert_int_equal(world_head(w, "ann", lobby).seq, seq);
		heal();
		assert_true(commit(w, &b, &err));
		for (int i = 0; i < 3; i++) {
			assert_true(b.ops[i].out.ok && !b.ops[i].out.dup);
			assert_int_equal(b.ops[i].out.seq, ++seq);
		}
	}
	assert_sound(w);
}

static void
of_a_failed_sync_nobody_knows_and_a_restart_finds_out(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct err err = { 0 };
	struct batch b;

	world_room(w, "#lobby", lobby);
	for (int i = 0; i < 4; i++) {
		bool dup;

		make_batch(&b, w, lobby);
		disk.syncs = 0;
		disk.stays = i % 2;
		assert_false(commit(w, &b, &err));
		assert_int_equal(err.kind, ERR_FAIL);
		/* the process ends */
		heal();
		world_close(w);
		world_open(w);
		assert_true(commit(w, &b, &err));
		dup = b.ops[0].out.dup;
		for (int k = 0; k < 3; k++) {
			/* all of the batch, or nothing of it */
			assert_true(b.ops[k].out.ok);
			assert_int_equal(b.ops[k].out.dup, dup);
			assert_int_equal(b.ops[k].out.seq, 4 + 3 * i + k);
		}
		assert_sound(w);
	}
}

static void
nothing_is_opened_on_a_full_disk(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };

	world_close(w);
	disk.writes = 0;
	disk.stays = true;
	assert_null(ledger_open(w->dir, &w->limits, "#lobby", &err));
	assert_int_equal(err.kind, ERR_FAIL);
	heal();
	world_open(w);
	assert_sound(w);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_full_disk_undoes_the_batch_and_the_same_succeeds_later),
		T(of_a_failed_sync_nobody_knows_and_a_restart_finds_out),
		T(nothing_is_opened_on_a_full_disk),
	};

	return cmocka_run_group_tests(tests, install, NULL);
}
