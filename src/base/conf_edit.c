/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changing one option in the text of a configuration file and nothing around it. */
#include "base/conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* A line as the file has it: p[n] with its line feed, [first, last) without the blanks around. */
struct line { const char *p, *first, *last; size_t n; };

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
next_line(const char **text, struct line *l)
{
	const char *lf = strchr(*text, '\n');

	if (!**text)
		return false;
	l->p = *text;
	l->n = lf ? (size_t)(lf - *text) + 1 : strlen(*text);
	*text += l->n;
	l->first = l->p;
	l->last = l->p + l->n;
	while (l->first < l->last && is_blank(*l->first))
		l->first++;
	while (l->last > l->first && is_blank(l->last[-1]))
		l->last--;
	return true;
}

static bool
is_section(const struct line *l)
{
	return l->first < l->last && *l->first == '[';
}

static bool
names_section(const struct line *l, const char *section)
{
	size_t n = strlen(section);

	return (size_t)(l->last - l->first) >= n + 2 && memcmp(l->first + 1, section, n) == 0 &&
	       l->first[n + 1] == ']';
}

/* Where the value begins, behind "key" and "=" or ":"; NULL if the line has no such key. */
static const char *
value_of(const struct line *l, const char *key)
{
	size_t n = strlen(key);
	const char *p = l->first + n;

	if (p >= l->last || memcmp(l->first, key, n) != 0)
		return NULL;
	while (p < l->last && is_blank(*p))
		p++;
	return p < l->last && (*p == '=' || *p == ':') ? p + 1 : NULL;
}

/* Where a comment behind the value begins, with the blanks before it; else the end. */
static const char *
comment_of(const struct line *l, const char *value)
{
	for (const char *p = value; p + 1 < l->last; p++) {
		if (!is_blank(*p) || p[1] != ';')
			continue;
		while (p > value && is_blank(p[-1]))
			p--;
		return p;
	}
	return l->last;
}

/* Behind the byte order mark, if there is one. */
static const char *
body_of(const char *text)
{
	return text + (strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
}

/* Where things stand in a text; offsets of lines, or -1. */
struct places {
	ptrdiff_t key;		/* the last line with the key */
	ptrdiff_t end;		/* behind the last line of the section that says something */
};

static struct places
find_places(const char *text, const char *section, const char *key)
{
	struct places at = { -1, -1 };
	const char *rest = body_of(text);
	bool inside = false;
	struct line l;

	while (next_line(&rest, &l)) {
		if (is_section(&l))
			inside = names_section(&l, section);
		if (!inside || l.first == l.last)
			continue;
		at.end = rest - text;
		if (value_of(&l, key))
			at.key = l.p - text;
	}
	return at;
}

static void
end_line(struct buf *b)
{
	if (b->n && b->p[b->n - 1] != '\n')
		buf_addc(b, '\n');
}

static void
add_pair(struct buf *b, const char *key, const char *value)
{
	end_line(b);
	buf_addf(b, "%s = %s\n", key, value);
}

/* The line with another value: what stands before and behind it is kept. */
static void
add_changed(struct buf *b, const struct line *l, const char *key, const char *value)
{
	const char *old = value_of(l, key), *comment = comment_of(l, old);

	buf_add(b, l->p, (size_t)(old - l->p));
	buf_addf(b, " %s", value);
	buf_add(b, comment, (size_t)(l->last - comment));
	buf_addc(b, '\n');
}

char *
conf_edit(const char *text, const char *section, const char *key, const char *value)
{
	struct places at = find_places(text, section, key);
	bool inside = false;
	const char *rest = body_of(text);
	struct line l;
	struct buf b;

	buf_init(&b, strlen(text) + strlen(section) + strlen(key) +
		 (value ? strlen(value) : 0) + 16);
	buf_add(&b, text, (size_t)(rest - text));
	while (next_line(&rest, &l)) {
		if (is_section(&l))
			inside = names_section(&l, section);
		if (inside && !value && value_of(&l, key))
			continue;
		if (value && l.p - text == at.key)
			add_changed(&b, &l, key, value);
		else
			buf_add(&b, l.p, l.n);
		if (value && at.key < 0 && rest - text == at.end)
			add_pair(&b, key, value);
	}
	if (value && at.end < 0) {
		end_line(&b);
		buf_addf(&b, "%s[%s]\n", b.n ? "\n" : "", section);
		add_pair(&b, key, value);
	}
	return buf_take(&b);
}
