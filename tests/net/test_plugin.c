/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Without libwebsockets' libuv plugin there is one plain sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/loop.h"
#include "net/ws.h"

static bool is_missing;

#if defined(__SANITIZE_ADDRESS__)
const char *__lsan_default_suppressions(void);

/* The library forgets a folder entry when it cannot load the plugin. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:scandir";
}
#endif

/* Stands before the C library's for everybody in this process. */
void *
dlopen(const char *file, int flags)
{
	void *(*real)(const char *, int);

	if (is_missing && file && strstr(file, "evlib_uv"))
		return NULL;
	*(void **)&real = dlsym(RTLD_NEXT, "dlopen");
	return real(file, flags);
}

/* Without the plugin: 0 if there is no network and the sentence is right. */
static int
try_without(void)
{
	struct loop *l = loop_new(NULL);
	struct err err = {0};
	struct ws_net *net;
	bool ok;

	is_missing = true;
	net = ws_net_new(l, 0, NULL, NULL, &err);
	ok = !net && err.kind == ERR_FAIL && !strchr(err.msg, '\n')
			&& strstr(err.msg, "install the package libwebsockets-evlib-uv");
	/* And with it everything works again. */
	is_missing = false;
	ws_net_free(net);
	net = ws_net_new(l, 0, NULL, NULL, NULL);
	ok = ok && net;
	ws_net_free(net);
	loop_free(l);
	return ok ? 0 : 1;
}

static void
a_missing_plugin_is_one_plain_sentence(void **state)
{
	char *argv[] = { *state, (char *)"without", NULL };
	int status = -1;
	pid_t pid;

	/* In a process of its own, for the library leaks a little when it fails. */
	assert_int_equal(posix_spawn(&pid, argv[0], NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(a_missing_plugin_is_one_plain_sentence, argv[0]),
	};

	if (argc > 1)
		return try_without();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
