/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is it: version, token or credentials of a Unix socket, then the welcome.
 * stonechat-protocol(7), section 3. */
#include "daemon/hello.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/conn.h"
#include "daemon/crowd.h"
#include "daemon/daemon.h"
#include "daemon/heads.h"
#include "daemon/mark.h"
#include "daemon/options.h"
#include "daemon/user.h"
#include "daemon/writer.h"
#include "wire/wire.h"

#define WINDOW_LEAST (64 * 1024)
#define WINDOW_MOST (4 * 1024 * 1024)

void
hello_login_name(uid_t uid, char user[USER_MAX + 1])
{
	const struct passwd *pw = getpwuid(uid);
	size_t n = 0;

	for (const char *p = pw ? pw->pw_name : ""; *p && n < USER_MAX; p++) {
		char c = *p;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		user[n++] = strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", c) ? c : '-';
	}
	user[n] = '\0';
	if (n == 0)
		snprintf(user, USER_MAX + 1, "uid-%lu", (unsigned long)uid);
}

static void
deny(struct conn *c, int64_t re, const char *why)
{
	conn_error(c, re, CODE_AUTH, why);
	conn_close(c, CLOSE_AUTH, why);
}

/* A token wins; without one the peer of a Unix socket must be who runs the server. */
static bool
identify(struct conn *c, const struct frame *f, char user[USER_MAX + 1])
{
	struct err err = { 0 };
	bool is_admin;
	uid_t uid;

	if (*f->hello.token) {
		c->by_token = true;
		if (ledger_token_user(c->d->reader, f->hello.token, user, &is_admin, &err))
			return true;
		if (err.kind == ERR_NONE) {
			deny(c, f->i, "the token is not known");
			return false;
		}
		log_put(c->d->log, LOG_ERROR, "hello", "error=%s", err.msg);
		conn_error(c, f->i, CODE_INTERNAL, "tokens cannot be read");
		conn_close(c, CLOSE_RESTART, "internal");
		return false;
	}
	if (c->is_unix && ws_peer_uid(c->ws, &uid) && uid == geteuid()) {
		hello_login_name(uid, user);
		return true;
	}
	deny(c, f->i, c->is_unix ? "a token is needed: you are not the user who runs the server" :
			"a token is needed");
	return false;
}

static bool
speaks_our_version(const struct frame *f)
{
	for (size_t i = 0; i < f->hello.n_versions; i++)
		if (f->hello.versions[i] == WIRE_VERSION)
			return true;
	return false;
}

static int64_t
window(const struct conn *c, const struct frame *f)
{
	int64_t w = f->hello.window > 0 ? f->hello.window : c->d->opt->window;

	return w < WINDOW_LEAST ? WINDOW_LEAST : w > WINDOW_MOST ? WINDOW_MOST : w;
}

static void
welcome(struct conn *c, const struct frame *hello)
{
	static const char *caps[] = { "stream", "marks", "ops", "dense" };
	const struct options *o = c->d->opt;
	struct frame f = { .op = WIRE_WELCOME, .i = WIRE_ABSENT, .re = hello->i };
	char session[16];

	id_short("s_", 10, session);
	f.welcome.version = WIRE_VERSION;
	f.welcome.user = c->user->name;
	f.welcome.session = session;
	f.welcome.caps = caps;
	f.welcome.n_caps = sizeof caps / sizeof *caps;
	f.welcome.now = clock_wall_ms();
	f.welcome.durability = "fsync";
	f.welcome.limits = (struct wire_limits){ o->frame, o->body, o->fetch, o->inflight,
		o->ping_s };
	heads_welcome(c, &f, hello->hello.since);
}

/* The ledger made sure that the user exists (or could not, on a full disk: who existed before is
 * let in to read). */
static void
let_in(struct daemon *d, struct job *job)
{
	struct conn *c = job->conn;
	const char *name = job->text;
	bool is_admin = false;
	struct user *user;
	struct err err = { 0 };

	if (!c->ws || c->state != CONN_GREETING)
		return;
	if (!ledger_user(d->reader, name, &is_admin, &err)) {
		log_put(d->log, LOG_WARN, "hello", "user=%s refused=%s", name,
				job->op.out.message);
		deny(c, job->frame->i, "there is no such user");
		return;
	}
	user = users_find(d->users, name);
	if (user && d->opt->per_user > 0 && (int64_t)user->n >= d->opt->per_user &&
	    !user_device(user, c->device)) {
		conn_error(c, job->frame->i, CODE_RATE, "too many connections of this user");
		conn_close(c, CLOSE_RATE, "too many connections of this user");
		return;
	}
	c->window = (uint32_t)window(c, job->frame);
	crowd_known(d->crowd, ws_peer_addr(c->ws));
	crowd_promote(d->crowd, c);
	user_enter(d->users, name, is_admin, c);
	ws_set_max(c->ws, (size_t)d->opt->frame);
	log_put(d->log, LOG_DEBUG, "conn", "hello user=%s device=%s", name, c->device);
	welcome(c, job->frame);
	c->state = CONN_OPEN;
}

bool
hello_take(struct conn *c, struct frame *f)
{
	char user[USER_MAX + 1];
	struct job *job;

	if (!speaks_our_version(f)) {
		conn_error(c, f->i, CODE_VERSION, "this server speaks version 1");
		conn_close(c, CLOSE_VERSION, "version 1 only");
		return false;
	}
	if (!*f->hello.device || strlen(f->hello.device) > DEVICE_MAX) {
		conn_error(c, f->i, CODE_INVALID, "device: 1 to 64 bytes");
		return false;
	}
	if (!identify(c, f, user))
		return false;
	c->device = xstrdup(f->hello.device);
	c->state = CONN_GREETING;
	marks_flush(c->d->marks, user);
	job = job_new(c, f, let_in);
	job->text = xstrdup(user);
	job->op.act = LEDGER_USER;
	job->op.user = job->text;
	job->op.device = c->device;
	writer_put(c->d->writer, job);
	return true;
}
