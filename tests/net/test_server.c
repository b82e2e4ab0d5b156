/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listening side: who is let in, plain HTTP, broken handshakes, Unix sockets. */
#include "net/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UPGRADE "Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

static int
answer_http(void *arg, const char *path, bool is_loopback, struct buf *body,
		const char **content_type)
{
	(void)arg;
	if (strcmp(path, "/health") != 0)
		return 404;
	*content_type = "text/x-test";
	buf_addf(body, "fine %d\n", is_loopback);
	return 200;
}

/* Sends a request on a connection of its own and reads the whole answer. */
static void
request(struct fix *f, const char *text, char *answer, size_t size)
{
	int fd = raw_connect(f);

	assert_true(raw_puts(f, fd, text));
	raw_rest(f, fd, answer, size);
	close(fd);
}

static void
expect_alive(struct fix *f)
{
	int opens = f->s.opens, gones = f->s.gones, fd = raw_connect(f);

	raw_upgrade(f, fd);
	fix_until(f, &f->s.opens, opens + 1);
	close(fd);
	fix_until(f, &f->s.gones, gones + 1);
}

static void
a_get_is_answered_by_the_hook(void **state)
{
	struct fix *f = *state;
	char answer[2048];

	f->how.http = answer_http;
	fix_listen(f);
	request(f, "GET /health?x=1 HTTP/1.1\r\nHost: x\r\n\r\n", answer, sizeof answer);
	assert_memory_equal(answer, "HTTP/1.1 200 OK\r\n", 17);
	assert_non_null(strstr(answer, "\r\nContent-Type: text/x-test\r\n"));
	assert_non_null(strstr(answer, "\r\nContent-Length: 7\r\n"));
	assert_non_null(strstr(answer, "\r\n\r\nfine 1\n"));
	fix_until(f, &f->drops, 1);
	assert_int_equal(f->s.opens, 0);
	expect_alive(f);
}

static void
other_requests_are_refused(void **state)
{
	struct fix *f = *state;
	char answer[2048];

	fix_listen(f);
	request(f, "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", answer, sizeof answer);
	assert_memory_equal(answer, "HTTP/1.1 404 ", 13);
	request(f, "GET /v1 HTTP/1.1\r\nHost: x\r\n\r\n", answer, sizeof answer);
	assert_memory_equal(answer, "HTTP/1.1 426 ", 13);
	request(f, "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", answer,
			sizeof answer);
	assert_memory_equal(answer, "HTTP/1.1 405 ", 13);
	fix_until(f, &f->drops, 3);
	expect_alive(f);
}

static void
only_the_path_upgrades(void **state)
{
	struct fix *f = *state;
	char answer[2048];

	fix_listen(f);
	request(f, "GET /v2 HTTP/1.1\r\n" UPGRADE, answer, sizeof answer);
	assert_memory_equal(answer, "HTTP/1.1 404 ", 13);
	request(f, "GET /v1/ HTTP/1.1\r\n" UPGRADE, answer, sizeof answer);
	assert_memory_equal(answer, "HTTP/1.1 404 ", 13);
	assert_int_equal(f->s.opens, 0);
	expect_alive(f);
}

static void
no_other_protocol_is_spoken(void **state)
{
	static const char *const requests[] = {
		("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n"
				"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n"),
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\nGET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\n",
	};
	struct fix *f = *state;
	char answer[4096];

	fix_listen(f);
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		request(f, requests[i], answer, sizeof answer);
		assert_null(strstr(answer, "101 "));
	}
	assert_int_equal(f->s.opens, 0);
	expect_alive(f);
}

static void
a_connection_is_never_kept_for_a_second_request(void **state)
{
	struct fix *f = *state;
	char answer[4096];

	/* The second one is where CVE-2025-11677 would use freed memory. */
	f->how.http = answer_http;
	fix_listen(f);
	request(f, "GET /health HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"
			"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\n",
			answer, sizeof answer);
	fix_until(f, &f->drops, 1);
	expect_alive(f);
}

static void
broken_handshakes_do_no_harm(void **state)
{
	static const char *const requests[] = {
		"\r\n\r\n\r\n", "GET\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02",
		"GET http://x/v1 HTTP/1.1\r\n\r\n",
		"GET /v1 HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
		"GET /v1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
		("GET /v1 HTTP/1.1\r\nHost: server\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
				"Sec-WebSocket-Protocol: ,,;\x01\r\n\r\n"),
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nbody",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
	};
	struct fix *f = *state;
	int n = sizeof requests / sizeof *requests;

	fix_listen(f);
	for (int i = 0; i < n; i++) {
		int fd = raw_connect(f);

		raw_puts(f, fd, requests[i]);
		fix_turn(f, 10);
		close(fd);
	}
	fix_until(f, &f->drops, n);
	assert_int_equal(f->s.opens, 0);
	expect_alive(f);
}

