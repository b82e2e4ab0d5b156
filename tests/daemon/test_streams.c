/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AI answers while they are written, through a real server. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "daemon/client.h"
#include "daemon/server.h"

struct streams_test {
	struct server *s;
	struct world w;
	struct client *ann, *bob;	/* ann writes, bob reads */
	char conv[80], token[64];
	int64_t lane;
	int cid;
};

static void
connect_both(struct streams_test *t)
{
	t->ann = client_local(&t->w, t->s, "d_a");
	t->bob = client_hello(&t->w, t->s->url[0], "d_b", t->token);
}

static int
set_up(void **state)
{
	static struct streams_test t;
	enum code code;
	int64_t head;

	memset(&t, 0, sizeof t);
	t.s = server_new();
	server_run(t.s);
	assert_int_equal(server_admin(t.s, t.token, sizeof t.token, "user", "add", "bob", NULL),
			0);
	world_open(&t.w);
	connect_both(&t);
	snprintf(t.conv, sizeof t.conv, "%s", client_create(t.ann, "#ai", true));
	assert_true(client_room(t.bob, "join", t.conv, NULL, &code));
	head = client_sub(t.bob, t.conv, "", 0, "")->seq;
	client_events(t.bob, t.conv, (size_t)head, NULL, 0);
	*state = &t;
	return 0;
}

static int
tear_down(void **state)
{
	struct streams_test *t = *state;

	client_free(t->ann);
	client_free(t->bob);
	world_close(&t->w);
	server_free(t->s);
	return 0;
}

static const struct frame *
send_ai(struct streams_test *t, struct client *c, const char *kind, const char *body)
{
	int i = 500 + ++t->cid;

	client_say(c, "{\"op\":\"send\",\"i\":%d,\"conv\":\"%s\",\"cid\":\"%s\",\"lane\":%lld,"
			"\"kind\":\"%s\",\"ref\":null,\"body\":%s}", i, t->conv,
			client_cid(t->cid), (long long)++t->lane, kind, body);
	return client_answer(c, i);
}

static void
begin(struct streams_test *t, const char *id)
{
	char body[200];

	snprintf(body, sizeof body, "{\"stream\":\"%s\",\"model\":\"m\",\"asked_by\":\"bob\"}", id);
	assert_int_equal(send_ai(t, t->ann, "ai.start", body)->op, WIRE_ACK);
}

static void
delta(struct client *c, const struct streams_test *t, const char *id, int off, const char *text)
{
	client_say(c, "{\"op\":\"delta\",\"i\":900,\"conv\":\"%s\",\"stream\":\"%s\","
			"\"channel\":\"text\",\"off\":%d,\"text\":\"%s\"}", t->conv, id, off, text);
}

static const struct frame *
tail(struct client *c, const struct streams_test *t, const char *id, int off)
{
	client_say(c, "{\"op\":\"tail\",\"i\":901,\"conv\":\"%s\",\"stream\":\"%s\","
			"\"channel\":\"text\",\"off\":%d}", t->conv, id, off);
	return client_answer(c, 901);
}

/* The next event of kind that bob gets. */
static const struct record *
await_kind(struct client *c, enum record_kind kind)
{
	for (;;) {
		const struct frame *f = client_take(c, WIRE_EVENTS);

		for (size_t i = 0; i < f->events.n_events; i++)
			if (f->events.events[i].kind == kind)
				return &f->events.events[i];
	}
}

static void
text_comes_at_its_offset_and_the_end_holds_it_all(void **state)
{
	struct streams_test *t = *state;
	const struct record *end;
	const struct frame *f;

	begin(t, "st_1");
	delta(t->ann, t, "st_1", 0, "Grüße");
	f = client_take(t->bob, WIRE_DELTA);
	assert_string_equal(f->delta.text, "Grüße");
	assert_int_equal(f->delta.off, 0);
	delta(t->ann, t, "st_1", 7, " an alle");
	f = client_take(t->bob, WIRE_DELTA);
	assert_int_equal(f->delta.off, 7);
	f = send_ai(t, t->ann, "ai.end", "{\"stream\":\"st_1\",\"status\":\"ok\",\"len\":15}");
	assert_int_equal(f->op, WIRE_ACK);
	end = await_kind(t->bob, REC_AI_END);
	assert_non_null(strstr(end->body, "Grüße an alle"));
	assert_int_equal(tail(t->bob, t, "st_1", 0)->error.code, CODE_ENDED);
	assert_int_equal(tail(t->bob, t, "st_0", 0)->error.code, CODE_NOT_FOUND);
}

