/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a terminal into keys: ECMA-48 sequences, xterm's modifiers, bracketed paste. */
#include "term/keyboard.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define ESC '\033'
#define BURST_LINES 4	/* carriage returns in one read that are a paste without its brackets */

typedef void stroke_fn(void *arg, const struct stroke *s);

struct named { char final; int number; const char *name; };

/* CSI … final, or (final ~) CSI number ~. SS3 final is the same where number is 0. */
static const struct named sequences[] = {
	{ 'A', 0, "Up" }, { 'B', 0, "Down" }, { 'C', 0, "Right" }, { 'D', 0, "Left" },
	{ 'H', 0, "Home" }, { 'F', 0, "End" }, { 'Z', 0, "S-Tab" },
	{ 'P', 0, "F1" }, { 'Q', 0, "F2" }, { 'R', 0, "F3" }, { 'S', 0, "F4" }, { 'M', 0, "Enter" },
	{ '~', 1, "Home" }, { '~', 2, "Insert" }, { '~', 3, "Delete" }, { '~', 4, "End" },
	{ '~', 5, "PgUp" }, { '~', 6, "PgDn" }, { '~', 7, "Home" }, { '~', 8, "End" },
	{ '~', 11, "F1" }, { '~', 12, "F2" }, { '~', 13, "F3" }, { '~', 14, "F4" },
	{ '~', 15, "F5" }, { '~', 17, "F6" }, { '~', 18, "F7" }, { '~', 19, "F8" },
	{ '~', 20, "F9" }, { '~', 21, "F10" }, { '~', 23, "F11" }, { '~', 24, "F12" },
};

static const char paste_end[] = "\033[201~";

void
keyboard_init(struct keyboard *k)
{
	*k = (struct keyboard){ 0 };
	buf_init(&k->paste, PASTE_MAX);
}

void
keyboard_done(struct keyboard *k)
{
	buf_done(&k->paste);
}

static void
emit(stroke_fn *fn, void *arg, const char *prefix, const char *name, const char *p, size_t n)
{
	struct stroke s = { .type = STROKE_KEY, .bytes = p, .n = n };

	snprintf(s.name, sizeof s.name, "%s%s", prefix, name);
	fn(arg, &s);
}

/* A control byte (or DEL) as a key. */
static void
emit_control(stroke_fn *fn, void *arg, const char *prefix, unsigned char c, const char *p,
		size_t n)
{
	char name[] = "C-x";

	switch (c) {
	case '\r':
		emit(fn, arg, prefix, "Enter", p, n);
		return;
	case '\t':
		emit(fn, arg, prefix, "Tab", p, n);
		return;
	case ESC:
		emit(fn, arg, prefix, "Esc", p, n);
		return;
	case 0x7f:
		emit(fn, arg, prefix, "BackSpace", p, n);
		return;
	case 0:
		emit(fn, arg, prefix, "C-Space", p, n);
		return;
	default:
		name[2] = c <= 26 ? 'a' + c - 1 : '@' + c;
		emit(fn, arg, prefix, name, p, n);
	}
}

/* xterm's modifier parameter: 1 + Shift 1, Alt 2, Ctrl 4. */
static void
modifiers(int value, char out[8])
{
	int bits = value > 1 ? value - 1 : 0;

	snprintf(out, 8, "%s%s%s", bits & 4 ? "C-" : "", bits & 2 ? "M-" : "",
			bits & 1 ? "S-" : "");
}

/* The decimal number at *p, moved behind it; 0 when there is none. */
static int
number(const char **p, const char *end)
{
	int n = 0;

	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++)
		n = n < 10000 ? n * 10 + (**p - '0') : n;
	return n;
}

static void
mouse(const char *p, const char *end, stroke_fn *fn, void *arg)
{
	int button = number(&p, end);

	if (end[0] != 'M')
		return;
	if (button == 64)
		emit(fn, arg, "", "WheelUp", "", 0);
	else if (button == 65)
		emit(fn, arg, "", "WheelDown", "", 0);
}

static const struct named *
find_sequence(char final, int n)
{
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
		const struct named *s = &sequences[i];

		if (s->final == final && (final != '~' || s->number == n))
			return s;
	}
	return NULL;
}

/* A whole CSI or SS3 sequence p[n]. What is no key of ours (a late answer) is dropped. */
static void
key_sequence(const char *p, size_t n, stroke_fn *fn, void *arg)
{
	const char *at = p + 2, *end = p + n - 1;
	const struct named *s;
	char prefix[8];
	int first, second = 0;

	if (*at == '<') {
		at++;
		mouse(at, end, fn, arg);
		return;
	}
	first = number(&at, end);
	if (at < end && *at == ';') {
		at++;
		second = number(&at, end);
	}
	s = find_sequence(*end, first);
	/* CSI row ; column R is where the cursor is, CSI 1 ; modifier R is F3. */
	if (at != end || !s || (*end != '~' && first > 1) || second > 8)
		return;
	modifiers(second, prefix);
	emit(fn, arg, prefix, s->name, p, n);
}

