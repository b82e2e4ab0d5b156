/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps of the sync core and their effects: towards the driver, the store and the clock. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "engine/account-impl.h"
#include "loop/loop.h"
#include "store/reader.h"
#include "store/state.h"
#include "store/writer.h"

#define MARKS_MAX 12			/* ids that a subscription carries */
#define RELOAD_MIN_MS 1000
#define RELOAD_MAX_MS 60000
#define MODULE "account"

/* --- connecting --- */

static void
defer_down(struct account *a, const struct err *err)
{
	a->has_down = true;
	a->down = *err;
}

/* The way is free, or it is not. */
static void
dial_go(void *arg, const struct err *err)
{
	struct dial *dial = arg;
	struct account *a = dial->a;
	struct sync_input in = { .type = IN_DOWN };
	struct err why = { 0 };

	free(dial);
	if (a == NULL)
		return;		/* nobody wants to connect any more */
	a->dial = NULL;
	if (err == NULL || err->kind == ERR_NONE) {
		if (a->driver->connect(a->link, a->token, &why))
			return;
		err = &why;
	}
	if (a->is_stepping) {
		defer_down(a, err);
		return;
	}
	in.down.why = err->msg;
	account_step(a, &in);
}

static void
do_dial(struct account *a)
{
	struct dial *dial = xcalloc(1, sizeof *dial);

	dial->a = a;
	a->dial = dial;
	if (a->before_dial != NULL)
		a->before_dial(a->before_dial_arg, dial_go, dial);
	else
		dial_go(dial, NULL);
}

static void
do_hangup(struct account *a, const struct sync_effect *e)
{
	if (a->dial != NULL)
		a->dial->a = NULL;
	a->dial = NULL;
	a->has_down = false;
	a->driver->hangup(a->link, e->hangup.code, e->hangup.why);
}

/* --- what the core asks the mirror for --- */

struct marks { struct position v[MARKS_MAX]; char id[MARKS_MAX][64]; size_t n; };

static void
add_mark(void *arg, int64_t seq, const char *id)
{
	struct marks *m = arg;

	if (m->n == MARKS_MAX || !str_copy(m->id[m->n], sizeof m->id[m->n], id))
		return;
	m->v[m->n] = (struct position){ seq, m->id[m->n] };
	m->n++;
}

static void
do_sub(struct account *a, const struct sync_subs *subs)
{
	struct marks *marks = xcalloc(SYNC_SUBS_MAX, sizeof *marks);
	struct driver_sub out[SYNC_SUBS_MAX];
	struct err err = { 0 };

	for (size_t i = 0; i < subs->n; i++) {
		const struct sync_sub *s = &subs->v[i];

		if (s->seq > 0 && !state_marks(a->reader, s->conv, s->seq, MARKS_MAX, add_mark,
				&marks[i], &err))
			log_put(a->env.log, LOG_WARN, MODULE, "account=%s marks=\"%s\"", a->name,
					err.msg);
		out[i] = (struct driver_sub){ .conv = s->conv, .epoch = s->epoch, .id = s->id,
			.seq = s->seq, .max = s->max, .marks = marks[i].v,
			.n_marks = marks[i].n };
	}
	a->driver->sub(a->link, subs->tag, out, subs->n);
	free(marks);
}

/* Conversations whose log forked, to be read back when the step is carried out. */
struct loads { struct { char conv[CONV_ID_MAX + 1]; } *v; size_t n, cap; };

struct sending { struct account *a; const struct sync_effect *e; bool is_there; };

static void
send_row(void *arg, const struct state_row *row)
{
	struct sending *s = arg;
	struct driver_send out = { .tag = s->e->send.tag, .conv = s->e->send.conv,
		.cid = s->e->send.cid, .ref = row->ref, .body = row->body, .body_n = row->body_n,
		.kind = row->kind, .lane = s->e->send.lane, .ttl = s->e->send.ttl };

	s->is_there = true;
	s->a->driver->send(s->a->link, &out);
}

