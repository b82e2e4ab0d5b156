/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config: shows and changes options; all of them stand in one table. */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/args.h"
#include "base/arr.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/path.h"
#include "cmds/cmd.h"
#include "cmds/options.h"
#include "cmds/print.h"
#include "cmds/settings.h"

static void
finish(struct cmd_run *r, struct buf *b, const struct err *err)
{
	struct err copy = *err;

	if (copy.kind == ERR_NONE && b->n && !print_result(r, b))
		err_set(&copy, ERR_PIPE, "%s", "");
	buf_done(b);
	cmd_done(r, &copy);
}

/* list and get */

static void
add_value(struct cmd_run *r, struct buf *b, const char *section, const char *key)
{
	const char *value = conf_str(r->ctx->conf, section, key);

	if (conf_find(option_rows, section, key)->secret && value)
		value = "********";
	if (r->ctx->json) {
		char *name = xasprintf("%s.%s", section, key);

		buf_addc(b, '{');
		print_member(b, "key", name);
		print_member(b, "value", value ? value : "");
		buf_adds(b, "}\n");
		free(name);
	} else {
		buf_addf(b, "%s.%s = %s\n", section, key, value ? value : "");
	}
}

/* A key of "*" stands for every key of its section; of one that stands twice the last counts. */
static void
list_keys(struct cmd_run *r, struct buf *b, const char *section)
{
	const struct conf *conf = r->ctx->conf;
	const char *key, *later;

	for (size_t i = 0; (key = conf_key(conf, section, i)); i++) {
		size_t k = i + 1;

		while ((later = conf_key(conf, section, k)) && strcmp(later, key) != 0)
			k++;
		if (!later)
			add_value(r, b, section, key);
	}
}

/* A row for "account *" stands for every account. */
static void
list_row(struct cmd_run *r, struct buf *b, const struct conf_row *row)
{
	size_t n = strlen(row->section);
	const char *name;
	char *prefix;

	if (strcmp(row->key, "*") == 0) {
		list_keys(r, b, row->section);
		return;
	}
	if (n < 2 || strcmp(row->section + n - 2, " *") != 0) {
		add_value(r, b, row->section, row->key);
		return;
	}
	prefix = xstrndup(row->section, n - 2);
	for (size_t i = 0; (name = conf_section(r->ctx->conf, prefix, i)); i++) {
		char *section = xasprintf("%s %s", prefix, name);

		add_value(r, b, section, row->key);
		free(section);
	}
	free(prefix);
}

static void
list(struct cmd_run *r)
{
	struct err err = { ERR_NONE, "" };
	struct buf b;

	buf_init(&b, PRINT_MAX);
	for (const struct conf_row *row = option_rows; row->section; row++)
		list_row(r, &b, row);
	finish(r, &b, &err);
}

static void
get(struct cmd_run *r)
{
	struct err err = { ERR_NONE, "" };
	char *section, *key;
	const char *value;
	struct buf b;

	buf_init(&b, PRINT_MAX);
	if (settings_key(r->args.rest.v[1], &section, &key, &err)) {
		value = conf_str(r->ctx->conf, section, key);
		if (r->ctx->json)
			add_value(r, &b, section, key);
		else if (conf_find(option_rows, section, key)->secret)
			err_set(&err, ERR_USAGE, _("%s.%s is a secret"), section, key);
		else
			buf_addf(&b, "%s\n", value ? value : "");
		free(section);
		free(key);
	}
	finish(r, &b, &err);
}

/* keys: the table itself */

static const char *
type_name(const struct conf_row *row)
{
	static const char *const names[] = {
		[CONF_STRING] = N_("text"), [CONF_INT] = N_("number"), [CONF_BOOL] = "true|false",
		[CONF_PATH] = N_("file"), [CONF_COMMAND] = N_("command"),
	};

	return row->type == CONF_ENUM ? row->choices : _(names[row->type]);
}

static void
add_key(struct cmd_run *r, struct buf *b, const struct conf_row *row)
{
	const char *fallback = row->fallback ? row->fallback : "";

	if (r->ctx->json) {
		char *name = xasprintf("%s.%s", row->section, row->key);

		buf_addc(b, '{');
		print_member(b, "key", name);
		print_member(b, "type", type_name(row));
		print_member(b, "default", fallback);
		print_number(b, "min", row->min);
		print_number(b, "max", row->max);
		print_member(b, "help", _(row->help));
		buf_adds(b, "}\n");
		free(name);
		return;
	}
	buf_addf(b, "%s.%s  (%s", row->section, row->key, type_name(row));
	if (row->type == CONF_INT && (row->min || row->max))
		buf_addf(b, _(" from %lld to %lld"), (long long)row->min, (long long)row->max);
	if (*fallback)
		buf_addf(b, _(", %s if unset"), fallback);
	buf_addf(b, ")\n    %s\n", _(row->help));
}

