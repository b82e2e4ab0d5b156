/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command-line arguments against a table: options stand anywhere, "--" ends them, help is made
 * from the rows. */
#ifndef BASE_ARGS_H
#define BASE_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arr.h"
#include "base/err.h"

enum arg_type { ARG_FLAG, ARG_STRING, ARG_INT, ARG_LIST };

/* { .name = "timeout", .type = ARG_INT, .value = "S", .help = N_("…") }. The table ends with a
 * NULL name. */
struct arg_row {
	const char *name;
	char short_name;
	enum arg_type type;
	const char *value;		/* placeholder; NULL for flags */
	int64_t min, max;		/* ARG_INT; both 0: any */
	const char *help;
};

struct arg_hit { const struct arg_row *row; const char *value; int64_t n; };

struct args {
	const struct arg_row *rows;
	arr(char *) rest;		/* what is no option, in order; borrowed from argv */
	arr(struct arg_hit) hits;
};

/* Parses argv[0…argc-1] (no program name). "-" alone and negative numbers are not options. An
 * unknown option is ERR_USAGE and names the nearest one. stop_at_rest: the first non-option ends
 * the options (for global options before a command). */
bool args_parse(struct args *a, const struct arg_row *rows, int argc, char *const argv[],
		bool stop_at_rest, struct err *err);
void args_done(struct args *a);
/* name must stand in the rows: another one is our bug. Values are borrowed from argv. */
bool args_has(const struct args *a, const char *name);
const char *args_str(const struct args *a, const char *name);	/* the last one; NULL when absent */
int64_t args_int(const struct args *a, const char *name, int64_t otherwise);
/* The i-th value of an ARG_LIST, NULL after the last. */
const char *args_each(const struct args *a, const char *name, size_t i);

struct buf;
/* The rows as lines of help: "  --timeout S   text", wrapped at 80 columns. */
void args_help(struct buf *b, const struct arg_row *rows);
/* Splits a typed line into words by quoting rules (POSIX shell quotes and backslashes, no
 * expansion). The caller frees with words_free. */
bool words_split(const char *line, char ***words, int *n, struct err *err);
void words_free(char **words, int n);
/* Of names (ended by NULL) the one nearest to word by edit distance, NULL when none is near. */
const char *words_nearest(const char *word, const char *const names[]);

#endif
