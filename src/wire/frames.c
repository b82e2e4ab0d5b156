/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of the protocol, one row each (stonechat-protocol(7), section 3). */
#include <string.h>

#include "base/i18n.h"
#include "wire/table.h"

#define C WIRE_CLIENT
#define S WIRE_SERVER
#define ALWAYS (WIRE_BEFORE_HELLO | WIRE_BEFORE_WELCOME | WIRE_OPEN)

#define CONV(at_) STR("conv", NEED, at_, 1, CONV_ID_MAX)
#define EPOCH(at_) STR("epoch", NEED, at_, 1, EPOCH_MAX)
#define STREAM(at_) STR("stream", NEED, at_, 1, STREAM_MAX)
#define CHANNEL(at_) { MEMBER("channel", WORD, NEED, at_), .words = channels }
#define TEXT(name_, need_, at_) STR(name_, need_, at_, 0, WIRE_TEXT_MAX)
#define ID(name_, need_, at_) { MEMBER(name_, ID, need_, at_), .min = 1 }
#define ID_OR_EMPTY(name_, need_, at_) { MEMBER(name_, ID, need_, at_) }
#define ANY_INT(name_, at_) \
	{ MEMBER(name_, INT, NEED, at_), .min = INT64_MIN, .max = INT64_MAX }
#define BOOL(name_, need_, at_) { MEMBER(name_, BOOL, need_, at_) }
#define CODE(name_, need_, at_) { MEMBER(name_, CODE, need_, at_) }
#define FROM_S(at_) { MEMBER("from", STR, NEED, at_), .sides = S, .min = 1, .max = USER_MAX }
#define ROWS(name_, at_, at_n_, table_, min_, max_) \
	{ MEMBER(name_, ROWS, NEED, at_), AND(at_n_), .table = &table_, .min = min_, .max = max_ }
#define CAPS(at_, at_n_) { MEMBER("caps", STRS, MAY, at_), AND(at_n_), .max = WIRE_CAPS_MAX }
#define EVENTS(in_) \
	{ MEMBER("events", RECORDS, NEED, in_.events), AND(in_.n_events), \
		.at_raw = offsetof(struct FROM, in_.raw), .table = &record_table, \
		.max = WIRE_LIST_MAX }

#define IN(...) .only = __VA_ARGS__
#define VARIANTS(variant_, ...) \
	&(const struct table){ .variant = variant_, MEMBERS(__VA_ARGS__) }

static const char *const channels[] = { "text", "reasoning", NULL };
static const char *const dirs[] = { [WIRE_BACK] = "back", [WIRE_FWD] = "fwd", NULL };
static const char *const only_ops[] = { "ops", NULL };
static const char *const roles[] = { "owner", "member", NULL };
static const char *const conv_kinds[] = {
	[CONV_ROOM] = "room", [CONV_DIRECT] = "direct", [CONV_USER] = "user", NULL
};
static const char *const modes[] = {
	[WIRE_TAIL_MODE] = "tail", [WIRE_SKIP] = "skip", [WIRE_RESET] = "reset",
	[WIRE_GONE] = "gone", NULL
};
static const char *const acts[] = {
	"create", "join", "leave", "invite", "kick", "role", "list", "members", "direct", NULL
};

#define FROM head
static const struct table head_table = { .size = sizeof(struct head), MEMBERS(
	CONV(conv),
	STR("name", NEED, name, 0, CONV_NAME_MAX),
	{ MEMBER("kind", ENUM, NEED, kind), .words = conv_kinds },
	TEXT("topic", SHOWN, topic),
	EPOCH(epoch),
	INT("seq", NEED, seq),
	ID_OR_EMPTY("id", NEED, id),
	INT("floor", NEED, floor),
	INT("read", NEED, read),
	INT("unread", NEED, unread),
	INT("mentions", NEED, mentions),
) };
#undef FROM

#define FROM wire_limits
static const struct table limits_table = { .size = sizeof(struct wire_limits), MEMBERS(
	INT("frame", NEED, frame),
	INT("body", NEED, body),
	INT("fetch", NEED, fetch),
	INT("inflight", NEED, inflight),
	INT("ping", NEED, ping),
) };
#undef FROM

