/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The writer's cache of conversations, users, lanes and members. */
#include "ledger/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/queries.h"

#define CACHE_MAX 65536		/* entries of each map before all are dropped */
#define KEY_SIZE (2 * 17 + DEVICE_MAX + 1)

void
state_init(struct ledger *l)
{
	l->convs = map_new();
	l->users = map_new();
	l->lanes = map_new();
	l->members = map_new();
}

static void
notes_clear(struct ledger *l)
{
	for (size_t i = 0; i < l->notes.n; i++)
		free(l->notes.v[i].body);
	l->notes.n = 0;
}

static void
free_maps(struct ledger *l)
{
	map_free(l->convs, free);
	map_free(l->users, free);
	map_free(l->lanes, free);
	map_free(l->members, free);
}

void
state_done(struct ledger *l)
{
	notes_clear(l);
	free_maps(l);
	arr_done(&l->dirty_convs);
	arr_done(&l->dirty_lanes);
	arr_done(&l->dirty_members);
	arr_done(&l->notes);
	arr_done(&l->late);
}

void
state_clear(struct ledger *l)
{
	notes_clear(l);
	l->dirty_convs.n = l->dirty_lanes.n = l->dirty_members.n = 0;
	free_maps(l);
	state_init(l);
}

void
state_trim(struct ledger *l)
{
	if (map_count(l->convs) > CACHE_MAX || map_count(l->users) > CACHE_MAX ||
			map_count(l->lanes) > CACHE_MAX || map_count(l->members) > CACHE_MAX)
		state_clear(l);
}

/* ---- look-ups ---- */

/* "conv user device" in hexadecimal, without the cost of printf: it is made for every send. */
static void
make_key(char key[KEY_SIZE], int64_t a, int64_t b, const char *device)
{
	static const char digits[] = "0123456789abcdef";
	int64_t part[] = { a, b };
	size_t at = 0;

	for (int i = 0; i < 2; i++) {
		for (uint64_t v = (uint64_t)part[i]; v > 0; v >>= 4)
			key[at++] = digits[v & 15];
		key[at++] = ' ';
	}
	str_copy(key + at, KEY_SIZE - at, device);
}

static void
read_conv(struct sql_query *st, struct state_conv *c, const char *start)
{
	const void *last = sql_blob(st, 10);

	c->n = sql_int(st, 0);
	str_copy(c->id, sizeof c->id, sql_text(st, 1));
	c->kind = (enum conv_kind)sql_int(st, 2);
	str_copy(c->name, sizeof c->name, sql_text(st, 3));
	c->is_public = sql_int(st, 4) != 0;
	str_copy(c->epoch, sizeof c->epoch, sql_text(st, 5));
	c->floor = sql_int(st, 6);
	c->seq = sql_int(st, 7);
	c->last_ts = sql_int(st, 8);
	c->counted = sql_int(st, 9);
	if (last && sql_size(st, 10) == (int)sizeof c->last_id)
		memcpy(c->last_id, last, sizeof c->last_id);
	c->is_minted = strcmp(sql_text(st, 11), start) == 0;
}

bool
state_conv(struct ledger *l, const char *id, struct state_conv **out, struct err *err)
{
	struct sql_query *st;
	int rc;

	*out = map_get(l->convs, id);
	if (*out)
		return true;
	st = sql_start(l->db, Q_CONV, err, "t", id);
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 1) {
		*out = xcalloc(1, sizeof **out);
		read_conv(st, *out, l->start);
		sql_end(st);
		map_put(l->convs, (*out)->id, *out);
	}
	return true;
}

bool
state_conv_named(struct ledger *l, const char *name, struct state_conv **out, struct err *err)
{
	struct sql_query *st = sql_start(l->db, Q_CONV_NAMED, err, "t", name);
	char id[CONV_ID_MAX + 1];
	int rc;

	*out = NULL;
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 0)
		return true;
	str_copy(id, sizeof id, sql_text(st, 0));
	sql_end(st);
	return state_conv(l, id, out, err);
}

static struct state_user *
keep_user(struct ledger *l, struct sql_query *st)
{
	struct state_user *u = map_get(l->users, sql_text(st, 1));

	if (!u) {
		u = xcalloc(1, sizeof *u);
		u->n = sql_int(st, 0);
		str_copy(u->name, sizeof u->name, sql_text(st, 1));
		str_copy(u->shown, sizeof u->shown, sql_text(st, 2));
		u->is_admin = sql_int(st, 3) != 0;
		map_put(l->users, u->name, u);
	}
	sql_end(st);
	return u;
}

bool
state_user(struct ledger *l, const char *name, struct state_user **out, struct err *err)
{
	struct sql_query *st;
	int rc;

	*out = map_get(l->users, name);
	if (*out)
		return true;
	st = sql_start(l->db, Q_USER, err, "t", name);
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 1)
		*out = keep_user(l, st);
	return true;
}

bool
state_user_n(struct ledger *l, int64_t n, struct state_user **out, struct err *err)
{
	struct sql_query *st = sql_start(l->db, Q_USER_N, err, "i", n);
	int rc;

	*out = NULL;
	if ((rc = sql_step(st, err)) < 0)
		return false;
	if (rc == 1)
		*out = keep_user(l, st);
	return true;
}

