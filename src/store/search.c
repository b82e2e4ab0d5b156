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

struct fresh { sqlite3 *h; sqlite3_stmt *put; int64_t *seqs; size_t n; };

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

/* Walks the rows that the index lacks: first to fill f (hits NULL), then to tell the hits. */
static bool
walk_fresh(struct reader *r, const struct reader_search *s, struct fresh *f, const bool *hits,
		int64_t *left, hit_fn *fn, void *arg, size_t *n, struct err *err)
{
	sqlite3_stmt *q = db_query(r->db, R_UNINDEXED, err, "itti", s->since, s->conv, s->by,
			(int64_t)FRESH_MAX);
	struct conv_row c;
	struct message m;
	int rc = -1;

	*n = 0;
	while (q != NULL && (rc = db_step(r->db, q, err)) == 1) {
		size_t i = (*n)++;

		if (hits != NULL && !hits[i])
			continue;
		reader_fill(r, q, 13, &m);
		if (hits == NULL) {
			if (m.deleted)
				continue;
			sqlite3_bind_int64(f->put, 1, (int64_t)i);
			sqlite3_bind_text(f->put, 2, m.text, (int)m.text_n, SQLITE_STATIC);
			sqlite3_step(f->put);
			sqlite3_reset(f->put);
			continue;
		}
		reader_fill_conv(q, 0, &c);
		if (--*left < 0 || !fn(arg, &c, &m)) {
			*left = 0;
			sqlite3_reset(q);
			return true;
		}
	}
	return rc == 0;
}

static bool
search_fresh(struct reader *r, const struct reader_search *s, const char *match, int64_t *left,
		hit_fn *fn, void *arg, struct err *err)
{
	struct fresh f = { 0 };
	bool *hits = NULL, ok;
	size_t n;

	ok = fresh_open(&f) || err_set(err, ERR_FAIL, _("no memory for the search"));
	/* both walks must see the same rows */
	ok = ok && db_exec(r->db, "BEGIN", err);
	if (ok) {
		ok = walk_fresh(r, s, &f, NULL, left, fn, arg, &n, err);
		if (ok && n > 0) {
			hits = xcalloc(n, sizeof *hits);
			ok = fresh_matches(&f, match, hits, n)
				&& walk_fresh(r, s, &f, hits, left, fn, arg, &n, err);
		}
		sqlite3_exec(r->db->h, "COMMIT", NULL, NULL, NULL);
	}
	free(hits);
	fresh_close(&f);
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
	ok = expression(q->query, &match, err)
		&& search_fresh(r, q, buf_str(&match), &left, fn, arg, err)
		&& (left <= 0 || search_index(r, q, buf_str(&match), left, fn, arg, err));
	buf_done(&match);
	return ok;
}
