/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What commands work with: the loop, the mirrors, the way to the engine, standard input. */
#include "config.h"

#include "front/front.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/args.h"
#include "base/arr.h"
#include "base/conf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "cmds/accounts.h"
#include "cmds/options.h"
#include "control/lock.h"
#include "control/remote.h"
#include "front/input.h"
#include "loop/loop.h"
#include "store/reader.h"

struct mirror { char *account; struct reader *reader; };

/* Begins with the cmd_ctx, so one is the other. */
struct front_ctx {
	struct cmd_ctx ctx;
	struct front *front;
	struct remote *remote;
	struct remote_conf remote_conf;
	char *data, *config, *data_option;
	arr(struct mirror) mirrors;
	struct input *input;
};

/* An answer that must not come inside the question. */
struct later_error {
	void (*then)(void *arg, const struct err *err);
	void *arg;
	struct err err;
};

static void
on_later_error(void *arg)
{
	struct later_error *l = arg;

	l->then(l->arg, &l->err);
	free(l);
}

/* The engine */

/* The folder is made first, so that its name is the same for everybody who looks. */
static struct remote *
get_remote(struct front_ctx *p, struct err *err)
{
	struct front *f = p->front;

	if (p->remote)
		return p->remote;
	if (!path_make_dir(f->paths.data, err))
		return NULL;
	p->data = lock_real_path(f->paths.data);
	p->config = lock_real_path(f->paths.config);
	p->data_option = f->opt.data ? p->data : NULL;
	p->remote_conf = (struct remote_conf){ .data = p->data, .config = p->config,
		.data_option = p->data_option, .sets = f->opt.sets, .version = PACKAGE_VERSION,
		.is_offline = f->opt.offline };
	p->remote = remote_new(f->loop, &p->remote_conf);
	p->ctx.api = remote_api(p->remote);
	return p->remote;
}

static void
connect_engine(struct cmd_ctx *c, bool can_start, void (*then)(void *arg, const struct err *err),
		void *arg)
{
	struct front_ctx *p = (struct front_ctx *)c;
	struct later_error *l;
	struct err err;

	if (get_remote(p, &err)) {
		remote_connect(p->remote, can_start, then, arg);
		return;
	}
	l = xcalloc(1, sizeof *l);
	l->then = then;
	l->arg = arg;
	l->err = err;
	loop_timer_start(p->front->loop, 0, on_later_error, l);
}

static void
ctx_engine(struct cmd_ctx *c, void (*then)(void *arg, const struct err *err), void *arg)
{
	connect_engine(c, true, then, arg);
}

static void
ctx_engine_there(struct cmd_ctx *c, void (*then)(void *arg, const struct err *err), void *arg)
{
	connect_engine(c, false, then, arg);
}

void
front_observe(struct front *f, api_event_fn *fn, void *arg)
{
	struct event ev = { .type = EV_NOTICE, .account = "", .conv = "", .name = "" };
	struct err err;

	if (get_remote(f->priv, &err)) {
		remote_observe(f->priv->remote, fn, arg);
	} else if (fn) {
		ev.notice.level = 2;
		ev.notice.text = err.msg;
		fn(arg, &ev);
	}
}

/* The mirrors */

static struct reader *
ctx_mirror(struct cmd_ctx *c, const char *account, struct err *err)
{
	struct front_ctx *p = (struct front_ctx *)c;
	const char *name = account ? account : accounts_default(c->conf);
	struct reader *reader;
	char *dir;

	for (size_t i = 0; i < p->mirrors.n; i++)
		if (strcmp(p->mirrors.v[i].account, name) == 0)
			return p->mirrors.v[i].reader;
	dir = accounts_dir(&p->front->paths, name);
	reader = reader_open(dir, err);
	free(dir);
	if (reader)
		arr_push(&p->mirrors, ((struct mirror){ xstrdup(name), reader }));
	return reader;
}

/* Timers and standard input */

struct cmd_later { struct loop_timer *timer; void (*fn)(void *arg); void *arg; };

static void
on_later(void *arg)
{
	struct cmd_later *l = arg;
	void (*fn)(void *) = l->fn;
	void *fn_arg = l->arg;

	free(l);
	fn(fn_arg);
}

static struct cmd_later *
ctx_later(struct cmd_ctx *c, int64_t ms, void (*fn)(void *arg), void *arg)
{
	struct cmd_later *l = xcalloc(1, sizeof *l);

	l->fn = fn;
	l->arg = arg;
	l->timer = loop_timer_start(((struct front_ctx *)c)->front->loop, ms, on_later, l);
	return l;
}

static void
ctx_later_stop(struct cmd_later *l)
{
	if (!l)
		return;
	loop_timer_stop(l->timer);
	free(l);
}

static void
on_silence(void *arg)
{
	struct front_ctx *p = arg;

	if (!p->ctx.quiet)
		dprintf(STDERR_FILENO, "%s\n",
				_("reading standard input… (--no-stdin skips it)"));
}

static void
ctx_stdin_start(struct cmd_ctx *c, bool (*fn)(void *arg, const char *p, size_t n), void *arg)
{
	struct front_ctx *p = (struct front_ctx *)c;

	if (!p->input)
		p->input = input_new(p->front->loop, on_silence, p);
	input_start(p->input, fn, arg);
}

