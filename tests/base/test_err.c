/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors keep their kind and one whole sentence. */
#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "test.h"

static void
an_error_has_a_kind_and_a_sentence(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_false(err_set(&err, ERR_USAGE, "no room %s", "#ops"));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.msg, "no room #ops");
}

static void
nobody_has_to_ask_for_an_error(void **state)
{
	(void)state;
	assert_false(err_set(NULL, ERR_FAIL, "x"));
	assert_false(err_sys(NULL, ERR_FAIL, "x"));
	assert_false(err_wrap(NULL, "x"));
}

static void
a_system_error_ends_with_the_text_of_errno(void **state)
{
	struct err err = { 0 };

	(void)state;
	errno = ENOENT;
	assert_false(err_sys(&err, ERR_FAIL, "open %s", "/nowhere"));
	assert_string_equal(err.msg, "open /nowhere: No such file or directory");
	assert_int_equal(errno, ENOENT);
}

static void
wrapping_puts_words_in_front_and_keeps_the_kind(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, ERR_AUTH, "bad token");
	assert_false(err_wrap(&err, "account %s", "work"));
	assert_string_equal(err.msg, "account work: bad token");
	assert_int_equal(err.kind, ERR_AUTH);
}

static void
an_error_may_quote_itself(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, ERR_FAIL, "disk full");
	err_set(&err, ERR_USAGE, "%s, %s", err.msg, err.msg);
	assert_string_equal(err.msg, "disk full, disk full");
	err_wrap(&err, "(%s)", err.msg);
	assert_string_equal(err.msg, "(disk full, disk full): disk full, disk full");
}

/* Every length of text around the limit, made of letters of two to four bytes. */
static void
a_long_message_is_cut_between_characters(void **state)
{
	static const char *const letters[] = { "\u00e9", "\u20ac", "\U0001f600" };
	char text[600];
	struct err err;

	(void)state;
	for (size_t i = 0; i < countof(letters); i++) {
		for (size_t shift = 0; shift < 4; shift++) {
			size_t len = strlen(letters[i]), n = shift;

			memset(text, 'x', shift);
			for (; n + len < sizeof text; n += len)
				memcpy(text + n, letters[i], len);
			text[n] = '\0';
			err_set(&err, ERR_FAIL, "%s", text);
			assert_true(utf8_valid(err.msg, strlen(err.msg), NULL));
			assert_true(strlen(err.msg) > sizeof err.msg - 1 - len);
			assert_memory_equal(err.msg, text, strlen(err.msg));
			err_wrap(&err, "%s", "reading");
			assert_true(utf8_valid(err.msg, strlen(err.msg), NULL));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_has_a_kind_and_a_sentence),
		cmocka_unit_test(nobody_has_to_ask_for_an_error),
		cmocka_unit_test(a_system_error_ends_with_the_text_of_errno),
		cmocka_unit_test(wrapping_puts_words_in_front_and_keeps_the_kind),
		cmocka_unit_test(an_error_may_quote_itself),
		cmocka_unit_test(a_long_message_is_cut_between_characters),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
