/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The native driver against a server that says what the test tells it to: what is sent, what comes
 * up, and that nothing comes up when it should not. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "drivers/driver.h"
#include "loop/loop.h"
#include "net/ws.h"

#define WAIT_MS 10000
#define ID "018f0000-0000-7000-8000-000000000001"

struct stage {
	struct loop *loop;
	struct ws_net *net;
	struct ws_server *server;
	struct ws *peer;		/* the server's end */
	struct link *link;
	char dir[64], url[128];
	struct buf heard;		/* frames the server got, a line each */
	struct buf seen;		/* upcalls, a line each */
};

/* --- the server's side --- */

static void
peer_open(struct ws *ws, void *arg)
{
	((struct stage *)arg)->peer = ws;
}

static void
peer_message(struct ws *ws, void *arg, const char *p, size_t n)
{
	struct buf *heard = &((struct stage *)arg)->heard;

	(void)ws;
	buf_add(heard, p, n);
	buf_addc(heard, '\n');
}

static void
peer_gone(struct ws *ws, void *arg, int code, const char *reason, const struct err *why)
{
	struct stage *st = arg;

	(void)reason;
	(void)why;
	if (st->peer == ws)
		st->peer = NULL;
	buf_addf(&st->heard, "gone %d\n", code);
}

static const struct ws_ops peer_ops = { .open = peer_open, .message = peer_message,
	.gone = peer_gone };

/* --- the core's side --- */

static void
see_heads(struct stage *st, const struct head *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(&st->seen, " %s=%s@%lld", v[i].conv, v[i].name, (long long)v[i].seq);
}

static void
see_records(struct stage *st, const struct record *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(&st->seen, " %lld/%s/%s", (long long)v[i].seq, v[i].kind_name,
				v[i].body);
}

static void
on_up(void *arg, struct sync_input *in)
{
	struct stage *st = arg;

	switch (in->type) {
	case IN_UP:
		buf_adds(&st->seen, "up");
		break;
	case IN_WELCOME:
		buf_addf(&st->seen, "welcome %s body=%lld ping=%lld", in->welcome.user,
				(long long)in->welcome.limits.body,
				(long long)in->welcome.limits.ping_s);
		see_heads(st, in->welcome.heads, in->welcome.n_heads);
		break;
	case IN_HEADS:
		buf_adds(&st->seen, "heads");
		see_heads(st, in->heads.heads, in->heads.n_heads);
		break;
	case IN_SUBBED:
		buf_addf(&st->seen, "subbed %lld", (long long)in->subbed.re);
		for (size_t i = 0; i < in->subbed.n; i++)
			buf_addf(&st->seen, " %s:%d:%lld:%lld:%lld", in->subbed.subs[i].conv,
					(int)in->subbed.subs[i].mode,
					(long long)in->subbed.subs[i].seq,
					(long long)in->subbed.subs[i].from,
					(long long)in->subbed.subs[i].keep);
		break;
	case IN_EVENTS:
		buf_addf(&st->seen, "events %s %s %lld bytes=%zu", in->events.conv,
				in->events.epoch, (long long)in->events.prev, in->events.bytes);
		see_records(st, in->events.v, in->events.n);
		break;
	case IN_PAGE:
		buf_addf(&st->seen, "page %lld (%lld,%lld] floor=%lld%s", (long long)in->page.re,
				(long long)in->page.lo, (long long)in->page.hi,
				(long long)in->page.floor, in->page.ops_only ? " ops" : "");
		see_records(st, in->page.v, in->page.n);
		break;
	case IN_ACK:
		buf_addf(&st->seen, "ack %s %lld after %lld%s", in->ack.cid,
				(long long)in->ack.seq, (long long)in->ack.prev,
				in->ack.dup ? " dup" : "");
		break;
	case IN_NACK:
		buf_addf(&st->seen, "nack %s %s %d %lld %lld %s", in->nack.cid,
				code_name(in->nack.code), in->nack.retry, (long long)in->nack.after,
				(long long)in->nack.expect, in->nack.message);
		break;
	case IN_ERROR:
		buf_addf(&st->seen, "error %lld %s", (long long)in->error.re,
				code_name(in->error.code));
		break;
	case IN_PONG:
		buf_addf(&st->seen, "pong %lld %s@%lld", (long long)in->pong.x,
				in->pong.n > 0 ? in->pong.heads[0].conv : "",
				in->pong.n > 0 ? (long long)in->pong.heads[0].seq : 0);
		break;
	case IN_BYE:
		buf_addf(&st->seen, "bye %lld", (long long)in->bye.after);
		break;
	case IN_ALIVE:
		buf_addf(&st->seen, "alive %zu", in->alive.bytes);
		break;
	case IN_DOWN:
		buf_addf(&st->seen, "down %d %s", in->down.code, in->down.why);
		break;
	default:
		fail();
	}
	buf_addc(&st->seen, '\n');
}

