/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Full-text search: what a person types becomes an expression that FTS5 cannot misread; hits come
 * newest first. What is held but not indexed yet is searched in a small index in memory, so a
 * message is found as soon as it is there. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "store/read.h"
#include "store/spread.h"

#define QUERY_MAX 8192
#define FRESH_MAX 5000		/* messages that the index may lag behind and still be found */
#define PLACES (1 << 20)	/* as in words.c: row numbers of one millisecond */
#define HITS 50
#define WORDS_MAX (2 * 1024 * 1024)	/* bytes of a text, spread */
#define CACHE_KIB 8192	/* of the index in memory, which never leaves it */

/* --- the expression --- */

static bool
put_quoted(struct buf *b, const char *p, size_t n)
{
	struct buf words;
	bool ok;

	buf_init(&words, QUERY_MAX);
	ok = spread(p, n, &words) && buf_addc(b, '"');
	for (size_t i = 0; ok && i < words.n; i++)
		ok = (words.p[i] != '"' || buf_addc(b, '"')) && buf_addc(b, words.p[i]);
	buf_done(&words);
	return ok && buf_addc(b, '"');
}

/* Whether anything in p[n] can be a part of a word: FTS5 finds nothing else. */
static bool
has_letters(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((p[i] & 0x80) != 0 || (p[i] >= '0' && p[i] <= '9')
				|| ((p[i] | 32) >= 'a' && (p[i] | 32) <= 'z'))
			return true;
	return false;
}

static bool
put_word(struct buf *out, const char *p, size_t n, bool is_prefix)
{
	return !has_letters(p, n) || ((out->n == 0 || buf_addc(out, ' '))
			&& put_quoted(out, p, n - is_prefix)
			&& (!is_prefix || buf_addc(out, '*')));
}

/* Words are all wanted, "…" is a phrase, word* a prefix. */
static bool
expression(const char *q, struct buf *out, struct err *err)
{
	bool ok = true;

	while (ok && *(q += strspn(q, " \t\n")) != '\0') {
		bool is_phrase = *q == '"';
		size_t n;

		q += is_phrase;
		n = strcspn(q, is_phrase ? "\"" : " \t\n\"");
		ok = put_word(out, q, n, !is_phrase && n > 1 && q[n - 1] == '*');
		q += n;
		q += is_phrase && *q == '"';
	}
	if (!ok)
		return err_set(err, ERR_USAGE, _("the search is too long"));
	if (out->n == 0)
		return err_set(err, ERR_USAGE, _("nothing to search for: give a word"));
	return true;
}

/* --- what is not indexed yet --- */

enum { F_MAKE, F_PUT, F_FIND, F_COUNT };
static const char *const fresh_sql[F_COUNT] = {
	[F_MAKE] = ("CREATE VIRTUAL TABLE w USING fts5 (text, content='', columnsize=0,"
		" tokenize=\"unicode61 remove_diacritics 2\")"),
	[F_PUT] = "INSERT INTO w (rowid, text) VALUES (?, ?)",
	[F_FIND] = "SELECT rowid FROM w WHERE w MATCH ?",
};

static struct sql *
fresh_open(struct err *err)
{
	struct sql_setup setup = { .mode = SQL_MEMORY, .text = fresh_sql, .n = F_COUNT,
		.cache_kib = CACHE_KIB };
	struct sql *f = sql_open(":memory:", &setup, NULL, err);

	if (f != NULL && sql_run(f, F_MAKE, err, ""))
		return f;
	sql_close(f);
	return NULL;
}

static bool
fresh_matches(struct sql *f, const char *match, bool *hits, size_t n, struct err *err)
{
	struct sql_query *q = sql_start(f, F_FIND, err, "t", match);
	int rc;

	while ((rc = sql_step(q, err)) == 1) {
		size_t i = (size_t)sql_int(q, 0);

		if (i < n)
			hits[i] = true;
	}
	return rc == 0;
}

typedef bool hit_fn(void *arg, const struct conv_row *c, const struct message *m);

/* A search among what is not indexed yet: first the rows are put into f, then hits are told. */
struct chase {
	struct reader *r;
	const struct reader_search *s;
	struct sql *f;			/* NULL: there was nothing yet */
	struct buf words;		/* of the row in hand */
	bool *hits;			/* by place in the walk; NULL: the first walk */
	size_t n;			/* rows walked over */
	int64_t left;
	hit_fn *fn;
	void *arg;
};

