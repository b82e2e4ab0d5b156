/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both sides of a WebSocket against each other: messages, flow, the end. */
#include "net/fixture.h"

#include <unistd.h>

static void
expect_echo(struct fix *f, const char *text)
{
	int before = f->c.messages;

	f->s.echoes = true;
	assert_true(ws_send(f->c.ws, text, strlen(text)));
	fix_until(f, &f->c.messages, before + 1);
	assert_string_equal(buf_str(&f->c.last), text);
}

static void
messages_go_both_ways(void **state)
{
	struct fix *f = *state;

	fix_open(f);
	expect_echo(f, "hello");
	expect_echo(f, "über 🦉");
	assert_string_equal(ws_peer_addr(f->s.ws), "127.0.0.1");
	assert_string_equal(ws_peer_addr(f->c.ws), "127.0.0.1");
	assert_false(ws_is_tls(f->s.ws));
}

static void
an_empty_message_is_a_message(void **state)
{
	struct fix *f = *state;

	fix_open(f);
	expect_echo(f, "");
}

static void
messages_go_over_ipv6(void **state)
{
	struct fix *f = *state;

	f->how.host = "::1";
	fix_open(f);
	expect_echo(f, "six");
	assert_string_equal(ws_peer_addr(f->s.ws), "::1");
}

static void
localhost_listens_in_both_families_on_one_port(void **state)
{
	struct fix *f = *state;
	char url[64];

	f->how.host = "localhost";
	fix_listen(f);
	snprintf(url, sizeof url, "ws://127.0.0.1:%d", ws_server_port(f->server));
	fix_connect(f, url);
	snprintf(url, sizeof url, "ws://[::1]:%d/v1", ws_server_port(f->server));
	fix_connect(f, url);
	fix_until(f, &f->s.opens, 2);
	fix_until(f, &f->c.opens, 2);
}

static void
the_url_says_where_it_listens(void **state)
{
	struct fix *f = *state;
	char want[64];

	fix_listen(f);
	assert_in_range(ws_server_port(f->server), 1, 65535);
	snprintf(want, sizeof want, "ws://127.0.0.1:%d/v1", ws_server_port(f->server));
	assert_string_equal(ws_server_url(f->server), want);
}

static void
a_large_message_arrives_whole(void **state)
{
	struct fix *f = *state;
	char *big = malloc(262144 + 1);

	memset(big, 'x', 262144);
	fix_open(f);
	buf_add(&f->s.to_write, big, 262144);
	ws_want_write(f->s.ws);
	fix_until(f, &f->c.messages, 1);
	assert_int_equal(f->c.last.n, 262144);
	assert_memory_equal(buf_str(&f->c.last), big, 262144);
	free(big);
}

static void
messages_keep_their_order(void **state)
{
	struct fix *f = *state;
	char text[16];

	fix_open(f);
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof text, "%d", i);
		assert_true(ws_send(f->c.ws, text, strlen(text)));
		fix_until(f, &f->s.messages, i - 9 > 0 ? i - 9 : 0);
	}
	fix_until(f, &f->s.messages, 1000);
	assert_string_equal(buf_str(&f->s.last), "999");
}

static void
writable_comes_once_for_each_asking(void **state)
{
	struct fix *f = *state;

	fix_open(f);
	fix_turn(f, 20);
	assert_int_equal(f->s.writables, 0);
	ws_want_write(f->s.ws);
	ws_want_write(f->s.ws);
	fix_turn(f, 20);
	assert_int_equal(f->s.writables, 1);
	assert_int_equal(f->c.messages, 0);	/* it had nothing to say */
}

static void
the_queue_is_bounded(void **state)
{
	struct fix *f = *state;
	char piece[65536];
	int sent = 0;

	memset(piece, 'y', sizeof piece);
	fix_open(f);
	while (sent < 100 && ws_send(f->s.ws, piece, sizeof piece))
		sent++;
	assert_int_equal(sent, 4);
	fix_until(f, &f->c.messages, 4);
	assert_true(ws_send(f->s.ws, piece, sizeof piece));
}

static void
code_and_reason_reach_the_client(void **state)
{
	struct fix *f = *state;

	fix_open(f);
	assert_true(ws_send(f->s.ws, "last words", 10));
	ws_close(f->s.ws, 4503, "restart");
	assert_false(ws_send(f->s.ws, "more", 4));
	fix_until(f, &f->c.gones, 1);
	fix_until(f, &f->s.gones, 1);
	assert_string_equal(buf_str(&f->c.last), "last words");
	assert_int_equal(f->c.code, 4503);
	assert_string_equal(f->c.reason, "restart");
	assert_int_equal(f->c.err.kind, ERR_NONE);
	assert_int_equal(f->s.code, 4503);
}

static void
code_and_reason_reach_the_server(void **state)
{
	struct fix *f = *state;

	fix_open(f);
	ws_close(f->c.ws, 4409, "replaced");
	fix_until(f, &f->s.gones, 1);
	fix_until(f, &f->c.gones, 1);
	assert_int_equal(f->s.code, 4409);
	assert_string_equal(f->s.reason, "replaced");
}

static void
a_long_reason_is_cut_between_characters(void **state)
{
	struct fix *f = *state;
	char reason[200];
	size_t n = (size_t)snprintf(reason, sizeof reason, "ab");

	for (int i = 0; i < 80; i++)
		n += (size_t)snprintf(reason + n, sizeof reason - n, "é");
	fix_open(f);
	ws_close(f->s.ws, 4400, reason);
	fix_until(f, &f->c.gones, 1);
	assert_int_equal(f->c.code, 4400);
	assert_int_equal(strlen(f->c.reason), 122);
}

