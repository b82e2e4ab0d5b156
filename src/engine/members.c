/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The accounts of the configuration, opened and closed as it changes. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmds/accounts.h"
#include "control/codec.h"
#include "engine/archive.h"
#include "engine/engine.h"
#include "engine/local.h"
#include "engine/predial.h"

static void
member_free(struct member *m)
{
	if (!m)
		return;
	predial_free(m->predial);
	free(m->link);
	free(m->name);
	free(m->url);
	free(m->user);
	free(m->token_file);
	free(m->token_command);
	free(m->cafile);
	free(m->proxy);
	free(m);
}

static char *
setting(const struct conf *conf, const char *section, const char *key)
{
	const char *value = conf_str(conf, section, key);

	return value && *value ? xstrdup(value) : NULL;
}

/* As the configuration has it; not open. */
static struct member *
member_new(struct engine *e, const char *name)
{
	struct member *m = xcalloc(1, sizeof *m);
	char *section = xasprintf("account %s", name);

	m->engine = e;
	m->name = xstrdup(name);
	m->predial = predial_new(m);
	m->cafile = setting(e->conf, "network", "cafile");
	m->proxy = setting(e->conf, "network", "proxy");
	if (strcmp(name, ACCOUNT_LOCAL) == 0) {
		m->url = local_url(&e->paths);
	} else if (strcmp(name, ACCOUNT_ARCHIVE) != 0) {
		m->url = setting(e->conf, section, "url");
		m->user = setting(e->conf, section, "user");
		m->token_file = setting(e->conf, section, "token_file");
		m->token_command = setting(e->conf, section, "token_command");
	}
	free(section);
	return m;
}

static bool
same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool
is_same(const struct member *a, const struct member *b)
{
	return same(a->name, b->name) && same(a->url, b->url) && same(a->user, b->user) &&
			same(a->token_file, b->token_file) && same(a->cafile, b->cafile) &&
			same(a->token_command, b->token_command) && same(a->proxy, b->proxy);
}

static bool
open_archive(struct member *m, const char *dir, struct err *err)
{
	struct engine *e = m->engine;
	struct archive_env env = { .loop = e->loop, .log = e->log, .emit = queue_emit,
		.emit_arg = &e->queue, .name = m->name };

	m->archive = path_make_dir(dir, err) ? archive_open(&env, dir, err) : NULL;
	return m->archive || err_wrap(err, _("account %s"), m->name);
}

static bool
open_account(struct member *m, const char *dir, struct err *err)
{
	struct engine *e = m->engine;
	struct account_env env = {
		.loop = e->loop, .ws = e->ws, .log = e->log,
		.drivers = e->drivers, .emit = queue_emit, .emit_arg = &e->queue,
		.agent = "stonechat/" PACKAGE_VERSION,
	};
	struct account_conf conf = {
		.name = m->name, .url = m->url, .user = m->user, .cafile = m->cafile,
		.proxy = m->proxy, .dir = dir, .before_dial = predial_run,
		.before_dial_arg = m->predial,
	};

	if (!m->url)
		err_set(err, ERR_USAGE, _("it has no url"));
	else if (path_make_dir(dir, err))
		m->account = account_open(&env, &conf, err);
	if (!m->account)
		return err_wrap(err, _("account %s"), m->name);
	account_online(m->account, e->is_online);
	return true;
}

static bool
member_open(struct member *m, struct err *err)
{
	char *dir = accounts_dir(&m->engine->paths, m->name);
	bool ok = strcmp(m->name, ACCOUNT_ARCHIVE) == 0 ? open_archive(m, dir, err) :
			open_account(m, dir, err);

	free(dir);
	return ok;
}

static void
on_closed(void *arg)
{
	struct member *m = arg;
	struct engine *e = m->engine;

	e->closing--;
	member_free(m);
	if (e->is_stopping && e->closing == 0)
		engine_stop(e);
}

