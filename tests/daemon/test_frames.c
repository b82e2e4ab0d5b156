/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames as they lie on the wire: RFC 6455 and stonechat-protocol(7), section 2, by a client that
 * says what it likes. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/raw.h"
#include "daemon/server.h"

#define HELLO "{\"op\":\"hello\",\"i\":1,\"versions\":[1],\"device\":\"d_raw\"}"

static int
set_up(void **state)
{
	struct server *s = server_new();

	server_run(s);
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	server_free(*state);
	return 0;
}

static int
greeted(struct server *s)
{
	int fd = raw_open(s, 0, "/v1");
	char text[4000] = "";

	raw_send(fd, RAW_TEXT, HELLO, strlen(HELLO));
	assert_true(raw_take(fd, text, sizeof text) > 0);
	assert_non_null(strstr(text, "\"welcome\""));
	return fd;
}

static void
an_empty_message_is_no_json(void **state)
{
	int fd = raw_open(*state, 0, "/v1");

	raw_send(fd, RAW_TEXT, "", 0);
	assert_int_equal(raw_end(fd, NULL, 0), 4400);
	fd = greeted(*state);
	raw_send(fd, RAW_TEXT, "", 0);
	assert_int_equal(raw_end(fd, NULL, 0), 4400);
	fd = greeted(*state);
	raw_send(fd, RAW_TEXT_PART, "", 0);
	raw_send(fd, RAW_LAST, "", 0);
	assert_int_equal(raw_end(fd, NULL, 0), 4400);
}

/* ---- one conversation, as text ---- */

struct talk { int fd; char conv[100], epoch[40]; char got[64 * 1024]; };

/* The first frame that holds the text, at the latest after 50 others. */
static const char *
await(struct talk *t, const char *text)
{
	for (int i = 0; i < 50; i++) {
		if (raw_take(t->fd, t->got, sizeof t->got) != RAW_TEXT)
			break;
		if (strstr(t->got, text))
			return t->got;
	}
	fail_msg("no frame with %s; the last was %s", text, t->got);
	return NULL;
}

static void
say(struct talk *t, const char *text)
{
	raw_send(t->fd, RAW_TEXT, text, strlen(text));
}

/* Sends a frame with i = 7 and wants the answer to hold a text. */
static void
ask(struct talk *t, const char *text, const char *want)
{
	say(t, text);
	if (!strstr(await(t, "\"re\":7,"), want))
		fail_msg("%s\ngave %s\nwithout %s", text, t->got, want);
}

/* The value of a string member in the frame in hand. */
static void
member(const struct talk *t, const char *name, char *out, size_t size)
{
	char key[40];
	const char *p;

	snprintf(key, sizeof key, "\"%s\":\"", name);
	p = strstr(t->got, key);
	assert_non_null(p);
	p += strlen(key);
	snprintf(out, size, "%.*s", (int)strcspn(p, "\""), p);
}

static void
enter(struct talk *t, struct server *s, const char *room)
{
	char text[200];

	t->fd = greeted(s);
	snprintf(text, sizeof text, "{\"op\":\"room\",\"i\":7,\"do\":\"create\",\"name\":\"%s\"}",
			room);
	ask(t, text, "\"room\"");
	member(t, "conv", t->conv, sizeof t->conv);
	snprintf(text, sizeof text, "{\"op\":\"sub\",\"i\":7,\"subs\":[{\"conv\":\"%s\","
			"\"seq\":0}]}", t->conv);
	ask(t, text, "\"tail\"");
	member(t, "epoch", t->epoch, sizeof t->epoch);
}

/* A send of that lane and cid number, with the rest of the frame as text. */
static void
post(struct talk *t, int lane, int cid, const char *rest, const char *want)
{
	char text[4000];

	snprintf(text, sizeof text, "{\"op\":\"send\",\"i\":7,\"conv\":\"%s\",\"lane\":%d,"
			"\"cid\":\"018f0000-0000-7000-8000-%012d\",%s}", t->conv, lane, cid, rest);
	ask(t, text, want);
}

#define MSG(text) "\"kind\":\"msg\",\"ref\":null,\"body\":{\"text\":\"" text "\"}"

