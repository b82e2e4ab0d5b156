/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked of the archive, one after another: each call is a batch, most of them empty. */
#include "engine/archive.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "model/batch.h"
#include "store/reader.h"
#include "store/writer.h"

struct archive_call {
	struct archive *archive;
	struct archive_call *next;
	api_reply_fn *fn;		/* NULL: nobody listens any more */
	void *arg;
	struct batch batch;		/* empty: there is nothing to store */
	char conv[CONV_ID_MAX + 1], name[CONV_NAME_MAX + 1];
	int64_t total;			/* records handed over */
	const char *json;
	struct err err;
};

struct archive {
	struct archive_env env;
	struct writer *writer;
	struct reader *reader;
	struct loop_wake *stored;
	struct loop_timer *soon, *closing;
	struct archive_call *first, **last;
	bool is_storing;		/* the batch of the first */
	void (*closed)(void *arg);
	void *closed_arg;
};

static void work(struct archive *a);

static bool
emit_conv(void *arg, const struct conv_row *c)
{
	struct archive *a = arg;
	struct event ev = event_of_conv(a->env.name, c);

	ev.convs.changed_hi = c->head;
	a->env.emit(a->env.emit_arg, &ev);
	return false;
}

/* The first call is over. */
static void
answer(struct archive *a, int64_t added)
{
	struct archive_call *c = a->first;
	struct reply reply = { .type = c->err.kind == ERR_NONE ? REPLY_DONE : REPLY_FAIL,
		.err = c->err, .account = a->env.name, .conv = c->conv, .name = c->name,
		.done = added, .total = c->total, .json = c->json };

	a->first = c->next;
	if (!a->first)
		a->last = &a->first;
	if (c->fn)
		c->fn(c->arg, &reply);
	batch_done(&c->batch);
	free(c);
}

static void
on_stored(void *arg)
{
	struct archive *a = arg;
	struct writer_outcome out;
	struct err err;

	if (!a->is_storing || !writer_take(a->writer, &out))
		return;
	a->is_storing = false;
	if (out.result != WRITER_OK) {
		a->first->err = out.err;
		log_put(a->env.log, LOG_ERROR, "archive", "commit=\"%s\"", out.err.msg);
	} else if (*a->first->conv && reader_refresh(a->reader, &err)) {
		reader_find(a->reader, a->first->conv, emit_conv, a, &err);
	}
	answer(a, out.added);
	work(a);
}

static void
work(struct archive *a)
{
	while (a->first && !a->is_storing && !a->closing) {
		if (a->first->batch.n == 0) {
			answer(a, 0);
			continue;
		}
		a->is_storing = true;
		writer_commit(a->writer, &a->first->batch);
	}
}

static void
on_soon(void *arg)
{
	struct archive *a = arg;

	a->soon = NULL;
	work(a);
}

/* The writer's thread. */
static void
wake_stored(void *arg)
{
	loop_wake_send(arg);
}

static void
archive_free(struct archive *a)
{
	writer_close(a->writer);
	loop_wake_stop(a->stored);
	reader_close(a->reader);
	loop_timer_stop(a->soon);
	free(a);
}

struct archive *
archive_open(const struct archive_env *env, const char *dir, struct err *err)
{
	struct archive *a = xcalloc(1, sizeof *a);

	a->env = *env;
	a->last = &a->first;
	a->stored = loop_wake_start(env->loop, on_stored, a);
	a->writer = writer_open(dir, wake_stored, a->stored, err);
	if (a->writer)
		a->reader = reader_open(dir, err);
	if (a->reader)
		return a;
	archive_free(a);
	return NULL;
}

static void
close_now(void *arg)
{
	struct archive *a = arg;
	void (*closed)(void *arg) = a->closed;
	void *closed_arg = a->closed_arg;

	writer_close(a->writer);
	a->writer = NULL;
	while (a->first) {
		err_set(&a->first->err, ERR_FAIL, _("%s is being closed"), a->env.name);
		answer(a, 0);
	}
	archive_free(a);
	if (closed)
		closed(closed_arg);
}

