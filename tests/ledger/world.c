/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ledger in a folder of its own. */
#include "ledger/world.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"

void
world_open(struct world *w)
{
	struct err err = { 0 };

	w->l = ledger_open(w->dir, &w->limits, "#lobby", &err);
	if (!w->l)
		fail_msg("%s", err.msg);
	w->r = ledger_reader_open(w->dir, &err);
	if (!w->r)
		fail_msg("%s", err.msg);
}

void
world_close(struct world *w)
{
	ledger_reader_close(w->r);
	ledger_close(w->l);
	w->r = NULL;
	w->l = NULL;
}

void
world_init(struct world *w)
{
	static const char *const users[] = { "ann", "bob", "eve" };
	const char *tmp = getenv("TMPDIR");

	memset(w, 0, sizeof *w);
	snprintf(w->dir, sizeof w->dir, "%s/ledger-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
	assert_non_null(mkdtemp(w->dir));
	w->limits = (struct ledger_limits){ .rate = 20, .rate_window_s = 10, .body = 32768,
		.answer = 131072, .streams_per_user = 4 };
	w->now = 1793491200000;
	world_open(w);
	for (size_t i = 0; i < countof(users); i++) {
		struct ledger_op op = world_op(w, LEDGER_USER, users[i]);

		assert_true(world_do(w, &op));
	}
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void
world_done(struct world *w)
{
	ledger_changes_done(&w->changes);
	world_close(w);
	nftw(w->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int
world_setup(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);

	world_init(w);
	*state = w;
	return 0;
}

int
world_teardown(void **state)
{
	world_done(*state);
	free(*state);
	return 0;
}

struct ledger_op
world_op(struct world *w, enum ledger_act act, const char *user)
{
	struct ledger_op op = { .act = act, .user = user, .device = "d_1", .conv = "", .cid = "",
		.ref = "", .bad_why = "", .name = "", .topic = "", .other = "", .role = "",
		.epoch = "", .ttl = -1, .lane = -1, .now = w->now };

	return op;
}

bool
world_do(struct world *w, struct ledger_op *op)
{
	struct err err = { 0 };

	ledger_changes_done(&w->changes);
	if (!ledger_commit(w->l, op, 1, &w->changes, &err))
		fail_msg("%s", err.msg);
	return op->out.ok;
}

int64_t
world_lane(struct world *w, const char *user, const char *conv)
{
	char key[160];
	size_t i;

	snprintf(key, sizeof key, "%s %s", user, conv);
	for (i = 0; i < w->n_lanes && strcmp(w->lanes[i].key, key) != 0; i++)
		;
	if (i == w->n_lanes) {
		assert_true(w->n_lanes < WORLD_LANES);
		str_copy(w->lanes[w->n_lanes++].key, sizeof key, key);
	}
	return ++w->lanes[i].n;
}

struct ledger_op
world_send(struct world *w, const char *user, const char *conv, enum record_kind kind,
		const char *body)
{
	struct ledger_op op = world_op(w, LEDGER_SEND, user);

	id_new(w->cid);
	str_copy(w->body, sizeof w->body, body);
	op.conv = conv;
	op.cid = w->cid;
	op.kind = kind;
	op.lane = world_lane(w, user, conv);
	op.body.json = w->body;
	op.body.json_n = strlen(w->body);
	return op;
}

int64_t
world_say(struct world *w, const char *user, const char *conv, const char *text, char *id)
{
	struct ledger_op op = world_send(w, user, conv, REC_MSG, "");
	struct buf b;

	buf_init(&b, sizeof w->body - 1);
	assert_true(buf_adds(&b, "{\"text\":") && json_add_string(&b, text, strlen(text)) &&
			buf_addc(&b, '}'));
	str_copy(w->body, sizeof w->body, buf_str(&b));
	op.body.json_n = b.n;
	op.body.text = text;
	op.body.text_n = strlen(text);
	buf_done(&b);
	if (!world_do(w, &op))
		fail_msg("%s: %s", code_name(op.out.code), op.out.message);
	if (id)
		str_copy(id, ID_SIZE, op.out.id);
	return op.out.seq;
}

const char *
world_room(struct world *w, const char *name, char conv[CONV_ID_MAX + 1])
{
	struct ledger_conv c;
	struct err err = { 0 };

	if (!ledger_conv_named(w->r, name, &c, &err))
		fail_msg("no room %s %s", name, err.msg);
	str_copy(conv, CONV_ID_MAX + 1, c.conv);
	return conv;
}

void
world_page(struct world *w, const char *conv, int64_t lo, int64_t hi, bool with_cur,
		struct buf *out)
{
	struct ledger_page_query q = { .conv = conv, .lo = lo, .hi = hi, .n = 1000,
		.max_bytes = 1 << 20, .with_cur = with_cur };
	struct err err = { 0 };
	size_t count;

	if (!ledger_page(w->r, &q, out, &lo, &hi, &count, &err))
		fail_msg("%s", err.msg);
}

struct seek { const char *conv; struct world_head found; };

static bool
keep_head(void *arg, const struct head *h)
{
	struct seek *s = arg;

	if (strcmp(h->conv, s->conv) == 0) {
		s->found = (struct world_head){ .is_there = true, .seq = h->seq, .read = h->read,
			.unread = h->unread, .mentions = h->mentions };
		str_copy(s->found.name, sizeof s->found.name, h->name);
		str_copy(s->found.topic, sizeof s->found.topic, h->topic);
		str_copy(s->found.epoch, sizeof s->found.epoch, h->epoch);
	}
	return true;
}

struct world_head
world_head(struct world *w, const char *user, const char *conv)
{
	struct seek s = { .conv = conv };
	struct err err = { 0 };
	char since[32];

	if (!ledger_heads(w->r, user, "", keep_head, &s, since, &err))
		fail_msg("%s", err.msg);
	return s.found;
}
