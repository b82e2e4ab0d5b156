/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The writer: coverage, outbox, marks, forks; and that a batch is stored whole or not at all. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/mirror.h"
#include "store/state.h"

static int
setup(void **state)
{
	static struct mirror mirror;

	mirror_init(&mirror);
	*state = &mirror;
	return 0;
}

static int
teardown(void **state)
{
	mirror_done(*state);
	return 0;
}

static struct change *
change(struct mirror *m, enum change_type type)
{
	batch_reserve(&m->b, 1, 1024);
	return batch_add(&m->b, type, C1);
}

static bool
take_conv(void *arg, const struct conv_row *c)
{
	struct conv_row *out = arg;

	out->head = c->head;
	out->top = c->top;
	out->read = c->read;
	out->unread = c->unread;
	out->mentions = c->mentions;
	out->floor = c->floor;
	out->closed = c->closed;
	return true;
}

static struct conv_row
conv(struct mirror *m)
{
	struct conv_row c = { 0 };
	struct err err = { 0 };

	assert_true(reader_find(mirror_reader(m), "#room", take_conv, &c, &err));
	return c;
}

static void
what_is_stored_is_covered_and_ranges_merge(void **state)
{
	struct mirror *m = *state;

	mirror_say(m, 1, "bob", "one");
	mirror_say(m, 3, "bob", "three");
	mirror_commit(m);
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM range WHERE what = 0"), 2);
	mirror_say(m, 2, "bob", "two");
	mirror_commit(m);
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM range WHERE what = 0"), 1);
	assert_string_equal(mirror_all(m), "1:one 2:two 3:three");
	assert_int_equal(conv(m).top, 3);
}

static void
the_same_record_again_is_ignored(void **state)
{
	struct mirror *m = *state;

	mirror_say(m, 1, "bob", "one");
	mirror_commit(m);
	mirror_say(m, 1, "bob", "one");
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:one");
	assert_int_equal(conv(m).unread, 1);
}

static void
another_record_at_a_taken_place_stores_nothing(void **state)
{
	struct record other = mirror_record(1, "msg", "", "{\"text\":\"other\"}");
	struct mirror *m = *state;

	mirror_say(m, 1, "bob", "one");
	mirror_commit(m);
	mirror_say(m, 2, "bob", "two");
	other.id = "another";
	mirror_put_one(m, &other);
	assert_int_equal(mirror_try(m), WRITER_DIVERGED);
	assert_string_equal(m->out.conv, C1);
	assert_int_equal(m->out.seq, 1);
	assert_string_equal(mirror_all(m), "1:one");
	mirror_say(m, 2, "bob", "two");		/* it goes on */
	mirror_commit(m);
}

static void
a_record_that_moved_stores_nothing(void **state)
{
	struct record moved = mirror_record(2, "msg", "", "{\"text\":\"one\"}");
	struct mirror *m = *state;

	mirror_say(m, 1, "bob", "one");
	mirror_commit(m);
	moved.id = "id-1";
	mirror_put_one(m, &moved);
	assert_int_equal(mirror_try(m), WRITER_DIVERGED);
}

static void
unread_counts_what_others_said_above_the_mark(void **state)
{
	struct mirror *m = *state;
	struct change *ch;

	mirror_say(m, 1, "bob", "one");
	mirror_say(m, 2, "ann", "mine");
	mirror_say(m, 3, "bob", "hey @ann, look");
	mirror_say(m, 4, "bob", "not @annabel or x@ann");
	mirror_commit(m);
	assert_int_equal(conv(m).unread, 3);
	assert_int_equal(conv(m).mentions, 1);
	ch = change(m, CHANGE_READ);
	ch->read.seq = 3;
	mirror_commit(m);
	assert_int_equal(conv(m).unread, 1);
	assert_int_equal(conv(m).mentions, 0);
	assert_int_equal(conv(m).read, 3);
	ch = change(m, CHANGE_READ);
	ch->read.seq = 2;			/* marks only go up */
	mirror_commit(m);
	assert_int_equal(conv(m).read, 3);
}

static void
the_servers_counts_are_the_base(void **state)
{
	struct mirror *m = *state;
	struct change *ch = change(m, CHANGE_HEAD);

	ch->head = (struct head){ .conv = C1, .name = "#room", .topic = "t", .epoch = "e1",
		.id = "id-9", .kind = CONV_ROOM, .seq = 9, .read = 2, .unread = 7,
		.mentions = 1 };
	mirror_commit(m);
	assert_int_equal(conv(m).unread, 7);
	mirror_say(m, 9, "bob", "counted by the server");
	mirror_say(m, 10, "bob", "new");
	mirror_commit(m);
	assert_int_equal(conv(m).unread, 8);
}

