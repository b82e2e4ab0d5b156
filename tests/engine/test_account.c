/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An account over a real store and a server in memory: what the verbs promise. */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/fake.h"
#include "engine/rig.h"
#include "loop/loop.h"
#include "store/reader.h"

static const struct driver *const fakes[] = { &fake_driver, NULL };

static int
setup(void **state)
{
	struct rig *rig = xcalloc(1, sizeof *rig);

	rig_init(rig, fakes, "fake:");
	fake_reset(rig->loop);
	rig_open(rig);
	*state = rig;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *rig = *state;

	rig_close(rig);
	fake_reset(rig->loop);
	rig_done(rig);
	free(rig);
	return 0;
}

static void
a_message_goes_to_the_server_and_into_the_mirror(void **state)
{
	struct rig *rig = *state;
	struct got got;

	rig_online(rig);
	got = rig_send(rig, "#lobby", "hello");
	assert_int_equal(got.type, REPLY_DONE);
	assert_true(got.is_queued);
	assert_int_equal(got.seq, 1);
	assert_string_equal(got.name, "#lobby");
	assert_string_equal(rig_mirror(rig, "#lobby").last, "hello");
}

static void
a_request_made_while_connecting_waits(void **state)
{
	struct rig *rig = *state;
	struct got got;

	account_online(rig->a, true);
	got = rig_send(rig, "#lobby", "early");
	assert_int_equal(got.type, REPLY_DONE);
	assert_string_equal(rig_mirror(rig, "#lobby").last, "early");
}

static void
what_others_say_is_mirrored(void **state)
{
	struct rig *rig = *state;

	fake_says("bob", "before");
	rig_online(rig);
	fake_says("bob", "after");
	rig_wait_rows(rig, "#lobby", 2);
	assert_string_equal(rig_mirror(rig, "#lobby").last, "after");
}

static void
an_unknown_room_is_refused_and_nothing_is_queued(void **state)
{
	struct rig *rig = *state;
	struct got got;

	rig_online(rig);
	got = rig_send(rig, "#nowhere", "hello");
	assert_int_equal(got.kind, ERR_REFUSED);
	assert_false(got.is_queued);
	assert_true(account_is_idle(rig->a));
}

static void
an_unknown_room_offline_is_told_in_a_sentence(void **state)
{
	struct got got = rig_send(*state, "#nowhere", "hello");

	assert_int_equal(got.kind, ERR_NETWORK);
	assert_false(got.is_queued);
	assert_true(strlen(got.msg) > 10);
}

static void
offline_it_is_queued_and_goes_out_later(void **state)
{
	struct rig *rig = *state;
	struct got got;

	rig_online(rig);
	account_online(rig->a, false);
	got = rig_send(rig, "#lobby", "later");
	assert_int_equal(got.kind, ERR_QUEUED);
	assert_true(got.is_queued);
	assert_false(account_is_idle(rig->a));
	rig_close(rig);
	rig_open(rig);		/* the row survives the process */
	assert_false(account_is_idle(rig->a));
	rig_online(rig);
	rig_wait_rows(rig, "#lobby", 1);
	assert_int_equal(fake_log_size(), 1);
	assert_true(account_is_idle(rig->a));
	assert_string_equal(rig_mirror(rig, "#lobby").last, "later");
}

static void
a_refusal_is_final_and_does_not_block_what_follows(void **state)
{
	struct rig *rig = *state;
	struct got got;

	rig_online(rig);
	fake_server.refuse = "poison";
	got = rig_send(rig, "#lobby", "poison");
	assert_int_equal(got.kind, ERR_REFUSED);
	assert_string_equal(got.code, "forbidden");
	got = rig_send(rig, "#lobby", "fine");
	assert_int_equal(got.type, REPLY_DONE);
}

static void
a_wrong_token_leaves_the_row_queued(void **state)
{
	struct rig *rig = *state;
	struct got got;

	rig_online(rig);
	fake_server.close_code = 4401;
	fake_cut();
	rig_wait_link(rig, LINK_STOPPED);
	got = rig_send(rig, "#lobby", "hello");
	assert_int_equal(got.kind, ERR_AUTH);
	assert_true(got.is_queued);
	assert_false(account_is_idle(rig->a));
}

