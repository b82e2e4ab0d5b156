/* SPDX-License-Identifier: GPL-3.0-or-later */
/* completion: scripts for shells, made from the tables. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cmds/cmd.h"
#include "cmds/globals.h"
#include "cmds/print.h"

/* What completes the first argument of a command that takes a conversation. Shells expand what they
 * are given, so a name of other characters than the server allows is left out. */
#define ROOMS "stonechat rooms --json 2>/dev/null | sed -n " \
	"'s/.*\"name\":\"\\([#@][a-z0-9._-]*\\)\".*/\\1/p'"

static bool
takes_target(const struct cmd *c)
{
	return c->args && (strncmp(c->args, "TARGET", 6) == 0 || *c->args == '@');
}

static void
add_names(struct buf *b)
{
	for (size_t i = 0; cmd_table[i]; i++)
		buf_addf(b, "%s%s", i ? " " : "", cmd_table[i]->name);
}

static void
add_options(struct buf *b, const struct arg_row *rows)
{
	for (; rows && rows->name; rows++)
		if (strlen(rows->name) > 1)
			buf_addf(b, " --%s", rows->name);
		else
			buf_addf(b, " -%s", rows->name);
}

/* "list | get KEY" gives "list get": the words that a first argument may be. */
static void
add_acts(struct buf *b, const char *args)
{
	for (const char *p = args; p && *p; p++) {
		size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz");

		if (n > 1 && (p == args || p[-1] == '[' || p[-1] == ' '))
			buf_addf(b, " %.*s", (int)n, p);
		if (n)
			p += n - 1;
	}
}

/* "--format jsonl|text" gives the words that may follow --format. */
static void
add_choices(struct buf *b, const struct arg_row *rows)
{
	for (; rows && rows->name; rows++) {
		if (!rows->value || !strchr(rows->value, '|'))
			continue;
		buf_addf(b, "; [[ $prev == --%s ]] && words='", rows->name);
		for (const char *p = rows->value; *p; p++)
			buf_addc(b, *p == '|' ? ' ' : *p);
		buf_addc(b, '\'');
	}
}

static void
bash(struct buf *b)
{
	buf_adds(b, "# bash completion for stonechat\n_stonechat() {\n"
			"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
			"\tlocal cmd= i words=\n"
			"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
			"\t\tcase ${COMP_WORDS[i]} in\n"
			"\t\t--account|--config|--data|--set) i=$((i + 1)) ;;\n"
			"\t\t-*) ;;\n"
			"\t\t*) cmd=${COMP_WORDS[i]}; break ;;\n"
			"\t\tesac\n\tdone\n"
			"\tcase $cmd in\n\t'') words='");
	add_names(b);
	add_options(b, global_rows);
	buf_adds(b, "' ;;\n");
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *c = cmd_table[i];

		buf_addf(b, "\t%s) words='", c->name);
		add_acts(b, c->args);
		add_options(b, c->options);
		add_options(b, global_rows);
		buf_addf(b, "'%s", takes_target(c) ? "\" $(" ROOMS ")\"" : "");
		add_choices(b, c->options);
		buf_adds(b, " ;;\n");
	}
	buf_adds(b, "\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
			"complete -o default -F _stonechat stonechat\n");
}

static void
zsh(struct buf *b)
{
	buf_adds(b, "#compdef stonechat\n"
			"autoload -U +X bashcompinit && bashcompinit\n");
	bash(b);
}

static void
fish_options(struct buf *b, const char *condition, const struct arg_row *rows)
{
	for (; rows && rows->name; rows++)
		buf_addf(b, "complete -c stonechat %s -%c %s%s -d '%s'\n", condition,
				strlen(rows->name) > 1 ? 'l' : 's', rows->name,
				rows->type == ARG_FLAG ? "" : " -r", _(rows->help));
}

static void
fish(struct buf *b)
{
	buf_adds(b, "# fish completion for stonechat\ncomplete -c stonechat -f\n");
	fish_options(b, "", global_rows);
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *c = cmd_table[i];
		char condition[96];
		struct buf words;

		buf_init(&words, 4096);
		add_acts(&words, c->args);
		buf_addf(b, "complete -c stonechat -n __fish_use_subcommand -a %s -d '%s'\n",
				c->name, _(c->summary));
		snprintf(condition, sizeof condition, "-n '__fish_seen_subcommand_from %s'",
				c->name);
		if (takes_target(c))
			buf_addf(b, "complete -c stonechat %s -a \"(" ROOMS ")\"\n", condition);
		else if (words.n)
			buf_addf(b, "complete -c stonechat %s -a '%s'\n", condition,
					buf_str(&words) + 1);
		fish_options(b, condition, c->options);
		buf_done(&words);
	}
}

static void
run(struct cmd_run *r)
{
	static const struct { const char *name; void (*write)(struct buf *b); } shells[] = {
		{ "bash", bash }, { "zsh", zsh }, { "fish", fish },
	};
	struct err err = { ERR_NONE, "" };
	struct buf b;

	buf_init(&b, PRINT_MAX);
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (strcmp(shells[i].name, r->args.rest.v[0]) == 0)
			shells[i].write(&b);
	if (b.n == 0)
		err_set(&err, ERR_USAGE, _("completion knows bash, zsh and fish"));
	else if (!print_result(r, &b))
		err_set(&err, ERR_PIPE, "%s", "");
	buf_done(&b);
	cmd_done(r, &err);
}

const struct cmd row_completion = {
	.name = "completion", .args = "bash | zsh | fish", .min_args = 1, .max_args = 1,
	.summary = N_("print a completion script for a shell"), .flags = CMD_NO_LOCAL, .run = run,
};
