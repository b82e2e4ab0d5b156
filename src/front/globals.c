/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes the global options out of the command line. */
#include "front/globals.h"

#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/arr.h"
#include "base/i18n.h"
#include "cmds/globals.h"

struct words { arr(char *) globals, rest; };

/* The row of rows that word names ("--name", "--name=value" or "-x"), or NULL. */
static const struct arg_row *
row_of(const struct arg_row *rows, const char *word)
{
	size_t n;

	if (!rows || word[0] != '-' || word[1] == '\0')
		return NULL;
	if (word[1] != '-') {
		for (; rows->name; rows++)
			if (rows->short_name && word[1] == rows->short_name &&
					(rows->type != ARG_FLAG || word[2] == '\0'))
				return rows;
		return NULL;
	}
	n = strcspn(word + 2, "=");
	for (; rows->name; rows++)
		if (strlen(rows->name) == n && strncmp(rows->name, word + 2, n) == 0)
			return rows;
	return NULL;
}

/* Does its value stand in the next word? */
static bool
has_value_behind(const struct arg_row *row, const char *word)
{
	if (row->type == ARG_FLAG)
		return false;
	return word[1] == '-' ? strchr(word, '=') == NULL : word[2] == '\0';
}

static void
sort_words(struct words *w, int argc, char **argv)
{
	const struct cmd *cmd = NULL;

	for (int i = 0; i < argc; i++) {
		const struct arg_row *own = row_of(cmd ? cmd->options : NULL, argv[i]);
		const struct arg_row *global = own ? NULL : row_of(global_rows, argv[i]);
		const struct arg_row *row = own ? own : global;

		if (strcmp(argv[i], "--") == 0) {
			for (; i < argc; i++)
				arr_push(&w->rest, argv[i]);
			return;
		}
		if (global)
			arr_push(&w->globals, argv[i]);
		else
			arr_push(&w->rest, argv[i]);
		if (row && i + 1 < argc && has_value_behind(row, argv[i])) {
			i++;
			if (global)
				arr_push(&w->globals, argv[i]);
			else
				arr_push(&w->rest, argv[i]);
		} else if (!row && !cmd && w->rest.n == 1) {
			cmd = cmd_find(NULL, argv[i]);
		}
	}
}

static const char *
or_environment(const char *value, const char *name)
{
	const char *env = getenv(name);

	return value ? value : env && *env ? env : NULL;
}

static bool
take_color(struct globals *g, const char *when, struct err *err)
{
	const char *no_color = getenv("NO_COLOR");

	g->color = no_color && *no_color ? COLOR_NEVER : COLOR_AUTO;
	if (!when || (strcmp(when, "auto") == 0 && g->color == COLOR_AUTO))
		return true;
	if (strcmp(when, "always") == 0)
		g->color = COLOR_ALWAYS;
	else if (strcmp(when, "never") == 0)
		g->color = COLOR_NEVER;
	else if (strcmp(when, "auto") != 0)
		return err_set(err, ERR_USAGE, _("--color is auto, always or never"));
	return true;
}

static bool
fill(struct globals *g, const struct args *a, struct err *err)
{
	arr(const char *) sets = { 0 };
	const char *set;

	g->account = or_environment(args_str(a, "account"), "STONECHAT_ACCOUNT");
	g->config = or_environment(args_str(a, "config"), "STONECHAT_CONFIG");
	g->data = or_environment(args_str(a, "data"), "STONECHAT_DATA");
	g->plain = args_has(a, "plain");
	g->offline = args_has(a, "offline");
	g->json = args_has(a, "json");
	g->no_stdin = args_has(a, "no-stdin");
	g->quiet = args_has(a, "quiet");
	g->verbose = args_has(a, "verbose");
	g->version = args_has(a, "version");
	g->help = args_has(a, "help");
	for (size_t i = 0; (set = args_each(a, "set", i)); i++)
		arr_push(&sets, set);
	arr_push(&sets, NULL);
	g->sets = sets.v;
	return take_color(g, args_str(a, "color"), err);
}

bool
globals_take(struct globals *g, int argc, char **argv, char ***rest, int *n, struct err *err)
{
	struct words w = { { 0 }, { 0 } };
	struct args a = { 0 };
	bool ok;

	*g = (struct globals){ 0 };
	sort_words(&w, argc, argv);
	*n = (int)w.rest.n;
	arr_push(&w.rest, NULL);
	*rest = w.rest.v;
	ok = args_parse(&a, global_rows, (int)w.globals.n, w.globals.v, false, err) &&
			fill(g, &a, err);
	args_done(&a);
	arr_done(&w.globals);
	return ok;
}
