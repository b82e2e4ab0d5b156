/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every member of every frame, taken away, made null and made something else: what must be there is
 * missed by name, what may be absent is not. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "wire/wire.h"

#define ID "018f3c00-0000-7000-8000-0000000000d4"
#define HEAD "{\"conv\":\"c\",\"name\":\"#c\",\"kind\":\"room\",\"topic\":\"t\",\"epoch\":\"e\"," \
	"\"seq\":1,\"id\":\"" ID "\",\"floor\":0,\"read\":1,\"unread\":0,\"mentions\":0}"
#define EVENT "{\"seq\":1,\"id\":\"" ID "\",\"kind\":\"msg\",\"from\":\"bob\",\"device\":\"d\"," \
	"\"cid\":\"" ID "\",\"ts\":1,\"ref\":\"" ID "\",\"body\":{},\"cur\":{}}"
#define SEND(kind, body) "{\"op\":\"send\",\"i\":1,\"conv\":\"c\",\"cid\":\"" ID "\",\"lane\":1," \
	"\"kind\":\"" kind "\",\"ref\":\"" ID "\",\"body\":" body ",\"ttl\":9}"

/* A frame with everything; may: the members that may be absent; null: those that may be null. A
 * path in both lists has a space around it. */
static const struct sample {
	enum wire_side side;
	const char *json, *may, *null;
} samples[] = {
	{ WIRE_CLIENT, "{\"op\":\"hello\",\"i\":1,\"versions\":[1],\"device\":\"d\","
		"\"agent\":\"a\",\"auth\":{\"token\":\"t\"},\"caps\":[\"c\"],\"since\":\"s\","
		"\"window\":65536}",
		" i agent auth auth.token caps since window ", " " },
	{ WIRE_SERVER, "{\"op\":\"welcome\",\"re\":1,\"version\":1,\"user\":\"ann\","
		"\"session\":\"s\",\"caps\":[\"c\"],\"now\":1,\"durability\":\"fsync\","
		"\"limits\":{\"frame\":1,"
		"\"body\":1,\"fetch\":1,\"inflight\":1,\"ping\":1},\"heads\":[" HEAD "],"
		"\"more\":false,\"since\":\"s\"}", " re caps since heads[0].topic ", " " },
	{ WIRE_CLIENT, "{\"op\":\"sub\",\"i\":1,\"subs\":[{\"conv\":\"c\",\"epoch\":\"e\","
		"\"seq\":0,\"id\":\"" ID "\",\"max\":9,\"marks\":[[1,\"" ID "\"]]}]}",
		" i subs[0].epoch subs[0].id subs[0].max subs[0].marks ", " " },
	{ WIRE_SERVER, "{\"op\":\"subbed\",\"re\":1,\"subs\":[{\"conv\":\"c\",\"mode\":\"tail\","
		"\"epoch\":\"e\",\"seq\":1,\"floor\":0}]}", " re ", " " },
	{ WIRE_SERVER, "{\"op\":\"subbed\",\"re\":1,\"subs\":[{\"conv\":\"c\",\"mode\":\"skip\","
		"\"from\":0,\"epoch\":\"e\",\"seq\":1,\"floor\":0}]}", " re ", " " },
	{ WIRE_SERVER, "{\"op\":\"subbed\",\"re\":1,\"subs\":[{\"conv\":\"c\",\"mode\":\"reset\","
		"\"epoch\":\"e\",\"keep\":1,\"floor\":0}]}", " re subs[0].keep ", " " },
	{ WIRE_SERVER, "{\"op\":\"subbed\",\"re\":1,\"subs\":[{\"conv\":\"c\",\"mode\":\"gone\","
		"\"code\":\"gone\"}]}", " re ", " " },
	{ WIRE_CLIENT, "{\"op\":\"unsub\",\"i\":1,\"convs\":[\"c\"]}", " i ", " " },
	{ WIRE_SERVER, "{\"op\":\"events\",\"conv\":\"c\",\"epoch\":\"e\",\"prev\":0,\"events\":["
		EVENT "]}", " events[0].ref events[0].cur ", " events[0].ref " },
	{ WIRE_CLIENT, "{\"op\":\"fetch\",\"i\":1,\"conv\":\"c\",\"epoch\":\"e\",\"dir\":\"fwd\","
		"\"lo\":0,\"hi\":1,\"n\":1,\"only\":\"ops\",\"refs\":[1,2]}", " i only ", " " },
	{ WIRE_SERVER, "{\"op\":\"page\",\"re\":1,\"conv\":\"c\",\"epoch\":\"e\",\"lo\":0,\"hi\":1,"
		"\"floor\":0,\"only\":\"ops\",\"events\":[" EVENT "]}",
		" re only events[0].ref events[0].cur ", " events[0].ref " },
	{ WIRE_CLIENT, SEND("msg", "{\"text\":\"yo\",\"reply\":\"" ID "\"}"),
		" i ref ttl body.reply ", " ref body.reply " },
	{ WIRE_CLIENT, SEND("edit", "{\"text\":\"yo\"}"), " i ttl ", " " },
	{ WIRE_CLIENT, SEND("delete", "{}"), " i ttl ", " " },
	{ WIRE_CLIENT, SEND("react", "{\"emoji\":\"x\",\"on\":true}"), " i ttl ", " " },
	{ WIRE_CLIENT, SEND("topic", "{\"text\":\"yo\"}"), " i ref ttl ", " ref " },
	{ WIRE_CLIENT, SEND("ai.start", "{\"stream\":\"s\",\"model\":\"m\",\"asked_by\":\"ann\","
		"\"question\":\"" ID "\"}"),
		" i ref ttl body.model body.asked_by body.question ", " ref body.question " },
	{ WIRE_CLIENT, SEND("ai.end", "{\"stream\":\"s\",\"status\":\"ok\",\"len\":1,"
		"\"text\":\"a\"}"),
		" i ref ttl body.text ", " ref " },
	{ WIRE_CLIENT, SEND("action", "{\"workflow\":\"w\",\"run\":\"r\",\"step\":\"s\","
		"\"state\":\"done\",\"text\":\"t\"}"),
		" i ref ttl body.workflow body.run body.step body.text ", " ref " },
	{ WIRE_SERVER, "{\"op\":\"ack\",\"re\":1,\"conv\":\"c\",\"epoch\":\"e\",\"cid\":\"" ID "\","
		"\"lane\":1,\"prev\":0,\"seq\":1,\"id\":\"" ID "\",\"ts\":1,\"dup\":true}",
		" re ", " " },
	{ WIRE_SERVER, "{\"op\":\"nack\",\"re\":1,\"cid\":\"" ID "\",\"lane\":1,\"code\":\"rate\","
		"\"message\":\"m\",\"retry\":true,\"after\":1,\"expect\":1}",
		" re after expect ", " " },
	{ WIRE_CLIENT, "{\"op\":\"mark\",\"i\":1,\"conv\":\"c\",\"epoch\":\"e\",\"seq\":1}",
		" i ", " " },
	{ WIRE_CLIENT, "{\"op\":\"typing\",\"conv\":\"c\",\"ttl\":1}", " ", " " },
	{ WIRE_SERVER, "{\"op\":\"typing\",\"conv\":\"c\",\"ttl\":1,\"from\":\"bob\"}", " ", " " },
	{ WIRE_SERVER, "{\"op\":\"presence\",\"from\":\"bob\",\"state\":\"away\",\"ttl\":1}",
		" ttl ", " " },
	{ WIRE_CLIENT, "{\"op\":\"delta\",\"conv\":\"c\",\"stream\":\"s\",\"channel\":\"text\","
		"\"off\":0,\"text\":\"t\"}", " ", " " },
	{ WIRE_SERVER, "{\"op\":\"delta\",\"re\":1,\"conv\":\"c\",\"stream\":\"s\","
		"\"channel\":\"text\",\"off\":0,\"text\":\"t\",\"from\":\"bob\",\"end\":true}",
		" re end ", " " },
	{ WIRE_CLIENT, "{\"op\":\"tail\",\"i\":1,\"conv\":\"c\",\"stream\":\"s\","
		"\"channel\":\"text\",\"off\":0}", " i ", " " },
	{ WIRE_CLIENT, "{\"op\":\"stop\",\"i\":1,\"conv\":\"c\",\"stream\":\"s\"}", " i ", " " },
	{ WIRE_SERVER, "{\"op\":\"stop\",\"conv\":\"c\",\"stream\":\"s\",\"from\":\"bob\"}",
		" ", " " },
	{ WIRE_SERVER, "{\"op\":\"ok\",\"re\":1}", " re ", " " },
	{ WIRE_SERVER, "{\"op\":\"heads\",\"heads\":[" HEAD "],\"more\":false,\"since\":\"s\"}",
		" heads[0].topic since ", " " },
	{ WIRE_CLIENT, "{\"op\":\"credit\",\"bytes\":1}", " ", " " },
	{ WIRE_SERVER, "{\"op\":\"lag\",\"conv\":\"c\",\"seq\":1}", " ", " " },
	{ WIRE_CLIENT, "{\"op\":\"ping\",\"x\":1}", " ", " " },
	{ WIRE_SERVER, "{\"op\":\"pong\",\"x\":1,\"heads\":[[\"c\",1,\"e\"]]}", " ", " " },
	{ WIRE_CLIENT, "{\"op\":\"room\",\"i\":1,\"do\":\"create\",\"name\":\"#c\",\"topic\":\"t\","
		"\"public\":true}", " i topic public ", " " },
	{ WIRE_CLIENT, "{\"op\":\"room\",\"i\":1,\"do\":\"role\",\"conv\":\"c\",\"user\":\"bob\","
		"\"role\":\"owner\"}", " i ", " " },
	{ WIRE_SERVER, "{\"op\":\"room\",\"re\":1,\"do\":\"list\",\"conv\":\"c\",\"rooms\":[{}]}",
		" re do conv rooms ", " " },
	{ WIRE_CLIENT, "{\"op\":\"room\",\"i\":1,\"do\":\"list\",\"after\":\"#c\"}",
		" i after ", " " },
	{ WIRE_SERVER, "{\"op\":\"room\",\"re\":1,\"do\":\"members\",\"members\":[{}],"
		"\"more\":true}", " re do members more ", " " },
	{ WIRE_SERVER, "{\"op\":\"error\",\"re\":1,\"code\":\"offset\",\"message\":\"m\","
		"\"expect\":1}", " re expect ", " " },
	{ WIRE_SERVER, "{\"op\":\"bye\",\"code\":\"restart\",\"after\":1}", " after ", " " },
};

