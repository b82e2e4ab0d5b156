/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carries out what was decided about rooms, direct conversations and members. */
#include "ledger/rooms.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "ledger/append.h"
#include "ledger/decide-room.h"
#include "ledger/queries.h"
#include "ledger/schema.h"

#define CONV_ID_LEN 8		/* random characters of a conversation's id */
#define AUTO_JOIN_MAX 32	/* rooms that every new user enters */

/* Who did what, when: the head of every member record. */
struct deed {
	struct state_user *by;
	const char *device;
	int64_t now;
};

/* ---- conversations ---- */

static bool
new_epoch(struct ledger *l, int64_t conv, char epoch[EPOCH_MAX + 1], struct err *err)
{
	int64_t used = 1;

	while (used) {
		id_short("", EPOCH_LEN, epoch);
		if (!sql_number(l->db, Q_EPOCH_USED, 0, &used, err, "it", conv, epoch))
			return false;
	}
	return true;
}

bool
rooms_mint(struct ledger *l, struct state_conv *c, int64_t now, struct err *err)
{
	char epoch[EPOCH_MAX + 1];
	struct ledger_change *ch;

	if (!sql_run(l->db, Q_EPOCH_OLD, err, "itii", c->n, c->epoch, c->seq, now) ||
			!new_epoch(l, c->n, epoch, err) ||
			!sql_run(l->db, Q_CONV_MINT, err, "itt", c->n, epoch, l->start))
		return false;
	ch = append_change(l, c);
	str_copy(c->epoch, sizeof c->epoch, epoch);
	str_copy(ch->epoch, sizeof ch->epoch, epoch);
	ch->minted = c->is_minted = true;
	return true;
}

static bool
new_conv(struct ledger *l, const char *id, enum conv_kind kind, const char *name,
		const char *topic, bool is_public, struct state_conv **out, struct err *err)
{
	char epoch[EPOCH_MAX + 1];

	id_short("", EPOCH_LEN, epoch);
	if (!sql_run(l->db, Q_CONV_NEW, err, "tittiti", id, (int64_t)kind, name, topic,
				(int64_t)is_public, epoch, l->tick))
		return false;
	if (sql_last_row(l->db) >= POS_CONV_MAX) {
		err_set(err, ERR_FAIL, "%s", _("there are too many conversations"));
		return false;
	}
	if (!state_conv(l, id, out, err))
		return false;
	assert(*out);
	return true;
}

static bool
new_room(struct ledger *l, enum conv_kind kind, const char *name, const char *topic,
		bool is_public, struct state_conv **out, struct err *err)
{
	char id[CONV_ID_LEN + 3];

	do {
		id_short("c_", CONV_ID_LEN, id);
		if (!state_conv(l, id, out, err))
			return false;
	} while (*out);
	return new_conv(l, id, kind, name, topic, is_public, out, err);
}

/* ---- members ---- */

static bool
set_role(struct ledger *l, struct state_conv *c, struct state_user *u, enum ledger_role role,
		struct err *err)
{
	struct state_member *m;

	if (!state_member(l, c->n, u->n, &m, err))
		return false;
	m->role = role;
	m->was_ever = true;
	return sql_run(l->db, Q_MEMBER_SAVE, err, "iiiii", m->user, m->conv, (int64_t)role, m->own,
			l->tick);
}

static void
member_body(struct buf *b, const struct state_conv *c, const struct state_user *u,
		enum ledger_role role, const char *act)
{
	buf_addf(b, "{\"user\":\"%s\",\"name\":", u->name);
	json_add_string(b, u->shown, strlen(u->shown));
	buf_addf(b, ",\"role\":\"%s\",\"do\":\"%s\"", role == ROLE_OWNER ? "owner" : "member", act);
	if (c)
		buf_addf(b, ",\"conv\":\"%s\"", c->id);
	buf_addc(b, '}');
}

/* The member record in the log of c, and in the user's own where the conversation is named. */
static bool
tell(struct ledger *l, struct state_conv *c, const struct deed *d, struct state_user *u,
		enum ledger_role role, const char *act, struct err *err)
{
	struct entry e = { .kind = REC_MEMBER, .from = d->by, .device = d->device, .cid = "",
		.ref = "", .now = d->now };
	struct buf body;
	bool ok;

	buf_init(&body, 4096);
	member_body(&body, NULL, u, role, act);
	e.body = buf_str(&body);
	e.body_n = body.n;
	ok = append_record(l, c, &e, NULL, NULL, err);
	if (ok) {
		buf_clear(&body);
		member_body(&body, c, u, role, act);
		append_note(l, c, c->seq, u->name, REC_MEMBER, d->by->name, d->device, d->now,
				buf_str(&body));
	}
	buf_done(&body);
	return ok;
}

