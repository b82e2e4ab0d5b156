/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An account from its opening to its end. */
#include "engine/account.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/map.h"
#include "base/mem.h"
#include "engine/account-impl.h"
#include "loop/loop.h"
#include "store/reader.h"
#include "store/writer.h"

static void
account_free(struct account *a)
{
	call_free_all(a);
	if (a->dial != NULL)
		a->dial->a = NULL;
	if (a->link != NULL)
		a->driver->close(a->link);
	loop_timer_stop(a->timer);
	loop_timer_stop(a->sweep);
	loop_timer_stop(a->again);
	reader_close(a->reader);
	writer_close(a->writer);
	loop_wake_stop(a->stored);
	sync_free(a->sync);
	sync_effects_done(&a->fx);
	map_free(a->by_cid, NULL);
	free(a->mirror);
	free(a->name);
	free(a->url);
	free(a->cafile);
	free(a->proxy);
	free(a->token);
	free(a->dir);
	free(a);
}

static bool
open_link(struct account *a, struct err *err)
{
	struct driver_env env = { .ws = a->env.ws, .url = a->url, .cafile = a->cafile,
		.proxy = a->proxy, .agent = a->env.agent, .up = account_on_up,
		.aside = account_on_aside, .arg = a };

	a->driver = driver_for(a->env.drivers, a->url, err);
	if (a->driver == NULL)
		return false;
	a->link = a->driver->open(&env, err);
	return a->link != NULL;
}

struct account *
account_open(const struct account_env *env, const struct account_conf *conf, struct err *err)
{
	struct account *a = xcalloc(1, sizeof *a);

	a->env = *env;
	a->name = xstrdup(conf->name);
	a->url = xstrdup(conf->url);
	a->cafile = xstrdup(conf->cafile);
	a->proxy = xstrdup(conf->proxy);
	a->token = xstrdup(conf->token);
	a->dir = xstrdup(conf->dir);
	a->before_dial = conf->before_dial;
	a->before_dial_arg = conf->before_dial_arg;
	a->last_answer = &a->first_answer;
	a->by_cid = map_new();
	a->next_tag = TAG_ASIDE;
	a->stored = loop_wake_start(env->loop, account_on_stored, a);
	if (!open_link(a, err) || !account_load(a, err)) {
		err_wrap(err, "%s", conf->name);
		account_free(a);
		return NULL;
	}
	return a;
}

/* The commit in hand is finished by writer_close. */
static void
close_now(void *arg)
{
	struct account *a = arg;
	void (*closed)(void *arg) = a->closed;
	void *closed_arg = a->closed_arg;

	a->closing = NULL;
	account_free(a);
	if (closed != NULL)
		closed(closed_arg);
}

void
account_close(struct account *a, void (*closed)(void *arg), void *arg)
{
	a->closed = closed;
	a->closed_arg = arg;
	for (struct account_call *c = a->calls; c != NULL; c = c->next)
		if (!c->is_over)
			call_fail(c, c->is_queued ? ERR_QUEUED : ERR_FAIL, CODE_NONE,
					_("%s is being closed"), a->name);
	a->is_closing = true;
	a->closing = loop_timer_start(a->env.loop, 0, close_now, a);
}

const char *
account_name(const struct account *a)
{
	return a->name;
}

void
account_online(struct account *a, bool online)
{
	struct sync_input in = { .type = IN_ONLINE, .online = online };

	a->is_online = online;
	if (a->again == NULL)	/* else when the pause after a failure is over */
		account_step(a, &in);
}

void
account_wake(struct account *a)
{
	struct sync_input in = { .type = IN_WAKE };

	account_step(a, &in);
}

void
account_token(struct account *a, const char *token)
{
	struct sync_input in = { .type = IN_TOKEN };

	free(a->token);
	a->token = xstrdup(token);
	/* Asked for on the way to the server, it is only kept: the attempt goes on with it. */
	if (!a->is_stepping)
		account_step(a, &in);
}

void
account_dispatch(struct account *a, struct account_call *c, const struct request *rq)
{
	switch (c->verb) {
	case VERB_SEND:
		account_send(a, c, rq);
		break;
	case VERB_FETCH:
		account_fetch(a, c, rq);
		break;
	case VERB_ROOM:
		account_room(a, c, rq);
		break;
	case VERB_MARK:
		account_mark(a, c, rq);
		break;
	case VERB_TYPING:
		account_typing(a, c, rq);
		break;
	case VERB_SYNC:
		account_sync(a, c, rq);
		break;
	case VERB_OUTBOX:
		account_outbox(a, c, rq);
		break;
	case VERB_DRAFT:
		account_draft(a, c, rq);
		break;
	case VERB_STATUS:
		account_status(a, c);
		break;
	case VERB_VERIFY:
		account_verify(a, c, rq);
		break;
	case VERB_STREAM:
		account_stream(a, c, rq);
		break;
	default:
		call_fail(c, ERR_USAGE, CODE_NONE, _("not for an account"));
	}
}

struct account_call *
account_request(struct account *a, const struct request *rq, api_reply_fn *fn, void *arg)
{
	struct account_call *c = call_new(a, rq->verb, fn, arg);

	if (a->is_closing)
		call_fail(c, ERR_FAIL, CODE_NONE, _("%s is being closed"), a->name);
	else if (a->writer == NULL)
		call_fail(c, ERR_FAIL, CODE_NONE, "%s: %s", a->name, a->store_err.msg);
	else
		account_dispatch(a, c, rq);
	return c;
}

bool
account_has_target(const struct account *a, const char *target)
{
	struct sync_conv conv;

	return sync_find(a->sync, target, &conv);
}

bool
account_is_idle(const struct account *a)
{
	return sync_outbox_waiting(a->sync) == 0 && a->n_streams == 0;
}
