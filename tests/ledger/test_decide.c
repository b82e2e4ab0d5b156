/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commit rules for sends, one row a rule: what is true, what is proposed, what is answered. */
#include <stdio.h>
#include <string.h>

#include "ledger/decide.h"
#include "test.h"

/* a row says what differs from where all begin */
#pragma GCC diagnostic ignored "-Woverride-init"

#define CID "018f0000-0000-7000-8000-000000000001"
#define REF "018f0000-0000-7000-8000-000000000002"
#define LONG16 "xxxxxxxxxxxxxxxx"
#define LONG64 LONG16 LONG16 LONG16 LONG16

/* The room that every row starts from: ann is a member, lane 1 was used, and a message of hers is
 * what REF means. */
#define ROOM .has_conv = true, .kind = CONV_ROOM, .epoch = "k3J9", .seq = 7, .last_ts = 1000, \
	.lane = 1, .body_max = 100, .role = ROLE_MEMBER, .streams_max = 4, .known_id = "", \
	.known_why = ""
#define MINE .target = { .is_there = true, .is_own = true, .kind = REC_MSG }
#define THEIRS .target = { .is_there = true, .kind = REC_MSG }
#define GONE .target = { .is_there = true, .is_own = true, .is_deleted = true, .kind = REC_MSG }
#define OF_KIND(k) .target = { .is_there = true, .is_own = true, .kind = k }

#define SEND .act = LEDGER_SEND, .user = "ann", .device = "d_1", .conv = "c_1", .cid = CID, \
	.ref = REF, .lane = 2, .ttl = LEDGER_ABSENT, .bad_why = "", .role = "", .other = "", \
	.topic = "", .name = "", .epoch = "k3J9", .now = 5000
#define BODY .text = "x", .text_n = 1, .emoji = "\xf0\x9f\x91\x8d", .on = true, \
	.stream = "st_1", .len = 3, .run = "", .status = "", .json_n = 10
#define RUN(id, state) .kind = REC_ACTION, .body = { .run = id, .status = state, .json_n = 10 }

enum outcome {
	TAKEN,		/* appended */
	REFUSED,	/* for ever: lane used, remembered */
	LATER,		/* retry: lane free, not remembered */
	NOTHING		/* answered, and nothing else happens */
};

struct row {
	const char *name;
	struct ledger_facts f;
	struct ledger_op op;
	enum outcome outcome;
	enum code code;
	int64_t expect;		/* 0: LEDGER_ABSENT */
};

