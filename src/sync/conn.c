/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connection: OFFLINE -> DIAL -> HELLO -> SYNC -> LIVE, BACKOFF after any failure, STOPPED
 * when trying again would be wrong; stonechat-protocol(7), section 5. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "model/code.h"
#include "sync/core.h"

#define INFLIGHT_MAX 256		/* whatever a server allows */
#define FETCH_MAX 1000
#define REFRESH_MS 10000		/* a new look at the heads at most so often */

static const enum link_state link_of[] = {
	[CONN_OFFLINE] = LINK_OFFLINE, [CONN_DIAL] = LINK_CONNECTING,
	[CONN_HELLO] = LINK_CONNECTING, [CONN_SYNC] = LINK_SYNCING, [CONN_LIVE] = LINK_ONLINE,
	[CONN_BACKOFF] = LINK_WAITING, [CONN_STOPPED] = LINK_STOPPED,
};

enum link_state
sync_link(const struct sync *s)
{
	return link_of[s->state];
}

const char *
sync_why(const struct sync *s)
{
	return s->why;
}

enum code
sync_why_code(const struct sync *s)
{
	return s->code;
}

int64_t
sync_retry_ms(const struct sync *s)
{
	return s->state == CONN_BACKOFF && s->until > s->now ? s->until - s->now : 0;
}

static void
conn_set(struct sync *s, enum conn_state state)
{
	struct sync_effect *e;
	bool is_news = link_of[s->state] != link_of[state];

	s->state = state;
	if (!is_news)
		return;
	e = sync_fx(s, FX_LINK);
	e->link.state = link_of[state];
	e->link.why = s->why;
	e->link.retry_ms = sync_retry_ms(s);
	e->link.code = s->code;
}

static void
conn_dial(struct sync *s)
{
	if (s->stored < s->dial_token)
		return;		/* conn_tick comes back when it is */
	s->until = 0;
	conn_set(s, CONN_DIAL);
	sync_fx(s, FX_DIAL);
}

/* Full jitter: anything between the least wait and a ceiling that doubles. */
static int64_t
backoff(struct sync *s)
{
	int64_t top = BACKOFF_MAX;

	if (s->attempts < 6)
		top = (int64_t)1000 << s->attempts++;
	if (s->is_local && top > BACKOFF_LOCAL)
		top = BACKOFF_LOCAL;
	return BACKOFF_MIN + (int64_t)(sync_random(s) % (uint64_t)(top - BACKOFF_MIN + 1));
}

/* What was under way over the connection is undecided now. */
static void
conn_forget(struct sync *s)
{
	tail_end(s);
	pump_end(s);
	fetch_end(s);
	s->ping_at = 0;
}

static void
conn_wait(struct sync *s, int64_t after)
{
	int64_t wait = backoff(s);

	if (s->bye_after > after)
		after = s->bye_after;
	s->bye_after = 0;
	s->until = s->now + (after > wait ? after : wait);
	conn_set(s, CONN_BACKOFF);
	fetch_fail_all(s, CODE_NONE, s->why[0] != '\0' ? s->why : _("not connected"));
}

void
conn_break(struct sync *s, int code, const char *why, int64_t after)
{
	struct sync_effect *e;

	str_copy(s->why, sizeof s->why, why);
	e = sync_fx(s, FX_HANGUP);
	e->hangup.code = code;
	e->hangup.why = s->why;
	conn_forget(s);
	conn_wait(s, after);
}

/* The same, but the next attempt follows at once. */
static void
conn_again(struct sync *s)
{
	int attempts = s->attempts;

	conn_break(s, 1000, "", 0);
	s->attempts = attempts;
	s->until = s->now;
}

void
conn_online(struct sync *s, const struct sync_input *in)
{
	s->is_wanted = in->online;
	if (in->online || s->state == CONN_OFFLINE)
		return;		/* conn_tick dials */
	if (s->state != CONN_BACKOFF && s->state != CONN_STOPPED) {
		sync_fx(s, FX_HANGUP)->hangup.code = 1000;
		conn_forget(s);
	}
	s->why[0] = '\0';
	s->code = CODE_NONE;
	s->attempts = 0;
	conn_set(s, CONN_OFFLINE);
	fetch_fail_all(s, CODE_NONE, _("offline"));
}

void
conn_wake(struct sync *s, const struct sync_input *in)
{
	(void)in;
	if (s->state == CONN_BACKOFF) {
		s->attempts = 0;
		s->until = s->now;
	} else if (sync_is_up(s)) {
		s->rx_at = s->now - SILENCE_MS + WAKE_MS;
		s->ping_at = 0;
		sync_fx(s, FX_PING)->ping.x = ++s->ping_x;
		s->ping_at = s->now;
	}
}

/* There is a new secret: what was refused may be tried again. */
void
conn_token(struct sync *s, const struct sync_input *in)
{
	(void)in;
	if (s->state != CONN_STOPPED)
		return;
	s->code = CODE_NONE;
	s->why[0] = '\0';
	conn_set(s, CONN_OFFLINE);
}

