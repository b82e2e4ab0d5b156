/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AI streams: begun, kept, ended by their producer or by the server. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/world.h"

static struct ledger_op
start(struct world *w, const char *user, const char *conv, const char *stream)
{
	char body[200];
	struct ledger_op op;

	snprintf(body, sizeof body, "{\"stream\":\"%s\",\"model\":\"m\"}", stream);
	op = world_send(w, user, conv, REC_AI_START, body);
	op.body.stream = stream;
	return op;
}

static struct ledger_op
end(struct world *w, const char *user, const char *conv, const char *stream, const char *held,
		int64_t len)
{
	char body[200];
	struct ledger_op op;

	snprintf(body, sizeof body, "{\"stream\":\"%s\",\"status\":\"ok\",\"len\":%d}", stream,
			(int)len);
	op = world_send(w, user, conv, REC_AI_END, body);
	op.body.stream = stream;
	op.body.len = len;
	op.stream_text = held;
	op.stream_text_n = strlen(held);
	return op;
}

static void
assert_newest(struct world *w, const char *conv, int64_t seq, const char *part)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	world_page(w, conv, seq - 1, seq, true, &out);
	if (!strstr(buf_str(&out), part))
		fail_msg("%s: no %s", buf_str(&out), part);
	buf_done(&out);
}

struct open { int n; char last[300]; };

static bool
count_open(void *arg, const char *conv, const char *stream, const char *user, const char *device,
		const char *text, size_t n)
{
	struct open *o = arg;

	o->n++;
	(void)conv;
	snprintf(o->last, sizeof o->last, "%s %s %s %.*s", stream, user, device, (int)n, text);
	return true;
}

static void
the_server_puts_in_the_text_it_holds(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], cid[37];
	struct ledger_op op = start(w, "ann", world_room(w, "#lobby", lobby), "st_1");

	assert_true(world_do(w, &op));
	op = end(w, "ann", lobby, "st_1", "so \"it\" is", 10);
	memcpy(cid, op.cid, sizeof cid);
	op.cid = cid;
	assert_true(world_do(w, &op));
	assert_newest(w, lobby, op.out.seq, "\"body\":{\"stream\":\"st_1\",\"status\":\"ok\","
			"\"len\":10,\"text\":\"so \\\"it\\\" is\"}}");
	/* the repeat comes when the text is no longer held */
	op.stream_text = "";
	op.stream_text_n = 0;
	assert_true(world_do(w, &op));
	assert_true(op.out.dup);
}

static void
another_length_is_asked_for_again(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op op = start(w, "ann", world_room(w, "#lobby", lobby), "st_1");

	assert_true(world_do(w, &op));
	op = end(w, "ann", lobby, "st_1", "abc", 10);
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_OFFSET);
	assert_true(op.out.retry);
	assert_int_equal(op.out.expect, 3);
	op.stream_text = "abcdefghij";
	op.stream_text_n = 10;
	assert_true(world_do(w, &op));
}

static void
only_the_device_that_began_it_ends_it(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op op = start(w, "ann", world_room(w, "#lobby", lobby), "st_1");

	assert_true(world_do(w, &op));
	op = end(w, "bob", lobby, "st_1", "abc", 3);
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_FORBIDDEN);
	op = end(w, "ann", lobby, "st_1", "abc", 3);
	op.device = "d_2";
	op.lane = 1;
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_FORBIDDEN);
	op = end(w, "ann", lobby, "st_2", "abc", 3);
	op.lane = 2;
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_NOT_FOUND);
}

static void
four_are_open_and_ids_are_used_once(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	static const char *const ids[] = { "s1", "s2", "s3", "s4", "s5" };
	struct ledger_op op;
	struct open o = { 0 };
	struct err err;

	world_room(w, "#lobby", lobby);
	for (int i = 0; i < 4; i++) {
		op = start(w, "ann", lobby, ids[i]);
		assert_true(world_do(w, &op));
	}
	op = start(w, "ann", lobby, ids[4]);
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_BUSY);
	assert_true(op.out.retry);
	op = end(w, "ann", lobby, "s1", "", 0);
	op.lane = 5;	/* the busy one did not use its number */
	assert_true(world_do(w, &op));
	op = start(w, "ann", lobby, ids[4]);
	op.lane = 6;
	assert_true(world_do(w, &op));
	assert_true(ledger_open_streams(w->r, count_open, &o, &err));
	assert_int_equal(o.n, 4);
	op = start(w, "bob", lobby, "s1");
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_EXISTS);
}

