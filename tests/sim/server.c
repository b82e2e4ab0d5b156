/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server: facts from a ledger in memory, decided by the real rules, committed in groups. */
#include "sim/sim.h"

#include <stdio.h>
#include <string.h>

#include "ledger/decide.h"
#include "model/peek.h"

struct conn *
server_conn(struct world *w, int64_t no)
{
	for (size_t i = 0; i < w->server.conns.n; i++)
		if (w->server.conns.v[i].no == no)
			return &w->server.conns.v[i];
	return NULL;
}

static void
mint(struct server *s, int conv)
{
	snprintf(s->work.convs[conv].epoch, sizeof s->work.convs[conv].epoch, "e%llu",
			(unsigned long long)++s->epochs);
}

void
server_init(struct world *w)
{
	for (int k = 0; k < CONVS_MAX; k++)
		mint(&w->server, k);
	w->server.durable = w->server.work;
	w->server.is_up = true;
}

/* What is not durable never was. */
static void
roll_back(struct server *s)
{
	s->work = s->durable;
	for (int k = 0; k < CONVS_MAX; k++)
		s->logs[k].n = (size_t)s->durable.convs[k].seq;
	s->refused.n = s->durable.n_refused;
}

void
server_start(struct world *w)
{
	struct server *s = &w->server;

	for (int k = 0; k < CONVS_MAX; k++)
		s->durable.convs[k].is_minted = false;
	roll_back(s);
	s->is_up = true;
}

void
server_crash(struct world *w)
{
	struct server *s = &w->server;

	if (!s->is_up)
		return;
	w->stats.crashes++;
	world_note(w, "the server crashes");
	if (s->is_committing && dice_roll(&w->disk, 2))
		s->durable = s->work;
	s->is_up = s->is_committing = false;
	s->queue.n = s->flight.n = s->n_answers = 0;
	for (size_t i = 0; i < s->conns.n; i++) {
		struct happening *h;

		s->conns.v[i].is_replaced = true;
		if (!s->conns.v[i].is_open)
			continue;
		s->conns.v[i].is_open = false;
		h = world_plan(w, 1 + (int64_t)dice_roll(&w->net, 100), WHAT_DOWN);
		h->who = s->conns.v[i].client;
		h->conn = s->conns.v[i].no;
	}
	world_plan(w, 1 + (int64_t)dice_roll(&w->fault, 3000), WHAT_START_SERVER);
}

void
server_restore(struct world *w, bool with_command)
{
	struct server *s = &w->server;

	server_crash(w);
	w->stats.restores++;
	s->era++;
	world_note(w, "the server is restored%s", with_command ? " by command" : "");
	s->durable = s->backup;
	for (int k = 0; k < CONVS_MAX && with_command; k++) {
		mint(s, k);
		memcpy(s->durable.convs[k].epoch, s->work.convs[k].epoch, EPOCH_MAX + 1);
	}
}

const struct ev *
server_find(const struct world *w, int conv, int user, const char *cid)
{
	const struct evs *log = &w->server.logs[conv];

	for (size_t i = log->n; i > 0; i--)
		if (log->v[i - 1].user == user && strcmp(log->v[i - 1].cid, cid) == 0)
			return &log->v[i - 1];
	return NULL;
}

static struct lane *
lane_of(struct server *s, int user, int conv, const char *device)
{
	struct lane *l;

	for (size_t i = 0; i < s->work.n_lanes; i++) {
		l = &s->work.lanes[i];
		if (l->user == user && l->conv == conv && strcmp(l->device, device) == 0)
			return l;
	}
	l = &s->work.lanes[s->work.n_lanes++ % LANES_MAX];
	*l = (struct lane){ .user = user, .conv = conv };
	str_copy(l->device, sizeof l->device, device);
	return l;
}

/* A reaction that changes nothing says so, as the ledger writes it. */
static void
mark_same(const struct evs *log, struct ev *ev)
{
	size_t n = strlen(ev->body);
	char emoji[8];

	peek_name(ev->body, n, "emoji", emoji, sizeof emoji);
	if (fold_reacted(log, ev->ref, ev->user, emoji) == peek_bool(ev->body, n, "on", true))
		snprintf(ev->body + n - 1, sizeof ev->body - n + 1, ",\"same\":true}");
}

