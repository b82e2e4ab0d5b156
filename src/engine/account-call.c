/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests under way and their answers. Answers wait for the next turn of the loop, so nobody is
 * called back in the middle of a step, or of the request itself. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/map.h"
#include "base/mem.h"
#include "engine/account-impl.h"
#include "loop/loop.h"

#define SWEEP_MS 200

struct account_call *
call_new(struct account *a, enum verb verb, api_reply_fn *fn, void *arg)
{
	struct account_call *c = xcalloc(1, sizeof *c);

	c->a = a;
	c->verb = verb;
	c->fn = fn;
	c->arg = arg;
	c->next = a->calls;
	if (c->next != NULL)
		c->next->prev = c;
	a->calls = c;
	return c;
}

void
call_cid(struct account_call *c, const char *cid)
{
	str_copy(c->cid, sizeof c->cid, cid);
	c->same = map_put(c->a->by_cid, cid, c);
}

struct account_call *
call_of_cid(struct account *a, const char *cid)
{
	return map_get(a->by_cid, cid);
}

struct account_call *
call_of_tag(struct account *a, int64_t tag)
{
	for (struct account_call *c = a->calls; c != NULL; c = c->next)
		if (c->tag == tag && !c->is_over)
			return c;
	return NULL;
}

static void
unlist_cid(struct account_call *c)
{
	struct account_call *first = map_get(c->a->by_cid, c->cid), **at = &first;

	while (*at != NULL && *at != c)
		at = &(*at)->same;
	if (*at != NULL)
		*at = c->same;
	if (first != NULL)
		map_put(c->a->by_cid, c->cid, first);
	else
		map_del(c->a->by_cid, c->cid);
	c->cid[0] = '\0';
}

static void
parked_free(struct account_call *c)
{
	struct parked *p = c->parked;

	if (p == NULL)
		return;
	c->a->n_parked--;
	c->a->parked_bytes -= p->bytes;
	free(p);
	c->parked = NULL;
}

static void
call_free(struct account_call *c)
{
	struct account *a = c->a;

	if (c->cid[0] != '\0')
		unlist_cid(c);
	parked_free(c);
	account_verify_free(c->verify);
	free(c->rows);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		a->calls = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	free(c);
}

static void
deliver_one(struct account *a, struct answer *w)
{
	struct account_call *c = w->call;
	api_reply_fn *fn = c->fn;
	void *arg = c->arg;
	bool is_last = w->r.type == REPLY_DONE || w->r.type == REPLY_FAIL;

	c->answers--;
	if (is_last || (fn == NULL && c->answers == 0 && c->is_over))
		call_free(c);
	w->r.account = a->name;
	w->r.conv = w->conv;
	w->r.name = w->name;
	w->r.cid = w->cid;
	w->r.id = w->id;
	w->r.code = w->code;
	w->r.json = w->json;
	if (fn != NULL)
		fn(arg, &w->r);
	free(w->json);
	free(w);
}

static void
deliver(void *arg)
{
	struct account *a = arg;
	struct answer *w = a->first_answer, *end = NULL;

	a->soon = NULL;
	a->first_answer = NULL;
	a->last_answer = &a->first_answer;
	while (w != end) {
		struct answer *next = w->next;

		deliver_one(a, w);
		w = next;
	}
}

struct answer *
call_answer(struct account_call *c, enum reply_type type)
{
	struct account *a = c->a;
	struct answer *w = xcalloc(1, sizeof *w);
	struct sync_conv conv;

	w->call = c;
	w->r.type = type;
	w->r.seq = c->seq;
	w->r.dup = c->dup;
	str_copy(w->conv, sizeof w->conv, c->conv);
	str_copy(w->cid, sizeof w->cid, c->cid);
	str_copy(w->id, sizeof w->id, c->id);
	if (c->conv[0] != '\0' && sync_find(a->sync, c->conv, &conv))
		str_copy(w->name, sizeof w->name, conv.name);
	c->answers++;
	*a->last_answer = w;
	a->last_answer = &w->next;
	if (a->soon == NULL)
		a->soon = loop_timer_start(a->env.loop, 0, deliver, a);
	if (type == REPLY_DONE || type == REPLY_FAIL)
		c->is_over = true;
	return w;
}

void
call_done(struct account_call *c)
{
	call_answer(c, REPLY_DONE);
}