/* m is gone from the list; what it is doing comes to its end. */
static void
member_close(struct member *m)
{
	struct account *account = m->account;
	struct archive *archive = m->archive;

	if (!account && !archive) {
		member_free(m);
		return;
	}
	/* What still waits for its dial must not speak to it any more. */
	m->account = NULL;
	m->archive = NULL;
	m->engine->closing++;
	if (account)
		account_close(account, on_closed, m);
	else
		archive_close(archive, on_closed, m);
}

static bool
has_target(const struct member *m, const char *target)
{
	return m->archive ? archive_has_target(m->archive, target) :
			account_has_target(m->account, target);
}

static struct member *
find(const struct engine *e, const char *name)
{
	for (size_t i = 0; i < e->members.n; i++)
		if (strcmp(e->members.v[i]->name, name) == 0)
			return e->members.v[i];
	return NULL;
}

static struct member *
add(struct engine *e, const char *name, struct err *err)
{
	struct member *m = member_new(e, name);

	if (!member_open(m, err)) {
		log_put(e->log, LOG_ERROR, "account", "name=%s error=\"%s\"", name, err->msg);
		member_free(m);
		return NULL;
	}
	arr_push(&e->members, m);
	return m;
}

/* Closes what is configured no more, or otherwise. */
static void
close_changed(struct engine *e)
{
	for (size_t i = e->members.n; i-- > 0;) {
		struct member *m = e->members.v[i], *now;
		bool keep;

		now = accounts_exists(e->conf, m->name) ? member_new(e, m->name) : NULL;
		keep = now && is_same(m, now);
		member_free(now);
		if (keep)
			continue;
		arr_remove(&e->members, i);
		member_close(m);
	}
}

bool
members_load(struct engine *e, struct err *err)
{
	char **names = accounts_list(e->conf, &e->paths);
	bool ok = true;

	close_changed(e);
	for (size_t i = 0; names[i]; i++)
		if (!find(e, names[i]) && !add(e, names[i], err))
			ok = false;
	accounts_free(names);
	return ok;
}

struct member *
members_pick(struct engine *e, const char *name, const char *target, struct err *err)
{
	const char *first = accounts_default(e->conf);
	struct member *m = find(e, name && *name ? name : first);

	if (name && *name) {
		if (m)
			return m;
		if (accounts_exists(e->conf, name))
			return add(e, name, err);
		err_set(err, ERR_USAGE, _("there is no account \"%s\""), name);
		return NULL;
	}
	if (!m)
		m = add(e, first, err);
	if (!m || !target || has_target(m, target))
		return m;
	for (size_t i = 0; i < e->members.n; i++)
		if (has_target(e->members.v[i], target))
			return e->members.v[i];
	return m;
}

bool
members_are_idle(const struct engine *e)
{
	for (size_t i = 0; i < e->members.n; i++)
		if (e->members.v[i]->archive ? !archive_is_idle(e->members.v[i]->archive) :
				!account_is_idle(e->members.v[i]->account))
			return false;
	return true;
}

void
members_online(struct engine *e, bool is_online)
{
	for (size_t i = 0; i < e->members.n; i++)
		if (e->members.v[i]->account)
			account_online(e->members.v[i]->account, is_online);
}

void
members_close(struct engine *e)
{
	while (e->members.n) {
		struct member *m = e->members.v[--e->members.n];

		member_close(m);
	}
}

void
members_free(struct engine *e)
{
	for (size_t i = 0; i < e->members.n; i++)
		member_free(e->members.v[i]);
	arr_done(&e->members);
}

void
members_retry(struct engine *e)
{
	for (size_t i = 0; i < e->members.n; i++) {
		struct member *m = e->members.v[i];

		if (m->link && m->link->link.state == LINK_STOPPED)
			predial_again(m->predial);
	}
}

void
members_note(struct engine *e, const struct event *ev)
{
	struct member *m = ev->type == EV_LINK ? find(e, ev->account) : NULL;

	if (!m)
		return;
	free(m->link);
	m->link = codec_copy_event(ev);
}
