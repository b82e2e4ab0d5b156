/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of conversations: their numbers are those of Alt-1 and /go. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/draw.h"

/* A line of the list: a heading (conv < 0) or a conversation. */
struct line { int conv; const struct model_account *account; bool people; };
struct lines { arr(struct line) v; int here; };

static void
lines_init(struct lines *l, const struct model *m)
{
	int shown = model_shown(m);

	*l = (struct lines){ .here = 0 };
	for (size_t i = 0; i < m->convs.n; i++) {
		const struct model_conv *c = &m->convs.v[i], *prev = i > 0 ? c - 1 : NULL;
		bool first = !prev || prev->account != c->account;
		bool direct = c->kind == CONV_DIRECT;
		struct line line = { .conv = -1, .account = &m->accounts.v[c->account] };

		if (first)
			arr_push(&l->v, line);
		line.people = true;
		if (direct && (first || prev->kind != CONV_DIRECT))
			arr_push(&l->v, line);
		line.people = false;
		line.conv = (int)i;
		if ((int)i == shown)
			l->here = (int)l->v.n;
		arr_push(&l->v, line);
	}
}

static void
draw_head(struct canvas *c, int x, int y, int w, const struct line *line)
{
	const struct model_account *a = line->account;

	if (line->people)
		canvas_say(c, x, y, w, STYLE_LIST_HEAD, "%s", _("people"));
	else if (a->link == LINK_ONLINE)
		canvas_put(c, x, y, w, STYLE_LIST_HEAD, &a->label);
	else
		canvas_say(c, x, y, w, STYLE_LIST_HEAD, "%s (%s)", a->label.p, _("offline"));
}

static enum style
style_of(const struct model_conv *conv, bool is_here)
{
	if (is_here)
		return STYLE_LIST_HERE;
	if (conv->unread == 0)
		return conv->closed ? STYLE_DIM : STYLE_LIST;
	if (conv->mentions > 0 || conv->kind == CONV_DIRECT)
		return STYLE_LIST_HOT;
	return STYLE_LIST_UNREAD;
}

static char
sign_of(const struct model_conv *conv, bool is_here)
{
	if (is_here)
		return '>';
	if (conv->unread > 0 && conv->kind == CONV_DIRECT)
		return '@';
	return conv->mentions > 0 ? '!' : ' ';
}

/* Counts stay readable in four columns. */
static void
count_text(char out[24], const struct model_conv *conv)
{
	char unread[12];

	out[0] = '\0';
	if (conv->unread == 0)
		return;
	if (conv->unread > 999)
		str_copy(unread, sizeof unread, "999+");
	else
		snprintf(unread, sizeof unread, "%d", (int)conv->unread);
	if (conv->mentions > 0 && conv->kind != CONV_DIRECT)
		snprintf(out, 24, "%d·%s", conv->mentions > 99 ? 99 : (int)conv->mentions, unread);
	else
		str_copy(out, 24, unread);
}

static void
draw_conv(struct canvas *c, int x, int y, int w, const struct model *m, int i)
{
	const struct model_conv *conv = &m->convs.v[i];
	bool is_here = i == model_shown(m);
	enum style style = style_of(conv, is_here);
	char count[24];
	int right, at;

	count_text(count, conv);
	right = (int)text_width(count, strlen(count));
	if (is_here)
		canvas_rule(c, x, y, w, style, GLYPH_SPACE);
	at = canvas_say(c, x, y, w, style, "%c %d ", sign_of(conv, is_here), i + 1);
	/* Under the heading of people the "@" says nothing new. */
	if (conv->kind == CONV_DIRECT && conv->label.n > 1 && conv->label.p[0] == '@')
		canvas_text(c, x + at, y, w - at - right - (right > 0), style, &conv->label,
				1, SIZE_MAX);
	else
		canvas_put(c, x + at, y, w - at - right - (right > 0), style, &conv->label);
	canvas_say(c, x + w - right, y, right, style, "%s", count);
}

void
draw_list(const struct model *m, struct canvas *c, struct rect r)
{
	struct lines l;
	int top = 0, w = r.w - 1;

	if (r.w < 8 || r.h == 0)
		return;
	lines_init(&l, m);
	if ((int)l.v.n > r.h)
		top = l.here - r.h / 2;
	if (top > (int)l.v.n - r.h)
		top = (int)l.v.n - r.h;
	if (top < 0)
		top = 0;
	for (int y = 0; y < r.h; y++) {
		const struct line *line = top + y < (int)l.v.n ? &l.v.v[top + y] : NULL;

		canvas_rule(c, r.x + w, r.y + y, 1, STYLE_BORDER, GLYPH_BAR);
		if (line && line->conv < 0)
			draw_head(c, r.x, r.y + y, w, line);
		else if (line)
			draw_conv(c, r.x, r.y + y, w, m, line->conv);
	}
	arr_done(&l.v);
}
