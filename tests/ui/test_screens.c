/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole screens at several sizes, as text. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/keys.h"
#include "ui/layout.h"
#include "ui/team.h"

struct fixture { struct model m; struct ui ui; };

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	team_init(&f->m, &f->ui);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	ui_done(&f->ui);
	model_done(&f->m);
	free(f);
	return 0;
}

static void
a_team_at_work_on_a_large_screen(void **state)
{
	struct fixture *f = *state;

	team_type(&f->ui, "Pool size was 5; I am raising it to 50 and re-running the canary,\n"
			"then the whole train. /summ", "");
	team_sees(&f->m, &f->ui, 100, 30, "\n"
			" #build-infra  Release train and CI. Oncall: ann. Freeze from Dec 1   ● online 42ms  TLS  seq 18412\n"
			"acme             │──────────────────────────────── Mon 23 Nov 2026 ─────────────────────────────────\n"
			"> 1 #build-infra │ 13:57      ann  see you tomorrow\n"
			"  2 #core        │──────────────────────────────── Tue 24 Nov 2026 ─────────────────────────────────\n"
			"  3 #design      │ 13:58      ann  deploy of 4.2 is blocked, canary shows p99 at 900ms\n"
			"! 4 #oncall   1·3│ 14:02      bob  rolled the cache flag back, watching\n"
			"  5 #random    12│                 ↳ ann: \"deploy of 4.2 is blocked, canary shows p99 at 900ms\"\n"
			"people           │ 14:03           still 850. https://ci.example.com/job/1423/console\n"
			"@ 6 ann         2│┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ gap: seq 18391–18407 not fetched (17) ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄\n"
			"  7 bob          │ 14:20      ann  found it: connection pool is 5, should be 50   (edited) [👍 3]\n"
			"archive (offline)│ 14:21      -->  eve has joined\n"
			"  8 #old-proj    │═══════════════════════════════ 3 new since 14:29 ════════════════════════════════\n"
			"                 │ 14:29      ann  @me can you summarise for the incident doc?\n"
			"                 │ 14:30      eve  (deleted)\n"
			"                 │ 14:30 日本語…   日本語と 👩‍👩‍👧‍👦 と é が並ぶ\n"
			"                 │ 14:31     me ◌  on it                                            sending · try 2\n"
			"                 │ 14:31     me ✗  see log                                      rejected: too large\n"
			"                 │\n"
			"                 │\n"
			"                 │\n"
			"                 │\n"
			"                 │\n"
			"                 │\n"
			"                 │\n"
			"                 │\n"
			"                 │\n"
			"                 │\n"
			"[14:31] [me@acme] [1:#build-infra] [Act: 4!1·3 6@2 5:12] [outbox 1 ✗1] [gap 17]\n"
			"[#build-infra] Pool size was 5; I am raising it to 50 and re-running the canary,\n"
			"               then the whole train. /summ\n"
);
}

static void
a_small_screen_has_no_list(void **state)
{
	struct fixture *f = *state;

	team_type(&f->ui, "Pool size was 5; I am raising it to 50 and re-", "running the canary");
	team_sees(&f->m, &f->ui, 60, 15, "\n"
			" #build-infra  Release train… ● online 42ms  TLS  seq 18412\n"
			"┄┄┄┄┄┄┄┄┄┄ gap: seq 18391–18407 not fetched (17) ┄┄┄┄┄┄┄┄┄┄┄\n"
			" 14:20      ann  found it: connection pool is 5, should be\n"
			"                 50   (edited) [👍 3]\n"
			" 14:21      -->  eve has joined\n"
			"════════════════════ 3 new since 14:29 ═════════════════════\n"
			" 14:29      ann  @me can you summarise for the incident\n"
			"                 doc?\n"
			" 14:30      eve  (deleted)\n"
			" 14:30 日本語…   日本語と 👩‍👩‍👧‍👦 と é が並ぶ\n"
			" 14:31     me ◌  on it                      sending · try 2\n"
			" 14:31     me ✗  see log                rejected: too large\n"
			"[14:31] [1:#build-infra] [Act: 4!1·3] [outbox 1 ✗1] [gap 17]\n"
			"[#build-infra] Pool size was 5; I am raising it to 50 and\n"
			"               re-running the canary\n"
);
}

