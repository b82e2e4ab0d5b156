/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must happen before an account dials. */
#include "engine/predial.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "engine/local.h"
#include "loop/loop.h"

#define SECRET_MS 30000

struct predial {
	struct member *member;
	struct attempt *attempts;
	bool has_secret;		/* from a command: kept in memory, asked once */
};

/* One dial that waits. */
struct attempt {
	struct predial *predial;
	struct attempt *next;
	struct loop_timer *begin;
	struct loop_child *child;
	struct local_start *local;
	void (*go)(void *go_arg, const struct err *err);
	void *go_arg;
};

struct predial *
predial_new(struct member *m)
{
	struct predial *p = xcalloc(1, sizeof *p);

	p->member = m;
	return p;
}

/* Lets the dial go on, or not; t is gone. */
static void
finish(struct attempt *t, const struct err *err)
{
	struct attempt **at = &t->predial->attempts;
	void (*go)(void *, const struct err *) = t->go;
	void *go_arg = t->go_arg;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	loop_timer_stop(t->begin);
	loop_child_stop(t->child);
	local_stop(t->local);
	free(t);
	go(go_arg, err->kind == ERR_NONE ? NULL : err);
}

void
predial_free(struct predial *p)
{
	struct err err;

	if (!p)
		return;
	err_set(&err, ERR_FAIL, _("the account is being closed"));
	while (p->attempts)
		finish(p->attempts, &err);
	free(p);
}

/* The secret is the first line, without the space around it. */
static bool
take_secret(struct predial *p, const char *text, size_t n, struct err *err)
{
	char *secret;
	size_t end = 0;

	while (n > 0 && strchr(" \t\r\n", *text)) {
		text++;
		n--;
	}
	while (end < n && text[end] && !strchr(" \t\r\n", text[end]))
		end++;
	if (end == 0)
		return err_set(err, ERR_AUTH, _("account %s: the token is empty"), p->member->name);
	secret = xstrndup(text, end);
	if (p->member->account)
		account_token(p->member->account, secret);
	explicit_bzero(secret, end);
	free(secret);
	return true;
}

static bool
read_file(struct predial *p, struct err *err)
{
	const char *path = p->member->token_file;
	size_t n;
	char *text = path_read(path, SECRET_MAX, &n, err);
	bool ok;

	if (!text) {
		err->kind = ERR_AUTH;
		return err_wrap(err, _("account %s: token file"), p->member->name);
	}
	ok = take_secret(p, text, n, err);
	explicit_bzero(text, n);
	free(text);
	return ok;
}

static void
on_command(void *arg, const struct loop_child_result *r)
{
	struct attempt *t = arg;
	struct predial *p = t->predial;
	struct err err = { ERR_NONE, "" };
	int first = r->err_n ? (int)strcspn(r->errout, "\n") : 0;

	t->child = NULL;
	if (r->status == 124)
		err_set(&err, ERR_AUTH, _("account %s: token_command took more than 30 s"),
				p->member->name);
	else if (r->status != 0 || r->too_large)
		err_set(&err, ERR_AUTH, _("account %s: token_command failed (%d): %.*s"),
				p->member->name, r->status, first, r->err_n ? r->errout : "");
	else
		p->has_secret = take_secret(p, r->out, r->out_n, &err);
	finish(t, &err);
}

/* Ours, with the session of the newest front. Strings are borrowed; free() the array. */
static char **
environment(const struct session *s)
{
	size_t n = 0, have = 0;
	char **env;

	while (environ[n])
		n++;
	env = xcalloc(n + s->n + 1, sizeof *env);
	for (size_t i = 0; i < n; i++) {
		bool is_replaced = false;

		for (size_t k = 0; k < s->n && !is_replaced; k++) {
			size_t name = strcspn(s->vars[k], "=") + 1;

			is_replaced = strncmp(environ[i], s->vars[k], name) == 0;
		}
		if (!is_replaced)
			env[have++] = environ[i];
	}
	for (size_t k = 0; k < s->n; k++)
		env[have++] = s->vars[k];
	return env;
}

static bool
run_command(struct attempt *t, struct err *err)
{
	struct member *m = t->predial->member;
	char **words, **env;
	int n;

	if (!words_split(m->token_command, &words, &n, err))
		return err_wrap(err, "token_command");
	env = environment(&m->engine->session);
	t->child = n > 0 ? loop_child_start(m->engine->loop, words, env, NULL, 0, SECRET_MAX,
			SECRET_MS, on_command, t, err) : NULL;
	free(env);
	words_free(words, n);
	if (t->child)
		return true;
	if (n == 0)
		err_set(err, ERR_USAGE, _("it is empty"));
	err->kind = ERR_AUTH;
	return err_wrap(err, "token_command");
}

/* The server is there, if it is one of ours: now for the token. */
static void
take_token(struct attempt *t)
{
	struct predial *p = t->predial;
	struct member *m = p->member;
	struct err err = { ERR_NONE, "" };
	bool is_later = false;

	if (m->token_file) {
		read_file(p, &err);
	} else if (m->token_command && !p->has_secret) {
		is_later = run_command(t, &err);
	}
	if (err.kind != ERR_NONE)
		log_put(m->engine->log, LOG_WARN, "account", "name=%s error=\"%s\"", m->name,
				err.msg);
	if (!is_later)
		finish(t, &err);
}

static void
on_local(void *arg, const struct err *err)
{
	struct attempt *t = arg;

	t->local = NULL;
	if (err->kind != ERR_NONE)
		finish(t, err);
	else
		take_token(t);
}

static void
on_begin(void *arg)
{
	struct attempt *t = arg;
	struct member *m = t->predial->member;
	char *dir = m->url ? local_dir(&m->engine->paths, m->name, m->url) : NULL;
	struct err err = { ERR_NONE, "" };

	t->begin = NULL;
	if (dir)
		t->local = local_start(m->engine->loop, dir, on_local, t, &err);
	if (!dir)
		take_token(t);
	else if (!t->local)
		finish(t, &err);
	free(dir);
}

void
predial_run(void *arg, void (*go)(void *go_arg, const struct err *err), void *go_arg)
{
	struct predial *p = arg;
	struct attempt *t = xcalloc(1, sizeof *t);

	t->predial = p;
	t->go = go;
	t->go_arg = go_arg;
	t->next = p->attempts;
	p->attempts = t;
	/* Later: the account is in the middle of a step. */
	t->begin = loop_timer_start(p->member->engine->loop, 0, on_begin, t);
}

void
predial_again(struct predial *p)
{
	struct err err;

	p->has_secret = false;
	if (!p->member->token_file || !read_file(p, &err))
		account_token(p->member->account, NULL);
}
