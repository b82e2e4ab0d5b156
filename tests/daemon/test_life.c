/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting, stopping, crashing, administering a real server. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/client.h"
#include "daemon/server.h"

struct life { struct server *s; struct world w; };

static int
set_up(void **state)
{
	static struct life t;

	t.s = server_new();
	world_open(&t.w);
	*state = &t;
	return 0;
}

static int
tear_down(void **state)
{
	struct life *t = *state;

	world_close(&t->w);
	server_free(t->s);
	return 0;
}

static void
sigterm_commits_what_came_says_bye_and_leaves(void **state)
{
	struct life *t = *state;
	struct client *ann, *again;
	const char *conv;
	const struct frame *f;
	int acks = 0;

	server_run(t->s);
	ann = client_local(&t->w, t->s, "d_a");
	conv = client_create(ann, "#stop", false);
	for (int i = 1; i <= 30; i++)
		client_msg(ann, conv, i, i, "x");
	client_sync(ann);
	assert_int_equal(server_stop(t->s), 0);
	f = client_take(ann, WIRE_BYE);
	assert_string_equal(f->bye.code, "restart");
	assert_true(f->bye.after > 0);
	assert_int_equal(client_gone(ann), 4503);
	for (int i = 1; i <= 30; i++)
		acks += client_answer(ann, 10000 + i)->op == WIRE_ACK;
	assert_int_equal(acks, 30);
	server_run(t->s);
	again = client_local(&t->w, t->s, "d_a");
	client_post(again, client_conv(again, "#stop"), 31, 31, "goes on");
	client_free(ann);
	client_free(again);
}

static void
what_was_acknowledged_survives_kill_9_and_the_start_is_immediate(void **state)
{
	struct life *t = *state;
	struct client *ann;
	const struct frame *ack;
	char id[40], conv[80];
	int64_t begin;

	server_run(t->s);
	ann = client_local(&t->w, t->s, "d_a");
	snprintf(conv, sizeof conv, "%s", client_create(ann, "#kill", false));
	ack = client_post(ann, conv, 1, 1, "kept");
	snprintf(id, sizeof id, "%s", ack->ack.id);
	server_kill(t->s);
	client_gone(ann);
	client_free(ann);
	begin = server_now_ms();
	server_run(t->s);
	assert_true(server_now_ms() - begin < 3000);
	ann = client_local(&t->w, t->s, "d_a");
	ack = client_post(ann, conv, 1, 1, "kept");
	assert_true(ack->ack.dup);
	assert_string_equal(ack->ack.id, id);
	client_free(ann);
}

static void
a_restored_backup_has_new_epochs_and_the_old_text(void **state)
{
	struct life *t = *state;
	struct client *ann;
	const struct frame *ack;
	const struct wire_subbed *s;
	char file[300], out[500], epoch[40], id[40], conv[80];
	int64_t seq;

	snprintf(file, sizeof file, "%s/backup", t->s->dir);
	server_run(t->s);
	ann = client_local(&t->w, t->s, "d_a");
	snprintf(conv, sizeof conv, "%s", client_create(ann, "#back", false));
	ack = client_post(ann, conv, 1, 1, "before");
	seq = ack->ack.seq;
	snprintf(id, sizeof id, "%s", ack->ack.id);
	snprintf(epoch, sizeof epoch, "%s", ack->ack.epoch);
	assert_int_equal(server_admin(t->s, out, sizeof out, "backup", file, NULL), 0);
	client_post(ann, conv, 2, 2, "after");
	assert_int_equal(server_admin(t->s, out, sizeof out, "restore", file, NULL), 1);
	assert_non_null(strstr(out, "running"));
	assert_int_equal(server_stop(t->s), 0);
	client_gone(ann);
	client_free(ann);
	assert_int_equal(server_admin(t->s, out, sizeof out, "restore", file, NULL), 0);
	assert_int_equal(server_admin(t->s, out, sizeof out, "check", NULL), 0);
	server_run(t->s);
	ann = client_local(&t->w, t->s, "d_a");
	s = client_sub(ann, conv, epoch, seq, id);
	assert_int_equal(s->mode, WIRE_RESET);
	assert_string_not_equal(s->epoch, epoch);
	assert_int_equal(s->keep, seq);
	client_post(ann, conv, 2, 2, "after");
	client_free(ann);
}

