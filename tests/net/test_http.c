/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP requests: what is asked and what is answered, and what is never done. */
#include "net/asked.h"

#include <poll.h>
#include <unistd.h>

#include "net/cert.h"

static void
an_answer_comes_in_order(void **state)
{
	struct asked *a = *state;
	char request[4096];

	asked_start(a, (struct http_request){0});
	asked_serve(a, request, sizeof request);
	assert_memory_equal(request, "GET /path?q=1 HTTP/1.1\r\n", 24);
	assert_null(strcasestr(request, "Accept-Encoding"));
	raw_puts(a->f, a->fd,
			"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Test:  two words \r\n\r\nhello");
	fix_until(a->f, &a->dones, 1);
	assert_int_equal(a->err.kind, ERR_NONE);
	assert_int_equal(a->status, 200);
	assert_string_equal(buf_str(&a->headers), "Content-Length=5\nX-Test=two words\n");
	assert_string_equal(buf_str(&a->body), "hello");
}

static void
a_body_is_posted_with_its_headers(void **state)
{
	struct asked *a = *state;
	const char *headers[] = { "Authorization: Bearer x", "Content-Type: application/json",
			NULL };
	char request[4096], body[8] = "";

	asked_start(a, (struct http_request){ .method = "POST", .headers = headers,
			.body = "{\"a\":1}",
			.body_n = 7 });
	asked_serve(a, request, sizeof request);
	assert_memory_equal(request, "POST /path?q=1 HTTP/1.1\r\n", 25);
	assert_non_null(strstr(request, "\r\nAuthorization: Bearer x\r\n"));
	assert_non_null(strstr(request, "\r\nContent-Length: 7\r\n"));
	assert_null(strcasestr(request, "Expect"));
	assert_true(raw_read(a->f, a->fd, body, 7));
	assert_string_equal(body, "{\"a\":1}");
	raw_puts(a->f, a->fd, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
	fix_until(a->f, &a->dones, 1);
	assert_int_equal(a->status, 201);
	assert_int_equal(a->err.kind, ERR_NONE);
}

static void
any_status_is_an_answer(void **state)
{
	struct asked *a = *state;

	asked_exchange(a, (struct http_request){0},
			"HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\nno");
	assert_int_equal(a->status, 503);
	assert_int_equal(a->err.kind, ERR_NONE);
	assert_string_equal(buf_str(&a->body), "no");
}

static void
interim_answers_are_passed_over(void **state)
{
	struct asked *a = *state;

	asked_exchange(a, (struct http_request){0}, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
			"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny");
	assert_int_equal(a->status, 200);
	assert_string_equal(buf_str(&a->headers), "Content-Length=1\n");
}

static void
a_stream_arrives_piece_by_piece(void **state)
{
	struct asked *a = *state;
	char request[4096];

	asked_start(a, (struct http_request){0});
	asked_serve(a, request, sizeof request);
	raw_puts(a->f, a->fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
	fix_until(a->f, &a->datas, 1);
	assert_string_equal(buf_str(&a->body), "one");
	raw_puts(a->f, a->fd, "3\r\ntwo\r\n");
	fix_until(a->f, &a->datas, 2);
	raw_puts(a->f, a->fd, "0\r\nTrailer: x\r\n\r\n");
	fix_until(a->f, &a->dones, 1);
	assert_int_equal(a->err.kind, ERR_NONE);
	assert_string_equal(buf_str(&a->body), "onetwo");
	assert_null(strstr(buf_str(&a->headers), "Trailer"));
}

static void
a_redirect_is_not_followed(void **state)
{
	struct asked *a = *state;
	struct pollfd second = { .fd = a->listen_fd, .events = POLLIN };
	char answer[256];

	snprintf(answer, sizeof answer,
			"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/other\r\n"
			"Content-Length: 0\r\n\r\n", a->port);
	asked_exchange(a, (struct http_request){0}, answer);
	assert_int_equal(a->status, 302);
	assert_int_equal(a->err.kind, ERR_NONE);
	fix_turn(a->f, 50);
	assert_int_equal(poll(&second, 1, 0), 0);
}

static void
only_the_machine_itself_is_asked_without_tls(void **state)
{
	static const char *const urls[] = {
		"http://example.com/", "http://10.0.0.1/", "http://127.0.0.1.example.com/",
				"file:///etc/passwd",
		"gopher://127.0.0.1/", "scp://127.0.0.1/", "ftp://127.0.0.1/", "127.0.0.1", "",
				"https://",
		"https://ann:secret@example.com/", "http://[::2]/", "http://0.0.0.0/",
	};
	struct asked *a = *state;

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct http_request req = { .url = urls[i], .ops = &asked_ops, .arg = a };
		struct err err = {0};

		if (http_start(a->net, &req, &err))
			fail_msg("%s was taken", urls[i]);
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

static void
a_header_cannot_carry_another(void **state)
{
	static const char *const bad[] = { "X: a\r\nY: b", "X: a\n", "no colon", NULL };
	struct asked *a = *state;

	for (size_t i = 0; bad[i]; i++) {
		const char *headers[] = { bad[i], NULL };
		struct http_request req = { .url = "http://127.0.0.1/", .headers = headers,
				.ops = &asked_ops, .arg = a };
		struct err err = {0};

		assert_null(http_start(a->net, &req, &err));
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

static void
a_stopped_request_is_silent(void **state)
{
	struct asked *a = *state;
	char request[4096];

	asked_start(a, (struct http_request){0});
	http_stop(a->http);		/* before it began */
	fix_turn(a->f, 30);
	asked_start(a, (struct http_request){0});
	asked_serve(a, request, sizeof request);
	http_stop(a->http);		/* while it waits */
	assert_int_equal(raw_rest(a->f, a->fd, NULL, 0), 0);
	asked_hang_up(a);
	asked_start(a, (struct http_request){0});
	asked_serve(a, request, sizeof request);
	a->stops_in_data = true;	/* inside its own callback */
	raw_puts(a->f, a->fd, "HTTP/1.1 200 OK\r\n\r\nhello");
	raw_rest(a->f, a->fd, NULL, 0);
	assert_int_equal(a->datas, 1);
	assert_int_equal(a->dones, 0);
}

static void
connections_are_kept_until_forgotten(void **state)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	struct asked *a = *state;
	char request[4096];
	int first;

	asked_start(a, (struct http_request){0});
	asked_serve(a, request, sizeof request);
	raw_puts(a->f, a->fd, answer);
	fix_until(a->f, &a->dones, 1);
	asked_start(a, (struct http_request){0});
	raw_head(a->f, a->fd, request, sizeof request);	/* on the same one */
	raw_puts(a->f, a->fd, answer);
	fix_until(a->f, &a->dones, 1);
	first = a->fd;
	http_net_forget(a->net);
	assert_int_equal(raw_rest(a->f, first, NULL, 0), 0);	/* closed */
	close(first);
	asked_start(a, (struct http_request){0});
	asked_serve(a, request, sizeof request);
	raw_puts(a->f, a->fd, answer);
	fix_until(a->f, &a->dones, 1);
	assert_int_equal(a->err.kind, ERR_NONE);
}

static void
a_running_request_survives_forgetting(void **state)
{
	struct asked *a = *state;
	char request[4096];

	asked_start(a, (struct http_request){0});
	asked_serve(a, request, sizeof request);
	http_net_forget(a->net);
	fix_turn(a->f, 30);
	raw_puts(a->f, a->fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	fix_until(a->f, &a->dones, 1);
	assert_int_equal(a->err.kind, ERR_NONE);
	assert_string_equal(buf_str(&a->body), "ok");
}

static void
what_runs_ends_with_the_network(void **state)
{
	struct asked *a = *state;
	char request[4096];

	asked_start(a, (struct http_request){0});
	asked_serve(a, request, sizeof request);
	asked_start(a, (struct http_request){ .url = "https://no-such-name.invalid/" });
	http_net_free(a->net);
	a->net = NULL;
	assert_int_equal(a->dones, 0);
}

static int
answer_health(void *arg, const char *path, bool is_loopback, struct buf *body, const char **type)
{
	(void)arg;
	(void)is_loopback;
	(void)type;
	buf_adds(body, "over TLS");
	return strcmp(path, "/health") == 0 ? 200 : 404;
}

/* Asks our own server, whose certificate is valid for the days given and for localhost. */
static void
ask_over_tls(struct asked *a, int from_days, int to_days, bool is_trusted)
{
	char cert[200], key[200], url[64];

	cert_make(a->f->dir, "c", "DNS:localhost", from_days, to_days);
	snprintf(cert, sizeof cert, "%s/c.crt", a->f->dir);
	snprintf(key, sizeof key, "%s/c.key", a->f->dir);
	a->f->how.tls_cert = cert;
	a->f->how.tls_key = key;
	a->f->how.http = answer_health;
	fix_listen(a->f);
	snprintf(url, sizeof url, "https://localhost:%d/health", ws_server_port(a->f->server));
	asked_start(a, (struct http_request){ .url = url, .cafile = is_trusted ? cert : NULL });
	fix_until(a->f, &a->dones, 1);
}

static void
a_trusted_certificate_is_accepted(void **state)
{
	struct asked *a = *state;

	ask_over_tls(a, -1, 10, true);
	assert_int_equal(a->err.kind, ERR_NONE);
	assert_string_equal(buf_str(&a->body), "over TLS");
}

static void
an_unknown_certificate_is_refused(void **state)
{
	struct asked *a = *state;

	ask_over_tls(a, -1, 10, false);
	assert_int_equal(a->err.kind, ERR_NETWORK);
	assert_non_null(strstr(a->err.msg, "self-signed"));
}

static void
an_expired_certificate_is_refused(void **state)
{
	struct asked *a = *state;

	ask_over_tls(a, -10, -1, true);
	assert_int_equal(a->err.kind, ERR_NETWORK);
	assert_non_null(strstr(a->err.msg, "expired"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(an_answer_comes_in_order),
		ASKED_TEST(a_body_is_posted_with_its_headers),
		ASKED_TEST(any_status_is_an_answer),
		ASKED_TEST(interim_answers_are_passed_over),
		ASKED_TEST(a_stream_arrives_piece_by_piece),
		ASKED_TEST(a_redirect_is_not_followed),
		ASKED_TEST(only_the_machine_itself_is_asked_without_tls),
		ASKED_TEST(a_header_cannot_carry_another),
		ASKED_TEST(a_stopped_request_is_silent),
		ASKED_TEST(connections_are_kept_until_forgotten),
		ASKED_TEST(a_running_request_survives_forgetting),
		ASKED_TEST(what_runs_ends_with_the_network),
		ASKED_TEST(a_trusted_certificate_is_accepted),
		ASKED_TEST(an_unknown_certificate_is_refused),
		ASKED_TEST(an_expired_certificate_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
