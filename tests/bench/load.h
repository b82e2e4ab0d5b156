/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The load side of the benchmarks: many WebSocket clients on raw sockets and one epoll, so cheap
 * that the server under test is what is measured. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct load;

/* One client. payload is the text of one message, borrowed. */
struct load_client {
	struct load *load;
	int fd, index;
	bool is_open, is_gone;
	char *in;		/* bytes not yet a whole message */
	size_t in_n, in_cap;
	uint64_t messages, bytes;	/* received since load_reset */
	uint64_t credited;	/* of bytes, what the server was told */
	void *arg;
};

typedef void load_message_fn(struct load_client *c, const char *p, size_t n);

/* unix_path, or port on 127.0.0.1 when it is NULL. */
struct load *load_new(const char *unix_path, int port, load_message_fn *fn);
void load_free(struct load *l);
/* One more connection, upgraded on /v1; exits with a sentence when it fails. */
struct load_client *load_connect(struct load *l);
/* One text message (blocking; masked with a zero key). */
void load_send(struct load_client *c, const char *p, size_t n);
void load_sendf(struct load_client *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Serves the sockets until done() says so or ms passed; false on time-out. */
bool load_wait(struct load *l, bool (*done)(void *arg), void *arg, int ms);
size_t load_count(const struct load *l);
struct load_client *load_at(struct load *l, size_t i);
void load_reset(struct load *l);
void load_close(struct load_client *c);

/* Of a process: user + system CPU in microseconds; resident private bytes. */
int64_t proc_cpu_us(pid_t pid);
int64_t proc_rss(pid_t pid);
int64_t now_us(void);

void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
