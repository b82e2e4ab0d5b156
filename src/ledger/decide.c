/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commit rules: order, dedup, rate, validation, authorisation. */
#include "ledger/decide.h"

#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "ledger/decide-room.h"

static enum code
no(enum code code, const char *text, const char **why)
{
	*why = text;
	return code;
}

/* ---- a rule for each kind: CODE_NONE, or the refusal and why ---- */

static enum code
msg(const struct ledger_facts *f, const struct ledger_op *op, const char **why)
{
	(void)f;
	if (op->body.text_n == 0)
		return no(CODE_INVALID, N_("a message has at least one byte"), why);
	return CODE_NONE;
}

/* What edit, delete and react have in common: a record to change, and one that can be changed. */
static enum code
target(const struct ledger_facts *f, const struct ledger_op *op, const char **why)
{
	enum record_kind kind = f->target.kind;

	if (!id_valid(op->ref))
		return no(CODE_INVALID, N_("ref must be the id of a message"), why);
	if (!f->target.is_there)
		return no(CODE_NOT_FOUND, N_("there is no such message here"), why);
	if (kind == REC_MSG)
		return CODE_NONE;
	if (op->kind == REC_EDIT || (kind != REC_AI_END && kind != REC_ACTION))
		return no(CODE_INVALID, N_("that is no message"), why);
	return CODE_NONE;
}

static enum code
edit(const struct ledger_facts *f, const struct ledger_op *op, const char **why)
{
	enum code code = target(f, op, why);

	if (code != CODE_NONE)
		return code;
	if (!f->target.is_own)
		return no(CODE_FORBIDDEN, N_("only its sender may edit a message"), why);
	if (f->target.is_deleted)
		return no(CODE_GONE, N_("the message was deleted"), why);
	return msg(f, op, why);
}

static enum code
delete(const struct ledger_facts *f, const struct ledger_op *op, const char **why)
{
	enum code code = target(f, op, why);

	if (code != CODE_NONE)
		return code;
	if (!f->target.is_own && decide_role(f, op) != ROLE_OWNER)
		return no(CODE_FORBIDDEN,
				N_("only its sender and the room's owner may delete a message"),
				why);
	return CODE_NONE;
}

static enum code
react(const struct ledger_facts *f, const struct ledger_op *op, const char **why)
{
	enum code code = target(f, op, why);
	size_t n = strlen(op->body.emoji);

	if (code != CODE_NONE)
		return code;
	if (f->target.is_deleted)
		return no(CODE_GONE, N_("the message was deleted"), why);
	if (n == 0)
		return no(CODE_INVALID, N_("a reaction is one character"), why);
	if (n > LEDGER_REACT_MAX || text_cluster(op->body.emoji, n, NULL) != n)
		return no(CODE_TOO_LARGE, N_("a reaction is one character of at most 64 bytes"),
				why);
	if (op->body.on && !f->has_react && f->react_kinds >= LEDGER_REACT_MAX)
		return no(CODE_TOO_LARGE, N_("a message takes at most 64 kinds of reactions"), why);
	return CODE_NONE;
}

static enum code
topic(const struct ledger_facts *f, const struct ledger_op *op, const char **why)
{
	if (f->kind != CONV_ROOM)
		return no(CODE_INVALID, N_("only rooms have a topic"), why);
	if (!decide_may_set_topic(f, op))
		return no(CODE_FORBIDDEN, N_("only an owner may do that"), why);
	if (op->body.text_n > LEDGER_TOPIC_MAX)
		return no(CODE_TOO_LARGE, N_("a topic has at most 1024 bytes"), why);
	return CODE_NONE;
}

static enum code
ai_start(const struct ledger_facts *f, const struct ledger_op *op, const char **why)
{
	size_t n = strlen(op->body.stream);

	if (n == 0 || n > STREAM_MAX)
		return no(CODE_INVALID, N_("a stream's id has 1 to 64 bytes"), why);
	if (f->stream != STREAM_NONE)
		return no(CODE_EXISTS, N_("there was a stream of that id"), why);
	if (f->streams_open >= f->streams_max)
		return no(CODE_BUSY, N_("too many answers are being written: end one first"), why);
	return CODE_NONE;
}

