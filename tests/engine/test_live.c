/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An account against the real server: from a request to the mirror and back. */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/rig.h"
#include "loop/loop.h"
#include "net/ws.h"
#include "store/reader.h"

static void
server_gone(void *arg, const struct loop_child_result *r)
{
	struct rig *rig = arg;

	(void)r;
	rig->server = NULL;
}

static void
start_server(struct rig *rig)
{
	const char *build = getenv("top_builddir");
	char *program = xasprintf("%s/src/stonechatd", build != NULL ? build : ".");
	char *data = xasprintf("%s/server", rig->dir), *listen = xstrdup(rig->url);
	char o1[] = "--data", o2[] = "--listen", o3[] = "--set",
		room[] = "rooms.auto_join=#lobby";
	char *argv[] = { program, o1, data, o2, listen, o3, room, NULL };
	struct err err = { 0 };

	rig->server = loop_child_start(rig->loop, argv, NULL, NULL, 0, 1024 * 1024, 600000,
			server_gone, rig, &err);
	assert_non_null(rig->server);
	free(program);
	free(data);
	free(listen);
}

static void
stop_server(struct rig *rig)
{
	loop_child_stop(rig->server);
	rig->server = NULL;
}

struct ran { bool is_over; int status; char out[256]; };

static void
command_ran(void *arg, const struct loop_child_result *r)
{
	struct ran *ran = arg;

	ran->is_over = true;
	ran->status = r->status;
	snprintf(ran->out, sizeof ran->out, "%.*s%.*s", (int)r->out_n, r->out, (int)r->err_n,
			r->errout);
}

/* stonechatd --data … words. */
static struct ran
administer(struct rig *rig, const char *a, const char *b, const char *c)
{
	const char *build = getenv("top_builddir");
	char *words[] = { xasprintf("%s/src/stonechatd", build != NULL ? build : "."),
		xstrdup("--data"), xasprintf("%s/server", rig->dir), xstrdup(a), xstrdup(b),
		xstrdup(c), NULL };
	struct ran ran = { 0 };
	struct err err = { 0 };

	assert_non_null(loop_child_start(rig->loop, words, NULL, NULL, 0, 4096, 20000,
			command_ran, &ran, &err));
	rig_wait(rig, &ran.is_over);
	if (ran.status != 0)
		fail_msg("%s", ran.out);
	for (size_t i = 0; i < 6; i++)
		free(words[i]);
	return ran;
}

static int
setup(void **state)
{
	struct rig *rig = xcalloc(1, sizeof *rig);
	struct err err = { 0 };

	rig_init(rig, drivers, "");
	snprintf(rig->url, sizeof rig->url, "unix:%s/sock", rig->dir);
	rig->ws = ws_net_new(rig->loop, 256, NULL, NULL, &err);
	assert_non_null(rig->ws);
	start_server(rig);
	rig_open(rig);
	*state = rig;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *rig = *state;

	rig_done(rig);
	free(rig);
	return 0;
}

static void
a_message_makes_the_round(void **state)
{
	struct rig *rig = *state;
	struct got got;

	rig_online(rig);
	got = rig_send(rig, "#lobby", "hello");
	assert_string_equal(got.msg, "");
	assert_int_equal(got.type, REPLY_DONE);
	assert_string_equal(rig_mirror(rig, "#lobby").last, "hello");
	assert_int_equal(rig_mirror(rig, "#lobby").seq, got.seq);
}

static void
rooms_are_made_and_left(void **state)
{
	struct request create = { .verb = VERB_ROOM, .act = "create", .name = "#ops" };
	struct request leave = { .verb = VERB_ROOM, .act = "leave", .target = "#ops" };
	struct request list = { .verb = VERB_ROOM, .act = "list" };
	struct rig *rig = *state;
	struct got got;

	rig_online(rig);
	got = rig_ask(rig, &create);
	assert_string_equal(got.msg, "");
	assert_string_equal(got.name, "#ops");
	got = rig_send(rig, "#ops", "first");
	assert_int_equal(got.type, REPLY_DONE);
	got = rig_ask(rig, &list);
	assert_non_null(strstr(got.json, "#ops"));
	free(got.json);
	got = rig_ask(rig, &leave);
	assert_string_equal(got.msg, "");
	got = rig_send(rig, "#ops", "too late");
	assert_int_equal(got.kind, ERR_REFUSED);
	assert_false(got.is_queued);
}

