/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records into the mirror: inserted once, folded, counted, covered; and what happens when the log
 * they belong to forked. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/i18n.h"
#include "base/map.h"
#include "base/mem.h"
#include "model/peek.h"
#include "store/apply.h"
#include "sql/sql.h"
#include "store/schema.h"

#define MENTION_ROWS 10000	/* unread messages looked at for mentions */

/* What a run of records adds to its conversation. */
struct sum {
	int64_t conv, seen;		/* seen: counted or read up to here */
	int64_t unread, mentions, last_ts;
	bool has_folds;			/* operations may have come before their message */
	bool is_direct;
	struct map *targets;		/* ids whose fold must be made again; NULL: none */
};

static bool
is_operation(enum record_kind kind)
{
	return kind == REC_EDIT || kind == REC_DELETE || kind == REC_REACT;
}

static bool
is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '_' || c == '-' || (c & 0x80) != 0;
}

/* "@user" as a word. */
bool
store_mentions(const struct store *st, const char *text, size_t n)
{
	size_t len = strlen(st->user);

	for (size_t i = 0; len > 0 && i + len < n; i++) {
		if (text[i] != '@' || (i > 0 && is_word_char(text[i - 1]))
				|| memcmp(text + i + 1, st->user, len) != 0)
			continue;
		i += len;
		/* a full stop or dash behind it ends a sentence, not a name */
		if (i + 1 == n || !is_word_char(text[i + 1]))
			return true;
		if (strchr(".-_", text[i + 1]) != NULL
				&& (i + 2 == n || !is_word_char(text[i + 2])))
			return true;
	}
	return false;
}

static bool
body_mentions(struct store *st, const char *body, size_t n)
{
	if (memchr(body, '@', n) == NULL)
		return false;
	buf_clear(&st->text);
	return peek_str(body, n, "text", &st->text)
		&& store_mentions(st, st->text.p != NULL ? st->text.p : "", st->text.n);
}

/* Does the message answer one of ours? */
static bool
is_reply_to_us(struct store *st, int64_t conv, const char *body, size_t n)
{
	struct sql_query *q;
	bool is;

	buf_clear(&st->text);
	if (!peek_str(body, n, "reply", &st->text))
		return false;
	q = sql_start(st->db, Q_EVENT_MINE, NULL, "it", conv, buf_str(&st->text));
	is = q != NULL && sql_step(q, NULL) == 1;
	if (q != NULL)
		sql_end(q);
	return is;
}

/* What the server counts as a mention: "@user", a reply to us, anything that is written to us
 * alone. */
static bool
calls_us(struct store *st, int64_t conv, bool is_direct, const char *body, size_t n)
{
	return is_direct || body_mentions(st, body, n) || is_reply_to_us(st, conv, body, n);
}

bool
store_count_unread(struct store *st, int64_t conv, struct err *err)
{
	struct sql_query *q = sql_start(st->db, Q_CONV_SEEN, err, "i", conv);
	int64_t unread = 0, mentions = 0, read;
	bool is_direct;
	int rc;

	if (sql_step(q, err) < 0)
		return false;
	read = sql_int(q, 0);
	is_direct = sql_int(q, 2) != 0;
	sql_end(q);
	q = sql_start(st->db, Q_EVENT_UNREAD, err, "ii", conv, read);
	while ((rc = sql_step(q, err)) == 1) {
		const char *body = sql_text(q, 0);

		if (unread++ < MENTION_ROWS
				&& calls_us(st, conv, is_direct, body, strlen(body)))
			mentions++;
	}
	return rc == 0 && sql_run(st->db, Q_CONV_SET_COUNTS, err, "iii", conv, unread, mentions);
}

/* The place is taken: by the same record, or by that of another history. */
static bool
check_same(struct store *st, const struct change *ch, const struct record *r, int64_t conv,
		struct err *err)
{
	struct sql_query *q = sql_start(st->db, Q_EVENT_AT, err, "ii", conv, r->seq);
	int rc = sql_step(q, err);
	bool is_same;

	if (rc < 0)
		return false;
	is_same = rc == 1 && strcmp(sql_text(q, 0), r->id) == 0;
	sql_end(q);
	if (is_same)
		return true;
	st->has_diverged = true;
	str_copy(st->diverged_conv, sizeof st->diverged_conv, ch->conv);
	st->diverged_seq = r->seq;
	return err_set(err, ERR_FAIL, _("%s: the server's log and the mirror differ"), ch->conv);
}

