/* SPDX-License-Identifier: GPL-3.0-or-later */
/* send --each-line. A line is asked of the engine, becomes durable (queued), and is settled by the
 * server's answer; results wait for the lines before them. */
#include "cmds/lines.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/arr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "cmds/sending.h"

#define STALL_MS 1000		/* without an answer for so long, the server is taken to be away */

enum line_state { LINE_ASKED, LINE_QUEUED, LINE_SETTLED };

struct line {
	struct lines *all;
	struct api_call *call;
	enum line_state state;
	bool is_error;			/* text is for people, on stderr */
	char *text;			/* settled: the result, or what was wrong */
	long long number;
};

struct lines {
	struct cmd_run *run;
	struct buf in;			/* what was read and is not yet asked */
	size_t used;			/* of in */
	arr(struct line *) open;	/* from first on, in order: until the result is given */
	size_t first;
	size_t asked, queued;		/* of open, by state */
	size_t left;			/* given up here, the engine goes on with them */
	struct cmd_later *timer;
	char *reply;			/* id of the message that all of them answer, or NULL */
	int64_t last_ms;		/* monotonic: the last answer, or the end of input */
	int64_t timeout_ms;
	long long read, sent;
	bool is_paused, is_ended, is_stalled, is_closed;
	bool is_skipping;		/* the rest of a line that is too long */
	bool has_bad, has_refused;
	struct err fatal;		/* ends everything: no such room, a bad token, … */
	int signum;
};

static void work(struct lines *l);

static void
line_free(struct line *line)
{
	if (line->call)
		line->all->run->ctx->api->ops->cancel(line->call);
	free(line->text);
	free(line);
}

static void
finish(struct lines *l, const struct err *err)
{
	struct cmd_run *r = l->run;
	struct err copy = *err;

	r->ctx->stdin_stop(r->ctx);
	r->ctx->later_stop(l->timer);
	for (size_t i = l->first; i < l->open.n; i++)
		line_free(l->open.v[i]);
	arr_done(&l->open);
	buf_done(&l->in);
	free(l->reply);
	free(l);
	r->state = NULL;
	cmd_done(r, &copy);
}

/* What the whole comes to. */
static void
conclude(struct lines *l)
{
	struct err err = l->fatal;
	size_t waiting = l->queued + l->left;

	if (err.kind != ERR_NONE)
		;
	else if (l->is_closed)
		err_set(&err, ERR_PIPE, "%s", "");
	else if (l->signum)
		err_set(&err, (enum err_kind)(128 + l->signum), "%s", "");
	else if (l->has_bad)
		err_set(&err, ERR_FAIL, _("some lines could not be sent"));
	else if (l->has_refused)
		err_set(&err, ERR_REFUSED, _("some lines were refused"));
	else if (waiting > 0)
		err_set(&err, ERR_QUEUED, ngettext("%zu line is queued: it goes out when the "
				"server is there", "%zu lines are queued: they go out when the "
				"server is there", waiting), waiting);
	finish(l, &err);
}

/* Gives the results of settled lines, as far as no line before them is open. False when nobody
 * reads them. */
static bool
give(struct lines *l)
{
	struct cmd_sink *sink = l->run->sink;
	struct buf out;
	bool ok = true;

	buf_init(&out, PRINT_MAX);
	while (l->first < l->open.n && l->open.v[l->first]->state == LINE_SETTLED) {
		struct line *line = l->open.v[l->first++];

		if (line->is_error)
			sink->remark(sink, line->text);
		else
			buf_adds(&out, line->text);
		line_free(line);
	}
	if (l->first == l->open.n || l->first >= 4096) {
		l->open.n -= l->first;
		memmove(l->open.v, l->open.v + l->first, l->open.n * sizeof *l->open.v);
		l->first = 0;
	}
	if (out.n)
		ok = print_result(l->run, &out);
	buf_done(&out);
	return ok;
}

static void
settle(struct line *line, bool is_error, char *text)
{
	struct lines *l = line->all;

	l->asked -= line->state == LINE_ASKED;
	l->queued -= line->state == LINE_QUEUED;
	line->state = LINE_SETTLED;
	line->is_error = is_error;
	line->text = text;
}

static void
settle_done(struct line *line, const struct reply *reply)
{
	struct buf b;

	buf_init(&b, 4096);
	sending_result(&b, line->all->run->ctx->json, reply);
	settle(line, false, buf_take(&b));
	line->all->sent++;
}

