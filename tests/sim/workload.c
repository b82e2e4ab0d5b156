/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people do: write, edit, delete, react, read, look back, take back. */
#include "sim/sim.h"

#include <stdio.h>
#include <string.h>

#define FETCHES 4	/* wishes for history that a person has at a time */

static struct promise *
promise(struct world *w, struct client *c, int conv)
{
	struct promise *p = arr_new(&w->promises);

	p->conv = conv;
	p->user = c->user;
	p->client = c->no;
	p->n = c->sent++;
	snprintf(p->cid, sizeof p->cid, "018f0000-%04x-7000-8000-%012x", (unsigned)c->no,
			(unsigned)p->n);
	return p;
}

static void
queue(struct world *w, struct client *c, int conv, const char *cid, enum record_kind kind,
		const char *ref, const char *body)
{
	struct sync_input in = { .type = IN_SEND };

	in.send.conv = sim_convs[conv];
	in.send.cid = cid;
	in.send.ref = ref;
	in.send.body = body;
	in.send.body_n = strlen(body);
	in.send.kind = kind;
	in.send.ttl_ms = dice_chance(&w->work, w->swarm.ttl)
		? 1 + (int64_t)dice_roll(&w->work, 10000) : 0;
	if (in.send.ttl_ms > 0)
		world_promise(w, cid)->may_go = true;
	client_step(w, c, &in);
}

static void
write_one(struct world *w, struct client *c, int conv)
{
	struct promise *p = promise(w, c, conv);
	char cid[ID_SIZE], body[BODY_MAX];

	p->is_poison = dice_chance(&w->work, w->swarm.poison);
	memcpy(cid, p->cid, sizeof cid);
	snprintf(body, sizeof body, "{\"%s\":\"%d %d\"}", p->is_poison ? "poison" : "text", c->no,
			p->n);
	queue(w, c, conv, cid, REC_MSG, "", body);
}

/* A message that this person sees in the conversation; NULL: none like that. */
static const struct ev *
pick(struct world *w, const struct client *c, int conv, bool own)
{
	const struct evs *evs = &c->mirror.convs[conv].evs;
	size_t at;

	if (evs->n == 0)
		return NULL;
	at = (size_t)dice_roll(&w->work, evs->n);
	for (size_t i = 0; i < evs->n; i++) {
		const struct ev *ev = &evs->v[(at + i) % evs->n];

		if (ev->kind == REC_MSG && (!own || ev->user == c->user))
			return ev;
	}
	return NULL;
}

/* The target may be gone by then: deleted, trimmed, or lost with what the server forgot. */
static void
change_one(struct world *w, struct client *c, int conv, enum record_kind kind)
{
	const struct ev *ev = pick(w, c, conv, kind != REC_REACT);
	char cid[ID_SIZE], ref[ID_SIZE], body[BODY_MAX] = "{}";
	struct promise *p;

	if (ev == NULL)
		return;
	if (kind == REC_DELETE)
		world_promise(w, ev->cid)->may_go = true;
	p = promise(w, c, conv);
	p->may_go = true;
	memcpy(cid, p->cid, sizeof cid);
	memcpy(ref, ev->id, sizeof ref);
	if (kind == REC_EDIT)
		snprintf(body, sizeof body, "{\"text\":\"e%d %d\"}", c->no, p->n);
	else if (kind == REC_REACT)
		snprintf(body, sizeof body, "{\"emoji\":\"%c\",\"on\":%s}",
				'a' + (int)dice_roll(&w->work, EMOJIS),
				dice_chance(&w->work, 700) ? "true" : "false");
	queue(w, c, conv, cid, kind, ref, body);
}

static void
change(struct world *w, struct client *c, int conv)
{
	static const enum record_kind kinds[] = { REC_EDIT, REC_EDIT, REC_DELETE, REC_REACT };

	change_one(w, c, conv, kinds[dice_roll(&w->work, sizeof kinds / sizeof *kinds)]);
}

static void
read_to(struct world *w, struct client *c, int conv)
{
	struct sync_input in = { .type = IN_MARK };
	int64_t head = c->mirror.convs[conv].head;

	if (head == 0)
		return;
	in.mark.conv = sim_convs[conv];
	in.mark.seq = 1 + (int64_t)dice_roll(&w->work, (uint64_t)head);
	client_step(w, c, &in);
}

/* Whatever comes of it; once connected, and in calm, every wish is answered. */
static void
look_back(struct world *w, struct client *c, int conv)
{
	struct sync_input in = { .type = IN_FETCH };
	int64_t head = c->mirror.convs[conv].head;

	if (c->n_wishes == FETCHES || head == 0)
		return;
	in.fetch.tag = ++c->wishes;
	in.fetch.conv = sim_convs[conv];
	in.fetch.lo = (int64_t)dice_roll(&w->work, (uint64_t)head);
	in.fetch.hi = in.fetch.lo + 1 + (int64_t)dice_roll(&w->work, (uint64_t)head);
	c->wish[c->n_wishes++] = (struct wish){ in.fetch.tag, conv, in.fetch.lo, in.fetch.hi };
	client_step(w, c, &in);
}

void
workload_fetched(struct world *w, struct client *c, int64_t tag, enum code code)
{
	for (size_t i = 0; i < c->n_wishes; i++) {
		const struct wish wish = c->wish[i];
		const struct mirror_conv *mc = &c->mirror.convs[wish.conv];
		int64_t lo, hi = wish.hi < mc->head ? wish.hi : mc->head;
		struct sync_conv now;

		if (wish.tag != tag || !sync_find(c->sync, sim_convs[wish.conv], &now))
			continue;
		lo = wish.lo > now.floor ? wish.lo : now.floor;
		c->wish[i] = c->wish[--c->n_wishes];
		if (code == CODE_NONE && w->stats.restores == 0 && lo < hi
				&& !ranges_cover(&mc->held, lo, hi))
			world_fail(w, "client %d is told that (%lld,%lld] of %s is there", c->no,
					(long long)lo, (long long)hi, sim_convs[wish.conv]);
		return;
	}
	world_fail(w, "client %d: wish %lld is answered twice", c->no, (long long)tag);
}

/* Takes back something that still waits. */
static void
take_back(struct world *w, struct client *c)
{
	struct sync_input in = { .type = IN_DROP };
	size_t n = c->mirror.rows.n;
	char cid[ID_SIZE];

	if (n == 0)
		return;
	memcpy(cid, c->mirror.rows.v[dice_roll(&w->work, n)].cid, sizeof cid);
	world_promise(w, cid)->may_go = true;
	in.drop.cid = cid;
	world_note(w, "client %d takes back %s", c->no, cid + 9);
	client_step(w, c, &in);
}

void
workload(struct world *w, struct client *c)
{
	int conv = (int)dice_roll(&w->work, (uint64_t)w->swarm.convs);
	struct sync_conv known;

	if (!c->is_up || !sync_find(c->sync, sim_convs[conv], &known))
		return;
	if (dice_chance(&w->work, w->swarm.marks))
		read_to(w, c, conv);
	else if (dice_chance(&w->work, w->swarm.changes))
		change(w, c, conv);
	else if (dice_chance(&w->work, 100))
		look_back(w, c, conv);
	else if (dice_chance(&w->work, 50))
		take_back(w, c);
	else
		write_one(w, c, conv);
}