bool
state_lane(struct ledger *l, int64_t conv, int64_t user, const char *device,
		struct state_lane **out, struct err *err)
{
	struct state_lane *lane;
	char key[KEY_SIZE];

	make_key(key, conv, user, device);
	*out = map_get(l->lanes, key);
	if (*out)
		return true;
	lane = xcalloc(1, sizeof *lane);
	lane->conv = conv;
	lane->user = user;
	str_copy(lane->device, sizeof lane->device, device);
	if (!sql_number(l->db, Q_LANE, 0, &lane->last, err, "iit", conv, user, lane->device)) {
		free(lane);
		return false;
	}
	*out = lane;
	map_put(l->lanes, key, lane);
	return true;
}

bool
state_member(struct ledger *l, int64_t conv, int64_t user, struct state_member **out,
		struct err *err)
{
	struct state_member *m;
	char key[KEY_SIZE];
	struct sql_query *st;
	int rc;

	make_key(key, conv, user, "");
	*out = map_get(l->members, key);
	if (*out)
		return true;
	st = sql_start(l->db, Q_MEMBER, err, "ii", user, conv);
	if ((rc = sql_step(st, err)) < 0)
		return false;
	*out = m = xcalloc(1, sizeof *m);
	m->conv = conv;
	m->user = user;
	if (rc == 1) {
		m->was_ever = true;
		m->role = (enum ledger_role)sql_int(st, 0);
		m->own = sql_int(st, 1);
		m->read = sql_int(st, 2);
		m->read_own = sql_int(st, 3);
		m->told = sql_int(st, 4);
		sql_end(st);
	}
	map_put(l->members, key, m);
	return true;
}

/* ---- answers ---- */

bool
state_is_new(struct ledger *l, struct state_member *m, const unsigned char cid[16], bool *is_new,
		struct err *err)
{
	struct sql_query *st;
	int rc;

	if (!m->has_newest) {
		st = sql_start(l->db, Q_ANSWER_NEWEST, err, "ii", m->conv, m->user);
		if ((rc = sql_step(st, err)) < 0)
			return false;
		if (rc == 1) {
			const void *newest = sql_blob(st, 0);

			if (newest)
				memcpy(m->newest, newest, sizeof m->newest);
			sql_end(st);
		}
		m->has_newest = true;
	}
	*is_new = memcmp(cid, m->newest, sizeof m->newest) > 0;
	return true;
}

bool
state_answer_put(struct ledger *l, int64_t conv, int64_t user, const unsigned char cid[16],
		const struct state_answer *a, struct err *err)
{
	struct state_member *m;
	char key[KEY_SIZE];

	make_key(key, conv, user, "");
	m = map_get(l->members, key);
	if (m && m->has_newest && memcmp(cid, m->newest, sizeof m->newest) > 0)
		memcpy(m->newest, cid, sizeof m->newest);
	if (a->seq > 0)
		return sql_run(l->db, Q_ANSWER_PUT, err, "iibiinn", conv, user, cid, (size_t)16,
				a->seq, a->hash);
	return sql_run(l->db, Q_ANSWER_PUT, err, "iibiiit", conv, user, cid, (size_t)16, a->seq,
			a->hash, (int64_t)a->code, a->why);
}

/* ---- writing back ---- */

void
state_touch_conv(struct ledger *l, struct state_conv *c)
{
	if (c->is_dirty)
		return;
	c->is_dirty = true;
	arr_push(&l->dirty_convs, c);
}

void
state_touch_lane(struct ledger *l, struct state_lane *lane)
{
	if (lane->is_dirty)
		return;
	lane->is_dirty = true;
	arr_push(&l->dirty_lanes, lane);
}

void
state_touch_member(struct ledger *l, struct state_member *m)
{
	if (m->is_dirty)
		return;
	m->is_dirty = true;
	arr_push(&l->dirty_members, m);
}

bool
state_flush(struct ledger *l, struct err *err)
{
	for (size_t i = 0; i < l->dirty_convs.n; i++) {
		struct state_conv *c = l->dirty_convs.v[i];

		if (!sql_run(l->db, Q_CONV_SAVE, err, "iibiii", c->n, c->seq, c->last_id,
				c->seq ? sizeof c->last_id : (size_t)0, c->last_ts,
				c->counted, l->tick))
			return false;
		c->is_dirty = false;
		c->change = 0;
	}
	l->dirty_convs.n = 0;
	for (size_t i = 0; i < l->dirty_lanes.n; i++) {
		struct state_lane *lane = l->dirty_lanes.v[i];

		if (!sql_run(l->db, Q_LANE_SAVE, err, "iiti", lane->conv, lane->user, lane->device,
				lane->last))
			return false;
		lane->is_dirty = false;
	}
	l->dirty_lanes.n = 0;
	for (size_t i = 0; i < l->dirty_members.n; i++) {
		struct state_member *m = l->dirty_members.v[i];

		if (!sql_run(l->db, Q_MEMBER_SAVE, err, "iiiii", m->user, m->conv,
				(int64_t)m->role, m->own, l->tick))
			return false;
		m->is_dirty = false;
	}
	l->dirty_members.n = 0;
	return true;
}