static const struct row rows[] = {
	{ "a message", { ROOM }, { SEND, .kind = REC_MSG, .body = { BODY } }, TAKEN },
	{ "no such conversation", { .has_conv = false },
		{ SEND, .lane = 9, .kind = REC_MSG, .body = { BODY } }, NOTHING, CODE_NOT_FOUND },
	{ "a lane that leaves some out", { ROOM },
		{ SEND, .lane = 3, .kind = REC_MSG, .body = { BODY } }, LATER, CODE_ORDER, 2 },
	{ "a bad body out of order is out of order first", { ROOM },
		{ SEND, .lane = 3, .kind = REC_MSG, .bad = CODE_INVALID }, LATER, CODE_ORDER, 2 },
	{ "a lane that was used", { ROOM },
		{ SEND, .lane = 1, .kind = REC_MSG, .body = { BODY } }, NOTHING, CODE_LANE },
	{ "lane 0", { ROOM }, { SEND, .lane = 0, .kind = REC_MSG, .body = { BODY } }, NOTHING,
		CODE_LANE },
	{ "too fast", { ROOM, .rate_after = 70 },
		{ SEND, .is_limited = true, .kind = REC_MSG, .body = { BODY } }, LATER, CODE_RATE },
	{ "rate comes before a bad body", { ROOM, .rate_after = 70 },
		{ SEND, .is_limited = true, .kind = REC_EDIT, .bad = CODE_INVALID }, LATER,
		CODE_RATE },
	{ "a delete counts too", { ROOM, MINE, .rate_after = 70 },
		{ SEND, .is_limited = true, .kind = REC_DELETE, .body = { BODY } }, LATER,
		CODE_RATE },
	{ "a reaction counts too", { ROOM, MINE, .rate_after = 70 },
		{ SEND, .is_limited = true, .kind = REC_REACT, .body = { BODY } }, LATER,
		CODE_RATE },
	{ "a topic counts too", { ROOM, .rate_after = 70 },
		{ SEND, .is_limited = true, .kind = REC_TOPIC, .body = { BODY } }, LATER,
		CODE_RATE },
	{ "an action does not count", { ROOM, .rate_after = 70 },
		{ SEND, .is_limited = true, .kind = REC_ACTION, .body = { BODY } }, TAKEN },
	{ "no rate where none applies", { ROOM, .rate_after = 70 },
		{ SEND, .kind = REC_MSG, .body = { BODY } }, TAKEN },
	{ "dropping a row is never too fast", { ROOM, .rate_after = 70 },
		{ SEND, .is_limited = true, .ttl = 0, .kind = REC_MSG, .body = { BODY } }, REFUSED,
		CODE_EXPIRED },
	{ "a time that is over", { ROOM },
		{ SEND, .ttl = -5, .kind = REC_MSG, .body = { BODY } }, REFUSED, CODE_EXPIRED },
	{ "a time that is left", { ROOM },
		{ SEND, .ttl = 1, .kind = REC_MSG, .body = { BODY } }, TAKEN },
	{ "a bad body", { ROOM }, { SEND, .kind = REC_MSG, .bad = CODE_TOO_LARGE }, REFUSED,
		CODE_TOO_LARGE },
	{ "a user's own log", { ROOM, .kind = CONV_USER },
		{ SEND, .kind = REC_MSG, .body = { BODY } }, REFUSED, CODE_FORBIDDEN },
	{ "no member", { ROOM, .role = ROLE_NONE },
		{ SEND, .kind = REC_MSG, .body = { BODY } }, REFUSED, CODE_FORBIDDEN },
	{ "an admin is an owner in every room", { ROOM, .role = ROLE_NONE },
		{ SEND, .is_admin = true, .kind = REC_MSG, .body = { BODY } }, TAKEN },
	{ "an admin is nobody in a direct conversation",
		{ ROOM, .kind = CONV_DIRECT, .role = ROLE_NONE },
		{ SEND, .is_admin = true, .kind = REC_MSG, .body = { BODY } }, REFUSED,
		CODE_FORBIDDEN },
	{ "over the limit", { ROOM, .body_max = 9 }, { SEND, .kind = REC_MSG, .body = { BODY } },
		REFUSED, CODE_TOO_LARGE },
	{ "members change elsewhere", { ROOM }, { SEND, .kind = REC_MEMBER, .body = { BODY } },
		REFUSED, CODE_INVALID },
	{ "read is the server's", { ROOM }, { SEND, .kind = REC_READ, .body = { BODY } }, REFUSED,
		CODE_INVALID },
	{ "notify is the server's", { ROOM }, { SEND, .kind = REC_NOTIFY, .body = { BODY } },
		REFUSED, CODE_INVALID },
	{ "an unknown kind", { ROOM }, { SEND, .kind = REC_OTHER, .body = { BODY } }, REFUSED,
		CODE_INVALID },
	{ "an empty message", { ROOM },
		{ SEND, .kind = REC_MSG, .body = { BODY, .text = "", .text_n = 0 } }, REFUSED,
		CODE_INVALID },

	{ "an edit", { ROOM, MINE }, { SEND, .kind = REC_EDIT, .body = { BODY } }, TAKEN },
	{ "an edit of nothing", { ROOM, MINE },
		{ SEND, .ref = "", .kind = REC_EDIT, .body = { BODY } }, REFUSED, CODE_INVALID },
	{ "an edit of what is not there", { ROOM }, { SEND, .kind = REC_EDIT, .body = { BODY } },
		REFUSED, CODE_NOT_FOUND },
	{ "an edit of somebody else's", { ROOM, THEIRS },
		{ SEND, .kind = REC_EDIT, .body = { BODY } }, REFUSED, CODE_FORBIDDEN },
	{ "not even an owner edits for others", { ROOM, THEIRS, .role = ROLE_OWNER },
		{ SEND, .kind = REC_EDIT, .body = { BODY } }, REFUSED, CODE_FORBIDDEN },
	{ "an edit after the delete", { ROOM, GONE }, { SEND, .kind = REC_EDIT, .body = { BODY } },
		REFUSED, CODE_GONE },
	{ "an edit of an answer", { ROOM, OF_KIND(REC_AI_END) },
		{ SEND, .kind = REC_EDIT, .body = { BODY } }, REFUSED, CODE_INVALID },
	{ "an edit to nothing", { ROOM, MINE },
		{ SEND, .kind = REC_EDIT, .body = { BODY, .text_n = 0 } }, REFUSED, CODE_INVALID },

	{ "a delete", { ROOM, MINE }, { SEND, .kind = REC_DELETE, .body = { BODY } }, TAKEN },
	{ "deleting twice", { ROOM, GONE }, { SEND, .kind = REC_DELETE, .body = { BODY } }, TAKEN },
	{ "deleting somebody else's", { ROOM, THEIRS },
		{ SEND, .kind = REC_DELETE, .body = { BODY } }, REFUSED, CODE_FORBIDDEN },
	{ "an owner deletes", { ROOM, THEIRS, .role = ROLE_OWNER },
		{ SEND, .kind = REC_DELETE, .body = { BODY } }, TAKEN },
	{ "deleting an answer", { ROOM, OF_KIND(REC_AI_END) },
		{ SEND, .kind = REC_DELETE, .body = { BODY } }, TAKEN },
	{ "a run begins", { ROOM, .runs_open = 63 }, { SEND, RUN("r_1", "running") }, TAKEN },
	{ "one run too many", { ROOM, .runs_open = 64 }, { SEND, RUN("r_1", "running") }, LATER,
		CODE_BUSY },
	{ "a run goes on", { ROOM, .run = STREAM_OPEN, .runs_open = 64 },
		{ SEND, RUN("r_1", "running") }, TAKEN },
	{ "a run ends", { ROOM, .runs_open = 64 }, { SEND, RUN("r_1", "done") }, TAKEN },
	{ "an action of no run", { ROOM, .runs_open = 64 }, { SEND, RUN("", "running") }, TAKEN },
	{ "a run's id over the limit", { ROOM }, { SEND, RUN("x" LONG64, "running") }, REFUSED,
		CODE_INVALID },
	{ "deleting an action", { ROOM, OF_KIND(REC_ACTION) },
		{ SEND, .kind = REC_DELETE, .body = { BODY } }, TAKEN },
	{ "deleting a topic", { ROOM, OF_KIND(REC_TOPIC) },
		{ SEND, .kind = REC_DELETE, .body = { BODY } }, REFUSED, CODE_INVALID },
	{ "deleting what is not there", { ROOM }, { SEND, .kind = REC_DELETE, .body = { BODY } },
		REFUSED, CODE_NOT_FOUND },

	{ "a reaction", { ROOM, THEIRS }, { SEND, .kind = REC_REACT, .body = { BODY } }, TAKEN },
	{ "a reaction to what is not there", { ROOM },
		{ SEND, .kind = REC_REACT, .body = { BODY } }, REFUSED, CODE_NOT_FOUND },
	{ "a reaction to what was deleted", { ROOM, GONE },
		{ SEND, .kind = REC_REACT, .body = { BODY } }, REFUSED, CODE_GONE },
	{ "an empty reaction", { ROOM, MINE },
		{ SEND, .kind = REC_REACT, .body = { BODY, .emoji = "" } }, REFUSED, CODE_INVALID },
	{ "two characters", { ROOM, MINE },
		{ SEND, .kind = REC_REACT, .body = { BODY, .emoji = "ab" } }, REFUSED,
		CODE_TOO_LARGE },
	{ "a reaction of 65 bytes", { ROOM, MINE },
		{ SEND, .kind = REC_REACT, .body = { BODY, .emoji = LONG64 "x" } }, REFUSED,
		CODE_TOO_LARGE },
	{ "a family is one character", { ROOM, MINE },
		{ SEND, .kind = REC_REACT, .body = { BODY,
			.emoji = "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7" } }, TAKEN },
	{ "the 65th kind", { ROOM, MINE, .react_kinds = 64 },
		{ SEND, .kind = REC_REACT, .body = { BODY } }, REFUSED, CODE_TOO_LARGE },
	{ "the 64th kind", { ROOM, MINE, .react_kinds = 63 },
		{ SEND, .kind = REC_REACT, .body = { BODY } }, TAKEN },
	{ "one more of a kind that is there", { ROOM, MINE, .react_kinds = 64, .has_react = true },
		{ SEND, .kind = REC_REACT, .body = { BODY } }, TAKEN },
	{ "taking a reaction back", { ROOM, MINE, .react_kinds = 64 },
		{ SEND, .kind = REC_REACT, .body = { BODY, .on = false } }, TAKEN },

	{ "a topic by a member of a private room", { ROOM },
		{ SEND, .kind = REC_TOPIC, .body = { BODY } }, REFUSED, CODE_FORBIDDEN },
	{ "a topic by a member of a public room", { ROOM, .is_public = true },
		{ SEND, .kind = REC_TOPIC, .body = { BODY } }, TAKEN },
	{ "a topic by the owner", { ROOM, .role = ROLE_OWNER },
		{ SEND, .kind = REC_TOPIC, .body = { BODY } }, TAKEN },
	{ "a topic of two people", { ROOM, .kind = CONV_DIRECT },
		{ SEND, .kind = REC_TOPIC, .body = { BODY } }, REFUSED, CODE_INVALID },
	{ "a topic that is a book", { ROOM, .role = ROLE_OWNER },
		{ SEND, .kind = REC_TOPIC, .body = { BODY, .text_n = 1025 } }, REFUSED,
		CODE_TOO_LARGE },

	{ "a stream", { ROOM, .streams_open = 3 },
		{ SEND, .kind = REC_AI_START, .body = { BODY } }, TAKEN },
	{ "a fifth stream", { ROOM, .streams_open = 4 },
		{ SEND, .kind = REC_AI_START, .body = { BODY } }, LATER, CODE_BUSY },
	{ "a stream without an id", { ROOM },
		{ SEND, .kind = REC_AI_START, .body = { BODY, .stream = "" } }, REFUSED,
		CODE_INVALID },
	{ "a stream with a long id", { ROOM },
		{ SEND, .kind = REC_AI_START, .body = { BODY, .stream = LONG64 "x" } }, REFUSED,
		CODE_INVALID },
	{ "a stream's id again", { ROOM, .stream = STREAM_ENDED },
		{ SEND, .kind = REC_AI_START, .body = { BODY } }, REFUSED, CODE_EXISTS },
	{ "the end of a stream", { ROOM, .stream = STREAM_OPEN, .is_producer = true },
		{ SEND, .kind = REC_AI_END, .stream_text_n = 3, .body = { BODY } }, TAKEN },
	{ "the end of an unknown stream", { ROOM },
		{ SEND, .kind = REC_AI_END, .body = { BODY } }, REFUSED, CODE_NOT_FOUND },
	{ "the end again", { ROOM, .stream = STREAM_ENDED, .is_producer = true },
		{ SEND, .kind = REC_AI_END, .body = { BODY } }, REFUSED, CODE_ENDED },
	{ "the end of another's stream", { ROOM, .stream = STREAM_OPEN },
		{ SEND, .kind = REC_AI_END, .stream_text_n = 3, .body = { BODY } }, REFUSED,
		CODE_FORBIDDEN },
	{ "an end of another length", { ROOM, .stream = STREAM_OPEN, .is_producer = true },
		{ SEND, .kind = REC_AI_END, .stream_text_n = 2, .body = { BODY } }, LATER,
		CODE_OFFSET, 2 },
};

