/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One record on its way. */
#include "cmds/sending.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "cmds/target.h"

struct sending {
	struct cmd_run *run;
	struct request rq;		/* strings owned */
	struct api_call *call;
	struct cmd_later *limit;
	struct buf in;			/* standard input, while it is read */
	int64_t timeout_ms;
	struct err refusal;
	bool is_reading, is_queued, is_late;
};

int64_t
sending_timeout_ms(const struct cmd_run *r)
{
	if (args_has(&r->args, "no-wait") || r->ctx->offline)
		return 0;
	return args_int(&r->args, "timeout", SENDING_TIMEOUT) * 1000;
}

void
sending_result(struct buf *b, bool is_json, const struct reply *reply)
{
	const char *name = reply->name && *reply->name ? reply->name : reply->conv;

	if (!is_json) {
		buf_addf(b, "%s %lld\n", name ? name : "", (long long)reply->seq);
		return;
	}
	buf_addc(b, '{');
	print_member(b, "conv", reply->conv ? reply->conv : "");
	print_member(b, "name", reply->name ? reply->name : "");
	print_number(b, "seq", reply->seq);
	print_member(b, "id", reply->id ? reply->id : "");
	print_member(b, "cid", reply->cid ? reply->cid : "");
	print_bool(b, "dup", reply->dup);
	buf_adds(b, "}\n");
}

char *
sending_words(const struct cmd_run *r, size_t i)
{
	struct buf b;

	buf_init(&b, SENDING_TEXT_MAX + 1);
	for (size_t first = i; i < r->args.rest.n; i++) {
		if (i > first)
			buf_addc(&b, ' ');
		if (!buf_adds(&b, r->args.rest.v[i]))
			break;
	}
	buf_adds(&b, "");
	return b.p ? buf_take(&b) : xstrdup("");
}

bool
sending_check(const char *text, size_t n, struct err *err)
{
	const char *nul = memchr(text, '\0', n);
	size_t bad;

	if (n == 0)
		return err_set(err, ERR_USAGE, _("the message is empty"));
	if (n > SENDING_TEXT_MAX)
		return err_set(err, ERR_USAGE, _("too long: a message may have %u KiB"),
				SENDING_TEXT_MAX >> 10);
	if (!utf8_valid(text, n, &bad))
		return err_set(err, ERR_USAGE, _("invalid UTF-8 at byte %zu"), bad);
	if (nul)
		return err_set(err, ERR_USAGE, _("a NUL at byte %zu"), (size_t)(nul - text));
	return true;
}

static void
finish(struct sending *s, const struct err *err)
{
	struct cmd_run *r = s->run;
	struct err copy = { ERR_NONE, "" };

	if (err)
		copy = *err;

	if (s->call)
		r->ctx->api->ops->cancel(s->call);
	if (s->is_reading)
		r->ctx->stdin_stop(r->ctx);
	buf_done(&s->in);
	r->ctx->later_stop(s->limit);
	free((char *)s->rq.account);
	free((char *)s->rq.target);
	free((char *)s->rq.text);
	free((char *)s->rq.body);
	free((char *)s->rq.ref);
	free((char *)s->rq.reply);
	free((char *)s->rq.cid);
	free(s);
	r->state = NULL;
	cmd_done(r, &copy);
}

static void
finish_queued(struct sending *s)
{
	struct err err;

	err_set(&err, ERR_QUEUED, _("queued: it goes out when the server is there"));
	finish(s, &err);
}

static void
on_limit(void *arg)
{
	struct sending *s = arg;

	s->limit = NULL;
	s->is_late = true;
	/* What is not yet durable is waited for: 75 must be true. */
	if (s->is_queued)
		finish_queued(s);
}

static void
on_done(struct sending *s, const struct reply *reply)
{
	struct err err = { ERR_PIPE, "" };
	struct buf b;
	bool ok;

	buf_init(&b, 4096);
	sending_result(&b, s->run->ctx->json, reply);
	ok = print_result(s->run, &b);
	buf_done(&b);
	finish(s, ok ? NULL : &err);
}

static void
on_dropped(void *arg, const struct reply *reply)
{
	struct sending *s = arg;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	s->call = NULL;
	finish(s, &s->refusal);
}

/* On the screen a refused row stays, to be tried again or given up. Here it was told to whoever
 * waits, and nothing is left behind. */
static void
on_fail(struct sending *s, const struct reply *reply)
{
	struct request rq = { .verb = VERB_OUTBOX, .act = "drop", .account = reply->account,
		.cid = reply->cid };

	s->call = NULL;
	s->refusal = reply->err;
	if (reply->err.kind == ERR_REFUSED && s->is_queued && !s->run->ctx->is_screen)
		s->call = api_call(s->run->ctx->api, &rq, on_dropped, s);
	else
		finish(s, &s->refusal);
}

