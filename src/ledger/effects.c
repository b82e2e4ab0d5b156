/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from a record: notices to those it concerns, streams, topics. */
#include "ledger/effects.h"

#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "ledger/append.h"
#include "ledger/fold.h"
#include "ledger/queries.h"
#include "ledger/runs.h"
#include "ledger/schema.h"

#define MENTIONS_MAX 64		/* people one message can call */

/* ---- notices ---- */

struct called { int64_t user[MENTIONS_MAX]; size_t n; };

/* Once a message and person: a note in their log, and a mention that heads count. */
static bool
call(struct ledger *l, struct state_conv *c, struct called *called, const struct entry *e,
		const struct state_user *to, const char *id, const char *level, struct err *err)
{
	struct buf body;

	if (to->n == e->from->n || called->n == MENTIONS_MAX)
		return true;
	for (size_t i = 0; i < called->n; i++)
		if (called->user[i] == to->n)
			return true;
	called->user[called->n++] = to->n;
	buf_init(&body, 1024);
	buf_addf(&body, "{\"conv\":\"%s\",\"seq\":%lld,\"id\":\"%s\",\"level\":\"%s\"}", c->id,
			(long long)c->seq, id, level);
	append_note(l, c, c->seq, to->name, REC_NOTIFY, e->from->name, e->device, e->now,
			buf_str(&body));
	buf_done(&body);
	/* in a direct conversation every unread message is one: nothing to keep */
	return c->kind == CONV_DIRECT ||
		sql_run(l->db, Q_MENTION, err, "iii", c->n, to->n, c->seq);
}

static bool
call_member(struct ledger *l, struct state_conv *c, struct called *called, const struct entry *e,
		struct state_user *to, const char *id, const char *level, struct err *err)
{
	struct state_member *m;

	if (!to)
		return true;
	if (!state_member(l, c->n, to->n, &m, err))
		return false;
	return m->role == ROLE_NONE || call(l, c, called, e, to, id, level, err);
}

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '.' || c == '_' || c == '-';
}

static bool
call_named(struct ledger *l, struct state_conv *c, struct called *called, const struct entry *e,
		const char *p, size_t n, const char *id, struct err *err)
{
	char name[USER_MAX + 1];
	struct state_user *to = NULL;

	for (size_t i = 0; i < n; i++)
		name[i] = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] | 32) : p[i];
	name[n] = '\0';
	/* a full stop may end the sentence or belong to the name */
	while (n > 0) {
		if (!state_user(l, name, &to, err))
			return false;
		if (to || (name[n - 1] != '.' && name[n - 1] != '-' && name[n - 1] != '_'))
			break;
		name[--n] = '\0';
	}
	return call_member(l, c, called, e, to, id, "mention", err);
}

/* "@user" as a word. */
static bool
call_mentioned(struct ledger *l, struct state_conv *c, struct called *called,
		const struct entry *e, const struct body *body, const char *id, struct err *err)
{
	const char *p = body->text, *end = p + body->text_n;
	int tries = 0;

	for (; tries < MENTIONS_MAX && (p = memchr(p, '@', (size_t)(end - p))); tries++) {
		bool is_start = p == body->text || (!is_name_byte(p[-1]) && p[-1] != '@');
		const char *name = ++p;

		while (p < end && is_name_byte(*p))
			p++;
		if (is_start && p > name && p - name <= USER_MAX &&
				!call_named(l, c, called, e, name, (size_t)(p - name), id, err))
			return false;
	}
	return true;
}

static bool
call_author(struct ledger *l, struct state_conv *c, struct called *called, const struct entry *e,
		const char *reply, const char *id, struct err *err)
{
	struct state_user *to = NULL;
	struct sql_query *st;
	int64_t seq, author;
	int rc;

	if (!facts_find(l, c, reply, &seq, err))
		return false;
	if (seq == 0)
		return true;
	st = sql_start(l->db, Q_LOG_AT, err, "i", pos_of(c->n, seq));
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 0)
		return true;
	author = sql_int(st, 2);
	sql_end(st);
	return state_user_n(l, author, &to, err) &&
		call_member(l, c, called, e, to, id, "reply", err);
}

/* The other one of a direct conversation, whose name is both names in order. */
static bool
call_peer(struct ledger *l, struct state_conv *c, struct called *called, const struct entry *e,
		const char *id, struct err *err)
{
	const char *space = strchr(c->name, ' ');
	char first[USER_MAX + 1];
	struct state_user *to;

	if (!space)
		return true;
	str_copy(first, sizeof first, c->name);
	first[space - c->name < USER_MAX ? space - c->name : USER_MAX] = '\0';
	if (!state_user(l, strcmp(first, e->from->name) == 0 ? space + 1 : first, &to, err))
		return false;
	return call_member(l, c, called, e, to, id, "direct", err);
}