static void
check(const struct row *r)
{
	struct ledger_verdict v;

	ledger_decide(&r->f, &r->op, &v);
	if (v.code != r->code)
		fail_msg("%s: %s, not %s", r->name, code_name(v.code), code_name(r->code));
	if (v.ok != (r->outcome == TAKEN) || v.does != v.ok || v.dup)
		fail_msg("%s: ok %d does %d dup %d", r->name, v.ok, v.does, v.dup);
	if (v.retry != (r->outcome == LATER))
		fail_msg("%s: retry %d", r->name, v.retry);
	if (v.consumes != (r->outcome == TAKEN || r->outcome == REFUSED))
		fail_msg("%s: consumes %d", r->name, v.consumes);
	if (v.remembers != (r->outcome == REFUSED))
		fail_msg("%s: remembers %d", r->name, v.remembers);
	if (v.expect != (r->expect ? r->expect : LEDGER_ABSENT))
		fail_msg("%s: expect %lld", r->name, (long long)v.expect);
	if (!v.ok && !*v.why && !r->op.bad)
		fail_msg("%s: no reason", r->name);
	if (v.ok && (v.seq != 8 || v.ts != 5000))
		fail_msg("%s: seq %lld ts %lld", r->name, (long long)v.seq, (long long)v.ts);
}

