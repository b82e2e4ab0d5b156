/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program stonechat: one command, or the screen. */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/args.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/path.h"
#include "cmds/globals.h"
#include "front/batch.h"
#include "front/front.h"
#include "front/globals.h"

#define HELP_MAX (1u << 20)

static int
fail(const struct err *err)
{
	batch_complain(err->msg);
	return (int)err->kind;
}

static int
print(struct buf *b)
{
	struct err err;
	bool ok = batch_write(buf_str(b), b->n, &err);

	buf_done(b);
	if (ok)
		return 0;
	return err.kind == ERR_PIPE ? (int)err.kind : fail(&err);
}

static int
help(const char *name)
{
	const struct cmd *c = name ? cmd_find(NULL, name) : NULL;
	struct err err;
	struct buf b;

	if (name && !c) {
		cmd_unknown(NULL, name, &err);
		return fail(&err);
	}
	buf_init(&b, HELP_MAX);
	if (c) {
		cmd_help(&b, c);
	} else {
		buf_adds(&b, _("usage: stonechat [OPTIONS] [COMMAND [ARGUMENTS]]\n"
				"Without a command: the screen.\n\n"));
		args_help(&b, global_rows);
		buf_adds(&b, "\n");
		cmd_help_all(&b, NULL);
	}
	return print(&b);
}

static int
version(void)
{
	struct buf b;

	buf_init(&b, 64);
	buf_adds(&b, "stonechat " PACKAGE_VERSION "\n");
	return print(&b);
}

/* The screen, or plain mode where there can be none. */
static int
interact(struct front *f)
{
	struct err err;
	int status;

	if (f->opt.plain)
		return plain_run(f, NULL);
	status = screen_run(f, &err);
	if (err.kind == ERR_NONE)
		return status;
	return err.kind == ERR_USAGE ? plain_run(f, err.msg) : fail(&err);
}

static int
start(struct globals *opt, int argc, char **argv)
{
	struct front front = { 0 };
	const struct cmd *cmd;
	struct err err;
	int status;

	if (argc == 0 && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
		err_set(&err, ERR_USAGE, _("the screen needs a terminal; stonechat --help lists "
				"the commands that do not"));
		free(opt->sets);
		return fail(&err);
	}
	cmd = argc > 0 ? cmd_find(NULL, argv[0]) : NULL;
	opt->flags = cmd ? cmd->flags : 0;
	if (!front_init(&front, opt, &err))
		status = fail(&err);
	else if (argc == 0)
		status = interact(&front);
	else
		status = batch_run(&front, argc, argv);
	front_done(&front);
	return status;
}

int
main(int argc, char **argv)
{
	struct globals opt;
	struct err err;
	char **rest;
	int n, status;

	path_open_standard();
	umask(077);
	i18n_init();
	signal(SIGPIPE, SIG_IGN);
	if (!globals_take(&opt, argc - 1, argv + 1, &rest, &n, &err)) {
		free(opt.sets);
		status = fail(&err);
	} else if (opt.version || opt.help) {
		status = opt.help ? help(n > 0 ? rest[0] : NULL) : version();
		free(opt.sets);
	} else {
		status = start(&opt, n, rest);
	}
	free(rest);
	return status;
}
