/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person's own log: what their other devices read, and which conversations they entered and
 * left, or were written to in. */
#include <string.h>

#include "base/mem.h"
#include "model/peek.h"
#include "sync/core.h"

static void
own_read(struct sync *s, const struct record *r, struct conv *c)
{
	char epoch[EPOCH_MAX + 1];

	if (c != NULL && peek_name(r->body, r->body_n, "epoch", epoch, sizeof epoch)
			&& strcmp(c->epoch, epoch) == 0)
		conv_read(s, c, peek_int(r->body, r->body_n, "seq", 0), false);
}

static void
own_member(struct sync *s, const struct record *r, struct conv *c)
{
	char user[USER_MAX + 1], act[16];

	if (!peek_name(r->body, r->body_n, "user", user, sizeof user)
			|| !peek_name(r->body, r->body_n, "do", act, sizeof act)
			|| strcmp(user, s->user) != 0)
		return;
	if (strcmp(act, "leave") == 0 || strcmp(act, "kick") == 0) {
		if (c != NULL)
			conv_close(s, c);
	} else if (strcmp(act, "join") == 0 && (c == NULL || c->state == CONV_CLOSED)
			&& strcmp(r->device, s->device) != 0) {
		s->wants_refresh = true;
	}
}

/* Somebody opened a conversation with us by writing into it. */
static void
own_notify(struct sync *s, const struct record *r, const char *conv, const struct conv *c)
{
	char level[16], name[CONV_NAME_MAX + 2] = "@";
	struct sync_input in = { .type = IN_JOINED };

	if (c != NULL)
		return;
	if (!peek_name(r->body, r->body_n, "level", level, sizeof level)
			|| strcmp(level, "direct") != 0
			|| !str_copy(name + 1, sizeof name - 1, r->from)) {
		s->wants_refresh = true;
		return;
	}
	in.joined.conv = conv;
	in.joined.name = name;
	in.joined.topic = "";
	in.joined.kind = CONV_DIRECT;
	conv_joined(s, &in);
}

void
own_record(struct sync *s, const struct record *r, bool is_live)
{
	char id[CONV_ID_MAX + 1];
	struct conv *c;

	if (!peek_name(r->body, r->body_n, "conv", id, sizeof id))
		return;
	c = conv_find(s, id);
	if (r->kind == REC_READ)
		own_read(s, r, c);
	else if (!is_live)
		return;		/* the heads tell how it is now */
	else if (r->kind == REC_MEMBER)
		own_member(s, r, c);
	else if (r->kind == REC_NOTIFY)
		own_notify(s, r, id, c);
}
