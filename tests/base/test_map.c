/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A map finds what was put in and nothing else. */
#include "base/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "test.h"

static void
a_value_is_found_under_its_key_alone(void **state)
{
	struct map *map = map_new();
	int a, b;

	(void)state;
	assert_null(map_put(map, "a", &a));
	assert_null(map_put(map, "", &b));
	assert_ptr_equal(map_get(map, "a"), &a);
	assert_ptr_equal(map_get(map, ""), &b);
	assert_null(map_get(map, "A"));
	assert_int_equal(map_count(map), 2);
	map_free(map, NULL);
}

static void
putting_again_gives_the_old_value_back(void **state)
{
	struct map *map = map_new();
	int a, b;

	(void)state;
	map_put(map, "k", &a);
	assert_ptr_equal(map_put(map, "k", &b), &a);
	assert_ptr_equal(map_get(map, "k"), &b);
	assert_int_equal(map_count(map), 1);
	map_free(map, NULL);
}

static void
a_key_is_copied(void **state)
{
	struct map *map = map_new();
	char key[] = "key";
	int a;

	(void)state;
	map_put(map, key, &a);
	key[0] = 'x';
	assert_ptr_equal(map_get(map, "key"), &a);
	map_free(map, NULL);
}

static void
deleting_gives_the_value_back_once(void **state)
{
	struct map *map = map_new();
	int a;

	(void)state;
	map_put(map, "k", &a);
	assert_ptr_equal(map_del(map, "k"), &a);
	assert_null(map_del(map, "k"));
	assert_null(map_get(map, "k"));
	assert_int_equal(map_count(map), 0);
	map_free(map, NULL);
}

static void
freeing_frees_every_value(void **state)
{
	struct map *map = map_new();

	(void)state;
	map_put(map, "a", xstrdup("1"));
	map_put(map, "b", xstrdup("2"));
	map_free(map, free);
	map_free(NULL, free);
}

/* A long random life beside a plain array: any wrong shift on deletion would lose a key. */
static void
a_map_agrees_with_an_array_through_many_changes(void **state)
{
	enum { KEYS = 500, STEPS = 50000 };
	static int values[KEYS];
	void *expect[KEYS] = { 0 };
	struct map *map = map_new();
	unsigned seed = 1;
	size_t n = 0;

	(void)state;
	for (int step = 0; step < STEPS; step++) {
		char key[16];
		int k;

		seed = seed * 1103515245u + 12345u;
		k = (int)(seed >> 16) % KEYS;
		snprintf(key, sizeof key, "key-%d", k);
		if (seed >> 31) {
			assert_ptr_equal(map_put(map, key, &values[k]), expect[k]);
			n += !expect[k];
			expect[k] = &values[k];
		} else {
			assert_ptr_equal(map_del(map, key), expect[k]);
			n -= !!expect[k];
			expect[k] = NULL;
		}
		assert_int_equal(map_count(map), n);
	}
	for (int k = 0; k < KEYS; k++) {
		char key[16];

		snprintf(key, sizeof key, "key-%d", k);
		assert_ptr_equal(map_get(map, key), expect[k]);
	}
	map_free(map, NULL);
}

static void
a_walk_meets_every_entry_once(void **state)
{
	enum { N = 1000 };
	struct map *map = map_new();
	static int seen[N];
	size_t at = 0, n = 0;
	const char *key;
	void *value;

	(void)state;
	for (int i = 0; i < N; i++) {
		char name[16];

		snprintf(name, sizeof name, "%d", i);
		map_put(map, name, &seen[i]);
	}
	while ((key = map_next(map, &at, &value))) {
		assert_ptr_equal(value, &seen[strtol(key, NULL, 10)]);
		assert_int_equal((*(int *)value)++, 0);
		n++;
	}
	assert_int_equal(n, N);
	map_free(map, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_found_under_its_key_alone),
		cmocka_unit_test(putting_again_gives_the_old_value_back),
		cmocka_unit_test(a_key_is_copied),
		cmocka_unit_test(deleting_gives_the_value_back_once),
		cmocka_unit_test(freeing_frees_every_value),
		cmocka_unit_test(a_map_agrees_with_an_array_through_many_changes),
		cmocka_unit_test(a_walk_meets_every_entry_once),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
