/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who gets in, and what a real server does with bad input. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/client.h"
#include "daemon/raw.h"
#include "daemon/server.h"

struct limits_test { struct server *s; struct world w; char token[64]; };

enum { UNIX, TCP };	/* the listeners */

/* A server on its Unix socket and on loopback, with these options. */
static void
open_server(struct limits_test *t, const char *a, const char *b)
{
	char sock[300];

	t->s = server_new();
	snprintf(sock, sizeof sock, "unix:%s/s", t->s->dir);
	server_start(t->s, "--listen", sock, "--listen", "127.0.0.1:0", "--set", a, "--set", b,
			NULL);
	assert_int_equal(server_admin(t->s, t->token, sizeof t->token, "user", "add", "bob", NULL),
			0);
}

static int
set_up(void **state)
{
	static struct limits_test t;

	open_server(&t, "limits.preauth_seconds=1", "limits.per_user=3");
	world_open(&t.w);
	*state = &t;
	return 0;
}

static int
tear_down(void **state)
{
	struct limits_test *t = *state;

	world_close(&t->w);
	server_free(t->s);
	return 0;
}

#define HELLO "{\"op\":\"hello\",\"i\":1,\"versions\":[1],\"device\":\"d_raw\"}"

static int
end_of(struct limits_test *t, int i, const char *first, const char *second, char *text, size_t n)
{
	const char *texts[] = { first, second };
	int fd = raw_open(t->s, i, "/v1");

	assert_true(fd >= 0);
	raw_send_together(fd, texts, second ? 2 : 1);
	return raw_end(fd, text, n);
}

static void
a_stranger_needs_a_token_that_is_known(void **state)
{
	struct limits_test *t = *state;
	struct client *bob = client_hello(&t->w, t->s->url[TCP], "d_b", t->token);
	char text[500] = "";

	assert_string_equal(client_welcome(bob)->welcome.user, "bob");
	client_free(bob);
	assert_int_equal(end_of(t, TCP, HELLO, NULL, text, sizeof text), 4401);
	assert_non_null(strstr(text, "\"auth\""));
	assert_int_equal(end_of(t, UNIX, "{\"op\":\"hello\",\"i\":1,\"versions\":[1],"
			"\"device\":\"d\",\"auth\":{\"token\":\"wrong\"}}", NULL, text,
			sizeof text), 4401);
	assert_non_null(strstr(text, "\"auth\""));
	assert_int_equal(end_of(t, TCP, "{\"op\":\"hello\",\"i\":1,\"versions\":[1],"
			"\"device\":\"d\",\"auth\":7}", NULL, text, sizeof text), 4401);
}

