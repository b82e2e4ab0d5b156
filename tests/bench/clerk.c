/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference of durable sends: a bare epoll loop that upgrades everybody and, each turn, puts
 * the text frames that came into SQLite in one transaction of synchronous=FULL, then acknowledges
 * them. It parses no JSON, knows nobody, and looks nothing up; the rows and tables are those of the
 * ledger's log, in SOCKET.db. clerk SOCKET */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define READ_MAX (64 * 1024)
#define TURN_MAX 64		/* connections served in one turn */
#define ACK "{\"op\":\"ack\",\"re\":1,\"conv\":\"c_0123456789\",\"epoch\":\"k3J9\"," \
	"\"cid\":\"018f0000-0000-7000-8000-000000000001\",\"lane\":1,\"prev\":123456," \
	"\"seq\":123457,\"id\":\"018f0000-0000-7000-8000-000000000002\"," \
	"\"ts\":1793491200123,\"dup\":false}"

struct peer {
	int fd, n;
	int is_open, owed;		/* acks, after the commit */
	unsigned char in[READ_MAX];
	size_t in_n;
};

struct clerk {
	sqlite3 *db;
	sqlite3_stmt *log, *answer;
	int64_t seq;
};

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static void
sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		die(text, sqlite3_errmsg(db));
}

