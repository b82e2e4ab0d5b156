/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes into keys, whole and cut at every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "term/keyboard.h"

/* What came: "<M-a>" for a key, text as it is, "{…}" for a paste. */
static void
note(void *arg, const struct stroke *s)
{
	struct buf *out = arg;

	if (s->type == STROKE_KEY)
		buf_addf(out, "<%s>", s->name);
	else if (s->type == STROKE_TEXT)
		buf_add(out, s->bytes, s->n);
	else
		buf_addf(out, "{%s%s}", s->bytes, s->lost > 0 ? "…" : "");
}

/* The bytes in pieces of at most size, then silence. */
static void
expect_in_pieces(const char *bytes, size_t n, size_t size, const char *wanted)
{
	struct keyboard k;
	struct buf out;

	buf_init(&out, 4 << 20);
	keyboard_init(&k);
	for (size_t at = 0; at < n; at += size)
		keyboard_feed(&k, bytes + at, n - at < size ? n - at : size, note, &out);
	if (keyboard_wait_ms(&k) > 0)
		keyboard_flush(&k, note, &out);
	assert_int_equal(keyboard_wait_ms(&k), 0);
	assert_string_equal(buf_str(&out), wanted);
	keyboard_done(&k);
	buf_done(&out);
}

static void
expect(const char *bytes, const char *wanted)
{
	for (size_t size = 1; size <= strlen(bytes); size++)
		expect_in_pieces(bytes, strlen(bytes), size, wanted);
}

static void
text_and_control_keys(void **state)
{
	(void)state;
	expect("hé 日x", "hé 日x");
	expect("a\001b\rc\td\177", "a<C-a>b<Enter>c<Tab>d<BackSpace>");
	expect("\n\032\037", "<C-j><C-z><C-_>");
	expect_in_pieces("a\0b", 3, 3, "a<C-Space>b");
}

static void
bad_bytes_are_replaced(void **state)
{
	(void)state;
	expect_in_pieces("a\xff" "b\xc3(", 5, 5, "a\xef\xbf\xbd" "b\xef\xbf\xbd(");
	expect("\033\xff", "");
}

static void
keys_of_xterm_linux_and_rxvt(void **state)
{
	(void)state;
	expect("\033[A\033OA\033[H\033[1~\033[7~\033OF", "<Up><Up><Home><Home><Home><End>");
	expect("\033[5~\033[6~\033[3~", "<PgUp><PgDn><Delete>");
	expect("\033OP\033[11~\033[[A\033[24~\033[15~", "<F1><F1><F1><F12><F5>");
	expect("\033[Z\033[1;5C\033[1;3H\033[5;3~\033[1;8D",
			"<S-Tab><C-Right><M-Home><M-PgUp><C-M-S-Left>");
	expect("\033[1;2R\033[1;2P", "<S-F3><S-F1>");
}

static void
alt_is_escape_and_the_key(void **state)
{
	(void)state;
	expect("\033a\0331\033\r\033\177\033/", "<M-a><M-1><M-Enter><M-BackSpace><M-/>");
	expect("\033\xc3\xa9", "<M-\xc3\xa9>");
	expect("\033O", "<M-O>");
	expect("\033P", "<M-P>");
	expect("\033[", "<M-[>");
	expect("\033\033[A", "<Esc><Up>");
}

static void
escape_alone_is_a_key_after_silence(void **state)
{
	struct keyboard k;
	struct buf out;
	(void)state;

	expect("\033", "<Esc>");
	keyboard_init(&k);
	buf_init(&out, 100);
	keyboard_feed(&k, "\033", 1, note, &out);
	assert_int_equal(keyboard_wait_ms(&k), 50);
	assert_string_equal(buf_str(&out), "");
	keyboard_feed(&k, "x", 1, note, &out);
	assert_string_equal(buf_str(&out), "<M-x>");
	assert_int_equal(keyboard_wait_ms(&k), 0);
	keyboard_done(&k);
	buf_done(&out);
}

static void
the_wheel_scrolls_and_other_buttons_do_nothing(void **state)
{
	(void)state;
	expect("\033[<64;10;5M\033[<65;10;5Mx\033[<0;1;1M\033[<0;1;1m",
			"<WheelUp><WheelDown>x");
}

static void
late_answers_are_swallowed(void **state)
{
	(void)state;
	expect("\033[?64;1;9cx", "x");
	expect("\033[24;80Rx", "x");
	expect("\033]11;rgb:0000/0000/0000\033\\x", "x");
	expect("\033]11;rgb:0000/0000/0000\007x", "x");
	expect("\033P1$r0m\033\\x", "x");
	expect("\033[99~\033[?2004;1$yx", "x");
}

