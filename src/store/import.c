/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records that no server numbered: those that are new here get the next numbers of their
 * conversation, and are read already. */
#include "sql/sql.h"
#include "store/apply.h"
#include "store/schema.h"

static const char *
or_null(const char *s)
{
	return s[0] != '\0' ? s : NULL;
}

static bool
is_operation(enum record_kind kind)
{
	return kind == REC_EDIT || kind == REC_DELETE || kind == REC_REACT;
}

/* Under the number seq, unless its id is there already. */
static bool
put(struct store *st, int64_t conv, int64_t seq, const struct record *r, bool *is_new,
		struct err *err)
{
	if (!sql_run(st->db, Q_EVENT_PUT, err, "iittttttisd", conv, seq, r->id, r->kind_name,
			r->from, or_null(r->device), or_null(r->cid), or_null(r->ref), r->ts,
			r->body, r->body_n, 0))
		return false;
	*is_new = sql_changes(st->db) > 0;
	if (!*is_new)
		return true;
	if (r->cur != NULL && !(fold_base(st, conv, r, err) && fold_again(st, conv, r->id, err)))
		return false;
	return !is_operation(r->kind) || r->ref[0] == '\0' || fold_again(st, conv, r->ref, err);
}

bool
store_import(struct store *st, const struct change *ch, struct err *err)
{
	int64_t conv, head, top, last_ts = 0;
	const char *last_id = "";

	if (!store_conv(st, ch->conv, &conv, err) ||
			!sql_number(st->db, Q_CONV_HEAD, 0, &head, err, "i", conv))
		return false;
	top = head;
	for (size_t i = 0; i < ch->import.n; i++) {
		const struct record *r = &ch->import.v[i];
		bool is_new;

		if (!put(st, conv, top + 1, r, &is_new, err))
			return false;
		if (!is_new)
			continue;
		top++;
		last_id = r->id;
		last_ts = r->ts > last_ts ? r->ts : last_ts;
	}
	st->added += top - head;
	return top == head || (store_range_add(st, conv, RANGE_HELD, head, top, err)
		&& sql_run(st->db, Q_CONV_GREW, err, "iitiiii", conv, top, last_id, (int64_t)0,
			last_ts, (int64_t)0, (int64_t)0)
		&& sql_run(st->db, Q_CONV_READ, err, "ii", conv, top));
}
