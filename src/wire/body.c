/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bodies of records, one row a kind (stonechat-protocol(7), section 3.4). */
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/text.h"
#include "wire/put.h"
#include "wire/take.h"

#define EMOJI_MAX 64	/* bytes of the one grapheme of a reaction */

#define TEXT(need_, min_) \
	{ MEMBER("text", STR, need_, text), AND(text_n), .min = min_, .max = WIRE_TEXT_MAX }
#define ID(name_, at_) { MEMBER(name_, ID, MAY_NULL, at_) }
#define STREAM STR("stream", NEED, stream, 1, STREAM_MAX)
#define WORD(name_, need_, at_, ...) \
	{ MEMBER(name_, WORD, need_, at_), .words = (const char *const[]){ __VA_ARGS__, NULL } }
#define ANY(name_, at_, at_n_) { MEMBER(name_, ANY, MAY, at_), AND(at_n_) }

#define FROM body
const struct table wire_bodies[REC_OTHER] = {
	[REC_MSG] = { MEMBERS(
		TEXT(NEED, 1),
		ID("reply", reply)) },
	[REC_EDIT] = { MEMBERS(
		TEXT(NEED, 1)) },
	[REC_REACT] = { MEMBERS(
		STR("emoji", NEED, emoji, 1, WIRE_TEXT_MAX),
		{ MEMBER("on", BOOL, NEED, on) }) },
	[REC_MEMBER] = { MEMBERS(
		STR("user", NEED, user, 1, USER_MAX),
		STR("name", MAY, name, 0, WIRE_TEXT_MAX),
		WORD("role", MAY, role, "owner", "member"),
		WORD("do", NEED, act, "join", "leave", "invite", "kick", "role"),
		STR("conv", MAY, conv, 0, CONV_ID_MAX)) },
	[REC_TOPIC] = { MEMBERS(
		TEXT(NEED, 0)) },
	[REC_AI_START] = { MEMBERS(
		STREAM,
		STR("model", MAY, model, 0, WIRE_TEXT_MAX),
		STR("asked_by", MAY, asked_by, 0, USER_MAX),
		ID("question", question)) },
	[REC_AI_END] = { MEMBERS(
		STREAM,
		WORD("status", NEED, status, "ok", "stopped", "truncated", "error", "aborted"),
		INT("len", NEED, len),
		TEXT(MAY, 0),
		ANY("usage", usage, usage_n),
		ANY("sources", sources, sources_n)) },
	[REC_ACTION] = { MEMBERS(
		STR("workflow", MAY, workflow, 0, WIRE_TEXT_MAX),
		STR("run", MAY, run, 0, WIRE_TEXT_MAX),
		STR("step", MAY, step, 0, WIRE_TEXT_MAX),
		WORD("state", NEED, status, "running", "done", "failed", "stopped"),
		TEXT(MAY, 0)) },
	[REC_READ] = { MEMBERS(
		STR("conv", NEED, conv, 1, CONV_ID_MAX),
		STR("epoch", NEED, epoch, 1, EPOCH_MAX),
		INT("seq", NEED, seq)) },
	[REC_NOTIFY] = { MEMBERS(
		STR("conv", NEED, conv, 1, CONV_ID_MAX),
		INT("seq", NEED, seq),
		{ MEMBER("id", ID, NEED, id), .min = 1 },
		WORD("level", NEED, level, "mention", "reply", "direct")) },
};
#undef FROM

/* One grapheme of a size that many of can be kept. */
static bool
check_emoji(struct take *t, const struct where *up, const char *emoji)
{
	struct where here = { up, "emoji", 0 };
	size_t n = strlen(emoji);

	if (n <= EMOJI_MAX && text_cluster(emoji, n, NULL) == n)
		return true;
	t->code = CODE_TOO_LARGE;
	return TAKE_FAIL(t, &here, _("%s: member '%s' must be one character of at most %d bytes"),
		EMOJI_MAX);
}

bool
take_body(struct take *t, const struct where *up, enum record_kind kind, const struct value *v,
		struct body *body)
{
	*body = (struct body)BODY_EMPTY;
	if (kind != REC_OTHER && !take_table(t, up, &wire_bodies[kind], v, body))
		return false;
	if (kind == REC_REACT && !check_emoji(t, up, body->emoji))
		return false;
	take_json(t, v, &body->json, &body->json_n);
	return true;
}

struct body_memory {
	struct arena arena;
	alignas(max_align_t) char first[];
};

bool
body_parse(enum record_kind kind, const char *json, size_t n, struct body *body,
		struct body_memory **keep, struct err *err)
{
	size_t room = arena_guess(n);
	struct body_memory *memory = xmalloc(sizeof *memory + room);
	struct take t = { .side = WIRE_SERVER, .what = record_kind_name(kind),
		.arena = &memory->arena, .err = err, .code = CODE_INVALID };
	const struct value *root;
	struct body taken;
	bool has_nul, ok;

	arena_init(&memory->arena, memory->first, room);
	root = read_json(&memory->arena, json, n, &has_nul, err);
	if (!root)
		ok = err_wrap(err, "%s", t.what);
	else if (root->type != VALUE_OBJECT)
		ok = err_set(err, ERR_USAGE, _("%s: the body must be an object"), t.what);
	else if (has_nul)
		ok = err_set(err, ERR_USAGE, _("%s: a string holds a NUL"), t.what);
	else
		ok = take_body(&t, NULL, kind, root, &taken);
	if (!ok) {
		body_free(memory);
		return false;
	}
	*body = taken;
	*keep = memory;
	return true;
}

void
body_free(struct body_memory *keep)
{
	if (!keep)
		return;
	arena_done(&keep->arena);
	free(keep);
}

bool
body_encode(enum record_kind kind, const struct body *body, struct buf *out)
{
	if (kind == REC_OTHER)
		return buf_add(out, body->json, body->json_n);
	return put_table(out, WIRE_SERVER, &wire_bodies[kind], body);
}
