/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The single lines of the screen: title, status, remark, who types, what Tab offers. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "ui/draw.h"
#include "ui/view.h"

#define HOT_MAX 9	/* conversations in the activity list */

void
draw_rule(struct canvas *c, int x, int y, int w, enum style style, enum glyph glyph,
		const struct safe_text *t)
{
	int text = (int)text_width(t->p, t->n), left;

	if (text > w - 2 && w > 2)
		text = w - 2;
	left = (w - text) / 2 - 1;
	canvas_rule(c, x, y, w, style, glyph);
	if (left < 0)
		left = 0;
	canvas_rule(c, x + left, y, text + 2 < w ? text + 2 : w, style, GLYPH_SPACE);
	canvas_put(c, x + left + 1, y, w - left - 1 < text ? w - left - 1 : text, style, t);
}

static const struct model_account *
shown_account(const struct model *m)
{
	int i = model_shown(m);

	if (i >= 0)
		return &m->accounts.v[m->convs.v[i].account];
	return m->accounts.n > 0 ? &m->accounts.v[0] : NULL;
}

static struct safe_text
waiting_words(const struct model_account *a, int64_t mono)
{
	int64_t s = a->retry_at > mono ? (a->retry_at - mono + 999) / 1000 : 0;

	if (s == 0)
		return text_own("◐ %s", _("connecting"));
	return text_own("○ %s · %s %lld s", _("offline"), _("retrying in"), (long long)s);
}

static struct safe_text
link_words(const struct model_account *a, const struct ui *ui)
{
	switch (a->link) {
	case LINK_ONLINE:
		if (a->latency_ms >= 0)
			return text_own("● %s %lldms", _("online"), (long long)a->latency_ms);
		return text_own("● %s", _("online"));
	case LINK_CONNECTING:
	case LINK_SYNCING:
		return text_own("◐ %s", _("connecting"));
	case LINK_WAITING:
		return waiting_words(a, ui->mono);
	case LINK_STOPPED:
		if (a->why.n > 0)
			return text_own("○ %s · %s", _("offline"), a->why.p);
		break;
	default:
		break;
	}
	return text_own("○ %s", _("offline"));
}

/* The state of the connection to the right; returns its columns. */
static int
draw_link(const struct model *m, const struct ui *ui, struct canvas *c, struct rect r)
{
	const struct model_account *a = shown_account(m);
	int i = model_shown(m), w;
	struct safe_text words, all;
	enum style style;

	if (!a)
		return 0;
	style = a->link == LINK_ONLINE ? STYLE_TITLE_GOOD : STYLE_TITLE_BAD;
	words = link_words(a, ui);
	if (r.w >= 60 && i >= 0 && m->convs.v[i].head > 0)
		all = text_own("%s%s  seq %lld", words.p, a->tls ? "  TLS" : "",
				(long long)m->convs.v[i].head);
	else
		all = text_own("%s%s", words.p, a->tls && r.w >= 60 ? "  TLS" : "");
	w = (int)text_width(all.p, all.n);
	if (w > r.w / 2 && a->link == LINK_ONLINE) {
		text_done(&all);
		all = text_own("● %s", _("online"));
		w = (int)text_width(all.p, all.n);
	}
	if (w > r.w * 2 / 3) {
		text_done(&all);
		all = text_own("%s", a->link == LINK_ONLINE ? "●" : "○");
		w = 1;
	}
	canvas_put(c, r.x + r.w - w - 1, r.y, w, style, &all);
	text_done(&words);
	text_done(&all);
	return w + 2;
}

void
draw_title(const struct model *m, const struct ui *ui, struct canvas *c, struct rect r)
{
	int i = model_shown(m), room, x = r.x;

	if (r.h == 0)
		return;
	canvas_rule(c, r.x, r.y, r.w, STYLE_TITLE, GLYPH_SPACE);
	room = r.w - draw_link(m, ui, c, r);
	if (i < 0) {
		canvas_say(c, x, r.y, room, STYLE_TITLE, " stonechat");
		return;
	}
	x += canvas_say(c, x, r.y, room, STYLE_TITLE, " ");
	x += canvas_put(c, x, r.y, room - (x - r.x), STYLE_TITLE, &m->convs.v[i].label);
	if (m->convs.v[i].closed)
		x += canvas_say(c, x, r.y, room - (x - r.x), STYLE_TITLE_BAD, " (%s)",
				_("left"));
	x += 2;
	canvas_put(c, x, r.y, room - (x - r.x), STYLE_TITLE, &m->convs.v[i].topic);
}

