/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A strict JSON reader. Strings are unescaped in a copy of the text, where each ends at its closing
 * quote at the latest; nothing else is copied. */
#include "wire/read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

#define FEW_KEYS 16	/* up to here comparing each with each is faster than sorting */

_Static_assert(JSON_DEPTH_MAX == 32, "a message says so");

struct reader {
	struct arena *arena;
	const char *text;	/* as it came */
	char *copy;		/* ended by NUL, which ends every token: nothing else is checked */
	char *p;		/* in copy */
	uint32_t blanks;
	int depth;
	bool has_nul;
	const char *why;	/* on failure */
};

static bool read_value(struct reader *r, struct value *v);

static bool
read_fail(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The next character that is no blank. */
static char
read_next(struct reader *r)
{
	while (is_blank(*r->p)) {
		r->p++;
		r->blanks++;
	}
	return *r->p;
}

/* Four hexadecimal digits at p, or -1. */
static int
read_hex(const char *p)
{
	int n = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (is_digit(c))
			n = n * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			n = n * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return n;
}

/* Behind "\u": one character, from one escape or a pair of them, to *out. */
static bool
read_unicode(struct reader *r, char **out)
{
	int high = read_hex(r->p), low;
	uint32_t cp = (uint32_t)high;

	if (high < 0)
		return read_fail(r, N_("the syntax is wrong"));
	r->p += 4;
	if (high >= 0xdc00 && high <= 0xdfff)
		return read_fail(r, N_("half of a surrogate pair"));
	if (high >= 0xd800 && high <= 0xdbff) {
		low = r->p[0] == '\\' && r->p[1] == 'u' ? read_hex(r->p + 2) : -1;
		if (low < 0xdc00 || low > 0xdfff)
			return read_fail(r, N_("half of a surrogate pair"));
		r->p += 6;
		cp = 0x10000 + (((uint32_t)high - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
	}
	if (cp == 0) {
		r->has_nul = true;
		cp = 0xfffd;
	}
	*out += utf8_put(cp, *out);
	return true;
}

/* Behind a backslash. */
static bool
read_escape(struct reader *r, char **out)
{
	static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (*r->p == 'u') {
		r->p++;
		return read_unicode(r, out);
	}
	at = *r->p ? strchr(letters, *r->p) : NULL;
	if (!at)
		return read_fail(r, N_("the syntax is wrong"));
	r->p++;
	*(*out)++ = means[at - letters];
	return true;
}

/* The length of the run of p that stands for itself in a string. */
static size_t
plain_run(const char *p)
{
	size_t n = 0;

	while ((unsigned char)p[n] >= 0x20 && p[n] != '"' && p[n] != '\\')
		n++;
	return n;
}

/* From the opening quote to behind the closing one. */
static bool
read_string(struct reader *r, const char **s, uint32_t *n)
{
	char *start = ++r->p, *out = start + plain_run(start);

	r->p = out;
	while (*r->p != '"') {
		size_t run;

		if (*r->p != '\\')	/* a control character, or the end */
			return read_fail(r, N_("the syntax is wrong"));
		r->p++;
		if (!read_escape(r, &out))
			return false;
		run = plain_run(r->p);
		memmove(out, r->p, run);
		out += run;
		r->p += run;
	}
	r->p++;
	*out = '\0';
	*s = start;
	*n = (uint32_t)(out - start);
	return true;
}

/* Behind the digits of v: what makes it no integer. */
static bool
read_fraction(struct reader *r, struct value *v, const char *start)
{
	v->type = VALUE_REAL;
	if (*r->p == '.') {
		if (!is_digit(*++r->p))
			return read_fail(r, N_("the syntax is wrong"));
		while (is_digit(*r->p))
			r->p++;
	}
	if (*r->p == 'e' || *r->p == 'E') {
		r->p++;
		if (*r->p == '+' || *r->p == '-')
			r->p++;
		if (!is_digit(*r->p))
			return read_fail(r, N_("the syntax is wrong"));
		while (is_digit(*r->p))
			r->p++;
	}
	if (isinf(strtod(start, NULL)))
		return read_fail(r, N_("a number is too large"));
	return true;
}

static bool
read_number(struct reader *r, struct value *v)
{
	const char *start = r->p;
	bool is_negative = *r->p == '-', fits = true;
	int64_t n = 0;

	r->p += is_negative;
	if (!is_digit(*r->p) || (r->p[0] == '0' && is_digit(r->p[1])))
		return read_fail(r, N_("the syntax is wrong"));
	/* below zero: INT64_MIN has no positive */
	for (; is_digit(*r->p); r->p++)
		fits = fits && !__builtin_mul_overflow(n, 10, &n) &&
			!__builtin_sub_overflow(n, *r->p - '0', &n);
	if (*r->p == '.' || *r->p == 'e' || *r->p == 'E')
		return read_fraction(r, v, start);
	v->type = VALUE_INT;
	v->i = n;
	if (!fits || (!is_negative && __builtin_sub_overflow(0, n, &v->i)))
		return read_fail(r, N_("a number is too large"));
	return true;
}

static bool
read_word(struct reader *r, struct value *v, const char *word, enum value_type type, int64_t i)
{
	size_t n = strlen(word);

	if (strncmp(r->p, word, n) != 0)
		return read_fail(r, N_("the syntax is wrong"));
	r->p += n;
	v->type = type;
	v->i = i;
	return true;
}

static int
compare_keys(const struct value *a, const struct value *b)
{
	if (a->key_n != b->key_n)
		return a->key_n < b->key_n ? -1 : 1;
	return memcmp(a->key, b->key, a->key_n);
}

static int
sort_keys(const void *a, const void *b)
{
	return compare_keys(*(const struct value *const *)a, *(const struct value *const *)b);
}

/* However many keys there are, and however alike, this takes no more than n log n. */
static bool
is_twice_among_many(const struct value *object)
{
	const struct value **keys = xcalloc(object->n, sizeof *keys);
	bool twice = false;
	size_t n = 0;

	for (const struct value *v = object->first; v; v = v->next)
		keys[n++] = v;
	qsort(keys, n, sizeof *keys, sort_keys);
	for (size_t i = 1; i < n; i++)
		twice |= compare_keys(keys[i - 1], keys[i]) == 0;
	free(keys);
	return twice;
}

static bool
has_key_twice(const struct value *object)
{
	if (object->n > FEW_KEYS)
		return is_twice_among_many(object);
	for (const struct value *a = object->first; a; a = a->next) {
		for (const struct value *b = a->next; b; b = b->next) {
			if (compare_keys(a, b) == 0)
				return true;
		}
	}
	return false;
}

static bool
read_key(struct reader *r, struct value *v)
{
	if (read_next(r) != '"')
		return read_fail(r, N_("the syntax is wrong"));
	if (!read_string(r, &v->key, &v->key_n))
		return false;
	if (read_next(r) != ':')
		return read_fail(r, N_("the syntax is wrong"));
	r->p++;
	return true;
}

/* From the opening bracket to behind the closing one. */
static bool
read_list(struct reader *r, struct value *v, char close)
{
	const struct value **tail = &v->first;

	if (++r->depth > JSON_DEPTH_MAX)
		return read_fail(r, N_("deeper than 32 levels"));
	r->p++;
	if (read_next(r) == close) {
		r->p++;
		r->depth--;
		return true;
	}
	for (;;) {
		struct value *e = arena_new(r->arena, sizeof *e);

		if ((close == '}' && !read_key(r, e)) || !read_value(r, e))
			return false;
		*tail = e;
		tail = &e->next;
		v->n++;
		if (read_next(r) != ',')
			break;
		r->p++;
	}
	if (*r->p != close)
		return read_fail(r, N_("the syntax is wrong"));
	r->p++;
	r->depth--;
	return close == ']' || !has_key_twice(v) || read_fail(r, N_("a member stands twice"));
}

static bool
read_token(struct reader *r, struct value *v)
{
	switch (*r->p) {
	case '{':
		v->type = VALUE_OBJECT;
		return read_list(r, v, '}');
	case '[':
		v->type = VALUE_ARRAY;
		return read_list(r, v, ']');
	case '"':
		v->type = VALUE_STR;
		return read_string(r, &v->s, &v->n);
	case 't':
		return read_word(r, v, "true", VALUE_BOOL, 1);
	case 'f':
		return read_word(r, v, "false", VALUE_BOOL, 0);
	case 'n':
		return read_word(r, v, "null", VALUE_NULL, 0);
	default:
		return read_number(r, v);
	}
}

static bool
read_value(struct reader *r, struct value *v)
{
	size_t start;
	uint32_t blanks;

	read_next(r);
	start = (size_t)(r->p - r->copy);
	blanks = r->blanks;
	if (!read_token(r, v))
		return false;
	v->raw = r->text + start;
	v->raw_n = (uint32_t)((size_t)(r->p - r->copy) - start);
	v->blanks = r->blanks - blanks;
	return true;
}

const struct value *
read_json(struct arena *arena, const char *p, size_t n, bool *has_nul, struct err *err)
{
	struct reader r = { .arena = arena, .text = p };
	struct value *root = arena_new(arena, sizeof *root);
	size_t bad = 0;

	if (n > INT32_MAX) {
		err_set(err, ERR_USAGE, _("not valid JSON: it is too long"));
		return NULL;
	}
	r.copy = r.p = arena_text(arena, p, n);
	if (!utf8_valid(p, n, &bad)) {
		err_set(err, ERR_USAGE, _("not valid JSON: it is not UTF-8 (byte %zu)"), bad);
		return NULL;
	}
	if (read_value(&r, root) && (read_next(&r), r.p != r.copy + n))
		read_fail(&r, N_("something follows the value"));
	*has_nul = r.has_nul;
	if (!r.why)
		return root;
	err_set(err, ERR_USAGE, _("not valid JSON: %s (byte %zu)"), _(r.why),
		(size_t)(r.p - r.copy));
	return NULL;
}

const struct value *
value_member(const struct value *object, const char *key, size_t key_n, const struct value **hint)
{
	const struct value *start = *hint ? *hint : object->first, *v = start;

	if (!v)
		return NULL;
	/* around from the hint to the hint */
	do {
		if (v->key_n == key_n && memcmp(v->key, key, key_n) == 0) {
			*hint = v->next;
			return v;
		}
		v = v->next ? v->next : object->first;
	} while (v != start);
	return NULL;
}

size_t
value_compact(const struct value *v, char *out)
{
	bool is_text = false;
	size_t n = 0;

	if (v->blanks == 0) {
		memcpy(out, v->raw, v->raw_n);
		return v->raw_n;
	}
	for (size_t i = 0; i < v->raw_n; i++) {
		if (!is_text && is_blank(v->raw[i]))
			continue;
		if (is_text && v->raw[i] == '\\')
			out[n++] = v->raw[i++];	/* what is escaped may be a quote */
		else if (v->raw[i] == '"')
			is_text = !is_text;
		out[n++] = v->raw[i];
	}
	return n;
}
