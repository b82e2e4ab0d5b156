/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mirror in danger. After every commit it is remembered what the mirror was; after a crash it
 * must be one of those, none older than the last own batch that was reported as stored, or what
 * the batch in hand makes of it, which a twin on a sound disk tells. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "sim/disk.h"
#include "sim/vfs.h"

/* What became of the batch in hand. */
enum flight { FLIGHT_NONE, FLIGHT_MAYBE, FLIGHT_TOLD };

static void
on_done(void *arg)
{
	struct disk_mirror *m = arg;

	sem_post(&m->done);
}

/* ---- the file outside ---- */

static size_t
mark_read(const char *dir, char out[512])
{
	char *path = path_join(dir, "high-water");
	FILE *f = fopen(path, "re");
	size_t n = f != NULL ? fread(out, 1, 512, f) : 0;

	if (f != NULL)
		fclose(f);
	free(path);
	return n;
}

static void
mark_write(const char *dir, const char *p, size_t n)
{
	char *path = path_join(dir, "high-water");
	FILE *f;

	unlink(path);
	f = n > 0 ? fopen(path, "we") : NULL;
	if (f != NULL) {
		fwrite(p, 1, n, f);
		fclose(f);
	}
	free(path);
}

/* Nobody synced it: the disk has it as it is, as it was, or half written. */
static void
mark_cut(struct disk_mirror *m)
{
	char now[512];
	size_t n = mark_read(m->dir, now), at;

	if (n == 0 || vfs_roll(3) == 0)
		return;
	at = vfs_roll(2) ? vfs_roll(n) : 0;
	if (m->mark_old_n > at)
		memcpy(now + at, m->mark_old + at, m->mark_old_n - at);
	mark_write(m->dir, now, m->mark_old_n > at ? m->mark_old_n : at);
}

/* ---- batches ---- */

static enum writer_result
commit(struct disk_mirror *m, struct writer *writer, const char *dir, const struct batch *b)
{
	struct writer_outcome out;

	vfs_hold(dir, false);
	writer_commit(writer, b);
	sem_wait(&m->done);
	vfs_hold(dir, true);
	writer_take(writer, &out);
	return out.result;
}

/* One half of a batch, or its ranges alone: what the mutants store in a transaction apart. */
static enum writer_result
commit_part(struct disk_world *w)
{
	struct disk_mirror *m = &w->mirror;
	struct batch part = m->batch;
	enum writer_result r;

	part.v = xmemdup(m->batch.v, m->batch.n * sizeof *part.v);
	if (w->mutant == DISK_TORN_BATCH)
		part.n = m->batch.n / 2;
	for (size_t i = 0; i < part.n && w->mutant == DISK_RANGES_APART; i++)
		if (part.v[i].type == CHANGE_RECORDS)
			part.v[i].records.n = 0;
	part.is_own = false;
	r = commit(m, m->writer, m->dir, &part);
	free(part.v);
	return r;
}

static void
make_feed(struct disk_world *w, int64_t lo, int64_t hi)
{
	struct disk_mirror *m = &w->mirror;
	struct record *v = xcalloc((size_t)(hi - lo), sizeof *v);
	char (*ids)[ID_SIZE] = xcalloc((size_t)(hi - lo), sizeof *ids);
	struct change *ch;

	for (int64_t i = 0; i < hi - lo; i++) {
		ledger_record(w, lo + i + 1, ids[i]);
		v[i] = (struct record){ .seq = lo + i + 1, .id = ids[i], .kind = REC_MSG,
			.kind_name = "msg", .from = "bob", .device = "d_1", .cid = "", .ref = "",
			.ts = 1793491200000 + lo + i, .body = "{\"text\":\"some words\"}" };
		v[i].body_n = strlen(v[i].body);
	}
	batch_reserve(&m->batch, 1, batch_records_cost(v, (size_t)(hi - lo)) + 256);
	ch = batch_add(&m->batch, CHANGE_RECORDS, w->ledger.conv);
	ch->records.epoch = "e";
	ch->records.lo = lo;
	ch->records.hi = hi;
	ch->records.n = (size_t)(hi - lo);
	ch->records.v = batch_records(&m->batch, v, ch->records.n);
	free(v);
	free(ids);
}

