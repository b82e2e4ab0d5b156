/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What edits, deletes and reactions make of a message: kept as pages will carry it. */
#include "ledger/fold.h"

#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "ledger/queries.h"
#include "ledger/schema.h"

/* The text of the record at pos; "" when it has none. */
static bool
original(struct ledger *l, int64_t pos, struct buf *text, struct err *err)
{
	struct sql_query *st = sql_start(l->db, Q_LOG_RECORD, err, "i", pos);
	const char *p;
	json_t *o;
	size_t n;
	int rc;

	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 0)
		return true;
	p = sql_text(st, 0);
	o = json_strict(p, sql_size(st, 0), NULL);
	p = json_strn(json_object_get(o, "body"), "text", &n);
	if (p)
		buf_add(text, p, n);
	json_decref(o);
	sql_end(st);
	return true;
}

/* The record's bytes with an empty body. */
static bool
blank(struct ledger *l, int64_t pos, struct err *err)
{
	static const char before[] = ",\"body\":";
	struct sql_query *st = sql_start(l->db, Q_LOG_RECORD, err, "i", pos);
	const char *p, *body;
	struct buf b;
	bool ok;
	int rc;

	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 0)
		return true;
	buf_init(&b, l->record.max);
	p = sql_text(st, 0);
	/* no string before the body can contain this: its quotes would be escaped */
	body = strstr(p, before);
	if (body) {
		buf_add(&b, p, (size_t)(body - p) + sizeof before - 1);
		buf_adds(&b, "{}}");
	}
	sql_end(st);
	ok = b.n == 0 || sql_run(l->db, Q_LOG_BLANK, err, "is", pos, b.p, b.n);
	buf_done(&b);
	return ok;
}

static bool
blank_all(struct ledger *l, int64_t pos, struct err *err)
{
	arr(int64_t) edits = { 0 };
	struct sql_query *st = sql_start(l->db, Q_LOG_EDITS, err, "i", pos);
	int rc;
	bool ok;

	if (!blank(l, pos, err))
		return false;
	while ((rc = sql_step(st, err)) == 1)
		arr_push(&edits, sql_int(st, 0));
	ok = rc == 0;
	for (size_t i = 0; ok && i < edits.n; i++)
		ok = blank(l, edits.v[i], err);
	arr_done(&edits);
	return ok;
}

static bool
add_reacts(struct ledger *l, int64_t pos, struct buf *cur, struct err *err)
{
	struct sql_query *st = sql_start(l->db, Q_REACT_COUNTS, err, "i", pos);
	size_t n = 0;
	int rc;

	while ((rc = sql_step(st, err)) == 1) {
		if (n++ > 0)
			buf_addc(cur, ',');
		json_add_string(cur, sql_text(st, 0), sql_size(st, 0));
		buf_addf(cur, ":%lld", (long long)sql_int(st, 1));
	}
	return rc == 0;
}

static bool
save(struct ledger *l, int64_t pos, int64_t as_of, const struct buf *text, bool is_deleted,
		struct err *err)
{
	struct buf cur;
	bool ok;

	buf_init(&cur, 2 * l->record.max);
	buf_addf(&cur, "{\"as_of\":%lld,\"text\":", (long long)as_of);
	json_add_string(&cur, buf_str(text), text->n);
	buf_addf(&cur, ",\"deleted\":%s,\"reacts\":{", is_deleted ? "true" : "false");
	ok = add_reacts(l, pos, &cur, err);
	if (ok && !buf_adds(&cur, "}}"))
		ok = err_set(err, ERR_FAIL, "%s", _("a record does not fit into the log"));
	ok = ok && sql_run(l->db, Q_FOLD_SAVE, err, "isis", pos, buf_str(text), text->n,
			(int64_t)is_deleted, cur.p, cur.n);
	buf_done(&cur);
	return ok;
}

/* What the fold says so far, or the record itself when it says nothing. */
static bool
load(struct ledger *l, int64_t pos, struct buf *text, bool *is_deleted, struct err *err)
{
	struct sql_query *st = sql_start(l->db, Q_FOLD, err, "i", pos);
	int rc;

	*is_deleted = false;
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 0)
		return original(l, pos, text, err);
	buf_add(text, sql_text(st, 0), sql_size(st, 0));
	*is_deleted = sql_int(st, 1) != 0;
	sql_end(st);
	return true;
}

bool
fold_apply(struct ledger *l, struct state_conv *c, const struct entry *e, const struct body *body,
		struct err *err)
{
	int64_t pos = pos_of(c->n, e->target);
	struct buf text;
	bool is_deleted, ok;

	buf_init(&text, l->record.max);
	ok = load(l, pos, &text, &is_deleted, err);
	if (ok && e->kind == REC_REACT)
		ok = sql_run(l->db, body->on ? Q_REACT_ON : Q_REACT_OFF, err, "iti", pos,
				body->emoji, e->from->n);
	if (ok && e->kind == REC_EDIT) {
		buf_clear(&text);
		buf_add(&text, body->text, body->text_n);
	}
	if (ok && e->kind == REC_DELETE) {
		buf_clear(&text);
		is_deleted = true;
		ok = blank_all(l, pos, err);
	}
	ok = ok && save(l, pos, c->seq, &text, is_deleted, err);
	buf_done(&text);
	return ok;
}
