/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every statement fails once, when it is prepared and at every step of its run: the batch is
 * undone as a whole, and the same proposal succeeds afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/reader.h"
#include "ledger/state.h"
#include "ledger/world.h"
#include "sql/inside.h"

/* What happens next is counted, and the nth thing fails. */
static struct { long left; bool hit; } fault;

static bool
strikes(void)
{
	if (fault.left == 0 || --fault.left > 0)
		return false;
	fault.hit = true;
	return true;
}

static int
at_step(void *arg)
{
	(void)arg;
	return strikes();
}

static int
at_prepare(void *arg, int action, const char *a, const char *b, const char *c, const char *d)
{
	(void)arg, (void)action, (void)a, (void)b, (void)c, (void)d;
	return strikes() ? SQLITE_DENY : SQLITE_OK;
}

enum where { AT_STEP, AT_PREPARE, NOWHERE };

static void
forget(struct sql_query *q)
{
	sqlite3_finalize(q->st);
	q->st = NULL;
}

static void
arm(struct sql *db, enum where where, long n)
{
	fault.left = n;
	fault.hit = false;
	sqlite3_progress_handler(db->h, where == AT_STEP, where == AT_STEP ? at_step : NULL, NULL);
	sqlite3_set_authorizer(db->h, where == AT_PREPARE ? at_prepare : NULL, NULL);
	if (where != AT_PREPARE)
		return;
	for (size_t i = 0; i < db->n; i++)
		forget(&db->query[i]);
	for (size_t i = 0; i < SQL_OWN; i++)
		forget(&db->own[i]);
}

/* Something that can fail: true when it was done. */
typedef bool try_fn(struct world *w, void *arg, struct err *err);

/* Fails it at every place, then lets it be. The last try is the one that succeeds. */
static void
torture(struct world *w, struct sql *db, const char *name, try_fn *try, void *arg)
{
	for (enum where where = AT_STEP; where < NOWHERE; where++) {
		for (long n = 1;; n++) {
			struct err err = { .kind = ERR_NONE };
			bool ok;

			arm(db, where, n);
			ok = try(w, arg, &err);
			if (ok != !fault.hit)
				fail_msg("%s: fault %d at %ld, ok %d: %s", name, where, n, ok,
						err.msg);
			if (!ok && err.kind != ERR_FAIL)
				fail_msg("%s: fault %d at %ld: kind %d", name, where, n, err.kind);
			if (ok)
				break;
		}
	}
	arm(db, NOWHERE, 0);
}

/* ---- the writer ---- */

static bool
try_op(struct world *w, void *arg, struct err *err)
{
	struct ledger_op *op = arg;

	ledger_changes_done(&w->changes);
	if (!ledger_commit(w->l, op, 1, &w->changes, err)) {
		assert_int_equal(w->changes.n, 0);
		return false;
	}
	return true;
}

static void
torture_op(struct world *w, const char *name, struct ledger_op *op)
{
	const char *borrowed = op->cid;
	char cid[37];

	str_copy(cid, sizeof cid, borrowed);
	op->cid = cid;
	torture(w, w->l->db, name, try_op, op);
	op->cid = borrowed;
	/* done by the first of the last two tries, which at the second was known */
	if (!op->out.ok)
		fail_msg("%s: %s: %s", name, code_name(op->out.code), op->out.message);
}

static void
act(struct world *w, const char *name, enum ledger_act what, const char *user, const char *conv,
		const char *other, const char *role)
{
	struct ledger_op op = world_op(w, what, user);

	op.conv = conv;
	op.other = other;
	op.role = role;
	op.ts = op.now;
	torture_op(w, name, &op);
}

static void
say(struct world *w, const char *name, const char *conv, enum record_kind kind, const char *ref,
		const char *text, char id[37])
{
	char body[200];
	struct ledger_op op;

	snprintf(body, sizeof body, "{\"text\":\"%s\"}", text);
	op = world_send(w, "ann", conv, kind, body);
	op.ref = ref;
	op.body.text = text;
	op.body.text_n = strlen(text);
	op.body.emoji = "x";
	op.body.on = true;
	if (kind == REC_MSG)
		op.body.reply = ref, op.ref = "";
	torture_op(w, name, &op);
	if (id)
		str_copy(id, 37, op.out.id);
}

static void
stream(struct world *w, const char *name, const char *conv, enum ledger_act what,
		enum record_kind kind, const char *id)
{
	char body[100];
	struct ledger_op op;

	snprintf(body, sizeof body, "{\"stream\":\"%s\"}", id);
	op = what == LEDGER_SEND ? world_send(w, "ann", conv, kind, body) :
		world_op(w, what, "ann");
	op.conv = conv;
	op.body.stream = id;
	op.stream_text = "abc";
	op.stream_text_n = what == LEDGER_ABORT ? 0 : 3;
	op.body.len = 3;
	torture_op(w, name, &op);
}