static bool
is_in(const char *list, const char *path)
{
	char *word = xasprintf(" %s ", path);
	bool is = strstr(list, word) != NULL;

	free(word);
	return is;
}

/* The frame is refused, and what is said names the member. */
static void
expect_named(const struct sample *s, const char *json, const char *path)
{
	char *quoted = xasprintf("'%s'", path);
	enum wire_fault fault = WIRE_FINE;
	struct err err = { ERR_NONE, "" };
	const char *why = err.msg;
	int64_t i;
	struct frame *f = wire_decode(s->side, json, strlen(json), &fault, &i, &err);

	if (f) {
		if (f->op != WIRE_SEND || f->send.bad == CODE_NONE)
			fail_msg("taken without a good %s: %s", path, json);
		why = f->send.bad_why;
	} else if (strncmp(path, "auth", 4) == 0) {
		assert_int_equal(fault, WIRE_CLOSE_AUTH);
	} else {
		assert_int_equal(fault, WIRE_INVALID);
	}
	if (!strstr(why, quoted))
		fail_msg("%s is not named: %s: %s", path, why, json);
	frame_free(f);
	free(quoted);
}

static void
expect_taken(const struct sample *s, const char *json, const char *path)
{
	enum wire_fault fault;
	struct err err;
	int64_t i;
	struct frame *f = wire_decode(s->side, json, strlen(json), &fault, &i, &err);

	if (!f || (f->op == WIRE_SEND && f->send.bad != CODE_NONE))
		fail_msg("%s: %s: %s", path, f ? f->send.bad_why : err.msg, json);
	frame_free(f);
}

