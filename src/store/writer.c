/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The writer's thread. */
#include "store/writer.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/apply.h"
#include "sql/sql.h"
#include "store/place.h"
#include "sql/mark.h"

#define SCRATCH_MAX (1024 * 1024)	/* bytes of one text */
#define IDLE_MS 150			/* quiet that long: the index may follow */
#define WAL_PAGES_IDLE 256		/* checkpoint from here on when idle … */
#define WAL_PAGES_MAX 16384		/* … and here even when not */

enum { OUTBOX, DRAFTS };		/* what the mark counts */

struct writer {
	struct store st;
	void (*done)(void *arg);
	void *arg;
	char *dir, *path;
	char notice[256];
	int mark_fd;
	struct mark mark;
	pthread_t thread;

	pthread_mutex_t lock;		/* the rest */
	pthread_cond_t wake;
	const struct batch *batch;
	bool has_outcome, is_ending, is_behind, is_failing;
	struct writer_outcome outcome;
};

static void
roll_back(struct writer *w)
{
	sql_roll_back(w->st.db, NULL);
	map_free(w->st.convs, NULL);
	w->st.convs = map_new();
}

/* How much of the person's own there is. */
static bool
count_own(struct writer *w, struct mark *m, struct err *err)
{
	return sql_number_of(w->st.db, "SELECT count(*) FROM outbox", 0, &m->count[OUTBOX], err)
		&& sql_number_of(w->st.db, "SELECT count(*) FROM draft", 0, &m->count[DRAFTS],
			err);
}

/* Notes outside of the database how far it has come. */
static void
mark(struct writer *w)
{
	w->mark.tick++;
	if (count_own(w, &w->mark, NULL))
		mark_put(w->mark_fd, &w->mark);
}

static void
commit(struct writer *w, const struct batch *b, struct writer_outcome *out)
{
	struct store *st = &w->st;

	memset(out, 0, sizeof *out);
	st->has_diverged = false;
	st->added = 0;
	out->result = WRITER_FAILED;
	if (sql_synchronise(st->db, b->is_own, &out->err) && sql_begin(st->db, &out->err)
			&& store_apply(st, b, &out->err)) {
		out->result = WRITER_UNKNOWN;
		if (sql_commit(st->db, &out->err)) {
			out->result = WRITER_OK;
			out->added = st->added;
			if (b->is_own)
				mark(w);
			return;
		}
	}
	if (sql_is_damaged(st->db))
		place_condemn(w->dir);
	roll_back(w);
	if (st->has_diverged) {
		out->result = WRITER_DIVERGED;
		memcpy(out->conv, st->diverged_conv, sizeof out->conv);
		out->seq = st->diverged_seq;
	}
}

/* Some more of the index; returns whether there is more, false when it failed too. */
static bool
follow(struct writer *w, struct err *err)
{
	bool more = false;

	if (sql_synchronise(w->st.db, false, err) && sql_begin(w->st.db, err)
			&& words_follow(&w->st, &more, err) && sql_commit(w->st.db, err))
		return more;
	if (sql_is_damaged(w->st.db))
		place_condemn(w->dir);
	roll_back(w);
	return false;
}

static bool
wait_ms(struct writer *w, int64_t ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += ms * 1000000;
	at.tv_sec += at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	return pthread_cond_timedwait(&w->wake, &w->lock, &at) == 0;
}