static void
assert_sound(struct world *w)
{
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, 1 << 16);
	if (!ledger_check(w->dir, &out, &err))
		fail_msg("%s: %s", err.msg, buf_str(&out));
	buf_done(&out);
}

static void
messages_and_what_follows_from_them(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], mine[37], theirs[37];
	struct ledger_op op;

	world_room(w, "#lobby", lobby);
	world_say(w, "bob", lobby, "x", theirs);
	say(w, "a message", lobby, REC_MSG, "", "plain", mine);
	say(w, "a mention and a reply", lobby, REC_MSG, theirs, "@eve. look", NULL);
	say(w, "an edit", lobby, REC_EDIT, mine, "better", NULL);
	say(w, "a second edit", lobby, REC_EDIT, mine, "best", NULL);
	say(w, "a reaction", lobby, REC_REACT, mine, "", NULL);
	say(w, "a delete", lobby, REC_DELETE, mine, "", NULL);
	say(w, "a topic", lobby, REC_TOPIC, "", "all", NULL);
	stream(w, "a stream", lobby, LEDGER_SEND, REC_AI_START, "s1");
	stream(w, "another", lobby, LEDGER_SEND, REC_AI_START, "s2");
	stream(w, "a checkpoint", lobby, LEDGER_CHECKPOINT, REC_MSG, "s1");
	stream(w, "an end", lobby, LEDGER_SEND, REC_AI_END, "s1");
	stream(w, "an abort", lobby, LEDGER_ABORT, REC_MSG, "s2");
	op = world_op(w, LEDGER_MARK, "bob");
	op.conv = lobby;
	op.epoch = world_head(w, "bob", lobby).epoch;
	op.seq = 7;
	torture_op(w, "a mark", &op);
	op.seq = 9;
	torture_op(w, "a mark within the second", &op);
	op.now += 2000;
	op.seq = 1;
	torture_op(w, "what is told late", &op);
	op = world_op(w, LEDGER_MINT, "");
	op.conv = lobby;
	op.epoch = world_head(w, "bob", lobby).epoch;
	torture_op(w, "a new epoch", &op);
	op = world_op(w, LEDGER_TRIM, "");
	op.ts = w->now + 1;
	torture_op(w, "retention", &op);
	assert_sound(w);
}

static void
rooms_and_members(void **state)
{
	struct world *w = *state;
	struct ledger_op op = world_op(w, LEDGER_CREATE, "ann");
	char room[CONV_ID_MAX + 1], id[37];

	op.name = "#build";
	torture(w, w->l->db, "create", try_op, &op);
	/* the second of its two ways to succeed found it made */
	assert_int_equal(op.out.code, CODE_EXISTS);
	world_room(w, "#build", room);
	act(w, "invite", LEDGER_INVITE, "ann", room, "bob", "");
	act(w, "join", LEDGER_JOIN, "bob", room, "", "");
	act(w, "role", LEDGER_ROLE, "ann", room, "bob", "owner");
	act(w, "back", LEDGER_ROLE, "ann", room, "bob", "member");
	act(w, "leave", LEDGER_LEAVE, "ann", room, "", "");
	act(w, "join", LEDGER_INVITE, "bob", room, "eve", "");
	act(w, "join", LEDGER_JOIN, "eve", room, "", "");
	op = world_op(w, LEDGER_KICK, "bob");
	op.conv = room;
	op.other = "eve";
	torture(w, w->l->db, "kick", try_op, &op);
	assert_int_equal(op.out.code, CODE_NOT_FOUND);
	act(w, "direct", LEDGER_DIRECT, "ann", "", "bob", "");
	op = world_op(w, LEDGER_DIRECT, "bob");
	op.other = "ann";
	assert_true(world_do(w, &op));
	str_copy(room, sizeof room, op.out.conv);
	say(w, "a direct message", room, REC_MSG, "", "psst", id);
	act(w, "a new user", LEDGER_USER, "joe", "", "", "");
	assert_sound(w);
}

/* ---- administration ---- */

static bool
try_add(struct world *w, void *arg, struct err *err)
{
	struct buf out;
	bool ok;

	buf_init(&out, 4096);
	/* there already: taken away first, so that there is something to do */
	ok = ledger_user_add(w->l, "new", "New", false, &out, err);
	if (!ok && err->kind == ERR_USAGE)
		ok = true;
	else if (!ok)
		assert_int_equal(out.n, 0);
	buf_done(&out);
	(void)arg;
	return ok;
}

static bool
try_token(struct world *w, void *arg, struct err *err)
{
	struct buf out;
	bool ok;

	(void)arg;
	buf_init(&out, 4096);
	ok = ledger_user_token(w->l, "new", &out, err);
	assert_int_equal(out.n, ok ? TOKEN_SIZE : 0);
	buf_done(&out);
	return ok;
}

