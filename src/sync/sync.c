/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step: hand the input to whom it concerns, then let every part do what is due. */
#include "sync/sync.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sync/core.h"

#define FX_ROOM 512		/* effects that a step appends besides one a change stored */
#define CHANGES_ROOM 16
#define BYTES_ROOM 8192

struct sync *
sync_new(uint64_t seed)
{
	struct sync *s = xcalloc(1, sizeof *s);

	s->rng = seed;
	s->look = NONE;
	s->free_row = NONE;
	s->wake_at = -1;
	s->token = 1;
	s->next_tag = 1;
	s->limits = (struct sync_limits){ .body = 32768, .fetch = 200, .inflight = 32,
		.ping_s = 25 };
	batch_init(&s->batch[0]);
	batch_init(&s->batch[1]);
	s->gather = &s->batch[0];
	return s;
}

#ifdef SYNC_PLANTED
void
sync_plant(struct sync *s, enum planted bug)
{
	s->planted = bug;
}
#endif

void
sync_free(struct sync *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->convs.n; i++) {
		ranges_done(&s->convs.v[i].held);
		ranges_done(&s->convs.v[i].ops);
	}
	arr_done(&s->convs);
	arr_done(&s->subq);
	arr_done(&s->marks);
	arr_done(&s->rows);
	arr_done(&s->active);
	arr_done(&s->goals);
	free(s->by_id);
	free(s->by_name);
	free(s->by_cid);
	batch_done(&s->batch[0]);
	batch_done(&s->batch[1]);
	free(s);
}

void
sync_effects_done(struct sync_effects *fx)
{
	arr_done(fx);
}

struct sync_effect *
sync_fx(struct sync *s, enum sync_fx type)
{
	struct sync_effect *e;

	assert(s->fx->n < s->fx->cap);
	e = &s->fx->v[s->fx->n++];
	memset(e, 0, sizeof *e);
	e->type = type;
	return e;
}

void
sync_want(struct sync *s, int64_t at)
{
	if (s->want_at < 0 || at < s->want_at)
		s->want_at = at;
}

/* splitmix64 */
uint64_t
sync_random(struct sync *s)
{
	uint64_t z = s->rng += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* FNV-1a; the tables hold only what our own server and our own person named. */
uint64_t
sync_hash(const char *key)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * 0x100000001b3u;
	return h ^ h >> 29;
}

struct change *
sync_change(struct sync *s, enum change_type type, const char *conv)
{
	return batch_add(s->gather, type, conv);
}

bool
sync_is_up(const struct sync *s)
{
	return s->state == CONN_SYNC || s->state == CONN_LIVE;
}

/* Hash tables twice as large as what they index, so chains stay short. */
static void
table_grow(uint32_t **table, size_t *mask, size_t n)
{
	size_t size = *table != NULL ? *mask + 1 : 64;

	while (size < 2 * n)
		size *= 2;
	*table = xrealloc(*table, size * sizeof **table);
	memset(*table, 0xff, size * sizeof **table);
	*mask = size - 1;
}

static void
reserve_convs(struct sync *s, size_t k)
{
	size_t n = s->convs.n + k;

	arr_room(&s->convs, k);
	s->subq.v = arr_grow_(s->subq.v, n + 2, &s->subq.cap, sizeof *s->subq.v);
	s->marks.v = arr_grow_(s->marks.v, n + 1, &s->marks.cap, sizeof *s->marks.v);
	s->active.v = arr_grow_(s->active.v, n + 1, &s->active.cap, sizeof *s->active.v);
	if (s->by_id != NULL && s->mask + 1 >= n + n / 2)
		return;
	table_grow(&s->by_id, &s->mask, n);
	table_grow(&s->by_name, &s->mask, n);
	for (uint32_t i = 0; i < s->convs.n; i++) {
		struct conv *c = &s->convs.v[i];
		uint32_t *id = &s->by_id[sync_hash(c->id) & s->mask];
		uint32_t *name = &s->by_name[sync_hash(c->name) & s->mask];

		c->chain = *id;
		*id = i;
		c->name_chain = *name;
		*name = i;
	}
}

static void
reserve_rows(struct sync *s, size_t k)
{
	size_t n = s->rows.n + k;

	arr_room(&s->rows, k);
	if (s->by_cid != NULL && s->row_mask + 1 >= n + n / 2)
		return;
	table_grow(&s->by_cid, &s->row_mask, n);
	for (uint32_t i = 0; i < s->rows.n; i++) {
		struct row *r = &s->rows.v[i];
		uint32_t *slot;

		if (r->cid[0] == '\0')
			continue;
		slot = &s->by_cid[sync_hash(r->cid) & s->row_mask];
		r->chain = *slot;
		*slot = i;
	}
}

static size_t
heads_cost(const struct head *v, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += batch_cost(strlen(v[i].conv) + 1) * 2 + batch_cost(strlen(v[i].name) + 1)
			+ batch_cost(strlen(v[i].topic) + 1) + batch_cost(strlen(v[i].epoch) + 1)
			+ batch_cost(strlen(v[i].id) + 1);
	return sum;
}