static void
a_wrong_offset_is_told_the_right_one(void **state)
{
	struct streams_test *t = *state;
	const struct frame *f;

	begin(t, "st_1");
	delta(t->ann, t, "st_1", 0, "abc");
	delta(t->ann, t, "st_1", 9, "def");
	f = client_take(t->ann, WIRE_ERROR);
	assert_int_equal(f->error.code, CODE_OFFSET);
	assert_int_equal(f->error.expect, 3);
	f = send_ai(t, t->ann, "ai.end", "{\"stream\":\"st_1\",\"status\":\"ok\",\"len\":4}");
	assert_int_equal(f->op, WIRE_NACK);
	assert_int_equal(f->nack.code, CODE_OFFSET);
	assert_true(f->nack.retry);
	assert_int_equal(f->nack.expect, 3);
	t->lane--;
	f = send_ai(t, t->ann, "ai.end", "{\"stream\":\"st_1\",\"status\":\"ok\",\"len\":3}");
	assert_int_equal(f->op, WIRE_ACK);
}

static void
a_late_reader_catches_up_by_tail(void **state)
{
	struct streams_test *t = *state;
	const struct frame *f;

	begin(t, "st_1");
	delta(t->ann, t, "st_1", 0, "für dich");
	client_sync(t->ann);
	f = tail(t->bob, t, "st_1", 4);
	assert_int_equal(f->op, WIRE_DELTA);
	assert_string_equal(f->delta.text, " dich");
	assert_true(f->delta.end);
	f = tail(t->bob, t, "st_1", 9);
	assert_string_equal(f->delta.text, "");
	/* inside the ü, and beyond the end */
	assert_int_equal(tail(t->bob, t, "st_1", 2)->error.code, CODE_OFFSET);
	assert_int_equal(tail(t->bob, t, "st_1", 10)->error.code, CODE_OFFSET);
}

static void
a_long_answer_comes_in_pieces(void **state)
{
	struct streams_test *t = *state;
	static char text[10001];
	size_t got = 0;
	bool is_last = false;

	memset(text, 'x', sizeof text - 1);
	begin(t, "st_1");
	for (int i = 0; i < 10; i++)
		delta(t->ann, t, "st_1", i * 10000, text);
	client_sync(t->ann);
	for (const struct frame *f = tail(t->bob, t, "st_1", 0); ; f = client_answer(t->bob, 901)) {
		assert_int_equal(f->delta.off, got);
		got += f->delta.text_n;
		is_last = f->delta.end;
		if (is_last)
			break;
	}
	assert_int_equal(got, 100000);
	/* more than limits.answer is refused */
	for (int i = 10; i < 13; i++)
		delta(t->ann, t, "st_1", i * 10000, text);
	client_sync(t->ann);
	delta(t->ann, t, "st_1", 130000, text);
	assert_int_equal(client_take(t->ann, WIRE_ERROR)->error.code, CODE_TOO_LARGE);
}

static void
only_its_producer_writes_and_any_member_may_stop(void **state)
{
	struct streams_test *t = *state;
	const struct frame *f;

	begin(t, "st_1");
	delta(t->bob, t, "st_1", 0, "mine");
	assert_int_equal(client_take(t->bob, WIRE_ERROR)->error.code, CODE_FORBIDDEN);
	client_say(t->bob, "{\"op\":\"stop\",\"i\":21,\"conv\":\"%s\",\"stream\":\"st_1\"}",
			t->conv);
	assert_int_equal(client_answer(t->bob, 21)->op, WIRE_OK);
	f = client_take(t->ann, WIRE_STOP);
	assert_string_equal(f->stop.stream, "st_1");
	assert_string_equal(f->stop.from, "bob");
}

static void
four_open_streams_are_the_most(void **state)
{
	struct streams_test *t = *state;
	const struct frame *f;

	begin(t, "st_1");
	begin(t, "st_2");
	begin(t, "st_3");
	begin(t, "st_4");
	f = send_ai(t, t->ann, "ai.start", "{\"stream\":\"st_5\",\"model\":\"m\"}");
	assert_int_equal(f->op, WIRE_NACK);
	assert_int_equal(f->nack.code, CODE_BUSY);
	assert_true(f->nack.retry);
}