static void
an_aborted_connection_is_cut(void **state)
{
	struct fix *f = *state;

	fix_open(f);
	ws_abort(f->s.ws);
	assert_int_equal(f->s.gones, 0);	/* later, never from inside */
	fix_until(f, &f->s.gones, 1);
	fix_until(f, &f->c.gones, 1);
	assert_int_equal(f->c.code, 1006);
	assert_int_equal(f->c.err.kind, ERR_NETWORK);
}

static void
too_large_a_message_closes_with_4413(void **state)
{
	struct fix *f = *state;
	char *big = calloc(1, 70000);

	memset(big, 'z', 70000);
	fix_open(f);
	assert_true(ws_send(f->c.ws, big, 65536));
	fix_until(f, &f->s.messages, 1);
	assert_true(ws_send(f->c.ws, big, 65537));
	fix_until(f, &f->c.gones, 1);
	assert_int_equal(f->c.code, 4413);
	assert_non_null(strstr(f->c.reason, "65536"));
	assert_int_equal(f->s.messages, 1);
	free(big);
}

static void
the_cap_can_be_changed(void **state)
{
	struct fix *f = *state;

	fix_open(f);
	ws_set_max(f->s.ws, 10);
	assert_true(ws_send(f->c.ws, "0123456789", 10));
	fix_until(f, &f->s.messages, 1);
	assert_true(ws_send(f->c.ws, "0123456789a", 11));
	fix_until(f, &f->c.gones, 1);
	assert_int_equal(f->c.code, 4413);
}

static void
the_client_has_a_cap_too(void **state)
{
	struct fix *f = *state;

	fix_open(f);
	ws_set_max(f->c.ws, 10);
	assert_true(ws_send(f->s.ws, "0123456789a", 11));
	fix_until(f, &f->s.gones, 1);
	assert_int_equal(f->s.code, 4413);
}

static void
a_stopped_server_ends_its_connections(void **state)
{
	struct fix *f = *state;

	fix_open(f);
	ws_server_stop(f->server);
	f->server = NULL;
	fix_until(f, &f->s.gones, 1);
	fix_until(f, &f->c.gones, 1);
}

static void
the_network_ends_with_everything_open(void **state)
{
	struct fix *f = *state;

	fix_open(f);
	fix_connect(f, NULL);		/* on its way */
	fix_connect(f, "unix:/nowhere");
	ws_net_free(f->net);
	f->net = NULL;
	f->server = NULL;
	assert_int_equal(f->s.gones, f->s.opens);
	assert_int_equal(f->c.gones, 3);
}

static void
nothing_is_written_to_standard_error(void **state)
{
	struct fix *f = *state;
	FILE *tmp = tmpfile();
	int saved = dup(2);

	assert_int_equal(dup2(fileno(tmp), 2), 2);
	fix_connect(f, "ws://127.0.0.1:1");
	fix_connect(f, "unix:/nowhere");
	fix_until(f, &f->c.gones, 2);
	fix_open(f);
	ws_close(f->c.ws, 4400, "");
	fix_until(f, &f->s.gones, 1);
	assert_int_equal(dup2(saved, 2), 2);
	close(saved);
	assert_int_equal(lseek(fileno(tmp), 0, SEEK_END), 0);
	fclose(tmp);
}

static void
count_turn(void *arg)
{
	int *turns = arg;

	++*turns;
}

static void
stop_loop(void *arg)
{
	loop_quit(arg);
}

static void
an_idle_connection_wakes_nobody(void **state)
{
	struct fix *f = *state;
	struct loop *l = loop_new(NULL);
	struct ws_net *old = f->net;
	int turns = 0;

	/* A loop without the fixture's tick. */
	ws_net_free(old);
	loop_free(f->l);
	f->l = l;
	f->net = ws_net_new(l, 0, NULL, NULL, NULL);
	fix_open(f);
	fix_turn(f, 200);
	loop_turn_start(l, count_turn, &turns);
	loop_timer_start(l, 2000, stop_loop, l);
	loop_run(l);
	assert_in_range(turns, 1, 4);	/* our own timer, and the loop's end */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIX_TEST(messages_go_both_ways),
		FIX_TEST(an_empty_message_is_a_message),
		FIX_TEST(messages_go_over_ipv6),
		FIX_TEST(localhost_listens_in_both_families_on_one_port),
		FIX_TEST(the_url_says_where_it_listens),
		FIX_TEST(a_large_message_arrives_whole),
		FIX_TEST(messages_keep_their_order),
		FIX_TEST(writable_comes_once_for_each_asking),
		FIX_TEST(the_queue_is_bounded),
		FIX_TEST(code_and_reason_reach_the_client),
		FIX_TEST(code_and_reason_reach_the_server),
		FIX_TEST(a_long_reason_is_cut_between_characters),
		FIX_TEST(an_aborted_connection_is_cut),
		FIX_TEST(too_large_a_message_closes_with_4413),
		FIX_TEST(the_cap_can_be_changed),
		FIX_TEST(the_client_has_a_cap_too),
		FIX_TEST(a_stopped_server_ends_its_connections),
		FIX_TEST(the_network_ends_with_everything_open),
		FIX_TEST(nothing_is_written_to_standard_error),
		FIX_TEST(an_idle_connection_wakes_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
