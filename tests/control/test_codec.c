/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one end writes, the other reads; what is no such line is an error, never a crash. */
#include "control/codec.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "test.h"

static json_t *
line_of(struct buf *b)
{
	struct err err;
	json_t *o;

	assert_true(b->n > 1 && b->p[b->n - 1] == '\n');
	o = json_strict(b->p, b->n - 1, &err);
	assert_non_null(o);
	return o;
}

static void
a_request_comes_back_as_it_was(void **state)
{
	struct request in = { .verb = VERB_SEND, .account = "work", .target = "#ops",
		.kind = REC_EDIT, .text = "a\nb \xe2\x80\xae\"", .text_n = 8, .ref = "018f",
		.cid = "c", .ttl_ms = -5, .lo = 1, .hi = INT64_MAX, .n = 7, .timeout_ms = 30000,
		.is_public = true }, out;
	struct err err;
	struct buf b;
	json_t *o;

	(void)state;
	buf_init(&b, 4096);
	assert_true(codec_put_request(&b, 42, &in));
	o = line_of(&b);
	assert_int_equal(json_int(o, "i", 0), 42);
	assert_true(codec_get_request(o, &out, &err));
	assert_int_equal(out.verb, VERB_SEND);
	assert_int_equal(out.kind, REC_EDIT);
	assert_string_equal(out.account, "work");
	assert_string_equal(out.target, "#ops");
	assert_int_equal(out.text_n, in.text_n);
	assert_memory_equal(out.text, in.text, in.text_n);
	assert_string_equal(out.ref, "018f");
	assert_null(out.reply);
	assert_int_equal(out.ttl_ms, -5);
	assert_true(out.hi == INT64_MAX);
	assert_true(out.is_public);
	assert_false(out.all);
	json_decref(o);
	buf_done(&b);
}

static void
a_failure_keeps_its_kind_and_its_sentence(void **state)
{
	struct reply in = { .type = REPLY_FAIL, .code = "not_found", .seq = 814, .dup = true }, out;
	struct err err;
	struct buf b;
	json_t *o;

	(void)state;
	err_set(&in.err, ERR_REFUSED, "there is no %s", "#x");
	buf_init(&b, 4096);
	assert_true(codec_put_reply(&b, 3, &in));
	o = line_of(&b);
	assert_true(codec_get_reply(o, &out, &err));
	assert_int_equal(out.type, REPLY_FAIL);
	assert_int_equal(out.err.kind, ERR_REFUSED);
	assert_string_equal(out.err.msg, "there is no #x");
	assert_string_equal(out.code, "not_found");
	assert_null(out.conv);
	assert_int_equal(out.seq, 814);
	assert_true(out.dup);
	json_decref(o);
	buf_done(&b);
}

/* An event of this type with something in every field of its own. */
static struct event
sample(enum event_type type)
{
	struct event ev = { .type = type, .account = "a", .conv = "c_1", .name = "#x" };

	switch (type) {
	case EV_LINK:
		ev.link.state = LINK_ONLINE;
		ev.link.why = ev.link.user = ev.link.server = "w";
		ev.link.latency_ms = -1;
		break;
	case EV_CONV:
		ev.convs.topic = ev.convs.epoch = "t";
		ev.convs.kind = CONV_DIRECT;
		ev.convs.changed_hi = 9;
		ev.convs.live = true;
		break;
	case EV_OUTBOX:
		ev.outbox.cid = ev.outbox.error = ev.outbox.id = "o";
		ev.outbox.state = OUTBOX_REFUSED;
		break;
	case EV_TYPING:
		ev.typing.from = "bob";
		break;
	case EV_PRESENCE:
		ev.presence.from = ev.presence.state = "p";
		break;
	case EV_DELTA:
		ev.delta.from = ev.delta.stream = ev.delta.channel = "d";
		ev.delta.text = "text";
		ev.delta.text_n = 4;
		break;
	case EV_STOP:
		ev.stop.from = ev.stop.stream = "s";
		break;
	case EV_MIRROR:
		ev.mirror.path = "/m";
		break;
	default:
		ev.notice.text = "n";
		ev.notice.level = 2;
		break;
	}
	return ev;
}

static void
every_event_comes_back_and_can_be_copied(void **state)
{
	(void)state;
	for (int type = 0; type < EV_COUNT; type++) {
		struct event in = sample((enum event_type)type), out, *copy = codec_copy_event(&in);
		struct buf a, b, c;
		struct err err;
		json_t *o;

		buf_init(&a, 4096);
		buf_init(&b, 4096);
		buf_init(&c, 4096);
		assert_true(codec_put_event(&a, &in));
		o = line_of(&a);
		assert_true(codec_get_event(o, &out, &err));
		assert_true(codec_put_event(&b, &out));
		assert_true(codec_put_event(&c, copy));
		assert_string_equal(buf_str(&a), buf_str(&b));
		assert_string_equal(buf_str(&a), buf_str(&c));
		free(copy);
		json_decref(o);
		buf_done(&a);
		buf_done(&b);
		buf_done(&c);
	}
}

static void
absent_strings_of_an_event_are_empty_and_those_of_a_request_are_not_there(void **state)
{
	json_t *o = json_pack("{s:s,s:s}", "event", "conv", "verb", "sync");
	struct request rq;
	struct event ev;
	struct err err;

	(void)state;
	assert_true(codec_get_event(o, &ev, &err));
	assert_string_equal(ev.account, "");
	assert_string_equal(ev.convs.epoch, "");
	assert_true(codec_get_request(o, &rq, &err));
	assert_null(rq.account);
	json_decref(o);
}

static void
wrong_lines_are_errors(void **state)
{
	static const char *const lines[] = {
		"{}", "{\"verb\":7}", "{\"verb\":\"dance\"}", "{\"verb\":\"send\",\"text\":1}",
		"{\"verb\":\"send\",\"kind\":\"nonsense\"}", "{\"verb\":\"send\",\"lo\":\"1\"}",
		"{\"verb\":\"send\",\"all\":1}", "{\"verb\":\"send\",\"lo\":1.5}", NULL
	};
	struct request rq;
	struct err err;

	(void)state;
	for (size_t i = 0; lines[i]; i++) {
		json_t *o = json_strict(lines[i], strlen(lines[i]), NULL);

		assert_non_null(o);
		assert_false(codec_get_request(o, &rq, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		json_decref(o);
	}
}

static void
a_line_that_does_not_fit_leaves_the_buffer_as_it_was(void **state)
{
	struct request rq = { .verb = VERB_SEND, .target = "#a", .text = "0123456789",
		.text_n = 10 };
	struct buf b;

	(void)state;
	buf_init(&b, 40);
	assert_true(buf_adds(&b, "x\n"));
	assert_false(codec_put_request(&b, 1, &rq));
	assert_string_equal(buf_str(&b), "x\n");
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_comes_back_as_it_was),
		cmocka_unit_test(a_failure_keeps_its_kind_and_its_sentence),
		cmocka_unit_test(every_event_comes_back_and_can_be_copied),
		cmocka_unit_test(
			absent_strings_of_an_event_are_empty_and_those_of_a_request_are_not_there),
		cmocka_unit_test(wrong_lines_are_errors),
		cmocka_unit_test(a_line_that_does_not_fit_leaves_the_buffer_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
