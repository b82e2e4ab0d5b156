/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames as they lie on the wire: RFC 6455 and stonechat-protocol(7), section 2, by a client that
 * says what it likes. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/raw.h"
#include "daemon/server.h"

#define HELLO "{\"op\":\"hello\",\"i\":1,\"versions\":[1],\"device\":\"d_raw\"}"

static int
set_up(void **state)
{
	struct server *s = server_new();

	server_run(s);
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	server_free(*state);
	return 0;
}

static int
greeted(struct server *s)
{
	int fd = raw_open(s, 0, "/v1");
	char text[4000] = "";

	raw_send(fd, RAW_TEXT, HELLO, strlen(HELLO));
	assert_true(raw_take(fd, text, sizeof text) > 0);
	assert_non_null(strstr(text, "\"welcome\""));
	return fd;
}

static void
an_empty_message_is_no_json(void **state)
{
	int fd = raw_open(*state, 0, "/v1");

	raw_send(fd, RAW_TEXT, "", 0);
	assert_int_equal(raw_end(fd, NULL, 0), 4400);
	fd = greeted(*state);
	raw_send(fd, RAW_TEXT, "", 0);
	assert_int_equal(raw_end(fd, NULL, 0), 4400);
	fd = greeted(*state);
	raw_send(fd, RAW_TEXT_PART, "", 0);
	raw_send(fd, RAW_LAST, "", 0);
	assert_int_equal(raw_end(fd, NULL, 0), 4400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_message_is_no_json),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
