/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sanitiser: what comes from elsewhere is shown, never obeyed. It reads character by
 * character, with no grammar of escape sequences that could be nested or cut. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text_class.h"
#include "base/utf8.h"

#define TEXT_GROWTH 8		/* the worst: a tab of one byte, "<U+009B>" for two */
#define TAB_STOP 8		/* columns */
#define MARKS_MAX 4		/* combining marks a cell */
#define ELEMENTS_MAX 4		/* pictographs that ZWJ may join: a kiss or a family */

#define ZWNJ 0x200c
#define ZWJ 0x200d
#define KEYCAP 0x20e3
#define BLACK_FLAG 0x1f3f4
#define DOTTED_CIRCLE "\u25cc"
#define REPLACEMENT "\ufffd"

enum purpose { FOR_BODY, FOR_NAME, FOR_MODEL };

/* What is known about the text so far. */
struct cleaner {
	struct buf *out;
	enum purpose purpose;
	bool full;		/* out has met its limit */
	unsigned hidden;
	uint32_t prev;		/* the last character kept; 0 at the start of a line */
	unsigned marks;		/* combined with the last base */
	unsigned elements;	/* of the emoji sequence that prev may end; 0: none */
	size_t tab_from, tab_col;	/* offset in out behind the last tab or line feed, column */
	int scripts[2];		/* different look-alike scripts seen */
};

/* A text of ASCII and nothing to do: most of all text. */
static size_t
plain_run(const char *p, size_t n)
{
	size_t i = 0;

	for (; i + sizeof(uint64_t) <= n; i += sizeof(uint64_t)) {
		const uint64_t ones = UINT64_MAX / 255;
		uint64_t w;

		memcpy(&w, p + i, sizeof w);
		/* the top bit of a byte is set if it is below 0x20, 0x7f or above */
		if (((w - ones * 0x20) | (w + ones) | w) & ones * 0x80)
			break;
	}
	while (i < n && p[i] >= 0x20 && p[i] < 0x7f)
		i++;
	return i;
}

/* Nothing comes behind what did not fit. */
static void
put(struct cleaner *c, const char *p, size_t len)
{
	c->full = c->full || !buf_add(c->out, p, len);
}

/* Puts something with a shape, whose last character is cp. */
static void
keep(struct cleaner *c, const char *p, size_t len, uint32_t cp)
{
	put(c, p, len);
	c->prev = cp;
	c->marks = 0;
	c->elements = 0;
}

/* Shows s, printable text of our own, in place of a character. */
static void
stand_in(struct cleaner *c, const char *s)
{
	keep(c, s, strlen(s), '>');
}

static void
stand_in_code(struct cleaner *c, uint32_t cp)
{
	char s[sizeof "<U+FFFFFFFF>"];

	snprintf(s, sizeof s, "<U+%04X>", (unsigned)cp);
	stand_in(c, s);
}

static void
start_line(struct cleaner *c)
{
	c->prev = 0;
	c->marks = c->elements = 0;
	c->tab_from = c->out->n;
	c->tab_col = 0;
}

static void
put_tab(struct cleaner *c)
{
	static const char blanks[TAB_STOP] = "        ";
	size_t k = 1;

	if (c->purpose == FOR_BODY) {
		c->tab_col += text_width(buf_str(c->out) + c->tab_from,
					 c->out->n - c->tab_from);
		k = TAB_STOP - c->tab_col % TAB_STOP;
		c->tab_col += k;
	}
	keep(c, blanks, k, ' ');
	c->tab_from = c->out->n;
}

static void
put_control(struct cleaner *c, uint32_t cp)
{
	char picture[5] = "";

	if (cp == '\n' && c->purpose != FOR_NAME) {
		keep(c, "\n", 1, cp);
		start_line(c);
	} else if ((cp == '\t' || cp == '\r') && c->purpose == FOR_MODEL) {
		keep(c, cp == '\t' ? "\t" : "\r", 1, cp);
	} else if (cp == '\t') {
		put_tab(c);
	} else if (cp < 0x80) {
		utf8_put(cp == 0x7f ? 0x2421 : 0x2400 + cp, picture);
		stand_in(c, picture);
	} else {
		stand_in_code(c, cp);
	}
}