static void
edits_and_deletions_are_folded(void **state)
{
	struct rig *rig = *state;
	struct request edit = rig_text("#lobby", "right"), delete = edit;
	struct request fetch = { .verb = VERB_FETCH, .target = "#lobby", .n = 10 };
	struct got got;
	char id[64];

	rig_online(rig);
	got = rig_send(rig, "#lobby", "wrong");
	rig_last_id(rig, "#lobby", id);
	edit.kind = REC_EDIT;
	edit.ref = id;
	got = rig_ask(rig, &edit);
	assert_string_equal(got.msg, "");
	assert_string_equal(rig_mirror(rig, "#lobby").last, "right");
	assert_true(rig_mirror(rig, "#lobby").edited);
	delete.kind = REC_DELETE;
	delete.ref = id;
	got = rig_ask(rig, &delete);
	assert_string_equal(got.msg, "");
	assert_true(rig_mirror(rig, "#lobby").deleted);
	assert_string_equal(rig_mirror(rig, "#lobby").last, "");
	assert_int_equal(rig_ask(rig, &fetch).type, REPLY_DONE);
}

static void
a_killed_server_loses_nothing(void **state)
{
	struct rig *rig = *state;
	struct request rq = rig_text("#lobby", "through the night");
	struct got got = { 0 };

	rig_online(rig);
	rig_send(rig, "#lobby", "before");
	stop_server(rig);
	account_request(rig->a, &rq, rig_on_reply, &got);
	rig_wait(rig, &got.is_queued);
	start_server(rig);
	rig_wait(rig, &got.is_over);
	assert_string_equal(got.msg, "");
	assert_int_equal(rig_mirror(rig, "#lobby").n, 2);
	assert_string_equal(rig_mirror(rig, "#lobby").last, "through the night");
}

static void
a_new_mirror_has_the_newest_and_fetches_the_rest(void **state)
{
	enum { N = 500 };
	struct request fetch = { .verb = VERB_FETCH, .target = "#lobby", .n = 300 };
	struct request sync = { .verb = VERB_SYNC, .all = true };
	struct rig *rig = *state;
	struct got *got = xcalloc(N, sizeof *got), one;
	char text[32];

	rig_online(rig);
	for (int i = 0; i < N; i++) {
		struct request rq;

		snprintf(text, sizeof text, "line %d", i);
		rq = rig_text("#lobby", text);
		account_request(rig->a, &rq, rig_on_reply, &got[i]);
	}
	for (int i = 0; i < N; i++)
		rig_wait(rig, &got[i].is_over);
	rig_close(rig);
	rig_forget(rig);
	rig_open(rig);
	rig_online(rig);
	rig_wait_rows(rig, "#lobby", 200);
	one = rig_ask(rig, &fetch);
	assert_string_equal(one.msg, "");
	assert_true(rig_mirror(rig, "#lobby").n >= 300 && rig_mirror(rig, "#lobby").n < N);
	one = rig_ask(rig, &sync);
	assert_string_equal(one.msg, "");
	assert_int_equal(rig_mirror(rig, "#lobby").n, N);
	assert_string_equal(rig_mirror(rig, "#lobby").first, "line 0");
	free(got);
}

static void
wait_idle(struct rig *rig)
{
	int64_t end = clock_mono_ms() + WAIT_MS;

	while (!account_is_idle(rig->a) && clock_mono_ms() < end)
		loop_once(rig->loop, false);
	assert_true(account_is_idle(rig->a));
}

/* A server that went back to a backup gets again what it had acknowledged and lost. */
static void
what_a_restored_server_lost_is_offered_again(void **state)
{
	struct rig *rig = *state;
	char *backup = xasprintf("%s/backup", rig->dir);
	struct request sync = { .verb = VERB_SYNC, .all = true };
	struct got got;

	rig_online(rig);
	rig_send(rig, "#lobby", "kept");
	administer(rig, "backup", backup, NULL);
	rig_send(rig, "#lobby", "lost one");
	got = rig_send(rig, "#lobby", "lost two");
	assert_int_equal(rig_mirror(rig, "#lobby").n, 3);
	stop_server(rig);
	rig_wait_link(rig, LINK_WAITING);
	administer(rig, "restore", backup, NULL);
	start_server(rig);
	rig_wait_link(rig, LINK_ONLINE);
	wait_idle(rig);
	assert_string_equal(rig_ask(rig, &sync).msg, "");
	rig_wait_rows(rig, "#lobby", 3);
	assert_string_equal(rig_mirror(rig, "#lobby").first, "kept");
	assert_string_equal(rig_mirror(rig, "#lobby").last, "lost two");
	/* a mirror made anew has the same */
	rig_close(rig);
	rig_forget(rig);
	rig_open(rig);
	rig_online(rig);
	rig_wait_rows(rig, "#lobby", 3);
	assert_string_equal(rig_mirror(rig, "#lobby").last, "lost two");
	(void)got;
	free(backup);
}