static void
outbox_rows_live_by_lane(void **state)
{
	struct mirror *m = *state;
	struct change *ch;

	mirror_queue(m, U(1), 1);
	mirror_queue(m, U(2), 2);
	mirror_queue(m, U(3), 3);
	mirror_commit(m);
	ch = change(m, CHANGE_OUT_REMOVE);
	ch->out_remove.cid = U(1);
	ch = change(m, CHANGE_LANE_SHIFT);
	ch->shift.from = 2;
	ch->shift.by = -1;
	mirror_commit(m);
	assert_int_equal(mirror_number(m, "SELECT lane FROM outbox WHERE cid = '" U(2) "'"), 1);
	assert_int_equal(mirror_number(m, "SELECT lane FROM outbox WHERE cid = '" U(3) "'"), 2);
	assert_int_equal(mirror_number(m, "SELECT lane_next FROM conv"), 3);
}

static void
a_new_device_numbers_everything_from_one(void **state)
{
	struct mirror *m = *state;
	struct change *ch;

	mirror_queue(m, U(1), 41);
	mirror_queue(m, U(2), 42);
	mirror_queue(m, U(3), 43);
	ch = change(m, CHANGE_OUT_STATE);
	ch->out_state.cid = U(2);
	ch->out_state.state = OUTBOX_REFUSED;
	ch->out_state.code = "forbidden";
	ch->out_state.error = "no";
	ch->out_state.ttl_ms = -1;
	change(m, CHANGE_LANE_RESET);
	mirror_commit(m);
	assert_int_equal(mirror_number(m, "SELECT lane FROM outbox WHERE cid = '" U(1) "'"), 1);
	assert_int_equal(mirror_number(m, "SELECT lane FROM outbox WHERE cid = '" U(3) "'"), 2);
	assert_int_equal(mirror_number(m, "SELECT lane_next FROM conv"), 3);
}

static void
own_data_ticks(void **state)
{
	struct mirror *m = *state;

	mirror_say(m, 1, "bob", "one");
	mirror_commit(m);
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM meta WHERE key = 'tick'"), 0);
	mirror_queue(m, U(1), 1);
	mirror_commit(m);
	mirror_queue(m, U(2), 2);
	mirror_commit(m);
	assert_int_equal(mirror_number(m, "SELECT value FROM meta WHERE key = 'tick'"), 2);
}

static void
put_own(struct mirror *m, int64_t seq, const char *cid)
{
	struct record r = mirror_record(seq, "msg", "", "{\"text\":\"mine\"}");

	r.from = "ann";
	r.cid = cid;
	mirror_put_one(m, &r);
}

static void
rebase(struct mirror *m, int64_t keep, int64_t since_ms)
{
	struct change *ch = change(m, CHANGE_REBASE);

	ch->rebase.epoch = "e2";
	ch->rebase.keep = keep;
	ch->rebase.since_ms = since_ms;
	mirror_commit(m);
}

static void
a_fork_sets_aside_what_is_above_and_offers_own_again(void **state)
{
	struct mirror *m = *state;

	mirror_say(m, 1, "bob", "kept");
	mirror_say(m, 2, "bob", "lost");
	put_own(m, 3, U(1));
	put_own(m, 4, U(2));
	mirror_queue(m, U(9), 7);
	mirror_commit(m);
	rebase(m, 1, 0);
	assert_string_equal(mirror_all(m), "1:kept");
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM orphan WHERE epoch = 'e1'"), 3);
	assert_int_equal(mirror_number(m, "SELECT hi FROM range WHERE what = 0"), 1);
	/* in their order, before what waits, and the numbers stay dense */
	assert_int_equal(mirror_number(m, "SELECT lane FROM outbox WHERE cid = '" U(1) "'"), 7);
	assert_int_equal(mirror_number(m, "SELECT lane FROM outbox WHERE cid = '" U(2) "'"), 8);
	assert_int_equal(mirror_number(m, "SELECT lane FROM outbox WHERE cid = '" U(9) "'"), 9);
	assert_int_equal(mirror_number(m, "SELECT lane_next FROM conv"), 10);
	assert_int_equal(mirror_number(m, "SELECT epoch = 'e2' FROM conv"), 1);
	assert_int_equal(conv(m).unread, 1);
}

