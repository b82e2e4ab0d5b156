/* SPDX-License-Identifier: GPL-3.0-or-later */
/* import: an export, or the log of an IRC program, into a conversation of account archive. Lines
 * are handed to the engine in portions, a few of which are on their way. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arr.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cmds/accounts.h"
#include "cmds/chatlog.h"
#include "cmds/cmd.h"
#include "cmds/print.h"
#include "model/encode.h"

#define LINE_MAX_BYTES (1u << 20)	/* what is longer is skipped */
#define CHUNK (64u << 10)
#define PORTION_BYTES (512u << 10)	/* handed over at once */
#define PORTION_RECORDS 4000
#define OPEN_MAX 4			/* portions on their way */
#define TOLD_MAX 20			/* bad lines told one by one */
#define UNKNOWN_MAX 100			/* lines after which no format is expected any more */

static const struct arg_row options[] = {
	{ .name = "as", .type = ARG_STRING, .value = "'#name'",
		.help = N_("the conversation to make or add to (from the file's name)") },
	{ .name = "format", .type = ARG_STRING, .value = "auto|weechat|irssi|jsonl",
		.help = N_("what the file is (auto)") },
	{ .name = "tz", .type = ARG_STRING, .value = "ZONE",
		.help = N_("the time zone of its times (yours)") },
	{ NULL }
};

struct portion { struct import *im; struct api_call *call; };

struct import {
	struct cmd_run *run;
	struct chatlog log;
	char *name;			/* "#ops" */
	int fd;				/* -1: standard input */
	int64_t size;			/* bytes to come; 0: unknown */
	int64_t taken;			/* bytes */
	struct buf line, portion;
	size_t records;			/* in portion */
	arr(struct portion *) open;
	struct cmd_later *later;
	long long number;		/* of the line in hand */
	long long added, known, bad, cut, replaced;
	bool is_skipping, is_ended, is_paused;
	struct err err;
};

static void work(struct import *im);

static void
finish(struct import *im, const struct err *err)
{
	struct cmd_run *r = im->run;
	struct err copy = *err;

	for (size_t i = 0; i < im->open.n; i++) {
		r->ctx->api->ops->cancel(im->open.v[i]->call);
		free(im->open.v[i]);
	}
	arr_done(&im->open);
	r->ctx->later_stop(im->later);
	if (im->fd >= 0)
		close(im->fd);
	else
		r->ctx->stdin_stop(r->ctx);
	chatlog_done(&im->log);
	buf_done(&im->line);
	buf_done(&im->portion);
	free(im->name);
	free(im);
	r->state = NULL;
	cmd_done(r, &copy);
}

static void
remarks(const struct import *im)
{
	if (im->bad > TOLD_MAX)
		cmd_remark(im->run, _("… and %lld bad lines more"), im->bad - TOLD_MAX);
	if (im->bad)
		cmd_remark(im->run, ngettext("%lld line was not understood and left out",
				"%lld lines were not understood and left out",
				(unsigned long)im->bad), im->bad);
	if (im->replaced)
		cmd_remark(im->run, ngettext("%lld bad byte sequence was replaced by U+FFFD",
				"%lld bad byte sequences were replaced by U+FFFD",
				(unsigned long)im->replaced), im->replaced);
}

static void
conclude(struct import *im)
{
	struct cmd_run *r = im->run;
	struct err err = im->err;
	struct buf b;

	remarks(im);
	if (err.kind == ERR_NONE && !im->log.format && im->number > 0)
		err_set(&err, ERR_USAGE, _("that is no log that import knows (see --format)"));
	buf_init(&b, PRINT_MAX);
	if (r->ctx->json) {
		buf_addc(&b, '{');
		print_member(&b, "account", ACCOUNT_ARCHIVE);
		print_member(&b, "name", im->name);
		print_number(&b, "added", im->added);
		print_number(&b, "known", im->known);
		print_number(&b, "bad", im->bad);
		buf_adds(&b, "}\n");
	} else {
		buf_addf(&b, _("%s: %lld new, %lld there already\n"), im->name, im->added,
				im->known);
	}
	if (err.kind == ERR_NONE && !print_result(r, &b))
		err_set(&err, ERR_PIPE, "%s", "");
	buf_done(&b);
	finish(im, &err);
}

static void
tell(struct import *im, const char *why)
{
	if (im->bad < TOLD_MAX)
		cmd_remark(im->run, _("line %lld: %s"), im->number, why);
	im->bad++;
}

