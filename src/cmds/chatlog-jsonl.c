/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What export and log --json write. Rows have their edits, deletions and reactions folded in: they
 * come back as the state of the message; what it said before an edit is not known. */
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "cmds/chatlog.h"
#include "cmds/print.h"

static bool
is_mine(const char *p)
{
	return *p == '{';
}

/* What the row says of itself beside text: kind, its member, the body's. */
static const struct { enum record_kind kind; const char *member, *as; } members[] = {
	{ REC_MSG, "reply", "reply" }, { REC_MEMBER, "user", "user" },
	{ REC_MEMBER, "display", "name" }, { REC_MEMBER, "role", "role" },
	{ REC_MEMBER, "do", "do" }, { REC_REACT, "emoji", "emoji" },
	{ REC_AI_END, "stream", "stream" }, { REC_AI_END, "status", "status" },
	{ REC_AI_END, "model", "model" }, { REC_AI_END, "asked_by", "asked_by" },
	{ REC_ACTION, "workflow", "workflow" }, { REC_ACTION, "run", "run" },
	{ REC_ACTION, "step", "step" }, { REC_ACTION, "state", "state" },
};

static bool
has_text(enum record_kind kind)
{
	return kind == REC_MSG || kind == REC_EDIT || kind == REC_TOPIC || kind == REC_ACTION ||
		kind == REC_AI_END;
}

/* An edited message has another text than the one it began with. */
static void
body(struct chatlog *l, const json_t *o, const char *text, size_t n)
{
	enum record_kind kind = l->record.kind;
	const char *s;

	buf_addc(&l->body, '{');
	if (json_bool(o, "edited", false))
		print_member(&l->body, "text", n ? "" : " ");
	else if (has_text(kind))
		chatlog_text(l, &l->body, "text", text, n);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (members[i].kind == kind && (s = json_str(o, members[i].member)))
			chatlog_text(l, &l->body, members[i].as, s, strlen(s));
	if (kind == REC_REACT)
		print_bool(&l->body, "on", json_bool(o, "on", true));
	buf_addc(&l->body, '}');
}

/* The state of the message as the row tells it. */
static void
state(struct chatlog *l, const json_t *o, const char *text, size_t n)
{
	bool is_edited = json_bool(o, "edited", false), is_deleted = json_bool(o, "deleted", false);
	const json_t *reacts = json_object_get(o, "reacts");

	if (!is_edited && !is_deleted && !json_is_object(reacts))
		return;
	buf_addc(&l->cur, '{');
	if (is_edited)
		chatlog_text(l, &l->cur, "text", text, n);
	if (is_deleted) {
		buf_addf(&l->cur, "%s\"deleted\":true", l->cur.n > 1 ? "," : "");
	}
	if (json_is_object(reacts)) {
		buf_addf(&l->cur, "%s\"reacts\":", l->cur.n > 1 ? "," : "");
		json_add(&l->cur, reacts);
	}
	buf_addc(&l->cur, '}');
}

static enum chatlog_found
row(struct chatlog *l, const json_t *o)
{
	const char *kind = json_str(o, "kind"), *ts = json_str(o, "ts"), *id = json_str(o, "id");
	const char *from = json_str(o, "from"), *ref = json_str(o, "ref"), *text;
	size_t n = 0;

	if (kind && strcmp(kind, "gap") == 0)
		return CHATLOG_NOTHING;
	l->record.kind = kind ? record_kind_parse(kind) : REC_OTHER;
	if (l->record.kind == REC_OTHER || !from || !*from || !ts)
		return chatlog_bad(l, _("no event of ours: it lacks kind, from or ts"));
	l->record.kind_name = record_kind_name(l->record.kind);
	if (!clock_parse_rfc3339(ts, &l->record.ts))
		return chatlog_bad(l, _("there is no such time"));
	text = json_strn(o, "text", &n);
	str_copy(l->from, sizeof l->from, from);
	if (id && id_valid(id))
		str_copy(l->id, sizeof l->id, id);
	if (ref && id_valid(ref))
		str_copy(l->ref, sizeof l->ref, ref);
	body(l, o, text ? text : "", n);
	state(l, o, text ? text : "", n);
	return CHATLOG_RECORD;
}

static enum chatlog_found
line(struct chatlog *l, const char *p)
{
	enum chatlog_found found;
	struct err err;
	json_t *o;

	if (!*p)
		return CHATLOG_NOTHING;
	o = json_strict(p, strlen(p), &err);
	found = json_is_object(o) ? row(l, o) : chatlog_bad(l, _("no JSON object"));
	json_decref(o);
	return found;
}

const struct chatlog_format chatlog_jsonl = {
	.name = "jsonl", .is_mine = is_mine, .line = line,
};