/* I2, I3 */
static void
append(struct world *w, const struct pending *p, const struct ledger_verdict *v, struct msg *ack)
{
	struct server *s = &w->server;
	struct evs *log = &s->logs[p->m.conv];
	struct ev ev = { .seq = v->seq, .ts = v->ts, .lane = p->m.lane, .user = p->user,
		.kind = p->m.kind };

	if (log->n > 0 && v->seq <= log->v[log->n - 1].seq)
		world_fail(w, "I1: %s: %lld after %lld", sim_convs[p->m.conv], (long long)v->seq,
				(long long)log->v[log->n - 1].seq);
	for (size_t i = 0; i < log->n; i++) {
		const struct ev *o = &log->v[i];

		if (o->user == p->user && strcmp(o->cid, p->m.cid) == 0)
			world_fail(w, "I2: %s is twice in %s", o->cid, sim_convs[p->m.conv]);
		if (p->m.lane > 0 && o->user == p->user && strcmp(o->device, p->m.device) == 0
				&& o->lane >= p->m.lane)
			world_fail(w, "I3: %s: lane %lld after %lld", p->m.device,
					(long long)p->m.lane, (long long)o->lane);
	}
	snprintf(ev.id, sizeof ev.id, "018e0000-0000-7000-8000-%012llx",
			(unsigned long long)++s->ids);
	str_copy(ev.cid, sizeof ev.cid, p->m.cid);
	str_copy(ev.device, sizeof ev.device, p->m.device);
	str_copy(ev.ref, sizeof ev.ref, p->m.ref);
	str_copy(ev.body, sizeof ev.body, p->m.body);
	if (p->m.kind == REC_REACT)
		mark_same(log, &ev);
	arr_push(log, ev);
	s->work.convs[p->m.conv].seq = v->seq;
	s->work.convs[p->m.conv].last_ts = v->ts;
	str_copy(ack->id, sizeof ack->id, ev.id);
}

/* What the rules need to know of the record that ref means. */
static void
find_target(const struct world *w, const struct pending *p, struct ledger_facts *f)
{
	const struct evs *log = &w->server.logs[p->m.conv];
	int64_t floor = w->server.work.convs[p->m.conv].floor;

	for (size_t i = (size_t)floor; i < log->n; i++) {
		struct folded now;

		if (strcmp(log->v[i].id, p->m.ref) != 0)
			continue;
		now = fold_log(log, log->v[i].seq, (int64_t)log->n);
		f->target.is_there = true;
		f->target.is_own = log->v[i].user == p->user;
		f->target.kind = log->v[i].kind;
		f->target.is_deleted = now.is_deleted;
		return;
	}
}

