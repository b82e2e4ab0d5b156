/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VERB_SEND and VERB_OUTBOX: from a person's text to a durable row, and what becomes of it. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/account-impl.h"
#include "loop/loop.h"
#include "model/peek.h"
#include "store/reader.h"
#include "store/state.h"
#include "wire/wire.h"

#define DROP_MS 10000	/* for the server to let go of a row */
#define BODY_ROOM (2 * 1024 * 1024)	/* while a body is made; then the server's limit counts */

/* --- the body --- */

static bool
check_text(struct account_call *c, const struct request *rq)
{
	size_t bad;

	if (rq->text == NULL || rq->text_n == 0) {
		if (rq->kind == REC_TOPIC)
			return true;
		call_fail(c, ERR_USAGE, CODE_INVALID, _("the message is empty"));
		return false;
	}
	if (!utf8_valid(rq->text, rq->text_n, &bad)) {
		call_fail(c, ERR_USAGE, CODE_INVALID, _("byte %zu is not UTF-8"), bad);
		return false;
	}
	if (memchr(rq->text, '\0', rq->text_n) != NULL) {
		call_fail(c, ERR_USAGE, CODE_INVALID, _("byte %zu is NUL"),
				(size_t)((const char *)memchr(rq->text, '\0', rq->text_n)
					- rq->text));
		return false;
	}
	return true;
}

/* A body that was given as JSON: it must fit its kind. */
static bool
given_body(struct account_call *c, const struct request *rq, struct buf *out)
{
	struct body_memory *keep;
	struct err err = { 0 };
	struct body body;
	bool fits;

	if (rq->body == NULL) {
		call_fail(c, ERR_USAGE, CODE_INVALID, _("this kind needs a body"));
		return false;
	}
	if (!body_parse(rq->kind, rq->body, strlen(rq->body), &body, &keep, &err)) {
		call_fail(c, ERR_USAGE, CODE_INVALID, "%s", err.msg);
		return false;
	}
	fits = body.json_n > 0 ? buf_add(out, body.json, body.json_n)
		: body_encode(rq->kind, &body, out);
	body_free(keep);
	if (!fits)
		call_fail(c, ERR_USAGE, CODE_TOO_LARGE, _("the body is too large"));
	return fits;
}

static bool
make_body(struct account *a, struct account_call *c, const struct request *rq, struct buf *out)
{
	bool is_text = rq->kind == REC_MSG || rq->kind == REC_EDIT
		|| (rq->kind == REC_TOPIC && rq->body == NULL);
	struct body body = BODY_EMPTY;
	bool fits;

	if (rq->kind == REC_DELETE && rq->body == NULL)
		return buf_adds(out, "{}");
	if (!is_text) {
		if (!given_body(c, rq, out))
			return false;
	} else {
		if (!check_text(c, rq))
			return false;
		body.text = rq->text != NULL ? rq->text : "";
		body.text_n = rq->text_n;
		body.reply = rq->reply != NULL ? rq->reply : "";
		fits = body_encode(rq->kind, &body, out);
		if (!fits)
			out->n = out->max;
	}
	if ((int64_t)out->n > sync_limits(a->sync)->body) {
		call_fail(c, ERR_USAGE, CODE_TOO_LARGE, _("too long: a message may have %lld "
				"bytes (%lld KiB)"), (long long)sync_limits(a->sync)->body,
				(long long)sync_limits(a->sync)->body / 1024);
		return false;
	}
	return true;
}

/* --- the same cid again --- */

struct known { struct account_call *c; const char *body; bool is_found, is_same; };

static bool
same_text(const char *a, const char *b)
{
	struct buf x, y;
	bool is_same;

	buf_init(&x, BODY_ROOM);
	buf_init(&y, BODY_ROOM);
	peek_str(a, strlen(a), "text", &x);
	peek_str(b, strlen(b), "text", &y);
	is_same = strcmp(buf_str(&x), buf_str(&y)) == 0;
	buf_done(&x);
	buf_done(&y);
	return is_same;
}

static void
own_known(void *arg, const struct state_own *own)
{
	struct known *k = arg;

	k->is_found = true;
	k->is_same = strcmp(own->conv, k->c->conv) == 0 && same_text(own->body, k->body);
	k->c->seq = own->seq;
	str_copy(k->c->id, sizeof k->c->id, own->id);
}