static void
do_send(struct account *a, const struct sync_effect *e)
{
	struct sending s = { a, e, false };
	struct err err = { 0 };

	if (!state_row(a->reader, e->send.cid, send_row, &s, &err) || !s.is_there) {
		log_put(a->env.log, LOG_ERROR, MODULE, "account=%s cid=%s unreadable=\"%s\"",
				a->name, e->send.cid, err.msg);
		state_condemn(a->reader);
		a->wants_reload = true;
	}
}

static void step_once(struct account *a, struct sync_input *in, struct loads *loads);

static void
feed_loaded(void *arg, const struct saved_conv *c)
{
	struct sync_input in = { .type = IN_LOADED, .loaded = c };

	step_once(arg, &in, NULL);
}

static void
load_again(struct account *a, const struct loads *loads)
{
	struct err err = { 0 };

	for (size_t i = 0; i < loads->n; i++)
		if (!state_convs(a->reader, loads->v[i].conv, feed_loaded, a, &err)) {
			log_put(a->env.log, LOG_ERROR, MODULE, "account=%s load=\"%s\"", a->name,
					err.msg);
			state_condemn(a->reader);
			a->wants_reload = true;
		}
}

/* --- the clock --- */

static void
on_timer(void *arg)
{
	struct account *a = arg;
	struct sync_input in = { .type = IN_TIMER };

	a->timer = NULL;
	account_step(a, &in);
}

static void
do_timer(struct account *a, int64_t at)
{
	int64_t now = loop_now(a->env.loop);

	loop_timer_stop(a->timer);
	a->timer = at < 0 ? NULL
		: loop_timer_start(a->env.loop, at > now ? at - now : 0, on_timer, a);
}

/* --- effects --- */

void
account_link_event(struct account *a)
{
	struct event ev = { .type = EV_LINK, .account = a->name, .conv = "", .name = "" };

	ev.link.state = sync_link(a->sync);
	ev.link.why = sync_why(a->sync);
	ev.link.retry_ms = sync_retry_ms(a->sync);
	ev.link.latency_ms = a->n_latency > 0
		? a->latency[(a->n_latency - 1) % ACCOUNT_LATENCIES] : -1;
	ev.link.tls = strncmp(a->url, "wss:", 4) == 0;
	ev.link.user = sync_user(a->sync);
	ev.link.server = a->url;
	a->env.emit(a->env.emit_arg, &ev);
}

static void
do_link(struct account *a, const struct sync_effect *e)
{
	log_put(a->env.log, LOG_INFO, MODULE, "account=%s link=%s why=\"%s\" retry_ms=%lld",
			a->name, link_state_name(e->link.state), e->link.why,
			(long long)e->link.retry_ms);
	a->link_state = e->link.state;
	a->wants_unpark = true;
	account_link_event(a);
	account_link_changed(a);
}

static void
do_waiting(struct account *a, const struct sync_effect *e)
{
	account_tell_outbox(a, e->waiting.conv, e->waiting.cid, OUTBOX_QUEUED, 0, "", false,
			e->waiting.message, clock_wall_ms() + e->waiting.after);
}

static void
towards_server(struct account *a, const struct sync_effect *e)
{
	const struct driver *d = a->driver;

	switch (e->type) {
	case FX_DIAL:
		do_dial(a);
		break;
	case FX_HELLO:
		d->hello(a->link, e->hello.device, e->hello.since, e->hello.window);
		break;
	case FX_HANGUP:
		do_hangup(a, e);
		break;
	case FX_SUB:
		do_sub(a, e->subs);
		break;
	case FX_FETCH:
		d->fetch(a->link, e);
		break;
	case FX_SEND:
		do_send(a, e);
		break;
	case FX_MARK:
		d->mark(a->link, e->mark.conv, e->mark.epoch, e->mark.seq);
		break;
	case FX_CREDIT:
		d->credit(a->link, e->credit.bytes);
		break;
	default:
		d->ping(a->link, e->ping.x);
	}
}

