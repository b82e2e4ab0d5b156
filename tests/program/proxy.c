/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A proxy that does harm, for tests: stands between a client and stonechatd and treats each
 * connection by a plan (plan.h).
 *
 *   stonechat-proxy LISTEN TARGET [PLAN…]     both unix:PATH or a port of 127.0.0.1 (0: any)
 *
 * Says on standard output `listening on unix:PATH|127.0.0.1:PORT`, then of connection K `K plan
 * PLAN`, `K struck` when its plan did its harm, `K left client|server` when one end of a half-open
 * one gave up, and `K end up BYTES down BYTES`. SIGUSR1 ends all connections. It ends with its
 * parent, on SIGTERM, or after a quarter of an hour. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "program/plan.h"

enum {
	CONNS_MAX = 1024,
	PIPE_BYTES = 64 * 1024,
	RECORD_BYTES = 256 * 1024,	/* of a client, for PLAN_REPLAY */
	REPLAY_MS = 500,		/* how long a replayed connection stays */
	LIFE_S = 900,
};

/* One direction: bytes that were read from one end and wait to be written to the other. */
struct pipe {
	unsigned char buf[PIPE_BYTES];
	size_t n;
	int64_t passed;		/* bytes written, of all */
	int64_t due;		/* not before */
	bool is_over;		/* nothing more will be read */
};

struct conn {
	int number;
	int fd[2];		/* by enum way: who sends that way; -1 closed */
	struct pipe pipe[2];
	struct plan plan;
	unsigned char *record;
	size_t recorded;
	bool is_struck;		/* swallows, or is a late or replayed rest */
	int64_t until;		/* a late or replayed rest ends then; 0 none */
};

