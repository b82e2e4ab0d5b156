/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of JSON over a socket, cut anywhere, paused, closed, or no JSON at all. */
#include "control/link.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "test.h"

struct end {
	struct loop *loop;
	struct link *link;
	int peer, lines, closed, drained;
	int64_t sum;
	bool frees_itself, pauses;
	struct err why;
};

static void
on_line(void *arg, const json_t *o)
{
	struct end *e = arg;

	e->lines++;
	e->sum += json_int(o, "n", 0);
	if (e->pauses)
		link_pause(e->link, true);
	if (e->frees_itself) {
		link_free(e->link);
		e->link = NULL;
	}
}

static void
on_closed(void *arg, const struct err *err)
{
	struct end *e = arg;

	e->closed++;
	e->why = *err;
}

static void
on_drained(void *arg)
{
	((struct end *)arg)->drained++;
}

static const struct link_ops ops = {
	.line = on_line, .closed = on_closed, .drained = on_drained
};

static void
open_end(struct end *e)
{
	int fds[2];
	struct err err;

	memset(e, 0, sizeof *e);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	e->loop = loop_new(&err);
	e->link = link_new(e->loop, fds[0], &ops, e, &err);
	assert_non_null(e->link);
	e->peer = fds[1];
}

static void
close_end(struct end *e)
{
	link_free(e->link);
	close(e->peer);
	loop_free(e->loop);
}

static void
feed(struct end *e, const char *text)
{
	assert_int_equal(write(e->peer, text, strlen(text)), (ssize_t)strlen(text));
	loop_once(e->loop, true);
}

static void
a_line_may_come_in_any_pieces(void **state)
{
	struct end e;

	(void)state;
	open_end(&e);
	feed(&e, "{\"n\"");
	assert_int_equal(e.lines, 0);
	feed(&e, ":1}\n{\"n\":2}\n{\"n");
	assert_int_equal(e.lines, 2);
	feed(&e, "\":4}\n");
	assert_int_equal(e.lines, 3);
	assert_int_equal(e.sum, 7);
	close_end(&e);
}

static void
what_is_no_object_ends_the_connection_with_a_reason(void **state)
{
	static const char *const bad[] = { "[1]\n", "hello\n", "{\"a\":1,\"a\":2}\n", "\n", NULL };

	(void)state;
	for (size_t i = 0; bad[i]; i++) {
		struct end e;

		open_end(&e);
		feed(&e, bad[i]);
		assert_int_equal(e.closed, 1);
		assert_int_not_equal(e.why.kind, ERR_NONE);
		assert_int_equal(e.lines, 0);
		close_end(&e);
	}
}

static void
a_paused_end_gets_the_rest_when_it_goes_on(void **state)
{
	struct end e;

	(void)state;
	open_end(&e);
	e.pauses = true;
	feed(&e, "{\"n\":1}\n{\"n\":2}\n");
	assert_int_equal(e.lines, 1);
	e.pauses = false;
	link_pause(e.link, false);
	while (e.lines < 2)
		loop_once(e.loop, true);
	assert_int_equal(e.sum, 3);
	close_end(&e);
}

static void
a_link_may_be_freed_by_the_line_it_reads(void **state)
{
	struct end e;

	(void)state;
	open_end(&e);
	e.frees_itself = true;
	feed(&e, "{\"n\":1}\n{\"n\":2}\n");
	assert_int_equal(e.lines, 1);
	close_end(&e);
}

static void
an_endless_line_is_cut_off(void **state)
{
	struct end e;
	char *chunk = xmalloc(65536);

	(void)state;
	open_end(&e);
	memset(chunk, 'x', 65536);
	for (int i = 0; i < 200 && !e.closed; i++) {
		(void)!write(e.peer, chunk, 65536);
		loop_once(e.loop, false);
	}
	assert_int_equal(e.closed, 1);
	free(chunk);
	close_end(&e);
}

static void
what_was_put_goes_out_whole(void **state)
{
	struct end e;
	char *got = xcalloc(1, 2u << 20);
	size_t n = 0, want;

	(void)state;
	open_end(&e);
	for (int i = 0; i < 50000; i++)
		assert_true(buf_addf(link_out(e.link), "{\"n\":%d}\n", i));
	want = link_waiting(e.link);
	link_send(e.link);
	while (n < want) {
		ssize_t k;

		loop_once(e.loop, false);
		k = read(e.peer, got + n, want - n);
		n += k > 0 ? (size_t)k : 0;
	}
	while (!e.drained)
		loop_once(e.loop, true);
	assert_int_equal(link_waiting(e.link), 0);
	assert_memory_equal(got, "{\"n\":0}\n", 8);
	assert_memory_equal(got + want - 12, "{\"n\":49999}\n", 12);
	free(got);
	close_end(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_may_come_in_any_pieces),
		cmocka_unit_test(what_is_no_object_ends_the_connection_with_a_reason),
		cmocka_unit_test(a_paused_end_gets_the_rest_when_it_goes_on),
		cmocka_unit_test(a_link_may_be_freed_by_the_line_it_reads),
		cmocka_unit_test(an_endless_line_is_cut_off),
		cmocka_unit_test(what_was_put_goes_out_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
