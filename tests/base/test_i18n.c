/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The locale of the person counts, but not in numbers. */
#include "base/i18n.h"

#include <locale.h>
#include <stdlib.h>

#include "test.h"

static void
text_is_in_the_persons_locale_and_numbers_are_not(void **state)
{
	(void)state;
	assert_int_equal(setenv("LC_ALL", "C.UTF-8", 1), 0);
	assert_string_equal(setlocale(LC_ALL, NULL), "C");
	i18n_init();
	assert_string_equal(setlocale(LC_CTYPE, NULL), "C.UTF-8");
	assert_string_equal(setlocale(LC_NUMERIC, NULL), "C");
	assert_string_equal(textdomain(NULL), "stonechat");
	assert_string_equal(bind_textdomain_codeset("stonechat", NULL), "UTF-8");
}

static void
an_unknown_locale_leaves_the_plain_one(void **state)
{
	(void)state;
	setlocale(LC_ALL, "C");
	assert_int_equal(setenv("LC_ALL", "xx_XX.nowhere", 1), 0);
	i18n_init();
	assert_string_equal(setlocale(LC_CTYPE, NULL), "C");
	assert_string_equal(_("a sentence without a translation"),
			    "a sentence without a translation");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_in_the_persons_locale_and_numbers_are_not),
		cmocka_unit_test(an_unknown_locale_leaves_the_plain_one),
	};

	return cmocka_run_group_tests_name("i18n", tests, NULL, NULL);
}