static void
the_same_cid_again_is_answered_the_same(void **state)
{
	struct request rq = rig_text("#lobby", "once");
	struct rig *rig = *state;
	struct got first, second;

	rq.cid = "018f0000-0000-7000-8000-000000000001";
	rig_online(rig);
	first = rig_ask(rig, &rq);
	second = rig_ask(rig, &rq);
	assert_int_equal(second.type, REPLY_DONE);
	assert_int_equal(second.seq, first.seq);
	assert_true(second.dup);
	assert_int_equal(fake_log_size(), 1);
	rq.text = "other";
	rq.text_n = 5;
	second = rig_ask(rig, &rq);
	assert_int_equal(second.kind, ERR_REFUSED);
	assert_string_equal(second.code, "conflict");
}

static void
too_long_or_empty_is_refused_here(void **state)
{
	struct rig *rig = *state;
	char text[2000];
	struct got got;

	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	rig_online(rig);
	got = rig_send(rig, "#lobby", text);
	assert_int_equal(got.kind, ERR_USAGE);
	assert_false(got.is_queued);
	got = rig_send(rig, "#lobby", "");
	assert_int_equal(got.kind, ERR_USAGE);
	assert_int_equal(fake_server.sends, 0);
}

static void
a_person_is_written_to_by_name(void **state)
{
	struct rig *rig = *state;
	struct request rq = { .verb = VERB_ROOM, .act = "direct", .user = "bob" };
	struct got got;

	rig_online(rig);
	got = rig_ask(rig, &rq);
	assert_int_equal(got.type, REPLY_DONE);
	assert_string_equal(got.conv, "c_bob");
	assert_string_equal(got.name, "@bob");
	got = rig_send(rig, "@nobody", "hello");
	assert_int_equal(got.kind, ERR_REFUSED);
}

static void
a_cut_connection_loses_and_repeats_nothing(void **state)
{
	struct rig *rig = *state;
	struct request rq = rig_text("#lobby", "through the cut");
	struct got got = { 0 };

	rig_online(rig);
	fake_server.is_mute = true;
	account_request(rig->a, &rq, rig_on_reply, &got);
	while (fake_server.sends == 0)
		loop_once(rig->loop, true);
	fake_server.is_mute = false;
	fake_cut();
	rig_wait(rig, &got.is_over);
	assert_int_equal(got.type, REPLY_DONE);
	assert_int_equal(fake_log_size(), 1);
}

static void
thousands_of_sends_flow_in_order(void **state)
{
	enum { N = 5000 };
	struct rig *rig = *state;
	struct got *got = xcalloc(N, sizeof *got);
	char text[32];

	rig_online(rig);
	for (int i = 0; i < N; i++) {
		struct request rq;

		snprintf(text, sizeof text, "line %d", i);
		rq = rig_text("#lobby", text);
		account_request(rig->a, &rq, rig_on_reply, &got[i]);
	}
	for (int i = 0; i < N; i++) {
		rig_wait(rig, &got[i].is_over);
		assert_int_equal(got[i].type, REPLY_DONE);
		assert_int_equal(got[i].seq, i + 1);
	}
	assert_int_equal(rig_mirror(rig, "#lobby").n, N);
	free(got);
}

static void
the_status_is_one_object(void **state)
{
	struct request rq = { .verb = VERB_STATUS };
	struct rig *rig = *state;
	struct got got;

	rig_online(rig);
	rig_send(rig, "#lobby", "hello");
	got = rig_ask(rig, &rq);
	assert_non_null(strstr(got.json, "\"state\":\"online\""));
	assert_non_null(strstr(got.json, "\"user\":\"ann\""));
	assert_non_null(strstr(got.json, "\"p50\":"));
	free(got.json);
}

struct first { char cid[ID_SIZE]; size_t n; };

static bool
see_row(void *arg, const struct outbox_row *o)
{
	struct first *first = arg;

	first->n++;
	str_copy(first->cid, sizeof first->cid, o->cid);
	return true;
}

static struct first
outbox(struct rig *rig)
{
	struct reader *r = rig_reader(rig);
	struct first first = { 0 };
	struct err err = { 0 };

	assert_true(reader_outbox(r, NULL, see_row, &first, &err));
	reader_close(r);
	return first;
}

