/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Broken and hostile frames, to the server and to the client (hostile input, class W). */
#include "net/raw.h"

#include <sys/socket.h>
#include <unistd.h>

/* A hand-made peer, already upgraded, of either side. */
struct wire {
	struct fix *f;
	int fd;
	bool is_client;		/* the peer is the client: it masks */
	struct seen *victim;
};

static struct wire
to_server(struct fix *f)
{
	struct wire w = { .f = f, .is_client = true, .victim = &f->s };

	fix_listen(f);
	w.fd = raw_connect(f);
	raw_upgrade(f, w.fd);
	fix_until(f, &f->s.opens, 1);
	return w;
}

static struct wire
to_client(struct fix *f)
{
	struct wire w = { .f = f, .victim = &f->c };
	char url[64];
	int port, lfd = raw_listen(&port);

	snprintf(url, sizeof url, "ws://127.0.0.1:%d/v1", port);
	ws_set_max(fix_connect(f, url), 65536);
	w.fd = raw_accept(f, lfd);
	close(lfd);
	raw_answer(f, w.fd, "");
	fix_until(f, &f->c.opens, 1);
	return w;
}

/* Sends a frame whose payload is right for the direction. */
static void
put(struct wire *w, int head, const void *p, size_t n)
{
	raw_frame_send(w->f, w->fd, head, w->is_client, p, n);
}

static void
expect_close(struct wire *w, int code)
{
	assert_int_equal(raw_close_code(w->f, w->fd), code);
	close(w->fd);
	fix_until(w->f, &w->victim->gones, 1);
}

/* The connection ends, with a close frame or without. */
static void
expect_end(struct wire *w)
{
	raw_close_code(w->f, w->fd);
	close(w->fd);
	fix_until(w->f, &w->victim->gones, 1);
}

/* A server says 1002; the client just hangs up. */
static void
expect_broken(struct wire *w)
{
	if (w->is_client)
		expect_close(w, 1002);
	else
		expect_end(w);
	assert_int_equal(w->victim->messages, 0);
	assert_int_equal(w->victim->err.kind, ERR_NETWORK);
}

#define BOTH(name) \
	static void \
	name##_to_the_server(void **state) \
	{ \
		struct wire w = to_server(*state); \
		name(&w); \
	} \
	static void \
	name##_to_the_client(void **state) \
	{ \
		struct wire w = to_client(*state); \
		name(&w); \
	}

static void
bad_utf8_closes_with_1007(struct wire *w)
{
	put(w, RAW_FIN | RAW_TEXT, "\xc0\xaf", 2);
	expect_close(w, 1007);
	assert_int_equal(w->victim->messages, 0);
	assert_int_equal(w->victim->code, 1007);
	assert_int_equal(w->victim->err.kind, ERR_NETWORK);
}
BOTH(bad_utf8_closes_with_1007)

static void
a_cut_character_closes_with_1007(struct wire *w)
{
	put(w, RAW_FIN | RAW_TEXT, "x\xe2\x82", 3);
	expect_close(w, 1007);
}
BOTH(a_cut_character_closes_with_1007)

static void
a_character_split_between_fragments_is_whole(struct wire *w)
{
	put(w, RAW_TEXT, "\xe2\x82", 2);
	put(w, RAW_FIN | RAW_CONT, "\xac", 1);
	fix_until(w->f, &w->victim->messages, 1);
	assert_string_equal(buf_str(&w->victim->last), "€");
	close(w->fd);
	fix_until(w->f, &w->victim->gones, 1);
	assert_int_equal(w->victim->code, 1006);
}
BOTH(a_character_split_between_fragments_is_whole)

static void
reserved_opcodes_close(struct wire *w)
{
	put(w, 0x83, "", 0);
	expect_broken(w);
}
BOTH(reserved_opcodes_close)

static void
reserved_control_opcodes_close(struct wire *w)
{
	put(w, 0x8b, "", 0);
	expect_broken(w);
}
BOTH(reserved_control_opcodes_close)

static void
reserved_bits_close(struct wire *w)
{
	put(w, 0xc1, "x", 1);
	expect_broken(w);
}
BOTH(reserved_bits_close)

static void
a_fragmented_ping_closes(struct wire *w)
{
	put(w, RAW_PING, "", 0);
	expect_broken(w);
}
BOTH(a_fragmented_ping_closes)

static void
a_long_ping_closes(struct wire *w)
{
	char text[200] = "";

	put(w, RAW_FIN | RAW_PING, text, sizeof text);
	expect_end(w);
}
BOTH(a_long_ping_closes)

static void
a_continuation_of_nothing_closes(struct wire *w)
{
	put(w, RAW_FIN | RAW_CONT, "a", 1);
	expect_broken(w);
}
BOTH(a_continuation_of_nothing_closes)

static void
a_message_inside_a_message_closes(struct wire *w)
{
	put(w, RAW_TEXT, "a", 1);
	put(w, RAW_FIN | RAW_TEXT, "b", 1);
	expect_broken(w);
}
BOTH(a_message_inside_a_message_closes)