static void
keys(struct cmd_run *r)
{
	struct err err = { ERR_NONE, "" };
	struct buf b;

	buf_init(&b, PRINT_MAX);
	for (const struct conf_row *row = option_rows; row->section; row++)
		add_key(r, &b, row);
	finish(r, &b, &err);
}

/* set and edit */

static void
set(struct cmd_run *r)
{
	const char *value = r->args.rest.n > 2 ? r->args.rest.v[2] : NULL;
	char *section, *key, *old, *text = NULL;
	struct err err;

	if (!settings_key(r->args.rest.v[1], &section, &key, &err)) {
		cmd_done(r, &err);
		return;
	}
	old = settings_read(r->ctx, &err);
	if (old && (!value || conf_check(conf_find(option_rows, section, key), value, &err)))
		text = conf_edit(old, section, key, value);
	if (text && settings_write(r->ctx, text, &err))
		err.kind = ERR_NONE;
	free(text);
	free(old);
	free(section);
	free(key);
	cmd_done(r, &err);
}

/* Runs the person's editor on path and waits for it. */
static bool
run_editor(const char *path, struct err *err)
{
	const char *editor = getenv("VISUAL");
	char **words, **argv;
	int n, status = -1, rc;
	pid_t pid;

	if (!editor || !*editor)
		editor = getenv("EDITOR");
	if (!words_split(editor && *editor ? editor : "vi", &words, &n, err))
		return err_wrap(err, "EDITOR");
	argv = xcalloc((size_t)n + 2, sizeof *argv);
	for (int i = 0; i < n; i++)
		argv[i] = words[i];
	argv[n] = (char *)path;
	rc = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	while (rc == 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	free(argv);
	if (rc != 0 || status != 0)
		err_set(err, ERR_FAIL, _("the editor %s failed"), n > 0 ? words[0] : "");
	words_free(words, n);
	return rc == 0 && status == 0;
}

/* A copy is edited; it takes the file's place only when it parses. */
static void
edit(struct cmd_run *r)
{
	char *draft = xasprintf("%s.edit", r->ctx->paths->config), *old, *text = NULL;
	struct err err = { ERR_NONE, "" };
	bool ok;

	old = settings_read(r->ctx, &err);
	ok = old && settings_folder(r->ctx, &err) && path_write(draft, old, strlen(old), &err) &&
			run_editor(draft, &err);
	if (ok)
		text = path_read(draft, SETTINGS_MAX, NULL, &err);
	ok = text && (strcmp(text, old) == 0 || settings_write(r->ctx, text, &err));
	if (ok || !text)
		unlink(draft);
	else
		err_wrap(&err, _("nothing was changed (your text is in %s)"), draft);
	if (ok)
		err.kind = ERR_NONE;
	free(text);
	free(old);
	free(draft);
	cmd_done(r, &err);
}

static void
run(struct cmd_run *r)
{
	static const struct { const char *name; size_t min, max; void (*run)(struct cmd_run *r); }
	acts[] = {
		{ "list", 1, 1, list }, { "get", 2, 2, get }, { "set", 2, 3, set },
		{ "edit", 1, 1, edit }, { "keys", 1, 1, keys },
	};
	const char *act = r->args.rest.v[0];
	bool is_told = strcmp(act, "list") == 0 || strcmp(act, "get") == 0;
	struct err err;

	if (is_told && r->ctx->broken.kind != ERR_NONE) {
		cmd_done(r, &r->ctx->broken);
		return;
	}

	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (strcmp(acts[i].name, act) == 0 && r->args.rest.n >= acts[i].min &&
				r->args.rest.n <= acts[i].max) {
			acts[i].run(r);
			return;
		}
	err_set(&err, ERR_USAGE, _("usage: config %s"), r->cmd->args);
	cmd_done(r, &err);
}

const struct cmd row_config = {
	.name = "config", .args = "list | get KEY | set KEY [VALUE] | edit | keys", .min_args = 1,
	.max_args = 3, .summary = N_("show and change options"),
	.detail = N_("KEY is SECTION.KEY, for an account \"account NAME.KEY\". set without VALUE\n"
		"takes the option out. keys shows every option with its type and meaning."),
	.flags = CMD_NO_LOCAL | CMD_ANY_CONF, .run = run,
};
