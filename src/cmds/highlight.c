/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of a search in a line. */
#include "cmds/highlight.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

static bool
is_letter(char c)
{
	return isalnum((unsigned char)c) || (c & 0x80) != 0;
}

/* How many bytes at p belong to a word that query has; 0 when they do not. */
static size_t
hit(const char *p, const char *query)
{
	size_t best = 0;

	while (*query) {
		size_t n = 0;

		while (query[n] && is_letter(query[n]))
			n++;
		if (n > 0 && strncasecmp(p, query, n) == 0) {
			size_t word = n;

			while (p[word] && is_letter(p[word]))
				word++;
			if (word > best && (word == n || query[n] == '*'))
				best = word;
		}
		query += n + (query[n] != '\0');
	}
	return best;
}

void
highlight(struct buf *b, size_t from, const char *query)
{
	char *text = xstrdup(buf_str(b) + from);
	bool is_inside = false;		/* a word that is none */

	buf_cut(b, from);
	for (const char *p = text; *p;) {
		size_t n = is_inside ? 0 : hit(p, query);

		if (n > 0) {
			buf_adds(b, "\033[1m");
			buf_add(b, p, n);
			buf_adds(b, "\033[0m");
			p += n;
		} else {
			buf_addc(b, *p++);
		}
		is_inside = is_letter(p[-1]);
	}
	free(text);
}
