/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger in danger: what it acknowledged stays, at its place; a batch is there as a whole or
 * not at all; and a start accuses nobody of having gone back in time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "sim/disk.h"
#include "sim/vfs.h"

#define BATCH_MAX 4
#define NOW 1793491200000

static const struct ledger_limits limits = { .rate = 0, .rate_window_s = 10, .body = 32768,
	.answer = 131072, .streams_per_user = 4 };

/* ---- opening, dying ---- */

static void
close_all(struct disk_ledger *d)
{
	ledger_reader_close(d->r);
	ledger_close(d->l);
	d->r = NULL;
	d->l = NULL;
}

static void
boot(struct disk_world *w, bool with_cut)
{
	struct disk_ledger *d = &w->ledger;

	w->stats.deaths++;
	w->stats.cuts += with_cut;
	disk_note(w, "the ledger's machine %s", with_cut ? "loses power" : "lets it die");
	vfs_kill(d->dir);
	close_all(d);
	vfs_heal(d->dir);
	vfs_boot(d->dir, with_cut);
}

static void
open_all(struct disk_world *w)
{
	struct disk_ledger *d = &w->ledger;
	struct err err = { 0 };

	for (int tries = 0;; tries++) {
		if (tries < 3 && !w->is_calm && disk_chance(w, w->swarm.die / 2))
			vfs_arm(d->dir, (int)disk_roll(w, 60));
		d->l = ledger_open(d->dir, &limits, "#lobby", &err);
		vfs_arm(d->dir, -1);
		if (d->l != NULL && !vfs_is_dead(d->dir))
			break;
		if (!vfs_is_dead(d->dir)) {
			disk_fail(w, "the ledger cannot be opened: %s", err.msg);
			return;
		}
		boot(w, disk_roll(w, 2));
	}
	d->r = ledger_reader_open(d->dir, &err);
	if (d->r == NULL)
		disk_fail(w, "the ledger cannot be read: %s", err.msg);
	if (*ledger_notice(d->l))
		disk_fail(w, "nothing was lost, and the ledger says: %s", ledger_notice(d->l));
}

/* ---- what it says ---- */

void
ledger_record(struct disk_world *w, int64_t seq, char id[ID_SIZE])
{
	struct err err = { 0 };

	if (!ledger_id_at(w->ledger.r, w->ledger.conv, seq, id, &err))
		disk_fail(w, "the ledger: %s", err.msg);
}

int64_t
ledger_head(struct disk_world *w)
{
	struct ledger_conv c;
	struct err err = { 0 };

	if (ledger_conv(w->ledger.r, w->ledger.conv, &c, &err))
		return c.seq;
	disk_fail(w, "the ledger: %s", err.msg);
	return 0;
}

static void
check_sound(struct disk_world *w)
{
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, 1 << 16);
	if (!ledger_check(w->ledger.dir, &out, &err))
		disk_fail(w, "the ledger is unsound: %s %.150s", err.msg, buf_str(&out));
	buf_done(&out);
}

/* n: how many of the newest are in flight, and may be there, all of them, or not. */
static void
check_sent(struct disk_world *w, size_t n)
{
	struct disk_ledger *d = &w->ledger;
	int64_t known = d->base + (int64_t)(d->sent.n - n), head = ledger_head(w);
	struct ledger_conv c;
	struct err err = { 0 };
	char id[ID_SIZE];

	if (head < known)
		disk_fail(w, "the ledger acknowledged %lld and has %lld", (long long)known,
				(long long)head);
	else if (head != known && head != known + (int64_t)n)
		disk_fail(w, "a batch of the ledger is half there");
	for (size_t i = 0; i < d->sent.n - n && !w->has_failed; i++) {
		ledger_record(w, d->sent.v[i].seq, id);
		if (strcmp(id, d->sent.v[i].id) != 0)
			disk_fail(w, "record %lld of the ledger is another",
					(long long)d->sent.v[i].seq);
	}
	if (ledger_conv(d->r, d->conv, &c, &err) && strcmp(c.epoch, d->epoch) != 0)
		disk_fail(w, "the ledger has a new epoch without need");
}

/* ---- steps ---- */

static void
make_op(struct disk_ledger *d, struct ledger_op *op, struct disk_sent *s)
{
	*op = (struct ledger_op){ .act = LEDGER_SEND, .user = "ann", .device = "d_1",
		.conv = d->conv, .cid = s->cid, .lane = s->lane, .ttl = -1, .kind = REC_MSG,
		.now = NOW + s->lane };
	op->body.text = "some words";
	op->body.text_n = strlen(op->body.text);
	op->body.json = "{\"text\":\"some words\"}";
	op->body.json_n = strlen(op->body.json);
}

/* The newest n are sent, again if need be, until they are acknowledged. */
static bool
send_newest(struct disk_world *w, size_t n, struct err *err)
{
	struct disk_ledger *d = &w->ledger;
	struct disk_sent *first = &d->sent.v[d->sent.n - n];
	struct ledger_op ops[BATCH_MAX];
	struct ledger_changes changes;
	bool ok;

	for (size_t i = 0; i < n; i++)
		make_op(d, &ops[i], &first[i]);
	ok = ledger_commit(d->l, ops, n, &changes, err);
	ledger_changes_done(&changes);
	for (size_t i = 0; i < n && ok && !vfs_is_dead(d->dir); i++) {
		if (!ops[i].out.ok)
			disk_fail(w, "the ledger refuses: %s", ops[i].out.message);
		first[i].seq = ops[i].out.seq;
		str_copy(first[i].id, sizeof first[i].id, ops[i].out.id);
	}
	return ok;
}

