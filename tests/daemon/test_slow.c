/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What takes half a minute by the protocol, all at once: a producer that does not come back, and
 * a user who is away. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "daemon/client.h"
#include "daemon/server.h"
#include "loop/loop.h"

#define GRACE_MS 30000

static void
turn_for(struct world *w, struct client *c, int64_t ms)
{
	int64_t end = server_now_ms() + ms;

	/* a sign of life now and then, as every client gives */
	for (int64_t ping = 0; server_now_ms() < end; ) {
		loop_once(w->loop, true);
		if (server_now_ms() - ping > 10000) {
			client_sync(c);
			ping = server_now_ms();
		}
	}
}

static void
thirty_seconds_gone_is_away_and_the_stream_ends_aborted(void **state)
{
	struct server *s = server_new();
	struct client *ann, *bob;
	const struct record *end = NULL;
	char token[64], conv[80];
	struct world w;
	enum code code;
	int64_t left;

	(void)state;
	server_run(s);
	assert_int_equal(server_admin(s, token, sizeof token, "user", "add", "bob", NULL), 0);
	world_open(&w);
	ann = client_local(&w, s, "d_a");
	bob = client_hello(&w, s->url[0], "d_b", token);
	snprintf(conv, sizeof conv, "%s", client_create(ann, "#ai", true));
	assert_true(client_room(bob, "join", conv, NULL, &code));
	client_sub(ann, conv, "", 0, "");
	client_say(bob, "{\"op\":\"send\",\"i\":5,\"conv\":\"%s\",\"cid\":\"%s\",\"lane\":1,"
			"\"kind\":\"ai.start\",\"ref\":null,\"body\":{\"stream\":\"st_b\","
			"\"model\":\"m\"}}", conv, client_cid(1));
	assert_int_equal(client_answer(bob, 5)->op, WIRE_ACK);
	client_say(bob, "{\"op\":\"delta\",\"conv\":\"%s\",\"stream\":\"st_b\","
			"\"channel\":\"text\",\"off\":0,\"text\":\"half an ans\"}", conv);
	client_sync(bob);
	client_cut(bob);
	left = server_now_ms();
	/* not yet */
	turn_for(&w, ann, GRACE_MS - 5000);
	while (client_has(ann, WIRE_PRESENCE))
		assert_string_equal(client_take(ann, WIRE_PRESENCE)->presence.state, "online");
	while (!end) {
		const struct frame *f = client_take(ann, WIRE_EVENTS);

		for (size_t i = 0; i < f->events.n_events; i++)
			if (f->events.events[i].kind == REC_AI_END)
				end = &f->events.events[i];
	}
	assert_true(server_now_ms() - left >= GRACE_MS - 100);
	assert_non_null(strstr(end->body, "\"aborted\""));
	assert_non_null(strstr(end->body, "half an ans"));
	assert_string_equal(client_take(ann, WIRE_PRESENCE)->presence.state, "offline");
	client_free(bob);
	client_free(ann);
	world_close(&w);
	server_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thirty_seconds_gone_is_away_and_the_stream_ends_aborted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
