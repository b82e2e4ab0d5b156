/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Administration: users, tokens, rooms. */
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "ledger/commit.h"
#include "ledger/effects.h"
#include "ledger/queries.h"
#include "ledger/rooms.h"
#include "ledger/runs.h"
#include "ledger/state.h"

/* Nobody is told of the changes here: the daemon looks at its topics again. */
static bool
end(struct ledger *l, bool ok, struct err *err)
{
	ok = commit_end(l, ok, err);
	ledger_changes_done(l->changes);
	return ok;
}

static bool
find(struct ledger *l, const char *user, struct state_user **u, struct err *err)
{
	return state_user(l, user, u, err) && (*u || err_set(err, ERR_USAGE,
				_("there is no user %s"), user));
}

/* ---- users and tokens ---- */

/* Only its hash is kept: what is printed here is never seen again. */
static bool
add_token(struct ledger *l, const struct state_user *u, struct buf *out, struct err *err)
{
	char token[TOKEN_SIZE], hash[HASH_SIZE];

	token_new(token);
	hash_hex(token, strlen(token), hash);
	if (!sql_run(l->db, Q_TOKEN_NEW, err, "ti", hash, u->n))
		return false;
	return buf_addf(out, "%s\n", token) ||
		err_set(err, ERR_FAIL, "%s", _("there is no room for the answer"));
}

bool
ledger_user_add(struct ledger *l, const char *user, const char *name, bool is_admin,
		struct buf *out, struct err *err)
{
	struct ledger_changes changes;
	size_t before = out->n;
	struct state_user *u;
	bool ok;

	if (!id_name_valid(user))
		return err_set(err, ERR_USAGE, "%s",
				_("a user's name has 1 to 32 of a-z 0-9 . _ -"));
	if (name && strlen(name) > SHOWN_MAX)
		return err_set(err, ERR_USAGE, _("a display name has at most %d bytes"),
				SHOWN_MAX);
	ok = commit_begin(l, &changes, err) && state_user(l, user, &u, err);
	if (ok && u)
		ok = err_set(err, ERR_USAGE, _("there is a user %s already"), user);
	ok = ok && rooms_add_user(l, user, name ? name : "", is_admin, &u, err) &&
		add_token(l, u, out, err);
	if (ok) {
		struct ledger_op op = { .act = LEDGER_USER, .user = user, .device = "",
			.conv = "", .cid = "", .ref = "", .now = clock_wall_ms() };
		struct facts x = { .user = u };

		ok = rooms_user(l, &op, &x, err);
	}
	ok = end(l, ok, err);
	if (!ok)
		buf_cut(out, before);
	return ok;
}

bool
ledger_user_token(struct ledger *l, const char *user, struct buf *out, struct err *err)
{
	struct ledger_changes changes;
	size_t before = out->n;
	struct state_user *u;
	bool ok = commit_begin(l, &changes, err) && find(l, user, &u, err) &&
		add_token(l, u, out, err);

	ok = end(l, ok, err);
	if (!ok)
		buf_cut(out, before);
	return ok;
}

bool
ledger_user_revoke(struct ledger *l, const char *user, struct err *err)
{
	struct ledger_changes changes;
	struct state_user *u;
	bool ok = commit_begin(l, &changes, err) && find(l, user, &u, err) &&
		sql_run(l->db, Q_TOKEN_REVOKE, err, "i", u->n);

	return end(l, ok, err);
}

/* The answers that the user is writing end as if the device were gone. */
static bool
end_streams(struct ledger *l, const struct state_user *u, int64_t now, struct err *err)
{
	bool ok = true;

	while (ok) {
		struct sql_query *st = sql_start(l->db, Q_STREAM_OF, err, "i", u->n);
		char conv[CONV_ID_MAX + 1], stream[STREAM_MAX + 1];
		struct ledger_op op = { .act = LEDGER_ABORT, .cid = "", .now = now };
		struct facts x = { .conv = NULL };
		int rc = sql_step(st, err);

		if (rc <= 0)
			return rc == 0;
		str_copy(conv, sizeof conv, sql_text(st, 0));
		str_copy(stream, sizeof stream, sql_text(st, 1));
		sql_end(st);
		op.body.stream = stream;
		ok = state_conv(l, conv, &x.conv, err) && effects_abort(l, &op, &x, err);
	}
	return false;
}

bool
ledger_user_remove(struct ledger *l, const char *user, struct err *err)
{
	struct ledger_changes changes;
	int64_t now = clock_wall_ms();
	struct state_user *u;
	bool ok = commit_begin(l, &changes, err) && find(l, user, &u, err) &&
		sql_run(l->db, Q_TOKEN_REVOKE, err, "i", u->n) && end_streams(l, u, now, err) &&
		runs_end_all(l, u, now, err) &&
		rooms_remove_user(l, u, now, err);

	ok = end(l, ok, err);
	state_clear(l);
	return ok;
}

bool
ledger_user_list(struct ledger *l, struct buf *out, struct err *err)
{
	struct sql_query *st = sql_start(l->db, Q_USER_LIST, err, "");
	int rc;

	while ((rc = sql_step(st, err)) == 1) {
		long long tokens = sql_int(st, 3);

		if (!buf_addf(out, "%s\t%s\t%s\t%lld\n", sql_text(st, 0), sql_text(st, 1),
				(int)sql_int(st, 2) ? "admin" : "user", tokens))
			break;
	}
	if (rc == 1)
		sql_end(st);
	return rc == 0 || (rc == 1 && err_set(err, ERR_FAIL, "%s",
				_("there is no room for the answer")));
}

bool
ledger_room_list(struct ledger *l, struct buf *out, struct err *err)
{
	struct sql_query *st = sql_start(l->db, Q_ROOM_LIST, err, "");
	int rc;

	while ((rc = sql_step(st, err)) == 1)
		if (!buf_addf(out, "%s\t%s\t%s\t%lld\t%lld\t%s\n", sql_text(st, 0), sql_text(st, 1),
				(int)sql_int(st, 2) ? "public" : "private",
				(long long)sql_int(st, 5),
				(long long)sql_int(st, 3), sql_text(st, 4)))
			break;
	if (rc == 1)
		sql_end(st);
	return rc == 0 || (rc == 1 && err_set(err, ERR_FAIL, "%s",
				_("there is no room for the answer")));
}
