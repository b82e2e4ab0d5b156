/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The present state of a message: what the server said of it as of a position, then every edit,
 * deletion and reaction that is held, in order. Made anew each time, so the order in which they
 * arrive does not matter; stonechat-protocol(7), section 5. */
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/peek.h"
#include "store/apply.h"
#include "sql/sql.h"
#include "store/schema.h"

#define EMOJI_MAX 64		/* bytes of one, and kinds of a message */
#define VOTES_MAX 1024		/* people and kinds told apart; later ones are counted plainly */
#define REACTS_MAX 8192

/* One person's reaction of one kind. */
struct vote { char emoji[EMOJI_MAX + 1], user[USER_MAX + 1]; bool was, is, is_known; };
struct tally { char emoji[EMOJI_MAX + 1]; int64_t n; };

struct fold {
	struct buf text;
	bool has_text, is_edited, is_deleted;
	int64_t as_of;
	bool has_base;
	arr(struct vote) votes;
	arr(struct tally) tallies;
};

static struct tally *
tally_of(struct fold *f, const char *emoji)
{
	struct tally *t;

	for (size_t i = 0; i < f->tallies.n; i++)
		if (strcmp(f->tallies.v[i].emoji, emoji) == 0)
			return &f->tallies.v[i];
	if (f->tallies.n == EMOJI_MAX)
		return NULL;
	t = arr_new(&f->tallies);
	str_copy(t->emoji, sizeof t->emoji, emoji);
	return t;
}

static struct vote *
vote_of(struct fold *f, const char *emoji, const char *user)
{
	struct vote *v;

	for (size_t i = 0; i < f->votes.n; i++) {
		v = &f->votes.v[i];
		if (strcmp(v->user, user) == 0 && strcmp(v->emoji, emoji) == 0)
			return v;
	}
	if (f->votes.n == VOTES_MAX)
		return NULL;
	v = arr_new(&f->votes);
	str_copy(v->emoji, sizeof v->emoji, emoji);
	str_copy(v->user, sizeof v->user, user);
	return v;
}

static void
fold_react(struct fold *f, int64_t seq, const char *user, const char *body, size_t n)
{
	char emoji[EMOJI_MAX + 1];
	bool on = peek_bool(body, n, "on", true);
	struct buf b;
	struct vote *v;

	buf_init(&b, EMOJI_MAX);
	if (!peek_str(body, n, "emoji", &b) || b.n == 0
			|| !str_copy(emoji, sizeof emoji, buf_str(&b))) {
		buf_done(&b);
		return;
	}
	buf_done(&b);
	v = vote_of(f, emoji, user);
	if (v == NULL || tally_of(f, emoji) == NULL)
		return;
	if (seq <= f->as_of)
		v->was = on;
	else if (!v->is_known && f->has_base)
		v->was = !on;	/* the server keeps only what changes something */
	v->is_known = true;
	v->is = on;
}

static void
fold_op(struct fold *f, struct sql_query *q)
{
	int64_t seq = sql_int(q, 0);
	enum record_kind kind = record_kind_parse(sql_text(q, 1));
	const char *body = sql_text(q, 3);
	size_t n = strlen(body);

	if (kind == REC_REACT) {
		fold_react(f, seq, sql_text(q, 2), body, n);
		return;
	}
	if (seq <= f->as_of || f->is_deleted)
		return;
	if (kind == REC_DELETE) {
		f->is_deleted = true;
		return;
	}
	buf_clear(&f->text);
	f->has_text = f->is_edited = true;
	peek_str(body, n, "text", &f->text);
}

/* What the server said: {"as_of":810,"text":"…","deleted":false,"reacts":{"👍":2}}. */
static void
fold_cur(struct fold *f, const char *cur, size_t n)
{
	const char *reacts, *key, *value;
	size_t reacts_n, key_n, value_n;

	f->has_base = true;
	f->is_deleted = peek_bool(cur, n, "deleted", false);
	f->has_text = peek_str(cur, n, "text", &f->text);
	if (!peek_raw(cur, n, "reacts", &reacts, &reacts_n))
		return;
	for (size_t i = 0; i < EMOJI_MAX && peek_member(reacts, reacts_n, i, &key, &key_n, &value,
			&value_n); i++) {
		char emoji[EMOJI_MAX + 1];
		struct tally *t;

		if (key_n > EMOJI_MAX || memchr(key, '\\', key_n) != NULL)
			continue;
		memcpy(emoji, key, key_n);
		emoji[key_n] = '\0';
		t = tally_of(f, emoji);
		if (t != NULL)
			t->n = peek_int(reacts, reacts_n, emoji, 0);
	}
}

static void
count_votes(struct fold *f)
{
	for (size_t i = 0; i < f->votes.n; i++) {
		struct vote *v = &f->votes.v[i];
		struct tally *t = tally_of(f, v->emoji);

		if (t != NULL)
			t->n += (int)v->is - (f->has_base ? (int)v->was : 0);
	}
}

