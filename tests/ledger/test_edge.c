/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens seldom: full buffers, callers that stop, caches that overflow, names that are not
 * names, people who are gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ledger/world.h"

static void
a_list_too_long_for_its_buffer_is_an_error(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, 20);
	assert_false(ledger_user_list(w->l, &out, &err));
	assert_int_equal(err.kind, ERR_FAIL);
	buf_clear(&out);
	assert_false(ledger_room_list(w->l, &out, &err));
	buf_clear(&out);
	assert_false(ledger_user_add(w->l, "joe", "", false, &out, &err));
	assert_int_equal(out.n, 0);
	buf_done(&out);
	/* and nothing was done */
	buf_init(&out, 4096);
	assert_true(ledger_user_add(w->l, "joe", "", false, &out, &err));
	buf_done(&out);
}

/* Counts, and stops at the first. */
static bool
one_head(void *arg, const struct head *h)
{
	(void)h;
	++*(int *)arg;
	return false;
}

static bool
one_member(void *arg, const char *user, const char *name, const char *role)
{
	(void)user, (void)name, (void)role;
	++*(int *)arg;
	return false;
}

static bool
one_room(void *arg, const struct ledger_conv *c, const char *topic, int64_t members)
{
	(void)c, (void)topic, (void)members;
	++*(int *)arg;
	return false;
}

static bool
one_stream(void *arg, const char *conv, const char *stream, const char *user, const char *device,
		const char *text, size_t n)
{
	(void)conv, (void)stream, (void)user, (void)device, (void)text, (void)n;
	++*(int *)arg;
	return false;
}

static void
who_is_told_may_stop(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	char lobby[CONV_ID_MAX + 1], since[32];
	int n = 0;

	world_room(w, "#lobby", lobby);
	for (int i = 0; i < 2; i++) {
		struct ledger_op op = world_send(w, "ann", lobby, REC_AI_START, "{}");

		op.body.stream = i ? "s1" : "s2";
		assert_true(world_do(w, &op));
	}
	assert_true(ledger_heads(w->r, "ann", "", one_head, &n, since, &err));
	assert_true(ledger_members(w->r, lobby, "", one_member, &n, &err));
	assert_true(ledger_rooms(w->r, "ann", "", one_room, &n, &err));
	assert_true(ledger_open_streams(w->r, one_stream, &n, &err));
	assert_int_equal(n, 4);
	/* nothing was left open */
	n = 0;
	assert_true(ledger_heads(w->r, "ann", "", one_head, &n, since, &err));
	assert_int_equal(n, 1);
}

static void
a_cache_that_overflows_forgets_nothing_that_counts(void **state)
{
	enum { EACH = 1000, TIMES = 70 };
	struct world *w = *state;
	static struct ledger_op ops[EACH];
	static char devices[EACH][16], cids[EACH][37];
	char lobby[CONV_ID_MAX + 1];
	struct err err;

	world_room(w, "#lobby", lobby);
	world_say(w, "ann", lobby, "x", NULL);
	for (int t = 0; t < TIMES; t++) {
		for (int i = 0; i < EACH; i++) {
			snprintf(devices[i], sizeof devices[i], "x%d", t * EACH + i);
			snprintf(cids[i], sizeof cids[i], "018f0000-0000-7000-8000-%012x",
					(unsigned)(t * EACH + i));
			ops[i] = world_op(w, LEDGER_SEND, "ann");
			ops[i].conv = lobby;
			ops[i].device = devices[i];
			ops[i].cid = cids[i];
			ops[i].lane = 2;
		}
		ledger_changes_done(&w->changes);
		assert_true(ledger_commit(w->l, ops, EACH, &w->changes, &err));
		assert_int_equal(ops[EACH - 1].out.code, CODE_ORDER);
	}
	assert_int_equal(world_say(w, "ann", lobby, "x", NULL), 5);
	assert_int_equal(world_say(w, "ann", lobby, "x", NULL), 6);
}

static void
a_name_that_is_none_opens_nothing(void **state)
{
	static const char *const bad[] = { "lobby", "#lobby #UPPER", "#" };
	struct world *w = *state;
	struct err err = { 0 };

	world_close(w);
	for (size_t i = 0; i < countof(bad); i++) {
		assert_null(ledger_open(w->dir, &w->limits, bad[i], &err));
		assert_int_equal(err.kind, ERR_USAGE);
	}
	world_open(w);
}

static void
several_rooms_are_joined_by_all(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	struct ledger_op op;
	char a[CONV_ID_MAX + 1], b[CONV_ID_MAX + 1];

	world_close(w);
	w->l = ledger_open(w->dir, &w->limits, " #help, #news", &err);
	assert_non_null(w->l);
	w->r = ledger_reader_open(w->dir, &err);
	assert_non_null(w->r);
	op = world_op(w, LEDGER_USER, "joe");
	assert_true(world_do(w, &op));
	assert_true(world_head(w, "joe", world_room(w, "#help", a)).is_there);
	assert_true(world_head(w, "joe", world_room(w, "#news", b)).is_there);
	/* people of before come in with their next hello */
	assert_false(world_head(w, "ann", a).is_there);
	op = world_op(w, LEDGER_USER, "ann");
	assert_true(world_do(w, &op));
	assert_true(world_head(w, "ann", a).is_there);
}

