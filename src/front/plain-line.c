/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain mode: lines that are typed, and the commands and messages that they become. */
#include "front/plain.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "front/typed.h"
#include "store/reader.h"
#include "term/line.h"

/* Results */

static bool
on_result(struct cmd_sink *s, const char *text, size_t n)
{
	plain_print(((struct plain_sink *)s)->plain, text, n);
	return true;
}

static bool
ignore_result(struct cmd_sink *s, const char *text, size_t n)
{
	(void)s;
	(void)text;
	(void)n;
	return true;
}

static void
on_remark(struct cmd_sink *s, const char *text)
{
	plain_say(((struct plain_sink *)s)->plain, text);
}

/* Lines of numbers would only be noise: the end is said. */
static void
on_progress(struct cmd_sink *s, const char *what, int64_t done, int64_t total)
{
	(void)s;
	(void)what;
	(void)done;
	(void)total;
}

void
plain_sinks(struct plain *p)
{
	p->loud = (struct plain_sink){ { on_result, on_remark, on_progress }, p };
	p->quiet = (struct plain_sink){ { ignore_result, on_remark, on_progress }, p };
}

/* Runs */

static struct plain_run *
free_run(struct plain *p)
{
	char text[128];

	for (size_t i = 0; i < PLAIN_RUNS_MAX; i++)
		if (!p->runs[i].is_used)
			return &p->runs[i];
	snprintf(text, sizeof text, _("%d commands run already: Ctrl-C stops the last"),
			PLAIN_RUNS_MAX);
	plain_say(p, text);
	return NULL;
}

static void
want(struct plain *p, char **name)
{
	free(p->wanted);
	p->wanted = *name;
	*name = NULL;
	plain_settle(p);
}

static void
on_done(void *arg, const struct err *err)
{
	struct plain_run *run = arg;
	struct plain *p = run->plain;

	if (err->kind == ERR_NONE && run->wanted)
		want(p, &run->wanted);
	else if (err->kind != ERR_NONE && err->msg[0])
		plain_say(p, err->msg);
	free(run->wanted);
	for (size_t i = 0; i < sizeof run->words / sizeof *run->words; i++)
		free(run->words[i]);
	*run = (struct plain_run){ 0 };
}

/* "join #dev …": "#dev"; the caller frees. */
static char *
wanted_by(const char *line)
{
	static const char *const openers[] = { "join", "create" };
	size_t n = strcspn(line, " ");
	const char *name = line + n + strspn(line + n, " ");

	for (size_t i = 0; i < sizeof openers / sizeof *openers; i++)
		if (strlen(openers[i]) == n && strncmp(openers[i], line, n) == 0 && *name == '#')
			return xstrndup(name, strcspn(name, " "));
	return NULL;
}

static void
run_command(struct plain *p, const char *line)
{
	struct plain_run *run = free_run(p);
	struct cmd_run *started;

	if (!run)
		return;
	*run = (struct plain_run){ .plain = p, .wanted = wanted_by(line), .is_used = true };
	started = front_line(p->front, line, &p->loud.base, on_done, run);
	if (started && run->is_used)
		run->run = started;
}

/* The row that comes back says that it is there; what goes wrong is told. */
static void
run_send(struct plain *p, const char *text)
{
	struct plain_run *run;
	struct cmd_run *started;

	if (!p->follow) {
		plain_say(p, _("there is no conversation here: /join #room or /create #room"));
		return;
	}
	run = free_run(p);
	if (!run)
		return;
	*run = (struct plain_run){ .plain = p, .is_used = true, .words = { xstrdup("send"),
		xstrdup("--"), xstrdup(p->follow->target.conv), xstrdup(text) } };
	started = cmd_run(p->front->ctx, 4, run->words, &p->quiet.base, on_done, run);
	if (started && run->is_used)
		run->run = started;
}

void
plain_accept(void *arg, const char *text)
{
	struct plain *p = arg;
	struct err err;

	if (!text) {
		plain_leave(p, 0);
		return;
	}
	/* What waited for the end of this line comes first. */
	p->typed_at = 0;
	plain_print(p, "", 0);
	if (typed_kind(text) != TYPED_NOTHING && !typed_is_secret(text))
		line_remember(p->line, text);
	switch (typed_kind(text)) {
	case TYPED_NOTHING:
		break;
	case TYPED_COMMAND:
		if (typed_check(p->front->ctx, text, &err))
			run_command(p, text + 1);
		else
			plain_say(p, err.msg);
		break;
	case TYPED_TEXT:
		run_send(p, typed_message(text));
		break;
	}
}

void
plain_stop(struct plain *p)
{
	for (size_t i = PLAIN_RUNS_MAX; i-- > 0;) {
		struct plain_run *run = &p->runs[i];

		if (run->is_used && run->run) {
			cmd_stop(run->run, SIGINT);
			return;
		}
	}
	line_clear(p->line);
	p->typed_at = 0;
	plain_print(p, "", 0);
}

void
plain_runs_end(struct plain *p)
{
	for (size_t i = 0; i < PLAIN_RUNS_MAX; i++)
		if (p->runs[i].is_used && p->runs[i].run)
			cmd_stop(p->runs[i].run, SIGTERM);
}

/* Tab */

struct adding {
	void (*add)(void *arg, const char *word);
	void *arg;
	const char *start;
	size_t n;
};

static bool
add_conv(void *arg, const struct conv_row *c)
{
	const struct adding *a = arg;

	if (strncmp(c->name, a->start, a->n) == 0)
		a->add(a->arg, c->name);
	return true;
}

static void
add_commands(const struct plain *p, const struct adding *a)
{
	const struct cmd *const *tables[] = { p->front->ctx->extra, cmd_table };

	for (size_t t = 0; t < 2; t++) {
		for (size_t i = 0; tables[t] && tables[t][i]; i++) {
			char *word = xasprintf("/%s", tables[t][i]->name);

			if (!(tables[t][i]->flags & CMD_BATCH_ONLY) &&
					strncmp(word, a->start, a->n) == 0)
				a->add(a->arg, word);
			free(word);
		}
	}
}

void
plain_complete(void *arg, const char *line, size_t start, size_t end,
		void (*add)(void *add_arg, const char *word), void *add_arg)
{
	struct plain *p = arg;
	struct adding a = { add, add_arg, line + start, end - start };
	struct reader *r = p->front->ctx->mirror(p->front->ctx, p->front->ctx->here, NULL);

	if (start == 0 && line[0] == '/')
		add_commands(p, &a);
	else if (r && (line[start] == '#' || line[start] == '@'))
		reader_convs(r, add_conv, &a, NULL);
}

void
plain_offer(void *arg, const char *const *words, size_t n)
{
	struct plain *p = arg;
	struct buf b;

	buf_init(&b, PLAIN_HELD_MAX);
	for (size_t i = 0; i < n && b.n < PLAIN_HELD_MAX / 2; i++) {
		buf_adds(&b, i > 0 ? "  " : "");
		buf_adds(&b, words[i]);
	}
	if (b.n > 0) {
		struct safe_text safe = text_name(buf_str(&b), b.n);
		char *text = xasprintf("%s\n", safe.p);

		line_above(p->line, text, strlen(text));
		free(text);
		text_done(&safe);
	}
	buf_done(&b);
}
