/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS: what a strict client accepts, what it refuses and how it says so. */
#include "net/raw.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/cert.h"

/* A server with certificate NAME of the fixture's folder. */
static void
listen_with(struct fix *f, const char *name)
{
	static char cert[200], key[200];

	snprintf(cert, sizeof cert, "%s/%s.crt", f->dir, name);
	snprintf(key, sizeof key, "%s/%s.key", f->dir, name);
	f->how.tls_cert = cert;
	f->how.tls_key = key;
	fix_listen(f);
}

/* Connects to that server under host, trusting certificate NAME (NULL: the system's). */
static void
connect_to(struct fix *f, const char *host, const char *trusted)
{
	char url[128], cafile[200];
	struct ws_connect how = { .url = url, .path = "/v1", .max_message = 262144,
			.cafile = trusted ? cafile : NULL, .ops = &fix_client_ops, .arg = f };

	snprintf(url, sizeof url, "wss://%s:%d", host, ws_server_port(f->server));
	snprintf(cafile, sizeof cafile, "%s/%s.crt", f->dir, trusted ? trusted : "");
	assert_non_null(ws_connect(f->net, &how, NULL));
}

static void
expect_refused(struct fix *f, const char *words)
{
	fix_until(f, &f->c.gones, 1);
	assert_int_equal(f->c.opens, 0);
	if (f->c.err.kind != ERR_NETWORK || !strstr(f->c.err.msg, words))
		fail_msg("%d %s", f->c.err.kind, f->c.err.msg);
	assert_int_equal(f->s.opens, 0);
}

static void
a_trusted_certificate_is_accepted(void **state)
{
	struct fix *f = *state;

	cert_make(f->dir, "good", "DNS:localhost", -1, 10);
	listen_with(f, "good");
	assert_memory_equal(ws_server_url(f->server), "wss://127.0.0.1:", 16);
	connect_to(f, "localhost", "good");
	fix_until(f, &f->c.opens, 1);
	fix_until(f, &f->s.opens, 1);
	assert_true(ws_is_tls(f->c.ws));
	assert_true(ws_is_tls(f->s.ws));
	f->s.echoes = true;
	assert_true(ws_send(f->c.ws, "secret", 6));
	fix_until(f, &f->c.messages, 1);
	assert_string_equal(buf_str(&f->c.last), "secret");
}

static void
large_messages_go_through_tls(void **state)
{
	struct fix *f = *state;
	char *big = malloc(262144);

	memset(big, 'T', 262144);
	cert_make(f->dir, "good", "DNS:localhost", -1, 10);
	listen_with(f, "good");
	connect_to(f, "localhost", "good");
	fix_until(f, &f->s.opens, 1);
	buf_add(&f->s.to_write, big, 262144);
	ws_want_write(f->s.ws);
	fix_until(f, &f->c.messages, 1);
	assert_int_equal(f->c.last.n, 262144);
	assert_true(ws_send(f->c.ws, big, 65536));
	fix_until(f, &f->s.messages, 1);
	free(big);
}

static void
numbers_are_compared_too(void **state)
{
	struct fix *f = *state;

	cert_make(f->dir, "good", "IP:127.0.0.1", -1, 10);
	listen_with(f, "good");
	connect_to(f, "127.0.0.1", "good");
	fix_until(f, &f->c.opens, 1);
}

static void
numbers_of_ipv6_are_compared_too(void **state)
{
	struct fix *f = *state;

	f->how.host = "::1";
	cert_make(f->dir, "good", "IP:::1", -1, 10);
	listen_with(f, "good");
	connect_to(f, "[::1]", "good");
	fix_until(f, &f->c.opens, 1);
}

static void
a_wrong_number_of_ipv6_is_refused(void **state)
{
	struct fix *f = *state;

	f->how.host = "::1";
	cert_make(f->dir, "other", "IP:::2,DNS:localhost", -1, 10);
	listen_with(f, "other");
	connect_to(f, "[::1]", "other");
	expect_refused(f, "IP address mismatch");
}

