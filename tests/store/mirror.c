/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mirror of the tests. */
#include "store/mirror.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

static char shown[4096];

static void
on_done(void *arg)
{
	struct mirror *m = arg;

	sem_post(&m->done);
}

void
mirror_open(struct mirror *m)
{
	struct err err = { 0 };

	m->w = writer_open(m->dir, on_done, m, &err);
	if (m->w == NULL)
		fail_msg("%s", err.msg);
}

void
mirror_close(struct mirror *m)
{
	reader_close(m->r);
	m->r = NULL;
	writer_close(m->w);
	m->w = NULL;
}

void
mirror_init(struct mirror *m)
{
	struct change *ch;

	memset(m, 0, sizeof *m);
	test_folder(m->dir, sizeof m->dir);
	sem_init(&m->done, 0, 0);
	batch_init(&m->b);
	mirror_open(m);
	mirror_meta(m, "user", "ann");
	batch_reserve(&m->b, 1, 1024);
	ch = batch_add(&m->b, CHANGE_HEAD, C1);
	ch->head = (struct head){ .conv = C1, .name = "#room", .topic = "", .epoch = "e1",
		.id = "", .kind = CONV_ROOM };
	mirror_commit(m);
}

void
mirror_done(struct mirror *m)
{
	static const char *const ends[] = { "mirror.db", "mirror.db-wal", "mirror.db-shm",
		"mirror-2.db", "mirror-2.db-wal", "mirror-2.db-shm", "high-water",
		"mirror-damaged", "copy.db" };

	mirror_close(m);
	for (size_t i = 0; i < countof(ends); i++) {
		char *path = xasprintf("%s/%s", m->dir, ends[i]);

		unlink(path);
		free(path);
	}
	rmdir(m->dir);
	batch_done(&m->b);
	sem_destroy(&m->done);
}

struct reader *
mirror_reader(struct mirror *m)
{
	struct err err = { 0 };

	if (m->r == NULL)
		m->r = reader_open(m->dir, &err);
	if (m->r == NULL)
		fail_msg("%s", err.msg);
	return m->r;
}

enum writer_result
mirror_try(struct mirror *m)
{
	writer_commit(m->w, &m->b);
	sem_wait(&m->done);
	assert_true(writer_take(m->w, &m->out));
	batch_clear(&m->b);
	return m->out.result;
}

void
mirror_commit(struct mirror *m)
{
	if (mirror_try(m) != WRITER_OK)
		fail_msg("%s", m->out.err.msg);
}

struct record
mirror_record(int64_t seq, const char *kind, const char *ref, const char *body)
{
	static char ids[64][24];
	char *id = ids[seq % 64];

	snprintf(id, sizeof ids[0], "id-%lld", (long long)seq);
	return (struct record){ .seq = seq, .id = id, .kind = record_kind_parse(kind),
		.kind_name = kind, .from = "bob", .device = "", .cid = "", .ref = ref,
		.ts = 1700000000000 + seq * 1000, .body = body, .body_n = strlen(body) };
}

void
mirror_put(struct mirror *m, int64_t lo, int64_t hi, const struct record *v, size_t n)
{
	struct change *ch;

	batch_reserve(&m->b, 1, batch_records_cost(v, n) + 256);
	ch = batch_add(&m->b, CHANGE_RECORDS, C1);
	ch->records.epoch = batch_str(&m->b, "e1");
	ch->records.lo = lo;
	ch->records.hi = hi;
	ch->records.v = batch_records(&m->b, v, n);
	ch->records.n = n;
}

void
mirror_put_one(struct mirror *m, const struct record *r)
{
	mirror_put(m, r->seq - 1, r->seq, r, 1);
}

void
mirror_say(struct mirror *m, int64_t seq, const char *from, const char *text)
{
	char *body = xasprintf("{\"text\":\"%s\"}", text);
	struct record r = mirror_record(seq, "msg", "", body);

	r.from = from;
	mirror_put_one(m, &r);
	free(body);
}

void
mirror_queue(struct mirror *m, const char *cid, int64_t lane)
{
	struct change *ch;

	batch_reserve(&m->b, 1, 1024);
	ch = batch_add(&m->b, CHANGE_OUT_ADD, C1);
	ch->out_add.cid = batch_str(&m->b, cid);
	ch->out_add.ref = "";
	ch->out_add.body = "{\"text\":\"queued\"}";
	ch->out_add.body_n = strlen(ch->out_add.body);
	ch->out_add.kind = REC_MSG;
	ch->out_add.state = OUTBOX_QUEUED;
	ch->out_add.lane = lane;
	ch->out_add.created_ms = 1700000000000;
	m->b.is_own = true;
}

void
mirror_meta(struct mirror *m, const char *key, const char *value)
{
	struct change *ch;

	batch_reserve(&m->b, 1, 1024);
	ch = batch_add(&m->b, CHANGE_META, "");
	ch->meta.key = batch_str(&m->b, key);
	ch->meta.value = batch_str(&m->b, value);
}

static void
show_message(const struct message *msg)
{
	size_t n = strlen(shown);

	snprintf(shown + n, sizeof shown - n, "%s%lld:%s%s%s%s", n > 0 ? " " : "",
			(long long)msg->seq, msg->text, msg->edited ? "*" : "",
			msg->deleted ? "-" : "",
			strcmp(msg->reacts, "{}") == 0 ? "" : msg->reacts);
}

static bool
show(void *arg, const struct message *msg)
{
	(void)arg;
	show_message(msg);
	return true;
}

static bool
show_hit(void *arg, const struct conv_row *c, const struct message *msg)
{
	(void)arg;
	assert_string_equal(c->name, "#room");
	show_message(msg);
	return true;
}

const char *
mirror_rows(struct mirror *m, const struct reader_range *q)
{
	struct err err = { 0 };

	shown[0] = '\0';
	if (!reader_rows(mirror_reader(m), C1, q, show, NULL, &err))
		fail_msg("%s", err.msg);
	return shown;
}

const char *
mirror_all(struct mirror *m)
{
	return mirror_rows(m, &(struct reader_range){ 0 });
}

const char *
mirror_search(struct mirror *m, const char *query)
{
	struct reader_search q = { .query = query };
	struct err err = { 0 };

	shown[0] = '\0';
	if (!reader_search(mirror_reader(m), &q, show_hit, NULL, &err))
		fail_msg("%s", err.msg);
	return shown;
}

int64_t
mirror_number(struct mirror *m, const char *sql)
{
	char *path = xstrdup(writer_path(m->w));
	sqlite3_stmt *st = NULL;
	sqlite3 *h = NULL;
	int64_t n;

	assert_int_equal(sqlite3_open_v2(path, &h, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	if (sqlite3_prepare_v2(h, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(h));
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(h);
	free(path);
	return n;
}
