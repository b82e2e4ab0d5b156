/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small verbs: read marks, drafts, typing, streams, the status. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "engine/account-impl.h"

#define TYPING_MS 6000
#define TAIL_MS 600000
#define STOP_MS 10000
#define STATUS_MAX 4096

void
account_stored_calls(struct account *a)
{
	size_t left = 0;

	if (a->n_tokens == 0)
		return;
	for (struct account_call *c = a->calls; c != NULL; c = c->next) {
		if (c->token == 0 || c->is_over)
			continue;
		if (sync_stored(a->sync) >= c->token)
			call_done(c);
		else
			left++;
	}
	a->n_tokens = left;
}

static void
call_wait(struct account_call *c, uint64_t token)
{
	c->token = token;
	c->a->n_tokens++;
	account_stored_calls(c->a);
}

void
call_step(struct account *a, struct account_call *c, struct sync_input *in)
{
	size_t before = sync_gathering_bytes(a->sync);
	uint64_t token = sync_gathering(a->sync);

	account_step(a, in);
	if (c->is_over)
		return;
	if (sync_gathering(a->sync) == token && sync_gathering_bytes(a->sync) == before)
		call_done(c);
	else
		call_wait(c, token);
}

void
account_mark(struct account *a, struct account_call *c, const struct request *rq)
{
	struct sync_input in = { .type = IN_MARK };
	struct sync_conv conv;

	if (account_resolve(a, c, rq, &conv) != RESOLVED)
		return;
	in.mark.conv = c->conv;
	in.mark.seq = rq->seq > 0 ? rq->seq : conv.head;
	c->seq = in.mark.seq;
	call_step(a, c, &in);
}

void
account_draft(struct account *a, struct account_call *c, const struct request *rq)
{
	struct sync_input in = { .type = IN_DRAFT };
	struct sync_conv conv;
	char *text;

	if (account_resolve(a, c, rq, &conv) != RESOLVED)
		return;
	if ((int64_t)rq->text_n > sync_limits(a->sync)->body) {
		call_fail(c, ERR_USAGE, CODE_TOO_LARGE, _("the draft is too long"));
		return;
	}
	text = xstrndup(rq->text != NULL ? rq->text : "", rq->text_n);
	in.draft.conv = c->conv;
	in.draft.draft.text = text;
	in.draft.draft.cursor = rq->cursor;
	in.draft.draft.reply = rq->reply != NULL ? rq->reply : "";
	in.draft.draft.edit = rq->ref != NULL ? rq->ref : "";
	call_step(a, c, &in);
	free(text);
}

void
account_typing(struct account *a, struct account_call *c, const struct request *rq)
{
	struct sync_conv conv;

	if (account_resolve(a, c, rq, &conv) != RESOLVED)
		return;
	if (sync_has_heads(a->sync) && conv.ready)
		a->driver->typing(a->link, c->conv, TYPING_MS);
	call_done(c);
}

static int
by_size(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return a < b ? -1 : a > b;
}

static void
put_latency(const struct account *a, struct buf *b)
{
	int64_t sorted[ACCOUNT_LATENCIES];
	size_t n = a->n_latency < ACCOUNT_LATENCIES ? a->n_latency : ACCOUNT_LATENCIES;

	if (n == 0) {
		buf_adds(b, ",\"latency\":null");
		return;
	}
	memcpy(sorted, a->latency, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, by_size);
	buf_addf(b, ",\"latency\":{\"p50\":%lld,\"p95\":%lld,\"p99\":%lld,\"n\":%zu}",
			(long long)sorted[n / 2], (long long)sorted[n * 95 / 100],
			(long long)sorted[n * 99 / 100], n);
}

static void
put_text(struct buf *b, const char *key, const char *value)
{
	buf_addf(b, "%c\"%s\":", b->n == 0 ? '{' : ',', key);
	json_add_string(b, value, strlen(value));
}

void
account_status(struct account *a, struct account_call *c)
{
	struct buf b;
	size_t rooms = 0;
	struct sync_conv conv;

	while (sync_conv_at(a->sync, rooms, &conv))
		rooms++;
	buf_init(&b, STATUS_MAX);
	put_text(&b, "account", a->name);
	put_text(&b, "state", link_state_name(sync_link(a->sync)));
	put_text(&b, "why", sync_why(a->sync));
	put_text(&b, "user", sync_user(a->sync));
	put_text(&b, "device", sync_device(a->sync));
	put_text(&b, "server", a->url);
	put_text(&b, "version", strchr(a->env.agent, '/') ? strchr(a->env.agent, '/') + 1 : "");
	put_text(&b, "store", a->writer != NULL && a->reload_ms == 0 ? "" : a->store_err.msg);
	put_text(&b, "notice", a->notice);
	put_latency(a, &b);
	buf_addf(&b, ",\"retry_ms\":%lld,\"skew_ms\":%lld", (long long)sync_retry_ms(a->sync),
			(long long)a->skew_ms);
	buf_addf(&b, ",\"outbox\":%zu,\"refused\":%zu,\"conversations\":%zu,"
			"\"caught_up\":%s}",
			sync_outbox_waiting(a->sync),
			sync_outbox_rows(a->sync) - sync_outbox_waiting(a->sync), rooms,
			sync_is_caught_up(a->sync) ? "true" : "false");
	call_json(c, buf_take(&b));
}

/* Records of a stream go the way of every message. */
static void
stream_record(struct account *a, struct account_call *c, const struct request *rq,
		enum record_kind kind)
{
	struct request send = *rq;

	send.verb = c->verb = VERB_SEND;
	send.kind = kind;
	if (kind == REC_AI_START && c->parked == NULL)
		a->n_streams++;
	if (kind == REC_AI_END && c->parked == NULL && a->n_streams > 0)
		a->n_streams--;
	account_send(a, c, &send);
}

void
account_stream(struct account *a, struct account_call *c, const struct request *rq)
{
	struct aside delta = { .type = ASIDE_DELTA, .re = -1, .from = "" };
	const char *act = rq->act != NULL ? rq->act : "";
	const char *channel = rq->name != NULL ? rq->name : "text";
	struct sync_conv conv;
	bool later;

	if (strcmp(act, "start") == 0) {
		stream_record(a, c, rq, REC_AI_START);
		return;
	}
	if (strcmp(act, "end") == 0) {
		stream_record(a, c, rq, REC_AI_END);
		return;
	}
	if (!account_can_ask(a, c, rq, &later) || later
			|| account_resolve(a, c, rq, &conv) != RESOLVED)
		return;
	c->tag = a->next_tag++;
	if (strcmp(act, "delta") == 0) {
		delta.conv = c->conv;
		delta.delta.stream = rq->stream;
		delta.delta.channel = channel;
		delta.delta.off = rq->off;
		delta.delta.text = rq->text;
		delta.delta.text_n = rq->text_n;
		a->driver->delta(a->link, c->tag, &delta);
		call_done(c);	/* the server says nothing when it is taken */
	} else if (strcmp(act, "tail") == 0) {
		call_deadline(c, rq, TAIL_MS);
		a->driver->tail(a->link, c->tag, c->conv, rq->stream, channel, rq->off);
	} else if (strcmp(act, "stop") == 0) {
		call_deadline(c, rq, STOP_MS);
		a->driver->stop(a->link, c->tag, c->conv, rq->stream);
	} else {
		call_fail(c, ERR_USAGE, CODE_NONE, _("start, delta, end, tail or stop?"));
	}
}