static bool
is_fatal(const struct lines *l, const struct reply *reply)
{
	if (reply->err.kind == ERR_USAGE || reply->err.kind == ERR_QUEUED)
		return false;
	if (reply->err.kind != ERR_REFUSED)
		return true;
	/* Refused before anything was taken: the others fare no better. */
	return l->sent == 0 && reply->code && (strcmp(reply->code, "not_found") == 0 ||
			strcmp(reply->code, "forbidden") == 0);
}

/* A refused line was told; nothing of it is left in the outbox. */
static void
on_dropped(void *arg, const struct reply *reply)
{
	struct line *line = arg;
	char *text = line->text;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	line->call = NULL;
	settle(line, true, text);
	work(line->all);
}

static void
settle_fail(struct line *line, const struct reply *reply)
{
	struct lines *l = line->all;
	struct request drop = { .verb = VERB_OUTBOX, .act = "drop", .account = reply->account,
		.cid = reply->cid };
	char *text;

	if (is_fatal(l, reply)) {
		if (l->fatal.kind == ERR_NONE)
			l->fatal = reply->err;
		settle(line, true, xstrdup(""));
		return;
	}
	/* Durable, though nobody waits for it here any more. */
	if (reply->err.kind == ERR_QUEUED) {
		l->left++;
		settle(line, false, xstrdup(""));
		return;
	}
	text = xasprintf(_("line %lld: %s"), line->number, reply->err.msg);
	if (reply->err.kind != ERR_REFUSED) {
		l->has_bad = true;
		settle(line, true, text);
		return;
	}
	l->has_refused = true;
	if (line->state != LINE_QUEUED) {
		settle(line, true, text);
		return;
	}
	line->text = text;
	line->call = api_call(l->run->ctx->api, &drop, on_dropped, line);
}

static void
on_reply(void *arg, const struct reply *reply)
{
	struct line *line = arg;
	struct lines *l = line->all;

	if (reply->type == REPLY_PROGRESS)
		return;
	if (reply->type == REPLY_QUEUED) {
		if (line->state == LINE_ASKED) {
			line->state = LINE_QUEUED;
			l->asked--;
			l->queued++;
		}
	} else {
		line->call = NULL;
		l->last_ms = clock_mono_ms();
		l->is_stalled = false;
		if (reply->type == REPLY_DONE)
			settle_done(line, reply);
		else
			settle_fail(line, reply);
		if (l->run->sink->progress)
			l->run->sink->progress(l->run->sink, _("lines sent"), l->sent, 0);
	}
	work(l);
}

static struct line *
add_line(struct lines *l)
{
	struct line *line = xcalloc(1, sizeof *line);

	line->all = l;
	line->number = l->read;
	line->state = LINE_ASKED;
	l->asked++;
	arr_push(&l->open, line);
	return line;
}

static void
add_bad(struct lines *l, const char *why)
{
	struct line *line = add_line(l);

	l->has_bad = true;
	settle(line, true, xasprintf(_("line %lld: %s"), line->number, why));
}

static void
add(struct lines *l, const char *text, size_t n)
{
	struct request rq = { .verb = VERB_SEND, .account = l->run->ctx->account,
		.target = l->run->args.rest.v[0], .kind = REC_MSG, .text = text, .text_n = n,
		.reply = l->reply };
	struct line *line;
	struct err err;

	if (!sending_check(text, n, &err)) {
		add_bad(l, err.msg);
		return;
	}
	line = add_line(l);
	line->call = api_call(l->run->ctx->api, &rq, on_reply, line);
}

static bool
has_room(const struct lines *l)
{
	if (l->signum)
		return true;
	if (l->asked >= LINES_ASKED)
		return false;
	return l->asked + l->queued < (l->is_stalled ? LINES_QUEUED : LINES_OPEN);
}

/* The next whole line of what was read, or at the end of input the rest. */
static bool
next_line(struct lines *l, const char **text, size_t *n)
{
	const char *start = l->in.p + l->used, *end;
	size_t left = l->in.n - l->used;

	if (left == 0)
		return false;
	end = memchr(start, '\n', left);
	if (!end && !l->is_ended)
		return false;
	*text = start;
	*n = end ? (size_t)(end - start) : left;
	l->used += *n + (end ? 1 : 0);
	if (*n > 0 && start[*n - 1] == '\r')
		--*n;
	return true;
}

