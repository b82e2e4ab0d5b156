/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The op "room": what can be done with rooms, one row a verb. */
#include "daemon/room.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/flow.h"
#include "daemon/options.h"
#include "daemon/post.h"
#include "daemon/run.h"
#include "daemon/stream.h"
#include "daemon/topic.h"
#include "daemon/user.h"
#include "daemon/writer.h"
#include "wire/wire.h"

/* Bytes of rows in an answer, which must fit a frame. */
#define ROWS_MAX (WIRE_SERVER_FRAME - 1024)

enum {
	NEEDS_NAME = 1,		/* a new one */
	NEEDS_ROOM = 2,		/* conv, or name */
	NEEDS_USER = 4,
	ENDS_OWN = 8,		/* who does it follows the room no longer */
	ENDS_OTHER = 16		/* whom it is done to */
};

struct verb {
	const char *name;
	enum ledger_act act;
	unsigned flags;
	void (*read)(struct conn *c, const struct frame *f, const char *conv);
};

static void list(struct conn *c, const struct frame *f, const char *conv);
static void members(struct conn *c, const struct frame *f, const char *conv);

static const struct verb verbs[] = {
	{ "create", LEDGER_CREATE, NEEDS_NAME, NULL },
	{ "join", LEDGER_JOIN, NEEDS_ROOM, NULL },
	{ "leave", LEDGER_LEAVE, NEEDS_ROOM | ENDS_OWN, NULL },
	{ "invite", LEDGER_INVITE, NEEDS_ROOM | NEEDS_USER, NULL },
	{ "kick", LEDGER_KICK, NEEDS_ROOM | NEEDS_USER | ENDS_OTHER, NULL },
	{ "role", LEDGER_ROLE, NEEDS_ROOM | NEEDS_USER, NULL },
	{ "direct", LEDGER_DIRECT, NEEDS_USER, NULL },
	{ "list", LEDGER_SEND, 0, list },
	{ "members", LEDGER_SEND, NEEDS_ROOM, members },
};

