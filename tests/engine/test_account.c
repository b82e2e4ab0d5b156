/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An account over a real store and a server in memory: what the verbs promise. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/account.h"
#include "engine/fake.h"
#include "loop/loop.h"
#include "store/reader.h"

#define WAIT_MS 10000

struct rig {
	struct loop *loop;
	struct account *a;
	char dir[64];
	enum link_state link;
	size_t acked_events;
};

/* What one request was answered. */
struct got {
	bool is_queued, is_over;
	enum reply_type type;
	enum err_kind kind;
	char msg[256], conv[80], name[80], cid[40], code[20];
	char *json;
	int64_t seq;
	bool dup;
};

static const struct driver *const fakes[] = { &fake_driver, NULL };

static void
on_event(void *arg, const struct event *ev)
{
	struct rig *rig = arg;

	if (ev->type == EV_LINK)
		rig->link = ev->link.state;
	if (ev->type == EV_OUTBOX && ev->outbox.state == OUTBOX_ACKED)
		rig->acked_events++;
}

static void
on_reply(void *arg, const struct reply *r)
{
	struct got *got = arg;

	assert_false(got->is_over);
	if (r->type == REPLY_QUEUED)
		got->is_queued = true;
	if (r->type != REPLY_DONE && r->type != REPLY_FAIL)
		return;
	got->is_over = true;
	got->type = r->type;
	got->kind = r->err.kind;
	str_copy(got->msg, sizeof got->msg, r->err.msg);
	str_copy(got->conv, sizeof got->conv, r->conv);
	str_copy(got->name, sizeof got->name, r->name);
	str_copy(got->cid, sizeof got->cid, r->cid);
	str_copy(got->code, sizeof got->code, r->code);
	got->json = xstrdup(r->json);
	got->seq = r->seq;
	got->dup = r->dup;
}

static void
open_account(struct rig *rig)
{
	struct account_env env = { .loop = rig->loop, .drivers = fakes, .emit = on_event,
		.emit_arg = rig, .agent = "test/1" };
	struct account_conf conf = { .name = "work", .url = "fake:", .dir = rig->dir };
	struct err err = { 0 };

	rig->a = account_open(&env, &conf, &err);
	if (rig->a == NULL)
		fail_msg("%s", err.msg);
}

static void
on_closed(void *arg)
{
	*(bool *)arg = true;
}

static void
close_account(struct rig *rig)
{
	bool closed = false;

	account_close(rig->a, on_closed, &closed);
	while (!closed)
		loop_once(rig->loop, true);
	rig->a = NULL;
}

static int
setup(void **state)
{
	struct rig *rig = xcalloc(1, sizeof *rig);
	struct err err = { 0 };

	str_copy(rig->dir, sizeof rig->dir, "/tmp/stonechat-account-XXXXXX");
	assert_non_null(mkdtemp(rig->dir));
	rig->loop = loop_new(&err);
	assert_non_null(rig->loop);
	fake_reset(rig->loop);
	open_account(rig);
	*state = rig;
	return 0;
}

static void
removed(void *arg, const struct loop_child_result *r)
{
	(void)arg;
	(void)r;
}

static int
teardown(void **state)
{
	struct rig *rig = *state;
	char rm[] = "rm", rf[] = "-rf", *command[] = { rm, rf, rig->dir, NULL };
	struct err err = { 0 };

	if (rig->a != NULL)
		close_account(rig);
	fake_reset(rig->loop);
	loop_child_start(rig->loop, command, NULL, NULL, 0, 100, 5000, removed, NULL, &err);
	loop_run(rig->loop);
	loop_free(rig->loop);
	free(rig);
	return 0;
}

static void
wait_for(struct rig *rig, const bool *flag)
{
	int64_t end = clock_mono_ms() + WAIT_MS;

	while (!*flag && clock_mono_ms() < end)
		loop_once(rig->loop, true);
	assert_true(*flag);
}

static void
wait_online(struct rig *rig)
{
	int64_t end = clock_mono_ms() + WAIT_MS;

	account_online(rig->a, true);
	while (rig->link != LINK_ONLINE && clock_mono_ms() < end)
		loop_once(rig->loop, true);
	assert_int_equal(rig->link, LINK_ONLINE);
}

