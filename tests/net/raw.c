/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSocket by hand (RFC 6455, section 5.2). */
#include "net/raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEADLINE_MS 20000

static const char GUID[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

static int
loopback_socket(struct sockaddr_in *in, int port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	memset(in, 0, sizeof *in);
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)port);
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd;
}

int
raw_connect(struct fix *f)
{
	struct sockaddr_in in;
	int fd = loopback_socket(&in, ws_server_port(f->server));

	assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof in), 0);
	return fd;
}

int
raw_listen(int *port)
{
	struct sockaddr_in in;
	socklen_t len = sizeof in;
	int fd = loopback_socket(&in, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	*port = ntohs(in.sin_port);
	return fd;
}

/* Turns the loop until fd is ready for events. */
static void
wait_for(struct fix *f, int fd, short events)
{
	int64_t end = loop_now(f->l) + DEADLINE_MS;
	struct pollfd p = { .fd = fd, .events = events };

	while (poll(&p, 1, 0) == 0) {
		loop_once(f->l, true);
		if (loop_now(f->l) > end)
			fail_msg("the deadline has passed");
	}
}

int
raw_accept(struct fix *f, int listen_fd)
{
	int fd;

	wait_for(f, listen_fd, POLLIN);
	fd = accept(listen_fd, NULL, NULL);
	assert_true(fd >= 0);
	return fd;
}

bool
raw_send(struct fix *f, int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t k = send(fd, at, n, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (k < 0 && errno != EAGAIN)
			return false;
		if (k < 0)
			wait_for(f, fd, POLLOUT);
		at += k > 0 ? k : 0;
		n -= k > 0 ? (size_t)k : 0;
		loop_once(f->l, false);
	}
	return true;
}

bool
raw_puts(struct fix *f, int fd, const char *s)
{
	return raw_send(f, fd, s, strlen(s));
}

bool
raw_read(struct fix *f, int fd, void *p, size_t n)
{
	char *at = p;

	while (n > 0) {
		ssize_t k;

		wait_for(f, fd, POLLIN);
		k = recv(fd, at, n, MSG_DONTWAIT);
		if (k <= 0)
			return false;
		at += k;
		n -= (size_t)k;
	}
	return true;
}

void
raw_head(struct fix *f, int fd, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	while (n + 1 < size && raw_read(f, fd, out + n, 1)) {
		out[++n] = '\0';
		if (n >= 4 && strcmp(out + n - 4, "\r\n\r\n") == 0)
			return;
	}
}

size_t
raw_rest(struct fix *f, int fd, char *out, size_t size)
{
	size_t n = 0;
	char c;

	while (raw_read(f, fd, &c, 1)) {
		if (out && n + 1 < size)
			out[n] = c;
		n++;
	}
	if (out)
		out[n < size ? n : size - 1] = '\0';
	return n;
}

void
raw_upgrade(struct fix *f, int fd)
{
	char answer[2048];

	assert_true(raw_puts(f, fd, "GET /v1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
			"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			"Sec-WebSocket-Version: 13\r\n\r\n"));
	raw_head(f, fd, answer, sizeof answer);
	assert_memory_equal(answer, "HTTP/1.1 101 ", 13);
	assert_non_null(strstr(answer, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
}

void
raw_answer(struct fix *f, int fd, const char *extra)
{
	char request[4096], key[128], answer[4096], *at;
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	raw_head(f, fd, request, sizeof request);
	at = strstr(request, "Sec-WebSocket-Key: ");
	assert_non_null(at);
	snprintf(key, sizeof key, "%.24s%s", at + 19, GUID);
	EVP_Digest(key, strlen(key), hash, &n, EVP_sha1(), NULL);
	EVP_EncodeBlock((unsigned char *)key, hash, (int)n);
	snprintf(answer, sizeof answer, "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n"
			"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n%s\r\n", key, extra);
	assert_true(raw_puts(f, fd, answer));
}

bool
raw_frame_send(struct fix *f, int fd, int head, bool is_masked, const void *p, size_t n)
{
	static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	unsigned char *frame = malloc(n + 14);
	const unsigned char *from = p;
	size_t h = 0;
	bool ok;

	assert_non_null(frame);
	frame[h++] = (unsigned char)head;
	if (n < 126) {
		frame[h++] = (unsigned char)(n | (is_masked ? 0x80 : 0));
	} else if (n < 65536) {
		frame[h++] = (unsigned char)(126 | (is_masked ? 0x80 : 0));
		frame[h++] = (unsigned char)(n >> 8);
		frame[h++] = (unsigned char)n;
	} else {
		frame[h++] = (unsigned char)(127 | (is_masked ? 0x80 : 0));
		for (int shift = 56; shift >= 0; shift -= 8)
			frame[h++] = (unsigned char)(n >> shift);
	}
	for (int i = 0; is_masked && i < 4; i++)
		frame[h++] = mask[i];
	for (size_t i = 0; i < n; i++)
		frame[h + i] = is_masked ? from[i] ^ mask[i & 3] : from[i];
	ok = raw_send(f, fd, frame, h + n);
	free(frame);
	return ok;
}

bool
raw_frame_read(struct fix *f, int fd, struct raw_frame *frame)
{
	unsigned char b[8], mask[4] = {0};
	uint64_t n;
	int more;

	if (!raw_read(f, fd, b, 2))
		return false;
	frame->head = b[0];
	frame->is_masked = b[1] & 0x80;
	n = b[1] & 0x7f;
	more = n == 126 ? 2 : n == 127 ? 8 : 0;
	if (more && !raw_read(f, fd, b, (size_t)more))
		return false;
	if (more)
		n = 0;
	for (int i = 0; i < more; i++)
		n = n << 8 | b[i];
	if (frame->is_masked && !raw_read(f, fd, mask, 4))
		return false;
	frame->n = n;
	frame->payload = malloc(n + 1);
	assert_non_null(frame->payload);
	frame->payload[n] = '\0';
	if (!raw_read(f, fd, frame->payload, n)) {
		free(frame->payload);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		frame->payload[i] ^= (char)mask[i & 3];
	return true;
}

int
raw_close_code(struct fix *f, int fd)
{
	struct raw_frame frame;
	int code = 0;

	while (code == 0 && raw_frame_read(f, fd, &frame)) {
		const unsigned char *p = (const unsigned char *)frame.payload;

		if (frame.head == (RAW_FIN | RAW_CLOSE) && frame.n >= 2)
			code = p[0] << 8 | p[1];
		free(frame.payload);
	}
	return code;
}