static void
an_answer_cut_by_a_long_silence_does_not_block_the_keyboard(void **state)
{
	(void)state;
	expect("\033]11;rgb:00", "");
	expect_in_pieces("\033]11;rgb", 9, 9, "");
}

static void
a_key_cuts_an_answer_off(void **state)
{
	(void)state;
	expect("\033]11;\033ay", "<M-a>y");
	expect("\033]\033\001", "<M-C-a>");
}

static void
overlong_sequences_are_dropped(void **state)
{
	char bytes[300] = "\033[";

	(void)state;
	memset(bytes + 2, '1', 250);
	memcpy(bytes + 252, "Ax", 3);
	expect_in_pieces(bytes, 254, 254, "x");
	expect_in_pieces(bytes, 254, 1, "x");
	expect_in_pieces(bytes, 254, 7, "x");
}

static void
inside_a_paste_no_byte_is_a_key(void **state)
{
	(void)state;
	expect("a\033[200~x\ry\r\nz\001\033[A\tq\033[201~b", "a{x\ny\nz[A\tq}b");
	expect("\033[200~\033[201\033[201~", "{[201}");
	expect("\033[200~\033[201~\033[200~/quit\r\033[201~", "{}{/quit\n}");
}

static void
a_burst_of_lines_is_a_paste(void **state)
{
	(void)state;
	expect_in_pieces("one\rtwo\rthree\rfour\r", 19, 19, "{one\ntwo\nthree\nfour\n}");
	expect_in_pieces("one\rtwo\r", 8, 8, "one<Enter>two<Enter>");
	expect_in_pieces("\r\r\r\r", 4, 4, "<Enter><Enter><Enter><Enter>");
}

static void
a_huge_paste_is_cut_and_said_so(void **state)
{
	struct keyboard k;
	struct buf out;
	char chunk[4096];
	size_t before;
	(void)state;

	memset(chunk, 'x', sizeof chunk);
	buf_init(&out, 4 << 20);
	keyboard_init(&k);
	keyboard_feed(&k, "\033[200~", 6, note, &out);
	for (int i = 0; i < 1000; i++)
		keyboard_feed(&k, chunk, sizeof chunk, note, &out);
	before = k.paste.n;
	assert_int_equal(before, PASTE_MAX);
	keyboard_feed(&k, "\033[201~", 6, note, &out);
	assert_int_equal(out.n, PASTE_MAX + strlen("{…}"));
	keyboard_done(&k);
	buf_done(&out);
}

static void
no_bytes_crash_it(void **state)
{
	struct keyboard k;
	struct buf out;
	unsigned seed = 1;
	(void)state;

	keyboard_init(&k);
	for (int i = 0; i < 20000; i++) {
		static const char alphabet[] = "\033\033[[OP]~;0123AZ<Mx\r\xc3\xe2\x82\a\\_2004";
		char bytes[16];
		size_t n = 1 + (seed >> 16) % sizeof bytes;

		for (size_t j = 0; j < n; j++) {
			seed = seed * 1103515245 + 12345;
			bytes[j] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		buf_init(&out, 4 << 20);
		keyboard_feed(&k, bytes, n, note, &out);
		if (i % 7 == 0)
			keyboard_flush(&k, note, &out);
		buf_done(&out);
	}
	keyboard_done(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_control_keys),
		cmocka_unit_test(bad_bytes_are_replaced),
		cmocka_unit_test(keys_of_xterm_linux_and_rxvt),
		cmocka_unit_test(alt_is_escape_and_the_key),
		cmocka_unit_test(escape_alone_is_a_key_after_silence),
		cmocka_unit_test(the_wheel_scrolls_and_other_buttons_do_nothing),
		cmocka_unit_test(late_answers_are_swallowed),
		cmocka_unit_test(an_answer_cut_by_a_long_silence_does_not_block_the_keyboard),
		cmocka_unit_test(a_key_cuts_an_answer_off),
		cmocka_unit_test(overlong_sequences_are_dropped),
		cmocka_unit_test(inside_a_paste_no_byte_is_a_key),
		cmocka_unit_test(a_burst_of_lines_is_a_paste),
		cmocka_unit_test(a_huge_paste_is_cut_and_said_so),
		cmocka_unit_test(no_bytes_crash_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
