/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connecting side: addresses, look-ups, servers that do not behave, proxies. */
#include "net/raw.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <unistd.h>

#include "net/ws_url.h"

/* Names that were looked up on the thread of the loop: there must be none. */
static pthread_t loop_thread;
static int lookups, lookups_on_loop;

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **res)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	unsigned char number[16];

	lookups++;
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (node && pthread_equal(pthread_self(), loop_thread)
			&& inet_pton(AF_INET, node, number) != 1
			&& inet_pton(AF_INET6, node, number) != 1
			&& !(hints && hints->ai_flags & AI_NUMERICHOST))
		lookups_on_loop++;
	return real(node, service, hints, res);
}

static void
expect_failure(struct fix *f, enum err_kind kind, const char *words)
{
	fix_until(f, &f->c.gones, 1);
	assert_int_equal(f->c.opens, 0);
	assert_int_equal(f->c.code, 0);
	if (f->c.err.kind != kind || !strstr(f->c.err.msg, words))
		fail_msg("%d %s", f->c.err.kind, f->c.err.msg);
}

static void
a_refused_connection_says_so(void **state)
{
	struct fix *f = *state;

	fix_connect(f, "ws://127.0.0.1:1");
	expect_failure(f, ERR_NETWORK, "cannot connect to 127.0.0.1 port 1: Connection refused");
}

static void
a_missing_socket_says_so(void **state)
{
	struct fix *f = *state;

	fix_connect(f, "unix:/no/such/socket");
	expect_failure(f, ERR_NETWORK, "/no/such/socket: No such file");
}

static void
an_unknown_name_says_so(void **state)
{
	struct fix *f = *state;

	lookups_on_loop = 0;
	fix_connect(f, "wss://no-such-name.invalid");
	expect_failure(f, ERR_NETWORK, "no-such-name.invalid");
	assert_int_equal(lookups_on_loop, 0);
}

static void
every_address_is_tried(void **state)
{
	struct fix *f = *state;
	char url[64];

	/* localhost is ::1 and 127.0.0.1, and only one of them listens. */
	lookups = 0;
	for (int i = 0; i < 2; i++) {
		f->how.host = i ? "::1" : "127.0.0.1";
		fix_listen(f);
		snprintf(url, sizeof url, "ws://localhost:%d", ws_server_port(f->server));
		lookups_on_loop = 0;
		fix_connect(f, url);
		fix_until(f, &f->c.opens, i + 1);
		assert_int_equal(lookups_on_loop, 0);
		ws_server_stop(f->server);
		f->server = NULL;
		fix_until(f, &f->c.gones, i + 1);
	}
	assert_true(lookups > 0);	/* or the count above means nothing */
}

static struct ws *
connect_fast(struct fix *f, int port, int64_t timeout_ms)
{
	char url[64];
	struct ws_connect how = { .url = url, .path = "/v1", .max_message = 1000,
			.timeout_ms = timeout_ms, .ops = &fix_client_ops, .arg = f };
	struct ws *ws;

	snprintf(url, sizeof url, "ws://127.0.0.1:%d", port);
	ws = ws_connect(f->net, &how, NULL);
	assert_non_null(ws);
	return ws;
}

static void
silence_has_a_limit(void **state)
{
	struct fix *f = *state;
	int port, lfd = raw_listen(&port);

	connect_fast(f, port, 200);
	expect_failure(f, ERR_NETWORK, "no answer from 127.0.0.1");
	close(lfd);
}

/* A server that answers the request with this and closes. */
static void
answer_with(struct fix *f, const char *answer)
{
	char request[4096];
	int port, lfd = raw_listen(&port), fd;

	connect_fast(f, port, 0);
	fd = raw_accept(f, lfd);
	close(lfd);
	raw_head(f, fd, request, sizeof request);
	assert_memory_equal(request, "GET /v1 HTTP/1.1\r\n", 18);
	assert_non_null(strstr(request, "\r\nSec-WebSocket-Protocol: stonechat\r\n"));
	assert_null(strcasestr(request, "Sec-WebSocket-Extensions"));
	raw_puts(f, fd, answer);
	close(fd);
}