static void
administration_works_before_and_while_the_server_runs(void **state)
{
	struct life *t = *state;
	char out[2000], first[64], second[64];
	struct client *c;

	assert_int_equal(server_admin(t->s, first, sizeof first, "user", "add", "bob", "--name",
			"Bob B.", NULL), 0);
	assert_int_equal(strlen(first), 43);
	server_run(t->s);
	assert_int_equal(server_admin(t->s, second, sizeof second, "user", "token", "bob", NULL),
			0);
	assert_string_not_equal(first, second);
	c = client_hello(&t->w, t->s->url[0], "d_1", first);
	client_free(c);
	c = client_hello(&t->w, t->s->url[0], "d_2", second);
	assert_int_equal(server_admin(t->s, out, sizeof out, "room", "create", "#ops", "--topic",
			"what runs", "--public", NULL), 0);
	client_say(c, "{\"op\":\"room\",\"i\":3,\"do\":\"list\"}");
	assert_non_null(strstr(client_answer(c, 3)->room.rows, "#ops"));
	assert_int_equal(server_admin(t->s, out, sizeof out, "room", "list", NULL), 0);
	assert_non_null(strstr(out, "#ops"));
	assert_int_equal(server_admin(t->s, out, sizeof out, "user", "list", NULL), 0);
	assert_non_null(strstr(out, "bob"));
	assert_int_equal(server_admin(t->s, out, sizeof out, "user", "remove", "bob", NULL), 0);
	assert_int_equal(client_gone(c), 4401);
	client_free(c);
	assert_int_equal(server_admin(t->s, out, sizeof out, "check", NULL), 0);
}

static void
wrong_arguments_are_a_sentence_and_2(void **state)
{
	struct life *t = *state;
	char out[2000];

	assert_int_equal(server_admin(t->s, out, sizeof out, "user", "add", NULL), 2);
	assert_int_equal(server_admin(t->s, out, sizeof out, "user", "add", "B O B", NULL), 2);
	assert_int_equal(server_admin(t->s, out, sizeof out, "fly", NULL), 2);
	assert_non_null(strstr(out, "fly"));
	assert_int_equal(server_admin(t->s, out, sizeof out, "check", "--topic", "x", NULL), 2);
	assert_int_equal(server_admin(t->s, out, sizeof out, "--listen", "0.0.0.0:0", NULL), 2);
	assert_non_null(strstr(out, "TLS"));
	assert_int_equal(server_admin(t->s, out, sizeof out, "--topic", "x", NULL), 2);
	assert_int_equal(server_admin(t->s, out, sizeof out, "--listen", "nonsense", NULL), 2);
	assert_int_equal(server_admin(t->s, out, sizeof out, "--set", "limits.rate=many", NULL), 2);
	assert_int_equal(server_admin(t->s, out, sizeof out, "--set", "limits.rat=1", NULL), 2);
	assert_int_equal(server_admin(t->s, out, sizeof out, "--tls-cert", "/x", NULL), 2);
	assert_int_equal(server_admin(t->s, out, sizeof out, "--version", NULL), 0);
	assert_int_equal(server_admin(t->s, out, sizeof out, "--help", NULL), 0);
	assert_non_null(strstr(out, "--retain"));
}

static void
a_second_server_on_the_same_data_is_refused(void **state)
{
	struct life *t = *state;
	char out[1000];

	server_run(t->s);
	assert_int_equal(server_admin(t->s, out, sizeof out, "--listen", "127.0.0.1:0", NULL), 1);
	assert_true(strlen(out) > 0);
}

