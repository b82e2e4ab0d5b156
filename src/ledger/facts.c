/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What SQLite knows about a proposal. */
#include "ledger/facts.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/queries.h"
#include "ledger/runs.h"
#include "ledger/schema.h"

/* Of a lower-case hexadecimal digit: letters have bit 6 and begin at 1. */
static int
nibble(char c)
{
	return (c & 15) + (c >> 6) * 9;
}

void
uuid_bytes(const char *id, unsigned char out[16])
{
	for (size_t i = 0; i < 16; i++, id += 2) {
		id += *id == '-';
		out[i] = (unsigned char)(nibble(id[0]) << 4 | nibble(id[1]));
	}
}

/* FNV-1a, eight bytes a step: tells one's own repeat from something else under the same cid, no
 * more. It is kept, so it must not depend on the machine. */
static uint64_t
mix(uint64_t h, const char *p, size_t n)
{
	const uint64_t prime = UINT64_C(0x100000001b3);
	uint64_t word;

	for (; n >= sizeof word; p += sizeof word, n -= sizeof word) {
		memcpy(&word, p, sizeof word);
		h = (h ^ le64toh(word)) * prime;
		h ^= h >> 29;
	}
	for (; n > 0; p++, n--)
		h = (h ^ (unsigned char)*p) * prime;
	return (h ^ 0xff) * prime;
}

static int64_t
hash_of(const struct ledger_op *op)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	const char *kind = record_kind_name(op->kind);

	h = mix(h, kind, strlen(kind));
	h = mix(h, op->ref, strlen(op->ref));
	return (int64_t)mix(h, op->body.json, op->body.json_n);
}

/* ---- the sender's allowance: a bucket that leaks ---- */

static int64_t
rate_after(struct ledger *l, struct state_user *u, int64_t now)
{
	int64_t rate = l->limits.rate, window = l->limits.rate_window_s * 1000;
	int64_t gone = now > u->fill_at ? now - u->fill_at : 0;

	if (rate <= 0 || window <= 0)
		return 0;
	if (gone > window)
		gone = window;
	u->fill = u->fill > gone * rate ? u->fill - gone * rate : 0;
	u->fill_at = now;
	if (u->fill + window <= rate * window)
		return 0;
	return (u->fill + window - rate * window + rate - 1) / rate;
}

void
facts_take_rate(struct ledger *l, struct state_user *u)
{
	if (l->limits.rate > 0)
		u->fill += l->limits.rate_window_s * 1000;
}

/* ---- the parts ---- */

static bool
known(struct ledger *l, const struct ledger_op *op, struct facts *x, struct err *err)
{
	unsigned char cid[16];
	bool is_new = false;
	struct sql_query *st;
	int rc;

	if (!id_valid(op->cid))
		return true;
	uuid_bytes(op->cid, cid);
	if (x->member && !state_is_new(l, x->member, cid, &is_new, err))
		return false;
	if (is_new)
		return true;
	st = sql_start(l->db, Q_ANSWER, err, "iib", x->conv->n, x->user->n, cid, sizeof cid);
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 0)
		return true;
	x->f.known_seq = sql_int(st, 0);
	x->f.is_same = sql_int(st, 1) == x->hash;
	x->f.known = x->f.known_seq > 0 ? KNOWN_RECORD : KNOWN_REFUSAL;
	x->f.known_code = (enum code)sql_int(st, 2);
	str_copy(x->known_why, sizeof x->known_why, sql_text(st, 3));
	sql_end(st);
	x->f.known_why = x->known_why;
	x->f.known_id = x->known_id;
	if (x->f.known == KNOWN_REFUSAL)
		return true;
	st = sql_start(l->db, Q_LOG_AT, err, "i", pos_of(x->conv->n, x->f.known_seq));
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 1) {
		id_format(sql_blob(st, 0), x->known_id);
		x->f.known_ts = sql_int(st, 3);
		sql_end(st);
	}
	return true;
}