void
conn_up(struct sync *s, const struct sync_input *in)
{
	struct sync_effect *e;

	(void)in;
	s->rx = s->credited = s->credit_ok = s->flight_rx = 0;
	s->until = s->now + ANSWER_MS;
	conn_set(s, CONN_HELLO);
	e = sync_fx(s, FX_HELLO);
	e->hello.device = s->device;
	e->hello.since = s->since;
	e->hello.window = WINDOW;
}

static void
conn_meta(struct sync *s, const char *key, const char *value)
{
	struct change *ch = sync_change(s, CHANGE_META, "");

	ch->meta.key = batch_str(s->gather, key);
	ch->meta.value = batch_str(s->gather, value);
}

static int64_t
clamp(int64_t v, int64_t least, int64_t most)
{
	return v < least ? least : v > most ? most : v;
}

static void
conn_limits(struct sync *s, const struct sync_limits *l)
{
	char text[24];

	if (l->body != s->limits.body && l->body > 0) {
		snprintf(text, sizeof text, "%lld", (long long)l->body);
		conn_meta(s, "body_limit", text);
	}
	s->limits.body = clamp(l->body, 1, 1 << 20);
	s->limits.fetch = clamp(l->fetch, 1, FETCH_MAX);
	s->limits.inflight = clamp(l->inflight, 1, INFLIGHT_MAX);
	s->limits.ping_s = clamp(l->ping_s, 1, SILENCE_MS / 2000);
}

/* The heads are complete: subscribe. */
static void
conn_greeted(struct sync *s)
{
	if (s->next_since[0] != '\0' && strcmp(s->next_since, s->since) != 0) {
		str_copy(s->since, sizeof s->since, s->next_since);
		conn_meta(s, "since", s->since);
	}
	s->has_heads = true;
	tail_start(s);
}

static void
conn_stop(struct sync *s, enum code code, const char *why)
{
	s->code = code;
	str_copy(s->why, sizeof s->why, why);
	conn_set(s, CONN_STOPPED);
	fetch_fail_all(s, code, s->why);
}

void
conn_welcome(struct sync *s, const struct sync_input *in)
{
	if (s->user[0] != '\0' && strcmp(s->user, in->welcome.user) != 0) {
		char why[160];

		snprintf(why, sizeof why, _("the server knows us as %s, but this mirror is %s's"),
				in->welcome.user, s->user);
		sync_fx(s, FX_HANGUP)->hangup.code = 1000;
		conn_forget(s);
		conn_stop(s, CODE_AUTH, why);
		return;
	}
	if (s->user[0] == '\0') {
		if (str_copy(s->user, sizeof s->user, in->welcome.user))
			conn_meta(s, "user", s->user);
		else
			s->user[0] = '\0';
	}
	s->why[0] = '\0';
	s->code = CODE_NONE;
	s->caps = in->welcome.caps;
	conn_limits(s, &in->welcome.limits);
	s->until = 0;
	s->rx_at = s->progress_at = s->now;
	s->has_heads = s->wants_refresh = false;
	conn_set(s, CONN_SYNC);
	for (size_t i = 0; i < in->welcome.n_heads; i++)
		conv_head(s, &in->welcome.heads[i]);
	if (!str_copy(s->next_since, sizeof s->next_since, in->welcome.since))
		s->next_since[0] = '\0';
	if (!in->welcome.more)
		conn_greeted(s);
}

void
conn_heads(struct sync *s, const struct sync_input *in)
{
	for (size_t i = 0; i < in->heads.n_heads; i++)
		conv_head(s, &in->heads.heads[i]);
	if (in->heads.since[0] != '\0'
			&& !str_copy(s->next_since, sizeof s->next_since, in->heads.since))
		s->next_since[0] = '\0';
	if (!in->heads.more)
		conn_greeted(s);
}

void
conn_look_again(struct sync *s)
{
	s->wants_refresh = true;
	if (s->refresh_at < s->now + REFRESH_MS)
		s->refresh_at = s->now + REFRESH_MS;
}

void
conn_pong(struct sync *s, const struct sync_input *in)
{
	for (size_t i = 0; i < in->pong.n; i++) {
		if (conv_find(s, in->pong.heads[i].conv) != NULL)
			conv_pong_head(s, &in->pong.heads[i]);
		else if (s->convs.n < SYNC_CONVS_MAX)
			s->wants_refresh = true;
	}
}

void
conn_error(struct sync *s, const struct sync_input *in)
{
	if (in->error.re >= 0 && fetch_error(s, in->error.re, in->error.code, in->error.message))
		return;
	if (s->state == CONN_HELLO) {
		/* auth, version: the close that follows says whether to try again */
		s->code = in->error.code;
		str_copy(s->why, sizeof s->why, in->error.message);
		return;
	}
	if (in->error.re >= 0 && s->subs_flying > 0)
		conn_break(s, 1000, in->error.message, 0);
}