static void
every_rule_gives_its_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		check(&rows[i]);
}

static void
rate_says_when(void **state)
{
	const struct ledger_facts f = { ROOM, .rate_after = 70 };
	const struct ledger_op op = { SEND, .is_limited = true, .kind = REC_MSG,
		.body = { BODY } };
	struct ledger_verdict v;

	(void)state;
	ledger_decide(&f, &op, &v);
	assert_int_equal(v.after, 70);
	assert_false(v.counts);
}

static void
only_what_was_let_through_counts(void **state)
{
	const struct ledger_facts f = { ROOM };
	struct ledger_op op = { SEND, .is_limited = true, .kind = REC_MSG, .body = { BODY } };
	struct ledger_verdict v;

	(void)state;
	ledger_decide(&f, &op, &v);
	assert_true(v.counts);
	op.is_limited = false;
	ledger_decide(&f, &op, &v);
	assert_false(v.counts);
	op.is_limited = true;
	op.ttl = 0;
	ledger_decide(&f, &op, &v);
	assert_false(v.counts);
}

static void
time_never_falls_within_a_log(void **state)
{
	const struct ledger_facts f = { ROOM, .last_ts = 9000 };
	const struct ledger_op op = { SEND, .kind = REC_MSG, .body = { BODY } };
	struct ledger_verdict v;

	(void)state;
	ledger_decide(&f, &op, &v);
	assert_int_equal(v.ts, 9000);
}

