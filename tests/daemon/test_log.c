/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the log through a real server: subscriptions and epochs, pages, credit. */
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/client.h"
#include "daemon/server.h"

struct log_test { struct server *s; struct world w; struct client *ann; };

static int
set_up(void **state)
{
	static struct log_test t;

	t.s = server_new();
	server_start(t.s, "--set", "limits.window=65536", NULL);
	world_open(&t.w);
	t.ann = client_local(&t.w, t.s, "d_a");
	*state = &t;
	return 0;
}

static int
tear_down(void **state)
{
	struct log_test *t = *state;

	client_free(t->ann);
	world_close(&t->w);
	server_free(t->s);
	return 0;
}

/* A room with n messages "m1" to "mN", from lane 1 and cid number base on. */
static const char *
room_with(struct log_test *t, const char *name, int n, int base)
{
	static char conv[80];
	char text[16];

	snprintf(conv, sizeof conv, "%s", client_create(t->ann, name, true));
	for (int i = 1; i <= n; i++) {
		snprintf(text, sizeof text, "m%d", i);
		client_post(t->ann, conv, i, base + i, text);
	}
	return conv;
}

static const struct frame *
fetch(struct client *c, const char *conv, const char *epoch, const char *rest)
{
	static int i = 20000;

	client_say(c, "{\"op\":\"fetch\",\"i\":%d,\"conv\":\"%s\",\"epoch\":\"%s\",%s}", ++i, conv,
			epoch, rest);
	return client_answer(c, i);
}

static void
pages_are_half_open_and_cover_what_they_say(void **state)
{
	struct log_test *t = *state;
	const char *conv = room_with(t, "#pages", 10, 100);
	const struct wire_subbed *s = client_sub(t->ann, conv, "", 0, "");
	const struct frame *f;
	int64_t first = s->seq - 10;
	char rest[100];

	snprintf(rest, sizeof rest, "\"dir\":\"back\",\"lo\":%lld,\"hi\":%lld,\"n\":3",
			(long long)first, (long long)s->seq);
	f = fetch(t->ann, conv, s->epoch, rest);
	assert_int_equal(f->op, WIRE_PAGE);
	assert_int_equal(f->page.n_events, 3);
	assert_int_equal(f->page.lo, s->seq - 3);
	assert_int_equal(f->page.hi, s->seq);
	snprintf(rest, sizeof rest, "\"dir\":\"fwd\",\"lo\":%lld,\"hi\":%lld,\"n\":4",
			(long long)first, (long long)s->seq);
	f = fetch(t->ann, conv, s->epoch, rest);
	assert_int_equal(f->page.n_events, 4);
	assert_int_equal(f->page.lo, first);
	assert_int_equal(f->page.hi, first + 4);
	assert_int_equal(f->page.events[0].seq, first + 1);
	/* beyond the head is cut to it */
	snprintf(rest, sizeof rest, "\"dir\":\"fwd\",\"lo\":%lld,\"hi\":99999,\"n\":100",
			(long long)s->seq - 1);
	f = fetch(t->ann, conv, s->epoch, rest);
	assert_int_equal(f->page.hi, s->seq);
	assert_int_equal(f->page.n_events, 1);
	/* another epoch, and a range that is none */
	f = fetch(t->ann, conv, "other", rest);
	assert_int_equal(f->error.code, CODE_EPOCH);
	f = fetch(t->ann, conv, s->epoch, "\"dir\":\"fwd\",\"lo\":5,\"hi\":4,\"n\":1");
	assert_int_equal(f->error.code, CODE_INVALID);
}

static void
an_edited_message_has_its_present_state_in_pages(void **state)
{
	struct log_test *t = *state;
	const char *conv = room_with(t, "#edits", 1, 200);
	const struct frame *ack = client_post(t->ann, conv, 2, 250, "first"), *f;
	char rest[100];

	client_say(t->ann, "{\"op\":\"send\",\"i\":9,\"conv\":\"%s\",\"cid\":\"%s\",\"lane\":3,"
			"\"kind\":\"edit\",\"ref\":\"%s\",\"body\":{\"text\":\"second\"}}", conv,
			client_cid(251), ack->ack.id);
	assert_int_equal(client_answer(t->ann, 9)->op, WIRE_ACK);
	snprintf(rest, sizeof rest, "\"dir\":\"back\",\"lo\":0,\"hi\":%lld,\"n\":1",
			(long long)ack->ack.seq);
	f = fetch(t->ann, conv, ack->ack.epoch, rest);
	assert_int_equal(f->page.n_events, 1);
	assert_non_null(f->page.events[0].cur);
	assert_non_null(strstr(f->page.events[0].cur, "second"));
	/* the ops in a hole whose targets are held */
	snprintf(rest, sizeof rest, "\"dir\":\"fwd\",\"lo\":%lld,\"hi\":%lld,\"n\":9,"
			"\"only\":\"ops\",\"refs\":[1,%lld]", (long long)ack->ack.seq,
			(long long)ack->ack.seq + 1, (long long)ack->ack.seq);
	f = fetch(t->ann, conv, ack->ack.epoch, rest);
	assert_true(f->page.only_ops);
	assert_int_equal(f->page.n_events, 1);
	assert_int_equal(f->page.events[0].kind, REC_EDIT);
}

