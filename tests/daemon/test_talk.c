/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clients that talk through a real server: hello, send, ack, fan-out, lanes, marks. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "daemon/client.h"
#include "daemon/server.h"

struct talk { struct server *s; struct world w; char token[64]; };

/* The login user owns #lobby; bob, by token, is a member. */
static int
set_up(void **state)
{
	static struct talk t;

	t.s = server_new();
	server_start(t.s, "--set", "rooms.auto_join=#lobby", NULL);
	assert_int_equal(server_admin(t.s, t.token, sizeof t.token, "user", "add", "bob", NULL),
			0);
	world_open(&t.w);
	*state = &t;
	return 0;
}

static int
tear_down(void **state)
{
	struct talk *t = *state;

	world_close(&t->w);
	server_free(t->s);
	return 0;
}

static void
the_welcome_names_user_limits_and_the_lobby(void **state)
{
	struct talk *t = *state;
	struct client *bob = client_hello(&t->w, t->s->url[0], "d_b", t->token);
	const struct frame *f = client_welcome(bob);

	assert_int_equal(f->re, 1);
	assert_int_equal(f->welcome.version, 1);
	assert_string_equal(f->welcome.user, "bob");
	assert_string_equal(f->welcome.durability, "fsync");
	assert_int_equal(f->welcome.limits.frame, 65536);
	assert_int_equal(f->welcome.limits.body, 32768);
	assert_int_equal(f->welcome.limits.inflight, 32);
	assert_false(f->welcome.more);
	assert_true(*client_conv(bob, "#lobby"));
	client_free(bob);
}

static void
a_message_is_acknowledged_and_reaches_all_subscribers_its_sender_too(void **state)
{
	struct talk *t = *state;
	struct client *ann = client_local(&t->w, t->s, "d_a");
	struct client *bob = client_hello(&t->w, t->s->url[0], "d_b", t->token);
	const char *conv = client_conv(ann, "#lobby");
	const struct frame *ack;
	char texts[200];
	int64_t head;

	head = client_sub(ann, conv, "", 0, "")->seq;
	assert_int_equal(client_sub(bob, conv, "", 0, "")->mode, WIRE_TAIL_MODE);
	if (head > 0) {
		client_events(ann, conv, (size_t)head, NULL, 0);
		client_events(bob, conv, (size_t)head, NULL, 0);
	}
	ack = client_post(ann, conv, 1, 1, "hi");
	assert_int_equal(ack->ack.seq, head + 1);
	assert_int_equal(ack->ack.prev, head);
	assert_false(ack->ack.dup);
	assert_int_equal(client_events(ann, conv, 1, texts, sizeof texts), head + 1);
	assert_string_equal(texts, "hi");
	assert_int_equal(client_events(bob, conv, 1, texts, sizeof texts), head + 1);
	assert_string_equal(texts, "hi");
	client_free(ann);
	client_free(bob);
}

static void
a_thousand_messages_arrive_in_order_and_once(void **state)
{
	struct talk *t = *state;
	struct client *ann = client_local(&t->w, t->s, "d_a");
	struct client *bob = client_hello(&t->w, t->s->url[0], "d_b", t->token);
	const char *conv = client_create(ann, "#long", true);
	static char texts[64 * 1024];
	enum code code;
	const char *p;
	int64_t head;

	assert_true(client_room(bob, "join", "#long", NULL, &code));
	head = client_sub(bob, conv, "", 0, "")->seq;
	client_events(bob, conv, (size_t)head, NULL, 0);
	for (int n = 1; n <= 1000; n++) {
		char text[16];

		snprintf(text, sizeof text, "%d", n);
		client_msg(ann, conv, n, n, text);
		if (n > 30)
			assert_int_equal(client_answer(ann, 10000 + n - 30)->op, WIRE_ACK);
	}
	client_events(bob, conv, 1000, texts, sizeof texts);
	p = texts;
	for (int n = 1; n <= 1000; n++) {
		char text[16];
		int len = snprintf(text, sizeof text, "%d%s", n, n < 1000 ? "\n" : "");

		assert_memory_equal(p, text, (size_t)len);
		p += len;
	}
	client_free(ann);
	client_free(bob);
}

static void
a_cid_sent_again_gets_its_first_answer(void **state)
{
	struct talk *t = *state;
	struct client *ann = client_local(&t->w, t->s, "d_a");
	const char *conv = client_create(ann, "#again", false);
	const struct frame *first = client_post(ann, conv, 1, 7, "one");
	const struct frame *again = client_post(ann, conv, 1, 7, "one");

	assert_true(again->ack.dup);
	assert_int_equal(again->ack.seq, first->ack.seq);
	assert_string_equal(again->ack.id, first->ack.id);
	client_msg(ann, conv, 2, 7, "other");
	again = client_answer(ann, 10007);
	assert_int_equal(again->op, WIRE_NACK);
	assert_int_equal(again->nack.code, CODE_CONFLICT);
	assert_false(again->nack.retry);
	/* the conflict used its number */
	client_post(ann, conv, 3, 8, "three");
	client_free(ann);
}

