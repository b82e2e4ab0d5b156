/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A WebSocket client without manners (RFC 6455). */
#include "daemon/raw.h"

#include "test.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/server.h"

static size_t
receive(int fd, void *p, size_t n)
{
	struct pollfd pf = { .fd = fd, .events = POLLIN };
	ssize_t k;

	if (poll(&pf, 1, DEADLINE_MS) != 1)
		fail_msg("the server neither answers nor closes");
	k = recv(fd, p, n, 0);
	return k > 0 ? (size_t)k : 0;
}

int
raw_open(struct server *s, int i, const char *path)
{
	int fd = server_dial(s, i), n;
	char text[2048];
	size_t got = 0;

	if (!path)
		return fd;
	n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket"
			"\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			"Sec-WebSocket-Version: 13\r\n\r\n", path);
	if (send(fd, text, (size_t)n, MSG_NOSIGNAL) == n)
		while (got < sizeof text - 1 && receive(fd, text + got, 1) == 1) {
			text[++got] = '\0';
			if (got > 4 && strcmp(text + got - 4, "\r\n\r\n") == 0)
				break;
		}
	if (got > 12 && memcmp(text + 9, "101", 3) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Appends one frame with a mask of zeros; returns its size. */
static size_t
put_frame(unsigned char *frame, int first, const void *p, size_t n)
{
	size_t h = n < 126 ? 2 : n < 65536 ? 4 : 10;

	frame[0] = (unsigned char)first;
	frame[1] = 0x80 | (n < 126 ? (unsigned char)n : n < 65536 ? 126 : 127);
	for (size_t i = 2; i < h; i++)
		frame[i] = (unsigned char)(n >> 8 * (h - 1 - i));
	memset(frame + h, 0, 4);
	memcpy(frame + h + 4, p, n);
	return h + 4 + n;
}

static void
send_all(int fd, const unsigned char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);

		if (k <= 0)
			break;	/* it closed already: raw_end tells how */
		p += k;
		n -= (size_t)k;
	}
}

void
raw_send(int fd, int first, const void *p, size_t n)
{
	unsigned char *frame = calloc(1, n + 14);

	send_all(fd, frame, put_frame(frame, first, p, n));
	free(frame);
}

void
raw_send_together(int fd, const char *const texts[], size_t n)
{
	size_t size = 0, at = 0;
	unsigned char *frames;

	for (size_t i = 0; i < n; i++)
		size += strlen(texts[i]) + 14;
	frames = calloc(1, size);
	for (size_t i = 0; i < n; i++)
		at += put_frame(frames + at, RAW_TEXT, texts[i], strlen(texts[i]));
	send_all(fd, frames, at);
	free(frames);
}

static bool
receive_all(int fd, unsigned char *p, size_t n)
{
	for (size_t at = 0; at < n;) {
		size_t k = receive(fd, p + at, n - at);

		if (k == 0)
			return false;
		at += k;
	}
	return true;
}

int
raw_take(int fd, char *text, size_t size)
{
	static unsigned char p[300 * 1024];
	unsigned char head[10];
	size_t n;

	if (!receive_all(fd, head, 2))
		return 0;
	n = head[1] & 0x7f;
	if (n == 126 && receive_all(fd, head + 2, 2))
		n = (size_t)head[2] << 8 | head[3];
	else if (n == 127 && receive_all(fd, head + 2, 8))
		n = (size_t)head[7] << 16 | (size_t)head[8] << 8 | head[9];
	assert_true(n < sizeof p);
	if (!receive_all(fd, p, n))
		return 0;
	if (n >= size)
		n = size - 1;
	memcpy(text, p, n);
	text[n] = '\0';
	return head[0];
}

int
raw_end(int fd, char *text, size_t size)
{
	char part[4096];
	int first, code = 0;

	while ((first = raw_take(fd, part, sizeof part)))
		if ((first & 0x0f) == 8)
			code = (unsigned char)part[0] << 8 | (unsigned char)part[1];
		else if ((first & 0x0f) == 1 && text)
			snprintf(text, size, "%s", part);
	close(fd);
	return code;
}