static void
a_subscriber_too_far_behind_skips_to_the_newest(void **state)
{
	struct log_test *t = *state;
	const char *conv = room_with(t, "#skip", 30, 300);
	const struct frame *f;

	client_say(t->ann, "{\"op\":\"sub\",\"i\":2,\"subs\":[{\"conv\":\"%s\",\"seq\":0,"
			"\"id\":\"\",\"max\":5}]}", conv);
	f = client_answer(t->ann, 2);
	assert_int_equal(f->subbed.subs[0].mode, WIRE_SKIP);
	assert_int_equal(f->subbed.subs[0].from, f->subbed.subs[0].seq - 5);
	assert_int_equal(client_events(t->ann, conv, 5, NULL, 0), f->subbed.subs[0].seq);
}

static void
a_position_of_another_log_mints_an_epoch_once_and_resets(void **state)
{
	struct log_test *t = *state;
	const char *conv = room_with(t, "#fork", 5, 400);
	struct client *bob = client_local(&t->w, t->s, "d_fork");
	const struct wire_subbed *s = client_sub(bob, conv, "", 0, ""), *r;
	char epoch[40], later[40], id[40];
	const struct frame *f;

	snprintf(epoch, sizeof epoch, "%s", s->epoch);
	client_events(bob, conv, (size_t)s->seq, NULL, 0);
	f = client_post(t->ann, conv, 6, 450, "known to all");
	snprintf(id, sizeof id, "%s", f->ack.id);
	client_events(bob, conv, 1, NULL, 0);
	client_say(t->ann, "{\"op\":\"sub\",\"i\":3,\"subs\":[{\"conv\":\"%s\",\"epoch\":\"%s\","
			"\"seq\":%lld,\"id\":\"018f0000-0000-7000-8000-00000000dead\",\"max\":9,"
			"\"marks\":[[%lld,\"%s\"],[1,\"018f0000-0000-7000-8000-00000000beef\"]]}]}",
			conv, epoch, (long long)f->ack.seq + 9, (long long)f->ack.seq, id);
	r = &client_answer(t->ann, 3)->subbed.subs[0];
	assert_int_equal(r->mode, WIRE_RESET);
	assert_string_not_equal(r->epoch, epoch);
	assert_int_equal(r->keep, f->ack.seq);
	snprintf(later, sizeof later, "%s", r->epoch);
	/* who follows is told, once */
	r = &client_take(bob, WIRE_SUBBED)->subbed.subs[0];
	assert_int_equal(r->mode, WIRE_RESET);
	assert_int_equal(r->keep, WIRE_ABSENT);
	assert_string_equal(r->epoch, later);
	r = client_sub(bob, conv, epoch, f->ack.seq, id);
	assert_int_equal(r->mode, WIRE_RESET);
	assert_int_equal(r->keep, f->ack.seq);
	r = client_sub(bob, conv, later, f->ack.seq, id);
	assert_int_equal(r->mode, WIRE_TAIL_MODE);
	/* a second claim resets its own client alone, in the same epoch */
	r = client_sub(t->ann, conv, later, f->ack.seq + 50,
			"018f0000-0000-7000-8000-00000000dead");
	assert_int_equal(r->mode, WIRE_RESET);
	assert_string_equal(r->epoch, later);
	assert_false(client_has(bob, WIRE_SUBBED));
	client_free(bob);
}

