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

#define countof(a) (sizeof(a) / sizeof *(a))

#endif