static void
an_unknown_certificate_is_refused(void **state)
{
	struct fix *f = *state;

	cert_make(f->dir, "self", "DNS:localhost", -1, 10);
	listen_with(f, "self");
	connect_to(f, "localhost", NULL);
	expect_refused(f, "self-signed");
}

static void
a_certificate_for_another_name_is_refused(void **state)
{
	struct fix *f = *state;

	cert_make(f->dir, "other", "DNS:chat.example", -1, 10);
	listen_with(f, "other");
	connect_to(f, "localhost", "other");
	expect_refused(f, "ostname mismatch");
}

static void
an_expired_certificate_is_refused(void **state)
{
	struct fix *f = *state;

	cert_make(f->dir, "old", "DNS:localhost", -10, -1);
	listen_with(f, "old");
	connect_to(f, "localhost", "old");
	expect_refused(f, "expired");
}

static void
an_early_certificate_is_refused(void **state)
{
	struct fix *f = *state;

	cert_make(f->dir, "early", "DNS:localhost", 1, 10);
	listen_with(f, "early");
	connect_to(f, "localhost", "early");
	expect_refused(f, "not yet valid");
}

static void
a_missing_cafile_is_named(void **state)
{
	struct fix *f = *state;

	cert_make(f->dir, "good", "DNS:localhost", -1, 10);
	listen_with(f, "good");
	connect_to(f, "localhost", "missing");
	expect_refused(f, "missing.crt");
}

static void
a_server_without_tls_is_refused(void **state)
{
	struct fix *f = *state;

	cert_make(f->dir, "good", "DNS:localhost", -1, 10);
	fix_listen(f);
	connect_to(f, "localhost", "good");
	fix_until(f, &f->c.gones, 1);
	if (f->c.err.kind != ERR_NETWORK || !strstr(f->c.err.msg, "TLS"))
		fail_msg("%d %s", f->c.err.kind, f->c.err.msg);
}

static void
a_bad_certificate_cannot_be_served(void **state)
{
	struct fix *f = *state;
	struct err err = {0};

	f->how.tls_cert = "/no/such/cert.pem";
	f->how.tls_key = "/no/such/key.pem";
	assert_null(ws_listen(f->net, &f->how, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "/no/such/cert.pem"));
	assert_non_null(strstr(err.msg, "No such file"));
}

static void
two_servers_keep_their_certificates(void **state)
{
	struct fix *f = *state;
	struct ws_server *first;

	cert_make(f->dir, "one", "DNS:localhost", -1, 10);
	cert_make(f->dir, "two", "DNS:localhost", -1, 10);
	listen_with(f, "one");
	first = f->server;
	listen_with(f, "two");
	connect_to(f, "localhost", "two");
	fix_until(f, &f->c.opens, 1);
	ws_server_stop(first);
}

/* Moves what there is from one to the other. */
static void
relay(int from, int to)
{
	char piece[4096];
	ssize_t n = recv(from, piece, sizeof piece, MSG_DONTWAIT);

	if (n > 0)
		assert_int_equal(send(to, piece, (size_t)n, MSG_NOSIGNAL), n);
}

static void
a_proxy_carries_tls_to_the_server(void **state)
{
	struct fix *f = *state;
	char proxy[64], cafile[200], request[4096];
	int port, lfd = raw_listen(&port), near, far;
	struct ws_connect how = { .url = "wss://chat.example", .path = "/v1", .max_message = 1000,
			.cafile = cafile, .proxy = proxy, .ops = &fix_client_ops, .arg = f };

	cert_make(f->dir, "good", "DNS:chat.example", -1, 10);
	listen_with(f, "good");
	snprintf(cafile, sizeof cafile, "%s/good.crt", f->dir);
	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", port);
	assert_non_null(ws_connect(f->net, &how, NULL));
	near = raw_accept(f, lfd);
	close(lfd);
	raw_head(f, near, request, sizeof request);
	assert_memory_equal(request, "CONNECT chat.example:443 HTTP/1.1\r\n", 35);
	far = raw_connect(f);
	raw_puts(f, near, "HTTP/1.1 200 Connection established\r\n\r\n");
	for (int i = 0; i < 1000 && f->c.opens == 0 && f->c.gones == 0; i++) {
		relay(near, far);
		relay(far, near);
		loop_once(f->l, true);
	}
	if (f->c.opens == 0)
		fail_msg("%s", f->c.err.msg);
	close(near);
	close(far);
	fix_until(f, &f->c.gones, 1);
}