static void
a_kicked_producer_leaves_an_aborted_answer(void **state)
{
	struct streams_test *t = *state;
	const struct record *end;
	enum code code;

	/* bob writes, and ann, who owns the room, puts him out */
	client_say(t->bob, "{\"op\":\"send\",\"i\":5,\"conv\":\"%s\",\"cid\":\"%s\",\"lane\":1,"
			"\"kind\":\"ai.start\",\"ref\":null,\"body\":{\"stream\":\"st_b\","
			"\"model\":\"m\"}}", t->conv, client_cid(77));
	assert_int_equal(client_answer(t->bob, 5)->op, WIRE_ACK);
	delta(t->bob, t, "st_b", 0, "half an ans");
	client_sync(t->bob);
	client_sub(t->ann, t->conv, "", 0, "");
	assert_true(client_room(t->ann, "kick", t->conv, "bob", &code));
	end = await_kind(t->ann, REC_AI_END);
	assert_non_null(strstr(end->body, "\"aborted\""));
	assert_non_null(strstr(end->body, "half an ans"));
	assert_string_equal(end->from, "bob");
	assert_string_equal(end->device, "d_b");
	assert_int_equal(client_take(t->bob, WIRE_SUBBED)->subbed.subs[0].mode, WIRE_GONE);
}

static void
act(struct client *c, const struct streams_test *t, int n, const char *run, const char *state)
{
	client_say(c, "{\"op\":\"send\",\"i\":%d,\"conv\":\"%s\",\"cid\":\"%s\",\"lane\":%d,"
			"\"kind\":\"action\",\"ref\":null,\"body\":{\"workflow\":\"deploy\","
			"\"run\":\"%s\",\"step\":\"build\",\"state\":\"%s\",\"text\":\"…\"}}",
			300 + n, t->conv, client_cid(300 + n), n, run, state);
	assert_int_equal(client_answer(c, 300 + n)->op, WIRE_ACK);
}

static void
a_run_ends_whoever_dies(void **state)
{
	struct streams_test *t = *state;
	const struct record *end;
	struct client *again;
	enum code code;

	act(t->bob, t, 1, "r_done", "running");
	act(t->bob, t, 2, "r_done", "done");
	act(t->bob, t, 3, "r_open", "running");
	/* the server dies, and knows of the run when it is back */
	server_kill(t->s);
	client_gone(t->ann);
	client_gone(t->bob);
	client_free(t->ann);
	client_free(t->bob);
	server_run(t->s);
	connect_both(t);
	again = client_local(&t->w, t->s, "d_again");
	client_sub(again, t->conv, "", 0, "");
	await_kind(again, REC_ACTION);	/* all of them, in one frame */
	assert_true(client_room(again, "kick", t->conv, "bob", &code));
	end = await_kind(again, REC_ACTION);
	assert_non_null(strstr(end->body, "\"failed\""));
	assert_non_null(strstr(end->body, "\"r_open\""));
	assert_non_null(strstr(end->body, "\"deploy\""));
	assert_string_equal(end->from, "bob");
	assert_string_equal(end->device, "d_b");
	client_free(again);
}

static void
a_producer_goes_on_after_the_server_was_killed(void **state)
{
	struct streams_test *t = *state;
	static char text[5001];
	const struct frame *f;
	struct client *other;
	int64_t have;

	memset(text, 'x', sizeof text - 1);
	begin(t, "st_1");
	delta(t->ann, t, "st_1", 0, text);	/* over 4 KiB: saved at once */
	client_sync(t->ann);
	/* the commit of something later proves that the checkpoint is on disk */
	client_post(t->bob, t->conv, 1, 90, "later");
	client_post(t->bob, t->conv, 2, 91, "later");
	server_kill(t->s);
	client_gone(t->ann);
	client_gone(t->bob);
	client_free(t->ann);
	client_free(t->bob);
	server_run(t->s);
	connect_both(t);
	other = client_local(&t->w, t->s, "d_other");
	delta(other, t, "st_1", 5000, "?");
	assert_int_equal(client_take(other, WIRE_ERROR)->error.code, CODE_FORBIDDEN);
	client_free(other);
	delta(t->ann, t, "st_1", 6000, "more");
	f = client_take(t->ann, WIRE_ERROR);
	assert_int_equal(f->error.code, CODE_OFFSET);
	have = f->error.expect;
	assert_int_equal(have, 5000);
	delta(t->ann, t, "st_1", 5000, "more");
	f = send_ai(t, t->ann, "ai.end", "{\"stream\":\"st_1\",\"status\":\"ok\",\"len\":5004}");
	assert_int_equal(f->op, WIRE_ACK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			text_comes_at_its_offset_and_the_end_holds_it_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_wrong_offset_is_told_the_right_one, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_late_reader_catches_up_by_tail, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_long_answer_comes_in_pieces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_its_producer_writes_and_any_member_may_stop,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(four_open_streams_are_the_most, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_kicked_producer_leaves_an_aborted_answer, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_run_ends_whoever_dies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_producer_goes_on_after_the_server_was_killed,
			set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
