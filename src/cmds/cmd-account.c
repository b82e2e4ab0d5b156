/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account: adds, lists and removes accounts in the configuration. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/path.h"
#include "cmds/accounts.h"
#include "cmds/cmd.h"
#include "cmds/options.h"
#include "cmds/print.h"
#include "cmds/settings.h"
#include "control/lock.h"

static const struct arg_row options[] = {
	{ .name = "user", .type = ARG_STRING, .value = "U", .help = N_("your name there") },
	{ .name = "token-file", .type = ARG_STRING, .value = "F",
		.help = N_("a file that holds the token") },
	{ .name = "token-command", .type = ARG_STRING, .value = "CMD",
		.help = N_("a program that prints the token") },
	{ NULL }
};

static void
on_reloaded(struct cmd_run *r, const struct reply *reply)
{
	(void)reply;
	cmd_done(r, NULL);
}

/* An engine that runs is told, and says what it thinks of it; else the next one reads the file. */
static void
on_engine(struct cmd_run *r, const struct err *err)
{
	struct request rq = { .verb = VERB_ENGINE, .act = "reload" };

	if (!err)
		cmd_ask(r, &rq, on_reloaded);
	else
		cmd_done(r, err->kind == ERR_NETWORK ? NULL : err);
}

static void
write_and_tell(struct cmd_run *r, const char *text, struct err *err)
{
	if (settings_write(r->ctx, text, err))
		cmd_engine_there(r, on_engine);
	else
		cmd_done(r, err);
}

/* Sets section.key in *text, which is replaced. */
static void
put(char **text, const char *section, const char *key, const char *value)
{
	char *now = conf_edit(*text, section, key, value);

	free(*text);
	*text = now;
}

static bool
check_url(const char *url, struct err *err)
{
	const char *host;

	if (strncmp(url, "unix:/", 6) == 0 || strncmp(url, "wss://", 6) == 0)
		return true;
	if (strncmp(url, "ws://", 5) != 0)
		return err_set(err, ERR_USAGE, _("%.100s: wss://HOST, ws:// on this machine, or "
				"unix:/PATH"), url);
	host = url + 5;
	if (strncmp(host, "127.", 4) == 0 || strncmp(host, "localhost", 9) == 0 ||
			strncmp(host, "[::1]", 5) == 0)
		return true;
	return err_set(err, ERR_USAGE, _("%.100s: without TLS (wss://) only this machine"), url);
}

static bool
check_new(struct cmd_run *r, const char *name, struct err *err)
{
	const char *file = args_str(&r->args, "token-file"), *user = args_str(&r->args, "user");

	if (!accounts_name_valid(name) || accounts_built_in(name))
		return err_set(err, ERR_USAGE, _("\"%.40s\" cannot be the name of an account: "
				"small letters, digits, . _ -, at most 32"), name);
	if (accounts_exists(r->ctx->conf, name))
		return err_set(err, ERR_USAGE, _("there is an account \"%s\" already"), name);
	if (file && args_has(&r->args, "token-command"))
		return err_set(err, ERR_USAGE, _("--token-file or --token-command, not both"));
	if (file && access(file, R_OK) != 0)
		return err_sys(err, ERR_USAGE, "%s", file);
	if (user && !id_name_valid(user))
		return err_set(err, ERR_USAGE, _("\"%.40s\" is no user name"), user);
	return check_url(r->args.rest.v[2], err);
}

static void
add(struct cmd_run *r)
{
	const char *name = r->args.rest.v[1], *file = args_str(&r->args, "token-file");
	const char *user = args_str(&r->args, "user");
	const char *command = args_str(&r->args, "token-command");
	char *text, *section = xasprintf("account %s", name), *path;
	struct err err;

	text = check_new(r, name, &err) ? settings_read(r->ctx, &err) : NULL;
	if (!text) {
		free(section);
		cmd_done(r, &err);
		return;
	}
	put(&text, section, "url", r->args.rest.v[2]);
	if (user)
		put(&text, section, "user", user);
	if (command)
		put(&text, section, "token_command", command);
	if (file) {
		path = lock_real_path(file);
		put(&text, section, "token_file", path);
		free(path);
	}
	free(section);
	write_and_tell(r, text, &err);
	free(text);
}

