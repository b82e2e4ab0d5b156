/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every word of the protocol reads back as what it was written from. */
#include "test.h"

#include <string.h>

#include "model/code.h"
#include "model/event.h"
#include "model/record.h"

static void
every_code_has_a_word_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(code_name(CODE_NONE), "");
	for (enum code c = CODE_NONE + 1; c < CODE_COUNT; c++) {
		enum code back = CODE_NONE;

		assert_true(*code_name(c));
		assert_true(code_parse(code_name(c), &back));
		assert_int_equal(back, c);
	}
}

static void
a_word_that_is_no_code_changes_nothing(void **state)
{
	enum code code = CODE_RATE;

	(void)state;
	assert_false(code_parse("", &code));
	assert_false(code_parse("Rate", &code));
	assert_false(code_parse("rates", &code));
	assert_int_equal(code, CODE_RATE);
}

static void
what_may_succeed_later_is_not_permanent(void **state)
{
	static const char *const later[] = { "", "offset", "version", "auth", "expired_auth",
		"rate", "busy", "order", "lane", "epoch", "internal" };

	(void)state;
	for (enum code c = CODE_NONE; c < CODE_COUNT; c++) {
		bool is_later = false;

		for (size_t i = 0; i < countof(later); i++)
			is_later |= strcmp(later[i], code_name(c)) == 0;
		assert_int_equal(code_is_permanent(c), !is_later);
	}
}

static void
every_kind_of_record_reads_back(void **state)
{
	(void)state;
	for (enum record_kind k = REC_MSG; k < REC_OTHER; k++)
		assert_int_equal(record_kind_parse(record_kind_name(k)), k);
	assert_string_equal(record_kind_name(REC_AI_START), "ai.start");
	assert_string_equal(record_kind_name(REC_OTHER), "other");
}

static void
a_kind_of_a_later_version_is_other(void **state)
{
	(void)state;
	assert_int_equal(record_kind_parse("poll"), REC_OTHER);
	assert_int_equal(record_kind_parse("other"), REC_OTHER);
	assert_int_equal(record_kind_parse(""), REC_OTHER);
	assert_int_equal(record_kind_parse("MSG"), REC_OTHER);
}

static void
every_kind_of_conversation_reads_back(void **state)
{
	enum conv_kind back = CONV_ROOM;

	(void)state;
	for (enum conv_kind k = CONV_ROOM; k <= CONV_USER; k++) {
		assert_true(conv_kind_parse(conv_kind_name(k), &back));
		assert_int_equal(back, k);
	}
	assert_false(conv_kind_parse("lobby", &back));
}

static void
every_state_of_a_link_reads_back(void **state)
{
	enum link_state back = LINK_OFFLINE;

	(void)state;
	for (enum link_state s = LINK_OFFLINE; s <= LINK_STOPPED; s++) {
		assert_true(link_state_parse(link_state_name(s), &back));
		assert_int_equal(back, s);
	}
	assert_false(link_state_parse("on", &back));
}

static void
every_state_of_an_outbox_row_reads_back(void **state)
{
	enum outbox_state back = OUTBOX_QUEUED;

	(void)state;
	for (enum outbox_state s = OUTBOX_QUEUED; s <= OUTBOX_DROPPED; s++) {
		assert_true(outbox_state_parse(outbox_state_name(s), &back));
		assert_int_equal(back, s);
	}
	assert_false(outbox_state_parse("lost", &back));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_a_word_of_its_own),
		cmocka_unit_test(a_word_that_is_no_code_changes_nothing),
		cmocka_unit_test(what_may_succeed_later_is_not_permanent),
		cmocka_unit_test(every_kind_of_record_reads_back),
		cmocka_unit_test(a_kind_of_a_later_version_is_other),
		cmocka_unit_test(every_kind_of_conversation_reads_back),
		cmocka_unit_test(every_state_of_a_link_reads_back),
		cmocka_unit_test(every_state_of_an_outbox_row_reads_back),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