/* Compares the id at pos with key: less, equal or greater than 0 in *order. */
static bool
compare_at(struct ledger *l, int64_t pos, const unsigned char key[16], int *order,
		struct err *err)
{
	struct sql_query *st = sql_start(l->db, Q_LOG_ID, err, "i", pos);
	int rc;

	if ((rc = sql_step(st, err)) < 0)
		return false;
	*order = rc == 1 ? memcmp(sql_blob(st, 0), key, 16) : -1;
	if (rc == 1)
		sql_end(st);
	return true;
}

/* Ids of a log increase with seq, so that it is its own index of them. */
bool
facts_find(struct ledger *l, const struct state_conv *c, const char *id, int64_t *seq,
		struct err *err)
{
	int64_t lo = c->floor + 1, hi = c->seq;
	unsigned char key[16];
	int order;

	*seq = 0;
	if (!id_valid(id))
		return true;
	uuid_bytes(id, key);
	while (lo <= hi) {
		int64_t mid = lo + (hi - lo) / 2;

		if (!compare_at(l, pos_of(c->n, mid), key, &order, err))
			return false;
		if (order == 0) {
			*seq = mid;
			return true;
		}
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid - 1;
	}
	return true;
}

static bool
target(struct ledger *l, const struct ledger_op *op, struct facts *x, struct err *err)
{
	struct sql_query *st;
	int64_t pos;
	int rc;

	if (op->kind != REC_EDIT && op->kind != REC_DELETE && op->kind != REC_REACT)
		return true;
	if (!facts_find(l, x->conv, op->ref, &x->target, err))
		return false;
	if (x->target == 0)
		return true;
	pos = pos_of(x->conv->n, x->target);
	st = sql_start(l->db, Q_LOG_AT, err, "i", pos);
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 1) {
		x->f.target.is_there = true;
		x->f.target.kind = (enum record_kind)sql_int(st, 1);
		x->f.target.is_own = sql_int(st, 2) == x->user->n;
		sql_end(st);
	}
	st = sql_start(l->db, Q_FOLD, err, "i", pos);
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 1) {
		x->f.target.is_deleted = sql_int(st, 1) != 0;
		sql_end(st);
	}
	if (op->kind == REC_REACT) {
		int64_t has;

		if (!sql_number(l->db, Q_REACT_KINDS, 0, &x->f.react_kinds, err, "i", pos) ||
				!sql_number(l->db, Q_REACT_HAS, 0, &has, err, "it", pos,
					op->body.emoji))
			return false;
		x->f.has_react = has != 0;
	}
	return true;
}

static bool
stream(struct ledger *l, const struct ledger_op *op, struct facts *x, struct err *err)
{
	struct sql_query *st = sql_start(l->db, Q_STREAM, err, "it", x->conv->n, op->body.stream);
	int rc;

	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 1) {
		x->f.stream = sql_is_null(st, 2) ? STREAM_OPEN :
			STREAM_ENDED;
		x->f.is_producer = x->user && sql_int(st, 0) == x->user->n &&
			strcmp(sql_text(st, 1), op->device) == 0;
		sql_end(st);
	}
	return true;
}

static bool
member(struct ledger *l, struct facts *x, struct err *err)
{
	if (!x->user)
		return true;
	if (!state_member(l, x->conv->n, x->user->n, &x->member, err))
		return false;
	x->f.role = x->member->role;
	x->f.read = x->member->read;
	return true;
}

/* Who is acted on, and what the conversation says of both. */
static bool
others(struct ledger *l, struct facts *x, struct err *err)
{
	int64_t invited = 0;

	if (x->user && !sql_number(l->db, Q_INVITED, 0, &invited, err, "ii", x->conv->n,
				x->user->n))
		return false;
	x->f.is_invited = invited != 0;
	if (!sql_number(l->db, Q_OWNERS, 0, &x->f.owners, err, "i", x->conv->n))
		return false;
	if (!x->other)
		return true;
	if (!state_member(l, x->conv->n, x->other->n, &x->other_member, err))
		return false;
	x->f.other_role = x->other_member->role;
	return true;
}