static void
a_cid_that_is_no_uuid_is_refused_and_not_kept(void **state)
{
	const struct ledger_facts f = { ROOM };
	const struct ledger_op op = { SEND, .cid = "hello", .kind = REC_MSG, .body = { BODY } };
	struct ledger_verdict v;

	(void)state;
	ledger_decide(&f, &op, &v);
	assert_int_equal(v.code, CODE_INVALID);
	assert_true(v.consumes);
	assert_false(v.remembers);
}

static struct ledger_facts
known(enum ledger_known how, bool is_same)
{
	struct ledger_facts f = { ROOM, .known = how, .is_same = is_same, .known_seq = 3,
		.known_ts = 42, .known_code = CODE_GONE, .role = ROLE_NONE };

	f.known_id = REF;
	f.known_why = "why";
	return f;
}

static void
a_known_cid_has_its_answer_whatever_the_lane(void **state)
{
	static const int64_t lanes[] = { 0, 1, 2, 3, 99 };
	struct ledger_op op = { SEND, .ttl = 0, .kind = REC_MSG, .body = { BODY } };
	struct ledger_verdict v;

	(void)state;
	for (size_t i = 0; i < countof(lanes); i++) {
		struct ledger_facts f = known(KNOWN_RECORD, true);

		op.lane = lanes[i];
		ledger_decide(&f, &op, &v);
		assert_true(v.ok && v.dup && !v.does && !v.remembers);
		assert_int_equal(v.seq, 3);
		assert_int_equal(v.ts, 42);
		assert_string_equal(v.id, REF);
		/* the number is used only when its turn had come */
		assert_int_equal(v.consumes, lanes[i] == 2);
		f = known(KNOWN_REFUSAL, true);
		ledger_decide(&f, &op, &v);
		assert_true(!v.ok && !v.dup && !v.retry && !v.remembers);
		assert_int_equal(v.code, CODE_GONE);
		assert_string_equal(v.why, "why");
		assert_int_equal(v.consumes, lanes[i] == 2);
	}
}

static void
something_else_under_a_known_cid_conflicts(void **state)
{
	struct ledger_op op = { SEND, .kind = REC_MSG, .body = { BODY } };
	struct ledger_verdict v;

	(void)state;
	for (int how = KNOWN_RECORD; how <= KNOWN_REFUSAL; how++) {
		struct ledger_facts f = known((enum ledger_known)how, false);

		op.lane = 2;
		ledger_decide(&f, &op, &v);
		assert_int_equal(v.code, CODE_CONFLICT);
		assert_true(v.consumes && !v.remembers && !v.retry);
		op.lane = 5;
		ledger_decide(&f, &op, &v);
		assert_int_equal(v.code, CODE_CONFLICT);
		assert_false(v.consumes);
	}
}