static void
perform(struct account *a, const struct sync_effect *e)
{
	if (e->type <= FX_PING) {
		towards_server(a, e);
		return;
	}
	switch (e->type) {
	case FX_COMMIT:
		a->batch = e->commit;
		writer_commit(a->writer, e->commit);
		break;
	case FX_RELOAD:
		a->wants_reload = true;
		break;
	case FX_TIMER:
		do_timer(a, e->timer.at);
		break;
	case FX_LINK:
		do_link(a, e);
		break;
	case FX_ACKED:
		account_acked(a, e);
		break;
	case FX_WAITING:
		do_waiting(a, e);
		break;
	case FX_FETCHED:
		account_fetched(a, e);
		break;
	default:
		break;		/* FX_LOAD: when all the rest is carried out */
	}
}

/* --- a failed commit is a crash and a restart --- */

static void
online_again(void *arg)
{
	struct account *a = arg;
	struct sync_input in = { .type = IN_ONLINE, .online = a->is_online };

	a->again = NULL;
	if (a->writer == NULL) {
		a->wants_reload = true;
		account_after(a);
		return;
	}
	account_step(a, &in);
}

static void
pause_reload(struct account *a)
{
	a->reload_ms = a->reload_ms == 0 ? RELOAD_MIN_MS : a->reload_ms * 2;
	if (a->reload_ms > RELOAD_MAX_MS)
		a->reload_ms = RELOAD_MAX_MS;
	loop_timer_stop(a->again);
	a->again = loop_timer_start(a->env.loop, a->reload_ms, online_again, a);
}

static void
reload(struct account *a)
{
	struct sync_effect hangup = { .type = FX_HANGUP, .hangup = { 1000, "" } };
	struct err err = { 0 };

	a->wants_reload = false;
	do_hangup(a, &hangup);
	loop_timer_stop(a->timer);
	a->timer = NULL;
	account_fail_unstored(a);
	reader_close(a->reader);
	a->reader = NULL;
	writer_close(a->writer);
	a->writer = NULL;
	a->batch = NULL;
	if (!account_load(a, &err))
		log_put(a->env.log, LOG_ERROR, MODULE, "account=%s open=\"%s\"", a->name, err.msg);
	account_link_event(a);
	pause_reload(a);
}

void
account_after(struct account *a)
{
	bool has_heads = sync_has_heads(a->sync);

	if (a->wants_reload) {
		reload(a);
		return;
	}
	if (has_heads && !a->had_heads)
		a->wants_unpark = true;
	a->had_heads = has_heads;
	if (a->wants_unpark && a->n_parked > 0)
		account_unpark(a);
	account_stored_calls(a);
	account_fetch_after(a);
	if (a->has_down) {
		struct sync_input in = { .type = IN_DOWN, .down.why = a->down.msg };

		a->has_down = false;
		account_step(a, &in);
	}
}

/* loads NULL: the step cannot ask for any. */
static void
step_once(struct account *a, struct sync_input *in, struct loads *loads)
{
	assert(!a->is_stepping);
	in->now = loop_now(a->env.loop);
	in->wall = clock_wall_ms();
	sync_reserve(a->sync, in, &a->fx);
	a->is_stepping = true;
	sync_step(a->sync, in, &a->fx);
	for (size_t i = 0; i < a->fx.n; i++) {
		const struct sync_effect *e = &a->fx.v[i];

		if (e->type == FX_LOAD && loads != NULL)
			str_copy(arr_new(loads)->conv, CONV_ID_MAX + 1, e->load.conv);
		else
			perform(a, e);
	}
	a->is_stepping = false;
}

void
account_step(struct account *a, struct sync_input *in)
{
	struct loads loads = { 0 };

	if (a->writer == NULL)
		return;		/* the mirror could not be opened again, yet */
	step_once(a, in, &loads);
	load_again(a, &loads);
	arr_done(&loads);
	account_after(a);
}

/* --- the store's answer --- */

