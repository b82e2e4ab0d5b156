/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and folders are ours alone, and everything lies where the manual says. */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "test.h"

/* A fresh folder a test, without links in its name. */
static int
setup(void **state)
{
	char dir[256];

	test_folder(dir, sizeof dir);
	*state = realpath(dir, NULL);
	return *state ? 0 : -1;
}

static int
teardown(void **state)
{
	char *argv[] = { (char *)"rm", (char *)"-rf", *state, NULL };
	pid_t pid = fork();

	if (pid == 0)
		execvp(argv[0], argv);
	free(*state);
	return 0;
}

/* A path in the test's folder; freed with the program, there are few. */
static char *
in(void **state, const char *name)
{
	static char paths[16][PATH_MAX];
	static size_t next;
	char *path = paths[next++ % countof(paths)];

	snprintf(path, PATH_MAX, "%s/%s", (const char *)*state, name);
	return path;
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
joining_puts_one_slash_between(void **state)
{
	char *a = path_join("/a", "b"), *b = path_join("/", "b");

	(void)state;
	assert_string_equal(a, "/a/b");
	assert_string_equal(b, "/b");
	free(a);
	free(b);
}

static void
folders_are_made_private_with_what_is_above(void **state)
{
	mode_t before = umask(022);

	assert_true(path_make_dir(in(state, "a/b/c"), NULL));
	assert_true(path_make_dir(in(state, "a/b/c"), NULL));
	assert_true(path_make_dir(in(state, "a/d/"), NULL));
	assert_int_equal(mode_of(in(state, "a")), 0700);
	assert_int_equal(mode_of(in(state, "a/b/c")), 0700);
	umask(before);
}

static void
a_folder_must_be_ours_and_closed_to_the_world(void **state)
{
	struct err err = { 0 };

	if (geteuid() != 0) {
		assert_false(path_make_dir("/usr", &err));
		assert_string_equal(err.msg, "/usr belongs to root, not to you");
		assert_int_equal(err.kind, ERR_USAGE);
	}
	assert_int_equal(mkdir(in(state, "open"), 0700), 0);
	assert_int_equal(chmod(in(state, "open"), 0777), 0);
	assert_false(path_make_dir(in(state, "open"), &err));
	assert_non_null(strstr(err.msg, "everybody may write"));
	assert_true(path_write(in(state, "file"), "", 0, &err));
	assert_false(path_make_dir(in(state, "file"), &err));
	assert_non_null(strstr(err.msg, "is not a folder"));
	assert_false(path_make_dir(in(state, "file/below"), &err));
	assert_non_null(strstr(err.msg, "Not a directory"));
}

static void
a_written_file_is_private_and_read_back(void **state)
{
	mode_t before = umask(0);
	size_t n;
	char *p;

	assert_true(path_write(in(state, "f"), "one", 3, NULL));
	assert_true(path_write(in(state, "f"), "t\0o", 3, NULL));
	assert_int_equal(mode_of(in(state, "f")), 0600);
	assert_int_equal(access(in(state, "f.tmp"), F_OK), -1);
	p = path_read(in(state, "f"), 100, &n, NULL);
	assert_int_equal(n, 3);
	assert_memory_equal(p, "t\0o", 4);
	free(p);
	umask(before);
}

static void
a_rest_of_a_broken_write_is_written_over(void **state)
{
	char *p;

	assert_true(path_write(in(state, "f.tmp"), "longer than the new text", 24, NULL));
	assert_true(path_write(in(state, "f"), "new", 3, NULL));
	p = path_read(in(state, "f"), 100, NULL, NULL);
	assert_string_equal(p, "new");
	free(p);
}

static void
reading_stops_at_the_limit(void **state)
{
	struct err err = { 0 };
	static char big[10000];
	char *p;

	memset(big, 'x', sizeof big);
	assert_true(path_write(in(state, "f"), big, sizeof big, NULL));
	p = path_read(in(state, "f"), sizeof big, NULL, &err);
	assert_int_equal(strlen(p), sizeof big);
	free(p);
	assert_null(path_read(in(state, "f"), sizeof big - 1, NULL, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "larger than 9999 bytes"));
}

static void
an_absent_file_is_told_by_errno(void **state)
{
	struct err err = { 0 };

	errno = 0;
	assert_int_equal(path_open(in(state, "none"), O_RDONLY, &err), -1);
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(err.msg, "No such file"));
}