static bool
notify(struct ledger *l, struct state_conv *c, const struct entry *e, const struct body *body,
		const char *id, struct err *err)
{
	struct called called = { .n = 0 };

	if (c->kind == CONV_DIRECT)
		return call_peer(l, c, &called, e, id, err);
	return call_mentioned(l, c, &called, e, body, id, err) &&
		(!*body->reply || call_author(l, c, &called, e, body->reply, id, err));
}

/* ---- streams ---- */

/* The body of ai.end with the text that the server holds. */
static bool
end_body(const struct ledger_op *op, const char *text, size_t n, struct buf *out, struct err *err)
{
	json_t *o = json_strict(op->body.json, op->body.json_n, err);
	bool ok = o && json_object_set_new(o, "text", json_stringn(text, n)) == 0 &&
		json_add(out, o);

	json_decref(o);
	return ok || err_set(err, ERR_FAIL, "%s", _("a record does not fit into the log"));
}

static bool
follow_up(struct ledger *l, struct ledger_op *op, struct facts *x, const struct entry *e,
		struct err *err)
{
	struct state_conv *c = x->conv;
	char topic[LEDGER_TOPIC_MAX + 1];

	switch (op->kind) {
	case REC_MSG:
		return notify(l, c, e, &op->body, op->out.id, err);
	case REC_EDIT:
	case REC_DELETE:
	case REC_REACT:
		return fold_apply(l, c, e, &op->body, err);
	case REC_TOPIC:
		memcpy(topic, op->body.text, op->body.text_n);
		topic[op->body.text_n] = '\0';
		return sql_run(l->db, Q_CONV_TOPIC, err, "it", c->n, topic);
	case REC_AI_START:
		return sql_run(l->db, Q_STREAM_NEW, err, "itit", c->n, op->body.stream, e->from->n,
				e->device);
	case REC_AI_END:
		return sql_run(l->db, Q_STREAM_END, err, "iti", c->n, op->body.stream, c->seq);
	case REC_ACTION:
		return runs_follow(l, op, x, err);
	default:
		return true;
	}
}

bool
effects_send(struct ledger *l, struct ledger_op *op, struct facts *x, struct err *err)
{
	struct entry e = { .kind = op->kind, .from = x->user, .author = x->member,
		.device = op->device, .cid = op->cid, .ref = op->ref, .target = x->target,
		.body = op->body.json, .body_n = op->body.json_n, .hash = x->hash,
		.now = op->now };
	struct buf body;
	bool ok = true;

	buf_init(&body, l->record.max);
	if (op->kind == REC_AI_END) {
		ok = end_body(op, op->stream_text, op->stream_text_n, &body, err);
		e.body = buf_str(&body);
		e.body_n = body.n;
	}
	ok = ok && append_record(l, x->conv, &e, op->out.id, &op->out.ts, err) &&
		(op->act == LEDGER_NOTE || follow_up(l, op, x, &e, err));
	buf_done(&body);
	return ok;
}

bool
effects_checkpoint(struct ledger *l, const struct ledger_op *op, struct facts *x, struct err *err)
{
	return sql_run(l->db, Q_STREAM_TEXT, err, "its", x->conv->n, op->body.stream,
			op->stream_text, op->stream_text_n);
}

static void
aborted_body(struct buf *out, const char *stream, const char *text, size_t n)
{
	buf_adds(out, "{\"stream\":");
	json_add_string(out, stream, strlen(stream));
	buf_addf(out, ",\"status\":\"aborted\",\"len\":%zu,\"text\":", n);
	json_add_string(out, text, n);
	buf_addc(out, '}');
}

bool
effects_abort(struct ledger *l, struct ledger_op *op, struct facts *x, struct err *err)
{
	struct sql_query *st = sql_start(l->db, Q_STREAM_GET, err, "it", x->conv->n,
			op->body.stream);
	struct entry e = { .kind = REC_AI_END, .cid = op->cid, .ref = "", .now = op->now };
	char device[DEVICE_MAX + 1];
	struct buf body;
	int rc = sql_step(st, err);
	int64_t user;
	bool ok;

	if (rc <= 0)
		return rc == 0;
	buf_init(&body, l->record.max);
	user = sql_int(st, 0);
	str_copy(device, sizeof device, sql_text(st, 1));
	if (op->stream_text_n > 0)
		aborted_body(&body, op->body.stream, op->stream_text, op->stream_text_n);
	else
		aborted_body(&body, op->body.stream, sql_text(st, 2),
				sql_size(st, 2));
	sql_end(st);
	e.device = device;
	e.body = buf_str(&body);
	e.body_n = body.n;
	ok = state_user_n(l, user, &e.from, err) && (!e.from ||
		(state_member(l, x->conv->n, user, &e.author, err) &&
		append_record(l, x->conv, &e, op->out.id, &op->out.ts, err) &&
		sql_run(l->db, Q_STREAM_END, err, "iti", x->conv->n, op->body.stream,
				x->conv->seq)));
	buf_done(&body);
	return ok;
}