static struct request
text_to(const char *target, const char *text)
{
	return (struct request){ .verb = VERB_SEND, .target = target, .kind = REC_MSG,
		.text = text, .text_n = strlen(text) };
}

static struct got
ask(struct rig *rig, const struct request *rq)
{
	struct got got = { 0 };

	account_request(rig->a, rq, on_reply, &got);
	assert_false(got.is_over);	/* never during the call */
	wait_for(rig, &got.is_over);
	return got;
}

static struct got
send_text(struct rig *rig, const char *target, const char *text)
{
	struct request rq = text_to(target, text);

	return ask(rig, &rq);
}

struct seen { size_t n; char last[256]; };

static bool
see(void *arg, const struct message *m)
{
	struct seen *seen = arg;

	seen->n++;
	str_copy(seen->last, sizeof seen->last, m->text);
	return true;
}

static struct seen
mirror(struct rig *rig)
{
	struct reader_range all = { 0 };
	struct seen seen = { 0 };
	struct err err = { 0 };
	struct reader *r = reader_open(rig->dir, &err);

	assert_non_null(r);
	assert_true(reader_rows(r, "c_1", &all, see, &seen, &err));
	reader_close(r);
	return seen;
}

static void
a_message_goes_to_the_server_and_into_the_mirror(void **state)
{
	struct rig *rig = *state;
	struct got got;

	wait_online(rig);
	got = send_text(rig, "#lobby", "hello");
	assert_int_equal(got.type, REPLY_DONE);
	assert_true(got.is_queued);
	assert_int_equal(got.seq, 1);
	assert_string_equal(got.name, "#lobby");
	assert_string_equal(mirror(rig).last, "hello");
}

static void
a_request_made_while_connecting_waits(void **state)
{
	struct rig *rig = *state;
	struct got got;

	account_online(rig->a, true);
	got = send_text(rig, "#lobby", "early");
	assert_int_equal(got.type, REPLY_DONE);
	assert_string_equal(mirror(rig).last, "early");
}

static void
what_others_say_is_mirrored(void **state)
{
	struct rig *rig = *state;
	int64_t end = clock_mono_ms() + WAIT_MS;

	fake_says("bob", "before");
	wait_online(rig);
	fake_says("bob", "after");
	while (mirror(rig).n < 2 && clock_mono_ms() < end)
		loop_once(rig->loop, true);
	assert_string_equal(mirror(rig).last, "after");
}

static void
an_unknown_room_is_refused_and_nothing_is_queued(void **state)
{
	struct rig *rig = *state;
	struct got got;

	wait_online(rig);
	got = send_text(rig, "#nowhere", "hello");
	assert_int_equal(got.kind, ERR_REFUSED);
	assert_false(got.is_queued);
	assert_true(account_is_idle(rig->a));
}

static void
an_unknown_room_offline_is_told_in_a_sentence(void **state)
{
	struct got got = send_text(*state, "#nowhere", "hello");

	assert_int_equal(got.kind, ERR_NETWORK);
	assert_false(got.is_queued);
	assert_true(strlen(got.msg) > 10);
}

static void
offline_it_is_queued_and_goes_out_later(void **state)
{
	struct rig *rig = *state;
	struct got got;
	int64_t end = clock_mono_ms() + WAIT_MS;

	wait_online(rig);
	account_online(rig->a, false);
	got = send_text(rig, "#lobby", "later");
	assert_int_equal(got.kind, ERR_QUEUED);
	assert_true(got.is_queued);
	assert_false(account_is_idle(rig->a));
	close_account(rig);
	open_account(rig);		/* the row survives the process */
	assert_false(account_is_idle(rig->a));
	wait_online(rig);
	while (mirror(rig).n == 0 && clock_mono_ms() < end)
		loop_once(rig->loop, true);
	assert_int_equal(fake_log_size(), 1);
	assert_true(account_is_idle(rig->a));
	assert_string_equal(mirror(rig).last, "later");
}

