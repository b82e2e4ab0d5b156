/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both ends of the control socket in one loop: asking, watching, losing one engine for another. */
#include "control/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "base/mem.h"
#include "base/path.h"
#include "control/lock.h"
#include "control/serve.h"
#include "control/sock.h"
#include "loop/loop.h"
#include "test.h"

#define TURNS_MAX 4000

struct house {
	char *dir, *socket, *config;
	struct loop *loop;
	struct serve *serve;
	struct remote *remote;
	struct remote_conf conf;
	int lock;
	/* what the engine saw */
	struct serve_call *call;
	char cid[ID_SIZE], text[64];
	int requests, cancels, fronts, stops, control;
	bool answers;
	/* what the front saw */
	struct reply reply;
	struct err err;
	int replies, events, mirrors, connected;
	int64_t last_head;
	struct api_call *other;
};

static void
on_joined(void *arg, struct serve_front *f, const json_t *hello)
{
	(void)f;
	(void)hello;
	((struct house *)arg)->fronts++;
}

static void
on_left(void *arg, struct serve_front *f)
{
	(void)f;
	((struct house *)arg)->fronts--;
}

static void
on_watches(void *arg, struct serve_front *f)
{
	struct event ev = { .type = EV_LINK, .account = "a", .conv = "", .name = "" };

	(void)arg;
	ev.link.why = ev.link.user = ev.link.server = "";
	serve_tell(f, &ev);
}

static void
on_request(void *arg, struct serve_call *c, const struct request *rq)
{
	struct house *h = arg;
	struct reply reply = { .type = REPLY_QUEUED };

	if (rq->verb == VERB_ENGINE) {
		h->stops += strcmp(rq->act, "stop") == 0;
		return;
	}
	h->requests++;
	h->call = c;
	str_copy(h->cid, sizeof h->cid, rq->cid ? rq->cid : "");
	str_copy(h->text, sizeof h->text, rq->text ? rq->text : "");
	serve_reply(c, &reply);
	if (!h->answers)
		return;
	reply.type = REPLY_DONE;
	reply.name = "#x";
	reply.seq = 7;
	serve_reply(c, &reply);
}

static void
on_cancel(void *arg, struct serve_call *c)
{
	struct house *h = arg;

	if (h->requests == 1)
		assert_ptr_equal(c, h->call);
	h->cancels++;
}

static const struct serve_ops serve_ops = {
	.joined = on_joined, .left = on_left, .watches = on_watches, .request = on_request,
	.cancel = on_cancel,
};

static void
start_engine(struct house *h)
{
	struct serve_conf conf = { .path = h->socket, .version = "0", .config = h->config,
		.control = h->control };
	struct err err;

	h->serve = serve_new(h->loop, &conf, &serve_ops, h, &err);
	assert_non_null(h->serve);
}

static void
open_house(struct house *h)
{
	struct err err;

	memset(h, 0, sizeof *h);
	h->dir = xcalloc(1, 256);
	test_folder(h->dir, 256);
	h->socket = path_join(h->dir, "s");
	h->config = path_join(h->dir, "config");
	h->loop = loop_new(&err);
	assert_int_equal(lock_take(h->dir, &h->lock, &err), LOCK_TAKEN);
	assert_true(lock_write(h->lock, "0", h->socket, "", &err));
	h->conf = (struct remote_conf){ .data = h->dir, .config = h->config, .version = "0" };
	h->remote = remote_new(h->loop, &h->conf);
	h->answers = true;
	setenv("STONECHAT_LIBEXEC", h->dir, 1);
}

static void
close_house(struct house *h)
{
	char *lock = path_join(h->dir, "engine.lock"), *program = path_join(h->dir,
			"stonechat-engine");

	remote_free(h->remote);
	serve_free(h->serve);
	loop_free(h->loop);
	close(h->lock);
	unlink(lock);
	unlink(program);
	unlink(h->socket);
	rmdir(h->dir);
	free(program);
	free(lock);
	free(h->socket);
	free(h->config);
	free(h->dir);
}

static void
on_reply(void *arg, const struct reply *r)
{
	struct house *h = arg;

	h->reply = *r;
	h->reply.name = h->reply.conv = h->reply.account = NULL;
	h->replies++;
}

static void
on_connected(void *arg, const struct err *err)
{
	struct house *h = arg;

	h->connected++;
	h->err.kind = ERR_NONE;
	if (err)
		h->err = *err;
}

static void
on_event(void *arg, const struct event *ev)
{
	struct house *h = arg;

	h->events++;
	h->mirrors += ev->type == EV_MIRROR;
	if (ev->type == EV_CONV)
		h->last_head = ev->convs.head;
}

/* Turns until *n reaches want; the loop's own limits end what never comes. */
static void
until(struct house *h, const int *n, int want)
{
	for (int i = 0; i < TURNS_MAX && *n < want; i++)
		loop_once(h->loop, true);
	assert_int_equal(*n, want);
}