static void
on_aside(void *arg, const struct aside *a)
{
	struct stage *st = arg;

	switch (a->type) {
	case ASIDE_TYPING:
		buf_addf(&st->seen, "typing %s %s %lld\n", a->conv, a->from,
				(long long)a->typing.ttl);
		break;
	case ASIDE_PRESENCE:
		buf_addf(&st->seen, "presence %s %s\n", a->from, a->presence.state);
		break;
	case ASIDE_DELTA:
		buf_addf(&st->seen, "delta %s %lld %s\n", a->delta.stream,
				(long long)a->delta.off, a->delta.text);
		break;
	case ASIDE_STOP:
		buf_addf(&st->seen, "stop %s %s\n", a->stop.stream, a->from);
		break;
	case ASIDE_ROOM:
		buf_addf(&st->seen, "room %lld %s %s\n", (long long)a->re, a->conv, a->room.rows);
		break;
	case ASIDE_PAGE:
		buf_addf(&st->seen, "shown %s %zu\n", a->conv, a->page.n);
		break;
	case ASIDE_OK:
		buf_addf(&st->seen, "ok %lld\n", (long long)a->re);
		break;
	case ASIDE_ERROR:
		buf_addf(&st->seen, "refused %lld %s\n", (long long)(a->re - TAG_ASIDE),
				code_name(a->error.code));
		break;
	}
}

/* --- the script --- */

static void
until(struct stage *st, const struct buf *b, const char *text)
{
	int64_t end = clock_mono_ms() + WAIT_MS;

	while (strstr(buf_str(b), text) == NULL && clock_mono_ms() < end)
		loop_once(st->loop, false);
	if (strstr(buf_str(b), text) == NULL)
		fail_msg("waited for \"%s\", there is \"%s\"", text, buf_str(b));
}

static void
server_hears(struct stage *st, const char *text)
{
	until(st, &st->heard, text);
	buf_clear(&st->heard);
}

static void
core_sees(struct stage *st, const char *text)
{
	until(st, &st->seen, text);
	buf_clear(&st->seen);
}

static void
server_says(struct stage *st, const char *frame)
{
	assert_non_null(st->peer);
	assert_true(ws_send(st->peer, frame, strlen(frame)));
}

static void
open_link(struct stage *st, const char *url)
{
	struct driver_env env = { .ws = st->net, .url = url, .agent = "test/1", .up = on_up,
		.aside = on_aside, .arg = st };
	struct err err = { 0 };

	st->link = driver_native.open(&env, &err);
	assert_non_null(st->link);
}

static void
connect_link(struct stage *st)
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	struct err err = { 0 };

	st->peer = NULL;
	assert_true(driver_native.connect(st->link, "secret", &err));
	core_sees(st, "up\n");
	while (st->peer == NULL && clock_mono_ms() < end)
		loop_once(st->loop, false);
	assert_non_null(st->peer);
}