static void
on_reply(void *arg, const struct reply *reply)
{
	struct portion *p = arg;
	struct import *im = p->im;

	if (reply->type != REPLY_DONE && reply->type != REPLY_FAIL)
		return;
	for (size_t i = 0; i < im->open.n; i++)
		if (im->open.v[i] == p) {
			arr_remove(&im->open, i);
			break;
		}
	free(p);
	if (reply->type == REPLY_FAIL) {
		if (im->err.kind == ERR_NONE)
			im->err = reply->err;
	} else {
		im->added += reply->done;
		im->known += reply->total - reply->done;
	}
	if (im->run->sink->progress)
		im->run->sink->progress(im->run->sink, _("bytes"), im->taken, im->size);
	work(im);
}

static void
hand_over(struct import *im)
{
	struct request rq = { .verb = VERB_IMPORT, .account = ACCOUNT_ARCHIVE, .target = im->name };
	struct portion *p;

	if (im->records == 0)
		return;
	rq.text = buf_str(&im->portion);
	rq.text_n = im->portion.n;
	p = xcalloc(1, sizeof *p);
	p->im = im;
	p->call = api_call(im->run->ctx->api, &rq, on_reply, p);
	arr_push(&im->open, p);
	buf_clear(&im->portion);
	im->records = 0;
}

/* Bad bytes and NUL become U+FFFD. */
static void
mend(struct import *im)
{
	struct buf b;
	size_t at = 0;

	if (utf8_valid(im->line.p, im->line.n, NULL) && !memchr(im->line.p, '\0', im->line.n))
		return;
	buf_init(&b, 3 * LINE_MAX_BYTES);
	while (at < im->line.n) {
		uint32_t cp;
		int n = utf8_next(im->line.p + at, im->line.n - at, &cp);

		if (n < 0 || cp == 0) {
			buf_adds(&b, "\xef\xbf\xbd");
			im->replaced++;
		} else {
			buf_add(&b, im->line.p + at, (size_t)n);
		}
		at += (size_t)(n < 0 ? -n : n);
	}
	buf_done(&im->line);
	im->line = b;
}

static void
take_line(struct import *im)
{
	im->number++;
	if (im->line.n && im->line.p[im->line.n - 1] == '\r')
		buf_cut(&im->line, im->line.n - 1);
	if (im->line.n)
		mend(im);
	switch (chatlog_line(&im->log, buf_str(&im->line))) {
	case CHATLOG_NOTHING:
		break;
	case CHATLOG_BAD:
		tell(im, im->log.why);
		break;
	case CHATLOG_RECORD:
		if (im->log.was_cut && im->cut++ < TOLD_MAX)
			cmd_remark(im->run, _("line %lld: cut to %d bytes"), im->number,
					CHATLOG_TEXT_MAX);
		record_encode(&im->portion, &im->log.record);
		buf_addc(&im->portion, '\n');
		im->records++;
		break;
	}
	buf_clear(&im->line);
	if (im->records >= PORTION_RECORDS || im->portion.n >= PORTION_BYTES)
		hand_over(im);
	if (!im->log.format && im->number >= UNKNOWN_MAX)
		err_set(&im->err, ERR_USAGE, _("that is no log that import knows (see --format)"));
}

static void
take_chunk(struct import *im, const char *p, size_t n)
{
	im->taken += (int64_t)n;
	while (n > 0 && im->err.kind == ERR_NONE) {
		const char *end = memchr(p, '\n', n);
		size_t part = end ? (size_t)(end - p) : n;

		if (!im->is_skipping && (im->line.n + part > LINE_MAX_BYTES ||
				!buf_add(&im->line, p, part))) {
			im->number++;
			tell(im, _("longer than a mebibyte"));
			im->is_skipping = true;
		}
		if (end && im->is_skipping)
			buf_clear(&im->line);
		else if (end)
			take_line(im);
		im->is_skipping = im->is_skipping && !end;
		n -= part + (end ? 1 : 0);
		p += part + (end ? 1 : 0);
	}
}

static void
end_input(struct import *im)
{
	im->is_ended = true;
	if (im->line.n && !im->is_skipping && im->err.kind == ERR_NONE)
		take_line(im);
	hand_over(im);
}

/* A piece of the file. */
static void
read_some(struct import *im)
{
	char chunk[CHUNK];
	ssize_t n = read(im->fd, chunk, sizeof chunk);

	if (n < 0 && errno == EINTR)
		return;
	if (n > 0) {
		take_chunk(im, chunk, (size_t)n);
		return;
	}
	if (n < 0)
		err_sys(&im->err, ERR_FAIL, _("cannot read %s"), im->run->args.rest.v[0]);
	end_input(im);
}

