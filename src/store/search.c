/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Full-text search: what a person types becomes an expression that FTS5 cannot misread; hits come
 * newest first. What is held but not indexed yet is searched in a small index in memory, so a
 * message is found as soon as it is there. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "store/read.h"

#define QUERY_MAX 8192
#define FRESH_MAX 5000		/* messages that the index may lag behind and still be found */
#define PLACES (1 << 20)	/* as in words.c: row numbers of one millisecond */
#define HITS 50

/* --- the expression --- */

static bool
put_quoted(struct buf *b, const char *p, size_t n)
{
	if (!buf_addc(b, '"'))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((p[i] == '"' && !buf_addc(b, '"')) || !buf_addc(b, p[i]))
			return false;
	return buf_addc(b, '"');
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

struct fresh { sqlite3 *h; sqlite3_stmt *put; };

static bool
fresh_open(struct fresh *f)
{
	return sqlite3_open_v2(":memory:", &f->h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
			| SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK
		&& sqlite3_exec(f->h, "CREATE VIRTUAL TABLE w USING fts5 (text, content='',"
			" columnsize=0, tokenize=\"unicode61 remove_diacritics 2\")", NULL, NULL,
			NULL) == SQLITE_OK
		&& sqlite3_prepare_v2(f->h, "INSERT INTO w (rowid, text) VALUES (?, ?)", -1,
			&f->put, NULL) == SQLITE_OK;
}

static void
fresh_close(struct fresh *f)
{
	sqlite3_finalize(f->put);
	sqlite3_close(f->h);
}

static bool
fresh_matches(struct fresh *f, const char *match, bool *hits, size_t n)
{
	sqlite3_stmt *q;
	bool ok;

	if (sqlite3_prepare_v2(f->h, "SELECT rowid FROM w WHERE w MATCH ?", -1, &q, NULL)
			!= SQLITE_OK)
		return false;
	sqlite3_bind_text(q, 1, match, -1, SQLITE_STATIC);
	while (sqlite3_step(q) == SQLITE_ROW) {
		size_t i = (size_t)sqlite3_column_int64(q, 0);

		if (i < n)
			hits[i] = true;
	}
	ok = sqlite3_finalize(q) == SQLITE_OK;
	return ok;
}

typedef bool hit_fn(void *arg, const struct conv_row *c, const struct message *m);

/* A search among what is not indexed yet: first the rows are put into f, then hits are told. */
struct chase {
	struct reader *r;
	const struct reader_search *s;
	struct fresh f;
	bool *hits;			/* by place in the walk; NULL: the first walk */
	size_t n;			/* rows walked over */
	int64_t left;
	hit_fn *fn;
	void *arg;
};

static void
chase_row(struct chase *c, sqlite3_stmt *q)
{
	size_t i = c->n++;
	struct conv_row conv;
	struct message m;

	if (c->hits != NULL && (!c->hits[i] || c->left == 0))
		return;
	reader_fill(c->r, q, 13, &m);
	if (c->hits != NULL) {
		reader_fill_conv(q, 0, &conv);
		c->left = c->fn(c->arg, &conv, &m) ? c->left - 1 : 0;
	} else if (!m.deleted && (c->f.put != NULL || fresh_open(&c->f))) {
		sqlite3_bind_int64(c->f.put, 1, (int64_t)i);
		sqlite3_bind_text(c->f.put, 2, m.text, (int)m.text_n, SQLITE_STATIC);
		sqlite3_step(c->f.put);
		sqlite3_reset(c->f.put);
	}
}

static bool
chase_hole(struct chase *c, int64_t conv, int64_t lo, int64_t hi, struct err *err)
{
	sqlite3_stmt *q;
	int rc = -1;

	if (lo >= hi || c->n >= FRESH_MAX)
		return true;
	q = db_query(c->r->db, R_FRESH, err, "iiiitti", conv, lo, hi, c->s->since, c->s->conv,
			c->s->by, (int64_t)(FRESH_MAX - c->n));
	while (q != NULL && (rc = db_step(c->r->db, q, err)) == 1)
		chase_row(c, q);
	return rc == 0;
}

/* What of the held range (lo,hi] is not indexed. */
static bool
chase_range(struct chase *c, int64_t conv, int64_t lo, int64_t hi, struct err *err)
{
	sqlite3_stmt *q = db_query(c->r->db, R_INDEXED, err, "iii", conv, lo, hi);
	int rc = -1;

	while (q != NULL && (rc = db_step(c->r->db, q, err)) == 1) {
		if (!chase_hole(c, conv, lo, db_int(q, 0), err)) {
			sqlite3_reset(q);
			return false;
		}
		lo = db_int(q, 1);
	}
	return rc == 0 && chase_hole(c, conv, lo, hi, err);
}

static bool
chase_all(struct chase *c, struct err *err)
{
	sqlite3_stmt *q = db_query(c->r->db, R_BEHIND, err, "");
	int rc = -1;

	c->n = 0;
	while (q != NULL && (rc = db_step(c->r->db, q, err)) == 1) {
		if (chase_range(c, db_int(q, 0), db_int(q, 1), db_int(q, 2), err))
			continue;
		sqlite3_reset(q);
		return false;
	}
	return rc == 0;
}

static bool
search_fresh(struct reader *r, const struct reader_search *s, const char *match, int64_t *left,
		hit_fn *fn, void *arg, struct err *err)
{
	struct chase c = { .r = r, .s = s, .left = *left, .fn = fn, .arg = arg };
	bool ok = chase_all(&c, err);

	if (ok && c.f.put != NULL) {
		c.hits = xcalloc(c.n, sizeof *c.hits);
		ok = (fresh_matches(&c.f, match, c.hits, c.n)
				|| err_set(err, ERR_FAIL, _("the search failed")))
			&& chase_all(&c, err);
	}
	*left = c.left;
	free(c.hits);
	fresh_close(&c.f);
	return ok;
}

/* --- the index --- */

static bool
search_index(struct reader *r, const struct reader_search *s, const char *match, int64_t left,
		hit_fn *fn, void *arg, struct err *err)
{
	int64_t since = s->since > 0 ? s->since : 0;
	sqlite3_stmt *q = db_query(r->db, R_HITS, err, "titti", match, since * PLACES, s->conv,
			s->by, left);
	struct conv_row c;
	struct message m;
	int rc = -1;

	while (q != NULL && (rc = db_step(r->db, q, err)) == 1) {
		reader_fill_conv(q, 0, &c);
		reader_fill(r, q, 13, &m);
		if (!fn(arg, &c, &m)) {
			sqlite3_reset(q);
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
	ok = expression(q->query, &match, err) && db_exec(r->db, "BEGIN", err);
	if (ok) {
		ok = search_fresh(r, q, buf_str(&match), &left, fn, arg, err) && (left <= 0 ||
				search_index(r, q, buf_str(&match), left, fn, arg, err));
		sqlite3_exec(r->db->h, "COMMIT", NULL, NULL, NULL);
	}
	buf_done(&match);
	return ok;
}