static void
ask(struct house *h)
{
	struct request rq = { .verb = VERB_SEND, .target = "#x", .text = "hi", .text_n = 2 };

	api_call(remote_api(h->remote), &rq, on_reply, h);
}

static void
a_request_is_answered_and_a_send_gets_a_cid(void **state)
{
	struct house h;

	(void)state;
	open_house(&h);
	start_engine(&h);
	ask(&h);
	until(&h, &h.replies, 2);
	assert_int_equal(h.reply.type, REPLY_DONE);
	assert_int_equal(h.reply.seq, 7);
	assert_string_equal(h.text, "hi");
	assert_true(id_valid(h.cid));
	assert_int_equal(serve_count(h.serve), 1);
	close_house(&h);
}

static void
what_was_not_answered_is_asked_again_with_the_same_cid(void **state)
{
	char first[ID_SIZE];
	struct house h;

	(void)state;
	open_house(&h);
	start_engine(&h);
	h.answers = false;
	ask(&h);
	until(&h, &h.replies, 1);
	str_copy(first, sizeof first, h.cid);
	serve_free(h.serve);
	assert_int_equal(h.cancels, 1);
	h.answers = true;
	start_engine(&h);
	until(&h, &h.replies, 3);
	assert_int_equal(h.reply.type, REPLY_DONE);
	assert_int_equal(h.requests, 2);
	assert_string_equal(first, h.cid);
	close_house(&h);
}

static void
making_a_room_is_not_asked_twice(void **state)
{
	struct request rq = { .verb = VERB_ROOM, .act = "create", .name = "#x" };
	struct house h;

	(void)state;
	open_house(&h);
	start_engine(&h);
	h.answers = false;
	api_call(remote_api(h.remote), &rq, on_reply, &h);
	until(&h, &h.replies, 1);
	serve_free(h.serve);
	start_engine(&h);
	until(&h, &h.replies, 2);
	assert_int_equal(h.reply.type, REPLY_FAIL);
	assert_int_equal(h.requests, 1);
	close_house(&h);
}

/* Asks twice more, of which the second is taken back, and takes back what was asked after it. */
static void
on_reply_meddling(void *arg, const struct reply *r)
{
	struct house *h = arg;
	struct request rq = { .verb = VERB_ROOM, .act = "create", .name = "#y" };
	struct api *api = remote_api(h->remote);

	if (r->type != REPLY_FAIL)
		return;
	h->replies++;
	api->ops->cancel(h->other);
	h->other = NULL;
	ask(h);
	api->ops->cancel(api_call(api, &rq, on_reply, h));
}

static void
a_call_that_fails_may_cancel_the_next_and_begin_another(void **state)
{
	struct request rq = { .verb = VERB_ROOM, .act = "create", .name = "#x" };
	struct house h;

	(void)state;
	open_house(&h);
	start_engine(&h);
	h.answers = false;
	api_call(remote_api(h.remote), &rq, on_reply_meddling, &h);
	h.other = api_call(remote_api(h.remote), &rq, on_reply, &h);
	until(&h, &h.replies, 1);	/* the other one is queued there */
	serve_free(h.serve);
	h.replies = 0;
	h.requests = 0;
	h.answers = true;
	start_engine(&h);
	until(&h, &h.replies, 3);	/* one failure, then queued and done */
	assert_null(h.other);
	assert_int_equal(h.reply.type, REPLY_DONE);
	assert_int_equal(h.requests, 1);
	assert_string_equal(h.text, "hi");
	assert_int_equal(serve_count(h.serve), 1);
	close_house(&h);
}

static void
a_cancelled_call_is_cancelled_there_and_answers_no_more(void **state)
{
	struct request rq = { .verb = VERB_SEND, .target = "#x", .text = "hi", .text_n = 2 };
	struct api_call *c;
	struct house h;

	(void)state;
	open_house(&h);
	start_engine(&h);
	h.answers = false;
	c = api_call(remote_api(h.remote), &rq, on_reply, &h);
	until(&h, &h.replies, 1);
	remote_api(h.remote)->ops->cancel(c);
	until(&h, &h.cancels, 1);
	assert_int_equal(h.replies, 1);
	close_house(&h);
}

static void
an_observer_hears_of_everything_and_after_a_loss_to_look_again(void **state)
{
	struct event ev = { .type = EV_CONV, .account = "a", .conv = "c", .name = "#x" };
	struct house h;

	(void)state;
	ev.convs.topic = ev.convs.epoch = "";
	open_house(&h);
	start_engine(&h);
	remote_observe(h.remote, on_event, &h);
	until(&h, &h.events, 1);
	for (int i = 0; i < 20000; i++) {
		ev.convs.head = i;
		serve_event(h.serve, &ev);
	}
	for (int i = 0; i < TURNS_MAX && h.last_head != 19999; i++)
		loop_once(h.loop, true);
	assert_int_equal(h.last_head, 19999);
	assert_int_equal(h.mirrors, 0);
	/* They lay in the socket faster than they were read: most were merged. */
	assert_true(h.events < 20000);
	serve_free(h.serve);
	start_engine(&h);
	until(&h, &h.mirrors, 1);
	close_house(&h);
}