/* Nobody knows what became of the newest n: the server starts anew, the client asks again. */
static void
recover(struct disk_world *w, size_t n, bool is_told)
{
	struct err err = { 0 };
	int64_t known;

	open_all(w);
	if (w->has_failed)
		return;
	known = w->ledger.base + (int64_t)w->ledger.sent.n;
	if (is_told && ledger_head(w) != known)
		disk_fail(w, "the ledger acknowledged %lld and has %lld", (long long)known,
				(long long)ledger_head(w));
	check_sent(w, n);
	if (n > 0 && !w->has_failed && !send_newest(w, n, &err))
		disk_fail(w, "the ledger does not recover: %s", err.msg);
	if (disk_chance(w, 100))
		check_sound(w);
}

static void
do_commit(struct disk_world *w)
{
	struct disk_ledger *d = &w->ledger;
	size_t n = 1 + disk_roll(w, BATCH_MAX);
	struct err err = { 0 };
	bool ok;

	for (size_t i = 0; i < n; i++) {
		struct disk_sent *s = arr_new(&d->sent);

		s->lane = (int64_t)d->sent.n;
		snprintf(s->cid, sizeof s->cid, "018f0000-0000-7000-8000-%012lld",
				(long long)s->lane);
	}
	disk_danger(w, d->dir, 40);
	vfs_lies()->wal_sync = w->mutant == DISK_NORMAL_FOR_OWN;
	ok = send_newest(w, n, &err);
	vfs_lies()->wal_sync = false;
	vfs_arm(d->dir, -1);
	disk_note(w, "the ledger stores %zu: %d", n, vfs_is_dead(d->dir) ? -1 : (int)ok);
	if (vfs_is_dead(d->dir)) {
		boot(w, disk_roll(w, 2));
		recover(w, n, w->mutant == DISK_ACK_EARLY);
		return;
	}
	vfs_heal(d->dir);
	if (ok)
		return;
	w->stats.faults++;
	if (err.kind == ERR_REFUSED) {
		/* certainly nothing happened, and the same succeeds now */
		if (ledger_head(w) != d->base + (int64_t)(d->sent.n - n))
			disk_fail(w, "the ledger took what it refused");
		if (!send_newest(w, n, &err))
			disk_fail(w, "the ledger does not recover: %s", err.msg);
		return;
	}
	/* the process ends */
	close_all(d);
	recover(w, n, w->mutant == DISK_UNKNOWN_STORED);
}

static void
do_checkpoint(struct disk_world *w)
{
	struct disk_ledger *d = &w->ledger;
	struct err err = { 0 };
	bool ok;

	if (disk_chance(w, w->swarm.die))
		vfs_arm(d->dir, (int)disk_roll(w, 60));
	vfs_lies()->file_sync = w->mutant == DISK_CHECKPOINT_UNSYNCED;
	ok = ledger_checkpoint(d->l, &err);
	vfs_lies()->file_sync = false;
	vfs_arm(d->dir, -1);
	if (vfs_is_dead(d->dir)) {
		boot(w, true);
		recover(w, 0, false);
	} else if (!ok) {
		disk_fail(w, "the ledger's checkpoint: %s", err.msg);
	}
}

void
ledger_step(struct disk_world *w)
{
	if (disk_chance(w, w->swarm.checkpoint)) {
		do_checkpoint(w);
	} else if (disk_chance(w, w->swarm.kill + w->swarm.cut)) {
		boot(w, disk_roll(w, w->swarm.kill + w->swarm.cut) < w->swarm.cut);
		recover(w, 0, false);
	} else if (disk_chance(w, w->swarm.close)) {
		close_all(&w->ledger);
		recover(w, 0, false);
	} else {
		do_commit(w);
	}
}

void
ledger_converge(struct disk_world *w)
{
	if (w->has_failed)
		return;
	check_sent(w, 0);
	if (!w->has_failed)
		check_sound(w);
}

void
ledger_begin(struct disk_world *w)
{
	struct disk_ledger *d = &w->ledger;
	struct ledger_op op = { .act = LEDGER_USER, .user = "ann", .device = "d_1", .now = NOW,
		.ttl = -1, .lane = -1 };
	struct ledger_changes changes;
	struct ledger_conv c;
	struct err err = { 0 };

	snprintf(d->dir, sizeof d->dir, "%.50s/ledger", w->root);
	vfs_arm(d->dir, -1);
	open_all(w);
	if (w->has_failed)
		return;
	if (!ledger_commit(d->l, &op, 1, &changes, &err)
			|| !ledger_conv_named(d->r, "#lobby", &c, &err)) {
		disk_fail(w, "the ledger: %s", err.msg);
		return;
	}
	ledger_changes_done(&changes);
	str_copy(d->conv, sizeof d->conv, c.conv);
	str_copy(d->epoch, sizeof d->epoch, c.epoch);
	d->base = c.seq;
}

void
ledger_end(struct disk_world *w)
{
	close_all(&w->ledger);
	arr_done(&w->ledger.sent);
}