/* With the lock held: what is due when nobody waits for us. */
static void
idle(struct writer *w)
{
	struct err err = { 0 };
	bool more;

	if (!w->is_behind && sql_wal_pages(w->st.db) < WAL_PAGES_IDLE) {
		pthread_cond_wait(&w->wake, &w->lock);
		return;
	}
	if (wait_ms(w, IDLE_MS) || w->batch != NULL || w->is_ending)
		return;
	while (w->is_behind && w->batch == NULL && !w->is_ending) {
		pthread_mutex_unlock(&w->lock);
		more = follow(w, &err);
		if (sql_wal_pages(w->st.db) >= WAL_PAGES_MAX)
			/* readers may hold it up: what is left waits for the next time */
			sql_checkpoint(w->st.db, NULL);
		pthread_mutex_lock(&w->lock);
		w->is_behind = more;
		w->is_failing = err.kind != ERR_NONE;
		pthread_cond_broadcast(&w->wake);
	}
	if (sql_wal_pages(w->st.db) >= WAL_PAGES_IDLE && w->batch == NULL) {
		pthread_mutex_unlock(&w->lock);
		sql_checkpoint(w->st.db, NULL);
		pthread_mutex_lock(&w->lock);
	}
}

static bool
has_records(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i].type == CHANGE_RECORDS || b->v[i].type == CHANGE_REBASE ||
				b->v[i].type == CHANGE_IMPORT)
			return true;
	return false;
}

static void *
run(void *arg)
{
	struct writer *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->is_ending || w->batch != NULL) {
		const struct batch *b = w->batch;
		struct writer_outcome out;

		if (b == NULL) {
			idle(w);
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		commit(w, b, &out);
		if (sql_wal_pages(w->st.db) >= WAL_PAGES_MAX)
			sql_checkpoint(w->st.db, NULL);
		pthread_mutex_lock(&w->lock);
		w->is_behind |= out.result == WRITER_OK && has_records(b);
		w->batch = NULL;
		w->outcome = out;
		w->has_outcome = true;
		pthread_mutex_unlock(&w->lock);
		w->done(w->arg);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static bool
load_user(struct writer *w, struct err *err)
{
	struct sql_query *q = sql_start(w->st.db, Q_META_GET, err, "t", "user");
	int rc = sql_step(q, err);

	if (rc == 1) {
		str_copy(w->st.user, sizeof w->st.user, sql_text(q, 0));
		sql_end(q);
	}
	return rc >= 0;
}

/* The mirror was replaced; lost: how much more of the person's own there was before. */
static void
say_aside(struct writer *w, const char *aside, size_t saved, int64_t lost)
{
	if (lost > 0)
		snprintf(w->notice, sizeof w->notice, _("the mirror was damaged: it is set "
				"aside as %s and is filled again from the server; of your waiting "
				"messages and drafts %zu were saved and %lld are lost"), aside,
				saved, (long long)lost);
	else
		snprintf(w->notice, sizeof w->notice, ngettext("the mirror was damaged: it is set "
				"aside as %s and is filled again from the server; %zu message or "
				"draft of yours was saved", "the mirror was damaged: it is set "
				"aside as %s and is filled again from the server; %zu messages "
				"and drafts of yours were saved", saved), aside, saved);
}

/* Is everything there that was? aside: the mirror that was replaced, NULL when none was. */
static bool
check_mark(struct writer *w, const char *aside, size_t saved, struct err *err)
{
	char *path = path_join(w->dir, "high-water"), text[24];
	struct mark then, *now = &w->mark;

	w->mark_fd = mark_open(path, &then, err);
	free(path);
	if (w->mark_fd < 0
			|| !sql_number_of(w->st.db, "SELECT value FROM meta WHERE key = 'tick'", 0,
				&now->tick, err)
			|| !count_own(w, now, err))
		return false;
	if (aside != NULL)
		say_aside(w, aside, saved, then.count[OUTBOX] + then.count[DRAFTS]
				- now->count[OUTBOX] - now->count[DRAFTS]);
	else if (now->tick < then.tick)
		snprintf(w->notice, sizeof w->notice, _("the disk lost the last %lld changes to "
				"outbox and drafts: there were %lld messages waiting and %lld "
				"drafts, now there are %lld and %lld"),
				(long long)(then.tick - now->tick), (long long)then.count[OUTBOX],
				(long long)then.count[DRAFTS], (long long)now->count[OUTBOX],
				(long long)now->count[DRAFTS]);
	if (now->tick >= then.tick)
		return true;
	now->tick = then.tick;		/* told once */
	snprintf(text, sizeof text, "%lld", (long long)then.tick);
	return sql_run(w->st.db, Q_META_PUT, err, "tt", "tick", text);
}

/* What a crash left is seen by everybody from now on, and told as stored to those who ask again: a
 * synchronised commit makes it last, and the mark, which may have lost more with the power than the
 * database, knows of it again. A disk that takes none tells so at the next batch. */
static void
settle(struct writer *w)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)clock_wall_ms());
	if (sql_run(w->st.db, Q_META_PUT, NULL, "tt", "opened", text))
		mark_put(w->mark_fd, &w->mark);
}