static void
a_refusal_is_final_and_does_not_block_what_follows(void **state)
{
	struct rig *rig = *state;
	struct got got;

	wait_online(rig);
	fake_server.refuse = "poison";
	got = send_text(rig, "#lobby", "poison");
	assert_int_equal(got.kind, ERR_REFUSED);
	assert_string_equal(got.code, "forbidden");
	got = send_text(rig, "#lobby", "fine");
	assert_int_equal(got.type, REPLY_DONE);
}

static void
a_wrong_token_leaves_the_row_queued(void **state)
{
	struct rig *rig = *state;
	struct got got;

	wait_online(rig);
	fake_server.close_code = 4401;
	fake_cut();
	while (rig->link != LINK_STOPPED)
		loop_once(rig->loop, true);
	got = send_text(rig, "#lobby", "hello");
	assert_int_equal(got.kind, ERR_AUTH);
	assert_true(got.is_queued);
	assert_false(account_is_idle(rig->a));
}

static void
the_same_cid_again_is_answered_the_same(void **state)
{
	struct request rq = text_to("#lobby", "once");
	struct rig *rig = *state;
	struct got first, second;

	rq.cid = "018f0000-0000-7000-8000-000000000001";
	wait_online(rig);
	first = ask(rig, &rq);
	second = ask(rig, &rq);
	assert_int_equal(second.type, REPLY_DONE);
	assert_int_equal(second.seq, first.seq);
	assert_true(second.dup);
	assert_int_equal(fake_log_size(), 1);
	rq.text = "other";
	rq.text_n = 5;
	second = ask(rig, &rq);
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
	wait_online(rig);
	got = send_text(rig, "#lobby", text);
	assert_int_equal(got.kind, ERR_USAGE);
	assert_false(got.is_queued);
	got = send_text(rig, "#lobby", "");
	assert_int_equal(got.kind, ERR_USAGE);
	assert_int_equal(fake_server.sends, 0);
}

static void
a_person_is_written_to_by_name(void **state)
{
	struct rig *rig = *state;
	struct request rq = { .verb = VERB_ROOM, .act = "direct", .user = "bob" };
	struct got got;

	wait_online(rig);
	got = ask(rig, &rq);
	assert_int_equal(got.type, REPLY_DONE);
	assert_string_equal(got.conv, "c_bob");
	assert_string_equal(got.name, "@bob");
	got = send_text(rig, "@nobody", "hello");
	assert_int_equal(got.kind, ERR_REFUSED);
}

static void
a_cut_connection_loses_and_repeats_nothing(void **state)
{
	struct rig *rig = *state;
	struct request rq = text_to("#lobby", "through the cut");
	struct got got = { 0 };

	wait_online(rig);
	fake_server.is_mute = true;
	account_request(rig->a, &rq, on_reply, &got);
	while (fake_server.sends == 0)
		loop_once(rig->loop, true);
	fake_server.is_mute = false;
	fake_cut();
	wait_for(rig, &got.is_over);
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

	wait_online(rig);
	for (int i = 0; i < N; i++) {
		struct request rq;

		snprintf(text, sizeof text, "line %d", i);
		rq = text_to("#lobby", text);
		account_request(rig->a, &rq, on_reply, &got[i]);
	}
	for (int i = 0; i < N; i++) {
		wait_for(rig, &got[i].is_over);
		assert_int_equal(got[i].type, REPLY_DONE);
		assert_int_equal(got[i].seq, i + 1);
	}
	assert_int_equal(mirror(rig).n, N);
	free(got);
}

static void
the_status_is_one_object(void **state)
{
	struct request rq = { .verb = VERB_STATUS };
	struct rig *rig = *state;
	struct got got;

	wait_online(rig);
	send_text(rig, "#lobby", "hello");
	got = ask(rig, &rq);
	assert_non_null(strstr(got.json, "\"state\":\"online\""));
	assert_non_null(strstr(got.json, "\"user\":\"ann\""));
	assert_non_null(strstr(got.json, "\"p50\":"));
	free(got.json);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
