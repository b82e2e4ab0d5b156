/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conversation that a person named. */
#include "cmds/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "cmds/accounts.h"
#include "cmds/cmd.h"
#include "store/reader.h"

bool
target_check(const char *text, struct err *err)
{
	size_t n = strlen(text);

	if (n >= 1 && n <= CONV_NAME_MAX && strcmp(text, "#") != 0 && strcmp(text, "@") != 0)
		return true;
	return err_set(err, ERR_USAGE, _("\"%.64s\" is no #room, @user or conversation"), text);
}

static bool
take(void *arg, const struct conv_row *c)
{
	struct target *t = arg;

	free(t->conv);
	free(t->name);
	free(t->epoch);
	free(t->topic);
	t->conv = xstrdup(c->conv);
	t->name = xstrdup(c->name);
	t->epoch = xstrdup(c->epoch);
	t->topic = xstrdup(c->topic);
	t->row = *c;
	t->row.conv = t->conv;
	t->row.name = t->name;
	t->row.epoch = t->epoch;
	t->row.topic = t->topic;
	return false;
}

static bool
look_in(struct cmd_ctx *c, const char *account, const char *text, struct target *out,
		struct err *err)
{
	struct reader *reader = c->mirror(c, account, err);

	if (!reader || !reader_refresh(reader, err) || !reader_find(reader, text, take, out, err))
		return false;
	out->reader = reader;
	out->account = xstrdup(account);
	return true;
}

static bool
look_everywhere(struct cmd_ctx *c, const char *text, struct target *out, struct err *err)
{
	const char *first = c->here ? c->here : accounts_default(c->conf);
	char **names;
	bool found = look_in(c, first, text, out, err);

	if (found)
		return true;
	names = accounts_list(c->conf, c->paths);
	for (size_t i = 0; names[i] && !found; i++)
		if (strcmp(names[i], first) != 0)
			found = look_in(c, names[i], text, out, err);
	accounts_free(names);
	return found;
}

bool
target_find(struct cmd_ctx *c, const char *text, struct target *out, struct err *err)
{
	memset(out, 0, sizeof *out);
	if (!target_check(text, err))
		return false;
	if (c->account && !accounts_exists(c->conf, c->account))
		return err_set(err, ERR_USAGE, _("there is no account \"%s\""), c->account);
	if (c->account ? look_in(c, c->account, text, out, err) :
			look_everywhere(c, text, out, err))
		return true;
	return err_set(err, ERR_REFUSED, _("there is no %s here"), text);
}

bool
target_refresh(struct cmd_ctx *c, struct target *t, struct err *err)
{
	char *conv = xstrdup(t->conv);
	bool ok;

	t->reader = c->mirror(c, t->account, err);
	ok = t->reader && reader_refresh(t->reader, err) &&
			reader_find(t->reader, conv, take, t, err);
	free(conv);
	return ok;
}

void
target_done(struct target *t)
{
	free(t->account);
	free(t->conv);
	free(t->name);
	free(t->epoch);
	free(t->topic);
	memset(t, 0, sizeof *t);
}
