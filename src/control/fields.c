/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the codec, and the words of its enums. */
#include "control/fields.h"

#include <string.h>

#include "control/api.h"
#include "control/codec.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char *const verbs[VERB_COUNT] = {
	[VERB_SEND] = "send", [VERB_FETCH] = "fetch", [VERB_ROOM] = "room", [VERB_MARK] = "mark",
	[VERB_TYPING] = "typing", [VERB_SYNC] = "sync", [VERB_OUTBOX] = "outbox",
	[VERB_DRAFT] = "draft", [VERB_STATUS] = "status", [VERB_WATCH] = "watch",
	[VERB_ENGINE] = "engine", [VERB_STREAM] = "stream", [VERB_VERIFY] = "verify",
	[VERB_IMPORT] = "import",
};

static const char *const reply_types[] = {
	[REPLY_PROGRESS] = "progress", [REPLY_QUEUED] = "queued", [REPLY_DONE] = "done",
	[REPLY_FAIL] = "fail",
};

static const char *const event_types[EV_COUNT] = {
	[EV_LINK] = "link", [EV_CONV] = "conv", [EV_OUTBOX] = "outbox", [EV_TYPING] = "typing",
	[EV_PRESENCE] = "presence", [EV_DELTA] = "delta", [EV_STOP] = "stop",
	[EV_MIRROR] = "mirror", [EV_NOTICE] = "notice",
};

static bool
find_word(const char *const *words, size_t n, const char *word, int *value)
{
	for (size_t i = 0; i < n; i++)
		if (words[i] && strcmp(words[i], word) == 0) {
			*value = (int)i;
			return true;
		}
	return false;
}

const char *
verb_name(enum verb verb)
{
	return verbs[verb];
}

bool
verb_parse(const char *word, int *verb)
{
	return find_word(verbs, COUNT(verbs), word, verb);
}

const char *
reply_type_name(int type)
{
	return reply_types[type];
}

bool
reply_type_parse(const char *word, int *type)
{
	return find_word(reply_types, COUNT(reply_types), word, type);
}

const char *
event_type_name(int type)
{
	return event_types[type];
}

bool
event_type_parse(const char *word, int *type)
{
	return find_word(event_types, COUNT(event_types), word, type);
}

/* The enums of the model, seen as numbers. */
static const char *
record_kind_word(int value)
{
	return record_kind_name((enum record_kind)value);
}

static bool
record_kind_value(const char *word, int *value)
{
	*value = (int)record_kind_parse(word);
	return *value != REC_OTHER;
}

static const char *
link_state_word(int value)
{
	return link_state_name((enum link_state)value);
}

static bool
link_state_value(const char *word, int *value)
{
	enum link_state state;

	if (!link_state_parse(word, &state))
		return false;
	*value = (int)state;
	return true;
}

static const char *
outbox_state_word(int value)
{
	return outbox_state_name((enum outbox_state)value);
}

static bool
outbox_state_value(const char *word, int *value)
{
	enum outbox_state state;

	if (!outbox_state_parse(word, &state))
		return false;
	*value = (int)state;
	return true;
}

static const char *
conv_kind_word(int value)
{
	return conv_kind_name((enum conv_kind)value);
}

static bool
conv_kind_value(const char *word, int *value)
{
	enum conv_kind kind;

	if (!conv_kind_parse(word, &kind))
		return false;
	*value = (int)kind;
	return true;
}

#define ALL ~0u
#define ON(type) (1u << (type))

#define STR(s, m, on) { #m, FIELD_STR, on, offsetof(struct s, m) }
#define I64(s, m, on) { #m, FIELD_I64, on, offsetof(struct s, m) }
#define BOOL(s, m, on) { #m, FIELD_BOOL, on, offsetof(struct s, m) }

const struct field request_fields[] = {
	STR(request, account, ALL), STR(request, target, ALL),
	{ "kind", FIELD_WORD, ALL, offsetof(struct request, kind), 0,
		record_kind_word, record_kind_value },
	{ "text", FIELD_TEXT, ALL, offsetof(struct request, text),
		offsetof(struct request, text_n) },
	STR(request, body, ALL), STR(request, ref, ALL), STR(request, reply, ALL),
	STR(request, cid, ALL), STR(request, act, ALL), STR(request, name, ALL),
	STR(request, user, ALL), STR(request, role, ALL), STR(request, stream, ALL),
	I64(request, ttl_ms, ALL), I64(request, lo, ALL), I64(request, hi, ALL),
	I64(request, n, ALL), I64(request, since_ts, ALL), I64(request, seq, ALL),
	I64(request, cursor, ALL), I64(request, off, ALL), I64(request, timeout_ms, ALL),
	BOOL(request, is_public, ALL), BOOL(request, all, ALL),
	{ NULL }
};

