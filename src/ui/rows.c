/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of a conversation as lines: measured, then drawn. */
#include "ui/rows.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "ui/draw.h"
#include "ui/wrap.h"

#define FOLD_LINES 20			/* of a long message */
#define GROUP_MS (5 * 60 * 1000)	/* an author is named again after this */

/* A row taken apart: which lines it has, in this order. */
struct shape {
	struct columns col;
	bool date, unread, quote, grouped;
	int first_w;			/* columns of the first line of text */
	int prefix;			/* "<ann> " before it, where names have no column */
	int text, more;			/* lines of text drawn, and folded away */
	int last_w;			/* columns used by the last one */
	struct safe_text tail;		/* "(edited) [👍 2]" */
	struct safe_text note;		/* "sending", to the right */
	bool tail_line, note_line;	/* they do not fit behind the text */
	int lines;
};

static bool
same_day(int64_t a, int64_t b)
{
	struct tm x = clock_local(a), y = clock_local(b);

	return x.tm_yday == y.tm_yday && x.tm_year == y.tm_year;
}

static const struct row *
prev_dated(const struct items *it, size_t i)
{
	while (i-- > 0) {
		if (it->rows.v[i]->ts != 0)
			return it->rows.v[i];
	}
	return NULL;
}

static bool
is_new(const struct ui *ui, const struct row *r)
{
	return r->kind == ROW_MESSAGE && !r->is_own && r->seq > ui->unread.seq;
}

/* The first message of others that is newer than the read mark has the unread line above it. */
static bool
has_unread_line(const struct ui *ui, const struct items *it, size_t i)
{
	if (ui->unread.count == 0 || !is_new(ui, it->rows.v[i]))
		return false;
	while (i-- > 0) {
		if (is_new(ui, it->rows.v[i]))
			return false;
		if (it->rows.v[i]->kind <= ROW_GAP && it->rows.v[i]->seq <= ui->unread.seq)
			break;
	}
	return true;
}

static bool
says(const struct row *r)
{
	return r->kind == ROW_MESSAGE || r->kind == ROW_PENDING;
}

static bool
is_grouped(const struct items *it, size_t i)
{
	const struct row *r = it->rows.v[i], *prev = i > 0 ? it->rows.v[i - 1] : NULL;

	return prev && r->kind == ROW_MESSAGE && prev->kind == ROW_MESSAGE &&
			r->record == prev->record && r->from.n == prev->from.n &&
			memcmp(r->from.p, prev->from.p, r->from.n) == 0 &&
			r->ts - prev->ts < GROUP_MS;
}

static struct safe_text
tail_of(const struct row *r)
{
	char hidden[64] = "";

	if (r->text.hidden + r->from.hidden > 0)
		snprintf(hidden, sizeof hidden, _("[%u hidden]"), r->text.hidden + r->from.hidden);
	if (!r->is_edited && r->reacts.n == 0 && !*hidden)
		return (struct safe_text){ 0 };
	return text_own("%s%s%s%s%s%s%s", r->is_edited ? _("(edited)") : "",
			r->is_edited && r->reacts.n > 0 ? " " : "",
			r->reacts.n > 0 ? "[" : "", r->reacts.n > 0 ? r->reacts.p : "",
			r->reacts.n > 0 ? "]" : "",
			*hidden && (r->is_edited || r->reacts.n > 0) ? " " : "", hidden);
}

static struct safe_text
waiting_note(const struct row *r, int64_t now)
{
	int64_t wait = r->next_try > now ? (r->next_try - now + 999) / 1000 : 0;

	if (wait > 0)
		return text_own(_("retrying in %lld s"), (long long)wait);
	if (r->state != OUTBOX_SENT && r->state != OUTBOX_UNKNOWN)
		return text_own("%s", _("queued"));
	if (r->tries > 1)
		return text_own(_("sending · try %lld"), (long long)r->tries);
	return text_own("%s", _("sending"));
}

static struct safe_text
note_of(const struct row *r, int64_t now)
{
	if (r->kind == ROW_MESSAGE)
		return r->note.n > 0 ? text_own("%s", r->note.p) : (struct safe_text){ 0 };
	if (r->kind != ROW_PENDING)
		return (struct safe_text){ 0 };
	switch (r->state) {
	case OUTBOX_REFUSED:
		return text_own(_("rejected: %s"), r->note.n > 0 ? r->note.p : "");
	case OUTBOX_EXPIRED:
		return text_own("%s", _("rejected: expired"));
	case OUTBOX_ACKED:
		return (struct safe_text){ 0 };
	default:
		return waiting_note(r, now);
	}
}

