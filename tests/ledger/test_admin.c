/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Users and tokens; backup, restore, check; the lock and the mark outside. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/id.h"
#include "base/mem.h"
#include "base/path.h"
#include "ledger/world.h"

static void
in_dir(const struct world *w, const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", w->dir, name);
}

/* ---- users and tokens ---- */

static void
a_token_is_shown_once_and_kept_as_a_hash(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	struct buf out;
	char token[TOKEN_SIZE], user[USER_MAX + 1], path[128], hash[HASH_SIZE];
	char lobby[CONV_ID_MAX + 1];
	bool admin;
	FILE *f;
	static char bytes[1 << 20];
	size_t n;

	buf_init(&out, 4096);
	assert_true(ledger_user_add(w->l, "joe", "Joe Doe", true, &out, &err));
	assert_int_equal(out.n, TOKEN_SIZE);	/* with its line feed */
	memcpy(token, out.p, TOKEN_SIZE - 1);
	token[TOKEN_SIZE - 1] = '\0';
	assert_true(ledger_token_user(w->r, token, user, &admin, &err));
	assert_string_equal(user, "joe");
	assert_true(admin);
	token[3] = token[3] == 'a' ? 'b' : 'a';
	assert_false(ledger_token_user(w->r, token, user, &admin, &err));
	assert_int_equal(err.kind, ERR_NONE);
	assert_false(ledger_token_user(w->r, "", user, &admin, &err));
	assert_int_equal(err.kind, ERR_NONE);
	/* every user is in the rooms that all join */
	assert_true(world_head(w, "joe", world_room(w, "#lobby", lobby)).is_there);
	assert_true(world_head(w, "joe", "u_joe").is_there);
	assert_true(ledger_checkpoint(w->l, &err));
	in_dir(w, "ledger.db", path);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	assert_null(memmem(bytes, n, out.p, TOKEN_SIZE - 1));
	hash_hex(out.p, TOKEN_SIZE - 1, hash);
	assert_non_null(memmem(bytes, n, hash, strlen(hash)));
	buf_done(&out);
}