static bool
try_lists(struct world *w, void *arg, struct err *err)
{
	struct buf out;
	bool ok;

	(void)arg;
	buf_init(&out, 4096);
	ok = ledger_user_list(w->l, &out, err) && ledger_room_list(w->l, &out, err);
	buf_done(&out);
	return ok;
}

static bool
try_revoke(struct world *w, void *arg, struct err *err)
{
	(void)arg;
	return ledger_user_revoke(w->l, "new", err);
}

static bool
try_remove(struct world *w, void *arg, struct err *err)
{
	(void)arg;
	return ledger_user_remove(w->l, "new", err) || err->kind == ERR_USAGE;
}

static void
people_and_their_tokens(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1];
	struct ledger_op op;

	torture(w, w->l->db, "add", try_add, NULL);
	torture(w, w->l->db, "token", try_token, NULL);
	torture(w, w->l->db, "lists", try_lists, NULL);
	torture(w, w->l->db, "revoke", try_revoke, NULL);
	op = world_send(w, "new", world_room(w, "#lobby", lobby), REC_AI_START,
			"{\"stream\":\"s\"}");
	op.body.stream = "s";
	assert_true(world_do(w, &op));
	op = world_op(w, LEDGER_DIRECT, "ann");
	op.other = "new";
	assert_true(world_do(w, &op));
	torture(w, w->l->db, "remove", try_remove, NULL);
	assert_sound(w);
}

/* ---- the reader ---- */

static bool
any_head(void *arg, const struct head *h)
{
	(void)arg, (void)h;
	return true;
}

static bool
any_member(void *arg, const char *user, const char *name, const char *role)
{
	(void)arg, (void)user, (void)name, (void)role;
	return true;
}

static bool
any_room(void *arg, const struct ledger_conv *c, const char *topic, int64_t members)
{
	(void)arg, (void)c, (void)topic, (void)members;
	return true;
}

static bool
any_stream(void *arg, const char *conv, const char *stream_id, const char *user,
		const char *device, const char *text, size_t n)
{
	(void)arg, (void)conv, (void)stream_id, (void)user, (void)device, (void)text, (void)n;
	return true;
}

static bool
try_pages(struct world *w, void *arg, struct err *err)
{
	struct ledger_page_query q = { .conv = arg, .hi = 99, .n = 3, .max_bytes = 4096,
		.with_cur = true, .refs_hi = 99 };
	struct buf out;
	int64_t lo, hi;
	size_t n;
	bool ok = true;

	buf_init(&out, 1 << 16);
	for (int i = 0; ok && i < 4; i++) {
		q.back = i & 1;
		q.only_ops = i & 2;
		buf_clear(&out);
		ok = ledger_page(w->r, &q, &out, &lo, &hi, &n, err);
	}
	buf_done(&out);
	return ok;
}

static bool
try_reads(struct world *w, void *arg, struct err *err)
{
	char since[32], role[8], id[37];
	struct ledger_conv c;
	int64_t from;
	bool known, admin;

	return ledger_conv(w->r, arg, &c, err) && ledger_conv_named(w->r, "#lobby", &c, err) &&
		ledger_role(w->r, arg, "ann", role, err) &&
		ledger_heads(w->r, "ann", "", any_head, NULL, since, err) &&
		ledger_id_at(w->r, arg, 1, id, err) &&
		ledger_skip_from(w->r, arg, 1, 1, &from, err) &&
		ledger_members(w->r, arg, "", any_member, NULL, err) &&
		ledger_rooms(w->r, "ann", "", any_room, NULL, err) &&
		ledger_open_streams(w->r, any_stream, NULL, err) &&
		ledger_stream_known(w->r, arg, "s", &known, err) &&
		ledger_user(w->r, "ann", &admin, err);
}

static bool
try_no_token(struct world *w, void *arg, struct err *err)
{
	char user[USER_MAX + 1];
	bool admin;

	(void)arg;
	assert_false(ledger_token_user(w->r, "none", user, &admin, err));
	return err->kind == ERR_NONE;
}

static void
whatever_is_read(void **state)
{
	struct world *w = *state;
	char lobby[CONV_ID_MAX + 1], id[37];
	struct ledger_op op;

	world_room(w, "#lobby", lobby);
	for (int i = 0; i < 5; i++)
		world_say(w, "ann", lobby, "x", id);
	op = world_send(w, "ann", lobby, REC_EDIT, "{\"text\":\"y\"}");
	op.ref = id;
	op.body.text = "y";
	op.body.text_n = 1;
	assert_true(world_do(w, &op));
	op = world_send(w, "ann", lobby, REC_AI_START, "{\"stream\":\"s\"}");
	op.body.stream = "s";
	assert_true(world_do(w, &op));
	torture(w, w->r->db, "pages", try_pages, lobby);
	torture(w, w->r->db, "reads", try_reads, lobby);
	torture(w, w->r->db, "token", try_no_token, NULL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(messages_and_what_follows_from_them),
		T(rooms_and_members),
		T(people_and_their_tokens),
		T(whatever_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
