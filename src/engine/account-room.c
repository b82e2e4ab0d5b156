/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VERB_ROOM, and what comes from the server without being kept: answers about rooms, typing,
 * presence, the text of running streams. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "base/mem.h"
#include "engine/account-impl.h"

#define ROOM_MS 30000		/* for an answer */
#define ROWS_MAX (1024 * 1024)	/* of a list: about 15,000 people */

static bool
is_act(const struct account_call *c, const char *act)
{
	return strcmp(c->act, act) == 0;
}

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

static bool
about_a_room_of_ours(const struct account_call *c)
{
	static const char *const acts[] = { "leave", "invite", "kick", "role", "members" };

	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (is_act(c, acts[i]))
			return true;
	return false;
}

static const char *
name_of(const struct request *rq)
{
	return rq->name != NULL ? rq->name : or_empty(rq->target);
}

void
account_room(struct account *a, struct account_call *c, const struct request *rq)
{
	struct driver_room room = { .act = or_empty(rq->act), .conv = "", .name = "",
		.topic = or_empty(rq->text), .user = or_empty(rq->user),
		.role = or_empty(rq->role), .after = "", .is_public = rq->is_public };
	struct sync_conv conv;
	bool later;

	str_copy(c->act, sizeof c->act, room.act);
	call_deadline(c, rq, ROOM_MS);
	if (!account_can_ask(a, c, rq, &later) || later)
		return;
	if (about_a_room_of_ours(c)) {
		if (account_resolve(a, c, rq, &conv) != RESOLVED)
			return;
		room.conv = conv.conv;
	} else if (is_act(c, "join") || is_act(c, "create")) {
		room.name = name_of(rq);
	} else if (is_act(c, "direct")) {
		if (room.user[0] == '\0')
			room.user = name_of(rq);
	}
	if (room.user[0] == '@')
		room.user++;
	str_copy(c->about, sizeof c->about, room.user[0] != '\0' ? room.user : room.name);
	c->tag = a->next_tag++;
	a->driver->room(a->link, c->tag, &room);
}

/* The call is parked and waits for the conversation with user to be made. */
void
account_direct(struct account *a, struct account_call *c, const char *user)
{
	struct driver_room room = { .act = "direct", .conv = "", .name = "", .topic = "",
		.user = user, .role = "", .after = "" };

	str_copy(c->act, sizeof c->act, "direct");
	str_copy(c->about, sizeof c->about, user);
	c->parked->tag = c->tag = a->next_tag++;
	call_deadline(c, &c->parked->rq, ROOM_MS);
	a->driver->room(a->link, c->tag, &room);
}

static void
joined(struct account *a, struct account_call *c, const struct aside *aside)
{
	struct sync_input in = { .type = IN_JOINED };
	char name[CONV_NAME_MAX + 2];

	name[0] = '@';
	str_copy(name + 1, sizeof name - 1, c->about);
	in.joined.conv = aside->conv;
	in.joined.topic = aside->room.topic;
	in.joined.kind = is_act(c, "direct") ? CONV_DIRECT : CONV_ROOM;
	if (in.joined.kind == CONV_DIRECT)
		in.joined.name = name;
	else
		in.joined.name = aside->room.name[0] != '\0' ? aside->room.name : c->about;
	str_copy(c->conv, sizeof c->conv, c->parked == NULL ? aside->conv : "");
	a->wants_unpark = true;
	if (c->conv[0] != '\0' && c->verb == VERB_ROOM)
		call_step(a, c, &in);	/* what is listed afterwards is in the mirror */
	else
		account_step(a, &in);
}

static void
left(struct account *a, const char *conv)
{
	struct sync_subbed gone = { .conv = conv, .epoch = "", .mode = SUBBED_GONE,
		.code = CODE_FORBIDDEN };
	struct sync_input in = { .type = IN_SUBBED, .subbed = { -1, &gone, 1 } };

	account_step(a, &in);
}

/* The name behind which the next page begins; false when rows name none. */
static bool
last_name(const struct account_call *c, const char *rows, size_t n, char *out, size_t size)
{
	json_t *all = json_strict(rows, n, NULL);
	const json_t *last = json_array_get(all, json_array_size(all) - 1);
	const char *name = json_str(last, is_act(c, "list") ? "name" : "user");
	bool ok = name != NULL && str_copy(out, size, name);

	json_decref(all);
	return ok;
}

/* One page of a list; the array grows until the last one is here. */
static void
take_rows(struct account *a, struct account_call *c, const struct aside *aside)
{
	size_t had = c->rows != NULL ? strlen(c->rows) : 0, n = aside->room.rows_n;
	struct driver_room room = { .act = c->act, .conv = c->conv, .name = "", .topic = "",
		.user = "", .role = "" };
	char after[CONV_NAME_MAX + 2];
	char *rows;

	if (had > 2 && n > 2)
		rows = xasprintf("%.*s,%.*s", (int)had - 1, c->rows, (int)n - 1,
				aside->room.rows + 1);
	else
		rows = xstrndup(had > 2 ? c->rows : aside->room.rows, had > 2 ? had : n);
	free(c->rows);
	c->rows = rows;
	if (!aside->room.more || !last_name(c, aside->room.rows, n, after, sizeof after)) {
		c->rows = NULL;
		call_json(c, rows);
	} else if (had + n > ROWS_MAX) {
		call_fail(c, ERR_FAIL, CODE_TOO_LARGE, _("the list has more than %d bytes"),
				ROWS_MAX);
	} else {
		room.after = after;
		c->tag = a->next_tag++;
		a->driver->room(a->link, c->tag, &room);
	}
}