#define FROM position
static const struct table mark_table = {
	.size = sizeof(struct position), .is_tuple = true, MEMBERS(
	INT("seq", NEED, seq),
	ID("id", NEED, id),
) };
#undef FROM

#define FROM wire_sub
static const struct table sub_table = { .size = sizeof(struct wire_sub), MEMBERS(
	CONV(conv),
	STR("epoch", MAY, epoch, 0, EPOCH_MAX),
	INT("seq", NEED, seq),
	ID_OR_EMPTY("id", MAY, id),
	{ MEMBER("max", INT, MAY, max), .min = 1, .max = 1000 },
	{ MEMBER("marks", ROWS, MAY, marks), AND(n_marks), .table = &mark_table,
		.max = WIRE_MARKS_MAX },
) };
#undef FROM

static unsigned
subbed_variant(const void *row)
{
	const struct wire_subbed *subbed = row;

	return 1u << subbed->mode;
}

#define FROM wire_subbed
static const struct table subbed_table = {
	.size = sizeof(struct wire_subbed), .variant = subbed_variant, MEMBERS(
	CONV(conv),
	{ MEMBER("mode", ENUM, NEED, mode), .words = modes },
	{ MEMBER("from", INT, NEED, from), .max = INT64_MAX, IN(1 << WIRE_SKIP) },
	{ MEMBER("epoch", STR, NEED, epoch), .min = 1, .max = EPOCH_MAX, IN(~(1u << WIRE_GONE)) },
	{ MEMBER("seq", INT, NEED, seq), .max = INT64_MAX,
		IN(1 << WIRE_TAIL_MODE | 1 << WIRE_SKIP) },
	{ MEMBER("keep", INT, MAY, keep), .max = INT64_MAX, IN(1 << WIRE_RESET) },
	{ MEMBER("floor", INT, NEED, floor), .max = INT64_MAX, IN(~(1u << WIRE_GONE)) },
	{ MEMBER("code", CODE, NEED, code), IN(1 << WIRE_GONE) },
) };
#undef FROM

#define FROM wire_pong_head
static const struct table pong_table = {
	.size = sizeof(struct wire_pong_head), .is_tuple = true, MEMBERS(
	CONV(conv),
	INT("seq", NEED, seq),
	EPOCH(epoch),
) };
#undef FROM

#define FROM record
static const struct table record_table = { .size = sizeof(struct record), MEMBERS(
	INT("seq", NEED, seq),
	ID("id", NEED, id),
	{ MEMBER("kind", KIND, NEED, kind), AND(kind_name) },
	STR("from", NEED, from, 0, USER_MAX),
	STR("device", NEED, device, 0, DEVICE_MAX),
	ID_OR_EMPTY("cid", NEED, cid),
	ANY_INT("ts", ts),
	ID_OR_EMPTY("ref", NULLABLE, ref),
	{ MEMBER("body", OBJECT, NEED, body), AND(body_n) },
	{ MEMBER("cur", OBJECT, MAY, cur), AND(cur_n) },
) };
#undef FROM

#define FROM frame
static const struct table auth_table = { MEMBERS(
	STR("token", MAY, hello.token, 0, WIRE_TOKEN_MAX),
) };
static const struct table refs_table = { .is_tuple = true, MEMBERS(
	INT("lo", NEED, fetch.refs_lo),
	INT("hi", NEED, fetch.refs_hi),
) };

const struct table wire_numbers = { MEMBERS(
	{ MEMBER("i", INT, MAY, i), .sides = C, .max = INT64_MAX },
	{ MEMBER("re", INT, MAY, re), .sides = S, .max = INT64_MAX },
) };

static bool
complain_missing(const char *op, const char *member, struct err *err)
{
	return err_set(err, ERR_USAGE, _("%s: member '%s' is missing"), op, member);
}

static bool
sub_check(enum wire_side side, const struct frame *f, struct err *err)
{
	(void)side;
	for (size_t i = 0; i < f->sub.n_subs; i++) {
		const struct wire_sub *sub = &f->sub.subs[i];

		if (sub->seq > 0 && !*sub->epoch)
			return complain_missing("sub", "epoch", err);
		if (sub->seq > 0 && !*sub->id)
			return complain_missing("sub", "id", err);
	}
	return true;
}

