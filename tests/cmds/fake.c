/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A house for commands; it stands in for store/reader too. */
#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/mem.h"
#include "cmds/options.h"
#include "store/check.h"
#include "store/reader.h"
#include "test.h"

struct cmd_later { struct fake *f; void (*fn)(void *arg); void *arg; int64_t ms; };
struct api_call { struct fake_call call; };
struct reader { struct fake *f; };

/* The engine */

static struct api_call *
call(struct api *a, const struct request *rq, api_reply_fn *fn, void *arg)
{
	struct fake *f = (struct fake *)((char *)a - offsetof(struct fake, api));
	struct api_call *c = xcalloc(1, sizeof *c);

	c->call = (struct fake_call){ .api = a, .rq = *rq, .fn = fn, .arg = arg };
	if (rq->text)
		snprintf(c->call.text, sizeof c->call.text, "%.*s", (int)rq->text_n, rq->text);
	str_copy(c->call.cid, sizeof c->call.cid, rq->cid ? rq->cid : "");
	arr_push(&f->calls, &c->call);
	return c;
}

static void
cancel(struct api_call *c)
{
	c->call.is_gone = true;
}

static const struct api_ops api_ops = { call, cancel };

void
fake_reply(struct fake_call *c, const struct reply *r)
{
	if (c->is_gone)
		return;
	c->is_gone = r->type == REPLY_DONE || r->type == REPLY_FAIL;
	c->fn(c->arg, r);
}

void
fake_answer(struct fake *f, struct fake_call *c)
{
	struct reply r = { .type = REPLY_QUEUED, .account = "local", .conv = "c_1",
		.name = "#lobby", .id = "id", .cid = c->cid };

	if (c->rq.verb == VERB_SEND) {
		fake_reply(c, &r);
		r.seq = ++f->next_seq;
	}
	r.type = REPLY_DONE;
	fake_reply(c, &r);
}

static void
engine(struct cmd_ctx *c, void (*then)(void *arg, const struct err *err), void *arg)
{
	c->api = &((struct fake *)c)->api;
	then(arg, NULL);
}

void
fake_event(struct fake *f, enum event_type type)
{
	struct event ev = { .type = type, .account = "local", .conv = "c_1", .name = "#lobby" };

	ev.convs.topic = ev.convs.epoch = "";
	f->api.observe(f->api.observe_arg, &ev);
	fake_turn(f);
}

/* The mirror */

struct reader *
reader_open(const char *dir, struct err *err)
{
	(void)dir;
	err_set(err, ERR_USAGE, "nothing mirrored yet");
	return NULL;
}

void
reader_close(struct reader *r)
{
	free(r);
}

bool
reader_refresh(struct reader *r, struct err *err)
{
	(void)r;
	(void)err;
	return true;
}

static struct conv_row
conv_row(struct fake *f)
{
	struct conv_row row = { .conv = "c_1", .name = "#lobby", .topic = "all", .epoch = f->epoch,
		.kind = CONV_ROOM, .head = f->head, .floor = f->floor, .unread = 2, .mentions = 1 };

	row.top = f->rows.n ? f->rows.v[f->rows.n - 1].seq : 0;
	return row;
}

const char *
check_sqlite(bool *has_search)
{
	*has_search = true;
	return "3";
}

bool
check_mirror(struct reader *r, bool (*fn)(void *arg, const struct check_fault *f), void *arg,
		struct err *err)
{
	(void)r;
	(void)fn;
	(void)arg;
	(void)err;
	return true;
}

bool
reader_convs(struct reader *r, bool (*fn)(void *arg, const struct conv_row *c), void *arg,
		struct err *err)
{
	struct conv_row row = conv_row(r->f);

	(void)err;
	fn(arg, &row);
	return true;
}

bool
reader_find(struct reader *r, const char *target, bool (*fn)(void *arg, const struct conv_row *c),
		void *arg, struct err *err)
{
	struct conv_row row = conv_row(r->f);

	err->kind = ERR_NONE;
	if (strcmp(target, "#lobby") != 0 && strcmp(target, "c_1") != 0)
		return false;
	fn(arg, &row);
	return true;
}

static struct message
message(struct fake_row *row)
{
	return (struct message){ .seq = row->seq, .id = row->id, .from = row->from, .cid = "",
		.ref = "", .kind = row->kind, .kind_name = record_kind_name(row->kind),
		.ts = row->ts, .text = row->text, .text_n = strlen(row->text), .reply = "",
		.body = row->body, .reacts = "{}", .edited = row->edited, .deleted = row->deleted };
}

static bool
is_in(const struct fake_row *row, const struct reader_range *q)
{
	return row->seq > q->lo && row->seq <= q->hi && row->ts >= q->since &&
			(!q->until || row->ts < q->until) &&
			(q->all_kinds || (row->kind != REC_EDIT && row->kind != REC_DELETE));
}

