/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a real server does with its disk: retention, a full disk, folders of others. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/client.h"
#include "daemon/server.h"
#include "ledger/ledger.h"

#define DAY_MS INT64_C(86400000)

struct disk { struct server *s; struct world w; };

static int
set_up(void **state)
{
	static struct disk t;

	t.s = server_new();
	world_open(&t.w);
	*state = &t;
	return 0;
}

static int
tear_down(void **state)
{
	struct disk *t = *state;

	world_close(&t->w);
	/* the small disk of a test, even of one that failed */
	if (t->s->pid)
		server_stop(t->s);
	umount(t->s->data);
	server_free(t->s);
	return 0;
}

/* One message of the user in the room, days ago. */
static void
post_days_ago(struct ledger *l, const char *user, const char *conv, int64_t lane, int days)
{
	static const char body[] = "{\"text\":\"old news\"}";
	struct ledger_changes changes = { 0 };
	struct ledger_op op = { .act = LEDGER_SEND, .user = user, .device = "d_old", .conv = conv,
		.cid = client_cid((int)lane), .lane = lane, .ttl = -1, .kind = REC_MSG,
		.now = clock_wall_ms() - days * DAY_MS };
	struct err err = { 0 };

	op.body.text = "old news";
	op.body.text_n = 8;
	op.body.json = body;
	op.body.json_n = sizeof body - 1;
	if (!ledger_commit(l, &op, 1, &changes, &err) || !op.out.ok)
		fail_msg("%s %s", err.msg, op.out.message);
	ledger_changes_done(&changes);
}

/* A room of the user with three messages of four days ago and one of yesterday; its id. */
static void
make_history(const char *data, const char *user, char conv[80])
{
	static const struct ledger_limits limits = { 0, 0, 32768, 131072, 4 };
	struct ledger_changes changes = { 0 };
	struct ledger_op make = { .act = LEDGER_CREATE, .user = user, .device = "d_old",
		.name = "#history", .topic = "", .lane = -1, .ttl = -1,
		.now = clock_wall_ms() - 5 * DAY_MS };
	struct err err = { 0 };
	struct ledger *l = ledger_open(data, &limits, "", &err);

	assert_non_null(l);
	assert_true(ledger_commit(l, &make, 1, &changes, &err));
	ledger_changes_done(&changes);
	snprintf(conv, 80, "%s", make.out.conv);
	for (int lane = 1; lane <= 3; lane++)
		post_days_ago(l, user, conv, lane, 4);
	post_days_ago(l, user, conv, 4, 1);
	ledger_close(l);
}

static void
what_is_older_than_retain_is_trimmed(void **state)
{
	struct disk *t = *state;
	struct client *ann;
	const struct wire_subbed *s;
	const struct frame *f;
	char conv[80], user[40], epoch[40];

	server_run(t->s);
	ann = client_local(&t->w, t->s, "d_a");
	snprintf(user, sizeof user, "%s", client_welcome(ann)->welcome.user);
	assert_int_equal(server_stop(t->s), 0);
	client_gone(ann);
	client_free(ann);
	make_history(t->s->data, user, conv);
	server_start(t->s, "--retain", "2", NULL);
	ann = client_local(&t->w, t->s, "d_a");
	/* the first step runs at start */
	for (int64_t end = server_now_ms() + DEADLINE_MS; ; ) {
		s = client_sub(ann, conv, "", 0, "");
		if (s->floor > 0)
			break;
		assert_true(server_now_ms() < end);
	}
	snprintf(epoch, sizeof epoch, "%s", s->epoch);
	assert_int_equal(s->floor, s->seq - 1);
	assert_int_equal(client_events(ann, conv, 1, NULL, 0), s->seq);
	client_say(ann, "{\"op\":\"fetch\",\"i\":7,\"conv\":\"%s\",\"epoch\":\"%s\","
			"\"dir\":\"fwd\",\"lo\":0,\"hi\":%lld,\"n\":9}", conv, epoch,
			(long long)s->floor);
	f = client_answer(ann, 7);
	assert_int_equal(f->error.code, CODE_TRIMMED);
	client_say(ann, "{\"op\":\"fetch\",\"i\":8,\"conv\":\"%s\",\"epoch\":\"%s\","
			"\"dir\":\"fwd\",\"lo\":0,\"hi\":%lld,\"n\":9}", conv, epoch,
			(long long)s->seq);
	f = client_answer(ann, 8);
	assert_int_equal(f->page.lo, s->floor);
	assert_int_equal(f->page.n_events, 1);
	client_free(ann);
}