/* "◌", "✓", "✗" or nothing. */
static const char *
mark_of(const struct model *m, const struct row *r)
{
	if (r->kind == ROW_MESSAGE)
		return r->is_own && model_is_acked(m, r->cid) ? "✓" : "";
	if (r->kind != ROW_PENDING || r->state == OUTBOX_ACKED)
		return "";
	return r->state == OUTBOX_REFUSED || r->state == OUTBOX_EXPIRED ? "✗" : "◌";
}

/* Words that stand where a text is not. */
static const char *
instead(const struct row *r)
{
	if (r->is_deleted)
		return _("(deleted)");
	if (r->is_bad)
		return _("(this message cannot be understood)");
	if (r->kind == ROW_PENDING && r->text.n == 0)
		return record_kind_name(r->record);
	return NULL;
}

static void
shape_text(struct shape *s, const struct row *r)
{
	struct span line = { 0 };
	size_t at = 0;
	int cols = s->first_w;

	while (s->text < FOLD_LINES && wrap_next(&r->text, &at, cols, &line)) {
		s->text++;
		s->last_w = line.width + (s->text == 1 ? s->prefix : 0);
		cols = s->col.text_w;
	}
	while (wrap_next(&r->text, &at, cols, &line))
		s->more++;
	if (s->more > 0)
		s->last_w = cols;
}

static int
prefix_width(const struct row *r, const struct columns *col, const char *mark)
{
	int w;

	if (col->nick > 0 || !says(r))
		return 0;
	w = (int)text_width(r->from.p, r->from.n) + 3 + (*mark ? 2 : 0);
	return w < col->text_w / 2 ? w : col->text_w / 2;
}

static void
shape_init(struct shape *s, const struct model *m, const struct ui *ui, const struct items *it,
		size_t i, int w)
{
	const struct row *r = it->rows.v[i], *dated = prev_dated(it, i);
	const char *words = instead(r);

	*s = (struct shape){ .col = layout_columns(w) };
	s->date = r->ts != 0 && (!dated || !same_day(r->ts, dated->ts));
	s->unread = has_unread_line(ui, it, i);
	s->lines = s->date + s->unread;
	if (r->kind == ROW_GAP) {
		s->lines++;
		return;
	}
	s->quote = r->reply && r->quote.n > 0;
	s->grouped = !s->date && !s->unread && is_grouped(it, i);
	s->prefix = s->grouped ? 0 : prefix_width(r, &s->col, mark_of(m, r));
	s->first_w = s->col.text_w - s->prefix > 0 ? s->col.text_w - s->prefix : 1;
	s->tail = tail_of(r);
	s->note = note_of(r, ui->mono);
	if (words) {
		s->text = 1;
		s->last_w = s->prefix + (int)text_width(words, strlen(words));
	} else {
		shape_text(s, r);
	}
	if (s->tail.n > 0) {
		int tail = (int)text_width(s->tail.p, s->tail.n);

		s->tail_line = s->last_w + 3 + tail > s->col.text_w;
		s->last_w = s->tail_line ? tail : s->last_w + 3 + tail;
	}
	if (s->note.n > 0)
		s->note_line = s->last_w + 2 + (int)text_width(s->note.p, s->note.n) >
				s->col.text_w;
	s->lines += s->quote + s->text + (s->more > 0) + s->tail_line + s->note_line;
}

static void
shape_done(struct shape *s)
{
	text_done(&s->tail);
	text_done(&s->note);
}

int
row_lines(const struct model *m, const struct ui *ui, const struct items *it, size_t i, int w)
{
	struct shape s;

	shape_init(&s, m, ui, it, i, w);
	shape_done(&s);
	return s.lines;
}

static void
draw_date(struct canvas *c, int x, int y, int w, int64_t ts)
{
	struct tm tm = clock_local(ts);
	struct safe_text t;
	char day[64];

	if (strftime(day, sizeof day, "%a %d %b %Y", &tm) == 0)
		day[0] = '\0';
	t = text_name(day, strlen(day));
	draw_rule(c, x, y, w, STYLE_DATE, GLYPH_LINE, &t);
	text_done(&t);
}

