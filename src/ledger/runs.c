/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of workflows: a row while one is under way. */
#include "ledger/runs.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "ledger/append.h"
#include "ledger/queries.h"

#define WORD_MAX 256		/* bytes of a workflow's and a step's name that are kept */

bool
runs_facts(struct ledger *l, const struct ledger_op *op, struct facts *x, struct err *err)
{
	struct sql_query *st = sql_start(l->db, Q_RUN, err, "it", x->conv->n, op->body.run);
	int rc = sql_step(st, err);

	if (rc < 0)
		return false;
	if (rc == 1) {
		x->f.run = STREAM_OPEN;
		x->f.is_producer = sql_int(st, 0) == x->user->n &&
			strcmp(sql_text(st, 1), op->device) == 0;
		sql_end(st);
		return true;
	}
	return sql_number(l->db, Q_RUNS_OPEN, 0, &x->f.runs_open, err, "i", x->user->n);
}

bool
runs_follow(struct ledger *l, const struct ledger_op *op, const struct facts *x, struct err *err)
{
	const struct body *b = &op->body;

	if (!*b->run || (x->f.run == STREAM_OPEN && !x->f.is_producer))
		return true;
	if (strcmp(b->status, "running") != 0)
		return sql_run(l->db, Q_RUN_END, err, "it", x->conv->n, b->run);
	return sql_run(l->db, Q_RUN_PUT, err, "ititss", x->conv->n, b->run, x->user->n, op->device,
			b->workflow, utf8_cut(b->workflow, strnlen(b->workflow, WORD_MAX)),
			b->step, utf8_cut(b->step, strnlen(b->step, WORD_MAX)));
}

static void
add(struct buf *out, const char *name, const char *value)
{
	if (!*value)
		return;
	buf_adds(out, name);
	json_add_string(out, value, strlen(value));
}

/* What is known of the run. False with nothing in out: there is no such run. */
static bool
failed_body(struct ledger *l, const struct ledger_op *op, const struct facts *x, struct buf *out,
		struct err *err)
{
	struct sql_query *st = sql_start(l->db, Q_RUN, err, "it", x->conv->n, op->body.run);

	if (sql_step(st, err) != 1)
		return false;
	buf_adds(out, "{\"state\":\"failed\"");
	add(out, ",\"workflow\":", sql_text(st, 2));
	add(out, ",\"run\":", op->body.run);
	add(out, ",\"step\":", sql_text(st, 3));
	add(out, ",\"text\":", "whoever carried it out is gone");
	buf_addc(out, '}');
	sql_end(st);
	return true;
}

bool
runs_end(struct ledger *l, struct ledger_op *op, struct facts *x, struct err *err)
{
	struct entry e = { .kind = REC_ACTION, .from = x->user, .device = op->device,
		.cid = op->cid, .ref = "", .now = op->now };
	struct buf body;
	bool ok;

	buf_init(&body, l->record.max);
	ok = failed_body(l, op, x, &body, err);
	e.body = buf_str(&body);
	e.body_n = body.n;
	ok = ok && append_record(l, x->conv, &e, op->out.id, &op->out.ts, err) &&
		sql_run(l->db, Q_RUN_END, err, "it", x->conv->n, op->body.run);
	buf_done(&body);
	return ok;
}

bool
runs_end_all(struct ledger *l, struct state_user *u, int64_t now, struct err *err)
{
	bool ok = true;

	while (ok) {
		struct sql_query *st = sql_start(l->db, Q_RUN_OF, err, "i", u->n);
		char conv[CONV_ID_MAX + 1], run[STREAM_MAX + 1], device[DEVICE_MAX + 1];
		struct ledger_op op = { .act = LEDGER_RUN_END, .cid = "", .now = now };
		struct facts x = { .user = u };
		int rc = sql_step(st, err);

		if (rc <= 0)
			return rc == 0;
		str_copy(conv, sizeof conv, sql_text(st, 0));
		str_copy(run, sizeof run, sql_text(st, 1));
		str_copy(device, sizeof device, sql_text(st, 2));
		sql_end(st);
		op.body.run = run;
		op.device = device;
		ok = state_conv(l, conv, &x.conv, err) && runs_end(l, &op, &x, err);
	}
	return false;
}