static const char *
or_null(const char *s)
{
	return s[0] != '\0' ? s : NULL;
}

static void
touch(struct sum *sum, const char *id)
{
	if (id[0] == '\0')
		return;
	if (sum->targets == NULL)
		sum->targets = map_new();
	map_put(sum->targets, id, sum);
}

static void
count(struct store *st, struct sum *sum, const struct record *r, bool is_mine)
{
	if (r->ts > sum->last_ts)
		sum->last_ts = r->ts;
	if (is_mine || r->seq <= sum->seen || (r->kind != REC_MSG && r->kind != REC_AI_END))
		return;
	sum->unread++;
	if (calls_us(st, sum->conv, sum->is_direct, r->body, r->body_n))
		sum->mentions++;
}

/* Somebody edited, deleted or reacted to it before it came. */
static bool
has_fold(struct store *st, int64_t conv, const char *id, bool *has, struct err *err)
{
	struct sql_query *q = sql_start(st->db, Q_FOLD_GET, err, "it", conv, id);
	int rc = sql_step(q, err);

	if (rc < 0)
		return false;
	*has = rc == 1;
	sql_end(q);
	return true;
}

static bool
put_record(struct store *st, const struct change *ch, const struct record *r, struct sum *sum,
		struct err *err)
{
	bool is_mine = st->user[0] != '\0' && strcmp(r->from, st->user) == 0, folded = false;

	if (!sql_run(st->db, Q_EVENT_PUT, err, "iittttttisd", sum->conv, r->seq, r->id,
			r->kind_name, r->from, or_null(r->device), or_null(r->cid),
			or_null(r->ref), r->ts, r->body, r->body_n, (int)is_mine))
		return false;
	if (sql_changes(st->db) == 0) {
		if (!check_same(st, ch, r, sum->conv, err))
			return false;
	} else {
		count(st, sum, r, is_mine);
		if (is_operation(r->kind))
			touch(sum, r->ref);
		else if (sum->has_folds && !has_fold(st, sum->conv, r->id, &folded, err))
			return false;
	}
	if (r->cur != NULL && !fold_base(st, sum->conv, r, err))
		return false;
	if (folded || r->cur != NULL)
		touch(sum, r->id);
	return true;
}

static bool
fold_targets(struct store *st, struct sum *sum, struct err *err)
{
	size_t at = 0;
	const char *id;
	void *unused;

	if (sum->targets == NULL)
		return true;
	while ((id = map_next(sum->targets, &at, &unused)) != NULL)
		if (!fold_again(st, sum->conv, id, err))
			return false;
	return true;
}

static bool
sum_begin(struct store *st, const char *conv, struct sum *sum, struct err *err)
{
	struct sql_query *q;

	memset(sum, 0, sizeof *sum);
	if (!store_conv(st, conv, &sum->conv, err))
		return false;
	q = sql_start(st->db, Q_CONV_SEEN, err, "i", sum->conv);
	if (sql_step(q, err) < 0)
		return false;
	sum->seen = sql_int(q, 0) > sql_int(q, 1) ? sql_int(q, 0) : sql_int(q, 1);
	sum->is_direct = sql_int(q, 2) != 0;
	sum->has_folds = sql_int(q, 3) != 0;
	sql_end(q);
	return true;
}

/* The topic that a room has now is told by its newest records; those of the past do not count. */
static bool
retitle(struct store *st, const struct change *ch, int64_t conv, struct err *err)
{
	const struct record *r = NULL;

	for (size_t i = ch->records.n; i > 0 && !r && !ch->records.ops_only; i--)
		if (ch->records.v[i - 1].kind == REC_TOPIC)
			r = &ch->records.v[i - 1];
	if (!r)
		return true;
	buf_clear(&st->text);
	return !peek_str(r->body, r->body_n, "text", &st->text)
		|| sql_run(st->db, Q_CONV_TOPIC, err, "iit", conv, ch->records.hi,
			buf_str(&st->text));
}

