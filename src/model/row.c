/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a message or an outbox row to a row that can be drawn. */
#include "model/row.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

#define QUOTE_MAX 256		/* bytes of a quoted message */
#define REACTS_MAX 2048		/* bytes of all reactions to a message */
#define BODY_MAX (64 * 1024)	/* of a body that is taken apart here */

static char *
copy_or_null(const char *s)
{
	return s && *s ? xstrdup(s) : NULL;
}

static struct safe_text
name_of(const char *s)
{
	return text_name(s, strlen(s));
}

static bool
is_word_byte(unsigned char c)
{
	return c >= 0x80 || c == '_' || c == '-' || c == '.' ||
			(c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* The byte after "@user" ends the word; a full stop that ends a sentence does too. */
static bool
ends_word(const char *p, const char *end)
{
	while (p < end && (*p == '.' || *p == '-'))
		p++;
	return p == end || !is_word_byte(*p);
}

static bool
equals_fold(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char x = a[i], y = b[i];

		if (x >= 'A' && x <= 'Z')
			x |= 32;
		if (x != y)
			return false;
	}
	return true;
}

bool
row_mentions(const char *text, size_t n, const char *user)
{
	size_t len = user ? strlen(user) : 0;
	const char *end = text + n;

	if (len == 0 || n <= len)
		return false;
	for (const char *p = memchr(text, '@', n); p; p = memchr(p, '@', end - p)) {
		bool starts = p == text || !is_word_byte(p[-1]);

		p++;
		if ((size_t)(end - p) < len)
			return false;
		if (starts && equals_fold(p, user, len) && ends_word(p + len, end))
			return true;
	}
	return false;
}

static struct safe_text
reacts_text(const char *json)
{
	struct safe_text out = { 0 };
	const char *emoji;
	json_t *o, *n;
	struct buf b;

	if (!json || !*json || strcmp(json, "{}") == 0)
		return out;
	o = json_strict(json, strlen(json), NULL);
	if (!o)
		return out;
	buf_init(&b, REACTS_MAX);
	json_object_foreach(o, emoji, n) {
		if (json_is_integer(n) && json_integer_value(n) > 0)
			buf_addf(&b, "%s%s %lld", b.n > 0 ? "  " : "", emoji,
					(long long)json_integer_value(n));
	}
	out = text_name(buf_str(&b), b.n);
	buf_done(&b);
	json_decref(o);
	return out;
}

static struct safe_text
member_text(const struct message *m, const json_t *body)
{
	const char *who = json_str(body, "name"), *act = json_str(body, "do");
	const char *role = json_str(body, "role");

	if (!who || !*who)
		who = json_str(body, "user");
	if (!who)
		who = m->from;
	if (!act || strcmp(act, "join") == 0)
		return text_own(_("%s has joined"), who);
	if (strcmp(act, "leave") == 0)
		return text_own(_("%s has left"), who);
	if (strcmp(act, "invite") == 0)
		return text_own(_("%s invited %s"), m->from, who);
	if (strcmp(act, "kick") == 0)
		return text_own(_("%s removed %s"), m->from, who);
	return text_own(_("%s made %s %s"), m->from, who, role ? role : "member");
}

static struct safe_text
news_text(const struct message *m)
{
	size_t n = strlen(m->body);
	json_t *body = n <= BODY_MAX ? json_strict(m->body, n, NULL) : NULL;
	struct safe_text out;
	const char *text = body ? json_str(body, "text") : NULL;

	if (m->kind == REC_MEMBER)
		out = member_text(m, body);
	else if (m->kind == REC_TOPIC && text && *text)
		out = text_own(_("%s set the topic: %s"), m->from, text);
	else if (m->kind == REC_TOPIC)
		out = text_own(_("%s took the topic away"), m->from);
	else
		out = text_own("%s", text ? text : m->from);
	json_decref(body);
	return out;
}

/* What became of an answer, when it is not simply finished. */
static void
answer_note(struct row *r, const struct message *m)
{
	size_t n = strlen(m->body);
	json_t *body = n <= BODY_MAX * 4 ? json_strict(m->body, n, NULL) : NULL;
	const char *status = body ? json_str(body, "status") : NULL;

	if (status && strcmp(status, "ok") != 0)
		r->note = text_own("%s", status);
	json_decref(body);
}

static void
fill_message(struct row *r, const struct message *m, const char *user)
{
	r->kind = ROW_MESSAGE;
	r->from = name_of(m->from);
	r->is_own = user && *user && strcmp(m->from, user) == 0;
	r->is_edited = m->edited;
	r->is_deleted = m->deleted;
	r->is_bad = m->bad;
	if (m->deleted || m->bad)
		return;
	r->text = text_body(m->text, m->text_n);
	r->is_mention = !r->is_own && row_mentions(m->text, m->text_n, user);
	r->reply = copy_or_null(m->reply);
	r->reacts = reacts_text(m->reacts);
	if (m->kind == REC_AI_END)
		answer_note(r, m);
}

bool
row_from_message(struct row *r, const struct message *m, const char *user)
{
	switch (m->kind) {
	case REC_MSG:
	case REC_AI_END:
		fill_message(r, m, user);
		break;
	case REC_MEMBER:
	case REC_TOPIC:
	case REC_ACTION:
		r->kind = ROW_NEWS;
		r->text = news_text(m);
		break;
	default:
		return false;
	}
	r->record = m->kind;
	r->seq = m->seq;
	r->ts = m->ts;
	r->id = copy_or_null(m->id);
	r->cid = copy_or_null(m->cid);
	return true;
}

void
row_from_outbox(struct row *r, const struct outbox_row *o, const char *user, int64_t now)
{
	r->kind = ROW_PENDING;
	r->record = o->kind;
	r->number = o->lane;
	r->seq = INT64_MAX;
	r->ts = o->created_ms;
	r->cid = copy_or_null(o->cid);
	r->from = name_of(user);
	r->is_own = true;
	r->text = text_body(o->text, strlen(o->text));
	r->note = name_of(o->error);
	r->state = o->state;
	r->tries = o->tries;
	r->next_try = o->next_try_ms > 0 ? now + o->next_try_ms : 0;
}

void
row_set_quote(struct row *r, const struct safe_text *from, const char *text, size_t n)
{
	const char *end = memchr(text, '\n', n);

	if (end)
		n = end - text;
	if (n > QUOTE_MAX)
		n = utf8_cut(text, QUOTE_MAX);
	text_done(&r->quote);
	r->quote = text_own("%s: \"%.*s%s\"", from->n > 0 ? from->p : "", (int)n, text,
			end ? " …" : "");
}

void
row_done(struct row *r)
{
	free(r->id);
	free(r->cid);
	free(r->reply);
	text_done(&r->from);
	text_done(&r->text);
	text_done(&r->quote);
	text_done(&r->reacts);
	text_done(&r->note);
	*r = (struct row){ 0 };
}

size_t
row_size(const struct row *r)
{
	return r->text.n + r->quote.n + r->reacts.n + r->note.n + r->from.n + 160;
}