void
call_fail(struct account_call *c, enum err_kind kind, enum code code, const char *fmt, ...)
{
	struct answer *w = call_answer(c, REPLY_FAIL);
	va_list ap;

	w->r.err.kind = kind;
	va_start(ap, fmt);
	vsnprintf(w->r.err.msg, sizeof w->r.err.msg, fmt, ap);
	va_end(ap);
	str_copy(w->code, sizeof w->code, code_name(code));
}

void
call_json(struct account_call *c, char *json)
{
	call_answer(c, REPLY_DONE)->json = json;
}

void
account_call_cancel(struct account_call *c)
{
	if (c == NULL)
		return;
	c->fn = NULL;
	if (c->is_over)
		return;		/* freed with its last answer */
	if (c->tag != 0 && (c->verb == VERB_FETCH || c->verb == VERB_SYNC)) {
		struct sync_input in = { .type = IN_FETCH_CANCEL, .fetch.tag = c->tag };

		account_step(c->a, &in);
	}
	if (!c->is_over)
		call_done(c);
}

void
call_free_all(struct account *a)
{
	loop_timer_stop(a->soon);
	deliver(a);
	/* what was asked meanwhile, of an account that is closing, stays unanswered */
	loop_timer_stop(a->soon);
	a->soon = NULL;
	for (struct answer *w = a->first_answer, *next; w != NULL; w = next) {
		next = w->next;
		free(w->json);
		free(w);
	}
	for (struct account_call *c = a->calls, *next; c != NULL; c = next) {
		next = c->next;
		call_free(c);
	}
}

/* Gives up what was to be tried for so long only. */
static void
sweep(void *arg)
{
	struct account *a = arg;
	int64_t now = loop_now(a->env.loop);
	bool any = false;

	for (struct account_call *c = a->calls, *next; c != NULL; c = next) {
		next = c->next;
		if (c->deadline == 0 || c->is_over)
			continue;
		if (now < c->deadline) {
			any = true;
		} else if (c->verb == VERB_SEND && c->is_queued) {
			call_fail(c, ERR_QUEUED, CODE_NONE, _("queued: %s has not acknowledged it "
					"yet"), a->name);
		} else if (c->verb == VERB_OUTBOX) {
			call_fail(c, ERR_QUEUED, CODE_NONE, _("%s may have it already: it is "
					"withdrawn as soon as the server answers"), a->name);
		} else if (c->verb == VERB_SYNC && sync_link(a->sync) == LINK_ONLINE
				&& sync_outbox_waiting(a->sync) > 0) {
			call_fail(c, ERR_QUEUED, CODE_NONE, _("%s: messages are still queued"),
					a->name);
		} else {
			call_fail(c, ERR_NETWORK, CODE_NONE, _("%s: no answer in time%s%s"),
					a->name, sync_why(a->sync)[0] != '\0' ? ": " : "",
					sync_why(a->sync));
		}
	}
	if (any)
		return;
	loop_timer_stop(a->sweep);
	a->sweep = NULL;
}

void
call_sweep_start(struct account *a)
{
	if (a->sweep == NULL)
		a->sweep = loop_timer_repeat(a->env.loop, SWEEP_MS, sweep, a);
}

/* One block: the request, then its strings. */
static struct parked *
parked_new(const struct request *rq)
{
	const char *const *from[] = { &rq->account, &rq->target, &rq->text, &rq->body, &rq->ref,
		&rq->reply, &rq->cid, &rq->act, &rq->name, &rq->user, &rq->role, &rq->stream };
	size_t n = sizeof from / sizeof *from, bytes = sizeof(struct parked);
	struct parked *p;
	char *at;

	for (size_t i = 0; i < n; i++)
		if (*from[i] != NULL)
			bytes += (from[i] == &rq->text ? rq->text_n : strlen(*from[i])) + 1;
	p = xcalloc(1, bytes);
	p->rq = *rq;
	p->bytes = bytes;
	at = (char *)(p + 1);
	for (size_t i = 0; i < n; i++) {
		/* the same member of the copy */
		const char **to = (const char **)((char *)&p->rq + ((const char *)from[i]
				- (const char *)rq));
		size_t len;

		if (*from[i] == NULL)
			continue;
		len = from[i] == &rq->text ? rq->text_n : strlen(*from[i]);
		memcpy(at, *from[i], len);
		*to = at;
		at += len + 1;
	}
	return p;
}

