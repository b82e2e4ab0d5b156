/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rig. */
#include "engine/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "net/ws.h"
#include "store/reader.h"

static void
on_event(void *arg, const struct event *ev)
{
	struct rig *rig = arg;
	size_t n = strlen(rig->delta);

	if (ev->type == EV_LINK)
		rig->link = ev->link.state;
	if (ev->type == EV_OUTBOX && ev->outbox.state == OUTBOX_ACKED)
		rig->acked_events++;
	if (ev->type == EV_CONV)
		rig->changed++;
	if (ev->type == EV_MIRROR)
		rig->has_new_mirror = true;
	if (ev->type == EV_DELTA)
		str_copy(rig->delta + n, sizeof rig->delta - n, ev->delta.text);
}

static char *
folder(const struct rig *rig)
{
	return xasprintf("%s/%s", rig->dir, rig->name != NULL ? rig->name : "account");
}

void
rig_on_reply(void *arg, const struct reply *r)
{
	struct got *got = arg;

	assert_false(got->is_over);
	if (r->type == REPLY_QUEUED)
		got->is_queued = true;
	if (r->type != REPLY_DONE && r->type != REPLY_FAIL)
		return;
	got->is_over = true;
	got->type = r->type;
	got->kind = r->err.kind;
	str_copy(got->msg, sizeof got->msg, r->err.msg);
	str_copy(got->conv, sizeof got->conv, r->conv);
	str_copy(got->name, sizeof got->name, r->name);
	str_copy(got->cid, sizeof got->cid, r->cid);
	str_copy(got->code, sizeof got->code, r->code);
	got->json = xstrdup(r->json);
	got->seq = r->seq;
	got->dup = r->dup;
}

void
rig_open(struct rig *rig)
{
	char *dir = folder(rig);
	struct account_env env = { .loop = rig->loop, .ws = rig->ws, .drivers = rig->drivers,
		.emit = on_event, .emit_arg = rig, .agent = "test/1" };
	struct account_conf conf = { .name = "work", .url = rig->url, .dir = dir };
	struct err err = { 0 };

	rig->link = LINK_OFFLINE;
	rig->a = account_open(&env, &conf, &err);
	free(dir);
	if (rig->a == NULL)
		fail_msg("%s", err.msg);
}

static void
on_closed(void *arg)
{
	*(bool *)arg = true;
}

void
rig_close(struct rig *rig)
{
	bool closed = false;

	if (rig->a == NULL)
		return;
	account_close(rig->a, on_closed, &closed);
	rig->a = NULL;
	rig_wait(rig, &closed);
}

void
rig_init(struct rig *rig, const struct driver *const *table, const char *url)
{
	struct err err = { 0 };

	memset(rig, 0, sizeof *rig);
	test_folder(rig->dir, sizeof rig->dir);
	str_copy(rig->url, sizeof rig->url, url);
	rig->drivers = table;
	rig->loop = loop_new(&err);
	assert_non_null(rig->loop);
}

static void
removed(void *arg, const struct loop_child_result *r)
{
	(void)r;
	*(bool *)arg = true;
}

void
rig_done(struct rig *rig)
{
	char rm[] = "rm", rf[] = "-rf", *command[] = { rm, rf, rig->dir, NULL };
	struct err err = { 0 };
	bool done = false;

	rig_close(rig);
	loop_child_stop(rig->server);
	if (rig->ws != NULL)
		ws_net_free(rig->ws);
	assert_non_null(loop_child_start(rig->loop, command, NULL, NULL, 0, 100, 5000, removed,
			&done, &err));
	rig_wait(rig, &done);
	loop_free(rig->loop);
}

void
rig_wait(struct rig *rig, const bool *flag)
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	struct loop_timer *t = loop_timer_start(rig->loop, WAIT_MS, NULL, NULL);

	while (!*flag && clock_mono_ms() < end)
		loop_once(rig->loop, true);
	loop_timer_stop(t);
	assert_true(*flag);
}

void
rig_wait_link(struct rig *rig, enum link_state state)
{
	int64_t end = clock_mono_ms() + WAIT_MS;

	while (rig->link != state && clock_mono_ms() < end)
		loop_once(rig->loop, true);
	assert_string_equal(link_state_name(rig->link), link_state_name(state));
}

void
rig_online(struct rig *rig)
{
	account_online(rig->a, true);
	rig_wait_link(rig, LINK_ONLINE);
}