static void
an_engine_with_another_configuration_is_refused(void **state)
{
	struct house h;

	(void)state;
	open_house(&h);
	start_engine(&h);
	h.conf.config = "/elsewhere/config";
	remote_connect(h.remote, true, on_connected, &h);
	until(&h, &h.connected, 1);
	assert_int_equal(h.err.kind, ERR_USAGE);
	assert_non_null(strstr(h.err.msg, h.config));
	close_house(&h);
}

static void
an_older_engine_is_asked_to_leave_and_the_next_one_answers(void **state)
{
	struct house h;

	(void)state;
	open_house(&h);
	h.conf.control = 2;
	h.control = 1;
	start_engine(&h);
	ask(&h);
	until(&h, &h.stops, 1);
	assert_int_equal(h.requests, 0);
	serve_free(h.serve);
	h.control = 2;
	start_engine(&h);
	until(&h, &h.replies, 2);
	assert_int_equal(h.reply.type, REPLY_DONE);
	assert_int_equal(h.requests, 1);
	assert_int_equal(h.stops, 1);
	close_house(&h);
}

static void
a_newer_engine_asks_for_a_new_front(void **state)
{
	static const char hello[] = "{\"control\":99,\"version\":\"9\",\"config\":\"x\"}\n";
	struct house h;
	struct err err;
	int server, peer = -1;

	(void)state;
	open_house(&h);
	server = sock_listen(h.socket, &err);
	remote_connect(h.remote, true, on_connected, &h);
	for (int i = 0; i < TURNS_MAX && peer < 0; i++) {
		loop_once(h.loop, false);
		peer = accept(server, NULL, NULL);
	}
	assert_true(peer >= 0);
	assert_true(write(peer, hello, sizeof hello - 1) > 0);
	until(&h, &h.connected, 1);
	assert_non_null(strstr(h.err.msg, "restart stonechat"));
	close(peer);
	close(server);
	close_house(&h);
}

/* A program in the place of the engine. */
static void
put_program(struct house *h, const char *text)
{
	char *path = path_join(h->dir, "stonechat-engine");
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
	chmod(path, 0700);
	free(path);
}

static void
an_engine_that_cannot_start_says_why(void **state)
{
	struct house h;

	(void)state;
	open_house(&h);
	put_program(&h, "#!/bin/sh\necho 'error 2 the disk is upside down' >&3\n");
	ask(&h);
	until(&h, &h.replies, 1);
	assert_int_equal(h.reply.type, REPLY_FAIL);
	assert_int_equal(h.reply.err.kind, ERR_USAGE);
	assert_string_equal(h.reply.err.msg, "the disk is upside down");
	put_program(&h, "#!/bin/sh\nexit 1\n");
	ask(&h);
	until(&h, &h.replies, 2);
	assert_int_equal(h.reply.err.kind, ERR_FAIL);
	close_house(&h);
}

static void
looking_does_not_start_an_engine(void **state)
{
	struct house h;

	(void)state;
	open_house(&h);
	put_program(&h, "#!/bin/sh\ntouch \"$0.ran\"\n");
	remote_connect(h.remote, false, on_connected, &h);
	until(&h, &h.connected, 1);
	assert_int_equal(h.err.kind, ERR_NETWORK);
	close_house(&h);
}

static void
a_request_larger_than_a_line_is_refused(void **state)
{
	size_t n = 5u << 20;
	char *text = xmalloc(n + 1);
	struct request rq = { .verb = VERB_SEND, .target = "#x", .text = text, .text_n = n };
	struct house h;

	(void)state;
	memset(text, 'x', n);
	text[n] = '\0';
	open_house(&h);
	start_engine(&h);
	api_call(remote_api(h.remote), &rq, on_reply, &h);
	until(&h, &h.replies, 1);
	assert_int_equal(h.reply.type, REPLY_FAIL);
	assert_int_equal(h.reply.err.kind, ERR_USAGE);
	assert_int_equal(h.requests, 0);
	free(text);
	close_house(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_answered_and_a_send_gets_a_cid),
		cmocka_unit_test(what_was_not_answered_is_asked_again_with_the_same_cid),
		cmocka_unit_test(making_a_room_is_not_asked_twice),
		cmocka_unit_test(a_call_that_fails_may_cancel_the_next_and_begin_another),
		cmocka_unit_test(a_cancelled_call_is_cancelled_there_and_answers_no_more),
		cmocka_unit_test(an_observer_hears_of_everything_and_after_a_loss_to_look_again),
		cmocka_unit_test(an_engine_with_another_configuration_is_refused),
		cmocka_unit_test(an_older_engine_is_asked_to_leave_and_the_next_one_answers),
		cmocka_unit_test(a_newer_engine_asks_for_a_new_front),
		cmocka_unit_test(an_engine_that_cannot_start_says_why),
		cmocka_unit_test(looking_does_not_start_an_engine),
		cmocka_unit_test(a_request_larger_than_a_line_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