static void
a_refused_row_is_tried_again_or_dropped(void **state)
{
	struct request retry = { .verb = VERB_OUTBOX, .act = "retry" };
	struct request drop = { .verb = VERB_OUTBOX, .act = "drop" };
	struct rig *rig = *state;
	struct first row;

	rig_online(rig);
	fake_server.refuse = "poison";
	rig_send(rig, "#lobby", "poison");
	row = outbox(rig);
	assert_int_equal(row.n, 1);
	fake_server.refuse = NULL;
	retry.cid = row.cid;
	assert_int_equal(rig_ask(rig, &retry).type, REPLY_DONE);
	rig_wait_rows(rig, "#lobby", 1);
	assert_int_equal(outbox(rig).n, 0);
	assert_int_equal(rig_ask(rig, &retry).kind, ERR_REFUSED);	/* there is none */
	fake_server.refuse = "poison";
	rig_send(rig, "#lobby", "poison");
	row = outbox(rig);
	drop.cid = row.cid;
	assert_int_equal(rig_ask(rig, &drop).type, REPLY_DONE);
	assert_int_equal(outbox(rig).n, 0);
}

static void
a_queued_row_is_dropped_offline(void **state)
{
	struct request drop = { .verb = VERB_OUTBOX, .act = "drop" };
	struct rig *rig = *state;
	struct first row;

	rig_online(rig);
	account_online(rig->a, false);
	rig_send(rig, "#lobby", "one");
	row = outbox(rig);
	drop.cid = row.cid;
	assert_int_equal(rig_ask(rig, &drop).type, REPLY_DONE);
	rig_online(rig);
	rig_send(rig, "#lobby", "two");
	assert_int_equal(fake_log_size(), 1);
}

static bool
see_draft(void *arg, const struct draft *d)
{
	return str_copy(arg, 64, d->text);
}

static void
a_draft_is_durable_when_it_is_answered(void **state)
{
	struct request rq = rig_text("#lobby", "half a sen");
	struct rig *rig = *state;
	struct err err = { 0 };
	struct reader *r;
	char text[64] = "";

	rq.verb = VERB_DRAFT;
	rig_online(rig);
	assert_int_equal(rig_ask(rig, &rq).type, REPLY_DONE);
	r = rig_reader(rig);
	assert_true(reader_draft(r, "c_1", see_draft, text, &err));
	reader_close(r);
	assert_string_equal(text, "half a sen");
}

static void
a_read_mark_is_durable_when_it_is_answered(void **state)
{
	struct request rq = { .verb = VERB_MARK, .target = "#lobby" };
	struct rig *rig = *state;

	fake_says("bob", "one");
	fake_says("bob", "two");
	rig_online(rig);
	rig_wait_rows(rig, "#lobby", 2);
	assert_int_equal(rig_mirror(rig, "#lobby").unread, 2);
	assert_int_equal(rig_ask(rig, &rq).seq, 2);
	assert_int_equal(rig_mirror(rig, "#lobby").unread, 0);
}

static void
what_cannot_be_stored_is_refused_and_tried_again_later(void **state)
{
	struct rlimit all, none;
	struct rig *rig = *state;
	struct got got;

	rig_online(rig);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
	none = all;
	none.rlim_cur = 1;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	got = rig_send(rig, "#lobby", "no room");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
	assert_int_equal(got.kind, ERR_FAIL);
	assert_false(got.is_queued);
	assert_true(strlen(got.msg) > 10);
	rig_wait_link(rig, LINK_ONLINE);
	assert_int_equal(rig_send(rig, "#lobby", "room again").type, REPLY_DONE);
	assert_int_equal(fake_log_size(), 1);
}

static void
a_damaged_mirror_is_filled_again_from_the_server(void **state)
{
	struct rig *rig = *state;
	int64_t end = clock_mono_ms() + WAIT_MS;

	rig_online(rig);
	rig_send(rig, "#lobby", "one");
	rig_send(rig, "#lobby", "two");
	account_online(rig->a, false);
	rig_send(rig, "#lobby", "queued");
	rig_close(rig);
	rig_damage(rig);
	rig_open(rig);
	rig_online(rig);
	while (!rig->has_new_mirror && clock_mono_ms() < end)
		loop_once(rig->loop, true);
	assert_true(rig->has_new_mirror);
	rig_wait_rows(rig, "#lobby", 3);
	assert_string_equal(rig_mirror(rig, "#lobby").first, "one");
	assert_string_equal(rig_mirror(rig, "#lobby").last, "queued");
	assert_int_equal(fake_log_size(), 3);
}

