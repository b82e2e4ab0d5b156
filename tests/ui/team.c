/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small team for tests of screens: its model is made from events only. */
#include "ui/team.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct message plain = {
	.id = "", .from = "", .cid = "", .ref = "", .kind = REC_MSG, .kind_name = "msg",
	.text = "", .reply = "", .body = "{}", .reacts = "{}",
};

void
team_link(struct model *m, const char *account, enum link_state state, const char *user)
{
	struct event ev = { .type = EV_LINK, .account = account, .conv = "", .name = "" };

	ev.link.state = state;
	ev.link.why = "";
	ev.link.latency_ms = state == LINK_ONLINE ? 42 : -1;
	ev.link.tls = state == LINK_ONLINE;
	ev.link.user = user;
	ev.link.server = "";
	model_apply(m, &ev);
}

void
team_conv(struct model *m, const char *account, const char *name, int64_t head, int64_t unread,
		int64_t mentions)
{
	struct event ev = { .type = EV_CONV, .account = account, .conv = name, .name = name };

	ev.convs.kind = *name == '#' ? CONV_ROOM : CONV_DIRECT;
	ev.convs.topic = strcmp(name, "#build-infra") == 0 ?
			"Release train and CI. Oncall: ann. Freeze from Dec 1" : "";
	ev.convs.epoch = "e1";
	ev.convs.head = ev.convs.top = head;
	ev.convs.read = head - unread;
	ev.convs.unread = unread;
	ev.convs.mentions = mentions;
	model_apply(m, &ev);
}

void
team_open(struct model *m, const char *account, const char *name, int64_t hi)
{
	struct event ev = { .type = EV_PAGE, .account = account, .conv = name, .name = name };

	ev.page.hi = hi;
	ev.page.anew = true;
	model_apply(m, &ev);
}

void
team_row(struct model *m, const struct message *msg)
{
	struct event ev = { .type = EV_ROW, .row = msg };

	model_apply(m, &ev);
}

void
team_say(struct model *m, int64_t seq, int64_t ts, const char *from, const char *text)
{
	struct message msg = plain;
	char id[32];

	snprintf(id, sizeof id, "id-%lld", (long long)seq);
	msg.seq = seq;
	msg.id = id;
	msg.ts = ts;
	msg.from = from;
	msg.text = text;
	msg.text_n = strlen(text);
	team_row(m, &msg);
}

void
team_gap(struct model *m, int64_t lo, int64_t hi)
{
	struct event ev = { .type = EV_GAP };

	ev.gap.lo = lo;
	ev.gap.hi = hi;
	model_apply(m, &ev);
}

void
team_close(struct model *m)
{
	struct event ev = { .type = EV_PAGE_END };

	ev.page_end.at_old = ev.page_end.at_new = true;
	model_apply(m, &ev);
}

void
team_wait(struct model *m, int64_t lane, const char *text, enum outbox_state state,
		const char *error)
{
	struct outbox_row o = {
		.cid = "c", .conv = "", .name = "", .body = "{}", .text = text, .ref = "",
		.error = error, .kind = REC_MSG, .state = state, .lane = lane, .tries = 2,
		.created_ms = AT(14, 31),
	};
	struct event ev = { .type = EV_PENDING };

	ev.pending = lane == 0 ? NULL : &o;
	model_apply(m, &ev);
}

static void
people_talk(struct model *m)
{
	struct message msg = plain;

	team_say(m, 18384, AT(13, 57) - 86400000, "ann", "see you tomorrow");
	team_say(m, 18385, AT(13, 58), "ann",
			"deploy of 4.2 is blocked, canary shows p99 at 900ms");
	msg.seq = 18386;
	msg.id = "id-18386";
	msg.ts = AT(14, 2);
	msg.from = "bob";
	msg.text = "rolled the cache flag back, watching";
	msg.text_n = strlen(msg.text);
	msg.reply = "id-18385";
	team_row(m, &msg);
	team_say(m, 18390, AT(14, 3), "bob", "still 850. https://ci.example.com/job/1423/console");
	team_gap(m, 18390, 18407);
	msg = plain;
	msg.seq = 18408;
	msg.id = "id-18408";
	msg.ts = AT(14, 20);
	msg.from = "ann";
	msg.text = "found it: connection pool is 5, should be 50";
	msg.text_n = strlen(msg.text);
	msg.edited = true;
	msg.reacts = "{\"👍\":3}";
	team_row(m, &msg);
	msg = plain;
	msg.seq = 18409;
	msg.id = "id-18409";
	msg.kind = REC_MEMBER;
	msg.ts = AT(14, 21);
	msg.from = "eve";
	msg.body = "{\"user\":\"eve\",\"name\":\"eve\",\"do\":\"join\"}";
	team_row(m, &msg);
	team_say(m, 18410, AT(14, 29), "ann", "@me can you summarise for the incident doc?");
	msg = plain;
	msg.seq = 18411;
	msg.id = "id-18411";
	msg.ts = AT(14, 30);
	msg.from = "eve";
	msg.deleted = true;
	team_row(m, &msg);
	team_say(m, 18412, AT(14, 30), "日本語の名前", "日本語と 👩‍👩‍👧‍👦 と e\u0301 が並ぶ");
}

void
team_init(struct model *m, struct ui *ui)
{
	model_init(m);
	model_tick(m, 1000);
	team_link(m, "acme", LINK_ONLINE, "me");
	team_link(m, "archive", LINK_OFFLINE, "me");
	team_conv(m, "acme", "#core", 10, 0, 0);
	team_conv(m, "acme", "#oncall", 10, 3, 1);
	team_conv(m, "acme", "#build-infra", 18412, 0, 0);
	team_conv(m, "acme", "#design", 0, 0, 0);
	team_conv(m, "acme", "#random", 12, 12, 0);
	team_conv(m, "acme", "@bob", 2, 0, 0);
	team_conv(m, "acme", "@ann", 2, 2, 2);
	team_conv(m, "archive", "#old-proj", 2, 0, 0);
	team_open(m, "acme", "#build-infra", 18412);
	people_talk(m);
	team_close(m);
	team_wait(m, 0, NULL, 0, NULL);
	team_wait(m, 58, "on it", OUTBOX_SENT, "");
	team_wait(m, 59, "see log", OUTBOX_REFUSED, "too large");
	model_count_outbox(m, 1, 1);
	ui_init(ui);
	ui->wall = AT(14, 31);
	ui->mono = 1000;
	ui->unread = (struct unread_line){ 18409, 3 };
}

void
team_type(struct ui *ui, const char *before, const char *after)
{
	char line[4096];

	snprintf(line, sizeof line, "%s%s", before, after);
	ui_input(ui, line, strlen(before), NULL);
}

void
team_sees(const struct model *m, struct ui *ui, int w, int h, const char *wanted)
{
	struct canvas c;
	char *got;

	ui->w = w;
	ui->h = h;
	canvas_init(&c, 1, 1);
	ui_draw(m, ui, &c);
	got = canvas_dump(&c);
	assert_in_range(c.caret_x, 0, w - 1);
	assert_in_range(c.caret_y, 0, h - 1);
	canvas_done(&c);
	assert_string_equal(got, wanted + 1);
	free(got);
}
