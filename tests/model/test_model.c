/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events in, state out: order, counts, the window, what expires. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/model.h"

static void
link_up(struct model *m, const char *account, const char *user)
{
	struct event ev = { .type = EV_LINK, .account = account, .conv = "", .name = "" };

	ev.link.state = LINK_ONLINE;
	ev.link.why = ev.link.server = "";
	ev.link.user = user;
	model_apply(m, &ev);
}

static struct event
conv_event(const char *account, const char *name, int64_t top)
{
	struct event ev = { .type = EV_CONV, .account = account, .conv = name, .name = name };

	ev.convs.kind = *name == '#' ? CONV_ROOM : CONV_DIRECT;
	ev.convs.topic = "";
	ev.convs.epoch = "e1";
	ev.convs.head = ev.convs.top = top;
	return ev;
}

static void
conv(struct model *m, const char *account, const char *name, int64_t top)
{
	struct event ev = conv_event(account, name, top);

	model_apply(m, &ev);
}

static void
page(struct model *m, int64_t lo, int64_t hi, bool anew)
{
	struct event ev = { .type = EV_PAGE, .account = "a", .conv = "#x", .name = "#x" };

	ev.page.lo = lo;
	ev.page.hi = hi;
	ev.page.anew = anew;
	model_apply(m, &ev);
}

static void
say(struct model *m, int64_t seq, const char *from, const char *text, const char *reply)
{
	char id[32], cid[48];
	struct message msg = {
		.seq = seq, .id = id, .from = from, .cid = cid, .ref = "", .kind = REC_MSG,
		.kind_name = "msg", .ts = 1000 * seq, .text = text, .text_n = strlen(text),
		.reply = reply, .body = "{}", .reacts = "{}",
	};
	struct event ev = { .type = EV_ROW, .row = &msg };

	snprintf(id, sizeof id, "i%lld", (long long)seq);
	snprintf(cid, sizeof cid, "c%lld", (long long)seq);
	model_apply(m, &ev);
}

static void
page_end(struct model *m, bool at_old, bool at_new, bool keep_old)
{
	struct event ev = { .type = EV_PAGE_END, .page_end = { at_old, at_new, keep_old } };

	model_apply(m, &ev);
}

static int
set_up(void **state)
{
	struct model *m = calloc(1, sizeof *m);

	model_init(m);
	model_tick(m, 1000);
	link_up(m, "a", "me");
	link_up(m, "b", "me");
	conv(m, "a", "#x", 0);
	*state = m;
	return 0;
}

static int
tear_down(void **state)
{
	model_done(*state);
	free(*state);
	return 0;
}

static void
the_list_is_in_order_of_accounts_rooms_people(void **state)
{
	static const char *const wanted[] = { "#a", "#x", "@bob", "#b", "@ann" };
	struct model *m = *state;

	conv(m, "b", "@ann", 0);
	conv(m, "a", "@bob", 0);
	conv(m, "b", "#b", 0);
	conv(m, "a", "#a", 0);
	conv(m, "a", "#a", 5);
	assert_int_equal(m->convs.n, 5);
	for (int i = 0; i < 5; i++)
		assert_string_equal(m->convs.v[i].name, wanted[i]);
	assert_int_equal(m->convs.v[0].top, 5);
}

static void
a_conversation_is_found_by_number_name_or_start(void **state)
{
	struct model *m = *state;

	conv(m, "a", "#lobby", 0);
	conv(m, "a", "@bob", 0);
	conv(m, "b", "#lobby", 0);
	assert_int_equal(model_find(m, "1", NULL), 0);
	assert_int_equal(model_find(m, "#lobby", "a"), 0);
	assert_int_equal(model_find(m, "#lobby", "b"), 3);
	assert_int_equal(model_find(m, "bo", NULL), 2);
	assert_int_equal(model_find(m, "@b", NULL), 2);
	assert_int_equal(model_find(m, "lob", "b"), 3);
	assert_int_equal(model_find(m, "lob", NULL), -1);
	assert_int_equal(model_find(m, "99", NULL), -1);
	assert_int_equal(model_find(m, "", NULL), -1);
}

static void
a_room_that_was_left_and_is_empty_goes(void **state)
{
	struct model *m = *state;
	struct event ev = conv_event("a", "#x", 0);

	ev.convs.closed = true;
	model_apply(m, &ev);
	assert_int_equal(m->convs.n, 0);
	ev.convs.top = 7;
	model_apply(m, &ev);
	assert_int_equal(m->convs.n, 1);
	assert_true(m->convs.v[0].closed);
}

