/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal for tests: it understands what stonechat may write, and nothing else. */
#include "term/vt.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/utf8.h"

static void
wrong(struct vt *v, const char *what)
{
	if (!v->wrong[0])
		snprintf(v->wrong, sizeof v->wrong, "%s: %.*s", what, (int)v->n, v->seq);
}

static struct vt_cell *
at(struct vt *v, int x, int y)
{
	return &v->cells[y * v->w + x];
}

static void
blank(struct vt_cell *c)
{
	*c = (struct vt_cell){ .s = " ", .width = 1 };
}

void
vt_resize(struct vt *v, int w, int h)
{
	free(v->cells);
	v->w = w;
	v->h = h;
	v->x = v->y = 0;
	v->last = NULL;
	v->wraps = false;
	v->cells = xcalloc(w * h, sizeof *v->cells);
	for (int i = 0; i < w * h; i++)
		blank(&v->cells[i]);
}

void
vt_init(struct vt *v, int w, int h)
{
	*v = (struct vt){ 0 };
	vt_resize(v, w, h);
}

void
vt_done(struct vt *v)
{
	free(v->cells);
}

static void
moved(struct vt *v)
{
	v->last = NULL;
	v->wraps = false;
}

static void
go(struct vt *v, int x, int y)
{
	v->x = x < 0 ? 0 : x >= v->w ? v->w - 1 : x;
	v->y = y < 0 ? 0 : y >= v->h ? v->h - 1 : y;
	moved(v);
}

static void
erase(struct vt *v, int from, int to)
{
	for (int i = from; i < to && i < v->w * v->h; i++)
		blank(&v->cells[i]);
}

/* Overwriting half of a wide cell leaves a blank. */
static void
put_at(struct vt *v, int x, int y, const char *s, int width)
{
	struct vt_cell *c = at(v, x, y);

	if (c->width == 0 && x > 0)
		blank(c - 1);
	if (width == 1 && c->width == 2 && x + 1 < v->w)
		blank(c + 1);
	if (width == 2 && x + 1 < v->w && c[1].width == 2 && x + 2 < v->w)
		blank(c + 2);
	*c = (struct vt_cell){ .width = width };
	str_copy(c->s, sizeof c->s, s);
	if (width == 2 && x + 1 < v->w)
		c[1] = (struct vt_cell){ .width = 0 };
	v->last = c;
}

/* Joins s to what was printed just before, if both are one cluster. */
static bool
joins(struct vt *v, const char *s)
{
	char both[VT_CELL];
	int width;
	size_t n;

	if (!v->last || snprintf(both, sizeof both, "%s%s", v->last->s, s) >= (int)sizeof both)
		return false;
	n = strlen(both);
	if (v->naive ? wcwidth(L'x') == 0 : text_cluster(both, n, &width) != n)
		return false;
	if (v->naive)
		return false;
	str_copy(v->last->s, sizeof v->last->s, both);
	if (width == 2 && v->last->width == 1 && v->x < v->w) {
		v->last->width = 2;
		if (!v->wraps) {
			v->last[1] = (struct vt_cell){ .width = 0 };
			v->wraps = ++v->x == v->w;
		}
	}
	return true;
}

static void
print(struct vt *v, const char *s, uint32_t cp)
{
	int width = 1;

	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x202a && cp <= 0x202e) ||
			(cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff) {
		str_copy(v->seq, sizeof v->seq, s);
		v->n = strlen(s);
		wrong(v, "control character");
		return;
	}
	if (v->naive) {
		width = wcwidth(cp);
		if (width <= 0) {
			if (v->last && strlen(v->last->s) + strlen(s) < VT_CELL)
				memcpy(v->last->s + strlen(v->last->s), s, strlen(s) + 1);
			return;
		}
	} else {
		if (joins(v, s))
			return;
		text_cluster(s, strlen(s), &width);
	}
	if (width < 1)
		width = 1;
	if (v->wraps || v->x + width > v->w) {
		v->x = 0;
		v->y = v->y + 1 < v->h ? v->y + 1 : v->y;
	}
	v->wraps = false;
	put_at(v, v->x, v->y, s, width);
	v->x += width;
	if (v->x >= v->w) {
		v->wraps = true;
		v->x = v->w;
	}
}