typedef void (*try_member)(const struct sample *s, json_t *root, json_t *o, const char *key,
		const char *path);

static void walk(const struct sample *s, json_t *root, json_t *o, const char *path, try_member try);

/* Calls try for the member key of o, and for those within it. */
static void
walk_member(const struct sample *s, json_t *root, json_t *o, const char *key, const char *path,
		try_member try)
{
	json_t *v = json_object_get(o, key), *e;
	size_t i;

	if (json_is_object(v))
		walk(s, root, v, path, try);
	json_array_foreach(v, i, e) {
		char *there = xasprintf("%s[%zu]", path, i);

		if (json_is_object(e))
			walk(s, root, e, there, try);
		free(there);
	}
	if (strcmp(path, "op") != 0)
		try(s, root, o, key, path);
}

/* The same for all members of o, which lies at path in root. */
static void
walk(const struct sample *s, json_t *root, json_t *o, const char *path, try_member try)
{
	json_t *keys = json_array(), *name, *v;
	const char *key;
	size_t i;

	/* a try puts its member back at the end of o */
	json_object_foreach(o, key, v)
		json_array_append_new(keys, json_string(key));
	json_array_foreach(keys, i, name) {
		char *here = xasprintf("%s%s%s", path, *path ? "." : "", json_string_value(name));

		walk_member(s, root, o, json_string_value(name), here, try);
		free(here);
	}
	json_decref(keys);
}