static void
what_was_kept_survives_and_is_aborted_with(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op op = start(w, "ann", world_room(w, "#lobby", lobby), "st_1");
	struct open o = { 0 };
	struct err err;
	bool known;

	assert_true(world_do(w, &op));
	op = world_op(w, LEDGER_CHECKPOINT, "ann");
	op.conv = lobby;
	op.body.stream = "st_1";
	op.stream_text = "half an answ";
	op.stream_text_n = 12;
	assert_true(world_do(w, &op));
	assert_int_equal(w->changes.n, 0);
	world_close(w);
	world_open(w);
	assert_true(ledger_open_streams(w->r, count_open, &o, &err));
	assert_int_equal(o.n, 1);
	assert_string_equal(o.last, "st_1 ann d_1 half an answ");
	op = world_op(w, LEDGER_ABORT, "ann");
	op.conv = lobby;
	op.body.stream = "st_1";
	assert_true(world_do(w, &op));
	assert_int_equal(w->changes.n, 1);
	assert_newest(w, lobby, w->changes.v[0].seq, "\"kind\":\"ai.end\",\"from\":\"ann\","
			"\"device\":\"d_1\"");
	assert_newest(w, lobby, w->changes.v[0].seq, "\"body\":{\"stream\":\"st_1\","
			"\"status\":\"aborted\",\"len\":12,\"text\":\"half an answ\"}");
	/* once */
	assert_true(world_do(w, &op));
	assert_int_equal(w->changes.n, 0);
	op = end(w, "ann", lobby, "st_1", "half an answer", 14);
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_ENDED);
	assert_true(ledger_stream_known(w->r, lobby, "st_1", &known, &err));
	assert_true(known);
	assert_true(ledger_stream_known(w->r, lobby, "st_2", &known, &err));
	assert_false(known);
	/* text for a stream that has ended, or never was, goes nowhere */
	op = world_op(w, LEDGER_CHECKPOINT, "ann");
	op.conv = lobby;
	op.body.stream = "st_1";
	op.stream_text = "x";
	op.stream_text_n = 1;
	assert_true(world_do(w, &op));
	op.body.stream = "st_2";
	assert_true(world_do(w, &op));
}

static struct ledger_op
act(struct world *w, const char *user, const char *conv, const char *run, const char *state)
{
	static char body[200];
	struct ledger_op op;

	snprintf(body, sizeof body, "{\"workflow\":\"deploy\",\"run\":\"%s\",\"step\":\"s\","
			"\"state\":\"%s\"}", run, state);
	op = world_send(w, user, conv, REC_ACTION, body);
	op.body.run = run;
	op.body.status = state;
	op.body.workflow = "deploy";
	op.body.step = "s";
	return op;
}

static bool
count_runs(void *arg, const char *conv, const char *run, const char *user, const char *device)
{
	struct open *o = arg;

	o->n++;
	(void)conv;
	snprintf(o->last, sizeof o->last, "%s %s %s", run, user, device);
	return true;
}

static void
a_run_left_open_is_ended_by_the_server_once(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct open o = { 0 };
	struct err err;
	struct ledger_op op = act(w, "ann", world_room(w, "#lobby", lobby), "r_1", "running");

	assert_true(world_do(w, &op));
	op = act(w, "ann", lobby, "r_2", "running");
	assert_true(world_do(w, &op));
	op = act(w, "ann", lobby, "r_2", "stopped");
	assert_true(world_do(w, &op));
	/* somebody else's word about a run changes nothing */
	op = act(w, "bob", lobby, "r_1", "done");
	assert_true(world_do(w, &op));
	world_close(w);
	world_open(w);
	assert_true(ledger_open_runs(w->r, count_runs, &o, &err));
	assert_int_equal(o.n, 1);
	assert_string_equal(o.last, "r_1 ann d_1");
	op = world_op(w, LEDGER_RUN_END, "ann");
	op.conv = lobby;
	op.body.run = "r_1";
	assert_true(world_do(w, &op));
	assert_int_equal(w->changes.n, 1);
	assert_newest(w, lobby, w->changes.v[0].seq, "\"body\":{\"state\":\"failed\","
			"\"workflow\":\"deploy\",\"run\":\"r_1\",\"step\":\"s\",");
	assert_true(world_do(w, &op));
	assert_int_equal(w->changes.n, 0);
}

static void
a_user_has_so_many_open_runs(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], run[80];
	struct ledger_op op;

	world_room(w, "#lobby", lobby);
	for (int i = 0; i < 64; i++) {
		snprintf(run, sizeof run, "r_%d", i);
		op = act(w, "ann", lobby, run, "running");
		assert_true(world_do(w, &op));
	}
	op = act(w, "ann", lobby, "r_64", "running");
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_BUSY);
	assert_true(op.out.retry);
	memset(run, 'r', 65);
	run[65] = '\0';
	op.body.run = run;
	assert_false(world_do(w, &op));
	assert_int_equal(op.out.code, CODE_INVALID);
}

static void
an_answer_is_unread_for_others(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op op = start(w, "ann", world_room(w, "#lobby", lobby), "st_1");

	assert_true(world_do(w, &op));
	assert_int_equal(world_head(w, "bob", lobby).unread, 0);
	op = world_op(w, LEDGER_ABORT, "ann");
	op.conv = lobby;
	op.body.stream = "st_1";
	op.stream_text = "abc";
	op.stream_text_n = 3;
	assert_true(world_do(w, &op));
	assert_int_equal(world_head(w, "bob", lobby).unread, 1);
	assert_int_equal(world_head(w, "ann", lobby).unread, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_server_puts_in_the_text_it_holds),
		T(a_run_left_open_is_ended_by_the_server_once),
		T(a_user_has_so_many_open_runs),
		T(another_length_is_asked_for_again),
		T(only_the_device_that_began_it_ends_it),
		T(four_are_open_and_ids_are_used_once),
		T(what_was_kept_survives_and_is_aborted_with),
		T(an_answer_is_unread_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
