/* SPDX-License-Identifier: GPL-3.0-or-later */
/* send --each-line: every line once, results in order, bad ones reported. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmds/lines.h"
#include "fake.h"
#include "test.h"

static void
feed(struct fake *f, const char *text)
{
	f->input = text;
	f->input_n = strlen(text);
	fake_line(f, "send #lobby --each-line");
}

static void
lf_and_crlf_end_a_line_and_empty_ones_are_skipped(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	feed(&f, "one\r\n\n\r\ntwo\nthree");
	assert_int_equal(f.err.kind, ERR_NONE);
	assert_int_equal(f.calls.n, 3);
	assert_string_equal(f.calls.v[0]->text, "one");
	assert_string_equal(f.calls.v[1]->text, "two");
	assert_string_equal(f.calls.v[2]->text, "three");
	assert_string_equal(buf_str(&f.out), "#lobby 1\n#lobby 2\n#lobby 3\n");
	fake_done(&f);
}

static void
wait(struct fake *f, struct fake_call *c)
{
	struct reply r = { .type = REPLY_QUEUED };

	(void)f;
	fake_reply(c, &r);
}

static void
results_come_in_the_order_of_the_lines(void **state)
{
	struct reply r = { .type = REPLY_DONE, .name = "#lobby" };
	struct fake f;

	(void)state;
	fake_init(&f);
	f.on_call = wait;
	feed(&f, "a\nb\nc\n");
	assert_int_equal(f.calls.n, 3);
	r.seq = 12;
	fake_reply(f.calls.v[2], &r);
	r.seq = 11;
	fake_reply(f.calls.v[1], &r);
	assert_int_equal(f.out.n, 0);
	r.seq = 10;
	fake_reply(f.calls.v[0], &r);
	assert_true(f.is_done);
	assert_string_equal(buf_str(&f.out), "#lobby 10\n#lobby 11\n#lobby 12\n");
	fake_done(&f);
}

static void
a_bad_line_is_reported_and_the_others_go_on(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	feed(&f, "good\nba\xc3(d\nfine\n");
	assert_int_equal(f.err.kind, ERR_FAIL);
	assert_int_equal(f.calls.n, 2);
	assert_string_equal(f.calls.v[1]->text, "fine");
	assert_string_equal(buf_str(&f.remarks), "line 2: invalid UTF-8 at byte 2\n");
	fake_done(&f);
}

static void
a_line_longer_than_any_message_does_not_stop_the_next(void **state)
{
	size_t n = 5u << 20;
	char *text = xmalloc(n + 16);
	struct fake f;

	(void)state;
	fake_init(&f);
	f.chunk = 65536;
	memset(text, 'x', n);
	memcpy(text + n, "\nafter\n", 8);
	feed(&f, text);
	assert_int_equal(f.err.kind, ERR_FAIL);
	assert_int_equal(f.calls.n, 1);
	assert_string_equal(f.calls.v[0]->text, "after");
	assert_non_null(strstr(buf_str(&f.remarks), "line 1: "));
	free(text);
	fake_done(&f);
}

static void
refuse_second(struct fake *f, struct fake_call *c)
{
	struct reply r = { .type = REPLY_FAIL, .code = "too_large" };

	err_set(&r.err, ERR_REFUSED, "no");
	if (c == f->calls.v[1])
		fake_reply(c, &r);
	else
		fake_answer(f, c);
}

static void
a_refused_line_is_3_at_the_end(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	f.on_call = refuse_second;
	feed(&f, "a\nb\nc\n");
	assert_int_equal(f.err.kind, ERR_REFUSED);
	assert_int_equal(f.calls.n, 3);
	assert_string_equal(buf_str(&f.out), "#lobby 1\n#lobby 2\n");
	assert_string_equal(buf_str(&f.remarks), "line 2: no\n");
	fake_done(&f);
}

static void
refuse_room(struct fake *f, struct fake_call *c)
{
	struct reply r = { .type = REPLY_FAIL, .code = "not_found" };

	(void)f;
	err_set(&r.err, ERR_REFUSED, "there is no #lobby");
	fake_reply(c, &r);
}

static void
an_unknown_room_ends_it_at_once(void **state)
{
	struct fake f;
	char *text = xcalloc(1, 40001);

	(void)state;
	for (int i = 0; i < 20000; i++)
		memcpy(text + 2 * i, "x\n", 2);
	fake_init(&f);
	f.on_call = refuse_room;
	feed(&f, text);
	assert_int_equal(f.err.kind, ERR_REFUSED);
	assert_string_equal(f.err.msg, "there is no #lobby");
	assert_true(f.calls.n <= LINES_ASKED);
	free(text);
	fake_done(&f);
}

static void
hold(struct fake *f, struct fake_call *c)
{
	(void)f;
	(void)c;
}

static void
only_so_many_are_asked_before_they_are_durable(void **state)
{
	struct fake f;
	char *text = xcalloc(1, 40001);

	(void)state;
	for (int i = 0; i < 20000; i++)
		memcpy(text + 2 * i, "x\n", 2);
	fake_init(&f);
	f.on_call = hold;
	f.chunk = 4096;
	feed(&f, text);
	assert_int_equal(f.calls.n, LINES_ASKED);
	/* One that becomes durable lets the next in. */
	fake_reply(f.calls.v[0], &(struct reply){ .type = REPLY_QUEUED });
	assert_int_equal(f.calls.n, LINES_ASKED + 1);
	cmd_stop(f.run, SIGINT);
	for (size_t i = 1; i < f.calls.n; i++)
		fake_reply(f.calls.v[i], &(struct reply){ .type = REPLY_QUEUED });
	assert_true(f.is_done);
	free(text);
	fake_done(&f);
}

static void
an_interrupt_makes_what_was_read_durable_first(void **state)
{
	struct reply r = { .type = REPLY_QUEUED };
	struct fake f;

	(void)state;
	fake_init(&f);
	f.on_call = hold;
	f.chunk = 100;
	feed(&f, "a\nb\n");
	f.is_done = false;
	cmd_stop(f.run, SIGINT);
	assert_false(f.is_done);
	assert_int_equal(f.calls.n, 2);
	fake_reply(f.calls.v[0], &r);
	assert_false(f.is_done);
	fake_reply(f.calls.v[1], &r);
	assert_true(f.is_done);
	assert_int_equal(f.err.kind, ERR_INTERRUPT);
	fake_done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lf_and_crlf_end_a_line_and_empty_ones_are_skipped),
		cmocka_unit_test(results_come_in_the_order_of_the_lines),
		cmocka_unit_test(a_bad_line_is_reported_and_the_others_go_on),
		cmocka_unit_test(a_line_longer_than_any_message_does_not_stop_the_next),
		cmocka_unit_test(a_refused_line_is_3_at_the_end),
		cmocka_unit_test(an_unknown_room_ends_it_at_once),
		cmocka_unit_test(only_so_many_are_asked_before_they_are_durable),
		cmocka_unit_test(an_interrupt_makes_what_was_read_durable_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
