/* SPDX-License-Identifier: GPL-3.0-or-later */
/* send: words, standard input, what is refused, what is only queued. */
#include <signal.h>
#include <string.h>

#include "fake.h"
#include "test.h"

static void
words_go_out_and_the_number_comes_back(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_line(&f, "send #lobby hello world");
	assert_int_equal(f.err.kind, ERR_NONE);
	assert_string_equal(f.calls.v[0]->text, "hello world");
	assert_string_equal(buf_str(&f.out), "#lobby 1\n");
	fake_done(&f);
}

static void
with_json_the_result_is_one_object(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	f.ctx.json = true;
	fake_line(&f, "send #lobby hi --cid 0190c4f2-7e1a-7000-8000-000000000001");
	assert_string_equal(buf_str(&f.out), "{\"conv\":\"c_1\",\"name\":\"#lobby\",\"seq\":1,"
			"\"id\":\"id\",\"cid\":\"0190c4f2-7e1a-7000-8000-000000000001\","
			"\"dup\":false}\n");
	fake_done(&f);
}

static void
standard_input_is_one_message_without_its_last_line_feed(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	f.input = "one\ntwo\n\n";
	f.input_n = strlen(f.input);
	fake_line(&f, "send #lobby -");
	assert_string_equal(f.calls.v[0]->text, "one\ntwo\n");
	assert_int_equal(f.err.kind, ERR_NONE);
	fake_done(&f);
}

static void
a_pipe_is_read_only_when_there_are_no_words(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	f.is_data = true;
	f.input = "piped";
	f.input_n = 5;
	fake_line(&f, "send #lobby words");
	assert_string_equal(f.calls.v[0]->text, "words");
	fake_line(&f, "send #lobby");
	assert_string_equal(f.calls.v[1]->text, "piped");
	f.ctx.no_stdin = true;
	fake_line(&f, "send #lobby");
	assert_int_equal(f.err.kind, ERR_USAGE);
	fake_done(&f);
}

static void
nothing_is_queued_for_bad_input(void **state)
{
	static const struct { const char *input; size_t n; const char *says; } rows[] = {
		{ "", 0, "empty" }, { "\n", 1, "empty" }, { "ab\xff" "cd", 5, "byte 2" },
		{ "a\0b", 3, "byte 1" },
	};
	struct fake f;

	(void)state;
	fake_init(&f);
	for (size_t i = 0; i < countof(rows); i++) {
		f.input = rows[i].input;
		f.input_n = rows[i].n;
		fake_line(&f, "send #lobby -");
		assert_int_equal(f.err.kind, ERR_USAGE);
		assert_non_null(strstr(f.err.msg, rows[i].says));
	}
	fake_line(&f, "send #lobby hi --cid nonsense");
	assert_int_equal(f.err.kind, ERR_USAGE);
	fake_line(&f, "send");
	assert_int_equal(f.err.kind, ERR_USAGE);
	fake_line(&f, "send # hi");
	assert_int_equal(f.err.kind, ERR_USAGE);
	assert_int_equal(f.calls.n, 0);
	fake_done(&f);
}

/* An engine whose server is away: it queues and waits. */
static void
only_queue(struct fake *f, struct fake_call *c)
{
	struct reply r = { .type = REPLY_QUEUED };

	(void)f;
	fake_reply(c, &r);
}

static void
without_waiting_a_durable_message_is_75(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	f.on_call = only_queue;
	fake_line(&f, "send #lobby hi --no-wait");
	assert_int_equal(f.err.kind, ERR_QUEUED);
	fake_line(&f, "send #lobby hi --timeout 0");
	assert_int_equal(f.err.kind, ERR_QUEUED);
	f.ctx.offline = true;
	fake_line(&f, "send #lobby hi");
	assert_int_equal(f.err.kind, ERR_QUEUED);
	assert_int_equal(f.out.n, 0);
	fake_done(&f);
}

static void
an_interrupt_ends_the_waiting_with_130(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	f.on_call = only_queue;
	fake_line(&f, "send #lobby hi");
	assert_false(f.is_done);
	cmd_stop(f.run, SIGINT);
	assert_true(f.is_done);
	assert_int_equal(f.err.kind, ERR_INTERRUPT);
	fake_done(&f);
}

static void
refuse(struct fake *f, struct fake_call *c)
{
	struct reply r = { .type = REPLY_FAIL, .code = "not_found" };

	(void)f;
	err_set(&r.err, ERR_REFUSED, "there is no #nowhere");
	fake_reply(c, &r);
}

static void
a_refusal_is_the_servers_sentence_and_3(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	f.on_call = refuse;
	fake_line(&f, "send #nowhere hi");
	assert_int_equal(f.err.kind, ERR_REFUSED);
	assert_string_equal(f.err.msg, "there is no #nowhere");
	fake_done(&f);
}

static void
a_person_without_a_conversation_gets_one_first(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_line(&f, "msg @bob hello");
	assert_int_equal(f.calls.n, 2);
	assert_int_equal(f.calls.v[0]->rq.verb, VERB_ROOM);
	assert_int_equal(f.calls.v[1]->rq.verb, VERB_SEND);
	assert_string_equal(f.calls.v[1]->text, "hello");
	assert_int_equal(f.err.kind, ERR_NONE);
	fake_done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_go_out_and_the_number_comes_back),
		cmocka_unit_test(with_json_the_result_is_one_object),
		cmocka_unit_test(standard_input_is_one_message_without_its_last_line_feed),
		cmocka_unit_test(a_pipe_is_read_only_when_there_are_no_words),
		cmocka_unit_test(nothing_is_queued_for_bad_input),
		cmocka_unit_test(without_waiting_a_durable_message_is_75),
		cmocka_unit_test(an_interrupt_ends_the_waiting_with_130),
		cmocka_unit_test(a_refusal_is_the_servers_sentence_and_3),
		cmocka_unit_test(a_person_without_a_conversation_gets_one_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
