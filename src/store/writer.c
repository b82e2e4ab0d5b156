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

#include "base/i18n.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/apply.h"
#include "store/db.h"
#include "store/place.h"
#include "store/watermark.h"

#define SCRATCH_MAX (1024 * 1024)	/* bytes of one text */
#define IDLE_MS 150			/* quiet that long: the index may follow */
#define WAL_PAGES_IDLE 256		/* checkpoint from here on when idle … */
#define WAL_PAGES_MAX 16384		/* … and here even when not */

struct writer {
	struct store st;
	void (*done)(void *arg);
	void *arg;
	char *dir, *path;
	char notice[256];
	bool is_full;			/* how the connection synchronises now */
	int mark_fd;
	struct watermark mark;
	int wal_pages;
	pthread_t thread;

	pthread_mutex_t lock;		/* the rest */
	pthread_cond_t wake;
	const struct batch *batch;
	bool has_outcome, is_ending, is_behind, is_failing;
	struct writer_outcome outcome;
};

static int
wal_grew(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct writer *w = arg;

	(void)h;
	(void)name;
	w->wal_pages = pages;
	return SQLITE_OK;
}

/* The pragma does nothing inside a transaction. */
static bool
synchronise(struct writer *w, bool is_full, struct err *err)
{
	if (w->is_full == is_full)
		return true;
	if (!db_exec(w->st.db, is_full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL",
			err))
		return false;
	w->is_full = is_full;
	return true;
}

static void
roll_back(struct writer *w)
{
	if (!sqlite3_get_autocommit(w->st.db->h))
		sqlite3_exec(w->st.db->h, "ROLLBACK", NULL, NULL, NULL);
	map_free(w->st.convs, NULL);
	w->st.convs = map_new();
}

/* Notes outside of the database how far it has come. */
static void
mark(struct writer *w)
{
	w->mark.tick++;
	if (db_number(w->st.db, "SELECT count(*) FROM outbox", 0, &w->mark.outbox, NULL)
			&& db_number(w->st.db, "SELECT count(*) FROM draft", 0, &w->mark.drafts,
				NULL))
		watermark_put(w->mark_fd, &w->mark);
}

static void
commit(struct writer *w, const struct batch *b, struct writer_outcome *out)
{
	struct store *st = &w->st;

	memset(out, 0, sizeof *out);
	st->has_diverged = false;
	out->result = WRITER_FAILED;
	if (synchronise(w, b->is_own, &out->err) && db_exec(st->db, "BEGIN IMMEDIATE", &out->err)
			&& store_apply(st, b, &out->err)) {
		out->result = WRITER_UNKNOWN;
		if (db_exec(st->db, "COMMIT", &out->err)) {
			out->result = WRITER_OK;
			if (b->is_own)
				mark(w);
			return;
		}
	}
	if (db_is_damaged(st->db))
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

	if (synchronise(w, false, err) && db_exec(w->st.db, "BEGIN IMMEDIATE", err)
			&& words_follow(&w->st, &more, err) && db_exec(w->st.db, "COMMIT", err))
		return more;
	if (db_is_damaged(w->st.db))
		place_condemn(w->dir);
	roll_back(w);
	return false;
}