static bool
chase_row(struct chase *c, struct sql_query *q, struct err *err)
{
	size_t i = c->n++;
	struct conv_row conv;
	struct message m;

	if (c->hits != NULL && (!c->hits[i] || c->left == 0))
		return true;
	reader_fill(c->r, q, 13, &m);
	if (c->hits != NULL) {
		reader_fill_conv(q, 0, &conv);
		c->left = c->fn(c->arg, &conv, &m) ? c->left - 1 : 0;
		return true;
	}
	if (m.deleted)
		return true;
	if (c->f == NULL && (c->f = fresh_open(err)) == NULL)
		return false;
	buf_clear(&c->words);
	spread(m.text, m.text_n, &c->words);
	return sql_run(c->f, F_PUT, err, "is", (int64_t)i, buf_str(&c->words), c->words.n);
}

static bool
chase_hole(struct chase *c, int64_t conv, int64_t lo, int64_t hi, struct err *err)
{
	struct sql_query *q;
	int rc;

	if (lo >= hi || c->n >= FRESH_MAX)
		return true;
	q = sql_start(c->r->db, R_FRESH, err, "iiiitti", conv, lo, hi, c->s->since, c->s->conv,
			c->s->by, (int64_t)(FRESH_MAX - c->n));
	while ((rc = sql_step(q, err)) == 1)
		if (!chase_row(c, q, err)) {
			sql_end(q);
			return false;
		}
	return rc == 0;
}

/* What of the held range (lo,hi] is not indexed. */
static bool
chase_range(struct chase *c, int64_t conv, int64_t lo, int64_t hi, struct err *err)
{
	struct sql_query *q = sql_start(c->r->db, R_INDEXED, err, "iii", conv, lo, hi);
	int rc;

	while ((rc = sql_step(q, err)) == 1) {
		if (!chase_hole(c, conv, lo, sql_int(q, 0), err)) {
			sql_end(q);
			return false;
		}
		lo = sql_int(q, 1);
	}
	return rc == 0 && chase_hole(c, conv, lo, hi, err);
}

static bool
chase_all(struct chase *c, struct err *err)
{
	struct sql_query *q = sql_start(c->r->db, R_BEHIND, err, "");
	int rc;

	c->n = 0;
	while ((rc = sql_step(q, err)) == 1) {
		if (chase_range(c, sql_int(q, 0), sql_int(q, 1), sql_int(q, 2), err))
			continue;
		sql_end(q);
		return false;
	}
	return rc == 0;
}

static bool
search_fresh(struct reader *r, const struct reader_search *s, const char *match, int64_t *left,
		hit_fn *fn, void *arg, struct err *err)
{
	struct chase c = { .r = r, .s = s, .left = *left, .fn = fn, .arg = arg };
	bool ok;

	buf_init(&c.words, WORDS_MAX);
	ok = chase_all(&c, err);

	if (ok && c.f != NULL) {
		c.hits = xcalloc(c.n, sizeof *c.hits);
		ok = fresh_matches(c.f, match, c.hits, c.n, err) && chase_all(&c, err);
	}
	*left = c.left;
	free(c.hits);
	buf_done(&c.words);
	sql_close(c.f);
	return ok;
}

/* --- the index --- */

static bool
search_index(struct reader *r, const struct reader_search *s, const char *match, int64_t left,
		hit_fn *fn, void *arg, struct err *err)
{
	int64_t since = s->since > 0 ? s->since : 0;
	struct sql_query *q = sql_start(r->db, R_HITS, err, "titti", match, since * PLACES, s->conv,
			s->by, left);
	struct conv_row c;
	struct message m;
	int rc;

	while ((rc = sql_step(q, err)) == 1) {
		reader_fill_conv(q, 0, &c);
		reader_fill(r, q, 13, &m);
		if (!fn(arg, &c, &m)) {
			sql_end(q);
			return true;
		}
	}
	return rc == 0;
}

bool
reader_search(struct reader *r, const struct reader_search *q,
		bool (*fn)(void *arg, const struct conv_row *c, const struct message *m),
				void *arg, struct err *err)
{
	int64_t left = q->n > 0 ? q->n : HITS;
	struct buf match;
	bool ok;

	buf_init(&match, QUERY_MAX);
	/* Every walk must see the same rows: a row that is indexed between them would be a hit
	 * twice. */
	ok = expression(q->query, &match, err) && sql_begin_read(r->db, err);
	if (ok) {
		ok = search_fresh(r, q, buf_str(&match), &left, fn, arg, err) && (left <= 0 ||
				search_index(r, q, buf_str(&match), left, fn, arg, err));
		sql_roll_back(r->db, NULL);
	}
	buf_done(&match);
	return ok;
}