static void
health_and_metrics_are_told_over_http(void **state)
{
	static char body[64 * 1024];
	struct life *t = *state;
	struct client *ann;
	const char *conv;

	server_start(t->s, "--listen", "127.0.0.1:0", "--set", "limits.rate=0", NULL);
	assert_int_equal(server_get(t->s, "/health", body, sizeof body), 200);
	assert_non_null(strstr(body, "\"status\":\"ok\""));
	assert_int_equal(server_admin(t->s, body, 64, "user", "add", "bob", NULL), 0);
	ann = client_hello(&t->w, t->s->url[0], "d_a", body);
	conv = client_create(ann, "#m", false);
	for (int i = 1; i <= 3; i++)
		client_post(ann, conv, i, i, "x");
	assert_int_equal(server_get(t->s, "/metrics", body, sizeof body), 200);
	assert_non_null(strstr(body, "stonechatd_ack_seconds_count 3"));
	assert_non_null(strstr(body, "stonechatd_ack_seconds_bucket{le=\"+Inf\"} 3"));
	assert_non_null(strstr(body, "stonechatd_connections 1"));
	assert_non_null(strstr(body, "stonechatd_refusals_total{code=\"forbidden\"} 0"));
	assert_int_equal(server_get(t->s, "/other", body, sizeof body), 404);
	client_free(ann);
}

static void
a_slow_server_warns_in_log_and_health(void **state)
{
	static char body[4096];
	struct life *t = *state;
	struct client *ann;
	const char *conv;

	/* nothing is acknowledged in less than a tenth of a millisecond a message: a burst takes
	 * more than one */
	server_start(t->s, "--set", "warn.ack_p95_ms=1", NULL);
	ann = client_local(&t->w, t->s, "d_a");
	conv = client_create(ann, "#slow", false);
	for (int i = 1; i <= 2000; i++) {
		client_msg(ann, conv, i, i, "x");
		if (i > 31)
			client_answer(ann, 10000 + i - 31);
	}
	assert_true(server_logs(t->s, "warn ack_p95_ms="));
	assert_int_equal(server_get(t->s, "/health", body, sizeof body), 200);
	assert_non_null(strstr(body, "\"status\":\"warning\""));
	client_free(ann);
}

static void
an_idle_server_leaves_by_itself(void **state)
{
	struct life *t = *state;

	server_start(t->s, "--idle-exit", "1", NULL);
	assert_int_equal(server_wait(t->s), 0);
}

static void
tls_is_spoken_with_a_certificate(void **state)
{
	struct life *t = *state;
	char key[300], cert[300], token[64];
	const char *argv[] = { "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
		"-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out",
		cert, NULL };
	struct client *c;
	char out[2000];

	snprintf(key, sizeof key, "%s/key.pem", t->s->dir);
	snprintf(cert, sizeof cert, "%s/cert.pem", t->s->dir);
	if (run_program(argv, out, sizeof out) != 0) {
		print_message("# left out: no certificate (%s)\n", out);
		return;
	}
	server_start(t->s, "--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key, NULL);
	assert_memory_equal(t->s->url[0], "wss://127.0.0.1:", 16);
	assert_int_equal(server_admin(t->s, token, sizeof token, "user", "add", "bob", NULL), 0);
	c = client_dial(&t->w, t->s->url[0], cert);
	client_say(c, "{\"op\":\"hello\",\"i\":1,\"versions\":[1],\"device\":\"d\",\"auth\":"
			"{\"token\":\"%s\"}}", token);
	assert_string_equal(client_answer(c, 1)->welcome.user, "bob");
	client_free(c);
	/* without the certificate nobody is believed */
	c = client_dial(&t->w, t->s->url[0], NULL);
	assert_int_equal(client_gone(c), 0);
	client_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define LIFE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		LIFE(sigterm_commits_what_came_says_bye_and_leaves),
		LIFE(what_was_acknowledged_survives_kill_9_and_the_start_is_immediate),
		LIFE(a_restored_backup_has_new_epochs_and_the_old_text),
		LIFE(administration_works_before_and_while_the_server_runs),
		LIFE(wrong_arguments_are_a_sentence_and_2),
		LIFE(a_second_server_on_the_same_data_is_refused),
		LIFE(health_and_metrics_are_told_over_http),
		LIFE(a_slow_server_warns_in_log_and_health),
		LIFE(an_idle_server_leaves_by_itself),
		LIFE(tls_is_spoken_with_a_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