/* In a process of its own, since it cannot become root again. */
static int
code_for_nobody(struct server *s, const char *hello)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		int fd = setuid(65534) == 0 ? raw_open(s, 0, "/v1") : -1;

		if (fd < 0)
			_exit(9);
		raw_send(fd, RAW_TEXT, hello, strlen(hello));
		_exit(raw_end(fd, NULL, 0) == 4401 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
a_peer_of_another_user_is_not_let_in_without_a_token(void **state)
{
	static struct server *s;	/* within reach of the child that ends in its middle */
	char sock[300];

	(void)state;
	if (geteuid() != 0) {
		print_message("# left out: only root can become somebody else\n");
		return;
	}
	s = server_new();
	assert_int_equal(chmod(s->dir, 0755), 0);
	snprintf(sock, sizeof sock, "unix:%s/open", s->dir);
	server_start(s, "--listen", sock, "--set", "server.unix_mode=0666", NULL);
	assert_int_equal(code_for_nobody(s, HELLO), 0);
	server_free(s);
}

static void
another_version_is_refused(void **state)
{
	struct limits_test *t = *state;
	char text[500] = "";

	assert_int_equal(end_of(t, UNIX, "{\"op\":\"hello\",\"i\":4,\"versions\":[2,3],"
			"\"device\":\"d\"}", NULL, text, sizeof text), 4406);
	assert_non_null(strstr(text, "\"version\""));
	assert_non_null(strstr(text, "\"re\":4"));
}

static void
who_says_nothing_is_closed_after_a_second(void **state)
{
	struct limits_test *t = *state;
	int64_t begin = server_now_ms();

	assert_int_equal(raw_end(raw_open(t->s, TCP, "/v1"), NULL, 0), 4408);
	assert_true(server_now_ms() - begin >= 900);
	/* who does not even upgrade is cut */
	assert_int_equal(raw_end(raw_open(t->s, TCP, NULL), NULL, 0), 0);
}

static void
hello_comes_first_and_once(void **state)
{
	struct limits_test *t = *state;

	assert_int_equal(end_of(t, UNIX, "{\"op\":\"ping\",\"x\":1}", NULL, NULL, 0), 4400);
	assert_int_equal(end_of(t, UNIX, "{\"op\":\"nonsense\"}", NULL, NULL, 0), 4400);
	assert_int_equal(end_of(t, UNIX, HELLO, HELLO, NULL, 0), 4400);
	assert_int_equal(end_of(t, UNIX, HELLO, "{\"op\":\"ping\",\"x\":1}", NULL, 0), 4400);
}

static void
a_hello_of_more_than_four_kib_is_too_large(void **state)
{
	struct limits_test *t = *state;
	char *hello = malloc(6000);
	int fd = raw_open(t->s, TCP, "/v1");

	memset(hello, ' ', 6000);
	memcpy(hello, HELLO, strlen(HELLO));
	raw_send(fd, RAW_TEXT, hello, 6000);
	assert_int_equal(raw_end(fd, NULL, 0), 4413);
	free(hello);
}

static int
open_and_send(struct limits_test *t, int first, const void *p, size_t n)
{
	int fd = raw_open(t->s, UNIX, "/v1");
	char text[2000] = "";

	raw_send(fd, RAW_TEXT, HELLO, strlen(HELLO));
	assert_true(raw_take(fd, text, sizeof text) > 0);
	assert_non_null(strstr(text, "welcome"));
	raw_send(fd, first, p, n);
	return raw_end(fd, NULL, 0);
}

static void
what_is_no_json_closes_with_its_code(void **state)
{
	static const char *const bad[] = {
		"{", "[]", "7", "{\"op\":\"ping\",\"x\":1,\"x\":2}",
		"{\"op\":\"ping\",\"x\":1e400}",
		"{\"op\":\"ping\",\"x\":9223372036854775808}", "{\"a\":\"\\ud800\"}",
		"\xef\xbb\xbf{\"op\":\"ping\",\"x\":1}",
	};
	struct limits_test *t = *state;
	char deep[200];
	char *large = malloc(70000);

	for (size_t i = 0; i < countof(bad); i++)
		if (open_and_send(t, RAW_TEXT, bad[i], strlen(bad[i])) != 4400)
			fail_msg("%s", bad[i]);
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	assert_int_equal(open_and_send(t, RAW_TEXT, deep, 200), 4400);
	assert_int_equal(open_and_send(t, RAW_BINARY, "{}", 2), 4400);
	assert_int_equal(open_and_send(t, RAW_TEXT, "{\"a\":\"\xc0\xaf\"}", 9), 1007);
	memset(large, ' ', 70000);
	assert_int_equal(open_and_send(t, RAW_TEXT, large, 70000), 4413);
	free(large);
}

static void
a_wrong_member_is_answered_and_the_connection_stays(void **state)
{
	static const char *const bad[] = {
		"{\"op\":\"nonsense\",\"i\":5}", "{\"op\":\"sub\",\"i\":5}",
		"{\"op\":\"sub\",\"i\":5,\"subs\":[{\"conv\":7}]}",
		"{\"op\":\"fetch\",\"i\":5,\"conv\":\"c\"}", "{\"op\":\"room\",\"i\":5}",
		"{\"op\":\"room\",\"i\":5,\"do\":\"fly\"}", "{\"i\":5}", "{\"op\":7,\"i\":5}",
		"{\"op\":\"send\",\"i\":5,\"conv\":\"c_1\"}", "{\"op\":\"welcome\",\"i\":5}",
	};
	struct limits_test *t = *state;
	struct client *c = client_hello(&t->w, t->s->url[UNIX], "d_w", "");

	for (size_t i = 0; i < countof(bad); i++) {
		const struct frame *f;

		client_say(c, "%s", bad[i]);
		f = client_answer(c, 5);
		assert_int_equal(f->op, WIRE_ERROR);
		assert_int_equal(f->error.code, CODE_INVALID);
		assert_true(strlen(f->error.message) > 0);
	}
	client_sync(c);
	client_free(c);
}

static void
the_same_device_replaces_its_older_connection(void **state)
{
	struct limits_test *t = *state;
	struct client *one = client_hello(&t->w, t->s->url[TCP], "d_same", t->token);
	struct client *two = client_hello(&t->w, t->s->url[UNIX], "d_same", t->token);

	assert_int_equal(client_gone(one), 4409);
	client_sync(two);
	client_free(one);
	client_free(two);
}

static void
a_user_has_only_so_many_connections(void **state)
{
	struct limits_test *t = *state;
	struct client *c[3], *more;
	char device[16];

	for (int i = 0; i < 3; i++) {
		snprintf(device, sizeof device, "d_%d", i);
		c[i] = client_hello(&t->w, t->s->url[TCP], device, t->token);
	}
	more = client_dial(&t->w, t->s->url[TCP], NULL);
	client_say(more, "{\"op\":\"hello\",\"versions\":[1],\"device\":\"d_3\","
			"\"auth\":{\"token\":\"%s\"}}", t->token);
	assert_int_equal(client_gone(more), 4429);
	client_free(more);
	/* its own device may come back */
	more = client_hello(&t->w, t->s->url[TCP], "d_2", t->token);
	for (int i = 0; i < 3; i++)
		client_free(c[i]);
	client_free(more);
}

static void
an_address_has_only_so_many_strangers(void **state)
{
	struct limits_test own = { 0 };
	int fds[20], refused = 0;

	(void)state;
	open_server(&own, "limits.per_address=16", "limits.preauth_seconds=20");
	for (int i = 0; i < 20; i++) {
		fds[i] = raw_open(own.s, TCP, "/v1");
		refused += fds[i] < 0;
	}
	assert_int_equal(refused, 4);
	/* the strangers go, others may come */
	for (int i = 0; i < 20; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	for (int64_t end = server_now_ms() + DEADLINE_MS; ; ) {
		int fd = raw_open(own.s, TCP, "/v1");

		if (fd >= 0) {
			close(fd);
			break;
		}
		assert_true(server_now_ms() < end);
	}
	server_free(own.s);
}

static void
a_sender_over_tcp_is_rate_limited_and_told_when(void **state)
{
	struct limits_test *t = *state;
	struct client *bob = client_hello(&t->w, t->s->url[TCP], "d_rate", t->token);
	const struct frame *f;
	char conv[80];

	snprintf(conv, sizeof conv, "%s", client_create(bob, "#rate", false));
	for (int i = 1; i <= 20; i++)
		client_post(bob, conv, i, i, "x");
	client_msg(bob, conv, 21, 21, "one too many");
	f = client_answer(bob, 10021);
	assert_int_equal(f->op, WIRE_NACK);
	assert_int_equal(f->nack.code, CODE_RATE);
	assert_true(f->nack.retry);
	assert_in_range(f->nack.after, 1, 10000);
	client_free(bob);
	/* the same user over the Unix socket is not */
	bob = client_hello(&t->w, t->s->url[UNIX], "d_free", t->token);
	for (int i = 1; i <= 40; i++)
		client_post(bob, conv, i, 100 + i, "x");
	client_free(bob);
}

static void
too_many_sends_without_an_answer_are_busy(void **state)
{
	enum { N = 100 };
	static char texts[N][300];
	struct limits_test *t = *state;
	struct client *c = client_hello(&t->w, t->s->url[UNIX], "d_many", "");
	const char *conv = client_create(c, "#many", false), *all[N];
	int fd = raw_open(t->s, UNIX, "/v1"), busy = 0, acks = 0;
	char text[2000];

	raw_send(fd, RAW_TEXT, HELLO, strlen(HELLO));
	assert_true(raw_take(fd, text, sizeof text) > 0);
	for (int i = 0; i < N; i++) {
		snprintf(texts[i], sizeof texts[i], "{\"op\":\"send\",\"conv\":\"%s\",\"cid\":"
				"\"%s\",\"lane\":%d,\"kind\":\"msg\",\"ref\":null,\"body\":"
				"{\"text\":\"x\"}}", conv, client_cid(i), i + 1);
		all[i] = texts[i];
	}
	raw_send_together(fd, all, N);
	for (int i = 0; i < N; i++) {
		assert_true(raw_take(fd, text, sizeof text) > 0);
		acks += strstr(text, "\"ack\"") != NULL;
		if (strstr(text, "\"busy\"")) {
			assert_non_null(strstr(text, "\"retry\":true"));
			busy++;
		}
	}
	assert_in_range(acks, 32, N - 1);
	assert_true(busy > 0);
	close(fd);
	client_free(c);
}

static void
a_body_over_the_limit_is_too_large(void **state)
{
	struct limits_test *t = *state;
	struct client *c = client_hello(&t->w, t->s->url[UNIX], "d_large", "");
	const char *conv = client_create(c, "#large", false);
	static char text[33001];
	const struct frame *f;

	memset(text, 'x', 33000);
	client_msg(c, conv, 1, 1, text);
	f = client_answer(c, 10001);
	assert_int_equal(f->op, WIRE_NACK);
	assert_int_equal(f->nack.code, CODE_TOO_LARGE);
	client_post(c, conv, 2, 2, "small");
	client_free(c);
}

static void
revoking_a_token_closes_within_a_second(void **state)
{
	struct limits_test *t = *state;
	char token[64], out[200];
	struct client *c;
	int64_t begin;

	assert_int_equal(server_admin(t->s, token, sizeof token, "user", "add", "carol", NULL), 0);
	c = client_hello(&t->w, t->s->url[TCP], "d_c", token);
	assert_int_equal(server_admin(t->s, out, sizeof out, "user", "revoke", "carol", NULL), 0);
	begin = server_now_ms();
	assert_int_equal(client_gone(c), 4401);
	assert_true(server_now_ms() - begin < 1000);
	client_free(c);
	c = client_dial(&t->w, t->s->url[TCP], NULL);
	client_say(c, "{\"op\":\"hello\",\"versions\":[1],\"device\":\"d_c\",\"auth\":{\"token\":"
			"\"%s\"}}", token);
	assert_int_equal(client_gone(c), 4401);
	client_free(c);
}

static void
silence_ends_a_connection(void **state)
{
	struct limits_test own = { 0 };
	struct world w;
	struct client *c;

	(void)state;
	open_server(&own, "limits.dead=1", "limits.ping=1");
	world_open(&w);
	c = client_hello(&w, own.s->url[UNIX], "d_dead", "");
	assert_int_equal(client_welcome(c)->welcome.limits.ping, 1);
	assert_int_equal(client_gone(c), 4408);
	client_free(c);
	world_close(&w);
	server_free(own.s);
}

static void
only_one_path_upgrades_and_the_socket_is_private(void **state)
{
	struct limits_test *t = *state;
	struct stat st;

	assert_int_equal(raw_open(t->s, UNIX, "/v2"), -1);
	assert_int_equal(stat(t->s->url[UNIX] + strlen("unix:"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(t->s->data, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stranger_needs_a_token_that_is_known),
		cmocka_unit_test(a_peer_of_another_user_is_not_let_in_without_a_token),
		cmocka_unit_test(another_version_is_refused),
		cmocka_unit_test(who_says_nothing_is_closed_after_a_second),
		cmocka_unit_test(hello_comes_first_and_once),
		cmocka_unit_test(a_hello_of_more_than_four_kib_is_too_large),
		cmocka_unit_test(what_is_no_json_closes_with_its_code),
		cmocka_unit_test(a_wrong_member_is_answered_and_the_connection_stays),
		cmocka_unit_test(the_same_device_replaces_its_older_connection),
		cmocka_unit_test(a_user_has_only_so_many_connections),
		cmocka_unit_test(an_address_has_only_so_many_strangers),
		cmocka_unit_test(a_sender_over_tcp_is_rate_limited_and_told_when),
		cmocka_unit_test(too_many_sends_without_an_answer_are_busy),
		cmocka_unit_test(a_body_over_the_limit_is_too_large),
		cmocka_unit_test(revoking_a_token_closes_within_a_second),
		cmocka_unit_test(silence_ends_a_connection),
		cmocka_unit_test(only_one_path_upgrades_and_the_socket_is_private),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
