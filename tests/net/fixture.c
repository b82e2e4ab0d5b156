/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The recorders and the waiting. */
#include "net/fixture.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEADLINE_MS 20000
#define TICK_MS 5		/* a turn takes at most this long */

static void
seen_open(struct seen *s, struct ws *ws)
{
	s->ws = ws;
	s->opens++;
}

static void
seen_message(struct seen *s, struct ws *ws, const char *p, size_t n)
{
	s->messages++;
	buf_clear(&s->last);
	assert_true(buf_add(&s->last, p, n));
	if (s->echoes)
		assert_true(ws_send(ws, p, n));
}

static void
seen_writable(struct seen *s, struct buf *out)
{
	s->writables++;
	assert_int_equal(out->n, 0);
	assert_true(buf_add(out, buf_str(&s->to_write), s->to_write.n));
	buf_clear(&s->to_write);
}

static void
seen_gone(struct seen *s, int code, const char *reason, const struct err *why)
{
	s->ws = NULL;
	s->gones++;
	s->code = code;
	s->err = *why;
	snprintf(s->reason, sizeof s->reason, "%s", reason);
}

static void
s_open(struct ws *ws, void *arg)
{
	struct fix *f = arg;

	seen_open(&f->s, ws);
}

static void
s_message(struct ws *ws, void *arg, const char *p, size_t n)
{
	struct fix *f = arg;

	seen_message(&f->s, ws, p, n);
}

static void
s_writable(struct ws *ws, void *arg, struct buf *out)
{
	struct fix *f = arg;

	(void)ws;
	seen_writable(&f->s, out);
}

static void
s_gone(struct ws *ws, void *arg, int code, const char *reason, const struct err *why)
{
	struct fix *f = arg;

	(void)ws;
	seen_gone(&f->s, code, reason, why);
}

static void
c_open(struct ws *ws, void *arg)
{
	struct fix *f = arg;

	seen_open(&f->c, ws);
}

static void
c_message(struct ws *ws, void *arg, const char *p, size_t n)
{
	struct fix *f = arg;

	seen_message(&f->c, ws, p, n);
}

static void
c_writable(struct ws *ws, void *arg, struct buf *out)
{
	struct fix *f = arg;

	(void)ws;
	seen_writable(&f->c, out);
}

static void
c_gone(struct ws *ws, void *arg, int code, const char *reason, const struct err *why)
{
	struct fix *f = arg;

	(void)ws;
	seen_gone(&f->c, code, reason, why);
}

const struct ws_ops fix_server_ops = { s_open, s_message, s_writable, s_gone };
const struct ws_ops fix_client_ops = { c_open, c_message, c_writable, c_gone };

static bool
admit(void *arg, const char *addr)
{
	struct fix *f = arg;

	(void)addr;
	f->admits++;
	return !f->refuses;
}

static void
dropped(void *arg, const char *addr)
{
	struct fix *f = arg;

	(void)addr;
	f->drops++;
}

static void
on_log(void *arg, const char *line)
{
	struct fix *f = arg;

	snprintf(f->log, sizeof f->log, "%s", line);
}

static void
on_tick(void *arg)
{
	(void)arg;
}

int
fix_setup(void **state)
{
	struct fix *f = calloc(1, sizeof *f);
	struct err err = {0};

	assert_non_null(f);
	test_folder(f->dir, sizeof f->dir);
	f->l = loop_new(&err);
	assert_non_null(f->l);
	f->net = ws_net_new(f->l, 0, on_log, f, &err);
	if (!f->net)
		fail_msg("%s", err.msg);
	loop_timer_repeat(f->l, TICK_MS, on_tick, NULL);
	for (int i = 0; i < 2; i++) {
		buf_init(i ? &f->c.last : &f->s.last, 1024 * 1024);
		buf_init(i ? &f->c.to_write : &f->s.to_write, 1024 * 1024);
	}
	f->how = (struct ws_listen){ .host = "127.0.0.1", .path = "/v1", .max_message = 65536,
			.ops = &fix_server_ops, .admit = admit, .dropped = dropped, .arg = f };
	*state = f;
	return 0;
}

static void
remove_dir(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[512];

	while (d && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (unlink(path) < 0)
			remove_dir(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

int
fix_teardown(void **state)
{
	struct fix *f = *state;

	ws_server_stop(f->server);
	ws_net_free(f->net);
	loop_free(f->l);
	assert_int_equal(f->s.opens, f->s.gones);
	for (int i = 0; i < 2; i++) {
		buf_done(i ? &f->c.last : &f->s.last);
		buf_done(i ? &f->c.to_write : &f->s.to_write);
	}
	remove_dir(f->dir);
	free(f);
	return 0;
}

void
fix_listen(struct fix *f)
{
	struct err err = {0};

	f->server = ws_listen(f->net, &f->how, &err);
	if (!f->server)
		fail_msg("%s", err.msg);
}

struct ws *
fix_connect(struct fix *f, const char *url)
{
	struct ws_connect how = { .url = url ? url : ws_server_url(f->server), .path = "/v1",
			.max_message = 262144, .ops = &fix_client_ops, .arg = f };
	struct err err = {0};
	struct ws *ws = ws_connect(f->net, &how, &err);

	if (!ws)
		fail_msg("%s", err.msg);
	return ws;
}

void
fix_open(struct fix *f)
{
	fix_listen(f);
	fix_connect(f, NULL);
	fix_until(f, &f->s.opens, 1);
	fix_until(f, &f->c.opens, 1);
}

void
fix_until(struct fix *f, const int *what, int n)
{
	int64_t end = loop_now(f->l) + DEADLINE_MS;

	while (*what < n) {
		loop_once(f->l, true);
		if (loop_now(f->l) > end)
			fail_msg("the deadline has passed (%d of %d; client: %s; log: %s)", *what,
					n,
					f->c.err.msg, f->log);
	}
}

void
fix_turn(struct fix *f, int ms)
{
	int64_t end = loop_now(f->l) + ms;

	while (loop_now(f->l) < end)
		loop_once(f->l, true);
}