static void
a_narrow_screen_names_authors_in_the_text(void **state)
{
	struct fixture *f = *state;

	team_sees(&f->m, &f->ui, 45, 12, "\n"
			" #build-infra  Release train … ● online 42ms\n"
			"      should be 50   (edited) [👍 3]\n"
			"14:21 eve has joined\n"
			"═════════════ 3 new since 14:29 ═════════════\n"
			"14:29 <ann> @me can you summarise for the\n"
			"      incident doc?\n"
			"14:30 <eve> (deleted)\n"
			"14:30 <日本語の名前> 日本語と 👩‍👩‍👧‍👦 と é が並ぶ\n"
			"14:31 <me ◌> on it            sending · try 2\n"
			"14:31 <me ✗> see log      rejected: too large\n"
			"[14:31] [1:#build-infra] [outbox 1 ✗1]\n"
			"[#build-infra]\n"
);
}

static void
the_smallest_screen_still_shows_what_was_said(void **state)
{
	struct fixture *f = *state;

	team_type(&f->ui, "hello", "");
	team_sees(&f->m, &f->ui, 20, 5, "\n"
			" #build-i… ● online\n"
			"<me ✗> see log\n"
			" rejected: too large\n"
			"[outbox 1 ✗1]\n"
			"> hello\n"
);
}

static void
one_cell_is_enough_not_to_crash(void **state)
{
	struct fixture *f = *state;

	team_sees(&f->m, &f->ui, 1, 1, "\n\n");
}

/* Every size between: nothing but the absence of a crash and a caret inside is claimed. */
static void
no_size_crashes(void **state)
{
	struct fixture *f = *state;
	struct canvas c;

	team_type(&f->ui, "日本語 👩‍👩‍👧‍👦 and some text that is longer than a line", "\nmore");
	ui_remark(&f->ui, 2, "nobody is there");
	f->ui.menu.items[0] = text_own("/summarise");
	f->ui.menu.n = 1;
	canvas_init(&c, 1, 1);
	for (int w = 1; w < 130; w += w < 30 ? 1 : 7) {
		for (int h = 1; h < 40; h += h < 12 ? 1 : 5) {
			f->ui.w = w;
			f->ui.h = h;
			f->ui.screen = &scr_chat;
			ui_draw(&f->m, &f->ui, &c);
			assert_in_range(c.caret_x, 0, w - 1);
			assert_in_range(c.caret_y, 0, h - 1);
			f->ui.screen->scroll(&f->m, &f->ui, 1, 0);
			f->ui.screen = &scr_help;
			ui_draw(&f->m, &f->ui, &c);
		}
	}
	canvas_done(&c);
}

static void
an_empty_conversation_says_what_to_do(void **state)
{
	struct fixture *f = *state;

	team_open(&f->m, "acme", "#design", 0);
	team_close(&f->m);
	f->ui.unread.count = 0;
	team_sees(&f->m, &f->ui, 80, 8, "\n"
			" #design                                                     ● online 42ms  TLS\n"
			"  1 #build-infra │\n"
			"  2 #core        │\n"
			"> 3 #design      │         No messages yet. Write one, or F1 for help.\n"
			"! 4 #oncall   1·3│\n"
			"  5 #random    12│\n"
			"[14:31] [me@acme] [3:#design] [Act: 4!1·3 6@2 5:12] [outbox 1 ✗1]\n"
			"[#design]\n"
);
}

static void
offline_is_said_in_title_and_list(void **state)
{
	struct fixture *f = *state;

	team_open(&f->m, "archive", "#old-proj", 2);
	team_say(&f->m, 2, AT(9, 5), "ann", "the end");
	team_close(&f->m);
	f->ui.unread.count = 0;
	team_sees(&f->m, &f->ui, 80, 16, "\n"
			" #old-proj                                                     ○ offline  seq 2\n"
			"acme             │────────────────────── Tue 24 Nov 2026 ───────────────────────\n"
			"  1 #build-infra │ 09:05      ann  the end\n"
			"  2 #core        │\n"
			"  3 #design      │\n"
			"! 4 #oncall   1·3│\n"
			"  5 #random    12│\n"
			"people           │\n"
			"@ 6 ann         2│\n"
			"  7 bob          │\n"
			"archive (offline)│\n"
			"> 8 #old-proj    │\n"
			"                 │\n"
			"                 │\n"
			"[14:31] [me@archive] [8:#old-proj] [Act: 4!1·3 6@2 5:12] [outbox 1 ✗1]\n"
			"[#old-proj]\n"
);
}