static bool
fetch_check(enum wire_side side, const struct frame *f, struct err *err)
{
	(void)side;
	if (f->fetch.lo > f->fetch.hi)
		return err_set(err, ERR_USAGE, _("fetch: member '%s' is above '%s'"), "lo", "hi");
	if (f->fetch.only_ops && f->fetch.refs_hi == WIRE_ABSENT)
		return complain_missing("fetch", "refs", err);
	if (f->fetch.refs_lo > f->fetch.refs_hi)
		return err_set(err, ERR_USAGE, _("fetch: member 'refs' ends before it begins"));
	return true;
}

static bool
room_check(enum wire_side side, const struct frame *f, struct err *err)
{
	static const struct { const char *act; bool conv, name, user, role; } needs[] = {
		{ "create", .name = true },
		{ "join", .conv = true },
		{ "leave", .conv = true },
		{ "invite", .conv = true, .user = true },
		{ "kick", .conv = true, .user = true },
		{ "role", .conv = true, .user = true, .role = true },
		{ "members", .conv = true },
		{ "direct", .user = true },
	};

	if (side == WIRE_SERVER)
		return true;
	if (!*f->room.act)
		return complain_missing("room", "do", err);
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
		if (strcmp(needs[i].act, f->room.act) != 0)
			continue;
		/* a room may be named instead */
		if (needs[i].conv && !*f->room.conv && !*f->room.name)
			return complain_missing("room", "conv", err);
		if (needs[i].name && !*f->room.name)
			return complain_missing("room", "name", err);
		if (needs[i].user && !*f->room.user)
			return complain_missing("room", "user", err);
		if (needs[i].role && !*f->room.role)
			return complain_missing("room", "role", err);
	}
	return true;
}

/* The answer to list has rooms, that to members has members. A server may leave out what it
 * answers: then the one that is there is taken. */
enum { HAS_ROOMS = 1, HAS_MEMBERS = 2 };

static unsigned
room_variant(const void *row)
{
	const struct frame *f = row;

	if (!f->room.act || !*f->room.act)
		return HAS_ROOMS | HAS_MEMBERS;
	return strcmp(f->room.act, "members") == 0 ? HAS_MEMBERS : HAS_ROOMS;
}

static bool
send_check(enum wire_side side, const struct frame *f, struct err *err)
{
	enum record_kind kind = f->send.kind;

	(void)side;
	if ((kind == REC_EDIT || kind == REC_DELETE || kind == REC_REACT) && !*f->send.ref)
		return complain_missing("send", "ref", err);
	return true;
}

/* What is left is written by the server alone. */
#define SENDABLE (1 << REC_MSG | 1 << REC_EDIT | 1 << REC_DELETE | 1 << REC_REACT | \
	1 << REC_TOPIC | 1 << REC_AI_START | 1 << REC_AI_END | 1 << REC_ACTION)