static void
the_log_of_the_user_is_not_in_the_list(void **state)
{
	struct model *m = *state;
	struct event ev = conv_event("a", "u_me", 3);

	ev.convs.kind = CONV_USER;
	model_apply(m, &ev);
	assert_int_equal(m->convs.n, 1);
}

static void
pages_join_and_replace_what_they_cover(void **state)
{
	struct model *m = *state;

	page(m, 10, 13, true);
	for (int i = 11; i <= 13; i++)
		say(m, i, "ann", "new", "");
	page_end(m, false, true, false);
	page(m, 7, 10, false);
	for (int i = 8; i <= 10; i++)
		say(m, i, "ann", "old", "");
	page_end(m, false, true, true);
	assert_int_equal(m->window.rows.n, 6);
	for (int i = 0; i < 6; i++)
		assert_int_equal(m->window.rows.v[i].seq, 8 + i);
	page(m, 9, 11, false);
	say(m, 11, "ann", "changed", "");
	page_end(m, false, true, false);
	assert_int_equal(m->window.rows.n, 5);
	assert_string_equal(m->window.rows.v[2].text.p, "changed");
	assert_int_equal(m->window.lo, 7);
	assert_int_equal(m->window.hi, 13);
}

static void
the_window_is_bounded_on_the_side_away_from_the_view(void **state)
{
	struct model *m = *state;

	page(m, 0, 700, true);
	for (int i = 1; i <= 700; i++)
		say(m, i, "ann", "x", "");
	page_end(m, true, true, false);
	assert_int_equal(m->window.rows.n, WINDOW_ROWS_MAX);
	assert_int_equal(m->window.lo, 100);
	assert_false(m->window.at_old);
	page(m, 0, 100, false);
	for (int i = 1; i <= 100; i++)
		say(m, i, "ann", "x", "");
	page_end(m, true, true, true);
	assert_int_equal(m->window.rows.n, WINDOW_ROWS_MAX);
	assert_int_equal(m->window.hi, 600);
	assert_true(m->window.at_old);
	assert_false(m->window.at_new);
}

static void
huge_messages_are_bounded_by_bytes(void **state)
{
	struct model *m = *state;
	char *text = malloc(128 * 1024 + 1);

	memset(text, 'x', 128 * 1024);
	text[128 * 1024] = '\0';
	page(m, 0, 100, true);
	for (int i = 1; i <= 100; i++)
		say(m, i, "ann", text, "");
	page_end(m, true, true, false);
	assert_true(m->window.bytes <= WINDOW_BYTES_MAX);
	assert_in_range(m->window.rows.n, 10, 16);
	assert_int_equal(m->window.rows.v[m->window.rows.n - 1].seq, 100);
	free(text);
}

static void
a_reply_quotes_what_it_answers(void **state)
{
	struct model *m = *state;
	struct message far = {
		.seq = 1, .id = "far", .from = "bob", .cid = "", .ref = "", .kind = REC_MSG,
		.kind_name = "msg", .text = "first line\nsecond", .text_n = 17, .reply = "",
		.body = "{}", .reacts = "{}",
	};
	struct event ev = { .type = EV_REPLIED, .row = &far };

	page(m, 10, 13, true);
	say(m, 11, "ann", "shall we?", "");
	say(m, 12, "bob", "yes", "i11");
	say(m, 13, "bob", "and this", "far");
	page_end(m, false, true, false);
	assert_string_equal(m->window.rows.v[1].quote.p, "ann: \"shall we?\"");
	assert_int_equal(m->window.rows.v[2].quote.n, 0);
	model_apply(m, &ev);
	assert_string_equal(m->window.rows.v[2].quote.p, "bob: \"first line …\"");
}

static void
what_has_to_be_read_again_is_noted(void **state)
{
	struct model *m = *state;
	struct event ev = conv_event("a", "#x", 20);

	page(m, 10, 20, true);
	page_end(m, false, true, false);
	model_apply(m, &ev);
	assert_false(m->window.is_stale);
	ev.convs.top = ev.convs.head = ev.convs.changed_hi = 21;
	ev.convs.changed_lo = 20;
	model_apply(m, &ev);
	assert_false(m->window.is_stale);
	assert_int_equal(m->window.fresh, 21);
	ev.convs.changed_lo = 14;
	ev.convs.changed_hi = 15;
	model_apply(m, &ev);
	assert_true(m->window.is_stale);
	page(m, 10, 21, false);
	page_end(m, false, true, false);
	assert_false(m->window.is_stale);
	ev.convs.changed_lo = ev.convs.changed_hi = 0;
	ev.convs.epoch = "e2";
	model_apply(m, &ev);
	assert_true(m->window.is_stale);
}