static void
names_are_checked_and_taken_once(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, 4096);
	assert_false(ledger_user_add(w->l, "ann", "", false, &out, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_false(ledger_user_add(w->l, "No Body", "", false, &out, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_false(ledger_user_add(w->l, "joe", "0123456789012345678901234567890123456789"
				"01234567890123456789012345", false, &out, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_false(ledger_user_token(w->l, "nobody", &out, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_false(ledger_user_revoke(w->l, "nobody", &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(out.n, 0);
	buf_done(&out);
}

static void
revoking_takes_all_tokens_back(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	struct buf out;
	char user[USER_MAX + 1];
	bool admin;

	buf_init(&out, 4096);
	assert_true(ledger_user_token(w->l, "ann", &out, &err));
	assert_true(ledger_user_token(w->l, "ann", &out, &err));
	assert_int_equal(out.n, 2 * TOKEN_SIZE);
	out.p[TOKEN_SIZE - 1] = out.p[2 * TOKEN_SIZE - 1] = '\0';
	assert_true(ledger_token_user(w->r, out.p, user, &admin, &err));
	assert_true(ledger_token_user(w->r, out.p + TOKEN_SIZE, user, &admin, &err));
	assert_false(admin);
	assert_true(ledger_user_revoke(w->l, "ann", &err));
	assert_false(ledger_token_user(w->r, out.p, user, &admin, &err));
	assert_false(ledger_token_user(w->r, out.p + TOKEN_SIZE, user, &admin, &err));
	assert_true(ledger_user(w->r, "ann", &admin, &err));
	buf_clear(&out);
	assert_true(ledger_user_list(w->l, &out, &err));
	assert_string_equal(buf_str(&out), "ann\tann\tuser\t0\nbob\tbob\tuser\t0\n"
			"eve\teve\tuser\t0\n");
	buf_done(&out);
}

static void
who_is_removed_leaves_nothing_to_a_namesake(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	struct ledger_op op = world_op(w, LEDGER_DIRECT, "ann");
	char lobby[CONV_ID_MAX + 1], direct[CONV_ID_MAX + 1], role[8];
	struct buf out;
	bool admin;

	op.other = "bob";
	assert_true(world_do(w, &op));
	memcpy(direct, op.out.conv, sizeof direct);
	world_say(w, "ann", direct, "psst", NULL);
	op = world_send(w, "bob", world_room(w, "#lobby", lobby), REC_AI_START,
			"{\"stream\":\"s\"}");
	op.body.stream = "s";
	assert_true(world_do(w, &op));
	assert_true(ledger_user_remove(w->l, "bob", &err));
	assert_false(ledger_user(w->r, "bob", &admin, &err));
	assert_int_equal(err.kind, ERR_NONE);
	assert_true(ledger_role(w->r, lobby, "bob", role, &err));
	assert_string_equal(role, "");
	buf_init(&out, 1 << 20);
	world_page(w, lobby, 0, 99, false, &out);
	assert_non_null(strstr(buf_str(&out), "\"status\":\"aborted\""));
	assert_non_null(strstr(buf_str(&out), "\"user\":\"bob\",\"name\":\"bob\","
				"\"role\":\"member\",\"do\":\"leave\""));
	buf_clear(&out);
	op = world_send(w, "bob", lobby, REC_MSG, "{\"text\":\"x\"}");
	op.body.text = "x";
	op.body.text_n = 1;
	op.lane = 1;
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_FORBIDDEN);
	assert_true(ledger_user_add(w->l, "bob", "Another", false, &out, &err));
	assert_false(world_head(w, "bob", direct).is_there);
	op = world_op(w, LEDGER_DIRECT, "bob");
	op.other = "ann";
	assert_true(world_do(w, &op));
	assert_string_not_equal(op.out.conv, direct);
	buf_clear(&out);
	world_page(w, "u_bob", 0, 99, false, &out);
	assert_null(strstr(buf_str(&out), "notify"));
	assert_true(ledger_check(w->dir, &out, &err));
	buf_done(&out);
}

/* ---- files ---- */

static void
everything_is_ours_alone(void **state)
{
	static const char *const names[] = { "ledger.db", "ledger.db-wal", "ledger.db-shm",
		"ledger.lock", "ledger.mark" };
	struct world *w = *state;
	struct stat st;
	char path[128];

	assert_int_equal(stat(w->dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	for (size_t i = 0; i < countof(names); i++) {
		in_dir(w, names[i], path);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void
a_lock_that_is_held_names_its_process(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	char pid[32];

	snprintf(pid, sizeof pid, "process %ld", (long)getpid());
	assert_null(ledger_open(w->dir, &w->limits, "", &err));
	assert_int_equal(err.kind, ERR_FAIL);
	assert_non_null(strstr(err.msg, pid));
	assert_false(ledger_restore(w->dir, "/dev/null", &err));
	assert_non_null(strstr(err.msg, pid));
}

static void
a_file_of_another_program_or_version_is_refused(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	char path[128];
	sqlite3 *db;

	world_close(w);
	in_dir(w, "ledger.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=99", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_null(ledger_open(w->dir, &w->limits, "", &err));
	assert_non_null(strstr(err.msg, "newer"));
	assert_null(ledger_reader_open(w->dir, &err));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_exec(db, "PRAGMA application_id=1", NULL, NULL, NULL);
	sqlite3_close(db);
	assert_null(ledger_open(w->dir, &w->limits, "", &err));
	assert_non_null(strstr(err.msg, "another program"));
}

static void
a_ledger_of_every_earlier_version_is_opened(void **state)
{
	const char *top = getenv("top_srcdir");
	struct world *w = *state;
	struct err err = { 0 };
	char path[128], *text;
	struct world_head h;
	struct buf out;
	sqlite3 *db;

	for (int version = 1; version <= 1; version++) {
		char *dump = xasprintf("%s/tests/data/ledger/v%d.sql", top ? top : ".", version);

		world_close(w);
		in_dir(w, "ledger.db", path);
		unlink(path);
		in_dir(w, "ledger.mark", path);
		unlink(path);
		in_dir(w, "ledger.db", path);
		text = path_read(dump, 1 << 20, NULL, &err);
		assert_non_null(text);
		assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		chmod(path, 0600);
		free(text);
		free(dump);
		world_open(w);
		buf_init(&out, 1 << 16);
		if (!ledger_check(w->dir, &out, &err))
			fail_msg("%s: %s", err.msg, buf_str(&out));
		buf_done(&out);
		h = world_head(w, "ann", "c_2WphCMUe");
		assert_int_equal(h.seq, 6);
	}
}

/* ---- backup and restore ---- */

static void
a_backup_is_made_while_all_goes_on_and_restored_with_new_epochs(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	char lobby[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1], copy[128], id[37], was[37];
	struct world_head h;
	struct buf out;
	struct stat st;

	world_say(w, "ann", world_room(w, "#lobby", lobby), "kept", was);
	in_dir(w, "copy", copy);
	assert_true(ledger_backup(w->l, copy, &err));
	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(ledger_backup(w->l, copy, &err));	/* over the one before */
	world_say(w, "ann", lobby, "lost", NULL);
	h = world_head(w, "ann", lobby);
	assert_int_equal(h.seq, 5);
	str_copy(epoch, sizeof epoch, h.epoch);
	world_close(w);
	if (!ledger_restore(w->dir, copy, &err))
		fail_msg("%s", err.msg);
	world_open(w);
	assert_string_equal(ledger_notice(w->l), "");
	h = world_head(w, "ann", lobby);
	assert_int_equal(h.seq, 4);
	assert_string_not_equal(h.epoch, epoch);
	assert_true(ledger_id_at(w->r, lobby, 4, id, &err));
	assert_string_equal(id, was);
	/* the client offers its message again: its lane goes on from what the server knows */
	w->lanes[0].n = 1;
	assert_int_equal(world_say(w, "ann", lobby, "lost", NULL), 5);
	buf_init(&out, 4096);
	if (!ledger_check(w->dir, &out, &err))
		fail_msg("%s", buf_str(&out));
	buf_done(&out);
}

static void
a_restore_of_a_damaged_copy_changes_nothing(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	char copy[128], lobby[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1];
	struct stat st;
	int fd;

	str_copy(epoch, sizeof epoch, world_head(w, "ann", world_room(w, "#lobby", lobby)).epoch);
	in_dir(w, "copy", copy);
	assert_true(ledger_backup(w->l, copy, &err));
	world_close(w);
	assert_int_equal(stat(copy, &st), 0);
	fd = open(copy, O_RDWR);
	for (off_t at = 8192; at < st.st_size; at += 4096)
		assert_int_equal(pwrite(fd, "damage", 6, at), 6);
	close(fd);
	assert_false(ledger_restore(w->dir, copy, &err));
	assert_false(ledger_restore(w->dir, "/nonexistent/copy", &err));
	world_open(w);
	assert_string_equal(world_head(w, "ann", lobby).epoch, epoch);
}

static void
copy_file(const char *from, const char *to)
{
	static char bytes[1 << 20];
	FILE *f = fopen(from, "rb"), *t;
	size_t n = fread(bytes, 1, sizeof bytes, f);

	fclose(f);
	t = fopen(to, "wb");
	fwrite(bytes, 1, n, t);
	fclose(t);
}

static void
an_older_copy_put_back_by_hand_is_noticed(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1], copy[128], db[128];

	world_say(w, "ann", world_room(w, "#lobby", lobby), "kept", NULL);
	str_copy(epoch, sizeof epoch, world_head(w, "ann", lobby).epoch);
	in_dir(w, "copy", copy);
	in_dir(w, "ledger.db", db);
	world_close(w);
	copy_file(db, copy);
	world_open(w);
	assert_string_equal(ledger_notice(w->l), "");
	assert_string_equal(world_head(w, "ann", lobby).epoch, epoch);
	world_say(w, "ann", lobby, "lost", NULL);
	world_close(w);
	copy_file(copy, db);
	world_open(w);
	assert_string_not_equal(ledger_notice(w->l), "");
	assert_int_equal(world_head(w, "ann", lobby).seq, 4);
	assert_string_not_equal(world_head(w, "ann", lobby).epoch, epoch);
	world_close(w);
	world_open(w);
	assert_string_equal(ledger_notice(w->l), "");
}

/* ---- check ---- */

static void
check_finds_planted_damage(void **state)
{
	static const struct { const char *sql, *says; } plants[] = {
		{ "DELETE FROM log WHERE pos = 1 << 36 | 5", "without its predecessor" },
		{ "UPDATE log SET id = x'00' WHERE pos = 1 << 36 | 6", "older id" },
		{ "UPDATE log SET ts = 1 WHERE pos = 1 << 36 | 6", "times that fall" },
		{ "UPDATE log SET counted = 9 WHERE pos = 1 << 36 | 6", "wrong count of messages" },
		{ "INSERT INTO log VALUES(99 << 36 | 1, zeroblob(16), 0, 1, 1, 1, NULL, '{}')",
			"no conversation" },
		{ "UPDATE conv SET seq = 99 WHERE n = 1", "head that is not" },
		{ "UPDATE conv SET last_id = zeroblob(16) WHERE n = 1", "head that is not" },
		{ "UPDATE log SET record = NULL WHERE pos = 1 << 36 | 6", "trimmed" },
		{ "UPDATE conv SET floor = 4 WHERE n = 1", "trimmed" },
		{ "UPDATE log SET record = replace(record, '\"seq\":6', '\"seq\":7')"
			" WHERE pos = 1 << 36 | 6", "bytes say something else" },
		{ "UPDATE log SET record = 'x' WHERE pos = 1 << 36 | 6",
			"bytes say something else" },
		{ "DELETE FROM answer WHERE conv = 1 AND seq = 6", "record without its cid" },
		{ "UPDATE answer SET seq = 77 WHERE conv = 1 AND seq = 6",
			"record without its cid" },
		{ "UPDATE answer SET cid = zeroblob(16) WHERE conv = 1 AND seq = 6",
			"record without its cid" },
		{ "INSERT INTO answer VALUES(1, 2, zeroblob(16), 6, 0, NULL, NULL)", "two cids" },
		{ "UPDATE lane SET n = 1", "lane has numbers" },
		{ "DELETE FROM lane", "lane has numbers" },
		{ "UPDATE member SET read = 99 WHERE conv = 1", "read mark above" },
		{ "UPDATE member SET own = own + 1 WHERE conv = 1", "own messages" },
		{ "INSERT INTO epoch_history SELECT n, epoch, 0, 0 FROM conv", "used before" },
		{ "INSERT INTO fold VALUES(5 << 36, '', 0, '{}')", "fold of no record" },
		{ "INSERT INTO fold VALUES(1 << 36 | 6, '', 1, '{}')", "still has its text" },
		{ "INSERT INTO stream VALUES(1, 's', 1, 'd', 6, '')", "end is not in the log" },
		{ "PRAGMA foreign_keys=OFF; INSERT INTO token VALUES('h', 99)", "not there" },
		{ "UPDATE meta SET value = 1 WHERE name = 'tick'", "commits are missing" },
	};
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], db[128], kept[128];
	struct err err = { 0 };
	struct buf out;

	world_room(w, "#lobby", lobby);
	for (int i = 0; i < 5; i++)
		world_say(w, i % 2 ? "ann" : "bob", lobby, "x", NULL);
	world_close(w);
	in_dir(w, "ledger.db", db);
	in_dir(w, "kept", kept);
	copy_file(db, kept);
	buf_init(&out, 1 << 16);
	if (!ledger_check(w->dir, &out, &err))
		fail_msg("%s: %s", err.msg, buf_str(&out));
	assert_int_equal(out.n, 0);
	for (size_t i = 0; i < countof(plants); i++) {
		sqlite3 *h;

		copy_file(kept, db);
		assert_int_equal(sqlite3_open(db, &h), SQLITE_OK);
		if (sqlite3_exec(h, plants[i].sql, NULL, NULL, NULL) != SQLITE_OK)
			fail_msg("%s: %s", plants[i].sql, sqlite3_errmsg(h));
		sqlite3_close(h);
		buf_clear(&out);
		if (ledger_check(w->dir, &out, &err))
			fail_msg("not found: %s", plants[i].sql);
		if (!strstr(buf_str(&out), plants[i].says))
			fail_msg("%s: %s: %s", plants[i].sql, err.msg, buf_str(&out));
	}
	buf_done(&out);
	copy_file(kept, db);
	world_open(w);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_token_is_shown_once_and_kept_as_a_hash),
		T(names_are_checked_and_taken_once),
		T(revoking_takes_all_tokens_back),
		T(who_is_removed_leaves_nothing_to_a_namesake),
		T(everything_is_ours_alone),
		T(a_lock_that_is_held_names_its_process),
		T(a_file_of_another_program_or_version_is_refused),
		T(a_ledger_of_every_earlier_version_is_opened),
		T(a_backup_is_made_while_all_goes_on_and_restored_with_new_epochs),
		T(a_restore_of_a_damaged_copy_changes_nothing),
		T(an_older_copy_put_back_by_hand_is_noticed),
		T(check_finds_planted_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
