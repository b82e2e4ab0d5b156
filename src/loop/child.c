/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Children: a session of their own, a cap on what they say and on how long they take. A pidfd
 * tells of their end. */
#include "loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "loop/impl.h"

#define MAX_ERROUT 4096
#define KILL_MS 1000		/* between TERM and KILL */
#define DRAIN_MS 1000		/* for descendants that hold the output after the child's own end */
#define REAP_MS 1000		/* a killed child is gone long before */
#define STATUS_TIME_LIMIT 124	/* as timeout(1) */

struct stream {
	struct loop_child *c;
	int fd;				/* -1 at its end */
	struct loop_fd *watch;
	struct buf text;
	bool is_cut;
};

struct loop_child {
	struct loop *l;
	struct loop_child *next;
	/* also the process group; not reaped before the very end, so the number stays ours */
	pid_t pid;
	int pidfd;
	struct loop_fd *exit_watch;	/* NULL once it has ended */
	struct stream out, errout;
	struct loop_timer *limit, *drain;
	bool is_late, is_stopped;
	void (*done)(void *arg, const struct loop_child_result *r);
	void *arg;
};

/* posix_spawn's view of the child: three descriptors, default signals, a session. */
struct spawn {
	int in, out, errout;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
stream_close(struct stream *s)
{
	loop_fd_stop(s->watch);
	s->watch = NULL;
	close_fd(&s->fd);
}

static void
child_unlink(struct loop_child *c)
{
	struct loop_child **at = &c->l->children;

	while (*at && *at != c)
		at = &(*at)->next;
	if (*at)
		*at = c->next;
}

static void
child_free(struct loop_child *c)
{
	child_unlink(c);
	loop_fd_stop(c->exit_watch);
	loop_timer_stop(c->limit);
	loop_timer_stop(c->drain);
	stream_close(&c->out);
	stream_close(&c->errout);
	buf_done(&c->out.text);
	buf_done(&c->errout.text);
	close_fd(&c->pidfd);
	free(c);
}

static int
child_reap(const struct loop_child *c)
{
	int status;

	if (waitpid(c->pid, &status, WNOHANG) != c->pid)
		return 255;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The child has ended; what it left running in its group ends with it. */
static void
child_finish(struct loop_child *c)
{
	struct loop_child_result r = {
		.out = buf_str(&c->out.text), .out_n = c->out.text.n,
		.errout = buf_str(&c->errout.text), .err_n = c->errout.text.n,
		.too_large = c->out.is_cut,
	};
	bool is_silent = c->is_stopped;

	kill(-c->pid, SIGKILL);
	r.status = child_reap(c);
	if (c->is_late)
		r.status = STATUS_TIME_LIMIT;
	c->is_stopped = true;
	if (!is_silent)
		c->done(c->arg, &r);
	child_free(c);
}

static bool
child_is_over(const struct loop_child *c)
{
	return !c->exit_watch && ((c->out.fd < 0 && c->errout.fd < 0) || c->is_stopped);
}

static void
on_drained(void *arg)
{
	struct loop_child *c = arg;

	c->drain = NULL;
	child_finish(c);
}

static void
on_exit_of(void *arg, int events)
{
	struct loop_child *c = arg;

	(void)events;
	loop_fd_stop(c->exit_watch);
	c->exit_watch = NULL;
	loop_timer_stop(c->limit);
	c->limit = NULL;
	if (child_is_over(c))
		child_finish(c);
	else
		c->drain = loop_timer_start(c->l, DRAIN_MS, on_drained, c);
}

/* Keeps what the cap allows and reads on, so that the child never stands still. */
static void
stream_keep(struct stream *s, const char *p, size_t n)
{
	size_t room = s->text.max - s->text.n;

	if (n > room) {
		s->is_cut = true;
		n = room;
	}
	buf_add(&s->text, p, n);
}

static void
on_output(void *arg, int events)
{
	struct stream *s = arg;
	char piece[16384];
	ssize_t n = read(s->fd, piece, sizeof piece);

	(void)events;
	if (n > 0) {
		stream_keep(s, piece, (size_t)n);
		return;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	stream_close(s);
	if (child_is_over(s->c))
		child_finish(s->c);
}

static void
on_kill(void *arg)
{
	struct loop_child *c = arg;

	c->limit = NULL;
	kill(-c->pid, SIGKILL);
}

static void
on_limit(void *arg)
{
	struct loop_child *c = arg;

	c->is_late = true;
	kill(-c->pid, SIGTERM);
	c->limit = loop_timer_start(c->l, KILL_MS, on_kill, c);
}

/* The input as a file without a name: the child reads it at its own pace, and nobody has to feed
 * it. */
static int
input_open(const char *input, size_t n, struct err *err)
{
	size_t done = 0;
	int fd;

	fd = input ? memfd_create("input", MFD_CLOEXEC) : open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_sys(err, ERR_FAIL, _("cannot prepare the input of a command"));
		return -1;
	}
	while (input && done < n) {
		ssize_t k = write(fd, input + done, n - done);

		if (k < 0 && errno != EINTR) {
			err_sys(err, ERR_FAIL, _("cannot prepare the input of a command"));
			close(fd);
			return -1;
		}
		done += k > 0 ? (size_t)k : 0;
	}
	if (input)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

static void
spawn_init(struct spawn *s)
{
	sigset_t set;

	posix_spawn_file_actions_init(&s->files);
	posix_spawn_file_actions_adddup2(&s->files, s->in, 0);
	posix_spawn_file_actions_adddup2(&s->files, s->out, 1);
	posix_spawn_file_actions_adddup2(&s->files, s->errout, 2);
	posix_spawn_file_actions_addclosefrom_np(&s->files, 3);
	posix_spawnattr_init(&s->attr);
	posix_spawnattr_setflags(&s->attr,
			POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	sigfillset(&set);
	posix_spawnattr_setsigdefault(&s->attr, &set);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&s->attr, &set);
}

static void
spawn_done(struct spawn *s)
{
	posix_spawn_file_actions_destroy(&s->files);
	posix_spawnattr_destroy(&s->attr);
}

/* A parent may have left SIGCHLD ignored, and then the kernel would throw the exit status away. */
static void
keep_exit_status(void)
{
	struct sigaction old;

	if (sigaction(SIGCHLD, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
		signal(SIGCHLD, SIG_DFL);
}

static bool
child_spawn(struct loop_child *c, struct spawn *s, char *const argv[], char *const env[],
		struct err *err)
{
	keep_exit_status();
	spawn_init(s);
	errno = posix_spawnp(&c->pid, argv[0], &s->files, &s->attr, argv, env ? env : environ);
	spawn_done(s);
	if (errno)
		return err_sys(err, ERR_FAIL, _("cannot run %s"), argv[0]);
	c->pidfd = pidfd_open(c->pid, 0);
	if (c->pidfd < 0) {
		err_sys(err, ERR_FAIL, _("cannot watch %s"), argv[0]);
		kill(-c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
		return false;
	}
	return true;
}

static bool
child_pipe(struct stream *s, int *theirs, struct err *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, ERR_FAIL, _("cannot make a pipe for a command"));
	s->fd = fds[0];
	*theirs = fds[1];
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	return true;
}

static bool
child_watch(struct loop_child *c, int64_t limit_ms, struct err *err)
{
	c->exit_watch = loop_fd_start(c->l, c->pidfd, LOOP_READ, on_exit_of, c, err);
	if (c->exit_watch)
		c->out.watch = loop_fd_start(c->l, c->out.fd, LOOP_READ, on_output, &c->out, err);
	if (c->out.watch)
		c->errout.watch = loop_fd_start(c->l, c->errout.fd, LOOP_READ, on_output,
				&c->errout, err);
	if (!c->errout.watch) {
		kill(-c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
		return false;
	}
	if (limit_ms > 0)
		c->limit = loop_timer_start(c->l, limit_ms, on_limit, c);
	return true;
}

struct loop_child *
loop_child_start(struct loop *l, char *const argv[], char *const env[], const char *input,
		size_t input_n, size_t max, int64_t limit_ms,
		void (*done)(void *arg, const struct loop_child_result *r), void *arg,
		struct err *err)
{
	struct loop_child *c = xcalloc(1, sizeof *c);
	struct spawn s = { .in = -1, .out = -1, .errout = -1 };
	bool ok;

	*c = (struct loop_child){ .l = l, .next = l->children, .pidfd = -1, .done = done,
			.arg = arg };
	l->children = c;
	c->out = (struct stream){ .c = c, .fd = -1 };
	c->errout = (struct stream){ .c = c, .fd = -1 };
	buf_init(&c->out.text, max);
	buf_init(&c->errout.text, MAX_ERROUT);
	s.in = input_open(input, input_n, err);
	ok = s.in >= 0 && child_pipe(&c->out, &s.out, err) && child_pipe(&c->errout, &s.errout, err)
			&& child_spawn(c, &s, argv, env, err) && child_watch(c, limit_ms, err);
	close_fd(&s.in);
	close_fd(&s.out);
	close_fd(&s.errout);
	if (ok)
		return c;
	child_free(c);
	return NULL;
}

void
loop_child_stop(struct loop_child *c)
{
	if (!c || c->is_stopped)
		return;
	c->is_stopped = true;
	kill(-c->pid, SIGKILL);
	stream_close(&c->out);
	stream_close(&c->errout);
	/* It is reaped when the kernel says that it is dead. */
	if (child_is_over(c))
		child_finish(c);
}

void
loop_children_kill(struct loop *l)
{
	struct loop_child *c, *next;

	for (c = l->children; c; c = next) {
		struct pollfd p = { .fd = c->pidfd, .events = POLLIN };

		next = c->next;
		kill(-c->pid, SIGKILL);
		poll(&p, 1, REAP_MS);
		child_reap(c);
		child_free(c);
	}
}
