/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watches the configuration file: its folder, since editors replace files. */
#include "engine/reload.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/loop.h"

#define SETTLE_MS 50		/* an editor writes more than once */

struct reload {
	struct loop *loop;
	char *path;
	int fd;
	struct loop_fd *watch;
	struct loop_timer *settle;
	struct stat seen;
	void (*changed)(void *arg);
	void *arg;
};

static void
look(const char *path, struct stat *st)
{
	memset(st, 0, sizeof *st);
	if (stat(path, st) != 0)
		memset(st, 0, sizeof *st);
}

bool
reload_is_stale(struct reload *r)
{
	struct stat now;
	bool is_same;

	look(r->path, &now);
	is_same = now.st_ino == r->seen.st_ino && now.st_size == r->seen.st_size &&
			now.st_mtim.tv_sec == r->seen.st_mtim.tv_sec &&
			now.st_mtim.tv_nsec == r->seen.st_mtim.tv_nsec;
	r->seen = now;
	return !is_same;
}

static void
on_settle(void *arg)
{
	struct reload *r = arg;

	r->settle = NULL;
	r->changed(r->arg);
}

static void
on_watch(void *arg, int events)
{
	struct reload *r = arg;
	char chunk[4096] __attribute__((aligned(8)));

	(void)events;
	while (read(r->fd, chunk, sizeof chunk) > 0)
		;
	if (!r->settle)
		r->settle = loop_timer_start(r->loop, SETTLE_MS, on_settle, r);
}

struct reload *
reload_start(struct loop *loop, const char *path, void (*changed)(void *arg), void *arg)
{
	struct reload *r = xcalloc(1, sizeof *r);
	const char *slash = strrchr(path, '/');
	char *dir = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup("/");
	struct err err;

	r->loop = loop;
	r->path = xstrdup(path);
	r->changed = changed;
	r->arg = arg;
	look(path, &r->seen);
	r->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (r->fd >= 0 && inotify_add_watch(r->fd, dir,
			IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE) >= 0)
		r->watch = loop_fd_start(loop, r->fd, LOOP_READ, on_watch, r, &err);
	free(dir);
	return r;
}

void
reload_stop(struct reload *r)
{
	if (!r)
		return;
	loop_fd_stop(r->watch);
	loop_timer_stop(r->settle);
	if (r->fd >= 0)
		close(r->fd);
	free(r->path);
	free(r);
}