static void
a_lost_deletion_is_offered_again_unless_its_target_is_lost(void **state)
{
	struct mirror *m = *state;
	struct record r = mirror_record(3, "delete", "id-1", "{}");

	mirror_say(m, 1, "ann", "kept");
	mirror_say(m, 2, "ann", "lost");
	r.from = "ann";
	r.cid = U(1);
	mirror_put_one(m, &r);
	r = mirror_record(4, "delete", "id-2", "{}");
	r.from = "ann";
	r.cid = U(2);
	mirror_put_one(m, &r);
	mirror_commit(m);
	rebase(m, 1, 0);
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM outbox"), 1);
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM outbox WHERE cid = '" U(1) "'"), 1);
}

static void
what_is_too_old_is_not_offered_again(void **state)
{
	struct mirror *m = *state;

	put_own(m, 1, U(1));
	put_own(m, 2, U(2));
	mirror_commit(m);
	rebase(m, 0, 1700000000000 + 2000);
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM outbox"), 1);
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM outbox WHERE cid = '" U(2) "'"),
			1);
}

static void
an_edit_that_was_lost_is_undone(void **state)
{
	struct record edit = mirror_record(2, "edit", "id-1", "{\"text\":\"edited\"}");
	struct mirror *m = *state;

	mirror_say(m, 1, "bob", "first");
	mirror_put_one(m, &edit);
	mirror_commit(m);
	assert_string_equal(mirror_all(m), "1:edited*");
	rebase(m, 1, 0);
	assert_string_equal(mirror_all(m), "1:first");
}

struct saved { size_t n, rows, held; int64_t cursor; char id[32]; };

static void
take_saved(void *arg, const struct saved_conv *c)
{
	struct saved *s = arg;

	s->n++;
	s->rows = c->n_rows;
	s->held = c->n_held;
	s->cursor = c->cursor;
	str_copy(s->id, sizeof s->id, c->cursor_id);
}

static void
what_was_stored_is_read_back_for_the_core(void **state)
{
	struct mirror *m = *state;
	struct saved s = { 0 };
	struct err err = { 0 };

	mirror_say(m, 1, "bob", "one");
	mirror_say(m, 5, "bob", "five");
	mirror_queue(m, U(1), 1);
	mirror_commit(m);
	mirror_close(m);
	mirror_open(m);
	assert_true(state_convs(mirror_reader(m), NULL, take_saved, &s, &err));
	assert_int_equal(s.n, 1);
	assert_int_equal(s.rows, 1);
	assert_int_equal(s.held, 2);
	assert_int_equal(s.cursor, 5);
	assert_string_equal(s.id, "id-5");
}

struct marks { int64_t v[12]; size_t n; };

static void
take_mark(void *arg, int64_t seq, const char *id)
{
	struct marks *marks = arg;

	(void)id;
	marks->v[marks->n++] = seq;
}

static void
marks_reach_back_in_growing_steps(void **state)
{
	struct mirror *m = *state;
	struct marks marks = { 0 };
	struct err err = { 0 };

	for (int64_t seq = 1; seq <= 60; seq++)
		mirror_say(m, seq, "bob", "x");
	mirror_commit(m);
	assert_true(state_marks(mirror_reader(m), C1, 60, 12, take_mark, &marks, &err));
	assert_true(marks.n >= 4);
	assert_int_equal(marks.v[0], 60);
	assert_int_equal(marks.v[1], 59);
	for (size_t i = 1; i < marks.n; i++)
		assert_true(marks.v[i] < marks.v[i - 1]);
}

static void
a_draft_is_kept_and_cleared(void **state)
{
	struct mirror *m = *state;
	struct change *ch = change(m, CHANGE_DRAFT);

	ch->draft = (struct draft){ "half a sen", 5, "", "" };
	m->b.is_own = true;
	mirror_commit(m);
	assert_int_equal(mirror_number(m, "SELECT cursor FROM draft"), 5);
	ch = change(m, CHANGE_DRAFT);
	ch->draft = (struct draft){ "", 0, "", "" };
	mirror_commit(m);
	assert_int_equal(mirror_number(m, "SELECT count(*) FROM draft"), 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_is_stored_is_covered_and_ranges_merge),
		test(the_same_record_again_is_ignored),
		test(another_record_at_a_taken_place_stores_nothing),
		test(a_record_that_moved_stores_nothing),
		test(unread_counts_what_others_said_above_the_mark),
		test(the_servers_counts_are_the_base),
		test(outbox_rows_live_by_lane),
		test(a_new_device_numbers_everything_from_one),
		test(own_data_ticks),
		test(a_fork_sets_aside_what_is_above_and_offers_own_again),
		test(a_lost_deletion_is_offered_again_unless_its_target_is_lost),
		test(what_is_too_old_is_not_offered_again),
		test(an_edit_that_was_lost_is_undone),
		test(what_was_stored_is_read_back_for_the_core),
		test(marks_reach_back_in_growing_steps),
		test(a_draft_is_kept_and_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