/* What the core would tell again of a conversation that a flipped bit took away. */
static void
make_head(struct disk_world *w)
{
	struct disk_mirror *m = &w->mirror;
	struct change *ch;

	if (look_number(w, m->eye, "SELECT count(*) FROM conv") > 0)
		return;
	batch_reserve(&m->batch, 2, 1024);
	ch = batch_add(&m->batch, CHANGE_META, "");
	ch->meta.key = "user";
	ch->meta.value = "ann";
	ch = batch_add(&m->batch, CHANGE_HEAD, w->ledger.conv);
	ch->head = (struct head){ .conv = w->ledger.conv, .name = "#lobby", .topic = "",
		.epoch = "e", .id = "", .kind = CONV_ROOM };
}

static void
make_own(struct disk_world *w)
{
	struct disk_mirror *m = &w->mirror;
	struct change *ch;
	char cid[ID_SIZE];

	batch_reserve(&m->batch, 2, 4096);
	m->batch.is_own = true;
	snprintf(cid, sizeof cid, "018f0000-0000-7000-8000-%012d", ++m->rows);
	ch = batch_add(&m->batch, CHANGE_OUT_ADD, w->ledger.conv);
	ch->out_add.cid = batch_str(&m->batch, cid);
	ch->out_add.ref = "";
	ch->out_add.body = "{\"text\":\"queued\"}";
	ch->out_add.body_n = strlen(ch->out_add.body);
	ch->out_add.kind = REC_MSG;
	ch->out_add.state = OUTBOX_QUEUED;
	ch->out_add.lane = m->rows;
	ch->out_add.created_ms = 1793491200000;
	ch = batch_add(&m->batch, CHANGE_DRAFT, w->ledger.conv);
	ch->draft = (struct draft){ batch_str(&m->batch, cid), m->rows, "", "" };
}

/* New history, sometimes behind a gap, or some that is there already; own rows and drafts. */
static void
make_batch(struct disk_world *w)
{
	struct disk_mirror *m = &w->mirror;
	int64_t head = ledger_head(w), lo = m->feed, hi;

	if (disk_chance(w, 100))
		lo = (int64_t)disk_roll(w, (uint64_t)head + 1);
	else if (disk_chance(w, 100))
		lo += 2;
	hi = lo + 1 + (int64_t)disk_roll(w, 6);
	make_head(w);
	if (hi > head)
		hi = head;
	if (lo < hi)
		make_feed(w, lo, hi);
	if (hi > m->feed)
		m->feed = (int)hi;
	if (disk_chance(w, w->swarm.own) || lo >= hi)
		make_own(w);
}

/* ---- opening, dying, looking ---- */

static void
close_all(struct disk_mirror *m)
{
	sqlite3_close(m->eye);
	m->eye = NULL;
	vfs_hold(m->dir, false);
	writer_close(m->writer);
	m->writer = NULL;
}

static void
boot(struct disk_world *w, bool with_cut)
{
	struct disk_mirror *m = &w->mirror;

	w->stats.deaths++;
	w->stats.cuts += with_cut;
	disk_note(w, "the mirror's machine %s", with_cut ? "loses power" : "lets it die");
	vfs_kill(m->dir);
	close_all(m);
	vfs_heal(m->dir);
	vfs_boot(m->dir, with_cut);
	if (with_cut)
		mark_cut(m);
	m->is_mark_cut |= with_cut;
}