static void
a_binary_message_closes_with_4400(struct wire *w)
{
	put(w, RAW_FIN | RAW_BINARY, "a", 1);
	expect_close(w, 4400);
	assert_int_equal(w->victim->code, 4400);
}
BOTH(a_binary_message_closes_with_4400)

static void
the_largest_length_is_not_waited_for(struct wire *w)
{
	unsigned char frame[70000] = { 0x81, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	frame[1] |= w->is_client ? 0x80 : 0;
	raw_send(w->f, w->fd, frame, sizeof frame);
	expect_close(w, 4413);
}
BOTH(the_largest_length_is_not_waited_for)

static void
a_length_over_2_63_closes(struct wire *w)
{
	unsigned char frame[15] = { 0x81, 0x7f, 0x80 };

	frame[1] |= w->is_client ? 0x80 : 0;
	raw_send(w->f, w->fd, frame, sizeof frame);
	expect_end(w);
}
BOTH(a_length_over_2_63_closes)

static void
a_length_that_is_not_minimal_is_never_misread(struct wire *w)
{
	unsigned char frame[9] = { 0x81, 0x7e, 0, 1, 0, 0, 0, 0, 'a' };

	if (w->is_client) {
		frame[1] |= 0x80;
		raw_send(w->f, w->fd, frame, 9);
	} else {
		raw_send(w->f, w->fd, frame, 4);
		raw_send(w->f, w->fd, "a", 1);
	}
	fix_until(w->f, &w->victim->messages, 1);
	assert_string_equal(buf_str(&w->victim->last), "a");
	close(w->fd);
}
BOTH(a_length_that_is_not_minimal_is_never_misread)

static void
fragments_of_a_byte_end_at_the_cap(struct wire *w)
{
	put(w, RAW_TEXT, "a", 1);
	for (int i = 0; i < 70000; i++)
		put(w, RAW_CONT, "a", 1);
	expect_close(w, 4413);
	assert_int_equal(w->victim->messages, 0);
}
BOTH(fragments_of_a_byte_end_at_the_cap)

static void
empty_fragments_end_at_the_cap(struct wire *w)
{
	put(w, RAW_TEXT, "", 0);
	for (int i = 0; i < 70000; i++)
		put(w, RAW_CONT, "", 0);
	expect_close(w, 4413);
}
BOTH(empty_fragments_end_at_the_cap)

static void
a_message_may_have_as_many_fragments_as_bytes(struct wire *w)
{
	char *want = malloc(65536);

	memset(want, 'b', 65536);
	put(w, RAW_TEXT, "b", 1);
	for (int i = 1; i < 65536; i++)
		put(w, RAW_CONT, "b", 1);
	put(w, RAW_FIN | RAW_CONT, "", 0);
	fix_until(w->f, &w->victim->messages, 1);
	assert_int_equal(w->victim->last.n, 65536);
	assert_memory_equal(buf_str(&w->victim->last), want, 65536);
	free(want);
	close(w->fd);
}
BOTH(a_message_may_have_as_many_fragments_as_bytes)

static void
pings_are_answered_inside_a_message(struct wire *w)
{
	struct raw_frame frame;

	put(w, RAW_TEXT, "one ", 4);
	put(w, RAW_FIN | RAW_PING, "tick", 4);
	assert_true(raw_frame_read(w->f, w->fd, &frame));
	assert_int_equal(frame.head, RAW_FIN | RAW_PONG);
	assert_string_equal(frame.payload, "tick");
	free(frame.payload);
	put(w, RAW_FIN | RAW_PONG, "", 0);
	put(w, RAW_FIN | RAW_CONT, "two", 3);
	fix_until(w->f, &w->victim->messages, 1);
	assert_string_equal(buf_str(&w->victim->last), "one two");
	close(w->fd);
}
BOTH(pings_are_answered_inside_a_message)

static void
what_follows_a_close_is_ignored(struct wire *w)
{
	put(w, RAW_FIN | RAW_CLOSE, "\x11\x57so", 4);
	put(w, RAW_FIN | RAW_TEXT, "late", 4);
	expect_close(w, 4439);
	assert_int_equal(w->victim->messages, 0);
	assert_int_equal(w->victim->code, 4439);
	assert_string_equal(w->victim->reason, "so");
}
BOTH(what_follows_a_close_is_ignored)

static void
a_close_without_a_code_is_1005(struct wire *w)
{
	put(w, RAW_FIN | RAW_CLOSE, "", 0);
	expect_end(w);
	assert_int_equal(w->victim->code, 1005);
}
BOTH(a_close_without_a_code_is_1005)

static void
one_that_does_not_answer_a_close_is_dropped(struct wire *w)
{
	int64_t before = loop_now(w->f->l);

	ws_close(w->victim->ws, 4401, "bad token");
	fix_until(w->f, &w->victim->gones, 1);
	assert_in_range(loop_now(w->f->l) - before, 1500, 15000);
	expect_close(w, 4401);
}
BOTH(one_that_does_not_answer_a_close_is_dropped)

static void
a_wrong_mask_does_no_harm(struct wire *w)
{
	/* RFC 6455 says fail; libwebsockets reads it, and it is text like any other. */
	raw_frame_send(w->f, w->fd, RAW_FIN | RAW_TEXT, !w->is_client, "a", 1);
	fix_turn(w->f, 50);
	assert_in_range(w->victim->messages, 0, 1);
	close(w->fd);
	fix_until(w->f, &w->victim->gones, 1);
}
BOTH(a_wrong_mask_does_no_harm)

/* The same numbers in every run. */
static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16 & 0x7fff;
}

