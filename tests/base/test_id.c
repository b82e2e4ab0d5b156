/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identifiers are unique, in order, and in canonical form. */
#include "base/id.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "test.h"

static void
an_id_is_a_uuid_of_version_7_that_begins_with_the_time(void **state)
{
	struct id_gen g = { 0 };
	char id[ID_SIZE];

	(void)state;
	id_make(&g, UINT64_C(0x017f22e279b0), id);
	assert_memory_equal(id, "017f22e2-79b0-7", 15);
	assert_non_null(strchr("89ab", id[19]));
	assert_true(id_valid(id));
}

static void
ids_increase_whatever_the_clock_does(void **state)
{
	static const int64_t steps[] = { 0, 0, 1, -1000, 0, 5, -1, 0 };
	struct id_gen g = { 0 };
	char last[ID_SIZE] = "", id[ID_SIZE];
	int64_t ms = 1700000000000;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		ms += steps[(size_t)i % countof(steps)];
		id_make(&g, (uint64_t)ms, id);
		assert_true(strcmp(last, id) < 0);
		memcpy(last, id, sizeof id);
	}
}

static void
ids_increase_when_a_millisecond_is_used_up(void **state)
{
	struct id_gen g = { .last_ms = 1000, .counter = UINT32_MAX - 1 };
	char a[ID_SIZE], b[ID_SIZE];

	(void)state;
	id_make(&g, 1000, a);
	id_make(&g, 1000, b);
	assert_true(strcmp(a, b) < 0);
	assert_int_equal(g.last_ms, 1001);
}

static void
a_clock_beyond_48_bits_is_cut_not_wrapped(void **state)
{
	struct id_gen g = { 0 };
	char id[ID_SIZE];

	(void)state;
	id_make(&g, UINT64_MAX, id);
	assert_memory_equal(id, "ffffffff-ffff-7", 15);
	assert_true(id_valid(id));
}

static void
two_ids_without_a_generator_differ(void **state)
{
	char a[ID_SIZE], b[ID_SIZE];

	(void)state;
	id_new(a);
	id_new(b);
	assert_true(id_valid(a));
	assert_string_not_equal(a, b);
}

static void
only_the_canonical_form_is_valid(void **state)
{
	(void)state;
	assert_true(id_valid("018f4c2a-0000-7abc-8def-0123456789ab"));
	assert_true(id_valid("00000000-0000-0000-0000-000000000000"));
	assert_false(id_valid("018F4C2A-0000-7ABC-8DEF-0123456789AB"));
	assert_false(id_valid("018f4c2a00007abc8def0123456789ab"));
	assert_false(id_valid("018f4c2a-0000-7abc-8def-0123456789a"));
	assert_false(id_valid("018f4c2a-0000-7abc-8def-0123456789abc"));
	assert_false(id_valid("018f4c2a-0000-7abc-8def-0123456789ag"));
	assert_false(id_valid("{018f4c2a-0000-7abc-8def-0123456789ab}"));
	assert_false(id_valid(""));
}

static void
a_short_id_has_its_prefix_and_length(void **state)
{
	char id[16];

	(void)state;
	id_short("d_", 8, id);
	assert_memory_equal(id, "d_", 2);
	assert_int_equal(strlen(id), 10);
	assert_int_equal(strspn(id + 2, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz"), 8);
}

static void
a_token_is_256_bits_in_base64url(void **state)
{
	char a[TOKEN_SIZE], b[TOKEN_SIZE];

	(void)state;
	token_new(a);
	token_new(b);
	assert_int_equal(strlen(a), 43);
	assert_int_equal(strspn(a, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz-_"), 43);
	assert_string_not_equal(a, b);
}

/* FIPS 180-2, appendix B */
static void
a_hash_is_sha_256(void **state)
{
	char hash[HASH_SIZE];

	(void)state;
	hash_hex("abc", 3, hash);
	assert_string_equal(hash,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_hex("", 0, hash);
	assert_string_equal(hash,
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
secrets_are_equal_only_when_all_of_them_is(void **state)
{
	(void)state;
	assert_true(secret_equal("", ""));
	assert_true(secret_equal("abc", "abc"));
	assert_false(secret_equal("abc", "abd"));
	assert_false(secret_equal("abc", "ab"));
	assert_false(secret_equal("abc", "abcd"));
}

static void
a_name_is_short_lower_case_ascii(void **state)
{
	(void)state;
	assert_true(id_name_valid("a"));
	assert_true(id_name_valid("ann.b-c_9"));
	assert_true(id_name_valid("01234567890123456789012345678901"));
	assert_false(id_name_valid("012345678901234567890123456789012"));
	assert_false(id_name_valid(""));
	assert_false(id_name_valid("Ann"));
	assert_false(id_name_valid("a b"));
	assert_false(id_name_valid("\xd0\xb0nn"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_a_uuid_of_version_7_that_begins_with_the_time),
		cmocka_unit_test(ids_increase_whatever_the_clock_does),
		cmocka_unit_test(ids_increase_when_a_millisecond_is_used_up),
		cmocka_unit_test(a_clock_beyond_48_bits_is_cut_not_wrapped),
		cmocka_unit_test(two_ids_without_a_generator_differ),
		cmocka_unit_test(only_the_canonical_form_is_valid),
		cmocka_unit_test(a_short_id_has_its_prefix_and_length),
		cmocka_unit_test(a_token_is_256_bits_in_base64url),
		cmocka_unit_test(a_hash_is_sha_256),
		cmocka_unit_test(secrets_are_equal_only_when_all_of_them_is),
		cmocka_unit_test(a_name_is_short_lower_case_ascii),
	};

	return cmocka_run_group_tests_name("id", tests, NULL, NULL);
}