static void
a_derived_record_is_written_once(void **state)
{
	struct ledger_facts f = { ROOM, .kind = CONV_USER };
	struct ledger_op op = { SEND, .act = LEDGER_NOTE, .kind = REC_NOTIFY, .body = { BODY } };
	struct ledger_verdict v;

	(void)state;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && v.does);
	assert_int_equal(v.seq, 8);
	f.known = KNOWN_RECORD;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && !v.does);
	f.known = KNOWN_NOT;
	f.has_conv = false;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && !v.does);
}

static void
a_mark_moves_up_only_within_the_log_and_epoch(void **state)
{
	struct ledger_facts f = { ROOM, .read = 5 };
	struct ledger_op op = { SEND, .act = LEDGER_MARK, .seq = 6 };
	struct ledger_verdict v;

	(void)state;
	ledger_decide(&f, &op, &v);
	assert_true(v.does);
	assert_int_equal(v.seq, 6);
	op.seq = 99;
	ledger_decide(&f, &op, &v);
	assert_true(v.does);
	assert_int_equal(v.seq, 7);
	op.seq = 5;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && !v.does);
	op.seq = 6;
	op.epoch = "old";
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && !v.does);
	op.epoch = "k3J9";
	f.role = ROLE_NONE;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && !v.does);
	f.has_conv = false;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && !v.does);
}

static void
evidence_mints_one_epoch_a_start(void **state)
{
	struct ledger_facts f = { ROOM };
	struct ledger_op op = { SEND, .act = LEDGER_MINT };
	struct ledger_verdict v;

	(void)state;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && v.does);
	op.epoch = "old";
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && !v.does);
	op.epoch = "k3J9";
	f.is_minted = true;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && !v.does);
	f.has_conv = false;
	ledger_decide(&f, &op, &v);
	assert_int_equal(v.code, CODE_NOT_FOUND);
}

static void
only_an_open_stream_is_kept_and_aborted(void **state)
{
	static const enum ledger_act acts[] = { LEDGER_CHECKPOINT, LEDGER_ABORT };
	struct ledger_verdict v;

	(void)state;
	for (size_t i = 0; i < countof(acts); i++) {
		struct ledger_facts f = { ROOM, .stream = STREAM_OPEN };
		struct ledger_op op = { SEND, .act = acts[i] };

		ledger_decide(&f, &op, &v);
		assert_true(v.ok && v.does);
		assert_int_equal(v.seq, acts[i] == LEDGER_ABORT ? 8 : 0);
		f.stream = STREAM_ENDED;
		ledger_decide(&f, &op, &v);
		assert_true(v.ok && !v.does);
		f.stream = STREAM_OPEN;
		f.has_conv = false;
		ledger_decide(&f, &op, &v);
		assert_true(v.ok && !v.does);
	}
}

static void
only_an_open_run_of_the_device_is_ended(void **state)
{
	struct ledger_facts f = { ROOM, .run = STREAM_OPEN, .is_producer = true };
	struct ledger_op op = { SEND, .act = LEDGER_RUN_END };
	struct ledger_verdict v;

	(void)state;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && v.does);
	assert_int_equal(v.seq, 8);
	f.is_producer = false;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && !v.does);
	f.run = STREAM_NONE;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && !v.does);
	f.has_conv = false;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && !v.does);
}

static void
users_and_retention_are_the_servers_own(void **state)
{
	const struct ledger_facts f = { ROOM };
	struct ledger_op op = { SEND, .act = LEDGER_USER };
	struct ledger_verdict v;

	(void)state;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && v.does);
	op.act = LEDGER_TRIM;
	ledger_decide(&f, &op, &v);
	assert_true(v.ok && v.does);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_gives_its_answer),
		cmocka_unit_test(rate_says_when),
		cmocka_unit_test(only_what_was_let_through_counts),
		cmocka_unit_test(time_never_falls_within_a_log),
		cmocka_unit_test(a_cid_that_is_no_uuid_is_refused_and_not_kept),
		cmocka_unit_test(a_known_cid_has_its_answer_whatever_the_lane),
		cmocka_unit_test(something_else_under_a_known_cid_conflicts),
		cmocka_unit_test(a_derived_record_is_written_once),
		cmocka_unit_test(a_mark_moves_up_only_within_the_log_and_epoch),
		cmocka_unit_test(evidence_mints_one_epoch_a_start),
		cmocka_unit_test(only_an_open_stream_is_kept_and_aborted),
		cmocka_unit_test(only_an_open_run_of_the_device_is_ended),
		cmocka_unit_test(users_and_retention_are_the_servers_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