static void
on_reply(void *arg, const struct reply *reply)
{
	struct sending *s = arg;

	switch (reply->type) {
	case REPLY_PROGRESS:
		break;
	case REPLY_QUEUED:
		s->is_queued = true;
		if (s->is_late || s->timeout_ms == 0)
			finish_queued(s);
		break;
	case REPLY_DONE:
		s->call = NULL;
		on_done(s, reply);
		break;
	case REPLY_FAIL:
		on_fail(s, reply);
		break;
	}
}

static void
ask(struct sending *s)
{
	struct cmd_ctx *ctx = s->run->ctx;

	s->call = api_call(ctx->api, &s->rq, on_reply, s);
	if (s->timeout_ms > 0)
		s->limit = ctx->later(ctx, s->timeout_ms, on_limit, s);
}

static void
on_direct(void *arg, const struct reply *reply)
{
	struct sending *s = arg;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	s->call = NULL;
	if (reply->type == REPLY_FAIL) {
		finish(s, &reply->err);
		return;
	}
	if (reply->conv) {
		free((char *)s->rq.target);
		s->rq.target = xstrdup(reply->conv);
	}
	if (reply->account && !s->rq.account)
		s->rq.account = xstrdup(reply->account);
	ask(s);
}

/* Opens the conversation with a person. */
static void
ask_direct(struct sending *s)
{
	struct request rq = { .verb = VERB_ROOM, .act = "direct", .account = s->rq.account,
		.user = s->rq.target + 1, .timeout_ms = s->timeout_ms };

	s->call = api_call(s->run->ctx->api, &rq, on_direct, s);
}

/* Does the person have no conversation yet? */
static bool
is_new_person(struct sending *s)
{
	struct target t;
	struct err err;

	if (s->rq.target[0] != '@')
		return false;
	if (!target_find(s->run->ctx, s->rq.target, &t, &err))
		return true;
	target_done(&t);
	return false;
}

/* The account of the conversation, where more than one may have such a name. */
static char *
account_of(struct cmd_run *r, const struct request *rq)
{
	struct target t;
	char *account = NULL;
	struct err err;

	if (rq->account || r->ctx->account)
		return xstrdup(rq->account ? rq->account : r->ctx->account);
	if (r->ctx->here && target_find(r->ctx, rq->target, &t, &err)) {
		account = xstrdup(t.account);
		target_done(&t);
	}
	return account;
}

static struct sending *
begin(struct cmd_run *r, const struct request *rq)
{
	struct sending *s = xcalloc(1, sizeof *s);

	r->state = s;
	s->run = r;
	s->timeout_ms = sending_timeout_ms(r);
	s->rq = *rq;
	s->rq.verb = VERB_SEND;
	s->rq.account = account_of(r, rq);
	s->rq.target = xstrdup(rq->target);
	s->rq.text = rq->text ? xstrndup(rq->text, rq->text_n) : NULL;
	s->rq.body = xstrdup(rq->body);
	s->rq.ref = xstrdup(rq->ref);
	s->rq.reply = xstrdup(rq->reply);
	s->rq.cid = xstrdup(rq->cid);
	buf_init(&s->in, SENDING_TEXT_MAX + 2);
	return s;
}

static void
go(struct sending *s)
{
	struct err err;

	if (s->rq.text && !sending_check(s->rq.text, s->rq.text_n, &err))
		finish(s, &err);
	else if (is_new_person(s))
		ask_direct(s);
	else
		ask(s);
}

void
sending_start(struct cmd_run *r, const struct request *rq)
{
	go(begin(r, rq));
}

static bool
on_stdin(void *arg, const char *p, size_t n)
{
	struct sending *s = arg;
	struct err err;

	if (n > 0 && buf_add(&s->in, p, n))
		return true;
	if (n > 0) {
		err_set(&err, ERR_USAGE,
				_("too long: standard input is more than a message may have"));
		finish(s, &err);
		return false;
	}
	s->run->ctx->stdin_stop(s->run->ctx);
	s->is_reading = false;
	if (s->in.n > 0 && s->in.p[s->in.n - 1] == '\n')
		buf_cut(&s->in, s->in.n - 1);
	s->rq.text_n = s->in.n;
	s->rq.text = s->in.p ? buf_take(&s->in) : xstrdup("");
	go(s);
	return false;
}

void
sending_start_stdin(struct cmd_run *r, const struct request *rq)
{
	struct sending *s = begin(r, rq);

	s->is_reading = true;
	r->ctx->stdin_start(r->ctx, on_stdin, s);
}

void
sending_stop(struct cmd_run *r, int signum)
{
	struct sending *s = r->state;
	struct err err;

	err_set(&err, ERR_INTERRUPT, "%s", s->is_queued ?
			_("queued: it goes out when the server is there") : "");
	err.kind = (enum err_kind)(128 + signum);
	finish(s, &err);
}
