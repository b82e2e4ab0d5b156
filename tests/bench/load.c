/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many cheap WebSocket clients on one epoll (RFC 6455, without the parts that a load does not
 * need). */
#include "bench/load.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct load {
	char *unix_path;
	int port, ep;
	load_message_fn *fn;
	struct load_client **v;
	size_t n, cap;
};

void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("bench: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t
proc_cpu_us(pid_t pid)
{
	char path[300];
	struct dirent *e;
	unsigned long long sum = 0, run;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	d = opendir(path);
	if (!d)
		return 0;
	while ((e = readdir(d))) {
		FILE *f;

		snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", (int)pid, e->d_name);
		f = e->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (f && fscanf(f, "%llu", &run) == 1)
			sum += run;	/* nanoseconds on a processor */
		if (f)
			fclose(f);
	}
	closedir(d);
	return (int64_t)(sum / 1000);
}

int64_t
proc_rss(pid_t pid)
{
	char path[64], line[128];
	long kb, sum = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "Private_Dirty: %ld kB", &kb) == 1 ||
		    sscanf(line, "Private_Clean: %ld kB", &kb) == 1)
			sum += kb;
	fclose(f);
	return (int64_t)sum * 1024;
}

struct load *
load_new(const char *unix_path, int port, load_message_fn *fn)
{
	struct load *l = calloc(1, sizeof *l);

	if (!l)
		die("no memory");
	l->unix_path = unix_path ? strdup(unix_path) : NULL;
	l->port = port;
	l->fn = fn;
	l->ep = epoll_create1(EPOLL_CLOEXEC);
	if (l->ep < 0)
		die("epoll: %s", strerror(errno));
	return l;
}

void
load_free(struct load *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i]->fd >= 0)
			close(l->v[i]->fd);
		free(l->v[i]->in);
		free(l->v[i]);
	}
	close(l->ep);
	free(l->v);
	free(l->unix_path);
	free(l);
}

static int
dial(const struct load *l)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)l->port) };
	int fd, one = 1, rc;

	if (l->unix_path) {
		if (strlen(l->unix_path) >= sizeof un.sun_path)
			die("the socket's path is too long");
		memcpy(un.sun_path, l->unix_path, strlen(l->unix_path) + 1);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		while ((rc = connect(fd, (struct sockaddr *)&un, sizeof un)) < 0 && errno == EAGAIN)
			poll(NULL, 0, 1);
	} else {
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		rc = connect(fd, (struct sockaddr *)&in, sizeof in);
	}
	if (fd < 0 || rc < 0)
		die("connect: %s", strerror(errno));
	return fd;
}

static void
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);

		if (k < 0 && errno == EAGAIN) {
			struct pollfd pf = { .fd = fd, .events = POLLOUT };

			poll(&pf, 1, 1000);
			continue;
		}
		if (k <= 0)
			die("send: %s", strerror(errno));
		p += k;
		n -= (size_t)k;
	}
}

struct load_client *
load_connect(struct load *l)
{
	static const char hello[] = "GET /v1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\n\r\n";
	struct load_client *c = calloc(1, sizeof *c);
	struct epoll_event ev = { .events = EPOLLIN };
	char head[2048];
	size_t n = 0;

	if (!c)
		die("no memory");
	c->load = l;
	c->fd = dial(l);
	write_all(c->fd, hello, sizeof hello - 1);
	while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0) {
		if (n == sizeof head || read(c->fd, head + n, 1) != 1)
			die("no upgrade after %zu bytes: %.*s", n, (int)n, head);
		n++;
	}
	if (n < 12 || memcmp(head + 9, "101", 3) != 0)
		die("not upgraded: %.*s", (int)n, head);
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	c->is_open = true;
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 64;
		l->v = realloc(l->v, l->cap * sizeof *l->v);
		if (!l->v)
			die("no memory");
	}
	c->index = (int)l->n;
	l->v[l->n++] = c;
	ev.data.ptr = c;
	epoll_ctl(l->ep, EPOLL_CTL_ADD, c->fd, &ev);
	return c;
}

void
load_send(struct load_client *c, const char *p, size_t n)
{
	unsigned char head[14] = { 0x81 };
	char out[70 * 1024];
	size_t h;

	if (n < 126) {
		head[1] = (unsigned char)(0x80 | n);
		h = 2;
	} else {
		head[1] = 0x80 | 126;
		head[2] = (unsigned char)(n >> 8);
		head[3] = (unsigned char)n;
		h = 4;
	}
	h += 4;		/* a mask of zeros */
	if (n > 65535)
		die("a message of %zu bytes", n);
	memcpy(out, head, h);
	memcpy(out + h, p, n);
	write_all(c->fd, out, h + n);
}

void
load_sendf(struct load_client *c, const char *fmt, ...)
{
	char text[8192];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof text)
		die("a message that is too long");
	load_send(c, text, (size_t)n);
}

/* Hands over every whole message in c->in and keeps the rest. */
static void
take_messages(struct load_client *c)
{
	size_t at = 0;

	while (c->in_n - at >= 2) {
		const unsigned char *p = (unsigned char *)c->in + at;
		uint64_t n = p[1] & 0x7f;
		size_t h = 2;

		if (n == 126) {
			if (c->in_n - at < 4)
				break;
			n = (uint64_t)p[2] << 8 | p[3];
			h = 4;
		} else if (n == 127) {
			if (c->in_n - at < 10)
				break;
			n = 0;
			for (int i = 2; i < 10; i++)
				n = n << 8 | p[i];
			h = 10;
		}
		if (c->in_n - at < h + n)
			break;
		if ((p[0] & 0x0f) == 8) {
			c->is_gone = true;
		} else if ((p[0] & 0x0f) <= 1) {
			c->messages++;
			c->bytes += n;
			c->load->fn(c, c->in + at + h, n);
		}
		at += h + n;
	}
	memmove(c->in, c->in + at, c->in_n - at);
	c->in_n -= at;
}

static void
serve(struct load_client *c)
{
	for (;;) {
		ssize_t k;

		if (c->in_cap - c->in_n < 32 * 1024) {
			c->in_cap = c->in_n + 64 * 1024;
			c->in = realloc(c->in, c->in_cap);
			if (!c->in)
				die("no memory");
		}
		k = read(c->fd, c->in + c->in_n, c->in_cap - c->in_n);
		if (k < 0 && errno == EAGAIN)
			break;
		if (k <= 0) {
			c->is_gone = true;
			load_close(c);
			return;
		}
		c->in_n += (size_t)k;
		take_messages(c);
	}
	if (c->in_n == 0) {
		free(c->in);
		c->in = NULL;
		c->in_cap = 0;
	}
}

bool
load_wait(struct load *l, bool (*done)(void *arg), void *arg, int ms)
{
	struct epoll_event ev[256];
	int64_t end = now_us() + (int64_t)ms * 1000;

	while (!done(arg)) {
		int n;

		if (now_us() > end)
			return false;
		n = epoll_wait(l->ep, ev, 256, 100);
		for (int i = 0; i < n; i++)
			serve(ev[i].data.ptr);
	}
	return true;
}

size_t
load_count(const struct load *l)
{
	return l->n;
}

struct load_client *
load_at(struct load *l, size_t i)
{
	return l->v[i];
}

void
load_reset(struct load *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->v[i]->messages = l->v[i]->bytes = 0;
}

void
load_close(struct load_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->is_open = false;
}