static void
a_peer_cannot_draw_outside_his_text(void **state)
{
	struct fixture *f = *state;

	team_open(&f->m, "acme", "#design", 3);
	team_say(&f->m, 1, AT(9, 0), "eve\033[2J", "\033]0;owned\007\033[31mred\r\n▌draft\n"
			"═══ 9 new since 00:00 ═══");
	team_say(&f->m, 2, AT(9, 1), "mallory", "a\xe2\x80\xae" "b\xc2\x9b" "31m\xe2\x80\x8b\xff");
	team_close(&f->m);
	f->ui.unread.count = 0;
	team_sees(&f->m, &f->ui, 60, 10, "\n"
			" #design                                 ● online 42ms  TLS\n"
			"───────────────────── Tue 24 Nov 2026 ──────────────────────\n"
			" 09:00  eve␛[2J  ␛]0;owned␇␛[31mred␍\n"
			"                 ▌draft\n"
			"                 ═══ 9 new since 00:00 ═══\n"
			" 09:01  mallory  a<U+202E>b<U+009B>31m�   [1 hidden]\n"
			"\n"
			"\n"
			"[14:31] [3:#design] [Act: 4!1·3 6@2 5:12] [outbox 1 ✗1]\n"
			"[#design]\n"
);
}

static void
a_long_message_is_folded(void **state)
{
	struct fixture *f = *state;
	char text[26 * 5];

	for (int i = 0; i < 26; i++)
		memcpy(text + 5 * i, i < 25 ? "line\n" : "line", 5);
	team_open(&f->m, "acme", "#design", 3);
	team_say(&f->m, 1, AT(9, 0), "ann", text);
	team_close(&f->m);
	f->ui.unread.count = 0;
	team_sees(&f->m, &f->ui, 60, 9, "\n"
			" #design                                 ● online 42ms  TLS\n"
			"                 line\n"
			"                 line\n"
			"                 line\n"
			"                 line\n"
			"                 line\n"
			"                 … 6 more lines\n"
			"[14:31] [3:#design] [Act: 4!1·3 6@2 5:12] [outbox 1 ✗1]\n"
			"[#design]\n"
);
}

static void
scrolling_up_keeps_the_place_while_messages_come(void **state)
{
	struct fixture *f = *state;
	const char *wanted = "\n"
			" #build-infra  Release train… ● online 42ms  TLS  seq 18412\n"
			" 13:58      ann  deploy of 4.2 is blocked, canary shows p99\n"
			"                 at 900ms\n"
			" 14:02      bob  rolled the cache flag back, watching\n"
			"                 ↳ ann: \"deploy of 4.2 is blocked, canary …\n"
			" 14:03           still 850.\n"
			"                 https://ci.example.com/job/1423/console\n"
			"┄┄┄┄┄┄┄┄┄┄ gap: seq 18391–18407 not fetched (17) ┄┄┄┄┄┄┄┄┄┄┄\n"
			" 14:20      ann  found it: connection pool is 5, should be\n"
			"                 50   (edited) [👍 3]\n"
			"[14:31] [1:#build-infra] [Act: 6@2] [outbox 1 ✗1] [-MORE 6-]\n"
			"[#build-infra]\n";

	f->ui.w = 60;
	f->ui.h = 12;
	f->ui.screen->scroll(&f->m, &f->ui, 0, 1);
	f->ui.unread.count = 0;
	team_sees(&f->m, &f->ui, 60, 12, wanted);
	for (int i = 0; i < 5; i++) {
		struct event ev = { .type = EV_PAGE, .page = { 18412 + i, 18413 + i, false } };

		model_apply(&f->m, &ev);
		team_say(&f->m, 18413 + i, AT(14, 32), "ann", "more");
		team_close(&f->m);
	}
	assert_true(f->ui.view.is_scrolled);
	team_sees(&f->m, &f->ui, 60, 12, "\n"
			" #build-infra  Release train… ● online 42ms  TLS  seq 18412\n"
			" 13:58      ann  deploy of 4.2 is blocked, canary shows p99\n"
			"                 at 900ms\n"
			" 14:02      bob  rolled the cache flag back, watching\n"
			"                 ↳ ann: \"deploy of 4.2 is blocked, canary …\n"
			" 14:03           still 850.\n"
			"                 https://ci.example.com/job/1423/console\n"
			"┄┄┄┄┄┄┄┄┄┄ gap: seq 18391–18407 not fetched (17) ┄┄┄┄┄┄┄┄┄┄┄\n"
			" 14:20      ann  found it: connection pool is 5, should be\n"
			"                 50   (edited) [👍 3]\n"
			"[14:31] [1:#build-infra] [outbox 1 ✗1] [-MORE 11-]\n"
			"[#build-infra]\n"
);
	f->ui.screen->scroll(&f->m, &f->ui, 0, -9);
	assert_false(f->ui.view.is_scrolled);
}