static void
room_answered(struct account *a, const struct aside *aside)
{
	struct account_call *c = call_of_tag(a, aside->re);

	if (c == NULL)
		return;
	c->tag = 0;
	if (c->parked != NULL)
		c->parked->tag = 0;
	if (aside->conv[0] != '\0' && (is_act(c, "create") || is_act(c, "join")
			|| is_act(c, "direct"))) {
		joined(a, c, aside);
	} else if (is_act(c, "leave")) {
		left(a, c->conv);
		call_done(c);
	} else if (is_act(c, "list") || is_act(c, "members")) {
		take_rows(a, c, aside);
	} else {
		call_done(c);
	}
}

/* What no server would take is a mistake in the line that was typed. */
static enum err_kind
refusal_kind(const struct aside *aside)
{
	return aside->error.code == CODE_INVALID || aside->error.code == CODE_TOO_LARGE
		? ERR_USAGE : ERR_REFUSED;
}

static bool
about_a_person(const struct account_call *c)
{
	return is_act(c, "direct") || is_act(c, "invite") || is_act(c, "kick")
		|| is_act(c, "role");
}

static void
refused(struct account *a, const struct aside *aside)
{
	struct account_call *c = call_of_tag(a, aside->re);

	if (c == NULL || account_verify_refused(a, c, aside->error.code))
		return;
	if (c->verb == VERB_STREAM && aside->error.code == CODE_ENDED)
		call_done(c);	/* nothing more will come: its record has it all */
	else if (c->about[0] != '\0')
		call_fail(c, refusal_kind(aside), aside->error.code, "%s%s: %s",
				about_a_person(c) ? "@" : "", c->about, aside->error.message);
	else
		call_fail(c, refusal_kind(aside), aside->error.code, "%s", aside->error.message);
}

static void
answered(struct account *a, int64_t re)
{
	struct account_call *c = call_of_tag(a, re);

	if (c != NULL)
		call_done(c);
}

static void
told_delta(struct account *a, struct event *ev, const struct aside *aside)
{
	struct account_call *c = aside->re >= 0 ? call_of_tag(a, aside->re) : NULL;

	ev->type = EV_DELTA;
	ev->delta.from = aside->from;
	ev->delta.stream = aside->delta.stream;
	ev->delta.channel = aside->delta.channel;
	ev->delta.text = aside->delta.text;
	ev->delta.text_n = aside->delta.text_n;
	ev->delta.off = aside->delta.off;
	ev->delta.end = aside->delta.end;
	a->env.emit(a->env.emit_arg, ev);
	if (c != NULL && aside->delta.end)
		call_done(c);
}

void
account_on_aside(void *arg, const struct aside *aside)
{
	struct account *a = arg;
	struct event ev = { .account = a->name, .conv = aside->conv, .name = "" };
	struct sync_conv conv;

	if (a->is_closing || a->writer == NULL)
		return;
	if (aside->conv[0] != '\0' && sync_find(a->sync, aside->conv, &conv))
		ev.name = conv.name;
	switch (aside->type) {
	case ASIDE_TYPING:
		ev.type = EV_TYPING;
		ev.typing.from = aside->from;
		ev.typing.ttl_ms = aside->typing.ttl;
		a->env.emit(a->env.emit_arg, &ev);
		break;
	case ASIDE_PRESENCE:
		ev.type = EV_PRESENCE;
		ev.presence.from = aside->from;
		ev.presence.state = aside->presence.state;
		a->env.emit(a->env.emit_arg, &ev);
		break;
	case ASIDE_DELTA:
		told_delta(a, &ev, aside);
		break;
	case ASIDE_STOP:
		ev.type = EV_STOP;
		ev.stop.from = aside->from;
		ev.stop.stream = aside->stop.stream;
		a->env.emit(a->env.emit_arg, &ev);
		break;
	case ASIDE_ROOM:
		room_answered(a, aside);
		break;
	case ASIDE_PAGE:
		account_verify_page(a, aside);
		break;
	case ASIDE_OK:
		answered(a, aside->re);
		break;
	case ASIDE_ERROR:
		refused(a, aside);
		break;
	}
}

/* What was asked over the connection that is gone has no answer any more. */
void
account_room_link_lost(struct account *a)
{
	for (struct account_call *c = a->calls; c != NULL; c = c->next) {
		if (c->is_over || c->tag < TAG_ASIDE || account_fetch_lost(c))
			continue;
		c->tag = 0;
		if (c->parked != NULL)
			c->parked->tag = 0;	/* asked again over the next one */
		else
			call_fail(c, ERR_NETWORK, CODE_NONE, _("%s: the connection was lost"),
					a->name);
	}
}
