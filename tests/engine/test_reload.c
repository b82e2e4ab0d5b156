/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration that is written, replaced or removed is noticed; one that stays is not. */
#include "engine/reload.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "loop/loop.h"
#include "test.h"

struct seen { struct loop *loop; char *dir, *path; struct reload *reload; int changes; };

static void
on_changed(void *arg)
{
	((struct seen *)arg)->changes++;
}

static void
open_seen(struct seen *s, const char *file)
{
	struct err err;

	memset(s, 0, sizeof *s);
	s->dir = xcalloc(1, 256);
	test_folder(s->dir, 256);
	s->path = path_join(s->dir, file);
	s->loop = loop_new(&err);
	s->reload = reload_start(s->loop, s->path, on_changed, s);
}

static void
close_seen(struct seen *s)
{
	reload_stop(s->reload);
	loop_free(s->loop);
	unlink(s->path);
	rmdir(s->dir);
	free(s->path);
	free(s->dir);
}

static void
put(const struct seen *s, const char *text)
{
	struct err err;

	assert_true(path_write(s->path, text, strlen(text), &err));
}

static void
until_change(struct seen *s)
{
	for (int i = 0; i < 1000 && s->changes == 0; i++)
		loop_once(s->loop, true);
	assert_true(s->changes > 0);
	s->changes = 0;
}

static void
a_file_that_is_written_replaced_and_removed_is_noticed(void **state)
{
	struct seen s;

	(void)state;
	open_seen(&s, "config");
	assert_false(reload_is_stale(s.reload));
	put(&s, "one");
	until_change(&s);
	assert_true(reload_is_stale(s.reload));
	assert_false(reload_is_stale(s.reload));
	put(&s, "two");
	until_change(&s);
	assert_true(reload_is_stale(s.reload));
	unlink(s.path);
	until_change(&s);
	assert_true(reload_is_stale(s.reload));
	close_seen(&s);
}

static void
a_folder_that_is_not_there_is_looked_at_when_asked(void **state)
{
	struct seen s;

	(void)state;
	open_seen(&s, "missing/config");
	assert_false(reload_is_stale(s.reload));
	close_seen(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_written_replaced_and_removed_is_noticed),
		cmocka_unit_test(a_folder_that_is_not_there_is_looked_at_when_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