static void
reserve_records(struct sync *s, const char *conv, const struct record *v, size_t n,
		size_t *changes, size_t *bytes)
{
	struct conv *c = conv_find(s, conv);

	if (c != NULL) {
		ranges_reserve(&c->held, 2);
		ranges_reserve(&c->ops, 2);
	}
	/* somebody may open conversations with us */
	if (c != NULL && c->kind == CONV_USER)
		reserve_convs(s, n);
	/* each may settle a row, be a read mark, or open or close a conversation */
	*changes += 2 * n + 2;
	*bytes += batch_records_cost(v, n) + n * 3 * batch_cost(POSITION_MAX + ID_SIZE + 1);
}

/* Coverage may grow, or the floor rise, past the records of acknowledged rows, which leave. */
static void
reserve_settling(const struct sync *s, size_t *changes, size_t *bytes)
{
	*changes += s->n_acked;
	*bytes += s->n_acked * (batch_cost(CONV_ID_MAX + 1) + batch_cost(ID_SIZE)
			+ batch_cost(1));
}

static void
reserve_wish(struct sync *s, const struct sync_input *in, size_t *changes, size_t *bytes)
{
	switch (in->type) {
	case IN_SEND:
		reserve_rows(s, 1);
		*changes += 1;
		*bytes += in->send.body_n + strlen(in->send.ref) + 512;
		break;
	case IN_RETRY:
		reserve_rows(s, 1);
		*changes += 2;
		*bytes += in->retry.body_n + 1024;
		break;
	case IN_DRAFT:
		*changes += 1;
		*bytes += strlen(in->draft.draft.text) + strlen(in->draft.draft.reply)
			+ strlen(in->draft.draft.edit) + 512;
		break;
	case IN_LOADED:
		reserve_convs(s, 1);
		reserve_rows(s, in->loaded->n_rows);
		break;
	case IN_JOINED:
		reserve_convs(s, 1);
		*changes += 2;
		*bytes += strlen(in->joined.name) + strlen(in->joined.topic) + 512;
		break;
	default:
		break;
	}
}

static void
reserve_upcall(struct sync *s, const struct sync_input *in, size_t *changes, size_t *bytes)
{
	switch (in->type) {
	case IN_WELCOME:
		reserve_convs(s, in->welcome.n_heads);
		*changes += 2 * in->welcome.n_heads + 8;
		*bytes += heads_cost(in->welcome.heads, in->welcome.n_heads) + 2048;
		break;
	case IN_HEADS:
		reserve_convs(s, in->heads.n_heads);
		*changes += 2 * in->heads.n_heads;
		*bytes += heads_cost(in->heads.heads, in->heads.n_heads);
		break;
	case IN_SUBBED:
		*changes += 2 * in->subbed.n;
		*bytes += in->subbed.n * 1024;
		arr_room(&s->goals, 2 * in->subbed.n);
		reserve_settling(s, changes, bytes);
		break;
	case IN_EVENTS:
		reserve_settling(s, changes, bytes);
		reserve_records(s, in->events.conv, in->events.v, in->events.n, changes, bytes);
		break;
	case IN_ERROR:
		reserve_settling(s, changes, bytes);
		break;
	case IN_PAGE:
		reserve_settling(s, changes, bytes);
		reserve_records(s, in->page.conv, in->page.v, in->page.n, changes, bytes);
		break;
	case IN_NACK:
		*bytes += strlen(in->nack.message);
		break;
	case IN_PONG:
		arr_room(&s->goals, in->pong.n);
		break;
	default:
		break;
	}
}

void
sync_reserve(struct sync *s, const struct sync_input *in, struct sync_effects *fx)
{
	size_t changes = CHANGES_ROOM, bytes = BYTES_ROOM;
	size_t ahead = s->n_queued < MARK_AHEAD ? s->n_queued : MARK_AHEAD;

	if (s->by_id == NULL)
		reserve_convs(s, 1);
	if (s->by_cid == NULL)
		reserve_rows(s, 1);
	arr_room(&s->goals, SYNC_FETCHES_MAX);
	reserve_wish(s, in, &changes, &bytes);
	reserve_upcall(s, in, &changes, &bytes);
	/* any step may end the connection, and rows under way are counted then */
	ahead += s->flying;
	changes += ahead;
	bytes += ahead * (batch_cost(CONV_ID_MAX + 1) + batch_cost(ID_SIZE) + 64);
	batch_reserve(s->gather, changes, bytes);
	fx->v = arr_grow_(fx->v, FX_ROOM + s->goals.cap + s->marks.cap
		+ (s->flight != NULL ? s->flight->n : 0), &fx->cap, sizeof *fx->v);
}

static void
step_timer(struct sync *s, const struct sync_input *in)
{
	(void)s;
	(void)in;
}

static void
step_alive(struct sync *s, const struct sync_input *in)
{
	s->rx += (int64_t)in->alive.bytes;
}