static void
run(struct rig *rig, const char *program, const char *a, const char *b, const char *c)
{
	char *words[] = { xstrdup(program), xstrdup(a), xstrdup(b), xstrdup(c), NULL };
	struct ran ran = { 0 };
	struct err err = { 0 };

	assert_non_null(loop_child_start(rig->loop, words, NULL, NULL, 0, 4096, 20000,
			command_ran, &ran, &err));
	rig_wait(rig, &ran.is_over);
	assert_int_equal(ran.status, 0);
	for (size_t i = 0; i < 4; i++)
		free(words[i]);
}

/* The same without the command: files put back by hand. The server learns from us that it went
 * back in time. */
static void
a_server_put_back_by_hand_is_caught(void **state)
{
	struct rig *rig = *state;
	char *data = xasprintf("%s/server", rig->dir), *copy = xasprintf("%s/copy", rig->dir);

	rig_online(rig);
	rig_send(rig, "#lobby", "kept");
	stop_server(rig);
	rig_wait_link(rig, LINK_WAITING);
	run(rig, "cp", "-a", data, copy);
	start_server(rig);
	rig_wait_link(rig, LINK_ONLINE);
	rig_send(rig, "#lobby", "lost");
	stop_server(rig);
	rig_wait_link(rig, LINK_WAITING);
	run(rig, "rm", "-rf", data, NULL);
	run(rig, "mv", copy, data, NULL);
	start_server(rig);
	rig_wait_link(rig, LINK_ONLINE);
	wait_idle(rig);
	rig_wait_rows(rig, "#lobby", 2);
	assert_string_equal(rig_mirror(rig, "#lobby").last, "lost");
	free(data);
	free(copy);
}

/* Two people, the second over a token. */
static void
a_direct_message_reaches_the_other_person(void **state)
{
	struct rig *rig = *state;
	struct rig other = *rig;
	struct ran ran;
	int64_t end = clock_mono_ms() + WAIT_MS;
	char *me;

	rig_online(rig);
	ran = administer(rig, "user", "add", "bob");
	ran.out[strcspn(ran.out, "\n")] = '\0';
	other.a = NULL;
	other.name = "other";
	rig_open(&other);
	account_token(other.a, ran.out);
	rig_online(&other);
	me = rig_user(rig);
	assert_string_equal(rig_send(&other, me, "psst").msg, "");
	while (rig_mirror(rig, "@bob").n == 0 && clock_mono_ms() < end)
		loop_once(rig->loop, false);
	assert_string_equal(rig_mirror(rig, "@bob").last, "psst");
	assert_string_equal(rig_send(rig, "@bob", "what?").msg, "");
	rig_wait_rows(&other, me, 2);
	rig_close(&other);
	free(me);
}

static bool
see_hit(void *arg, const struct conv_row *c, const struct message *m)
{
	(void)c;
	return str_copy(arg, 64, m->text);
}

static void
an_answer_streams_and_ends_in_a_record(void **state)
{
	struct request start = { .verb = VERB_STREAM, .act = "start", .target = "#lobby",
		.body = "{\"stream\":\"st_1\",\"model\":\"m\",\"asked_by\":\"ann\"}" };
	struct request delta = { .verb = VERB_STREAM, .act = "delta", .target = "#lobby",
		.stream = "st_1", .text = "héllo", .text_n = 6 };
	struct request end = { .verb = VERB_STREAM, .act = "end", .target = "#lobby",
		.body = "{\"stream\":\"st_1\",\"status\":\"ok\",\"len\":6}" };
	struct request tail = { .verb = VERB_STREAM, .act = "tail", .target = "#lobby",
		.stream = "st_1" };
	struct rig *rig = *state;
	struct err err = { 0 };
	struct reader *r;
	char text[64] = "";
	struct got got = { 0 };

	rig_online(rig);
	assert_string_equal(rig_ask(rig, &start).msg, "");
	assert_false(account_is_idle(rig->a));
	assert_string_equal(rig_ask(rig, &delta).msg, "");
	account_request(rig->a, &tail, rig_on_reply, &got);
	assert_string_equal(rig_ask(rig, &end).msg, "");
	rig_wait(rig, &got.is_over);
	assert_string_equal(got.msg, "");
	assert_non_null(strstr(rig->delta, "héllo"));
	assert_true(account_is_idle(rig->a));
	r = rig_reader(rig);
	assert_true(reader_search(r, &(struct reader_search){ .query = "hello" }, see_hit, text,
			&err));
	reader_close(r);
	assert_string_equal(text, "héllo");
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_message_makes_the_round),
		test(rooms_are_made_and_left),
		test(edits_and_deletions_are_folded),
		test(a_killed_server_loses_nothing),
		test(a_new_mirror_has_the_newest_and_fetches_the_rest),
		test(an_answer_streams_and_ends_in_a_record),
		test(what_a_restored_server_lost_is_offered_again),
		test(a_server_put_back_by_hand_is_caught),
		test(a_direct_message_reaches_the_other_person),
	};

	if (!rig_has_children())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
