/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells, clipping, wrapping. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/canvas.h"
#include "ui/wrap.h"

static struct safe_text
body(const char *s)
{
	return text_body(s, strlen(s));
}

static void
expect(const struct canvas *c, const char *wanted)
{
	char *got = canvas_dump(c);

	assert_string_equal(got, wanted);
	free(got);
}

static int
put(struct canvas *c, int x, int y, int cols, const char *s)
{
	struct safe_text t = body(s);
	int used = canvas_put(c, x, y, cols, STYLE_TEXT, &t);

	text_done(&t);
	return used;
}

static void
text_that_does_not_fit_ends_in_dots(void **state)
{
	struct canvas c;
	(void)state;

	canvas_init(&c, 10, 3);
	assert_int_equal(put(&c, 0, 0, 10, "exactly 10"), 10);
	assert_int_equal(put(&c, 0, 1, 10, "longer than ten"), 10);
	assert_int_equal(put(&c, 1, 2, 4, "日本語"), 3);
	expect(&c, "exactly 10\nlonger th…\n 日…\n");
	canvas_done(&c);
}

static void
half_of_a_wide_cluster_is_never_left(void **state)
{
	struct canvas c;
	(void)state;

	canvas_init(&c, 6, 4);
	put(&c, 0, 0, 6, "日本語");
	put(&c, 1, 0, 1, "x");
	put(&c, 0, 1, 6, "日本語");
	put(&c, 2, 1, 1, "x");
	put(&c, 0, 2, 6, "日本語");
	put(&c, 1, 2, 2, "語");
	put(&c, 5, 3, 6, "日");
	expect(&c, " x本語\n日x 語\n 語 語\n\n");
	canvas_done(&c);
}

static void
nothing_is_drawn_outside_the_clip(void **state)
{
	struct canvas c;
	(void)state;

	canvas_init(&c, 8, 3);
	canvas_clip(&c, (struct rect){ 2, 1, 3, 1 });
	for (int y = -1; y < 5; y++)
		put(&c, -3, y, 40, "abcdefghijklmnop");
	put(&c, 4, 1, 4, "日");
	expect(&c, "\n  fg\n\n");
	canvas_clip(&c, (struct rect){ -5, -5, 3, 3 });
	put(&c, 0, 0, 8, "x");
	canvas_clip(&c, (struct rect){ 6, 2, 100, 100 });
	put(&c, 0, 2, 8, "abcdefgh");
	expect(&c, "\n  fg\n      gh\n");
	canvas_done(&c);
}

static void
long_clusters_are_kept_whole(void **state)
{
	struct canvas a, b;
	const char *family = "👩‍👩‍👧‍👦";
	size_t n;
	(void)state;

	canvas_init(&a, 6, 1);
	canvas_init(&b, 6, 1);
	put(&a, 0, 0, 6, family);
	put(&a, 2, 0, 4, "x");
	assert_memory_equal(canvas_cell(&a, 0, 0, &n), family, strlen(family));
	assert_int_equal(n, strlen(family));
	assert_int_equal(a.cells[0].width, 2);
	assert_false(canvas_same(&a, &b, 0, 0));
	put(&b, 3, 0, 3, family);
	put(&b, 0, 0, 6, family);
	assert_true(canvas_same(&a, &b, 0, 0));
	assert_false(canvas_same(&a, &b, 2, 0));
	assert_false(canvas_same_row(&a, &b, 0));
	canvas_reset(&b, 6, 1);
	put(&b, 0, 0, 6, family);
	put(&b, 2, 0, 4, "x");
	assert_true(canvas_same_row(&a, &b, 0));
	put(&b, 0, 0, 6, "👩‍👩‍👧‍👧");
	canvas_reset(&a, 6, 1);
	put(&a, 0, 0, 6, family);
	assert_false(canvas_same_row(&a, &b, 0));
	canvas_done(&a);
	canvas_done(&b);
}

static void
any_size_is_cut_to_what_is_possible(void **state)
{
	struct canvas c;
	(void)state;

	canvas_init(&c, 0, -3);
	assert_int_equal(c.w, 1);
	assert_int_equal(c.h, 1);
	canvas_reset(&c, 100000, 2);
	assert_int_equal(c.w, CANVAS_MAX);
	canvas_done(&c);
}

static void
wraps(const char *text, int cols, const char *wanted)
{
	struct safe_text t = body(text);
	struct span line;
	struct buf out;
	size_t at = 0;
	int n = 0;

	buf_init(&out, 4096);
	while (wrap_next(&t, &at, cols, &line)) {
		buf_add(&out, t.n > 0 ? t.p + line.from : "", line.n);
		buf_addc(&out, '|');
		assert_int_equal(line.width, text_width(t.n > 0 ? t.p + line.from : "", line.n));
		n++;
	}
	assert_string_equal(buf_str(&out), wanted);
	assert_int_equal(wrap_count(&t, cols, 1000), n);
	buf_done(&out);
	text_done(&t);
}

static void
lines_break_after_words(void **state)
{
	(void)state;
	wraps("", 10, "|");
	wraps("one two three", 20, "one two three|");
	wraps("one two three", 7, "one two|three|");
	wraps("one two three", 8, "one two|three|");
	wraps("one two  three", 8, "one two|three|");
	wraps("abcdefghij klm", 4, "abcd|efgh|ij|klm|");
	wraps("a\n\nb\n", 4, "a||b||");
	wraps("  indented code", 10, "  indented|code|");
	wraps("日本語 日本語", 6, "日本語|日本語|");
	wraps("日本語日本語", 5, "日本|語日|本語|");
	wraps("日本", 1, "日|本|");
	wraps("ab cd   ", 5, "ab cd|");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_that_does_not_fit_ends_in_dots),
		cmocka_unit_test(half_of_a_wide_cluster_is_never_left),
		cmocka_unit_test(nothing_is_drawn_outside_the_clip),
		cmocka_unit_test(long_clusters_are_kept_whole),
		cmocka_unit_test(any_size_is_cut_to_what_is_possible),
		cmocka_unit_test(lines_break_after_words),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
