/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages: what they cover, how they are cut, and the ops hidden in a hole. */
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "ledger/world.h"

struct got { int64_t lo, hi; size_t count; char text[4096]; };

static struct got
page(struct world *w, struct ledger_page_query q)
{
	struct got g;
	struct err err = { 0 };
	struct buf out;

	if (!q.n)
		q.n = 100;
	if (!q.max_bytes)
		q.max_bytes = 1 << 20;
	buf_init(&out, 1 << 20);
	if (!ledger_page(w->r, &q, &out, &g.lo, &g.hi, &g.count, &err))
		fail_msg("%s", err.msg);
	snprintf(g.text, sizeof g.text, "%s", buf_str(&out));
	buf_done(&out);
	return g;
}

/* "1 2 3": the seqs of a page's records. */
static const char *
seqs(const struct got *g, char out[256])
{
	const char *p = g->text;
	size_t n = 0;

	out[0] = '\0';
	while ((p = strstr(p, "{\"seq\":"))) {
		long seq;

		p += 7;
		sscanf(p, "%ld", &seq);
		n += (size_t)snprintf(out + n, 256 - n, "%s%ld", n ? " " : "", seq);
	}
	return out;
}

static void
fill(struct world *w, char conv[CONV_ID_MAX + 1], int n)
{
	world_room(w, "#lobby", conv);
	for (int i = 0; i < n; i++)
		world_say(w, "ann", conv, "0123456789", NULL);
}

static void
a_page_goes_up_from_lo(void **state)
{
	struct world *w = *state;
	char conv[CONV_ID_MAX + 1], s[256];
	struct got g;

	fill(w, conv, 7);	/* head 10 */
	g = page(w, (struct ledger_page_query){ .conv = conv, .lo = 3, .hi = 9, .n = 4 });
	assert_string_equal(seqs(&g, s), "4 5 6 7");
	assert_int_equal(g.lo, 3);
	assert_int_equal(g.hi, 7);
	assert_int_equal(g.count, 4);
	g = page(w, (struct ledger_page_query){ .conv = conv, .lo = 7, .hi = 99 });
	assert_string_equal(seqs(&g, s), "8 9 10");
	assert_int_equal(g.hi, 10);
	g = page(w, (struct ledger_page_query){ .conv = conv, .lo = 10, .hi = 99 });
	assert_int_equal(g.count, 0);
	assert_int_equal(g.lo, 10);
	assert_int_equal(g.hi, 10);
}

static void
a_page_goes_back_from_hi(void **state)
{
	struct world *w = *state;
	char conv[CONV_ID_MAX + 1], s[256];
	struct got g;

	fill(w, conv, 7);
	g = page(w, (struct ledger_page_query){ .conv = conv, .hi = 9, .n = 4, .back = true });
	assert_string_equal(seqs(&g, s), "6 7 8 9");
	assert_int_equal(g.lo, 5);
	assert_int_equal(g.hi, 9);
	g = page(w, (struct ledger_page_query){ .conv = conv, .hi = 3, .n = 4, .back = true });
	assert_string_equal(seqs(&g, s), "1 2 3");
	assert_int_equal(g.lo, 0);
}

static void
a_page_is_cut_by_bytes_and_holds_at_least_one(void **state)
{
	struct world *w = *state;
	char conv[CONV_ID_MAX + 1], s[256];
	struct got g;
	size_t one;

	fill(w, conv, 7);
	g = page(w, (struct ledger_page_query){ .conv = conv, .lo = 9, .hi = 10 });
	one = strlen(g.text);
	g = page(w, (struct ledger_page_query){ .conv = conv, .lo = 3, .hi = 10,
			.max_bytes = 1 });
	assert_string_equal(seqs(&g, s), "4");
	assert_int_equal(g.hi, 4);
	/* these have one digit less */
	g = page(w, (struct ledger_page_query){ .conv = conv, .lo = 3, .hi = 10,
			.max_bytes = 3 * one - 2 });
	assert_string_equal(seqs(&g, s), "4 5");
	g = page(w, (struct ledger_page_query){ .conv = conv, .lo = 0, .hi = 9, .back = true,
			.max_bytes = 1 });
	assert_string_equal(seqs(&g, s), "9");
	assert_int_equal(g.lo, 8);
	assert_int_equal(g.hi, 9);
	g = page(w, (struct ledger_page_query){ .conv = conv, .lo = 0, .hi = 9, .back = true,
			.max_bytes = 3 * one });
	assert_string_equal(seqs(&g, s), "7 8 9");
	assert_int_equal(g.lo, 6);
}

static void
edit(struct world *w, const char *conv, const char *id, const char *body)
{
	struct ledger_op op = world_send(w, "ann", conv, REC_EDIT, body);

	op.ref = id;
	op.body.text = "zz";
	op.body.text_n = 2;
	assert_true(world_do(w, &op));
}

