/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read marks move up; floors rise. */
#include "ledger/marks.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/append.h"
#include "ledger/queries.h"
#include "ledger/schema.h"

#define TELL_MS 1000		/* between two read records of a user and conversation */
#define LATE_MAX 65536		/* marks that wait for their second */
#define TRIM_STEP 5000		/* records in one go */

/* How many of the user's own messages are in (.., seq]: by counting the shorter side. */
static bool
count_own(struct ledger *l, const struct state_conv *c, const struct state_member *m, int64_t seq,
		int64_t *own, struct err *err)
{
	bool is_near_head = c->seq - seq < seq - m->read;
	int64_t lo = is_near_head ? seq : m->read, hi = is_near_head ? c->seq : seq, n;

	if (m->own == m->read_own || lo == hi) {
		*own = is_near_head ? m->own : m->read_own;
		return true;
	}
	if (!sql_number(l->db, Q_LOG_OWN, 0, &n, err, "iii", pos_of(c->n, lo), pos_of(c->n, hi),
				m->user))
		return false;
	*own = is_near_head ? m->own - n : m->read_own + n;
	return true;
}

static bool
tell(struct ledger *l, const struct state_conv *c, struct state_member *m, const char *user,
		const char *device, int64_t now, struct err *err)
{
	struct buf body;

	buf_init(&body, 512);
	buf_addf(&body, "{\"conv\":\"%s\",\"epoch\":\"%s\",\"seq\":%lld}", c->id, c->epoch,
			(long long)m->read);
	append_note(l, c, m->read, user, REC_READ, user, device, now, buf_str(&body));
	buf_done(&body);
	m->told = now;
	return sql_run(l->db, Q_MEMBER_TOLD, err, "iii", m->user, m->conv, now);
}

static void
tell_later(struct ledger *l, const struct ledger_op *op, const struct state_member *m)
{
	struct state_late *late;

	for (size_t i = 0; i < l->late.n; i++)
		if (strcmp(l->late.v[i].conv, op->conv) == 0 &&
				strcmp(l->late.v[i].user, op->user) == 0)
			return;
	if (l->late.n == LATE_MAX)
		return;
	late = arr_new(&l->late);
	str_copy(late->conv, sizeof late->conv, op->conv);
	str_copy(late->user, sizeof late->user, op->user);
	str_copy(late->device, sizeof late->device, op->device);
	late->due = m->told + TELL_MS;
}

bool
marks_set(struct ledger *l, struct ledger_op *op, struct facts *x, int64_t seq, struct err *err)
{
	struct state_member *m = x->member;
	struct state_conv *c = x->conv;
	int64_t counted, own;

	if (!sql_number(l->db, Q_LOG_COUNTED, 0, &counted, err, "i", pos_of(c->n, seq)) ||
			!count_own(l, c, m, seq, &own, err) ||
			!sql_run(l->db, Q_MEMBER_MARK, err, "iiiiii", m->user, m->conv, seq,
				counted, own, l->tick) ||
			!sql_run(l->db, Q_MENTION_READ, err, "iii", c->n, m->user, seq))
		return false;
	m->read = seq;
	m->read_own = own;
	if (c->kind == CONV_USER)
		return true;
	if (op->now - m->told >= TELL_MS || op->now < m->told)
		return tell(l, c, m, op->user, op->device, op->now, err);
	tell_later(l, op, m);
	return true;
}

bool
marks_tell_late(struct ledger *l, int64_t now, struct err *err)
{
	struct state_conv *c;
	struct state_user *u;
	struct state_member *m;

	for (size_t i = 0; i < l->late.n;) {
		struct state_late late = l->late.v[i];

		if (now < late.due && now > late.due - 2 * TELL_MS) {
			i++;
			continue;
		}
		arr_remove(&l->late, i);
		if (!state_conv(l, late.conv, &c, err) || !state_user(l, late.user, &u, err))
			return false;
		if (!c || !u)
			continue;
		if (!state_member(l, c->n, u->n, &m, err) ||
				(m->role != ROLE_NONE &&
				 !tell(l, c, m, u->name, late.device, now, err)))
			return false;
	}
	return true;
}

/* ---- retention ---- */

/* The last seq of c that is older than ts: times never fall within a log. */
static bool
last_before(struct ledger *l, const struct state_conv *c, int64_t ts, int64_t *seq,
		struct err *err)
{
	int64_t lo = c->floor, hi = c->seq;
	struct sql_query *st;
	int rc;

	while (lo < hi) {
		int64_t mid = lo + (hi - lo + 1) / 2;
		bool is_old;

		st = sql_start(l->db, Q_LOG_AT, err, "i", pos_of(c->n, mid));
		if ((rc = sql_step(st, err)) < 0)
			return false;
		is_old = rc == 1 && sql_int(st, 3) < ts;
		sql_end(st);
		if (is_old)
			lo = mid;
		else
			hi = mid - 1;
	}
	*seq = lo;
	return true;
}

static bool
trim(struct ledger *l, struct state_conv *c, int64_t ts, int64_t *left, struct err *err)
{
	int64_t to, lo, hi;

	if (!last_before(l, c, ts, &to, err))
		return false;
	if (to > c->floor + *left)
		to = c->floor + *left;
	if (to == c->floor)
		return true;
	lo = pos_of(c->n, c->floor);
	hi = pos_of(c->n, to);
	if (!sql_run(l->db, Q_LOG_TRIM, err, "ii", lo, hi) ||
			!sql_run(l->db, Q_FOLD_TRIM, err, "ii", lo, hi) ||
			!sql_run(l->db, Q_REACT_TRIM, err, "ii", lo, hi) ||
			!sql_run(l->db, Q_CONV_FLOOR, err, "iii", c->n, to, l->tick))
		return false;
	*left -= to - c->floor;
	c->floor = to;
	return true;
}

bool
marks_trim(struct ledger *l, const struct ledger_op *op, bool *more, struct err *err)
{
	int64_t left = TRIM_STEP;
	struct state_conv *c;
	char id[CONV_ID_MAX + 1];

	*more = false;
	while (left > 0) {
		if (*op->conv) {
			str_copy(id, sizeof id, op->conv);
		} else {
			struct sql_query *st = sql_start(l->db, Q_CONV_OLD, err, "i", op->ts);
			int rc;

			if ((rc = sql_step(st, err)) < 0)
				return false;
			if (rc == 0)
				return true;
			str_copy(id, sizeof id, sql_text(st, 0));
			sql_end(st);
		}
		if (!state_conv(l, id, &c, err))
			return false;
		if (c && !trim(l, c, op->ts, &left, err))
			return false;
		if (*op->conv) {
			*more = left == 0;
			return true;
		}
	}
	*more = true;
	return true;
}
