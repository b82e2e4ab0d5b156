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
	struct loop_child *child;
	struct local_start *local;
	bool has_secret;		/* from a command: kept in memory, asked once */
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

void
predial_free(struct predial *p)
{
	if (!p)
		return;
	loop_child_stop(p->child);
	local_stop(p->local);
	free(p);
}

static void
finish(struct predial *p, const struct err *err)
{
	void (*go)(void *, const struct err *) = p->go;

	p->go = NULL;
	if (go)
		go(p->go_arg, err->kind == ERR_NONE ? NULL : err);
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
	struct predial *p = arg;
	struct err err = { ERR_NONE, "" };
	int first = (int)strcspn(r->err_n ? r->errout : "", "\n");

	p->child = NULL;
	if (r->status == 124)
		err_set(&err, ERR_AUTH, _("account %s: token_command took more than 30 s"),
				p->member->name);
	else if (r->status != 0 || r->too_large)
		err_set(&err, ERR_AUTH, _("account %s: token_command failed (%d): %.*s"),
				p->member->name, r->status, first, r->err_n ? r->errout : "");
	else
		p->has_secret = take_secret(p, r->out, r->out_n, &err);
	finish(p, &err);
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
run_command(struct predial *p, struct err *err)
{
	char **words, **env;
	int n;

	if (!words_split(p->member->token_command, &words, &n, err))
		return err_wrap(err, "token_command");
	env = environment(&p->member->engine->session);
	p->child = n > 0 ? loop_child_start(p->member->engine->loop, words, env, NULL, 0,
			SECRET_MAX, SECRET_MS, on_command, p, err) : NULL;
	free(env);
	words_free(words, n);
	if (p->child)
		return true;
	if (n == 0)
		err_set(err, ERR_USAGE, _("it is empty"));
	err->kind = ERR_AUTH;
	return err_wrap(err, "token_command");
}

static void
on_local(void *arg, const struct err *err)
{
	struct predial *p = arg;

	p->local = NULL;
	finish(p, err);
}

void
predial_run(void *arg, void (*go)(void *go_arg, const struct err *err), void *go_arg)
{
	struct predial *p = arg;
	struct member *m = p->member;
	struct err err = { ERR_NONE, "" };
	bool ok = true, is_later = false;

	p->go = go;
	p->go_arg = go_arg;
	if (p->child || p->local)
		return;
	if (strcmp(m->name, "local") == 0) {
		p->local = local_start(m->engine->loop, &m->engine->paths, on_local, p, &err);
		is_later = ok = p->local != NULL;
	} else if (m->token_file) {
		ok = read_file(p, &err);
	} else if (m->token_command && !p->has_secret) {
		is_later = ok = run_command(p, &err);
	}
	if (!ok)
		log_put(m->engine->log, LOG_WARN, "account", "name=%s error=\"%s\"", m->name,
				err.msg);
	if (!is_later)
		finish(p, &err);
}