/* A mark may neither climb out of its cell nor sit on what is drawn in front of the text. */
static void
put_mark(struct cleaner *c, const char *p, size_t len, uint32_t cp)
{
	if (c->purpose != FOR_MODEL) {
		if (c->marks == MARKS_MAX) {
			c->hidden++;
			return;
		}
		if (c->prev == 0)
			put(c, DOTTED_CIRCLE, strlen(DOTTED_CIRCLE));
	}
	put(c, p, len);
	c->marks++;
	c->prev = cp;
	c->elements = 0;
}

/* The character that follows, U+FFFD if it is bad, 0 at the end. */
static uint32_t
peek(const char *p, const char *end)
{
	uint32_t cp = 0;

	if (p < end)
		utf8_next(p, (size_t)(end - p), &cp);
	return cp;
}

/* ZWJ between two pictographs, and both joiners inside words of the scripts that need them, ZWJ
 * after a virama also at the end of one. */
static bool
joiner_belongs(const struct cleaner *c, uint32_t cp, uint32_t next)
{
	if (cp == ZWJ && c->elements)
		return c->elements < ELEMENTS_MAX && text_is_pictograph(next);
	if (!text_joins(c->prev))
		return false;
	return text_joins(next) || (cp == ZWJ && text_is_virama(c->prev));
}

/* VS15 and VS16 behind a pictograph, or in a keycap. */
static bool
selector_belongs(const struct cleaner *c, uint32_t next)
{
	return text_is_pictograph(c->prev) || (text_is_keycap(c->prev) && next == KEYCAP);
}

/* Keeps an invisible character that belongs where it stands, or counts it. */
static void
put_invisible(struct cleaner *c, const char *p, size_t len, uint32_t cp, bool belongs)
{
	if (!belongs) {
		c->hidden++;
		return;
	}
	put(c, p, len);
	c->prev = cp;
}

/* The tags behind a black flag that make the flag of England, Scotland or Wales: the only tag
 * sequences recommended for interchange (UTS 51). Their length in bytes, or 0. */
static size_t
flag_tags(const char *p, const char *end)
{
	static const char flags[][25] = {
		"\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
		"\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
		"\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
	};
	const size_t len = sizeof *flags - 1;

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if ((size_t)(end - p) >= len && memcmp(p, flags[i], len) == 0)
			return len;
	return 0;
}

/* Returns the bytes taken behind p + len: the tags of a flag. */
static size_t
put_visible(struct cleaner *c, const char *p, size_t len, uint32_t cp, const char *end)
{
	unsigned elements = c->elements;
	size_t tags = 0;

	if (text_is_simple(cp)) {
		keep(c, p, len, cp);
		return 0;
	}
	if (c->prev == 0 && text_columns(cp) == 0 && c->purpose != FOR_MODEL)
		put(c, DOTTED_CIRCLE, strlen(DOTTED_CIRCLE));
	if (cp == BLACK_FLAG)
		tags = flag_tags(p + len, end);
	if (text_is_pictograph(cp))
		elements = c->prev == ZWJ ? elements + 1 : 1;
	else if (!text_is_skin_tone(cp))
		elements = 0;
	keep(c, p, len + tags, cp);
	if (!tags)
		c->elements = elements;
	return tags;
}

/* Names alone are looked at: text of several scripts is nothing unusual. */
static void
note_script(struct cleaner *c, uint32_t cp)
{
	int script = text_lookalike(cp);

	if (script && !c->scripts[0])
		c->scripts[0] = script;
	else if (script && script != c->scripts[0])
		c->scripts[1] = script;
}

