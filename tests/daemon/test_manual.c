/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stonechatd(8) knows every option, every key and every command. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/conf.h"
#include "base/path.h"
#include "daemon/admin.h"
#include "daemon/options.h"

static char *page;

static int
read_page(void **state)
{
	const char *top = getenv("top_srcdir");
	char path[600];
	struct err err;

	(void)state;
	snprintf(path, sizeof path, "%s/man/stonechatd.8", top ? top : ".");
	page = path_read(path, 256 * 1024, NULL, &err);
	assert_non_null(page);
	return 0;
}

static int
free_page(void **state)
{
	(void)state;
	free(page);
	return 0;
}

static void
must_hold(const char *text)
{
	if (!strstr(page, text))
		fail_msg("stonechatd(8) has no \"%s\"", text);
}

static void
every_option_has_its_place(void **state)
{
	char text[64];

	(void)state;
	for (const struct arg_row *r = options_args(); r->name; r++) {
		snprintf(text, sizeof text, "Fl -%s", r->name);
		must_hold(text);
	}
}

static void
every_key_has_its_place_and_its_default(void **state)
{
	char text[64];

	(void)state;
	for (const struct conf_row *r = options_conf(); r->section; r++) {
		snprintf(text, sizeof text, "Ss Section %s\n", r->section);
		must_hold(text);
		snprintf(text, sizeof text, "%s", r->key);
		must_hold(text);
		if (!r->fallback || !*r->fallback)
			continue;
		snprintf(text, sizeof text, "%s Pq %s", r->key, r->fallback);
		must_hold(text);
	}
}

static void
every_command_has_its_place(void **state)
{
	char text[64];

	(void)state;
	for (const struct admin_cmd *c = admin_cmds(); c->noun; c++) {
		snprintf(text, sizeof text, "It Cm %s%s%s", c->noun, c->verb ? " " : "",
				c->verb ? c->verb : "");
		must_hold(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_has_its_place),
		cmocka_unit_test(every_key_has_its_place_and_its_default),
		cmocka_unit_test(every_command_has_its_place),
	};

	return cmocka_run_group_tests(tests, read_page, free_page);
}
