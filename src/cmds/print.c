/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a conversation as results. Every byte for people goes through the sanitiser. */
#include "cmds/print.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmds/cmd.h"
#include "cmds/highlight.h"
#include "model/encode.h"

#define GATHER (256u << 10)	/* rows gathered before they are handed on */

void
print_init(struct printer *p, struct cmd_run *r, bool is_raw)
{
	struct tm now = clock_local(clock_wall_ms());

	*p = (struct printer){ .run = r, .year = now.tm_year, .day = now.tm_yday };
	p->style = r->ctx->json ? PRINT_JSON : is_raw ? PRINT_RAW : PRINT_PLAIN;
	buf_init(&p->out, PRINT_MAX);
	buf_init(&p->head, PRINT_MAX);
}

void
print_done(struct printer *p)
{
	buf_done(&p->out);
	buf_done(&p->head);
}

bool
print_is_full(const struct printer *p)
{
	return p->out.n >= GATHER;
}

bool
print_flush(struct printer *p)
{
	return p->out.n == 0 || print_result(p->run, &p->out);
}

bool
print_result(struct cmd_run *r, struct buf *b)
{
	bool ok = r->sink->result(r->sink, buf_str(b), b->n);

	buf_clear(b);
	return ok;
}

const char *
print_name(const struct conv_row *c)
{
	return *c->name ? c->name : c->conv;
}

/* JSON */

static void
key(struct buf *b, const char *name)
{
	if (b->n && b->p[b->n - 1] != '{')
		buf_addc(b, ',');
	buf_addc(b, '"');
	buf_adds(b, name);
	buf_adds(b, "\":");
}

void
print_member(struct buf *b, const char *name, const char *s)
{
	key(b, name);
	json_add_string(b, s, strlen(s));
}

void
print_number(struct buf *b, const char *name, int64_t n)
{
	key(b, name);
	buf_addf(b, "%lld", (long long)n);
}

void
print_bool(struct buf *b, const char *name, bool yes)
{
	key(b, name);
	buf_adds(b, yes ? "true" : "false");
}

static void
member_or_null(struct buf *b, const char *name, const char *s)
{
	if (s && *s) {
		print_member(b, name, s);
		return;
	}
	key(b, name);
	buf_adds(b, "null");
}

/* What a body has beyond text. Its own "name" would be a second one of the row. */
static void
json_body(struct buf *b, const struct message *m)
{
	static const struct { enum record_kind kind; const char *member, *as; } rows[] = {
		{ REC_MEMBER, "user", "user" }, { REC_MEMBER, "name", "display" },
		{ REC_MEMBER, "role", "role" }, { REC_MEMBER, "do", "do" },
		{ REC_REACT, "emoji", "emoji" }, { REC_REACT, "on", "on" },
		{ REC_AI_START, "stream", "stream" }, { REC_AI_START, "model", "model" },
		{ REC_AI_START, "asked_by", "asked_by" }, { REC_AI_END, "stream", "stream" },
		{ REC_AI_END, "status", "status" }, { REC_AI_END, "model", "model" },
		{ REC_AI_END, "asked_by", "asked_by" }, { REC_ACTION, "workflow", "workflow" },
		{ REC_ACTION, "run", "run" }, { REC_ACTION, "step", "step" },
		{ REC_ACTION, "state", "state" },
	};
	json_t *body = json_strict(m->body, strlen(m->body), NULL);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const json_t *v = json_object_get(body, rows[i].member);

		if (rows[i].kind != m->kind || !v)
			continue;
		if (json_is_boolean(v))
			print_bool(b, rows[i].as, json_is_true(v));
		else if (json_is_string(v))
			print_member(b, rows[i].as, json_string_value(v));
	}
	json_decref(body);
}

/* The text of kinds whose text is not folded into the row. */
static void
json_text(struct buf *b, const struct message *m)
{
	json_t *body = NULL;
	const char *text = m->text;
	size_t n = m->text_n;

	if (n == 0 && !m->deleted && (m->kind == REC_TOPIC || m->kind == REC_ACTION ||
			m->kind == REC_EDIT || m->kind == REC_AI_END)) {
		body = json_strict(m->body, strlen(m->body), NULL);
		text = json_strn(body, "text", &n);
	}
	key(b, "text");
	json_add_string(b, text ? text : "", text ? n : 0);
	json_decref(body);
}