/* Takes one good character from p and returns its end. */
static const char *
put_character(struct cleaner *c, const char *p, size_t len, uint32_t cp, const char *end)
{
	const char *rest = p + len;

	switch (text_class(cp)) {
	case TEXT_VISIBLE:
		return rest + put_visible(c, p, len, cp, end);
	case TEXT_MARK:
		put_mark(c, p, len, cp);
		break;
	case TEXT_JOINER:
		put_invisible(c, p, len, cp, joiner_belongs(c, cp, peek(rest, end)));
		break;
	case TEXT_SELECTOR:
		put_invisible(c, p, len, cp, selector_belongs(c, peek(rest, end)));
		break;
	case TEXT_HIDDEN:
		c->hidden++;
		break;
	case TEXT_CONTROL:
		put_control(c, cp);
		break;
	case TEXT_BIDI:
		stand_in_code(c, cp);
		break;
	case TEXT_SEPARATOR:
		keep(c, " ", 1, ' ');
		break;
	case TEXT_NONCHARACTER:
		stand_in(c, REPLACEMENT);
		break;
	case TEXT_UNASSIGNED:
		if (c->purpose == FOR_MODEL)
			keep(c, p, len, cp);
		else
			stand_in_code(c, cp);
		break;
	}
	return rest;
}

static void
put_plain(struct cleaner *c, const char *p, size_t n)
{
	if (n > c->out->max - c->out->n) {
		n = c->out->max - c->out->n;
		c->full = true;
	}
	if (n == 0)
		return;
	for (size_t i = 0; c->purpose == FOR_NAME && i < n; i++)
		note_script(c, (unsigned char)p[i]);
	keep(c, p, n, (unsigned char)p[n - 1]);
}

static void
clean(struct cleaner *c, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end && !c->full) {
		size_t run = plain_run(p, (size_t)(end - p));
		uint32_t cp;
		int len;

		if (run) {
			put_plain(c, p, run);
			p += run;
			continue;
		}
		len = utf8_next(p, (size_t)(end - p), &cp);
		if (len < 0) {
			stand_in(c, REPLACEMENT);
			p -= len;
			continue;
		}
		if (c->purpose == FOR_NAME)
			note_script(c, cp);
		p = put_character(c, p, (size_t)len, cp, end);
	}
}

static struct cleaner
cleaner_for(struct buf *out, enum purpose purpose)
{
	return (struct cleaner){ .out = out, .purpose = purpose, .tab_from = out->n };
}

static char *
plain_copy(const char *p, size_t n)
{
	char *copy = xmalloc(n + 1);

	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

static struct safe_text
safe_text(const char *p, size_t n, enum purpose purpose)
{
	struct safe_text t = { 0 };
	struct cleaner c;
	struct buf b;

	if (plain_run(p, n) == n) {
		t.p = plain_copy(p, n);
		t.n = n;
		return t;
	}
	buf_init(&b, n * TEXT_GROWTH);
	c = cleaner_for(&b, purpose);
	clean(&c, p, n);
	t.n = b.n;
	t.p = buf_take(&b);
	t.hidden = c.hidden;
	t.mixed = c.scripts[1] != 0;
	return t;
}

struct safe_text
text_body(const char *p, size_t n)
{
	return safe_text(p, n, FOR_BODY);
}

struct safe_text
text_name(const char *p, size_t n)
{
	return safe_text(p, n, FOR_NAME);
}

struct safe_text
text_own(const char *fmt, ...)
{
	struct safe_text t;
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	t = text_name(s, strlen(s));
	free(s);
	return t;
}

void
text_done(struct safe_text *t)
{
	free((char *)t->p);
	*t = (struct safe_text){ 0 };
}

unsigned
text_clean(struct buf *out, const char *p, size_t n, bool one_line)
{
	struct cleaner c = cleaner_for(out, one_line ? FOR_NAME : FOR_BODY);

	clean(&c, p, n);
	return c.hidden;
}

unsigned
text_for_model(struct buf *out, const char *p, size_t n)
{
	struct cleaner c = cleaner_for(out, FOR_MODEL);

	clean(&c, p, n);
	return c.hidden;
}
