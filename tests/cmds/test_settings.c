/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config and account: the file changes only into one that parses, and the old one is kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/mem.h"
#include "base/path.h"
#include "cmds/accounts.h"
#include "fake.h"
#include "test.h"

static char *
config(const struct fake *f)
{
	struct err err;
	char *text = path_read(f->paths.config, 65536, NULL, &err);

	return text ? text : xstrdup("");
}

static void
put_config(const struct fake *f, const char *text)
{
	struct err err;

	assert_true(path_write(f->paths.config, text, strlen(text), &err));
	assert_true(conf_load(f->ctx.conf, f->paths.config, true, &err));
}

static void
a_value_is_set_shown_and_taken_out(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_line(&f, "config get engine.linger");
	assert_string_equal(buf_str(&f.out), "60\n");
	fake_line(&f, "config set engine.linger 5");
	assert_int_equal(f.err.kind, ERR_NONE);
	fake_line(&f, "config get engine.linger");
	assert_string_equal(buf_str(&f.out), "5\n");
	fake_line(&f, "config set engine.linger");
	fake_line(&f, "config get engine.linger");
	assert_string_equal(buf_str(&f.out), "60\n");
	fake_done(&f);
}

static void
comments_stay_and_the_old_file_is_kept(void **state)
{
	struct fake f;
	char *text, *backup, *path;
	struct err err;

	(void)state;
	fake_init(&f);
	put_config(&f, "# mine\n[engine]\nstay = true\n");
	fake_line(&f, "config set engine.linger 7");
	text = config(&f);
	assert_non_null(strstr(text, "# mine\n"));
	assert_non_null(strstr(text, "stay = true\n"));
	assert_non_null(strstr(text, "linger = 7\n"));
	path = xasprintf("%s.bak", f.paths.config);
	backup = path_read(path, 65536, NULL, &err);
	assert_string_equal(backup, "# mine\n[engine]\nstay = true\n");
	free(backup);
	free(path);
	free(text);
	fake_done(&f);
}

static void
a_wrong_value_changes_nothing(void **state)
{
	static const char *const lines[] = { "config set engine.linger soon",
		"config set engine.linger 1000000", "config set engine.stya true",
		"config set log.level loud" };
	struct fake f;
	char *text;

	(void)state;
	fake_init(&f);
	put_config(&f, "[engine]\nstay = true\n");
	for (size_t i = 0; i < countof(lines); i++) {
		fake_line(&f, lines[i]);
		assert_int_equal(f.err.kind, ERR_USAGE);
	}
	text = config(&f);
	assert_string_equal(text, "[engine]\nstay = true\n");
	free(text);
	fake_done(&f);
}

static void
an_account_is_added_made_the_default_and_removed(void **state)
{
	struct fake f;
	char *text;

	(void)state;
	fake_init(&f);
	fake_line(&f, "account add mine unix:/tmp/s --user bob");
	assert_int_equal(f.err.kind, ERR_NONE);
	assert_int_equal(f.calls.v[0]->rq.verb, VERB_ENGINE);
	fake_line(&f, "account add work wss://chat.example --token-command pass");
	assert_true(accounts_exists(f.ctx.conf, "work"));
	assert_string_equal(accounts_default(f.ctx.conf), "mine");
	fake_line(&f, "account default work");
	assert_string_equal(accounts_default(f.ctx.conf), "work");
	fake_line(&f, "account list");
	assert_string_equal(buf_str(&f.out), "mine  unix:/tmp/s  bob\n"
			"work  wss://chat.example  (default)\n");
	fake_line(&f, "account remove work");
	assert_int_equal(f.err.kind, ERR_NONE);
	text = config(&f);
	assert_null(strstr(text, "work"));
	assert_non_null(strstr(text, "[account mine]"));
	assert_string_equal(accounts_default(f.ctx.conf), "mine");
	free(text);
	fake_done(&f);
}

static void
an_account_that_cannot_work_is_refused(void **state)
{
	static const char *const lines[] = {
		"account add Mine unix:/s", "account add server unix:/s",
		"account add local unix:/s",
		"account add m http://x", "account add m ws://chat.example",
		"account add m unix:/s --token-file /nonexistent",
		"account add m unix:/s --user BOB!",
		"account remove nobody", "account default nobody",
	};
	struct fake f;

	(void)state;
	fake_init(&f);
	for (size_t i = 0; i < countof(lines); i++) {
		fake_line(&f, lines[i]);
		assert_int_equal(f.err.kind, ERR_USAGE);
	}
	fake_done(&f);
}

static void
every_option_is_listed_with_its_meaning(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_line(&f, "config keys");
	assert_non_null(strstr(buf_str(&f.out),
			"engine.linger  (number from 0 to 86400, 60 if unset)\n"));
	assert_non_null(strstr(buf_str(&f.out), "account *.url"));
	fake_done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_set_shown_and_taken_out),
		cmocka_unit_test(comments_stay_and_the_old_file_is_kept),
		cmocka_unit_test(a_wrong_value_changes_nothing),
		cmocka_unit_test(an_account_is_added_made_the_default_and_removed),
		cmocka_unit_test(an_account_that_cannot_work_is_refused),
		cmocka_unit_test(every_option_is_listed_with_its_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