static const struct verb *
find(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static struct frame
answer(const struct frame *f, const char *conv)
{
	struct frame out = { .op = WIRE_ROOM, .i = WIRE_ABSENT, .re = f->i };

	out.room.act = f->room.act;
	out.room.conv = conv;
	out.room.name = out.room.topic = out.room.user = out.room.role = out.room.rows = "";
	return out;
}

static void
fail(struct conn *c, const struct frame *f, const struct err *err)
{
	log_put(c->d->log, LOG_ERROR, "room", "do=%s error=%s", f->room.act, err->msg);
	conn_error(c, f->i, CODE_INTERNAL, "the ledger cannot be read");
}

/* ---- what is only read ---- */

/* The rows of an answer, as many as fit into a frame. */
struct rows { struct buf text; bool more; };

static void
rows_init(struct rows *r)
{
	buf_init(&r->text, ROWS_MAX);
	buf_addc(&r->text, '[');
	r->more = false;
}

/* A row was added; or the frame is full, and the rest is left for the next question. */
static bool
row_end(struct rows *r, size_t before, bool fits)
{
	if (!fits)
		buf_cut(&r->text, before);
	r->more = !fits;
	return fits;
}

static void
answer_rows(struct conn *c, const struct frame *f, const char *conv, struct rows *r)
{
	struct frame out = answer(f, conv);

	r->text.max++;
	buf_addc(&r->text, ']');
	out.room.rows = buf_str(&r->text);
	out.room.rows_n = r->text.n;
	out.room.more = r->more;
	flow_reply(c, &out);
}

static bool
add_room(void *arg, const struct ledger_conv *room, const char *topic, int64_t n)
{
	struct rows *r = arg;
	struct buf *b = &r->text;
	size_t before = b->n;

	return row_end(r, before, buf_addf(b, "%s{\"conv\":", before > 1 ? "," : "") &&
			json_add_string(b, room->conv, strlen(room->conv)) &&
			buf_adds(b, ",\"name\":") &&
			json_add_string(b, room->name, strlen(room->name)) &&
			buf_adds(b, ",\"topic\":") && json_add_string(b, topic, strlen(topic)) &&
			buf_addf(b, ",\"public\":%s,\"members\":%lld}",
				room->is_public ? "true" : "false", (long long)n));
}

static void
list(struct conn *c, const struct frame *f, const char *conv)
{
	struct err err = { 0 };
	struct rows rows;

	(void)conv;
	rows_init(&rows);
	if (ledger_rooms(c->d->reader, c->user->name, f->room.after, add_room, &rows, &err))
		answer_rows(c, f, "", &rows);
	else
		fail(c, f, &err);
	buf_done(&rows.text);
}

static bool
add_member(void *arg, const char *user, const char *name, const char *role)
{
	struct rows *r = arg;
	struct buf *b = &r->text;
	size_t before = b->n;

	return row_end(r, before, buf_addf(b, "%s{\"user\":", before > 1 ? "," : "") &&
			json_add_string(b, user, strlen(user)) && buf_adds(b, ",\"name\":") &&
			json_add_string(b, name, strlen(name)) && buf_adds(b, ",\"role\":") &&
			json_add_string(b, role, strlen(role)) && buf_addc(b, '}'));
}

static void
members(struct conn *c, const struct frame *f, const char *conv)
{
	struct err err = { 0 };
	char role[8] = "";
	struct rows rows;

	if (!ledger_role(c->d->reader, conv, c->user->name, role, &err)) {
		fail(c, f, &err);
		return;
	}
	if (!*role && !c->user->is_admin) {
		conn_error(c, f->i, CODE_FORBIDDEN, "only members see who is in a room");
		return;
	}
	rows_init(&rows);
	if (ledger_members(c->d->reader, conv, f->room.after, add_member, &rows, &err))
		answer_rows(c, f, conv, &rows);
	else
		fail(c, f, &err);
	buf_done(&rows.text);
}

/* ---- what is committed ---- */

/* Who is no member follows no longer, and writes no answer there. */
static void
expel(struct daemon *d, const char *conv, const char *name)
{
	struct user *user = users_find(d->users, name);

	if (user)
		topic_expel(d->topics, conv, user, CODE_FORBIDDEN);
	streams_expel(d->streams, conv, name);
	runs_expel(d->runs, conv, name);
}

static void
done(struct daemon *d, struct job *job)
{
	const struct ledger_op *op = &job->op;
	const struct verb *v = job->arg;
	struct conn *c = job->conn;
	struct frame out = answer(job->frame, op->out.conv);
	struct ledger_conv room;
	struct err err;

	c->inflight--;
	if (!op->out.ok) {
		conn_error(c, job->frame->i, op->out.code, op->out.message);
		return;
	}
	if (v->flags & NEEDS_NAME) {
		out.room.name = op->name;
		out.room.topic = op->topic;
	} else if (ledger_conv(d->reader, op->out.conv, &room, &err)) {
		out.room.name = room.name;
	}
	flow_reply(c, &out);
	if (v->flags & ENDS_OWN)
		expel(d, op->out.conv, op->user);
	if (v->flags & ENDS_OTHER)
		expel(d, op->out.conv, op->other);
}

/* The conversation that the frame means: its id, or the one of that name. */
static bool
resolve(struct conn *c, const struct frame *f, struct ledger_conv *room)
{
	const char *conv = f->room.conv, *name = f->room.name;
	struct err err = { 0 };

	if (*conv ? ledger_conv(c->d->reader, conv, room, &err) :
	    ledger_conv_named(c->d->reader, name, room, &err))
		return true;
	if (err.kind == ERR_NONE)
		conn_error(c, f->i, CODE_NOT_FOUND, "there is no such room");
	else
		fail(c, f, &err);
	return false;
}

static const char *
lacks(const struct verb *v, const struct frame *f)
{
	if ((v->flags & NEEDS_NAME) && !*f->room.name)
		return "name: the new room needs one";
	if ((v->flags & NEEDS_ROOM) && !*f->room.conv && !*f->room.name)
		return "conv or name: which room?";
	if ((v->flags & NEEDS_USER) && !*f->room.user)
		return "user: who?";
	return NULL;
}

static void
propose(struct conn *c, struct frame *f, const struct verb *v, const char *conv)
{
	struct job *job = job_new(c, f, done);

	job->arg = (void *)v;
	job->text = xstrdup(conv);
	job->op.act = v->act;
	job->op.user = c->user->name;
	job->op.device = c->device;
	job->op.is_admin = c->user->is_admin;
	job->op.conv = job->text;
	job->op.name = f->room.name;
	job->op.topic = f->room.topic;
	job->op.other = f->room.user;
	job->op.role = f->room.role;
	job->op.is_public = f->room.is_public;
	c->inflight++;
	writer_put(c->d->writer, job);
}

bool
room_take(struct conn *c, struct frame *f)
{
	const struct verb *v = find(f->room.act);
	const char *why = v ? lacks(v, f) : "do: create, join, leave, invite, kick, role, list,"
		" members or direct";
	struct ledger_conv room = { .conv = "" };

	if (why) {
		conn_error(c, f->i, CODE_INVALID, why);
		return false;
	}
	if ((v->flags & NEEDS_ROOM) && !resolve(c, f, &room))
		return false;
	if (v->read) {
		v->read(c, f, room.conv);
		return false;
	}
	if (c->d->is_stopping || post_is_busy(c) || !writer_has_room(c->d->writer, 0)) {
		conn_error(c, f->i, CODE_BUSY, "too many requests are waiting");
		return false;
	}
	propose(c, f, v, room.conv);
	return true;
}
