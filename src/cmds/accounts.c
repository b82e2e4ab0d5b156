/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which accounts there are. */
#include "cmds/accounts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arr.h"
#include "base/conf.h"
#include "base/id.h"
#include "base/path.h"
#include "store/reader.h"

static bool
has_messages(void *arg, const struct conv_row *c)
{
	bool *has = arg;

	*has = c->top > 0;
	return !*has;
}

/* Opened and closed for this one question; a missing or unreadable mirror has no messages. */
static bool
account_has_messages(const struct paths *paths, const char *name)
{
	char *dir = accounts_dir(paths, name);
	struct reader *reader;
	struct err err;
	bool has = false;

	reader = access(dir, F_OK) == 0 ? reader_open(dir, &err) : NULL;
	if (reader)
		reader_convs(reader, has_messages, &has, &err);
	reader_close(reader);
	free(dir);
	return has;
}

char **
accounts_list(const struct conf *conf, const struct paths *paths)
{
	arr(char *) names = { 0 };
	const char *name;
	size_t i;

	for (i = 0; (name = conf_section(conf, "account", i)); i++)
		if (!accounts_built_in(name))
			arr_push(&names, xstrdup(name));
	if (names.n == 0 || account_has_messages(paths, ACCOUNT_LOCAL))
		arr_push(&names, xstrdup(ACCOUNT_LOCAL));
	if (account_has_messages(paths, ACCOUNT_ARCHIVE))
		arr_push(&names, xstrdup(ACCOUNT_ARCHIVE));
	arr_push(&names, NULL);
	return names.v;
}

void
accounts_free(char **names)
{
	for (size_t i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}

bool
accounts_built_in(const char *name)
{
	return strcmp(name, ACCOUNT_LOCAL) == 0 || strcmp(name, ACCOUNT_ARCHIVE) == 0;
}

bool
accounts_exists(const struct conf *conf, const char *name)
{
	const char *known;

	if (accounts_built_in(name))
		return true;
	for (size_t i = 0; (known = conf_section(conf, "account", i)); i++)
		if (strcmp(known, name) == 0)
			return true;
	return false;
}

const char *
accounts_default(const struct conf *conf)
{
	const char *name = conf_str(conf, "account", "default"), *known;

	if (name && *name && accounts_exists(conf, name) && strcmp(name, ACCOUNT_ARCHIVE) != 0)
		return name;
	for (size_t i = 0; (known = conf_section(conf, "account", i)); i++)
		if (!accounts_built_in(known))
			return known;
	return ACCOUNT_LOCAL;
}

bool
accounts_name_valid(const char *name)
{
	static const char *const taken[] = { "server", "run", "log", "log.1", "config",
		"commands", "history", "engine.lock" };

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (strcmp(name, taken[i]) == 0)
			return false;
	return id_name_valid(name) && name[0] != '.';
}

char *
accounts_dir(const struct paths *paths, const char *name)
{
	return path_join(paths->data, name);
}
