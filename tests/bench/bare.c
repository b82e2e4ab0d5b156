/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference of the server benchmarks: a bare epoll loop that upgrades everybody and relays
 * each client's text frames to all others, with no parsing, no log and no rules. One frame a
 * message when messages come one by one; what came together leaves as one frame. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define READ_MAX (64 * 1024)
#define PEERS_MAX 16384

struct peer {
	int fd, slot;
	int is_open;
	uint64_t sent;		/* of the stream of frames */
};

struct bare {
	int ep, listener;
	struct peer *peer[PEERS_MAX];
	int n;
	char *log;		/* every frame made so far, one after the other */
	size_t log_n, log_cap;
};

static void
put(struct bare *b, const void *p, size_t n)
{
	if (b->log_n + n > b->log_cap) {
		b->log_cap = (b->log_n + n) * 2;
		b->log = realloc(b->log, b->log_cap);
		if (!b->log)
			abort();
	}
	memcpy(b->log + b->log_n, p, n);
	b->log_n += n;
}

static void
flush_peer(struct bare *b, struct peer *p)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = p };

	while (p->sent < b->log_n) {
		ssize_t k = send(p->fd, b->log + p->sent, b->log_n - p->sent, MSG_NOSIGNAL);

		if (k <= 0) {
			ev.events |= EPOLLOUT;
			break;
		}
		p->sent += (uint64_t)k;
	}
	epoll_ctl(b->ep, EPOLL_CTL_MOD, p->fd, &ev);
}

/* Joins the payloads of all whole frames in in[n] into one server frame. */
static void
relay(struct bare *b, const struct peer *from, const unsigned char *in, size_t n)
{
	static char body[READ_MAX + 16];
	unsigned char head[10] = { 0x81 };
	size_t at = 0, len = 0, h;

	while (n - at >= 6) {
		size_t size = in[at + 1] & 0x7f, skip = 6;

		if (size == 126) {
			size = (size_t)in[at + 2] << 8 | in[at + 3];
			skip = 8;
		}
		if (n - at < skip + size)
			break;
		if ((in[at] & 0x0f) == 1) {
			memcpy(body + len, in + at + skip, size);
			len += size;
		}
		at += skip + size;
	}
	if (len == 0)
		return;
	if (len < 126) {
		head[1] = (unsigned char)len;
		h = 2;
	} else if (len < 65536) {
		head[1] = 126;
		head[2] = (unsigned char)(len >> 8);
		head[3] = (unsigned char)len;
		h = 4;
	} else {
		memset(head + 2, 0, 8);
		head[1] = 127;
		head[7] = (unsigned char)(len >> 16);
		head[8] = (unsigned char)(len >> 8);
		head[9] = (unsigned char)len;
		h = 10;
	}
	put(b, head, h);
	put(b, body, len);
	for (int i = 0; i < b->n; i++)
		if (b->peer[i] && b->peer[i] != from && b->peer[i]->is_open)
			flush_peer(b, b->peer[i]);
		else if (b->peer[i] == from)
			b->peer[i]->sent = b->log_n;
}

static void
drop(struct bare *b, struct peer *p)
{
	b->peer[p->slot] = NULL;
	close(p->fd);
	free(p);
}

static void
readable(struct bare *b, struct peer *p)
{
	static const char upgrade[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n";
	static unsigned char in[READ_MAX];
	ssize_t k = read(p->fd, in, sizeof in);

	if (k < 0 && errno == EAGAIN)
		return;
	if (k <= 0) {
		drop(b, p);
		return;
	}
	if (p->is_open) {
		relay(b, p, in, (size_t)k);
		return;
	}
	if (send(p->fd, upgrade, sizeof upgrade - 1, MSG_NOSIGNAL) < 0)
		return;
	p->is_open = 1;
	p->sent = b->log_n;
}

static void
admit(struct bare *b)
{
	int fd = accept4(b->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct epoll_event ev = { .events = EPOLLIN };
	struct peer *p;

	if (fd < 0 || b->n == PEERS_MAX)
		return;
	p = calloc(1, sizeof *p);
	if (!p)
		abort();
	p->fd = fd;
	p->slot = b->n;
	b->peer[b->n++] = p;
	ev.data.ptr = p;
	epoll_ctl(b->ep, EPOLL_CTL_ADD, fd, &ev);
}

int
main(int argc, char **argv)
{
	static struct bare b;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct epoll_event ev = { .events = EPOLLIN }, got[256];
	struct rlimit files;

	if (argc < 2 || strlen(argv[1]) >= sizeof un.sun_path)
		return 2;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max < PEERS_MAX ? files.rlim_max : PEERS_MAX;
	setrlimit(RLIMIT_NOFILE, &files);
	memcpy(un.sun_path, argv[1], strlen(argv[1]) + 1);
	b.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	b.ep = epoll_create1(EPOLL_CLOEXEC);
	if (b.listener < 0 || b.ep < 0 || bind(b.listener, (struct sockaddr *)&un, sizeof un) < 0 ||
	    listen(b.listener, 1024) < 0)
		return 1;
	epoll_ctl(b.ep, EPOLL_CTL_ADD, b.listener, &ev);
	fprintf(stderr, "listening on unix:%s\n", argv[1]);
	for (;;) {
		int n = epoll_wait(b.ep, got, 256, -1);

		for (int i = 0; i < n; i++) {
			struct peer *p = got[i].data.ptr;

			if (!p)
				admit(&b);
			else if (got[i].events & EPOLLOUT)
				flush_peer(&b, p);
			else
				readable(&b, p);
		}
	}
}