static void
reacts_json(const struct fold *f, struct buf *out)
{
	bool has = false;

	buf_addc(out, '{');
	for (size_t i = 0; i < f->tallies.n; i++) {
		const struct tally *t = &f->tallies.v[i];
		size_t before = out->n;

		if (t->n <= 0)
			continue;
		if ((has && !buf_addc(out, ',')) || !json_add_string(out, t->emoji,
				strlen(t->emoji)) || !buf_addf(out, ":%lld", (long long)t->n)) {
			buf_cut(out, before);
			break;
		}
		has = true;
	}
	buf_addc(out, '}');
}

static bool
ops(struct store *st, int64_t conv, const char *id, struct fold *f, bool *any, struct err *err)
{
	struct sql_query *q = sql_start(st->db, Q_FOLD_OPS, err, "it", conv, id);
	int rc;

	while ((rc = sql_step(q, err)) == 1) {
		fold_op(f, q);
		*any = true;
	}
	return rc == 0;
}

/* Deleted means gone from the disk too, edits included; what the index had is taken out first. */
static bool
blank(struct store *st, int64_t conv, const char *id, struct err *err)
{
	return sql_run(st->db, Q_EVENT_BLANK, err, "it", conv, id)
		&& sql_run(st->db, Q_EDITS_BLANK, err, "it", conv, id);
}

static bool
put_fold(struct store *st, int64_t conv, const char *id, struct fold *f, const char *cur,
		struct err *err)
{
	struct buf reacts;
	bool ok;

	count_votes(f);
	if (f->is_deleted) {
		buf_clear(&f->text);
		f->has_text = true;
	}
	buf_init(&reacts, REACTS_MAX);
	reacts_json(f, &reacts);
	ok = sql_run(st->db, Q_FOLD_PUT, err, "ittddtti", conv, id,
			f->has_text ? buf_str(&f->text) : NULL, (int)f->is_edited,
			(int)f->is_deleted, buf_str(&reacts), cur, f->as_of)
		&& (!f->is_deleted || blank(st, conv, id, err));
	buf_done(&reacts);
	return ok;
}

struct target { bool is_here; int64_t seq, ts; char *body; };

static bool
find_target(struct store *st, int64_t conv, const char *id, struct target *t, struct err *err)
{
	struct sql_query *q = sql_start(st->db, Q_EVENT_BODY, err, "it", conv, id);
	int rc = sql_step(q, err);

	memset(t, 0, sizeof *t);
	if (rc < 0)
		return false;
	if (rc == 1) {
		t->is_here = true;
		t->seq = sql_int(q, 0);
		t->ts = sql_int(q, 1);
		t->body = xstrdup(sql_text(q, 3));
	}
	sql_end(q);
	return true;
}

/* The server's text is an edit when it is not what was first said. */
static void
compare(struct store *st, struct fold *f, const struct target *t)
{
	buf_clear(&st->text);
	if (!f->has_base || !f->has_text || f->is_deleted || !t->is_here
			|| !peek_str(t->body, strlen(t->body), "text", &st->text))
		return;
	if (strcmp(buf_str(&st->text), buf_str(&f->text)) != 0)
		f->is_edited = true;
}

static bool
load_base(struct store *st, int64_t conv, const char *id, struct fold *f, char **cur,
		struct err *err)
{
	struct sql_query *q = sql_start(st->db, Q_FOLD_GET, err, "it", conv, id);
	int rc = sql_step(q, err);

	*cur = NULL;
	if (rc < 0)
		return false;
	if (rc == 1 && !sql_is_null(q, 0)) {
		*cur = xstrdup(sql_text(q, 0));
		f->as_of = sql_int(q, 1);
		fold_cur(f, *cur, strlen(*cur));
	}
	sql_end(q);
	return true;
}

bool
fold_again(struct store *st, int64_t conv, const char *id, struct err *err)
{
	struct fold f = { 0 };
	struct target t = { 0 };
	char *cur = NULL;
	bool any = false, indexed = false, ok;

	buf_init(&f.text, st->text.max);
	ok = load_base(st, conv, id, &f, &cur, err) && find_target(st, conv, id, &t, err)
		&& (!t.is_here || store_range_has(st, conv, RANGE_INDEXED, t.seq, &indexed, err))
		&& (!indexed || words_remove(st, conv, t.seq, t.ts, id, err));
	if (ok)
		compare(st, &f, &t);
	ok = ok && ops(st, conv, id, &f, &any, err)
		&& (any || cur != NULL ? put_fold(st, conv, id, &f, cur, err)
			: sql_run(st->db, Q_FOLD_DEL, err, "it", conv, id))
		&& (!indexed || words_add(st, conv, t.seq, t.ts, id, err));
	free(t.body);
	free(cur);
	buf_done(&f.text);
	arr_done(&f.votes);
	arr_done(&f.tallies);
	return ok;
}

bool
fold_base(struct store *st, int64_t conv, const struct record *r, struct err *err)
{
	int64_t as_of = peek_int(r->cur, r->cur_n, "as_of", 0);
	struct sql_query *q = sql_start(st->db, Q_FOLD_GET, err, "it", conv, r->id);
	int rc = sql_step(q, err);
	bool is_newer;

	if (rc < 0)
		return false;
	is_newer = rc == 0 || sql_is_null(q, 0) || sql_int(q, 1) < as_of;
	sql_end(q);
	return !is_newer || sql_run(st->db, Q_FOLD_PUT, err, "itnddtti", conv, r->id, 0, 0, "{}",
			r->cur, as_of);
}