static bool
enter(struct ledger *l, struct state_conv *c, const struct deed *d, struct state_user *u,
		enum ledger_role role, struct err *err)
{
	return set_role(l, c, u, role, err) &&
		sql_run(l->db, Q_INVITE_END, err, "ii", c->n, u->n) &&
		tell(l, c, d, u, role, "join", err);
}

/* A room that loses its only owner gets the member of longest standing. */
static bool
keep_owned(struct ledger *l, struct state_conv *c, const struct deed *d, struct err *err)
{
	struct state_user *heir;
	int64_t owners, n;

	if (!sql_number(l->db, Q_OWNERS, 0, &owners, err, "i", c->n))
		return false;
	if (owners > 0)
		return true;
	if (!sql_number(l->db, Q_NEXT_OWNER, 0, &n, err, "i", c->n))
		return false;
	if (n == 0)
		return true;
	return state_user_n(l, n, &heir, err) && (!heir ||
		(set_role(l, c, heir, ROLE_OWNER, err) &&
		 tell(l, c, d, heir, ROLE_OWNER, "role", err)));
}

static bool
go(struct ledger *l, struct state_conv *c, const struct deed *d, struct state_user *u,
		enum ledger_role was, const char *act, struct err *err)
{
	return set_role(l, c, u, ROLE_NONE, err) &&
		sql_run(l->db, Q_INVITE_END, err, "ii", c->n, u->n) &&
		tell(l, c, d, u, was, act, err) &&
		(was != ROLE_OWNER || keep_owned(l, c, d, err));
}

/* The topic that a room begins with, as a record like those that follow. */
static bool
tell_topic(struct ledger *l, struct state_conv *c, const struct deed *d, const char *topic,
		struct err *err)
{
	struct entry e = { .kind = REC_TOPIC, .from = d->by, .device = d->device, .cid = "",
		.ref = "", .now = d->now };
	struct buf body;
	bool ok;

	buf_init(&body, 8 * LEDGER_TOPIC_MAX);
	buf_adds(&body, "{\"text\":");
	json_add_string(&body, topic, strlen(topic));
	buf_addc(&body, '}');
	e.body = buf_str(&body);
	e.body_n = body.n;
	ok = append_record(l, c, &e, NULL, NULL, err);
	buf_done(&body);
	return ok;
}

/* ---- acts ---- */

static bool
create(struct ledger *l, struct ledger_op *op, struct facts *x, const struct deed *d,
		struct err *err)
{
	return new_room(l, CONV_ROOM, op->name, op->topic, op->is_public, &x->conv, err) &&
		(!x->user || (enter(l, x->conv, d, x->user, ROLE_OWNER, err) &&
			(!*op->topic || tell_topic(l, x->conv, d, op->topic, err))));
}

static bool
direct(struct ledger *l, struct ledger_op *op, struct facts *x, const struct deed *d,
		struct err *err)
{
	bool in_order = strcmp(op->user, op->other) < 0;
	char name[2 * USER_MAX + 2];

	snprintf(name, sizeof name, "%s %s", in_order ? op->user : op->other,
			in_order ? op->other : op->user);
	return new_room(l, CONV_DIRECT, name, "", false, &x->conv, err) &&
		enter(l, x->conv, d, x->user, ROLE_MEMBER, err) &&
		enter(l, x->conv, d, x->other, ROLE_MEMBER, err);
}

static bool
invite(struct ledger *l, struct facts *x, const struct deed *d, struct err *err)
{
	return sql_run(l->db, Q_INVITE, err, "ii", x->conv->n, x->other->n) &&
		tell(l, x->conv, d, x->other, ROLE_MEMBER, "invite", err);
}

bool
rooms_act(struct ledger *l, struct ledger_op *op, struct facts *x, struct err *err)
{
	struct deed d = { .by = x->user, .device = op->device, .now = op->now };
	enum ledger_role role = strcmp(op->role, "owner") == 0 ? ROLE_OWNER : ROLE_MEMBER;

	switch (op->act) {
	case LEDGER_CREATE:
		return create(l, op, x, &d, err);
	case LEDGER_DIRECT:
		return direct(l, op, x, &d, err);
	case LEDGER_JOIN:
		return enter(l, x->conv, &d, x->user, ROLE_MEMBER, err);
	case LEDGER_LEAVE:
		return go(l, x->conv, &d, x->user, x->member->role, "leave", err);
	case LEDGER_KICK:
		return go(l, x->conv, &d, x->other, x->other_member->role, "kick", err);
	case LEDGER_INVITE:
		return invite(l, x, &d, err);
	default:
		return set_role(l, x->conv, x->other, role, err) &&
			tell(l, x->conv, &d, x->other, role, "role", err);
	}
}