static bool
is_known_mode(int mode)
{
	static const int known[] = { 1, 7, 12, 25, 1000, 1006, 1049, 2004 };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (known[i] == mode)
			return true;
	}
	return false;
}

static void
set_modes(struct vt *v, const char *params, bool on)
{
	/* Insert mode, and the shape of the cursor. */
	if (*params != '?') {
		if (strcmp(params, "4") != 0 && strcmp(params, "34") != 0)
			wrong(v, "mode");
		return;
	}
	for (const char *p = params; *p; ) {
		int mode = (int)strtol(p + 1, (char **)&p, 10);

		if (!is_known_mode(mode)) {
			wrong(v, "private mode");
			return;
		}
		v->modes[mode] = on;
	}
}

static void
sgr(struct vt *v, const char *params)
{
	for (const char *p = params; *p; p++) {
		if (!strchr("0123456789;", *p)) {
			wrong(v, "attribute");
			return;
		}
	}
	for (const char *p = params; p && *p; p = strchr(p, ';') ? strchr(p, ';') + 1 : NULL) {
		long n = strtol(p, NULL, 10);

		v->colored |= (n >= 30 && n <= 38) || (n >= 40 && n <= 48) || n >= 90;
	}
}

/* The first parameter, or otherwise. */
static int
param(const char *p, int i, int otherwise)
{
	for (; i > 0; i--) {
		p = strchr(p, ';');
		if (!p)
			return otherwise;
		p++;
	}
	return *p >= '0' && *p <= '9' ? (int)strtol(p, NULL, 10) : otherwise;
}

static void
repeat(struct vt *v, int n)
{
	char s[VT_CELL];
	uint32_t cp;

	if (!v->last) {
		wrong(v, "repeat");
		return;
	}
	str_copy(s, sizeof s, v->last->s);
	utf8_next(s, strlen(s), &cp);
	while (n-- > 0)
		print(v, s, cp);
}

/* Shifts the rest of the row. */
static void
insert(struct vt *v, int n)
{
	struct vt_cell *row = at(v, 0, v->y);

	for (int x = v->w - 1; x >= v->x + n; x--)
		row[x] = row[x - n];
	for (int x = v->x; x < v->x + n && x < v->w; x++)
		blank(&row[x]);
}

static void
delete(struct vt *v, int n)
{
	struct vt_cell *row = at(v, 0, v->y);

	for (int x = v->x; x < v->w; x++) {
		if (x + n < v->w)
			row[x] = row[x + n];
		else
			blank(&row[x]);
	}
}

static void
csi(struct vt *v, const char *params, char final)
{
	int n = param(params, 0, 1), here;

	if (v->x == v->w && strchr("ABCDdJKX@P", final))
		v->x--;
	here = v->y * v->w + v->x;

	switch (final) {
	case 'H':
		go(v, param(params, 1, 1) - 1, n - 1);
		break;
	case 'A':
		go(v, v->x, v->y - n);
		break;
	case 'B':
		go(v, v->x, v->y + n);
		break;
	case 'C':
		go(v, v->x + n, v->y);
		break;
	case 'D':
		go(v, v->x - n, v->y);
		break;
	case 'G':
		go(v, n - 1, v->y);
		break;
	case 'd':
		go(v, v->x, n - 1);
		break;
	case 'J':
		if (param(params, 0, 0) == 0)
			erase(v, here, v->w * v->h);
		else
			erase(v, 0, v->w * v->h);
		break;
	case 'K':
		if (param(params, 0, 0) == 0)
			erase(v, here, (v->y + 1) * v->w);
		else
			erase(v, v->y * v->w, here + 1);
		break;
	case 'X':
		erase(v, here, here + n);
		break;
	case '@':
		insert(v, n);
		break;
	case 'P':
		delete(v, n);
		break;
	case 'b':
		repeat(v, n);
		break;
	case 'm':
		sgr(v, params);
		break;
	case 'h':
	case 'l':
		set_modes(v, params, final == 'h');
		break;
	case 't':		/* the title goes onto its stack and comes back */
		if (strcmp(params, "22;0;0") != 0 && strcmp(params, "23;0;0") != 0)
			wrong(v, "window operation");
		break;
	case 'c':		/* the shape of the Linux console's cursor */
		if (*params != '?')
			wrong(v, "sequence");
		break;
	case 'r':
		break;
	default:
		wrong(v, "sequence");
	}
}

