/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Without libwebsockets' libuv plugin there is one plain sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <stdlib.h>

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

static void
a_missing_plugin_is_one_plain_sentence(void **state)
{
	struct loop *l = loop_new(NULL);
	struct ws_net *net;
	struct err err = {0};

	(void)state;
	is_missing = true;
	assert_null(ws_net_new(l, 0, NULL, NULL, &err));
	assert_int_equal(err.kind, ERR_FAIL);
	assert_non_null(strstr(err.msg, "install the package libwebsockets-evlib-uv"));
	assert_null(strchr(err.msg, '\n'));
	/* And with it everything works again. */
	is_missing = false;
	net = ws_net_new(l, 0, NULL, NULL, &err);
	assert_non_null(net);
	ws_net_free(net);
	loop_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_plugin_is_one_plain_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