bool
reader_rows(struct reader *r, const char *conv, const struct reader_range *q,
		bool (*fn)(void *arg, const struct message *m), void *arg, struct err *err)
{
	struct fake *f = r->f;
	int64_t all = 0, at = 0, given = 0;

	(void)conv;
	(void)err;
	for (size_t i = 0; i < f->rows.n; i++)
		all += is_in(&f->rows.v[i], q);
	for (size_t i = 0; i < f->rows.n; i++) {
		struct message m = message(&f->rows.v[i]);

		if (!is_in(&f->rows.v[i], q))
			continue;
		at++;
		if (q->n && !q->from_old && all - at >= q->n)
			continue;
		if (q->n && q->from_old && given == q->n)
			break;
		given++;
		if (!fn(arg, &m))
			break;
	}
	return true;
}

bool
reader_message(struct reader *r, const char *conv, const char *which,
		bool (*fn)(void *arg, const struct message *m), void *arg, struct err *err)
{
	(void)conv;
	err->kind = ERR_NONE;
	for (size_t i = 0; i < r->f->rows.n; i++) {
		struct message m = message(&r->f->rows.v[i]);

		if (strcmp(m.id, which) == 0 || strtoll(which, NULL, 10) == m.seq) {
			fn(arg, &m);
			return true;
		}
	}
	return false;
}

bool
reader_gaps(struct reader *r, const char *conv, int64_t lo, int64_t hi,
		bool (*fn)(void *arg, const struct gap *g), void *arg, struct err *err)
{
	(void)conv;
	(void)err;
	for (size_t i = 0; i < r->f->gaps.n; i++) {
		struct gap g = r->f->gaps.v[i];

		if (g.hi <= lo || (hi && g.lo >= hi))
			continue;
		g.lo = g.lo < lo ? lo : g.lo;
		if (!fn(arg, &g))
			break;
	}
	return true;
}

bool
reader_contiguous(struct reader *r, const char *conv, int64_t from, int64_t *seq, struct err *err)
{
	int64_t end = r->f->head;

	(void)conv;
	(void)err;
	for (size_t i = 0; i < r->f->gaps.n; i++) {
		struct gap g = r->f->gaps.v[i];

		if (g.hi > from && g.lo < end)
			end = g.lo < from ? from : g.lo;
	}
	*seq = end > from ? end : from;
	return true;
}

bool
reader_outbox(struct reader *r, const char *conv, bool (*fn)(void *arg, const struct outbox_row *o),
		void *arg, struct err *err)
{
	(void)r;
	(void)conv;
	(void)fn;
	(void)arg;
	(void)err;
	return true;
}

bool
reader_search(struct reader *r, const struct reader_search *q,
		bool (*fn)(void *arg, const struct conv_row *c, const struct message *m), void *arg,
		struct err *err)
{
	struct conv_row row = conv_row(r->f);

	(void)err;
	for (size_t i = r->f->rows.n; i-- > 0;) {
		struct message m = message(&r->f->rows.v[i]);

		if (strstr(m.text, q->query) && !fn(arg, &row, &m))
			break;
	}
	return true;
}

static struct reader *
mirror(struct cmd_ctx *c, const char *account, struct err *err)
{
	static struct reader reader;

	if (account && strcmp(account, "local") != 0)
		return err_set(err, ERR_USAGE, "nothing mirrored yet"), NULL;
	reader.f = (struct fake *)c;
	return &reader;
}

struct fake_row *
fake_row(struct fake *f, int64_t seq, const char *text)
{
	struct fake_row *row = arr_new(&f->rows);

	row->seq = seq;
	row->ts = 1795514400000 + seq * 60000;
	row->kind = REC_MSG;
	snprintf(row->id, sizeof row->id, "id-%lld", (long long)seq);
	str_copy(row->from, sizeof row->from, "ann");
	str_copy(row->text, sizeof row->text, text);
	str_copy(row->body, sizeof row->body, "{}");
	if (seq > f->head)
		f->head = seq;
	return row;
}

/* Time and standard input */

static struct cmd_later *
later(struct cmd_ctx *c, int64_t ms, void (*fn)(void *arg), void *arg)
{
	struct fake *f = (struct fake *)c;
	struct cmd_later *l = xcalloc(1, sizeof *l);

	*l = (struct cmd_later){ f, fn, arg, ms };
	arr_push(&f->laters, l);
	return l;
}

static void
later_stop(struct cmd_later *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->f->laters.n; i++)
		if (l->f->laters.v[i] == l) {
			arr_remove(&l->f->laters, i);
			break;
		}
	free(l);
}

static void
stdin_start(struct cmd_ctx *c, bool (*fn)(void *arg, const char *p, size_t n), void *arg)
{
	struct fake *f = (struct fake *)c;

	f->stdin_fn = fn;
	f->stdin_arg = arg;
	f->is_reading = true;
}

static void
stdin_more(struct cmd_ctx *c)
{
	((struct fake *)c)->is_reading = true;
}

