/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain mode: the conversation that is open, and what is new in the others. */
#include "front/plain.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "cmds/history.h"
#include "cmds/target.h"
#include "control/api.h"
#include "front/place.h"

#define LOBBY "#lobby"
#define SHOWN 20		/* rows of history that opening shows */
#define TOLD_MAX 1000		/* conversations whose counts are remembered */

static const unsigned kinds = 1u << REC_MSG | 1u << REC_EDIT | 1u << REC_DELETE |
		1u << REC_TOPIC | 1u << REC_AI_END | 1u << REC_MEMBER | 1u << REC_ACTION;

/* Read marks */

static void
on_marked(void *arg, const struct reply *r)
{
	struct plain *p = arg;

	if (r->type == REPLY_DONE || r->type == REPLY_FAIL)
		p->mark_call = NULL;
}

/* What was printed is read. While a mark is on its way the next piece tells the newest. */
static void
mark(struct plain *p)
{
	const struct target *t = &p->follow->target;
	struct request rq = { .verb = VERB_MARK, .account = t->account, .target = t->conv,
		.seq = p->follow->cursor };
	struct api *api = p->front->ctx->api;

	if (!api || p->mark_call || rq.seq <= p->marked || rq.seq <= t->row.read)
		return;
	p->marked = rq.seq;
	p->mark_call = api_call(api, &rq, on_marked, p);
}

/* Rows */

static void
on_row(void *arg, struct follow *f, const struct message *m)
{
	struct plain *p = arg;

	if (kinds & 1u << m->kind)
		print_row(&p->printer, f->target.account, &f->target.row, m);
}

static bool
on_piece(void *arg, struct follow *f)
{
	struct plain *p = arg;

	(void)f;
	print_flush(&p->printer);
	mark(p);
	return true;
}

static void
on_gap(void *arg, struct follow *f, const struct gap *g)
{
	struct plain *p = arg;

	print_gap(&p->printer, &f->target.row, g);
}

static void
close_talk(struct plain *p)
{
	struct cmd_ctx *ctx = p->front->ctx;

	if (!p->follow)
		return;
	if (p->mark_call)
		ctx->api->ops->cancel(p->mark_call);
	p->mark_call = NULL;
	p->marked = 0;
	ctx->here = ctx->target = NULL;
	print_done(&p->printer);
	follow_free(p->follow);
	p->follow = NULL;
}

static void
on_failed(void *arg, struct follow *f, const struct err *err)
{
	struct plain *p = arg;
	char *text = err->kind == ERR_NONE ? xasprintf(_("there is no %s here any more"),
			print_name(&f->target.row)) : xstrdup(err->msg);

	plain_say(p, text);
	free(text);
	close_talk(p);
	plain_prompt(p, "> ");
}

static const struct follow_ops ops = {
	.row = on_row, .piece = on_piece, .gap = on_gap, .failed = on_failed
};

static void
say_where(struct plain *p, const struct conv_row *c)
{
	char *text = *c->topic ? xasprintf("%s: %s", print_name(c), c->topic)
			: xstrdup(print_name(c));

	plain_say(p, text);
	if (c->head == 0)
		plain_say(p, _("No messages yet. Write one, or /help for help."));
	free(text);
}

static void
set_prompt(struct plain *p, const char *name)
{
	struct safe_text safe = text_name(name, strlen(name));
	char *prompt = xasprintf("%s> ", safe.p);

	plain_prompt(p, prompt);
	free(prompt);
	text_done(&safe);
}

static void
remember_last(struct plain *p)
{
	if (!p->follow)
		return;
	free(p->last_account);
	free(p->last_conv);
	p->last_account = xstrdup(p->follow->target.account);
	p->last_conv = xstrdup(p->follow->target.conv);
}

static bool
find(struct plain *p, const char *account, const char *name, struct target *t, struct err *err)
{
	struct cmd_ctx *ctx = p->front->ctx;
	const char *asked = ctx->account;
	bool ok;

	ctx->account = account ? account : asked;
	ok = target_find(ctx, name, t, err);
	ctx->account = asked;
	return ok;
}

bool
plain_go(struct plain *p, const char *account, const char *name, struct err *err)
{
	struct history_range newest = { .n = SHOWN };
	struct cmd_ctx *ctx = p->front->ctx;
	struct target t;
	int64_t top;

	if (!find(p, account, name, &t, err))
		return false;
	remember_last(p);
	close_talk(p);
	say_where(p, &t.row);
	top = newest.hi = t.row.top;
	if (top > 0 && !history_print(&p->here, &t, &newest, false, err)) {
		target_done(&t);
		return false;
	}
	print_init(&p->printer, &p->here, false);
	p->follow = follow_new(ctx, &t, top, &ops, p);
	ctx->here = p->follow->target.account;
	ctx->target = p->follow->target.conv;
	set_prompt(p, print_name(&p->follow->target.row));
	place_write(&p->front->paths, ctx->here, ctx->target);
	free(p->wanted);
	p->wanted = NULL;
	p->has_link = false;
	return true;
}