static void
row_known(void *arg, const struct state_row *row)
{
	struct known *k = arg;

	k->is_found = true;
	k->is_same = same_text(row->body, k->body);
	if (row->state != OUTBOX_REFUSED && row->state != OUTBOX_EXPIRED)
		return;
	call_fail(k->c, ERR_REFUSED, CODE_NONE, "%s", row->error);
}

static void
conflict(struct account_call *c)
{
	call_fail(c, ERR_REFUSED, CODE_CONFLICT, _("another message was sent under this cid"));
}

/* True when the call needs no row of its own. */
static bool
is_repeated(struct account *a, struct account_call *c, const char *body)
{
	struct known k = { .c = c, .body = body };
	struct sync_sending row;
	struct err err = { 0 };

	if (sync_find_row(a->sync, c->cid, &row)) {
		state_row(a->reader, c->cid, row_known, &k, &err);
		if (c->is_over)
			return true;
		if (k.is_found && !k.is_same) {
			conflict(c);
			return true;
		}
		if (k.is_found) {
			c->is_queued = true;
			call_answer(c, REPLY_QUEUED);
			account_queued(a, c);
		}
		return true;	/* else it is being stored, which tells this call too */
	}
	if (!state_own(a->reader, c->cid, own_known, &k, &err) || !k.is_found)
		return false;
	c->dup = true;
	if (k.is_same)
		call_done(c);
	else
		conflict(c);
	return true;
}

/* --- sending --- */

static bool
may_queue(struct account *a, struct account_call *c)
{
	if (sync_outbox_rows(a->sync) >= SYNC_OUTBOX_MAX) {
		call_fail(c, ERR_FAIL, CODE_BUSY, _("the outbox is full (%d rows)"),
				SYNC_OUTBOX_MAX);
		return false;
	}
	if (sync_gathering_bytes(a->sync) > ACCOUNT_GATHER_MAX) {
		call_fail(c, ERR_FAIL, CODE_BUSY, _("the disk cannot keep up"));
		return false;
	}
	return true;
}

void
account_send(struct account *a, struct account_call *c, const struct request *rq)
{
	struct sync_input in = { .type = IN_SEND };
	struct sync_conv conv;
	struct buf body;

	buf_init(&body, BODY_ROOM);
	if (rq->cid != NULL && rq->cid[0] != '\0' && !id_valid(rq->cid)) {
		call_fail(c, ERR_USAGE, CODE_INVALID, _("%s is no UUID in lower case"), rq->cid);
		goto out;
	}
	if (!make_body(a, c, rq, &body)
			|| account_resolve(a, c, rq, &conv) != RESOLVED || !may_queue(a, c))
		goto out;
	if (rq->timeout_ms > 0) {
		c->deadline = loop_now(a->env.loop) + rq->timeout_ms;
		call_sweep_start(a);
	}
	if (rq->cid != NULL && rq->cid[0] != '\0') {
		call_cid(c, rq->cid);
		if (is_repeated(a, c, buf_str(&body)))
			goto out;
	} else {
		char cid[ID_SIZE];

		id_make(&a->ids, (uint64_t)clock_wall_ms(), cid);
		call_cid(c, cid);
	}
	in.send.conv = c->conv;
	in.send.cid = c->cid;
	in.send.ref = rq->ref != NULL ? rq->ref : "";
	in.send.body = buf_str(&body);
	in.send.body_n = body.n;
	in.send.kind = rq->kind;
	in.send.ttl_ms = rq->ttl_ms;
	account_step(a, &in);
out:
	buf_done(&body);
}

/* The row is durable. Is there any hope of an answer? */
void
account_queued(struct account *a, struct account_call *c)
{
	enum link_state link = sync_link(a->sync);

	if (c->is_over || (link != LINK_STOPPED && (link != LINK_OFFLINE || a->is_online)))
		return;
	if (link == LINK_STOPPED && sync_why_code(a->sync) == CODE_AUTH)
		call_fail(c, ERR_AUTH, CODE_AUTH, _("queued, but %s: %s"), a->name,
				sync_why(a->sync));
	else if (link == LINK_STOPPED)
		call_fail(c, ERR_QUEUED, CODE_NONE, _("queued, but %s: %s"), a->name,
				sync_why(a->sync));
	else
		call_fail(c, ERR_QUEUED, CODE_NONE, _("queued: %s is offline"), a->name);
}