struct proxy {
	struct sockaddr_storage listen, target;
	socklen_t listen_n, target_n;
	int fd, signals, numbers;
	struct plans plans;
	uint64_t dice;
	struct conn *conns[CONNS_MAX];
	int n;
	bool is_over;
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
fail(const char *what)
{
	fprintf(stderr, "stonechat-proxy: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- connections ---- */

/* A socket on its way to the server; -1 when nobody listens there. */
static int
dial(const struct proxy *p)
{
	int fd = socket(p->target.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&p->target, p->target_n) != 0 &&
			errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct conn *
conn_new(struct proxy *p, int client, int server)
{
	struct conn *c = p->n < CONNS_MAX ? malloc(sizeof *c) : NULL;

	if (!c) {
		close(client);
		close(server);
		return NULL;
	}
	memset(c, 0, offsetof(struct conn, pipe));
	for (int way = 0; way < 2; way++)
		memset(&c->pipe[way].n, 0, sizeof c->pipe[way] - offsetof(struct pipe, n));
	memset(&c->plan, 0, sizeof *c - offsetof(struct conn, plan));
	c->number = ++p->numbers;
	c->fd[WAY_UP] = client;
	c->fd[WAY_DOWN] = server;
	p->conns[p->n++] = c;
	return c;
}

static void
hang_up(struct conn *c, enum way end)
{
	if (c->fd[end] >= 0)
		close(c->fd[end]);
	c->fd[end] = -1;
}

static void
strike(struct conn *c)
{
	c->is_struck = true;
	printf("%d struck\n", c->number);
}

/* The same bytes once more, with no client to hear the answers. */
static void
replay(struct proxy *p, const struct conn *of)
{
	int fd = dial(p);
	struct conn *c = fd >= 0 ? conn_new(p, -1, fd) : NULL;

	if (!c)
		return;
	c->record = malloc(of->recorded + 1);
	if (!c->record)
		fail("memory");
	memcpy(c->record, of->record, of->recorded);
	c->recorded = of->recorded;
	c->until = now_ms() + REPLAY_MS;
	c->pipe[WAY_UP].is_over = true;
	strike(c);
}

static void
conn_free(struct proxy *p, int i)
{
	struct conn *c = p->conns[i];

	printf("%d end up %" PRId64 " down %" PRId64 "\n", c->number, c->pipe[WAY_UP].passed,
			c->pipe[WAY_DOWN].passed);
	hang_up(c, WAY_UP);
	hang_up(c, WAY_DOWN);
	p->conns[i] = p->conns[--p->n];
	if (c->plan.kind == PLAN_REPLAY)
		replay(p, c);
	free(c->record);
	free(c);
}

static void
end_both(struct conn *c)
{
	hang_up(c, WAY_UP);
	hang_up(c, WAY_DOWN);
}

/* The point of the plan is reached. */
static void
reach(struct conn *c)
{
	struct pipe *up = &c->pipe[WAY_UP];
	ssize_t n;

	strike(c);
	if (c->plan.kind == PLAN_CUT) {
		end_both(c);
	} else if (c->plan.kind == PLAN_LATE && c->fd[WAY_UP] >= 0) {
		n = read(c->fd[WAY_UP], up->buf + up->n, sizeof up->buf - up->n);
		up->n += n > 0 ? (size_t)n : 0;
		up->is_over = true;
		up->due = now_ms() + c->plan.most;
		hang_up(c, WAY_UP);
	}
}

static bool
has_point(const struct conn *c, enum way way)
{
	return !c->is_struck && ((c->plan.kind == PLAN_LATE && way == WAY_UP) ||
			((c->plan.kind == PLAN_CUT || c->plan.kind == PLAN_SWALLOW) &&
			way == c->plan.way));
}

static void
on_accept(struct proxy *p)
{
	int client = accept4(p->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), server;
	struct conn *c;
	char text[64];

	if (client < 0)
		return;
	server = dial(p);
	if (server < 0) {
		close(client);
		return;
	}
	c = conn_new(p, client, server);
	if (!c)
		return;
	c->plan = plans_next(&p->plans);
	if (c->plan.kind == PLAN_REPLAY && !(c->record = malloc(RECORD_BYTES)))
		fail("memory");
	plan_print(&c->plan, text);
	printf("%d plan %s\n", c->number, text);
	if (has_point(c, c->plan.way) && c->plan.at == 0)
		reach(c);
}

/* ---- bytes ---- */

static void
set_due(struct proxy *p, const struct conn *c, struct pipe *pipe)
{
	if (c->plan.kind == PLAN_DELAY) {
		p->dice = p->dice * 6364136223846793005u + 1442695040888963407u;
		pipe->due = now_ms() + c->plan.at +
			(int64_t)((p->dice >> 33) % (uint64_t)(c->plan.most + 1));
	} else if (c->plan.kind == PLAN_TRICKLE) {
		pipe->due = now_ms() + c->plan.most;
	}
}

static void
keep_record(struct conn *c, const unsigned char *bytes, size_t n)
{
	if (c->plan.kind != PLAN_REPLAY)
		return;
	if (n > RECORD_BYTES - c->recorded)
		n = RECORD_BYTES - c->recorded;
	memcpy(c->record + c->recorded, bytes, n);
	c->recorded += n;
}

/* The one end gave up; the other one does not hear of it. */
static void
leave(struct conn *c, enum way way)
{
	hang_up(c, way);
	printf("%d left %s\n", c->number, way == WAY_UP ? "client" : "server");
}

/* Reads what one end sent; a struck connection drops it. */
static void
on_readable(struct proxy *p, struct conn *c, enum way way)
{
	struct pipe *pipe = &c->pipe[way];
	size_t room = sizeof pipe->buf - pipe->n;
	ssize_t n = room > 0 ? read(c->fd[way], pipe->buf + pipe->n, room) : -1;

	if (n < 0 && (room == 0 || errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		pipe->is_over = true;
		if (c->is_struck)
			leave(c, way);
		return;
	}
	if (c->is_struck)
		return;
	if (way == WAY_UP)
		keep_record(c, pipe->buf + pipe->n, (size_t)n);
	if (pipe->n == 0)
		set_due(p, c, pipe);
	pipe->n += (size_t)n;
}

static size_t
portion(const struct conn *c, enum way way)
{
	const struct pipe *pipe = &c->pipe[way];
	size_t n = pipe->n;

	if (c->plan.kind == PLAN_TRICKLE && n > (size_t)c->plan.at)
		n = (size_t)c->plan.at;
	if (has_point(c, way) && (int64_t)n > c->plan.at - pipe->passed)
		n = (size_t)(c->plan.at - pipe->passed);
	return n;
}

static void
pump(struct proxy *p, struct conn *c, enum way way)
{
	struct pipe *pipe = &c->pipe[way];
	enum way other = way == WAY_UP ? WAY_DOWN : WAY_UP;
	ssize_t n;

	if (pipe->n == 0 || c->fd[other] < 0 || now_ms() < pipe->due)
		return;
	n = send(c->fd[other], pipe->buf, portion(c, way), MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ENOTCONN)
			end_both(c);
		return;
	}
	memmove(pipe->buf, pipe->buf + n, pipe->n - (size_t)n);
	pipe->n -= (size_t)n;
	pipe->passed += n;
	if (pipe->n > 0)
		set_due(p, c, pipe);
	if (has_point(c, way) && pipe->passed == c->plan.at)
		reach(c);
}

/* The recorded bytes, as fast as the server takes them. */
static void
pump_record(struct conn *c)
{
	struct pipe *up = &c->pipe[WAY_UP];
	ssize_t n;

	if (!c->until || c->fd[WAY_DOWN] < 0 || up->passed == (int64_t)c->recorded)
		return;
	n = send(c->fd[WAY_DOWN], c->record + up->passed, c->recorded - (size_t)up->passed,
			MSG_NOSIGNAL);
	if (n > 0)
		up->passed += n;
	else if (errno != EAGAIN && errno != ENOTCONN)
		hang_up(c, WAY_DOWN);
}

/* Is nothing left to do? A half-open connection is open until both ends left by themselves. */
static bool
is_done(const struct conn *c)
{
	const struct pipe *up = &c->pipe[WAY_UP], *down = &c->pipe[WAY_DOWN];

	if (c->fd[WAY_UP] < 0 && c->fd[WAY_DOWN] < 0)
		return true;
	if (c->until)
		return now_ms() >= c->until || c->fd[WAY_DOWN] < 0;
	if (c->is_struck && c->plan.kind == PLAN_LATE)
		return up->n == 0 || c->fd[WAY_DOWN] < 0;
	if (c->is_struck)
		return false;
	return (up->is_over && up->n == 0) || (down->is_over && down->n == 0);
}

static void
serve_conn(struct proxy *p, struct conn *c, const struct pollfd *polled)
{
	for (int way = 0; way < 2; way++)
		if (c->fd[way] >= 0 && polled[way].revents & (POLLIN | POLLHUP | POLLERR))
			on_readable(p, c, way);
	if (c->is_struck && c->plan.kind == PLAN_SWALLOW)
		return;
	pump_record(c);
	pump(p, c, WAY_UP);
	pump(p, c, WAY_DOWN);
}

/* ---- the loop ---- */

/* What to wait for at the end that sends `way`: its bytes, if there is room, and room for what
 * the other one sent. */
static short
wanted(const struct conn *c, enum way way, int64_t now, int64_t *wake)
{
	const struct pipe *in = &c->pipe[way], *out = &c->pipe[way == WAY_UP ? WAY_DOWN : WAY_UP];
	bool drops = c->is_struck && c->plan.kind != PLAN_LATE;
	short events = (in->n < sizeof in->buf && !in->is_over) || drops ? POLLIN : 0;

	if (c->until && way == WAY_DOWN) {
		if (c->until < *wake)
			*wake = c->until;
		if (out->passed < (int64_t)c->recorded)
			events |= POLLOUT;
	}
	if (out->n == 0 || drops)
		return events;
	if (out->due <= now)
		events |= POLLOUT;
	else if (out->due < *wake)
		*wake = out->due;
	return events;
}

static void
on_signal(struct proxy *p)
{
	struct signalfd_siginfo si;

	if (read(p->signals, &si, sizeof si) != (ssize_t)sizeof si)
		return;
	p->is_over = si.ssi_signo != SIGUSR1;
	for (int i = 0; i < p->n; i++)
		end_both(p->conns[i]);
}

static void
turn(struct proxy *p)
{
	static struct pollfd fds[2 + 2 * CONNS_MAX];
	int64_t now = now_ms(), wake = now + 1000;
	int n = p->n;

	fds[0] = (struct pollfd){ p->fd, POLLIN, 0 };
	fds[1] = (struct pollfd){ p->signals, POLLIN, 0 };
	for (int i = 0; i < n; i++)
		for (int way = 0; way < 2; way++)
			fds[2 + 2 * i + way] = (struct pollfd){ p->conns[i]->fd[way],
				wanted(p->conns[i], way, now, &wake), 0 };
	if (poll(fds, (nfds_t)(2 + 2 * n), (int)(wake - now)) < 0 && errno != EINTR)
		fail("poll");
	for (int i = 0; i < n; i++)
		serve_conn(p, p->conns[i], &fds[2 + 2 * i]);
	if (fds[1].revents)
		on_signal(p);
	for (int i = n; i-- > 0;)
		if (is_done(p->conns[i]))
			conn_free(p, i);
	if (fds[0].revents)
		on_accept(p);
	fflush(stdout);
}

/* ---- the start ---- */

static socklen_t
parse_address(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_un *un = (struct sockaddr_un *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	char *end;
	long port;

	memset(ss, 0, sizeof *ss);
	if (strncmp(text, "unix:", 5) == 0 && strlen(text + 5) < sizeof un->sun_path) {
		un->sun_family = AF_UNIX;
		memcpy(un->sun_path, text + 5, strlen(text + 5) + 1);
		return sizeof *un;
	}
	port = strtol(text, &end, 10);
	if (end == text || *end != '\0' || port < 0 || port > 65535) {
		errno = EINVAL;
		fail(text);
	}
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in->sin_port = htons((uint16_t)port);
	return sizeof *in;
}

static void
start_listening(struct proxy *p, const char *text)
{
	struct sockaddr_in in;
	socklen_t n = sizeof in;
	int on = 1;

	p->listen_n = parse_address(text, &p->listen);
	if (p->listen.ss_family == AF_UNIX)
		unlink(text + 5);
	p->fd = socket(p->listen.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0 || setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
			bind(p->fd, (struct sockaddr *)&p->listen, p->listen_n) != 0 ||
			listen(p->fd, 512) != 0)
		fail(text);
	if (p->listen.ss_family == AF_UNIX) {
		printf("listening on %s\n", text);
	} else {
		if (getsockname(p->fd, (struct sockaddr *)&in, &n) != 0)
			fail(text);
		printf("listening on 127.0.0.1:%d\n", ntohs(in.sin_port));
	}
	fflush(stdout);
}

static void
start_signals(struct proxy *p)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGALRM);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (p->signals < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
		fail("signals");
	alarm(LIFE_S);
}

int
main(int argc, char **argv)
{
	static struct proxy p;

	if (argc < 3) {
		fprintf(stderr, "usage: stonechat-proxy LISTEN TARGET [PLAN…]\n");
		return 2;
	}
	for (int i = 3; i < argc; i++) {
		if (!plans_add(&p.plans, argv[i])) {
			fprintf(stderr, "stonechat-proxy: no plan: %s\n", argv[i]);
			return 2;
		}
	}
	p.target_n = parse_address(argv[2], &p.target);
	p.dice = p.plans.dice;
	start_signals(&p);
	start_listening(&p, argv[1]);
	while (!p.is_over)
		turn(&p);
	while (p.n > 0) {
		p.conns[p.n - 1]->plan.kind = PLAN_PASS;
		conn_free(&p, p.n - 1);
	}
	if (p.listen.ss_family == AF_UNIX)
		unlink(((struct sockaddr_un *)&p.listen)->sun_path);
	return 0;
}
