/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command-line arguments against a table. */
#include "base/args.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/text.h"

#define HELP_WIDTH 80		/* columns of a help text */
#define HELP_COLUMN 26		/* where the words of a row begin at the latest */

/* Where parsing stands. */
struct walk {
	struct args *args;
	char *const *argv;
	int argc, at;
	struct err *err;
};

static const struct arg_row *
find_long(const struct arg_row *rows, const char *name, size_t n)
{
	for (; rows->name; rows++)
		if (strlen(rows->name) == n && memcmp(rows->name, name, n) == 0)
			return rows;
	return NULL;
}

static const struct arg_row *
find_short(const struct arg_row *rows, char c)
{
	for (; rows->name; rows++)
		if (rows->short_name == c)
			return rows;
	return NULL;
}

static bool
unknown_option(const struct walk *w, const char *name, size_t n)
{
	arr(const char *) names = { 0 };
	char *word = xstrndup(name, n);
	const char *near;

	for (const struct arg_row *row = w->args->rows; row->name; row++)
		arr_push(&names, row->name);
	arr_push(&names, NULL);
	near = words_nearest(word, names.v);
	if (near)
		err_set(w->err, ERR_USAGE, _("unknown option --%s; did you mean --%s?"), word,
			near);
	else
		err_set(w->err, ERR_USAGE, _("unknown option --%s"), word);
	free(word);
	arr_done(&names);
	return false;
}

/* What stands before the name of an option. */
static const char *
dashes(const struct arg_row *row)
{
	return row->name[1] ? "--" : "-";
}

static bool
take_int(const struct arg_row *row, const char *s, int64_t *n, struct err *err)
{
	bool any = row->min == 0 && row->max == 0;
	char *end;

	errno = 0;
	*n = strtoll(s, &end, 10);
	if (end != s && !*end && errno == 0 && (any || (*n >= row->min && *n <= row->max)) &&
	    ((*s >= '0' && *s <= '9') || *s == '-'))
		return true;
	if (any)
		return err_set(err, ERR_USAGE, _("%s%s: \"%s\" is not a whole number"),
			       dashes(row), row->name, s);
	return err_set(err, ERR_USAGE, _("%s%s: \"%s\" is not a number from %lld to %lld"),
		       dashes(row), row->name, s, (long long)row->min, (long long)row->max);
}

/* Notes one option; value is what stands in the same argument, or NULL. */
static bool
take_option(struct walk *w, const struct arg_row *row, const char *value)
{
	struct arg_hit hit = { .row = row };

	if (row->type == ARG_FLAG) {
		if (value)
			return err_set(w->err, ERR_USAGE, _("--%s takes no value"), row->name);
	} else {
		if (!value && w->at < w->argc)
			value = w->argv[w->at++];
		if (!value)
			return err_set(w->err, ERR_USAGE, _("%s%s needs a value: %s"),
				       dashes(row), row->name, row->value ? row->value : "…");
		if (row->type == ARG_INT && !take_int(row, value, &hit.n, w->err))
			return false;
		hit.value = value;
	}
	arr_push(&w->args->hits, hit);
	return true;
}

/* "--name" or "--name=value" */
static bool
take_long(struct walk *w, const char *arg)
{
	const char *name = arg + 2;
	size_t n = strcspn(name, "=");
	const struct arg_row *row = find_long(w->args->rows, name, n);

	if (!row)
		return unknown_option(w, name, n);
	return take_option(w, row, name[n] ? name + n + 1 : NULL);
}

/* "-x", "-xVALUE", or several flags at once: "-qv" */
static bool
take_short(struct walk *w, const char *arg)
{
	for (const char *p = arg + 1; *p; p++) {
		const struct arg_row *row = find_short(w->args->rows, *p);

		if (!row)
			return err_set(w->err, ERR_USAGE, _("unknown option %s"), arg);
		if (row->type != ARG_FLAG)
			return take_option(w, row, p[1] ? p + 1 : NULL);
		if (!take_option(w, row, NULL))
			return false;
	}
	return true;
}

static bool
is_option(const struct arg_row *rows, const char *arg)
{
	if (arg[0] != '-' || !arg[1])
		return false;
	return !(arg[1] >= '0' && arg[1] <= '9') || find_short(rows, arg[1]);
}