static enum code
ai_end(const struct ledger_facts *f, const struct ledger_op *op, const char **why)
{
	if (f->stream == STREAM_NONE)
		return no(CODE_NOT_FOUND, N_("there is no such stream here"), why);
	if (f->stream == STREAM_ENDED)
		return no(CODE_ENDED, N_("the stream has ended"), why);
	if (!f->is_producer)
		return no(CODE_FORBIDDEN, N_("only the device that began a stream may end it"),
				why);
	if (op->body.len != (int64_t)op->stream_text_n)
		return no(CODE_OFFSET, N_("the server holds another length of the stream"), why);
	return CODE_NONE;
}

static enum code
action(const struct ledger_facts *f, const struct ledger_op *op, const char **why)
{
	bool runs = strcmp(op->body.status, "running") == 0;

	if (strlen(op->body.run) > STREAM_MAX)
		return no(CODE_INVALID, N_("a run's id has at most 64 bytes"), why);
	if (runs && *op->body.run && f->run == STREAM_NONE && f->runs_open >= LEDGER_RUNS_MAX)
		return no(CODE_BUSY, N_("too many runs have not ended"), why);
	return CODE_NONE;
}

/* Kinds that only the server makes have no rule. */
static enum code (*const rules[REC_OTHER + 1])(const struct ledger_facts *,
		const struct ledger_op *, const char **) = {
	[REC_MSG] = msg, [REC_EDIT] = edit, [REC_DELETE] = delete, [REC_REACT] = react,
	[REC_TOPIC] = topic, [REC_AI_START] = ai_start, [REC_AI_END] = ai_end,
	[REC_ACTION] = action,
};

static bool
is_expired(const struct ledger_op *op)
{
	return op->ttl <= 0 && op->ttl != LEDGER_ABSENT;
}

static bool
is_rated(enum record_kind kind)
{
	return kind == REC_MSG || kind == REC_EDIT || kind == REC_DELETE || kind == REC_REACT ||
		kind == REC_TOPIC;
}

/* Validation and authorisation. */
static enum code
judge(const struct ledger_facts *f, const struct ledger_op *op, const char **why)
{
	if (is_expired(op))
		return no(CODE_EXPIRED, N_("its time was over"), why);
	if (op->bad != CODE_NONE)
		return no(op->bad, op->bad_why, why);
	if (!id_valid(op->cid))
		return no(CODE_INVALID, N_("cid must be a UUID in lower case"), why);
	if (f->kind == CONV_USER)
		return no(CODE_FORBIDDEN, N_("nobody sends to a user's own log"), why);
	if (decide_role(f, op) == ROLE_NONE)
		return no(CODE_FORBIDDEN, N_("you are no member"), why);
	if ((int64_t)op->body.json_n > f->body_max)
		return no(CODE_TOO_LARGE, N_("the message is over the server's limit"), why);
	if (!rules[op->kind])
		return no(CODE_INVALID, N_("a record of this kind cannot be sent"), why);
	return rules[op->kind](f, op, why);
}

static void
append(const struct ledger_facts *f, const struct ledger_op *op, struct ledger_verdict *v)
{
	v->ok = v->does = true;
	v->seq = f->seq + 1;
	v->ts = op->now > f->last_ts ? op->now : f->last_ts;
}

/* Not now: the lane number stays free, and nothing is remembered. */
static void
later(struct ledger_verdict *v, enum code code, const char *why, int64_t after, int64_t expect)
{
	v->code = code;
	v->why = why;
	v->retry = true;
	v->after = after;
	v->expect = expect;
}

/* A known cid has its answer, whatever the lane. The number is used if its turn had come: what
 * follows it must not wait. */
static void
repeat(const struct ledger_facts *f, const struct ledger_op *op, struct ledger_verdict *v)
{
	v->consumes = op->lane == f->lane + 1;
	if (!f->is_same) {
		v->code = CODE_CONFLICT;
		v->why = N_("something else was sent under this cid");
	} else if (f->known == KNOWN_REFUSAL) {
		v->code = f->known_code;
		v->why = f->known_why;
	} else {
		v->ok = v->dup = true;
		v->seq = f->known_seq;
		v->ts = f->known_ts;
		v->id = f->known_id;
	}
}