static void
a_lane_has_no_gap_and_no_second_use(void **state)
{
	struct talk *t = *state;
	struct client *ann = client_local(&t->w, t->s, "d_a");
	const char *conv = client_create(ann, "#lane", false);
	const struct frame *f;

	client_msg(ann, conv, 3, 1, "too early");
	f = client_answer(ann, 10001);
	assert_int_equal(f->op, WIRE_NACK);
	assert_int_equal(f->nack.code, CODE_ORDER);
	assert_true(f->nack.retry);
	assert_int_equal(f->nack.expect, 1);
	client_post(ann, conv, 1, 2, "first");
	client_msg(ann, conv, 1, 3, "number used");
	f = client_answer(ann, 10003);
	assert_int_equal(f->nack.code, CODE_LANE);
	assert_false(f->nack.retry);
	assert_true(strlen(f->nack.message) > 0);
	client_free(ann);
}

static void
a_permanent_refusal_consumes_its_lane_number(void **state)
{
	struct talk *t = *state;
	struct client *ann = client_local(&t->w, t->s, "d_a");
	const char *conv = client_create(ann, "#poison", false);
	const struct frame *f;

	client_msg(ann, conv, 1, 1, "");
	f = client_answer(ann, 10001);
	assert_int_equal(f->op, WIRE_NACK);
	assert_int_equal(f->nack.code, CODE_INVALID);
	assert_false(f->nack.retry);
	client_post(ann, conv, 2, 2, "goes on");
	client_free(ann);
}

static void
what_a_member_may_not_do_is_forbidden(void **state)
{
	struct talk *t = *state;
	struct client *ann = client_local(&t->w, t->s, "d_a");
	struct client *bob = client_hello(&t->w, t->s->url[0], "d_b", t->token);
	const char *conv = client_create(ann, "#secret", false);
	const struct frame *f;
	enum code code;

	client_msg(bob, conv, 1, 1, "let me in");
	f = client_answer(bob, 10001);
	assert_int_equal(f->nack.code, CODE_FORBIDDEN);
	assert_int_equal(client_sub(bob, conv, "", 0, "")->mode, WIRE_GONE);
	client_say(bob, "{\"op\":\"fetch\",\"i\":2,\"conv\":\"%s\",\"epoch\":\"x\",\"dir\":\"fwd\","
			"\"lo\":0,\"hi\":9,\"n\":9}", conv);
	assert_int_equal(client_answer(bob, 2)->error.code, CODE_FORBIDDEN);
	assert_false(client_room(bob, "join", conv, NULL, &code));
	assert_int_equal(code, CODE_FORBIDDEN);
	assert_false(client_room(bob, "join", "#nowhere", NULL, &code));
	assert_int_equal(code, CODE_NOT_FOUND);
	assert_false(client_room(bob, "invite", conv, "bob", &code));
	assert_int_equal(code, CODE_FORBIDDEN);
	client_say(bob, "{\"op\":\"typing\",\"i\":3,\"conv\":\"%s\",\"ttl\":5000}", conv);
	assert_int_equal(client_answer(bob, 3)->error.code, CODE_FORBIDDEN);
	client_free(ann);
	client_free(bob);
}

static void
a_read_mark_lowers_unread_and_is_told_to_other_devices(void **state)
{
	struct talk *t = *state;
	struct client *ann = client_local(&t->w, t->s, "d_a");
	struct client *bob = client_hello(&t->w, t->s->url[0], "d_b", t->token), *other;
	const char *conv = client_create(ann, "#marks", true);
	const struct frame *ack, *pong;
	const struct head *h = NULL;
	enum code code;

	assert_true(client_room(bob, "join", conv, NULL, &code));
	ack = client_post(ann, conv, 1, 1, "hello @bob");
	client_sub(bob, "u_bob", "", 0, "");
	client_say(bob, "{\"op\":\"mark\",\"conv\":\"%s\",\"epoch\":\"%s\",\"seq\":%lld}", conv,
			ack->ack.epoch, (long long)ack->ack.seq);
	for (bool is_read = false; !is_read;) {
		const struct frame *f = client_take(bob, WIRE_EVENTS);

		for (size_t i = 0; i < f->events.n_events; i++)
			is_read |= f->events.events[i].kind == REC_READ;
	}
	other = client_hello(&t->w, t->s->url[0], "d_c", t->token);
	for (size_t i = 0; i < client_welcome(other)->welcome.n_heads; i++)
		if (strcmp(client_welcome(other)->welcome.heads[i].conv, conv) == 0)
			h = &client_welcome(other)->welcome.heads[i];
	assert_non_null(h);
	assert_int_equal(h->read, ack->ack.seq);
	assert_int_equal(h->unread, 0);
	client_say(bob, "{\"op\":\"ping\",\"x\":9}");
	pong = client_take(bob, WIRE_PONG);
	assert_int_equal(pong->pong.x, 9);
	assert_true(pong->pong.n_heads >= 2);
	client_free(ann);
	client_free(bob);
	client_free(other);
}