static void
links_fifos_and_folders_are_not_opened(void **state)
{
	struct err err = { 0 };

	assert_true(path_write(in(state, "f"), "keep", 4, NULL));
	assert_int_equal(symlink(in(state, "f"), in(state, "link")), 0);
	assert_int_equal(path_open(in(state, "link"), O_WRONLY | O_TRUNC, &err), -1);
	assert_non_null(strstr(err.msg, "symbolic link"));
	assert_int_equal(mkfifo(in(state, "fifo"), 0600), 0);
	assert_int_equal(path_open(in(state, "fifo"), O_RDONLY, &err), -1);
	assert_non_null(strstr(err.msg, "not a regular file"));
	assert_int_equal(path_open(*state, O_RDONLY, &err), -1);
	assert_non_null(strstr(err.msg, "not a regular file"));
	assert_int_equal(path_open("/dev/null", O_RDWR, &err), -1);
}

static void
an_open_file_is_not_inherited(void **state)
{
	int fd = path_open(in(state, "f"), O_RDWR | O_CREAT, NULL);

	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void
a_failed_write_leaves_the_old_text(void **state)
{
	struct err err = { 0 };

	assert_false(path_write(in(state, "none/f"), "x", 1, &err));
	assert_int_equal(mkdir(in(state, "f"), 0700), 0);
	assert_false(path_write(in(state, "f"), "x", 1, &err));
	assert_non_null(strstr(err.msg, "cannot write"));
	assert_int_equal(access(in(state, "f.tmp"), F_OK), -1);
}

static void
a_sibling_program_is_found(void **state)
{
	struct err err = { 0 };
	char *self = path_self_dir(), *p;

	assert_int_equal(self[0], '/');
	unsetenv("STONECHAT_LIBEXEC");
	p = path_program("test_path", &err);
	assert_int_equal(strncmp(p, self, strlen(self)), 0);
	free(p);
	assert_null(path_program("no-such-program", &err));
	assert_non_null(strstr(err.msg, "no-such-program"));
	/* a file that cannot be run is no program, the variable comes first */
	setenv("STONECHAT_LIBEXEC", *state, 1);
	assert_true(path_write(in(state, "test_path"), "", 0, NULL));
	p = path_program("test_path", &err);
	assert_int_equal(strncmp(p, self, strlen(self)), 0);
	free(p);
	assert_int_equal(chmod(in(state, "test_path"), 0700), 0);
	p = path_program("test_path", &err);
	assert_string_equal(p, in(state, "test_path"));
	free(p);
	free(self);
	unsetenv("STONECHAT_LIBEXEC");
}

static void
a_disk_of_this_machine_is_no_network(void **state)
{
	(void)state;
	assert_false(path_is_network_fs("/proc"));
	assert_false(path_is_network_fs("/no/such/path"));
}

static void
clear_environment(void)
{
	static const char *const names[] = {
		"STONECHAT_CONFIG", "STONECHAT_DATA", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
		"XDG_STATE_HOME", "XDG_RUNTIME_DIR",
	};

	for (size_t i = 0; i < countof(names); i++)
		unsetenv(names[i]);
	setenv("HOME", "/home/ann", 1);
}

static void
assert_paths(const char *config, const char *data, const char *const expect[5])
{
	struct err err = { 0 };
	struct paths p;

	if (!paths_init(&p, config, data, &err))
		fail_msg("%s", err.msg);
	assert_string_equal(p.config, expect[0]);
	assert_string_equal(p.commands, expect[1]);
	assert_string_equal(p.data, expect[2]);
	assert_string_equal(p.state, expect[3]);
	assert_string_equal(p.runtime, expect[4]);
	paths_done(&p);
	assert_null(p.config);
}

#define PATHS(config, data, ...) assert_paths(config, data, (const char *const[]){ __VA_ARGS__ })

static void
without_options_the_xdg_folders_count(void **state)
{
	clear_environment();
	PATHS(NULL, NULL, "/home/ann/.config/stonechat/config",
	      "/home/ann/.config/stonechat/commands", "/home/ann/.local/share/stonechat",
	      "/home/ann/.local/state/stonechat", "/home/ann/.local/share/stonechat/run");
	setenv("XDG_CONFIG_HOME", "/c", 1);
	setenv("XDG_DATA_HOME", "/d", 1);
	setenv("XDG_STATE_HOME", "relative", 1);
	setenv("XDG_RUNTIME_DIR", *state, 1);
	PATHS(NULL, NULL, "/c/stonechat/config", "/c/stonechat/commands", "/d/stonechat",
	      "/home/ann/.local/state/stonechat", in(state, "stonechat"));
}

static void
a_runtime_folder_that_is_not_there_does_not_count(void **state)
{
	clear_environment();
	setenv("XDG_RUNTIME_DIR", in(state, "gone"), 1);
	PATHS(NULL, NULL, "/home/ann/.config/stonechat/config",
	      "/home/ann/.config/stonechat/commands", "/home/ann/.local/share/stonechat",
	      "/home/ann/.local/state/stonechat", "/home/ann/.local/share/stonechat/run");
}

static void
a_data_folder_holds_everything(void **state)
{
	clear_environment();
	unsetenv("HOME");
	setenv("XDG_RUNTIME_DIR", *state, 1);
	PATHS(NULL, in(state, "d/"), in(state, "d/config"), in(state, "d/commands"),
	      in(state, "d"), in(state, "d"), in(state, "d/run"));
	setenv("STONECHAT_DATA", in(state, "e"), 1);
	PATHS(NULL, NULL, in(state, "e/config"), in(state, "e/commands"), in(state, "e"),
	      in(state, "e"), in(state, "e/run"));
	/* the option wins over the variable */
	PATHS(NULL, in(state, "d"), in(state, "d/config"), in(state, "d/commands"),
	      in(state, "d"), in(state, "d"), in(state, "d/run"));
}

static void
commands_lie_beside_a_configuration_that_was_named(void **state)
{
	clear_environment();
	PATHS(in(state, "my.conf"), in(state, "d"), in(state, "my.conf"), in(state, "commands"),
	      in(state, "d"), in(state, "d"), in(state, "d/run"));
	setenv("STONECHAT_CONFIG", in(state, "env.conf"), 1);
	PATHS(NULL, in(state, "d"), in(state, "env.conf"), in(state, "commands"),
	      in(state, "d"), in(state, "d"), in(state, "d/run"));
}

static void
relative_names_and_links_become_one_absolute_name(void **state)
{
	char *here = getcwd(NULL, 0);

	clear_environment();
	assert_int_equal(mkdir(in(state, "real"), 0700), 0);
	assert_int_equal(symlink(in(state, "real"), in(state, "link")), 0);
	assert_int_equal(chdir(*state), 0);
	PATHS("./my.conf", "link", in(state, "my.conf"), in(state, "commands"),
	      in(state, "real"), in(state, "real"), in(state, "real/run"));
	PATHS(NULL, "./new/", in(state, "new/config"), in(state, "new/commands"),
	      in(state, "new"), in(state, "new"), in(state, "new/run"));
	assert_int_equal(chdir(here), 0);
	free(here);
}

static void
without_a_home_the_error_says_what_to_give(void **state)
{
	struct err err = { 0 };
	struct paths p;

	(void)state;
	clear_environment();
	unsetenv("HOME");
	assert_false(paths_init(&p, NULL, NULL, &err));
	assert_non_null(strstr(err.msg, "--data"));
	assert_false(paths_init(&p, NULL, "", &err));
	assert_string_equal(err.msg, "--data needs a path");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joining_puts_one_slash_between),
		IN_FOLDER(folders_are_made_private_with_what_is_above),
		IN_FOLDER(a_folder_must_be_ours_and_closed_to_the_world),
		IN_FOLDER(a_written_file_is_private_and_read_back),
		IN_FOLDER(a_rest_of_a_broken_write_is_written_over),
		IN_FOLDER(reading_stops_at_the_limit),
		IN_FOLDER(an_absent_file_is_told_by_errno),
		IN_FOLDER(links_fifos_and_folders_are_not_opened),
		IN_FOLDER(an_open_file_is_not_inherited),
		IN_FOLDER(a_failed_write_leaves_the_old_text),
		IN_FOLDER(a_sibling_program_is_found),
		cmocka_unit_test(a_disk_of_this_machine_is_no_network),
		IN_FOLDER(without_options_the_xdg_folders_count),
		IN_FOLDER(a_runtime_folder_that_is_not_there_does_not_count),
		IN_FOLDER(a_data_folder_holds_everything),
		IN_FOLDER(commands_lie_beside_a_configuration_that_was_named),
		IN_FOLDER(relative_names_and_links_become_one_absolute_name),
		cmocka_unit_test(without_a_home_the_error_says_what_to_give),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