static void
draw_unread(const struct ui *ui, struct canvas *c, int x, int y, int w, int64_t ts)
{
	struct tm tm = clock_local(ts);
	struct safe_text t;
	int n = ui->unread.count > INT_MAX ? INT_MAX : (int)ui->unread.count;

	if (ts != 0)
		t = text_own(ngettext("%d new since %02d:%02d", "%d new since %02d:%02d", n), n,
				tm.tm_hour, tm.tm_min);
	else
		t = text_own(ngettext("%d new", "%d new", n), n);
	draw_rule(c, x, y, w, STYLE_UNREAD, GLYPH_DOUBLE, &t);
	text_done(&t);
}

/* What will be done about a gap, or can be. */
static const char *
gap_hint(const struct model *m, const struct row *r)
{
	if (r->seq - r->lo > UI_GAP_SELF)
		return _("Enter fetch");
	return model_is_online(m) ? "" : _("auto when online");
}

static void
draw_gap(const struct model *m, struct canvas *c, int x, int y, int w, const struct row *r)
{
	struct safe_text t = text_own(_("gap: seq %lld–%lld not fetched (%lld)"),
			(long long)r->lo + 1, (long long)r->seq, (long long)(r->seq - r->lo));
	const char *hint = gap_hint(m, r);

	if (*hint && w >= 70) {
		struct safe_text with = text_own("%s · %s", t.p, hint);

		text_done(&t);
		t = with;
	}
	draw_rule(c, x, y, w, STYLE_GAP, GLYPH_DASH, &t);
	text_done(&t);
}

static enum style
text_style(const struct row *r)
{
	static const enum style levels[] = { STYLE_LOCAL, STYLE_WARNING, STYLE_ERROR };

	if (r->kind == ROW_NEWS)
		return STYLE_NEWS;
	if (r->kind == ROW_LOCAL)
		return levels[r->level < 0 ? 0 : r->level > 2 ? 2 : r->level];
	if (r->kind == ROW_PENDING)
		return STYLE_PENDING;
	return r->is_deleted || r->is_bad ? STYLE_DIM : STYLE_TEXT;
}

static enum style
nick_style(const struct row *r)
{
	if (r->is_mention)
		return STYLE_MENTION;
	if (r->from.mixed)
		return STYLE_WARNING;
	return r->is_own ? STYLE_OWN : ui_nick_style(&r->from);
}

static enum style
mark_style(const char *mark)
{
	if (strcmp(mark, "✓") == 0)
		return STYLE_GOOD;
	return strcmp(mark, "✗") == 0 ? STYLE_ERROR : STYLE_PENDING;
}

/* The author, to the right of his column, with the mark of an own message. */
static void
draw_nick(const struct model *m, struct canvas *c, int x, int y, const struct shape *s,
		const struct row *r)
{
	const char *mark = mark_of(m, r);
	int room = s->col.nick - (*mark ? 2 : 0);
	int w = s->grouped ? 0 : (int)text_width(r->from.p, r->from.n);
	const char *sign = r->kind == ROW_LOCAL ? "--" : "-->";

	if (!says(r)) {
		canvas_say(c, x + s->col.nick - (int)strlen(sign), y, 3, text_style(r), "%s", sign);
		return;
	}
	if (w > room)
		w = room;
	if (w > 0)
		canvas_put(c, x + room - w, y, w, nick_style(r), &r->from);
	if (*mark)
		canvas_say(c, x + s->col.nick - 1, y, 1, mark_style(mark), "%s", mark);
}

static void
draw_prefix(const struct model *m, struct canvas *c, int x, int y, const struct shape *s,
		const struct row *r)
{
	const char *mark = mark_of(m, r);
	int room = s->prefix - 3 - (*mark ? 2 : 0), at = x;

	if (s->prefix < 4)
		return;
	at += canvas_say(c, at, y, 1, nick_style(r), "<");
	if (room > 0)
		at += canvas_put(c, at, y, room, nick_style(r), &r->from);
	if (*mark)
		canvas_say(c, at + 1, y, 1, mark_style(mark), "%s", mark);
	canvas_say(c, x + s->prefix - 2, y, 1, nick_style(r), ">");
}