static int
setup(void **state)
{
	struct stage *st = xcalloc(1, sizeof *st);
	struct ws_listen how = { .path = "/v1", .max_message = 65536, .ops = &peer_ops, .arg = st };
	struct err err = { 0 };

	test_folder(st->dir, sizeof st->dir);
	snprintf(st->url, sizeof st->url, "unix:%s/s", st->dir);
	buf_init(&st->heard, 1 << 20);
	buf_init(&st->seen, 1 << 20);
	st->loop = loop_new(&err);
	st->net = ws_net_new(st->loop, 256, NULL, NULL, &err);
	assert_non_null(st->net);
	how.unix_path = st->url + 5;
	how.unix_mode = 0600;
	st->server = ws_listen(st->net, &how, &err);
	if (st->server == NULL)
		fail_msg("%s", err.msg);
	open_link(st, st->url);
	*state = st;
	return 0;
}

static int
teardown(void **state)
{
	struct stage *st = *state;

	driver_native.close(st->link);
	ws_server_stop(st->server);
	ws_net_free(st->net);
	loop_free(st->loop);
	unlink(st->url + 5);
	rmdir(st->dir);
	buf_done(&st->heard);
	buf_done(&st->seen);
	free(st);
	return 0;
}

static void
the_greeting_says_who_we_are(void **state)
{
	struct stage *st = *state;

	connect_link(st);
	driver_native.hello(st->link, "d_1", "w_7", 262144);
	until(st, &st->heard, "\"op\":\"hello\"");
	assert_non_null(strstr(buf_str(&st->heard), "\"device\":\"d_1\""));
	assert_non_null(strstr(buf_str(&st->heard), "\"token\":\"secret\""));
	assert_non_null(strstr(buf_str(&st->heard), "\"versions\":[1]"));
	assert_non_null(strstr(buf_str(&st->heard), "\"since\":\"w_7\""));
	server_says(st, "{\"op\":\"welcome\",\"re\":1,\"version\":1,\"user\":\"ann\","
			"\"session\":\"s\",\"caps\":[\"dense\"],\"now\":1,\"durability\":\"fsync\","
			"\"limits\":{\"frame\":65536,\"body\":32768,\"fetch\":200,\"inflight\":32,"
			"\"ping\":25},\"heads\":[{\"conv\":\"c_1\",\"name\":\"#a\",\"kind\":\"room\","
			"\"topic\":\"\",\"epoch\":\"e\",\"seq\":3,\"id\":\"" ID "\",\"floor\":0,\"read\":0,"
			"\"unread\":0,\"mentions\":0}],\"more\":false,\"since\":\"w_8\"}");
	core_sees(st, "welcome ann body=32768 ping=25 c_1=#a@3\n");
}

static void
another_version_is_not_spoken(void **state)
{
	struct stage *st = *state;

	connect_link(st);
	driver_native.hello(st->link, "d_1", "", 262144);
	server_says(st, "{\"op\":\"welcome\",\"re\":1,\"version\":2,\"user\":\"ann\","
			"\"session\":\"s\",\"caps\":[],\"now\":1,\"durability\":\"\","
			"\"limits\":{\"frame\":1,\"body\":1,\"fetch\":1,\"inflight\":1,\"ping\":1},"
			"\"heads\":[],\"more\":false,\"since\":\"\"}");
	core_sees(st, "down 4406");
}

