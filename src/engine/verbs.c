/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fronts ask: of the engine itself, else of an account. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "control/codec.h"
#include "engine/archive.h"
#include "engine/engine.h"

#define STATUS_MAX (256u << 10)

/* A call of a front at an account. */
struct errand {
	struct serve_call *call;
	struct account_call *there;
	struct archive_call *filed;	/* instead, at the archive */
	struct engine *engine;
	char *account;
};

static void
refuse(struct serve_call *c, const struct err *err)
{
	struct reply reply = { .type = REPLY_FAIL, .err = *err };

	serve_reply(c, &reply);
}

static void
add_member(struct buf *b, const struct member *m)
{
	const struct event *ev = m->link;

	buf_adds(b, "{\"name\":");
	json_add_string(b, m->name, strlen(m->name));
	buf_adds(b, ",\"url\":");
	json_add_string(b, m->url, strlen(m->url));
	buf_addf(b, ",\"state\":\"%s\",\"why\":",
			link_state_name(ev ? ev->link.state : LINK_OFFLINE));
	json_add_string(b, ev ? ev->link.why : "", ev ? strlen(ev->link.why) : 0);
	buf_adds(b, "}");
}

static void
status(struct engine *e, struct serve_call *c)
{
	struct reply reply = { .type = REPLY_DONE };
	struct buf b;

	buf_init(&b, STATUS_MAX);
	buf_addf(&b, "{\"version\":\"%s\",\"control\":%d,\"pid\":%ld,\"uptime\":%lld,"
			"\"fronts\":%zu,\"online\":%s,\"data\":", PACKAGE_VERSION, CONTROL_VERSION,
			(long)getpid(), (long long)(clock_mono_ms() - e->started_ms) / 1000,
			serve_count(e->serve), e->is_online ? "true" : "false");
	json_add_string(&b, e->paths.data, strlen(e->paths.data));
	buf_adds(&b, ",\"config\":");
	json_add_string(&b, e->config, strlen(e->config));
	buf_adds(&b, ",\"accounts\":[");
	for (size_t i = 0; i < e->members.n; i++) {
		if (i)
			buf_addc(&b, ',');
		add_member(&b, e->members.v[i]);
	}
	buf_adds(&b, "]}");
	reply.json = buf_str(&b);
	serve_reply(c, &reply);
	buf_done(&b);
}

static void
engine_verb(struct engine *e, struct serve_call *c, const struct request *rq)
{
	struct reply reply = { .type = REPLY_DONE };
	const char *act = rq->act ? rq->act : "";

	if (strcmp(act, "status") == 0) {
		status(e, c);
		return;
	}
	if (strcmp(act, "stop") == 0) {
		serve_reply(c, &reply);
		engine_stop(e);
		return;
	}
	if (strcmp(act, "reload") != 0)
		err_set(&reply.err, ERR_USAGE, _("the engine does not know \"%s\""), act);
	else
		engine_reload(e, &reply.err);
	reply.type = reply.err.kind == ERR_NONE ? REPLY_DONE : REPLY_FAIL;
	serve_reply(c, &reply);
}

static void
errand_free(struct errand *d)
{
	free(d->account);
	free(d);
}

static void
on_reply(void *arg, const struct reply *r)
{
	struct errand *d = arg;
	struct reply reply = *r;
	struct engine *e = d->engine;
	struct serve_call *call = d->call;
	bool is_last = r->type == REPLY_DONE || r->type == REPLY_FAIL;

	if (!reply.account || !*reply.account)
		reply.account = d->account;
	serve_reply(call, &reply);
	if (!is_last)
		return;
	errand_free(d);
	engine_review(e);
}

static void
account_verb(struct engine *e, struct serve_call *c, const struct request *rq)
{
	struct errand *d;
	struct err err = { ERR_NONE, "" };
	struct member *m = members_pick(e, rq->account, rq->target, &err);

	if (!m) {
		refuse(c, &err);
		return;
	}
	d = xcalloc(1, sizeof *d);
	d->call = c;
	d->engine = e;
	d->account = xstrdup(m->name);
	serve_call_set(c, d);
	if (m->archive)
		d->filed = archive_request(m->archive, rq, on_reply, d);
	else
		d->there = account_request(m->account, rq, on_reply, d);
}

void
verbs_request(struct engine *e, struct serve_call *c, const struct request *rq)
{
	if (rq->verb == VERB_ENGINE)
		engine_verb(e, c, rq);
	else if (!e->is_stopping)
		account_verb(e, c, rq);
	/* Else no answer: the front sees us go and asks the next engine. */
}

void
verbs_cancel(struct serve_call *c)
{
	struct errand *d = serve_call_data(c);

	if (!d)
		return;
	if (d->filed)
		archive_cancel(d->filed);
	else
		account_call_cancel(d->there);
	errand_free(d);
}
