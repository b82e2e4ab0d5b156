/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read marks, unread counts, mentions, notices, heads since, retention. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/world.h"

static bool
mark(struct world *w, const char *user, const char *conv, int64_t seq)
{
	struct ledger_op op = world_op(w, LEDGER_MARK, user);
	struct world_head h = world_head(w, user, conv);

	op.conv = conv;
	op.epoch = h.epoch;
	op.seq = seq;
	return world_do(w, &op);
}

static void
log_text(struct world *w, const char *conv, char *out, size_t size)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	world_page(w, conv, 0, 100000, false, &b);
	str_copy(out, size, buf_str(&b));
	buf_done(&b);
}

static int
count(const char *text, const char *part)
{
	int n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

/* How many records of conv's log contain part. */
static int
logged(struct world *w, const char *conv, const char *part)
{
	char *text = malloc(1 << 20);
	int n;

	log_text(w, conv, text, 1 << 20);
	n = count(text, part);
	free(text);
	return n;
}

static void
unread_is_what_others_wrote_after_the_mark(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	int64_t seq[9];

	world_room(w, "#lobby", lobby);
	for (int i = 0; i < 9; i++)
		seq[i] = world_say(w, i % 3 ? "ann" : "bob", lobby, "x", NULL);
	assert_int_equal(world_head(w, "ann", lobby).unread, 3);
	assert_int_equal(world_head(w, "bob", lobby).unread, 6);
	assert_int_equal(world_head(w, "eve", lobby).unread, 9);
	for (int i = 0; i < 9; i++) {
		int left = 0;

		assert_true(mark(w, "bob", lobby, seq[i]));
		for (int k = i + 1; k < 9; k++)
			left += k % 3 != 0;
		assert_int_equal(world_head(w, "bob", lobby).unread, left);
		assert_int_equal(world_head(w, "bob", lobby).read, seq[i]);
	}
}

/* Any order of writing and marking gives what counting would. */
static void
unread_is_right_whatever_happens(void **state)
{
	struct world *w = *state;
	static const char *const users[] = { "ann", "bob", "eve" };
	char lobby[CONV_ID_MAX + 1];
	int by[400], n = 0;
	int64_t read[3] = { 0 };
	unsigned seed = 7;

	world_room(w, "#lobby", lobby);
	while (n < 300) {
		int who = rand_r(&seed) % 3, what = rand_r(&seed) % 4;

		if (what < 3) {
			by[world_say(w, users[who], lobby, "x", NULL)] = who;
			n++;
		} else {
			int64_t to = rand_r(&seed) % (n + 6);

			mark(w, users[who], lobby, to);
			if (to > n + 3)
				to = n + 3;
			if (to > read[who])
				read[who] = to;
		}
		if (rand_r(&seed) % 10 == 0) {
			int want = 0;

			for (int64_t s = read[who] + 1; s <= n + 3; s++)
				want += s > 3 && by[s] != who;
			assert_int_equal(world_head(w, users[who], lobby).unread, want);
		}
	}
}

static void
a_mark_is_monotone_cut_and_of_this_epoch(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op op;

	world_room(w, "#lobby", lobby);
	world_say(w, "ann", lobby, "x", NULL);
	assert_true(mark(w, "bob", lobby, 99));
	assert_int_equal(world_head(w, "bob", lobby).read, 4);
	assert_true(mark(w, "bob", lobby, 2));
	assert_int_equal(world_head(w, "bob", lobby).read, 4);
	world_say(w, "ann", lobby, "x", NULL);
	op = world_op(w, LEDGER_MARK, "bob");
	op.conv = lobby;
	op.epoch = "other";
	op.seq = 5;
	assert_true(world_do(w, &op));
	assert_int_equal(world_head(w, "bob", lobby).read, 4);
	op.conv = "c_none";
	assert_true(world_do(w, &op));
}

static void
the_own_log_hears_of_marks_once_a_second(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op op;

	world_room(w, "#lobby", lobby);
	for (int i = 0; i < 4; i++)
		world_say(w, "ann", lobby, "x", NULL);
	assert_true(mark(w, "bob", lobby, 4));
	assert_int_equal(logged(w, "u_bob", "\"kind\":\"read\""), 1);
	w->now += 400;
	assert_true(mark(w, "bob", lobby, 5));
	assert_true(mark(w, "bob", lobby, 6));
	assert_int_equal(logged(w, "u_bob", "\"kind\":\"read\""), 1);
	/* the last one is told with the first commit after the second */
	w->now += 599;
	world_say(w, "ann", lobby, "x", NULL);
	assert_int_equal(logged(w, "u_bob", "\"kind\":\"read\""), 1);
	w->now += 1;
	world_say(w, "ann", lobby, "x", NULL);
	assert_int_equal(logged(w, "u_bob", "\"kind\":\"read\""), 2);
	assert_int_equal(logged(w, "u_bob", "\"seq\":6}}"), 1);
	/* a mark in one's own log is not told to it */
	op = world_op(w, LEDGER_MARK, "bob");
	op.conv = "u_bob";
	op.seq = 1;
	op.epoch = world_head(w, "bob", "u_bob").epoch;
	w->now += 5000;
	assert_true(world_do(w, &op));
	assert_int_equal(logged(w, "u_bob", "\"kind\":\"read\""), 2);
}

static void
a_mention_is_a_user_as_a_word(void **state)
{
	static const struct { const char *text; int called; } rows[] = {
		{ "@bob", 1 }, { "hi @bob!", 1 }, { "hi @Bob.", 1 }, { "(@bob)", 1 },
		{ "@bob, @eve", 1 }, { "@bob @bob", 1 }, { "你好@bob你好", 1 },
		{ "bob", 0 }, { "@bobby", 0 }, { "mail@bob", 0 }, { "@@bob", 0 }, { "@", 0 },
		{ "@ bob", 0 }, { "@bob-", 1 }, { "@nobody", 0 },
		{ "@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0 },
	};
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	int64_t calls = 0;

	world_room(w, "#lobby", lobby);
	for (size_t i = 0; i < countof(rows); i++) {
		world_say(w, "ann", lobby, rows[i].text, NULL);
		calls += rows[i].called;
		if (world_head(w, "bob", lobby).mentions != calls)
			fail_msg("%s", rows[i].text);
		assert_int_equal(logged(w, "u_bob", "\"level\":\"mention\""), calls);
	}
	/* nobody calls oneself */
	world_say(w, "bob", lobby, "@bob", NULL);
	assert_int_equal(world_head(w, "bob", lobby).mentions, calls);
	assert_true(mark(w, "bob", lobby, 4));
	assert_int_equal(world_head(w, "bob", lobby).mentions, calls - 1);
	assert_true(mark(w, "bob", lobby, 999));
	assert_int_equal(world_head(w, "bob", lobby).mentions, 0);
}

static void
who_is_no_member_is_not_called(void **state)
{
	struct world *w = *state;
	struct ledger_op op = world_op(w, LEDGER_CREATE, "ann");

	op.name = "#build";
	assert_true(world_do(w, &op));
	world_say(w, "ann", op.out.conv, "@bob", NULL);
	assert_int_equal(logged(w, "u_bob", "\"notify\""), 0);
}

static void
replies_and_direct_messages_give_notice(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], conv[CONV_ID_MAX + 1], id[37];
	struct ledger_op op;

	world_say(w, "bob", world_room(w, "#lobby", lobby), "x", id);
	for (int i = 0; i < 2; i++) {
		op = world_send(w, i ? "bob" : "ann", lobby, REC_MSG, "{\"text\":\"y\"}");
		op.body.text = "y";
		op.body.text_n = 1;
		op.body.reply = id;
		assert_true(world_do(w, &op));
	}
	assert_int_equal(logged(w, "u_bob", "\"level\":\"reply\""), 1);
	assert_int_equal(world_head(w, "bob", lobby).mentions, 1);
	op = world_op(w, LEDGER_DIRECT, "ann");
	op.other = "bob";
	assert_true(world_do(w, &op));
	memcpy(conv, op.out.conv, sizeof conv);
	world_say(w, "ann", conv, "psst", id);
	assert_int_equal(logged(w, "u_bob", "\"level\":\"direct\""), 1);
	assert_int_equal(logged(w, "u_bob", id), 1);
	assert_int_equal(world_head(w, "bob", conv).mentions, 1);
	assert_int_equal(world_head(w, "ann", conv).mentions, 0);
	world_say(w, "bob", conv, "what", NULL);
	assert_int_equal(logged(w, "u_ann", "\"level\":\"direct\""), 1);
}

/* ---- heads since ---- */

struct names { int n; char text[512]; };

static bool
add_name(void *arg, const struct head *h)
{
	struct names *l = arg;
	size_t n = strlen(l->text);

	l->n++;
	snprintf(l->text + n, sizeof l->text - n, "%s ", *h->name ? h->name : h->conv);
	return true;
}

static const char *
heads(struct world *w, const char *user, char since[32])
{
	static struct names l;
	char next[32];
	struct err err = { 0 };

	memset(&l, 0, sizeof l);
	if (!ledger_heads(w->r, user, since, add_name, &l, next, &err))
		fail_msg("%s", err.msg);
	memcpy(since, next, 32);
	return l.text;
}

static void
heads_are_what_changed_since(void **state)
{
	struct world *w = *state;
	struct ledger_op op = world_op(w, LEDGER_CREATE, "ann");
	char build[CONV_ID_MAX + 1], lobby[CONV_ID_MAX + 1], since[32] = "";

	world_room(w, "#lobby", lobby);
	op.name = "#build";
	assert_true(world_do(w, &op));
	memcpy(build, op.out.conv, sizeof build);
	w->now += 10;
	world_say(w, "ann", build, "x", NULL);
	assert_string_equal(heads(w, "ann", since), "#build #lobby u_ann ");
	assert_string_equal(heads(w, "ann", since), "");
	world_say(w, "ann", build, "x", NULL);
	assert_string_equal(heads(w, "ann", since), "#build ");
	world_say(w, "bob", lobby, "x", NULL);
	assert_true(mark(w, "bob", lobby, 99));
	assert_string_equal(heads(w, "ann", since), "#lobby ");
	assert_true(mark(w, "ann", lobby, 99));
	assert_string_equal(heads(w, "ann", since), "#lobby u_ann ");
	memcpy(since, "w_nonsense", 11);
	assert_string_equal(heads(w, "ann", since), "#lobby u_ann #build ");
	/* a start may have gone back in time: then nothing of before counts */
	world_close(w);
	world_open(w);
	assert_string_equal(heads(w, "ann", since), "#lobby u_ann #build ");
}

/* ---- retention ---- */

static void
retention_raises_the_floor_and_keeps_cids(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], cid[37], id[37], was[37];
	struct ledger_op old, op;
	struct ledger_conv c;
	struct err err = { 0 };
	int64_t ts;

	old = world_send(w, "ann", world_room(w, "#lobby", lobby), REC_MSG, "");
	memcpy(cid, old.cid, sizeof cid);
	old.cid = cid;
	old.body.json = "{\"text\":\"old\"}";
	old.body.json_n = 14;
	old.body.text = "old";
	old.body.text_n = 3;
	assert_true(world_do(w, &old));
	memcpy(was, old.out.id, sizeof was);
	ts = old.out.ts;
	w->now += 1000;
	world_say(w, "bob", lobby, "new", id);
	op = world_op(w, LEDGER_TRIM, "");
	op.ts = w->now;
	assert_true(world_do(w, &op));
	assert_false(op.out.retry);
	assert_true(ledger_conv(w->r, lobby, &c, &err));
	assert_int_equal(c.floor, 4);
	assert_int_equal(c.seq, 5);
	assert_string_equal(c.id, id);
	assert_int_equal(logged(w, lobby, "\"seq\":"), 1);
	assert_int_equal(logged(w, lobby, "old"), 0);
	/* a floor that reached the head leaves the head */
	assert_true(ledger_conv(w->r, "u_bob", &c, &err));
	assert_int_equal(c.floor, c.seq);
	assert_true(ledger_id_at(w->r, lobby, 4, id, &err));
	assert_string_equal(id, was);
	assert_true(world_do(w, &old));
	assert_true(old.out.dup);
	assert_int_equal(old.out.seq, 4);
	assert_int_equal(old.out.ts, ts);
	assert_string_equal(old.out.id, was);
	old.body.json = "{\"text\":\"not\"}";
	assert_false(world_do(w, &old));
	assert_int_equal(old.out.code, CODE_CONFLICT);
	/* what is trimmed cannot be changed any more */
	op = world_send(w, "ann", lobby, REC_DELETE, "{}");
	op.ref = was;
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_NOT_FOUND);
}