static void
what_is_folded_counts_into_the_bytes(void **state)
{
	struct world *w = *state;
	char conv[CONV_ID_MAX + 1], ids[6][ID_SIZE], s[256];
	struct got g;

	world_room(w, "#lobby", conv);
	for (int i = 0; i < 6; i++)
		world_say(w, "ann", conv, "x", ids[i]);	/* 4 to 9 */
	for (int i = 0; i < 6; i += 2)
		edit(w, conv, ids[i], "{\"text\":\"zz\"}");
	g = page(w, (struct ledger_page_query){ .conv = conv, .lo = 3, .hi = 9, .with_cur = true });
	assert_string_equal(seqs(&g, s), "4 5 6 7 8 9");
	for (size_t max = 1; max < 2500; max += 17) {
		struct got b = page(w, (struct ledger_page_query){ .conv = conv, .lo = 3, .hi = 9,
				.with_cur = true, .back = true, .max_bytes = max });

		/* what is cut off is always the old end */
		assert_int_equal(b.hi, 9);
		assert_true(b.count >= 1 && (int64_t)b.count == b.hi - b.lo);
		assert_true(b.count == 1 || strlen(b.text) <= max);
		b = page(w, (struct ledger_page_query){ .conv = conv, .lo = 3, .hi = 9,
				.with_cur = true, .max_bytes = max });
		assert_int_equal(b.lo, 3);
		assert_true(b.count >= 1 && (int64_t)b.count == b.hi - b.lo);
		assert_true(b.count == 1 || strlen(b.text) <= max);
	}
	g = page(w, (struct ledger_page_query){ .conv = conv, .lo = 3, .hi = 4 });
	assert_null(strstr(g.text, "\"cur\""));
}

static void
the_ops_of_a_hole_whose_targets_are_held(void **state)
{
	struct world *w = *state;
	char conv[CONV_ID_MAX + 1], ids[6][ID_SIZE], s[256];
	struct ledger_page_query q = { .only_ops = true, .with_cur = true };
	struct got g;

	world_room(w, "#lobby", conv);
	for (int i = 0; i < 6; i++)
		world_say(w, "ann", conv, "x", ids[i]);	/* 4 to 9 */
	for (int i = 0; i < 6; i++)
		edit(w, conv, ids[5 - i], "{\"text\":\"zz\"}");	/* 10 to 15: of 9 … 4 */
	q.conv = conv;
	q.lo = 9;
	q.hi = 15;
	q.refs_lo = 5;
	q.refs_hi = 7;
	g = page(w, q);
	assert_string_equal(seqs(&g, s), "12 13 14");
	assert_int_equal(g.lo, 9);
	assert_int_equal(g.hi, 15);
	q.n = 2;
	g = page(w, q);
	assert_string_equal(seqs(&g, s), "12 13");
	assert_int_equal(g.hi, 13);
	q.back = true;
	g = page(w, q);
	assert_string_equal(seqs(&g, s), "13 14");
	assert_int_equal(g.lo, 12);
	assert_int_equal(g.hi, 15);
	q.refs_lo = q.refs_hi = 1;
	g = page(w, q);
	assert_int_equal(g.count, 0);
	assert_int_equal(g.lo, 9);
	assert_int_equal(g.hi, 15);
}

static void
unknown_conversations_and_ids_are_said(void **state)
{
	struct world *w = *state;
	struct ledger_page_query q = { .conv = "c_none", .hi = 9, .n = 9, .max_bytes = 99 };
	struct ledger_conv c;
	struct err err = { 0 };
	struct buf out;
	char conv[CONV_ID_MAX + 1], id[37], want[37];
	int64_t lo, hi, from;
	size_t count;

	buf_init(&out, 1024);
	assert_false(ledger_page(w->r, &q, &out, &lo, &hi, &count, &err));
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_false(ledger_conv(w->r, "c_none", &c, &err));
	assert_int_equal(err.kind, ERR_NONE);
	assert_true(ledger_id_at(w->r, "c_none", 1, id, &err));
	assert_string_equal(id, "");
	world_room(w, "#lobby", conv);
	world_say(w, "ann", conv, "x", want);
	assert_true(ledger_id_at(w->r, conv, 4, id, &err));
	assert_string_equal(id, want);
	assert_true(ledger_id_at(w->r, conv, 5, id, &err));
	assert_string_equal(id, "");
	assert_true(ledger_id_at(w->r, conv, 0, id, &err));
	assert_string_equal(id, "");
	assert_true(ledger_skip_from(w->r, conv, 1, 2, &from, &err));
	assert_int_equal(from, 2);
	assert_true(ledger_skip_from(w->r, conv, 3, 2, &from, &err));
	assert_int_equal(from, 3);
	buf_done(&out);
}

static void
a_buffer_too_small_for_one_record_is_an_error(void **state)
{
	struct world *w = *state;
	struct ledger_page_query q = { .hi = 9, .n = 9, .max_bytes = 99 };
	char conv[CONV_ID_MAX + 1];
	struct err err = { 0 };
	struct buf out;
	int64_t lo, hi;
	size_t count;

	q.conv = world_room(w, "#lobby", conv);
	buf_init(&out, 10);
	assert_false(ledger_page(w->r, &q, &out, &lo, &hi, &count, &err));
	assert_int_equal(err.kind, ERR_FAIL);
	assert_int_equal(out.n, 0);
	buf_done(&out);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_page_goes_up_from_lo),
		T(a_page_goes_back_from_hi),
		T(a_page_is_cut_by_bytes_and_holds_at_least_one),
		T(what_is_folded_counts_into_the_bytes),
		T(the_ops_of_a_hole_whose_targets_are_held),
		T(unknown_conversations_and_ids_are_said),
		T(a_buffer_too_small_for_one_record_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