void
plain_settle(struct plain *p)
{
	struct place place;
	struct err err;
	bool ok = p->wanted && plain_go(p, NULL, p->wanted, &err);

	if (ok || p->follow)
		return;
	place_read(&p->front->paths, &place);
	ok = place.conv && (!p->front->opt.account ||
			strcmp(place.account, p->front->opt.account) == 0) &&
			plain_go(p, place.account, place.conv, &err);
	place_done(&place);
	if (!ok)
		plain_go(p, NULL, LOBBY, &err);
}

/* What is new elsewhere */

static struct plain_told *
told_of(struct plain *p, const struct event *ev)
{
	for (size_t i = 0; i < p->told.n; i++) {
		struct plain_told *t = &p->told.v[i];

		if (strcmp(t->conv, ev->conv) == 0 && strcmp(t->account, ev->account) == 0)
			return t;
	}
	if (p->told.n == TOLD_MAX)
		return NULL;
	arr_push(&p->told, ((struct plain_told){ xstrdup(ev->account), xstrdup(ev->conv), 0, 0 }));
	return &p->told.v[p->told.n - 1];
}

/* A mention, or a message to oneself, is worth a line; the rest is what /unread says. */
static void
tell_news(struct plain *p, const struct event *ev)
{
	struct plain_told *t = told_of(p, ev);
	bool is_direct = ev->convs.kind == CONV_DIRECT;
	int64_t n = is_direct ? ev->convs.unread : ev->convs.mentions;
	char *text;

	if (!t)
		return;
	if (n > (is_direct ? t->unread : t->mentions)) {
		text = is_direct
			? xasprintf(ngettext("%lld unread message from %s (/go %s)",
				"%lld unread messages from %s (/go %s)", n), (long long)n,
				ev->name, ev->name)
			: xasprintf(ngettext("%lld mention of you in %s (/go %s)",
				"%lld mentions of you in %s (/go %s)", n), (long long)n, ev->name,
				ev->name);
		plain_say(p, text);
		free(text);
	}
	t->unread = ev->convs.unread;
	t->mentions = ev->convs.mentions;
}

/* The connection */

static void
tell_link(struct plain *p, const struct event *ev)
{
	bool was_online = p->has_link && p->link == LINK_ONLINE;
	char *text = NULL;

	if (p->has_link && ev->link.state == p->link)
		return;
	if (ev->link.state == LINK_ONLINE)
		text = xasprintf(_("online as %s"), ev->link.user);
	else if (ev->link.state == LINK_STOPPED)
		text = xasprintf(_("offline: %s"), ev->link.why);
	else if (ev->link.state == LINK_WAITING && (was_online || !p->has_link))
		text = xasprintf(_("offline: %s; trying again"), ev->link.why);
	else
		return;		/* on the way to one of these */
	p->has_link = true;
	p->link = ev->link.state;
	plain_say(p, text);
	free(text);
}

static bool
is_here(const struct plain *p, const struct event *ev)
{
	return p->follow && strcmp(ev->conv, p->follow->target.conv) == 0 &&
			strcmp(ev->account, p->follow->target.account) == 0;
}

static void
on_link(struct plain *p, const struct event *ev)
{
	bool ours = p->follow && strcmp(ev->account, p->follow->target.account) == 0;

	if (ours && ev->link.state == LINK_ONLINE)
		follow_poke(p->follow);
	if (ours || !p->follow)
		tell_link(p, ev);
}

void
plain_event(void *arg, const struct event *ev)
{
	struct plain *p = arg;

	switch (ev->type) {
	case EV_LINK:
		on_link(p, ev);
		break;
	case EV_MIRROR:
		if (p->follow)
			follow_poke(p->follow);
		plain_settle(p);
		break;
	case EV_CONV:
		if (is_here(p, ev))
			follow_poke(p->follow);
		else if (p->follow)
			tell_news(p, ev);
		plain_settle(p);
		break;
	case EV_NOTICE:
		plain_say(p, ev->notice.text);
		break;
	default:
		break;		/* what moves on a screen */
	}
}

void
plain_talk_end(struct plain *p)
{
	close_talk(p);
	for (size_t i = 0; i < p->told.n; i++) {
		free(p->told.v[i].account);
		free(p->told.v[i].conv);
	}
	arr_done(&p->told);
	free(p->wanted);
	free(p->last_account);
	free(p->last_conv);
}
