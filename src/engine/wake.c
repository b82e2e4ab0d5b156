/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sleep: the kernel cancels a timer on the wall clock when the clock is set, which a resume does;
 * then CLOCK_BOOTTIME has run on and CLOCK_MONOTONIC has not (timerfd_create(2), clock_gettime(2)).
 * Network: rtnetlink(7) tells of addresses and routes. */
#include "engine/wake.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"

#define SLEPT_MS 2000		/* a difference of clocks that is no noise */
#define SETTLE_MS 300

struct wake {
	struct loop *loop;
	int timer_fd, net_fd;
	struct loop_fd *timer, *net;
	struct loop_timer *settle;
	int64_t slept_ms;		/* in all, since the start of the machine */
	void (*woke)(void *arg);
	void *arg;
};

static int64_t
slept(void)
{
	return clock_boot_ms() - clock_mono_ms();
}

static void
on_settle(void *arg)
{
	struct wake *w = arg;

	w->settle = NULL;
	w->woke(w->arg);
}

static void
soon(struct wake *w)
{
	if (!w->settle)
		w->settle = loop_timer_start(w->loop, SETTLE_MS, on_settle, w);
}

static void
arm(struct wake *w)
{
	/* Far away: only its cancellation matters. */
	struct itimerspec far = { .it_value = { .tv_sec = (time_t)1 << 33 } };

	timerfd_settime(w->timer_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL);
}

static void
on_timer(void *arg, int events)
{
	struct wake *w = arg;
	uint64_t n;
	int64_t now = slept();

	(void)events;
	(void)!read(w->timer_fd, &n, sizeof n);
	arm(w);
	if (now - w->slept_ms > SLEPT_MS)
		soon(w);
	w->slept_ms = now;
}

static void
on_net(void *arg, int events)
{
	struct wake *w = arg;
	char chunk[8192];

	(void)events;
	while (recv(w->net_fd, chunk, sizeof chunk, MSG_DONTWAIT) > 0)
		;
	soon(w);
}

static int
netlink(void)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&nl, sizeof nl) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

struct wake *
wake_start(struct loop *loop, void (*woke)(void *arg), void *arg)
{
	struct wake *w = xcalloc(1, sizeof *w);
	struct err err;

	w->loop = loop;
	w->woke = woke;
	w->arg = arg;
	w->slept_ms = slept();
	w->timer_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (w->timer_fd >= 0) {
		arm(w);
		w->timer = loop_fd_start(loop, w->timer_fd, LOOP_READ, on_timer, w, &err);
	}
	w->net_fd = netlink();
	if (w->net_fd >= 0)
		w->net = loop_fd_start(loop, w->net_fd, LOOP_READ, on_net, w, &err);
	return w;
}

void
wake_stop(struct wake *w)
{
	if (!w)
		return;
	loop_fd_stop(w->timer);
	loop_fd_stop(w->net);
	loop_timer_stop(w->settle);
	if (w->timer_fd >= 0)
		close(w->timer_fd);
	if (w->net_fd >= 0)
		close(w->net_fd);
	free(w);
}