static void
a_handshake_cut_anywhere_does_no_harm(void **state)
{
	static const char text[] = "GET /v1 HTTP/1.1\r\n" UPGRADE;
	struct fix *f = *state;

	fix_listen(f);
	for (size_t n = 0; n < sizeof text - 1; n++) {
		int fd = raw_connect(f);

		raw_send(f, fd, text, n);
		close(fd);
	}
	fix_until(f, &f->drops, (int)sizeof text - 1);
	assert_int_equal(f->s.opens, 0);
	expect_alive(f);
}

static void
endless_headers_are_cut_off(void **state)
{
	struct fix *f = *state;
	char line[128];
	int fd, sent = 0;

	fix_listen(f);
	fd = raw_connect(f);
	raw_puts(f, fd, "GET /v1 HTTP/1.1\r\nHost: x\r\n");
	snprintf(line, sizeof line, "Cookie: %0100d\r\n", 0);
	while (sent < 100000 && f->drops == 0 && raw_puts(f, fd, line))
		sent += (int)strlen(line);
	fix_until(f, &f->drops, 1);
	assert_in_range(sent, 1, 20000);
	close(fd);
	expect_alive(f);
}

static void
a_handshake_has_a_time_limit(void **state)
{
	struct fix *f = *state;
	int64_t before;
	int fd;

	f->how.open_ms = 300;
	fix_listen(f);
	fd = raw_connect(f);
	before = loop_now(f->l);
	/* A byte now and then buys no time. */
	for (const char *p = "GET /v1 HTTP/1.1\r\nHost: "; f->drops == 0
			&& loop_now(f->l) - before < 5000; ) {
		raw_send(f, fd, *p ? p++ : "x", 1);
		fix_turn(f, 20);
	}
	assert_in_range(loop_now(f->l) - before, 250, 4500);
	close(fd);
	expect_alive(f);
}

static void
who_is_not_admitted_is_closed_at_once(void **state)
{
	struct fix *f = *state;
	int fd;

	fix_listen(f);
	f->refuses = true;
	fd = raw_connect(f);
	assert_int_equal(raw_rest(f, fd, NULL, 0), 0);
	close(fd);
	assert_int_equal(f->admits, 1);
	assert_int_equal(f->drops, 0);
	f->refuses = false;
	expect_alive(f);
}

static void
every_admission_ends_once(void **state)
{
	struct fix *f = *state;
	int fds[50];

	fix_listen(f);
	for (int i = 0; i < 50; i++) {
		fds[i] = raw_connect(f);
		if (i % 2)
			raw_upgrade(f, fds[i]);
	}
	fix_until(f, &f->s.opens, 25);
	for (int i = 0; i < 50; i++)
		close(fds[i]);
	fix_until(f, &f->drops, 25);
	fix_until(f, &f->s.gones, 25);
	assert_int_equal(f->admits, 50);
}

/* Whose memory and descriptors say nothing about ours. */
static bool
is_valgrind(void)
{
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");
	bool is_there = false;

	while (maps && !is_there && fgets(line, sizeof line, maps))
		is_there = strstr(line, "vgpreload") != NULL;
	if (maps)
		fclose(maps);
	return is_there;
}

