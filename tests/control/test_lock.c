/* SPDX-License-Identifier: GPL-3.0-or-later */
/* engine.lock: one holder, found by what stands in it. */
#include "control/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "test.h"

static char *
folder(void)
{
	char *dir = xcalloc(1, 256);

	test_folder(dir, 256);
	return dir;
}

static void
remove_folder(char *dir)
{
	char *file = path_join(dir, "engine.lock");

	unlink(file);
	rmdir(dir);
	free(file);
	free(dir);
}

static void
only_one_takes_it_and_its_end_frees_it(void **state)
{
	char *dir = folder(), *file;
	struct err err;
	int a, b;

	(void)state;
	assert_int_equal(lock_take(dir, &a, &err), LOCK_TAKEN);
	assert_int_equal(lock_take(dir, &b, &err), LOCK_HELD);
	assert_int_equal(err.kind, ERR_NONE);
	assert_true(lock_is_ours(a, dir));
	close(a);
	assert_int_equal(lock_take(dir, &b, &err), LOCK_TAKEN);
	file = path_join(dir, "engine.lock");
	unlink(file);
	assert_false(lock_is_ours(b, dir));
	free(file);
	close(b);
	remove_folder(dir);
}

static void
fronts_find_the_socket_in_it(void **state)
{
	char *dir = folder();
	struct lock_info info;
	struct err err;
	int fd;

	(void)state;
	assert_false(lock_read(dir, &info, &err));
	assert_int_equal(lock_take(dir, &fd, &err), LOCK_TAKEN);
	assert_false(lock_read(dir, &info, &err));
	assert_true(lock_write(fd, "0.1", "/run/x.sock", "/etc/c", &err));
	assert_true(lock_read(dir, &info, &err));
	assert_int_equal(info.pid, getpid());
	assert_string_equal(info.version, "0.1");
	assert_string_equal(info.socket, "/run/x.sock");
	assert_true(lock_is_here(&info));
	lock_info_done(&info);
	assert_true(lock_has_config(dir, "/etc/c", &err));
	assert_false(lock_has_config(dir, "/etc/d", &err));
	assert_int_equal(err.kind, ERR_USAGE);
	close(fd);
	assert_true(lock_has_config(dir, "/etc/d", &err));
	remove_folder(dir);
}

static void
a_holder_on_another_host_is_named(void **state)
{
	char *dir = folder(), *file = path_join(dir, "engine.lock");
	FILE *f = fopen(file, "w");
	struct err err;
	int fd;

	(void)state;
	assert_non_null(f);
	fputs("pid=77\nhost=elsewhere\nboot=x\nsocket=/s\n", f);
	fflush(f);
	assert_int_equal(flock(fileno(f), LOCK_EX | LOCK_NB), 0);
	assert_int_equal(lock_take(dir, &fd, &err), LOCK_HELD);
	assert_int_equal(err.kind, ERR_FAIL);
	assert_non_null(strstr(err.msg, "elsewhere"));
	assert_non_null(strstr(err.msg, "77"));
	fclose(f);
	free(file);
	remove_folder(dir);
}

static void
rubbish_in_it_is_no_information(void **state)
{
	char *dir = folder(), *file = path_join(dir, "engine.lock");
	FILE *f = fopen(file, "w");
	struct lock_info info;
	struct err err;

	(void)state;
	fputs("pid=abc\n=\n\nsocket\nversion", f);
	fclose(f);
	assert_false(lock_read(dir, &info, &err));
	free(file);
	remove_folder(dir);
}

static void
a_path_is_real_before_its_file_exists(void **state)
{
	char *dir = folder(), *link = xasprintf("%s.link", dir), *path, *real;

	(void)state;
	assert_int_equal(symlink(dir, link), 0);
	path = path_join(link, "config");
	real = lock_real_path(path);
	free(path);
	path = path_join(dir, "config");
	assert_string_equal(real, path);
	unlink(link);
	free(real);
	free(path);
	free(link);
	remove_folder(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_one_takes_it_and_its_end_frees_it),
		cmocka_unit_test(fronts_find_the_socket_in_it),
		cmocka_unit_test(a_holder_on_another_host_is_named),
		cmocka_unit_test(rubbish_in_it_is_no_information),
		cmocka_unit_test(a_path_is_real_before_its_file_exists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