static void
random_bytes_do_no_harm(struct wire *w)
{
	unsigned char junk[4096];

	for (unsigned seed = 1; seed < 40; seed++) {
		unsigned state = seed;

		for (size_t i = 0; i < sizeof junk; i++)
			junk[i] = (unsigned char)next_random(&state);
		junk[0] = seed & 1 ? 0x81 : 0x01;
		if (!raw_send(w->f, w->fd, junk, sizeof junk))
			break;
	}
	close(w->fd);
	fix_until(w->f, &w->victim->gones, 1);
}
BOTH(random_bytes_do_no_harm)

static void
a_half_closed_peer_is_gone(struct wire *w)
{
	shutdown(w->fd, SHUT_WR);
	fix_until(w->f, &w->victim->gones, 1);
	assert_int_equal(w->victim->code, 1006);
	close(w->fd);
}
BOTH(a_half_closed_peer_is_gone)

static void
one_that_reads_nothing_is_dropped_all_the_same(struct wire *w)
{
	char *big = calloc(1, 65536);
	int64_t before = loop_now(w->f->l);

	memset(big, 'f', 65536);
	for (int i = 0; i < 200; i++) {
		ws_send(w->victim->ws, big, 65536);
		loop_once(w->f->l, false);
	}
	assert_false(ws_send(w->victim->ws, big, 65536) && ws_send(w->victim->ws, big, 65536)
			&& ws_send(w->victim->ws, big, 65536)
					&& ws_send(w->victim->ws, big, 65536));
	ws_close(w->victim->ws, 4408, "idle");
	fix_until(w->f, &w->victim->gones, 1);
	assert_in_range(loop_now(w->f->l) - before, 1500, 15000);
	free(big);
	close(w->fd);
}
BOTH(one_that_reads_nothing_is_dropped_all_the_same)

static void
a_large_message_is_one_frame(void **state)
{
	struct fix *f = *state;
	struct wire w = to_server(f);
	struct raw_frame frame;
	char *big = malloc(262144);

	memset(big, 'q', 262144);
	buf_add(&f->s.to_write, big, 262144);
	ws_want_write(f->s.ws);
	fix_turn(f, 50);	/* the socket is full long before */
	assert_true(raw_frame_read(f, w.fd, &frame));
	assert_int_equal(frame.head, RAW_FIN | RAW_TEXT);
	assert_false(frame.is_masked);
	assert_int_equal(frame.n, 262144);
	assert_memory_equal(frame.payload, big, 262144);
	free(frame.payload);
	free(big);
	close(w.fd);
}

static void
no_extension_is_accepted(void **state)
{
	struct fix *f = *state;
	char answer[2048];
	int fd;

	fix_listen(f);
	fd = raw_connect(f);
	raw_puts(f, fd,
			"GET /v1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
			"Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate\r\n\r\n");
	raw_head(f, fd, answer, sizeof answer);
	assert_memory_equal(answer, "HTTP/1.1 101 ", 13);
	assert_null(strcasestr(answer, "extensions"));
	close(fd);
	fix_until(f, &f->s.gones, 1);
}

#define TWO(name) FIX_TEST(name##_to_the_server), FIX_TEST(name##_to_the_client)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TWO(bad_utf8_closes_with_1007),
		TWO(a_cut_character_closes_with_1007),
		TWO(a_character_split_between_fragments_is_whole),
		TWO(reserved_opcodes_close),
		TWO(reserved_control_opcodes_close),
		TWO(reserved_bits_close),
		TWO(a_fragmented_ping_closes),
		TWO(a_long_ping_closes),
		TWO(a_continuation_of_nothing_closes),
		TWO(a_message_inside_a_message_closes),
		TWO(a_binary_message_closes_with_4400),
		TWO(the_largest_length_is_not_waited_for),
		TWO(a_length_over_2_63_closes),
		TWO(a_length_that_is_not_minimal_is_never_misread),
		TWO(fragments_of_a_byte_end_at_the_cap),
		TWO(empty_fragments_end_at_the_cap),
		TWO(a_message_may_have_as_many_fragments_as_bytes),
		TWO(pings_are_answered_inside_a_message),
		TWO(what_follows_a_close_is_ignored),
		TWO(a_close_without_a_code_is_1005),
		TWO(one_that_does_not_answer_a_close_is_dropped),
		TWO(a_wrong_mask_does_no_harm),
		TWO(random_bytes_do_no_harm),
		TWO(a_half_closed_peer_is_gone),
		TWO(one_that_reads_nothing_is_dropped_all_the_same),
		FIX_TEST(a_large_message_is_one_frame),
		FIX_TEST(no_extension_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