static void
decide(struct world *w, const struct pending *p, struct msg *a)
{
	struct server *s = &w->server;
	int k = p->m.conv;
	struct lane *lane = lane_of(s, p->user, k, p->m.device);
	const struct ev *known = server_find(w, k, p->user, p->m.cid);
	struct ledger_facts f = { .has_conv = true, .is_same = true, .kind = CONV_ROOM,
		.role = ROLE_MEMBER, .epoch = s->work.convs[k].epoch, .seq = s->work.convs[k].seq,
		.last_ts = s->work.convs[k].last_ts, .lane = lane->last, .body_max = 1000,
		.known_id = "", .known_why = "" };
	struct ledger_op op = { .act = LEDGER_SEND, .user = sim_users[p->user], .conv = "c",
		.device = p->m.device, .cid = p->m.cid, .ref = p->m.ref, .lane = p->m.lane,
		.ttl = p->m.ttl, .kind = p->m.kind, .epoch = "", .now = WALL + w->now };
	struct ledger_verdict v;
	char emoji[8];

	op.is_limited = true;
	if (!w->is_calm && dice_chance(&w->fault, w->swarm.busy))
		f.rate_after = 1 + (int64_t)dice_roll(&w->fault, 3000);
	find_target(w, p, &f);
	peek_name(p->m.body, strlen(p->m.body), "emoji", emoji, sizeof emoji);
	op.body.emoji = emoji;
	op.body.on = peek_bool(p->m.body, strlen(p->m.body), "on", true);
	op.body.text = op.body.json = p->m.body;
	op.body.text_n = op.body.json_n = strlen(p->m.body);
	op.bad = strstr(p->m.body, "poison") ? CODE_INVALID : CODE_NONE;
	op.bad_why = "";
	if (known != NULL && world_has(w, MUTANT_DEDUP_WINDOW)
			&& known->seq + 3 < s->work.convs[k].seq)
		known = NULL;
	if (known != NULL) {
		f.known = KNOWN_RECORD;
		f.known_id = known->id;
		f.known_seq = known->seq;
		f.known_ts = known->ts;
	}
	for (size_t i = 0; i < s->refused.n; i++)
		if (s->refused.v[i].conv == k && strcmp(s->refused.v[i].cid, p->m.cid) == 0) {
			f.known = KNOWN_REFUSAL;
			f.known_code = s->refused.v[i].code;
		}
	if (world_has(w, MUTANT_LANE_IGNORED))
		f.lane = p->m.lane - 1;
	ledger_decide(&f, &op, &v);
	*a = (struct msg){ .type = v.ok ? MSG_ACK : MSG_NACK, .re = p->m.re, .conv = k,
		.lo = v.seq - 1, .hi = v.seq, .dup = v.dup, .retry = v.retry, .code = v.code,
		.after = v.after, .expect = v.expect, .era = s->era };
	memcpy(a->cid, p->m.cid, sizeof a->cid);
	memcpy(a->epoch, s->work.convs[k].epoch, sizeof a->epoch);
	str_copy(a->id, sizeof a->id, v.id);
	world_note(w, "the server answers %s %lld: %s%s %lld", a->cid + 9, (long long)p->m.lane,
			v.ok ? "ok" : code_name(v.code), v.dup ? " dup" : "",
			(long long)(v.ok ? v.seq : v.expect));
	if (v.consumes)
		lane->last = p->m.lane;
	if (v.remembers) {
		struct refusal *r = arr_new(&s->refused);

		r->conv = k;
		r->code = v.code;
		memcpy(r->cid, p->m.cid, sizeof r->cid);
		s->work.n_refused = s->refused.n;
	}
	if (v.does)
		append(w, p, &v, a);
}

/* The user's other devices learn of a mark through the user's own log. */
static void
tell_own(struct world *w, const struct pending *p, int64_t seq)
{
	struct server *s = &w->server;
	struct pending note = { .user = p->user, .m = { .conv = ROOMS_MAX + p->user,
		.kind = REC_READ } };
	struct ledger_verdict v = { .seq = s->work.convs[note.m.conv].seq + 1,
		.ts = WALL + w->now };
	struct msg none;

	snprintf(note.m.cid, sizeof note.m.cid, "018d0000-0000-7000-8000-%012llx",
			(unsigned long long)s->ids);
	snprintf(note.m.body, sizeof note.m.body, "{\"conv\":\"%s\",\"epoch\":\"%s\","
			"\"seq\":%lld}", sim_convs[p->m.conv], s->work.convs[p->m.conv].epoch,
			(long long)seq);
	append(w, &note, &v, &none);
}

/* I11 */
static void
take_mark(struct world *w, const struct pending *p)
{
	struct ledger_state *st = &w->server.work;
	int64_t *read = &st->convs[p->m.conv].read[p->user];
	struct ledger_facts f = { .has_conv = true, .role = ROLE_MEMBER, .known_id = "",
		.known_why = "", .epoch = st->convs[p->m.conv].epoch,
		.seq = st->convs[p->m.conv].seq, .read = *read };
	struct ledger_op op = { .act = LEDGER_MARK, .epoch = p->m.epoch, .seq = p->m.hi };
	struct ledger_verdict v;

	ledger_decide(&f, &op, &v);
	if (!v.does && !world_has(w, MUTANT_MARK_GOES_BACK))
		return;
	if (v.seq < *read)
		world_fail(w, "I11: the mark of %s in %s goes back from %lld to %lld",
				sim_users[p->user], sim_convs[p->m.conv], (long long)*read,
				(long long)v.seq);
	w->server.has_mark = true;
	*read = v.seq;
	tell_own(w, p, v.seq);
}

/* ---- subscriptions ---- */

