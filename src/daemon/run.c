/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of workflows, each with the device that carries it out. The ledger bounds how many a user
 * has. */
#include "daemon/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/map.h"
#include "base/mem.h"
#include "daemon/daemon.h"
#include "daemon/stream.h"
#include "daemon/user.h"
#include "daemon/writer.h"
#include "loop/loop.h"

struct run {
	struct runs *all;
	char conv[CONV_ID_MAX + 1], id[STREAM_MAX + 1];
	char user[USER_MAX + 1], device[DEVICE_MAX + 1];
	struct loop_timer *grace;	/* the device is gone */
};

struct runs {
	struct daemon *d;
	struct map *by_key;		/* "conv run" */
};

struct key { char s[CONV_ID_MAX + STREAM_MAX + 2]; };

struct runs *
runs_new(struct daemon *d)
{
	struct runs *all = xcalloc(1, sizeof *all);

	all->d = d;
	all->by_key = map_new();
	return all;
}

static void
run_free(void *arg)
{
	struct run *r = arg;

	loop_timer_stop(r->grace);
	free(r);
}

void
runs_free(struct runs *all)
{
	if (!all)
		return;
	map_free(all->by_key, run_free);
	free(all);
}

static struct key
key(const char *conv, const char *id)
{
	struct key k;

	snprintf(k.s, sizeof k.s, "%s %s", conv, id);
	return k;
}

static void
forget(struct run *r)
{
	map_del(r->all->by_key, key(r->conv, r->id).s);
	run_free(r);
}

static bool
is_of(const struct run *r, const char *user, const char *device)
{
	return strcmp(r->user, user) == 0 && strcmp(r->device, device) == 0;
}

/* ---- the end by the server ---- */

static void give_up(void *arg);

/* What the job borrows; the run itself may end in the meantime. */
struct farewell { char cid[ID_SIZE]; struct run run; };

static void
wait_for_device(struct run *r, int64_t ms)
{
	if (!r->grace)
		r->grace = loop_timer_start(r->all->d->loop, ms, give_up, r);
}

static void
ended(struct daemon *d, struct job *job)
{
	const struct farewell *f = job->arg;
	struct run *r = map_get(d->runs->by_key, key(f->run.conv, f->run.id).s);

	if (!r)
		return;
	if (job->op.out.ok || !job->op.out.retry)
		forget(r);
	else
		wait_for_device(r, STREAM_SAVE_MS);
}

static void
give_up(void *arg)
{
	struct run *r = arg;
	struct daemon *d = r->all->d;
	struct farewell *f = xcalloc(1, sizeof *f);
	struct job *job = job_new(NULL, NULL, ended);

	r->grace = NULL;
	f->run = *r;
	id_make(&d->ids, (uint64_t)clock_wall_ms(), f->cid);
	job->text = (char *)f;
	job->arg = f;
	job->op.act = LEDGER_RUN_END;
	job->op.kind = REC_ACTION;
	job->op.user = f->run.user;
	job->op.device = f->run.device;
	job->op.conv = f->run.conv;
	job->op.cid = f->cid;
	job->op.body.run = f->run.id;
	writer_put(d->writer, job);
}

/* ---- what happens ---- */

static struct run *
open_run(struct runs *all, const char *conv, const char *id, const char *user, const char *device)
{
	struct run *r = xcalloc(1, sizeof *r);

	r->all = all;
	str_copy(r->conv, sizeof r->conv, conv);
	str_copy(r->id, sizeof r->id, id);
	str_copy(r->user, sizeof r->user, user);
	str_copy(r->device, sizeof r->device, device);
	map_put(all->by_key, key(conv, id).s, r);
	return r;
}

void
runs_posted(struct runs *all, const struct ledger_op *op)
{
	struct user *user;
	struct run *r;

	if (op->kind != REC_ACTION || op->bad || !op->out.ok || op->out.dup || !*op->body.run)
		return;
	r = map_get(all->by_key, key(op->conv, op->body.run).s);
	if (r && !is_of(r, op->user, op->device))
		return;
	if (strcmp(op->body.status, "running") != 0) {
		if (r)
			forget(r);
		return;
	}
	if (!r)
		r = open_run(all, op->conv, op->body.run, op->user, op->device);
	user = users_find(all->d->users, op->user);
	if (!user || !user_device(user, op->device))
		wait_for_device(r, STREAM_GRACE_MS);	/* it left before its commit */
}

void
runs_device_gone(struct runs *all, const char *user, const char *device)
{
	void *value;
	size_t at = 0;

	while (!all->d->is_stopping && map_next(all->by_key, &at, &value))
		if (is_of(value, user, device))
			wait_for_device(value, STREAM_GRACE_MS);
}

void
runs_device_back(struct runs *all, const char *user, const char *device)
{
	void *value;
	size_t at = 0;

	while (map_next(all->by_key, &at, &value)) {
		struct run *r = value;

		if (!is_of(r, user, device))
			continue;
		loop_timer_stop(r->grace);
		r->grace = NULL;
	}
}

void
runs_expel(struct runs *all, const char *conv, const char *user)
{
	void *value;
	size_t at = 0;

	while (map_next(all->by_key, &at, &value)) {
		struct run *r = value;

		if (strcmp(r->conv, conv) != 0 || strcmp(r->user, user) != 0)
			continue;
		loop_timer_stop(r->grace);
		give_up(r);
	}
}

static bool
load(void *arg, const char *conv, const char *id, const char *user, const char *device)
{
	wait_for_device(open_run(arg, conv, id, user, device), STREAM_GRACE_MS);
	return true;
}

bool
runs_load(struct runs *all, struct err *err)
{
	return ledger_open_runs(all->d->reader, load, all, err);
}
