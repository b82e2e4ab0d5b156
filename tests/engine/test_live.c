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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
