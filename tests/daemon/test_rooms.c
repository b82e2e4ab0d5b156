/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rooms and people through a real server: who may do what, and lists that no frame holds. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "daemon/client.h"
#include "daemon/server.h"

enum { MANY = 1700 };		/* more than a pong tells of, and than a list holds */

struct rooms_test { struct server *s; struct world w; };

static int
set_up(void **state)
{
	static struct rooms_test t;

	t.s = server_new();
	server_start(t.s, "--set", "limits.fetch=200", NULL);
	world_open(&t.w);
	*state = &t;
	return 0;
}

static int
tear_down(void **state)
{
	struct rooms_test *t = *state;

	world_close(&t->w);
	server_free(t->s);
	return 0;
}

static void
make_many(struct client *c)
{
	static char topic[161];
	const struct frame *f;

	memset(topic, 't', sizeof topic - 1);
	for (int n = 0; n < MANY; n += 20) {
		for (int i = n; i < n + 20; i++)
			client_say(c, "{\"op\":\"room\",\"i\":%d,\"do\":\"create\",\"name\":"
					"\"#r-%04d\",\"topic\":\"%s\",\"public\":true}", 100000 + i,
					i, topic);
		for (int i = n; i < n + 20; i++) {
			f = client_answer(c, 100000 + i);
			assert_int_equal(f->op, WIRE_ROOM);
		}
	}
}

/* Asks for the rooms after that name; how many came, and the name of the last. */
static size_t
list_after(struct client *c, int i, char last[CONV_NAME_MAX + 2], bool *more)
{
	const struct frame *f;
	struct err err;
	json_t *rows;
	size_t n;

	client_say(c, "{\"op\":\"room\",\"i\":%d,\"do\":\"list\"%s%s%s}", i,
			*last ? ",\"after\":\"" : "", last, *last ? "\"" : "");
	f = client_answer(c, i);
	assert_int_equal(f->op, WIRE_ROOM);
	*more = f->room.more;
	rows = json_strict(f->room.rows, f->room.rows_n, &err);
	assert_non_null(rows);
	n = json_array_size(rows);
	for (size_t k = 0; k < n; k++) {
		const char *name = json_str(json_array_get(rows, k), "name");

		assert_true(strcmp(name, last) > 0);
		snprintf(last, CONV_NAME_MAX + 2, "%s", name);
	}
	json_decref(rows);
	return n;
}

static void
a_list_that_no_frame_holds_comes_in_parts(void **state)
{
	struct rooms_test *t = *state;
	struct client *c = client_local(&t->w, t->s, "d_list");
	char last[CONV_NAME_MAX + 2] = "";
	size_t n = 0, parts = 0;
	bool more = true;

	make_many(c);
	for (; more; parts++) {
		assert_true(parts < 10);
		n += list_after(c, 900 + (int)parts, last, &more);
	}
	assert_int_equal(n, MANY);
	assert_true(parts > 1);
	client_free(c);
}

/* Marks the rooms that a pong tells of; how many it told of for the first time. */
static size_t
take_pong(struct client *c, int x, bool seen[MANY])
{
	const struct frame *f;
	size_t fresh = 0;

	client_say(c, "{\"op\":\"ping\",\"x\":%d}", x);
	f = client_take(c, WIRE_PONG);
	assert_int_equal(f->pong.x, x);
	assert_int_equal(f->pong.n_heads, 1500);
	for (size_t i = 0; i < f->pong.n_heads; i++) {
		const char *conv = f->pong.heads[i].conv;

		for (size_t k = 0; k < client_welcome(c)->welcome.n_heads; k++)
			if (strcmp(client_welcome(c)->welcome.heads[k].conv, conv) == 0 &&
			    !seen[k]) {
				seen[k] = true;
				fresh++;
			}
	}
	return fresh;
}

static void
pongs_tell_of_all_heads_by_turns(void **state)
{
	struct rooms_test *t = *state;
	struct client *c = client_local(&t->w, t->s, "d_pong");
	static bool seen[MANY];
	size_t n = client_welcome(c)->welcome.n_heads, told;

	assert_true(client_welcome(c)->welcome.more);
	told = take_pong(c, 1, seen);
	told += take_pong(c, 2, seen);
	assert_int_equal(told, n);
	client_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_that_no_frame_holds_comes_in_parts),
		cmocka_unit_test(pongs_tell_of_all_heads_by_turns),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