struct request
rig_text(const char *target, const char *text)
{
	return (struct request){ .verb = VERB_SEND, .target = target, .kind = REC_MSG,
		.text = text, .text_n = strlen(text) };
}

struct got
rig_ask(struct rig *rig, const struct request *rq)
{
	struct got got = { 0 };

	account_request(rig->a, rq, rig_on_reply, &got);
	assert_false(got.is_over);	/* never during the call */
	rig_wait(rig, &got.is_over);
	return got;
}

struct got
rig_send(struct rig *rig, const char *target, const char *text)
{
	struct request rq = rig_text(target, text);

	return rig_ask(rig, &rq);
}

static bool
see(void *arg, const struct message *m)
{
	struct seen *seen = arg;

	if (m->kind != REC_MSG)
		return true;
	if (seen->n++ == 0)
		str_copy(seen->first, sizeof seen->first, m->text);
	str_copy(seen->last, sizeof seen->last, m->text);
	seen->seq = m->seq;
	seen->edited = m->edited;
	seen->deleted = m->deleted;
	return true;
}

struct found { char conv[CONV_ID_MAX + 1]; int64_t unread; };

static bool
take_conv(void *arg, const struct conv_row *c)
{
	struct found *found = arg;

	found->unread = c->unread;
	return str_copy(found->conv, sizeof found->conv, c->conv);
}

struct reader *
rig_reader(struct rig *rig)
{
	char *dir = folder(rig);
	struct err err = { 0 };
	struct reader *r = reader_open(dir, &err);

	if (r == NULL)
		fail_msg("%s", err.msg);
	free(dir);
	return r;
}

void
rig_damage(struct rig *rig)
{
	char *dir = folder(rig), *path = xasprintf("%s/mirror.db", dir), junk[4096];
	sqlite3_stmt *st = NULL;
	sqlite3 *h = NULL;
	off_t page;
	int fd;

	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	sqlite3_prepare_v2(h, "SELECT rootpage FROM sqlite_schema WHERE name = 'event'", -1, &st,
			NULL);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	page = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(h);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	memset(junk, 0xee, sizeof junk);
	assert_int_equal(pwrite(fd, junk, sizeof junk, (page - 1) * 4096), sizeof junk);
	close(fd);
	free(path);
	free(dir);
}

void
rig_forget(struct rig *rig)
{
	static const char *const files[] = { "mirror.db", "mirror.db-wal", "mirror.db-shm" };

	for (size_t i = 0; i < countof(files); i++) {
		char *path = xasprintf("%s/account/%s", rig->dir, files[i]);

		unlink(path);
		free(path);
	}
}

char *
rig_user(struct rig *rig)
{
	struct reader *r = rig_reader(rig);
	char *user = xasprintf("@%s", reader_user(r));

	reader_close(r);
	return user;
}

static bool
see_id(void *arg, const struct message *m)
{
	return str_copy(arg, 64, m->id);
}

void
rig_last_id(struct rig *rig, const char *target, char id[64])
{
	struct reader *r = rig_reader(rig);
	struct reader_range last = { .n = 1 };
	struct found found = { 0 };
	struct err err = { 0 };

	assert_true(reader_find(r, target, take_conv, &found, &err));
	assert_true(reader_rows(r, found.conv, &last, see_id, id, &err));
	reader_close(r);
}

struct seen
rig_mirror(struct rig *rig, const char *target)
{
	struct reader *r = rig_reader(rig);
	struct reader_range all = { 0 };
	struct found found = { 0 };
	struct seen seen = { 0 };
	struct err err = { 0 };

	if (reader_find(r, target, take_conv, &found, &err))
		assert_true(reader_rows(r, found.conv, &all, see, &seen, &err));
	seen.unread = found.unread;
	reader_close(r);
	return seen;
}

void
rig_wait_rows(struct rig *rig, const char *target, size_t n)
{
	int64_t end = clock_mono_ms() + WAIT_MS;

	while (rig_mirror(rig, target).n < n && clock_mono_ms() < end)
		loop_once(rig->loop, false);
	assert_int_equal(rig_mirror(rig, target).n, n);
}

bool
rig_has_children(void)
{
	if (syscall(SYS_pidfd_open, getpid(), 0) >= 0 || errno != ENOSYS)
		return true;
	puts("1..0 # SKIP there is no pidfd_open here (valgrind has none)");
	return false;
}