static bool
has(const struct world *w, int conv, int64_t seq, const char *id)
{
	if (seq <= 0 || seq > w->server.durable.convs[conv].seq)
		return false;
	return world_has(w, MUTANT_NO_ID_CHECK)
		|| strcmp(w->server.logs[conv].v[seq - 1].id, id) == 0;
}

static bool
is_evidence(struct world *w, const struct msg_sub *s)
{
	return *s->epoch && s->seq > w->server.work.convs[s->conv].floor
		&& strcmp(s->epoch, w->server.work.convs[s->conv].epoch) == 0
		&& !has(w, s->conv, s->seq, s->id);
}

/* A conversation that a client proves to have gone back gets a new epoch, once a start. */
static void
mint_on_evidence(struct world *w, const struct msg_sub *s)
{
	struct ledger_facts f = { .has_conv = true, .known_id = "", .known_why = "",
		.epoch = w->server.work.convs[s->conv].epoch,
		.is_minted = w->server.work.convs[s->conv].is_minted };
	struct ledger_op op = { .act = LEDGER_MINT, .epoch = s->epoch };
	struct ledger_verdict v;

	if (!is_evidence(w, s))
		return;
	ledger_decide(&f, &op, &v);
	if (!v.does)
		return;
	mint(&w->server, s->conv);
	w->server.work.convs[s->conv].is_minted = true;
}

void
server_trim(struct world *w, int conv)
{
	struct server *s = &w->server;
	int64_t floor = s->durable.convs[conv].floor;
	int64_t n = s->durable.convs[conv].seq - floor;

	if (!s->is_up || n < 2)
		return;
	floor += 1 + (int64_t)dice_roll(&w->fault, (uint64_t)n - 1);
	world_note(w, "the server trims %s up to %lld", sim_convs[conv], (long long)floor);
	s->work.convs[conv].floor = s->durable.convs[conv].floor = floor;
}

static void
judge(struct world *w, struct conn *c, struct msg_sub *s)
{
	const struct server *sv = &w->server;
	int64_t head = sv->durable.convs[s->conv].seq;
	const char *epoch = sv->durable.convs[s->conv].epoch;
	bool is_ours = strcmp(s->epoch, epoch) == 0 || (!*s->epoch && s->seq == 0);

	s->keep = -1;
	c->subs[s->conv].on = false;
	s->floor = sv->durable.convs[s->conv].floor;
	if (is_ours && (s->seq == 0 || (s->seq <= s->floor && s->seq <= head)
			|| has(w, s->conv, s->seq, s->id))) {
		s->mode = SUBBED_TAIL;
		s->from = s->seq > s->floor ? s->seq : s->floor;
		if (head - s->from > w->swarm.skip_above) {
			s->mode = SUBBED_SKIP;
			s->from = head - w->swarm.skip_above;
		}
		c->subs[s->conv].on = true;
		c->subs[s->conv].cursor = s->from;
		str_copy(c->subs[s->conv].epoch, EPOCH_MAX + 1, epoch);
	} else {
		s->mode = SUBBED_RESET;
		s->keep = has(w, s->conv, s->seq, s->id) ? s->seq : 0;
		for (size_t i = 0; i < s->n_marks; i++)
			if (s->marks[i].seq > s->keep
					&& has(w, s->conv, s->marks[i].seq, s->marks[i].id))
				s->keep = s->marks[i].seq;
	}
	s->seq = head;
	str_copy(s->epoch, sizeof s->epoch, epoch);
}

/* ---- commits ---- */

static void
commit(struct world *w)
{
	struct server *s = &w->server;

	if (s->is_committing || s->queue.n == 0)
		return;
	s->is_committing = true;
	for (size_t i = 0; i < s->queue.n && s->n_answers < PENDING_MAX; i++) {
		const struct pending *p = &s->queue.v[i];
		struct msg *a = &s->answers[s->n_answers].answer;

		if (p->m.type == MSG_MARK) {
			take_mark(w, p);
			continue;
		}
		s->answers[s->n_answers++].p = *p;
		if (p->m.type == MSG_SUB) {
			*a = p->m;
			for (size_t k = 0; k < a->n_subs; k++)
				mint_on_evidence(w, &a->subs[k]);
			continue;
		}
		decide(w, p, a);
		if (world_has(w, MUTANT_ACK_EARLY) && server_conn(w, p->conn))
			world_to_client(w, server_conn(w, p->conn), a);
	}
	s->queue.n = 0;
	world_plan(w, 1 + (int64_t)dice_roll(&w->disk, (uint64_t)w->swarm.disk), WHAT_COMMITTED)
		->life = s->start;
	for (size_t i = 0; world_has(w, MUTANT_PUSH_EARLY) && i < s->conns.n; i++)
		deliver_push(w, &s->conns.v[i]);
}