static void
an_acknowledgement_is_seen_for_two_seconds(void **state)
{
	struct model *m = *state;
	struct event ev = { .type = EV_OUTBOX, .account = "a", .conv = "#x", .name = "#x" };

	page(m, 0, 0, true);
	ev.outbox.cid = "c5";
	ev.outbox.error = ev.outbox.id = "";
	ev.outbox.state = OUTBOX_ACKED;
	model_apply(m, &ev);
	assert_true(m->window.pending_stale);
	assert_true(m->outbox_stale);
	assert_true(model_is_acked(m, "c5"));
	assert_int_equal(model_due(m), 1000 + MODEL_ACKED_MS);
	model_tick(m, 1000 + MODEL_ACKED_MS);
	assert_false(model_is_acked(m, "c5"));
	assert_int_equal(model_due(m), 0);
}

static void
typing_ends_by_time_or_by_a_message(void **state)
{
	struct model *m = *state;
	struct event ev = { .type = EV_TYPING, .account = "a", .conv = "#x", .name = "#x" };

	page(m, 0, 0, true);
	ev.typing.from = "ann";
	ev.typing.ttl_ms = 6000;
	model_apply(m, &ev);
	model_apply(m, &ev);
	ev.typing.from = "me";
	model_apply(m, &ev);
	assert_int_equal(m->typing.n, 1);
	say(m, 1, "ann", "done", "");
	assert_int_equal(m->typing.n, 0);
	ev.typing.from = "bob";
	model_apply(m, &ev);
	model_tick(m, 7000);
	assert_int_equal(m->typing.n, 0);
	for (int i = 0; i < 2 * MODEL_TYPING_MAX; i++) {
		char name[16];

		snprintf(name, sizeof name, "u%d", i);
		ev.typing.from = name;
		model_apply(m, &ev);
	}
	assert_int_equal(m->typing.n, MODEL_TYPING_MAX);
}

static void
notices_and_outbox_rows_are_bounded(void **state)
{
	struct model *m = *state;
	struct event ev = { .type = EV_NOTICE, .account = "", .conv = "", .name = "" };
	struct outbox_row o = {
		.cid = "c", .conv = "", .name = "", .body = "", .text = "t", .ref = "",
		.error = "", .kind = REC_MSG,
	};

	page(m, 0, 0, true);
	ev.notice.text = "look";
	for (int i = 0; i < 3 * MODEL_LOCAL_MAX; i++)
		model_apply(m, &ev);
	assert_int_equal(m->locals.n, MODEL_LOCAL_MAX);
	ev = (struct event){ .type = EV_PENDING, .pending = &o };
	for (int i = 0; i < 2 * MODEL_PENDING_MAX; i++)
		model_apply(m, &ev);
	assert_int_equal(m->pending.n, MODEL_PENDING_MAX);
	assert_true(m->more_pending);
}

static void
a_mention_is_a_word(void **state)
{
	(void)state;
	assert_true(row_mentions("@me", 3, "me"));
	assert_true(row_mentions("hi @me!", 7, "me"));
	assert_true(row_mentions("ask @Me.", 8, "me"));
	assert_true(row_mentions("x@me (@me)", 10, "me"));
	assert_false(row_mentions("x@me", 4, "me"));
	assert_false(row_mentions("@menu", 5, "me"));
	assert_false(row_mentions("@me.too", 7, "me"));
	assert_false(row_mentions("@m", 2, "me"));
	assert_false(row_mentions("@me", 3, ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(the_list_is_in_order_of_accounts_rooms_people),
		TEST(a_conversation_is_found_by_number_name_or_start),
		TEST(a_room_that_was_left_and_is_empty_goes),
		TEST(the_log_of_the_user_is_not_in_the_list),
		TEST(pages_join_and_replace_what_they_cover),
		TEST(the_window_is_bounded_on_the_side_away_from_the_view),
		TEST(huge_messages_are_bounded_by_bytes),
		TEST(a_reply_quotes_what_it_answers),
		TEST(what_has_to_be_read_again_is_noted),
		TEST(an_acknowledgement_is_seen_for_two_seconds),
		TEST(typing_ends_by_time_or_by_a_message),
		TEST(notices_and_outbox_rows_are_bounded),
		cmocka_unit_test(a_mention_is_a_word),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