static bool
walk_all(struct walk *w, bool stop_at_rest)
{
	bool only_rest = false;

	while (w->at < w->argc) {
		char *arg = w->argv[w->at++];

		if (only_rest || !is_option(w->args->rows, arg)) {
			arr_push(&w->args->rest, arg);
			only_rest = only_rest || stop_at_rest;
		} else if (strcmp(arg, "--") == 0) {
			only_rest = true;
		} else if (!(arg[1] == '-' ? take_long(w, arg) : take_short(w, arg))) {
			return false;
		}
	}
	return true;
}

bool
args_parse(struct args *a, const struct arg_row *rows, int argc, char *const argv[],
	   bool stop_at_rest, struct err *err)
{
	static const struct arg_row none[] = { { 0 } };
	struct walk w = { .args = a, .argv = argv, .argc = argc, .err = err };

	*a = (struct args){ .rows = rows ? rows : none };
	if (walk_all(&w, stop_at_rest))
		return true;
	args_done(a);
	return false;
}

void
args_done(struct args *a)
{
	arr_done(&a->rest);
	arr_done(&a->hits);
}

/* The last hit of name. */
static const struct arg_hit *
find_hit(const struct args *a, const char *name)
{
	assert(find_long(a->rows, name, strlen(name)));
	for (size_t i = a->hits.n; i-- > 0;)
		if (strcmp(a->hits.v[i].row->name, name) == 0)
			return &a->hits.v[i];
	return NULL;
}

bool
args_has(const struct args *a, const char *name)
{
	return find_hit(a, name) != NULL;
}

const char *
args_str(const struct args *a, const char *name)
{
	const struct arg_hit *hit = find_hit(a, name);

	return hit ? hit->value : NULL;
}

int64_t
args_int(const struct args *a, const char *name, int64_t otherwise)
{
	const struct arg_hit *hit = find_hit(a, name);

	return hit ? hit->n : otherwise;
}

const char *
args_each(const struct args *a, const char *name, size_t i)
{
	for (size_t k = 0; k < a->hits.n; k++)
		if (strcmp(a->hits.v[k].row->name, name) == 0 && i-- == 0)
			return a->hits.v[k].value;
	return NULL;
}

/* "  -n, --lines N", or "      --lines N" */
static void
add_option(struct buf *b, const struct arg_row *row)
{
	bool is_short = row->short_name && row->name[0] == row->short_name && !row->name[1];

	if (is_short)
		buf_addf(b, "  -%c", row->short_name);
	else if (row->short_name)
		buf_addf(b, "  -%c, --%s", row->short_name, row->name);
	else
		buf_addf(b, "      --%s", row->name);
	if (row->value)
		buf_addf(b, " %s", row->value);
}

static void
add_blanks(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_addc(b, ' ');
}

/* Adds text from column at on, wrapped between words and indented to column indent. */
static void
add_wrapped(struct buf *b, const char *text, size_t at, size_t indent)
{
	if (*text && at + 2 > indent) {
		buf_addc(b, '\n');
		at = 0;
	}
	if (*text)
		add_blanks(b, indent - at);
	at = indent;
	while (*text) {
		size_t n = strcspn(text, " "), width = text_width(text, n);

		if (at > indent && at + 1 + width > HELP_WIDTH) {
			buf_addc(b, '\n');
			add_blanks(b, indent);
			at = indent;
		} else if (at > indent) {
			buf_addc(b, ' ');
			at++;
		}
		buf_add(b, text, n);
		at += width;
		text += n;
		text += strspn(text, " ");
	}
	buf_addc(b, '\n');
}

void
args_help(struct buf *b, const struct arg_row *rows)
{
	size_t column = 0;

	for (const struct arg_row *row = rows; row->name; row++) {
		struct buf option;
		size_t width;

		buf_init(&option, 1000);
		add_option(&option, row);
		width = text_width(buf_str(&option), option.n) + 2;
		if (width > column && width <= HELP_COLUMN)
			column = width;
		buf_done(&option);
	}
	if (column == 0)
		column = HELP_COLUMN;
	for (const struct arg_row *row = rows; row->name; row++) {
		size_t before = b->n;

		add_option(b, row);
		add_wrapped(b, row->help && *row->help ? _(row->help) : "",
			    text_width(buf_str(b) + before, b->n - before), column);
	}
}
