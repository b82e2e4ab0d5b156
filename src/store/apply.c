/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Applies a batch: every change in order, within the transaction that the writer opened. */
#include "store/apply.h"

#include <string.h>

#include "base/i18n.h"
#include "base/map.h"
#include "base/mem.h"
#include "sql/sql.h"
#include "store/schema.h"

bool
store_conv(struct store *st, const char *conv, int64_t *n, struct err *err)
{
	void *known = map_get(st->convs, conv);
	struct sql_query *q;
	int rc;

	if (known != NULL) {
		*n = (int64_t)(intptr_t)known;
		return true;
	}
	q = sql_start(st->db, Q_CONV_N, err, "t", conv);
		rc = sql_step(q, err);
	if (rc == 0)
		err_set(err, ERR_FAIL, _("the mirror lacks conversation %s"), conv);
	if (rc <= 0)
		return false;
	*n = sql_int(q, 0);
	sql_end(q);
	map_put(st->convs, conv, (void *)(intptr_t)*n);
	return true;
}

bool
store_range_add(struct store *st, int64_t conv, int what, int64_t lo, int64_t hi,
		struct err *err)
{
	struct sql_query *q;
	int rc;

	if (lo >= hi)
		return true;
	q = sql_start(st->db, Q_RANGE_TOUCH, err, "idii", conv, what, lo, hi);
		rc = sql_step(q, err);
	if (rc < 0)
		return false;
	if (rc == 1 && sql_int(q, 2) > 0) {
		int64_t min = sql_int(q, 0), max = sql_int(q, 1), n = sql_int(q, 2);

		sql_end(q);
		if (n == 1 && min <= lo && max >= hi)
			return true;
		if (!sql_run(st->db, Q_RANGE_DEL, err, "idii", conv, what, lo, hi))
			return false;
		lo = min < lo ? min : lo;
		hi = max > hi ? max : hi;
	}
	sql_end(q);
	return sql_run(st->db, Q_RANGE_PUT, err, "idii", conv, what, lo, hi);
}

bool
store_range_cut(struct store *st, int64_t conv, int64_t top, struct err *err)
{
	return sql_run(st->db, Q_RANGE_CUT_DEL, err, "ii", conv, top)
		&& sql_run(st->db, Q_RANGE_CUT, err, "ii", conv, top);
}

bool
store_range_has(struct store *st, int64_t conv, int what, int64_t seq, bool *has,
		struct err *err)
{
	struct sql_query *q = sql_start(st->db, Q_RANGE_HAS, err, "idi", conv, what, seq);
	int rc = sql_step(q, err);

	if (rc < 0)
		return false;
	*has = rc == 1 && sql_int(q, 0) != 0;
	sql_end(q);
	return true;
}

static bool
apply_head(struct store *st, const struct change *ch, struct err *err)
{
	const struct head *h = &ch->head;
	struct sql_query *q;
	int64_t n, read;

	if (!sql_run(st->db, Q_CONV_PUT, err, "tttt", ch->conv, h->name, conv_kind_name(h->kind),
			h->topic))
		return false;
	if (h->epoch[0] == '\0')
		return true;
	if (!sql_run(st->db, Q_CONV_LOG, err, "ttiti", ch->conv, h->epoch, h->seq, h->id, h->floor))
		return false;
	if (h->unread < 0)
		return true;
	if (!store_conv(st, ch->conv, &n, err))
		return false;
	q = sql_start(st->db, Q_CONV_SEEN, err, "i", n);
	if (sql_step(q, err) < 0)
		return false;
	read = sql_int(q, 0);
	sql_end(q);
	/* a mark of ours that the server has not yet: its counts are of the past */
	return h->read < read || sql_run(st->db, Q_CONV_COUNTS, err, "tiiii", ch->conv, h->read,
			h->unread, h->mentions, h->seq);
}

static bool
apply_read(struct store *st, const struct change *ch, struct err *err)
{
	int64_t n;

	return store_conv(st, ch->conv, &n, err)
		&& sql_run(st->db, Q_CONV_READ, err, "ii", n, ch->read.seq)
		&& store_count_unread(st, n, err);
}

