/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text into lines of at most so many columns. */
#include "ui/wrap.h"

#include "base/text.h"

static size_t
cluster(const char *p, size_t n, int *width)
{
	if ((unsigned char)*p < 0x80 && (n == 1 || (unsigned char)p[1] < 0x80)) {
		*width = 1;
		return 1;
	}
	n = text_cluster(p, n, width);
	if (*width < 1)
		*width = 1;
	return n;
}

/* Ends line at byte end, of which the columns up to there are width, and puts *at behind the
 * spaces that follow and one line feed. */
static bool
end_line(const struct safe_text *t, size_t *at, size_t end, int width, struct span *line)
{
	size_t next = end;

	*line = (struct span){ *at, end - *at, width };
	while (next < t->n && t->p[next] == ' ')
		next++;
	if (next < t->n && t->p[next] == '\n')
		next++;
	else if (next >= t->n)
		next = t->n + 1;
	*at = next;
	return true;
}

bool
wrap_next(const struct safe_text *t, size_t *at, int cols, struct span *line)
{
	size_t i = *at, space = 0;
	int used = 0, space_used = 0;

	if (*at > t->n)
		return false;
	while (i < t->n && t->p[i] != '\n') {
		int width;
		size_t len = cluster(t->p + i, t->n - i, &width);

		if (used + width > cols && i > *at) {
			if ((t->p[i] != ' ' || t->p[i - 1] == ' ') && space > *at)
				return end_line(t, at, space, space_used, line);
			return end_line(t, at, i, used, line);
		}
		if (t->p[i] == ' ' && (i == *at || t->p[i - 1] != ' ')) {
			space = i;
			space_used = used;
		}
		used += width;
		i += len;
	}
	*line = (struct span){ *at, i - *at, used };
	*at = i + 1;
	return true;
}

int
wrap_count(const struct safe_text *t, int cols, int max)
{
	struct span line;
	size_t at = 0;
	int n = 0;

	while (n < max && wrap_next(t, &at, cols, &line))
		n++;
	return n;
}
