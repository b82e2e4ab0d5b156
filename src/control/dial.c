/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way to a connected engine. Many fronts may walk it at once: whoever's engine gets the lock
 * serves them all. */
#include "control/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arr.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/path.h"
#include "control/lock.h"
#include "control/remote.h"
#include "control/sock.h"
#include "control/spawn.h"
#include "loop/loop.h"

#define AGAIN_MS 20		/* between attempts while an engine is coming or going */
#define TRIES_BEFORE_SIGNAL 25	/* lock held, no socket: then it is asked to make the socket anew */
#define TRIES_BEFORE_START 50	/* lock held: then another engine tries to take it */
#define SAY_MAX 512

struct dial {
	struct loop *loop;
	const struct remote_conf *conf;
	bool can_start, is_held, has_signalled;
	int tries;			/* since the lock was found held */
	struct loop_timer *limit, *again;
	int ready_fd;			/* the new engine's word; -1 none */
	struct loop_fd *ready;
	char say[SAY_MAX];
	size_t say_n;
	void (*done)(void *arg, int fd, const struct err *err);
	void *arg;
};

static void attempt(void *arg);

static void
stop_ready(struct dial *d)
{
	loop_fd_stop(d->ready);
	d->ready = NULL;
	if (d->ready_fd >= 0)
		close(d->ready_fd);
	d->ready_fd = -1;
}

void
dial_stop(struct dial *d)
{
	if (!d)
		return;
	stop_ready(d);
	loop_timer_stop(d->limit);
	loop_timer_stop(d->again);
	free(d);
}

static void
finish(struct dial *d, int fd, const struct err *err)
{
	void (*done)(void *, int, const struct err *) = d->done;
	void *arg = d->arg;

	dial_stop(d);
	done(arg, fd, err);
}

static void
again(struct dial *d)
{
	d->again = loop_timer_start(d->loop, AGAIN_MS, attempt, d);
}

static void
on_limit(void *arg)
{
	struct dial *d = arg;
	struct err err;

	d->limit = NULL;
	err_set(&err, ERR_FAIL, d->is_held ?
			_("stonechat-engine holds %s/engine.lock but does not answer") :
			_("stonechat-engine does not come up; its log tells more (data: %s)"),
			d->conf->data);
	finish(d, -1, &err);
}

/* The new engine said "ready", "held" (another one has the lock) or "error KIND SENTENCE". */
static void
heard(struct dial *d)
{
	struct err err;
	char *sentence;
	long kind;

	if (strcmp(d->say, "ready") == 0 || strcmp(d->say, "held") == 0) {
		d->is_held = d->say[0] == 'h';
		d->tries = 0;
		attempt(d);
		return;
	}
	if (strncmp(d->say, "error ", 6) == 0) {
		kind = strtol(d->say + 6, &sentence, 10);
		err_set(&err, kind > 0 && kind < 256 ? (enum err_kind)kind : ERR_FAIL, "%s",
				sentence + strspn(sentence, " "));
	} else {
		err_set(&err, ERR_FAIL, _("stonechat-engine ended as it started"));
	}
	finish(d, -1, &err);
}

static void
on_ready(void *arg, int events)
{
	struct dial *d = arg;
	ssize_t n = read(d->ready_fd, d->say + d->say_n, sizeof d->say - 1 - d->say_n);
	char *end;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	d->say_n += n > 0 ? (size_t)n : 0;
	d->say[d->say_n] = '\0';
	end = strchr(d->say, '\n');
	if (!end && n > 0 && d->say_n < sizeof d->say - 1)
		return;
	if (end)
		*end = '\0';
	stop_ready(d);
	heard(d);
}

/* The strings are borrowed; free() the array. */
static char **
engine_argv(const struct remote_conf *conf, char *program)
{
	arr(char *) argv = { 0 };

	arr_push(&argv, program);
	if (conf->data_option) {
		arr_push(&argv, (char *)"--data");
		arr_push(&argv, (char *)conf->data_option);
	}
	arr_push(&argv, (char *)"--config");
	arr_push(&argv, (char *)conf->config);
	for (size_t i = 0; conf->sets && conf->sets[i]; i++) {
		arr_push(&argv, (char *)"--set");
		arr_push(&argv, (char *)conf->sets[i]);
	}
	if (conf->is_offline)
		arr_push(&argv, (char *)"--offline");
	arr_push(&argv, (char *)"--ready-fd=3");
	arr_push(&argv, NULL);
	return argv.v;
}

static bool
start_engine(struct dial *d, struct err *err)
{
	char *program = path_program("stonechat-engine", err), **argv;
	int ends[2];
	bool ok = false;

	if (!program)
		return false;
	argv = engine_argv(d->conf, program);
	if (pipe2(ends, O_CLOEXEC) != 0) {
		err_sys(err, ERR_FAIL, _("cannot start %s"), program);
		goto out;
	}
	ok = spawn_detached(argv, -1, ends[1], err);
	close(ends[1]);
	d->ready_fd = ends[0];
	d->say_n = 0;
	ok = ok && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
	d->ready = ok ? loop_fd_start(d->loop, ends[0], LOOP_READ, on_ready, d, err) : NULL;
	ok = d->ready != NULL;
out:
	free(argv);
	free(program);
	return ok;
}

/* An engine lives (its lock is held) but nobody answers at its socket: it may be coming or going,
 * or its socket was removed. */
static bool
is_waiting_for_holder(struct dial *d, const struct lock_info *info)
{
	if (!d->is_held)
		return false;
	d->tries++;
	if (d->tries >= TRIES_BEFORE_SIGNAL && !d->has_signalled && info->pid > 0 &&
			lock_is_here(info)) {
		d->has_signalled = true;
		kill(info->pid, SIGUSR1);
	}
	if (d->tries < TRIES_BEFORE_START)
		return true;
	d->is_held = false;
	return false;
}

static void
attempt(void *arg)
{
	struct dial *d = arg;
	struct lock_info info;
	struct err err = { ERR_NONE, "" };
	int why = ENOENT, fd = -1;
	bool wait;

	d->again = NULL;
	if (lock_read(d->conf->data, &info, &err) && lock_is_here(&info))
		fd = sock_connect(info.socket, &why);
	if (fd >= 0 && !sock_is_mine(fd)) {
		close(fd);
		fd = -1;
	}
	wait = fd < 0 && (why == EAGAIN || is_waiting_for_holder(d, &info));
	lock_info_done(&info);
	if (fd >= 0 || err.kind != ERR_NONE) {
		finish(d, fd, &err);
	} else if (wait) {
		again(d);
	} else if (!d->can_start) {
		err_set(&err, ERR_NETWORK, _("stonechat-engine does not run"));
		finish(d, -1, &err);
	} else if (!start_engine(d, &err)) {
		finish(d, -1, &err);
	}
}

struct dial *
dial_start(struct loop *loop, const struct remote_conf *conf, bool can_start, int limit_ms,
		void (*done)(void *arg, int fd, const struct err *err), void *arg)
{
	struct dial *d = xcalloc(1, sizeof *d);

	d->loop = loop;
	d->conf = conf;
	d->can_start = can_start;
	d->ready_fd = -1;
	d->done = done;
	d->arg = arg;
	d->limit = loop_timer_start(loop, limit_ms, on_limit, d);
	d->again = loop_timer_start(loop, 0, attempt, d);
	return d;
}