static void
stdin_stop(struct cmd_ctx *c)
{
	((struct fake *)c)->stdin_fn = NULL;
}

static bool
stdin_is_data(struct cmd_ctx *c)
{
	return ((struct fake *)c)->is_data && !c->no_stdin;
}

/* Results */

static bool
on_result(struct cmd_sink *s, const char *text, size_t n)
{
	struct fake *f = (struct fake *)((char *)s - offsetof(struct fake, sink));

	return !f->is_closed && buf_add(&f->out, text, n);
}

static void
on_remark(struct cmd_sink *s, const char *text)
{
	struct fake *f = (struct fake *)((char *)s - offsetof(struct fake, sink));

	if (*text)
		buf_addf(&f->remarks, "%s\n", text);
}

static void
on_progress(struct cmd_sink *s, const char *what, int64_t done, int64_t total)
{
	(void)s;
	(void)what;
	(void)done;
	(void)total;
}

static void
on_done(void *arg, const struct err *err)
{
	struct fake *f = arg;

	assert_false(f->is_done);
	f->is_done = true;
	f->run = NULL;
	f->err = *err;
}

/* One thing that is due, or false. */
static bool
step(struct fake *f)
{
	for (size_t i = 0; i < f->calls.n; i++) {
		struct fake_call *c = f->calls.v[i];

		if (!f->on_call && !c->is_gone) {
			fake_answer(f, c);
			return true;
		}
	}
	for (size_t i = 0; i < f->laters.n; i++)
		if (f->laters.v[i]->ms == 0) {
			struct cmd_later *l = f->laters.v[i], copy = *l;

			later_stop(l);
			copy.fn(copy.arg);
			return true;
		}
	if (f->stdin_fn && f->is_reading) {
		size_t n = f->input_n < f->chunk ? f->input_n : f->chunk;
		const char *p = f->input;

		f->input += n;
		f->input_n -= n;
		f->is_reading = f->stdin_fn(f->stdin_arg, p, n) && n > 0;
		return true;
	}
	return false;
}

void
fake_turn(struct fake *f)
{
	size_t seen = 0;
	bool more = true;

	while (more) {
		more = step(f);
		for (; f->on_call && seen < f->calls.n; seen++)
			if (!f->calls.v[seen]->is_gone && !f->calls.v[seen]->rq.off) {
				f->calls.v[seen]->rq.off = 1;	/* told once */
				f->on_call(f, f->calls.v[seen]);
				more = true;
			}
	}
}

void
fake_line(struct fake *f, const char *line)
{
	static char words[32][256];
	static char *argv[33];
	int argc = 0;

	assert_null(f->run);
	f->is_done = false;
	buf_clear(&f->out);
	buf_clear(&f->remarks);
	for (const char *p = line; *p && argc < 32; argc++) {
		size_t n = strcspn(p, " ");

		snprintf(words[argc], sizeof words[argc], "%.*s", (int)n, p);
		argv[argc] = words[argc];
		p += n + (p[n] == ' ');
	}
	argv[argc] = NULL;
	f->run = cmd_run(&f->ctx, argc, argv, &f->sink, on_done, f);
	fake_turn(f);
}

void
fake_init(struct fake *f)
{
	memset(f, 0, sizeof *f);
	setenv("TZ", "UTC", 1);
	f->dir = xcalloc(1, 256);
	test_folder(f->dir, 256);
	f->paths.config = path_join(f->dir, "config");
	f->paths.data = xstrdup(f->dir);
	f->api.ops = &api_ops;
	f->chunk = 7;
	str_copy(f->epoch, sizeof f->epoch, "e1");
	buf_init(&f->out, 1u << 24);
	buf_init(&f->remarks, 1u << 20);
	f->sink = (struct cmd_sink){ on_result, on_remark, on_progress };
	f->ctx = (struct cmd_ctx){ .engine = engine, .engine_there = engine, .mirror = mirror,
		.later = later, .later_stop = later_stop, .stdin_start = stdin_start,
		.stdin_more = stdin_more, .stdin_stop = stdin_stop,
		.stdin_is_data = stdin_is_data, .conf = conf_new(option_rows), .paths = &f->paths };
}

void
fake_done(struct fake *f)
{
	char *backup = xasprintf("%s.bak", f->paths.config);

	if (f->run)
		cmd_stop(f->run, 2);
	for (size_t i = 0; i < f->calls.n; i++)
		free(f->calls.v[i]);
	arr_done(&f->calls);
	assert_int_equal(f->laters.n, 0);
	arr_done(&f->laters);
	arr_done(&f->rows);
	arr_done(&f->gaps);
	buf_done(&f->out);
	buf_done(&f->remarks);
	conf_free(f->ctx.conf);
	unlink(f->paths.config);
	unlink(backup);
	rmdir(f->dir);
	free(backup);
	free(f->paths.config);
	free(f->paths.data);
	free(f->dir);
}