/* ---- users ---- */

bool
rooms_add_user(struct ledger *l, const char *name, const char *shown, bool is_admin,
		struct state_user **out, struct err *err)
{
	char id[USER_MAX + 3];
	struct state_conv *own;

	snprintf(id, sizeof id, "u_%s", name);
	if (!sql_run(l->db, Q_USER_BACK, err, "tti", name, *shown ? shown : name,
				(int64_t)is_admin))
		return false;
	if (sql_changes(l->db) == 0 && !sql_run(l->db, Q_USER_NEW, err, "tti", name,
				*shown ? shown : name, (int64_t)is_admin))
		return false;
	if (!state_user(l, name, out, err) || !state_conv(l, id, &own, err))
		return false;
	return (own || new_conv(l, id, CONV_USER, NULL, "", false, &own, err)) &&
		set_role(l, own, *out, ROLE_MEMBER, err);
}

/* The next name of a list with blanks or commas between; false at its end. */
static bool
next_name(const char **list, char name[CONV_NAME_MAX + 2])
{
	size_t n;

	*list += strspn(*list, " ,\t");
	n = strcspn(*list, " ,\t");
	if (n == 0 || n > CONV_NAME_MAX)
		return false;
	memcpy(name, *list, n);
	name[n] = '\0';
	*list += n;
	return true;
}

bool
rooms_make_auto(struct ledger *l, struct err *err)
{
	const char *list = l->auto_join;
	char name[CONV_NAME_MAX + 2];
	struct state_conv *c;

	for (int i = 0; i < AUTO_JOIN_MAX && next_name(&list, name); i++) {
		if (!decide_room_name_valid(name))
			return err_set(err, ERR_USAGE, _("%s is no name of a room"), name);
		if (!state_conv_named(l, name, &c, err))
			return false;
		if (!c && !new_room(l, CONV_ROOM, name, "", true, &c, err))
			return false;
	}
	return true;
}

bool
rooms_user(struct ledger *l, struct ledger_op *op, struct facts *x, struct err *err)
{
	const char *list = l->auto_join;
	char name[CONV_NAME_MAX + 2];
	struct deed d = { .device = op->device, .now = op->now };
	struct state_member *m;
	struct state_conv *c;

	if (!x->user && !rooms_add_user(l, op->user, "", op->is_admin, &x->user, err))
		return false;
	d.by = x->user;
	for (int i = 0; i < AUTO_JOIN_MAX && next_name(&list, name); i++) {
		if (!state_conv_named(l, name, &c, err))
			return false;
		if (!c)
			continue;
		if (!state_member(l, c->n, x->user->n, &m, err))
			return false;
		/* who has left is not drawn in again */
		if (!m->was_ever && !enter(l, c, &d, x->user, ROLE_MEMBER, err))
			return false;
	}
	return true;
}

/* Streams end, memberships end with a record, direct conversations lose their name so that a new
 * person of this name gets new ones, and the user's own log is emptied. */
bool
rooms_remove_user(struct ledger *l, struct state_user *u, int64_t now, struct err *err)
{
	struct deed d = { .by = u, .device = "", .now = now };
	arr(char *) ids = { 0 };
	struct sql_query *st = sql_start(l->db, Q_MEMBER_CONVS, err, "i", u->n);
	int rc;
	bool ok;

	while ((rc = sql_step(st, err)) == 1)
		arr_push(&ids, xstrdup(sql_text(st, 0)));
	ok = rc == 0;
	for (size_t i = 0; i < ids.n; i++) {
		struct state_member *m;
		struct state_conv *c;

		ok = ok && state_conv(l, ids.v[i], &c, err) &&
			state_member(l, c->n, u->n, &m, err) &&
			(c->kind == CONV_USER ?
			 set_role(l, c, u, ROLE_NONE, err) &&
			 sql_run(l->db, Q_LOG_TRIM, err, "ii", pos_of(c->n, 0),
					 pos_of(c->n, c->seq)) &&
			 sql_run(l->db, Q_CONV_FLOOR, err, "iii", c->n, c->seq, l->tick) :
			 go(l, c, &d, u, m->role, "leave", err)) &&
			(c->kind != CONV_DIRECT ||
			 sql_run(l->db, Q_CONV_UNNAME, err, "i", c->n));
		free(ids.v[i]);
	}
	arr_done(&ids);
	return ok && sql_run(l->db, Q_USER_REMOVE, err, "i", u->n);
}