void
account_on_stored(void *arg)
{
	struct sync_input in = { .type = IN_STORED }, diverged = { .type = IN_DIVERGED };
	struct account *a = arg;
	struct writer_outcome out;

	if (a->writer == NULL || !writer_take(a->writer, &out))
		return;
	in.is_stored = out.result == WRITER_OK;
	if (in.is_stored) {
		a->reload_ms = 0;
		account_tell(a, a->batch);
	} else {
		log_put(a->env.log, LOG_ERROR, MODULE, "account=%s commit=\"%s\"", a->name,
				out.err.msg);
		a->store_err = out.err;
	}
	a->batch = NULL;
	account_step(a, &in);
	if (out.result != WRITER_DIVERGED || a->writer == NULL)
		return;
	diverged.diverged.conv = out.conv;
	diverged.diverged.seq = out.seq;
	account_step(a, &diverged);
}

void
account_on_up(void *arg, struct sync_input *in)
{
	struct account *a = arg;

	if (in->type == IN_WELCOME)
		a->skew_ms = in->welcome.time - clock_wall_ms();
	if (!a->is_closing && a->writer != NULL)
		account_step(a, in);
}

static void
load_one(void *arg, const struct saved_conv *c)
{
	struct account *a = arg;

	sync_load_conv(a->sync, c);
}

static bool
load_core(struct account *a, struct err *err)
{
	struct buf user, device, since, limit;
	bool ok;

	buf_init(&user, 256);
	buf_init(&device, 256);
	buf_init(&since, 256);
	buf_init(&limit, 32);
	ok = state_meta(a->reader, "user", &user, err)
		&& state_meta(a->reader, "device", &device, err)
		&& state_meta(a->reader, "since", &since, err)
		&& state_meta(a->reader, "body_limit", &limit, err);
	if (ok) {
		sync_load(a->sync, buf_str(&user), buf_str(&device), buf_str(&since),
				strtoll(buf_str(&limit), NULL, 10));
		ok = state_convs(a->reader, NULL, load_one, a, err);
	}
	buf_done(&user);
	buf_done(&device);
	buf_done(&since);
	buf_done(&limit);
	return ok;
}

/* A mirror that was set aside, or lost something, is no secret. */
static void
tell_mirror(struct account *a)
{
	struct event ev = { .type = EV_NOTICE, .account = a->name, .conv = "", .name = "" };
	const char *path = writer_path(a->writer);

	str_copy(a->notice, sizeof a->notice, writer_notice(a->writer));
	if (a->notice[0] != '\0') {
		log_put(a->env.log, LOG_ERROR, MODULE, "account=%s notice=\"%s\"", a->name,
				a->notice);
		ev.notice.level = 2;
		ev.notice.text = a->notice;
		a->env.emit(a->env.emit_arg, &ev);
	}
	if (a->mirror != NULL && strcmp(a->mirror, path) != 0) {
		ev.type = EV_MIRROR;
		ev.mirror.path = path;
		a->env.emit(a->env.emit_arg, &ev);
	}
	free(a->mirror);
	a->mirror = xstrdup(path);
}

static void
wake_stored(void *arg)
{
	loop_wake_send(arg);
}

/* *again: the mirror turned out to be damaged, and another attempt gets a new one. */
static bool
load_once(struct account *a, bool *again, struct err *err)
{
	uint64_t seed;

	random_bytes(&seed, sizeof seed);
	sync_free(a->sync);
	a->sync = sync_new(seed);
	sync_set_local(a->sync, strncmp(a->url, "unix:", 5) == 0);
	a->had_heads = *again = false;
	a->writer = writer_open(a->dir, wake_stored, a->stored, err);
	if (a->writer == NULL)
		return false;
	tell_mirror(a);
	a->reader = reader_open(a->dir, err);
	if (a->reader != NULL && load_core(a, err))
		return true;
	*again = a->reader != NULL && state_condemn(a->reader);
	reader_close(a->reader);
	a->reader = NULL;
	writer_close(a->writer);
	a->writer = NULL;
	return false;
}

bool
account_load(struct account *a, struct err *err)
{
	bool again;

	return load_once(a, &again, err) || (again && load_once(a, &again, err));
}