/* A process may die while it finds out what the one before it left. */
static void
open_all(struct disk_world *w)
{
	struct disk_mirror *m = &w->mirror;
	struct err err = { 0 };

	for (int tries = 0;; tries++) {
		if (tries < 3 && !w->is_calm && disk_chance(w, w->swarm.die / 2))
			vfs_arm(m->dir, (int)disk_roll(w, 40));
		vfs_lies()->wal_sync = w->mutant == DISK_SEEN_UNSAFE;
		m->writer = writer_open(m->dir, on_done, m, &err);
		vfs_lies()->wal_sync = false;
		vfs_hold(m->dir, true);
		vfs_arm(m->dir, -1);
		if (m->writer != NULL && !vfs_is_dead(m->dir))
			break;
		if (!vfs_is_dead(m->dir)) {
			disk_fail(w, "the mirror cannot be opened: %s", err.msg);
			return;
		}
		boot(w, disk_roll(w, 2));
	}
	look_open(w);
}

/* What the batch in hand makes of the state before it, which the twin has. */
static struct disk_state
reference(struct disk_world *w)
{
	struct disk_mirror *m = &w->mirror;
	struct disk_state s = { 0 };
	struct err err = { 0 };
	struct writer *writer;
	char mark[512];
	size_t n = mark_read(m->dir, mark);
	sqlite3 *h = NULL;

	mark_write(m->twin, mark, n);
	writer = writer_open(m->twin, on_done, m, &err);
	if (writer == NULL) {
		disk_fail(w, "the twin: %s", err.msg);
		return s;
	}
	if (commit(m, writer, m->twin, &m->batch) != WRITER_OK)
		disk_fail(w, "the twin failed");
	if (sqlite3_open_v2(writer_path(writer), &h, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
		s = look(w, h);
	sqlite3_close(h);
	vfs_hold(m->twin, false);
	writer_close(writer);
	if (w->mutant == DISK_MARK_EARLY) {
		n = mark_read(m->twin, mark);
		mark_write(m->dir, mark, n);
	}
	return s;
}

/* The state found is the newest of those that may be: the index in states, -1 when none is. */
static int
find(const struct disk_mirror *m, uint64_t print, size_t from)
{
	for (size_t i = m->states.n; i > from; i--)
		if (m->states.v[i - 1].print == print)
			return (int)(i - 1);
	return -1;
}

static bool
says_lost(const char *notice, int64_t lost)
{
	char want[64];

	if (lost <= 0)
		return notice[0] == '\0';
	snprintf(want, sizeof want, "the disk lost the last %lld changes", (long long)lost);
	return strncmp(notice, want, strlen(want)) == 0;
}

/* Of states that look the same nobody knows which one came back. When the power went while a
 * flipped bit was being met, the mark may be as old as what came back. */
static void
check_notice(struct disk_world *w, uint64_t print, bool is_loose)
{
	struct disk_mirror *m = &w->mirror;
	const char *notice = writer_notice(m->writer);
	bool ok = is_loose ? m->is_mark_cut : says_lost(notice, 0);

	for (size_t i = 0; i < m->states.n && is_loose && !ok; i++)
		ok = m->states.v[i].print == print
			&& says_lost(notice, m->mark - m->states.v[i].tick);
	if (!ok)
		disk_fail(w, "%s: \"%s\"", is_loose ? "a bit flipped, and it says"
				: "nothing was lost, and it says", notice);
}

/* After a crash or a failure. is_loose: a bit flipped, so that older states may come back. */
static void
recover(struct disk_world *w, enum flight flight, bool is_loose)
{
	struct disk_mirror *m = &w->mirror;
	struct disk_state next = { 0 }, now;
	int at;

	if (flight != FLIGHT_NONE)
		next = reference(w);
	open_all(w);
	if (w->has_failed)
		return;
	now = look(w, m->eye);
	if (flight != FLIGHT_NONE && now.print == next.print) {
		arr_push(&m->states, next);
	} else {
		at = find(m, now.print, is_loose ? 0 : m->safe);
		if (at < 0)
			disk_fail(w, find(m, now.print, 0) >= 0
					? "what was reported as stored is gone"
					: "a batch is half there");
		else if (flight == FLIGHT_TOLD)
			disk_fail(w, "what was reported as stored is gone");
		m->states.n = at < 0 ? m->states.n : (size_t)at + 1;
	}
	check_notice(w, now.print, is_loose);
	if (now.tick > m->states.v[m->states.n - 1].tick)
		arr_push(&m->states, now);	/* what was lost is counted as told */
	/* what a start has found is told to whoever asks again: it must last */
	m->safe = m->states.n - 1;
	m->mark = now.tick;
	m->is_mark_cut = false;
	look_sound(w, disk_chance(w, 250));
}

/* ---- steps ---- */

static void
stored(struct disk_world *w)
{
	struct disk_mirror *m = &w->mirror;
	struct disk_state s = look(w, m->eye);

	arr_push(&m->states, s);
	w->stats.commits++;
	if (!m->batch.is_own)
		return;
	if (s.tick <= m->mark)
		disk_fail(w, "an own batch without a tick");
	m->mark = s.tick;
	m->safe = m->states.n - 1;
	if (vfs_roll(3) == 0)
		m->mark_old_n = mark_read(m->dir, m->mark_old);
}

/* A failed commit is a crash and a restart, but of the core alone: the writer is opened anew. */
static void
failed(struct disk_world *w, enum writer_result r)
{
	struct disk_mirror *m = &w->mirror;
	enum flight flight = r == WRITER_UNKNOWN ? FLIGHT_MAYBE : FLIGHT_NONE;

	w->stats.faults++;
	if (w->mutant == DISK_UNKNOWN_STORED && m->batch.is_own)
		flight = FLIGHT_TOLD;
	vfs_heal(m->dir);
	close_all(m);
	/* no power was cut */
	m->safe = m->states.n - 1;
	recover(w, flight, false);
}

static void
do_commit(struct disk_world *w)
{
	struct disk_mirror *m = &w->mirror;
	enum writer_result r = WRITER_OK;
	enum flight flight = FLIGHT_MAYBE;
	bool in_danger;

	make_batch(w);
	in_danger = disk_danger(w, m->dir, 60);
	if (in_danger)
		vfs_copy(m->dir, m->twin);
	vfs_lies()->wal_sync = w->mutant == DISK_NORMAL_FOR_OWN;
	if (w->mutant == DISK_RANGES_APART || w->mutant == DISK_TORN_BATCH)
		r = commit_part(w);
	if (r == WRITER_OK)
		r = commit(m, m->writer, m->dir, &m->batch);
	vfs_lies()->wal_sync = false;
	vfs_arm(m->dir, -1);
	disk_note(w, "the mirror stores %s batch: %d", m->batch.is_own ? "an own" : "a",
			vfs_is_dead(m->dir) ? -1 : (int)r);
	if (vfs_is_dead(m->dir)) {
		bool with_cut = disk_roll(w, 2);

		if (m->batch.is_own && w->mutant == DISK_ACK_EARLY)
			flight = FLIGHT_TOLD;
		boot(w, with_cut);
		recover(w, flight, false);
	} else if (r == WRITER_OK) {
		vfs_heal(m->dir);
		stored(w);
	} else {
		failed(w, r);
	}
	batch_clear(&m->batch);
}

static void
do_checkpoint(struct disk_world *w)
{
	struct disk_mirror *m = &w->mirror;
	sqlite3 *h = NULL;
	int rc;

	if (w->swarm.flip > 0)
		return;
	if (disk_chance(w, w->swarm.die))
		vfs_arm(m->dir, (int)disk_roll(w, 60));
	disk_note(w, "the mirror's log is moved");
	vfs_hold(m->dir, false);
	vfs_lies()->file_sync = w->mutant == DISK_CHECKPOINT_UNSYNCED;
	rc = sqlite3_open_v2(writer_path(m->writer), &h, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(h, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_wal_checkpoint_v2(h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	sqlite3_close(h);
	vfs_lies()->file_sync = false;
	vfs_hold(m->dir, true);
	vfs_arm(m->dir, -1);
	if (!vfs_is_dead(m->dir)) {
		if (rc != SQLITE_OK)
			disk_fail(w, "a checkpoint failed: %d", rc);
		m->safe = m->states.n - 1;
		return;
	}
	boot(w, true);
	recover(w, FLIGHT_NONE, false);
}

static void
do_crash(struct disk_world *w, bool with_cut)
{
	bool is_flipped = false;

	boot(w, with_cut);
	if (!with_cut && w->swarm.flip > 0 && disk_chance(w, w->swarm.flip))
		is_flipped = vfs_flip(w->mirror.dir, "-wal");
	w->stats.flips += is_flipped;
	if (is_flipped && w->mutant == DISK_NO_MARK)
		mark_write(w->mirror.dir, "", 0);
	recover(w, FLIGHT_NONE, is_flipped);
}

void
mirror_step(struct disk_world *w)
{
	if (disk_chance(w, w->swarm.checkpoint)) {
		do_checkpoint(w);
	} else if (disk_chance(w, w->swarm.kill)) {
		do_crash(w, false);
	} else if (disk_chance(w, w->swarm.cut)) {
		do_crash(w, true);
	} else if (disk_chance(w, w->swarm.close)) {
		close_all(&w->mirror);
		w->mirror.safe = w->mirror.states.n - 1;
		recover(w, FLIGHT_NONE, false);
	} else {
		do_commit(w);
	}
}

void
mirror_converge(struct disk_world *w)
{
	struct disk_mirror *m = &w->mirror;
	char id[ID_SIZE];
	int64_t head;

	if (w->has_failed)
		return;
	head = ledger_head(w);
	make_head(w);
	make_feed(w, 0, head);
	if (commit(m, m->writer, m->dir, &m->batch) != WRITER_OK)
		disk_fail(w, "the mirror does not take the ledger's log");
	batch_clear(&m->batch);
	for (int64_t seq = 1; seq <= head && !w->has_failed; seq++) {
		ledger_record(w, seq, id);
		if (!look_record(w, seq, id))
			disk_fail(w, "record %lld is another in the mirror", (long long)seq);
	}
	look_sound(w, true);
}

static void
place(const char *dir)
{
	char *path = path_join(dir, "mirror.db");
	struct err err = { 0 };
	int fd = path_make_dir(dir, &err) ? path_open(path, O_RDWR | O_CREAT, &err) : -1;

	if (fd >= 0)
		close(fd);
	free(path);
}

void
mirror_begin(struct disk_world *w)
{
	struct disk_mirror *m = &w->mirror;

	snprintf(m->dir, sizeof m->dir, "%.50s/mirror", w->root);
	snprintf(m->twin, sizeof m->twin, "%.50s/twin", w->root);
	place(m->dir);
	place(m->twin);
	sem_init(&m->done, 0, 0);
	vfs_arm(m->dir, -1);
	vfs_arm(m->twin, -1);
	batch_init(&m->batch);
	open_all(w);
	if (w->has_failed)
		return;
	arr_push(&m->states, look(w, m->eye));
	make_head(w);
	m->batch.is_own = true;
	if (!w->has_failed && commit(m, m->writer, m->dir, &m->batch) != WRITER_OK)
		disk_fail(w, "the first batch failed");
	if (!w->has_failed)
		stored(w);
	batch_clear(&m->batch);
}

void
mirror_end(struct disk_world *w)
{
	struct disk_mirror *m = &w->mirror;

	close_all(m);
	batch_done(&m->batch);
	arr_done(&m->states);
	sem_destroy(&m->done);
}