static void
scrolling_stops_at_the_oldest_message(void **state)
{
	struct fixture *f = *state;

	f->ui.w = 60;
	f->ui.h = 12;
	f->ui.unread.count = 0;
	f->ui.screen->scroll(&f->m, &f->ui, 0, 50);
	team_sees(&f->m, &f->ui, 60, 12, "\n"
			" #build-infra  Release train… ● online 42ms  TLS  seq 18412\n"
			"───────────────────── Mon 23 Nov 2026 ──────────────────────\n"
			" 13:57      ann  see you tomorrow\n"
			"───────────────────── Tue 24 Nov 2026 ──────────────────────\n"
			" 13:58      ann  deploy of 4.2 is blocked, canary shows p99\n"
			"                 at 900ms\n"
			" 14:02      bob  rolled the cache flag back, watching\n"
			"                 ↳ ann: \"deploy of 4.2 is blocked, canary …\n"
			" 14:03           still 850.\n"
			"                 https://ci.example.com/job/1423/console\n"
			"[14:31] [1:#build-infra] [Act: 6@2] [outbox 1 ✗1] [-MORE 7-]\n"
			"[#build-infra]\n"
);
}

static void
a_screen_that_grows_is_filled(void **state)
{
	struct fixture *f = *state;
	struct canvas c;
	char *small, *large;

	f->ui.unread.count = 0;
	f->ui.w = 60;
	f->ui.h = 12;
	canvas_init(&c, 1, 1);
	f->ui.screen->scroll(&f->m, &f->ui, 0, 50);
	ui_draw(&f->m, &f->ui, &c);
	large = canvas_dump(&c);
	f->ui.h = 4;
	f->ui.screen->scroll(&f->m, &f->ui, 0, 50);
	f->ui.h = 12;
	f->ui.screen->scroll(&f->m, &f->ui, 0, 0);
	ui_draw(&f->m, &f->ui, &c);
	small = canvas_dump(&c);
	assert_string_equal(small, large);
	free(small);
	free(large);
	canvas_done(&c);
}

static char *
help_of(const struct keys *k)
{
	struct buf help;

	buf_init(&help, 64 * 1024);
	keys_help(k, &help);
	return buf_take(&help);
}

static void
every_key_is_bound_once_and_helped(void **state)
{
	struct keys *k = keys_new();
	char *help = help_of(k);
	(void)state;

	for (const struct key_row *r = key_table; r->key; r++)
		assert_string_equal(keys_find(k, r->key)->command, r->command);
	assert_null(keys_find(k, "x"));
	assert_non_null(strstr(help, "Alt-1 … Alt-0"));
	assert_non_null(strstr(help, "Ctrl-N"));
	free(help);
	keys_free(k);
}

static void
a_person_binds_keys_and_gives_them_back(void **state)
{
	static const char *const wrong[] = { "", "x", "two words", "Ctrl-",
		"a-name-too-long-for-a-key" };
	struct keys *k = keys_new();
	struct err err;
	char *help;
	(void)state;

	assert_true(keys_bind(k, "Ctrl-N", "/rooms --json", &err));
	assert_string_equal(keys_find(k, "C-n")->command, "rooms --json");
	assert_true(keys_bind(k, "F2", "unread", &err));
	assert_true(keys_bind(k, "M-1", "", &err));
	assert_null(keys_find(k, "M-1"));
	assert_true(keys_bind(k, "Alt-Ctrl-x", "/quit", &err));
	assert_string_equal(keys_find(k, "M-C-x")->command, "quit");
	help = help_of(k);
	assert_non_null(strstr(help, "/rooms --json"));
	assert_non_null(strstr(help, "Alt-2 … Alt-0"));
	assert_non_null(strstr(help, "F2"));
	free(help);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(keys_bind(k, wrong[i], "/quit", &err));
	for (int i = 0; i < 1000; i++)
		keys_bind(k, "F3", "/quit", &err);
	assert_false(keys_bind(k, "F3", "/quit", &err));
	keys_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(a_team_at_work_on_a_large_screen),
		TEST(a_small_screen_has_no_list),
		TEST(a_narrow_screen_names_authors_in_the_text),
		TEST(the_smallest_screen_still_shows_what_was_said),
		TEST(one_cell_is_enough_not_to_crash),
		TEST(no_size_crashes),
		TEST(an_empty_conversation_says_what_to_do),
		TEST(offline_is_said_in_title_and_list),
		TEST(a_peer_cannot_draw_outside_his_text),
		TEST(a_long_message_is_folded),
		TEST(scrolling_up_keeps_the_place_while_messages_come),
		TEST(scrolling_stops_at_the_oldest_message),
		TEST(a_screen_that_grows_is_filled),
		TEST(every_key_is_bound_once_and_helped),
		TEST(a_person_binds_keys_and_gives_them_back),
	};

	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