static void
send(const struct ledger_facts *f, const struct ledger_op *op, struct ledger_verdict *v)
{
	if (!f->has_conv) {
		v->code = no(CODE_NOT_FOUND, N_("there is no such conversation"), &v->why);
		return;
	}
	if (f->known != KNOWN_NOT) {
		repeat(f, op, v);
		return;
	}
	if (op->lane > f->lane + 1) {
		later(v, CODE_ORDER, N_("earlier messages are missing"), LEDGER_ABSENT,
				f->lane + 1);
		return;
	}
	if (op->lane <= f->lane) {
		v->code = no(CODE_LANE, N_("this device's number was used before"), &v->why);
		return;
	}
	v->counts = op->is_limited && is_rated(op->kind) && !is_expired(op);
	if (v->counts && f->rate_after > 0) {
		v->counts = false;
		later(v, CODE_RATE, N_("too many messages"), f->rate_after, LEDGER_ABSENT);
		return;
	}
	v->code = judge(f, op, &v->why);
	if (v->code == CODE_OFFSET) {
		later(v, v->code, v->why, LEDGER_ABSENT, (int64_t)op->stream_text_n);
	} else if (v->code == CODE_BUSY) {
		later(v, v->code, v->why, LEDGER_ABSENT, LEDGER_ABSENT);
	} else {
		v->consumes = true;
		v->remembers = v->code != CODE_NONE && id_valid(op->cid);
		if (v->code == CODE_NONE)
			append(f, op, v);
	}
}

/* A record of the server's own: once, if its cid is known it is there. */
static void
note(const struct ledger_facts *f, const struct ledger_op *op, struct ledger_verdict *v)
{
	v->ok = true;
	if (f->has_conv && f->known == KNOWN_NOT)
		append(f, op, v);
}

static void
mark(const struct ledger_facts *f, const struct ledger_op *op, struct ledger_verdict *v)
{
	v->ok = true;
	if (!f->has_conv || f->role == ROLE_NONE || strcmp(op->epoch, f->epoch) != 0)
		return;
	v->seq = op->seq < f->seq ? op->seq : f->seq;
	v->does = v->seq > f->read;
}

static void
mint(const struct ledger_facts *f, const struct ledger_op *op, struct ledger_verdict *v)
{
	if (!f->has_conv) {
		v->code = no(CODE_NOT_FOUND, N_("there is no such conversation"), &v->why);
		return;
	}
	v->ok = true;
	v->does = !f->is_minted && strcmp(op->epoch, f->epoch) == 0;
}

static void
stream(const struct ledger_facts *f, const struct ledger_op *op, struct ledger_verdict *v)
{
	v->ok = true;
	if (!f->has_conv || f->stream != STREAM_OPEN)
		return;
	if (op->act == LEDGER_ABORT)
		append(f, op, v);
	else
		v->does = true;
}

static void
run_end(const struct ledger_facts *f, const struct ledger_op *op, struct ledger_verdict *v)
{
	v->ok = true;
	if (f->has_conv && f->run == STREAM_OPEN && f->is_producer)
		append(f, op, v);
}

void
ledger_decide(const struct ledger_facts *facts, const struct ledger_op *op,
		struct ledger_verdict *verdict)
{
	struct ledger_verdict *v = verdict;

	*v = (struct ledger_verdict){ .why = "", .id = "", .after = LEDGER_ABSENT,
		.expect = LEDGER_ABSENT };
	switch (op->act) {
	case LEDGER_SEND:
		send(facts, op, v);
		break;
	case LEDGER_NOTE:
		note(facts, op, v);
		break;
	case LEDGER_MARK:
		mark(facts, op, v);
		break;
	case LEDGER_MINT:
		mint(facts, op, v);
		break;
	case LEDGER_CHECKPOINT:
	case LEDGER_ABORT:
		stream(facts, op, v);
		break;
	case LEDGER_RUN_END:
		run_end(facts, op, v);
		break;
	case LEDGER_USER:
	case LEDGER_TRIM:
		v->ok = v->does = true;
		break;
	default:
		v->code = decide_room(facts, op, &v->does, &v->why);
		v->ok = v->code == CODE_NONE;
	}
}