static void
a_redirect_is_not_followed(void **state)
{
	struct fix *f = *state;

	answer_with(f,
			"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
	expect_failure(f, ERR_NETWORK, "HTTP status 302");
}

static void
a_web_server_is_no_chat_server(void **state)
{
	struct fix *f = *state;

	answer_with(f, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
	expect_failure(f, ERR_NETWORK, "HTTP status 404");
}

static void
unauthorised_is_a_matter_of_authentication(void **state)
{
	struct fix *f = *state;

	answer_with(f, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
	expect_failure(f, ERR_AUTH, "HTTP status 401");
}

static void
a_wrong_accept_is_refused(void **state)
{
	struct fix *f = *state;

	answer_with(f, "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n");
	expect_failure(f, ERR_NETWORK, "does not speak WebSocket properly");
}

static void
a_server_that_hangs_up_is_an_error(void **state)
{
	struct fix *f = *state;

	answer_with(f, "");
	expect_failure(f, ERR_NETWORK, "127.0.0.1");
}

static void
junk_is_an_error(void **state)
{
	struct fix *f = *state;

	answer_with(f, "SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n");
	expect_failure(f, ERR_NETWORK, "127.0.0.1");
}

static void
endless_headers_are_refused(void **state)
{
	struct fix *f = *state;
	struct buf answer;

	buf_init(&answer, 200000);
	buf_adds(&answer, "HTTP/1.1 101 Switching\r\n");
	for (int i = 0; i < 1000; i++)
		buf_addf(&answer, "X-Header-%d: %0100d\r\n", i, 0);
	answer_with(f, buf_str(&answer));
	expect_failure(f, ERR_NETWORK, "127.0.0.1");
	buf_done(&answer);
}

static void
an_extension_is_refused(void **state)
{
	struct fix *f = *state;
	int port, lfd = raw_listen(&port), fd;

	connect_fast(f, port, 0);
	fd = raw_accept(f, lfd);
	close(lfd);
	raw_answer(f, fd, "Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate\r\n");
	expect_failure(f, ERR_NETWORK, "EXT");
	close(fd);
}

static void
an_abort_on_the_way_is_silent_but_told(void **state)
{
	struct fix *f = *state;
	int port, lfd = raw_listen(&port);
	struct ws *ws = connect_fast(f, port, 0);

	fix_turn(f, 20);
	ws_abort(ws);
	assert_int_equal(f->c.gones, 0);
	fix_until(f, &f->c.gones, 1);
	assert_int_equal(f->c.err.kind, ERR_NONE);
	close(lfd);
}

static void
many_failures_leave_nothing_behind(void **state)
{
	struct fix *f = *state;

	for (int i = 0; i < 100; i++)
		fix_connect(f, i % 2 ? "unix:/no/such/socket" : "ws://127.0.0.1:1");
	fix_until(f, &f->c.gones, 100);
	/* What a failed connect leaves is checked when the loop is freed. */
}

static void
bad_addresses_are_refused_at_once(void **state)
{
	static const char *const urls[] = {
		"", "http://x", "ws://", "wss://", "wss:///v1", "ws://example.com", "ws://10.0.0.1",
		"ws://127.0.0.1:0", "ws://127.0.0.1:65536", "ws://127.0.0.1:x", "wss://a b",
				"wss://[::1",
		"wss://u:p@host", "wss://host/v1#x", "wss://host/\r\nX: y", "unix:",
				"ws://127.0.0.1.evil.com",
		"ws://localhost.evil.com", "wss://[zz]",
	};
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct ws_connect how = { .url = urls[i], .path = "/v1", .max_message = 1000,
				.ops = &fix_client_ops, .arg = f };
		struct err err = {0};

		if (ws_connect(f->net, &how, &err))
			fail_msg("%s was taken", urls[i]);
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

static void
urls_are_taken_with_and_without_the_path(void **state)
{
	static const struct { const char *url, *host, *path; int port; } cases[] = {
		{ "wss://example.com", "example.com", "/v1", 443 },
		{ "wss://example.com/", "example.com", "/v1", 443 },
		{ "WSS://example.com:8443/v1", "example.com", "/v1", 8443 },
		{ "wss://example.com/chat?x=1", "example.com", "/chat?x=1", 443 },
		{ "wss://example.com?x=1", "example.com", "/?x=1", 443 },
		{ "ws://localhost", "localhost", "/v1", 80 },
		{ "ws://127.9.9.9:1/v1", "127.9.9.9", "/v1", 1 },
		{ "ws://[::1]:4711", "::1", "/v1", 4711 },
		{ "unix:/run/x", "/run/x", "/v1", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ws_url u;

		assert_true(ws_url_parse(&u, cases[i].url, "/v1", NULL));
		assert_string_equal(u.host, cases[i].host);
		assert_string_equal(u.path, cases[i].path);
		assert_int_equal(u.port, cases[i].port);
		ws_url_done(&u);
	}
}

static void
proxies_are_taken_apart(void **state)
{
	char *host, *user;
	int port;

	(void)state;
	assert_true(ws_proxy_parse("http://proxy.example:3128/", &host, &port, &user, NULL));
	assert_string_equal(host, "proxy.example");
	assert_int_equal(port, 3128);
	assert_null(user);
	free(host);
	assert_true(ws_proxy_parse("http://ann:secret@[::1]:8080", &host, &port, &user, NULL));
	assert_string_equal(host, "::1");
	assert_int_equal(port, 8080);
	assert_string_equal(user, "ann:secret");
	free(host);
	free(user);
	assert_false(ws_proxy_parse("socks5://proxy:1080", &host, &port, &user, NULL));
	assert_false(ws_proxy_parse("http://", &host, &port, &user, NULL));
	assert_false(ws_proxy_parse("http://proxy/path", &host, &port, &user, NULL));
}

static void
a_proxy_is_asked_by_name(void **state)
{
	struct fix *f = *state;
	char proxy[64], request[4096];
	int port, lfd = raw_listen(&port), fd;
	struct ws_connect how = { .url = "wss://chat.example", .path = "/v1", .max_message = 1000,
			.proxy = proxy, .ops = &fix_client_ops, .arg = f };

	snprintf(proxy, sizeof proxy, "http://ann:secret@127.0.0.1:%d", port);
	lookups_on_loop = 0;
	assert_non_null(ws_connect(f->net, &how, NULL));
	fd = raw_accept(f, lfd);
	raw_head(f, fd, request, sizeof request);
	assert_memory_equal(request, "CONNECT chat.example:443 HTTP/1.1\r\n", 35);
	assert_non_null(strcasestr(request, "Proxy-authorization: basic YW5uOnNlY3JldA=="));
	raw_puts(f, fd, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
	expect_failure(f, ERR_NETWORK, "proxy");
	assert_int_equal(lookups_on_loop, 0);
	close(fd);
	close(lfd);
}

static void
the_environment_does_not_choose_a_proxy(void **state)
{
	struct fix *f = *state;

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	ws_net_free(f->net);
	f->net = ws_net_new(f->l, 0, NULL, NULL, NULL);
	fix_open(f);
	unsetenv("http_proxy");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIX_TEST(a_refused_connection_says_so),
		FIX_TEST(a_missing_socket_says_so),
		FIX_TEST(an_unknown_name_says_so),
		FIX_TEST(every_address_is_tried),
		FIX_TEST(silence_has_a_limit),
		FIX_TEST(a_redirect_is_not_followed),
		FIX_TEST(a_web_server_is_no_chat_server),
		FIX_TEST(unauthorised_is_a_matter_of_authentication),
		FIX_TEST(a_wrong_accept_is_refused),
		FIX_TEST(a_server_that_hangs_up_is_an_error),
		FIX_TEST(junk_is_an_error),
		FIX_TEST(endless_headers_are_refused),
		FIX_TEST(an_extension_is_refused),
		FIX_TEST(an_abort_on_the_way_is_silent_but_told),
		FIX_TEST(many_failures_leave_nothing_behind),
		FIX_TEST(bad_addresses_are_refused_at_once),
		cmocka_unit_test(urls_are_taken_with_and_without_the_path),
		cmocka_unit_test(proxies_are_taken_apart),
		FIX_TEST(a_proxy_is_asked_by_name),
		FIX_TEST(the_environment_does_not_choose_a_proxy),
	};

	loop_thread = pthread_self();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