/* Linux console: CSI [ A to E are F1 to F5. */
static void
console_key(const char *p, stroke_fn *fn, void *arg)
{
	char name[] = "F1";

	name[1] = '1' + (p[3] - 'A');
	emit(fn, arg, "", name, p, 4);
}

/* Each of the next takes apart what stands at p[n], which begins with ESC, and returns the bytes
 * taken; 0: more has to come first. */

/* Where the final byte of the CSI at p[n] stands, or the byte that is none of it; n: nowhere. */
static size_t
csi_end(const char *p, size_t n)
{
	size_t i = 2;

	while (i < n && (unsigned char)p[i] >= 0x20 && (unsigned char)p[i] < 0x40)
		i++;
	return i;
}

static void
begin_paste(struct keyboard *k)
{
	k->pasting = true;
	k->end_seen = k->lost = 0;
	k->after_cr = false;
	buf_clear(&k->paste);
}

static size_t
take_csi(struct keyboard *k, const char *p, size_t n, stroke_fn *fn, void *arg)
{
	size_t end = csi_end(p, n);

	if (n >= 4 && p[2] == '[' && p[3] >= 'A' && p[3] <= 'E') {
		console_key(p, fn, arg);
		return 4;
	}
	if (n == 3 && p[2] == '[')
		return 0;
	if (end == n) {
		if (n < sizeof k->held)
			return 0;
		k->swallow = SWALLOW_CSI;
		return n;
	}
	if (p[end] < 0x40 || p[end] > 0x7e)
		return end;
	if (end == 5 && memcmp(p, "\033[200~", 6) == 0)
		begin_paste(k);
	else if (end < sizeof k->held)
		key_sequence(p, end + 1, fn, arg);
	return end + 1;
}

/* p[n] is the start of a character of which the rest is still to come; bad is what utf8_next
 * made of it. */
static bool
is_cut(const char *p, size_t n, int bad)
{
	unsigned char lead = *p;

	return bad < 0 && (size_t)-bad == n && n < 4 && lead >= 0xc2 && lead <= 0xf4;
}

static size_t
take_meta(const char *p, size_t n, stroke_fn *fn, void *arg)
{
	char name[8] = "";
	uint32_t cp;
	int len;

	if ((unsigned char)p[1] < 0x20 || p[1] == 0x7f) {
		emit_control(fn, arg, "M-", p[1], p, 2);
		return 2;
	}
	len = utf8_next(p + 1, n - 1, &cp);
	if (len < 0)
		return is_cut(p + 1, n - 1, len) ? 0 : 1 + (size_t)-len;
	memcpy(name, p + 1, len);
	emit(fn, arg, "M-", name, p, 1 + len);
	return 1 + len;
}

static size_t
take_escape(struct keyboard *k, const char *p, size_t n, stroke_fn *fn, void *arg)
{
	if (n == 1)
		return 0;
	switch (p[1]) {
	case ESC:
		emit(fn, arg, "", "Esc", p, 1);
		return 1;
	case '[':
		return take_csi(k, p, n, fn, arg);
	case 'O':
		if (n == 2)
			return 0;
		if (p[2] >= 'A' && p[2] <= 'Z')
			key_sequence(p, 3, fn, arg);
		return 3;
	case ']':
	case 'P':
	case '_':
	case '^':
	case 'X':
		if (n == 2)
			return 0;
		k->swallow = SWALLOW_STRING;
		return 2;
	default:
		return take_meta(p, n, fn, arg);
	}
}

static bool
is_printable(unsigned char c)
{
	return c >= 0x20 && c != 0x7f;
}

/* A run of text; a character cut at the end waits, bad bytes become U+FFFD in the line. */
static size_t
take_text(const char *p, size_t n, stroke_fn *fn, void *arg)
{
	struct stroke s = { .type = STROKE_TEXT, .bytes = p };
	uint32_t cp;

	while (s.n < n && is_printable(p[s.n])) {
		int len = utf8_next(p + s.n, n - s.n, &cp);

		if (len > 0) {
			s.n += len;
			continue;
		}
		if (s.n > 0)
			break;
		if (is_cut(p, n, len))
			return 0;
		s.bytes = "\xef\xbf\xbd";
		s.n = 3;
		fn(arg, &s);
		return -len;
	}
	fn(arg, &s);
	return s.n;
}