/* Writes zeros until nothing goes. */
static void
fill_disk(const char *path)
{
	static char zeros[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	while (write(fd, zeros, sizeof zeros) > 0)
		;
	while (write(fd, zeros, 1) > 0)
		;
	close(fd);
}

static void
a_full_disk_refuses_sends_and_serves_readers_until_there_is_space(void **state)
{
	struct disk *t = *state;
	struct client *ann, *more;
	const struct frame *f;
	char path[300], body[2000], conv[80];
	static char text[20001];
	int lane = 1, cid = 1;

	mkdir(t->s->data, 0700);
	if (mount("tmpfs", t->s->data, "tmpfs", 0, "size=2m,mode=0700") < 0) {
		print_message("# left out: no small disk here (%s)\n", strerror(errno));
		return;
	}
	snprintf(path, sizeof path, "%s/filler", t->s->data);
	memset(text, 'x', sizeof text - 1);
	server_run(t->s);
	ann = client_local(&t->w, t->s, "d_a");
	snprintf(conv, sizeof conv, "%s", client_create(ann, "#full", false));
	client_post(ann, conv, lane++, cid++, "fits");
	fill_disk(path);
	/* what SQLite has reserved may still take a few */
	do {
		client_msg(ann, conv, lane, cid, text);
		f = client_answer(ann, 10000 + cid);
		if (f->op == WIRE_ACK) {
			lane++;
			cid++;
		}
	} while (f->op == WIRE_ACK && lane < 200);
	assert_int_equal(f->op, WIRE_NACK);
	assert_int_equal(f->nack.code, CODE_INTERNAL);
	assert_true(f->nack.retry);
	assert_true(strlen(f->nack.message) > 0);
	/* who is known still comes in and reads */
	more = client_local(&t->w, t->s, "d_more");
	assert_int_equal(client_sub(more, conv, "", 0, "")->mode, WIRE_TAIL_MODE);
	client_events(more, conv, 1, NULL, 0);
	assert_int_equal(server_get(t->s, "/health", body, sizeof body), 503);
	assert_non_null(strstr(body, "failing"));
	assert_int_equal(unlink(path), 0);
	client_post(ann, conv, lane, cid, text);
	assert_int_equal(server_get(t->s, "/health", body, sizeof body), 200);
	client_free(ann);
	client_free(more);
}

/* Lets every sync of the server fail from now on. False when strace cannot do that here. */
static bool
break_disk(struct server *s, pid_t *strace)
{
	char pid[24], path[64], text[4096], *tracer;
	int64_t end = server_now_ms() + DEADLINE_MS;

	snprintf(pid, sizeof pid, "%ld", (long)s->pid);
	snprintf(path, sizeof path, "/proc/%ld/status", (long)s->pid);
	*strace = fork();
	if (*strace == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 1);
		dup2(null, 2);
		execlp("strace", "strace", "-f", "-p", pid, "-o", "/dev/null", "-e",
				"trace=fdatasync", "-e", "inject=fdatasync:error=EIO",
				(char *)NULL);
		_exit(127);
	}
	while (server_now_ms() < end && waitpid(*strace, NULL, WNOHANG) == 0) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;

		if (fd >= 0)
			close(fd);
		text[n > 0 ? n : 0] = '\0';
		tracer = strstr(text, "TracerPid:");
		if (tracer && strtol(tracer + 10, NULL, 10) > 0)
			return true;
	}
	return false;
}

static void
a_commit_that_ended_in_an_unknown_way_ends_the_server(void **state)
{
	struct disk *t = *state;
	struct client *ann;
	char conv[80], id[40];
	const struct frame *f;
	pid_t strace;

#ifdef __SANITIZE_ADDRESS__
	print_message("# left out: the leak checker does not work in a traced process\n");
	return;
#endif
	server_run(t->s);
	ann = client_local(&t->w, t->s, "d_a");
	snprintf(conv, sizeof conv, "%s", client_create(ann, "#eio", false));
	f = client_post(ann, conv, 1, 1, "safe");
	snprintf(id, sizeof id, "%s", f->ack.id);
	if (!break_disk(t->s, &strace)) {
		print_message("# left out: strace does not work here\n");
		client_free(ann);
		return;
	}
	client_msg(ann, conv, 2, 2, "nobody knows");
	assert_int_equal(client_gone(ann), 4503);
	assert_int_equal(server_wait(t->s), 1);
	waitpid(strace, NULL, 0);
	client_free(ann);
	/* started again it knows what is on disk */
	server_run(t->s);
	ann = client_local(&t->w, t->s, "d_a");
	f = client_post(ann, conv, 1, 1, "safe");
	assert_string_equal(f->ack.id, id);
	client_post(ann, conv, 2, 2, "nobody knows");
	client_free(ann);
}

static void
a_folder_of_somebody_else_is_refused_with_its_owner(void **state)
{
	struct disk *t = *state;
	char out[1000];

	if (geteuid() != 0) {
		print_message("# left out: only root can give folders away\n");
		return;
	}
	assert_int_equal(mkdir(t->s->data, 0700), 0);
	assert_int_equal(chown(t->s->data, 65534, 65534), 0);
	assert_int_equal(server_admin(t->s, out, sizeof out, "user", "list", NULL), 2);
	assert_non_null(strstr(out, "nobody"));
	assert_int_equal(server_admin(t->s, out, sizeof out, "--foreground", NULL), 2);
	assert_int_equal(chown(t->s->data, 0, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define DISK(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		DISK(what_is_older_than_retain_is_trimmed),
		DISK(a_full_disk_refuses_sends_and_serves_readers_until_there_is_space),
		DISK(a_commit_that_ended_in_an_unknown_way_ends_the_server),
		DISK(a_folder_of_somebody_else_is_refused_with_its_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
