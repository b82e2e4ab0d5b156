/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What edits, deletions and reactions make of a message: the server's fold, and the client's from
 * the last `cur` and what it holds above that. */
#include "sim/sim.h"

#include <stdio.h>
#include <string.h>

#include "model/peek.h"

static void
text_of(const char *body, char out[16])
{
	peek_name(body, strlen(body), "text", out, 16);
}

/* Who reacted: a bit a user, for each emoji. */
static void
react(unsigned votes[EMOJIS], const struct ev *op)
{
	char emoji[8];
	int k;

	if (!peek_name(op->body, strlen(op->body), "emoji", emoji, sizeof emoji))
		return;
	k = (emoji[0] - 'a') % EMOJIS;
	if (peek_bool(op->body, strlen(op->body), "on", true))
		votes[k] |= 1u << op->user;
	else
		votes[k] &= ~(1u << op->user);
}

static void
change(struct folded *f, const struct ev *op)
{
	if (op->kind == REC_DELETE) {
		f->is_deleted = true;
		f->text[0] = '\0';
	} else if (op->kind == REC_EDIT && !f->is_deleted) {
		text_of(op->body, f->text);
	}
}

/* It changed nothing, as the server said. */
static bool
is_same(const struct ev *op)
{
	return peek_bool(op->body, strlen(op->body), "same", false);
}

static bool
is_op(const struct ev *ev)
{
	return ev->kind == REC_EDIT || ev->kind == REC_DELETE || ev->kind == REC_REACT;
}

static int
count(unsigned bits)
{
	int n = 0;

	for (; bits != 0; bits &= bits - 1)
		n++;
	return n;
}

struct folded
fold_log(const struct evs *log, int64_t seq, int64_t head)
{
	const struct ev *ev = &log->v[seq - 1];
	struct folded f = { 0 };
	unsigned votes[EMOJIS] = { 0 };

	text_of(ev->body, f.text);
	for (size_t i = (size_t)seq; i < (size_t)head; i++) {
		const struct ev *op = &log->v[i];

		if (!is_op(op) || strcmp(op->ref, ev->id) != 0)
			continue;
		f.as_of = op->seq;
		if (op->kind == REC_REACT)
			react(votes, op);
		else
			change(&f, op);
	}
	for (int k = 0; k < EMOJIS; k++)
		f.reacts[k] = count(votes[k]);
	return f;
}

/* Of reactions above as_of the first of each person and emoji changed what `cur` counted. */
struct folded
fold_held(const struct mirror_conv *mc, const struct ev *ev)
{
	struct folded f = ev->cur;
	unsigned was[EMOJIS] = { 0 }, is[EMOJIS] = { 0 }, known[EMOJIS] = { 0 };

	if (f.as_of == 0)
		text_of(ev->body, f.text);
	for (size_t i = 0; i < mc->evs.n; i++) {
		const struct ev *op = &mc->evs.v[i];
		unsigned now[EMOJIS] = { ~0u, ~0u }, off[EMOJIS] = { 0 };

		if (!is_op(op) || strcmp(op->ref, ev->id) != 0)
			continue;
		if (op->kind != REC_REACT) {
			if (op->seq > f.as_of)
				change(&f, op);
			continue;
		}
		react(now, op);
		react(off, op);
		for (int k = 0; k < EMOJIS; k++) {
			unsigned bit = 1u << op->user;
			bool on = (off[k] & bit) != 0;

			if (!on && (now[k] & bit) != 0)
				continue;	/* another emoji */
			if (op->seq <= f.as_of)
				was[k] = on ? was[k] | bit : was[k] & ~bit;
			else if (!(known[k] & bit) && f.as_of > 0)
				was[k] = on != is_same(op) ? was[k] & ~bit : was[k] | bit;
			known[k] |= bit;
			is[k] = on ? is[k] | bit : is[k] & ~bit;
		}
	}
	for (int k = 0; k < EMOJIS; k++)
		f.reacts[k] += count(is[k]) - (f.as_of > 0 ? count(was[k]) : 0);
	return f;
}

bool
fold_reacted(const struct evs *log, const char *id, int user, const char *emoji)
{
	unsigned votes[EMOJIS] = { 0 };

	for (size_t i = 0; i < log->n; i++)
		if (log->v[i].kind == REC_REACT && log->v[i].user == user
				&& strcmp(log->v[i].ref, id) == 0)
			react(votes, &log->v[i]);
	return votes[(emoji[0] - 'a') % EMOJIS] != 0;
}

bool
fold_same(const struct folded *a, const struct folded *b)
{
	return a->is_deleted == b->is_deleted && strcmp(a->text, b->text) == 0
		&& memcmp(a->reacts, b->reacts, sizeof a->reacts) == 0;
}

void
fold_write(const struct folded *f, char out[128])
{
	snprintf(out, 128, "{\"as_of\":%d,\"text\":\"%s\",\"deleted\":%s,\"reacts\":"
			"{\"a\":%d,\"b\":%d}}", (int)f->as_of, f->text,
			f->is_deleted ? "true" : "false", (int)f->reacts[0], (int)f->reacts[1]);
}

void
fold_read(struct folded *f, const char *cur, size_t n)
{
	const char *reacts;
	size_t reacts_n;

	f->as_of = peek_int(cur, n, "as_of", 0);
	f->is_deleted = peek_bool(cur, n, "deleted", false);
	peek_name(cur, n, "text", f->text, sizeof f->text);
	if (!peek_raw(cur, n, "reacts", &reacts, &reacts_n))
		return;
	f->reacts[0] = peek_int(reacts, reacts_n, "a", 0);
	f->reacts[1] = peek_int(reacts, reacts_n, "b", 0);
}

void
fold_blank(struct evs *evs, const char *id)
{
	for (size_t i = 0; i < evs->n; i++) {
		struct ev *ev = &evs->v[i];

		if (strcmp(ev->id, id) == 0 || (ev->kind == REC_EDIT && strcmp(ev->ref, id) == 0))
			str_copy(ev->body, sizeof ev->body, "{}");
	}
}