static bool
apply_out_add(struct store *st, const struct change *ch, struct err *err)
{
	int64_t n;

	return store_conv(st, ch->conv, &n, err)
		&& sql_run(st->db, Q_OUT_ADD, err, "tiittstio",
			ch->out_add.cid, n, ch->out_add.lane, record_kind_name(ch->out_add.kind),
			ch->out_add.ref[0] != '\0' ? ch->out_add.ref : NULL, ch->out_add.body,
			ch->out_add.body_n, outbox_state_name(ch->out_add.state),
			ch->out_add.created_ms, ch->out_add.ttl_ms > 0 ? ch->out_add.ttl_ms : 0)
		&& sql_run(st->db, Q_OUT_LANE, err, "ii", n, ch->out_add.lane);
}

static bool
apply_shift(struct store *st, const struct change *ch, struct err *err)
{
	int64_t n;

	return store_conv(st, ch->conv, &n, err)
		&& sql_run(st->db, Q_OUT_SHIFT, err, "iii", n, ch->shift.from, ch->shift.by)
		&& sql_run(st->db, Q_LANE_SHIFT, err, "ii", n, ch->shift.by);
}

static bool
apply_draft(struct store *st, const struct change *ch, struct err *err)
{
	const struct draft *d = &ch->draft;

	if (d->text[0] == '\0' && d->reply[0] == '\0' && d->edit[0] == '\0')
		return sql_run(st->db, Q_DRAFT_DEL, err, "t", ch->conv);
	return sql_run(st->db, Q_DRAFT_PUT, err, "ttitt", ch->conv, d->text, d->cursor, d->reply,
			d->edit);
}

static bool
apply_meta(struct store *st, const struct change *ch, struct err *err)
{
	if (strcmp(ch->meta.key, "user") == 0)
		str_copy(st->user, sizeof st->user, ch->meta.value);
	return sql_run(st->db, Q_META_PUT, err, "tt", ch->meta.key, ch->meta.value);
}

static bool
apply_one(struct store *st, const struct change *ch, struct err *err)
{
	switch (ch->type) {
	case CHANGE_HEAD:
		return apply_head(st, ch, err);
	case CHANGE_RECORDS:
		return store_records(st, ch, err);
	case CHANGE_IMPORT:
		return store_import(st, ch, err);
	case CHANGE_READ:
		return apply_read(st, ch, err);
	case CHANGE_CLOSED:
		return sql_run(st->db, Q_CONV_CLOSED, err, "td", ch->conv, (int)ch->closed.closed);
	case CHANGE_REBASE:
		return store_rebase(st, ch, err);
	case CHANGE_OUT_ADD:
		return apply_out_add(st, ch, err);
	case CHANGE_OUT_STATE:
		return sql_run(st->db, Q_OUT_STATE, err, "ttitti", ch->out_state.cid,
				outbox_state_name(ch->out_state.state), ch->out_state.tries,
				ch->out_state.code, ch->out_state.error, ch->out_state.ttl_ms);
	case CHANGE_OUT_REMOVE:
		return sql_run(st->db, Q_OUT_DEL, err, "t", ch->out_remove.cid);
	case CHANGE_LANE_SHIFT:
		return apply_shift(st, ch, err);
	case CHANGE_LANE_RESET:
		return sql_run(st->db, Q_OUT_RENUMBER, err, "")
			&& sql_run(st->db, Q_LANE_RESET, err, "");
	case CHANGE_DRAFT:
		return apply_draft(st, ch, err);
	case CHANGE_META:
		return apply_meta(st, ch, err);
	}
	return true;
}

bool
store_apply(struct store *st, const struct batch *b, struct err *err)
{
	for (size_t i = 0; i < b->n; i++)
		if (!apply_one(st, &b->v[i], err))
			return false;
	return !b->is_own || sql_run(st->db, Q_TICK, err, "");
}