static void
without_descriptors_it_waits_for_better_times(void **state)
{
	struct fix *f = *state;
	struct rlimit old, few;
	int spare[256], n = 0, fd;

	if (is_valgrind())
		skip();
	fix_listen(f);
	fd = raw_connect(f);		/* in the backlog, not yet accepted */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = 200;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	while (n < 256 && (spare[n] = dup(0)) >= 0)
		n++;
	fix_turn(f, 50);
	assert_int_equal(f->admits, 0);
	while (n > 0)
		close(spare[--n]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	fix_until(f, &f->admits, 1);
	close(fd);
	fix_until(f, &f->drops, 1);
	expect_alive(f);
}

static void
listen_unix_at(struct fix *f, const char *name)
{
	static char path[400];

	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	f->how.host = NULL;
	f->how.unix_path = path;
}

static void
a_unix_socket_is_ours_alone(void **state)
{
	struct fix *f = *state;
	struct stat st;
	uid_t uid = (uid_t)-1;

	listen_unix_at(f, "sock");
	fix_open(f);
	assert_int_equal(stat(f->how.unix_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(ws_peer_uid(f->s.ws, &uid));
	assert_int_equal(uid, getuid());
	assert_true(ws_peer_uid(f->c.ws, &uid));
	assert_string_equal(ws_peer_addr(f->s.ws), "");
	ws_server_stop(f->server);
	f->server = NULL;
	assert_int_equal(stat(f->how.unix_path, &st), -1);
}

static void
a_unix_socket_may_have_another_mode(void **state)
{
	struct fix *f = *state;
	struct stat st;
	mode_t old = umask(077);

	listen_unix_at(f, "sock");
	f->how.unix_mode = 0666;
	fix_open(f);
	umask(old);
	assert_int_equal(stat(f->how.unix_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0666);
}

static void
a_stale_socket_is_replaced_and_a_live_one_is_not(void **state)
{
	struct fix *f = *state;
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct err err = {0};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	listen_unix_at(f, "sock");
	snprintf(sun.sun_path, sizeof sun.sun_path, "%.100s", f->how.unix_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof sun), 0);
	close(fd);			/* the file stays, and nobody listens */
	fix_open(f);
	assert_null(ws_listen(f->net, &f->how, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, f->how.unix_path));
	assert_true(ws_send(f->c.ws, "still", 5));
	fix_until(f, &f->s.messages, 1);
}

static void
a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct fix *f = *state;
	struct err err = {0};
	struct stat st;

	listen_unix_at(f, "file");
	close(open(f->how.unix_path, O_CREAT | O_WRONLY, 0600));
	assert_null(ws_listen(f->net, &f->how, &err));
	assert_int_equal(stat(f->how.unix_path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void
a_socket_path_may_be_long(void **state)
{
	struct fix *f = *state;
	char name[200], dir[300];

	memset(name, 'd', 150);
	name[150] = '\0';
	snprintf(dir, sizeof dir, "%s/%s", f->dir, name);
	assert_int_equal(mkdir(dir, 0700), 0);
	snprintf(name + 150, sizeof name - 150, "/sock");
	listen_unix_at(f, name);
	fix_open(f);
	assert_true(ws_send(f->c.ws, "far away", 8));
	fix_until(f, &f->s.messages, 1);
}

static void
what_cannot_be_listened_on_is_an_error(void **state)
{
	struct fix *f = *state;
	struct err err = {0};

	f->how.host = "not-a-number.example";
	assert_null(ws_listen(f->net, &f->how, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	f->how.host = "127.0.0.1";
	fix_listen(f);
	f->how.port = ws_server_port(f->server);
	assert_null(ws_listen(f->net, &f->how, &err));
	assert_non_null(strstr(err.msg, "127.0.0.1"));
	listen_unix_at(f, "no/such/folder/sock");
	assert_null(ws_listen(f->net, &f->how, &err));
	assert_non_null(strstr(err.msg, "no/such/folder"));
}

static long
resident_kib(void)
{
	char line[256];
	long kib = 0;
	FILE *status = fopen("/proc/self/status", "r");

	while (status && fgets(line, sizeof line, status))
		if (strncmp(line, "RssAnon:", 8) == 0)
			kib = strtol(line + 8, NULL, 10);
	if (status)
		fclose(status);
	return kib;
}

#if defined(__SANITIZE_ADDRESS__)
#define IS_ASAN true
#else
#define IS_ASAN false
#endif

static void
an_idle_connection_is_small(void **state)
{
	enum { N = 400 };
	struct fix *f = *state;
	int fds[N];
	long before, after;

	fix_listen(f);
	for (int i = 0; i < N / 4; i++) {
		fds[i] = raw_connect(f);
		raw_upgrade(f, fds[i]);
	}
	fix_until(f, &f->s.opens, N / 4);
	before = resident_kib();
	for (int i = N / 4; i < N; i++) {
		fds[i] = raw_connect(f);
		raw_upgrade(f, fds[i]);
	}
	fix_until(f, &f->s.opens, N);
	after = resident_kib();
	print_message("# %ld bytes a connection\n", (after - before) * 1024 / (N - N / 4));
	if (!IS_ASAN && !is_valgrind())
		assert_in_range((after - before) * 1024 / (N - N / 4), 0, 6144);
	for (int i = 0; i < N; i++)
		close(fds[i]);
	fix_until(f, &f->s.gones, N);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIX_TEST(an_idle_connection_is_small),
		FIX_TEST(a_get_is_answered_by_the_hook),
		FIX_TEST(other_requests_are_refused),
		FIX_TEST(only_the_path_upgrades),
		FIX_TEST(no_other_protocol_is_spoken),
		FIX_TEST(a_connection_is_never_kept_for_a_second_request),
		FIX_TEST(broken_handshakes_do_no_harm),
		FIX_TEST(a_handshake_cut_anywhere_does_no_harm),
		FIX_TEST(endless_headers_are_cut_off),
		FIX_TEST(a_handshake_has_a_time_limit),
		FIX_TEST(who_is_not_admitted_is_closed_at_once),
		FIX_TEST(every_admission_ends_once),
		FIX_TEST(without_descriptors_it_waits_for_better_times),
		FIX_TEST(a_unix_socket_is_ours_alone),
		FIX_TEST(a_unix_socket_may_have_another_mode),
		FIX_TEST(a_stale_socket_is_replaced_and_a_live_one_is_not),
		FIX_TEST(a_file_that_is_no_socket_is_left_alone),
		FIX_TEST(a_socket_path_may_be_long),
		FIX_TEST(what_cannot_be_listened_on_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