static void
without_credit_delivery_stops_says_so_once_and_goes_on(void **state)
{
	struct log_test *t = *state;
	const char *conv = room_with(t, "#credit", 0, 0);
	struct client *bob = client_dial(&t->w, t->s->url[0], NULL);
	static char text[8001];
	const struct frame *f;
	int64_t head, before;
	int lags = 0;

	memset(text, 'x', sizeof text - 1);
	client_say(bob, "{\"op\":\"hello\",\"i\":1,\"versions\":[1],\"device\":\"d_slow\","
			"\"window\":1}");
	client_take(bob, WIRE_WELCOME);
	head = client_sub(bob, conv, "", 0, "")->seq;
	if (head > 0)
		client_events(bob, conv, (size_t)head, NULL, 0);
	for (int i = 1; i <= 40; i++)
		client_post(t->ann, conv, i, 500 + i, text);
	f = client_take(bob, WIRE_LAG);
	lags++;
	assert_string_equal(f->lag.conv, conv);
	client_sync(bob);
	before = client_counted(bob);
	/* the window is at least 64 KiB: what is out is that and one frame */
	assert_in_range(before, 60000, 65536 + 262144);
	assert_true(before < 40 * 8000);
	/* a page waits too */
	client_say(bob, "{\"op\":\"fetch\",\"i\":77,\"conv\":\"%s\",\"epoch\":\"%s\","
			"\"dir\":\"fwd\",\"lo\":0,\"hi\":1,\"n\":1}", conv,
			client_sub(t->ann, conv, "", 0, "")->epoch);
	client_sync(bob);
	assert_int_equal(client_counted(bob), before);
	assert_false(client_has(bob, WIRE_LAG));
	client_say(bob, "{\"op\":\"credit\",\"bytes\":%lld}", (long long)before);
	assert_int_equal(client_answer(bob, 77)->op, WIRE_PAGE);
	for (int i = 0; i < 10; i++) {
		client_say(bob, "{\"op\":\"credit\",\"bytes\":%lld}",
				(long long)client_counted(bob));
		client_sync(bob);
	}
	assert_int_equal(client_events(bob, conv, 40, NULL, 0), head + 40);
	assert_int_equal(lags, 1);
	client_free(bob);
}

static void
more_than_eight_waiting_fetches_are_busy(void **state)
{
	struct log_test *t = *state;
	const char *conv = room_with(t, "#busy", 0, 0);
	struct client *bob = client_dial(&t->w, t->s->url[0], NULL);
	static char text[30001];
	char epoch[40];
	int busy = 0;

	memset(text, 'y', sizeof text - 1);
	client_say(bob, "{\"op\":\"hello\",\"i\":1,\"versions\":[1],\"device\":\"d_busy\","
			"\"window\":65536}");
	client_take(bob, WIRE_WELCOME);
	snprintf(epoch, sizeof epoch, "%s", client_sub(bob, conv, "", 0, "")->epoch);
	for (int i = 1; i <= 12; i++)
		client_post(t->ann, conv, i, 600 + i, text);
	client_take(bob, WIRE_LAG);
	for (int i = 0; i < 12; i++)
		client_say(bob, "{\"op\":\"fetch\",\"i\":%d,\"conv\":\"%s\",\"epoch\":\"%s\","
				"\"dir\":\"back\",\"lo\":0,\"hi\":99,\"n\":1}", 100 + i, conv,
				epoch);
	client_sync(bob);
	while (client_has(bob, WIRE_ERROR)) {
		assert_int_equal(client_take(bob, WIRE_ERROR)->error.code, CODE_BUSY);
		busy++;
	}
	assert_int_equal(busy, 4);
	client_free(bob);
}

static void
a_page_is_cut_by_bytes(void **state)
{
	struct log_test *t = *state;
	const char *conv = room_with(t, "#bytes", 0, 0);
	static char text[30001];
	char epoch[40];
	const struct frame *f = NULL;

	memset(text, 'z', sizeof text - 1);
	for (int i = 1; i <= 12; i++)
		f = client_post(t->ann, conv, i, 700 + i, text);
	snprintf(epoch, sizeof epoch, "%s", f->ack.epoch);
	f = fetch(t->ann, conv, epoch, "\"dir\":\"fwd\",\"lo\":0,\"hi\":99,\"n\":99");
	assert_int_equal(f->op, WIRE_PAGE);
	assert_true(f->page.n_events >= 1 && f->page.n_events < 12);
	assert_true(strlen(client_text(t->ann)) <= 262144);
	assert_int_equal(f->page.hi, f->page.events[f->page.n_events - 1].seq);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_half_open_and_cover_what_they_say),
		cmocka_unit_test(an_edited_message_has_its_present_state_in_pages),
		cmocka_unit_test(a_subscriber_too_far_behind_skips_to_the_newest),
		cmocka_unit_test(a_position_of_another_log_mints_an_epoch_once_and_resets),
		cmocka_unit_test(without_credit_delivery_stops_says_so_once_and_goes_on),
		cmocka_unit_test(more_than_eight_waiting_fetches_are_busy),
		cmocka_unit_test(a_page_is_cut_by_bytes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