/* The disk is full: nothing of the batch is stored, and that is certain. */
static void
refuse_all(struct world *w)
{
	struct server *s = &w->server;

	world_note(w, "the server's commit fails");
	/* nobody answers a mark: it is repeated with the next one, or with the next welcome */
	s->has_lost_mark |= s->has_mark;
	s->has_mark = false;
	roll_back(s);
	for (size_t i = 0; i < s->n_answers; i++) {
		struct msg *a = &s->answers[i].answer;

		*a = (struct msg){ .re = s->answers[i].p.m.re, .code = CODE_BUSY, .retry = true,
			.type = a->type == MSG_SUB ? MSG_ERROR : MSG_NACK, .after = -1,
			.expect = -1, .conv = s->answers[i].p.m.conv };
		memcpy(a->cid, s->answers[i].p.m.cid, sizeof a->cid);
	}
}

void
server_committed(struct world *w)
{
	struct server *s = &w->server;

	s->is_committing = false;
	if (!w->is_calm && dice_chance(&w->disk, w->swarm.server_fails))
		refuse_all(w);
	s->has_mark = false;
	s->durable = s->work;
	for (size_t i = 0; i < s->n_answers; i++) {
		struct conn *c = server_conn(w, s->answers[i].p.conn);
		struct msg *a = &s->answers[i].answer;

		if (c == NULL || !c->is_open)
			continue;
		if (a->type == MSG_SUB) {
			a->type = MSG_SUBBED;
			for (size_t k = 0; k < a->n_subs; k++)
				judge(w, c, &a->subs[k]);
		}
		if (!world_has(w, MUTANT_ACK_EARLY) || a->type != MSG_ACK)
			world_to_client(w, c, a);
	}
	s->n_answers = 0;
	for (size_t i = 0; i < s->conns.n; i++)
		deliver_push(w, &s->conns.v[i]);
	commit(w);
}

/* A device has one connection: the newer one ends the older. */
static void
replace(struct world *w, struct conn *c, const char *device)
{
	str_copy(c->device, sizeof c->device, device);
	for (size_t i = 0; i < w->server.conns.n; i++) {
		struct conn *o = &w->server.conns.v[i];

		if (o != c && o->no < c->no && strcmp(o->device, device) == 0)
			o->is_open = !(o->is_replaced = true);
	}
}

void
server_take(struct world *w, struct conn *c, const struct msg *m)
{
	struct pending p = { .conn = c->no, .user = c->user, .m = *m };
	struct msg a = { .re = m->re };

	if (!w->server.is_up || c->is_replaced || (!c->is_open && m->type != MSG_SEND))
		return;
	switch (m->type) {
	case MSG_HELLO:
		replace(w, c, m->device);
		a.type = MSG_WELCOME;
		break;
	case MSG_PING:
		a.type = MSG_PONG;
		break;
	case MSG_FETCH:
		deliver_page(w, c, m);
		return;
	default:
		arr_push(&w->server.queue, p);
		commit(w);
		return;
	}
	for (int k = 0; k < CONVS_MAX; k++) {
		struct msg_sub *h = &a.subs[a.n_subs];

		if (!world_sees(w, c->user, k))
			continue;
		h->conv = k;
		h->seq = w->server.durable.convs[k].seq;
		h->floor = w->server.durable.convs[k].floor;
		h->read = w->server.durable.convs[k].read[c->user];
		memcpy(h->epoch, w->server.durable.convs[k].epoch, EPOCH_MAX + 1);
		a.n_subs++;
	}
	world_to_client(w, c, &a);
}

void
server_done(struct world *w)
{
	for (int k = 0; k < CONVS_MAX; k++)
		arr_done(&w->server.logs[k]);
	arr_done(&w->server.refused);
	arr_done(&w->server.conns);
	arr_done(&w->server.queue);
}
