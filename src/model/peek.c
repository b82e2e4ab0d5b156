/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members of a compact JSON object, found by walking over it once. */
#include "model/peek.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Where the string that begins at i ends (after its closing quote), or 0. */
static size_t
string_end(const char *p, size_t n, size_t i)
{
	for (i++; i < n; i++) {
		if (p[i] == '\\')
			i++;
		else if (p[i] == '"')
			return i + 1;
	}
	return 0;
}

/* Where the value that begins at i ends, or 0. */
static size_t
value_end(const char *p, size_t n, size_t i)
{
	int depth = 0;

	while (i < n) {
		switch (p[i]) {
		case '"':
			i = string_end(p, n, i);
			if (i == 0)
				return 0;
			break;
		case '{':
		case '[':
			depth++;
			i++;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return i;
			depth--;
			i++;
			break;
		case ',':
			if (depth == 0)
				return i;
			i++;
			break;
		default:
			i++;
		}
		if (depth == 0 && i < n && (p[i] == ',' || p[i] == '}'))
			return i;
	}
	return 0;
}

struct walk { const char *p; size_t n, at; };

static bool
walk_next(struct walk *w, const char **key, size_t *key_n, const char **value, size_t *value_n)
{
	size_t i = w->at, end;

	if (i >= w->n || w->p[i] != '"')
		return false;
	end = string_end(w->p, w->n, i);
	if (end == 0 || end >= w->n || w->p[end] != ':')
		return false;
	*key = w->p + i + 1;
	*key_n = end - i - 2;
	i = end + 1;
	end = value_end(w->p, w->n, i);
	if (end == 0 || end == i)
		return false;
	*value = w->p + i;
	*value_n = end - i;
	w->at = end + 1;
	return true;
}

bool
peek_raw(const char *json, size_t n, const char *key, const char **value, size_t *value_n)
{
	struct walk w = { json, n, 1 };
	size_t want = strlen(key), key_n;
	const char *k;

	if (n < 2 || json[0] != '{')
		return false;
	while (walk_next(&w, &k, &key_n, value, value_n))
		if (key_n == want && memcmp(k, key, want) == 0)
			return true;
	return false;
}

bool
peek_member(const char *json, size_t n, size_t i, const char **key, size_t *key_n,
		const char **value, size_t *value_n)
{
	struct walk w = { json, n, 1 };

	if (n < 2 || json[0] != '{')
		return false;
	while (walk_next(&w, key, key_n, value, value_n))
		if (i-- == 0)
			return true;
	return false;
}

static bool
hex4(const char *p, size_t n, uint32_t *out)
{
	uint32_t u = 0;

	if (n < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		uint32_t d;

		if (c >= '0' && c <= '9')
			d = (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			d = (uint32_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			d = (uint32_t)(c - 'A' + 10);
		else
			return false;
		u = u << 4 | d;
	}
	*out = u;
	return true;
}

/* Decodes \uXXXX (and the second half of a pair) at p; returns how many bytes it took, 0 when
 * malformed. */
static size_t
unescape_u(const char *p, size_t n, uint32_t *cp)
{
	uint32_t low;

	if (n < 6 || !hex4(p + 2, n - 2, cp))
		return 0;
	if (*cp < 0xd800 || *cp > 0xdfff)
		return 6;
	if (*cp > 0xdbff || n < 12 || p[6] != '\\' || p[7] != 'u' || !hex4(p + 8, n - 8, &low)
			|| low < 0xdc00 || low > 0xdfff)
		return 0;
	*cp = 0x10000 + ((*cp - 0xd800) << 10) + (low - 0xdc00);
	return 12;
}

static size_t
unescape_one(const char *p, size_t n, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	uint32_t cp;
	size_t used;
	char utf8[4];

	if (n < 2)
		return 0;
	if (p[1] != 'u') {
		at = memchr(from, p[1], sizeof from - 1);
		return at != NULL && buf_addc(out, to[at - from]) ? 2 : 0;
	}
	used = unescape_u(p, n, &cp);
	if (used == 0 || !buf_add(out, utf8, (size_t)utf8_put(cp, utf8)))
		return 0;
	return used;
}

bool
peek_str(const char *json, size_t n, const char *key, struct buf *out)
{
	const char *p;
	size_t left;

	if (!peek_raw(json, n, key, &p, &left) || p[0] != '"' || left < 2)
		return false;
	p++;
	left -= 2;
	while (left > 0) {
		const char *slash = memchr(p, '\\', left);
		size_t plain = slash != NULL ? (size_t)(slash - p) : left, used;

		if (plain > 0 && !buf_add(out, p, plain))
			return false;
		p += plain;
		left -= plain;
		if (left == 0)
			break;
		used = unescape_one(p, left, out);
		if (used == 0)
			return false;
		p += used;
		left -= used;
	}
	return true;
}

bool
peek_name(const char *json, size_t n, const char *key, char *out, size_t size)
{
	const char *p;
	size_t len;

	out[0] = '\0';
	if (!peek_raw(json, n, key, &p, &len) || p[0] != '"' || len < 2 || len - 2 >= size
			|| memchr(p, '\\', len) != NULL)
		return false;
	memcpy(out, p + 1, len - 2);
	out[len - 2] = '\0';
	return true;
}

bool
peek_bool(const char *json, size_t n, const char *key, bool otherwise)
{
	const char *p;
	size_t len;

	if (!peek_raw(json, n, key, &p, &len))
		return otherwise;
	if (len == 4 && memcmp(p, "true", 4) == 0)
		return true;
	if (len == 5 && memcmp(p, "false", 5) == 0)
		return false;
	return otherwise;
}

int64_t
peek_int(const char *json, size_t n, const char *key, int64_t otherwise)
{
	const char *p;
	size_t len;
	char text[24], *end;
	long long v;

	if (!peek_raw(json, n, key, &p, &len) || len >= sizeof text)
		return otherwise;
	memcpy(text, p, len);
	text[len] = '\0';
	v = strtoll(text, &end, 10);
	return *end == '\0' && end != text ? v : otherwise;
}
