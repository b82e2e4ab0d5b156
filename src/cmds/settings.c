/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of the configuration file. */
#include "cmds/settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "base/arr.h"
#include "base/conf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/path.h"
#include "cmds/cmd.h"
#include "cmds/options.h"

char *
settings_read(const struct cmd_ctx *c, struct err *err)
{
	if (access(c->paths->config, F_OK) != 0)
		return xstrdup("");
	return path_read(c->paths->config, SETTINGS_MAX, NULL, err);
}

bool
settings_folder(const struct cmd_ctx *c, struct err *err)
{
	const char *path = c->paths->config, *slash = strrchr(path, '/');
	char *dir = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
	/* A folder that is there is the person's own affair. */
	bool ok = access(dir, F_OK) == 0 || path_make_dir(dir, err);

	free(dir);
	return ok;
}

static bool
back_up(const char *path, struct err *err)
{
	char *old, *backup;
	size_t n;
	bool ok;

	if (access(path, F_OK) != 0)
		return true;
	old = path_read(path, SETTINGS_MAX, &n, err);
	backup = xasprintf("%s.bak", path);
	ok = old && path_write(backup, old, n, err);
	free(backup);
	free(old);
	return ok;
}

bool
settings_write(struct cmd_ctx *c, const char *text, struct err *err)
{
	const char *path = c->paths->config;
	struct conf *probe = conf_new(option_rows);
	bool ok = conf_load_text(probe, path, text, strlen(text), err);

	conf_free(probe);
	if (!ok || !settings_folder(c, err) || !back_up(path, err) ||
			!path_write(path, text, strlen(text), err))
		return false;
	conf_forget(c->conf);
	return conf_load_text(c->conf, path, text, strlen(text), err);
}

void
settings_drop(char *text, const char *section)
{
	char *head = xasprintf("[%s]", section), *to = text;
	bool is_in = false;

	for (char *line = text, *next; *line; line = next) {
		size_t n = strcspn(line, "\n");

		next = line + n + (line[n] == '\n');
		if (*line == '[')
			is_in = strncmp(line, head, strlen(head)) == 0;
		if (is_in)
			continue;
		memmove(to, line, (size_t)(next - line));
		to += next - line;
	}
	*to = '\0';
	free(head);
}

void
settings_drop_empty(char *text, const char *section)
{
	char *head = xasprintf("[%s]", section), *line = text;
	size_t n = strlen(head);

	while (line && strncmp(line, head, n) != 0) {
		line = strchr(line, '\n');
		line += line != NULL;
	}
	if (line) {
		line += n;
		line += strspn(line, " \t\r\n");
		if (*line == '\0' || *line == '[')
			settings_drop(text, section);
	}
	free(head);
}

static bool
unknown(const char *name, struct err *err)
{
	arr(const char *) names = { 0 };
	arr(char *) owned = { 0 };
	const char *near;

	for (const struct conf_row *row = option_rows; row->section; row++) {
		arr_push(&owned, xasprintf("%s.%s", row->section, row->key));
		arr_push(&names, owned.v[owned.n - 1]);
	}
	arr_push(&names, NULL);
	near = words_nearest(name, names.v);
	if (near)
		err_set(err, ERR_USAGE, _("unknown option: %.80s (did you mean %s?)"), name, near);
	else
		err_set(err, ERR_USAGE, _("unknown option: %.80s"), name);
	for (size_t i = 0; i < owned.n; i++)
		free(owned.v[i]);
	arr_done(&owned);
	arr_done(&names);
	return false;
}

bool
settings_key(const char *name, char **section, char **key, struct err *err)
{
	const char *dot = strrchr(name, '.');

	if (!dot)
		return unknown(name, err);
	*section = xstrndup(name, (size_t)(dot - name));
	*key = xstrdup(dot + 1);
	if (conf_find(option_rows, *section, *key))
		return true;
	free(*section);
	free(*key);
	return unknown(name, err);
}