static void
ctx_stdin_more(struct cmd_ctx *c)
{
	input_more(((struct front_ctx *)c)->input);
}

static void
ctx_stdin_stop(struct cmd_ctx *c)
{
	struct front_ctx *p = (struct front_ctx *)c;

	if (p->input)
		input_stop(p->input);
}

static bool
ctx_stdin_is_data(struct cmd_ctx *c)
{
	return !c->no_stdin && !c->is_screen && input_is_data();
}

/* Start and end */

static bool
check_owner(const char *data, struct err *err)
{
	struct stat st;
	const struct passwd *pw;

	if (stat(data, &st) != 0 || st.st_uid == geteuid())
		return true;
	pw = getpwuid(st.st_uid);
	return err_set(err, ERR_USAGE, _("%s belongs to %s: run as that user, or choose another "
			"place with --data"), data, pw ? pw->pw_name : "?");
}

/* A file that was named must be there; the usual one need not. */
static bool
read_options(struct front *f, struct err *err)
{
	bool is_named = f->opt.config != NULL;

	f->conf = conf_new(option_rows);
	if (!conf_load(f->conf, f->paths.config, is_named, err)) {
		f->ctx->broken = *err;
		if (!(f->opt.flags & CMD_ANY_CONF))
			return false;
	}
	for (size_t i = 0; f->opt.sets && f->opt.sets[i]; i++)
		if (!conf_set(f->conf, f->opt.sets[i], err))
			return false;
	return true;
}

/* A running engine reads another file: what this one says would not count. */
static bool
check_engine(const struct front *f, struct err *err)
{
	char *data = lock_real_path(f->paths.data), *config = lock_real_path(f->paths.config);
	bool ok = lock_has_config(data, config, err);

	free(data);
	free(config);
	return ok;
}

/* --color, NO_COLOR, and whether somebody looks. */
static bool
wants_color(const struct globals *opt)
{
	const char *term = getenv("TERM");

	return opt->color == COLOR_ALWAYS || (opt->color == COLOR_AUTO && isatty(STDOUT_FILENO) &&
			term && *term && strcmp(term, "dumb") != 0);
}

bool
front_init(struct front *f, const struct globals *opt, struct err *err)
{
	struct front_ctx *p = xcalloc(1, sizeof *p);

	*f = (struct front){ .opt = *opt, .priv = p, .ctx = &p->ctx };
	p->front = f;
	p->ctx = (struct cmd_ctx){
		.engine = ctx_engine, .engine_there = ctx_engine_there, .mirror = ctx_mirror,
		.later = ctx_later, .later_stop = ctx_later_stop, .stdin_start = ctx_stdin_start,
		.stdin_more = ctx_stdin_more, .stdin_stop = ctx_stdin_stop,
		.stdin_is_data = ctx_stdin_is_data, .paths = &f->paths, .account = opt->account,
		.color = wants_color(opt), .json = opt->json,
		.quiet = opt->quiet, .verbose = opt->verbose,
		.offline = opt->offline, .no_stdin = opt->no_stdin,
	};
	if (!paths_init(&f->paths, opt->config, opt->data, err) ||
			!((opt->flags & CMD_ANY_OWNER) || check_owner(f->paths.data, err)) ||
			!read_options(f, err) ||
			!((opt->flags & CMD_ANY_OWNER) || check_engine(f, err)))
		return false;
	p->ctx.conf = f->conf;
	p->ctx.version = PACKAGE_VERSION;
	if (opt->account && p->ctx.broken.kind == ERR_NONE &&
			!accounts_exists(f->conf, opt->account))
		return err_set(err, ERR_USAGE, _("there is no account \"%s\""), opt->account);
	f->loop = loop_new(err);
	return f->loop != NULL;
}

void
front_done(struct front *f)
{
	struct front_ctx *p = f->priv;

	if (!p)
		return;
	remote_free(p->remote);
	input_free(p->input);
	for (size_t i = 0; i < p->mirrors.n; i++) {
		reader_close(p->mirrors.v[i].reader);
		free(p->mirrors.v[i].account);
	}
	arr_done(&p->mirrors);
	free(p->data);
	free(p->config);
	free(p);
	if (f->loop)
		loop_free(f->loop);
	conf_free(f->conf);
	paths_done(&f->paths);
	free(f->opt.sets);
	memset(f, 0, sizeof *f);
}

/* Lines */

/* A running line owns its words. */
struct typed {
	char **words;
	int n;
	void (*done)(void *arg, const struct err *err);
	void *arg;
};

static void
on_line_done(void *arg, const struct err *err)
{
	struct typed *t = arg;
	void (*done)(void *, const struct err *) = t->done;
	void *done_arg = t->arg;

	words_free(t->words, t->n);
	free(t);
	done(done_arg, err);
}

struct cmd_run *
front_line(struct front *f, const char *line, struct cmd_sink *sink,
		void (*done)(void *arg, const struct err *err), void *arg)
{
	struct typed *t = xcalloc(1, sizeof *t);
	struct err err;

	t->done = done;
	t->arg = arg;
	if (words_split(line, &t->words, &t->n, &err) && t->n > 0)
		return cmd_run(f->ctx, t->n, t->words, sink, on_line_done, t);
	if (t->n == 0 && t->words)
		err_set(&err, ERR_USAGE, _("there is no command"));
	on_line_done(t, &err);
	return NULL;
}