/* The status line is a row of "[…]"; what does not fit is left out. */
struct bar { struct canvas *c; int x, y, end; };

static void
bar_add(struct bar *bar, enum style style, const char *text)
{
	int w = (int)text_width(text, strlen(text)) + 2;

	if (bar->x + w > bar->end)
		return;
	bar->x += canvas_say(bar->c, bar->x, bar->y, w, style, "[%s]", text) + 1;
}

/* Mentions first, then direct messages, then the rest, each in the order of the list. */
static int
heat(const struct model_conv *conv)
{
	if (conv->kind == CONV_DIRECT)
		return 1;
	return conv->mentions > 0 ? 0 : 2;
}

/* " 4!1·3": number, kind, counts. */
static void
hot_text(char out[80], const struct model_conv *conv, size_t number)
{
	int h = heat(conv), n = snprintf(out, 80, " %zu%c", number, "!@:"[h]);

	if (h == 0 && conv->unread > conv->mentions)
		n += snprintf(out + n, 80 - n, "%lld·", (long long)conv->mentions);
	snprintf(out + n, 80 - n, "%lld", (long long)conv->unread);
}

/* As many as fit. */
static void
bar_activity(struct bar *bar, const struct model *m)
{
	struct buf text;
	int shown = model_shown(m), room = bar->end - bar->x - 2, k = 0;
	bool is_hot = false;

	buf_init(&text, 1024);
	buf_adds(&text, _("Act:"));
	for (int h = 0; h < 3; h++) {
		for (size_t i = 0; i < m->convs.n && k < HOT_MAX; i++) {
			const struct model_conv *conv = &m->convs.v[i];
			char one[80];

			if (conv->unread == 0 || (int)i == shown || heat(conv) != h)
				continue;
			hot_text(one, conv, i + 1);
			if ((int)(text_width(text.p, text.n) + text_width(one, strlen(one))) > room)
				break;
			buf_adds(&text, one);
			is_hot |= h < 2;
			k++;
		}
	}
	if (k > 0)
		bar_add(bar, is_hot ? STYLE_STATUS_HOT : STYLE_STATUS, text.p);
	buf_done(&text);
}

static int64_t
missing(const struct model *m)
{
	int64_t n = 0;

	for (size_t i = 0; i < m->window.rows.n; i++) {
		if (m->window.rows.v[i].kind == ROW_GAP)
			n += m->window.rows.v[i].seq - m->window.rows.v[i].lo;
	}
	return n;
}

/* What must not be crowded out by activity. */
struct troubles { char outbox[64], gap[64], more[64]; };

static int
trouble_width(const char *text)
{
	return *text ? (int)text_width(text, strlen(text)) + 3 : 0;
}

static int
troubles_init(struct troubles *t, const struct model *m, int64_t more, int w)
{
	int64_t gap = missing(m);

	*t = (struct troubles){ "", "", "" };
	if (m->refused > 0)
		snprintf(t->outbox, sizeof t->outbox, _("outbox %lld ✗%lld"),
				(long long)m->waiting, (long long)m->refused);
	else if (m->waiting > 0)
		snprintf(t->outbox, sizeof t->outbox, _("outbox %lld"), (long long)m->waiting);
	if (gap > 0)
		snprintf(t->gap, sizeof t->gap, _("gap %lld"), (long long)gap);
	if (more > 0)
		snprintf(t->more, sizeof t->more, "-MORE %lld-", (long long)more);
	if (trouble_width(t->outbox) + trouble_width(t->gap) + trouble_width(t->more) > w / 2)
		t->gap[0] = '\0';
	return trouble_width(t->outbox) + trouble_width(t->gap) + trouble_width(t->more);
}