void
archive_close(struct archive *a, void (*closed)(void *arg), void *arg)
{
	a->closed = closed;
	a->closed_arg = arg;
	a->closing = loop_timer_start(a->env.loop, 0, close_now, a);
}

static bool
take_conv(void *arg, const struct conv_row *row)
{
	struct archive_call *c = arg;

	str_copy(c->conv, sizeof c->conv, row->conv);
	str_copy(c->name, sizeof c->name, row->name);
	c->total = row->head;
	return false;
}

static bool
find(struct archive_call *c, const char *target)
{
	c->err.kind = ERR_NONE;
	if (target && reader_find(c->archive->reader, target, take_conv, c, &c->err))
		return true;
	if (c->err.kind == ERR_NONE)
		err_set(&c->err, ERR_REFUSED, _("there is no %s here"), target ? target : "");
	return false;
}

static void
mark(struct archive_call *c, const struct request *rq)
{
	struct change *ch;

	if (!find(c, rq->target))
		return;
	batch_reserve(&c->batch, 1, batch_cost(sizeof c->conv));
	ch = batch_add(&c->batch, CHANGE_READ, c->conv);
	ch->read.seq = rq->seq > 0 && rq->seq < c->total ? rq->seq : c->total;
	c->batch.is_own = true;
}

static void
draft(struct archive_call *c, const struct request *rq)
{
	const char *reply = rq->reply ? rq->reply : "", *edit = rq->ref ? rq->ref : "";
	struct change *ch;

	if (!find(c, rq->target))
		return;
	if (rq->text_n > ARCHIVE_TEXT_MAX) {
		err_set(&c->err, ERR_USAGE, _("the draft is too long"));
		return;
	}
	batch_reserve(&c->batch, 1, batch_cost(sizeof c->conv) + batch_cost(rq->text_n + 1) +
			batch_cost(strlen(reply) + 1) + batch_cost(strlen(edit) + 1));
	ch = batch_add(&c->batch, CHANGE_DRAFT, c->conv);
	ch->draft = (struct draft){
		.text = batch_strn(&c->batch, rq->text ? rq->text : "", rq->text_n),
		.cursor = rq->cursor, .reply = batch_str(&c->batch, reply),
		.edit = batch_str(&c->batch, edit),
	};
	c->batch.is_own = true;
}

static void
dispatch(struct archive_call *c, const struct request *rq)
{
	switch (rq->verb) {
	case VERB_IMPORT:
		if (archive_take(&c->batch, rq, c->conv, &c->total, &c->err))
			str_copy(c->name, sizeof c->name, rq->target);
		break;
	case VERB_MARK:
		mark(c, rq);
		break;
	case VERB_DRAFT:
		draft(c, rq);
		break;
	case VERB_FETCH:
	case VERB_SYNC:
	case VERB_TYPING:
		break;		/* all that there is, is here */
	case VERB_STATUS:
		c->json = "{\"account\":\"archive\",\"state\":\"offline\",\"why\":\"\"}";
		break;
	default:
		err_set(&c->err, ERR_REFUSED, _("account archive is imported history, which "
				"nothing can be added to but by import"));
	}
}

struct archive_call *
archive_request(struct archive *a, const struct request *rq, api_reply_fn *fn, void *arg)
{
	struct archive_call *c = xcalloc(1, sizeof *c);

	c->archive = a;
	c->fn = fn;
	c->arg = arg;
	batch_init(&c->batch);
	dispatch(c, rq);
	if (c->err.kind != ERR_NONE)
		batch_clear(&c->batch);
	*a->last = c;
	a->last = &c->next;
	if (!a->soon && !a->closing)
		a->soon = loop_timer_start(a->env.loop, 0, on_soon, a);
	return c;
}

void
archive_cancel(struct archive_call *c)
{
	c->fn = NULL;
}

bool
archive_has_target(struct archive *a, const char *target)
{
	struct archive_call c = { .archive = a };

	return find(&c, target);
}

bool
archive_is_idle(const struct archive *a)
{
	return !a->first;
}