const struct field reply_fields[] = {
	{ "error", FIELD_INT, ALL, offsetof(struct reply, err.kind) },
	{ "message", FIELD_CHARS, ALL, offsetof(struct reply, err.msg),
		sizeof(((struct reply *)0)->err.msg) },
	STR(reply, account, ALL), STR(reply, conv, ALL), STR(reply, name, ALL),
	STR(reply, cid, ALL), STR(reply, id, ALL), STR(reply, code, ALL),
	I64(reply, seq, ALL), I64(reply, done, ALL), I64(reply, total, ALL),
	BOOL(reply, dup, ALL), STR(reply, json, ALL),
	{ NULL }
};

/* A member of the union of struct event: its key, then where it is. */
#define U_STR(t, key, m) { key, FIELD_STR, ON(t), offsetof(struct event, m) }
#define U_I64(t, key, m) { key, FIELD_I64, ON(t), offsetof(struct event, m) }
#define U_BOOL(t, key, m) { key, FIELD_BOOL, ON(t), offsetof(struct event, m) }
#define U_WORD(t, key, m, words) \
	{ key, FIELD_WORD, ON(t), offsetof(struct event, m), 0, words##_word, words##_value }

const struct field event_fields[] = {
	STR(event, account, ALL), STR(event, conv, ALL), STR(event, name, ALL),

	U_WORD(EV_LINK, "state", link.state, link_state),
	U_STR(EV_LINK, "why", link.why), U_I64(EV_LINK, "latency_ms", link.latency_ms),
	U_I64(EV_LINK, "retry_ms", link.retry_ms), U_BOOL(EV_LINK, "tls", link.tls),
	U_STR(EV_LINK, "user", link.user), U_STR(EV_LINK, "server", link.server),

	U_WORD(EV_CONV, "kind", convs.kind, conv_kind),
	U_STR(EV_CONV, "topic", convs.topic), U_STR(EV_CONV, "epoch", convs.epoch),
	U_I64(EV_CONV, "head", convs.head), U_I64(EV_CONV, "top", convs.top),
	U_I64(EV_CONV, "floor", convs.floor), U_I64(EV_CONV, "read", convs.read),
	U_I64(EV_CONV, "unread", convs.unread), U_I64(EV_CONV, "mentions", convs.mentions),
	U_I64(EV_CONV, "changed_lo", convs.changed_lo),
	U_I64(EV_CONV, "changed_hi", convs.changed_hi),
	U_BOOL(EV_CONV, "closed", convs.closed), U_BOOL(EV_CONV, "live", convs.live),

	U_STR(EV_OUTBOX, "cid", outbox.cid), U_STR(EV_OUTBOX, "error", outbox.error),
	U_WORD(EV_OUTBOX, "state", outbox.state, outbox_state),
	U_I64(EV_OUTBOX, "tries", outbox.tries),
	U_I64(EV_OUTBOX, "next_try_ms", outbox.next_try_ms),
	U_I64(EV_OUTBOX, "seq", outbox.seq), U_STR(EV_OUTBOX, "id", outbox.id),
	U_BOOL(EV_OUTBOX, "dup", outbox.dup), U_WORD(EV_OUTBOX, "kind", outbox.kind, record_kind),

	U_STR(EV_TYPING, "from", typing.from), U_I64(EV_TYPING, "ttl_ms", typing.ttl_ms),

	U_STR(EV_PRESENCE, "from", presence.from), U_STR(EV_PRESENCE, "state", presence.state),

	U_STR(EV_DELTA, "from", delta.from), U_STR(EV_DELTA, "stream", delta.stream),
	U_STR(EV_DELTA, "channel", delta.channel),
	{ "text", FIELD_TEXT, ON(EV_DELTA), offsetof(struct event, delta.text),
		offsetof(struct event, delta.text_n) },
	U_I64(EV_DELTA, "off", delta.off), U_BOOL(EV_DELTA, "end", delta.end),

	U_STR(EV_STOP, "from", stop.from), U_STR(EV_STOP, "stream", stop.stream),

	U_STR(EV_MIRROR, "path", mirror.path),

	{ "level", FIELD_INT, ON(EV_NOTICE), offsetof(struct event, notice.level) },
	U_STR(EV_NOTICE, "text", notice.text),
	{ NULL }
};