/* Account and conversation, made once for all their rows. */
static void
json_head(struct printer *p, const char *account, const struct conv_row *c)
{
	struct buf *h = &p->head;

	if (h->n == 0 || strcmp(p->conv, c->conv) != 0 || strcmp(p->name, c->name) != 0 ||
			strcmp(p->account, account) != 0) {
		buf_clear(h);
		buf_addc(h, '{');
		print_member(h, "account", account);
		print_member(h, "conv", c->conv);
		print_member(h, "name", c->name);
		buf_adds(h, ",\"seq\":");
		/* one that is too long to be remembered is made anew each time */
		str_copy(p->account, sizeof p->account, account);
		str_copy(p->conv, sizeof p->conv, c->conv);
		str_copy(p->name, sizeof p->name, c->name);
	}
	buf_add(&p->out, h->p, h->n);
}

static void
json_message(struct printer *p, const char *account, const struct conv_row *c,
		const struct message *m)
{
	struct buf *b = &p->out;
	char ts[CLOCK_RFC3339_SIZE];

	clock_rfc3339(m->ts, ts);
	json_head(p, account, c);
	encode_int(b, m->seq);
	print_member(b, "id", m->id);
	print_member(b, "kind", m->kind_name);
	print_member(b, "from", m->from);
	buf_adds(b, ",\"ts\":\"");
	buf_add(b, ts, strlen(ts));
	buf_addc(b, '"');
	json_text(b, m);
	member_or_null(b, "reply", m->reply);
	print_bool(b, "edited", m->edited);
	print_bool(b, "deleted", m->deleted);
	if (*m->ref)
		print_member(b, "ref", m->ref);
	if (m->reacts[0] == '{' && m->reacts[1] != '}' && m->reacts[1]) {
		key(b, "reacts");
		buf_adds(b, m->reacts);
	}
	if (m->kind != REC_MSG)
		json_body(b, m);
	buf_adds(b, "}\n");
}

/* Plain */

static void
clean(struct printer *p, const char *s, size_t n, bool one_line)
{
	if (p->style == PRINT_RAW)
		buf_add(&p->out, s, n);
	else
		text_clean(&p->out, s, n, one_line);
}

/* A date between rows, when it is another one than before (at first: than today's). */
static void
date_line(struct printer *p, const struct tm *tm)
{
	if (p->has_dates || (tm->tm_year == p->year && tm->tm_yday == p->day))
		return;
	p->year = tm->tm_year;
	p->day = tm->tm_yday;
	buf_addf(&p->out, "--- %04d-%02d-%02d ---\n", tm->tm_year + 1900, tm->tm_mon + 1,
			tm->tm_mday);
}

