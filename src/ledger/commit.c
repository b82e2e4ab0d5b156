/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The write path: a batch of proposals decided and applied in one transaction. */
#include "ledger/commit.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "ledger/append.h"
#include "ledger/effects.h"
#include "ledger/facts.h"
#include "sql/mark.h"
#include "ledger/marks.h"
#include "ledger/queries.h"
#include "ledger/rooms.h"
#include "ledger/runs.h"
#include "ledger/state.h"

/* What nobody gave is "". */
static void
complete(struct ledger_op *op)
{
	struct body *b = &op->body;
	const char **strings[] = { &op->user, &op->device, &op->conv, &op->cid, &op->ref,
		&op->bad_why, &op->stream_text, &op->name, &op->topic, &op->other, &op->role,
		&op->epoch, &b->text, &b->reply, &b->emoji, &b->user, &b->name, &b->role, &b->act,
		&b->stream, &b->workflow, &b->run, &b->step, &b->status, &b->model, &b->asked_by,
		&b->question, &b->conv, &b->epoch, &b->id, &b->level, &b->json };

	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		if (!*strings[i])
			*strings[i] = "";
}

static void
answer(struct ledger_op *op, const struct facts *x, const struct ledger_verdict *v)
{
	memset(&op->out, 0, sizeof op->out);
	op->out.ok = v->ok;
	op->out.dup = v->dup;
	op->out.retry = v->retry;
	op->out.code = v->code;
	op->out.after = v->after;
	op->out.expect = v->expect;
	str_copy(op->out.message, sizeof op->out.message, *v->why ? _(v->why) : "");
	str_copy(op->out.id, sizeof op->out.id, v->id);
	op->out.seq = v->seq;
	op->out.ts = v->ts;
	op->out.prev = v->seq > 0 ? v->seq - 1 : 0;
	str_copy(op->out.conv, sizeof op->out.conv, x->conv ? x->conv->id : op->conv);
	str_copy(op->out.epoch, sizeof op->out.epoch, x->conv ? x->conv->epoch : "");
}

static bool
act(struct ledger *l, struct ledger_op *op, struct facts *x, int64_t seq, struct err *err)
{
	switch (op->act) {
	case LEDGER_SEND:
	case LEDGER_NOTE:
		return effects_send(l, op, x, err);
	case LEDGER_MARK:
		return marks_set(l, op, x, seq, err);
	case LEDGER_MINT:
		return rooms_mint(l, x->conv, op->now, err);
	case LEDGER_CHECKPOINT:
		return effects_checkpoint(l, op, x, err);
	case LEDGER_ABORT:
		return effects_abort(l, op, x, err);
	case LEDGER_RUN_END:
		return runs_end(l, op, x, err);
	case LEDGER_USER:
		return rooms_user(l, op, x, err);
	case LEDGER_TRIM:
		return marks_trim(l, op, &op->out.retry, err);
	default:
		return rooms_act(l, op, x, err);
	}
}

/* The refusal becomes the cid's answer. */
static bool
remember(struct ledger *l, const struct ledger_op *op, const struct facts *x,
		const struct ledger_verdict *v, struct err *err)
{
	unsigned char cid[16];

	uuid_bytes(op->cid, cid);
	return state_answer_put(l, x->conv->n, x->user->n, cid, &(struct state_answer){
			.hash = x->hash, .code = v->code, .why = v->why }, err);
}

static bool
run(struct ledger *l, struct ledger_op *op, struct err *err)
{
	struct ledger_verdict v;
	struct facts x;

	complete(op);
	if (!facts_gather(l, op, &x, err))
		return false;
	ledger_decide(&x.f, op, &v);
	answer(op, &x, &v);
	if (v.consumes && x.lane) {
		x.lane->last = op->lane;
		state_touch_lane(l, x.lane);
	}
	if (v.counts && x.user)
		facts_take_rate(l, x.user);
	if (v.remembers && x.user && !remember(l, op, &x, &v, err))
		return false;
	if (!v.does)
		return true;
	if (!act(l, op, &x, v.seq, err))
		return false;
	if (x.conv) {
		str_copy(op->out.conv, sizeof op->out.conv, x.conv->id);
		str_copy(op->out.epoch, sizeof op->out.epoch, x.conv->epoch);
	}
	return true;
}

/* What was appended to rooms is noted in the logs of those it concerns: proposals of their own,
 * to conversations of their own. */
static bool
run_notes(struct ledger *l, struct err *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < l->notes.n; i++) {
		struct state_note note = l->notes.v[i];
		struct ledger_op op = { .act = LEDGER_NOTE, .user = note.from,
			.device = note.device, .conv = note.conv, .cid = note.cid,
			.kind = note.kind, .now = note.now };

		op.body.json = note.body;
		op.body.json_n = strlen(note.body);
		ok = run(l, &op, err);
	}
	for (size_t i = 0; i < l->notes.n; i++)
		free(l->notes.v[i].body);
	l->notes.n = 0;
	return ok;
}

static bool
run_all(struct ledger *l, struct ledger_op *ops, size_t n, struct err *err)
{
	int64_t now = 0;

	for (size_t i = 0; i < n; i++) {
		if (!run(l, &ops[i], err) || (l->notes.n > 0 && !run_notes(l, err)))
			return false;
		if (ops[i].now > now)
			now = ops[i].now;
	}
	return l->late.n == 0 || marks_tell_late(l, now, err);
}

/* ---- one transaction ---- */

bool
commit_begin(struct ledger *l, struct ledger_changes *changes, struct err *err)
{
	memset(changes, 0, sizeof *changes);
	l->changes = changes;
	l->tick_before = l->tick++;
	state_trim(l);
	l->changed = sql_total_changes(l->db);
	return sql_roll_back(l->db, err) && sql_begin(l->db, err);
}

/* Back to before the batch. A full disk leaves nothing behind; of anything else nobody knows. */
static bool
undo(struct ledger *l, struct err *err)
{
	bool was_full = sql_is_full(l->db);
	struct err failed = { 0 };

	l->tick = l->tick_before;
	state_clear(l);
	ledger_changes_done(l->changes);
	if (!sql_roll_back(l->db, &failed) && err)
		*err = failed;
	else if (was_full && err)
		err->kind = ERR_REFUSED;
	return false;
}

bool
commit_end(struct ledger *l, bool ok, struct err *err)
{
	if (!ok || !run_notes(l, err) || !state_flush(l, err))
		return undo(l, err);
	if (sql_total_changes(l->db) == l->changed) {
		l->tick = l->tick_before;
		return sql_commit(l->db, err) || undo(l, err);
	}
	if (!sql_run(l->db, Q_TICK, err, "i", l->tick) || !sql_commit(l->db, err))
		return undo(l, err);
	mark_put(l->mark, &(struct mark){ .tick = l->tick });
	return true;
}

bool
ledger_commit(struct ledger *l, struct ledger_op *ops, size_t n, struct ledger_changes *changes,
		struct err *err)
{
	bool ok = commit_begin(l, changes, err) && run_all(l, ops, n, err);

	return commit_end(l, ok, err);
}

bool
ledger_checkpoint(struct ledger *l, struct err *err)
{
	return sql_checkpoint(l->db, err);
}