const struct wire_row wire_rows[WIRE_UNKNOWN] = {
	[WIRE_HELLO] = { "hello", C, WIRE_BEFORE_HELLO, TABLE(
		{ MEMBER("versions", INTS, NEED, hello.versions), AND(hello.n_versions),
			.min = 1, .max = WIRE_VERSIONS_MAX },
		STR("device", NEED, hello.device, 1, DEVICE_MAX),
		STR("agent", MAY, hello.agent, 0, WIRE_AGENT_MAX),
		{ MEMBER("auth", PART, MAY, hello.token), .table = &auth_table },
		CAPS(hello.caps, hello.n_caps),
		STR("since", MAY, hello.since, 0, WIRE_WORD_MAX),
		INT("window", MAY, hello.window)) },
	[WIRE_WELCOME] = { "welcome", S, WIRE_BEFORE_WELCOME, TABLE(
		INT("version", NEED, welcome.version),
		STR("user", NEED, welcome.user, 1, USER_MAX),
		STR("session", NEED, welcome.session, 0, WIRE_WORD_MAX),
		CAPS(welcome.caps, welcome.n_caps),
		INT("now", NEED, welcome.now),
		STR("durability", NEED, welcome.durability, 0, WIRE_WORD_MAX),
		{ MEMBER("limits", PART, NEED, welcome.limits), .table = &limits_table },
		ROWS("heads", welcome.heads, welcome.n_heads, head_table, 0, WIRE_LIST_MAX),
		BOOL("more", NEED, welcome.more),
		STR("since", MAY, welcome.since, 0, WIRE_WORD_MAX)) },
	[WIRE_SUB] = { "sub", C, WIRE_OPEN, TABLE(
		ROWS("subs", sub.subs, sub.n_subs, sub_table, 1, WIRE_SUBS_MAX)),
		.check = sub_check },
	[WIRE_SUBBED] = { "subbed", S, WIRE_OPEN, TABLE(
		ROWS("subs", subbed.subs, subbed.n_subs, subbed_table, 1, WIRE_LIST_MAX)) },
	[WIRE_UNSUB] = { "unsub", C, WIRE_OPEN, TABLE(
		{ MEMBER("convs", STRS, NEED, unsub.convs), AND(unsub.n_convs),
			.min = 1, .max = WIRE_SUBS_MAX }) },
	[WIRE_EVENTS] = { "events", S, WIRE_OPEN, TABLE(
		CONV(events.conv),
		EPOCH(events.epoch),
		INT("prev", NEED, events.prev),
		EVENTS(events)) },
	[WIRE_FETCH] = { "fetch", C, WIRE_OPEN, TABLE(
		CONV(fetch.conv),
		EPOCH(fetch.epoch),
		{ MEMBER("dir", ENUM, NEED, fetch.dir), .words = dirs },
		INT("lo", NEED, fetch.lo),
		INT("hi", NEED, fetch.hi),
		{ MEMBER("n", INT, NEED, fetch.n), .min = 1, .max = INT64_MAX },
		{ MEMBER("only", FLAG, MAY, fetch.only_ops), .words = only_ops },
		{ MEMBER("refs", PART, MAY, fetch.refs_lo), .table = &refs_table }),
		.check = fetch_check },
	[WIRE_PAGE] = { "page", S, WIRE_OPEN, TABLE(
		CONV(page.conv),
		EPOCH(page.epoch),
		INT("lo", NEED, page.lo),
		INT("hi", NEED, page.hi),
		INT("floor", NEED, page.floor),
		{ MEMBER("only", FLAG, MAY, page.only_ops), .words = only_ops },
		EVENTS(page)) },
	[WIRE_SEND] = { "send", C, WIRE_OPEN, TABLE(
		CONV(send.conv),
		ID("cid", NEED, send.cid),
		INT("lane", NEED, send.lane)),
		.rest = TABLE(
		{ MEMBER("kind", KIND, NEED, send.kind), AND(send.kind_name), .max = SENDABLE },
		ID_OR_EMPTY("ref", NULLABLE, send.ref),
		{ MEMBER("body", BODY, NEED, send.body) },
		{ MEMBER("ttl", TTL, MAY, send.ttl) }),
		.check = send_check },
	[WIRE_ACK] = { "ack", S, WIRE_OPEN, TABLE(
		CONV(ack.conv),
		EPOCH(ack.epoch),
		ID("cid", NEED, ack.cid),
		INT("lane", NEED, ack.lane),
		INT("prev", NEED, ack.prev),
		INT("seq", NEED, ack.seq),
		ID("id", NEED, ack.id),
		ANY_INT("ts", ack.ts),
		BOOL("dup", NEED, ack.dup)) },
	[WIRE_NACK] = { "nack", S, WIRE_OPEN, TABLE(
		ID("cid", NEED, nack.cid),
		INT("lane", NEED, nack.lane),
		CODE("code", NEED, nack.code),
		TEXT("message", NEED, nack.message),
		BOOL("retry", NEED, nack.retry),
		INT("after", MAY, nack.after),
		INT("expect", MAY, nack.expect)) },
	[WIRE_MARK] = { "mark", C, WIRE_OPEN, TABLE(
		CONV(mark.conv),
		EPOCH(mark.epoch),
		INT("seq", NEED, mark.seq)) },
	[WIRE_TYPING] = { "typing", C | S, WIRE_OPEN, TABLE(
		CONV(typing.conv),
		{ MEMBER("ttl", TTL, NEED, typing.ttl) },
		FROM_S(typing.from)) },
	[WIRE_PRESENCE] = { "presence", S, WIRE_OPEN, TABLE(
		FROM_S(presence.from),
		STR("state", NEED, presence.state, 1, WIRE_WORD_MAX),
		{ MEMBER("ttl", TTL, MAY, presence.ttl) }) },
	[WIRE_DELTA] = { "delta", C | S, WIRE_OPEN, TABLE(
		CONV(delta.conv),
		STREAM(delta.stream),
		CHANNEL(delta.channel),
		INT("off", NEED, delta.off),
		{ MEMBER("text", STR, NEED, delta.text), AND(delta.text_n), .max = WIRE_TEXT_MAX },
		FROM_S(delta.from),
		{ MEMBER("end", BOOL, MAY, delta.end), .sides = S }) },
	[WIRE_TAIL] = { "tail", C, WIRE_OPEN, TABLE(
		CONV(tail.conv),
		STREAM(tail.stream),
		CHANNEL(tail.channel),
		INT("off", NEED, tail.off)) },
	[WIRE_STOP] = { "stop", C | S, WIRE_OPEN, TABLE(
		CONV(stop.conv),
		STREAM(stop.stream),
		FROM_S(stop.from)) },
	[WIRE_OK] = { "ok", S, WIRE_OPEN, TABLE() },
	[WIRE_HEADS] = { "heads", S, WIRE_OPEN, TABLE(
		ROWS("heads", heads.heads, heads.n_heads, head_table, 0, WIRE_LIST_MAX),
		BOOL("more", NEED, heads.more),
		STR("since", MAY, heads.since, 0, WIRE_WORD_MAX)) },
	[WIRE_CREDIT] = { "credit", C, WIRE_OPEN, TABLE(
		INT("bytes", NEED, credit.bytes)) },
	[WIRE_LAG] = { "lag", S, WIRE_OPEN, TABLE(
		CONV(lag.conv),
		INT("seq", NEED, lag.seq)) },
	[WIRE_PING] = { "ping", C, WIRE_OPEN, TABLE(
		ANY_INT("x", ping.x)) },
	[WIRE_PONG] = { "pong", S, WIRE_OPEN, TABLE(
		ANY_INT("x", pong.x),
		ROWS("heads", pong.heads, pong.n_heads, pong_table, 0, WIRE_LIST_MAX)) },
	[WIRE_ROOM] = { "room", C | S, WIRE_OPEN, VARIANTS(room_variant,
		{ MEMBER("do", WORD, MAY, room.act), .words = acts },
		STR("conv", MAY, room.conv, 1, CONV_ID_MAX),
		STR("name", MAY, room.name, 1, CONV_NAME_MAX),
		TEXT("topic", MAY, room.topic),
		STR("user", MAY, room.user, 1, USER_MAX),
		{ MEMBER("role", WORD, MAY, room.role), .words = roles },
		BOOL("public", MAY, room.is_public),
		{ MEMBER("rooms", ARRAY, MAY, room.rows), AND(room.rows_n), .sides = S,
			IN(HAS_ROOMS) },
		{ MEMBER("members", ARRAY, MAY, room.rows), AND(room.rows_n), .sides = S,
			IN(HAS_MEMBERS) },
		{ MEMBER("after", STR, MAY, room.after), .min = 1, .max = CONV_NAME_MAX,
			.sides = C },
		{ MEMBER("more", BOOL, MAY, room.more), .sides = S }),
		.check = room_check },
	[WIRE_ERROR] = { "error", S, ALWAYS, TABLE(
		CODE("code", NEED, error.code),
		TEXT("message", NEED, error.message),
		INT("expect", MAY, error.expect)) },
	[WIRE_BYE] = { "bye", S, ALWAYS, TABLE(
		STR("code", NEED, bye.code, 1, WIRE_WORD_MAX),
		INT("after", MAY, bye.after)) },
};

bool
wire_is_legal(enum wire_op op, enum wire_side side, enum wire_state state)
{
	return op < WIRE_UNKNOWN && (wire_rows[op].sides & side) && (wire_rows[op].states & state);
}

const char *
wire_op_name(enum wire_op op)
{
	return op < WIRE_UNKNOWN ? wire_rows[op].name : "unknown";
}