static void
every_send_has_its_answer_and_uses_its_number_or_not(void **state)
{
	static struct talk t;
	char text[500];

	enter(&t, *state, "#sends");
	post(&t, 1, 1, MSG("one"), "\"dup\":false");
	post(&t, 9, 1, MSG("one"), "\"dup\":true");
	/* another body under the cid: for ever, and 2 is used */
	post(&t, 2, 1, MSG("other"), "\"conflict\"");
	post(&t, 4, 4, MSG("x"), "\"expect\":3");
	post(&t, 2, 4, MSG("x"), "\"lane\",");
	/* no text, a NUL, a kind that clients do not send: refused, and the number is used */
	post(&t, 3, 5, MSG(""), "\"invalid\"");
	post(&t, 4, 6, MSG("a\\u0000b"), "\"invalid\"");
	post(&t, 5, 7, "\"kind\":\"member\",\"ref\":null,\"body\":{}", "\"invalid\"");
	/* its time is over; asked so, what is known is told */
	post(&t, 6, 8, MSG("late") ",\"ttl\":0", "\"expired\"");
	post(&t, 7, 1, MSG("one") ",\"ttl\":0", "\"dup\":true");
	/* the known one used 7 as its turn had come */
	post(&t, 8, 9, MSG("two") ",\"ttl\":60000", "\"dup\":false");
	/* a cid in capitals cannot be read: error, and no number is used */
	snprintf(text, sizeof text, "{\"op\":\"send\",\"i\":7,\"conv\":\"%s\",\"lane\":9,\"cid\":"
			"\"018F0000-0000-7000-8000-000000000010\"," MSG("x") "}", t.conv);
	ask(&t, text, "\"op\":\"error\"");
	/* nor without a lane */
	snprintf(text, sizeof text, "{\"op\":\"send\",\"i\":7,\"conv\":\"%s\",\"cid\":"
			"\"018f0000-0000-7000-8000-000000000011\"," MSG("x") "}", t.conv);
	ask(&t, text, "\"op\":\"error\"");
	post(&t, 9, 12, MSG("three"), "\"dup\":false");
	close(t.fd);
}

static void
what_is_done_to_messages_has_its_rules(void **state)
{
	static struct talk t;
	char id[40], rest[400];
	static const struct { const char *kind, *body, *want; } deeds[] = {
		{ "react", "{\"emoji\":\"ab\",\"on\":true}", "\"too_large\"" },
		{ "react", "{\"emoji\":\"👍\",\"on\":true}", "\"ack\"" },
		{ "edit", "{\"text\":\"better\"}", "\"ack\"" },
		{ "delete", "{}", "\"ack\"" },
		{ "delete", "{}", "\"ack\"" },
		{ "edit", "{\"text\":\"again\"}", "\"gone\"" },
	};

	enter(&t, *state, "#deeds");
	post(&t, 1, 21, MSG("first"), "\"ack\"");
	member(&t, "id", id, sizeof id);
	for (int i = 0; i < (int)countof(deeds); i++) {
		snprintf(rest, sizeof rest, "\"kind\":\"%s\",\"ref\":\"%s\",\"body\":%s",
				deeds[i].kind, id, deeds[i].body);
		post(&t, 2 + i, 22 + i, rest, deeds[i].want);
	}
	post(&t, 8, 30, "\"kind\":\"delete\",\"ref\":\"018f0000-0000-7000-8000-0000000000ff\","
			"\"body\":{}", "\"not_found\"");
	/* a late repeat of what was deleted */
	post(&t, 9, 21, MSG("first"), "\"dup\":true");
	close(t.fd);
}