static void
subscriptions_carry_position_and_marks(void **state)
{
	struct position marks[] = { { 9, "i9" }, { 8, "i8" } };
	struct driver_sub sub = { .conv = "c_1", .epoch = "e", .id = "i9", .seq = 9, .max = 200,
		.marks = marks, .n_marks = 2 };
	struct stage *st = *state;

	connect_link(st);
	driver_native.sub(st->link, 5, &sub, 1);
	until(st, &st->heard, "\"op\":\"sub\"");
	assert_non_null(strstr(buf_str(&st->heard), "\"marks\":[[9,\"i9\"],[8,\"i8\"]]"));
	server_says(st, "{\"op\":\"subbed\",\"re\":5,\"subs\":["
			"{\"conv\":\"c_1\",\"mode\":\"tail\",\"epoch\":\"e\",\"seq\":12,\"floor\":0},"
			"{\"conv\":\"c_2\",\"mode\":\"skip\",\"epoch\":\"e\",\"seq\":900,\"floor\":0,"
			"\"from\":700},"
			"{\"conv\":\"c_3\",\"mode\":\"reset\",\"epoch\":\"f\",\"seq\":4,\"floor\":0,"
			"\"keep\":3},"
			"{\"conv\":\"c_4\",\"mode\":\"reset\",\"epoch\":\"f\",\"seq\":4,\"floor\":0},"
			"{\"conv\":\"c_5\",\"mode\":\"gone\",\"code\":\"forbidden\"}]}");
	core_sees(st, "subbed 5 c_1:0:12:0:-1 c_2:1:900:700:-1 c_3:2:0:0:3 c_4:2:0:0:-1 c_5:3:");
}

static void
many_subscriptions_are_cut_into_frames_that_fit(void **state)
{
	struct driver_sub subs[SYNC_SUBS_MAX];
	struct position marks[12];
	struct stage *st = *state;
	static char id[60];

	memset(id, 'x', sizeof id - 1);
	for (size_t i = 0; i < countof(marks); i++)
		marks[i] = (struct position){ 1000000 - (int64_t)i, id };
	for (size_t i = 0; i < SYNC_SUBS_MAX; i++)
		subs[i] = (struct driver_sub){ .conv = "c_conversation_with_a_rather_long_name",
			.epoch = "an epoch of thirty characters", .id = id, .seq = 1000000,
			.max = 200, .marks = marks, .n_marks = countof(marks) };
	connect_link(st);
	driver_native.sub(st->link, 5, subs, SYNC_SUBS_MAX);
	driver_native.ping(st->link, 77);
	until(st, &st->heard, "\"x\":77");
	for (const char *p = buf_str(&st->heard); *p != '\0';) {
		const char *end = strchr(p, '\n');

		assert_true(end - p <= 65536);
		p = end + 1;
	}
}

static void
records_come_up_with_their_bytes(void **state)
{
	static const char frame[] = "{\"op\":\"events\",\"conv\":\"c_1\",\"epoch\":\"e\","
		"\"prev\":4,"
		"\"events\":[{\"seq\":5,\"id\":\"" ID "\",\"kind\":\"msg\",\"from\":\"bob\","
		"\"device\":\"d\",\"cid\":\"" ID "\",\"ts\":1,\"ref\":null,\"body\":{\"text\":\"yo\"}}]}";
	struct stage *st = *state;
	char want[128];

	connect_link(st);
	server_says(st, frame);
	snprintf(want, sizeof want, "events c_1 e 4 bytes=%zu 5/msg/{\"text\":\"yo\"}\n",
			sizeof frame - 1);
	core_sees(st, want);
}

static void
history_is_asked_for_and_comes(void **state)
{
	struct sync_effect f = { .type = FX_FETCH, .fetch = { .tag = 9, .conv = "c_1",
		.epoch = "e", .back = true, .lo = 0, .hi = 640, .n = 50 } };
	struct stage *st = *state;

	connect_link(st);
	driver_native.fetch(st->link, &f);
	server_hears(st, "\"dir\":\"back\"");
	server_says(st, "{\"op\":\"page\",\"re\":9,\"conv\":\"c_1\",\"epoch\":\"e\",\"lo\":590,"
			"\"hi\":640,\"floor\":3,\"events\":[]}");
	core_sees(st, "page 9 (590,640] floor=3\n");
	f.fetch.back = false;
	f.fetch.ops_only = true;
	f.fetch.refs_lo = 1;
	f.fetch.refs_hi = 120;
	driver_native.fetch(st->link, &f);
	until(st, &st->heard, "\"only\":\"ops\"");
	assert_non_null(strstr(buf_str(&st->heard), "\"refs\":[1,120]"));
}

