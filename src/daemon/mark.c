/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The op "mark": how far a user has read. The first one goes to the ledger at once, those of the
 * next second as one, so that a user's log grows by at most one "read" a second and
 * conversation. */
#include "daemon/mark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/user.h"
#include "daemon/writer.h"
#include "loop/loop.h"
#include "wire/wire.h"

/* Users and conversations in one second; more are told that the server is busy by being ignored:
 * the client repeats its mark with the next message it reads. */
#define MARKS_MAX 65536

struct mark {
	struct mark *next;		/* in order of due_ms */
	int64_t due_ms, seq;
	bool is_held;			/* seq is not in the ledger yet */
	char user[USER_MAX + 1], device[DEVICE_MAX + 1];
	char conv[CONV_ID_MAX + 1], epoch[EPOCH_MAX + 1];
};

struct marks {
	struct daemon *d;
	struct map *by_key;		/* "user conv" */
	struct mark *first, *last;
	struct loop_timer *timer;
};

struct key { char s[USER_MAX + CONV_ID_MAX + 2]; };

static void expire(void *arg);

struct marks *
marks_new(struct daemon *d)
{
	struct marks *m = xcalloc(1, sizeof *m);

	m->d = d;
	m->by_key = map_new();
	return m;
}

void
marks_free(struct marks *m)
{
	if (!m)
		return;
	loop_timer_stop(m->timer);
	map_free(m->by_key, free);
	free(m);
}

static struct key
key(const char *user, const char *conv)
{
	struct key k;

	snprintf(k.s, sizeof k.s, "%s %s", user, conv);
	return k;
}

/* The ledger ignores what is not a member's, of another epoch, or behind. */
static void
propose(struct marks *m, struct mark *mark)
{
	struct job *job = job_new(NULL, NULL, NULL);
	struct mark *copy = xmemdup(mark, sizeof *mark);

	mark->is_held = false;
	job->text = (char *)copy;
	job->op.act = LEDGER_MARK;
	job->op.user = copy->user;
	job->op.device = copy->device;
	job->op.conv = copy->conv;
	job->op.epoch = copy->epoch;
	job->op.seq = copy->seq;
	writer_put(m->d->writer, job);
}

static void
enqueue(struct marks *m, struct mark *mark)
{
	mark->next = NULL;
	mark->due_ms = loop_now(m->d->loop) + MARK_EVERY_MS;
	if (m->first)
		m->last->next = mark;
	else
		m->first = mark;
	m->last = mark;
	if (!m->timer)
		m->timer = loop_timer_start(m->d->loop, m->first->due_ms -
				loop_now(m->d->loop), expire, m);
}

static void
expire(void *arg)
{
	struct marks *m = arg;
	int64_t now = loop_now(m->d->loop);

	m->timer = NULL;
	while (m->first && m->first->due_ms <= now) {
		struct mark *mark = m->first;

		m->first = mark->next;
		if (mark->is_held) {
			propose(m, mark);
			enqueue(m, mark);
			continue;
		}
		map_del(m->by_key, key(mark->user, mark->conv).s);
		free(mark);
	}
	if (m->first && !m->timer)
		m->timer = loop_timer_start(m->d->loop, m->first->due_ms - now, expire, m);
}

void
marks_flush(struct marks *m, const char *user)
{
	for (struct mark *mark = m->first; mark; mark = mark->next)
		if (mark->is_held && (!user || strcmp(mark->user, user) == 0))
			propose(m, mark);
}

static bool
is_member(struct conn *c, const char *conv)
{
	char role[8] = "";
	struct err err;

	return ledger_role(c->d->reader, conv, c->user->name, role, &err) && *role;
}

bool
mark_take(struct conn *c, struct frame *f)
{
	struct marks *m = c->d->marks;
	struct key k = key(c->user->name, f->mark.conv);
	struct mark *mark = map_get(m->by_key, k.s);

	if (c->d->is_stopping)
		return false;
	if (mark && strcmp(mark->epoch, f->mark.epoch) == 0) {
		if (f->mark.seq > mark->seq) {
			mark->seq = f->mark.seq;
			mark->is_held = true;
		}
		return false;
	}
	if (mark && mark->is_held)
		propose(m, mark);
	if (!mark) {
		if (map_count(m->by_key) >= MARKS_MAX || !is_member(c, f->mark.conv))
			return false;
		mark = xcalloc(1, sizeof *mark);
		str_copy(mark->user, sizeof mark->user, c->user->name);
		str_copy(mark->conv, sizeof mark->conv, f->mark.conv);
		map_put(m->by_key, k.s, mark);
		enqueue(m, mark);
	}
	str_copy(mark->device, sizeof mark->device, c->device);
	str_copy(mark->epoch, sizeof mark->epoch, f->mark.epoch);
	mark->seq = f->mark.seq;
	propose(m, mark);
	return false;
}
