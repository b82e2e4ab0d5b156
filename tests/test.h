/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every unit test includes: cmocka, with what it wants to see before. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define countof(a) (sizeof(a) / sizeof *(a))

/* Makes a folder of its own below TMPDIR; its path into dir[size]. */
static inline void
test_folder(char *dir, size_t size)
{
	const char *tmp = getenv("TMPDIR");

	assert_in_range(snprintf(dir, size, "%s/stonechat-XXXXXX", tmp && *tmp ? tmp : "/tmp"), 1,
			size - 1);
	assert_non_null(mkdtemp(dir));
}

#endif