static void
sends_are_answered_by_cid(void **state)
{
	struct driver_send send = { .tag = 12, .conv = "c_1", .cid = ID, .ref = "",
		.body = "{\"text\":\"yo\"}", .body_n = 13, .kind = REC_MSG, .lane = 58,
		.ttl = 5000 };
	struct stage *st = *state;

	connect_link(st);
	driver_native.send(st->link, &send);
	until(st, &st->heard, "\"op\":\"send\"");
	assert_non_null(strstr(buf_str(&st->heard), "\"lane\":58"));
	assert_non_null(strstr(buf_str(&st->heard), "\"ttl\":5000"));
	assert_non_null(strstr(buf_str(&st->heard), "\"body\":{\"text\":\"yo\"}"));
	server_says(st, "{\"op\":\"ack\",\"re\":12,\"conv\":\"c_1\",\"epoch\":\"e\","
			"\"cid\":\"" ID "\",\"lane\":58,\"prev\":813,\"seq\":814,\"id\":\"" ID "\","
			"\"ts\":1,"
			"\"dup\":true}");
	core_sees(st, "ack " ID " 814 after 813 dup\n");
	server_says(st, "{\"op\":\"nack\",\"re\":12,\"cid\":\"" ID "\",\"lane\":58,"
			"\"code\":\"order\",\"message\":\"gap\",\"retry\":true,\"expect\":57}");
	core_sees(st, "nack " ID " order 1 -1 57 gap\n");
	send.ttl = -1;
	driver_native.send(st->link, &send);
	until(st, &st->heard, "\"op\":\"send\"");
}

static void
errors_go_to_whom_they_concern(void **state)
{
	struct driver_room room = { .act = "direct", .conv = "", .name = "", .topic = "",
		.user = "bob", .role = "" };
	struct stage *st = *state;
	char frame[128];

	connect_link(st);
	server_says(st, "{\"op\":\"error\",\"re\":7,\"code\":\"trimmed\",\"message\":\"m\"}");
	core_sees(st, "error 7 trimmed\n");
	driver_native.room(st->link, TAG_ASIDE + 3, &room);
	server_hears(st, "\"do\":\"direct\"");
	snprintf(frame, sizeof frame, "{\"op\":\"error\",\"re\":%lld,\"code\":\"not_found\","
			"\"message\":\"m\"}", (long long)(TAG_ASIDE + 3));
	server_says(st, frame);
	core_sees(st, "refused 3 not_found\n");
}

static void
what_is_not_kept_passes_by_and_counts_as_life(void **state)
{
	struct stage *st = *state;

	connect_link(st);
	server_says(st, "{\"op\":\"typing\",\"conv\":\"c_1\",\"ttl\":6000,\"from\":\"bob\"}");
	core_sees(st, "alive 0\ntyping c_1 bob 6000\n");
	server_says(st, "{\"op\":\"presence\",\"from\":\"bob\",\"state\":\"away\",\"ttl\":60000}");
	core_sees(st, "presence bob away\n");
	server_says(st, "{\"op\":\"delta\",\"conv\":\"c_1\",\"stream\":\"st_1\","
			"\"channel\":\"text\",\"off\":3,\"text\":\"abc\",\"from\":\"bob\"}");
	until(st, &st->seen, "delta st_1 3 abc\n");
	assert_null(strstr(buf_str(&st->seen), "alive 0"));	/* it counts for credit */
	buf_clear(&st->seen);
	server_says(st, "{\"op\":\"stop\",\"conv\":\"c_1\",\"stream\":\"st_1\",\"from\":\"bob\"}");
	core_sees(st, "stop st_1 bob\n");
	server_says(st, "{\"op\":\"lag\",\"conv\":\"c_1\",\"seq\":5000}");
	core_sees(st, "alive 0\n");
	server_says(st, "{\"op\":\"of_a_later_version\",\"much\":[1,2,{\"a\":3}]}");
	core_sees(st, "alive 0\n");
	server_says(st, "{\"op\":\"pong\",\"x\":4,\"heads\":[[\"c_1\",814,\"e\"]]}");
	core_sees(st, "pong 4 c_1@814\n");
	server_says(st, "{\"op\":\"bye\",\"code\":\"restart\",\"after\":1500}");
	core_sees(st, "bye 1500\n");
}