static bool
open_once(struct writer *w, struct err *err)
{
	char *aside = NULL;
	size_t saved;
	bool ok;

	w->st.db = place_open_writer(w->dir, store_sql, Q_STORE_COUNT, &aside, &saved, err);
	ok = w->st.db != NULL && load_user(w, err) && check_mark(w, aside, saved, err);
	free(aside);
	return ok;
}

/* The first look into the tables may be the one that finds damage. */
static bool
open_mirror(struct writer *w, struct err *err)
{
	if (open_once(w, err))
		return true;
	if (w->st.db == NULL || !sql_is_damaged(w->st.db))
		return false;
	place_condemn(w->dir);
	sql_close(w->st.db);
	if (w->mark_fd >= 0)
		close(w->mark_fd);
	w->mark_fd = -1;
	return open_once(w, err);
}

static void
writer_free(struct writer *w)
{
	if (w->mark_fd >= 0)
		close(w->mark_fd);
	free(w->dir);
	free(w->path);
	sql_close(w->st.db);
	map_free(w->st.convs, NULL);
	buf_done(&w->st.text);
	buf_done(&w->st.text2);
	buf_done(&w->st.words);
	free(w);
}

static bool
start_thread(struct writer *w, struct err *err)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&w->thread, NULL, run, w) == 0)
		return true;
	return err_set(err, ERR_FAIL, _("cannot start the thread that writes the mirror"));
}

struct writer *
writer_open(const char *dir, void (*done)(void *arg), void *arg, struct err *err)
{
	struct writer *w = xcalloc(1, sizeof *w);

	w->done = done;
	w->arg = arg;
	w->is_behind = true;
	w->st.convs = map_new();
	buf_init(&w->st.text, SCRATCH_MAX);
	buf_init(&w->st.text2, SCRATCH_MAX);
	buf_init(&w->st.words, 2 * SCRATCH_MAX);
	w->dir = xstrdup(dir);
	w->mark_fd = -1;
	if (!open_mirror(w, err)) {
		writer_free(w);
		return NULL;
	}
	settle(w);
	w->path = place_path(dir, place_generation(dir));
	if (!start_thread(w, err)) {
		writer_free(w);
		return NULL;
	}
	return w;
}

const char *
writer_notice(const struct writer *w)
{
	return w->notice;
}

const char *
writer_path(const struct writer *w)
{
	return w->path;
}

void
writer_close(struct writer *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->is_ending = true;
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	writer_free(w);
}

void
writer_commit(struct writer *w, const struct batch *b)
{
	pthread_mutex_lock(&w->lock);
	assert(w->batch == NULL && !w->has_outcome);
	w->batch = b;
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

bool
writer_take(struct writer *w, struct writer_outcome *out)
{
	bool has;

	pthread_mutex_lock(&w->lock);
	has = w->has_outcome;
	if (has)
		*out = w->outcome;
	w->has_outcome = false;
	pthread_mutex_unlock(&w->lock);
	return has;
}

bool
writer_index_all(struct writer *w, struct err *err)
{
	bool ok;

	pthread_mutex_lock(&w->lock);
	while (w->is_behind)
		pthread_cond_wait(&w->wake, &w->lock);
	ok = !w->is_failing;
	pthread_mutex_unlock(&w->lock);
	return ok || err_set(err, ERR_FAIL, _("the full-text index could not follow"));
}
