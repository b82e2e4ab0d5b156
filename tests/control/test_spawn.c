/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A detached program holds nothing of ours, and says when it could not be run. */
#include "control/spawn.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

static void
read_all(int fd, char *out, size_t size)
{
	size_t n = 0;
	ssize_t k;

	while (n < size - 1 && (k = read(fd, out + n, size - 1 - n)) > 0)
		n += (size_t)k;
	out[n] = '\0';
}

static void
it_has_no_descriptor_but_those_meant_and_stands_in_the_root(void **state)
{
	char *argv[] = { (char *)"/bin/sh", (char *)"-c", (char *)"pwd >&3; umask >&3; "
		"x=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2); echo \"$x\" >&3; "
		"for n in 4 5 6 7 8 9; do test -e /proc/$$/fd/$n && echo $n >&3; done; "
		"echo end >&3", NULL };
	struct err err;
	char said[1024];
	int fds[2], leak = open("/etc/passwd", O_RDONLY);

	(void)state;
	assert_true(leak > 2);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_true(spawn_detached(argv, -1, fds[1], &err));
	close(fds[1]);
	read_all(fds[0], said, sizeof said);
	assert_string_equal(said, "/\n0077\n/dev/null\n/dev/null\n/dev/null\nend\n");
	close(fds[0]);
	close(leak);
}

static void
it_is_no_child_of_ours(void **state)
{
	char *argv[] = { (char *)"/bin/sh", (char *)"-c", (char *)"ps -o ppid= -o sid= -p $$ >&3",
		NULL };
	struct err err;
	char said[128];
	int fds[2];
	long parent, session;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_true(spawn_detached(argv, -1, fds[1], &err));
	close(fds[1]);
	read_all(fds[0], said, sizeof said);
	close(fds[0]);
	parent = strtol(said, NULL, 10);
	session = strtol(strrchr(said, ' '), NULL, 10);
	assert_int_not_equal(parent, getpid());
	assert_int_not_equal(session, getsid(0));
}

static void
a_program_that_cannot_be_run_is_an_error(void **state)
{
	char *argv[] = { (char *)"/nonexistent/program", NULL };
	struct err err;

	(void)state;
	assert_false(spawn_detached(argv, -1, -1, &err));
	assert_non_null(strstr(err.msg, "/nonexistent/program"));
	assert_non_null(strstr(err.msg, "No such file"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_has_no_descriptor_but_those_meant_and_stands_in_the_root),
		cmocka_unit_test(it_is_no_child_of_ours),
		cmocka_unit_test(a_program_that_cannot_be_run_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