/* One handshake of an OpenSSL client, on the same thread; true if it succeeds. */
static bool
handshake(struct fix *f, int max_version, const char *alpn, char *chosen, size_t size)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	const unsigned char *got = NULL;
	unsigned got_n = 0;
	int fd = raw_connect(f), rc = 0;
	SSL *ssl;

	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_max_proto_version(ctx, max_version);
	ssl = SSL_new(ctx);
	SSL_set_alpn_protos(ssl, (const unsigned char *)alpn, (unsigned)strlen(alpn));
	SSL_set_fd(ssl, fd);
	BIO_set_nbio(SSL_get_rbio(ssl), 1);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < 2000 && (rc = SSL_connect(ssl)) <= 0; i++) {
		if (SSL_get_error(ssl, rc) != SSL_ERROR_WANT_READ)
			break;
		loop_once(f->l, true);
	}
	SSL_get0_alpn_selected(ssl, &got, &got_n);
	snprintf(chosen, size, "%.*s", (int)got_n, got ? (const char *)got : "");
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
	return rc == 1;
}

static void
old_versions_are_not_spoken(void **state)
{
	struct fix *f = *state;
	char chosen[32];

	cert_make(f->dir, "good", "DNS:localhost", -1, 10);
	listen_with(f, "good");
	assert_false(handshake(f, TLS1_VERSION, "\x08http/1.1", chosen, sizeof chosen));
	assert_false(handshake(f, TLS1_1_VERSION, "\x08http/1.1", chosen, sizeof chosen));
	assert_true(handshake(f, TLS1_2_VERSION, "\x08http/1.1", chosen, sizeof chosen));
	fix_until(f, &f->drops, 3);
}

static void
http_1_1_is_the_only_protocol(void **state)
{
	struct fix *f = *state;
	char chosen[32];

	cert_make(f->dir, "good", "DNS:localhost", -1, 10);
	listen_with(f, "good");
	assert_true(handshake(f, TLS1_3_VERSION, "\x02h2\x08http/1.1", chosen, sizeof chosen));
	assert_string_equal(chosen, "http/1.1");
	handshake(f, TLS1_3_VERSION, "\x02h2", chosen, sizeof chosen);
	assert_string_equal(chosen, "");
	fix_until(f, &f->drops, 2);
}

static void
a_handshake_that_stops_is_dropped(void **state)
{
	struct fix *f = *state;
	int fd;

	cert_make(f->dir, "good", "DNS:localhost", -1, 10);
	f->how.open_ms = 200;
	listen_with(f, "good");
	fd = raw_connect(f);
	raw_send(f, fd, "\x16\x03\x01", 3);
	fix_until(f, &f->drops, 1);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIX_TEST(a_trusted_certificate_is_accepted),
		FIX_TEST(large_messages_go_through_tls),
		FIX_TEST(numbers_are_compared_too),
		FIX_TEST(numbers_of_ipv6_are_compared_too),
		FIX_TEST(a_wrong_number_of_ipv6_is_refused),
		FIX_TEST(an_unknown_certificate_is_refused),
		FIX_TEST(a_certificate_for_another_name_is_refused),
		FIX_TEST(an_expired_certificate_is_refused),
		FIX_TEST(an_early_certificate_is_refused),
		FIX_TEST(a_missing_cafile_is_named),
		FIX_TEST(a_server_without_tls_is_refused),
		FIX_TEST(a_bad_certificate_cannot_be_served),
		FIX_TEST(two_servers_keep_their_certificates),
		FIX_TEST(a_proxy_carries_tls_to_the_server),
		FIX_TEST(old_versions_are_not_spoken),
		FIX_TEST(http_1_1_is_the_only_protocol),
		FIX_TEST(a_handshake_that_stops_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