static void
reading_has_its_limits(void **state)
{
	static struct talk t;
	char text[8000];
	size_t n;

	enter(&t, *state, "#reads");
	post(&t, 1, 41, MSG("one"), "\"ack\"");
	snprintf(text, sizeof text, "{\"op\":\"fetch\",\"i\":7,\"conv\":\"%s\",\"epoch\":\"%s\","
			"\"dir\":\"fwd\",\"lo\":5,\"hi\":4,\"n\":9}", t.conv, t.epoch);
	ask(&t, text, "\"invalid\"");
	snprintf(text, sizeof text, "{\"op\":\"fetch\",\"i\":7,\"conv\":\"%s\",\"epoch\":\"other\","
			"\"dir\":\"fwd\",\"lo\":0,\"hi\":4,\"n\":9}", t.conv);
	ask(&t, text, "\"epoch\",\"message\"");
	/* hi is cut to the head: the creation and one message */
	snprintf(text, sizeof text, "{\"op\":\"fetch\",\"i\":7,\"conv\":\"%s\",\"epoch\":\"%s\","
			"\"dir\":\"fwd\",\"lo\":0,\"hi\":9000,\"n\":9000}", t.conv, t.epoch);
	ask(&t, text, "\"lo\":0,\"hi\":2,");
	snprintf(text, sizeof text, "{\"op\":\"fetch\",\"i\":7,\"conv\":\"%s\",\"epoch\":\"%s\","
			"\"dir\":\"fwd\",\"lo\":0,\"hi\":2,\"n\":9,\"only\":\"ops\",\"refs\":[1,2]}",
			t.conv, t.epoch);
	ask(&t, text, "\"only\":\"ops\"");
	ask(&t, "{\"op\":\"sub\",\"i\":7,\"subs\":[{\"conv\":\"c_none\",\"seq\":0}]}", "\"gone\"");
	snprintf(text, sizeof text, "{\"op\":\"sub\",\"i\":7,\"subs\":[{\"conv\":\"%s\",\"seq\":0,"
			"\"max\":1001}]}", t.conv);
	ask(&t, text, "\"invalid\"");
	/* 65 subscriptions */
	n = (size_t)snprintf(text, sizeof text, "{\"op\":\"sub\",\"i\":7,\"subs\":[");
	for (int i = 0; i < 65; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s{\"conv\":\"%s\",\"seq\":0}",
				i ? "," : "", t.conv);
	snprintf(text + n, sizeof text - n, "]}");
	ask(&t, text, "\"error\"");
	/* 33 marks */
	n = (size_t)snprintf(text, sizeof text, "{\"op\":\"sub\",\"i\":7,\"subs\":[{"
			"\"conv\":\"%s\",\"epoch\":\"x\",\"seq\":1,\"id\":\"018f0000-0000-7000-8000-000000000001\","
			"\"marks\":[", t.conv);
	for (int i = 0; i < 33; i++)
		n += (size_t)snprintf(text + n, sizeof text - n,
				"%s[1,\"018f0000-0000-7000-8000-000000000001\"]", i ? "," : "");
	snprintf(text + n, sizeof text - n, "]}]}");
	ask(&t, text, "\"error\"");
	close(t.fd);
}

static void
rooms_have_their_rules(void **state)
{
	static struct talk t;

	enter(&t, *state, "#rules");
	ask(&t, "{\"op\":\"room\",\"i\":7,\"do\":\"create\",\"name\":\"#rules\"}", "\"exists\"");
	ask(&t, "{\"op\":\"room\",\"i\":7,\"do\":\"join\",\"name\":\"#rules\"}", "\"room\"");
	ask(&t, "{\"op\":\"room\",\"i\":7,\"do\":\"join\",\"name\":\"#none\"}", "\"not_found\"");
	ask(&t, "{\"op\":\"room\",\"i\":7,\"do\":\"create\",\"name\":\"#No Name\"}", "\"invalid\"");
	ask(&t, "{\"op\":\"room\",\"i\":7,\"do\":\"direct\",\"user\":\"nobody-here\"}",
			"\"not_found\"");
	ask(&t, "{\"op\":\"room\",\"i\":7,\"do\":\"members\",\"name\":\"#rules\"}",
			"\"role\":\"owner\"");
	ask(&t, "{\"op\":\"room\",\"i\":7,\"do\":\"list\"}", "\"members\":1");
	ask(&t, "{\"op\":\"stop\",\"i\":7,\"conv\":\"c_none\",\"stream\":\"st\"}", "\"error\"");
	close(t.fd);
}

static void
what_a_later_version_says_does_no_harm(void **state)
{
	static struct talk t;

	enter(&t, *state, "#later");
	say(&t, "{\"op\":\"ping\",\"x\":5,\"colour\":\"blue\",\"more\":{\"a\":[1]}}");
	await(&t, "\"x\":5");
	assert_non_null(strstr(t.got, t.conv));
	ask(&t, "{\"op\":\"dance\",\"i\":7}", "\"invalid\"");
	/* without i there is no re */
	say(&t, "{\"op\":\"dance\"}");
	await(&t, "\"invalid\"");
	assert_null(strstr(t.got, "\"re\""));
	/* marks and typing for what is not there, and credit that goes back: no answer, no harm */
	say(&t, "{\"op\":\"mark\",\"conv\":\"c_none\",\"epoch\":\"x\",\"seq\":3}");
	say(&t, "{\"op\":\"typing\",\"conv\":\"c_none\",\"ttl\":999999}");
	say(&t, "{\"op\":\"credit\",\"bytes\":0}");
	say(&t, "{\"op\":\"ping\",\"x\":6}");
	await(&t, "\"x\":6");
	close(t.fd);
}

static void
a_message_may_come_in_parts_with_a_ping_between(void **state)
{
	static struct talk t;

	t.fd = greeted(*state);
	raw_send(t.fd, RAW_TEXT_PART, "{\"op\":\"ping\"", 12);
	raw_send(t.fd, RAW_PING, "are you there", 13);
	raw_send(t.fd, RAW_MORE, ",\"x\"", 4);
	raw_send(t.fd, RAW_LAST, ":8}", 3);
	/* the pong may come before or after */
	for (int i = 0, pong = 0, answer = 0; !pong || !answer; i++) {
		int first = raw_take(t.fd, t.got, sizeof t.got);

		assert_true(first > 0 && i < 10);
		pong |= first == RAW_PONG && strcmp(t.got, "are you there") == 0;
		answer |= first == RAW_TEXT && strstr(t.got, "\"x\":8") != NULL;
	}
	close(t.fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_message_is_no_json),
		cmocka_unit_test(every_send_has_its_answer_and_uses_its_number_or_not),
		cmocka_unit_test(what_is_done_to_messages_has_its_rules),
		cmocka_unit_test(reading_has_its_limits),
		cmocka_unit_test(rooms_have_their_rules),
		cmocka_unit_test(what_a_later_version_says_does_no_harm),
		cmocka_unit_test(a_message_may_come_in_parts_with_a_ping_between),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
