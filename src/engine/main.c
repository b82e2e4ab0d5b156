/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program stonechat-engine: takes the lock of a data directory and runs the engine in it. */
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
#include "base/mem.h"
#include "control/lock.h"
#include "drivers/driver.h"
#include "engine/engine.h"
#include "loop/loop.h"

static const struct arg_row rows[] = {
	{ .name = "data", .type = ARG_STRING, .value = "DIR",
		.help = N_("the data directory; everything lies below it") },
	{ .name = "config", .type = ARG_STRING, .value = "FILE",
		.help = N_("the configuration file") },
	{ .name = "offline", .type = ARG_FLAG,
		.help = N_("no network until a front without --offline comes") },
	{ .name = "set", .type = ARG_LIST, .value = "SECTION.KEY=VALUE",
		.help = N_("an option that wins over the file") },
	{ .name = "ready-fd", .type = ARG_INT, .value = "FD", .min = 3, .max = 1023,
		.help = N_("where to write \"ready\", \"held\" or the error") },
	{ .name = "version", .type = ARG_FLAG, .help = N_("print the version") },
	{ .name = "help", .type = ARG_FLAG, .help = N_("print this") },
	{ NULL }
};

/* The front that started us reads one line. */
static void
say(int fd, const char *line)
{
	if (fd < 0)
		return;
	(void)!write(fd, line, strlen(line));
	close(fd);
}

static int
fail(int ready_fd, const struct err *err)
{
	char line[512];

	fprintf(stderr, "stonechat-engine: %s\n", err->msg);
	snprintf(line, sizeof line, "error %d %s\n", (int)err->kind, err->msg);
	say(ready_fd, line);
	return (int)err->kind;
}

static void
help(void)
{
	struct buf b;

	buf_init(&b, 1u << 16);
	buf_adds(&b, _("usage: stonechat-engine [OPTIONS]\n"
			"The network side of stonechat, which starts it when it is needed.\n\n"));
	args_help(&b, rows);
	fputs(buf_str(&b), stdout);
	buf_done(&b);
}

/* The folder, ours alone and on a file system where SQLite's WAL works. */
static bool
prepare(struct engine *e, struct err *err)
{
	if (!paths_init(&e->paths, e->opt.config, e->opt.data, err) ||
			!path_make_dir(e->paths.data, err))
		return false;
	if (path_is_network_fs(e->paths.data))
		return err_set(err, ERR_USAGE,
				_("%s is on a network file system, where the mirror cannot live: "
				"choose another place with --data"), e->paths.data);
	e->config = lock_real_path(e->paths.config);
	return true;
}

static int
run(struct engine *e)
{
	struct err err = { ERR_NONE, "" };
	int status = 0;
	enum lock_result result = LOCK_ERROR;

	if (prepare(e, &err))
		result = lock_take(e->paths.data, &e->lock, &err);
	if (result == LOCK_HELD && err.kind == ERR_NONE) {
		if (e->opt.ready_fd < 0)
			fprintf(stderr, _("stonechat-engine: another one serves %s\n"),
					e->paths.data);
		say(e->opt.ready_fd, "held\n");
	} else if (result != LOCK_TAKEN || !engine_start(e, &err) ||
			!lock_write(e->lock, PACKAGE_VERSION, e->socket, e->config, &err)) {
		status = fail(e->opt.ready_fd, &err);
	} else {
		say(e->opt.ready_fd, "ready\n");
		loop_run(e->loop);
	}
	engine_done(e);
	free(e->config);
	paths_done(&e->paths);
	/* Last of all: whoever gets it finds everything closed. */
	if (e->lock >= 0)
		close(e->lock);
	return status;
}

static const char **
take_sets(const struct args *args)
{
	arr(const char *) sets = { 0 };
	const char *set;

	for (size_t i = 0; (set = args_each(args, "set", i)); i++)
		arr_push(&sets, set);
	arr_push(&sets, NULL);
	return sets.v;
}

int
main(int argc, char **argv)
{
	struct engine engine = { .opt.ready_fd = -1, .lock = -1, .drivers = drivers };
	struct args args = { 0 };
	struct err err;
	const char **sets;
	int status = 0;

	path_open_standard();
	umask(077);
	i18n_init();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	if (!args_parse(&args, rows, argc - 1, argv + 1, false, &err)) {
		status = fail(-1, &err);
	} else if (args_has(&args, "help")) {
		help();
	} else if (args_has(&args, "version")) {
		puts("stonechat-engine " PACKAGE_VERSION);
	} else {
		sets = take_sets(&args);
		engine.opt.data = args_str(&args, "data");
		engine.opt.config = args_str(&args, "config");
		engine.opt.is_offline = args_has(&args, "offline");
		engine.opt.ready_fd = (int)args_int(&args, "ready-fd", -1);
		engine.opt.sets = sets;
		status = run(&engine);
		free(sets);
	}
	args_done(&args);
	return status;
}
