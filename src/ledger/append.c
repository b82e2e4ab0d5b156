/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Appends records to a log and tells the batch's changes. */
#include "ledger/append.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "ledger/facts.h"
#include "ledger/queries.h"
#include "ledger/schema.h"
#include "model/encode.h"

void
ledger_changes_done(struct ledger_changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		buf_done(&c->v[i].records);
	arr_done(c);
}

struct ledger_change *
append_change(struct ledger *l, struct state_conv *c)
{
	struct ledger_change *ch;

	if (c->change)
		return &l->changes->v[c->change - 1];
	ch = arr_new(l->changes);
	c->change = l->changes->n;
	str_copy(ch->conv, sizeof ch->conv, c->id);
	str_copy(ch->epoch, sizeof ch->epoch, c->epoch);
	ch->prev = ch->seq = c->seq;
	/* bounded by the proposals of a batch and what each may hold */
	buf_init(&ch->records, SIZE_MAX / 4);
	state_touch_conv(l, c);
	return ch;
}

static bool
encode(struct ledger *l, const struct entry *e, int64_t seq, const char *id, const char *cid,
		int64_t ts, struct err *err)
{
	struct record r = { .seq = seq, .id = id, .kind = e->kind,
		.kind_name = record_kind_name(e->kind), .from = e->from->name,
		.device = e->device, .cid = cid, .ref = e->ref, .ts = ts, .body = e->body,
		.body_n = e->body_n };

	buf_clear(&l->record);
	return record_encode(&l->record, &r) || err_set(err, ERR_FAIL, "%s",
			_("a record does not fit into the log"));
}

static bool
put(struct ledger *l, struct state_conv *c, const struct entry *e, const unsigned char id[16],
		const char *cid, int64_t ts, struct err *err)
{
	int64_t seq = c->seq + 1;
	unsigned char key[16];

	if (!sql_run(l->db, Q_LOG_PUT, err, "ibiiiios", pos_of(c->n, seq), id, (size_t)16,
				(int64_t)e->kind, e->from->n, ts,
				c->counted + (e->kind == REC_MSG || e->kind == REC_AI_END),
				e->target ? pos_of(c->n, e->target) : INT64_C(0),
				l->record.p, l->record.n))
		return false;
	uuid_bytes(cid, key);
	return state_answer_put(l, c->n, e->from->n, key,
			&(struct state_answer){ .seq = seq, .hash = e->hash }, err);
}

bool
append_record(struct ledger *l, struct state_conv *c, const struct entry *e, char id[ID_SIZE],
		int64_t *ts, struct err *err)
{
	int64_t when = e->now > c->last_ts ? e->now : c->last_ts;
	char made[ID_SIZE], new_cid[ID_SIZE];
	const char *cid = e->cid;
	unsigned char key[16];
	struct ledger_change *ch = append_change(l, c);

	if (c->seq + 1 >= INT64_C(1) << POS_SEQ_BITS)
		return err_set(err, ERR_FAIL, "%s", _("the log is full"));
	if (!*cid) {
		id_new(new_cid);
		cid = new_cid;
	}
	id_make(&l->ids, (uint64_t)(e->now > 0 ? e->now : 0), made);
	uuid_bytes(made, key);
	if (!encode(l, e, c->seq + 1, made, cid, when, err) ||
			!put(l, c, e, key, cid, when, err))
		return false;
	c->seq++;
	c->last_ts = when;
	memcpy(c->last_id, key, sizeof key);
	if (e->kind == REC_MSG || e->kind == REC_AI_END) {
		c->counted++;
		if (e->author) {
			e->author->own++;
			state_touch_member(l, e->author);
		}
	}
	ch->seq = c->seq;
	if (ch->n++ > 0)
		buf_addc(&ch->records, ',');
	buf_add(&ch->records, l->record.p, l->record.n);
	if (id)
		str_copy(id, ID_SIZE, made);
	if (ts)
		*ts = when;
	return true;
}

/* A cid that is the same whoever derives it: from what it says, not from a clock or chance. */
static void
derive_cid(const struct state_conv *c, int64_t seq, const char *user, enum record_kind kind,
		char cid[ID_SIZE])
{
	char text[2 * CONV_ID_MAX + EPOCH_MAX + USER_MAX + 64], hash[HASH_SIZE];
	int n = snprintf(text, sizeof text, "%s %s %s %lld %s", record_kind_name(kind), c->id,
			c->epoch, (long long)seq, user);

	hash_hex(text, (size_t)n, hash);
	/* a UUID of the free form, version 8 (RFC 9562, section 5.8) */
	snprintf(cid, ID_SIZE, "%.8s-%.4s-8%.3s-8%.3s-%.12s", hash, hash + 8, hash + 12,
			hash + 15, hash + 18);
}

void
append_note(struct ledger *l, const struct state_conv *c, int64_t seq, const char *user,
		enum record_kind kind, const char *from, const char *device, int64_t now,
		const char *body)
{
	struct state_note *note = arr_new(&l->notes);

	snprintf(note->conv, sizeof note->conv, "u_%s", user);
	derive_cid(c, seq, user, kind, note->cid);
	str_copy(note->from, sizeof note->from, from);
	str_copy(note->device, sizeof note->device, device);
	note->kind = kind;
	note->now = now;
	note->body = xstrdup(body);
}