/* ---- which conversation ---- */

/* The name under which the direct conversation of two people is kept. */
static void
pair_name(const char *a, const char *b, char out[2 * USER_MAX + 2])
{
	bool in_order = strcmp(a, b) < 0;

	snprintf(out, 2 * USER_MAX + 2, "%s %s", in_order ? a : b, in_order ? b : a);
}

static bool
conv(struct ledger *l, const struct ledger_op *op, struct facts *x, struct err *err)
{
	char pair[2 * USER_MAX + 2];
	bool ok;

	if (op->act == LEDGER_DIRECT) {
		pair_name(op->user, op->other, pair);
		ok = state_conv_named(l, pair, &x->conv, err);
	} else if (op->act == LEDGER_CREATE || (!*op->conv && *op->name)) {
		ok = state_conv_named(l, op->name, &x->conv, err);
	} else {
		ok = state_conv(l, op->conv, &x->conv, err);
	}
	if (!ok || !x->conv)
		return ok;
	x->f.has_conv = true;
	x->f.kind = x->conv->kind;
	x->f.is_public = x->conv->is_public;
	x->f.is_minted = x->conv->is_minted;
	x->f.epoch = x->conv->epoch;
	x->f.seq = x->conv->seq;
	x->f.last_ts = x->conv->last_ts;
	return true;
}

static bool
sent(struct ledger *l, const struct ledger_op *op, struct facts *x, struct err *err)
{
	x->f.body_max = l->limits.body;
	x->hash = hash_of(op);
	if (!member(l, x, err) || !known(l, op, x, err) ||
			!state_lane(l, x->conv->n, x->user->n, op->device, &x->lane, err))
		return false;
	x->f.lane = x->lane->last;
	if (op->is_limited)
		x->f.rate_after = rate_after(l, x->user, op->now);
	if (x->f.known != KNOWN_NOT)
		return true;
	if (op->kind == REC_ACTION)
		return runs_facts(l, op, x, err);
	if (op->kind != REC_AI_START && op->kind != REC_AI_END)
		return target(l, op, x, err);
	x->f.streams_max = l->limits.streams_per_user;
	return stream(l, op, x, err) && (op->kind == REC_AI_END || sql_number(l->db, Q_STREAMS_OPEN,
				0, &x->f.streams_open, err, "i", x->user->n));
}

static bool
people(struct ledger *l, const struct ledger_op *op, struct facts *x, struct err *err)
{
	if (*op->user && !state_user(l, op->user, &x->user, err))
		return false;
	if (*op->other && !state_user(l, op->other, &x->other, err))
		return false;
	x->f.has_other = x->other != NULL;
	return true;
}

/* What only this act has a use for. */
static bool
particulars(struct ledger *l, const struct ledger_op *op, struct facts *x, struct err *err)
{
	if (op->act == LEDGER_MINT)
		return true;
	if (op->act == LEDGER_CHECKPOINT || op->act == LEDGER_ABORT)
		return stream(l, op, x, err);
	if (!x->user)
		return true;
	if (op->act == LEDGER_RUN_END)
		return runs_facts(l, op, x, err);
	if (op->act == LEDGER_SEND)
		return sent(l, op, x, err);
	if (op->act == LEDGER_NOTE) {
		x->hash = hash_of(op);
		return known(l, op, x, err);
	}
	return member(l, x, err) && (op->act == LEDGER_MARK || others(l, x, err));
}

bool
facts_gather(struct ledger *l, const struct ledger_op *op, struct facts *x, struct err *err)
{
	memset(x, 0, sizeof *x);
	x->f.epoch = x->f.known_id = x->f.known_why = "";
	if (op->act == LEDGER_TRIM)
		return true;
	if (!people(l, op, x, err))
		return false;
	if (op->act == LEDGER_USER)
		return true;
	if (!conv(l, op, x, err))
		return false;
	return !x->conv || particulars(l, op, x, err);
}
