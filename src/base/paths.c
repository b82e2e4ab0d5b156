/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where everything of one person lives: --config and --data, the environment, XDG. */
#include "base/path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"

char *
path_xdg(const char *var, const char *fallback, struct err *err)
{
	const char *dir = getenv(var), *home = getenv("HOME");

	/* the XDG base directory specification: a relative path is to be ignored */
	if (dir && dir[0] == '/')
		return xstrdup(dir);
	if (home && home[0] == '/')
		return path_join(home, fallback + (fallback[0] == '/'));
	err_set(err, ERR_USAGE, _("neither %s nor HOME is set: give --data DIR"), var);
	return NULL;
}

/* base/stonechat below an XDG directory. */
static char *
own_dir(const char *var, const char *fallback, struct err *err)
{
	char *base = path_xdg(var, fallback, err), *dir;

	if (!base)
		return NULL;
	dir = path_join(base, "stonechat");
	free(base);
	return dir;
}

/* The path from the root folder: the engine works there, and one file must have one name. A link
 * at its end is kept: what belongs beside a file lies beside the link. */
static char *
absolute(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *parent = slash == path ? xstrdup("/") :
		       slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
	char *real = realpath(parent, NULL), *joined = NULL;

	if (real)
		joined = path_join(real, name);
	else if (path[0] == '/')
		joined = xstrdup(path);
	else if ((real = getcwd(NULL, 0)))
		joined = path_join(real, path);
	else
		err_sys(err, ERR_FAIL, _("the current folder"));
	free(parent);
	free(real);
	return joined;
}

/* The same for a folder, without links as far as it is there. */
static char *
absolute_dir(const char *path, struct err *err)
{
	char *real = realpath(path, NULL), *bare, *joined;
	size_t n = strlen(path);

	if (real)
		return real;
	while (n > 1 && path[n - 1] == '/')
		n--;
	bare = xstrndup(path, n);
	joined = absolute(bare, err);
	free(bare);
	return joined;
}

/* What the option or else the variable says, NULL when neither does. */
static bool
chosen(const char *option, const char *var, const char **value, struct err *err)
{
	const char *env = getenv(var);

	if (*value && !**value)
		return err_set(err, ERR_USAGE, _("%s needs a path"), option);
	if (!*value && env && *env)
		*value = env;
	return true;
}

static char *
beside(const char *file, const char *name)
{
	char *dir = xstrndup(file, (size_t)(strrchr(file, '/') - file));
	char *path = path_join(dir, name);

	free(dir);
	return path;
}

/* XDG_RUNTIME_DIR names a folder that is gone, or somebody else's, after su and under cron. */
static char *
runtime_dir(const char *data)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	struct stat st;

	if (dir && dir[0] == '/' && stat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == geteuid())
		return path_join(dir, "stonechat");
	return path_join(data, "run");
}

/* Everything below one folder. */
static void
paths_below(struct paths *p)
{
	p->state = xstrdup(p->data);
	p->runtime = path_join(p->data, "run");
	if (!p->config)
		p->config = path_join(p->data, "config");
}

static bool
paths_by_xdg(struct paths *p, struct err *err)
{
	p->data = own_dir("XDG_DATA_HOME", "/.local/share", err);
	p->state = p->data ? own_dir("XDG_STATE_HOME", "/.local/state", err) : NULL;
	if (!p->state)
		return false;
	p->runtime = runtime_dir(p->data);
	if (!p->config) {
		char *dir = own_dir("XDG_CONFIG_HOME", "/.config", err);

		p->config = dir ? path_join(dir, "config") : NULL;
		free(dir);
	}
	return p->config != NULL;
}

bool
paths_init(struct paths *p, const char *config, const char *data, struct err *err)
{
	struct paths made = { 0 };

	if (!chosen("--config", "STONECHAT_CONFIG", &config, err) ||
	    !chosen("--data", "STONECHAT_DATA", &data, err))
		return false;
	if (config && !(made.config = absolute(config, err)))
		goto fail;
	if (data && !(made.data = absolute_dir(data, err)))
		goto fail;
	if (made.data)
		paths_below(&made);
	else if (!paths_by_xdg(&made, err))
		goto fail;
	made.commands = beside(made.config, "commands");
	*p = made;
	return true;
fail:
	paths_done(&made);
	return false;
}

void
paths_done(struct paths *p)
{
	free(p->config);
	free(p->commands);
	free(p->data);
	free(p->state);
	free(p->runtime);
	*p = (struct paths){ 0 };
}
