/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stonechatd: the server, and its administration. */
#include <config.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/args.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/path.h"
#include "daemon/admin.h"
#include "daemon/options.h"
#include "daemon/serve.h"

/* 0, 1 and 2 are all there is. */
static int
status_of(enum err_kind kind)
{
	return kind == ERR_NONE ? 0 : kind == ERR_USAGE ? 2 : 1;
}

static int
complain(const struct err *err)
{
	fprintf(stderr, "stonechatd: %s\n", err->msg);
	return status_of(err->kind);
}

static int
print(const struct buf *b)
{
	if (fwrite(buf_str(b), 1, b->n, stdout) == b->n && fflush(stdout) == 0)
		return 0;
	fprintf(stderr, "stonechatd: %s: %s\n", _("standard output"), strerror(errno));
	return 1;
}

static int
help(void)
{
	struct buf b;
	int status;

	buf_init(&b, 64 * 1024);
	buf_adds(&b, _("usage: stonechatd [OPTIONS]\n       stonechatd [OPTIONS] COMMAND\n\n"
			"Without a command the server runs in the foreground until SIGTERM.\n\n"
			"Commands, also while the server runs:\n"));
	for (const struct admin_cmd *c = admin_cmds(); c->noun; c++) {
		char words[64];

		snprintf(words, sizeof words, "%s%s%s %s", c->noun, c->verb ? " " : "",
				c->verb ? c->verb : "", c->args);
		buf_addf(&b, "  %-24s %s\n", words, _(c->help));
	}
	buf_adds(&b, _("\nOptions:\n"));
	args_help(&b, options_args());
	buf_adds(&b, _("\nstonechatd(8) explains them and the configuration.\n"));
	status = print(&b);
	buf_done(&b);
	return status;
}

static int
version(void)
{
	struct buf b;
	int status;

	buf_init(&b, 1024);
	buf_addf(&b, "stonechatd %s\n", PACKAGE_VERSION);
	status = print(&b);
	buf_done(&b);
	return status;
}

static int
administer(const struct options *o, const struct args *a)
{
	struct err err = { 0 };
	struct buf out;
	int status;
	bool ok;

	buf_init(&out, 16 * 1024 * 1024);
	ok = admin_main(o, a, &out, &err);
	status = print(&out);
	buf_done(&out);
	return ok ? status : complain(&err);
}

static int
run(const struct args *a)
{
	struct options o;
	struct err err = { 0 };
	int status = 0;

	if (args_has(a, "help"))
		return help();
	if (args_has(a, "version"))
		return version();
	if (a->rest.n == 0 && !admin_options_fit(NULL, a, &err))
		return complain(&err);
	if (!options_load(&o, a, &err))
		return complain(&err);
	if (a->rest.n > 0)
		status = administer(&o, a);
	else if (!serve(&o, &status, &err))
		status = complain(&err);
	options_done(&o);
	return status;
}

int
main(int argc, char **argv)
{
	struct args a;
	struct err err = { 0 };
	int status;

	path_open_standard();
	i18n_init();
	if (!args_parse(&a, options_args(), argc - 1, argv + 1, false, &err))
		return complain(&err);
	status = run(&a);
	args_done(&a);
	return status;
}
