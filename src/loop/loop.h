/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When code runs: timers, descriptors, signals, children, name look-ups, work on threads. Every
 * start gives a handle; after its _stop the callback never runs. Callbacks run one after the
 * other on the loop's thread and may stop any handle, their own too. A handle whose callback ran
 * for the last time (a one-shot) is gone; stop it only before. loop_uv.c is the real one;
 * loop_fake.c has a clock that tests turn by hand. */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/err.h"

struct loop;
struct loop_timer;
struct loop_fd;
struct loop_signal;
struct loop_child;
struct loop_lookup;
struct loop_work;
struct loop_wake;
struct loop_turn;

struct loop *loop_new(struct err *err);		/* libuv */
struct loop *loop_fake_new(void);
/* Stops what is left, turns until all handles are closed, frees. NULL is fine. */
void loop_free(struct loop *l);

/* Turns until loop_quit, or until there is nothing left to wait for. The fake one jumps to the
 * next timer when nothing else is ready. */
void loop_run(struct loop *l);
/* One turn; waits for something only if wait. Returns whether handles are left. Never from
 * inside a callback. */
bool loop_once(struct loop *l, bool wait);
void loop_quit(struct loop *l);
/* Monotonic milliseconds (the fake clock in tests). */
int64_t loop_now(const struct loop *l);
/* Advances the fake clock and runs what falls due, in order. */
void loop_fake_advance(struct loop *l, int64_t ms);
/* Delivers a signal to the handlers of the fake loop in its next turn; the process gets none. */
void loop_fake_signal(struct loop *l, int signum);
/* What a guest library needs as its foreign loop (uv_loop_t *); NULL for the fake one. */
void *loop_native(struct loop *l);
/* Frees a descriptor watch that a guest has stopped and then forgotten: the one with this data. For
 * libwebsockets 4.1.6, which leaks the watch of every connect that fails. */
void loop_guest_orphan(struct loop *l, const void *data);

/* One-shot after ms (0: next turn). */
struct loop_timer *loop_timer_start(struct loop *l, int64_t ms, void (*fn)(void *arg), void *arg);
/* Repeats every ms until stopped. */
struct loop_timer *loop_timer_repeat(struct loop *l, int64_t ms, void (*fn)(void *arg), void *arg);
void loop_timer_stop(struct loop_timer *t);	/* NULL is fine, for all _stop */

enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_ERROR = 4 };
/* Level-triggered. Works for sockets, pipes and terminals; a regular file is always ready. NULL
 * and err on failure. The descriptor stays the caller's, who stops before closing; its
 * O_NONBLOCK is left as it is. One watch a descriptor. LOOP_ERROR comes together with the events
 * asked for, once: the next read or write tells the reason. Asked for alone, it tells that the
 * other end is gone. */
struct loop_fd *loop_fd_start(struct loop *l, int fd, int events, void (*fn)(void *arg, int events),
		void *arg, struct err *err);
void loop_fd_change(struct loop_fd *f, int events);
void loop_fd_stop(struct loop_fd *f);

struct loop_signal *loop_signal_start(struct loop *l, int signum, void (*fn)(void *arg, int signum),
		void *arg, struct err *err);
void loop_signal_stop(struct loop_signal *s);

/* Runs argv[0] (found in PATH, no shell) in its own session with no controlling terminal. stdin
 * gets input (NULL: /dev/null); stdout is gathered up to max bytes (the rest is read and
 * dropped: too_large), stderr up to 4 KiB. env: NULL keeps ours. After limit_ms (0: none) the
 * process group gets TERM, a second later KILL. done runs once, with the exit status (128 + n
 * for a signal, 124 for the time limit) and the output, which is borrowed; descendants may hold
 * the output a second longer than the child, then their group is killed. Stopping kills the
 * group. NULL and err when it cannot be run. */
struct loop_child_result {
	int status;
	const char *out, *errout;
	size_t out_n, err_n;
	bool too_large;
};
struct loop_child *loop_child_start(struct loop *l, char *const argv[], char *const env[],
		const char *input, size_t input_n, size_t max, int64_t limit_ms,
		void (*done)(void *arg, const struct loop_child_result *r), void *arg,
		struct err *err);
void loop_child_stop(struct loop_child *c);

/* Resolves on a thread of its own; numbers and "localhost" need none. At most 16 addresses,
 * borrowed; n = 0 and err (ERR_NETWORK) on failure. One-shot. Stopping does not wait for the
 * thread. */
struct loop_addr { struct sockaddr_storage ss; socklen_t len; };
struct loop_lookup *loop_lookup_start(struct loop *l, const char *host, int port,
		void (*done)(void *arg, const struct loop_addr *addrs, size_t n,
				const struct err *err), void *arg);
void loop_lookup_stop(struct loop_lookup *k);

/* work(arg) on a pool thread, then done(arg) on the loop. Stopping cannot interrupt work(): it
 * waits for it and skips done(). */
struct loop_work *loop_work_start(struct loop *l, void (*work)(void *arg), void (*done)(void *arg),
		void *arg);
void loop_work_stop(struct loop_work *w);

/* fn(arg) on the loop, soon after any thread called loop_wake_send; calls are merged. */
struct loop_wake *loop_wake_start(struct loop *l, void (*fn)(void *arg), void *arg);
void loop_wake_send(struct loop_wake *w);	/* any thread */
void loop_wake_stop(struct loop_wake *w);

/* fn(arg) at the end of every turn, after the handlers and before the loop sleeps: where events
 * are drained and screens drawn. It must not be used to poll: a turn happens only when something
 * else was due. */
struct loop_turn *loop_turn_start(struct loop *l, void (*fn)(void *arg), void *arg);
void loop_turn_stop(struct loop_turn *t);

#endif
