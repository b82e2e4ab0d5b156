/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server of account local. */
#include "engine/local.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/path.h"
#include "control/sock.h"
#include "control/spawn.h"
#include "loop/loop.h"

#define TRY_MS 20
#define LOG "stderr.log"		/* in its folder; only who starts it makes that */
#define LIMIT_MS 10000

struct local_start {
	struct loop *loop;
	struct loop_timer *timer;
	int64_t deadline;
	char *socket, *log;
	void (*done)(void *arg, const struct err *err);
	void *arg;
};

/* Was a server started here by an engine of ours? */
static bool
is_ours(const char *dir)
{
	char *path = path_join(dir, LOG);
	struct stat st;
	bool is = lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid();

	free(path);
	return is;
}

char *
local_dir(const struct paths *paths, const char *account, const char *url)
{
	const char *slash = strrchr(url, '/');
	char *dir;

	if (strcmp(account, "local") == 0)
		return path_join(paths->data, "server");
	if (strncmp(url, "unix:/", 6) != 0 || strcmp(slash, "/sock") != 0)
		return NULL;
	dir = xstrndup(url + 5, (size_t)(slash - url) - 5);
	slash = strrchr(dir, '/');
	if (slash && strcmp(slash, "/server") == 0 && is_ours(dir))
		return dir;
	free(dir);
	return NULL;
}

char *
local_url(const struct paths *paths)
{
	return xasprintf("unix:%s/server/sock", paths->data);
}

void
local_stop(struct local_start *l)
{
	if (!l)
		return;
	loop_timer_stop(l->timer);
	free(l->socket);
	free(l->log);
	free(l);
}

static bool
answers(const char *socket)
{
	int why, fd = sock_connect(socket, &why);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void
on_timer(void *arg)
{
	struct local_start *l = arg;
	struct err err = { ERR_NONE, "" };
	void (*done)(void *, const struct err *) = l->done;
	void *done_arg = l->arg;

	l->timer = NULL;
	if (!answers(l->socket)) {
		if (loop_now(l->loop) < l->deadline) {
			l->timer = loop_timer_start(l->loop, TRY_MS, on_timer, l);
			return;
		}
		err_set(&err, ERR_NETWORK, _("stonechatd does not come up; %s tells more"), l->log);
	}
	local_stop(l);
	done(done_arg, &err);
}

static bool
start_server(const char *dir, const char *log, struct err *err)
{
	char *program = path_program("stonechatd", err);
	char *argv[] = { program, (char *)"--data", (char *)dir, (char *)"--idle-exit",
		(char *)"600", (char *)"--set", (char *)"rooms.auto_join=#lobby", NULL };
	int log_fd = program ? path_open(log, O_WRONLY | O_CREAT | O_APPEND, err) : -1;
	bool ok = log_fd >= 0 && spawn_detached(argv, log_fd, -1, err);

	if (log_fd >= 0)
		close(log_fd);
	free(program);
	return ok;
}

struct local_start *
local_start(struct loop *loop, const char *dir,
		void (*done)(void *arg, const struct err *err), void *arg, struct err *err)
{
	struct local_start *l = xcalloc(1, sizeof *l);

	l->loop = loop;
	l->deadline = loop_now(loop) + LIMIT_MS;
	l->socket = path_join(dir, "sock");
	l->log = path_join(dir, LOG);
	l->done = done;
	l->arg = arg;
	if (!path_make_dir(dir, err) ||
			(!answers(l->socket) && !start_server(dir, l->log, err))) {
		local_stop(l);
		l = NULL;
	} else {
		l->timer = loop_timer_start(loop, 0, on_timer, l);
	}
	return l;
}