bool
store_records(struct store *st, const struct change *ch, struct err *err)
{
	const struct record *last = ch->records.n > 0 ? &ch->records.v[ch->records.n - 1] : NULL;
	struct sum sum;
	bool ok = false;

	if (!sum_begin(st, ch->conv, &sum, err))
		return false;
	for (size_t i = 0; i < ch->records.n; i++)
		if (!put_record(st, ch, &ch->records.v[i], &sum, err))
			goto out;
	ok = fold_targets(st, &sum, err)
		&& store_range_add(st, sum.conv, ch->records.ops_only ? RANGE_OPS : RANGE_HELD,
			ch->records.lo, ch->records.hi, err)
		&& sql_run(st->db, Q_CONV_GREW, err, "iitiiii", sum.conv,
			last != NULL ? last->seq : (int64_t)0, last != NULL ? last->id : "",
			ch->records.floor, sum.last_ts, sum.unread, sum.mentions)
		&& retitle(st, ch, sum.conv, err);
out:
	map_free(sum.targets, NULL);
	return ok;
}

struct gone { int64_t seq, ts; char *id; };

/* What lies above keep leaves index and folds; the targets of operations there are to be folded
 * again. */
static bool
forget_above(struct store *st, struct sum *sum, int64_t keep, struct err *err)
{
	arr(struct gone) gone = { 0 };
	struct sql_query *q = sql_start(st->db, Q_EVENT_ABOVE, err, "ii", sum->conv, keep);
	bool ok = false;
	int rc;

	while ((rc = sql_step(q, err)) == 1) {
		struct gone g = { sql_int(q, 0), sql_int(q, 1), xstrdup(sql_text(q, 2)) };

		if (is_operation(record_kind_parse(sql_text(q, 3))))
			touch(sum, sql_text(q, 4));
		arr_push(&gone, g);
	}
	if (rc < 0)
		goto out;
	for (size_t i = 0; i < gone.n; i++)
		if (!words_remove(st, sum->conv, gone.v[i].seq, gone.v[i].ts, gone.v[i].id, err)
				|| !sql_run(st->db, Q_FOLD_DEL, err, "it", sum->conv, gone.v[i].id))
			goto out;
	ok = true;
out:
	for (size_t i = 0; i < gone.n; i++)
		free(gone.v[i].id);
	arr_done(&gone);
	return ok;
}

static bool
unbase(struct store *st, struct sum *sum, int64_t keep, struct err *err)
{
	struct sql_query *q = sql_start(st->db, Q_FOLD_UNBASE, err, "ii", sum->conv, keep);
	int rc;

	while ((rc = sql_step(q, err)) == 1)
		touch(sum, sql_text(q, 0));
	return rc == 0;
}

/* Own records of the lost future go back to the outbox, before what waits there. */
static bool
offer_again(struct store *st, int64_t conv, const struct change *ch, struct err *err)
{
	int64_t first, next, k;
	struct sql_query *q = sql_start(st->db, Q_OUT_COUNT, err, "iii", conv, ch->rebase.keep,
			ch->rebase.since_ms);

	if (sql_step(q, err) < 0)
		return false;
	k = sql_int(q, 0);
	sql_end(q);
	if (k == 0)
		return true;
	q = sql_start(st->db, Q_OUT_FIRST, err, "i", conv);
	if (sql_step(q, err) < 0)
		return false;
	first = sql_int(q, 0);
	next = sql_int(q, 1);
	sql_end(q);
	if (ch->rebase.at_end)
		first = next;
	else if (!sql_run(st->db, Q_OUT_MAKE_ROOM, err, "ii", conv, k))
		return false;
	return sql_run(st->db, Q_OUT_OFFER, err, "iiii", conv, ch->rebase.keep,
			ch->rebase.since_ms, first)
		&& sql_run(st->db, Q_LANE_SHIFT, err, "ii", conv, k);
}

bool
store_rebase(struct store *st, const struct change *ch, struct err *err)
{
	int64_t keep = ch->rebase.keep;
	struct sum sum;
	bool ok;

	if (!sum_begin(st, ch->conv, &sum, err))
		return false;
	ok = sql_run(st->db, Q_ORPHAN_PUT, err, "ii", sum.conv, keep)
		&& offer_again(st, sum.conv, ch, err)
		&& forget_above(st, &sum, keep, err)
		&& unbase(st, &sum, keep, err)
		&& sql_run(st->db, Q_EVENT_CUT, err, "ii", sum.conv, keep)
		&& store_range_cut(st, sum.conv, keep, err)
		&& sql_run(st->db, Q_RANGE_FORGET, err, "id", sum.conv, RANGE_OPS)
		&& sql_run(st->db, Q_CONV_REBASED, err, "itii", sum.conv, ch->rebase.epoch, keep,
			ch->rebase.floor)
		&& fold_targets(st, &sum, err)
		&& store_count_unread(st, sum.conv, err);
	map_free(sum.targets, NULL);
	return ok;
}
