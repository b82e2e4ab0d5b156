/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the manual that are made from the tables. */
#include "cmds/manual.h"

#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/i18n.h"
#include "cmds/cmd.h"
#include "cmds/globals.h"
#include "cmds/options.h"

/* Text of a line, with what roff would obey made harmless. */
static void
text(struct buf *b, const char *s)
{
	for (; *s; s++) {
		bool at_start = b->n == 0 || b->p[b->n - 1] == '\n';

		if (*s == ' ' && b->n && b->p[b->n - 1] == '.')
			buf_addc(b, '\n');	/* a new sentence, a new line */
		else if (*s == '\\')
			buf_adds(b, "\\e");
		else if (at_start && (*s == '.' || *s == '\''))
			buf_addf(b, "\\&%c", *s);
		else if (*s == '-' && b->n && b->p[b->n - 1] == ' ')
			buf_adds(b, "\\-");
		else
			buf_addc(b, *s);
	}
}

/* The argument of a macro: one word in its eyes. */
static void
word(struct buf *b, const char *s)
{
	buf_addc(b, '"');
	for (; *s; s++)
		buf_adds(b, *s == '"' ? "\\(dq" : *s == '\\' ? "\\e" : (char[]){ *s, '\0' });
	buf_addc(b, '"');
}

/* Sentences end a line in mdoc. */
static void
sentence(struct buf *b, const char *s)
{
	text(b, s);
	buf_adds(b, ".\n");
}

static void
options(struct buf *b, const struct arg_row *rows)
{
	if (!rows || !rows->name)
		return;
	buf_adds(b, ".Bl -tag -width Ds -compact\n");
	for (; rows->name; rows++) {
		if (rows->short_name && strlen(rows->name) == 1)
			buf_addf(b, ".It Fl %c", rows->short_name);
		else if (rows->short_name)
			buf_addf(b, ".It Fl %c , Fl -%s", rows->short_name, rows->name);
		else
			buf_addf(b, ".It Fl -%s", rows->name);
		if (rows->value) {
			buf_adds(b, " Ar ");
			word(b, rows->value);
		}
		buf_addc(b, '\n');
		sentence(b, _(rows->help));
	}
	buf_adds(b, ".El\n");
}

void
manual_globals(struct buf *b)
{
	options(b, global_rows);
}

void
manual_commands(struct buf *b)
{
	buf_adds(b, ".Bl -tag -width Ds\n");
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *c = cmd_table[i];

		buf_addf(b, ".It Cm %s", c->name);
		if (c->args) {
			buf_adds(b, " Ar ");
			word(b, c->args);
		}
		buf_addc(b, '\n');
		sentence(b, _(c->summary));
		if (c->detail) {
			text(b, _(c->detail));
			buf_addc(b, '\n');
		}
		options(b, c->options);
	}
	buf_adds(b, ".El\n");
}

void
manual_exit(struct buf *b)
{
	static const struct { int status; const char *text; } rows[] = {
		{ ERR_NONE, N_("success; for send: the server has it") },
		{ ERR_FAIL, N_("an error without a status of its own: a full disk, a bad line") },
		{ ERR_USAGE, N_("wrong arguments, unknown names, an empty or too large message") },
		{ ERR_REFUSED, N_("refused by the server: no such room or person, no permission") },
		{ ERR_AUTH, N_("the token is not accepted") },
		{ ERR_APPROVAL, N_("needs an approval") },
		{ ERR_NETWORK, N_("the server cannot be reached") },
		{ ERR_TRUNCATED, N_("an answer that was cut off") },
		{ ERR_SCHEMA, N_("an answer that does not fit the schema asked for") },
		{ ERR_QUEUED, N_("queued durably; it goes out when the server is there") },
		{ ERR_HANGUP, N_("ended by SIGHUP") },
		{ ERR_INTERRUPT, N_("ended by SIGINT") },
		{ ERR_PIPE, N_("nobody reads standard output any more") },
		{ ERR_TERMINATED, N_("ended by SIGTERM") },
	};

	buf_adds(b, ".Bl -tag -width Ds -compact\n");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_addf(b, ".It %d\n", rows[i].status);
		sentence(b, _(rows[i].text));
	}
	buf_adds(b, ".El\n");
}

static void
option_type(struct buf *b, const struct conf_row *row)
{
	static const char *const names[] = {
		[CONF_STRING] = N_("text"), [CONF_INT] = N_("a number"),
		[CONF_BOOL] = "true|false", [CONF_PATH] = N_("a file"),
		[CONF_COMMAND] = N_("a program and its arguments"),
	};

	if (row->type == CONF_ENUM)
		text(b, row->choices);
	else
		text(b, _(names[row->type]));
	if (row->type == CONF_INT && (row->min || row->max))
		buf_addf(b, _(" from %lld to %lld"), (long long)row->min, (long long)row->max);
}

void
manual_options(struct buf *b)
{
	const char *section = "";

	for (const struct conf_row *row = option_rows; row->section; row++) {
		if (strcmp(section, row->section) != 0) {
			if (*section)
				buf_adds(b, ".El\n");
			buf_addf(b, ".Ss [%s]\n.Bl -tag -width Ds\n", row->section);
		}
		section = row->section;
		buf_addf(b, ".It Cm %s No = Ar ", row->key);
		option_type(b, row);
		buf_addc(b, '\n');
		sentence(b, _(row->help));
		if (row->fallback) {
			buf_adds(b, _("Default: "));
			sentence(b, row->fallback);
		}
	}
	buf_adds(b, ".El\n");
}