/* A whole escape sequence stands in seq. Returns false while it is not whole. */
static bool
escape(struct vt *v)
{
	const char *s = v->seq;
	char final = s[v->n - 1];
	char params[64];

	if (v->n < 2)
		return false;
	if (s[1] == '[') {
		if (v->n == 2 || (final >= 0x20 && final < 0x40))
			return v->n == sizeof v->seq - 1;
		str_copy(params, sizeof params, s + 2);
		params[v->n - 3] = '\0';
		csi(v, params, final);
		return true;
	}
	if (s[1] == '(' || s[1] == ')') {
		if (v->n == 3 && final != (s[1] == '(' ? 'B' : '0'))
			wrong(v, "character set");
		return v->n == 3;
	}
	/* ncurses gives the palette back, changed or not. */
	if (s[1] == ']' && strncmp(s, "\033]104\007", v->n) == 0)
		return v->n == 6;
	if (s[1] == 'M' && v->y > 0) {
		go(v, v->x, v->y - 1);
		return true;
	}
	if (!strchr("78=>", s[1]))
		wrong(v, "escape");
	return true;
}

static void
control(struct vt *v, char c)
{
	switch (c) {
	case '\r':
		go(v, 0, v->y);
		break;
	case '\n':
		go(v, v->x, v->y + 1);
		break;
	case '\b':
		go(v, (v->x < v->w ? v->x : v->w - 1) - 1, v->y);
		break;
	case '\t':
		go(v, (v->x / 8 + 1) * 8, v->y);
		break;
	case '\a':
	case '\017':		/* the first character set: part of screen's sgr0 */
		break;
	default:
		v->seq[0] = c;
		v->n = 1;
		wrong(v, "control byte");
	}
}

void
vt_feed(struct vt *v, const char *p, size_t n)
{
	v->bytes += n;
	for (size_t i = 0; i < n; i++) {
		uint32_t cp;
		int len;

		if (v->n == 0 && (unsigned char)p[i] < 0x20 && p[i] != '\033') {
			control(v, p[i]);
			v->n = 0;
			continue;
		}
		v->seq[v->n++] = p[i];
		v->seq[v->n] = '\0';
		if (v->seq[0] == '\033') {
			if (escape(v))
				v->n = 0;
			continue;
		}
		len = utf8_next(v->seq, v->n, &cp);
		if (len > 0) {
			char s[8];

			str_copy(s, sizeof s, v->seq);
			v->n = 0;
			print(v, s, cp);
			v->n = 0;
		} else if (v->n >= 4) {
			wrong(v, "bad UTF-8");
			v->n = 0;
		}
	}
}

char *
vt_dump(const struct vt *v)
{
	struct buf out;

	buf_init(&out, 1 << 24);
	for (int y = 0; y < v->h; y++) {
		size_t end = out.n;

		for (int x = 0; x < v->w; x++) {
			const struct vt_cell *c = &v->cells[y * v->w + x];
			const char *s = strcmp(c->s, "\xc2\xa0") == 0 ? " " : c->s;

			buf_adds(&out, s);
			if (c->width > 0 && strcmp(s, " ") != 0)
				end = out.n;
		}
		buf_cut(&out, end);
		buf_addc(&out, '\n');
	}
	return buf_take(&out);
}