void
conn_bye(struct sync *s, const struct sync_input *in)
{
	if (in->bye.after > 0)
		s->bye_after = clamp(in->bye.after, 0, BACKOFF_MAX);
}

static const char *
stop_reason(int code)
{
	switch (code) {
	case CLOSE_AUTH:
		return _("the server does not accept this account's token");
	case CLOSE_VERSION:
		return _("the server speaks no version of the protocol that we do");
	case CLOSE_REPLACED:
		return _("another connection of this installation took over");
	default:
		return _("the server closed the connection");
	}
}

void
conn_down(struct sync *s, const struct sync_input *in)
{
	bool is_final = in->down.code == CLOSE_AUTH || in->down.code == CLOSE_VERSION
		|| in->down.code == CLOSE_REPLACED;
	bool has_reason = s->state == CONN_HELLO && s->code != CODE_NONE;

	conn_forget(s);
	if (!has_reason)
		str_copy(s->why, sizeof s->why, in->down.why[0] != '\0' ? in->down.why
			: stop_reason(in->down.code));
	if (is_final) {
		char why[256];

		str_copy(why, sizeof why, has_reason ? s->why : stop_reason(in->down.code));
		conn_stop(s, in->down.code == CLOSE_AUTH ? CODE_AUTH
			: in->down.code == CLOSE_VERSION ? CODE_VERSION : CODE_CONFLICT, why);
		return;
	}
	s->code = CODE_NONE;
	conn_wait(s, 0);
}

void
conn_alive(struct sync *s)
{
	s->rx_at = s->now;
	s->ping_at = 0;
}

void
conn_new_device(struct sync *s)
{
	static const char digits[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	size_t n = 0;

	s->device[n++] = 'd';
	s->device[n++] = '_';
	for (; n < 14; n++)
		s->device[n] = digits[sync_random(s) % (sizeof digits - 1)];
	s->device[n] = '\0';
	conn_meta(s, "device", s->device);
	s->gather->is_own = true;
	s->dial_token = s->token;
	outbox_reset_lanes(s);
}

/* Something was asked of the server that it has not answered. */
static bool
is_owed(const struct sync *s)
{
	return s->unready > 0 || s->fetching > 0 || s->flying > 0;
}

/* Is it still there? */
static bool
tick_health(struct sync *s)
{
	int64_t quiet = s->limits.ping_s * 1000;

	if (s->now - s->rx_at >= SILENCE_MS) {
		conn_break(s, CLOSE_IDLE, _("the server fell silent"), 0);
		return false;
	}
	if (is_owed(s) && s->now - s->progress_at >= SILENCE_MS) {
		conn_break(s, CLOSE_IDLE, _("the server stopped answering"), 0);
		return false;
	}
	if (s->ping_at == 0 && s->now - s->rx_at >= quiet) {
		sync_fx(s, FX_PING)->ping.x = ++s->ping_x;
		s->ping_at = s->now;
	}
	sync_want(s, s->ping_at == 0 ? s->rx_at + quiet : s->rx_at + SILENCE_MS);
	if (is_owed(s))
		sync_want(s, s->progress_at + SILENCE_MS);
	return true;
}

/* There are conversations that we know no name of: the next welcome tells. */
static bool
tick_refresh(struct sync *s)
{
	if (!s->wants_refresh)
		return true;
	if (s->now < s->refresh_at || s->flying > 0) {
		sync_want(s, s->refresh_at > s->now ? s->refresh_at : s->now + REFRESH_MS);
		return true;
	}
	s->wants_refresh = false;
	s->refresh_at = s->now + REFRESH_MS;
	conn_again(s);
	return false;
}

static void
tick_up(struct sync *s)
{
	if (!tick_health(s) || !tick_refresh(s))
		return;
	if (s->state == CONN_SYNC && s->has_heads && s->unready == 0) {
		s->live_at = s->now;
		conn_set(s, CONN_LIVE);
	}
	if (s->state != CONN_LIVE || s->attempts == 0)
		return;
	if (s->now - s->live_at >= STEADY_MS)
		s->attempts = 0;
	else
		sync_want(s, s->live_at + STEADY_MS);
}

void
conn_tick(struct sync *s)
{
	if (s->device[0] == '\0' && s->is_wanted)
		conn_new_device(s);
	switch (s->state) {
	case CONN_OFFLINE:
		if (s->is_wanted)
			conn_dial(s);
		break;
	case CONN_HELLO:
		if (s->now >= s->until)
			conn_break(s, CLOSE_IDLE, _("the server does not answer the greeting"), 0);
		else
			sync_want(s, s->until);
		break;
	case CONN_SYNC:
	case CONN_LIVE:
		tick_up(s);
		break;
	default:
		break;
	}
	if (s->state != CONN_BACKOFF)
		return;
	if (s->now < s->until)
		sync_want(s, s->until);
	else
		conn_dial(s);
}