static void
a_broken_frame_ends_the_connection(void **state)
{
	static const char *const bad[] = { "not json", "[1,2]", "{\"op\":\"events\"}",
		"{\"op\":\"ack\",\"op\":\"ack\"}" };
	struct stage *st = *state;

	for (size_t i = 0; i < countof(bad); i++) {
		connect_link(st);
		server_says(st, bad[i]);
		core_sees(st, "down 4400 ");
		server_hears(st, "gone 4400");
	}
}

static void
a_close_code_comes_up(void **state)
{
	struct stage *st = *state;

	connect_link(st);
	ws_close(st->peer, 4401, "revoked");
	core_sees(st, "down 4401 revoked\n");
}

static void
nobody_there_comes_up_as_a_sentence(void **state)
{
	struct stage *st = *state;
	struct err err = { 0 };
	char url[160];

	driver_native.close(st->link);
	snprintf(url, sizeof url, "unix:%s/none", st->dir);
	open_link(st, url);
	assert_true(driver_native.connect(st->link, NULL, &err));
	until(st, &st->seen, "down 0 ");
	assert_true(st->seen.n > 12);
}

static void
after_hanging_up_nothing_comes_up(void **state)
{
	struct stage *st = *state;

	connect_link(st);
	server_says(st, "{\"op\":\"pong\",\"x\":4,\"heads\":[]}");
	driver_native.hangup(st->link, 1000, "enough");
	server_hears(st, "gone 1000");
	assert_int_equal(st->seen.n, 0);
	connect_link(st);		/* and the same link connects again */
}

static void
addresses_work_with_and_without_the_path(void **state)
{
	struct stage *st = *state;
	struct ws_listen how = { .host = "127.0.0.1", .path = "/v1", .max_message = 65536,
		.ops = &peer_ops, .arg = st };
	struct ws_server *tcp;
	struct err err = { 0 };
	char url[2][160];

	tcp = ws_listen(st->net, &how, &err);
	assert_non_null(tcp);
	snprintf(url[0], sizeof url[0], "ws://127.0.0.1:%d", ws_server_port(tcp));
	snprintf(url[1], sizeof url[1], "ws://127.0.0.1:%d/v1", ws_server_port(tcp));
	for (size_t i = 0; i < 2; i++) {
		driver_native.close(st->link);
		open_link(st, url[i]);
		connect_link(st);
	}
	ws_server_stop(tcp);
}

static void
an_unknown_scheme_names_the_known_ones(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(driver_for(drivers, "gopher://x", &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "wss:"));
	assert_ptr_equal(driver_for(drivers, "ws://127.0.0.1:1/v1", &err), &driver_native);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_greeting_says_who_we_are),
		test(another_version_is_not_spoken),
		test(subscriptions_carry_position_and_marks),
		test(many_subscriptions_are_cut_into_frames_that_fit),
		test(records_come_up_with_their_bytes),
		test(history_is_asked_for_and_comes),
		test(sends_are_answered_by_cid),
		test(errors_go_to_whom_they_concern),
		test(what_is_not_kept_passes_by_and_counts_as_life),
		test(a_broken_frame_ends_the_connection),
		test(a_close_code_comes_up),
		test(nobody_there_comes_up_as_a_sentence),
		test(after_hanging_up_nothing_comes_up),
		test(addresses_work_with_and_without_the_path),
		cmocka_unit_test(an_unknown_scheme_names_the_known_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