static void
open_log(struct clerk *c, const char *path)
{
	if (sqlite3_open(path, &c->db) != SQLITE_OK)
		die(path, sqlite3_errmsg(c->db));
	sql(c->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
			"CREATE TABLE log(pos INTEGER PRIMARY KEY, id BLOB, kind INTEGER,"
			" sender INTEGER, ts INTEGER, counted INTEGER, target INTEGER, record TEXT);"
			"CREATE TABLE answer(conv INTEGER, sender INTEGER, cid BLOB, seq INTEGER,"
			" hash INTEGER, code INTEGER, why TEXT, PRIMARY KEY(conv, sender, cid))"
			" WITHOUT ROWID");
	if (sqlite3_prepare_v2(c->db, "INSERT INTO log VALUES(?,?,0,?,1793491200123,?,NULL,?)", -1,
				&c->log, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(c->db, "INSERT INTO answer VALUES(1,?,?,?,?,NULL,NULL)", -1,
				&c->answer, NULL) != SQLITE_OK)
		die(path, sqlite3_errmsg(c->db));
}

static void
put(struct clerk *c, const struct peer *p, const unsigned char *text, size_t n)
{
	unsigned char key[16] = { 1 };
	int64_t seq = ++c->seq;

	for (int i = 0; i < 8; i++)
		key[i + 8] = (unsigned char)(seq >> (56 - 8 * i));
	sqlite3_bind_int64(c->log, 1, INT64_C(1) << 36 | seq);
	sqlite3_bind_blob(c->log, 2, key, 16, SQLITE_STATIC);
	sqlite3_bind_int(c->log, 3, p->n);
	sqlite3_bind_int64(c->log, 4, seq);
	sqlite3_bind_text(c->log, 5, (const char *)text, (int)n, SQLITE_STATIC);
	sqlite3_bind_int(c->answer, 1, p->n);
	sqlite3_bind_blob(c->answer, 2, key, 16, SQLITE_STATIC);
	sqlite3_bind_int64(c->answer, 3, seq);
	sqlite3_bind_int64(c->answer, 4, seq * 0x9e3779b9);
	if (sqlite3_step(c->log) != SQLITE_DONE || sqlite3_step(c->answer) != SQLITE_DONE)
		die("insert", sqlite3_errmsg(c->db));
	sqlite3_reset(c->log);
	sqlite3_reset(c->answer);
}

/* Puts all whole frames of p; they have a mask of zeros. */
static void
take(struct clerk *c, struct peer *p)
{
	size_t at = 0;

	while (p->in_n - at >= 8) {
		size_t n = p->in[at + 1] & 0x7f, skip = 6;

		if (n == 126) {
			n = (size_t)p->in[at + 2] << 8 | p->in[at + 3];
			skip = 8;
		}
		if (p->in_n - at < skip + n)
			break;
		if (p->owed == 0 && sqlite3_get_autocommit(c->db))
			sql(c->db, "BEGIN IMMEDIATE");
		put(c, p, p->in + at + skip, n);
		p->owed++;
		at += skip + n;
	}
	memmove(p->in, p->in + at, p->in_n - at);
	p->in_n -= at;
}

static void
readable(struct clerk *c, struct peer *p)
{
	static const char upgrade[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n";
	ssize_t k = read(p->fd, p->in + p->in_n, sizeof p->in - p->in_n);

	if (k < 0 && errno == EAGAIN)
		return;
	if (k <= 0) {
		close(p->fd);
		free(p);
		return;
	}
	if (p->is_open) {
		p->in_n += (size_t)k;
		take(c, p);
	} else if (send(p->fd, upgrade, sizeof upgrade - 1, MSG_NOSIGNAL) > 0) {
		p->is_open = 1;
	}
}

static void
acknowledge(struct peer *p)
{
	static char out[READ_MAX];
	static const char frame[] = "\x81\x7e";
	size_t n = 0;

	while (p->owed > 0) {
		memcpy(out + n, frame, 2);
		out[n + 2] = (sizeof ACK - 1) >> 8;
		out[n + 3] = (char)((sizeof ACK - 1) & 0xff);
		memcpy(out + n + 4, ACK, sizeof ACK - 1);
		n += sizeof ACK + 3;
		if (--p->owed == 0 || n + sizeof ACK + 4 > sizeof out) {
			if (send(p->fd, out, n, MSG_NOSIGNAL) != (ssize_t)n)
				die("send", "the load does not read");
			n = 0;
		}
	}
}

static void
admit(int ep, int listener, int *n)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct epoll_event ev = { .events = EPOLLIN };
	struct peer *p = fd < 0 ? NULL : calloc(1, sizeof *p);

	if (!p)
		return;
	p->fd = fd;
	p->n = ++*n;
	ev.data.ptr = p;
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

/* One turn: what came is read and put, the commit, then the acks. */
static void
turn(struct clerk *c, int ep, int listener, int *peers)
{
	struct epoll_event got[TURN_MAX];
	struct peer *owed[TURN_MAX];
	int n = epoll_wait(ep, got, TURN_MAX, -1), n_owed = 0;

	for (int i = 0; i < n; i++) {
		struct peer *p = got[i].data.ptr;

		if (!p) {
			admit(ep, listener, peers);
			continue;
		}
		/* who hangs up owes nothing, and is freed */
		if (p->is_open && !(got[i].events & (EPOLLHUP | EPOLLERR)))
			owed[n_owed++] = p;
		readable(c, p);
	}
	if (!sqlite3_get_autocommit(c->db))
		sql(c->db, "COMMIT");
	for (int i = 0; i < n_owed; i++)
		acknowledge(owed[i]);
}

int
main(int argc, char **argv)
{
	static struct clerk c;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct epoll_event ev = { .events = EPOLLIN };
	char path[sizeof un.sun_path + 4];
	int listener, ep, peers = 0;

	if (argc != 2 || strlen(argv[1]) >= sizeof un.sun_path)
		return 2;
	snprintf(path, sizeof path, "%s.db", argv[1]);
	open_log(&c, path);
	memcpy(un.sun_path, argv[1], strlen(argv[1]) + 1);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (listener < 0 || ep < 0 || bind(listener, (struct sockaddr *)&un, sizeof un) < 0 ||
	    listen(listener, 64) < 0)
		die(argv[1], strerror(errno));
	epoll_ctl(ep, EPOLL_CTL_ADD, listener, &ev);
	fprintf(stderr, "listening on unix:%s\n", argv[1]);
	for (;;)
		turn(&c, ep, listener, &peers);
}
