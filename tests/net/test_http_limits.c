/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP answers that are too large, too slow, cut or none at all. */
#include "net/asked.h"

#include <sys/socket.h>

static void
a_body_has_a_cap(void **state)
{
	struct asked *a = *state;

	asked_exchange(a, (struct http_request){ .max_body = 4 }, "HTTP/1.1 200 OK\r\n\r\nhello");
	assert_int_equal(a->err.kind, ERR_TRUNCATED);
	assert_non_null(strstr(a->err.msg, "too large"));
	assert_int_equal(a->body.n, 0);
}

static void
headers_have_a_cap(void **state)
{
	struct asked *a = *state;
	char request[4096], line[128];
	int sent = 0;

	asked_start(a, (struct http_request){ .max_head = 10000 });
	asked_serve(a, request, sizeof request);
	raw_puts(a->f, a->fd, "HTTP/1.1 200 OK\r\n");
	snprintf(line, sizeof line, "X: %0100d\r\n", 0);
	while (a->dones == 0 && sent < 10000000 && raw_puts(a->f, a->fd, line))
		sent += (int)strlen(line);
	fix_until(a->f, &a->dones, 1);
	assert_int_equal(a->err.kind, ERR_REFUSED);
	assert_int_equal(a->heads, 0);
}

static void
a_cut_stream_is_truncated(void **state)
{
	struct asked *a = *state;

	asked_exchange(a, (struct http_request){0},
			"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
	assert_int_equal(a->err.kind, ERR_TRUNCATED);
	assert_int_equal(a->status, 200);
	assert_string_equal(buf_str(&a->body), "part");
}

static void
a_reset_stream_is_truncated(void **state)
{
	struct asked *a = *state;
	struct linger hard = { .l_onoff = 1 };
	char request[4096];

	asked_start(a, (struct http_request){0});
	asked_serve(a, request, sizeof request);
	raw_puts(a->f, a->fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
	fix_until(a->f, &a->datas, 1);
	setsockopt(a->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
	asked_hang_up(a);
	fix_until(a->f, &a->dones, 1);
	assert_int_equal(a->err.kind, ERR_TRUNCATED);
}

static void
silence_before_an_answer_is_a_network_error(void **state)
{
	struct asked *a = *state;

	asked_exchange(a, (struct http_request){0}, "");
	assert_int_equal(a->err.kind, ERR_NETWORK);
	assert_int_equal(a->status, 0);
	assert_non_null(strstr(a->err.msg, "127.0.0.1"));
	assert_null(strstr(a->err.msg, "q=1"));	/* a query may be a secret */
}

static void
junk_is_a_network_error(void **state)
{
	struct asked *a = *state;

	asked_exchange(a, (struct http_request){0}, "SSH-2.0-OpenSSH\r\n\r\n");
	assert_int_equal(a->err.kind, ERR_NETWORK);
	assert_int_equal(a->status, 0);
}

static void
nobody_there_is_a_network_error(void **state)
{
	struct asked *a = *state;

	asked_start(a, (struct http_request){ .url = "http://127.0.0.1:1/" });
	fix_until(a->f, &a->dones, 1);
	assert_int_equal(a->err.kind, ERR_NETWORK);
	asked_start(a, (struct http_request){ .url = "https://no-such-name.invalid/" });
	fix_until(a->f, &a->dones, 1);
	assert_int_equal(a->err.kind, ERR_NETWORK);
	assert_non_null(strstr(a->err.msg, "no-such-name.invalid"));
}

static void
a_server_that_never_answers_is_left(void **state)
{
	struct asked *a = *state;
	int64_t before = loop_now(a->f->l);
	char request[4096];

	asked_start(a, (struct http_request){ .idle_ms = 200 });
	asked_serve(a, request, sizeof request);
	fix_until(a->f, &a->dones, 1);
	assert_int_equal(a->err.kind, ERR_NETWORK);
	assert_in_range(loop_now(a->f->l) - before, 150, 10000);
}

static void
a_slow_drip_is_left(void **state)
{
	struct asked *a = *state;
	char request[4096];

	/* Two seconds for less than two bytes. */
	asked_start(a, (struct http_request){ .idle_ms = 2000 });
	asked_serve(a, request, sizeof request);
	raw_puts(a->f, a->fd, "HTTP/1.1 200 OK\r\n\r\n");
	for (int i = 0; i < 5 && a->dones == 0; i++) {
		raw_puts(a->f, a->fd, ".");
		fix_turn(a->f, 1500);
	}
	fix_until(a->f, &a->dones, 1);
	assert_int_equal(a->err.kind, ERR_TRUNCATED);
	assert_non_null(strstr(a->err.msg, "byte a second"));
}

static void
the_whole_has_a_limit_if_one_is_set(void **state)
{
	struct asked *a = *state;
	char request[4096];

	asked_start(a, (struct http_request){ .total_ms = 200 });
	asked_serve(a, request, sizeof request);
	raw_puts(a->f, a->fd, "HTTP/1.1 200 OK\r\n\r\n");
	while (a->dones == 0) {
		raw_puts(a->f, a->fd, "lots of bytes");
		fix_turn(a->f, 10);
	}
	assert_int_equal(a->err.kind, ERR_TRUNCATED);
}

static void
data_may_say_stop(void **state)
{
	struct asked *a = *state;

	a->refuses_data = true;
	asked_exchange(a, (struct http_request){0}, "HTTP/1.1 200 OK\r\n\r\nhello");
	assert_int_equal(a->err.kind, ERR_TRUNCATED);
	assert_int_equal(a->datas, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(a_body_has_a_cap),
		ASKED_TEST(headers_have_a_cap),
		ASKED_TEST(a_cut_stream_is_truncated),
		ASKED_TEST(a_reset_stream_is_truncated),
		ASKED_TEST(silence_before_an_answer_is_a_network_error),
		ASKED_TEST(junk_is_a_network_error),
		ASKED_TEST(nobody_there_is_a_network_error),
		ASKED_TEST(a_server_that_never_answers_is_left),
		ASKED_TEST(a_slow_drip_is_left),
		ASKED_TEST(the_whole_has_a_limit_if_one_is_set),
		ASKED_TEST(data_may_say_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