static void
no_rate_is_no_limit(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];

	world_close(w);
	w->limits.rate = 0;
	world_open(w);
	world_room(w, "#lobby", lobby);
	for (int i = 0; i < 100; i++) {
		struct ledger_op op = world_send(w, "ann", lobby, REC_MSG, "{\"text\":\"x\"}");

		op.body.text = "x";
		op.body.text_n = 1;
		op.is_limited = true;
		assert_true(world_do(w, &op));
	}
}

static void
a_reply_to_nothing_and_a_call_into_the_void_are_messages(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], conv[CONV_ID_MAX + 1], id[37];
	struct err err = { 0 };
	struct ledger_op op;

	world_room(w, "#lobby", lobby);
	op = world_send(w, "ann", lobby, REC_MSG, "{\"text\":\"x\"}");
	op.body.text = "x";
	op.body.text_n = 1;
	op.body.reply = "018f0000-0000-7000-8000-000000000001";
	assert_true(world_do(w, &op));
	op = world_send(w, "ann", lobby, REC_ACTION, "{\"run\":\"r\",\"state\":\"done\"}");
	assert_true(world_do(w, &op));
	op = world_op(w, LEDGER_DIRECT, "ann");
	op.other = "bob";
	assert_true(world_do(w, &op));
	str_copy(conv, sizeof conv, op.out.conv);
	world_say(w, "bob", lobby, "bob was here", id);
	assert_true(ledger_user_remove(w->l, "bob", &err));
	world_say(w, "ann", conv, "are you there?", NULL);
	op = world_send(w, "ann", lobby, REC_MSG, "{\"text\":\"@bob\"}");
	op.body.text = "@bob";
	op.body.text_n = 4;
	op.body.reply = id;
	assert_true(world_do(w, &op));
	assert_int_equal(w->changes.n, 1);
}

static void
a_mark_told_late_to_somebody_gone_is_told_to_nobody(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct world_head h;
	struct err err = { 0 };

	world_room(w, "#lobby", lobby);
	for (int i = 0; i < 2; i++) {
		struct ledger_op op = world_op(w, LEDGER_MARK, "bob");

		world_say(w, "ann", lobby, "x", NULL);
		h = world_head(w, "bob", lobby);
		op.conv = lobby;
		op.epoch = h.epoch;
		op.seq = h.seq;
		assert_true(world_do(w, &op));
	}
	assert_true(ledger_user_remove(w->l, "bob", &err));
	w->now += 5000;
	world_say(w, "ann", lobby, "x", NULL);
	assert_int_equal(w->changes.n, 1);
}

static void
a_backup_that_has_no_place_is_an_error(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };
	char path[128];

	assert_false(ledger_backup(w->l, "/nonexistent/copy", &err));
	assert_true(*err.msg);
	/* a folder is in the way */
	assert_false(ledger_backup(w->l, w->dir, &err));
	snprintf(path, sizeof path, "%s/ledger.lock/x", w->dir);
	assert_false(ledger_restore(path, "/dev/null", &err));
	assert_null(ledger_open(path, &w->limits, "", &err));
	assert_null(ledger_reader_open(path, &err));
	assert_true(*err.msg);
}

static void
floors_count_for_skips(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct err err = { 0 };
	struct ledger_op op;
	int64_t from;

	world_room(w, "#lobby", lobby);
	for (int i = 0; i < 5; i++)
		world_say(w, "ann", lobby, "x", NULL);
	op = world_op(w, LEDGER_TRIM, "");
	op.ts = w->now + 1;
	op.conv = "c_none";
	assert_true(world_do(w, &op));
	op.conv = lobby;
	assert_true(world_do(w, &op));
	w->now += 10;
	world_say(w, "ann", lobby, "x", NULL);
	assert_true(ledger_skip_from(w->r, lobby, 1, 5, &from, &err));
	assert_int_equal(from, 8);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_list_too_long_for_its_buffer_is_an_error),
		T(who_is_told_may_stop),
		T(a_cache_that_overflows_forgets_nothing_that_counts),
		T(a_name_that_is_none_opens_nothing),
		T(several_rooms_are_joined_by_all),
		T(no_rate_is_no_limit),
		T(a_reply_to_nothing_and_a_call_into_the_void_are_messages),
		T(a_mark_told_late_to_somebody_gone_is_told_to_nobody),
		T(a_backup_that_has_no_place_is_an_error),
		T(floors_count_for_skips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
