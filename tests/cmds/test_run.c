/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one door: what is no command, what is wrongly used, and that every row can explain itself. */
#include <string.h>

#include "fake.h"
#include "test.h"

static void
an_unknown_command_names_the_nearest(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_line(&f, "sned #lobby hi");
	assert_int_equal(f.err.kind, ERR_USAGE);
	assert_string_equal(f.err.msg, "unknown command: sned (did you mean send?)");
	f.ctx.is_screen = true;
	fake_line(&f, "sned #lobby hi");
	assert_string_equal(f.err.msg, "unknown command: /sned (did you mean /send?)");
	fake_done(&f);
}

static void
wrong_counts_and_options_are_2(void **state)
{
	static const char *const lines[] = {
		"log", "log #a #b", "log #lobby --nonsense", "log #lobby -n x", "join",
		"edit #lobby 1", "outbox drop", "outbox dance", "engine dance", "config get nonsense.key",
		"account add a", "completion tcsh", "tail", "help nonsense", "react #lobby 1",
		"topic #lobby \xff", NULL
	};
	struct fake f;

	(void)state;
	fake_init(&f);
	for (size_t i = 0; lines[i]; i++) {
		fake_line(&f, lines[i]);
		assert_true(f.is_done);
		if (f.err.kind != ERR_USAGE)
			fail_msg("%s: %d %s", lines[i], (int)f.err.kind, f.err.msg);
		assert_true(*f.err.msg);
	}
	assert_int_equal(f.calls.n, 0);
	fake_done(&f);
}

static void
a_message_is_named_by_number_or_id(void **state)
{
	struct fake f;

	(void)state;
	fake_init(&f);
	fake_row(&f, 5, "typo");
	fake_line(&f, "edit #lobby 5 better words");
	assert_int_equal(f.calls.v[0]->rq.kind, REC_EDIT);
	assert_string_equal(f.calls.v[0]->text, "better words");
	fake_line(&f, "delete #lobby id-5");
	assert_int_equal(f.calls.v[1]->rq.kind, REC_DELETE);
	assert_int_equal(f.err.kind, ERR_NONE);
	fake_line(&f, "react #lobby 9 +1");
	assert_int_equal(f.err.kind, ERR_REFUSED);
	assert_int_equal(f.calls.n, 2);
	fake_done(&f);
}

static void
every_row_explains_itself(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1u << 20);
	for (size_t i = 0; cmd_table[i]; i++) {
		assert_non_null(cmd_table[i]->run);
		assert_true(strlen(cmd_table[i]->summary) > 5);
		assert_ptr_equal(cmd_find(NULL, cmd_table[i]->name), cmd_table[i]);
		buf_clear(&b);
		cmd_help(&b, cmd_table[i]);
		assert_non_null(strstr(buf_str(&b), cmd_table[i]->name));
		for (const struct arg_row *o = cmd_table[i]->options; o && o->name; o++)
			assert_non_null(strstr(buf_str(&b), o->name));
	}
	buf_clear(&b);
	cmd_help_all(&b, NULL);
	assert_non_null(strstr(buf_str(&b), "tail"));
	buf_done(&b);
}

static void
completions_name_every_command(void **state)
{
	static const char *const lines[] = { "completion bash", "completion zsh",
		"completion fish" };
	struct fake f;

	(void)state;
	fake_init(&f);
	for (size_t s = 0; s < countof(lines); s++) {
		fake_line(&f, lines[s]);
		for (size_t i = 0; cmd_table[i]; i++)
			assert_non_null(strstr(buf_str(&f.out), cmd_table[i]->name));
	}
	fake_done(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_command_names_the_nearest),
		cmocka_unit_test(wrong_counts_and_options_are_2),
		cmocka_unit_test(a_message_is_named_by_number_or_id),
		cmocka_unit_test(every_row_explains_itself),
		cmocka_unit_test(completions_name_every_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