static size_t
take_swallowed(struct keyboard *k, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = p[i];

		if (k->swallow == SWALLOW_CSI ? c >= 0x40 && c <= 0x7e : c == '\a') {
			k->swallow = SWALLOW_NOTHING;
			return i + 1;
		}
		if (k->swallow == SWALLOW_CSI && (c < 0x20 || c > 0x7e)) {
			k->swallow = SWALLOW_NOTHING;
			return i;
		}
		if (c == ESC && k->swallow == SWALLOW_STRING) {
			if (i + 1 == n)
				return i;
			k->swallow = SWALLOW_NOTHING;
			return p[i + 1] == '\\' ? i + 2 : i;
		}
	}
	return n;
}

static void
paste_byte(struct keyboard *k, char c)
{
	bool is_lf_of_crlf = c == '\n' && k->after_cr;

	k->after_cr = c == '\r';
	if (c == '\r')
		c = '\n';
	if (is_lf_of_crlf || (!is_printable(c) && c != '\n' && c != '\t'))
		return;
	if (!buf_addc(&k->paste, c))
		k->lost++;
}

static void
emit_paste(struct keyboard *k, stroke_fn *fn, void *arg)
{
	struct stroke s = { .type = STROKE_PASTE, .n = k->paste.n, .lost = k->lost };

	s.bytes = buf_str(&k->paste);
	k->pasting = false;
	fn(arg, &s);
	buf_done(&k->paste);
	buf_init(&k->paste, PASTE_MAX);
}

/* Inside a paste no byte is a key. */
static size_t
take_pasted(struct keyboard *k, const char *p, size_t n, stroke_fn *fn, void *arg)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == paste_end[k->end_seen]) {
			if (++k->end_seen < sizeof paste_end - 1)
				continue;
			emit_paste(k, fn, arg);
			return i + 1;
		}
		for (size_t j = 0; j < k->end_seen; j++)
			paste_byte(k, paste_end[j]);
		k->end_seen = p[i] == ESC;
		if (k->end_seen == 0)
			paste_byte(k, p[i]);
	}
	return n;
}

static size_t
take(struct keyboard *k, const char *p, size_t n, stroke_fn *fn, void *arg)
{
	if (k->pasting)
		return take_pasted(k, p, n, fn, arg);
	if (k->swallow != SWALLOW_NOTHING) {
		size_t taken = take_swallowed(k, p, n);

		/* Another sequence cut the answer off: it begins here. */
		if (taken > 0 || k->swallow != SWALLOW_NOTHING)
			return taken;
	}
	if (*p == ESC)
		return take_escape(k, p, n, fn, arg);
	if (is_printable(*p))
		return take_text(p, n, fn, arg);
	emit_control(fn, arg, "", *p, p, 1);
	return 1;
}

/* A terminal without bracketed paste sends the lines all at once. */
static bool
is_burst(const char *p, size_t n)
{
	int lines = 0;

	for (size_t i = 0; i < n; i++) {
		if (*p == ESC || p[i] == ESC)
			return false;
		lines += p[i] == '\r';
	}
	return lines >= BURST_LINES && n > 2 * BURST_LINES;
}

void
keyboard_feed(struct keyboard *k, const char *p, size_t n, stroke_fn *fn, void *arg)
{
	size_t all = k->n + n, at = 0;
	char *joined = NULL;

	if (k->n > 0) {
		joined = xmalloc(all);
		memcpy(joined, k->held, k->n);
		memcpy(joined + k->n, p, n);
		p = joined;
		k->n = 0;
	} else if (!k->pasting && !k->is_replay && k->swallow == SWALLOW_NOTHING &&
			is_burst(p, n)) {
		for (size_t i = 0; i < n; i++)
			paste_byte(k, p[i]);
		emit_paste(k, fn, arg);
		return;
	}
	while (at < all) {
		size_t len = take(k, p + at, all - at, fn, arg);

		if (len == 0)
			break;
		at += len;
	}
	k->n = all - at < sizeof k->held ? all - at : 0;
	memcpy(k->held, p + at, k->n);
	free(joined);
}

int
keyboard_wait_ms(const struct keyboard *k)
{
	if (k->swallow != SWALLOW_NOTHING)
		return 1000;
	return k->n > 0 ? 50 : 0;
}

void
keyboard_flush(struct keyboard *k, stroke_fn *fn, void *arg)
{
	char held[sizeof k->held];
	size_t n = k->n;

	k->n = 0;
	k->swallow = SWALLOW_NOTHING;
	if (n == 0)
		return;
	memcpy(held, k->held, n);
	if (n == 1 && held[0] == ESC)
		emit(fn, arg, "", "Esc", held, 1);
	else if (n == 2 && held[0] == ESC)
		take_meta(held, n, fn, arg);
}