static bool
starts_link(const char *p, size_t n)
{
	return (n > 8 && memcmp(p, "https://", 8) == 0) || (n > 7 && memcmp(p, "http://", 7) == 0);
}

/* A line of text; links stand out. */
static void
draw_words(struct canvas *c, int x, int y, int w, enum style style, const struct safe_text *t,
		struct span line)
{
	size_t at = line.from, end = line.from + line.n;

	while (at < end) {
		size_t to = at;
		bool is_link = starts_link(t->p + at, end - at);

		if (is_link) {
			while (to < end && t->p[to] != ' ')
				to++;
		} else {
			do
				to++;
			while (to < end && !(t->p[to - 1] == ' ' &&
					starts_link(t->p + to, end - to)));
		}
		int used = canvas_text(c, x, y, w, is_link ? STYLE_LINK : style, t, at, to - at);

		x += used;
		w -= used;
		at = to;
	}
}

static int
draw_text(struct canvas *c, int x, int y, const struct shape *s, const struct row *r)
{
	struct span line;
	size_t at = 0;
	const char *words = instead(r);

	if (words) {
		canvas_say(c, x + s->prefix, y, s->first_w, STYLE_DIM, "%s", words);
		return y + 1;
	}
	for (int i = 0; i < s->text; i++) {
		int indent = i == 0 ? s->prefix : 0;

		wrap_next(&r->text, &at, i == 0 ? s->first_w : s->col.text_w, &line);
		draw_words(c, x + indent, y++, s->col.text_w - indent, text_style(r), &r->text,
				line);
	}
	if (s->more > 0)
		canvas_say(c, x, y++, s->col.text_w, STYLE_DIM,
				ngettext("… %d more line", "… %d more lines", s->more), s->more);
	return y;
}

/* What stands behind the text: y is the line after it. Returns the next free line. */
static int
draw_after(struct canvas *c, int x, int y, const struct shape *s, const struct row *r)
{
	int w = s->col.text_w;

	if (s->tail.n > 0) {
		int tail = (int)text_width(s->tail.p, s->tail.n);
		int at = s->tail_line ? 0 : s->last_w - tail;

		canvas_put(c, x + at, s->tail_line ? y++ : y - 1, w - at, STYLE_DIM, &s->tail);
	}
	if (s->note.n > 0) {
		int note = (int)text_width(s->note.p, s->note.n);
		bool is_bad = r->kind == ROW_MESSAGE || r->state == OUTBOX_REFUSED ||
				r->state == OUTBOX_EXPIRED;

		note = note > w ? w : note;
		canvas_put(c, x + w - note, s->note_line ? y++ : y - 1, note,
				is_bad ? STYLE_ERROR : STYLE_PENDING, &s->note);
	}
	return y;
}

void
row_draw(const struct model *m, const struct ui *ui, const struct items *it, size_t i,
		struct canvas *c, struct rect area, bool is_top)
{
	const struct row *r = it->rows.v[i];
	int x = area.x, y = area.y, w = area.w;
	struct shape s;

	shape_init(&s, m, ui, it, i, w);
	s.grouped = s.grouped && !is_top;
	if (s.date)
		draw_date(c, x, y++, w, r->ts);
	if (s.unread)
		draw_unread(ui, c, x, y++, w, r->ts);
	if (r->kind == ROW_GAP) {
		draw_gap(m, c, x, y, w, r);
		shape_done(&s);
		return;
	}
	if (s.col.time >= 0 && r->ts != 0) {
		struct tm tm = clock_local(r->ts);

		canvas_say(c, x + s.col.time, y, 5, STYLE_TIME, "%02d:%02d", tm.tm_hour, tm.tm_min);
	}
	if (s.col.nick > 0)
		draw_nick(m, c, x + s.col.time + 6, y, &s, r);
	else if (s.prefix > 0)
		draw_prefix(m, c, x + s.col.text, y, &s, r);
	x += s.col.text;
	y = draw_text(c, x, y, &s, r);
	y = draw_after(c, x, y, &s, r);
	if (s.quote) {
		int at = canvas_say(c, x, y, s.col.text_w, STYLE_QUOTE, "↳ ");

		canvas_put(c, x + at, y, s.col.text_w - at, STYLE_QUOTE, &r->quote);
	}
	shape_done(&s);
}