static void
a_time_limit_leaves_the_row_queued(void **state)
{
	struct request rq = rig_text("#lobby", "slow");
	struct rig *rig = *state;
	struct got got;

	rig_online(rig);
	fake_server.is_mute = true;
	rq.timeout_ms = 300;
	got = rig_ask(rig, &rq);
	assert_int_equal(got.kind, ERR_QUEUED);
	assert_true(got.is_queued);
}

static void
a_cancelled_request_is_not_answered(void **state)
{
	struct request rq = rig_text("#lobby", "unheard");
	struct rig *rig = *state;
	struct got got = { 0 };

	rig_online(rig);
	account_call_cancel(account_request(rig->a, &rq, rig_on_reply, &got));
	rig_wait_rows(rig, "#lobby", 1);
	assert_false(got.is_queued);
	assert_false(got.is_over);
}

static void
nobody_to_ask_is_told_as_a_network_failure(void **state)
{
	struct request fetch = { .verb = VERB_FETCH, .target = "#lobby", .n = 5 };
	struct request list = { .verb = VERB_ROOM, .act = "list" };
	struct rig *rig = *state;

	fake_server.is_away = true;
	account_online(rig->a, true);
	assert_int_equal(rig_ask(rig, &fetch).kind, ERR_NETWORK);
	assert_int_equal(rig_ask(rig, &list).kind, ERR_NETWORK);
}

static void
a_long_list_is_asked_for_page_by_page(void **state)
{
	struct request list = { .verb = VERB_ROOM, .act = "list" };
	struct rig *rig = *state;
	struct got got;

	rig_online(rig);
	got = rig_ask(rig, &list);
	assert_int_equal(got.type, REPLY_DONE);
	assert_string_equal(got.json, "[{\"name\":\"#a\"},{\"name\":\"#b\"},{\"name\":\"#c\"}]");
	free(got.json);
}

static void
a_sync_waits_for_the_outbox_too(void **state)
{
	struct request sync = { .verb = VERB_SYNC };
	struct rig *rig = *state;

	rig_online(rig);
	account_online(rig->a, false);
	rig_send(rig, "#lobby", "late");
	account_online(rig->a, true);
	assert_int_equal(rig_ask(rig, &sync).type, REPLY_DONE);
	assert_int_equal(fake_log_size(), 1);
	assert_string_equal(rig_mirror(rig, "#lobby").last, "late");
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_message_goes_to_the_server_and_into_the_mirror),
		test(a_request_made_while_connecting_waits),
		test(what_others_say_is_mirrored),
		test(an_unknown_room_is_refused_and_nothing_is_queued),
		test(an_unknown_room_offline_is_told_in_a_sentence),
		test(offline_it_is_queued_and_goes_out_later),
		test(a_refusal_is_final_and_does_not_block_what_follows),
		test(a_wrong_token_leaves_the_row_queued),
		test(the_same_cid_again_is_answered_the_same),
		test(too_long_or_empty_is_refused_here),
		test(a_person_is_written_to_by_name),
		test(a_cut_connection_loses_and_repeats_nothing),
		test(thousands_of_sends_flow_in_order),
		test(the_status_is_one_object),
		test(a_refused_row_is_tried_again_or_dropped),
		test(a_queued_row_is_dropped_offline),
		test(a_draft_is_durable_when_it_is_answered),
		test(a_read_mark_is_durable_when_it_is_answered),
		test(what_cannot_be_stored_is_refused_and_tried_again_later),
		test(a_damaged_mirror_is_filled_again_from_the_server),
		test(a_time_limit_leaves_the_row_queued),
		test(a_cancelled_request_is_not_answered),
		test(nobody_to_ask_is_told_as_a_network_failure),
		test(a_long_list_is_asked_for_page_by_page),
		test(a_sync_waits_for_the_outbox_too),
	};

	if (!rig_has_children())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
