/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's control socket, its own end. */
#include "daemon/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/args.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/admin.h"
#include "daemon/daemon.h"
#include "daemon/options.h"
#include "daemon/topic.h"
#include "daemon/unixsock.h"
#include "daemon/writer.h"
#include "loop/loop.h"

struct control {
	struct daemon *d;
	int fd;
	char *path;
	struct loop_fd *accept;
	struct client *clients;
	unsigned n;
};

/* One request. It lives until its answer is written, or dropped because nobody reads it. */
struct client {
	struct control *c;
	struct client *next;
	int fd;
	struct loop_fd *watch;
	struct loop_timer *limit;
	bool is_running;		/* the worker has it */
	struct buf in, out;
	/* the command */
	json_t *request;
	char **argv;
	struct args args;
	const struct admin_cmd *cmd;
	struct loop_work *work;		/* of a command that only reads */
	struct buf said;
	bool ok;
	struct err err;
};

static void
client_free(struct client *k)
{
	for (struct client **p = &k->c->clients; *p; p = &(*p)->next)
		if (*p == k) {
			*p = k->next;
			break;
		}
	if (k->c->n-- == CONTROL_CLIENTS)
		loop_fd_change(k->c->accept, LOOP_READ);
	loop_fd_stop(k->watch);
	loop_timer_stop(k->limit);
	loop_work_stop(k->work);
	close(k->fd);
	buf_done(&k->in);
	buf_done(&k->out);
	buf_done(&k->said);
	args_done(&k->args);
	free(k->argv);
	json_decref(k->request);
	free(k);
}

/* ---- the answer ---- */

static void
write_out(struct client *k)
{
	ssize_t n = send(k->fd, k->out.p, k->out.n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || (size_t)n == k->out.n) {
		client_free(k);
		return;
	}
	buf_drop(&k->out, (size_t)n);
}

static void
answer(struct client *k)
{
	if (k->ok)
		buf_adds(&k->out, "{\"ok\":true,\"out\":");
	else
		buf_addf(&k->out, "{\"ok\":false,\"kind\":%d,\"error\":", (int)k->err.kind);
	if (!k->ok) {
		json_add_string(&k->out, k->err.msg, strlen(k->err.msg));
		buf_adds(&k->out, ",\"out\":");
	}
	json_add_string(&k->out, buf_str(&k->said), k->said.n);
	buf_adds(&k->out, "}\n");
	loop_fd_change(k->watch, LOOP_WRITE);
}

static void
fail(struct client *k, enum err_kind kind, const char *why)
{
	k->ok = false;
	err_set(&k->err, kind, "%s", why);
	answer(k);
}

/* ---- the command ---- */

static void
run(struct client *k, struct ledger *l)
{
	struct admin_where w = { l, k->c->d->opt->data };

	k->ok = k->cmd->run(&w, &k->args, &k->said, &k->err);
}

/* On the writer's thread, between two commits. */
static void
run_alone(struct job *job, struct ledger *l)
{
	run(job->arg, l);
}

static void
ran_alone(struct daemon *d, struct job *job)
{
	struct client *k = job->arg;

	k->is_running = false;
	topics_refresh(d->topics);
	if (k->ok && k->cmd->after)
		k->cmd->after(d, &k->args);
	answer(k);
}

/* On a thread of its own, beside the commits: such a command does not touch what they change. */
static void
run_beside(void *arg)
{
	struct client *k = arg;

	run(k, k->c->d->ledger);
}

static void
ran_beside(void *arg)
{
	struct client *k = arg;

	k->work = NULL;
	k->is_running = false;
	answer(k);
}

static void
start(struct client *k)
{
	struct job *job;

	k->is_running = true;
	if (k->cmd->flags & ADMIN_READS) {
		k->work = loop_work_start(k->c->d->loop, run_beside, ran_beside, k);
		return;
	}
	job = job_new(NULL, NULL, ran_alone);
	job->call = run_alone;
	job->arg = k;
	writer_put(k->c->d->writer, job);
}

