/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a stored batch changed, told as events and as answers: nothing is visible before. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/account-impl.h"
#include "store/reader.h"

/* One conversation that changed, however often. */
struct told { const char *conv; int64_t lo, hi; bool live; };
struct tolds { struct told *v; size_t n, cap; };

static struct told *
told_of(struct tolds *t, const char *conv)
{
	struct told *one;

	/* changes of one conversation stand together, mostly */
	for (size_t i = t->n; i > 0 && i + 8 > t->n; i--)
		if (strcmp(t->v[i - 1].conv, conv) == 0)
			return &t->v[i - 1];
	one = arr_new(t);
	one->conv = conv;
	return one;
}

static void
told_range(struct told *t, int64_t lo, int64_t hi)
{
	if (t->hi == 0 || lo < t->lo)
		t->lo = lo;
	if (hi > t->hi)
		t->hi = hi;
}

struct telling { struct account *a; const struct told *t; };

static bool
emit_conv(void *arg, const struct conv_row *c)
{
	struct telling *telling = arg;
	const struct told *t = telling->t;
	struct account *a = telling->a;
	struct event ev = event_of_conv(a->name, c);

	ev.convs.changed_lo = t->lo;
	ev.convs.changed_hi = t->hi;
	ev.convs.live = t->live;
	a->env.emit(a->env.emit_arg, &ev);
	return true;
}

static void
tell_convs(struct account *a, const struct tolds *tolds)
{
	struct err err = { 0 };

	for (size_t i = 0; i < tolds->n; i++) {
		struct telling telling = { a, &tolds->v[i] };

		if (!reader_find(a->reader, tolds->v[i].conv, emit_conv, &telling, &err)
				&& err.kind != ERR_NONE)
			log_put(a->env.log, LOG_WARN, "account", "account=%s read=\"%s\"", a->name,
					err.msg);
	}
}

void
account_tell_outbox(struct account *a, const char *conv, const char *cid,
		enum outbox_state state, int64_t seq, const char *id, bool dup,
		const char *error, int64_t next_try_ms)
{
	struct event ev = { .type = EV_OUTBOX, .account = a->name, .conv = conv, .name = "" };
	struct sync_conv c;

	if (sync_find(a->sync, conv, &c))
		ev.name = c.name;
	ev.outbox.cid = cid;
	ev.outbox.error = error;
	ev.outbox.state = state;
	ev.outbox.next_try_ms = next_try_ms;
	ev.outbox.seq = seq;
	ev.outbox.id = id;
	ev.outbox.dup = dup;
	a->env.emit(a->env.emit_arg, &ev);
}

static void
tell_added(struct account *a, const struct change *ch)
{
	for (struct account_call *c = call_of_cid(a, ch->out_add.cid); c != NULL; c = c->same) {
		if (c->is_queued || c->is_over)
			continue;
		c->is_queued = true;
		call_answer(c, REPLY_QUEUED);
		account_queued(a, c);
	}
	account_tell_outbox(a, ch->conv, ch->out_add.cid, ch->out_add.state, 0, "", false, "", 0);
}

static void
tell_state(struct account *a, const struct change *ch)
{
	const char *error = ch->out_state.error;
	enum code code = CODE_NONE;

	code_parse(ch->out_state.code, &code);
	if (ch->out_state.state != OUTBOX_REFUSED && ch->out_state.state != OUTBOX_EXPIRED)
		return;		/* being sent is told by what follows */
	for (struct account_call *c = call_of_cid(a, ch->out_state.cid); c != NULL; c = c->same)
		if (!c->is_over)
			call_fail(c, ERR_REFUSED, code, "%s", error[0] != '\0' ? error
				: _("refused by the server"));
	account_tell_outbox(a, ch->conv, ch->out_state.cid, ch->out_state.state, 0, "", false,
			error, 0);
}

static void
tell_removed(struct account *a, const struct change *ch)
{
	bool is_acked = ch->out_remove.why == OUTBOX_ACKED, dup = false;

	for (struct account_call *c = call_of_cid(a, ch->out_remove.cid); c != NULL; c = c->same) {
		dup |= c->dup;
		if (c->is_over)
			continue;
		if (!is_acked && c->verb == VERB_SEND) {
			call_fail(c, ERR_REFUSED, CODE_EXPIRED, _("dropped from the outbox"));
			continue;
		}
		if (c->seq == 0)
			c->seq = ch->out_remove.seq;
		if (c->id[0] == '\0')
			str_copy(c->id, sizeof c->id, ch->out_remove.id);
		call_done(c);
	}
	account_tell_outbox(a, ch->conv, ch->out_remove.cid, ch->out_remove.why,
			ch->out_remove.seq, ch->out_remove.id, dup, "", 0);
}

void
account_tell(struct account *a, const struct batch *b)
{
	struct tolds tolds = { 0 };
	struct told *t;

	for (size_t i = 0; i < b->n; i++) {
		const struct change *ch = &b->v[i];

		switch (ch->type) {
		case CHANGE_RECORDS:
			t = told_of(&tolds, ch->conv);
			told_range(t, ch->records.lo, ch->records.hi);
			t->live |= ch->records.live;
			break;
		case CHANGE_REBASE:
			told_range(told_of(&tolds, ch->conv), 0, INT64_MAX);
			break;
		case CHANGE_HEAD:
		case CHANGE_READ:
		case CHANGE_CLOSED:
			told_of(&tolds, ch->conv);
			break;
		case CHANGE_OUT_ADD:
			tell_added(a, ch);
			break;
		case CHANGE_OUT_STATE:
			tell_state(a, ch);
			break;
		case CHANGE_OUT_REMOVE:
			tell_removed(a, ch);
			break;
		case CHANGE_LANE_SHIFT:
		case CHANGE_LANE_RESET:
		case CHANGE_DRAFT:
		case CHANGE_META:
		case CHANGE_IMPORT:	/* of the archive alone */
			break;
		}
	}
	tell_convs(a, &tolds);
	arr_done(&tolds);
}