static void
bar_place(struct bar *bar, const struct model *m, const struct ui *ui)
{
	const struct model_account *a = shown_account(m);
	int i = model_shown(m);
	char text[256];

	/* The clock would be the only thing that moves on an idle screen that is offline. */
	if (model_is_online(m) && ui->w >= 40) {
		struct tm tm = clock_local(ui->wall);

		snprintf(text, sizeof text, "%02d:%02d", tm.tm_hour, tm.tm_min);
		bar_add(bar, STYLE_STATUS, text);
	}
	if (a && ui->w >= 70) {
		snprintf(text, sizeof text, "%.100s@%.100s", a->user_label.n > 0 ?
				a->user_label.p : "?", a->label.p);
		bar_add(bar, STYLE_STATUS, text);
	}
	if (i >= 0) {
		snprintf(text, sizeof text, "%d:%.200s", i + 1, m->convs.v[i].label.p);
		bar_add(bar, STYLE_STATUS, text);
	}
}

void
draw_status(const struct model *m, const struct ui *ui, struct canvas *c, struct rect r)
{
	struct bar bar = { c, r.x, r.y, r.x + r.w };
	struct troubles t;
	struct items it;
	int reserved;

	if (r.h == 0)
		return;
	canvas_rule(c, r.x, r.y, r.w, STYLE_STATUS, GLYPH_SPACE);
	items_init(&it, m);
	reserved = troubles_init(&t, m, view_more(&ui->view, m, &it), r.w);
	items_done(&it);
	bar.end -= reserved;
	if (r.w < 40 && t.more[0]) {
		bar.end = r.x + r.w;
		bar_add(&bar, STYLE_STATUS_HOT, t.more);
		t.more[0] = '\0';
	}
	bar_place(&bar, m, ui);
	bar_activity(&bar, m);
	bar.end = r.x + r.w;
	if (t.outbox[0])
		bar_add(&bar, m->refused > 0 ? STYLE_STATUS_BAD : STYLE_STATUS, t.outbox);
	if (t.gap[0])
		bar_add(&bar, STYLE_STATUS_BAD, t.gap);
	if (t.more[0])
		bar_add(&bar, STYLE_STATUS_HOT, t.more);
}

void
draw_remark(const struct ui *ui, struct canvas *c, struct rect r)
{
	static const enum style styles[] = { STYLE_LOCAL, STYLE_WARNING, STYLE_ERROR };

	if (r.h > 0)
		canvas_put(c, r.x + (r.w > 20), r.y, r.w - (r.w > 20),
				styles[ui->remark_level], &ui->remark);
}

static bool
types_here(const struct model *m, const struct typing *t)
{
	return m->window.conv && strcmp(t->conv, m->window.conv) == 0 &&
			strcmp(t->account, m->window.account) == 0;
}

bool
draw_typing_wanted(const struct model *m)
{
	for (size_t i = 0; i < m->typing.n; i++) {
		if (types_here(m, &m->typing.v[i]))
			return true;
	}
	return false;
}

void
draw_typing(const struct model *m, struct canvas *c, struct rect r)
{
	const struct safe_text *who[2] = { NULL, NULL };
	size_t n = 0;

	for (size_t i = 0; i < m->typing.n; i++) {
		if (types_here(m, &m->typing.v[i]) && n++ < 2)
			who[n - 1] = &m->typing.v[i].label;
	}
	if (r.h == 0 || n == 0)
		return;
	if (n == 1)
		canvas_say(c, r.x + 1, r.y, r.w - 1, STYLE_DIM, _("%s is typing…"), who[0]->p);
	else if (n == 2)
		canvas_say(c, r.x + 1, r.y, r.w - 1, STYLE_DIM, _("%s and %s are typing…"),
				who[0]->p, who[1]->p);
	else
		canvas_say(c, r.x + 1, r.y, r.w - 1, STYLE_DIM, _("%s, %s and others are typing…"),
				who[0]->p, who[1]->p);
}

void
draw_menu(const struct ui *ui, struct canvas *c, struct rect r)
{
	int x = r.x + 1;

	if (r.h == 0)
		return;
	canvas_rule(c, r.x, r.y, r.w, STYLE_MENU, GLYPH_SPACE);
	for (size_t i = 0; i < ui->menu.n && x < r.x + r.w - 2; i++)
		x += canvas_put(c, x, r.y, r.x + r.w - 1 - x, STYLE_MENU, &ui->menu.items[i]) + 2;
	if (ui->menu.more > 0)
		canvas_say(c, x, r.y, r.x + r.w - 1 - x, STYLE_MENU, "+%zu", ui->menu.more);
}