static bool
parse(struct client *k, size_t n)
{
	const json_t *argv;
	size_t argc;

	k->request = json_strict(k->in.p, n, &k->err);
	argv = k->request ? json_object_get(k->request, "argv") : NULL;
	argc = json_array_size(argv);
	if (argc == 0 || argc > 32)
		return err_set(&k->err, ERR_USAGE, "a request is {\"argv\":[…]}");
	k->argv = xcalloc(argc + 1, sizeof *k->argv);
	for (size_t i = 0; i < argc; i++) {
		k->argv[i] = (char *)json_string_value(json_array_get(argv, i));
		if (!k->argv[i])
			return err_set(&k->err, ERR_USAGE, "argv holds strings");
	}
	if (!args_parse(&k->args, options_args(), (int)argc, k->argv, false, &k->err))
		return false;
	k->cmd = admin_find(&k->args, &k->err);
	return k->cmd != NULL;
}

static void
begin(struct client *k, size_t n)
{
	loop_timer_stop(k->limit);
	k->limit = NULL;
	loop_fd_change(k->watch, 0);
	if (!parse(k, n)) {
		answer(k);
		return;
	}
	if ((k->cmd->flags & ADMIN_OFFLINE) || k->c->d->is_stopping) {
		fail(k, ERR_FAIL, k->cmd->flags & ADMIN_OFFLINE ?
				"the server is running: stop it first" :
				"the server is about to stop");
		return;
	}
	log_put(k->c->d->log, LOG_INFO, "admin", "command=%s verb=%s", k->cmd->noun,
			k->cmd->verb ? k->cmd->verb : "");
	start(k);
}

static void
read_in(struct client *k)
{
	char part[4096];
	ssize_t n = recv(k->fd, part, sizeof part, MSG_DONTWAIT);
	const char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_free(k);
		return;
	}
	if (!buf_add(&k->in, part, (size_t)n)) {
		fail(k, ERR_USAGE, "the request is too long");
		return;
	}
	end = memchr(k->in.p, '\n', k->in.n);
	if (end)
		begin(k, (size_t)(end - k->in.p));
}

static void
ready(void *arg, int events)
{
	struct client *k = arg;

	if (k->is_running)
		return;
	if (k->out.n > 0)
		write_out(k);
	else if (events & (LOOP_READ | LOOP_ERROR))
		read_in(k);
}

static void
too_late(void *arg)
{
	struct client *k = arg;

	k->limit = NULL;
	client_free(k);
}

/* ---- the socket ---- */

static void
take_client(void *arg, int events)
{
	struct control *c = arg;
	int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *k;
	struct err err;
	uid_t uid;

	(void)events;
	if (fd < 0)
		return;
	if (!unixsock_peer(fd, &uid) || (uid != geteuid() && uid != 0)) {
		close(fd);
		return;
	}
	k = xcalloc(1, sizeof *k);
	k->c = c;
	k->fd = fd;
	buf_init(&k->in, CONTROL_REQUEST);
	buf_init(&k->out, 7 * CONTROL_ANSWER);	/* escaped */
	buf_init(&k->said, CONTROL_ANSWER);
	k->next = c->clients;
	c->clients = k;
	if (++c->n == CONTROL_CLIENTS)
		loop_fd_change(c->accept, 0);	/* the others wait in the socket's queue */
	k->limit = loop_timer_start(c->d->loop, CONTROL_WAIT_MS, too_late, k);
	k->watch = loop_fd_start(c->d->loop, fd, LOOP_READ, ready, k, &err);
	if (!k->watch)
		client_free(k);
}

struct control *
control_new(struct daemon *d, struct err *err)
{
	struct control *c = xcalloc(1, sizeof *c);

	c->d = d;
	c->path = xasprintf("%s/control", d->opt->data);
	c->fd = unixsock_listen(c->path, 0600, err);
	if (c->fd >= 0)
		c->accept = loop_fd_start(d->loop, c->fd, LOOP_READ, take_client, c, err);
	if (!c->accept) {
		control_free(c);
		return NULL;
	}
	return c;
}

void
control_free(struct control *c)
{
	if (!c)
		return;
	for (struct client *k = c->clients, *next; k; k = next) {
		next = k->next;
		client_free(k);
	}
	loop_fd_stop(c->accept);
	if (c->fd >= 0) {
		close(c->fd);
		unlink(c->path);
	}
	free(c->path);
	free(c);
}