static void
prefix(struct printer *p, const struct conv_row *c, int64_t ts)
{
	struct tm tm = clock_local(ts);

	date_line(p, &tm);
	if (p->has_dates)
		buf_addf(&p->out, "%04d-%02d-%02d ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	buf_addf(&p->out, "%02d:%02d ", tm.tm_hour, tm.tm_min);
	if (!p->has_names)
		return;
	clean(p, print_name(c), strlen(print_name(c)), true);
	buf_addc(&p->out, ' ');
}

/* Lines after the first are indented, so that no text begins like a row; --raw leaves all as it
 * is. */
static void
body_text(struct printer *p, const char *s, size_t n)
{
	while (n > 0) {
		const char *end = memchr(s, '\n', n);
		size_t line = end ? (size_t)(end - s) : n;

		clean(p, s, line, false);
		if (!end)
			return;
		buf_adds(&p->out, p->style == PRINT_RAW ? "\n" : "\n      ");
		n -= line + 1;
		s = end + 1;
	}
}

static void
from(struct printer *p, const char *who, const char *before, const char *after)
{
	buf_adds(&p->out, before);
	clean(p, who, strlen(who), true);
	buf_adds(&p->out, after);
}

static void
plain_text(struct printer *p, const struct message *m)
{
	size_t begin;

	if (m->deleted) {
		from(p, m->from, "<", "> ");
		buf_adds(&p->out, _("(deleted)"));
		return;
	}
	if (m->text_n > 4 && memcmp(m->text, "/me ", 4) == 0) {
		from(p, m->from, "* ", " ");
		begin = p->out.n;
		body_text(p, m->text + 4, m->text_n - 4);
	} else {
		from(p, m->from, "<", "> ");
		begin = p->out.n;
		body_text(p, m->text, m->text_n);
	}
	if (p->marked)
		highlight(&p->out, begin, p->marked);
	if (m->edited) {
		buf_addc(&p->out, ' ');
		buf_adds(&p->out, _("(edited)"));
	}
}

/* "ann has joined": what a member record says. */
static void
plain_member(struct printer *p, const struct message *m, const json_t *body)
{
	static const struct { const char *act, *text; bool has_object; } rows[] = {
		{ "join", N_(" has joined"), false }, { "leave", N_(" has left"), false },
		{ "invite", N_(" invites "), true }, { "kick", N_(" removes "), true },
		{ "role", N_(" changes the role of "), true },
	};
	const char *act = json_str(body, "do"), *user = json_str(body, "user");

	for (size_t i = 0; act && i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].act, act) != 0)
			continue;
		from(p, rows[i].has_object || !user ? m->from : user, "", "");
		buf_adds(&p->out, _(rows[i].text));
		if (rows[i].has_object && user)
			clean(p, user, strlen(user), true);
		return;
	}
	from(p, m->from, "", "");
}

/* Kinds that are no message: who, what, and the text that belongs to it. */
static void
plain_note(struct printer *p, const struct message *m, const json_t *body)
{
	const char *text = json_str(body, "text"), *emoji = json_str(body, "emoji"), *what;

	switch (m->kind) {
	case REC_TOPIC:
		what = _(" sets the topic: ");
		break;
	case REC_EDIT:
		what = _(" edits: ");
		break;
	case REC_DELETE:
		what = _(" deletes a message");
		break;
	case REC_REACT:
		what = json_bool(body, "on", true) ? _(" reacts ") : _(" takes back ");
		text = emoji;
		break;
	default:
		what = " ";
		text = m->kind == REC_ACTION ? text : m->kind_name;
		break;
	}
	from(p, m->from, "", what);
	if (text)
		body_text(p, text, strlen(text));
}

void
print_news(struct printer *p, const struct message *m)
{
	json_t *body = json_strict(m->body, strlen(m->body), NULL);

	if (m->kind == REC_MEMBER)
		plain_member(p, m, body);
	else
		plain_note(p, m, body);
	json_decref(body);
}

static void
plain_message(struct printer *p, const struct conv_row *c, const struct message *m)
{
	prefix(p, c, m->ts);
	if (m->kind == REC_MSG || m->kind == REC_AI_END) {
		plain_text(p, m);
	} else {
		buf_adds(&p->out, "-- ");
		print_news(p, m);
	}
	buf_addc(&p->out, '\n');
}

void
print_row(struct printer *p, const char *account, const struct conv_row *c,
		const struct message *m)
{
	if (p->style == PRINT_JSON)
		json_message(p, account, c, m);
	else
		plain_message(p, c, m);
}

void
print_gap(struct printer *p, const struct conv_row *c, const struct gap *g)
{
	long long first = (long long)g->lo + 1, last = (long long)g->hi;

	if (p->style != PRINT_JSON) {
		buf_addf(&p->out, _("--- gap: seq %lld–%lld not fetched (%lld) ---\n"), first,
				last, last - first + 1);
		return;
	}
	buf_adds(&p->out, "{\"kind\":\"gap\"");
	print_member(&p->out, "conv", c->conv);
	print_member(&p->out, "name", c->name);
	print_number(&p->out, "from_seq", first);
	print_number(&p->out, "to_seq", last);
	print_number(&p->out, "missing", last - first + 1);
	buf_adds(&p->out, "}\n");
}