static void
checkpoint(struct writer *w)
{
	/* readers may hold it up: what is left waits for the next time */
	sqlite3_wal_checkpoint_v2(w->st.db->h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	w->wal_pages = 0;
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

	if (!w->is_behind && w->wal_pages < WAL_PAGES_IDLE) {
		pthread_cond_wait(&w->wake, &w->lock);
		return;
	}
	if (wait_ms(w, IDLE_MS) || w->batch != NULL || w->is_ending)
		return;
	while (w->is_behind && w->batch == NULL && !w->is_ending) {
		pthread_mutex_unlock(&w->lock);
		more = follow(w, &err);
		if (w->wal_pages >= WAL_PAGES_MAX)
			checkpoint(w);
		pthread_mutex_lock(&w->lock);
		w->is_behind = more;
		w->is_failing = err.kind != ERR_NONE;
		pthread_cond_broadcast(&w->wake);
	}
	if (w->wal_pages >= WAL_PAGES_IDLE && w->batch == NULL) {
		pthread_mutex_unlock(&w->lock);
		checkpoint(w);
		pthread_mutex_lock(&w->lock);
	}
}

static bool
has_records(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i].type == CHANGE_RECORDS || b->v[i].type == CHANGE_REBASE)
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
		if (w->wal_pages >= WAL_PAGES_MAX)
			checkpoint(w);
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
	sqlite3_stmt *q;
	bool ok;

	if (sqlite3_prepare_v2(w->st.db->h, "SELECT value FROM meta WHERE key = 'user'", -1, &q,
			NULL) != SQLITE_OK)
		return db_fail(w->st.db, err);
	if (sqlite3_step(q) == SQLITE_ROW)
		str_copy(w->st.user, sizeof w->st.user, db_text(q, 0));
	ok = sqlite3_finalize(q) == SQLITE_OK;
	return ok || db_fail(w->st.db, err);
}

/* Is everything there that was? */
static bool
check_mark(struct writer *w, struct err *err)
{
	struct watermark then, *now = &w->mark;
	char text[24];

	w->mark_fd = watermark_open(w->dir, &then, err);
	if (w->mark_fd < 0
			|| !db_number(w->st.db, "SELECT value FROM meta WHERE key = 'tick'", 0,
				&now->tick, err)
			|| !db_number(w->st.db, "SELECT count(*) FROM outbox", 0, &now->outbox,
				err)
			|| !db_number(w->st.db, "SELECT count(*) FROM draft", 0, &now->drafts,
				err))
		return false;
	if (now->tick < then.tick && w->notice[0] == '\0')
		snprintf(w->notice, sizeof w->notice, _("the disk lost the last %lld changes to "
				"outbox and drafts: there were %lld messages waiting and %lld "
				"drafts, now there are %lld and %lld"),
				(long long)(then.tick - now->tick), (long long)then.outbox,
				(long long)then.drafts, (long long)now->outbox,
				(long long)now->drafts);
	if (now->tick >= then.tick)
		return true;
	now->tick = then.tick;		/* told once */
	snprintf(text, sizeof text, "%lld", (long long)then.tick);
	return db_run(w->st.db, Q_META_PUT, err, "tt", "tick", text);
}

static void
writer_free(struct writer *w)
{
	if (w->mark_fd >= 0)
		close(w->mark_fd);
	free(w->dir);
	free(w->path);
	db_close(w->st.db);
	map_free(w->st.convs, NULL);
	buf_done(&w->st.text);
	buf_done(&w->st.text2);
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
	char *aside = NULL;
	size_t saved;

	w->done = done;
	w->arg = arg;
	w->is_full = w->is_behind = true;
	w->st.convs = map_new();
	buf_init(&w->st.text, SCRATCH_MAX);
	buf_init(&w->st.text2, SCRATCH_MAX);
	w->dir = xstrdup(dir);
	w->mark_fd = -1;
	w->st.db = place_open_writer(dir, store_sql, Q_STORE_COUNT, &aside, &saved, err);
	if (aside != NULL)
		snprintf(w->notice, sizeof w->notice, ngettext("the mirror was damaged: it is set "
				"aside as %s and is filled again from the server; %zu message or "
				"draft of yours was saved", "the mirror was damaged: it is set "
				"aside as %s and is filled again from the server; %zu messages "
				"and drafts of yours were saved", saved), aside, saved);
	free(aside);
	w->path = place_path(dir, place_generation(dir));
	if (w->st.db == NULL || !load_user(w, err) || !check_mark(w, err)) {
		writer_free(w);
		return NULL;
	}
	sqlite3_wal_hook(w->st.db->h, wal_grew, w);
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