static void
step_stored(struct sync *s, const struct sync_input *in)
{
	assert(s->flight != NULL);
	if (!in->is_stored && !PLANTED(s, BUG_FAILURE_IS_STORED)) {
		sync_fx(s, FX_RELOAD);
		return;
	}
	s->stored = s->flight_token;
	s->credit_ok = s->flight_rx;
	for (size_t i = 0; i < s->flight->n; i++) {
		const struct change *ch = &s->flight->v[i];

		if (ch->type == CHANGE_REBASE)
			sync_fx(s, FX_LOAD)->load.conv = conv_find(s, ch->conv)->id;
	}
	s->flight = NULL;
}

/* One batch is being stored while the other one gathers. */
static void
commit_tick(struct sync *s)
{
	struct batch *other;

	if (s->flight != NULL || s->gather->n == 0)
		return;
	other = s->gather == &s->batch[0] ? &s->batch[1] : &s->batch[0];
	batch_clear(other);
	s->flight = s->gather;
	s->gather = other;
	s->flight_token = s->token++;
	s->flight_rx = s->rx;
	sync_fx(s, FX_COMMIT)->commit = s->flight;
}

static void
credit_tick(struct sync *s)
{
	if (!sync_is_up(s))
		return;
	if ((s->flight == NULL && s->gather->n == 0) || PLANTED(s, BUG_CREDIT_EARLY))
		s->credit_ok = s->rx;
	if (s->credit_ok - s->credited < CREDIT_STEP)
		return;
	s->credited = s->credit_ok;
	sync_fx(s, FX_CREDIT)->credit.bytes = s->credited;
}

static void
timer_tick(struct sync *s)
{
	if (s->want_at == s->wake_at)
		return;
	s->wake_at = s->want_at;
	sync_fx(s, FX_TIMER)->timer.at = s->wake_at;
}

/* In which states of the connection an upcall means anything. */
static bool
is_timely(const struct sync *s, enum sync_in type)
{
	switch (type) {
	case IN_UP:
		return s->state == CONN_DIAL;
	case IN_WELCOME:
		return s->state == CONN_HELLO;
	case IN_ERROR:
	case IN_BYE:
		return s->state == CONN_HELLO || sync_is_up(s);
	case IN_DOWN:
		return s->state == CONN_DIAL || s->state == CONN_HELLO || sync_is_up(s);
	default:
		return type < IN_UP || type > IN_DOWN || sync_is_up(s);
	}
}

void
sync_step(struct sync *s, const struct sync_input *in, struct sync_effects *fx)
{
	static void (*const take[IN_COUNT])(struct sync *, const struct sync_input *) = {
		[IN_ONLINE] = conn_online, [IN_WAKE] = conn_wake, [IN_TIMER] = step_timer,
		[IN_TOKEN] = conn_token, [IN_SEND] = outbox_send, [IN_DROP] = outbox_drop,
		[IN_RETRY] = outbox_retry, [IN_MARK] = conv_mark, [IN_DRAFT] = conv_draft,
		[IN_FETCH] = fetch_want, [IN_FETCH_CANCEL] = fetch_cancel,
		[IN_JOINED] = conv_joined, [IN_UP] = conn_up, [IN_WELCOME] = conn_welcome,
		[IN_HEADS] = conn_heads, [IN_SUBBED] = tail_subbed, [IN_EVENTS] = tail_events,
		[IN_PAGE] = fetch_page, [IN_ACK] = pump_ack, [IN_NACK] = pump_nack,
		[IN_UNKNOWN] = pump_unknown, [IN_ERROR] = conn_error, [IN_PONG] = conn_pong,
		[IN_BYE] = conn_bye, [IN_ALIVE] = step_alive, [IN_DOWN] = conn_down,
		[IN_STORED] = step_stored, [IN_LOADED] = load_loaded,
		[IN_DIVERGED] = tail_diverged,
	};

	s->fx = fx;
	fx->n = 0;
	s->now = in->now;
	s->wall = in->wall;
	s->want_at = -1;
	if (is_timely(s, in->type)) {
		if (in->type >= IN_UP && in->type < IN_DOWN)
			conn_alive(s);
		take[in->type](s, in);
	}
	conn_tick(s);
	tail_tick(s);
	fetch_tick(s);
	pump_tick(s);
	commit_tick(s);
	credit_tick(s);
	timer_tick(s);
}

const char *
sync_user(const struct sync *s)
{
	return s->user;
}

const char *
sync_device(const struct sync *s)
{
	return s->device;
}

const struct sync_limits *
sync_limits(const struct sync *s)
{
	return &s->limits;
}

bool
sync_is_caught_up(const struct sync *s)
{
	return s->state == CONN_LIVE && s->unready == 0 && s->goals.n == 0 && s->flight == NULL;
}

uint64_t
sync_gathering(const struct sync *s)
{
	return s->token;
}

uint64_t
sync_stored(const struct sync *s)
{
	return s->stored;
}

size_t
sync_gathering_bytes(const struct sync *s)
{
	return s->gather->bytes;
}

bool
sync_has_heads(const struct sync *s)
{
	return s->has_heads;
}