static void
remove_account(struct cmd_run *r)
{
	const char *name = r->args.rest.v[1], *def = conf_str(r->ctx->conf, "account", "default");
	char *section = xasprintf("account %s", name), *text = NULL;
	struct err err;

	if (!accounts_exists(r->ctx->conf, name) || accounts_built_in(name))
		err_set(&err, ERR_USAGE, _("there is no account \"%.40s\" to remove"), name);
	else
		text = settings_read(r->ctx, &err);
	if (text) {
		settings_drop(text, section);
		if (def && strcmp(def, name) == 0)
			put(&text, "account", "default", NULL);
		settings_drop_empty(text, "account");
		write_and_tell(r, text, &err);
	} else {
		cmd_done(r, &err);
	}
	free(text);
	free(section);
}

static void
set_default(struct cmd_run *r)
{
	const char *name = r->args.rest.v[1];
	char *text = NULL;
	struct err err;

	if (!accounts_exists(r->ctx->conf, name))
		err_set(&err, ERR_USAGE, _("there is no account \"%.40s\""), name);
	else if (strcmp(name, ACCOUNT_ARCHIVE) == 0)
		err_set(&err, ERR_USAGE, _("nothing can be sent to the archive"));
	else
		text = settings_read(r->ctx, &err);
	if (text) {
		put(&text, "account", "default", name);
		write_and_tell(r, text, &err);
	} else {
		cmd_done(r, &err);
	}
	free(text);
}

static void
add_row(struct cmd_run *r, struct buf *b, const char *name)
{
	char *section = xasprintf("account %s", name);
	bool is_built_in = accounts_built_in(name);
	const char *own = strcmp(name, ACCOUNT_LOCAL) == 0 ? _("a server of one's own") :
			_("imported history, no server");
	const char *url = is_built_in ? NULL : conf_str(r->ctx->conf, section, "url");
	const char *user = is_built_in ? NULL : conf_str(r->ctx->conf, section, "user");
	bool is_default = strcmp(name, accounts_default(r->ctx->conf)) == 0;

	if (r->ctx->json) {
		buf_addc(b, '{');
		print_member(b, "name", name);
		print_member(b, "url", url ? url : "");
		print_member(b, "user", user ? user : "");
		print_bool(b, "default", is_default);
		buf_adds(b, "}\n");
	} else {
		buf_addf(b, "%s  %s%s%s%s\n", name, url ? url : own,
				user ? "  " : "", user ? user : "",
				is_default ? _("  (default)") : "");
	}
	free(section);
}

static void
list(struct cmd_run *r)
{
	char **names = accounts_list(r->ctx->conf, r->ctx->paths);
	struct err err = { ERR_NONE, "" };
	struct buf b;

	buf_init(&b, PRINT_MAX);
	for (size_t i = 0; names[i]; i++)
		add_row(r, &b, names[i]);
	if (!print_result(r, &b))
		err_set(&err, ERR_PIPE, "%s", "");
	buf_done(&b);
	accounts_free(names);
	cmd_done(r, &err);
}

static void
run(struct cmd_run *r)
{
	static const struct { const char *name; size_t n; void (*run)(struct cmd_run *r); }
	acts[] = {
		{ "add", 3, add }, { "list", 1, list }, { "remove", 2, remove_account },
		{ "default", 2, set_default },
	};
	struct err err;

	/* the first account makes the file that --config names */
	if (r->ctx->broken.kind != ERR_NONE && (strcmp(r->args.rest.v[0], "add") != 0 ||
			access(r->ctx->paths->config, F_OK) == 0)) {
		cmd_done(r, &r->ctx->broken);
		return;
	}
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (strcmp(acts[i].name, r->args.rest.v[0]) == 0 && r->args.rest.n == acts[i].n) {
			acts[i].run(r);
			return;
		}
	err_set(&err, ERR_USAGE, _("usage: account %s"), r->cmd->args);
	cmd_done(r, &err);
}

const struct cmd row_account = {
	.name = "account", .args = "add NAME URL | list | remove NAME | default NAME",
	.min_args = 1, .max_args = 3, .summary = N_("the servers that you use"),
	.detail = N_("URL is wss://HOST[:PORT], ws:// on this machine, or unix:/PATH. What was\n"
		"mirrored of a removed account stays on the disk."),
	.options = options, .flags = CMD_NO_LOCAL | CMD_ANY_CONF, .run = run,
};