static void
take_lines(struct lines *l)
{
	const char *text;
	size_t n;

	while (l->fatal.kind == ERR_NONE && has_room(l) && next_line(l, &text, &n)) {
		l->read++;
		if (n > 0)
			add(l, text, n);
	}
	if (l->used == l->in.n || l->used >= SENDING_TEXT_MAX / 4) {
		buf_drop(&l->in, l->used);
		l->used = 0;
	}
}

static bool
has_whole_line(const struct lines *l)
{
	size_t left = l->in.n - l->used;

	return left > 0 && (l->is_ended || memchr(l->in.p + l->used, '\n', left));
}

static void
end_input(struct lines *l)
{
	l->is_ended = true;
	l->last_ms = clock_mono_ms();
	l->run->ctx->stdin_stop(l->run->ctx);
}

/* Goes on wherever it can: lines to ask, results to give, input to read, an end to come to. May
 * end the command: l is gone then. */
static void
work(struct lines *l)
{
	take_lines(l);
	if (!give(l)) {
		l->is_closed = true;
		conclude(l);
		return;
	}
	if (l->fatal.kind != ERR_NONE && l->asked == 0) {
		conclude(l);
		return;
	}
	if (l->is_ended && l->asked == 0 && !has_whole_line(l) &&
			(l->queued == 0 || l->signum || l->timeout_ms == 0)) {
		conclude(l);
		return;
	}
	if (l->is_paused && !l->is_ended && !has_whole_line(l)) {
		l->is_paused = false;
		l->run->ctx->stdin_more(l->run->ctx);
	}
}

/* Reports a line that is longer than any message, and goes on behind it. */
static void
take_chunk(struct lines *l, const char *p, size_t n)
{
	const char *end;

	if (l->is_skipping) {
		end = memchr(p, '\n', n);
		if (!end)
			return;
		n -= (size_t)(end + 1 - p);
		p = end + 1;
		l->is_skipping = false;
	}
	if (buf_add(&l->in, p, n))
		return;
	/* Whole lines were taken before: what is there is the beginning of one. */
	l->read++;
	add_bad(l, _("too long for a message"));
	buf_clear(&l->in);
	l->used = 0;
	l->is_skipping = true;
	take_chunk(l, p, n);
}

static bool
on_stdin(void *arg, const char *p, size_t n)
{
	struct lines *l = arg;

	if (n == 0) {
		end_input(l);
		work(l);
		return false;
	}
	take_chunk(l, p, n);
	take_lines(l);
	l->is_paused = has_whole_line(l) || l->fatal.kind != ERR_NONE;
	return !l->is_paused;
}

/* Once a second while something is open: is the server away, is the time over? */
static void
on_timer(void *arg)
{
	struct lines *l = arg;
	int64_t silence = clock_mono_ms() - l->last_ms;
	bool is_full = l->asked + l->queued >= LINES_QUEUED;

	l->timer = l->run->ctx->later(l->run->ctx, STALL_MS, on_timer, l);
	l->is_stalled = silence >= STALL_MS;
	if ((l->is_ended || is_full) && l->asked == 0 && silence >= l->timeout_ms) {
		if (!l->is_ended)
			cmd_remark(l->run, _("the rest of standard input was not read"));
		conclude(l);
		return;
	}
	work(l);
}

void
lines_start(struct cmd_run *r, const char *reply)
{
	struct lines *l = xcalloc(1, sizeof *l);

	r->state = l;
	l->run = r;
	l->reply = xstrdup(reply);
	l->timeout_ms = sending_timeout_ms(r);
	l->last_ms = clock_mono_ms();
	buf_init(&l->in, SENDING_TEXT_MAX * 2);
	l->timer = r->ctx->later(r->ctx, STALL_MS, on_timer, l);
	r->ctx->stdin_start(r->ctx, on_stdin, l);
}

/* What was read in whole lines is sent on; the end comes when all of it is durable. */
void
lines_stop(struct cmd_run *r, int signum)
{
	struct lines *l = r->state;
	size_t end = l->in.n;

	l->signum = signum;
	if (!l->is_ended) {
		while (end > 0 && l->in.p[end - 1] != '\n')
			end--;
		buf_cut(&l->in, end);
		end_input(l);
	}
	l->is_closed = signum == SIGPIPE;
	work(l);
}