static bool
is_full(const struct import *im)
{
	return im->open.n >= OPEN_MAX;
}

static void
on_later(void *arg)
{
	struct import *im = arg;

	im->later = NULL;
	read_some(im);
	work(im);
}

/* Reads on while there is room, and ends when all is answered. */
static void
work(struct import *im)
{
	struct cmd_ctx *c = im->run->ctx;

	if ((im->is_ended || im->err.kind != ERR_NONE) && im->open.n == 0) {
		conclude(im);
		return;
	}
	if (im->is_ended || im->err.kind != ERR_NONE || is_full(im))
		return;
	if (im->fd >= 0 && !im->later)
		im->later = c->later(c, 0, on_later, im);
	else if (im->fd < 0 && im->is_paused)
		c->stdin_more(c);
	im->is_paused = false;
}

static bool
on_stdin(void *arg, const char *p, size_t n)
{
	struct import *im = arg;

	if (n == 0) {
		end_input(im);
		work(im);
		return false;
	}
	take_chunk(im, p, n);
	im->is_paused = is_full(im) || im->err.kind != ERR_NONE;
	if (im->is_paused && im->open.n == 0) {
		work(im);
		return false;
	}
	return !im->is_paused;
}

/* "irc.libera.#ops.weechatlog" is #ops, "~/logs/Ops.log" is #ops. */
static char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *hash = strrchr(base, '#'), *dot;
	char *name;
	size_t n;

	base = hash ? hash + 1 : base;
	dot = strrchr(base, '.');
	n = dot && dot > base ? (size_t)(dot - base) : strlen(base);
	name = xasprintf("#%.*s", (int)(n < 32 ? n : 32), base);
	for (char *p = name + 1; *p; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
		else if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", *p))
			*p = '-';
	}
	return name;
}

static bool
take_options(struct import *im, struct err *err)
{
	const struct cmd_run *r = im->run;
	const char *path = r->args.rest.v[0], *as = args_str(&r->args, "as");
	const char *format = args_str(&r->args, "format");
	bool is_stdin = strcmp(path, "-") == 0;

	if (!chatlog_init(&im->log, format ? format : "auto", args_str(&r->args, "tz"), err))
		return false;
	if (is_stdin && !as)
		return err_set(err, ERR_USAGE, _("standard input has no name: give one with "
				"--as '#name'"));
	im->name = as ? xstrdup(as) : name_of(path);
	if (im->name[0] != '#' || !id_name_valid(im->name + 1))
		return err_set(err, ERR_USAGE, _("\"%.64s\" is no name of a room: # and small "
				"letters, digits, . _ -, at most 32 (see --as)"), im->name);
	if (is_stdin)
		return true;
	im->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (im->fd < 0)
		return err_sys(err, ERR_USAGE, "%s", path);
	im->size = lseek(im->fd, 0, SEEK_END);
	if (im->size < 0 || lseek(im->fd, 0, SEEK_SET) != 0)
		im->size = 0;
	return true;
}

static void
run(struct cmd_run *r)
{
	struct import *im = xcalloc(1, sizeof *im);
	struct err err = { ERR_NONE, "" };

	r->state = im;
	im->run = r;
	im->fd = -1;
	buf_init(&im->line, 3 * LINE_MAX_BYTES);
	buf_init(&im->portion, PRINT_MAX);
	if (!take_options(im, &err))
		finish(im, &err);
	else if (im->fd < 0)
		r->ctx->stdin_start(r->ctx, on_stdin, im);
	else
		work(im);
}

static void
stop(struct cmd_run *r, int signum)
{
	struct import *im = r->state;
	struct err err;

	err_set(&err, (enum err_kind)(128 + signum), "%s", "");
	finish(im, &err);
}

const struct cmd row_import = {
	.name = "import", .args = "FILE", .min_args = 1, .max_args = 1,
	.summary = N_("read an export or an IRC log into account archive"),
	.detail = N_("FILE is what export --format jsonl wrote, a log of WeeChat or of irssi, or\n"
		"- for standard input. It becomes a conversation of account archive, which is\n"
		"read and searched like every other; nothing is sent to it. Importing the same\n"
		"lines again adds nothing, so a log that has grown can be imported again. Of an\n"
		"edited message the last text is kept, of reactions their number. Lines that\n"
		"are not understood are told and left out."),
	.options = options, .flags = CMD_NEEDS_ENGINE, .run = run, .stop = stop,
};
