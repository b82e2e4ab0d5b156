/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unix sockets below folders of any length. */
#include "control/sock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "test.h"

static void
try_path(const char *path)
{
	struct err err;
	int why = 0, server, client;

	client = sock_connect(path, &why);
	assert_int_equal(client, -1);
	assert_int_equal(why, ENOENT);
	server = sock_listen(path, &err);
	assert_true(server >= 0);
	client = sock_connect(path, &why);
	assert_true(client >= 0);
	assert_true(sock_is_mine(client));
	close(client);
	close(server);
	/* A socket that nobody listens on any more is in nobody's way. */
	client = sock_connect(path, &why);
	assert_int_equal(client, -1);
	assert_int_equal(why, ECONNREFUSED);
	server = sock_listen(path, &err);
	assert_true(server >= 0);
	close(server);
	unlink(path);
}

static void
a_short_path_works(void **state)
{
	char dir[64], *path;

	(void)state;
	test_folder(dir, sizeof dir);
	path = path_join(dir, "s");
	try_path(path);
	rmdir(dir);
	free(path);
}

static void
a_path_over_107_bytes_works(void **state)
{
	char dir[64], *deep, *path, name[121];

	(void)state;
	test_folder(dir, sizeof dir);
	memset(name, 'd', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	deep = path_join(dir, name);
	assert_int_equal(mkdir(deep, 0700), 0);
	path = path_join(deep, "control.sock");
	assert_true(strlen(path) > 107);
	try_path(path);
	rmdir(deep);
	rmdir(dir);
	free(path);
	free(deep);
}

static void
a_folder_that_is_not_there_is_an_error_with_the_path(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(sock_listen("/nonexistent/x", &err), -1);
	assert_non_null(strstr(err.msg, "/nonexistent/x"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_path_works),
		cmocka_unit_test(a_path_over_107_bytes_works),
		cmocka_unit_test(a_folder_that_is_not_there_is_an_error_with_the_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