static void
marks_of_one_second_are_one_event(void **state)
{
	struct talk *t = *state;
	struct client *ann = client_local(&t->w, t->s, "d_a"), *other;
	const char *conv = client_create(ann, "#flood", false);
	const struct frame *ack = NULL;
	size_t reads = 0;

	for (int n = 1; n <= 20; n++)
		ack = client_post(ann, conv, n, n, "x");
	for (int n = 1; n <= 20; n++)
		client_say(ann, "{\"op\":\"mark\",\"conv\":\"%s\",\"epoch\":\"%s\",\"seq\":%lld}",
				conv, ack->ack.epoch, (long long)ack->ack.seq - 20 + n);
	client_sync(ann);
	/* a hello tells what is held of the marks */
	other = client_local(&t->w, t->s, "d_o");
	for (size_t i = 0; i < client_welcome(other)->welcome.n_heads; i++) {
		const struct head *h = &client_welcome(other)->welcome.heads[i];

		if (strcmp(h->conv, conv) == 0)
			assert_int_equal(h->read, ack->ack.seq);
		if (h->kind == CONV_USER) {
			client_sub(other, h->conv, "", 0, "");
			client_sync(other);
		}
	}
	while (client_has(other, WIRE_EVENTS)) {
		const struct frame *f = client_take(other, WIRE_EVENTS);

		for (size_t i = 0; i < f->events.n_events; i++)
			reads += f->events.events[i].kind == REC_READ &&
				strstr(f->events.events[i].body, conv);
	}
	assert_in_range(reads, 1, 2);
	client_free(ann);
	client_free(other);
}

static void
who_types_and_who_comes_is_told_to_those_who_follow(void **state)
{
	struct talk *t = *state;
	struct client *ann = client_local(&t->w, t->s, "d_a"), *bob;
	const char *conv = client_create(ann, "#presence", true);
	const struct frame *f;
	enum code code;

	client_sub(ann, conv, "", 0, "");
	bob = client_hello(&t->w, t->s->url[0], "d_b", t->token);
	assert_true(client_room(bob, "join", conv, NULL, &code));
	client_sub(bob, conv, "", 0, "");
	/* ann was there before: bob hears it */
	f = client_take(bob, WIRE_PRESENCE);
	assert_string_equal(f->presence.state, "online");
	client_say(bob, "{\"op\":\"typing\",\"conv\":\"%s\",\"ttl\":999999}", conv);
	f = client_take(ann, WIRE_TYPING);
	assert_string_equal(f->typing.from, "bob");
	assert_string_equal(f->typing.conv, conv);
	assert_int_equal(f->typing.ttl, 10000);
	assert_false(client_has(bob, WIRE_TYPING));
	client_free(ann);
	client_free(bob);
}

static void
unsub_ends_delivery(void **state)
{
	struct talk *t = *state;
	struct client *ann = client_local(&t->w, t->s, "d_a");
	const char *conv = client_create(ann, "#quiet", false);
	int64_t head = client_sub(ann, conv, "", 0, "")->seq;

	if (head > 0)
		client_events(ann, conv, (size_t)head, NULL, 0);
	client_say(ann, "{\"op\":\"unsub\",\"i\":77,\"convs\":[\"%s\"]}", conv);
	assert_int_equal(client_answer(ann, 77)->op, WIRE_OK);
	client_post(ann, conv, 1, 1, "nobody hears it");
	assert_false(client_has(ann, WIRE_EVENTS));
	client_free(ann);
}

static void
heads_that_do_not_fit_the_welcome_follow_it(void **state)
{
	struct talk *t = *state;
	struct client *ann = client_local(&t->w, t->s, "d_a"), *other;
	const struct frame *f;
	size_t heads;
	char name[24];

	for (int n = 0; n < 300; n++) {
		snprintf(name, sizeof name, "#many-%d", n);
		client_create(ann, name, false);
	}
	other = client_local(&t->w, t->s, "d_o");
	f = client_welcome(other);
	heads = f->welcome.n_heads;
	for (bool more = f->welcome.more; more; more = f->heads.more) {
		f = client_take(other, WIRE_HEADS);
		assert_true(f->heads.n_heads > 0);
		heads += f->heads.n_heads;
	}
	assert_true(heads >= 300);
	assert_true(client_welcome(other)->welcome.n_heads < heads);
	client_free(ann);
	client_free(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_welcome_names_user_limits_and_the_lobby),
		cmocka_unit_test(
			a_message_is_acknowledged_and_reaches_all_subscribers_its_sender_too),
		cmocka_unit_test(a_thousand_messages_arrive_in_order_and_once),
		cmocka_unit_test(a_cid_sent_again_gets_its_first_answer),
		cmocka_unit_test(a_lane_has_no_gap_and_no_second_use),
		cmocka_unit_test(a_permanent_refusal_consumes_its_lane_number),
		cmocka_unit_test(what_a_member_may_not_do_is_forbidden),
		cmocka_unit_test(a_read_mark_lowers_unread_and_is_told_to_other_devices),
		cmocka_unit_test(marks_of_one_second_are_one_event),
		cmocka_unit_test(who_types_and_who_comes_is_told_to_those_who_follow),
		cmocka_unit_test(unsub_ends_delivery),
		cmocka_unit_test(heads_that_do_not_fit_the_welcome_follow_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
