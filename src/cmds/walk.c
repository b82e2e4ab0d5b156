/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All mirrors that a command means. */
#include "cmds/walk.h"


#include "base/i18n.h"
#include "base/mem.h"
#include "cmds/accounts.h"
#include "cmds/cmd.h"
#include "store/reader.h"

/* A mirror that is not there yet is no error (ERR_USAGE of reader_open). */
static bool
visit(struct cmd_ctx *c, const char *account, bool (*fn)(void *arg, const char *account,
		struct reader *reader, struct err *err), void *arg, struct err *err)
{
	struct reader *reader = c->mirror(c, account, err);

	if (!reader && err->kind == ERR_USAGE) {
		err->kind = ERR_NONE;
		return true;
	}
	return reader && reader_refresh(reader, err) && fn(arg, account, reader, err);
}

bool
walk_accounts(struct cmd_ctx *c, bool (*fn)(void *arg, const char *account,
		struct reader *reader, struct err *err), void *arg, struct err *err)
{
	char **names;
	bool ok = true;

	if (c->account && !accounts_exists(c->conf, c->account))
		return err_set(err, ERR_USAGE, _("there is no account \"%s\""), c->account);
	if (c->account)
		return visit(c, c->account, fn, arg, err);
	names = accounts_list(c->conf, c->paths);
	for (size_t i = 0; names[i] && ok; i++)
		ok = visit(c, names[i], fn, arg, err);
	accounts_free(names);
	return ok;
}

char **
walk_names(const struct cmd_ctx *c)
{
	char **names;

	if (!c->account)
		return accounts_list(c->conf, c->paths);
	names = xcalloc(2, sizeof *names);
	names[0] = xstrdup(c->account);
	return names;
}

size_t
walk_count(const struct cmd_ctx *c)
{
	char **names = walk_names(c);
	size_t n = 0;

	while (names[n])
		n++;
	accounts_free(names);
	return n;
}