void
account_acked(struct account *a, const struct sync_effect *e)
{
	struct sync_sending row;
	struct sync_conv conv;
	bool is_coming;

	a->latency[a->n_latency++ % ACCOUNT_LATENCIES] = e->acked.ms;
	is_coming = sync_find(a->sync, e->acked.conv, &conv) && conv.ready && !conv.closed;
	if (!sync_find_row(a->sync, e->acked.cid, &row))
		is_coming = true;	/* it leaves in the batch that gathers */
	for (struct account_call *c = call_of_cid(a, e->acked.cid); c != NULL; c = c->same) {
		c->is_acked = true;
		c->dup = e->acked.dup;
		c->seq = e->acked.seq;
		str_copy(c->id, sizeof c->id, e->acked.id);
		/* whoever is told should find it in the mirror */
		if (!is_coming && !c->is_over)
			call_done(c);
	}
	account_tell_outbox(a, e->acked.conv, e->acked.cid, OUTBOX_ACKED, e->acked.seq,
			e->acked.id, e->acked.dup, "", 0);
}

void
account_link_changed(struct account *a)
{
	enum link_state link = sync_link(a->sync);

	if (link == LINK_SYNCING || link == LINK_ONLINE)
		return;
	for (struct account_call *c = a->calls; c != NULL; c = c->next) {
		if (c->is_over || c->verb != VERB_SEND)
			continue;
		if (c->is_acked)
			call_done(c);
		else if (c->is_queued)
			account_queued(a, c);
	}
	account_room_link_lost(a);
}

void
account_fail_unstored(struct account *a)
{
	for (struct account_call *c = a->calls; c != NULL; c = c->next) {
		if (c->is_over || c->parked != NULL)
			continue;
		if (c->is_acked)
			call_done(c);
		else if ((c->verb == VERB_SEND && !c->is_queued) || c->token != 0)
			call_fail(c, ERR_FAIL, CODE_NONE, "%s", a->store_err.msg);
		else if (c->verb == VERB_FETCH || c->verb == VERB_SYNC)
			call_fail(c, ERR_FAIL, CODE_NONE, "%s", a->store_err.msg);
	}
}

/* --- the outbox --- */

struct spent { enum record_kind kind; char *ref, *body; size_t n; };

static void
take_spent(void *arg, const struct state_row *row)
{
	struct spent *s = arg;

	s->kind = row->kind;
	s->ref = xstrdup(row->ref);
	s->body = xstrndup(row->body, row->body_n);
	s->n = row->body_n;
}

static void
retry(struct account *a, struct account_call *c, const struct request *rq)
{
	struct sync_input in = { .type = IN_RETRY };
	struct spent spent = { .kind = REC_MSG };
	struct err err = { 0 };
	char cid[ID_SIZE];

	if (!state_row(a->reader, rq->cid, take_spent, &spent, &err) || spent.body == NULL) {
		call_fail(c, ERR_FAIL, CODE_NONE, "%s", err.msg[0] != '\0' ? err.msg
				: _("it is being stored: try again"));
	} else {
		id_make(&a->ids, (uint64_t)clock_wall_ms(), cid);
		in.retry.cid = rq->cid;
		in.retry.new_cid = cid;
		in.retry.kind = spent.kind;
		in.retry.ref = spent.ref;
		in.retry.body = spent.body;
		in.retry.body_n = spent.n;
		account_step(a, &in);
		call_done(c);
	}
	free(spent.ref);
	free(spent.body);
}

void
account_outbox(struct account *a, struct account_call *c, const struct request *rq)
{
	struct sync_input in = { .type = IN_DROP };
	struct sync_sending row;

	if (rq->cid == NULL || !sync_find_row(a->sync, rq->cid, &row)) {
		call_fail(c, ERR_REFUSED, CODE_NOT_FOUND, _("no row %s in the outbox"),
				rq->cid != NULL ? rq->cid : "");
		return;
	}
	str_copy(c->conv, sizeof c->conv, row.conv);
	if (rq->act != NULL && strcmp(rq->act, "retry") == 0) {
		retry(a, c, rq);
	} else if (rq->act != NULL && strcmp(rq->act, "drop") == 0) {
		call_cid(c, rq->cid);
		in.drop.cid = rq->cid;
		account_step(a, &in);
		/* One that may be at the server is gone only when that has answered. */
		if (sync_find_row(a->sync, rq->cid, &row) && !c->is_over)
			call_deadline(c, rq, sync_link(a->sync) == LINK_ONLINE ? DROP_MS : 1);
	} else {
		call_fail(c, ERR_USAGE, CODE_NONE, _("retry or drop?"));
	}
}
