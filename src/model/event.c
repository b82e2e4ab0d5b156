/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the states that events tell of. */
#include "model/event.h"

#include <string.h>

#include "model/message.h"

static const char *const links[] = {
	[LINK_OFFLINE] = "offline",
	[LINK_CONNECTING] = "connecting",
	[LINK_SYNCING] = "syncing",
	[LINK_ONLINE] = "online",
	[LINK_WAITING] = "waiting",
	[LINK_STOPPED] = "stopped",
};

static const char *const outbox[] = {
	[OUTBOX_QUEUED] = "queued",
	[OUTBOX_SENT] = "sent",
	[OUTBOX_ACKED] = "acked",
	[OUTBOX_UNKNOWN] = "unknown",
	[OUTBOX_REFUSED] = "refused",
	[OUTBOX_EXPIRED] = "expired",
	[OUTBOX_DROPPED] = "dropped",
};

const char *
link_state_name(enum link_state s)
{
	return links[s];
}

bool
link_state_parse(const char *name, enum link_state *s)
{
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		if (strcmp(links[i], name) == 0) {
			*s = i;
			return true;
		}
	}
	return false;
}

const char *
outbox_state_name(enum outbox_state s)
{
	return outbox[s];
}

bool
outbox_state_parse(const char *name, enum outbox_state *s)
{
	for (size_t i = 0; i < sizeof outbox / sizeof *outbox; i++) {
		if (strcmp(outbox[i], name) == 0) {
			*s = i;
			return true;
		}
	}
	return false;
}

struct event
event_of_conv(const char *account, const struct conv_row *c)
{
	struct event ev = { .type = EV_CONV, .account = account, .conv = c->conv,
		.name = c->name };

	ev.convs.kind = c->kind;
	ev.convs.topic = c->topic;
	ev.convs.epoch = c->epoch;
	ev.convs.head = c->head;
	ev.convs.top = c->top;
	ev.convs.floor = c->floor;
	ev.convs.read = c->read;
	ev.convs.unread = c->unread;
	ev.convs.mentions = c->mentions;
	ev.convs.closed = c->closed;
	return ev;
}
