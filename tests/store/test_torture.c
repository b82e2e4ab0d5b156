/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every statement of the writer fails once, when it is prepared and at places of its run: the
 * batch is stored as a whole or not at all, and the same batch succeeds afterwards. */
#include "test.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "store/mirror.h"

/* What happens next on any connection is counted, and the nth thing fails. */
static atomic_long left;
static atomic_bool hit, at_prepare;

static bool
strikes(void)
{
	if (atomic_load(&left) <= 0 || atomic_fetch_sub(&left, 1) != 1)
		return false;
	atomic_store(&hit, true);
	return true;
}

static int
on_step(void *arg)
{
	(void)arg;
	return !atomic_load(&at_prepare) && strikes();
}

static int
on_prepare(void *arg, int action, const char *a, const char *b, const char *c, const char *d)
{
	(void)arg, (void)action, (void)a, (void)b, (void)c, (void)d;
	return atomic_load(&at_prepare) && strikes() ? SQLITE_DENY : SQLITE_OK;
}

static int
hook(sqlite3 *db, char **message, const struct sqlite3_api_routines *api)
{
	(void)message, (void)api;
	sqlite3_set_authorizer(db, on_prepare, NULL);
	sqlite3_progress_handler(db, 1, on_step, NULL);
	return SQLITE_OK;
}

static int
setup(void **state)
{
	static struct mirror mirror;

	sqlite3_auto_extension((void (*)(void))hook);
	mirror_init(&mirror);
	*state = &mirror;
	return 0;
}

static int
teardown(void **state)
{
	sqlite3_cancel_auto_extension((void (*)(void))hook);
	mirror_done(*state);
	return 0;
}

/* Something of every sort that a batch can hold; at is the first free place of the log. */
static void
make(struct mirror *m, int64_t at)
{
	struct record edit = mirror_record(at + 1, "edit", "", "{\"text\":\"b\"}");
	struct record react = mirror_record(at + 2, "react", "", "{\"emoji\":\"+\",\"on\":true}");
	struct change *ch;
	char ref[24];

	snprintf(ref, sizeof ref, "id-%lld", (long long)at);
	mirror_say(m, at, "bob", "@ann a");
	edit.ref = react.ref = ref;
	mirror_put_one(m, &edit);
	mirror_put_one(m, &react);
	mirror_queue(m, U(1), 1);
	batch_reserve(&m->b, 4, 4096);
	ch = batch_add(&m->b, CHANGE_OUT_STATE, C1);
	ch->out_state.cid = batch_str(&m->b, U(1));
	ch->out_state.state = OUTBOX_SENT;
	ch->out_state.code = ch->out_state.error = "";
	ch = batch_add(&m->b, CHANGE_OUT_REMOVE, C1);
	ch->out_remove.cid = batch_str(&m->b, U(1));
	ch = batch_add(&m->b, CHANGE_DRAFT, C1);
	ch->draft = (struct draft){ "half a", 3, "", "" };
	ch = batch_add(&m->b, CHANGE_READ, C1);
	ch->read.seq = at;
}

/* A batch takes some more steps the more there is, so strides must be longer than that. */
static void
torture(struct mirror *m, bool prepares, long stride)
{
	int64_t at = 1, tries = 0;

	atomic_store(&at_prepare, prepares);
	for (long n = 1;; n += stride) {
		enum writer_result result;

		assert_true(++tries < 1000);
		if (prepares) {		/* statements are prepared once for each connection */
			mirror_close(m);
			mirror_open(m);
		}
		make(m, at);
		atomic_store(&hit, false);
		atomic_store(&left, n);
		result = mirror_try(m);
		atomic_store(&left, 0);
		if (result == WRITER_OK && !atomic_load(&hit)) {
			assert_true(n > 100);	/* it did go through all of it */
			return;
		}
		if (result != WRITER_OK) {
			assert_true(atomic_load(&hit));
			assert_true(m->out.err.msg[0] != '\0');
			assert_int_equal(mirror_number(m, "SELECT coalesce(max(seq), 0)"
						" FROM event"), at - 1);
			make(m, at);
			mirror_commit(m);
		}
		at += 3;
	}
}

static void
every_step_may_fail(void **state)
{
	torture(*state, false, 101);
}

static void
every_preparation_may_fail(void **state)
{
	torture(*state, true, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_step_may_fail, setup, teardown),
		cmocka_unit_test_setup_teardown(every_preparation_may_fail, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