static void
retention_goes_in_steps(void **state)
{
	struct world *w = *state;
	static struct ledger_op ops[1000];
	static char cids[1000][37];
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op trim = world_op(w, LEDGER_TRIM, "");
	struct ledger_conv c;
	struct err err = { 0 };
	int steps = 1;

	world_room(w, "#lobby", lobby);
	for (int b = 0; b < 6; b++) {
		for (int i = 0; i < 1000; i++) {
			ops[i] = world_send(w, "ann", lobby, REC_MSG, "{\"text\":\"x\"}");
			memcpy(cids[i], ops[i].cid, 37);
			ops[i].cid = cids[i];
			ops[i].body.text = "x";
			ops[i].body.text_n = 1;
		}
		ledger_changes_done(&w->changes);
		assert_true(ledger_commit(w->l, ops, 1000, &w->changes, &err));
	}
	trim.conv = lobby;
	trim.ts = w->now + 1;
	for (; world_do(w, &trim) && trim.out.retry; steps++)
		;
	assert_int_equal(steps, 2);
	assert_true(ledger_conv(w->r, lobby, &c, &err));
	assert_int_equal(c.floor, 6003);
	assert_int_equal(c.seq, 6003);
	assert_int_equal(world_say(w, "bob", lobby, "on", NULL), 6004);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(unread_is_what_others_wrote_after_the_mark),
		T(unread_is_right_whatever_happens),
		T(a_mark_is_monotone_cut_and_of_this_epoch),
		T(the_own_log_hears_of_marks_once_a_second),
		T(a_mention_is_a_user_as_a_word),
		T(who_is_no_member_is_not_called),
		T(replies_and_direct_messages_give_notice),
		T(heads_are_what_changed_since),
		T(retention_raises_the_floor_and_keeps_cids),
		T(retention_goes_in_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
