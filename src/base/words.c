/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words: a line split by the quoting rules of the shell, and the word that was probably meant. */
#include "base/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"

#define NEAR_MAX 64	/* bytes; longer words are near to nothing */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Takes what stands in quotes, p behind the opening one; returns the place behind the closing one,
 * NULL when there is none. */
static const char *
take_quoted(struct buf *word, const char *p, char quote)
{
	for (; *p && *p != quote; p++) {
		/* between double quotes a backslash escapes these alone (POSIX, 2.2.3) */
		if (quote == '"' && *p == '\\' && p[1] && strchr("$`\"\\\n", p[1]) &&
		    *++p == '\n')
			continue;
		buf_addc(word, *p);
	}
	return *p ? p + 1 : NULL;
}

/* Takes one word from p, which is no blank; returns the place behind it, NULL and err for an open
 * quote. */
static const char *
take_word(struct buf *word, const char *p, struct err *err)
{
	while (p && *p && !is_blank(*p)) {
		if (*p == '\'' || *p == '"') {
			p = take_quoted(word, p + 1, *p);
		} else if (*p == '\\') {
			if (!p[1]) {
				err_set(err, ERR_USAGE, _("a backslash ends the line"));
				return NULL;
			}
			if (p[1] != '\n')
				buf_addc(word, p[1]);
			p += 2;
		} else {
			buf_addc(word, *p++);
		}
	}
	if (!p)
		err_set(err, ERR_USAGE, _("a quote is not closed"));
	return p;
}

bool
words_split(const char *line, char ***words, int *n, struct err *err)
{
	arr(char *) a = { 0 };
	const char *p = line;

	for (;;) {
		struct buf word;

		while (is_blank(*p))
			p++;
		if (!*p)
			break;
		buf_init(&word, strlen(p));
		p = take_word(&word, p, err);
		if (!p) {
			buf_done(&word);
			words_free(a.v, (int)a.n);
			return false;
		}
		arr_push(&a, buf_take(&word));
	}
	*n = (int)a.n;
	arr_push(&a, NULL);
	*words = a.v;
	return true;
}

void
words_free(char **words, int n)
{
	for (int i = 0; i < n; i++)
		free(words[i]);
	free(words);
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to insert, delete, replace or swap with their neighbour between a and b, both at most
 * NEAR_MAX long. */
static size_t
distance(const char *a, const char *b)
{
	size_t rows[3][NEAR_MAX + 1], *before = rows[0], *above = rows[1], *row = rows[2];
	size_t n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t *spare = before;

		before = above;
		above = row;
		row = spare;
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]),
				       least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return row[n];
}

const char *
words_nearest(const char *word, const char *const names[])
{
	const char *nearest = NULL, *longer = NULL;
	size_t len = strlen(word), best = (len + 1) / 3 + 1;

	if (len < 2 || len > NEAR_MAX)
		return NULL;
	for (size_t i = 0; names[i]; i++) {
		size_t d;

		if (!longer && strncmp(names[i], word, len) == 0)
			longer = names[i];
		if (strlen(names[i]) > NEAR_MAX)
			continue;
		d = distance(word, names[i]);
		if (d < best) {
			best = d;
			nearest = names[i];
		}
	}
	return nearest ? nearest : longer;
}