static enum resolved
park(struct account *a, struct account_call *c, const struct request *rq)
{
	if (c->parked != NULL)
		return RESOLVE_LATER;
	if (a->n_parked >= ACCOUNT_PARKED_MAX || a->parked_bytes >= ACCOUNT_PARKED_BYTES) {
		call_fail(c, ERR_NETWORK, CODE_BUSY, _("%s: still connecting, and too much waits"),
				a->name);
		return RESOLVE_FAILED;
	}
	c->parked = parked_new(rq);
	a->n_parked++;
	a->parked_bytes += c->parked->bytes;
	return RESOLVE_LATER;
}

/* The heads are not here yet, but may be soon. */
static bool
is_on_its_way(const struct account *a)
{
	enum link_state link = sync_link(a->sync);

	return a->is_online && (link == LINK_OFFLINE || link == LINK_CONNECTING
			|| link == LINK_SYNCING);
}

/* target: nothing is known of it; NULL: it does not matter. */
static void
not_connected(struct account *a, struct account_call *c, const char *target)
{
	const char *why = sync_why(a->sync), *colon = why[0] != '\0' ? ": " : "";

	if (sync_link(a->sync) == LINK_STOPPED && sync_why_code(a->sync) == CODE_AUTH)
		call_fail(c, ERR_AUTH, CODE_AUTH, "%s: %s", a->name, why);
	else if (target != NULL)
		call_fail(c, ERR_NETWORK, CODE_NONE, _("%s: not connected, and nothing is known "
				"of %s%s%s"), a->name, target, colon, why);
	else
		call_fail(c, ERR_NETWORK, CODE_NONE, _("%s is not connected%s%s"), a->name, colon,
				why);
}

bool
account_can_ask(struct account *a, struct account_call *c, const struct request *rq, bool *later)
{
	*later = false;
	if (sync_has_heads(a->sync))
		return true;
	if (is_on_its_way(a)) {
		*later = true;
		return park(a, c, rq) == RESOLVE_LATER;
	}
	not_connected(a, c, NULL);
	return false;
}

void
call_deadline(struct account_call *c, const struct request *rq, int64_t otherwise_ms)
{
	if (c->deadline != 0)
		return;
	c->deadline = loop_now(c->a->env.loop) + (rq->timeout_ms > 0 ? rq->timeout_ms
		: otherwise_ms);
	call_sweep_start(c->a);
}

static enum resolved
unknown(struct account *a, struct account_call *c, const char *target)
{
	if (target[0] == '#')
		call_fail(c, ERR_REFUSED, CODE_NOT_FOUND, _("no room %s here, or you are no member "
				"of it"), target);
	else
		call_fail(c, ERR_REFUSED, CODE_NOT_FOUND, _("no conversation %s here"), target);
	(void)a;
	return RESOLVE_FAILED;
}

enum resolved
account_resolve(struct account *a, struct account_call *c, const struct request *rq,
		struct sync_conv *conv)
{
	const char *target = rq->target != NULL ? rq->target : "";
	bool is_known = target[0] != '\0' && sync_find(a->sync, target, conv);

	if (target[0] == '\0') {
		call_fail(c, ERR_USAGE, CODE_NONE, _("which conversation?"));
		return RESOLVE_FAILED;
	}
	if (is_known && !(conv->closed && sync_has_heads(a->sync) && rq->verb == VERB_SEND)) {
		str_copy(c->conv, sizeof c->conv, conv->conv);
		return RESOLVED;
	}
	if (sync_has_heads(a->sync)) {
		if (target[0] != '@' || target[1] == '\0')
			return unknown(a, c, target);
		if (park(a, c, rq) == RESOLVE_LATER && c->parked->tag == 0)
			account_direct(a, c, target + 1);
		return c->is_over ? RESOLVE_FAILED : RESOLVE_LATER;
	}
	if (is_on_its_way(a))
		return park(a, c, rq);
	not_connected(a, c, target);
	return RESOLVE_FAILED;
}

/* The heads are here, or will not come, or a conversation was made: in the order of asking. */
void
account_unpark(struct account *a)
{
	struct account_call *c = a->calls, *prev;

	a->wants_unpark = false;
	while (c != NULL && c->next != NULL)
		c = c->next;
	for (; c != NULL && a->n_parked > 0; c = prev) {
		struct parked *p = c->parked;

		prev = c->prev;
		if (p == NULL || c->is_over)
			continue;
		account_dispatch(a, c, &p->rq);
		/* Asked of the server, it must not be asked again (but for it, a person's
		 * conversation is being made first). */
		if (c->is_over || c->conv[0] != '\0' || (c->tag != 0 && p->tag == 0))
			parked_free(c);
	}
}