static void
walk_all(try_member try)
{
	for (size_t i = 0; i < countof(samples); i++) {
		json_t *root = json_loads(samples[i].json, 0, NULL);

		assert_non_null(root);
		expect_taken(&samples[i], samples[i].json, "");
		walk(&samples[i], root, root, "", try);
		json_decref(root);
	}
}

/* Calls expect with the text of root while o has v (or nothing) at key. */
static void
with(const struct sample *s, json_t *root, json_t *o, const char *key, json_t *v, const char *path,
		void (*expect)(const struct sample *, const char *, const char *))
{
	json_t *before = json_incref(json_object_get(o, key));
	char *json;

	if (v)
		json_object_set(o, key, v);
	else
		json_object_del(o, key);
	json = json_dumps(root, JSON_COMPACT);
	expect(s, json, path);
	free(json);
	json_object_set_new(o, key, before);
}

static void
try_without(const struct sample *s, json_t *root, json_t *o, const char *key, const char *path)
{
	with(s, root, o, key, NULL, path, is_in(s->may, path) ? expect_taken : expect_named);
}

static void
try_null(const struct sample *s, json_t *root, json_t *o, const char *key, const char *path)
{
	json_t *null = json_null();

	with(s, root, o, key, null, path, is_in(s->null, path) ? expect_taken : expect_named);
}

static void
try_other_types(const struct sample *s, json_t *root, json_t *o, const char *key,
		const char *path)
{
	json_t *is = json_object_get(o, key);
	json_t *others[] = { json_string("1"), json_integer(1), json_real(1.0), json_true(),
		json_array(), json_object(), json_integer(-7), json_pack("[[]]") };

	for (size_t i = 0; i < countof(others); i++) {
		bool is_bool = json_is_boolean(is) && json_is_boolean(others[i]);

		/* an empty list or another list is no other type */
		if (!is_bool && json_typeof(is) != json_typeof(others[i]))
			with(s, root, o, key, others[i], path, expect_named);
		json_decref(others[i]);
	}
}

static void
a_member_that_is_missing_is_named(void **state)
{
	(void)state;
	walk_all(try_without);
}

static void
null_is_no_value(void **state)
{
	(void)state;
	walk_all(try_null);
}

static void
no_type_stands_for_another(void **state)
{
	(void)state;
	walk_all(try_other_types);
}

static void
every_op_has_a_sample(void **state)
{
	bool seen[WIRE_UNKNOWN][WIRE_SERVER + 1] = { { false } };

	(void)state;
	for (size_t i = 0; i < countof(samples); i++) {
		const struct sample *s = &samples[i];
		enum wire_fault fault;
		struct err err;
		int64_t n;
		struct frame *f = wire_decode(s->side, s->json, strlen(s->json), &fault, &n, &err);

		assert_non_null(f);
		seen[f->op][s->side] = true;
		frame_free(f);
	}
	for (enum wire_op op = 0; op < WIRE_UNKNOWN; op++) {
		for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
			bool is_sent = wire_is_legal(op, side, WIRE_BEFORE_HELLO) ||
				wire_is_legal(op, side, WIRE_BEFORE_WELCOME) ||
				wire_is_legal(op, side, WIRE_OPEN);

			if (seen[op][side] != is_sent)
				fail_msg("%s of side %d", wire_op_name(op), side);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_op_has_a_sample),
		cmocka_unit_test(a_member_that_is_missing_is_named),
		cmocka_unit_test(null_is_no_value),
		cmocka_unit_test(no_type_stands_for_another),
	};

	return cmocka_run_group_tests_name("members", tests, NULL, NULL);
}
