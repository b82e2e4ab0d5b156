/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jansson with the strictness that every border of the program needs. */
#include "base/json.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/utf8.h"

/* The end of the string that begins behind a quote at p: where its closing quote stands, or end. */
static const char *
skip_string(const char *p, const char *end)
{
	for (; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p;
}

/* jansson builds values as it reads, 16 to 75 times the size of the text: what is too deep is
 * turned away before that. Everything else that is wrong, jansson finds. */
static bool
is_too_deep(const char *p, size_t n)
{
	const char *end = p + n;
	int depth = 0;

	for (; p < end; p++) {
		if (*p == '"')
			p = skip_string(p + 1, end);
		else if ((*p == '{' || *p == '[') && ++depth > JSON_DEPTH_MAX)
			return true;
		else if (*p == '}' || *p == ']')
			depth--;
	}
	return false;
}

/* What is wrong, without the piece of text that jansson quotes: it may be somebody's secret. */
static const char *
json_reason(enum json_error_code code)
{
	switch (code) {
	case json_error_invalid_utf8:
		return _("it is not UTF-8");
	case json_error_premature_end_of_input:
		return _("it ends too early");
	case json_error_end_of_input_expected:
		return _("something follows the value");
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return _("a string holds a NUL");
	case json_error_duplicate_key:
		return _("a member stands twice");
	case json_error_numeric_overflow:
		return _("a number is too large");
	default:
		return _("the syntax is wrong");
	}
}

json_t *
json_strict(const char *p, size_t n, struct err *err)
{
	json_error_t e;
	json_t *v;

	if (is_too_deep(p, n)) {
		err_set(err, ERR_USAGE, _("not valid JSON: deeper than %d levels"),
			JSON_DEPTH_MAX);
		return NULL;
	}
	/* jansson takes one that ends a number or a literal for a blank */
	if (n > 0 && memchr(p, '\0', n)) {
		err_set(err, ERR_USAGE, _("not valid JSON: it holds a NUL"));
		return NULL;
	}
	v = json_loadb(p, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (!v)
		err_set(err, ERR_USAGE, _("not valid JSON: %s (byte %d)"),
			json_reason(json_error_code(&e)), e.position);
	return v;
}

const char *
json_str(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

const char *
json_strn(const json_t *o, const char *key, size_t *n)
{
	const json_t *v = json_object_get(o, key);

	*n = json_string_length(v);
	return json_string_value(v);
}

int64_t
json_int(const json_t *o, const char *key, int64_t otherwise)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

bool
json_bool(const json_t *o, const char *key, bool otherwise)
{
	const json_t *v = json_object_get(o, key);

	return json_is_boolean(v) ? json_is_true(v) : otherwise;
}

static int
add_piece(const char *p, size_t n, void *arg)
{
	return buf_add(arg, p, n) ? 0 : -1;
}

bool
json_add(struct buf *b, const json_t *v)
{
	size_t before = b->n;

	if (json_dump_callback(v, add_piece, b, JSON_COMPACT | JSON_ENCODE_ANY) == 0)
		return true;
	buf_cut(b, before);
	return false;
}

/* Printable ASCII that JSON takes as it is. */
static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static bool
add_escaped(struct buf *b, const char *p, size_t len, uint32_t cp)
{
	static const char with_letter[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *at = cp && cp < 0x80 ? strchr(with_letter, (int)cp) : NULL;

	if (at)
		return buf_addf(b, "\\%c", letters[at - with_letter]);
	if (utf8_is_control(cp) || utf8_is_bidi(cp))
		return buf_addf(b, "\\u%04x", (unsigned)cp);
	return buf_add(b, p, len);
}

static bool
add_content(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t run = i;
		uint32_t cp;
		int len;

		while (run < n && is_plain((unsigned char)s[run]))
			run++;
		if (!buf_add(b, s + i, run - i))
			return false;
		i = run;
		if (i == n)
			break;
		len = utf8_next(s + i, n - i, &cp);
		if (len < 0) {
			if (!buf_adds(b, "\\ufffd"))
				return false;
			i += (size_t)-len;
			continue;
		}
		if (!add_escaped(b, s + i, (size_t)len, cp))
			return false;
		i += (size_t)len;
	}
	return true;
}

bool
json_add_string(struct buf *b, const char *s, size_t n)
{
	size_t before = b->n;

	if (buf_addc(b, '"') && add_content(b, s, n) && buf_addc(b, '"'))
		return true;
	buf_cut(b, before);
	return false;
}
